package policy_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"gongji/policy"
)

var update = flag.Bool("update", false, "write the truth table anew")

// TestTruthTable holds every answer the policy can give, spelled out: relation
// by object, state and action. A change of policy.csv shows here as a diff of
// what people may do.
func TestTruthTable(t *testing.T) {
	p := load(t)
	relations, objects := map[string]bool{}, map[string]map[string]bool{}
	for _, r := range p.Rules() {
		relations[r.Relation] = true
		kind, _, _ := strings.Cut(r.Object, ".")
		if objects[kind] == nil {
			objects[kind] = map[string]bool{}
		}
		objects[kind][r.Object+" "+r.Action] = true
	}
	var b strings.Builder
	for _, kind := range sorted(objects) {
		for _, question := range sorted(objects[kind]) {
			object, action, _ := strings.Cut(question, " ")
			var yes []string
			for _, rel := range sorted(relations) {
				if p.Can(rel, object, action) {
					yes = append(yes, rel)
				}
			}
			fmt.Fprintf(&b, "%-28s %-10s %s\n", object, action, strings.Join(yes, " "))
		}
	}
	golden := "testdata/truth.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("the truth table changed; if that is meant: go test ./policy -update\n%s", diff(string(want), b.String()))
	}
}

func diff(old, fresh string) string {
	a, b := strings.Split(old, "\n"), strings.Split(fresh, "\n")
	var out []string
	for _, l := range a {
		if !slices.Contains(b, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range b {
		if !slices.Contains(a, l) {
			out = append(out, "+ "+l)
		}
	}
	return strings.Join(out, "\n")
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func load(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAnswersAreRemembered asks the same twice and something unheard of; the
// memory must not turn a no into a yes.
func TestAnswersAreRemembered(t *testing.T) {
	p := load(t)
	for range 2 {
		if !p.Can("bureau.registrar", "organisation.pending", "review") {
			t.Error("the registrar may not review a pending registration")
		}
		if p.Can("bureau.registrar", "organisation.approved", "review") || p.Can("nobody", "organisation.pending", "review") {
			t.Error("a review was allowed that no rule allows")
		}
		if p.Can("member", "organisationX.approved", "view") {
			t.Error("an object whose name only begins alike was allowed")
		}
	}
}

// What somebody is to one object and what kind of organisation they come from
// stand in the same column. A row for a kind opens every object of a state to
// every organisation of that kind: few are meant to.
func TestARowForAKindOfOrganisationIsMeant(t *testing.T) {
	meant := map[string]bool{"organisation": true, "recognition": true, "payment_limit": true, "workdays": true, "route": true}
	kinds := []string{"bureau", "foundation", "social", "evaluator", "community", "enterprise", "platform", "person", "expert"}
	b, err := os.ReadFile("policy.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		row := strings.Split(line, ", ")
		if len(row) != 4 || row[0] != "p" {
			continue
		}
		kind, role, _ := strings.Cut(row[1], ".")
		object, state, _ := strings.Cut(row[2], ".")
		if !slices.Contains(kinds, kind) || strings.HasPrefix(role, "own") || state == "new" || state == "any" || meant[object] || line == "p, platform.auditor, tender.*, reveal" {
			continue
		}
		t.Errorf("%q lets every %s in; a relation to the object needs another name", line, kind)
	}
}
