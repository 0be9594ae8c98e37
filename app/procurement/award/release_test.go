package award_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

func openData(h *bidtest.House) *ocds.Publisher {
	return ocds.New(h.DB, h.Clock, ocds.Settings{Site: "https://gongji.example.cn"})
}

// TestAPurchaseAsOpenData: every event of a purchase leaves its release, with
// the right tag, valid; and none says anything of the bids before the opening.
func TestAPurchaseAsOpenData(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		p := openData(h)
		x := h.Published(t, nil)
		h.Bidders(t, x, 4)
		if _, err := h.Tenders.Correct(ctx, h.Officer, x.ID, "开标地点更正为本平台线上"); err != nil {
			t.Fatal(err)
		}
		for _, r := range ocdstest.All(t, p) {
			if r.Tender.NumberOfTenderers != nil || len(r.Tender.Tenderers) != 0 || strings.Contains(r.Raw, "社会工作服务中心") {
				t.Errorf("told before the opening: %s", r.Raw)
			}
		}
		h.Clock.Set(*x.Deadline)
		h.Open(t, x)
		x = h.Again(t, x.ID)
		h.Scored(t, h.Panel(t, x, 5), x, share)
		_, rank, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		before := len(ocdstest.All(t, p))
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: rank.Lines[0].Bid}); err != nil {
			t.Fatal(err)
		}
		if n := len(ocdstest.All(t, p)); n != before {
			t.Errorf("a proposal that nobody approved left %d releases", n-before)
		}
		if _, err := h.Awards.Approve(ctx, h.Approver, x.ID); err != nil {
			t.Fatal(err)
		}
		on := h.Clock.Now()
		end := on.Add(300 * 24 * time.Hour)
		if _, err := h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end}); err != nil {
			t.Fatal(err)
		}
		all := ocdstest.All(t, p)
		if got := ocdstest.Tags(all, string(x.ID)); got != " tender tenderAmendment tenderUpdate award contract" {
			t.Errorf("releases:%s", got)
		}
		rec, err := p.Record(ctx, p.OCID(x.ID))
		if err != nil {
			t.Fatal(err)
		}
		c := string(rec.Records[0].Compiled)
		for _, want := range []string{`"numberOfTenderers":4`, `"status":"complete"`, `"amount":610000.00`, `"procurementMethodDetails":"公开招标"`,
			`"roles":["tenderer","supplier"]`, `"tag":["compiled"]`, `"dateSigned"`} {
			if !strings.Contains(c, want) {
				t.Errorf("the record lacks %s: %s", want, c)
			}
		}
	})
}

// TestAPurchaseThatEndsSaysSo: too few bidders, and a cancellation.
func TestAPurchaseThatEndsSaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := bidtest.New(t, d)
		failed, _ := h.Opened(t, 2, nil)
		h.Clock.Set(tendertest.Start)
		cancelled := h.Published(t, nil)
		if _, err := h.Tenders.Cancel(t.Context(), h.Approver, cancelled.ID, "预算调整"); err != nil {
			t.Fatal(err)
		}
		all := ocdstest.All(t, openData(h))
		if got := ocdstest.Tags(all, string(failed.ID)); got != " tender tenderUpdate" {
			t.Errorf("failed:%s", got)
		}
		if got := ocdstest.Tags(all, string(cancelled.ID)); got != " tender tenderCancellation" {
			t.Errorf("cancelled:%s", got)
		}
		for _, r := range all {
			if r.Tag[0] == "tenderUpdate" && (r.Tender.Status != "unsuccessful" || *r.Tender.NumberOfTenderers != 2 || strings.Contains(r.Raw, "社会工作服务中心")) {
				t.Errorf("%s", r.Raw)
			}
		}
	})
}
