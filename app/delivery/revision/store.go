package revision

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

func read(ctx context.Context, d bun.IDB, revision id.ID) (Revision, error) {
	var r Revision
	err := d.NewSelect().Model(&r).Where("id = ?", revision).Scan(ctx)
	return r, db.Found(err, "终止或延期申请")
}

// Get reads a revision: the two sides always, everybody once it was approved.
func (s *Service) Get(ctx context.Context, who party.Actor, revision id.ID) (Case, error) {
	r, err := read(ctx, s.db, revision)
	if err != nil {
		return Case{}, err
	}
	e, err := s.engagements.Get(ctx, who, r.Engagement)
	if err == nil && r.State != Approved && !s.engagements.Allowed(who, e, "follow") {
		err = fault.New(fault.NotFound, "没有这项申请，或者还没有公开")
	}
	if err != nil {
		return Case{}, err
	}
	return Case{r, e}, nil
}

// List gives the revisions of an engagement, newest first, as Get gives each.
func (s *Service) List(ctx context.Context, who party.Actor, of id.ID) ([]Revision, error) {
	e, err := s.engagements.Get(ctx, who, of)
	if err != nil {
		return nil, err
	}
	out := []Revision{}
	q := s.db.NewSelect().Model(&out).Where("engagement = ?", of).Order("id DESC")
	if !s.engagements.Allowed(who, e, "follow") {
		q = q.Where("state = ?", Approved)
	}
	err = q.Scan(ctx)
	return out, db.Translate(err)
}

// May is the access function of a revision.
func (s *Service) May(ctx context.Context, who party.Actor, revision id.ID, action string) error {
	r, err := read(ctx, s.db, revision)
	if err != nil {
		return err
	}
	if action == "view" {
		action = "follow"
	}
	return s.engagements.May(ctx, who, r.Engagement, action)
}

// SettledOf is the most that is paid in all for an engagement that was ended
// early, in 分; its whole amount for any other. It is claim.Most.
func SettledOf(ctx context.Context, d bun.IDB, e engagement.Engagement) (money.Fen, error) {
	if e.State != engagement.Closed {
		return e.Amount, nil
	}
	var r Revision
	err := db.Found(d.NewSelect().Model(&r).Where("engagement = ? AND kind = ? AND state = ?", e.ID, Terminate, Approved).OrderExpr("id DESC").Limit(1).Scan(ctx), "结算")
	if fault.Is(err, fault.NotFound) || err == nil && r.Settled == nil {
		return e.Amount, nil
	}
	if err != nil {
		return 0, err
	}
	return *r.Settled, nil
}

// Waiting are the proposals that the actor answers or decides on.
func (s *Service) Waiting(ctx context.Context, who party.Actor) ([]engagement.Task, error) {
	q := s.db.NewSelect().Model((*Revision)(nil)).Join("JOIN engagement AS e ON e.id = revision.engagement").
		Where("revision.state = ? AND e.state = ?", Proposed, engagement.Running)
	switch {
	case who.Org == "":
		return nil, nil
	case who.Role == party.Approver:
		q = q.Where("e.payer = ? AND (revision.stated_at IS NOT NULL OR revision.statement_by <= ?)", who.Org, s.clock.Now())
	case who.Role == party.Lead:
		q = q.Where("e.provider = ? AND revision.side = ? AND revision.stated_at IS NULL", who.Org, Payer)
	case who.Role == party.Officer:
		q = q.Where("e.payer = ? AND revision.side = ? AND revision.stated_at IS NULL", who.Org, Provider)
	default:
		return nil, nil
	}
	return engagement.Tasks(ctx, q, "revision.id", "revision.proposed_at")
}
