package reconciliation

import (
	"testing"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/clock"
)

func on(s string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, s, clock.Beijing)
	if err != nil {
		panic(err)
	}
	return t
}

// Every week of a term belongs to exactly one month of it.
func TestEveryWeekBelongsToOneMonth(t *testing.T) {
	for _, term := range [][2]string{{"2026-06-01", "2026-07-01"}, {"2026-06-29", "2026-09-30"}, {"2026-01-31", "2026-02-01"}, {"2026-02-28", "2027-02-27"}, {"2026-06-03", "2026-06-03"}} {
		e := engagement.Engagement{Start: on(term[0]), End: on(term[1]), State: engagement.Running}
		now := on(term[1]).AddDate(0, 0, 1)
		seen, weeks := map[int64]int{}, 0
		for _, m := range monthsOf(e, now) {
			for _, w := range weeksOf(e, m) {
				seen[w.Unix()]++
			}
		}
		for d := on(term[0]); !d.After(on(term[1])); d = d.AddDate(0, 0, 1) {
			monday := d.AddDate(0, 0, -(int(d.Weekday())+6)%7)
			if seen[monday.Unix()] != 1 {
				t.Errorf("%v: the week of %s is in %d months", term, monday.Format(time.DateOnly), seen[monday.Unix()])
			}
			weeks++
		}
		if weeks == 0 {
			t.Error(term)
		}
	}
}

func TestAMonthIsReconciledWhenItIsOver(t *testing.T) {
	e := engagement.Engagement{Start: on("2026-06-15"), End: on("2026-08-10"), State: engagement.Running}
	for now, want := range map[string]int{"2026-06-30": 0, "2026-07-01": 1, "2026-08-01": 2, "2026-08-10": 2, "2026-08-11": 3, "2027-01-01": 3} {
		if got := monthsOf(e, on(now)); len(got) != want {
			t.Errorf("on %s %d months; want %d", now, len(got), want)
		}
	}
	closed := on("2026-07-05")
	e.State, e.ClosedAt = engagement.Closed, &closed
	if got := monthsOf(e, on("2026-07-06")); len(got) != 2 {
		t.Errorf("ended early: %v", got)
	}
}
