package engagement

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Amend takes over what an amendment changed in the contract or grant that an
// engagement came from: what is paid in all (分) and the last day.
func (s *Service) Amend(ctx context.Context, tx bun.Tx, ref id.ID, amount money.Fen, end time.Time) error {
	return db.One(tx.NewUpdate().Model((*Engagement)(nil)).Set("amount = ?", amount).Set("end_on = ?", day(end)).Where("ref = ?", ref).Exec(ctx))
}
