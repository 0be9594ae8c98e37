package disclosure_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/campaign"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

// campaign is a campaign that runs from a day to a day.
func (h *house) campaign(from, to string) campaign.Campaign {
	h.t.Helper()
	ctx := h.t.Context()
	x, err := h.campaigns.Create(ctx, h.Officer, campaign.Form{Name: "社区助老公开募捐", Purpose: "为独居老人购买上门照料服务和应急物资", Fund: string(h.Fund.ID), Platform: "某指定平台",
		URL: "https://gongyi.example.cn/donate/1", Filing: "91654026MA78WT2Q66A26001", Qualification: "粤募证字第0001号", StartsOn: from, EndsOn: to})
	h.must(err)
	_, err = h.Attachments.Add(ctx, h.Officer, campaign.ObjectKind, x.ID, "paper", "证书.pdf", bytes.NewReader(fundtest.Agreement))
	h.must(err)
	_, err = h.campaigns.Submit(ctx, h.Officer, x.ID)
	h.must(err)
	x, err = h.campaigns.Approve(ctx, h.Approver, x.ID)
	h.must(err)
	return x
}

// settled enters a platform's settlement of yesterday and has the money arrive.
func (h *house) settled(x campaign.Campaign, gross, fee money.Fen, gifts int) donation.Donation {
	h.t.Helper()
	h.later(time.Second)
	ctx, day := h.t.Context(), h.Clock.Now().In(clock.Beijing).AddDate(0, 0, -1).Format(time.DateOnly)
	y, err := h.campaigns.Settle(ctx, h.Officer, x.ID, campaign.SettlementForm{Reference: "JS-" + h.Clock.Now().Format("20060102150405"), From: day, To: day,
		Gross: gross.Yuan(), Fee: fee.Yuan(), Net: (gross - fee).Yuan(), Gifts: fmt.Sprint(gifts)})
	h.must(err)
	_, err = h.Attachments.Add(ctx, h.Officer, campaign.SettlementKind, y.ID, "statement", "结算单.pdf", bytes.NewReader(fundtest.Agreement))
	h.must(err)
	y, err = h.campaigns.Enter(ctx, h.Officer, y.ID)
	h.must(err)
	d, err := h.Donations.Confirm(ctx, h.Finance, *y.Donation, h.Came(gross-fee))
	h.must(err)
	return d
}

// Money of the public lies in the fund between what others gave: first in,
// first out says which payment it bore.
func TestACampaignIsToldOfWithWhatItsMoneyWasUsedFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		x := h.campaign("2026-05-01", "2026-11-30") // seven months
		due, err := h.open.Of(ctx, party.Actor{}, x.ID)
		if err != nil || len(due) != 1 || due[0].Kind != disclosure.Regular || due[0].Subject.Kind != campaign.ObjectKind {
			t.Fatalf("the public calendar: %+v, %v", due, err)
		}
		h.gave(donation.Person, "欧阳娜娜", 1_000*money.Yuan, false)
		first := h.settled(x, 10_000*money.Yuan, 60*money.Yuan, 412)
		h.pays(3_000*money.Yuan, "上门照料")
		if _, err := h.open.Start(ctx, h.Finance, x.ID, disclosure.Regular); err == nil {
			t.Errorf("finance drafts")
		}
		got := h.finish(h.begin(x, disclosure.Regular), told(summary))
		f := got.Figures
		if f.Period.Gifts != 412 || f.Period.In != 9_940*money.Yuan || f.Raised.Period != (disclosure.Raised{Settlements: 1, Gross: 10_000 * money.Yuan, Fee: 60 * money.Yuan}) {
			t.Errorf("came: %+v %+v", f.Period, f.Raised)
		}
		if f.Period.Out != 2_000*money.Yuan || len(f.Payments) != 1 || f.Payments[0].Amount != 2_000*money.Yuan || f.Closing != 7_940*money.Yuan {
			t.Errorf("of 3,000 paid 1,000 were given before: %+v %+v", f.Period, f.Payments)
		}
		if got.SubjectAt() != "/campaigns/"+string(x.ID) || got.Number == nil || len(got.Differences()) != 0 {
			t.Errorf("%+v %v", got, got.Differences())
		}
		h.later(time.Hour)
		second := h.settled(x, 500*money.Yuan, 0, 3)
		h.gave(donation.Person, "端木赐", 5_000*money.Yuan, false)
		h.must(h.refund(first))
		h.pays(400*money.Yuan, "第二次照料")
		next := h.finish(h.begin(x, disclosure.Regular), told(summary))
		// With the first settlement gone from the row, the 3,000 lie on the 1,000 before, on the 500 and on what came after.
		if f := next.Figures; f.Opening != 7_940*money.Yuan || f.Period.Gifts != 3 || f.Closing != 0 || f.Total.Gifts != 3 || f.Opening+f.Period.In-f.Period.Out+f.Prior != f.Closing {
			t.Errorf("after the refund of %s and %s: %+v", first.Reference, second.Reference, f)
		}
		h.Clock.Advance(200 * 24 * time.Hour)
		due, err = h.open.Of(ctx, party.Actor{}, x.ID)
		if err != nil || len(due) != 1 || due[0].Kind != disclosure.Final || !due[0].At.Equal(day("2027-03-02 00:00")) {
			t.Fatalf("慈善法79 after its last day: %+v, %v", due, err)
		}
		final := h.finish(h.begin(x, disclosure.Final), told(summary))
		if !final.From.Equal(day("2026-05-01 00:00")) || final.Figures.Period.Gifts != 3 || final.Figures.Opening != 0 {
			t.Errorf("the final covers it all: %+v", final)
		}
		if due, err := h.open.Of(ctx, party.Actor{}, x.ID); err != nil || len(due) != 0 {
			t.Errorf("after the final: %+v, %v", due, err)
		}
		h.later(time.Second)
		fix, err := h.open.Correct(ctx, h.Officer, final.ID, "漏写一次发放")
		h.must(err)
		fix = h.finish(fix, told(summary+"更正。"))
		if old, err := h.open.Get(ctx, party.Actor{}, final.ID); err != nil || old.State != disclosure.Corrected || *fix.Number != *old.Number || fix.Edition != 2 {
			t.Errorf("corrected in public: %+v %+v %v", old, fix, err)
		}
	})
}

func TestACampaignForAnEmergency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		x := h.campaign("2026-05-01", "2026-06-30")
		if due, err := h.open.Of(ctx, party.Actor{}, x.ID); err != nil || len(due) != 0 {
			t.Fatalf("two months owe nothing in between: %+v, %v", due, err)
		}
		if _, err := h.open.Declare(ctx, h.Outsider, x.ID, "洪水"); err == nil {
			t.Error("another foundation declares")
		}
		_, err := h.open.Declare(ctx, h.Officer, x.ID, "强降雨救灾")
		h.must(err)
		h.settled(x, 100*money.Yuan, 0, 7)
		got := h.finish(h.begin(x, disclosure.Emergency), told(summary))
		if got.Figures.Period.Gifts != 7 || got.Article != "慈善法第72条" {
			t.Errorf("%+v", got)
		}
		h.later(time.Hour)
		_, err = h.open.End(ctx, h.Officer, x.ID)
		h.must(err)
		if mine, err := h.open.Own(ctx, h.Officer); err != nil || len(mine) < 2 || mine[0].Subject.ID != x.ID {
			t.Errorf("the foundation's calendar: %+v, %v", mine, err)
		}
	})
}

func (h *house) begin(x campaign.Campaign, k disclosure.Kind) disclosure.Disclosure {
	h.t.Helper()
	h.later(time.Second)
	y, err := h.open.Start(h.t.Context(), h.Officer, x.ID, k)
	h.must(err)
	return y
}

// refund gives a donation back, asked by one and decided by another.
func (h *house) refund(d donation.Donation) error {
	if _, err := h.Donations.AskRefund(h.t.Context(), h.Finance, d.ID, "平台更正"); err != nil {
		return err
	}
	_, err := h.Donations.DecideRefund(h.t.Context(), h.Approver, d.ID, true, "核实", "refund-1")
	return err
}
