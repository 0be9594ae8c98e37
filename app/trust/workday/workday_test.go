package workday_test

import (
	_ "embed"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/procurement/tender/tendertest"
	"gongji/app/trust/trail"
	"gongji/app/trust/workday"
	"gongji/storage/db/dbtest"
)

// next is a made-up arrangement for 2027; the API's test reads it too.
//
//go:embed testdata/2027.json
var next string

func TestImport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		admin := h.Actor(t, h.Org(t, party.Platform, "共济平台"), "共济平台", party.Platform, party.Admin)
		replica := func() (*workday.Service, *calendar.Calendar) {
			cal := calendar.Default().With()
			return workday.New(d, h.Clock, h.Policy, cal, slog.New(slog.DiscardHandler)), cal
		}
		s, cal := replica()
		other, otherCal := replica()
		day := time.Date(2027, 4, 5, 9, 0, 0, 0, clock.Beijing)
		t.Run("a year without a table is refused", func(t *testing.T) {
			if _, err := cal.IsWorkday(day); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "未载入 2027 年工作日表") {
				t.Error(err)
			}
		})
		if _, err := s.Look(ctx, h.Approver, []byte(next)); err == nil {
			t.Error("a bureau looked at an import")
		}
		p, err := s.Look(ctx, admin, []byte(next))
		if err != nil || p.Table.Year != 2027 || p.Workdays != 248 || p.Replaces || len(p.Doubts) != 0 {
			t.Fatal(p, err)
		}
		if _, err := s.Bring(ctx, admin, workday.Input{File: []byte(next), SHA256: "other"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a file nobody compared: %v", err)
		}
		if _, err := s.Bring(ctx, h.Officer, workday.Input{File: []byte(next), SHA256: p.SHA256}); err == nil {
			t.Error("a bureau imported")
		}
		in, err := s.Bring(ctx, admin, workday.Input{File: []byte(next), SHA256: p.SHA256})
		if err != nil {
			t.Fatal(err)
		}
		if work, err := cal.IsWorkday(day); work || err != nil {
			t.Error("the table does not count where it was imported", err)
		}
		if _, err := otherCal.IsWorkday(day); err == nil {
			t.Error("the other replica knows without reloading")
		}
		if err := other.Reload(ctx); err != nil {
			t.Fatal(err)
		}
		if work, err := otherCal.IsWorkday(day); work || err != nil {
			t.Error("the other replica does not know after reloading", err)
		}
		if events, err := trail.Of(ctx, d, workday.ObjectKind, in.ID, true); err != nil || len(events) != 1 {
			t.Error(events, err)
		}
		if again, err := s.Bring(ctx, admin, workday.Input{File: []byte(next), SHA256: p.SHA256}); err != nil || again.ID != in.ID {
			t.Errorf("twice: %v %v", again.ID, err)
		}
		changed := strings.Replace(next, `"2027-04-05", "work": false, "name": "清明"`, `"2027-04-06", "work": false, "name": "清明"`, 1)
		p, err = s.Look(ctx, admin, []byte(changed))
		if err != nil || !p.Replaces || len(p.Changed) != 2 {
			t.Fatal(p.Changed, err)
		}
		if _, err := s.Bring(ctx, admin, workday.Input{File: []byte(changed), SHA256: p.SHA256}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "原因") {
			t.Errorf("replaced without a reason: %v", err)
		}
		if _, err := s.Bring(ctx, admin, workday.Input{File: []byte(changed), SHA256: p.SHA256, Reason: "国务院调整清明放假"}); err != nil {
			t.Fatal(err)
		}
		if work, err := cal.IsWorkday(day); !work || err != nil {
			t.Error("the later table does not count", err)
		}
		years, err := s.Years(ctx)
		if err != nil || len(years) != 2 || !years[0].Shipped || years[1].Import == nil || years[1].Import.Importer != admin.Name {
			t.Error(years, err)
		}
	})
}

func TestImportRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		admin := h.Actor(t, h.Org(t, party.Platform, "共济平台"), "共济平台", party.Platform, party.Admin)
		s := workday.New(d, h.Clock, h.Policy, calendar.Default().With(), slog.New(slog.DiscardHandler))
		for file, says := range map[string]string{
			"":   "JSON",
			"{}": "年份",
			strings.Replace(next, "为测试假设的安排，不是国务院的通知", "网", 1):                                    "来源",
			strings.ReplaceAll(next, "端午", "节"):                                                   "端午",
			strings.Replace(next, `"2027-09-15"`, `"2028-09-15"`, 1):                              "不是 2027 年",
			strings.Replace(next, `"2027-02-08", "work": false`, `"2027-02-08", "work": true`, 1): "星期相同",
			strings.Repeat(" ", workday.MaxFile) + next:                                           "256 KB",
		} {
			if _, err := s.Look(ctx, admin, []byte(file)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
				t.Errorf("%.40q: %v; want %s", file, err, says)
			}
		}
		given, err := os.ReadFile("../../kernel/calendar/testdata/holidays-2026.json")
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Look(ctx, admin, given)
		if err != nil || !p.Replaces || len(p.Changed) != 0 {
			t.Fatal(p, err)
		}
		if _, err := s.Bring(ctx, admin, workday.Input{File: given, SHA256: p.SHA256}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the shipped table again: %v", err)
		}
	})
}
