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

// files are the built assets with their fingerprints. They are hashed once:
// what is embedded cannot change.
var files = sync.OnceValue(func() assets {
	sub, err := fs.Sub(embedded, "static/dist")
	if err != nil {
		return assets{FS: embedded}
	}
	return newAssets(sub)
})

// Static is the built assets: app.css, app.js, charts.js, seal.js, icons.svg,
// favicon.svg, each also under its fingerprinted name. It is empty in a clone
// whose front end has not been built (npm run build).
func Static() fs.FS { return files() }

// AssetPath is the address of a built file with its fingerprint in it:
// "app.css" → "/static/app.3f2a….css", so that it can be cached for ever. A
// file that was not built keeps its plain address.
func AssetPath(name string) string { return StaticPrefix + files().fingerprinted(name) }

type assets struct {
	fs.FS
	hash map[string]string
}

func newAssets(fsys fs.FS) assets {
	a := assets{FS: fsys, hash: map[string]string{}}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return a
	}
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if body, err := fs.ReadFile(fsys, e.Name()); err == nil {
			sum := sha256.Sum256(body)
			a.hash[e.Name()] = hex.EncodeToString(sum[:8])
		}
	}
	return a
}

func (a assets) fingerprinted(name string) string {
	hash, ok := a.hash[name]
	if !ok {
		return name
	}
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hash + ext
}

// Open opens a file by its own or its fingerprinted name. A fingerprint of
// another build is not found, so that no page gets scripts it was not made
// for, kept for a year.
func (a assets) Open(name string) (fs.File, error) {
	f, err := a.FS.Open(name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	plain := strings.TrimSuffix(stem, path.Ext(stem)) + ext
	if _, ok := a.hash[plain]; !ok || a.fingerprinted(plain) != name {
		return nil, err
	}
	return a.FS.Open(plain)
}
