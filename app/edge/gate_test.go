package edge_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"gongji/app/edge"
)

func TestGates(t *testing.T) {
	gates := []string{"public", "account", "buyer", "supplier"}
	var routes []edge.Route
	for _, g := range gates {
		for _, prefix := range []string{"/", "/api/v1/"} {
			for _, m := range []string{"GET", "POST"} {
				routes = append(routes, edge.Route{Method: m, Path: prefix + g, Gate: g, Handle: ok})
			}
		}
	}
	s := open(t, routes)
	may := map[string]string{"": "public", "stranger": "public", "officer": "public account buyer", "lead": "public account supplier", "person": "public account"}
	for who, list := range may {
		for _, g := range gates {
			want, wantGET := 200, 200
			if !strings.Contains(list, g) {
				want, wantGET = 403, 403
				if people[who].Account == "" {
					want, wantGET = 401, 303
				}
			}
			var mods []mod
			if who != "" {
				mods = append(mods, as(who))
			}
			if a := s.get("/"+g+"?x=1", mods...); a.StatusCode != wantGET {
				t.Errorf("%q GET /%s: %d, want %d", who, g, a.StatusCode, wantGET)
			} else if wantGET == 303 && a.Header.Get("Location") != "/account/login?next=%2F"+g+"%3Fx%3D1" {
				t.Errorf("%q GET /%s goes to %q", who, g, a.Header.Get("Location"))
			}
			token := form
			if a := s.post("/"+g, "csrf="+people[who].CSRF, append(mods, token, ownPage)...); a.StatusCode != want {
				t.Errorf("%q POST /%s: %d, want %d", who, g, a.StatusCode, want)
			}
			if who == "stranger" {
				continue
			}
			mods = nil
			if who != "" {
				mods = append(mods, bearer(who))
			}
			if a := s.get("/api/v1/"+g, mods...); a.StatusCode != want {
				t.Errorf("%q GET /api/v1/%s: %d, want %d", who, g, a.StatusCode, want)
			}
			if a := s.post("/api/v1/"+g, "", mods...); a.StatusCode != want {
				t.Errorf("%q POST /api/v1/%s: %d, want %d", who, g, a.StatusCode, want)
			} else if want == 401 && a.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%q POST /api/v1/%s: no WWW-Authenticate", who, g)
			}
		}
	}
	if a := s.get("/api/v1/public", bearer("stranger")); a.StatusCode != 401 {
		t.Errorf("an unknown token reads as nobody: %d", a.StatusCode)
	}
	if a := s.get("/api/v1/account", as("officer")); a.StatusCode != 200 {
		t.Errorf("a cookie cannot read the API: %d", a.StatusCode)
	}
	if a := s.post("/api/v1/account", "", as("officer"), ownPage, header("X-CSRF-Token", "csrf-of-officer")); a.StatusCode != 401 {
		t.Errorf("a cookie writes to the API: %d", a.StatusCode)
	}
	if a := s.post("/account", "", bearer("officer"), ownPage); a.StatusCode != 401 {
		t.Errorf("a token works outside the API: %d", a.StatusCode)
	}
	if a := s.get("/account", as("broken")); a.StatusCode != 500 || strings.Contains(a.body, "10.0.0.7") {
		t.Errorf("sessions that cannot be read: %d %s", a.StatusCode, a.body)
	}
}

func TestNewRefuses(t *testing.T) {
	good := edge.Route{Method: "GET", Path: "/a/{id}", Gate: "public", Handle: ok}
	for name, change := range map[string]func(*edge.Route){
		"no gate":        func(r *edge.Route) { r.Gate = "" },
		"unknown gate":   func(r *edge.Route) { r.Gate = "publik" },
		"no handler":     func(r *edge.Route) { r.Handle = nil },
		"method":         func(r *edge.Route) { r.Method = "TRACE" },
		"no slash":       func(r *edge.Route) { r.Path = "a" },
		"fiber pattern":  func(r *edge.Route) { r.Path = "/a/:id" },
		"wildcard":       func(r *edge.Route) { r.Path = "/a/*" },
		"broken braces":  func(r *edge.Route) { r.Path = "/a/{id" },
		"same but named": func(r *edge.Route) { r.Path = "/a/{other}" },
	} {
		bad := good
		if name != "same but named" {
			bad.Path = "/b/{id}"
		}
		change(&bad)
		if _, err := edge.New(edge.Config{Routes: []edge.Route{good, bad}, Can: can, Clock: fixed{}}); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := edge.New(edge.Config{Routes: []edge.Route{good}, Can: can, Clock: fixed{}}); err != nil {
		t.Error(err)
	}
	if _, err := edge.New(edge.Config{Routes: []edge.Route{good}}); err == nil {
		t.Error("a config without Can and Clock is accepted")
	}
}

func TestCSRF(t *testing.T) {
	called := 0
	count := func(r *edge.Request) (edge.Response, error) { called++; return edge.Text(200, "ok"), nil }
	s := open(t, []edge.Route{
		{Method: "POST", Path: "/w", Gate: "public", Handle: count},
		{Method: "DELETE", Path: "/w", Gate: "public", Handle: count},
		{Method: "GET", Path: "/w", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) { return edge.Text(200, r.CSRF()), nil }},
		{Method: "POST", Path: "/upload", Gate: "public", Limit: 10 << 20, Handle: func(r *edge.Request) (edge.Response, error) {
			err := r.Upload(func(edge.Part) error { called++; return nil })
			return edge.Text(200, "ok"), err
		}},
	}, func(c *edge.Config) { c.PublicURL = "http://gongji.test" })
	masked := s.get("/w", as("officer")).body
	if again := s.get("/w", as("officer")).body; masked == again || strings.Contains(masked, "csrf-of") {
		t.Errorf("the token is written the same twice: %s", masked)
	}
	own := header("Origin", s.url)
	part := func(first string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + first + "\"\r\n\r\ncsrf-of-officer\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n"
	}
	multi := header("Content-Type", "multipart/form-data; boundary=b")
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		mods                     []mod
	}{
		{"visitor, no browser", "POST", "/w", "", 200, nil},
		{"visitor, own page", "POST", "/w", "a=b", 200, []mod{form, ownPage}},
		{"visitor, own origin", "POST", "/w", "a=b", 200, []mod{form, own}},
		{"visitor, public origin", "POST", "/w", "a=b", 200, []mod{form, header("Origin", "http://gongji.test")}},
		{"visitor, other site", "POST", "/w", "a=b", 403, []mod{form, header("Sec-Fetch-Site", "cross-site")}},
		{"visitor, neighbour host", "POST", "/w", "a=b", 403, []mod{form, header("Sec-Fetch-Site", "same-site")}},
		{"visitor, other origin", "POST", "/w", "a=b", 403, []mod{form, header("Origin", "https://evil.test")}},
		{"visitor, null origin", "POST", "/w", "a=b", 403, []mod{form, header("Origin", "null")}},
		{"no token", "POST", "/w", "a=b", 403, []mod{form, ownPage, as("officer")}},
		{"token in the query", "POST", "/w?csrf=csrf-of-officer", "a=b", 403, []mod{form, ownPage, as("officer")}},
		{"empty token", "POST", "/w", "csrf=", 403, []mod{form, ownPage, as("officer")}},
		{"another's token", "POST", "/w", "csrf=csrf-of-lead", 403, []mod{form, ownPage, as("officer")}},
		{"broken mask", "POST", "/w", "csrf=m.%21%21", 403, []mod{form, ownPage, as("officer")}},
		{"token", "POST", "/w", "csrf=csrf-of-officer", 200, []mod{form, ownPage, as("officer")}},
		{"masked token", "POST", "/w", "csrf=" + masked, 200, []mod{form, ownPage, as("officer")}},
		{"token in the header", "POST", "/w", "{}", 200, []mod{asJSON, ownPage, as("officer"), header("X-CSRF-Token", "csrf-of-officer")}},
		{"wrong token in the header", "POST", "/w", "csrf=csrf-of-officer", 403, []mod{form, ownPage, as("officer"), header("X-CSRF-Token", "x")}},
		{"JSON without header", "POST", "/w", "{}", 403, []mod{asJSON, ownPage, as("officer")}},
		{"token, other site", "POST", "/w", "csrf=csrf-of-officer", 403, []mod{form, header("Sec-Fetch-Site", "cross-site"), as("officer")}},
		{"DELETE without token", "DELETE", "/w", "", 403, []mod{ownPage, as("officer")}},
		{"DELETE with header", "DELETE", "/w", "", 200, []mod{ownPage, as("officer"), header("X-CSRF-Token", masked)}},
		{"multipart with token", "POST", "/w", strings.Replace(part("csrf"), "; filename=\"f\"", "", 1), 200, []mod{multi, ownPage, as("officer")}},
		{"multipart without token", "POST", "/w", strings.Replace(part("x"), "; filename=\"f\"", "", 1), 403, []mod{multi, ownPage, as("officer")}},
		{"upload, token first", "POST", "/upload", part("csrf"), 200, []mod{multi, ownPage, as("officer")}},
		{"upload, no token", "POST", "/upload", part("x"), 403, []mod{multi, ownPage, as("officer")}},
		{"upload, empty", "POST", "/upload", "--b--\r\n", 403, []mod{multi, ownPage, as("officer")}},
		{"upload, raw", "POST", "/upload", "bytes", 403, []mod{ownPage, as("officer"), header("Content-Type", "application/pdf")}},
		{"upload, raw with header", "POST", "/upload", "bytes", 200, []mod{ownPage, as("officer"), header("X-CSRF-Token", masked), header("Content-Type", "application/pdf")}},
	} {
		called = 0
		a := s.do(c.method, c.path, strings.NewReader(c.body), c.mods...)
		if a.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", c.name, a.StatusCode, c.status, a.body)
		}
		if ran := called > 0; ran != (c.status == 200) {
			t.Errorf("%s: the work was done: %v", c.name, ran)
		}
	}
}

func TestHeadersOnEveryAnswer(t *testing.T) {
	routes := []edge.Route{
		{Method: "GET", Path: "/page", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) { return edge.HTML(200, "x", "y"), nil }},
		{Method: "GET", Path: "/json", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) { return edge.JSON(200, 1), nil }},
		{Method: "GET", Path: "/none", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) { return edge.NoContent(), nil }},
		{Method: "GET", Path: "/go", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) { return edge.Redirect("/page"), nil }},
		{Method: "GET", Path: "/file", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) {
			return edge.File("a.pdf", "application/pdf", []byte("%PDF"), true), nil
		}},
		{Method: "GET", Path: "/fail", Gate: "public", Handle: fails(fmt.Errorf("x"))},
		{Method: "GET", Path: "/in", Gate: "buyer", Handle: ok},
	}
	for _, public := range []string{"", "https://gongji.test"} {
		s := open(t, routes, func(c *edge.Config) { c.PublicURL = public })
		for _, p := range []string{"/page", "/json", "/none", "/go", "/file", "/fail", "/in", "/nowhere", "/healthz", "/readyz", "/metrics", "/static/x", "/api/nowhere"} {
			for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
				a := s.do(m, p, nil)
				checkHeaders(t, a.Response, m+" "+p)
				if hsts := a.Header.Get("Strict-Transport-Security") != ""; hsts != (public != "") {
					t.Errorf("%s: HSTS %v with PublicURL %q", p, hsts, public)
				}
			}
		}
	}
}
