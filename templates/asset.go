package templates

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed all:static
var embedded embed.FS

// StaticPrefix is where the assets are served.
const StaticPrefix = "/static/"

// Static is the built assets: app.css, app.js, charts.js, icons.svg,
// favicon.svg, each also under its fingerprinted name. It is empty in a clone
// whose front end has not been built (npm run build).
func Static() fs.FS { return static{dist()} }

func dist() fs.FS {
	sub, err := fs.Sub(embedded, "static/dist")
	if err != nil {
		return embedded
	}
	return sub
}

// The assets are hashed once: they are embedded and cannot change.
var fingerprints = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	entries, err := fs.ReadDir(dist(), ".")
	if err != nil {
		return out
	}
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if body, err := fs.ReadFile(dist(), e.Name()); err == nil {
			sum := sha256.Sum256(body)
			out[e.Name()] = hex.EncodeToString(sum[:8])
		}
	}
	return out
})

// AssetPath is the address of a built file with its fingerprint in it:
// "app.css" → "/static/app.3f2a….css", so that it can be cached for ever. A
// file that was not built keeps its plain address.
func AssetPath(name string) string {
	hash, ok := fingerprints()[name]
	if !ok {
		return StaticPrefix + name
	}
	ext := path.Ext(name)
	return StaticPrefix + strings.TrimSuffix(name, ext) + "." + hash + ext
}

// static opens a file by its own or its fingerprinted name. A fingerprint of
// another build is not found, so that no page gets scripts it was not made
// for, kept for a year.
type static struct{ fs.FS }

func (s static) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	hash := path.Ext(stem)
	plain := strings.TrimSuffix(stem, hash) + ext
	if want, ok := fingerprints()[plain]; !ok || hash != "."+want {
		return nil, err
	}
	return s.FS.Open(plain)
}
