package templates

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
)

func TestAssetsByFingerprint(t *testing.T) {
	one := newAssets(fstest.MapFS{"app.css": {Data: []byte("a{}")}, ".gitkeep": {}})
	two := newAssets(fstest.MapFS{"app.css": {Data: []byte("b{}")}})
	name := one.fingerprinted("app.css")
	if name == "app.css" || name == two.fingerprinted("app.css") {
		t.Fatalf("fingerprint %q does not follow the content", name)
	}
	for _, n := range []string{"app.css", name} {
		if b, err := fs.ReadFile(one, n); err != nil || string(b) != "a{}" {
			t.Errorf("%s: %q, %v", n, b, err)
		}
	}
	for _, n := range []string{two.fingerprinted("app.css"), "app.0000.css", "none.css", "app..css", ".css", "app.css.gz"} {
		if _, err := one.Open(n); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v, want not found", n, err)
		}
	}
	if got := one.fingerprinted("missing.js"); got != "missing.js" {
		t.Errorf("a file that was not built became %q", got)
	}
}
