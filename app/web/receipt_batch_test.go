package web_test

import (
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// TestABatchOfReceiptsByForms walks a batch's pages: finance prepares, the
// reviewer starts it, and nobody else sees that there is one.
func TestABatchOfReceiptsByForms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c, ctx := e.Charity(), t.Context()
		rival := e.Org(party.Foundation, "别的基金会", party.Finance)
		amount := 140_950 * money.Fen(1)
		d, err := e.Donations.Pledge(ctx, c.Donor.Actor, donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &amount, Method: "银行转账", Relation: donation.NoRelation, Agree: true, NoBenefit: true})
		must(t, err)
		_, err = e.Donations.Confirm(ctx, c.Finance.Actor, d.ID, donation.Arrival{Amount: &amount, On: e.Time.Now()})
		must(t, err)
		const home = "/foundation/receipts/batches"
		if p := c.Finance.Get(home); p.Code != 200 || p.Find(`a[href="`+home+`/new"]`).Length() == 0 {
			t.Errorf("finance's list: %d %s", p.Code, p.Text())
		}
		if p := c.Reviewer.Get(home); p.Code != 200 || p.Find(`a[href="`+home+`/new"]`).Length() != 0 {
			t.Errorf("the reviewer's list: %d", p.Code)
		}
		wrong := strings.Repeat("备", 201)
		p := post(t, c.Finance, 422, home, "year", "", "fund", string(c.Fund.ID), "references", "", "remark", wrong)
		if kept(p, "remark") != wrong || p.Find(`select[name="fund"] option[selected]`).AttrOr("value", "") != string(c.Fund.ID) || p.Find("#f-year-error").Length() != 1 || p.Find("#f-remark-error").Length() != 1 {
			t.Errorf("a mistake: %s", p.Find("main").Text())
		}
		if p = post(t, c.Finance, 422, home, "year", "2026", "references", "没有这个登记号、A1"); kept(p, "references") != "没有这个登记号、A1" {
			t.Errorf("references came back as %q", kept(p, "references"))
		}
		if p = post(t, c.Finance, 200, home, "year", "2026", "fund", "", "references", "", "remark", "年度批量开具"); !strings.HasPrefix(p.Path, home+"/") || !p.Has("待复核") || !p.Has("欧阳娜娜") {
			t.Fatalf("prepared: %s %s", p.Path, p.Text())
		}
		at := p.Path
		if p.Find(`form[action="`+at+`/approve"]`).Length() != 0 {
			t.Error("who prepared is offered to review")
		}
		post(t, c.Finance, 403, at+"/approve")
		if p = c.Reviewer.Get(at); p.Find(`form[action="`+at+`/approve"]`).Length() != 1 || p.Find(`a[href="`+at+`/trial.pdf"]`).Length() == 0 {
			t.Errorf("the reviewer's page: %d %s", p.Code, p.Text())
		}
		paths := []string{at, at + "/trial.pdf", at + "/rows/1/trial.pdf", at + "/rows.csv", at + "/receipts.zip"}
		others := []*apptest.Person{c.Officer, c.Approver, c.Donor, c.Company, rival, e.Colleague(c.Approver, party.Storekeeper)}
		closed(t, e, append(paths, home+"/new"), c.Officer, c.Approver, c.Donor, c.Company, others[5])
		closed(t, e, paths, rival)
		for _, who := range others {
			for _, step := range []string{"/approve", "/recheck", "/drop", "/mail"} {
				if x := who.Post(at+step, values("reason", "与我无关")); x.Code != 403 && x.Code != 404 {
					t.Errorf("%s of %s posts to %s: %d", who.Actor.Role, who.Actor.OrgName, step, x.Code)
				}
			}
		}
		long := strings.Repeat("退", 501)
		if p = post(t, c.Reviewer, 422, at+"/drop", "reason", long); kept(p, "reason") != long || p.Find("#f-reason-error").Length() != 1 {
			t.Errorf("a reason too long: %s", p.Find(".error-summary").Text())
		}
		post(t, c.Reviewer, 200, at+"/approve")
		e.Settle()
		p = c.Finance.Get(at)
		if !p.Has("已完成") || !p.Has("2026-000001") || p.Find(`a[href="`+at+`/receipts.zip"]`).Length() != 1 {
			t.Errorf("done: %s", p.Text())
		}
		if csv := string(c.Reviewer.Get(at + "/rows.csv").Body); !strings.Contains(csv, "2026-000001") || !strings.Contains(csv, "1409.50") {
			t.Errorf("the export: %s", csv)
		}
		if x := c.Reviewer.Get(at + "/receipts.zip"); x.Code != 200 || !strings.HasPrefix(string(x.Body), "PK") {
			t.Errorf("the ZIP: %d", x.Code)
		}
		post(t, c.Finance, 403, at+"/drop", "reason", "已经开具")
	})
}
