package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Account reads one account.
func (s *Service) Account(ctx context.Context, d bun.IDB, account id.ID) (Account, error) {
	var a Account
	err := d.NewSelect().Model(&a).Where("id = ?", account).Scan(ctx)
	return a, db.Found(err, "账户")
}

// Accounts reads several accounts by id; one that does not exist is absent.
func (s *Service) Accounts(ctx context.Context, d bun.IDB, ids []id.ID) (map[id.ID]Account, error) {
	out := map[id.ID]Account{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []Account
	if err := d.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for _, a := range rows {
		out[a.ID] = a
	}
	return out, nil
}

// Balance is what an account holds, in 分.
func (s *Service) Balance(ctx context.Context, d bun.IDB, account id.ID) (money.Fen, error) {
	a, err := s.Account(ctx, d, account)
	return a.Balance, err
}

// Row is one line of a statement. Balance is the account's after it.
type Row struct {
	Seq       int64     `bun:"seq" json:"seq"`
	Line      int       `bun:"line" json:"line"`
	Tx        id.ID     `bun:"tx" json:"transaction"`
	At        time.Time `bun:"at" json:"at"`
	CauseKind string    `bun:"cause_kind" json:"cause_kind"`
	CauseID   id.ID     `bun:"cause_id" json:"cause_id"`
	Memo      string    `bun:"memo" json:"memo"`
	Reverses  *id.ID    `bun:"reverses" json:"reverses,omitempty"`
	Amount    money.Fen `bun:"amount" json:"amount"`   // 分
	Balance   money.Fen `bun:"balance" json:"balance"` // 分
	Hash      string    `bun:"hash" json:"hash"`
}

// Spent is the amount that left the account, in 分, as a positive number; 0
// where money came in.
func (r Row) Spent() money.Fen { return max(0, -r.Amount) }

// Page says which part of a statement is wanted: rows older than (BeforeSeq,
// BeforeLine), newest first. Zero means from the newest.
type Page struct {
	BeforeSeq  int64
	BeforeLine int
	Limit      int // 0 means 50, at most 500
}

// Statement lists the lines of an account, newest first.
func (s *Service) Statement(ctx context.Context, account id.ID, p Page) ([]Row, error) {
	if p.Limit <= 0 || p.Limit > 500 {
		p.Limit = 50
	}
	var out []Row
	q := s.db.NewSelect().TableExpr("ledger_entry AS e").
		ColumnExpr("e.seq, e.line, e.tx, t.at, t.cause_kind, t.cause_id, t.memo, t.reverses, e.amount, e.balance, t.hash").
		Join("JOIN ledger_transaction AS t ON t.id = e.tx").
		Where("e.account = ?", account).Order("e.seq DESC", "e.line DESC").Limit(int64(p.Limit))
	if p.BeforeSeq > 0 {
		q = q.Where("e.seq < ? OR (e.seq = ? AND e.line < ?)", p.BeforeSeq, p.BeforeSeq, p.BeforeLine)
	}
	err := q.Scan(ctx, &out)
	return out, db.Translate(err)
}

// Month is an account's turnover in one month of Beijing time, reversals taken
// off the side they undo, and what it held when the month ended.
type Month struct {
	Month   string    `bun:"month" json:"month"` // "2026-11"
	In      money.Fen `bun:"money_in" json:"in"`
	Out     money.Fen `bun:"money_out" json:"out"`
	Balance money.Fen `bun:"-" json:"balance"`
}

// Months lists every month from the first in which an account moved to the
// last, oldest first; one without movement stands with zeros.
func (s *Service) Months(ctx context.Context, d bun.IDB, account id.ID) ([]Month, error) {
	var out []Month
	err := d.NewSelect().TableExpr("ledger_entry").ColumnExpr("month").
		ColumnExpr("CAST(SUM(CASE WHEN flow = 'in' THEN amount ELSE 0 END) AS BIGINT) AS money_in").
		ColumnExpr("CAST(-SUM(CASE WHEN flow = 'out' THEN amount ELSE 0 END) AS BIGINT) AS money_out").
		Where("account = ?", account).GroupExpr("month").OrderExpr("month").Scan(ctx, &out)
	return filled(out), db.Translate(err)
}

// filled puts in the months between that had no movement, and the balances.
func filled(moved []Month) []Month {
	var out []Month
	var held money.Fen
	for _, m := range moved {
		for n := len(out); n > 0; n = len(out) {
			next := after(out[n-1].Month)
			if next >= m.Month {
				break
			}
			out = append(out, Month{Month: next, Balance: held})
		}
		held += m.In - m.Out
		m.Balance = held
		out = append(out, m)
	}
	return out
}

// after is the month that follows "2026-11".
func after(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return "9999-12" // never written by us; ends the filling
	}
	return t.AddDate(0, 1, 0).Format("2006-01")
}
