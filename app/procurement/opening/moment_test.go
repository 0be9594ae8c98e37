package opening_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/opening"
	"gongji/app/trust/trail"
	"gongji/storage/db/dbtest"
)

// Test87号令第39条: at the moment of the deadline, recorded throughout, and
// without those who will judge.
func Test87号令第39条(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 3)
		expert := h.Expert(t, "武汉某大学")
		holder, share := h.Share(t, x, 0)
		t.Run("87号令39 开标在截止时间的同一时间进行，不得提前", func(t *testing.T) {
			h.Clock.Set(x.Deadline.Add(-time.Microsecond))
			if _, err := h.Openings.Give(ctx, holder, x.ID, share); !fault.Is(err, fault.Conflict) {
				t.Errorf("a share was taken early: %v", err)
			}
			h.Clock.Set(*x.Deadline)
			if v, err := h.Openings.View(ctx, h.Officer, x.ID); err != nil || v.State != opening.Gathering {
				t.Fatalf("at the deadline: %+v, %v", v, err)
			}
		})
		t.Run("87号令40 评审专家不参加开标", func(t *testing.T) {
			for what, do := range map[string]func(party.Actor) error{
				"gave a share": func(a party.Actor) error { _, err := h.Openings.Give(ctx, a, x.ID, share); return err },
				"started":      func(a party.Actor) error { _, err := h.Openings.Start(ctx, a, x.ID); return err },
				"answered": func(a party.Actor) error {
					_, err := h.Openings.Answer(ctx, a, x.ID, opening.Confirmed, "")
					return err
				},
				"closed": func(a party.Actor) error { _, err := h.Openings.Close(ctx, a, x.ID, ""); return err },
			} {
				if err := do(expert); !fault.Is(err, fault.Forbidden) {
					t.Errorf("an expert %s: %v", what, err)
				}
			}
			if v, err := h.Openings.View(ctx, expert, x.ID); err != nil || len(v.May) != 0 || v.MyIndex != 0 {
				t.Errorf("an expert may %v, %v", v.May, err)
			}
		})
		t.Run("87号令39 开标全过程记录", func(t *testing.T) {
			h.Give(t, x, 2)
			if _, err := h.Openings.Start(ctx, h.Officer, x.ID); err != nil {
				t.Fatal(err)
			}
			if err := h.Openings.Wait(ctx, x.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Openings.Answer(ctx, bidders[0], x.ID, opening.Confirmed, ""); err != nil {
				t.Fatal(err)
			}
			o, err := h.Openings.Close(ctx, h.Officer, x.ID, "")
			if err != nil || !o.OpenedAt.Equal(*x.Deadline) {
				t.Fatalf("%+v, %v", o, err)
			}
			events, err := h.Openings.Events(ctx, x.ID, 0)
			if err != nil {
				t.Fatal(err)
			}
			var kinds []string
			for i, e := range events {
				if kinds = append(kinds, string(e.Kind)); e.Seq != int64(i+1) || e.At.Before(*x.Deadline) || e.Data.Text == "" {
					t.Errorf("event %d: %+v", i+1, e)
				}
			}
			if got := strings.Join(kinds, " "); got != "share share reading line line line confirming answer closed" {
				t.Errorf("on record: %s", got)
			}
			list, err := trail.Of(ctx, d, "tender", x.ID, true)
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, e := range list {
				said += e.Action + "（" + e.Article + "）"
			}
			if !strings.Contains(said, "开始开标（财政部令第87号第39") || !strings.Contains(said, "开标（财政部令第87号第39") {
				t.Errorf("the trail says %s", said)
			}
			r := frozen(t, d, string(*o.Record))
			if r.Late != "" || len(r.Bids) != 3 || len(r.Holders) != 2 || len(r.Openers) != 1 || r.ClosedBy == nil {
				t.Errorf("%+v", r)
			}
			for _, p := range append(append(r.Holders, r.Openers...), *r.ClosedBy) {
				if p.Name == expert.Name {
					t.Errorf("the record names an expert among those present: %+v", p)
				}
			}
		})
	})
}
