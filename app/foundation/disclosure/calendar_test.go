package disclosure_test

import (
	"testing"
	"time"

	"gongji/app/foundation/disclosure"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
)

func day(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Beijing)
	if err != nil {
		panic(err)
	}
	return t
}

func TestTheCalendar(t *testing.T) {
	start := day("2026-06-01 09:00")
	ended := func(s string) disclosure.Subject {
		at := day(s)
		return disclosure.Subject{Start: start, Ended: &at}
	}
	planned := func(s string, ended ...string) disclosure.Subject {
		x, at := disclosure.Subject{Kind: "campaign", Start: day("2026-06-01 00:00")}, day(s)
		x.Planned = &at
		for _, e := range ended {
			over := day(e)
			x.Ended = &over
		}
		return x
	}
	over := day("2026-06-20 09:00")
	for _, c := range []struct {
		name    string
		subject disclosure.Subject
		done    []disclosure.Done
		spells  []disclosure.Spell
		now     string
		want    []string // kind, the day that is over when it is late, the article
	}{
		{"慈善法78 运行中每三个月公布", disclosure.Subject{Start: start}, nil, nil, "2026-06-02 09:00",
			[]string{"regular 2026-09-02 慈善法第78–79条", "yearly 2027-06-01 民政部令第81号"}},
		{"慈善法78 自上次公布起算", disclosure.Subject{Start: start}, []disclosure.Done{{Kind: disclosure.Regular, From: start, To: day("2026-08-01 00:00"), PublishedAt: day("2026-08-03 09:00")}}, nil, "2026-08-04 09:00",
			[]string{"regular 2026-11-04 慈善法第78–79条", "yearly 2027-06-01 民政部令第81号"}},
		{"慈善法79 结束后三个月内全面公布", ended("2026-08-31 10:00"), nil, nil, "2026-09-01 09:00",
			[]string{"final 2026-12-01 慈善法第78–79条", "yearly 2027-06-01 民政部令第81号"}},
		{"全面公布以后不再定期", ended("2026-08-31 10:00"), []disclosure.Done{{Kind: disclosure.Final, From: start, To: day("2026-09-02 09:00"), PublishedAt: day("2026-09-02 09:00")}}, nil, "2026-09-03 09:00",
			[]string{"yearly 2027-06-01 民政部令第81号"}},
		// 7月5日 is a Sunday: five days from 6月30日, moved to Monday.
		{"慈善法72 突发事件期间每五日公布", disclosure.Subject{Start: start}, nil, []disclosure.Spell{{From: day("2026-06-30 08:00")}}, "2026-07-01 09:00",
			[]string{"emergency 2026-07-07 慈善法第72条", "regular 2026-09-02 慈善法第78–79条", "yearly 2027-06-01 民政部令第81号"}},
		{"慈善法72 结束以后还欠最后一次", disclosure.Subject{Start: start}, []disclosure.Done{{Kind: disclosure.Emergency, From: day("2026-06-08 08:00"), To: day("2026-06-12 08:00"), PublishedAt: day("2026-06-12 09:00")}},
			[]disclosure.Spell{{From: day("2026-06-08 08:00"), Until: &over}}, "2026-06-21 09:00",
			[]string{"emergency 2026-06-18 慈善法第72条", "regular 2026-09-02 慈善法第78–79条", "yearly 2027-06-01 民政部令第81号"}},
		{"慈善法78 募捐周期正好六个月，期间不公布", planned("2026-12-01 00:00"), nil, nil, "2026-06-02 09:00", nil},
		{"慈善法78 募捐周期超过六个月，期间每三个月公布", planned("2026-12-02 00:00"), nil, nil, "2026-06-02 09:00", []string{"regular 2026-09-02 慈善法第78–79条"}},
		{"慈善法78 跨年的募捐另有年度公布", planned("2027-02-01 00:00"), nil, nil, "2026-06-02 09:00",
			[]string{"regular 2026-09-02 慈善法第78–79条", "yearly 2027-06-01 民政部令第81号"}},
		{"慈善法79 募捐结束后三个月内全面公布", planned("2026-12-01 00:00", "2026-08-31 00:00"), nil, nil, "2026-09-02 09:00", []string{"final 2026-12-01 慈善法第78–79条"}},
		{"慈善法72 为突发事件的短期募捐每五日公布", planned("2026-07-01 00:00"), nil, []disclosure.Spell{{From: day("2026-06-08 08:00")}}, "2026-06-09 09:00", []string{"emergency 2026-06-16 慈善法第72条"}},
		{"81号令 上年的年度公布到五月三十一日", disclosure.Subject{Start: start}, []disclosure.Done{{Kind: disclosure.Regular, From: start, To: day("2027-02-01 00:00"), PublishedAt: day("2027-02-01 09:00")}}, nil, "2027-03-01 09:00",
			[]string{"regular 2027-05-02 慈善法第78–79条", "yearly 2027-06-01 民政部令第81号", "yearly 2028-06-01 民政部令第81号"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := disclosure.Dues(c.subject, c.done, c.spells, day(c.now), calendar.Default())
			if err != nil || len(got) != len(c.want) {
				t.Fatalf("%+v, %v", got, err)
			}
			for i, d := range got {
				if s := string(d.Kind) + " " + d.At.In(clock.Beijing).Format(time.DateOnly) + " " + d.Article; s != c.want[i] {
					t.Errorf("%s; want %s", s, c.want[i])
				}
				if d.Kind == disclosure.Yearly && d.Also != "年度工作报告报送：3月31日前（基金会管理条例）" {
					t.Errorf("the other yearly rule is not kept: %s", d.Also)
				}
			}
		})
	}
}
