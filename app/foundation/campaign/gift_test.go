package campaign_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/campaign"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

const list = "票据抬头,金额（元）,统一社会信用代码,订单号\n" +
	"欧阳娜娜,\"1,200.00\",,A1\n" +
	"晨光商贸有限公司,3000,91654026MA78WT2Q66,A2\n" +
	"王*,20,,A3\n" +
	"李四,20,,A1\n" +
	"赵六,零元,,A5\n" +
	"合计,4240,,\n"

// Those who asked the platform for a receipt are donors by name, confirmed with
// the settlement's money; the rest stays without names, and the fund has the
// net amount once.
func TestTheDonorsThatAskForAReceiptAreNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := open(t, d), t.Context()
		x := h.running(t)
		y, err := h.Campaigns.Settle(ctx, h.Finance, x.ID, paper())
		if err != nil {
			t.Fatal(err)
		}
		if err := h.attach(t, campaign.SettlementKind, h.Finance, x, y); err != nil {
			t.Fatal(err)
		}
		_, err = h.Campaigns.Enlist(ctx, h.Outsider, y.ID, "名单.csv", strings.NewReader(list))
		if err == nil {
			t.Error("another foundation reads a list in")
		}
		for _, c := range []string{"姓名\n张三\n", "票据抬头,金额\n张三,9940\n"} {
			if _, err := h.Campaigns.Enlist(ctx, h.Finance, y.ID, "名单.csv", strings.NewReader(c)); !slices.Equal(fields(err), []string{"list"}) {
				t.Errorf("%q: %v", c, err)
			}
		}
		got, err := h.Campaigns.Enlist(ctx, h.Finance, y.ID, "名单.csv", strings.NewReader(list))
		if err != nil || got.Count != 2 || got.Amount != 4_200*money.Yuan || len(got.Bad) != 3 || got.Bad[0].Row != 4 || got.Bad[1].Row != 5 || got.Bad[2].Row != 6 {
			t.Fatalf("read: %+v, %v", got, err)
		}
		if kept, err := h.Campaigns.Listing(ctx, h.Officer, y.ID); err != nil || kept.Count != 2 || kept.Amount != got.Amount || len(kept.Bad) != 3 {
			t.Errorf("kept: %+v, %v", kept, err)
		}
		if y, err = h.Campaigns.Enter(ctx, h.Finance, y.ID); err != nil {
			t.Fatal(err)
		}
		all, err := h.Donations.AtFoundation(ctx, h.Finance, donation.Filter{Fund: h.Fund.ID, State: donation.Pledged, Limit: 10})
		if err != nil || all.Total != 3 {
			t.Fatalf("%+v, %v", all, err)
		}
		second := h.Join(h.Person("财务戊"), h.Foundation, party.Finance)
		came := donation.Arrival{Amount: new(money.Fen), On: h.Clock.Now()}
		for _, g := range all.Items {
			if g.GatheredIn == nil {
				continue
			}
			*came.Amount = *g.Amount
			_, err := h.Donations.Confirm(ctx, second, g.ID, came)
			want(t, "one of them alone", err, fault.Conflict)
			if h.Donations.Allowed(second, g, "confirm") {
				t.Error("the button is shown")
			}
			if !g.Hidden || g.Purpose == "" {
				t.Errorf("a named donor: %+v", g)
			}
		}
		*came.Amount = 9_940 * money.Yuan
		lead, err := h.Donations.Confirm(ctx, second, *y.Donation, came)
		if err != nil {
			t.Fatal(err)
		}
		if h.Balance() != 9_940*money.Yuan || *lead.Arrived != 5_740*money.Yuan || *lead.Gathered != 410 {
			t.Errorf("balance %s, nameless %+v", h.Balance(), lead)
		}
		all, err = h.Donations.AtFoundation(ctx, h.Finance, donation.Filter{Fund: h.Fund.ID, State: donation.Confirmed, Limit: 10})
		if err != nil || all.Total != 3 {
			t.Fatalf("%+v, %v", all, err)
		}
		sum, err := h.Campaigns.Total(ctx, x.ID)
		if err != nil || sum != (campaign.Total{Count: 1, Gross: 1_000_000, Fee: 6_000, Net: 994_000, Gifts: 412}) {
			t.Errorf("total %+v, %v", sum, err)
		}
		given, err := h.Donations.GivenTo(ctx, h.Fund.ID, "", 10)
		if err != nil || len(given) != 3 || slices.ContainsFunc(given, func(g donation.Given) bool {
			return strings.Contains(g.Donor, "欧") || strings.Contains(g.Donor, "晨光")
		}) {
			t.Errorf("the public page names them: %+v, %v", given, err)
		}
		if _, err := h.Donations.AskRefund(ctx, h.Finance, lead.ID, "平台更正"); !fault.Is(err, fault.Conflict) {
			t.Errorf("the settlement is given back with its named donors in it: %v", err)
		}
	})
}
