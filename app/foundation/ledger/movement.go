package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Movement is one line of an account with what it undoes, if anything.
type Movement struct {
	Tx         id.ID      `bun:"tx"`
	At         time.Time  `bun:"at"` // of the posting
	CauseKind  string     `bun:"cause_kind"`
	CauseID    id.ID      `bun:"cause_id"`
	Amount     money.Fen  `bun:"amount"`   // 分, signed
	Flow       string     `bun:"flow"`     // "in" or "out": the side of the turnover it counts on
	Reverses   *id.ID     `bun:"reverses"` // the transaction it undoes
	ReversedAt *time.Time `bun:"was_at"`   // when that one was posted
}

// Movements lists what was posted to an account before a moment, in the order
// of the book. What lies before a moment that is past never changes.
func (s *Service) Movements(ctx context.Context, d bun.IDB, account id.ID, before time.Time) ([]Movement, error) {
	var out []Movement
	err := d.NewSelect().TableExpr("ledger_entry AS e").
		ColumnExpr("e.tx, t.at, t.cause_kind, t.cause_id, e.amount, e.flow, t.reverses, r.at AS was_at").
		Join("JOIN ledger_transaction AS t ON t.id = e.tx").
		Join("LEFT JOIN ledger_transaction AS r ON r.id = t.reverses").
		Where("e.account = ? AND t.at < ?", account, before).Order("e.seq", "e.line").Scan(ctx, &out)
	return out, db.Translate(err)
}
