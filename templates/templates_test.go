package templates_test

import (
	"bytes"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/templates"
	"gongji/templates/templatetest"
)

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, clock.Beijing)

func TestOwnPages(t *testing.T) {
	templatetest.Check(t, "style", templatetest.NewStylePage(now))
	for _, status := range []int{400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503} {
		templatetest.Check(t, "error", templates.NewErrorPage(status, fault.New(fault.NotFound, "没有这份公告")))
	}
	templatetest.Check(t, "account/login", &templates.LoginPage{Resume: []templates.Hidden{{Name: "resume", Value: "x"}}})
	templatetest.Check(t, "account/register", &templates.RegisterPage{})
	templatetest.Check(t, "account/resume", &templates.ResumePage{})
}

func render(t *testing.T, name string, page any) string {
	t.Helper()
	set, err := templates.New()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := set.Render(&b, name, page); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A defect's own words never reach a page.
func TestErrorPageHidesDefects(t *testing.T) {
	got := render(t, "error", templates.NewErrorPage(500, &fault.Fault{Kind: fault.Unknown, Message: "pq: secret"}))
	if strings.Contains(got, "secret") || !strings.Contains(got, "系统出错了") {
		t.Error(got)
	}
}

// Nothing is written when a template fails halfway.
func TestRenderIsWholeOrNothing(t *testing.T) {
	set, err := templates.New()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := set.Render(&b, "error", &templates.LoginPage{}); err == nil || b.Len() > 0 {
		t.Errorf("err %v, %d bytes written", err, b.Len())
	}
	if err := set.Render(&b, "no/such", nil); err == nil {
		t.Error("a page that does not exist was rendered")
	}
}

// With hostile text in every string of the largest page, no tag, attribute
// or script address of the text's own survives.
func TestHostileText(t *testing.T) {
	for _, evil := range []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, `' onmouseover='alert(1)`} {
		page := templatetest.NewStylePage(now)
		poison(reflect.ValueOf(page).Elem(), evil)
		got := render(t, "style", page)
		for _, bad := range []string{"<script>alert", "<img", `href="javascript:`, `action="javascript:`, "' onmouseover='"} {
			if strings.Contains(got, bad) {
				i := strings.Index(got, bad)
				t.Errorf("%s survives: …%s…", bad, got[max(0, i-80):min(len(got), i+80)])
			}
		}
	}
}

func poison(v reflect.Value, evil string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(evil)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				poison(f, evil)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), evil)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), evil)
		}
	default: // holds no text
	}
}

// The policy refuses inline style and script, so no page may hold any.
func TestNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)\sstyle\s*=|<style|\son[a-z]+\s*=\s*"|<script(?:>|\s+(?:type="text/javascript")?>)`)
	if m := inline.FindString(render(t, "style", templatetest.NewStylePage(now))); m != "" {
		t.Errorf("inline %q", m)
	}
}
