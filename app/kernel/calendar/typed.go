package calendar

import (
	"strings"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
)

// Typed reads a Beijing day as a form sends it, 2026-12-31, as its 00:00; nil
// where nothing was typed, and nil with a complaint under name where it is no
// day of 1949 to 2199.
func Typed(c *fault.Check, name, typed string) *time.Time {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil
	}
	t, err := time.ParseInLocation(time.DateOnly, typed, clock.Beijing)
	if err != nil || t.Year() < 1949 || t.Year() > 2199 {
		c.Fail(name, "请填写日期，例如 2026-12-31")
		return nil
	}
	t = clock.Trunc(t)
	return &t
}
