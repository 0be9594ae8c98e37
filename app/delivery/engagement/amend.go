package engagement

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// Amend takes over what an amendment changed in the contract or grant that an
// engagement came from: what is paid in all (分) and the last day.
func (s *Service) Amend(ctx context.Context, tx bun.Tx, ref id.ID, amount money.Fen, end time.Time) error {
	return db.One(tx.NewUpdate().Model((*Engagement)(nil)).Set("amount = ?", amount).Set("end_on = ?", day(end)).Where("ref = ?", ref).Exec(ctx))
}

// Change is the frame of what is done about a delivery: it locks the
// engagement, so that what happens to one happens in order, and asks the
// policy. do reads the clock after the lock.
func (s *Service) Change(ctx context.Context, who party.Actor, engagement id.ID, action string, do func(ctx context.Context, tx bun.Tx, e Engagement, now time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		e, err := ForUpdate(ctx, tx, engagement)
		if err != nil {
			return err
		}
		if err := s.Require(who, e, action); err != nil {
			return err
		}
		return do(ctx, tx, e, s.clock.Now())
	})
}
