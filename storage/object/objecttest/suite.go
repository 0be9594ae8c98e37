package objecttest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"gongji/app/kernel/fault"
	"gongji/storage/object"
)

// Run is what object.Store promises, as tests. open gives an empty store.
func Run(t *testing.T, open func(testing.TB) object.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, object.Store)
	}{
		{"round trip", roundTrip},
		{"sizes", sizes},
		{"missing key", missingKey},
		{"write once", writeOnce},
		{"key below a key", keyBelowKey},
		{"limit", limit},
		{"broken upload", brokenUpload},
		{"cancel", cancelled},
		{"hostile keys", hostileKeys},
		{"content type", contentType},
		{"ranges", ranges},
		{"delete", deletes},
		{"list", list},
		{"concurrent puts", concurrentPuts},
		{"large object", large},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func roundTrip(t *testing.T, s object.Store) {
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	body := []byte("共济 𠮷䶮𬭎\x00\xff\r\n")
	want := object.Info{Size: int64(len(body)), SHA256: sum(body), ContentType: "application/pdf"}
	put, err := s.Put(t.Context(), "receipt/2026/a_b-c.pdf", bytes.NewReader(body), object.PutOptions{Size: -1, ContentType: "application/pdf"})
	if err != nil || put != want {
		t.Fatalf("put: %+v, %v; want %+v", put, err, want)
	}
	stat, err := s.Stat(t.Context(), "receipt/2026/a_b-c.pdf")
	if err != nil || stat != want {
		t.Fatalf("stat: %+v, %v; want %+v", stat, err, want)
	}
	rc, info, err := s.Open(t.Context(), "receipt/2026/a_b-c.pdf")
	if err != nil || info != want {
		t.Fatalf("open: %+v, %v; want %+v", info, err, want)
	}
	if got := readAll(t, rc); !bytes.Equal(got, body) {
		t.Fatalf("read %q; want %q", got, body)
	}
}

// sizes looks around the edges of what a store holds in memory.
func sizes(t *testing.T, s object.Store) {
	for _, n := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 6 << 20} {
		for _, declared := range []int64{-1, int64(n)} {
			key := fmt.Sprintf("size/%d.%v", n, declared < 0)
			body := bytes.Repeat([]byte{'x'}, n)
			// A reader that gives little at a time, as a network does.
			r := iotest.HalfReader(bytes.NewReader(body))
			put, err := s.Put(t.Context(), key, r, object.PutOptions{Size: declared})
			if err != nil || put.Size != int64(n) || put.SHA256 != sum(body) {
				t.Fatalf("%s: put %+v, %v", key, put, err)
			}
			rc, info, err := s.Open(t.Context(), key)
			if err != nil || info != put {
				t.Fatalf("%s: open %+v, %v; want %+v", key, info, err, put)
			}
			if got := readAll(t, rc); !bytes.Equal(got, body) {
				t.Fatalf("%s: read %d other bytes", key, len(got))
			}
		}
	}
}

func missingKey(t *testing.T, s object.Store) {
	_, _, openErr := s.Open(t.Context(), "no/such")
	_, _, rangeErr := s.OpenRange(t.Context(), "no/such", 0, 1)
	_, _, badRangeErr := s.OpenRange(t.Context(), "no/such", -1, 1)
	_, statErr := s.Stat(t.Context(), "no/such")
	for name, err := range map[string]error{"open": openErr, "range": rangeErr, "bad range": badRangeErr, "stat": statErr} {
		wantKind(t, name, err, fault.NotFound)
	}
	put(t, s, "no/such/but-below", "x")
	_, err := s.Stat(t.Context(), "no/such")
	wantKind(t, "a prefix is no object", err, fault.NotFound)
}

func writeOnce(t *testing.T, s object.Store) {
	first := put(t, s, "once", "first")
	again, err := s.Put(t.Context(), "once", strings.NewReader("first"), object.PutOptions{Size: 5, ContentType: "text/plain"})
	if err != nil || again != first {
		t.Fatalf("the same bytes again: %+v, %v; want %+v", again, err, first)
	}
	for _, other := range []string{"other", "fi", ""} {
		_, err := s.Put(t.Context(), "once", strings.NewReader(other), object.PutOptions{Size: -1})
		wantKind(t, "put "+other, err, fault.Conflict)
	}
	wantContent(t, s, "once", "first")
}

// keyBelowKey: a store either keeps both or refuses the second; it never loses
// the first, nor says that it kept what it did not.
func keyBelowKey(t *testing.T, s object.Store) {
	for _, c := range [][2]string{{"down", "down/below"}, {"up/below", "up"}} {
		put(t, s, c[0], "first")
		_, err := s.Put(t.Context(), c[1], strings.NewReader("second"), object.PutOptions{Size: -1})
		if err == nil {
			wantContent(t, s, c[1], "second")
		} else {
			wantKind(t, c[1], err, fault.Conflict)
			wantAbsent(t, s, c[1])
		}
		wantContent(t, s, c[0], "first")
	}
}

func hostileKeys(t *testing.T, s object.Store) {
	for _, key := range []string{
		"", "/", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "a/./b", ".", ".hidden", "a/.hidden",
		"a//b", "a/", "a\\b", "..\\x", "c:x", "A", "é", "文件", "a b", "a\x00b", "a\nb", "a%2fb", "a?b", "a#b",
		"a*b", "~", "$HOME", strings.Repeat("a", 201), strings.Repeat("a/", 300) + "a",
	} {
		_, putErr := s.Put(t.Context(), key, strings.NewReader("x"), object.PutOptions{Size: -1})
		_, _, openErr := s.Open(t.Context(), key)
		_, _, rangeErr := s.OpenRange(t.Context(), key, 0, 1)
		_, statErr := s.Stat(t.Context(), key)
		for name, err := range map[string]error{
			"put": putErr, "open": openErr, "range": rangeErr, "stat": statErr, "delete": s.Delete(t.Context(), key),
		} {
			wantKind(t, fmt.Sprintf("%s %.40q", name, key), err, fault.Invalid)
		}
	}
	for _, prefix := range []string{"../", "/", "a//", "A", "文"} {
		_, err := keys(t, s, prefix, "")
		wantKind(t, "list "+prefix, err, fault.Invalid)
	}
	for _, key := range []string{"a", "a..b", "a.", "0-9_z.pdf", strings.Repeat("a", 200)} {
		put(t, s, "fine/"+key, "x")
		wantContent(t, s, "fine/"+key, "x")
	}
}

func contentType(t *testing.T, s object.Store) {
	for i, c := range []struct{ in, want string }{
		{"", "application/octet-stream"},
		{"text/plain; charset=utf-8", "text/plain; charset=utf-8"},
		{"Image/PNG", "image/png"},
	} {
		key := fmt.Sprintf("type/%d.pdf", i)
		if _, err := s.Put(t.Context(), key, strings.NewReader("x"), object.PutOptions{Size: 1, ContentType: c.in}); err != nil {
			t.Fatal(err)
		}
		info, err := s.Stat(t.Context(), key)
		if err != nil || info.ContentType != c.want {
			t.Errorf("%q came back as %q, %v; want %q", c.in, info.ContentType, err, c.want)
		}
	}
	for _, bad := range []string{"text/html\r\nSet-Cookie: a=b", "/", "a b c", "文本"} {
		_, err := s.Put(t.Context(), "type/bad", strings.NewReader("x"), object.PutOptions{Size: 1, ContentType: bad})
		wantKind(t, bad, err, fault.Invalid)
		wantAbsent(t, s, "type/bad")
	}
}

func ranges(t *testing.T, s object.Store) {
	whole := put(t, s, "range", "0123456789")
	put(t, s, "empty", "")
	for _, c := range []struct {
		key            string
		offset, length int64
		want           string
		kind           fault.Kind
	}{
		{"range", 0, 10, "0123456789", 0},
		{"range", 0, -1, "0123456789", 0},
		{"range", 3, 4, "3456", 0},
		{"range", 9, 1, "9", 0},
		{"range", 7, 100, "789", 0},
		{"range", 7, -1, "789", 0},
		{"range", 7, 1<<63 - 1, "789", 0},
		{"range", 10, 1, "", fault.Invalid},
		{"range", 10, -1, "", fault.Invalid},
		{"range", -1, 1, "", fault.Invalid},
		{"range", 0, 0, "", fault.Invalid},
		{"empty", 0, -1, "", fault.Invalid},
	} {
		rc, info, err := s.OpenRange(t.Context(), c.key, c.offset, c.length)
		name := fmt.Sprintf("%s from %d for %d", c.key, c.offset, c.length)
		if c.kind != 0 {
			wantKind(t, name, err, c.kind)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := string(readAll(t, rc)); got != c.want || info != whole {
			t.Errorf("%s: %q of %+v; want %q of %+v", name, got, info, c.want, whole)
		}
	}
}

func deletes(t *testing.T, s object.Store) {
	put(t, s, "gone/a", "first")
	put(t, s, "gone/b", "kept")
	for range 2 {
		if err := s.Delete(t.Context(), "gone/a"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	wantAbsent(t, s, "gone/a")
	wantContent(t, s, "gone/b", "kept")
	again := put(t, s, "gone/a", "again")
	if stat, err := s.Stat(t.Context(), "gone/a"); err != nil || stat != again {
		t.Fatalf("after a second life: %+v, %v; want %+v", stat, err, again)
	}
}

func list(t *testing.T, s object.Store) {
	// In byte order, and made in another: '-' and '.' sort before '/'.
	all := []string{"a-b", "a.b", "a/b", "a/c-d/e", "a/c.d", "a/c/e", "a/c/f", "a0", "b"}
	for i := range all {
		put(t, s, all[(i*5)%len(all)], "x")
	}
	for _, prefix := range []string{"", "a", "a/", "a/c", "a/c/", "a/c/e", "b", "none", "none/"} {
		for _, after := range append([]string{"", "a", "a/", "a/c", "zz"}, all...) {
			var want []string
			for _, k := range all {
				if strings.HasPrefix(k, prefix) && k > after {
					want = append(want, k)
				}
			}
			got, err := keys(t, s, prefix, after)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("prefix %q after %q: %q, %v; want %q", prefix, after, got, err, want)
			}
		}
	}
	for e, err := range s.List(t.Context(), "a/c/", "") {
		if err != nil || e.Size != 1 || e.Stored.IsZero() {
			t.Errorf("%+v, %v", e, err)
		}
		break // leaving early must not hang or panic
	}
}

// concurrentPuts: of many that put different bytes under one key exactly one
// wins, and of many that put the same bytes nobody is told of a conflict.
func concurrentPuts(t *testing.T, s object.Store) {
	const n = 12
	race := func(key string, body func(i int) string) (won []string, kinds []fault.Kind) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				_, err := s.Put(t.Context(), key, strings.NewReader(body(i)), object.PutOptions{Size: -1})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won = append(won, body(i))
				} else {
					kinds = append(kinds, fault.KindOf(err))
				}
			})
		}
		wg.Wait()
		return won, kinds
	}
	for round := range 5 {
		key := fmt.Sprintf("race/%d/different", round)
		won, kinds := race(key, func(i int) string { return fmt.Sprintf("body %d", i) })
		if len(won) != 1 {
			t.Fatalf("%s: %d won", key, len(won))
		}
		for _, k := range kinds {
			if k != fault.Conflict {
				t.Errorf("%s: a loser got kind %v", key, k)
			}
		}
		wantContent(t, s, key, won[0])

		key = fmt.Sprintf("race/%d/same", round)
		if won, kinds := race(key, func(int) string { return "same" }); len(won) != n {
			t.Errorf("%s: kinds %v", key, kinds)
		}
	}
}
