package tender

import (
	"context"

	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Totals are what all published purchases come to.
type Totals struct {
	Published int64     `bun:"published" json:"published"`
	Open      int64     `bun:"open" json:"open"`     // taking bids now
	Budget    money.Fen `bun:"budget" json:"budget"` // 分, of all that neither failed nor were cancelled
}

// Totals adds up what is published, as at now.
func (s *Service) Totals(ctx context.Context) (Totals, error) {
	var t Totals
	err := s.db.NewSelect().Model((*Tender)(nil)).ColumnExpr("count(*) AS published").
		ColumnExpr("CAST(COALESCE(SUM(CASE WHEN state = ? AND (deadline IS NULL OR deadline > ?) THEN 1 ELSE 0 END), 0) AS BIGINT) AS open", Open, s.clock.Now()).
		ColumnExpr("CAST(COALESCE(SUM(CASE WHEN state IN (?, ?) THEN 0 ELSE budget END), 0) AS BIGINT) AS budget", Failed, Cancelled).
		Where("published_at IS NOT NULL").Scan(ctx, &t)
	return t, db.Translate(err)
}

// Closing lists the tenders that take bids, the one that closes first before
// the others.
func (s *Service) Closing(ctx context.Context, limit int) ([]Tender, error) {
	out := []Tender{}
	err := s.db.NewSelect().Model(&out).Where("state = ? AND deadline > ?", Open, s.clock.Now()).
		Order("deadline", "id").Limit(int64(limit)).Scan(ctx)
	return out, db.Translate(err)
}
