package demo

import (
	"bytes"
	"context"
	"encoding/json"

	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tenderkey"
	"gongji/app/procurement/tenderkey/holder"
)

// What browsers do with keys elsewhere, the demonstration does here: its
// people's passphrase is their Password.

// keyed gives everybody who holds a tender's key or bids a personal key.
func (s *script) keyed(ctx context.Context) error {
	seen := map[string]bool{}
	for _, x := range s.lines {
		wants := x.kind == string(party.Social) || x.login == supervisor || x.login == agency || x.role == string(party.Officer) && x.kind == string(party.Bureau) ||
			x.login == sourcePrefix+"officer"
		if !wants || seen[x.login] {
			continue
		}
		seen[x.login] = true
		if err := s.holder(s.as(x.login, x.org)).MakeKey(ctx, s.Keys); err != nil {
			return err
		}
	}
	return nil
}

func (s *script) holder(who party.Actor) holder.Person {
	return holder.Person{Actor: who, Passphrase: Password}
}

// Beside a purchase's own officer its key is held by a supervisor and by
// somebody of another organisation; two of the three open.
const (
	supervisor = "bureau.supervisor"
	agency     = "enterprise.lead"
)

func (w *walk) holders() []holder.Person {
	return []holder.Person{w.holder(w.by(w.officer)), w.holder(w.as(supervisor, bureau)), w.holder(w.as(agency, enterprise))}
}

// lock names the holders, makes the tender's key and has everybody rehearse.
func (w *walk) lock(ctx context.Context) error {
	in := tenderkey.Naming{Threshold: 2, Holders: []tenderkey.Seat{
		{Login: w.officer, Duty: tenderkey.Buyer}, {Login: supervisor, Duty: tenderkey.Supervisor}, {Login: agency, Duty: tenderkey.Agency}}}
	if _, err := w.TenderKeys.Name(ctx, w.by(w.officer), w.tender, in); err != nil {
		return err
	}
	if _, err := w.TenderKeys.Generate(ctx, w.by(w.officer), w.tender); err != nil {
		return err
	}
	for _, p := range w.holders() {
		if err := p.Rehearse(ctx, w.TenderKeys, w.tender); err != nil {
			return err
		}
	}
	return nil
}

// offer seals a bid, to the tender's key and to the bidder's own people, and
// sends it.
func (w *walk) offer(ctx context.Context, o offer) error {
	who := w.as(supplierLogin(o.supplier), o.supplier)
	form, err := w.Bids.Form(ctx, who, w.tender)
	if err != nil {
		return err
	}
	m := seal.Manifest{Supplier: who.Org, Price: money.Fen(o.price) * money.Yuan, Delivery: "（演示数据）合同签订后 10 日内进场，按采购文件约定的期限服务"}
	for _, q := range form.Questions {
		m.Answers = append(m.Answers, seal.Answer{Criterion: q.Key, Text: "（演示数据）" + o.supplier + "就“" + q.Name + "”的响应"})
	}
	own, err := w.own(ctx, who)
	if err != nil {
		return err
	}
	var sealed bytes.Buffer
	if _, err := seal.Pack(&sealed, form, m, nil, own); err != nil {
		return err
	}
	b, err := w.Bids.Begin(ctx, who, w.tender)
	if err == nil {
		_, err = w.Bids.Submit(ctx, who, b.ID, &sealed, int64(sealed.Len()))
	}
	return err
}

// own are the recipients of a bidder's own copies.
func (s *script) own(ctx context.Context, who party.Actor) ([]string, error) {
	people, err := s.Keys.Colleagues(ctx, who)
	var out []string
	for _, p := range people {
		out = append(out, p.Recipient)
	}
	return out, err
}

// beginBid leaves a bid half written on a supplier's desk, as its page would
// keep it: for the bidder's own people alone.
func (w *walk) beginBid(ctx context.Context) error {
	who := w.as(supplierLogin(dawn), dawn)
	b, err := w.Bids.Begin(ctx, who, w.tender)
	if err != nil {
		return err
	}
	draft, err := json.Marshal(map[string]any{"format": "gongji-bid-draft-1", "price": (money.Fen(w.budget*94/100) * money.Yuan).Plain(), "delivery": "", "answers": map[string]string{}, "files": []any{}, "sent": nil, "aside": []any{}})
	if err != nil {
		return err
	}
	own, err := w.own(ctx, who)
	if err != nil {
		return err
	}
	sealed, err := seal.Own(draft, own)
	if err == nil {
		_, err = w.Bids.SaveDraft(ctx, who, b.ID, 0, bytes.NewReader(sealed))
	}
	return err
}

// open has the holders come and the officer read the bids out and close.
func (w *walk) open(ctx context.Context) error {
	who := w.by(w.officer)
	for _, p := range w.holders()[:2] {
		share, err := p.Share(ctx, w.TenderKeys, w.tender)
		if err == nil {
			_, err = w.Openings.Give(ctx, p.Actor, w.tender, share)
		}
		if err != nil {
			return err
		}
	}
	o, err := w.Openings.Start(ctx, who, w.tender)
	if err != nil || o.State == opening.Closed {
		return err
	}
	if err := w.Openings.Wait(ctx, w.tender); err != nil {
		return err
	}
	for _, o := range w.offers {
		if _, err := w.Openings.Answer(ctx, w.as(supplierLogin(o.supplier), o.supplier), w.tender, opening.Confirmed, ""); err != nil {
			return err
		}
	}
	_, err = w.Openings.Close(ctx, who, w.tender, "")
	return err
}
