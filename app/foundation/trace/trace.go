// Package trace says where the money of one donation went, by a rule that is
// written on the page: first in, first out, fund by fund. The money that came
// into a fund is laid end to end in the order of the book, and so is the money
// that went out; what lies at the same place is the same money. Donations that
// were given back and payments that were reversed are in neither row. So the
// parts of all donations add up to each payment to the 分.
package trace

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// Rule is what the page says.
const Rule = "先进先出：到账的钱按记账先后排成一列，付出去的钱也按先后排成一列，同一位置的钱就是同一笔钱。已退回的捐赠和已冲销的付款不参加排列。"

// Out is money that left a fund: a payment, with what it was for.
type Out struct {
	Tx        id.ID     `bun:"tx" json:"transaction"`
	Amount    money.Fen `bun:"amount" json:"total"` // 分, the whole of it
	Until     money.Fen `bun:"until" json:"-"`      // where it ends in the row of what went out, 分
	CauseKind string    `bun:"cause_kind" json:"-"`
	Memo      string    `bun:"memo" json:"memo"`
	At        time.Time `bun:"at" json:"at"`

	Number     string     `bun:"number" json:"number,omitempty"` // of the payment
	Payee      id.ID      `bun:"payee" json:"payee,omitempty"`
	PayeeName  string     `bun:"payee_name" json:"payee_name,omitempty"`
	Purpose    string     `bun:"purpose" json:"purpose,omitempty"`
	Grant      id.ID      `bun:"award" json:"grant,omitempty"`
	Milestone  string     `bun:"milestone" json:"milestone,omitempty"` // of the grant, by name
	AcceptedAt *time.Time `bun:"accepted_at" json:"milestone_accepted_at,omitempty"`
	// Engagement is the delivery that the payment funds; its page is public.
	Engagement id.ID  `bun:"engagement" json:"engagement,omitempty"`
	Delivery   string `bun:"delivery" json:"delivery,omitempty"` // its title
	Judged     bool   `bun:"judged" json:"evaluated,omitempty"`
}

// Part is what of a donation went with one payment, in 分.
type Part struct {
	Out
	Part money.Fen `json:"part"`
}

// Trace is the way of one donation's money: Arrived = the parts + Left.
type Trace struct {
	Rule    string    `json:"rule"`
	Arrived money.Fen `json:"arrived"`
	Used    money.Fen `json:"used"`
	Left    money.Fen `json:"left" description:"仍在基金里，尚未支出"`
	// Ahead is what must still go out of the fund before this money does.
	Ahead money.Fen `json:"ahead" description:"排在这笔捐赠前面、尚未支出的金额"`
	Parts []Part    `json:"parts"`
}

// Share is what of the money at [from, from+amount) of the row that came lies
// under each of outs, which are in order and carry where they end; the rest
// has not gone out. Pure.
func Share(from, amount money.Fen, outs []Out) (parts []Part, left money.Fen) {
	left = amount
	for _, o := range outs {
		n := min(o.Until, from+amount) - max(o.Until-o.Amount, from)
		if n > 0 {
			parts = append(parts, Part{o, n})
			left -= n
		}
	}
	return parts, left
}

// Service reads traces.
type Service struct {
	db        *bun.DB
	donations *donation.Service
}

// New makes the service.
func New(d *bun.DB, g *donation.Service) *Service { return &Service{d, g} }

// live are the entries of a fund's cash that were neither reversed nor reverse.
const live = `FROM ledger_entry AS e JOIN ledger_transaction AS t ON t.id = e.tx
	WHERE e.account = (SELECT cash_account FROM fund WHERE id = ?) AND t.reverses IS NULL
	AND NOT EXISTS (SELECT 1 FROM ledger_transaction AS r WHERE r.reverses = t.id)`

// Of is the trace of a donation of money that came, for who may view it. It
// names no other donor.
func (s *Service) Of(ctx context.Context, who party.Actor, of id.ID) (Trace, error) {
	d, err := s.donations.Get(ctx, who, of)
	if err != nil {
		return Trace{}, err
	}
	if d.Kind != donation.Money || d.State != donation.Confirmed {
		return Trace{}, fault.New(fault.Conflict, "这笔捐赠没有到账的资金，没有去向可查")
	}
	out := Trace{Rule: Rule, Arrived: *d.Arrived, Parts: []Part{}}
	var row struct {
		Before money.Fen `bun:"before_it"`
		Gone   money.Fen `bun:"gone"`
	}
	err = s.db.NewRaw(`SELECT CAST(COALESCE(SUM(CASE WHEN e.amount > 0 AND e.seq < (SELECT seq FROM ledger_transaction WHERE id = ?) THEN e.amount ELSE 0 END), 0) AS BIGINT) AS before_it,
		CAST(COALESCE(SUM(CASE WHEN e.amount < 0 THEN -e.amount ELSE 0 END), 0) AS BIGINT) AS gone `+live, *d.LedgerTx, d.Fund).Scan(ctx, &row)
	if err != nil {
		return out, db.Translate(err)
	}
	outs, err := s.outs(ctx, d.Fund, row.Before, row.Before+out.Arrived)
	if err != nil {
		return out, err
	}
	parts, left := Share(row.Before, out.Arrived, outs)
	out.Parts = append(out.Parts, parts...)
	out.Left, out.Used, out.Ahead = left, out.Arrived-left, max(0, row.Before-row.Gone)
	return out, nil
}

// outs are what went out of a fund between two places of the row, in order.
func (s *Service) outs(ctx context.Context, fund id.ID, from, to money.Fen) ([]Out, error) {
	var list []Out
	err := s.db.NewRaw(`SELECT o.tx, o.amount, o.until, o.cause_kind, o.memo, o.at,
		COALESCE(p.number, '') AS number, COALESCE(p.payee, '') AS payee, COALESCE(p.payee_name, '') AS payee_name, COALESCE(p.purpose, '') AS purpose,
		COALESCE(p.award, '') AS award, COALESCE(m.name, '') AS milestone, m.accepted_at AS accepted_at,
		COALESCE(g.id, '') AS engagement, COALESCE(g.title, '') AS delivery, COALESCE(g.state, '') = 'evaluated' AS judged
		FROM (SELECT e.tx, e.seq, e.line, -e.amount AS amount, CAST(SUM(-e.amount) OVER (ORDER BY e.seq, e.line) AS BIGINT) AS until,
			t.cause_kind, t.cause_id, t.memo, t.at `+live+` AND e.amount < 0) AS o
		LEFT JOIN payment AS p ON o.cause_kind = 'payment' AND p.id = o.cause_id
		LEFT JOIN grant_milestone AS m ON m.award = p.award AND m.seq = p.milestone
		LEFT JOIN engagement AS g ON g.kind = 'grant' AND g.ref = COALESCE(p.award, p.id)
		WHERE o.until > ? AND o.until - o.amount < ? ORDER BY o.seq, o.line`, fund, from, to).Scan(ctx, &list)
	return list, db.Translate(err)
}
