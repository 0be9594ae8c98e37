package calendar

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02"} {
		if v, err := time.ParseInLocation(layout, s, clock.Beijing); err == nil {
			return v
		}
	}
	t.Fatalf("%q is no time", s)
	return time.Time{}
}

func TestWorkdays2026(t *testing.T) {
	c := Default()
	for s, want := range map[string]bool{
		"2026-01-01": false, "2026-01-02": false, "2026-01-03": false, "2026-01-04": true, "2026-01-05": true,
		"2026-02-14": true, "2026-02-15": false, "2026-02-16": false, "2026-02-23": false, "2026-02-24": true, "2026-02-28": true,
		"2026-05-09": true, "2026-09-20": true, "2026-10-01": false, "2026-10-08": true, "2026-10-10": true, "2026-10-11": false,
		"2026-11-21": false, "2026-11-23": true,
	} {
		if got, err := c.IsWorkday(at(t, s)); err != nil || got != want {
			t.Errorf("%s: %v %v", s, got, err)
		}
	}
	n := 0
	for d := at(t, "2026-01-01"); d.Year() == 2026; d = d.AddDate(0, 0, 1) {
		if ok, _ := c.IsWorkday(d); ok {
			n++
		}
	}
	if n != 248 { // 261 weekdays − 19 holidays on weekdays + 6 调休
		t.Errorf("%d working days in 2026", n)
	}
}

func TestTheDayIsBeijings(t *testing.T) {
	late := time.Date(2026, 9, 30, 16, 0, 0, 0, time.UTC) // 10月1日 00:00 in Beijing
	if ok, err := Default().IsWorkday(late); ok || err != nil {
		t.Error(ok, err)
	}
	if ok, err := Default().IsWorkday(late.Add(-time.Microsecond)); !ok || err != nil {
		t.Error(ok, err)
	}
}

func TestPeriods(t *testing.T) {
	c := Default()
	for _, p := range []struct {
		from     string
		n        int
		workdays bool
		end      string
	}{
		{"2026-11-20 09:00:00", 5, true, "2026年11月27日 24:00"},
		{"2026-11-20 23:59:59", 1, true, "2026年11月23日 24:00"},
		{"2026-11-20 00:00:00", 0, true, "2026年11月20日 24:00"},
		{"2026-09-29 10:00:00", 5, true, "2026年10月12日 24:00"},   // 30, 8, 9, 10(调休), 12
		{"2026-02-13 10:00:00", 2, true, "2026年2月24日 24:00"},    // 14(调休), 24
		{"2026-11-01 09:00:00", 20, false, "2026年11月23日 24:00"}, // 21日 is Saturday
		{"2026-11-03 09:00:00", 20, false, "2026年11月23日 24:00"},
		{"2026-09-21 09:00:00", 10, false, "2026年10月8日 24:00"}, // 1日 is a holiday
		{"2026-01-25 09:00:00", 20, false, "2026年2月14日 24:00"}, // a Saturday that works
	} {
		f := c.AddDays
		if p.workdays {
			f = c.AddWorkdays
		}
		end, err := f(at(t, p.from), p.n)
		if err != nil || Until(end) != p.end {
			t.Errorf("%+v: %s %v", p, Until(end), err)
		}
	}
}

func TestMinimaNeedNoTable(t *testing.T) {
	if got := Earliest(at(t, "2026-12-20 15:00:00"), 20); !got.Equal(at(t, "2027-01-09")) {
		t.Error(got)
	}
	if got := Until(LatestBefore(at(t, "2027-01-21 09:00:00"), 15)); got != "2027年1月6日 24:00" {
		t.Error(got)
	}
}

func TestYearWithoutTableIsRefused(t *testing.T) {
	c := Default()
	for name, f := range map[string]func() error{
		"IsWorkday":   func() error { _, err := c.IsWorkday(at(t, "2027-01-05")); return err },
		"before":      func() error { _, err := c.IsWorkday(at(t, "2025-12-31")); return err },
		"AddWorkdays": func() error { _, err := c.AddWorkdays(at(t, "2026-12-29"), 3); return err },
		"AddDays":     func() error { _, err := c.AddDays(at(t, "2026-12-15"), 30); return err },
	} {
		err := f()
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "年工作日表") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.AddWorkdays(at(t, "2026-12-29"), 2); err != nil {
		t.Error(err)
	}
	for _, n := range []int{-1, longest + 1} {
		if _, err := c.AddDays(at(t, "2026-01-05"), n); !fault.Is(err, fault.Invalid) {
			t.Error(n, err)
		}
		if _, err := c.AddWorkdays(at(t, "2026-01-05"), n); !fault.Is(err, fault.Invalid) {
			t.Error(n, err)
		}
	}
}

func TestWithAddsAYearAndLeavesTheFirstAlone(t *testing.T) {
	table, err := Load([]byte(`{"year":2027,"origin":"测试","exceptions":[{"date":"2027-01-01","work":false,"name":"元旦"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	more := Default().With(table)
	if end, err := more.AddWorkdays(at(t, "2026-12-31"), 1); err != nil || Until(end) != "2027年1月4日 24:00" {
		t.Error(end, err)
	}
	if ys := more.Years(); len(ys) != 2 || ys[0] != 2026 || ys[1] != 2027 {
		t.Error(ys)
	}
	if len(Default().Years()) != 1 {
		t.Error("With changed the calendar it was asked of")
	}
}

func TestLearnReachesEverybody(t *testing.T) {
	c := New()
	held := c
	c.Learn(Default())
	if ok, err := held.IsWorkday(at(t, "2026-11-23")); !ok || err != nil {
		t.Error(ok, err)
	}
	if len(Default().Years()) != 1 {
		t.Error("Learn changed the teacher")
	}
}

func TestAWholeYear(t *testing.T) {
	shipped, err := Load(y2026)
	if err != nil || CheckWhole(shipped) != nil || len(shipped.Doubts()) > 0 || shipped.Workdays() != 248 {
		t.Fatal(err, CheckWhole(shipped), shipped.Doubts(), shipped.Workdays())
	}
	given, err := os.ReadFile("testdata/holidays-2026.json") // the shape an administrator imports
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Load(given); err != nil || got.Year != 2026 || CheckWhole(got) != nil {
		t.Error(got, err, CheckWhole(got))
	}
	without := func(drop func(Day) bool) Table {
		out := shipped
		out.Exceptions = slices.DeleteFunc(slices.Clone(shipped.Exceptions), drop)
		return out
	}
	for name, bad := range map[string]Table{
		"origin": {Year: 2026, Origin: "网", Exceptions: shipped.Exceptions},
		"half":   without(func(d Day) bool { return d.Date > "2026-06" }),
		"国庆":     without(func(d Day) bool { return d.Date == "2026-10-01" }),
		"清明":     without(func(d Day) bool { return strings.Contains(d.Name, "清明") }),
	} {
		if err := CheckWhole(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d := without(func(d Day) bool { return d.Date == "2026-02-23" }).Doubts(); len(d) != 1 {
		t.Error(d)
	}
}

// AddWorkdays agrees with counting by hand, its end grows with n, and a period
// of 日 never ends after a day of rest.
func TestPeriodProperties(t *testing.T) {
	c := Default()
	for from := at(t, "2026-01-01"); from.Before(at(t, "2026-11-01")); from = from.AddDate(0, 0, 1) {
		last := from
		for n := range 30 {
			end, err := c.AddWorkdays(from.Add(13*time.Hour), n)
			if err != nil {
				t.Fatal(err)
			}
			if !end.After(last) {
				t.Fatalf("%s + %d 工作日 ends %s", from, n, end)
			}
			last = end
			count := 0
			for d := from.AddDate(0, 0, 1); d.Before(end); d = d.AddDate(0, 0, 1) {
				if ok, _ := c.IsWorkday(d); ok {
					count++
				}
			}
			if count != n {
				t.Fatalf("%s + %d 工作日 spans %d", from, n, count)
			}
			end, err = c.AddDays(from, n)
			if err != nil {
				t.Fatal(err)
			}
			if ok, _ := c.IsWorkday(end.AddDate(0, 0, -1)); !ok || end.Before(Earliest(from, n)) {
				t.Fatalf("%s + %d 日 ends %s", from, n, end)
			}
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for in, say := range map[string]string{
		``:                              "JSON",
		`{"year":2027,"extra":1}`:       "JSON",
		`{"year":27,"exceptions":[]}`:   "年份",
		`{"year":2027,"exceptions":[]}`: "没有任何",
		`{"year":2027,"exceptions":[{"date":"2027-13-01"}]}`:                       "不是日期",
		`{"year":2027,"exceptions":[{"date":"2026-01-01","work":false}]}`:          "不是 2027 年",
		`{"year":2027,"exceptions":[{"date":"2027-01-01","work":true}]}`:           "星期相同",
		`{"year":2027,"exceptions":[{"date":"2027-01-01"},{"date":"2027-01-01"}]}`: "两次",
	} {
		if _, err := Load([]byte(in)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"year":2027,"exceptions":[{"date":"2027-01-01","work":false,"name":"元旦"}]}`))
	f.Add(y2026)
	f.Add([]byte(`{"year":2027,"exceptions":[{"date":"\u0000"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := Load(b)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		c := New(table)
		for _, d := range table.Exceptions {
			day, err := time.ParseInLocation(time.DateOnly, d.Date, clock.Beijing)
			if err != nil {
				t.Fatal(err)
			}
			if work, err := c.IsWorkday(day); err != nil || work != d.Work {
				t.Fatalf("%s: %v %v", d.Date, work, err)
			}
		}
	})
}
