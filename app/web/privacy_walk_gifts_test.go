package web_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/handout"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// onwardToo takes what a hidden donor gave on the ways that onward does not:
// named in a public campaign's settlement, goods handed out to an organisation,
// one receipt of a year. It gives addresses as onward does, and the pages of
// the donations themselves.
func onwardToo(t *testing.T, e *apptest.Env, c *apptest.Charity, secret, keeper, village *apptest.Person, of donation.Pledge) (map[string]string, []string) {
	t.Helper()
	x, y, gift := namedInCampaign(t, e, c, secret.Actor.Name)
	h, goods := handedOut(t, e, c, secret, keeper, village, of)
	year, given := yearOf(t, e, c, secret, of)
	var more []string
	for _, d := range append(given, gift, goods) {
		more = append(more, "/foundation/donations/"+string(d), "/donations/"+string(d), "/api/v1/donations/"+string(d), "/donations/"+string(d)+"/trace",
			"/api/v1/donations/"+string(d)+"/trace", "/api/v1/donations/"+string(d)+"/goods-trace")
	}
	more = append(more, "/foundation/handouts?q=%E9%9A%90", "/foundation/receipts/requests", "/api/v1/foundation/receipts/requests", "/foundation/donations/"+string(*y.Donation),
		"/documents/"+string(*year.Document), "/verify/"+year.Code, "/api/v1/verify/"+year.Code, "/api/v1/receipts/"+string(year.ID), "/foundation/receipts/batches/new?campaign="+string(x.ID))
	return map[string]string{"/campaigns/{id}": string(x.ID), "/foundation/campaigns/{id}": string(x.ID), "/public/campaigns/{id}": string(x.ID),
		"/settlements/{id}": string(y.ID), "/foundation/settlements/{id}": string(y.ID),
		"/handouts/{id}": string(h), "/foundation/handouts/{id}": string(h), "/public/handouts/{id}": string(h)}, more
}

// namedInCampaign settles a campaign whose list names the donor twice, once in a
// row that could not be read; finance then hides the donor, who asked for it.
func namedInCampaign(t *testing.T, e *apptest.Env, c *apptest.Charity, name string) (campaign.Campaign, campaign.Settlement, id.ID) {
	t.Helper()
	ctx, now := t.Context(), e.Time.Now()
	day := func(n int) string { return now.AddDate(0, 0, n).Format("2006-01-02") }
	x, err := e.Campaigns.Create(ctx, c.Officer.Actor, campaign.Form{Name: "社区助老公开募捐", Purpose: "为独居老人购买上门照料服务和应急物资", Fund: string(c.Fund.ID), Platform: "某指定平台",
		URL: "https://gongyi.example.cn/donate/1", Filing: "91654026MA78WT2Q66A26001", Qualification: "粤募证字第0001号", StartsOn: day(-30), EndsOn: day(30)})
	must(t, err)
	_, err = e.Attachments.Add(ctx, c.Officer.Actor, campaign.ObjectKind, x.ID, "paper", "证书.pdf", bytes.NewReader(fundtest.Agreement))
	must(t, err)
	_, err = e.Campaigns.Submit(ctx, c.Officer.Actor, x.ID)
	must(t, err)
	_, err = e.Campaigns.Approve(ctx, c.Approver.Actor, x.ID)
	must(t, err)
	y, err := e.Campaigns.Settle(ctx, c.Officer.Actor, x.ID, campaign.SettlementForm{Reference: "JS-1", From: day(-20), To: day(-1), Gross: "10000", Fee: "60", Net: "9940", Gifts: "412"})
	must(t, err)
	_, err = e.Attachments.Add(ctx, c.Officer.Actor, campaign.SettlementKind, y.ID, "statement", "结算单.pdf", bytes.NewReader(fundtest.Agreement))
	must(t, err)
	list := "票据抬头,金额,订单号\n" + name + ",1200,A1\n" + name + ",1200,A1\n"
	listed, err := e.Campaigns.Enlist(ctx, c.Officer.Actor, y.ID, "名单.csv", strings.NewReader(list))
	must(t, err)
	if listed.Count != 1 || len(listed.Bad) != 1 {
		t.Fatalf("the list: %+v", listed)
	}
	y, err = e.Campaigns.Enter(ctx, c.Officer.Actor, y.ID)
	must(t, err)
	all, err := e.Donations.AtFoundation(ctx, c.Finance.Actor, donation.Filter{Fund: c.Fund.ID, State: donation.Pledged, Limit: 100})
	must(t, err)
	i := slices.IndexFunc(all.Items, func(d donation.Donation) bool { return d.GatheredIn != nil })
	if i < 0 {
		t.Fatal("nobody is named")
	}
	gift := all.Items[i].ID
	_, err = e.Donations.Hide(ctx, c.Finance.Actor, gift, donation.Privacy{Confidential: true})
	must(t, err)
	net := 9_940 * money.Yuan
	_, err = e.Donations.Confirm(ctx, c.Finance.Actor, *y.Donation, donation.Arrival{Amount: &net, On: now})
	must(t, err)
	return x, y, gift
}

// handedOut gives the donor's goods to a community, which signs for most of them.
func handedOut(t *testing.T, e *apptest.Env, c *apptest.Charity, secret, keeper, village *apptest.Person, of donation.Pledge) (id.ID, id.ID) {
	t.Helper()
	ctx := t.Context()
	of.Kind, of.Amount, of.Goods = donation.Goods, nil, []donation.Thing{{Name: "热水袋", Quantity: 20}}
	d, err := e.Donations.Pledge(ctx, secret.Actor, of)
	must(t, err)
	_, err = e.Donations.Confirm(ctx, c.Finance.Actor, d.ID, donation.Arrival{On: e.Time.Now(), RelationChecked: true, Goods: []donation.Arrived{{Line: 1, Quantity: 20}}})
	must(t, err)
	field := c.Officer.Get("/foundation/handouts/new?fund="+string(c.Fund.ID)).Find(`input[name^="quantity."]`).AttrOr("name", "")
	form := handout.Form{Fund: c.Fund.ID, Recipient: village.Actor.OrgName, Purpose: "发给社区的老人使用",
		Lines: []handout.Want{{Item: id.ID(strings.TrimPrefix(field, "quantity.")), Quantity: 12}}}
	x, err := e.Handouts.Create(ctx, c.Officer.Actor, form)
	must(t, err)
	_, err = e.Handouts.Approve(ctx, c.Approver.Actor, x.ID)
	must(t, err)
	_, err = e.Handouts.Ship(ctx, keeper.Actor, x.ID)
	must(t, err)
	_, err = e.Handouts.Sign(ctx, village.Actor, x.ID, []handout.Counted{{Line: 1, Accepted: 10, Why: "两个破损"}})
	must(t, err)
	return x.ID, d.ID
}

// yearOf issues one receipt of two gifts, and leaves a third asked for.
func yearOf(t *testing.T, e *apptest.Env, c *apptest.Charity, secret *apptest.Person, of donation.Pledge) (receipt.Show, []id.ID) {
	t.Helper()
	ctx := t.Context()
	var given []id.ID
	give := func() {
		amount := money.Fen(len(given)+1) * 100 * money.Yuan
		of.Amount = &amount
		d, err := e.Donations.Pledge(ctx, secret.Actor, of)
		must(t, err)
		_, err = e.Donations.Confirm(ctx, c.Finance.Actor, d.ID, donation.Arrival{Amount: &amount, On: e.Time.Now(), RelationChecked: true})
		must(t, err)
		given = append(given, d.ID)
		e.Time.Advance(time.Minute)
	}
	year := e.Time.Now().Year()
	give()
	give()
	asked, err := e.Receipts.Ask(ctx, secret.Actor, c.Fund.Foundation, year)
	must(t, err)
	r, err := e.Receipts.PrepareYear(ctx, c.Finance.Actor, asked.ID, "")
	must(t, err)
	_, err = e.Receipts.Review(ctx, c.Reviewer.Actor, r.ID, true, "")
	must(t, err)
	give()
	_, err = e.Receipts.Ask(ctx, secret.Actor, c.Fund.Foundation, year)
	must(t, err)
	e.Settle()
	out, err := e.Receipts.Get(ctx, c.Reviewer.Actor, r.ID)
	must(t, err)
	return out, given
}
