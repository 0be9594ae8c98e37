package opening_test

import (
	"io"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/opening"
	"gongji/storage/db/dbtest"
)

func TestOpeningWaitsForTheDeadlineTheKeysAndTheRightPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 3)
		holder, share := h.Share(t, x, 0)
		h.Clock.Set(x.Deadline.Add(-time.Millisecond))
		if _, err := h.Openings.Start(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("opened before the deadline: %v", err)
		}
		if _, err := h.Openings.Give(ctx, holder, x.ID, share); !fault.Is(err, fault.Conflict) {
			t.Errorf("a share was taken before the deadline: %v", err)
		}
		h.Clock.Set(*x.Deadline)
		elsewhere := h.Org(t, party.Bureau, "别处民政局")
		strangers := map[string]party.Actor{"visitor": {}, "approver": h.Approver, "bidder": bidders[0],
			"another bureau": h.Actor(t, elsewhere, "别处民政局", party.Bureau, party.Officer)}
		for name, who := range strangers {
			if _, err := h.Openings.Start(ctx, who, x.ID); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s started: %v", name, err)
			}
			if _, err := h.Openings.Give(ctx, who, x.ID, share); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s gave a share: %v", name, err)
			}
			if _, err := h.Openings.Close(ctx, who, x.ID, ""); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Conflict) {
				t.Errorf("%s closed: %v", name, err)
			}
		}
		second, others := h.Share(t, x, 1)
		for what, text := range map[string]string{"nothing": "", "nonsense": "gongji-share-1-1-AAAA", "another holder's": others} {
			if _, err := h.Openings.Give(ctx, holder, x.ID, text); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s was taken for a share: %v", what, err)
			}
		}
		for range 2 { // the same share twice is one share
			v, err := h.Openings.Give(ctx, holder, x.ID, share)
			if err != nil || v.Given != 1 || v.Need != 2 || v.State != opening.Gathering {
				t.Fatalf("%+v, %v", v, err)
			}
		}
		if _, err := h.Openings.Start(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("one share opened: %v", err)
		}
		if _, err := h.Openings.Give(ctx, second, x.ID, others); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Openings.Start(ctx, h.Supervisor, x.ID); err != nil {
			t.Error(err)
		}
		if err := h.Openings.Wait(ctx, x.ID); err != nil {
			t.Fatal(err)
		}
		if v, err := h.Openings.View(ctx, party.Actor{}, x.ID); err != nil || v.State != opening.Confirming || v.Given != 0 || len(v.Lines) != 3 {
			t.Errorf("keys are kept after the last bid was read: %+v, %v", v, err)
		}
		for _, table := range []string{"opening_line", "opened_bid", "opening_event"} {
			if _, err := d.ExecContext(ctx, "DELETE FROM "+table); err == nil {
				t.Errorf("the database let %s be removed", table)
			}
		}
	})
}

func TestWhatIsReadOutIsWhatWasSealed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 3)
		h.Clock.Set(*x.Deadline)
		h.Give(t, x, 2)
		if _, err := h.Openings.Start(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Openings.Wait(ctx, x.ID); err != nil {
			t.Fatal(err)
		}
		b, err := h.Bids.Mine(ctx, bidders[1], x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.Bids.Content(ctx, h.Officer, b.ID, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("the buyer reads a bid while the opening runs: %v", err)
		}
		if _, err := h.Openings.Close(ctx, h.Officer, x.ID, ""); err != nil {
			t.Fatal(err)
		}
		for who, a := range map[string]party.Actor{"bidder": bidders[1], "officer": h.Officer} {
			_, c, err := h.Bids.Content(ctx, a, b.ID, 0)
			if err != nil {
				t.Fatal(who, err)
			}
			want := h.Offer(t, bidders[1], x, 610_000*money.Yuan)
			if c.Price != want.Price || c.Delivery != want.Delivery || len(c.Answers) != 2 || c.Answers[1].Text != want.Answers[1].Text || len(c.Files) != 1 {
				t.Fatalf("%s reads %+v", who, c)
			}
			f, body, err := h.Bids.OpenFile(ctx, a, b.ID, 0, c.Files[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(body)
			if _ = body.Close(); err != nil || string(text) != bidtest.PDF+bidders[1].OrgName || f.Name != "服务方案.pdf" || f.MediaType != "application/pdf" {
				t.Errorf("%s finds %q of type %s: %q, %v", who, f.Name, f.MediaType, text, err)
			}
			if _, r, err := h.Files.Open(ctx, a, c.Files[0].ID); err != nil {
				t.Errorf("%s cannot download the file: %v", who, err)
			} else {
				_ = r.Close()
			}
		}
		for who, a := range map[string]party.Actor{"visitor": {}, "rival": bidders[0]} {
			if _, _, err := h.Bids.Content(ctx, a, b.ID, 0); !fault.Is(err, fault.NotFound) {
				t.Errorf("the %s reads the whole bid: %v", who, err)
			}
		}
	})
}
