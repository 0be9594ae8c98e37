package web

import (
	"fmt"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/bid"
	"gongji/templates"
)

// bidOwnPage is bid/own.html and bid/receipt.html: a version as its bidder has
// it, sealed.
type bidOwnPage struct {
	purchasePage
	Bid     bid.Bid
	Desk    bidDesk
	Hour    *lastHour
	Version bid.Version
	Receipt []templates.File
}

// Ready reports whether the receipt is rendered.
func (p bidOwnPage) Ready() bool { return len(p.Receipt) == 0 || p.Receipt[0].Size > 0 }

// bidOwn is one of the bidder's own versions; number 0 is the last.
func (w *Web) bidOwn(r *edge.Request, number int, title string) (*bidOwnPage, error) {
	b, t, err := w.bidOf(r)
	if err != nil {
		return nil, err
	}
	versions, err := w.Bids.Versions(r.Context(), r.Actor(), b.ID)
	if err != nil {
		return nil, err
	}
	p := &bidOwnPage{purchasePage: w.bidChrome(r, t, b, title), Bid: b, Hour: hourBefore(r, t)}
	for _, v := range versions {
		if v.Number == number || number == 0 && v.Number == b.Version {
			p.Version = v
		}
	}
	if p.Version.Number == 0 {
		return nil, fault.New(fault.NotFound, "没有找到这个投标版本")
	}
	sealed := fmt.Sprintf("/bids/%s/versions/%d/sealed", b.ID, p.Version.Number)
	if p.Desk, err = w.deskOf(r, "own", t, b); err != nil {
		return nil, err
	}
	p.Desk.Own = sealed
	if p.Receipt, err = w.receiptOf(r, p.Version.Receipt); err != nil {
		return nil, err
	}
	return p, nil
}

// receiptOf is the 投标回执 to be taken away, as paper and for programs.
func (w *Web) receiptOf(r *edge.Request, receipt id.ID) ([]templates.File, error) {
	return w.paper(r, &receipt)
}

func (w *Web) bidReceipt(r *edge.Request) (edge.Response, error) {
	p, err := w.bidOwn(r, 0, "投标回执")
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bid/receipt", p), nil
}
