package queue

import (
	"testing"
	"time"

	"gongji/app/kernel/clock"
)

func TestANightComesOnceADay(t *testing.T) {
	at := func(s string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04:05", s, clock.Beijing)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for now, want := range map[string]string{
		"2026-11-22 02:59:59": "2026-11-22 03:00:00",
		"2026-11-22 03:00:00": "2026-11-23 03:00:00", // this one has just begun
		"2026-12-31 23:00:00": "2027-01-01 03:00:00",
	} {
		if got := night(3).Next(at(now).UTC()); !got.Equal(at(want)) {
			t.Errorf("after %s comes %s, want %s", now, got.In(clock.Beijing), want)
		}
	}
}
