package app_test

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/edge"
	"gongji/app/kernel/id"
)

// nasty are values that a field of each sort must survive.
var nasty = []string{
	"'; DROP TABLE tender; --", `<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "\x00\x01\u202e倒", "\xff\xfe",
	strings.Repeat("字", 70_000), "-1", "1e309", "9223372036854775808", "NaN", "0.001", "2026-02-30", "𠮷䶮𬭎🧧", "../../etc/passwd", "%s%n{{.}}", "null",
}

// body fills the JSON of a type with one nasty value everywhere it fits.
func body(t reflect.Type, s string, depth int) any {
	switch t.Kind() {
	case reflect.Pointer:
		return body(t.Elem(), s, depth)
	case reflect.Struct:
		if depth > 4 {
			return map[string]any{}
		}
		out := map[string]any{}
		for f := range fields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			if f.Anonymous && name == "" {
				if inner, ok := body(f.Type, s, depth+1).(map[string]any); ok {
					for k, v := range inner {
						out[k] = v
					}
				}
				continue
			}
			if name == "" {
				name = f.Name
			}
			out[name] = body(f.Type, s, depth+1)
		}
		return out
	case reflect.Slice:
		return []any{body(t.Elem(), s, depth+1), body(t.Elem(), s, depth+1)}
	case reflect.Map:
		return map[string]any{s: s}
	case reflect.Bool:
		return true
	case reflect.Int, reflect.Int64, reflect.Int32:
		return int64(-1 << 62)
	default:
		return s
	}
}

func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if t.Field(i).IsExported() && !yield(t.Field(i)) {
				return
			}
		}
	}
}

// TestNothingFallsOver sends every write of the API and of the pages, as
// somebody who may enter, bodies made to hurt: the answer is never a 5xx and
// never shows a script as anything but text.
func TestNothingFallsOver(t *testing.T) {
	e := apptest.SQLite(t)
	all := everyone(e)
	nobody := string(id.New(time.Unix(0, 0)))
	for i := range e.Routes {
		rt := &e.Routes[i]
		if strings.HasSuffix(rt.Path, "/logout") || strings.HasSuffix(rt.Path, "/login") || rt.Limit > edge.FormLimit {
			continue
		}
		who := entrant(e, all, rt)
		for n, s := range nasty {
			path := braces.ReplaceAllString(rt.Path, nobody)
			if n%3 == 1 {
				path = braces.ReplaceAllString(rt.Path, url.PathEscape(s[:min(len(s), 200)]))
			}
			code, shown := send(who, rt, path, s)
			if code >= 500 && code != 503 {
				t.Errorf("%s %s with %.40q: %d", rt.Method, rt.Path, s, code)
			}
			if strings.Contains(shown, "<script>alert") || strings.Contains(shown, "<img src=x") {
				t.Errorf("%s %s shows %.40q as markup", rt.Method, rt.Path, s)
			}
		}
	}
}

// entrant is somebody whom the gate lets in, staff before the public.
func entrant(e *apptest.Env, all map[string]*apptest.Person, rt *edge.Route) *apptest.Person {
	for _, role := range []string{"bureau.officer", "bureau.approver", "foundation.finance", "foundation.officer", "social.lead", "bureau.registrar", "platform.admin", "person", "visitor"} {
		if p := all[role]; e.Policy.Any(p.Actor.Relations(), "route."+rt.Gate, "enter") {
			return p
		}
	}
	return all["visitor"]
}

func send(who *apptest.Person, rt *edge.Route, path, s string) (code int, shown string) {
	if call, ok := strings.CutPrefix(path, "/api/v1"); ok {
		var in any
		if rt.Method != "GET" && rt.Doc != nil && rt.Doc.In != nil {
			in = body(reflect.TypeOf(rt.Doc.In), s, 0)
		}
		return who.API(rt.Method, call, in).Code, ""
	}
	var page *apptest.Page
	if rt.Method == "GET" {
		q := s[:min(len(s), 200)] // longer is the header limit's to refuse
		page = who.Get(path + "?" + url.Values{"q": {q}, "after": {q}, "kind": {q}, "state": {q}, "method": {q}, "next": {q}}.Encode())
	} else {
		form := url.Values{}
		for _, f := range []string{"name", "title", "amount", "price", "reason", "decision", "kind", "org", "label", "budget", "deadline", "criteria.0.weight", "what", "by", "file_id", "version"} {
			form.Set(f, s)
		}
		page = who.Post(path, form)
	}
	return page.Code, string(page.Body)
}
