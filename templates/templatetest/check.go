// Package templatetest lets the owner of a page test that its template and
// its struct agree. It is for tests only: the product does not link it.
package templatetest

import (
	"io"
	"reflect"
	"testing"

	"github.com/jba/templatecheck"

	"gongji/templates"
)

// Check type-checks a page against the pointer its handler renders and
// renders it with that value, so that a field renamed in Go fails a test and
// not a visitor. Fill page with something in every list: both sides of an
// {{if}} are type-checked, but only what is there is rendered.
func Check(t testing.TB, name string, page templates.Framed) {
	t.Helper()
	s, err := templates.New()
	if err != nil {
		t.Fatal(err)
	}
	tpl := s.Lookup(name)
	if tpl == nil {
		t.Fatalf("no page %q under templates/", name)
	}
	if reflect.ValueOf(page).Kind() != reflect.Pointer {
		t.Fatalf("%s: render a pointer, not %T", name, page)
	}
	if err := templatecheck.CheckHTML(tpl, page); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if err := s.Render(io.Discard, name, page); err != nil {
		t.Error(err)
	}
}
