package award

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/disclosure/ocds"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Revoked is an approved award that a 质疑, a 投诉 or a Forfeit took away (已撤销).
const Revoked State = "revoked"

// Revoke takes an approved award away in the transaction of the decision that
// says so: the 中标通知书 and a contract's text prepared for signing are void, the result is no more, and everybody is told
// why. The caller holds the tender's row and moves its state.
func (s *Service) Revoke(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, reason, article string, now time.Time) (Award, error) {
	a, err := ApprovedOf(ctx, tx, t.ID)
	if err != nil {
		return a, err
	}
	a.State, a.DecisionNote = Revoked, reason
	if err := db.One(tx.NewUpdate().Model(&a).Column("state", "decision_note").WherePK().Exec(ctx)); err != nil {
		return a, err
	}
	docs, err := s.archive.Of(ctx, tx, ObjectKind, a.ID)
	if err != nil {
		return a, err
	}
	for _, d := range docs {
		if d.State == archive.Void {
			continue
		}
		if err := s.archive.Revoke(ctx, tx, d.ID, reason); err != nil {
			return a, err
		}
	}
	r := tender.Release(*t, ocds.AwardCancellation)
	r.Tender.Status = ocds.Active
	moment := ocds.Moment(now)
	r.Awards = []ocds.Award{{ID: string(a.ID), Status: ocds.Cancelled, Amendments: []ocds.Amendment{{ID: "revoked", Date: &moment, Rationale: reason}}}}
	if err := ocds.Emit(ctx, tx, now, r); err != nil {
		return a, err
	}
	if err := tellRevoked(ctx, tx, *t, reason, now); err != nil {
		return a, err
	}
	return a, note(ctx, tx, who, now, t.ID, "撤销采购结果", reason, article, true)
}

// Drop ends a proposal that waits for approval, where the purchase ends; none
// is no error.
func (s *Service) Drop(ctx context.Context, tx bun.Tx, t tender.Tender, reason string, now time.Time) error {
	a, err := live(ctx, tx, t.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	} else if err != nil {
		return err
	}
	a.State, a.DecidedAt, a.DecisionNote = Returned, &now, reason
	return db.One(tx.NewUpdate().Model(&a).Column("state", "decided_at", "decision_note").WherePK().Exec(ctx))
}

// LostOf is how many bidders of a tender lost an approved award already.
func LostOf(ctx context.Context, d bun.IDB, tenderID id.ID) (int, error) {
	n, err := d.NewSelect().Model((*Award)(nil)).Where("tender = ? AND state = ?", tenderID, Revoked).Count(ctx)
	return int(n), db.Translate(err)
}

// refuseRevoked complains about a bid whose award was taken away.
func refuseRevoked(ctx context.Context, d bun.IDB, c *fault.Check, t tender.Tender, bid id.ID) error {
	n, err := d.NewSelect().Model((*Award)(nil)).Where("tender = ? AND bid = ? AND state = ?", t.ID, bid, Revoked).Count(ctx)
	c.Must(n == 0, "bid", "这份投标的中标（成交）结果已撤销，请从其余合格候选人中按顺序确定")
	return db.Translate(err)
}
