package object_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"gongji/app/kernel/fault"
	"gongji/storage/object"
)

func openDir(t *testing.T, dir string) *object.Dir {
	t.Helper()
	d, err := object.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// An operator finds plain files, and nothing of uploads that failed.
func TestDirLayout(t *testing.T) {
	dir := t.TempDir()
	d := openDir(t, dir)
	if _, err := d.Put(t.Context(), "bid/1/proposal.pdf", strings.NewReader("%PDF"), object.PutOptions{Size: -1}); err != nil {
		t.Fatal(err)
	}
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("cut")))
	if _, err := d.Put(t.Context(), "bid/1/broken.pdf", broken, object.PutOptions{Size: -1}); err == nil {
		t.Fatal("a broken upload was kept")
	}
	if _, err := d.Put(t.Context(), "bid/1/proposal.pdf", strings.NewReader("other"), object.PutOptions{Size: -1}); err == nil {
		t.Fatal("an object was replaced")
	}
	if b, err := os.ReadFile(filepath.Join(dir, "objects/bid/1/proposal.pdf")); err != nil || string(b) != "%PDF" {
		t.Errorf("%q, %v", b, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "incoming")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if st, err := os.Stat(filepath.Join(dir, "objects/bid/1/proposal.pdf")); err != nil || st.Mode().Perm()&0o077 != 0 {
		t.Errorf("others on the machine can read it: %v, %v", st.Mode(), err)
	}
}

// What is said about an object is rebuilt after a crash or a restore, and is
// not believed when the content has changed its size.
func TestDirRebuildsWhatItSays(t *testing.T) {
	dir := t.TempDir()
	d := openDir(t, dir)
	if _, err := d.Put(t.Context(), "a/b.pdf", strings.NewReader("first"), object.PutOptions{Size: -1, ContentType: "text/plain"}); err != nil {
		t.Fatal(err)
	}
	about := filepath.Join(dir, "about/a/b.pdf.json")
	for _, c := range []struct {
		name, content string
		spoil         func() error
	}{
		{"lost", "first", func() error { return os.Remove(about) }},
		{"cut short", "first", func() error { return os.Truncate(about, 3) }},
		{"empty", "first", func() error { return os.Truncate(about, 0) }},
		{"not ours", "first", func() error { return os.WriteFile(about, []byte(`{"Size":5}`), 0o600) }},
		{"content tampered with", "second!", func() error {
			return os.WriteFile(filepath.Join(dir, "objects/a/b.pdf"), []byte("second!"), 0o600)
		}},
	} {
		if err := c.spoil(); err != nil {
			t.Fatal(err)
		}
		h := sha256.Sum256([]byte(c.content))
		want := object.Info{Size: int64(len(c.content)), SHA256: hex.EncodeToString(h[:]), ContentType: "application/pdf"}
		for range 2 {
			if got, err := d.Stat(t.Context(), "a/b.pdf"); err != nil || got != want {
				t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, want)
			}
		}
		if _, err := os.Stat(about); err != nil {
			t.Errorf("%s: not written down again: %v", c.name, err)
		}
	}
}

// A link planted in the directory does not lead out of it.
func TestDirDoesNotFollowLinksOut(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	d := openDir(t, dir)
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "objects/out")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Open(t.Context(), "out/secret"); err == nil {
		t.Error("read a file outside")
	}
	if _, err := d.Put(t.Context(), "out/new", strings.NewReader("x"), object.PutOptions{Size: -1}); err == nil {
		t.Error("wrote a file outside")
	}
	if err := d.Delete(t.Context(), "out/secret"); err == nil {
		t.Error("deleted a file outside")
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) != 1 {
		t.Errorf("outside: %v, %v", left, err)
	}
}

func TestDirSweepsAfterACrash(t *testing.T) {
	dir := t.TempDir()
	openDir(t, dir)
	old, fresh := filepath.Join(dir, "incoming/old"), filepath.Join(dir, "incoming/fresh")
	for _, f := range []string{old, fresh} {
		if err := os.WriteFile(f, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	openDir(t, dir)
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the rest of a crash is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("another process's upload was swept: %v", err)
	}
}

func TestDirThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := object.OpenDir(filepath.Join(file, "data")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	dir := t.TempDir()
	d := openDir(t, dir)
	if err := os.RemoveAll(filepath.Join(dir, "incoming")); err != nil {
		t.Fatal(err)
	}
	if err := d.Ping(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("ping without a place to write: %v", err)
	}
	if _, err := d.Put(t.Context(), "a", strings.NewReader("x"), object.PutOptions{Size: -1}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("put without a place to write: %v", err)
	}
}
