package calendar_test

import (
	"testing"
	"time"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
)

func TestADayIsReadAsItIsTyped(t *testing.T) {
	for typed, want := range map[string]string{"2026-12-31": "2026-12-30T16:00:00Z", " 2019-05-20 ": "2019-05-19T16:00:00Z", "": "", "2026-02-30": "!", "20261231": "!", "1900-01-01": "!", "9999-01-01": "!", "明天": "!"} {
		var c fault.Check
		got := calendar.Typed(&c, "day", typed)
		switch {
		case want == "!" && (got != nil || !c.Failed("day")), want == "" && (got != nil || c.Failed("day")):
			t.Errorf("%q is %v, %v", typed, got, c.Err())
		case len(want) > 1 && (got == nil || got.Format(time.RFC3339) != want):
			t.Errorf("%q is %v", typed, got)
		}
	}
}
