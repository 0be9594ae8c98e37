package web_test

import (
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// TestADonorSeesTheirYearAndWhereTheMoneyWent gives twice among others, has one
// receipted, and reads the year's statement and the way of the money.
func TestADonorSeesTheirYearAndWhereTheMoneyWent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c, ctx := e.Charity(), t.Context()
		give := func(who *apptest.Person, n money.Fen) donation.Donation {
			d, err := e.Donations.Pledge(ctx, who.Actor, donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &n, Relation: donation.NoRelation, Agree: true, NoBenefit: true})
			must(t, err)
			d, err = e.Donations.Confirm(ctx, c.Finance.Actor, d.ID, donation.Arrival{Amount: &n, On: e.Clock.Now()})
			must(t, err)
			return d
		}
		give(c.Neighbour, 70_000)
		d := give(c.Donor, 50_000)
		p := c.Donor.Get("/donations/" + string(d.ID))
		mustSay(t, p, 200, "钱去哪了", "还没有用出", "先进先出", "排在您前面、还没有用出的有 700.00 元")
		e.Org(party.Social, "暖邻社会工作服务中心", party.Lead)
		x, err := e.Payments.Create(ctx, c.Officer.Actor, c.Fund.ID, payment.Form{Payee: "暖邻社会工作服务中心", Purpose: "上门送餐", Amount: "1000", TermStart: "2026-06-01", TermEnd: "2026-12-31"})
		must(t, err)
		c.Officer.Upload("/attachments/payment/"+string(x.ID), "协议.pdf", fundtest.Agreement, values("slot", "proof", "back", "/foundation/payments/"+string(x.ID)))
		_, err = e.Payments.Submit(ctx, c.Officer.Actor, x.ID)
		must(t, err)
		_, err = e.Payments.Approve(ctx, c.Approver.Actor, x.ID)
		must(t, err)
		_, err = e.Payments.Pay(ctx, c.Finance.Actor, x.ID, payment.Paying{})
		must(t, err)
		p = c.Donor.Get("/donations/" + string(d.ID))
		mustSay(t, p, 200, "暖邻社会工作服务中心", "上门送餐", "1,000.00", "300.00", "200.00")
		if p.Find(`#trace a[href^="/engagements/"]`).Length() != 1 || strings.Contains(string(p.Body), c.Neighbour.Actor.Name) {
			t.Errorf("the trace: %s", p.Find("#trace").Text())
		}
		c.Neighbour.API("GET", "/donations/"+string(d.ID)+"/trace", nil).Want(404)
		var way struct{ Used, Left money.Fen }
		c.Donor.API("GET", "/donations/"+string(d.ID)+"/trace", nil).Want(200).Into(&way)
		if way.Used != 30_000 || way.Left != 20_000 {
			t.Errorf("by program: %+v", way)
		}
		p = c.Donor.Get("/donations")
		mustSay(t, p, 200, "年度收据和汇总", "1 笔未开收据", "生成汇总 PDF")
		ask := values("foundation", string(c.Fund.Foundation), "year", "2026")
		mustSay(t, c.Donor.Post("/donations/annual", ask), 200, "下载 汇总2026-000001")
		mustSay(t, c.Donor.Post("/donations/annual", ask), 200, "下载 汇总2026-000001") // nothing changed: the same one
		r, err := e.Receipts.Prepare(ctx, c.Finance.Actor, d.ID, "")
		must(t, err)
		_, err = e.Receipts.Review(ctx, c.Reviewer.Actor, r.ID, true, "")
		must(t, err)
		mustSay(t, c.Donor.Get("/donations"), 200, "有变化，重新生成")
		p = c.Donor.Post("/donations/annual", ask)
		mustSay(t, p, 200, "下载 汇总2026-000002")
		e.Settle()
		doc, _ := p.Find(`#years a[href^="/documents/"]`).Attr("href")
		if f := c.Donor.Get(doc); f.Code != 200 || !strings.HasPrefix(string(f.Body), "%PDF") {
			t.Errorf("the statement: %d", f.Code)
		}
		for name, who := range map[string]*apptest.Person{"a neighbour": c.Neighbour, "the officer": c.Officer, "finance": c.Finance} {
			if f := who.Get(doc); f.Code != 404 {
				t.Errorf("%s reads the statement: %d", name, f.Code)
			}
		}
		mustSay(t, c.Donor.Get("/donations?year=2025"), 200, "没有符合条件的捐赠")
		mustSay(t, c.Donor.Get("/donations?q="+d.Reference), 200, d.Reference)
		if f := c.Donor.Get("/donations/export.csv?year=2026"); !strings.Contains(string(f.Body), d.Reference) {
			t.Errorf("export: %s", f.Body)
		}
	})
}
