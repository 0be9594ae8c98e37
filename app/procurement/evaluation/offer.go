package evaluation

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/procurement/offer"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
)

// Remaining are the bids that the panel found eligible and conforming, for the
// round of last offers; Conflict while a member has not handed in.
func (s *Service) Remaining(ctx context.Context, d bun.IDB, t tender.Tender, now time.Time) ([]opening.Line, error) {
	x, err := s.papers(ctx, d, t, now)
	if err != nil {
		return nil, err
	}
	out := []opening.Line{}
	for _, l := range x.lines {
		if x.record.Bids[x.record.at(l.Bid)].Conforming {
			out = append(out, l)
		}
	}
	return out, nil
}

// last puts the last price of every bid in the place of the first, once they
// are read: from then on everything is reckoned with it.
func (x *papers) last() {
	for _, list := range [][]opening.Line{x.all, x.lines} {
		for i := range list {
			if o, ok := x.offers[list[i].Bid]; ok && o.Price != nil && o.Out() == "" {
				list[i].Price = *o.Price
			}
		}
	}
}

// lastOffer puts on record what a bid became in the round: its first price,
// and that it left.
func (x *papers) lastOffer(b *Bid, who *Bidder) {
	o, ok := x.offers[b.ID]
	if !ok {
		return
	}
	first := o.First
	who.First = &first
	if why := o.Out(); why != "" && b.Conforming {
		b.Conforming, who.Quit = false, true
		who.Reasons = append(who.Reasons, why+"（"+x.round.Article+"）")
	}
}

// awaitsOffers reports whether the method asks for last offers that are not
// read yet. Where too few conform the purchase ends without them.
func (x papers) awaitsOffers() bool {
	if !x.asks || x.round != nil && x.round.State == offer.Read {
		return false
	}
	return int64(x.record.Conforming()) >= x.record.Least
}

// errNoOffers refuses what needs the last price before there is one.
func (x papers) errNoOffers() error {
	if x.awaitsOffers() {
		return fault.New(fault.Conflict, "请先要求并开启最后报价：此后的比较以最后报价为准")
	}
	return nil
}
