package demo

import (
	"context"

	"gongji/app/kernel/rules"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
)

// asks reports whether the method ends with last offers.
func (w *walk) asks() bool {
	m, _ := rules.MethodByID(w.method)
	return m.LastOffer
}

// askOffers asks for last offers, and every remaining supplier offers its price
// once more, two parts in a hundred lower.
func (w *walk) askOffers(ctx context.Context) error {
	t, err := tender.Read(ctx, w.DB, w.tender)
	if err != nil {
		return err
	}
	left, err := w.Evaluations.Remaining(ctx, w.DB, t, w.Clock.Now())
	if err != nil {
		return err
	}
	r, err := w.Offers.Ask(ctx, w.panel[0], w.tender, 60)
	if err != nil {
		return err
	}
	for _, l := range left {
		for _, o := range w.offers {
			who := w.as(supplierLogin(o.supplier), o.supplier)
			if who.Org != l.Supplier {
				continue
			}
			form, err := w.Bids.Form(ctx, who, w.tender)
			if err != nil {
				return err
			}
			sealed, err := seal.PackOffer(seal.LastOffer{Tender: t.ID, Supplier: l.Supplier, Round: r.ID, Price: l.Price * 98 / 100}, form.Recipient, nil)
			if err != nil {
				return err
			}
			if _, err := w.Offers.Submit(ctx, who, w.tender, sealed); err != nil {
				return err
			}
		}
	}
	return nil
}

// openOffers has the holders come to read the round, and the panel finish.
func (w *walk) openOffers(ctx context.Context) error {
	for _, p := range w.holders()[:2] {
		share, err := p.Share(ctx, w.TenderKeys, w.tender)
		if err != nil {
			return err
		}
		if err := w.Offers.Give(ctx, p.Actor, w.tender, share); err != nil {
			return err
		}
	}
	if _, err := w.Offers.Open(ctx, w.by(w.officer), w.tender); err != nil {
		return err
	}
	return w.settle(ctx)
}
