package web_test

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// TestAFailedCheckIsLoudOnTheOperatorsPage loses the PDF of a receipt and asks
// for the check as the operator does: what is wrong stands on their page, as an
// alert, with what it is.
func TestAFailedCheckIsLoudOnTheOperatorsPage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c, ctx := e.Charity(), t.Context()
		admin := e.Org(party.Platform, "共济平台", party.Admin)
		amount := 100 * money.Yuan
		d, err := e.Donations.Pledge(ctx, c.Donor.Actor, donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &amount, Relation: donation.NoRelation, Agree: true, NoBenefit: true})
		must(t, err)
		_, err = e.Donations.Confirm(ctx, c.Finance.Actor, d.ID, donation.Arrival{On: e.Time.Now(), Amount: &amount})
		must(t, err)
		r, err := e.Receipts.Prepare(ctx, c.Finance.Actor, d.ID, "")
		must(t, err)
		_, err = e.Receipts.Review(ctx, c.Reviewer.Actor, r.ID, true, "")
		must(t, err)
		e.Settle()
		ask := func() *apptest.Page {
			t.Helper()
			post(t, admin, 200, "/platform/check")
			e.Settle()
			return admin.Get("/platform")
		}
		if p := ask(); p.Code != 200 || p.Find(`[role="alert"]`).Length() != 0 || !p.Has("没有发现问题") {
			t.Fatalf("a sound house: %s", p.Text())
		}
		var key string
		must(t, e.DB.NewSelect().TableExpr("document").Column("object_key").Where("kind = 'donation_receipt'").Scan(ctx, &key))
		must(t, e.Store.Delete(ctx, key))
		if p := ask(); p.Find(`[role="alert"]:contains("发现 1 处不符")`).Length() != 1 || p.Find(`ul.checks li:contains("不在存储中")`).Length() == 0 {
			t.Errorf("not loud: %s", p.Text())
		}
	})
}
