package grant

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Loose is what a fund has promised to grants and not paid: it keeps the fund
// from ending.
func (s *Service) Loose(ctx context.Context, d bun.IDB, of id.ID) ([]fund.Loose, error) {
	sum, err := s.promised(ctx, d, of)
	if err != nil || sum == 0 {
		return nil, err
	}
	return []fund.Loose{{What: "已承诺未支付的资助款", Href: "/funder/calls", Amount: &sum, Firm: true}}, nil
}

// Given is a grant out of a fund as the public sees it: how far it is, and
// what of it is paid.
type Given struct {
	ID       id.ID     `bun:"id" json:"id"`
	Number   string    `bun:"number" json:"number"`
	Title    string    `bun:"title" json:"title"`
	OrgName  string    `bun:"org_name" json:"organisation_name"`
	Org      id.ID     `bun:"organisation" json:"organisation"`
	State    State     `bun:"state" json:"state"`
	Amount   money.Fen `bun:"amount" json:"amount"` // 分
	Paid     money.Fen `bun:"paid" json:"paid"`     // 分
	Steps    int64     `bun:"steps" json:"milestones"`
	Accepted int64     `bun:"accepted" json:"accepted"` // milestones
	Start    time.Time `bun:"start_on" json:"start"`
	End      time.Time `bun:"end_on" json:"end"`
}

// OfFund lists the grants out of a fund that the organisations have accepted,
// newest first; the caller has authorised the view of the fund.
func (s *Service) OfFund(ctx context.Context, of id.ID, limit int) ([]Given, error) {
	out := []Given{}
	err := s.db.NewSelect().TableExpr("grant_award AS g").
		ColumnExpr("g.id, g.number, g.title, g.org_name, g.organisation, g.state, g.amount, g.start_on, g.end_on").
		ColumnExpr("(SELECT COUNT(*) FROM grant_milestone AS m WHERE m.award = g.id) AS steps").
		ColumnExpr("(SELECT COUNT(*) FROM grant_milestone AS m WHERE m.award = g.id AND m.accepted_at IS NOT NULL) AS accepted").
		ColumnExpr("(SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) FROM payment AS p WHERE p.award = g.id AND p.state = ?) AS paid", payment.Paid).
		Where("g.fund = ? AND g.state IN (?)", of, bun.List([]State{Signed, Graduated})).OrderExpr("g.id DESC").Limit(int64(limit)).Scan(ctx, &out)
	return out, db.Translate(err)
}
