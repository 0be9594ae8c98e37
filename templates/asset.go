package templates

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"path"
	"strings"
	"sync"
)

//go:embed all:static
var static embed.FS

// StaticPrefix is where the assets are served.
const StaticPrefix = "/static/"

// Static is the built assets: app.css, app.js, charts.js, icons.svg. It is
// empty in a clone whose front end has not been built (npm run build).
func Static() fs.FS {
	sub, err := fs.Sub(static, "static/dist")
	if err != nil {
		return static
	}
	return sub
}

// Asset is one built file, ready to be served.
type Asset struct {
	Body     []byte
	Type     string // Content-Type
	Encoding string // Content-Encoding: "", "gzip" or "br"
	ETag     string // quoted
	// Immutable says that the address carried the right fingerprint, so the
	// answer may be cached for a year.
	Immutable bool
}

type built struct {
	hash string
	typ  string
	body map[string][]byte // by encoding
}

// The assets are read and hashed once: they are embedded and cannot change.
var assets = sync.OnceValue(func() map[string]built {
	out := map[string]built{}
	dist := Static()
	entries, err := fs.ReadDir(dist, ".")
	if err != nil {
		return out
	}
	for _, e := range entries {
		name := e.Name()
		ext := path.Ext(name)
		if e.IsDir() || ext == ".gz" || ext == ".br" || strings.HasPrefix(name, ".") {
			continue
		}
		body, err := fs.ReadFile(dist, name)
		if err != nil {
			continue
		}
		sum := sha256.Sum256(body)
		b := built{hash: hex.EncodeToString(sum[:6]), typ: contentType(ext), body: map[string][]byte{"": body}}
		if gz, err := fs.ReadFile(dist, name+".gz"); err == nil {
			b.body["gzip"] = gz
		}
		if br, err := fs.ReadFile(dist, name+".br"); err == nil {
			b.body["br"] = br
		}
		out[name] = b
	}
	return out
})

func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}

// AssetPath is the address of a built file with its fingerprint in it:
// "app.css" → "/static/app.3f2a….css". A file that was not built keeps its
// plain address.
func AssetPath(name string) string {
	b, ok := assets()[name]
	if !ok {
		return StaticPrefix + name
	}
	ext := path.Ext(name)
	return StaticPrefix + strings.TrimSuffix(name, ext) + "." + b.hash + ext
}

// OpenAsset finds what to answer under StaticPrefix. name is the rest of the
// path, with or without a fingerprint; acceptEncoding is the request header.
// A fingerprint of another build is not found, so that a page never gets
// scripts it was not made for.
func OpenAsset(name, acceptEncoding string) (Asset, bool) {
	b, ok := assets()[name]
	immutable := false
	if !ok {
		ext := path.Ext(name)
		stem := strings.TrimSuffix(name, ext)
		hash := strings.TrimPrefix(path.Ext(stem), ".")
		if b, ok = assets()[strings.TrimSuffix(stem, path.Ext(stem))+ext]; !ok || b.hash != hash {
			return Asset{}, false
		}
		immutable = true
	}
	a := Asset{Type: b.typ, Immutable: immutable}
	for _, enc := range []string{"br", "gzip", ""} {
		if body, have := b.body[enc]; have && (enc == "" || accepts(acceptEncoding, enc)) {
			a.Body, a.Encoding = body, enc
			break
		}
	}
	a.ETag = `"` + b.hash + a.Encoding + `"`
	return a, true
}

// accepts reads an Accept-Encoding header; "q=0" refuses.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			q := strings.TrimSpace(params)
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
