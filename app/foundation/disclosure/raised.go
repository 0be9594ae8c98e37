package disclosure

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/campaign"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/payment"
	"gongji/app/foundation/trace"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Raised is what the platform says of the settlements that came: what the
// public gave, and what the platform kept. Money in 分; Gross − Fee is what came.
type Raised struct {
	Settlements int64     `json:"settlements"`
	Gross       money.Fen `json:"gross"`
	Fee         money.Fen `json:"platform_fee"`
}

// RaisedBy is Raised of the period and since the campaign began.
type RaisedBy struct {
	Period Raised `json:"period"`
	Total  Raised `json:"total"`
}

// part is what of a campaign's money lay under one entry that went out.
type part struct {
	out    ledger.Movement
	amount money.Fen
}

// flow lays a fund's money first in, first out, as the book stood at a moment,
// and gives what came of some donations and where that money went: by the rule
// of trace, so that a donor's page and a disclosure never differ. Pure.
func flow(list []ledger.Movement, mine func(id.ID) bool, asOf time.Time) (came []ledger.Movement, went []part) {
	undone := map[id.ID]bool{}
	for _, m := range list {
		if m.Reverses != nil && m.At.Before(asOf) {
			undone[*m.Reverses] = true
		}
	}
	var outs []trace.Out
	var of []ledger.Movement
	var place, until money.Fen
	var from []money.Fen
	for _, m := range list {
		switch {
		case m.Reverses != nil || undone[m.Tx] || !m.At.Before(asOf):
		case m.Amount > 0:
			if mine(m.CauseID) {
				came, from = append(came, m), append(from, place)
			}
			place += m.Amount
		default:
			until -= m.Amount
			outs, of = append(outs, trace.Out{Tx: m.Tx, Amount: -m.Amount, Until: until}), append(of, m)
		}
	}
	sums := make([]money.Fen, len(outs))
	for i, m := range came {
		for n, o := range outs {
			if part := min(o.Until, from[i]+m.Amount) - max(o.Until-o.Amount, from[i]); part > 0 {
				sums[n] += part
			}
		}
	}
	for n, sum := range sums {
		if sum > 0 {
			went = append(went, part{of[n], sum})
		}
	}
	return came, went
}

// left is what of the money that came before a moment had not gone before it.
func left(came []ledger.Movement, went []part, before time.Time) (sum money.Fen) {
	for _, m := range came {
		if m.At.Before(before) {
			sum += m.Amount
		}
	}
	for _, p := range went {
		if p.out.At.Before(before) {
			sum -= p.amount
		}
	}
	return sum
}

// raised computes everything of a campaign: what its platform paid over, by the
// statements that were entered and confirmed, and where that money went, by the
// ledger.
func (s *Service) raised(ctx context.Context, d bun.IDB, a about, t span) (Figures, error) {
	out := Figures{Raised: &RaisedBy{}}
	if a.fund.CashAccount == nil {
		return out, nil
	}
	settled, err := campaign.Settled(ctx, d, a.campaign.ID)
	if err != nil {
		return out, err
	}
	list, err := s.Ledger.Movements(ctx, d, *a.fund.CashAccount, t.asOf)
	if err != nil {
		return out, err
	}
	mine := func(cause id.ID) bool { _, is := settled[cause]; return is }
	came, went := flow(list, mine, t.asOf)
	thenCame, thenWent := flow(list, mine, t.from)
	out.Opening = left(thenCame, thenWent, t.from)
	out.Prior = left(came, went, t.from) - out.Opening
	for _, m := range came {
		if !m.At.Before(t.to) {
			continue
		}
		x := settled[m.CauseID]
		out.Total.gathered(m, x)
		out.Raised.Total.add(x)
		if !m.At.Before(t.from) {
			out.Period.gathered(m, x)
			out.Raised.Period.add(x)
		}
	}
	for _, p := range went {
		if !p.out.At.Before(t.to) {
			continue
		}
		out.Total.spent(p)
		if !p.out.At.Before(t.from) {
			out.Period.spent(p)
		}
	}
	out.Closing = out.Opening + out.Period.In - out.Period.Out + out.Prior
	return out, s.spentOn(ctx, d, &out, went, t)
}

func (x *Sum) gathered(m ledger.Movement, s campaign.Settlement) {
	x.In, x.Given, x.Gifts = x.In+m.Amount, x.Given+m.Amount, x.Gifts+s.Gifts
}

func (x *Sum) spent(p part) {
	x.Out += p.amount
	if p.out.CauseKind == payment.Kind {
		x.Payments++
	}
}

func (x *Raised) add(s campaign.Settlement) {
	if s.ID == "" { // a donor who is named: the settlement was counted
		return
	}
	x.Settlements, x.Gross, x.Fee = x.Settlements+1, x.Gross+s.Gross, x.Fee+s.Fee
}

// spentOn lists the payments of the period with what of each the campaign's
// money bore, the oldest first.
func (s *Service) spentOn(ctx context.Context, d bun.IDB, out *Figures, went []part, t span) error {
	bore := map[id.ID]money.Fen{}
	for _, p := range went {
		if p.out.CauseKind == payment.Kind && !p.out.At.Before(t.from) && p.out.At.Before(t.to) {
			bore[p.out.CauseID] += p.amount
		}
	}
	for ids := range slices.Chunk(keys(bore), 500) {
		var rows []payment.Payment
		if err := d.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
			return db.Translate(err)
		}
		for _, p := range rows {
			if p.PaidAt != nil {
				out.Payments = append(out.Payments, Paid{p.No(), p.PayeeName, p.Purpose, bore[p.ID], *p.PaidAt})
			}
		}
	}
	slices.SortFunc(out.Payments, func(a, b Paid) int { return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Number, b.Number)) })
	return nil
}
