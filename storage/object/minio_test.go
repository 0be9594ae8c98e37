package object_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"gongji/app/kernel/fault"
	"gongji/storage/object"
	"gongji/storage/object/objecttest"
)

func TestMinIOMakesItsBucketOnce(t *testing.T) {
	c := objecttest.MinIOConfig(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := object.OpenMinIO(t.Context(), c); err != nil {
				t.Errorf("a replica could not start: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestMinIORefused(t *testing.T) {
	good := objecttest.MinIOConfig(t)
	for _, c := range []struct {
		name   string
		change func(*object.MinIOConfig)
		want   fault.Kind
	}{
		{"endpoint with a scheme and a path", func(c *object.MinIOConfig) { c.Endpoint = "http://127.0.0.1:1/x" }, fault.Invalid},
		{"no endpoint", func(c *object.MinIOConfig) { c.Endpoint = "" }, fault.Invalid},
		{"wrong secret", func(c *object.MinIOConfig) { c.SecretKey = "wrong-secret" }, fault.Unavailable},
		{"bad bucket", func(c *object.MinIOConfig) { c.Bucket = "A_B" }, fault.Unavailable},
	} {
		bad := good
		c.change(&bad)
		if _, err := object.OpenMinIO(t.Context(), bad); !fault.Is(err, c.want) {
			t.Errorf("%s: got %v; want kind %v", c.name, err, c.want)
		}
	}
}

// front is a way to the real server that can be made to fail.
type front struct {
	*httptest.Server
	mode atomic.Value // of func(http.ResponseWriter, *http.Request, http.Handler)
}

type behaviour func(w http.ResponseWriter, r *http.Request, server http.Handler)

func through(t *testing.T) (*front, *object.MinIO, object.MinIOConfig) {
	t.Helper()
	c := objecttest.MinIOConfig(t)
	f := &front{}
	f.behave(func(w http.ResponseWriter, r *http.Request, server http.Handler) { server.ServeHTTP(w, r) })
	// The client signed the Host header; it must arrive as it was.
	address := &url.URL{Scheme: "http", Host: c.Endpoint}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(address)
		r.Out.Host = r.In.Host
	}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mode.Load().(behaviour)(w, r, proxy)
	}))
	t.Cleanup(f.Close)
	c.Endpoint = f.Listener.Addr().String()
	m, err := object.OpenMinIO(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return f, m, c
}

func (f *front) behave(b behaviour) { f.mode.Store(b) }

// Every call comes back with a fault, in seconds, when the server is gone or
// takes connections and says nothing.
func TestMinIODead(t *testing.T) {
	silent := func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		// Only once the body is read does the server notice a client's leaving.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	for name, die := range map[string]func(*front){
		"gone":   func(f *front) { f.CloseClientConnections(); f.Close() },
		"silent": func(f *front) { f.behave(silent) },
	} {
		t.Run(name, func(t *testing.T) {
			f, m, c := through(t)
			if _, err := m.Put(t.Context(), "a", strings.NewReader("x"), object.PutOptions{Size: -1}); err != nil {
				t.Fatal(err)
			}
			die(f)
			// A silent server takes a Put until its own, longer deadline; the
			// caller's ends it here.
			short, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			var wg sync.WaitGroup
			for call, do := range map[string]func() error{
				"start":  func() error { _, err := object.OpenMinIO(t.Context(), c); return err },
				"ping":   func() error { return m.Ping(t.Context()) },
				"stat":   func() error { _, err := m.Stat(t.Context(), "a"); return err },
				"open":   func() error { _, _, err := m.Open(t.Context(), "a"); return err },
				"delete": func() error { return m.Delete(t.Context(), "a") },
				"list": func() error {
					for _, err := range m.List(short, "", "") {
						return err
					}
					return nil
				},
				"put": func() error {
					_, err := m.Put(short, "b", strings.NewReader("x"), object.PutOptions{Size: -1})
					return err
				},
			} {
				wg.Go(func() {
					start := time.Now()
					err := do()
					if took := time.Since(start); !fault.Is(err, fault.Unavailable) || took > 6*time.Second {
						t.Errorf("%s: %v after %v", call, err, took)
					}
				})
			}
			wg.Wait()
		})
	}
}

// A server that answers wrongly once or twice is asked again, with the whole
// body, and a Put whose answer was lost is not a conflict with itself.
func TestMinIOTriesAgain(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 2<<16)
	for name, fail := range map[string]behaviour{
		"busy": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusServiceUnavailable)
		},
		"answer lost": func(w http.ResponseWriter, r *http.Request, server http.Handler) {
			server.ServeHTTP(httptest.NewRecorder(), r)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			conn.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, m, _ := through(t)
			var failed atomic.Int32
			f.behave(func(w http.ResponseWriter, r *http.Request, server http.Handler) {
				if r.Method == http.MethodPut && failed.CompareAndSwap(0, 1) {
					fail(w, r, server)
					return
				}
				server.ServeHTTP(w, r)
			})
			put, err := m.Put(t.Context(), "big", bytes.NewReader(big), object.PutOptions{Size: -1})
			if err != nil || failed.Load() != 1 {
				t.Fatalf("%v after %d failures", err, failed.Load())
			}
			rc, info, err := m.Open(t.Context(), "big")
			if err != nil || info != put {
				t.Fatalf("%+v, %v; want %+v", info, err, put)
			}
			got, err := io.ReadAll(rc)
			if err := errors.Join(err, rc.Close()); err != nil || !bytes.Equal(got, big) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
		})
	}
}

// A body that breaks off is an error to its reader, never a shorter file.
func TestMinIOBodyBreaksOff(t *testing.T) {
	f, m, _ := through(t)
	if _, err := m.Put(t.Context(), "a", strings.NewReader(strings.Repeat("x", 1<<20)), object.PutOptions{Size: -1}); err != nil {
		t.Fatal(err)
	}
	f.behave(func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		rec := httptest.NewRecorder()
		server.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		_, _ = w.Write(rec.Body.Bytes()[:1000])
	})
	rc, _, err := m.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, rc)
	if err == nil {
		t.Errorf("took %d bytes for the whole", n)
	}
	if err := rc.Close(); err != nil {
		t.Error(err)
	}
}

// An upload that fails never reaches the server, and its spool file is gone.
func TestMinIOKeepsABrokenUploadToItself(t *testing.T) {
	f, m, c := through(t)
	var puts atomic.Int32
	f.behave(func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		puts.Add(1)
		server.ServeHTTP(w, r)
	})
	half := io.MultiReader(bytes.NewReader(make([]byte, 3<<20)), iotest.ErrReader(errors.New("cut")))
	if _, err := m.Put(t.Context(), "a", half, object.PutOptions{Size: -1}); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
	if puts.Load() != 0 {
		t.Error("the server heard of it")
	}
	if left, err := os.ReadDir(c.Spool); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
