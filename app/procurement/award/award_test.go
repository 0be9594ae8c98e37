package award_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

func share(supplier string) int64 {
	if strings.HasPrefix(supplier, "第2") {
		return 90
	}
	return 60
}

func evaluated(t *testing.T, h *bidtest.House, change map[string]string, rejected ...string) (tender.Tender, []party.Actor) {
	t.Helper()
	x, bidders := h.Opened(t, 4, change)
	h.Scored(t, h.Panel(t, x, 5), x, share, rejected...)
	return h.Again(t, x.ID), bidders
}

func TestAnAwardIsProposedByOneAndApprovedByAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders := evaluated(t, h, nil, "第4社会工作服务中心")
		_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		first, second, out := r.Lines[0].Bid, r.Lines[1].Bid, r.Lines[3].Bid
		for what, in := range map[string]award.Proposal{"second without a reason": {Bid: second}, "one that does not conform": {Bid: out, Reason: "x"}, "none": {}} {
			if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, in); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := h.Awards.Propose(ctx, h.Approver, x.ID, award.Proposal{Bid: first}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the approver proposed: %v", err)
		}
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: second, Reason: "第一名放弃"}); err != nil {
			t.Fatal(err)
		}
		proposer := h.Officer
		proposer.Role = party.Approver // the same person with both roles
		if _, err := h.Awards.Approve(ctx, proposer, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody approved their own proposal: %v", err)
		}
		if err := h.Awards.Return(ctx, h.Approver, x.ID, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("returned without a reason: %v", err)
		}
		if err := h.Awards.Return(ctx, h.Approver, x.ID, "第一名并未放弃"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: first}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Awards.Result(ctx, x.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a result before it is approved: %v", err)
		}
		if _, err := h.Awards.Mine(ctx, bidders[0], x.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a bidder's result before it is approved: %v", err)
		}
		a, err := h.Awards.Approve(ctx, h.Approver, x.ID)
		if err != nil || a.Number != "中标〔2026〕0001号" {
			t.Fatal(a, err)
		}
		if rounds, err := h.Awards.Rounds(ctx, h.Officer, x.ID); err != nil || len(rounds) != 2 || rounds[0].State != award.Returned {
			t.Errorf("%+v, %v", rounds, err)
		}
		public(t, h, x, a)
		told(t, h, x, bidders)
	})
}

func public(t *testing.T, h *bidtest.House, x tender.Tender, a award.Award) {
	t.Helper()
	ctx := t.Context()
	res, err := h.Awards.Result(ctx, x.ID)
	if err != nil || len(res.Standings) != 3 || res.Rejected != 1 || res.Standings[0].Name != "第2社会工作服务中心" || !res.Standings[0].Winner {
		t.Fatalf("%+v, %v", res, err)
	}
	winner := party.Actor{Account: "w", Org: a.Supplier, OrgKind: party.Social, Role: party.Staff}
	loser := party.Actor{Account: "l", Org: res.Standings[1].Supplier, OrgKind: party.Social, Role: party.Lead}
	for name, c := range map[string]struct {
		who party.Actor
		ok  bool
	}{"winner": {winner, true}, "officer": {h.Officer, true}, "loser": {loser, false}, "visitor": {party.Actor{}, false}} {
		if _, err := h.Archive.Get(ctx, c.who, *a.Notice); (err == nil) != c.ok {
			t.Errorf("the notice for the %s: %v", name, err)
		}
	}
}

func told(t *testing.T, h *bidtest.House, x tender.Tender, bidders []party.Actor) {
	t.Helper()
	for i, want := range []string{"总得分", "中标", "总得分", "未通过"} {
		own, err := h.Awards.Mine(t.Context(), bidders[i], x.ID)
		if err != nil || !strings.Contains(own.Why, want) || own.Passed != (i != 3) || own.Won != (i == 1) {
			t.Errorf("bidder %d is told %+v, %v", i+1, own, err)
		}
		if i == 0 && (len(own.Marks) != 3 || own.Marks[0].Score != 30_00 || own.Marks[0].Best != 45_00) {
			t.Errorf("bidder 1's marks: %+v", own.Marks)
		}
		if i == 3 && (len(own.Reasons) != 5 || len(own.Marks) != 0) {
			t.Errorf("the rejected bidder is told %+v", own)
		}
	}
	if _, err := h.Awards.Mine(t.Context(), h.Supplier(t, "局外社会工作服务中心"), x.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("an outsider is told: %v", err)
	}
}

func awarded(t *testing.T, h *bidtest.House, change map[string]string) (tender.Tender, award.Award) {
	t.Helper()
	x, _ := evaluated(t, h, change)
	_, r, err := h.Evaluations.Result(t.Context(), h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Propose(t.Context(), h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid}); err != nil {
		t.Fatal(err)
	}
	a, err := h.Awards.Approve(t.Context(), h.Approver, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	return h.Again(t, x.ID), a
}

// Test政府采购法第46条: the contract is signed within 30 days of the notice.
func Test政府采购法第46条(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, a := awarded(t, h, nil) // 2026-06-22
		h.Clock.Set(time.Date(2026, 9, 1, 1, 0, 0, 0, time.UTC))
		day := func(m time.Month, n int) *time.Time {
			v := time.Date(2026, m, n, 0, 0, 0, 0, time.FixedZone("", 8*3600))
			return &v
		}
		other := a.Amount - 1
		for what, in := range map[string]contract.Input{
			"nothing":            {},
			"31 days":            {SignedOn: day(7, 23), StartsOn: day(8, 1), EndsOn: day(12, 31)},
			"before the award":   {SignedOn: day(6, 21), StartsOn: day(8, 1), EndsOn: day(12, 31)},
			"in the future":      {SignedOn: day(9, 2), StartsOn: day(9, 2), EndsOn: day(12, 31)},
			"ends first":         {SignedOn: day(7, 22), StartsOn: day(8, 1), EndsOn: day(7, 31)},
			"another amount":     {SignedOn: day(7, 22), StartsOn: day(8, 1), EndsOn: day(12, 31), Amount: &other},
			"longer than a year": {SignedOn: day(7, 22), StartsOn: day(8, 1), EndsOn: func() *time.Time { v := day(8, 1).AddDate(1, 0, 0); return &v }()},
		} {
			if _, err := h.Contracts.Record(ctx, h.Officer, x.ID, in); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		end := day(8, 1).AddDate(1, 0, -1)
		good := contract.Input{SignedOn: day(7, 22), StartsOn: day(8, 1), EndsOn: &end}
		if _, err := h.Contracts.Record(ctx, h.Approver, x.ID, good); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the approver recorded: %v", err)
		}
		c, err := h.Contracts.Record(ctx, h.Officer, x.ID, good)
		if err != nil || c.Number != "GJ合〔2026〕0001号" || c.Amount != a.Amount {
			t.Fatal(c, err)
		}
		var e engagement.Engagement
		if err := d.NewSelect().Model(&e).Where("ref = ?", c.ID).Scan(ctx); err != nil || e.Payer != h.Bureau || e.Provider != a.Supplier || e.Amount != a.Amount {
			t.Errorf("delivery began as %+v, %v", e, err)
		}
		if _, err := h.Contracts.Record(ctx, h.Officer, x.ID, good); err == nil {
			t.Error("recorded twice")
		}
		if err := h.Contracts.May(ctx, party.Actor{}, c.ID, "view"); err != nil {
			t.Error(err)
		}
		for name, who := range map[string]party.Actor{"visitor": {}, "approver": h.Approver} {
			if err := h.Contracts.May(ctx, who, c.ID, "attach"); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s may attach: %v", name, err)
			}
		}
		list, err := h.Contracts.ByParty(ctx, a.Supplier, "", 0)
		if err != nil || len(list) != 1 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestAUnitPriceContractHasACap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, a := awarded(t, h, map[string]string{"ceiling_kind": "unit", "ceiling": "700000", "ceiling_unit": "人次", "ceiling_quantity": "1", "ceiling_cap": "720000"})
		on := *x.Deadline
		end := on.AddDate(0, 6, 0)
		most := 720_000 * money.Yuan
		for _, amount := range []money.Fen{0, -1, most + 1} {
			if _, err := h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{Amount: &amount, SignedOn: &on, StartsOn: &on, EndsOn: &end}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", amount, err)
			}
		}
		c, err := h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{Amount: &most, SignedOn: &on, StartsOn: &on, EndsOn: &end})
		if err != nil || *c.UnitPrice != a.Amount || c.Amount != most {
			t.Errorf("%+v, %v", c, err)
		}
	})
}
