package objecttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"gongji/app/kernel/fault"
	"gongji/storage/object"
)

func limit(t *testing.T, s object.Store) {
	body := strings.Repeat("x", 3<<20)
	for _, c := range []struct {
		name     string
		limit    int64
		declared int64
		want     fault.Kind
	}{
		{"at the limit", 3 << 20, -1, fault.Unknown},
		{"at the limit, declared", 3 << 20, 3 << 20, fault.Unknown},
		{"one over", 3<<20 - 1, -1, fault.TooLarge},
		{"one over, declared", 3<<20 - 1, 3 << 20, fault.TooLarge},
		{"far over, declared small", 100, 50, fault.TooLarge},
	} {
		key := "limit/" + strings.NewReplacer(" ", "-", ",", "").Replace(c.name)
		_, err := s.Put(t.Context(), key, strings.NewReader(body), object.PutOptions{Size: c.declared, Limit: c.limit})
		if c.want == fault.Unknown {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		wantKind(t, c.name, err, c.want)
		wantAbsent(t, s, key)
	}
	_, err := s.Put(t.Context(), "limit/default", unread{t}, object.PutOptions{Size: object.DefaultLimit + 1})
	wantKind(t, "over the default limit", err, fault.TooLarge)
}

// unread fails the test when it is read: a size over the limit is refused
// before the first byte.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("read an upload that was declared too large")
	return 0, io.EOF
}

func brokenUpload(t *testing.T, s object.Store) {
	cable := errors.New("cable cut")
	outer := fault.New(fault.TooLarge, "请求太大")
	for _, n := range []int64{0, 1000, 2 << 20} {
		for name, c := range map[string]struct {
			err      error
			declared int64
			want     fault.Kind
		}{
			"error":     {cable, -1, fault.Invalid},
			"in an EOF": {fmt.Errorf("cable cut: %w", io.EOF), -1, fault.Invalid},
			"fault":     {outer, -1, fault.TooLarge},
			"too short": {nil, n + 1, fault.Invalid},
			"too long":  {nil, max(n-1, 0), fault.Invalid},
		} {
			if name == "too long" && n == 0 {
				continue
			}
			r := io.LimitReader(endless{}, n)
			if c.err != nil {
				r = io.MultiReader(r, iotest.ErrReader(c.err))
			}
			_, err := s.Put(t.Context(), "broken", r, object.PutOptions{Size: c.declared})
			wantKind(t, fmt.Sprintf("%s after %d", name, n), err, c.want)
			if c.err != nil && !errors.Is(err, c.err) {
				t.Errorf("%s after %d: %v hides its cause", name, n, err)
			}
			wantAbsent(t, s, "broken")
		}
	}
	put(t, s, "broken", "mended")
	wantContent(t, s, "broken", "mended")
}

func cancelled(t *testing.T, s object.Store) {
	for _, after := range []int64{0, 1000, 2 << 20} {
		ctx, cancel := context.WithCancel(t.Context())
		r := io.MultiReader(io.LimitReader(endless{}, after), call(cancel), io.LimitReader(endless{}, 3<<20))
		_, err := s.Put(ctx, "cancelled", r, object.PutOptions{Size: -1})
		wantKind(t, fmt.Sprintf("cancelled after %d", after), err, fault.Unavailable)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled after %d: %v hides its cause", after, err)
		}
		wantAbsent(t, s, "cancelled")
	}
	put(t, s, "kept", "x")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, openErr := s.Open(gone, "kept")
	_, statErr := s.Stat(gone, "kept")
	var listErr error
	for _, err := range s.List(gone, "", "") {
		listErr = err
	}
	for name, err := range map[string]error{
		"open": openErr, "stat": statErr, "list": listErr, "delete": s.Delete(gone, "kept"), "ping": s.Ping(gone),
	} {
		wantKind(t, name, err, fault.Unavailable)
	}
	wantContent(t, s, "kept", "x")
}

// call is an empty reader that does something when its turn comes.
type call func()

func (c call) Read([]byte) (int, error) {
	c()
	return 0, io.EOF
}
