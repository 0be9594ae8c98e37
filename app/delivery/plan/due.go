package plan

import (
	"context"

	"gongji/app/delivery/engagement"
	"gongji/app/party"
	"gongji/storage/db"
)

// Due is the next milestone that an organisation answers for.
type Due struct {
	Engagement engagement.Engagement
	Milestone  Milestone
	Seq        int64 // from 1
}

// Next is the milestone that falls due first among the deliveries of the
// actor's organisation and was not reported yet, nil where there is none.
func (s *Service) Next(ctx context.Context, who party.Actor) (*Due, error) {
	if who.Org == "" {
		return nil, nil //nolint:nilnil // nothing is due
	}
	var list []engagement.Engagement
	if err := s.db.NewSelect().Model(&list).Where("provider = ? AND state = ?", who.Org, engagement.Running).Order("id DESC").Limit(50).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	var first *Due
	now := s.clock.Now()
	for _, e := range list {
		p, err := Of(ctx, s.db, e.ID)
		if err != nil || p.State != Agreed {
			continue // nothing is due before a plan is in force
		}
		far, err := ProgressOf(ctx, s.db, p, now)
		if err != nil {
			return nil, err
		}
		for _, m := range far.Milestones {
			if m.AcceptedAt == nil && m.ReportedAt == nil && (first == nil || m.Due.Before(first.Milestone.Due)) {
				first = &Due{Engagement: e, Milestone: m.Milestone, Seq: m.Seq}
			}
		}
	}
	return first, nil
}

// Reported are the milestones whose reports wait for the actor; a task's id is
// the milestone's number.
func (s *Service) Reported(ctx context.Context, who party.Actor) ([]engagement.Task, error) {
	if who.Org == "" || who.Role != party.Officer {
		return nil, nil
	}
	return engagement.Tasks(ctx, s.db.NewSelect().TableExpr("delivery_milestone AS m").Join("JOIN engagement AS e ON e.id = m.engagement").Join("JOIN delivery_plan AS p ON p.engagement = e.id").
		Where("e.payer = ? AND e.state = ? AND p.state = ? AND m.reported_at IS NOT NULL AND m.accepted_at IS NULL", who.Org, engagement.Running, Agreed), "m.seq", "m.reported_at")
}

// Waiting are the plans that wait for the actor: to be written by the provider,
// to be agreed by the payer's officer.
func (s *Service) Waiting(ctx context.Context, who party.Actor) ([]engagement.Task, error) {
	q := s.db.NewSelect().TableExpr("engagement AS e").Join("LEFT JOIN delivery_plan AS p ON p.engagement = e.id").Where("e.state = ? AND e.end_on >= ?", engagement.Running, s.clock.Now().AddDate(0, 0, -1))
	switch {
	case who.Org == "":
		return nil, nil
	case who.Role == party.Officer:
		q = q.Where("e.payer = ? AND p.state = ?", who.Org, Proposed)
	case who.Role == party.Lead, who.Role == party.Staff:
		q = q.Where("e.provider = ? AND (p.state IS NULL OR p.state = ?)", who.Org, Draft)
	default:
		return nil, nil
	}
	return engagement.Tasks(ctx, q, "e.id", "COALESCE(p.proposed_at, e.opened_at)")
}
