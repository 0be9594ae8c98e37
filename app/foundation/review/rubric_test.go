package review

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"gongji/app/foundation/call"
)

// The arithmetic of a rubric is exact: a total is the weighted sum itself, a
// mean is the true mean rounded half up to a hundredth, and the order is that
// of the true means.
func TestRubricArithmetic(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		rubric, weights := rubricOf(r)
		means, sheets := []*big.Rat{}, [][]Score{}
		for range 1 + r.IntN(3) {
			var totals []Score
			exact := new(big.Rat)
			n := 1 + r.IntN(7)
			for range n {
				scores := make([]*int64, len(weights))
				want := new(big.Rat)
				for i, w := range weights {
					v := r.Int64N(101)
					scores[i] = &v
					want.Add(want, new(big.Rat).Mul(big.NewRat(v, 1), big.NewRat(w, 100)))
				}
				got, ok := TotalOf(rubric, scores)
				if !ok || big.NewRat(int64(got), 100).Cmp(want) != 0 || got < 0 || got > 10000 {
					t.Fatalf("total %s, want %s", got, want)
				}
				totals, exact = append(totals, got), exact.Add(exact, want)
			}
			exact.Quo(exact, big.NewRat(int64(n), 1))
			mean := Mean(totals)
			if d := new(big.Rat).Sub(big.NewRat(int64(mean), 100), exact); d.Cmp(big.NewRat(1, 200)) > 0 || d.Cmp(big.NewRat(-1, 200)) <= 0 {
				t.Fatalf("the mean of %v is shown as %s", totals, mean)
			}
			if mean < slices.Min(totals) || mean > slices.Max(totals) || Spread(totals) != slices.Max(totals)-slices.Min(totals) {
				t.Fatalf("mean %s and spread %s of %v", mean, Spread(totals), totals)
			}
			r.Shuffle(n, func(i, j int) { totals[i], totals[j] = totals[j], totals[i] })
			if Mean(totals) != mean {
				t.Fatal("the order of reviewers changes the mean")
			}
			means, sheets = append(means, exact), append(sheets, totals)
		}
		for i := range sheets {
			for j := range sheets {
				if Compare(sheets[i], sheets[j]) != means[i].Cmp(means[j]) {
					t.Fatalf("%v and %v are not ordered by their means", sheets[i], sheets[j])
				}
			}
		}
	}
}

func rubricOf(r *rand.Rand) (call.Round, []int64) {
	var out call.Round
	var weights []int64
	for left := int64(100); left > 0; {
		w := min(left, 1+r.Int64N(60))
		weights, left = append(weights, w), left-w
		out.Criteria = append(out.Criteria, call.Criterion{Name: "项", Weight: strconv.FormatInt(w, 10)})
	}
	return out, weights
}

func TestASheetWithAGapHasNoTotal(t *testing.T) {
	round := call.Round{Criteria: []call.Criterion{{Weight: "60"}, {Weight: "40"}}}
	v, over := int64(50), int64(101)
	for _, scores := range [][]*int64{{&v}, {&v, nil}, {&v, &over}, {}} {
		if got, ok := TotalOf(round, scores); ok {
			t.Errorf("%v gives %s", scores, got)
		}
	}
	if Mean(nil) != 0 || Score(8650).String() != "86.50" || Mean([]Score{1, 2}) != 2 {
		t.Error("means and words")
	}
}
