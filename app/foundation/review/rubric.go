package review

import (
	"cmp"
	"fmt"
	"slices"

	"gongji/app/foundation/call"
)

// Score is in hundredths of a point: 8650 is 86.50.
type Score int64

// String is the score with two places.
func (s Score) String() string { return fmt.Sprintf("%d.%02d", s/100, s%100) }

// TotalOf weighs the scores of a rubric whose weights add up to 100. A score
// is a whole 0–100 and a weight a whole percent, so the total in hundredths is
// exact; nothing is rounded. ok is false where a score is missing or out of
// range.
func TotalOf(r call.Round, scores []*int64) (total Score, ok bool) {
	if len(scores) != len(r.Criteria) {
		return 0, false
	}
	for i, k := range r.Criteria {
		if scores[i] == nil || *scores[i] < 0 || *scores[i] > 100 {
			return 0, false
		}
		total += Score(*scores[i] * k.Share())
	}
	return total, true
}

// Mean is the mean of totals, rounded half up to a hundredth of a point; 0 of
// none. Order by Compare, which does not round.
func Mean(totals []Score) Score {
	n := Score(len(totals))
	if n == 0 {
		return 0
	}
	return (2*sum(totals) + n) / (2 * n)
}

// Spread is how far the highest is above the lowest.
func Spread(totals []Score) Score {
	if len(totals) == 0 {
		return 0
	}
	return slices.Max(totals) - slices.Min(totals)
}

// Compare orders two applications by their exact means: negative where a is
// lower.
func Compare(a, b []Score) int {
	return cmp.Compare(sum(a)*Score(max(1, len(b))), sum(b)*Score(max(1, len(a))))
}

func sum(totals []Score) (s Score) {
	for _, t := range totals {
		s += t
	}
	return s
}
