package app_test

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

var update = flag.Bool("update", false, "write the access table anew")

var braces = regexp.MustCompile(`\{[^}]*\}`)

// everyone is a person of every role there is.
func everyone(e *apptest.Env) map[string]*apptest.Person {
	all := map[string]*apptest.Person{"visitor": e.Visitor(), "person": e.Person("捐赠人")}
	for kind, roles := range party.RolesOf {
		var first *apptest.Person
		for _, role := range roles {
			if first == nil {
				first = e.Org(kind, "单位"+string(kind), role)
				all[string(kind)+"."+string(role)] = first
			} else {
				all[string(kind)+"."+string(role)] = e.Colleague(first, role)
			}
		}
	}
	return all
}

// TestEveryRouteForEveryRole holds the access table of all routes, then knocks
// on every door as every role: whoever the table does not name gets 401 or 403
// and nothing else, and whoever it names never does at the door itself, nor a 5xx.
func TestEveryRouteForEveryRole(t *testing.T) {
	e := apptest.SQLite(t)
	all := everyone(e)
	roles := make([]string, 0, len(all))
	for r := range all {
		roles = append(roles, r)
	}
	slices.Sort(roles)
	var table strings.Builder
	nobody := string(id.New(time.Unix(0, 0)))
	for _, rt := range e.Routes {
		var yes []string
		for _, role := range roles {
			p := all[role]
			in := slices.ContainsFunc(p.Actor.Relations(), func(rel string) bool { return e.Policy.Can(rel, "route."+rt.Gate, "enter") })
			if in {
				yes = append(yes, role)
			}
			knock(t, p, rt.Method, rt.Path, braces.ReplaceAllString(rt.Path, nobody), role, in)
		}
		who := strings.Join(yes, " ")
		if len(yes) == len(roles) {
			who = "(everyone)"
		}
		fmt.Fprintf(&table, "%-6s %-60s %-10s %s\n", rt.Method, rt.Path, rt.Gate, who)
	}
	golden := "testdata/routes.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(table.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != table.String() {
		t.Errorf("the access table changed; if that is meant: go test ./app -run EveryRoute -update, and read the diff")
	}
}

func knock(t *testing.T, p *apptest.Person, method, pattern, path, role string, in bool) {
	t.Helper()
	if pattern == "/account/logout" || pattern == "/account/login" || strings.HasSuffix(pattern, "/stream") {
		return // would sign the person out; or never ends
	}
	var code int
	var where string
	if call, ok := strings.CutPrefix(path, "/api/v1"); ok {
		var body any
		if method != "GET" {
			body = map[string]any{}
		}
		code = p.API(method, call, body).Code
	} else if method == "GET" {
		page := p.Get(path)
		code, where = page.Code, page.Path
	} else if method == "PUT" {
		page := p.Put(path, nil)
		code, where = page.Code, page.Path
	} else {
		code = p.Post(path, url.Values{}).Code
	}
	refused := code == 401 || code == 403 || where == "/account/login"
	switch {
	case code >= 500 && code != 503:
		t.Errorf("%s %s as %s: %d", method, pattern, role, code)
	case !in && !refused:
		t.Errorf("%s %s as %s: %d, but the policy keeps them out", method, pattern, role, code)
	case in && (code == 401 || where == "/account/login"):
		t.Errorf("%s %s as %s: %d, but the policy lets them in", method, pattern, role, code)
	}
}
