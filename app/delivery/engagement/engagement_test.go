package engagement_test

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/engagement/engagementtest"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

func TestOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := engagementtest.New(t, d)
		in := h.Opening()
		e := h.Open(t, in)
		if got := e.Due(); !got.Equal(time.Date(2026, 7, 1, 0, 0, 0, 0, clock.Beijing)) {
			t.Errorf("the term is over at %v", got)
		}
		open := func(in engagement.Opening) error {
			return db.Tx(t.Context(), d, func(ctx context.Context, tx bun.Tx) error {
				_, err := h.Engagements.Open(ctx, tx, h.Approver, in)
				return err
			})
		}
		if err := open(in); !fault.Is(err, fault.Conflict) {
			t.Errorf("opened twice: %v", err)
		}
		for name, change := range map[string]func(*engagement.Opening){
			"no money":       func(o *engagement.Opening) { o.Amount = 0 },
			"pays itself":    func(o *engagement.Opening) { o.Provider = o.Payer },
			"ends too early": func(o *engagement.Opening) { o.End = o.Start.AddDate(0, 0, -1) },
			"no kind":        func(o *engagement.Opening) { o.Kind = "" },
		} {
			in := h.Opening()
			change(&in)
			if err := open(in); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		seen, err := h.Engagements.Get(t.Context(), party.Actor{}, e.ID)
		if err != nil || seen.Amount != in.Amount || seen.Title != in.Title {
			t.Errorf("a visitor sees %+v, %v", seen, err)
		}
		events, err := h.Engagements.Timeline(t.Context(), party.Actor{}, e.ID)
		if err != nil || len(events) != 1 {
			t.Errorf("public timeline %+v, %v", events, err)
		}
	})
}

func TestListsAndTotals(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := engagementtest.New(t, d)
		var made []id.ID
		for range 3 {
			made = append(made, h.Open(t, h.Opening()).ID)
		}
		sum, err := h.Engagements.Total(t.Context(), engagement.Filter{Provider: h.Lead.Org})
		if err != nil || sum.Count != 3 || sum.Amount != 900_000_00 {
			t.Errorf("%+v %v", sum, err)
		}
		page, err := h.Engagements.Of(t.Context(), h.Lead.Org, "", 2)
		if err != nil || len(page) != 2 || page[0].ID < page[1].ID {
			t.Fatalf("%+v %v", page, err)
		}
		rest, err := h.Engagements.Of(t.Context(), h.Lead.Org, page[1].ID, 2)
		if err != nil || len(rest) != 1 {
			t.Errorf("%+v %v", rest, err)
		}
		if none, err := h.Engagements.Of(t.Context(), h.Stranger.Org, "", 0); err != nil || len(none) != 0 {
			t.Errorf("%+v %v", none, err)
		}
		if mine, err := h.Engagements.List(t.Context(), engagement.Filter{Party: h.Officer.Org}); err != nil || len(mine) != len(made) {
			t.Errorf("%+v %v", mine, err)
		}
	})
}

func TestCloseTellsTheWing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := engagementtest.New(t, d)
		in := h.Opening()
		e := h.Open(t, in)
		var told []engagement.State
		h.Engagements.Watch(engagement.Contract, func(_ context.Context, _ bun.Tx, _ party.Actor, e engagement.Engagement) error {
			told = append(told, e.State)
			return nil
		})
		shut := func() error {
			return db.Tx(t.Context(), d, func(ctx context.Context, tx bun.Tx) error {
				_, err := h.Engagements.Close(ctx, tx, h.Approver, engagement.Contract, in.Ref, "任务取消")
				return err
			})
		}
		if err := shut(); err != nil {
			t.Fatal(err)
		}
		if err := shut(); !fault.Is(err, fault.Conflict) {
			t.Errorf("closed twice: %v", err)
		}
		seen, err := h.Engagements.Find(t.Context(), party.Actor{}, engagement.Contract, in.Ref)
		if err != nil || seen.State != engagement.Closed || seen.Reason != "任务取消" || !seen.Over(h.Clock.Now()) || seen.ID != e.ID {
			t.Errorf("%+v %v", seen, err)
		}
		if len(told) != 1 || told[0] != engagement.Closed {
			t.Errorf("the wing was told %v", told)
		}
	})
}

func TestRelations(t *testing.T) {
	other := id.ID("E")
	e := engagement.Engagement{Payer: "P", Provider: "S", Evaluator: &other}
	for org, want := range map[id.ID]string{"P": "payer.officer", "S": "provider.officer", "E": "appraiser.officer", "X": ""} {
		rel := engagement.Relations(party.Actor{Account: "a", Org: org, OrgKind: party.Bureau, Role: party.Officer}, e)
		got := rel[len(rel)-1]
		if want == "" {
			want = "bureau.officer"
		}
		if got != want {
			t.Errorf("%s is %s; want %s", org, got, want)
		}
	}
}
