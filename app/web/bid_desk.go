package web

import (
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/tender"
)

// bidDesk is what the script of a bidder's page is told (templates/assets/js/bid).
// Nothing in it is secret: the key files open with a passphrase only.
type bidDesk struct {
	Page     string `json:"page"` // home, form, files, send or own
	Bid      string `json:"bid"`
	Supplier string `json:"supplier"`
	Unit     string `json:"unit"`
	Draft    string `json:"draft"`
	Rules    string `json:"rules"` // the tender's public form
	Attach   string `json:"attach"`
	Sealed   string `json:"sealed"`
	Own      string `json:"own"` // the sealed file of the version on the page
	Key      string `json:"key"` // where a new personal key goes
	// Me is the actor's current recipient, "" before there is a key; Files are
	// the key files, the current first.
	Me    string   `json:"me"`
	Name  string   `json:"name"`
	Files []string `json:"files"`
	// Recipients are all of the organisation's people who have a key.
	Recipients []string `json:"recipients"`
	// Version is the last that was sent; Submitted says that it counts.
	Version   int  `json:"version"`
	Submitted bool `json:"submitted"`
}

func (w *Web) deskOf(r *edge.Request, page string, t tender.Tender, b bid.Bid) (bidDesk, error) {
	at := "/bids/" + string(b.ID)
	d := bidDesk{Page: page, Bid: string(b.ID), Supplier: string(b.Supplier), Unit: unitOf(t), Draft: at + "/draft", Rules: tenderPath(t.ID) + "/bid-form.json",
		Attach: "/attachments/bid/" + string(b.ID), Sealed: at + "/sealed", Key: "/account/key", Name: r.Actor().Name,
		Files: []string{}, Recipients: []string{}, Version: b.Version, Submitted: b.State == bid.Submitted}
	keys, err := w.Keys.History(r.Context(), r.Actor())
	if err != nil && !fault.Is(err, fault.NotFound) {
		return d, err
	}
	for _, k := range keys {
		if k.Current() {
			d.Me = k.Recipient
		}
		d.Files = append(d.Files, k.File)
	}
	people, err := w.Keys.Colleagues(r.Context(), r.Actor())
	for _, p := range people {
		d.Recipients = append(d.Recipients, p.Recipient)
	}
	return d, err
}

// lastHour warns before the deadline; scripts bring it up when the hour begins.
type lastHour struct {
	At, Now time.Time
}

// Soon reports whether the last hour has begun.
func (h lastHour) Soon() bool { return h.At.Sub(h.Now) <= time.Hour }

// hourBefore is nil where there is no deadline to be warned of any more.
func hourBefore(r *edge.Request, t tender.Tender) *lastHour {
	if t.Deadline == nil || t.StateAt(r.Now()) != tender.Open {
		return nil
	}
	return &lastHour{At: *t.Deadline, Now: r.Now()}
}
