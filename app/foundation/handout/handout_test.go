package handout_test

import (
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/handout"
	"gongji/app/foundation/trace"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

type house struct {
	*donationtest.House
	Handouts  *handout.Service
	Community party.Actor
	Traces    *trace.Service
}

func open(t *testing.T, d *bun.DB) *house {
	t.Helper()
	h := &house{House: donationtest.New(t, d)}
	h.Handouts = handout.New(d, h.Clock, h.Policy, h.Goods, h.Funds)
	h.Traces = trace.New(d, h.Donations)
	h.Community = h.Join(h.Person("社区主任"), h.Org(t, party.Community, "横沥镇新城社区"), party.Lead)
	return h
}

func (h *house) must(err error) {
	h.T.Helper()
	if err != nil {
		f, _ := fault.Complaints(err)
		h.T.Fatal(err, f)
	}
}

// came is a donation of masks by the donor that is in stock.
func (h *house) came(n int64) donation.Donation {
	h.T.Helper()
	d, err := h.Donations.Pledge(h.T.Context(), h.Donor, h.Things(donation.Thing{Name: "口罩", Unit: new("只"), Quantity: n}))
	h.must(err)
	d, err = h.Donations.Confirm(h.T.Context(), h.Finance, d.ID, donation.Arrival{On: h.Clock.Now(), Goods: []donation.Arrived{{Line: 1, Quantity: n}}})
	h.must(err)
	h.Clock.Advance(1e9)
	return d
}

func (h *house) item() id.ID {
	h.T.Helper()
	stock, err := h.Goods.OfFund(h.T.Context(), h.Fund.ID)
	h.must(err)
	return stock[0].ID
}

func (h *house) form(n int64) handout.Form {
	return handout.Form{Fund: h.Fund.ID, Recipient: "横沥镇新城社区", Purpose: "发给社区值守人员使用", Lines: []handout.Want{{Item: h.item(), Quantity: n}}}
}

// out is a hand-out that left the stock.
func (h *house) out(n int64) handout.Handout {
	h.T.Helper()
	ctx := h.T.Context()
	x, err := h.Handouts.Create(ctx, h.Officer, h.form(n))
	h.must(err)
	_, err = h.Handouts.Approve(ctx, h.Approver, x.ID)
	h.must(err)
	x, err = h.Handouts.Ship(ctx, h.Storekeeper, x.ID)
	h.must(err)
	h.Clock.Advance(1e9)
	return x
}

func TestGoodsGoOutOnlyApprovedAndAreSignedForByTheRecipient(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := open(t, d), t.Context()
		first := h.came(100)
		second := h.came(50)
		for field, f := range map[string]handout.Form{"recipient": func() handout.Form { x := h.form(1); x.Recipient = "没有这个社区"; return x }(), "lines": h.form(0),
			"quantity." + string(h.item()): h.form(151), "purpose": func() handout.Form { x := h.form(1); x.Purpose = "用"; return x }()} {
			_, err := h.Handouts.Create(ctx, h.Officer, f)
			if list, _ := fault.Complaints(err); len(list) != 1 || list[0].Name != field {
				t.Errorf("%s: %v %v", field, err, list)
			}
		}
		if _, err := h.Handouts.Create(ctx, h.Donor, h.form(1)); err == nil {
			t.Error("a donor drafts")
		}
		x, err := h.Handouts.Create(ctx, h.Officer, h.form(120))
		h.must(err)
		if _, err := h.Handouts.Ship(ctx, h.Storekeeper, x.ID); err == nil {
			t.Error("shipped before it was approved")
		}
		self := h.Officer
		self.Role = party.Approver
		if _, err := h.Handouts.Approve(ctx, self, x.ID); err == nil {
			t.Error("approved by who drafted it")
		}
		_, err = h.Handouts.Approve(ctx, h.Approver, x.ID)
		h.must(err)
		x, err = h.Handouts.Ship(ctx, h.Storekeeper, x.ID)
		h.must(err)
		if _, err := h.Handouts.Get(ctx, party.Actor{}, x.ID); err == nil {
			t.Error("the public sees what was not signed for")
		}
		if _, err := h.Handouts.Sign(ctx, h.Storekeeper, x.ID, []handout.Counted{{Line: 1, Accepted: 120}}); err == nil {
			t.Error("the foundation signs for the recipient")
		}
		for _, bad := range []handout.Counted{{Line: 1, Accepted: 121}, {Line: 1, Accepted: -1}, {Line: 1, Accepted: 100}, {Line: 2, Accepted: 120}} {
			if _, err := h.Handouts.Sign(ctx, h.Community, x.ID, []handout.Counted{bad}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		x, err = h.Handouts.Sign(ctx, h.Community, x.ID, []handout.Counted{{Line: 1, Accepted: 110, Why: "破损"}})
		h.must(err)
		if *x.Lines[0].Returned != 10 || x.State != handout.Signed {
			t.Errorf("%+v", x)
		}
		stock, err := h.Goods.OfFund(ctx, h.Fund.ID)
		h.must(err)
		if stock[0].Quantity != 40 || stock[0].In != 150 || stock[0].Out != 110 {
			t.Errorf("stock %+v", stock[0])
		}
		if bad, err := h.Goods.Unbalanced(ctx); err != nil || len(bad) > 0 {
			t.Errorf("goods are not their movements: %v %v", bad, err)
		}
		if _, err := h.Handouts.Sign(ctx, h.Community, x.ID, []handout.Counted{{Line: 1, Accepted: 120}}); err == nil {
			t.Error("signed twice")
		}
		if got, err := h.Handouts.Get(ctx, party.Actor{}, x.ID); err != nil || *got.Lines[0].Accepted != 110 {
			t.Errorf("the public: %+v %v", got, err)
		}
		// First in, first out: the 110 are the 100 of the first and 10 of the second.
		one, err := h.Traces.Goods(ctx, h.Donor, first.ID)
		if err != nil || one.Things[0].Left != 0 || len(one.Things[0].Parts) != 1 || one.Things[0].Parts[0].Part != 100 || one.Things[0].Parts[0].SignedAt == nil {
			t.Errorf("the first gift: %+v %v", one, err)
		}
		h.out(5)
		two, err := h.Traces.Goods(ctx, h.Donor, second.ID)
		if err != nil || two.Things[0].Left != 35 || len(two.Things[0].Parts) != 2 || two.Things[0].Parts[0].Part != 10 || two.Things[0].Parts[1].Part != 5 || two.Things[0].Parts[1].SignedAt != nil {
			t.Errorf("the second gift: %+v %v", two, err)
		}
		if _, err := h.Traces.Goods(ctx, h.Company, second.ID); err == nil {
			t.Error("another donor follows it")
		}
		if loose, err := h.Handouts.Loose(ctx, d, h.Fund.ID); err != nil || len(loose) != 1 {
			t.Errorf("what keeps the fund from ending: %v %v", loose, err)
		}
	})
}

// Two hand-outs of the same things at once never take more than there is.
func TestStockIsNeverHandedOutTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := open(t, d), t.Context()
		h.came(10)
		var waiting []handout.Handout
		for range 8 {
			x, err := h.Handouts.Create(ctx, h.Officer, h.form(3))
			h.must(err)
			x, err = h.Handouts.Approve(ctx, h.Approver, x.ID)
			h.must(err)
			waiting = append(waiting, x)
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		good := 0
		for _, x := range waiting {
			all.Go(func() {
				_, err := h.Handouts.Ship(ctx, h.Storekeeper, x.ID)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					good++
				} else if !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		stock, err := h.Goods.OfFund(ctx, h.Fund.ID)
		h.must(err)
		if good != 3 || stock[0].Quantity != 1 {
			t.Errorf("%d went out, %d left of 10 by threes", good, stock[0].Quantity)
		}
	})
}
