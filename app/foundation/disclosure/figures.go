package disclosure

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Sum is what moved in a time, reversals taken off the side they undo. Money
// in 分.
type Sum struct {
	Gifts      int64     `json:"gifts"`       // donations of money
	Given      money.Fen `json:"given"`       // by them
	In         money.Fen `json:"in"`          // all that came, Given included
	Payments   int64     `json:"payments"`    // payments that stand
	Out        money.Fen `json:"out"`         // all that went
	GoodsGifts int64     `json:"goods_gifts"` // donations of goods
}

// Donors counts the donations of money of one kind of donor.
type Donors struct {
	Kind   donation.DonorKind `json:"kind"`
	Gifts  int64              `json:"gifts"`
	Amount money.Fen          `json:"amount"`
}

// Name is the kind of donor in Chinese.
func (d Donors) Name() string {
	return map[donation.DonorKind]string{donation.Person: "个人", donation.Organisation: "单位", donation.Unknown: "未署名"}[d.Kind]
}

// Goods is one kind of thing.
type Goods struct {
	Name     string `json:"name"`
	Unit     string `json:"unit"` // "" where none is stated
	In       int64  `json:"in"`
	Out      int64  `json:"out"`
	TotalIn  int64  `json:"total_in"`
	TotalOut int64  `json:"total_out"`
	Left     int64  `json:"left"` // at the end of the period
}

// Paid is one payment to an organisation.
type Paid struct {
	Number  string    `json:"number"`
	Payee   string    `json:"payee"`
	Purpose string    `json:"purpose"`
	Amount  money.Fen `json:"amount"`
	On      time.Time `json:"on"`
}

// Groups is the money of the period laid out by what staff labelled the
// donations with: lines by headings.
type Groups struct {
	Lines    []string      `json:"lines,omitempty"`
	Headings []string      `json:"headings,omitempty"`
	Cells    [][]money.Fen `json:"cells,omitempty"`
}

// Line is the sum of a line.
func (g Groups) Line(i int) money.Fen {
	var sum money.Fen
	for _, c := range g.Cells[i] {
		sum += c
	}
	return sum
}

// Column is the sum below a heading.
func (g Groups) Column(j int) money.Fen {
	var sum money.Fen
	for _, l := range g.Cells {
		sum += l[j]
	}
	return sum
}

// Total is the sum of everything.
func (g Groups) Total() money.Fen {
	var sum money.Fen
	for i := range g.Cells {
		sum += g.Line(i)
	}
	return sum
}

// Figures are what the ledger and the stock say of a time. Money in 分.
type Figures struct {
	Period  Sum       `json:"period"`
	Total   Sum       `json:"total"` // since the subject began
	Opening money.Fen `json:"opening"`
	Closing money.Fen `json:"closing"`
	// Prior is what reversals in the period took off what earlier periods had
	// reported, signed.
	Prior    money.Fen  `json:"prior"`
	Donors   []Donors   `json:"donors,omitempty"`
	Groups   Groups     `json:"groups"`
	Goods    []Goods    `json:"goods,omitempty"`
	Proven   *money.Fen `json:"goods_value,omitempty"` // of the goods of the period, where vouchers prove it
	Unproven int64      `json:"goods_unproven"`        // lines of goods without a voucher
	// Raised is of a campaign only; Payments then say what of each its money bore.
	Raised   *RaisedBy `json:"raised,omitempty"`
	Payments []Paid    `json:"payments,omitempty"`
}

// span is the time that figures are of.
type span struct{ from, to, asOf time.Time }

// in reports whether an entry counts in the period: posted in it, or undoing
// until asOf what was posted in it.
func (s span) in(m ledger.Movement) bool {
	if m.At.Before(s.to) {
		return !m.At.Before(s.from)
	}
	return m.Reverses != nil && m.At.Before(s.asOf) && m.ReversedAt != nil && !m.ReversedAt.Before(s.from) && m.ReversedAt.Before(s.to)
}

// prior reports whether an entry undoes what an earlier period reported.
func (s span) prior(m ledger.Movement) bool {
	return m.Reverses != nil && m.ReversedAt != nil && m.ReversedAt.Before(s.from)
}

// add counts one movement of a fund's account.
func (x *Sum) add(m ledger.Movement) {
	one := int64(1)
	if m.Reverses != nil {
		one = -1
	}
	if m.Flow == "in" {
		x.In += m.Amount
		if m.CauseKind == donation.ObjectKind {
			x.Given, x.Gifts = x.Given+m.Amount, x.Gifts+one
		}
		return
	}
	x.Out -= m.Amount
	if m.CauseKind == payment.Kind {
		x.Payments += one
	}
}

// figures computes everything of a fund; nothing of it can be typed.
func (s *Service) figures(ctx context.Context, d bun.IDB, f fund.Fund, t span) (Figures, error) {
	var out Figures
	if f.CashAccount == nil {
		return out, nil
	}
	list, err := s.Ledger.Movements(ctx, d, *f.CashAccount, t.asOf)
	if err != nil {
		return out, err
	}
	gifts, payments := map[id.ID]money.Fen{}, map[id.ID]bool{}
	for _, m := range list {
		switch {
		case m.At.Before(t.from):
			out.Opening += m.Amount
		case t.in(m) && t.prior(m):
			out.Prior += m.Amount
		case t.in(m):
			out.Period.add(m)
			if m.CauseKind == donation.ObjectKind && m.Flow == "in" {
				gifts[m.CauseID] += m.Amount
			}
			if m.CauseKind == payment.Kind && m.Flow == "out" {
				payments[m.CauseID] = m.Reverses == nil
			}
		}
		if m.At.Before(t.to) || t.in(m) {
			out.Total.add(m)
		}
	}
	out.Closing = out.Opening + out.Period.In - out.Period.Out + out.Prior
	if err := s.donors(ctx, d, &out, gifts); err != nil {
		return out, err
	}
	if err := s.groups(ctx, d, &out, f.ID, gifts); err != nil {
		return out, err
	}
	if err := s.paid(ctx, d, &out, payments); err != nil {
		return out, err
	}
	return out, s.goods(ctx, d, &out, f.ID, t)
}

// donors counts by kind of donor. It reads no name.
func (s *Service) donors(ctx context.Context, d bun.IDB, out *Figures, gifts map[id.ID]money.Fen) error {
	by := map[donation.DonorKind]*Donors{}
	for part := range slices.Chunk(keys(gifts), 500) {
		var rows []struct {
			ID        id.ID
			DonorKind donation.DonorKind
		}
		if err := d.NewSelect().Model((*donation.Donation)(nil)).Column("id", "donor_kind").Where("id IN (?)", bun.List(part)).Scan(ctx, &rows); err != nil {
			return db.Translate(err)
		}
		for _, r := range rows {
			if gifts[r.ID] == 0 {
				continue // given back
			}
			if by[r.DonorKind] == nil {
				by[r.DonorKind] = &Donors{Kind: r.DonorKind}
			}
			by[r.DonorKind].Gifts++
			by[r.DonorKind].Amount += gifts[r.ID]
		}
	}
	for _, k := range []donation.DonorKind{donation.Person, donation.Organisation, donation.Unknown} {
		if by[k] != nil {
			out.Donors = append(out.Donors, *by[k])
		}
	}
	return nil
}

// paid lists the payments that stand, the oldest first.
func (s *Service) paid(ctx context.Context, d bun.IDB, out *Figures, stands map[id.ID]bool) error {
	for part := range slices.Chunk(keys(stands), 500) {
		var rows []payment.Payment
		if err := d.NewSelect().Model(&rows).Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return db.Translate(err)
		}
		for _, p := range rows {
			if stands[p.ID] && p.Amount != nil && p.PaidAt != nil {
				out.Payments = append(out.Payments, Paid{p.No(), p.PayeeName, p.Purpose, *p.Amount, *p.PaidAt})
			}
		}
	}
	slices.SortFunc(out.Payments, func(a, b Paid) int { return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Number, b.Number)) })
	return nil
}

// keys are a map's ids in order, so that the figures are the same twice.
func keys[V any](m map[id.ID]V) []id.ID {
	out := make([]id.ID, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
