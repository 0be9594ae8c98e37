package tender_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

func TestFromDraftToNotice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		x := h.Draft(t, nil)
		h.Keyed(t, x)
		stranger := h.Supplier(t, "晨光社会工作服务中心")
		if _, err := h.Tenders.Get(ctx, stranger, x.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a supplier sees a draft: %v", err)
		}
		if _, err := h.Tenders.Publish(ctx, h.Approver, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("published without being submitted: %v", err)
		}
		if _, err := h.Tenders.Submit(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Tenders.Publish(ctx, h.Officer, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the officer approved: %v", err)
		}
		if _, err := h.Tenders.Return(ctx, h.Approver, x.ID, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("returned without a reason: %v", err)
		}
		if _, err := h.Tenders.Return(ctx, h.Approver, x.ID, "预算依据不足"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Tenders.Submit(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		x, err := h.Tenders.Publish(ctx, h.Approver, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if x.No() != "GJ采〔2026〕0001号" || x.State != tender.Open {
			t.Errorf("published as %q, %s", x.No(), x.State)
		}
		got, err := h.Tenders.Get(ctx, party.Actor{}, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if *got.Budget != 77_000_000 || *got.Ceiling.Amount != 76_000_000 || len(got.Criteria) != 3 || got.CatalogueName != "养老服务" {
			t.Errorf("the public reads %+v", got.Facts)
		}
		set, err := got.RuleSet(h.Clock.Now())
		if r, ok := set.Get("open.documents_to_deadline"); err != nil || !ok || r.Value != 20 {
			t.Errorf("frozen rules: %+v, %v", r, err)
		}
		public, err := h.Tenders.Timeline(ctx, party.Actor{}, x.ID)
		if err != nil || len(public) != 6 { // named, made, three rehearsals, published
			t.Errorf("public timeline %+v, %v", public, err)
		}
		own, err := h.Tenders.Timeline(ctx, h.Officer, x.ID)
		if err != nil || len(own) != 10 {
			t.Errorf("buyer's timeline %+v, %v", own, err)
		}
		if _, err := h.Tenders.SaveDraft(ctx, h.Officer, x.ID, 0, tendertest.Complete()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a published tender was edited: %v", err)
		}
		if _, err := h.Tenders.Cancel(ctx, h.Approver, x.ID, "任务取消"); err != nil {
			t.Fatal(err)
		}
		if got, err = h.Tenders.Get(ctx, party.Actor{}, x.ID); err != nil || got.State != tender.Cancelled || got.Reason != "任务取消" {
			t.Errorf("after cancelling: %+v, %v", got, err)
		}
	})
}

func TestNobodyApprovesTheirOwnDraft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		x := h.Draft(t, nil)
		h.Keyed(t, x)
		if _, err := h.Tenders.Submit(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		promoted := h.Officer
		promoted.Role = party.Approver
		for _, do := range []func() error{
			func() error { _, err := h.Tenders.Publish(ctx, promoted, x.ID); return err },
			func() error { _, err := h.Tenders.Return(ctx, promoted, x.ID, "改一下"); return err },
		} {
			if err := do(); !fault.Is(err, fault.Forbidden) {
				t.Errorf("the drafter, now approver, decided: %v", err)
			}
		}
		other := h.Actor(t, h.Org(t, party.Bureau, "别区民政局"), "别区民政局", party.Bureau, party.Approver)
		if _, err := h.Tenders.Publish(ctx, other, x.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another bureau's approver decided: %v", err)
		}
		if _, err := h.Tenders.Get(ctx, other, id.New(time.Now())); !fault.Is(err, fault.NotFound) {
			t.Errorf("a made-up id: %v", err)
		}
	})
}

func TestClosingIsTheClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := tendertest.New(t, d)
		x := h.Published(t, nil)
		for _, c := range []struct {
			by   time.Duration
			want tender.State
		}{{-time.Millisecond, tender.Open}, {0, tender.Closed}, {time.Millisecond, tender.Closed}} {
			if got := x.StateAt(x.Deadline.Add(c.by)); got != c.want {
				t.Errorf("deadline %+v: %s", c.by, got)
			}
		}
	})
}

func TestApprovalAfterTheDatesBecameUnlawfulIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		x := h.Draft(t, nil)
		h.Keyed(t, x)
		if _, err := h.Tenders.Submit(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(48 * time.Hour)
		_, err := h.Tenders.Publish(ctx, h.Approver, x.ID)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "第35条") {
			t.Errorf("published with 19 days: %v", err)
		}
		var n int64
		if err := d.NewRaw("SELECT count(*) FROM counter WHERE scope LIKE 'tender/%'").Scan(ctx, &n); err != nil || n != 0 {
			t.Errorf("a refused approval used a number: %d, %v", n, err)
		}
	})
}

func TestTwoApproversAtOnceMakeOneNumber(t *testing.T) {
	run := func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		second := h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Approver)
		for round := range 3 {
			x := h.Draft(t, nil)
			h.Keyed(t, x)
			if _, err := h.Tenders.Submit(ctx, h.Officer, x.ID); err != nil {
				t.Fatal(err)
			}
			errs := make([]error, 2)
			var wg sync.WaitGroup
			for i, who := range []party.Actor{h.Approver, second} {
				wg.Go(func() { _, errs[i] = h.Tenders.Publish(ctx, who, x.ID) })
			}
			wg.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("round %d: %v", round, errs)
			}
			var n int64
			if err := d.NewRaw("SELECT value FROM counter WHERE scope LIKE 'tender/%'").Scan(ctx, &n); err != nil || n != int64(round+1) {
				t.Errorf("counter %d, %v", n, err)
			}
		}
	}
	t.Run("postgres", func(t *testing.T) { run(t, dbtest.Postgres(t)) })
	t.Run("sqlite", func(t *testing.T) {
		d, err := db.Open(t.Context(), "sqlite:"+dbtest.SQLiteFile(t), db.Options{MaxConns: 4})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = d.Close() }()
		run(t, d)
	})
}
