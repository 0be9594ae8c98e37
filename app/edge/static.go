package edge

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"path"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"gongji/app/kernel/fault"
)

// static serves files of an fs.FS from memory, each read, hashed and
// compressed once. The set is ours and fixed, so it bounds itself.
type static struct {
	fs    fs.FS
	mu    sync.RWMutex
	files map[string]*asset
}

type asset struct {
	body, br, gzip []byte
	kind, tag      string
}

func newStatic(f fs.FS) (*static, error) {
	for ext, kind := range map[string]string{".woff2": "font/woff2", ".js": "text/javascript; charset=utf-8",
		".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json", ".map": "application/json"} {
		if err := mime.AddExtensionType(ext, kind); err != nil {
			return nil, err
		}
	}
	return &static{fs: f, files: map[string]*asset{}}, nil
}

func (st *static) open(name string) (*asset, error) {
	st.mu.RLock()
	a := st.files[name]
	st.mu.RUnlock()
	if a != nil {
		return a, nil
	}
	body, err := fs.ReadFile(st.fs, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	a = &asset{body: body, kind: mime.TypeByExtension(path.Ext(name)), tag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	if a.kind == "" {
		a.kind = "application/octet-stream"
	}
	if compressible(a.kind) || a.kind == "image/svg+xml" {
		a.br = fasthttp.AppendBrotliBytesLevel(nil, body, 6)
		a.gzip = fasthttp.AppendGzipBytesLevel(nil, body, 6)
	}
	st.mu.Lock()
	st.files[name] = a
	st.mu.Unlock()
	return a, nil
}

// serveStatic answers /static/<name>. A year's cache goes to a name asked for
// with a version (?v=) or with a hash in it; others are asked for again, by
// ETag, after an hour.
func (s *Server) serveStatic(r *Request) (Response, error) {
	gone := fault.New(fault.NotFound, "没有找到这个文件")
	name := r.Param("*")
	if s.static.fs == nil || !fs.ValidPath(name) || name == "." || strings.Contains(name, `\`) || strings.HasPrefix(path.Base(name), ".") {
		return Response{}, gone
	}
	a, err := s.static.open(name)
	if err != nil {
		var pe *fs.PathError
		if errors.Is(err, fs.ErrNotExist) || errors.As(err, &pe) { // a directory is a PathError too
			return Response{}, gone
		}
		return Response{}, err
	}
	p := Bytes(200, a.kind, a.body).Header(fiber.HeaderETag, a.tag)
	if r.Query("v") != "" || hashed(name) {
		p = p.Header(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		p = p.Header(fiber.HeaderCacheControl, "public, max-age=3600")
	}
	if etagMatches(r.c.Get(fiber.HeaderIfNoneMatch), a.tag) {
		p.body, p.kind = nil, ""
		return p.Status(fiber.StatusNotModified), nil
	}
	if a.br != nil {
		p = p.Header(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
		switch encoding(r.c.Get(fiber.HeaderAcceptEncoding)) {
		case "br":
			p = p.Header(fiber.HeaderContentEncoding, "br")
			p.body = a.br
		case "gzip":
			p = p.Header(fiber.HeaderContentEncoding, "gzip")
			p.body = a.gzip
		}
	}
	p.baked = true
	return p, nil
}

// hashed reports whether a name holds a hash, as bundlers write them:
// app.5f3a9c1e.css, app-5F3A9C1E.js.
func hashed(name string) bool {
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	i := strings.LastIndexAny(base, ".-")
	if i < 0 || len(base)-i-1 < 8 {
		return false
	}
	digits := false
	for _, c := range base[i+1:] {
		switch {
		case c >= '0' && c <= '9':
			digits = true
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		default:
			return false
		}
	}
	return digits
}
