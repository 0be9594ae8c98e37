package search

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db/dbtest"
)

var start = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"ＧＪ采〔2026〕0001号": "gj采 2026 0001号",
		"  养老（试点）服务 ":    "养老 试点 服务",
		"𠮷田':;--%_!":     "𠮷田",
		"":               "",
	} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q", in, got)
		}
	}
}

func TestTitlesFirstThenNewest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		ctx := t.Context()
		put := func(name string, day int, texts ...string) {
			t.Helper()
			if err := Put(ctx, d, Entry{Tender, id.ID(name), start.AddDate(0, 0, day), texts}); err != nil {
				t.Fatal(err)
			}
		}
		put("A", 0, "社区养老服务", "青山区民政局", "")
		put("B", 9, "儿童关爱服务", "养老服务中心", "")
		put("C", 5, "居家养老上门", "青山区民政局", "")
		put("D", 7, "养护服务与老人", "青山区民政局", "")
		put("E", 8, "社工站", "红花区民政局", "养老服务 湖北省")
		for query, want := range map[string]string{
			"养老": "C A B E", "居家养老": "C", "养老 青山": "C A", "养": "D C A", "养 老": "D C A", "民政": "E D C A",
			"不在": "", "' OR 1=1 --": "", "%": "blank", " ": "blank", "服务": "B D A E", "养老服务": "A B E",
		} {
			r, err := Find(ctx, d, Tender, query, 10)
			if err != nil {
				t.Fatal(err)
			}
			if got := said(r); got != want {
				t.Errorf("%q finds %q, not %q", query, got, want)
			}
		}
		if r, _ := Find(ctx, d, Fund, "养老", 10); len(r.IDs) != 0 {
			t.Errorf("another kind finds %v", r.IDs)
		}
		if r, _ := Find(ctx, d, Tender, "养老", 2); !r.More || len(r.IDs) != 2 {
			t.Errorf("two of four: %+v", r)
		}
		put("A", 10, "社区托育服务", "青山区民政局", "")
		if r, _ := Find(ctx, d, Tender, "养老", 10); said(r) != "C B E" {
			t.Errorf("after a change of title: %v", r.IDs)
		}
		if err := Remove(ctx, d, Tender, "C"); err != nil {
			t.Fatal(err)
		}
		if r, _ := Find(ctx, d, Tender, "养老", 10); said(r) != "B E" {
			t.Errorf("after removal: %v", r.IDs)
		}
		n, err := d.NewSelect().Model((*gramRow)(nil)).Where("object_id = 'C'").Count(ctx)
		if err != nil || n != 0 {
			t.Errorf("%d postings left behind, %v", n, err)
		}
	})
}

func said(r Result) string {
	if r.Blank {
		return "blank"
	}
	s := make([]string, len(r.IDs))
	for i, x := range r.IDs {
		s[i] = string(x)
	}
	return strings.Join(s, " ")
}

// brute is what a search promises, without an index.
func brute(entries []Entry, query string) []id.ID {
	type hit struct {
		class int
		e     Entry
	}
	var hits []hit
	for _, e := range entries {
		texts := make([]string, len(e.Texts))
		for i, t := range e.Texts {
			texts[i] = fold(t)
		}
		if c := classIn(texts, wordsOf(query)); c >= 0 {
			hits = append(hits, hit{c, e})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(a.class-b.class, b.e.At.Compare(a.e.At), strings.Compare(string(a.e.ID), string(b.e.ID)))
	})
	var out []id.ID
	for _, h := range hits {
		out = append(out, h.e.ID)
	}
	return out
}

func TestEqualsBruteForce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		r := rand.New(rand.NewPCG(7, 11))
		text := func(n int) string {
			var b strings.Builder
			for range r.IntN(n) + 1 {
				b.WriteRune([]rune("养老服务社区A 1")[r.IntN(9)])
			}
			return b.String()
		}
		var entries []Entry
		for i := range 120 {
			entries = append(entries, Entry{Tender, id.ID(fmt.Sprintf("T%03d", i)), start.Add(time.Duration(r.IntN(40)) * time.Hour),
				[]string{text(8), text(5), text(12)}})
		}
		if err := Load(t.Context(), d, entries); err != nil {
			t.Fatal(err)
		}
		for range 300 {
			q, limit := text(5), 1+r.IntN(130)
			want := brute(entries, q)
			if len(wordsOf(q)) == 0 {
				continue
			}
			got, err := find(t.Context(), d, Tender, q, limit, 1+r.IntN(9), 1000)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.IDs, want[:min(limit, len(want))]) || got.More != (len(want) > limit) {
				t.Fatalf("%q limit %d: got %v more %v, want %v", q, limit, got.IDs, got.More, want)
			}
		}
	})
}
