package award

import (
	"context"
	"time"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Announced is one line of the results that were published last.
type Announced struct {
	Tender   id.ID     `bun:"tender"`
	Title    string    `bun:"title"`
	Buyer    string    `bun:"buyer_name"`
	Winner   id.ID     `bun:"supplier"`
	Supplier string    `bun:"supplier_name"`
	Price    money.Fen `bun:"amount"` // a unit price where Unit is set
	Unit     string    `bun:"unit"`
	At       time.Time `bun:"decided_at"`
	Demo     bool      `bun:"demo"`
}

// Latest lists the results that stand, the latest first. The suppliers of a
// framework are no awards: its own page lists them.
func (s *Service) Latest(ctx context.Context, limit int) ([]Announced, error) {
	out := []Announced{}
	err := s.db.NewSelect().TableExpr("award AS a").Join("JOIN tender AS t ON t.id = a.tender").
		ColumnExpr("t.id AS tender, t.title, t.buyer_name, t.demo, a.supplier, a.supplier_name, a.amount, a.decided_at").
		ColumnExpr("CASE WHEN t.ceiling_kind = ? THEN t.ceiling_unit ELSE '' END AS unit", tender.UnitPrice).
		Where("a.state = ?", Approved).OrderExpr("a.decided_at DESC, a.id DESC").Limit(int64(limit)).Scan(ctx, &out)
	return out, db.Translate(err)
}
