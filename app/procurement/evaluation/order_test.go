package evaluation

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
)

// key is what decides a place, best first, all of it larger-is-better.
func key(method string, l Line) [4]int64 {
	k := [4]int64{1, l.Total, -int64(l.Amount), 0}
	if l.Rank == 0 {
		return [4]int64{}
	}
	if method == rules.MethodConsultation {
		k[3] = l.Technical
	}
	return k
}

// The ranking is a total order: of any two bids one stands before the other or
// they are tied, as their keys compare and nothing else; so a chain of places
// never turns round (87号令57, 214号25).
func TestTheRankingIsATotalOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 7))
	tied := 0
	for i := range 4000 {
		tb := table([]string{rules.MethodOpen, rules.MethodConsultation}[i%2])
		if i%5 == 0 {
			tb.PriceWeight, tb.Criteria = FullMarks, nil // 最低评标价法
		}
		bids := randomBids(r)
		lines, err := Rank(tb, bids)
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) != len(bids) {
			t.Fatalf("%d bids, %d lines", len(bids), len(lines))
		}
		for x, a := range lines {
			for y, b := range lines {
				ka, kb := key(tb.Method, a), key(tb.Method, b)
				better := slices.Compare(ka[:], kb[:])
				switch {
				case a.Rank == 0 && b.Rank == 0:
				case a.Rank == 0:
					if x < y {
						t.Fatalf("one that does not conform stands before %+v", b)
					}
				case b.Rank != 0 && (better > 0) != (a.Rank < b.Rank), b.Rank != 0 && (better == 0) != (a.Rank == b.Rank):
					t.Fatalf("%v: rank %d and %d\n%+v\n%+v", better, a.Rank, b.Rank, a, b)
				case x != y && better == 0 && (!a.Tied || !b.Tied):
					t.Fatalf("equals are not said to be tied: %+v %+v", a, b)
				}
			}
			share := slices.ContainsFunc(lines, func(b Line) bool { return b.Bid != a.Bid && b.Rank == a.Rank && a.Rank != 0 })
			if a.Tied != share {
				t.Fatalf("tied with nobody, or silently: %+v", a)
			}
			if a.Tied {
				tied++
			}
			if ahead := count(lines, func(b Line) bool { return b.Rank != 0 && b.Rank < a.Rank }); a.Rank != 0 && a.Rank != ahead+1 {
				t.Fatalf("rank %d with %d ahead", a.Rank, ahead)
			}
		}
	}
	if tied < 100 {
		t.Errorf("only %d ties were made", tied)
	}
}

func count(lines []Line, is func(Line) bool) int {
	n := 0
	for _, l := range lines {
		if is(l) {
			n++
		}
	}
	return n
}

// A price score is the exact quotient rounded once, half up: no sum of money
// is too large for it, and a dearer bid never has more.
func TestAPriceScoreIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		own := money.Fen(1 + r.Int64N(int64(money.Max)))
		if r.IntN(2) == 0 {
			own = money.Fen(1 + r.Int64N(1000)) // where halves occur
		}
		lowest, weight := money.Fen(r.Int64N(int64(own)+1)), r.Int64N(FullMarks+1)
		got := priceScore(lowest, own, weight)
		// floor((2·lowest·weight + own) ÷ (2·own)), worked out another way.
		n := new(big.Int).Mul(big.NewInt(2*weight), big.NewInt(int64(lowest)))
		n.Add(n, big.NewInt(int64(own)))
		want := n.Div(n, new(big.Int).Mul(big.NewInt(2), big.NewInt(int64(own)))).Int64()
		if got != want {
			t.Fatalf("%d of %d with %d: %d, want %d", lowest, own, weight, got, want)
		}
		if own > lowest && own < money.Max && priceScore(lowest, own+1, weight) > got {
			t.Fatalf("the dearer has more: %d of %d", lowest, own+1)
		}
	}
}

// A mean lies between the lowest and the highest score, and more for one
// expert is never less for the bid: nothing is trimmed (87号令55).
func TestAMeanTrimsNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		scores := make([]int64, 1+r.IntN(9))
		for i := range scores {
			scores[i] = r.Int64N(50_01)
		}
		was := mean(scores)
		if was < slices.Min(scores) || was > slices.Max(scores) {
			t.Fatalf("mean of %v is %d", scores, was)
		}
		at := r.IntN(len(scores))
		scores[at] += int64(len(scores)) // one whole hundredth of the mean
		if now := mean(scores); now != was+1 {
			t.Fatalf("%v: %d became %d", scores, was, now)
		}
	}
}

// Marks point at whoever stands out, not at those they stand out from.
func TestOutliers(t *testing.T) {
	for _, c := range []struct {
		scores []int64
		want   string
	}{
		{[]int64{0, 40_00, 40_00}, "[true false false]"},
		{[]int64{10_00, 40_00, 40_00, 40_00, 42_00}, "[true false false false false]"},
		{[]int64{28_00, 40_00, 40_00}, "[true false false]"},
		{[]int64{28_01, 40_00, 40_00}, "[false false false]"},
		{[]int64{0, 40_00}, "[false false]"},
		{[]int64{10_00}, "[false]"},
		{[]int64{0, 20_00, 40_00}, "[true false true]"},
	} {
		if got := fmt.Sprint(outliers(c.scores, 40_00)); got != c.want {
			t.Errorf("%v: %s", c.scores, got)
		}
	}
}

// However the panel's members are listed, the ranking is the same.
func TestTheOrderOfExpertsDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for range 500 {
		bids := randomBids(r)
		first, err := Rank(table(rules.MethodOpen), bids)
		if err != nil {
			t.Fatal(err)
		}
		for i := range bids {
			for _, s := range bids[i].Scores {
				r.Shuffle(len(s), func(a, b int) { s[a], s[b] = s[b], s[a] })
			}
		}
		again, err := Rank(table(rules.MethodOpen), bids)
		if err != nil || order(first) != order(again) {
			t.Fatalf("%s, %s, %v", order(first), order(again), err)
		}
	}
}
