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
// actor's organisation and was not reported yet, nil where there is none; for a
// payer's officer how many reports of milestones wait for it.
func (s *Service) Next(ctx context.Context, who party.Actor) (*Due, int, error) {
	if who.Org == "" {
		return nil, 0, nil
	}
	var list []engagement.Engagement
	if err := s.db.NewSelect().Model(&list).Where("(provider = ? OR payer = ?) AND state = ?", who.Org, who.Org, engagement.Running).Order("id DESC").Limit(50).Scan(ctx); err != nil {
		return nil, 0, db.Translate(err)
	}
	var first *Due
	waiting, now := 0, s.clock.Now()
	for _, e := range list {
		p, err := Of(ctx, s.db, e.ID)
		if err != nil || p.State != Agreed {
			continue // nothing is due before a plan is in force
		}
		far, err := ProgressOf(ctx, s.db, p, now)
		if err != nil {
			return nil, 0, err
		}
		for _, m := range far.Milestones {
			switch {
			case m.AcceptedAt != nil:
			case m.ReportedAt != nil:
				if e.Payer == who.Org && who.Role == party.Officer {
					waiting++
				}
			case e.Provider == who.Org && (first == nil || m.Due.Before(first.Milestone.Due)):
				first = &Due{Engagement: e, Milestone: m.Milestone, Seq: m.Seq}
			}
		}
	}
	return first, waiting, nil
}
