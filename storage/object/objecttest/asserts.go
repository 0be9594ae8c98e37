package objecttest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"gongji/app/kernel/fault"
	"gongji/storage/object"
)

func put(t *testing.T, s object.Store, key, body string) object.Info {
	t.Helper()
	info, err := s.Put(t.Context(), key, strings.NewReader(body), object.PutOptions{Size: int64(len(body)), ContentType: "text/plain"})
	if err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
	return info
}

func keys(t *testing.T, s object.Store, prefix, after string) (keys []string, err error) {
	t.Helper()
	for e, err := range s.List(t.Context(), prefix, after) {
		if err != nil {
			return keys, err
		}
		keys = append(keys, e.Key)
	}
	return keys, nil
}

func readAll(t *testing.T, rc io.ReadCloser) []byte {
	t.Helper()
	b, err := io.ReadAll(rc)
	if err := errors.Join(err, rc.Close()); err != nil {
		t.Fatal(err)
	}
	return b
}

func wantContent(t *testing.T, s object.Store, key, want string) {
	t.Helper()
	rc, info, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("open %s: %v", key, err)
	}
	if got := readAll(t, rc); string(got) != want || info.SHA256 != sum(got) || info.Size != int64(len(got)) {
		t.Fatalf("%s holds %.40q as %+v; want %.40q", key, got, info, want)
	}
}

// wantAbsent asks in every way there is.
func wantAbsent(t *testing.T, s object.Store, key string) {
	t.Helper()
	_, err := s.Stat(t.Context(), key)
	wantKind(t, "stat of what must not be", err, fault.NotFound)
	if got, err := keys(t, s, key, ""); err != nil || slices.Contains(got, key) {
		t.Errorf("listed: %q, %v", got, err)
	}
}

func wantKind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if !fault.Is(err, want) {
		t.Errorf("%s: got %v (kind %v); want kind %v", what, err, fault.KindOf(err), want)
	}
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// endless gives bytes without holding any.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i)
	}
	return len(p), nil
}
