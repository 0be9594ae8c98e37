package check

import (
	"context"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// taken is what a payment's posting took out of its fund.
const taken = "(SELECT -SUM(e.amount) FROM ledger_entry AS e JOIN fund AS f ON f.id = p.fund WHERE e.tx = p.ledger_tx AND e.account = f.cash_account)"

// payments finds payments that were made whose posting is missing or for
// another amount, surpluses that were handed on without one, and ended funds
// that still hold money.
func (s *Service) payments(ctx context.Context, p *Part) error {
	var bad []struct {
		ID     id.ID
		Amount *money.Fen
		Posted *money.Fen
	}
	err := s.db.NewSelect().TableExpr("payment AS p").ColumnExpr("p.id, p.amount, "+taken+" AS posted").
		Where("p.state = 'paid' AND (p.ledger_tx IS NULL OR p.amount IS NULL OR p.amount <> COALESCE("+taken+", 0))").
		OrderExpr("p.id").Limit(most).Scan(ctx, &bad)
	if err != nil {
		return db.Translate(err)
	}
	for _, x := range bad {
		p.problem("付款 %s 是 %s 元，账上是 %s 元", x.ID, yuan(x.Amount), yuan(x.Posted))
	}
	var ended []struct {
		ID      id.ID
		Balance money.Fen
		Moved   money.Fen
		Posted  *money.Fen
	}
	const handed = "(SELECT SUM(e.amount) FROM ledger_entry AS e JOIN fund AS t ON t.id = c.to_fund WHERE e.tx = c.ledger_tx AND e.account = t.cash_account)"
	err = s.db.NewSelect().TableExpr("fund AS f").Join("JOIN ledger_account AS a ON a.id = f.cash_account").
		Join("LEFT JOIN fund_closing AS c ON c.fund = f.id AND c.state = 'done'").
		ColumnExpr("f.id, a.balance, COALESCE(c.moved, 0) AS moved, "+handed+" AS posted").
		Where("f.state = 'ended' AND (a.balance <> 0 OR COALESCE(c.moved, 0) <> COALESCE("+handed+", 0))").
		OrderExpr("f.id").Limit(most).Scan(ctx, &ended)
	for _, x := range ended {
		p.problem("已终止的基金 %s 还有余额 %s 元；转出剩余财产 %s 元，账上是 %s 元", x.ID, x.Balance.Yuan(), x.Moved.Yuan(), yuan(x.Posted))
	}
	return db.Translate(err)
}
