package templates_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/templates"
	"gongji/templates/templatetest"
)

// policy is what edge sends with every page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

func samples() map[string]templates.Framed {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, clock.Beijing)
	refused := templates.NewErrorPage(403, fault.New(fault.Forbidden, "您不能审批自己起草的招标。").Under("政府采购法实施条例 9"))
	refused.Chrome = templatetest.Chrome(now)
	visitor := templates.Chrome{Now: now, Title: "登录", CSRF: "token", Nav: templatetest.Chrome(now).Nav}
	return map[string]templates.Framed{
		"style":         templatetest.NewStylePage(now),
		"error":         refused,
		"account/login": &templates.LoginPage{Chrome: visitor, Resume: []templates.Hidden{{Name: "resume", Value: "r"}}},
		"account/register": &templates.RegisterPage{Chrome: visitor, Form: templates.RegisterForm{Who: "organisation"},
			Kinds: []templates.Option{{Value: "social", Label: "社会组织"}}},
		"account/resume": &templates.ResumePage{Chrome: visitor, Action: "/none", What: "投标文件"},
	}
}

// serve gives the pages and the assets under the policy, as edge would.
func serve(t *testing.T, pages map[string]templates.Framed) *httptest.Server {
	t.Helper()
	if _, err := fs.Stat(templates.Static(), "app.css"); err != nil {
		t.Fatal("the front end is not built: npm ci && npm run build")
	}
	assets := http.StripPrefix(templates.StaticPrefix, http.FileServerFS(templates.Static()))
	set, err := templates.New()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		if strings.HasPrefix(r.URL.Path, templates.StaticPrefix) {
			assets.ServeHTTP(w, r)
			return
		}
		name := strings.TrimPrefix(r.URL.Path, "/")
		page, ok := pages[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := set.Render(w, name, page); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

// TestBrowser opens each sample page at a desk's and at a phone's width.
func TestBrowser(t *testing.T) {
	pages := samples()
	srv := serve(t, pages)
	b := templatetest.Open(t, 20*time.Minute)
	for name := range pages {
		for _, width := range []int64{1280, 360} {
			t.Run(fmt.Sprintf("%s at %d", name, width), func(t *testing.T) {
				b.Visit(t, srv.URL+"/"+name, width)
				b.Inspect(t, fmt.Sprintf("%s-%d", strings.ReplaceAll(name, "/", "-"), width))
			})
		}
	}
}
