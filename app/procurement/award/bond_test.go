package award_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

// 条例33: at most 2% of the budget, never cash; back within five working days of
// the award notice, of the contract for the winner, of the end where there is
// no winner. Who paid one is told to nobody before the opening.
func TestBonds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders := evaluated(t, h, nil)
		finance := h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Finance)
		paid := *x.Deadline
		good := award.BondInput{Supplier: bidders[0].Org, Amount: 15_400 * money.Yuan, Form: "转账", ReceivedOn: &paid} // 2% of 770,000
		later := h.Clock.Now().Add(time.Hour)
		for what, change := range map[string]func(*award.BondInput){
			"条例33 超过预算的百分之二": func(in *award.BondInput) { in.Amount++ },
			"条例33 现金":        func(in *award.BondInput) { in.Form = "现金" },
			"no amount":      func(in *award.BondInput) { in.Amount = 0 },
			"no bidder":      func(in *award.BondInput) { in.Supplier = id.New(h.Clock.Now()) },
			"in the future":  func(in *award.BondInput) { in.ReceivedOn = &later },
			"no day":         func(in *award.BondInput) { in.ReceivedOn = nil },
		} {
			in := good
			change(&in)
			_, err := h.Awards.RecordBond(ctx, h.Officer, x.ID, in)
			if !fault.Is(err, fault.Invalid) || strings.HasPrefix(what, "条例33") && !strings.Contains(err.Error(), "条例第33条") {
				t.Errorf("%s: %v", what, err)
			}
		}
		for name, who := range map[string]party.Actor{"finance": finance, "approver": h.Approver, "bidder": bidders[0], "visitor": {}} {
			if _, err := h.Awards.RecordBond(ctx, who, x.ID, good); err == nil {
				t.Errorf("%s entered a bond", name)
			}
		}
		lost, err := h.Awards.RecordBond(ctx, h.Officer, x.ID, good)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Awards.RecordBond(ctx, h.Officer, x.ID, good); !fault.Is(err, fault.Invalid) {
			t.Errorf("entered twice: %v", err)
		}
		good.Supplier = bidders[1].Org
		won, err := h.Awards.RecordBond(ctx, h.Officer, x.ID, good)
		if err != nil {
			t.Fatal(err)
		}
		due := func() map[id.ID]award.Bond {
			t.Helper()
			list, err := h.Awards.Bonds(ctx, finance, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			out := map[id.ID]award.Bond{}
			for _, b := range list {
				out[b.ID] = b
			}
			return out
		}
		if b := due()[lost.ID]; b.Due != nil || !strings.Contains(b.Why, "尚未开始") {
			t.Errorf("a bond is due before the result: %+v", b)
		}
		w := approved(t, h, x, bidders[1])
		sent(t, h, bidders[0], "投标保证金应退还")
		sent(t, h, h.Officer, "请退还投标保证金")
		sent(t, h, h.Officer, "待签订合同")
		sent(t, h, bidders[1], "待签订合同")
		if boxed(t, h, bidders[1], "投标保证金应退还") {
			t.Error("条例33: the winner is told of a bond that is not due")
		}
		// Monday 2026-06-22; the five working days after it end with Monday 29th.
		if b := due()[lost.ID]; b.Due == nil || b.Due.In(time.FixedZone("", 8*3600)).Format(time.DateTime) != "2026-06-30 00:00:00" || !strings.Contains(b.Article, "条例第33条") {
			t.Errorf("条例33 未中标人的退还期限: %+v", b)
		}
		if b := due()[won.ID]; b.Due != nil || !strings.Contains(b.Why, "采购合同签订") {
			t.Errorf("条例33 中标人的退还期限: %+v", b)
		}
		on, end := h.Clock.Now(), h.Clock.Now().AddDate(0, 6, 0)
		if _, err := h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end}); err != nil {
			t.Fatal(err, w)
		}
		sent(t, h, bidders[1], "投标保证金应退还")
		if b := due()[won.ID]; b.Due == nil {
			t.Errorf("条例33 合同签订后: %+v", b)
		}
		gaveBack(t, h, x, lost, finance, bidders)
	})
}

func approved(t *testing.T, h *bidtest.House, x tender.Tender, want party.Actor) award.Award {
	t.Helper()
	_, r, err := h.Evaluations.Result(t.Context(), h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, who := r.Of(r.Lines[0].Bid); who.Supplier != want.Org {
		t.Fatalf("%s is first", who.Name)
	}
	if _, err := h.Awards.Propose(t.Context(), h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid}); err != nil {
		t.Fatal(err)
	}
	a, err := h.Awards.Approve(t.Context(), h.Approver, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func gaveBack(t *testing.T, h *bidtest.House, x tender.Tender, b award.Bond, finance party.Actor, bidders []party.Actor) {
	t.Helper()
	ctx := t.Context()
	today, before := h.Clock.Now(), b.ReceivedOn.AddDate(0, 0, -1)
	for what, c := range map[string]struct {
		on    *time.Time
		proof string
	}{"no day": {nil, "回单 1"}, "before it came": {&before, "回单 1"}, "no slip": {&today, " "}} {
		if err := h.Awards.ReturnBond(ctx, finance, x.ID, b.ID, c.on, c.proof); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := h.Awards.ReturnBond(ctx, h.Approver, x.ID, b.ID, &today, "回单 1"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the approver returned it: %v", err)
	}
	if err := h.Awards.ReturnBond(ctx, finance, x.ID, b.ID, &today, "回单 1"); err != nil {
		t.Fatal(err)
	}
	if err := h.Awards.ReturnBond(ctx, finance, x.ID, b.ID, &today, "回单 2"); !fault.Is(err, fault.Invalid) {
		t.Errorf("returned twice: %v", err)
	}
	if mine, err := h.Awards.MyBonds(ctx, bidders[0], x.ID); err != nil || len(mine) != 1 || mine[0].Proof != "回单 1" {
		t.Errorf("its bidder reads %+v, %v", mine, err)
	}
	if mine, err := h.Awards.MyBonds(ctx, bidders[2], x.ID); err != nil || len(mine) != 0 {
		t.Errorf("another bidder reads %+v, %v", mine, err)
	}
	for name, c := range map[string]struct {
		who party.Actor
		ok  bool
	}{"its bidder": {bidders[0], true}, "another": {bidders[2], false}, "finance": {finance, true}, "visitor": {party.Actor{}, false}} {
		if err := h.Awards.MayBond(ctx, c.who, b.ID, "view"); (err == nil) != c.ok {
			t.Errorf("the bond for %s: %v", name, err)
		}
	}
}

// A purchase that ends without a winner gives every bond back from then on.
func TestBondsOfAPurchaseThatEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders := h.Opened(t, 3, nil)
		paid := *x.Deadline
		if _, err := h.Awards.RecordBond(ctx, h.Officer, x.ID, award.BondInput{Supplier: bidders[0].Org, Amount: money.Yuan, Form: "支票", ReceivedOn: &paid}); err != nil {
			t.Fatal(err)
		}
		if err := h.Evaluations.Void(ctx, h.Approver, x.ID, evaluation.Voiding{Ground: evaluation.TaskGround, Reason: "任务取消"}); err != nil {
			t.Fatal(err)
		}
		sent(t, h, h.Officer, "采购失败")
		sent(t, h, bidders[1], "采购失败")
		list, err := h.Awards.Bonds(ctx, h.Officer, x.ID)
		if err != nil || len(list) != 1 || list[0].Due == nil || !strings.Contains(list[0].Why, "终止") {
			t.Errorf("条例33 采购终止: %+v, %v", list, err)
		}
	})
}

// Before the opening nobody enters, lists or is told of a bond: who paid one
// bids.
func TestBondsSayNothingBeforeTheOpening(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 1)
		paid := h.Clock.Now()
		_, err := h.Awards.RecordBond(ctx, h.Officer, x.ID, award.BondInput{Supplier: bidders[0].Org, Amount: money.Yuan, Form: "转账", ReceivedOn: &paid})
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("entered before the opening: %v", err)
		}
	})
}

// boxed reports whether a letter whose title begins so lies in somebody's box.
func boxed(t *testing.T, h *bidtest.House, who party.Actor, title string) bool {
	t.Helper()
	p, err := inbox.New(h.DB, h.Clock).List(t.Context(), who, inbox.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(p.Items, func(m inbox.Message) bool { return strings.HasPrefix(m.Title, title) })
}

func sent(t *testing.T, h *bidtest.House, who party.Actor, title string) {
	t.Helper()
	if !boxed(t, h, who, title) {
		t.Errorf("%s lacks a letter “%s”", who.OrgName, title)
	}
}
