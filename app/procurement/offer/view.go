package offer

import (
	"context"
	"slices"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// View is a round as one actor may see it.
type View struct {
	Tender tender.Tender `json:"tender"`
	Round  *Round        `json:"round,omitempty"`
	State  State         `json:"state,omitempty" enum:",asked,due,read,failed"`
	// Mine is the actor's own offer; never anybody else's before the round is
	// read, nor how many there are.
	Mine *Offer `json:"mine,omitempty"`
	// Offers are all offers, once read, for those who see the evaluation.
	Offers    []Offer        `json:"offers,omitempty"`
	Recipient string         `json:"recipient,omitempty"` // of the tender's key
	Holders   []opening.Seat `json:"holders,omitempty"`
	Need      int            `json:"need,omitempty"`
	Given     int            `json:"given,omitempty"` // shares in memory
	MyIndex   int            `json:"my_index,omitempty"`
	// Before is why last offers cannot be asked for yet, for who would ask.
	Before string `json:"before,omitempty"`
	// May are the actions open to the actor now: ask, offer, quit, give, open.
	May []string  `json:"may"`
	Now time.Time `json:"-"`
}

// Can reports whether an action is open.
func (v View) Can(action string) bool { return slices.Contains(v.May, action) }

// View is the round of a tender for those it concerns; Forbidden for others.
func (s *Service) View(ctx context.Context, who party.Actor, tenderID id.ID) (View, error) {
	v := View{May: []string{}, Now: s.clock.Now()}
	var err error
	if v.Tender, err = tender.Read(ctx, s.db, tenderID); err != nil {
		return v, err
	}
	rel, err := relations(ctx, s.db, who, v.Tender)
	if err != nil {
		return v, err
	}
	object := v.Tender.Object(v.Now)
	if err := s.policy.Require(rel, object, "offer_view"); err != nil {
		return v, err
	}
	r, err := readRound(ctx, s.db, tenderID)
	if fault.Is(err, fault.NotFound) {
		if Asks(v.Tender) && s.policy.Any(rel, object, "ask_offer") {
			return v, s.askable(ctx, &v)
		}
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Round, v.State = &r, r.StateAt(v.Now)
	r.State = v.State
	if err := s.mine(ctx, who, &v); err != nil {
		return v, err
	}
	if v.State == Read || v.State == Failed {
		if s.policy.Any(rel, object, "ranking") || s.policy.Any(rel, object, "meeting") {
			v.Offers, err = offersOf(ctx, s.db, r.ID)
			for i := range v.Offers {
				v.Offers[i].Sealed = nil
			}
		}
		return v, err
	}
	k, set, err := key(ctx, s.db, tenderID)
	if err != nil {
		return v, err
	}
	v.Recipient, v.Need = set.Recipient, set.Threshold
	given := s.custody.Given(k)
	for _, h := range set.Holders {
		seat := opening.Seat{Index: h.Place, Post: h.Post(), Given: given[h.Place]}
		if seat.Given {
			v.Given++
		}
		if h.Account == who.Account {
			v.MyIndex = h.Place
		}
		v.Holders = append(v.Holders, seat)
	}
	switch {
	case v.State == Asked && v.Mine != nil && v.Mine.QuitAt == nil && s.policy.Any(rel, object, "last_offer"):
		v.May = append(v.May, "offer")
		if v.Mine.Version == 0 {
			v.May = append(v.May, "quit")
		}
	case v.State == Due:
		if v.MyIndex > 0 && !given[v.MyIndex] && s.policy.Any(rel, object, "give_offer") {
			v.May = append(v.May, "give")
		}
		if s.policy.Any(rel, object, "ask_offer") {
			v.May = append(v.May, "open")
		}
	}
	return v, nil
}

// askable opens "ask", or says what it waits for.
func (s *Service) askable(ctx context.Context, v *View) error {
	set, err := v.Tender.RuleSet(v.Now)
	if err != nil {
		return err
	}
	_, _, err = s.left(ctx, s.db, v.Tender, set, v.Now)
	if fault.Is(err, fault.Conflict) {
		v.Before = said(err)
		return nil
	}
	if err == nil {
		v.May = append(v.May, "ask")
	}
	return err
}

// Form is what the actor's own offer is sealed from; only where there is Mine.
func (v View) Form() seal.OfferForm {
	limit := v.Tender.Ceiling.Amount
	if limit == nil {
		limit = v.Tender.Budget
	}
	return seal.OfferForm{Tender: v.Tender.ID, Supplier: v.Mine.Supplier, Round: v.Round.ID, Title: v.Tender.Title, DueAt: v.Round.DueAt,
		Recipient: v.Recipient, Limit: limit}
}

func (s *Service) mine(ctx context.Context, who party.Actor, v *View) error {
	if who.Org == "" {
		return nil
	}
	var list []Offer
	err := s.db.NewSelect().Model(&list).ExcludeColumn("sealed").Where("round = ? AND supplier = ?", v.Round.ID, who.Org).Scan(ctx)
	if err != nil || len(list) == 0 {
		return db.Translate(err)
	}
	v.Mine = &list[0]
	return nil
}
