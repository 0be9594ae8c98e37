// Package interest asks about ties (利害关系) with the parties to a purchase: of
// the people of its panel, of the buyer's staff, and between bidders
// (政府采购法实施条例第9、18条).
package interest

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party/account"
	"gongji/app/party/interest"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Tie is one found between a person and an organisation.
type Tie = interest.Tie

// Pair is a tie between two bidders of one contract.
type Pair struct {
	A, B         id.ID
	AName, BName string
	Why          string
	Rule         rules.Rule
}

// BetweenBidders finds the bidders that may not both bid: the same person in
// charge, or one in direct control of the other, now (政府采购法实施条例第18条).
func BetweenBidders(ctx context.Context, d bun.IDB, t tender.Tender, set rules.Set, now time.Time) ([]Pair, error) {
	parties, err := Parties(ctx, d, t)
	if err != nil || len(parties) < 3 {
		return nil, err
	}
	found, err := interest.Affiliated(ctx, d, parties[1:], now)
	rule := set.Must(rules.SupplierAffiliated)
	var out []Pair
	for _, x := range found {
		out = append(out, Pair{A: x.A, B: x.B, AName: x.AName, BName: x.BName, Why: x.Why, Rule: rule})
	}
	return out, err
}

// OfPerson finds every tie between a person and organisations within the years
// that the rules of a purchase look back (条例第9条).
func OfPerson(ctx context.Context, d bun.IDB, a account.Account, orgs []id.ID, set rules.Set, now time.Time) ([]Tie, error) {
	return interest.OfPerson(ctx, d, a, orgs, set.Must(rules.RecusalYears), now)
}

// Parties are the organisations that somebody on a panel must have no tie to:
// the buyer, and every bidder that was opened.
func Parties(ctx context.Context, d bun.IDB, t tender.Tender) (out []id.ID, err error) {
	if err = d.NewSelect().TableExpr("opening_line").Column("supplier").Where("tender = ? AND failed = ''", t.ID).Order("position").Scan(ctx, &out); err != nil {
		return nil, db.Translate(err)
	}
	return append([]id.ID{t.Buyer}, out...), nil
}

// OfStaff finds the ties between the people of the buyer and the bidders:
// whoever has one stands aside from this purchase (条例第9条).
func OfStaff(ctx context.Context, d bun.IDB, t tender.Tender, set rules.Set, now time.Time) (map[id.ID][]Tie, error) {
	parties, err := Parties(ctx, d, t)
	if err != nil {
		return nil, err
	}
	var people []account.Account
	if err := d.NewSelect().Model(&people).Where("id IN (SELECT account FROM membership WHERE organisation = ? AND ended_at IS NULL)", t.Buyer).
		Order("id").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	out := map[id.ID][]Tie{}
	for _, a := range people {
		ties, err := OfPerson(ctx, d, a, parties[1:], set, now)
		if err != nil {
			return nil, err
		}
		if len(ties) > 0 {
			out[a.ID] = ties
		}
	}
	return out, nil
}

// Barred reports whether an account must see no bid of a purchase: a tie to one
// bidder takes somebody off all of it (条例第9条), for what the others offer is
// what that bidder would like to know. It is asked before any file opens.
func Barred(ctx context.Context, d bun.IDB, t tender.Tender, who id.ID, now time.Time) (Tie, bool, error) {
	parties, err := Parties(ctx, d, t)
	if err != nil {
		return Tie{}, false, err
	}
	var a account.Account
	if err := d.NewSelect().Model(&a).Where("id = ?", who).Scan(ctx); err != nil {
		return Tie{}, false, db.Translate(err)
	}
	set, err := t.RuleSet(now)
	if err != nil {
		return Tie{}, false, err
	}
	ties, err := OfPerson(ctx, d, a, parties[1:], set, now)
	if err != nil || len(ties) == 0 {
		return Tie{}, false, err
	}
	return ties[0], true, nil
}

// Same compares the names of organisations as people write them.
func Same(a, b string) bool { return interest.Same(a, b) }
