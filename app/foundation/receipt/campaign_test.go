package receipt_test

import (
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/campaign/campaigntest"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/storage/db/dbtest"
)

// A campaign's receipts go to those who asked its platform for one; what stays
// without names is set aside with the reason.
func TestABatchOfACampaign(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		h := campaigntest.New(k.House)
		x := h.Running()
		y := h.Entered(x, "票据抬头,金额,统一社会信用代码\n欧阳娜娜,1200,\n晨光商贸有限公司,3000,91654026MA78WT2Q66\n")
		k.Given(k.Donor, 140950) // to the same fund, not in the campaign
		if _, _, err := k.bulk.Freeze(ctx, k.Outsider, receipt.Scope{Campaign: x.ID}); err == nil {
			t.Error("another foundation prepares it")
		}
		b := k.freeze(receipt.Scope{Campaign: x.ID})
		if b.Waiting != 0 || b.Aside != 3 || b.Title != "公开募捐 · 社区助老公开募捐" {
			t.Errorf("before the money came: %+v", b)
		}
		if _, err := k.Donations.Confirm(ctx, k.Finance, *y.Donation, k.Came(9_940*money.Yuan)); err != nil {
			t.Fatal(err)
		}
		b, err := k.bulk.Recheck(ctx, k.Finance, b.ID)
		if err != nil || b.Waiting != 2 || b.Amount != 4_200*money.Yuan {
			t.Fatalf("after it came: %+v, %v", b, err)
		}
		if again, fresh, err := k.bulk.Freeze(ctx, k.Finance, receipt.Scope{Campaign: x.ID, Year: 2025}); err != nil || fresh || again.ID != b.ID {
			t.Errorf("twice the same: %v %v", fresh, err)
		}
		b = k.run(b)
		rows := k.rows(b)
		if b.Issued != 2 || b.Aside != 1 || rows[*y.Donation].Cause != receipt.Nameless {
			t.Errorf("%+v %+v", b, rows[*y.Donation])
		}
		k.gapless(2)
		if _, _, err := k.bulk.Freeze(ctx, k.Finance, receipt.Scope{Campaign: "01KT0B3QK8DJ2HYD71TD3W3HJ0"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such campaign: %v", err)
		}
	})
}
