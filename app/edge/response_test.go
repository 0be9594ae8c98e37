package edge_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/valyala/fasthttp"

	"gongji/app/edge"
)

func TestLocalPath(t *testing.T) {
	for path, want := range map[string]bool{
		"/": true, "/tenders?q=甲&page=2": true, "/a//b": true,
		"": false, "tenders": false, "//evil.test": false, `/\evil.test`: false, "https://evil.test": false,
		"/a\r\nSet-Cookie: x": false, "javascript:alert(1)": false, "/\t/evil.test": false, `/a\b`: false,
		"/" + strings.Repeat("x", 3000): false, "/%zz": false,
	} {
		if edge.LocalPath(path) != want {
			t.Errorf("LocalPath(%q) is %v", path, !want)
		}
	}
	s := open(t, []edge.Route{{Method: "POST", Path: "/go", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
		return edge.Redirect(r.Query("to")), nil
	}}})
	for to, want := range map[string]string{"/x%3Fa=b": "/x?a=b", "//evil.test": "/", "https://evil.test": "/"} {
		if a := s.post("/go?to="+to, ""); a.StatusCode != 303 || a.Header.Get("Location") != want {
			t.Errorf("%s: %d %s", to, a.StatusCode, a.Header.Get("Location"))
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/", "//x", `/\x`, "/a?b#c", "/%2f%2fx", "/\x00", "/@x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !edge.LocalPath(s) {
			return
		}
		base := "https://own.test/here"
		req, err := http.NewRequest(http.MethodGet, base, nil)
		if err != nil {
			t.Fatal(err)
		}
		if u, err := req.URL.Parse(s); err != nil || u.Host != "own.test" || u.Scheme != "https" {
			t.Errorf("%q leads to %v", s, u)
		}
	})
}

// whileAlive gives zeros as an object store would: only while its context
// lives, and has long to live.
type whileAlive struct{ ctx context.Context }

func (w whileAlive) Read(p []byte) (int, error) {
	at, ok := w.ctx.Deadline()
	if w.ctx.Err() != nil || !ok || time.Until(at) < edge.StreamTimeout/2 {
		return 0, errors.New("the context is over, or soon will be")
	}
	return nothing{}.Read(p)
}

type closer struct {
	io.Reader
	closed chan struct{}
}

func (c *closer) Close() error { close(c.closed); return nil }

func TestFilesAndStreams(t *testing.T) {
	const name = `中标通知书 "甲";1.pdf`
	closed := make(chan struct{})
	s := open(t, []edge.Route{
		{Method: "GET", Path: "/inline", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) {
			return edge.File(name, "application/pdf", []byte("%PDF"), true), nil
		}},
		{Method: "GET", Path: "/html", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) {
			return edge.File("a.html", "text/html", []byte("<script>"), true), nil
		}},
		{Method: "GET", Path: "/bad", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) {
			return edge.File("a\r\nX-Evil: 1", "text/html\r\nX-Evil: 1", []byte("x"), false), nil
		}},
		{Method: "GET", Path: "/stream", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
			return edge.Stream("a.bin", "application/octet-stream", 5*mega, &closer{whileAlive{r.Context()}, closed}, false), nil
		}},
	})
	a := s.get("/inline")
	how, params, err := mime.ParseMediaType(a.Header.Get("Content-Disposition"))
	if err != nil || how != "inline" || params["filename"] != name || a.body != "%PDF" {
		t.Errorf("%v %q %v %q", err, how, params, a.Header.Get("Content-Disposition"))
	}
	if d := s.get("/html").Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment;") {
		t.Errorf("HTML is shown: %q", d)
	}
	if a := s.get("/bad"); a.Header.Get("X-Evil") != "" || a.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("headers were injected: %v", a.Header)
	}
	if a := s.get("/stream"); a.StatusCode != 200 || len(a.body) != 5*mega || a.ContentLength != 5*mega {
		t.Errorf("stream: %d, %d bytes", a.StatusCode, len(a.body))
	}
	<-closed
}

type explosive struct{}

func (explosive) Read([]byte) (int, error) { panic("minio") }

// Whatever becomes of a stream, its source is closed and the server lives.
func TestStreamsAreClosed(t *testing.T) {
	var closed chan struct{}
	source := func(r io.Reader, size int64) edge.Handler {
		return func(*edge.Request) (edge.Response, error) {
			return edge.Stream("a", "application/pdf", size, &closer{r, closed}, false), nil
		}
	}
	s := open(t, []edge.Route{
		{Method: "GET", Path: "/endless", Gate: "public", Handle: source(nothing{}, -1)},
		{Method: "GET", Path: "/panic", Gate: "public", Handle: source(explosive{}, 10)},
		{Method: "GET", Path: "/fine", Gate: "public", Handle: source(nothing{}, 10)},
	})
	closed = make(chan struct{})
	if a := s.do(http.MethodHead, "/fine", nil); a.StatusCode != 200 || a.body != "" {
		t.Errorf("HEAD: %d %q", a.StatusCode, a.body)
	}
	<-closed
	closed = make(chan struct{})
	res, err := s.client.Get(s.url + "/endless")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, res.Body, mega); err != nil {
		t.Fatal(err)
	}
	res.Body.Close() // the reader leaves
	<-closed
	closed = make(chan struct{})
	if res, err := s.client.Get(s.url + "/panic"); err == nil {
		if _, err := io.ReadAll(res.Body); err == nil {
			t.Error("a stream that broke off looks whole")
		}
		res.Body.Close()
	}
	<-closed
	if a := s.get("/healthz"); a.StatusCode != 200 {
		t.Error("the server is gone")
	}
}

func TestCookies(t *testing.T) {
	routes := []edge.Route{
		{Method: "POST", Path: "/login", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) {
			return edge.Redirect("/").SignIn("officer", 12*time.Hour).Flash("ok", "已登录，王经办"), nil
		}},
		{Method: "POST", Path: "/logout", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) { return edge.Redirect("/").SignOut(), nil }},
		{Method: "GET", Path: "/who", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
			text := r.Actor().Name
			for _, f := range r.Flash() {
				text += "|" + f.Kind + "|" + f.Text
			}
			return edge.HTML(200, "x", text), nil
		}},
	}
	for public, name := range map[string]string{"": "gongji_session", "https://g.test": "__Host-gongji_session"} {
		s := open(t, routes, func(c *edge.Config) { c.PublicURL = public })
		a := s.post("/login", "")
		var jar []string
		for _, c := range a.Cookies() {
			jar = append(jar, c.Name+"="+c.Value)
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != (public != "") {
				t.Errorf("%q: %s", public, c.Raw)
			}
		}
		if len(jar) != 2 || !strings.HasPrefix(jar[0], name+"=") || a.Cookies()[0].MaxAge != 43200 {
			t.Errorf("%q: %v", public, a.Header["Set-Cookie"])
		}
		b := s.get("/who", header("Cookie", strings.Join(jar, "; ")))
		if b.body != "王经办|ok|已登录，王经办" {
			t.Errorf("%q: %s", public, b.body)
		}
		if len(b.Cookies()) != 1 || b.Cookies()[0].Expires.After(noon) {
			t.Errorf("the flash stays: %v", b.Header["Set-Cookie"])
		}
		if c := s.post("/logout", "").Cookies(); len(c) != 1 || c[0].Value != "" || c[0].Expires.After(noon) {
			t.Errorf("%q: %v", public, c)
		}
	}
	s := open(t, routes)
	if a := s.get("/who", header("Cookie", "gongji_flash=evil.%3Cscript%3E")); a.body != "" {
		t.Errorf("a flash of an unknown kind is shown: %s", a.body)
	}
}

func TestPublicPages(t *testing.T) {
	s := open(t, []edge.Route{{Method: "GET", Path: "/t", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
		return edge.HTML(200, "x", strings.Repeat("招标公告 "+r.Actor().Name, 300)).Public(time.Minute), nil
	}}})
	a := s.get("/t")
	tag := a.Header.Get("ETag")
	if a.Header.Get("Cache-Control") != "public, max-age=60" || tag == "" || !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Cookie") {
		t.Errorf("%v", a.Header)
	}
	if b := s.get("/t", header("If-None-Match", tag)); b.StatusCode != 304 || b.body != "" || b.Header.Get("ETag") != tag {
		t.Errorf("asked again: %d %q", b.StatusCode, b.body)
	}
	if b := s.get("/t", header("If-None-Match", tag), as("officer")); b.StatusCode != 200 || !strings.Contains(b.Header.Get("Cache-Control"), "private") || b.Header.Get("ETag") != "" {
		t.Errorf("a named page is shared: %d %v", b.StatusCode, b.Header)
	}
	plain := a.body
	g := s.get("/t", header("Accept-Encoding", "gzip"))
	zr, err := gzip.NewReader(strings.NewReader(g.body))
	if err != nil || g.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("gzip: %v %v", err, g.Header)
	}
	if data, err := io.ReadAll(zr); err != nil || string(data) != plain {
		t.Error("gzip changed the page")
	}
	b := s.get("/t", header("Accept-Encoding", "gzip, br"))
	if data, err := fasthttp.AppendUnbrotliBytes(nil, []byte(b.body)); err != nil || string(data) != plain || b.Header.Get("Content-Encoding") != "br" {
		t.Error("br changed the page")
	}
	if n := s.get("/t", header("Accept-Encoding", "gzip;q=0, br;q=0")); n.Header.Get("Content-Encoding") != "" || n.body != plain {
		t.Error("compressed against the client's wish")
	}
}

func TestStatic(t *testing.T) {
	css := bytes.Repeat([]byte("a{color:red}\n"), 500)
	s := open(t, nil, func(c *edge.Config) {
		c.Static = fstest.MapFS{"dist/app.5f3a9c1e.css": {Data: css}, "dist/logo.png": {Data: []byte("PNG")}, "dist/.env": {Data: []byte("secret")},
			"font.woff2": {Data: []byte("wOF2")}}
	})
	a := s.get("/static/dist/app.5f3a9c1e.css", header("Accept-Encoding", "br"))
	if a.StatusCode != 200 || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") || a.Header.Get("Content-Encoding") != "br" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/css") {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
	if b := s.get("/static/dist/app.5f3a9c1e.css", header("If-None-Match", a.Header.Get("ETag"))); b.StatusCode != 304 {
		t.Errorf("asked again: %d", b.StatusCode)
	}
	if a := s.get("/static/dist/logo.png"); a.Header.Get("Cache-Control") != "public, max-age=3600" || a.Header.Get("Content-Type") != "image/png" || a.body != "PNG" {
		t.Errorf("%v %q", a.Header, a.body)
	}
	if a := s.get("/static/dist/logo.png?v=abc"); !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("versioned: %v", a.Header)
	}
	if a := s.get("/static/font.woff2"); a.Header.Get("Content-Type") != "font/woff2" {
		t.Errorf("%v", a.Header)
	}
	for _, p := range []string{"/static/", "/static/dist", "/static/dist/", "/static/../go.mod", "/static/%2e%2e/go.mod", "/static/..%2f..%2fetc/passwd",
		"/static//etc/passwd", "/static/dist/.env", "/static/dist%5clogo.png", "/static/x%00", "/static/dist/nope.css"} {
		out := s.raw("GET " + p + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		if !strings.HasPrefix(out, "HTTP/1.1 404 ") || strings.Contains(out, "secret") || strings.Contains(out, "root:") {
			t.Errorf("%s: %.200s", p, out)
		}
	}
}
