package performance

import (
	"context"

	"gongji/app/delivery/engagement"
	"gongji/app/party"
	"gongji/storage/db"
)

// Waiting counts what waits for the actor's organisation in its role, for the
// desk: engagements that are over and not yet evaluated, self-reports to write
// and to check, sheets to score, results to approve, to look at, to answer for
// and to publish, findings to mend and to close.
type Waiting struct {
	Start, Self, Check, Score, Approve, Object, Answer, Publish, Mend, Close int
}

// unanswered is an objection that nobody answered yet, of performance p.
const unanswered = "EXISTS (SELECT 1 FROM performance_objection AS o WHERE o.evaluation = p.id AND o.answered_at IS NULL)"

// open is a finding of performance p that is not closed, and was answered or not.
const (
	unmended  = "EXISTS (SELECT 1 FROM performance_rectification AS m WHERE m.evaluation = p.id AND m.closed_at IS NULL AND m.answered_at IS NULL)"
	unchecked = "EXISTS (SELECT 1 FROM performance_rectification AS m WHERE m.evaluation = p.id AND m.closed_at IS NULL AND m.answered_at IS NOT NULL)"
)

// Waiting counts for one person.
func (s *Service) Waiting(ctx context.Context, who party.Actor) (Waiting, error) {
	var w Waiting
	if who.Org == "" {
		return w, nil
	}
	now := s.clock.Now()
	var err error
	count := func(into *int, where string, args ...any) {
		if err != nil {
			return
		}
		var n int64
		n, err = s.db.NewSelect().TableExpr("performance AS p").Join("JOIN engagement AS e ON e.id = p.engagement").Where(where, args...).Count(ctx)
		*into = int(n)
	}
	publish := "p.payer = ? AND p.state = ? AND (p.accepted_at IS NOT NULL OR p.objection_due <= ?) AND NOT " + unanswered
	switch who.Role {
	case party.Officer:
		var n int64
		n, err = s.db.NewSelect().TableExpr("engagement AS e").
			Where("e.payer = ? AND (e.state = ? OR e.state = ? AND e.end_on <= ?)", who.Org, engagement.Closed, engagement.Running, now.AddDate(0, 0, -1)).
			Where("NOT EXISTS (SELECT 1 FROM performance AS p WHERE p.engagement = e.id)").Count(ctx)
		w.Start = int(n)
		count(&w.Check, "p.payer = ? AND p.state = ?", who.Org, Checking)
		count(&w.Score, "p.payer = ? AND p.state = ? AND e.evaluator IS NULL", who.Org, Scoring)
		count(&w.Answer, "p.payer = ? AND p.state = ? AND "+unanswered, who.Org, Notice)
		count(&w.Publish, publish, who.Org, Notice, now)
		count(&w.Close, "p.payer = ? AND p.state = ? AND "+unchecked, who.Org, Published)
	case party.Approver:
		count(&w.Approve, "p.payer = ? AND p.state = ?", who.Org, Review)
		count(&w.Publish, publish, who.Org, Notice, now)
	case party.Supervisor:
		count(&w.Answer, "p.payer = ? AND p.state = ? AND "+unanswered, who.Org, Notice)
	case party.Lead, party.Staff:
		count(&w.Self, "p.provider = ? AND p.state = ?", who.Org, SelfReport)
		count(&w.Mend, "p.provider = ? AND p.state = ? AND "+unmended, who.Org, Published)
		if who.Role == party.Lead {
			count(&w.Score, "e.evaluator = ? AND p.state = ?", who.Org, Scoring)
			count(&w.Object, "p.provider = ? AND p.state = ? AND p.accepted_at IS NULL AND p.objection_due > ? AND NOT "+unanswered, who.Org, Notice, now)
		}
	default: // the others have no part in an evaluation
	}
	return w, db.Translate(err)
}
