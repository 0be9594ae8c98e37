package standing_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/standing"
	"gongji/app/party/standing/standingtest"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

// court is a purchase and the office that lists its bidders.
type court struct {
	*bidtest.House
	t        *testing.T
	standing *standing.Service
}

func hold(t *testing.T, d *bun.DB) *court {
	h := &court{House: bidtest.New(t, d), t: t}
	h.standing = standing.New(d, h.Clock, h.Policy, h.Orgs, calendar.Default())
	return h
}

// ban keeps a supplier out of purchases for a year from now on.
func (h *court) ban(lead party.Actor) standing.Listing {
	h.t.Helper()
	l := standingtest.Listed(h.t, h.standing, h.Supervisor, h.Approver, lead, "ban")
	return l
}

// barred holds an error to what a gate says.
func barred(t *testing.T, gate string, err error, l standing.Listing) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: a listed organisation is let through", gate)
		return
	}
	for _, want := range []string{l.OrgName, "禁止参加政府采购活动", "政府采购法第77条", calendar.Until(*l.UntilAt)} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v does not say %s", gate, err, want)
		}
	}
}

func TestAListedSupplierDoesNotBid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := hold(t, d), t.Context()
		x := h.Published(t, nil)
		late, early := h.Supplier(t, "后列入社会工作服务中心"), h.Supplier(t, "先列入社会工作服务中心")
		b := h.Drafted(t, late, x)
		l := h.ban(early)
		_, err := h.Bids.Begin(ctx, early, x.ID)
		barred(t, "beginning a bid", err, l)
		l = h.ban(late)
		sealed := h.Sealed(t, late, x, 600_000*money.Yuan)
		_, err = h.Bids.Submit(ctx, late, b.ID, bytes.NewReader(sealed), int64(len(sealed)))
		barred(t, "submitting a bid", err, l)
		if _, err := h.standing.Plead(ctx, late, l.ID, standing.Objection, "认定的事实有误，附有证据。"); err != nil {
			t.Fatal(err)
		}
		seen, err := h.standing.Get(ctx, late, l.ID)
		if err != nil {
			t.Fatal(err)
		}
		other := h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Approver)
		if _, err := h.standing.Answer(ctx, other, l.ID, seen.Pleas[0].ID, true, "理由成立，撤销。"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Bids.Submit(ctx, late, b.ID, bytes.NewReader(sealed), int64(len(sealed))); err != nil {
			t.Errorf("a listing that was revoked still bars: %v", err)
		}
	})
}

func TestAListedBidderIsNotFoundEligible(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := hold(t, d), t.Context()
		x, bidders := h.Opened(t, 4, nil)
		l := h.ban(bidders[1])
		e, err := h.Evaluations.Eligibility(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range e.Bids {
			err := h.Evaluations.Check(ctx, h.Officer, x.ID, []evaluation.Checking{{Bid: line.Bid, Passed: true}})
			if line.Supplier == bidders[1].Org {
				barred(t, "eligibility", err, l)
				err = h.Evaluations.Check(ctx, h.Officer, x.ID, []evaluation.Checking{{Bid: line.Bid, Failed: []string{"q5"}, Reason: "被禁止参加政府采购活动"}})
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
}

func winners(t *testing.T, h *court, x tender.Tender) []evaluation.Line {
	t.Helper()
	_, r, err := h.Evaluations.Result(t.Context(), h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r.Lines
}

// A listing that begins between the opening and the award.
func TestAListingBetweenOpeningAndAward(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := hold(t, d), t.Context()
		x, bidders := h.Opened(t, 4, nil)
		h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 }) // the cheapest is first
		lines := winners(t, h, x)
		l := h.ban(bidders[0])
		_, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: lines[0].Bid})
		barred(t, "proposing an award", err, l)
		next := award.Proposal{Bid: lines[1].Bid, Reason: "第一名被禁止参加政府采购活动，按顺序确定第二名。"}
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, next); err != nil {
			t.Fatal(err)
		}
		l = h.ban(bidders[1]) // and one that begins between the proposal and its approval
		_, err = h.Awards.Approve(ctx, h.Approver, x.ID)
		barred(t, "approving an award", err, l)
		if err := h.Awards.Return(ctx, h.Approver, x.ID, "第二名已被禁止参加政府采购活动"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: lines[2].Bid, Reason: "前两名被禁止参加政府采购活动。"}); err != nil {
			t.Fatal(err)
		}
		a, err := h.Awards.Approve(ctx, h.Approver, x.ID)
		if err != nil || a.Supplier != bidders[2].Org {
			t.Fatal(a, err)
		}
		l = h.ban(bidders[2]) // and one between the award and the contract
		on := h.Clock.Now()
		end := on.AddDate(0, 6, 0)
		_, err = h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end})
		barred(t, "signing a contract", err, l)
		h.Clock.Set(*l.UntilAt)
		on = h.Clock.Now()
		end = on.AddDate(0, 6, 0)
		if _, err = h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end}); err != nil && strings.Contains(err.Error(), "第77条") {
			t.Errorf("a ban that is over still bars: %v", err)
		}
	})
}

func TestAListedSupplierIsNotAdmitted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := hold(t, d), t.Context()
		x, bidders := h.Opened(t, 5, map[string]string{"method": rules.MethodFramework, "term_months": "24"})
		h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
		h.ban(bidders[0])
		if _, err := h.Frameworks.Propose(ctx, h.Officer, x.ID, 4); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "最多入围 3 家") {
			t.Errorf("of four who may be admitted: %v", err)
		}
		if _, err := h.Frameworks.Propose(ctx, h.Officer, x.ID, 2); err != nil {
			t.Fatal(err)
		}
		_, members, err := h.Frameworks.Of(ctx, h.Officer, h.Again(t, x.ID))
		if err != nil || len(members) != 2 || members[0].Supplier != bidders[1].Org || members[1].Supplier != bidders[2].Org {
			t.Fatalf("%+v, %v", members, err)
		}
		l := h.ban(bidders[1])
		barred(t, "admission", h.Frameworks.Approve(ctx, h.Approver, x.ID), l)
	})
}

func TestAListedSupplierGivesNoLastOffer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := hold(t, d), t.Context()
		x, _ := h.Opened(t, 4, map[string]string{"method": rules.MethodConsultation})
		h.HandedIn(t, h.Panel(t, x, 3), x, func(string) int64 { return 80 })
		r, left := h.Asked(t, x)
		lead := h.Lead(t, left[0])
		l := h.ban(lead)
		_, err := h.Offers.Submit(ctx, lead, x.ID, h.LastOffer(t, x, r, left[0].Supplier, 500_000*money.Yuan))
		barred(t, "a last offer", err, l)
	})
}

// Where the law chose rank 1 for a silent buyer, but rank 1 is listed, the
// buyer chooses among the others.
func TestASilentBuyerAndAListedFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := hold(t, d), t.Context()
		x, bidders := h.Opened(t, 4, map[string]string{"method": rules.MethodConsultation})
		h.Scored(t, h.Panel(t, x, 3), x, func(string) int64 { return 80 })
		lines := winners(t, h, x)
		h.Clock.Advance(8 * 24 * time.Hour)
		next := award.Proposal{Bid: lines[1].Bid, Reason: "第一名被禁止参加政府采购活动。"}
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, next); !fault.Is(err, fault.Invalid) {
			t.Errorf("a silent buyer chose: %v", err)
		}
		var first party.Actor
		for _, b := range bidders {
			if _, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID); err == nil {
				if _, who := r.Of(lines[0].Bid); who.Supplier == b.Org {
					first = b
				}
			}
		}
		l := h.ban(first)
		_, err := h.Awards.Lapse(ctx, h.Approver, x.ID)
		barred(t, "the law's own choice", err, l)
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, next); err != nil {
			t.Errorf("rank 2 cannot be chosen: %v", err)
		}
	})
}
