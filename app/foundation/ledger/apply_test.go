package ledger

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// FuzzApply holds the arithmetic of one posting against big integers: either
// it is refused, or every figure is exactly the mathematical one.
func FuzzApply(f *testing.F) {
	f.Add(int64(0), int64(5), int64(-5), int64(0), false)
	f.Add(int64(1<<62), int64(1<<62), int64(-1<<62), int64(-1<<62), false)
	f.Add(int64(100), int64(-101), int64(101), int64(1), true)
	f.Add(int64(-1<<63), int64(-1<<63), int64(1<<63-1), int64(1), false)
	f.Fuzz(func(t *testing.T, start, a, b, c int64, reversal bool) {
		lines := []Line{{"x", money.Fen(a)}, {"y", money.Fen(b)}}
		if c != 0 {
			lines = append(lines, Line{"x", money.Fen(c)})
		}
		if (Posting{Book: "b", Cause: Cause{"t", "1"}, Key: "k", Lines: lines}).check() != nil {
			return
		}
		if s := new(big.Int).Add(big.NewInt(a), new(big.Int).Add(big.NewInt(b), big.NewInt(c))); s.Sign() != 0 {
			t.Fatalf("lines that add up to %s were accepted", s)
		}
		tr := Transaction{ID: "t", Seq: 1, At: time.Unix(0, 0), Lines: lines}
		if reversal {
			tr.Reverses = new(id.ID)
		}
		x, y := &Account{ID: "x", Balance: money.Fen(start), FloorZero: true}, &Account{ID: "y"}
		if start >= 0 {
			x.In = x.Balance
		} else {
			x.Balance, start = 0, 0
		}
		if _, err := apply(map[id.ID]*Account{"x": x, "y": y}, tr); err != nil {
			return
		}
		want := new(big.Int).Add(big.NewInt(start), new(big.Int).Add(big.NewInt(a), big.NewInt(c)))
		if want.Cmp(big.NewInt(int64(x.Balance))) != 0 || want.Sign() < 0 {
			t.Fatalf("balance %d, should be %s", x.Balance, want)
		}
		turn := new(big.Int).Sub(big.NewInt(int64(x.In)), big.NewInt(int64(x.Out)))
		if turn.Cmp(want) != 0 {
			t.Fatalf("in %d − out %d is not %s", x.In, x.Out, want)
		}
	})
}

// Two different lists of fields must never hash alike, however they are cut.
func TestCanonicalTextIsUnambiguous(t *testing.T) {
	seen := map[string][]string{}
	for _, fields := range [][]string{
		{"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}, {"", "abc"}, {"1:a", ""}, {"1:a"}, {"a", "", "bc"}, {},
	} {
		s := canonical(fields...)
		if other, ok := seen[s]; ok {
			t.Errorf("%q and %q are written alike", fields, other)
		}
		seen[s] = fields
	}
}

func TestQuietMonthsAreFilledIn(t *testing.T) {
	got := filled([]Month{{Month: "2025-11", In: 300}, {Month: "2026-02", Out: 100}, {Month: "2026-03", In: 5, Out: 5}})
	want := []Month{{"2025-11", 300, 0, 300}, {"2025-12", 0, 0, 300}, {"2026-01", 0, 0, 300}, {"2026-02", 0, 100, 200}, {"2026-03", 5, 5, 200}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if filled(nil) != nil {
		t.Error("months out of nothing")
	}
}
