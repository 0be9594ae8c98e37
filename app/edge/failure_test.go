package edge_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
)

var kinds = map[fault.Kind]int{
	fault.Unknown: 500, fault.Invalid: 422, fault.Unauthenticated: 401, fault.Forbidden: 403, fault.NotFound: 404,
	fault.Conflict: 409, fault.TooLate: 410, fault.TooLarge: 413, fault.TooMany: 429, fault.Unavailable: 503,
}

func TestEveryKindHasItsStatus(t *testing.T) {
	var routes []edge.Route
	for k := range kinds {
		err := fmt.Errorf("bid: submit: %w", &fault.Fault{Kind: k, Message: "说明文字", Article: "87号令 41",
			Fields: []fault.Field{{Name: "budget", Message: "应为正数"}}, Cause: errors.New("pq: secret-internal")})
		routes = append(routes,
			edge.Route{Method: "POST", Path: fmt.Sprintf("/k%d", k), Gate: "public", Handle: fails(err)},
			edge.Route{Method: "POST", Path: fmt.Sprintf("/api/v1/k%d", k), Gate: "public", Handle: fails(err)})
	}
	s := open(t, routes)
	types := map[string]bool{}
	for k, status := range kinds {
		page := s.post(fmt.Sprintf("/k%d", k), "", ownPage)
		api := s.post(fmt.Sprintf("/api/v1/k%d", k), "")
		if page.StatusCode != status || api.StatusCode != status {
			t.Errorf("kind %d: page %d, api %d, want %d", k, page.StatusCode, api.StatusCode, status)
		}
		if strings.Contains(page.body+api.body, "secret-internal") {
			t.Errorf("kind %d shows its cause", k)
		}
		if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
			t.Errorf("kind %d: page is %s", k, page.Header.Get("Content-Type"))
		}
		if got := api.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("kind %d: api is %s", k, got)
		}
		p := api.problem(t)
		types[p.Type] = true
		if p.Status != status || p.Title == "" || p.RequestID != api.Header.Get("X-Request-Id") || p.Instance != fmt.Sprintf("/api/v1/k%d", k) {
			t.Errorf("kind %d: %+v", k, p)
		}
		if known := k != fault.Unknown; known != (p.Detail == "说明文字") || known != (p.Article == "87号令 41") || known != (len(p.Errors) == 1) {
			t.Errorf("kind %d tells the wrong things: %+v", k, p)
		}
		if again := api.Header.Get("Retry-After") != ""; again != (status == 429 || status == 503) {
			t.Errorf("kind %d: Retry-After %q", k, api.Header.Get("Retry-After"))
		}
	}
	if len(types) != len(kinds) {
		t.Errorf("types are shared: %v", types)
	}
	if !strings.Contains(s.log.String(), "secret-internal") {
		t.Error("the log does not say what failed")
	}
}

func TestDefectsTellNothing(t *testing.T) {
	routes := []edge.Route{
		{Method: "GET", Path: "/plain", Gate: "public", Handle: fails(errors.New("pq: relation \"secret-internal\" does not exist"))},
		{Method: "GET", Path: "/panic", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) { panic("secret-internal 张三 13800000000") }},
		{Method: "GET", Path: "/index", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
			return edge.Text(200, []string{}[len(r.Path())]), nil
		}},
		{Method: "GET", Path: "/template", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) { return edge.HTML(200, "broken", "x"), nil }},
		{Method: "GET", Path: "/encode", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) { return edge.JSON(200, func() {}), nil }},
		{Method: "GET", Path: "/api/panic", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) { panic("secret-internal") }},
	}
	s := open(t, routes)
	for _, rt := range routes {
		a := s.get(rt.Path)
		if a.StatusCode != 500 || strings.Contains(a.body, "secret-internal") || strings.Contains(a.body, "half a page") || strings.Contains(a.body, ".go") {
			t.Errorf("%s: %d %s", rt.Path, a.StatusCode, a.body)
		}
		if !strings.Contains(a.body, a.Header.Get("X-Request-Id")) {
			t.Errorf("%s does not show its request id", rt.Path)
		}
	}
	log := s.log.String()
	if strings.Contains(log, "张三") || strings.Contains(log, "13800000000") {
		t.Error("a panic's value is in the log")
	}
	if !strings.Contains(log, "failure_test.go") || !strings.Contains(log, "index out of range") {
		t.Error("the log has no stack")
	}
	if a := s.get("/healthz"); a.StatusCode != 200 {
		t.Error("the server did not live on")
	}
}

// Where even the error page fails, a bare one is shown.
func TestErrorPageFails(t *testing.T) {
	s := open(t, []edge.Route{{Method: "GET", Path: "/x", Gate: "public", Handle: fails(fault.New(fault.Conflict, "<已被抢先>"))}},
		func(c *edge.Config) { c.Decorate = func(*edge.Request, any) { panic("navigation") } })
	a := s.get("/x")
	if a.StatusCode != 409 || !strings.Contains(a.body, "&lt;已被抢先&gt;") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestWhatFiberRefuses(t *testing.T) {
	s := open(t, []edge.Route{
		{Method: "POST", Path: "/p", Gate: "public", Handle: ok},
		{Method: "POST", Path: "/api/v1/p", Gate: "public", Handle: ok},
	})
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/nowhere", 404}, {"GET", "/p", 405}, {"DELETE", "/p", 405}, {"OPTIONS", "/nowhere", 404},
		{"GET", "/api/v1/nowhere", 404}, {"GET", "/api/v1/p", 405}, {"BREW", "/p", 405},
	} {
		a := s.do(c.method, c.path, nil)
		if a.StatusCode != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, a.StatusCode, c.status)
		}
		if strings.Contains(a.body, "Cannot") || strings.Contains(a.body, "Method Not Allowed") {
			t.Errorf("%s %s: fiber speaks: %s", c.method, c.path, a.body)
		}
		if api := strings.HasPrefix(c.path, "/api/"); api != (a.Header.Get("Content-Type") == "application/problem+json") {
			t.Errorf("%s %s: %s", c.method, c.path, a.Header.Get("Content-Type"))
		}
		if c.status == 405 && c.method != "BREW" && !strings.Contains(a.Header.Get("Allow"), "POST") {
			t.Errorf("%s %s: Allow %q", c.method, c.path, a.Header.Get("Allow"))
		}
		checkHeaders(t, a.Response, c.method+" "+c.path)
	}
	big := s.raw("GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + strings.Repeat("x", 40_000) + "\r\n\r\n")
	if !strings.HasPrefix(big, "HTTP/1.1 431 ") || !strings.Contains(big, "Content-Security-Policy") {
		t.Errorf("huge header: %.200s", big)
	}
	junk := s.raw("\x16\x03\x01\x02\x00 hello\r\n\r\n")
	if !strings.HasPrefix(junk, "HTTP/1.1 4") || strings.Contains(junk, "error when") {
		t.Errorf("junk: %.200s", junk)
	}
}

func checkHeaders(t *testing.T, res *http.Response, what string) {
	t.Helper()
	csp := res.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("%s: CSP %q lacks %q", what, csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("%s: CSP %q", what, csp)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"} {
		if res.Header.Get(name) != want {
			t.Errorf("%s: %s is %q", what, name, res.Header.Get(name))
		}
	}
	if res.Header.Get("Permissions-Policy") == "" || res.Header.Get("X-Request-Id") == "" || res.Header.Get("Server") != "" {
		t.Errorf("%s: headers %v", what, res.Header)
	}
}

func TestRetryAfterOfACause(t *testing.T) {
	s := open(t, []edge.Route{{Method: "GET", Path: "/api/v1/locked", Gate: "public",
		Handle: fails(fault.Wrap(fault.TooMany, lockout(90*time.Second), "账号已锁定"))}})
	if a := s.get("/api/v1/locked"); a.StatusCode != 429 || a.Header.Get("Retry-After") != "90" {
		t.Errorf("%d Retry-After %q", a.StatusCode, a.Header.Get("Retry-After"))
	}
}

type lockout time.Duration

func (l lockout) Error() string             { return "locked" }
func (l lockout) RetryAfter() time.Duration { return time.Duration(l) }
