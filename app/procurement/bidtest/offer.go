package bidtest

import (
	"testing"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/offer"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
)

// Asked has the panel ask for last offers, with half an hour to give them;
// nothing where the method has none, where they were asked for, or where so few
// remain that the purchase ends anyway.
func (h *House) Asked(t testing.TB, x tender.Tender) (offer.Round, []opening.Line) {
	t.Helper()
	if !offer.Asks(x) {
		return offer.Round{}, nil
	}
	left, err := h.Evaluations.Remaining(t.Context(), h.DB, h.Again(t, x.ID), h.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.Offers.Ask(t.Context(), h.panels[x.ID][0], x.ID, 30)
	if fault.Is(err, fault.Conflict) {
		return offer.Round{}, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return r, left
}

// Lead is somebody who acts for a supplier.
func (h *House) Lead(t testing.TB, l opening.Line) party.Actor {
	t.Helper()
	var account id.ID
	if err := h.DB.NewSelect().TableExpr("membership").ColumnExpr("account").Where("organisation = ? AND role = ?", l.Supplier, party.Lead).Limit(1).Scan(t.Context(), &account); err != nil {
		t.Fatal(err)
	}
	return party.Actor{Account: account, Name: "负责人", Org: l.Supplier, OrgName: l.SupplierName, OrgKind: party.Social, Role: party.Lead}
}

// LastOffer is a last offer as it leaves its supplier's device.
func (h *House) LastOffer(t testing.TB, x tender.Tender, r offer.Round, supplier id.ID, price money.Fen) []byte {
	t.Helper()
	form, err := h.Bids.Form(t.Context(), h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := seal.PackOffer(seal.LastOffer{Tender: x.ID, Supplier: supplier, Round: r.ID, Price: price}, form.Recipient, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// GiveOffers has the first n holders give their shares for the last offers.
func (h *House) GiveOffers(t testing.TB, x tender.Tender, n int) {
	t.Helper()
	for i := range n {
		who, share := h.Share(t, x, i)
		if err := h.Offers.Give(t.Context(), who, x.ID, share); err != nil {
			t.Fatal(err)
		}
	}
}

// LastOffers walks the round: each remaining supplier offers its price by name,
// or its first price once more, and the round is read.
func (h *House) LastOffers(t testing.TB, x tender.Tender, prices map[string]money.Fen) {
	t.Helper()
	r, left := h.Asked(t, x)
	if r.ID == "" {
		return
	}
	for _, l := range left {
		price := l.Price
		if p, ok := prices[l.SupplierName]; ok {
			price = p
		}
		if _, err := h.Offers.Submit(t.Context(), h.Lead(t, l), x.ID, h.LastOffer(t, x, r, l.Supplier, price)); err != nil {
			t.Fatal(err)
		}
	}
	h.Clock.Advance(r.DueAt.Sub(h.Clock.Now()) + time.Millisecond)
	h.GiveOffers(t, x, 2)
	if _, err := h.Offers.Open(t.Context(), h.Officer, x.ID); err != nil {
		t.Fatal(err)
	}
}
