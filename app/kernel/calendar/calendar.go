// Package calendar counts 日 and 工作日 as 民法典 201–203 does. The two are
// different units: working days follow the State Council's yearly table with
// its 调休, and a year whose table is not loaded is refused, never guessed.
//
// A day is a Beijing day. A period "ends" at an exclusive moment, 24:00 of
// its last day, which is 00:00 of the day after: compare with now.Before(end).
package calendar

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
)

// Article is the rule that every period here is counted by.
const Article = "民法典第201–203条"

// longest bounds a count of days, so that a slip cannot loop for ever: about
// a hundred years.
const longest = 36_600

// Calendar knows which days are working days in the years it has tables for.
// With makes another; Learn changes this one for everybody who holds it.
type Calendar struct {
	known atomic.Pointer[tables]
}

// tables are the days that differ from their weekday, by year; a set of them
// never changes.
type tables map[int]map[string]bool

// New makes a calendar of tables; of two for one year the later counts.
func New(list ...Table) *Calendar {
	c := &Calendar{}
	c.known.Store(&tables{})
	return c.With(list...)
}

// With is this calendar and some tables more, each in place of one this has
// for the year.
func (c *Calendar) With(list ...Table) *Calendar {
	all := maps.Clone(*c.known.Load())
	for _, t := range list {
		days := make(map[string]bool, len(t.Exceptions))
		for _, d := range t.Exceptions {
			days[d.Date] = d.Work
		}
		all[t.Year] = days
	}
	n := &Calendar{}
	n.known.Store(&all)
	return n
}

// Learn takes over what another calendar knows, at once and for all who hold
// c, also while they count.
func (c *Calendar) Learn(other *Calendar) { c.known.Store(other.known.Load()) }

// Years are the years with a table, in order.
func (c *Calendar) Years() []int {
	return slices.Sorted(maps.Keys(*c.known.Load()))
}

// Date is 00:00 in Beijing of the day that t falls on there.
func Date(t time.Time) time.Time {
	y, m, d := t.In(clock.Beijing).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.Beijing)
}

// IsWorkday reports whether the Beijing day of t is a working day. Its error
// is an Invalid fault where the table of the year is not loaded.
func (c *Calendar) IsWorkday(t time.Time) (bool, error) {
	t = t.In(clock.Beijing)
	days, ok := (*c.known.Load())[t.Year()]
	if !ok {
		return false, fault.New(fault.Invalid,
			"未载入 %d 年工作日表，无法计算工作日，请平台管理员导入国务院公布的放假安排", t.Year())
	}
	if work, ok := days[t.Format(time.DateOnly)]; ok {
		return work, nil
	}
	w := t.Weekday()
	return w != time.Saturday && w != time.Sunday, nil
}

// NextWorkday is 00:00 of the first working day on or after the day of t.
func (c *Calendar) NextWorkday(t time.Time) (time.Time, error) {
	for d := Date(t); ; d = d.AddDate(0, 0, 1) {
		work, err := c.IsWorkday(d)
		if err != nil || work {
			return d, err
		}
	}
}

// AddWorkdays is the end of a period of n 工作日 that begins on the day of t:
// that day is not counted, and the period ends at 24:00 of the n-th working
// day after it. n of 0 ends with the day itself. Every day passed must be in a
// loaded year.
func (c *Calendar) AddWorkdays(t time.Time, n int) (time.Time, error) {
	if err := countable(n); err != nil {
		return time.Time{}, err
	}
	d := Date(t)
	for n > 0 {
		d = d.AddDate(0, 0, 1)
		work, err := c.IsWorkday(d)
		if err != nil {
			return time.Time{}, err
		}
		if work {
			n--
		}
	}
	return d.AddDate(0, 0, 1), nil
}

// AddDays is the end of a period of n 日 within which someone must act: the
// day of t is not counted, a last day that is no working day moves to the next
// working day, and the period ends at 24:00. Its error is that of IsWorkday
// for the last day.
func (c *Calendar) AddDays(t time.Time, n int) (time.Time, error) {
	if err := countable(n); err != nil {
		return time.Time{}, err
	}
	last, err := c.NextWorkday(Date(t).AddDate(0, 0, n))
	if err != nil {
		return time.Time{}, err
	}
	return last.AddDate(0, 0, 1), nil
}

// Earliest is 00:00 of the first day that lies at least n 日 after the day of
// t, for a rule that says "不少于 n 日": day n itself satisfies it. Nothing
// moves to a working day, because nobody has to act on the last day of a
// minimum, so no table is needed.
func Earliest(t time.Time, n int) time.Time { return Date(t).AddDate(0, 0, n) }

// LatestBefore is the end of the last day that lies at least n 日 before the
// day of t, for a rule that says "至少 n 日前". No table is needed.
func LatestBefore(t time.Time, n int) time.Time { return Date(t).AddDate(0, 0, 1-n) }

// Until prints the end of a period as people say it: an end at 00:00 is
// "2026年11月20日 24:00", any other moment is "2026年11月21日 09:00".
func Until(end time.Time) string {
	end = end.In(clock.Beijing)
	if end.Equal(Date(end)) {
		last := end.AddDate(0, 0, -1)
		return fmt.Sprintf("%d年%d月%d日 24:00", last.Year(), last.Month(), last.Day())
	}
	return fmt.Sprintf("%d年%d月%d日 %02d:%02d", end.Year(), end.Month(), end.Day(), end.Hour(), end.Minute())
}

func countable(n int) error {
	if n < 0 || n > longest {
		return fault.New(fault.Invalid, "期限的天数应在 0 到 %d 之间，请核对", longest).Under(Article)
	}
	return nil
}
