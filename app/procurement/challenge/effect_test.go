package challenge_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/schedule"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

func TestDocumentsThatMustChangeAreNotOpenedAsTheyAre(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 3)
		c := raise(t, h, bidders[1], x, challenge.Documents)
		opens := func() error {
			return tender.NotSuspended(ctx, d, x.ID, h.Clock.Now(), tender.OpeningStep)
		}
		if err := opens(); err != nil {
			t.Errorf("a 质疑 about the documents stops the opening before it is answered: %v", err)
		}
		_, err := h.Challenges.Answer(ctx, h.Officer, c.ID, reply(challenge.Upheld, challenge.Reselect))
		refused(t, "another supplier chosen before there is a result", err, fault.Invalid, "effect")
		c = answered(t, h, c, reply(challenge.Upheld, challenge.Amend))
		t.Run("94号令第16条 采购文件应修改的，更正前不能开标", func(t *testing.T) {
			refused(t, "an opening of documents that must change", opens(), fault.Conflict, "94号第16条")
			told(t, h, h.Officer, "请更正采购文件")
			if !strings.Contains(c.Follows(), "更正发布前不能开标") {
				t.Errorf("its parties read: %s", c.Follows())
			}
			known, err := h.Challenges.Moments(ctx, d, party.Actor{}, h.Again(t, x.ID))
			if _, ok := known["suspended"]; ok || err != nil {
				t.Errorf("the authority's thirty days run: %v %v", known, err)
			}
		})
		amended := func(now time.Time) {
			t.Helper()
			y := h.Again(t, x.ID)
			if err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
				return h.Challenges.Amended(ctx, tx, []tender.Tender{y}, now)
			}); err != nil {
				t.Fatal(err)
			}
		}
		t.Run("an amendment after the deadline changes nothing", func(t *testing.T) {
			amended(*x.Deadline)
			refused(t, "opened", opens(), fault.Conflict, "94号")
		})
		amended(h.Clock.Now())
		if err := opens(); err != nil {
			t.Errorf("after the amendment: %v", err)
		}
	})
}

// After the opening and before an award the law has one remedy for what went
// wrong: the purchase ends and begins anew.
func TestUpheldBetweenOpeningAndAward(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders := h.Opened(t, 4, nil)
		c := raise(t, h, bidders[1], x, challenge.Process)
		h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
		_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		told(t, h, h.Officer, "评审报告已送交")
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid}); err != nil {
			t.Fatal(err)
		}
		for _, e := range []challenge.Effect{challenge.Amend, challenge.Reselect} {
			_, err := h.Challenges.Answer(ctx, h.Officer, c.ID, reply(challenge.Upheld, e))
			refused(t, string(e), err, fault.Invalid, "effect")
		}
		c = answered(t, h, c, reply(challenge.Upheld, challenge.Restart))
		t.Run("94号令第16条 开标后定标前，终止采购重新开展", func(t *testing.T) {
			if x = h.Again(t, x.ID); x.State != tender.Failed || !strings.Contains(x.Reason, c.Number) {
				t.Errorf("the tender is %s: %s", x.State, x.Reason)
			}
			if _, err := h.Awards.Approve(ctx, h.Approver, x.ID); err == nil {
				t.Error("the proposal outlived its purchase")
			}
			for _, who := range bidders {
				told(t, h, who, "采购已终止")
			}
			if !strings.Contains(c.Follows(), "重新开展") {
				t.Errorf("its parties read: %s", c.Follows())
			}
		})
	})
}

func TestTheWindowOnTheScheduleIsThatOfTheCase(t *testing.T) {
	t.Run("条例53 对采购文件的质疑期自收到文件或公告期限届满较晚之日起", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			s := schedule.New(d, h.Clock, calendar.Default())
			s.Ask(h.Challenges.Moments)
			for _, until := range []string{"", "2026-06-16"} { // as the fixture has it, and longer than the notice
				change := map[string]string{}
				if until != "" {
					change["documents_until"] = until
				}
				x := h.Published(t, change)
				windows, err := h.Challenges.Windows(ctx, x)
				if err != nil || windows[0].Ends == nil {
					t.Fatal(windows, err)
				}
				lines, err := s.Of(ctx, party.Actor{}, x)
				if err != nil {
					t.Fatal(err)
				}
				found := false
				for _, l := range lines {
					if l.Rule == "challenge.window_documents" {
						found = l.At != nil && l.At.Equal(*windows[0].Ends)
					}
				}
				if !found {
					t.Errorf("documents until %s: the schedule does not end with the case at %v", until, windows[0].Ends)
				}
			}
		})
	})
}
