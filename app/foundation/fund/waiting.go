package fund

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Waits is how many things of one kind wait for somebody in the funds of their
// foundation, and where the oldest of them is; Fund is "" where none waits.
type Waits struct {
	Count int
	Fund  id.ID
	Year  int // of the budget; 0 for an ending
}

// BudgetsWaiting are the budgets that wait for the actor: an approver decides
// what somebody else drafted, an officer mends what was sent back.
func (s *Service) BudgetsWaiting(ctx context.Context, who party.Actor) (Waits, error) {
	q := s.db.NewSelect().TableExpr("fund_budget AS x").Join("JOIN fund AS f ON f.id = x.fund").ColumnExpr("x.fund, x.year").
		Where("f.foundation = ? AND f.state = ?", who.Org, Active).OrderExpr("x.updated_at, x.id")
	switch {
	case who.Is(party.Foundation, party.Approver):
		q = q.Where("x.state = ? AND x.drafted_by <> ?", BudgetReview, who.Account)
	case who.Is(party.Foundation, party.Officer):
		q = q.Where("x.state = ? AND x.reason <> ''", BudgetDraft)
	default:
		return Waits{}, nil
	}
	return waits(ctx, q)
}

// EndingsWaiting are the endings that wait for the actor: an approver decides
// what somebody else proposed, an officer settles what is open.
func (s *Service) EndingsWaiting(ctx context.Context, who party.Actor) (Waits, error) {
	q := s.db.NewSelect().TableExpr("fund_closing AS x").Join("JOIN fund AS f ON f.id = x.fund").ColumnExpr("x.fund").
		Where("f.foundation = ? AND f.state = ? AND x.state = ?", who.Org, Winding, Proposed).OrderExpr("x.proposed_at, x.id")
	switch {
	case who.Is(party.Foundation, party.Approver):
		q = q.Where("x.proposed_by <> ?", who.Account)
	case !who.Is(party.Foundation, party.Officer):
		return Waits{}, nil
	}
	return waits(ctx, q)
}

func waits(ctx context.Context, q *bun.SelectQuery) (Waits, error) {
	var all []struct {
		Fund id.ID
		Year int
	}
	err := q.Scan(ctx, &all)
	if err != nil || len(all) == 0 {
		return Waits{}, db.Translate(err)
	}
	return Waits{Count: len(all), Fund: all[0].Fund, Year: all[0].Year}, nil
}
