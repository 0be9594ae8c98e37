package evaluation_test

import (
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/evaluation"
	"gongji/storage/db/dbtest"
)

// TestThePanelAndOneBidderAreTold: an expert reads where and when and not who
// bids, then that a report waits for a signature; a price is asked of its
// bidder alone.
func TestThePanelAndOneBidderAreTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		box := func(who party.Actor, title string) string {
			t.Helper()
			p, err := inbox.New(d, h.Clock).List(ctx, who, inbox.Filter{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range p.Items {
				if strings.HasPrefix(m.Title, title) {
					return m.Text
				}
			}
			return ""
		}
		x, bidders := h.Opened(t, 3, nil)
		panel := h.Panel(t, x, 5)
		if got := box(panel[0], "请参加评审"); !strings.Contains(got, "本平台线上开标") || !strings.Contains(got, "027-86860000") || strings.Contains(got, "社会工作服务中心") {
			t.Errorf("an expert reads %q", got)
		}
		h.HandedIn(t, panel, x, func(string) int64 { return 80 })
		desk, err := h.Evaluations.Desk(ctx, panel[0], x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Evaluations.Ask(ctx, panel[0], x.ID, evaluation.Ask{Bid: desk.Bids[0].Bid, Minutes: 30, Why: "明显低于成本"}); err != nil {
			t.Fatal(err)
		}
		asked := 0
		for _, who := range bidders {
			if got := box(who, "请说明报价"); got != "" {
				asked++
				if who.OrgName != desk.Bids[0].SupplierName {
					t.Errorf("%s is asked", who.OrgName)
				}
			}
		}
		if asked != 1 {
			t.Errorf("%d bidders were asked", asked)
		}
		if got := box(panel[1], "请签署评审报告"); got != "" {
			t.Errorf("asked to sign before there is a report: %s", got)
		}
	})
}
