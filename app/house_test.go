package app_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms says what each package may import of the house; the longest prefix
// counts. ARCHITECTURE.md has the same table with its reasons.
var rooms = map[string][]string{
	"app/kernel":      {"app/kernel"},
	"storage":         {"app/kernel", "storage", "migrations"},
	"policy":          {"app/kernel"},
	"migrations":      {},
	"templates":       {"app/kernel", "templates"},
	"app/party":       {"app/kernel", "storage", "policy", "app/party", "app/trust"},
	"app/trust":       {"app/kernel", "storage", "policy", "app/party", "app/trust"},
	"app/document":    {"app/kernel", "app/party", "app/document", "templates/fonts"},
	"app/archive":     {"app/kernel", "storage", "policy", "app/party", "app/trust"},
	"app/attachment":  {"app/kernel", "storage", "policy", "app/party", "app/trust"},
	"app/staging":     {"app/kernel", "storage"},
	"app/procurement": shared("app/procurement"),
	"app/foundation":  shared("app/foundation"),
	"app/delivery":    shared("app/delivery"),
	"app/disclosure":  shared("app/disclosure"),
	"app/check":       append(shared("app/check"), "app/foundation"),
	"app/edge":        {"app/kernel", "app/party", "templates", "app/edge"},
	"app/web":         handlers("app/web"),
	"app/api":         handlers("app/api"),
}

// shared is what a wing may use besides itself. Delivery is what both wings
// share; disclosure indexes what they publish.
func shared(self string) []string {
	return []string{"app/kernel", "storage", "policy", "app/party", "app/trust", "app/document", "app/archive",
		"app/attachment", "app/staging", "app/delivery", "app/disclosure", self}
}

func handlers(self string) []string {
	return append(shared(self), "app/edge", "templates", "app/procurement", "app/foundation", "app/check")
}

// doors is the one room that may import each library.
var doors = map[string][]string{
	"github.com/gofiber/fiber":         {"app/edge"},
	"github.com/casbin/casbin":         {"policy"},
	"github.com/minio/minio-go":        {"storage/object", "bench"}, // bench compares with it
	"github.com/go-pdf/fpdf":           {"app/document"},
	"github.com/riverqueue/river":      {"storage/queue"},
	"github.com/wneessen/go-mail":      {"storage/mail"},
	"modernc.org/sqlite":               {"storage/db"},
	"github.com/jackc/pgx":             {"storage/db"},
	"github.com/swaggest/openapi-go":   {"app/edge"},
	"github.com/alexedwards/argon2id":  {"app/party/account"},
	"github.com/xuri/excelize":         {"app/foundation/statement", "app/delivery/expense"},
	"filippo.io/age":                   {"app/procurement/seal", "app/party/identity"},
	"golang.org/x/mod/sumdb/note":      {"app/trust/signature"},
	"github.com/cloudflare/circl":      {"app/procurement/seal"},
	"github.com/aymanbagabas/go-udiff": {"app/procurement/amendment"},
}

func under(pkg, room string) bool { return pkg == room || strings.HasPrefix(pkg, room+"/") }

// TestTheHouse enforces the import table over what go list reports.
func TestTheHouse(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "gongji/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pkg := strings.TrimPrefix(p.ImportPath, "gongji/")
		seen++
		may, room := allowed(pkg)
		for _, imp := range p.Imports {
			if own, ok := strings.CutPrefix(imp, "gongji/"); ok && room != "" {
				if !slices.ContainsFunc(may, func(m string) bool { return under(own, m) }) {
					t.Errorf("%s imports %s, which %s may not", pkg, own, room)
				}
			}
			for lib, rooms := range doors {
				if strings.HasPrefix(imp, lib) && !slices.ContainsFunc(rooms, func(r string) bool { return under(pkg, r) }) {
					t.Errorf("%s imports %s; its door is %v", pkg, imp, rooms)
				}
			}
			if strings.HasPrefix(imp, "github.com/uptrace/bun") && (under(pkg, "app/web") || under(pkg, "app/api") || under(pkg, "app/edge") || under(pkg, "app/kernel")) {
				t.Errorf("%s imports %s; queries belong to the services", pkg, imp)
			}
			if under(pkg, "app/kernel") && strings.Contains(strings.Split(imp, "/")[0], ".") {
				t.Errorf("%s imports %s; the kernel has the standard library only", pkg, imp)
			}
		}
	}
	if seen < 20 {
		t.Fatalf("go list found %d packages only", seen)
	}
}

// allowed finds the room a package is in. app, cmd, bench, demo and the test
// harnesses know everything.
func allowed(pkg string) (may []string, room string) {
	for r, m := range rooms {
		if under(pkg, r) && len(r) > len(room) {
			may, room = m, r
		}
	}
	return may, room
}
