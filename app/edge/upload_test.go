package edge_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
)

const mega = 1 << 20

// zeros is n bytes that cost no memory.
func zeros(n int64) io.Reader { return io.LimitReader(nothing{}, n) }

type nothing struct{}

func (nothing) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// peak watches the heap while fn runs and says how far it rose, in bytes.
func peak(fn func()) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	base, most := m.HeapAlloc, uint64(0)
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				if m.HeapAlloc > base {
					most = max(most, m.HeapAlloc-base)
				}
			}
		}
	}()
	fn()
	close(done)
	<-watched
	return most
}

func uploadRoute(limit int64) edge.Route {
	return edge.Route{Method: "POST", Path: "/upload", Gate: "public", Limit: limit, Timeout: time.Minute,
		Handle: func(r *edge.Request) (edge.Response, error) {
			var out strings.Builder
			err := r.Upload(func(p edge.Part) error {
				if p.FileName == "" && p.Field != "" {
					v, err := p.Text()
					fmt.Fprintf(&out, "%s=%s ", p.Field, v)
					return err
				}
				h := sha256.New()
				n, err := io.Copy(h, p.Reader)
				fmt.Fprintf(&out, "%s:%s:%d:%s ", p.Field, p.FileName, n, hex.EncodeToString(h.Sum(nil)[:4]))
				return err
			})
			return edge.Text(200, out.String()), err
		}}
}

// multi streams a form with a title and one file of n bytes.
func multi(n int64) (io.Reader, string) {
	pr, pw := io.Pipe()
	mw := multipart.NewWriter(pw)
	go func() {
		_ = mw.WriteField("title", "标书")
		w, err := mw.CreateFormFile("file", "投标文件.pdf")
		if err == nil {
			_, err = io.Copy(w, zeros(n))
		}
		if err == nil {
			err = mw.Close()
		}
		pw.CloseWithError(err)
	}()
	return pr, mw.FormDataContentType()
}

func TestUploadStreams(t *testing.T) {
	s := open(t, []edge.Route{uploadRoute(100*mega + 64<<10)})
	h := sha256.New()
	_, _ = io.Copy(h, zeros(100*mega))
	sum := hex.EncodeToString(h.Sum(nil)[:4])
	var a answer
	rise := peak(func() {
		body, kind := multi(100 * mega)
		a = s.do("POST", "/upload", body, header("Content-Type", kind))
	})
	if want := fmt.Sprintf("title=标书 file:投标文件.pdf:%d:%s ", 100*mega, sum); a.StatusCode != 200 || a.body != want {
		t.Errorf("%d %q, want %q", a.StatusCode, a.body, want)
	}
	if rise > 24*mega {
		t.Errorf("a 100 MB upload took %d MB", rise/mega)
	}
	raw := s.do("POST", "/upload", zeros(3*mega), header("Content-Type", "application/pdf"),
		header("Content-Disposition", "attachment; filename*=UTF-8''%E7%94%B2.pdf"))
	if !strings.HasPrefix(raw.body, fmt.Sprintf(":甲.pdf:%d:", 3*mega)) {
		t.Errorf("raw body: %d %s", raw.StatusCode, raw.body)
	}
}

func TestUploadTooLarge(t *testing.T) {
	s := open(t, []edge.Route{uploadRoute(101 * mega)})
	var sent, chunked answer
	rise := peak(func() {
		sent = s.do("POST", "/upload", zeros(102*mega), func(r *http.Request) { r.ContentLength = 102 * mega },
			header("Content-Type", "application/pdf"))
		body, kind := multi(102 * mega)
		chunked = s.do("POST", "/upload", body, header("Content-Type", kind))
	})
	for name, a := range map[string]answer{"declared": sent, "chunked": chunked} {
		if a.StatusCode != 413 || !strings.Contains(a.body, "100 MB") {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if rise > 24*mega {
		t.Errorf("refusing 101 MB took %d MB", rise/mega)
	}
}

func TestUploadBroken(t *testing.T) {
	s := open(t, []edge.Route{uploadRoute(10 * mega),
		{Method: "POST", Path: "/picky", Gate: "public", Limit: 10 * mega, Handle: func(r *edge.Request) (edge.Response, error) {
			return edge.Response{}, r.Upload(func(edge.Part) error { return fault.New(fault.Conflict, "已经截止") })
		}},
		{Method: "POST", Path: "/swallow", Gate: "public", Limit: 2 * mega, Handle: func(r *edge.Request) (edge.Response, error) {
			return edge.Response{}, r.Upload(func(p edge.Part) error {
				_, err := io.Copy(io.Discard, p.Reader)
				if err != nil {
					return errors.New("store: put object: " + "broken pipe")
				}
				return nil
			})
		}}})
	head := "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.pdf\"\r\n\r\n"
	kind := header("Content-Type", "multipart/form-data; boundary=b")
	for name, c := range map[string]struct {
		path, body string
		kind       mod
		status     int
	}{
		"cut in the file":   {"/upload", head + "half", kind, 422},
		"cut in the header": {"/upload", "--b\r\nContent-Dispo", kind, 422},
		"no boundary given": {"/upload", head, header("Content-Type", "multipart/form-data"), 422},
		"other boundary":    {"/upload", head, header("Content-Type", "multipart/form-data; boundary=c"), 422},
		"endless header":    {"/upload", "--b\r\nX: " + strings.Repeat("x", 11*mega), kind, 413},
		"handler says no":   {"/picky", head + "x\r\n--b--\r\n", kind, 409},
		"limit hidden":      {"/swallow", head + strings.Repeat("x", 3*mega), kind, 413},
	} {
		if a := s.post(c.path, c.body, c.kind); a.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", name, a.StatusCode, c.status, a.body)
		}
	}
}

func TestFileNames(t *testing.T) {
	s := open(t, []edge.Route{uploadRoute(10 * mega)})
	for sent, want := range map[string]string{
		"../../etc/passwd":       "passwd",
		`C:\Users\张三\标书.pdf`:     "标书.pdf",
		"..":                     "",
		"a\u202egpj.exe":         "agpj.exe",
		strings.Repeat("长", 300): "",
	} {
		var buf bytes.Buffer
		mw := multipart.NewWriter(&buf)
		w, err := mw.CreateFormFile("f", "PLACE")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte("x"))
		_ = mw.Close()
		body := strings.Replace(buf.String(), "PLACE", strings.ReplaceAll(sent, `\`, `\\`), 1)
		a := s.post("/upload", body, header("Content-Type", mw.FormDataContentType()))
		name, _, _ := strings.Cut(strings.TrimPrefix(a.body, "f:"), ":")
		switch {
		case strings.HasPrefix(sent, "长"):
			if len(name) > 200 || !strings.HasPrefix(name, "长") || strings.Contains(name, "\ufffd") {
				t.Errorf("a long name became %q", name)
			}
		case want == "":
			if a.body != "f=x " {
				t.Errorf("%q became a file: %q", sent, a.body)
			}
		case name != want:
			t.Errorf("%q became %q, want %q", sent, name, want)
		}
	}
}

// A body that nobody read stays on the connection. It must never be taken for
// the next request.
func TestNothingIsSmuggled(t *testing.T) {
	reached := false
	s := open(t, []edge.Route{
		{Method: "POST", Path: "/ignore", Gate: "public", Limit: 50 * mega, Handle: ok},
		{Method: "GET", Path: "/get", Gate: "public", Handle: ok},
		{Method: "GET", Path: "/inside", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) { reached = true; return edge.Text(200, "in"), nil }},
	})
	inner := "GET /inside HTTP/1.1\r\nHost: x\r\n\r\n"
	pad := strings.Repeat("x", 9000)
	for name, text := range map[string]string{
		"ignored body":   fmt.Sprintf("POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s%s", len(pad)+len(inner), pad, inner),
		"GET with body":  fmt.Sprintf("GET /get HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s%s", len(pad)+len(inner), pad, inner),
		"small GET body": fmt.Sprintf("GET /get HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(inner), inner),
		"chunked GET":    "GET /get HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(inner), inner),
		"chunked":        "POST /ignore HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(pad)+len(inner), pad+inner),
		"huge":           fmt.Sprintf("POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s%s", 40*mega, strings.Repeat("x", 40*mega-len(inner)), inner),
		"no such path":   fmt.Sprintf("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s%s", len(pad)+len(inner), pad, inner),
		"both lengths":   fmt.Sprintf("POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 5),
	} {
		reached = false
		if out := s.raw(text); reached || strings.Count(out, "HTTP/1.1 ") != 1 {
			t.Errorf("%s: reached %v: %.300s", name, reached, out)
		}
	}
	two := s.raw(fmt.Sprintf("POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(pad), pad) + inner)
	if !reached || strings.Count(two, "HTTP/1.1 200") != 2 {
		t.Errorf("two honest requests on one connection: %.300s", two)
	}
}
