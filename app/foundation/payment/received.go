package payment

import (
	"context"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Received is what all funds have paid one organisation, in 分.
type Received struct {
	Payee  id.ID     `bun:"payee" json:"payee"`
	Name   string    `bun:"name" json:"name"`
	Count  int64     `bun:"count" json:"count"`
	Amount money.Fen `bun:"amount" json:"amount"`
}

// ByPayee adds up all payments that were made by who received them, the
// largest first; payments that were made are public.
func (s *Service) ByPayee(ctx context.Context, limit int) ([]Received, error) {
	return s.byPayee(ctx, "", limit)
}

// ByPayeeOf is ByPayee of one fund; the caller has authorised its view.
func (s *Service) ByPayeeOf(ctx context.Context, from id.ID, limit int) ([]Received, error) {
	return s.byPayee(ctx, from, limit)
}

func (s *Service) byPayee(ctx context.Context, from id.ID, limit int) ([]Received, error) {
	out := []Received{}
	q := s.db.NewSelect().TableExpr("payment").
		ColumnExpr("payee, MAX(payee_name) AS name, count(*) AS count, CAST(SUM(amount) AS BIGINT) AS amount").
		Where("state = ?", Paid).GroupExpr("payee").OrderExpr("amount DESC, name").Limit(int64(limit))
	if from != "" {
		q = q.Where("fund = ?", from)
	}
	err := q.Scan(ctx, &out)
	return out, db.Translate(err)
}
