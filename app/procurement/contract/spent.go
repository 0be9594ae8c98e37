package contract

import (
	"context"

	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Spent is what contracts of one catalogue entry come to, in 分.
type Spent struct {
	Name   string    `bun:"name" json:"name"`
	Count  int64     `bun:"count" json:"count"`
	Amount money.Fen `bun:"amount" json:"amount"`
}

// ByCatalogue adds up all contracts that bind by what was bought, the largest first.
func (s *Service) ByCatalogue(ctx context.Context, limit int) ([]Spent, error) {
	out := []Spent{}
	err := s.db.NewSelect().TableExpr("contract AS c").Join("JOIN tender AS t ON t.id = c.tender").
		ColumnExpr("t.catalogue_name AS name, count(*) AS count, CAST(SUM(c.amount) AS BIGINT) AS amount").
		Where("c.state = ?", Signed).GroupExpr("t.catalogue_code, t.catalogue_name").OrderExpr("amount DESC, name").Limit(int64(limit)).Scan(ctx, &out)
	return out, db.Translate(err)
}
