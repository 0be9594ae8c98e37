package opening_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/storage/db/dbtest"
)

func TestABidSpoiledByItsBidderCountsAsWithdrawn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, other := h.Published(t, nil), h.Published(t, nil)
		h.Bidders(t, x, 3)
		spoiled := map[string]string{}
		spoil := func(name, reason string, sealed func(who party.Actor) []byte) {
			who := h.Supplier(t, name)
			h.Clock.Advance(time.Second)
			h.Sent(t, who, x, sealed(who))
			spoiled[name] = reason
		}
		spoil("投错社会工作服务中心", "另一个采购项目", func(who party.Actor) []byte {
			form, err := h.Bids.Form(ctx, who, other.ID)
			if err != nil {
				t.Fatal(err)
			}
			mine, err := h.Bids.Form(ctx, who, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			form.Recipient = mine.Recipient
			var b bytes.Buffer
			if _, err := seal.Pack(&b, form, h.Offer(t, who, other, 700_000*money.Yuan), nil, nil); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		})
		spoil("冒名社会工作服务中心", "另一个供应商", func(who party.Actor) []byte {
			m := h.Offer(t, who, x, 700_000*money.Yuan)
			m.Supplier = h.Supplier(t, "别人").Org
			return h.Pack(t, who, x, m)
		})
		spoil("错钥社会工作服务中心", "公钥", func(who party.Actor) []byte { return h.Pack(t, who, other, h.Offer(t, who, other, 700_000*money.Yuan)) })
		spoil("改动社会工作服务中心", "改动", func(who party.Actor) []byte {
			sealed := h.Sealed(t, who, x, 700_000*money.Yuan)
			sealed[len(sealed)-1] ^= 1
			return sealed
		})
		h.Clock.Set(*x.Deadline)
		before := h.Objects(t)
		o := h.Open(t, x)
		if o.Outcome != opening.Done || o.Bidders != 7 {
			t.Fatalf("%+v", o)
		}
		if n := h.Objects(t); n != before+3 {
			t.Errorf("the opening left %d objects, three files came out of three bids", n-before)
		}
		listed, err := opening.Listed(ctx, d, x.ID)
		if err != nil || len(listed) != 7 {
			t.Fatal(listed, err)
		}
		record := frozen(t, d, string(*o.Record))
		for i, l := range listed {
			want := spoiled[l.SupplierName]
			if (l.Failed != "") != (want != "") || !strings.Contains(l.Failed, want) || record.Bids[i].Failed != l.Failed {
				t.Errorf("%s failed with %q", l.SupplierName, l.Failed)
			}
			if _, _, err := h.Bids.Content(ctx, h.Officer, l.Bid, 0); (err == nil) != (want == "") {
				t.Errorf("%s: the buyer reads it: %v", l.SupplierName, err)
			}
		}
		if standing, err := opening.Lines(ctx, d, x.ID); err != nil || len(standing) != 3 {
			t.Errorf("%d bids stand, %v", len(standing), err)
		}
	})
}

func TestDraftsAndWithdrawnBidsAreNotOpened(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 3)
		draft := h.Drafted(t, h.Supplier(t, "草稿社会工作服务中心"), x)
		gone := h.Supplier(t, "撤回社会工作服务中心")
		withdrawn := h.Submitted(t, gone, x, 700_000*money.Yuan)
		if err := h.Bids.Withdraw(ctx, gone, withdrawn.ID, ""); err != nil {
			t.Fatal(err)
		}
		h.Clock.Set(*x.Deadline)
		if o := h.Open(t, x); o.Bidders != 3 {
			t.Fatal(o)
		}
		for _, b := range []bid.Bid{draft, withdrawn} {
			if _, _, err := h.Bids.Content(ctx, h.Officer, b.ID, 0); !fault.Is(err, fault.NotFound) {
				t.Errorf("the buyer reads %s: %v", b.State, err)
			}
		}
	})
}
