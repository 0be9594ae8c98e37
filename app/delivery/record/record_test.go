package record

import (
	"testing"
	"time"

	"gongji/app/delivery/plan"
)

func TestAMilestoneCountsByTheDayItsReportCame(t *testing.T) {
	end := time.Date(2026, 6, 30, 16, 0, 0, 0, time.UTC) // 24:00 in Beijing
	day := func(d int) *time.Time { x := end.AddDate(0, 0, d); return &x }
	last := end.Add(-time.Microsecond)
	for name, c := range map[string]struct {
		reported, accepted *time.Time
		at                 time.Time
		want               Outcome
	}{
		"nothing yet, ahead":                    {nil, nil, last, Open},
		"nothing, past":                         {nil, nil, end, Late},
		"reported in time, not accepted":        {&last, nil, end.AddDate(0, 1, 0), Open},
		"reported in the last moment":           {&last, day(10), *day(11), OnTime},
		"reported as the day is over":           {&end, day(10), *day(11), Late},
		"accepted, but after the cut-off":       {day(-3), day(10), *day(5), Open},
		"reported after the cut-off":            {day(8), day(10), *day(5), Late},
		"reported ahead, accepted the same day": {day(-9), day(-9), last, OnTime},
	} {
		if got := outcome(end, plan.Step{ReportedAt: c.reported, AcceptedAt: c.accepted}, c.at); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
