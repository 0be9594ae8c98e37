package interest

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

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
	bidders := parties[1:]
	b, err := open(ctx, d, bidders, now) // what ended before now no longer binds here
	if err != nil {
		return nil, err
	}
	rule := set.Must(rules.SupplierAffiliated)
	var out []Pair
	for i, x := range bidders {
		for _, y := range bidders[i+1:] {
			if why := b.affiliated(x, y); why != "" {
				out = append(out, Pair{A: x, B: y, AName: b.orgs[x].Name, BName: b.orgs[y].Name, Why: why, Rule: rule})
			}
		}
	}
	return out, nil
}

func (b book) affiliated(x, y id.ID) string {
	for _, p := range b.people[x] {
		for _, q := range b.people[y] {
			if p.Post == organisation.HeadPost && q.Post == organisation.HeadPost && (person{p.Name, p.IDTail}).is(person{q.Name, q.IDTail}) {
				if p.IDTail == "" || q.IDTail == "" {
					return "单位负责人同名“" + p.Name + "”（证件后四位未登记齐，请核实是否同一人）"
				}
				return "单位负责人为同一人“" + p.Name + "”"
			}
		}
	}
	a, c := b.orgs[x], b.orgs[y]
	if k, ok := b.controlled(x, c.Name, c.Code()); ok {
		return "“" + c.Name + "”" + k.How + "“" + a.Name + "”"
	}
	if k, ok := b.controlled(y, a.Name, a.Code()); ok {
		return "“" + a.Name + "”" + k.How + "“" + c.Name + "”"
	}
	return ""
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
