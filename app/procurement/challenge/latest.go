package challenge

import (
	"context"
	"time"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Decision is one line of the 投诉 decisions that were published last
// (财政部令第94号第34条).
type Decision struct {
	Tender    id.ID     `bun:"tender"`
	Title     string    `bun:"title"`
	Number    string    `bun:"number"`
	Authority string    `bun:"authority"`
	Letter    string    `bun:"letter"`
	Outcome   Outcome   `bun:"outcome"`
	Effect    Effect    `bun:"effect"`
	At        time.Time `bun:"decided_at"`
}

// Latest lists the decided complaints, the latest first.
func (s *Service) Latest(ctx context.Context, limit int) ([]Decision, error) {
	out := []Decision{}
	err := s.db.NewSelect().TableExpr("challenge AS c").Join("JOIN tender AS t ON t.id = c.tender").
		ColumnExpr("c.tender, t.title, c.number, c.authority, c.letter, c.outcome, c.effect, c.decided_at").
		Where("c.kind = ? AND c.state = ? AND c.decided_at IS NOT NULL", Complaint, Decided).
		OrderExpr("c.decided_at DESC, c.id DESC").Limit(int64(limit)).Scan(ctx, &out)
	return out, db.Translate(err)
}
