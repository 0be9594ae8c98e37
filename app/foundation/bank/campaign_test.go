package bank_test

import (
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/bank"
	"gongji/app/foundation/campaign/campaigntest"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/money"
	"gongji/storage/db/dbtest"
)

const asked = "票据抬头,金额\n欧阳娜娜,1200\n晨光商贸有限公司,3000\n"

// What a platform pays over is one line at the bank: it finds the settlement by
// its amount, and confirms it with the donors that are named in it.
func TestASettlementOfACampaignIsMatchedToOneLineOfTheBank(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		h := campaigntest.New(k.House)
		y := h.Entered(h.Running(), asked)
		k.imported("五月.csv", head+"2026-05-31,9940.00,,某指定平台,6222,五月结算JS-2026-05,S00000001\n")
		l := k.one("结算")
		if l.Guess == nil || *l.Guess != *y.Donation || l.GuessKind != bank.Gift {
			t.Fatalf("the line was taken for %+v", l)
		}
		if c, err := k.bank.Candidates(ctx, k.Finance, l.ID, ""); err != nil || len(c) != 1 {
			t.Errorf("the named donors are offered by themselves: %+v, %v", c, err)
		}
		k.propose(l, bank.Proposal{Kind: bank.Gift, Target: *y.Donation})
		k.confirm(l)
		all, err := k.Donations.AtFoundation(ctx, k.Finance, donation.Filter{Fund: k.Fund.ID, State: donation.Confirmed, Limit: 10})
		k.ok(err)
		if all.Total != 3 || k.Balance() != 9_940*money.Yuan || k.balance(ledger.Unclaimed) != 0 {
			t.Errorf("%d donations, %s in the fund, %s unclaimed", all.Total, k.Balance(), k.balance(ledger.Unclaimed))
		}
		k.sound()
	})
}

// Confirmed by hand first, the settlement is found in the bank by all it brought.
func TestASettlementThatWasConfirmedByHandIsFoundInTheBank(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k := newDesk(t, d)
		h := campaigntest.New(k.House)
		y := h.Entered(h.Running(), asked)
		_, err := k.Donations.Confirm(t.Context(), k.Finance, *y.Donation, k.Came(9_940*money.Yuan))
		k.ok(err)
		k.imported("五月.csv", head+"2026-05-31,9940.00,,某指定平台,6222,五月结算,S00000001\n")
		l := k.one("结算")
		k.propose(l, bank.Proposal{Kind: bank.Gift, Target: *y.Donation})
		k.confirm(l)
		if k.Balance() != 9_940*money.Yuan || k.balance(ledger.Unclaimed) != 0 {
			t.Errorf("%s in the fund, %s unclaimed", k.Balance(), k.balance(ledger.Unclaimed))
		}
		k.sound()
	})
}
