package check

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/foundation/bank"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

func (s *Service) books(ctx context.Context, p *Part) error {
	all, err := s.ledger.Books(ctx)
	if err != nil {
		return err
	}
	for _, b := range all {
		r, err := s.ledger.Verify(ctx, b)
		if err != nil {
			return err
		}
		for _, x := range r.Problems {
			p.problem("账簿 %s：%s", b, x)
		}
	}
	return nil
}

func (s *Service) bank(ctx context.Context, p *Part) error {
	list, err := bank.Unbalanced(ctx, s.db)
	for _, x := range list {
		p.problem("%s", x)
	}
	return err
}

// posted is what a donation's posting brought its fund.
const posted = "(SELECT SUM(e.amount) FROM ledger_entry AS e JOIN fund AS f ON f.id = d.fund WHERE e.tx = d.ledger_tx AND e.account = f.cash_account)"

// donations finds confirmed gifts of money whose posting is missing, is for
// another amount, or has been reversed while the gift still counts.
func (s *Service) donations(ctx context.Context, p *Part) error {
	var bad []struct {
		ID      id.ID
		Arrived *money.Fen
		Posted  *money.Fen
	}
	err := s.db.NewSelect().TableExpr("donation AS d").ColumnExpr("d.id, d.arrived").
		ColumnExpr(posted+" AS posted").
		Where("d.kind = 'money' AND d.state = 'confirmed'").
		Where("d.ledger_tx IS NULL OR d.arrived IS NULL OR d.arrived <> COALESCE("+posted+", 0)"+
			" OR EXISTS (SELECT 1 FROM ledger_transaction AS t WHERE t.reverses = d.ledger_tx)").
		OrderExpr("d.id").Limit(most).Scan(ctx, &bad)
	for _, x := range bad {
		p.problem("捐赠 %s 到账 %s 元，账上是 %s 元", x.ID, yuan(x.Arrived), yuan(x.Posted))
	}
	return db.Translate(err)
}

// came is what arrived of all that a receipt covers.
const came = "CASE WHEN r.request IS NULL THEN d.arrived ELSE (SELECT SUM(y.arrived) FROM receipt_request_gift AS g JOIN donation AS y ON y.id = g.donation AND y.state = 'confirmed' WHERE g.request = r.request) END"

// receipts finds live receipts that no confirmed donation bears out, and
// donations with more than one.
func (s *Service) receipts(ctx context.Context, p *Part) error {
	var bad []struct {
		Number string
		Why    string
	}
	err := s.db.NewSelect().TableExpr("receipt AS r").Join("JOIN donation AS d ON d.id = r.donation").
		ColumnExpr("r.id AS number").
		ColumnExpr("CASE WHEN d.state <> 'confirmed' THEN '捐赠尚未到账或已取消'"+
			" WHEN d.foundation <> r.foundation THEN '收据与捐赠不属于同一基金会'"+
			" WHEN d.kind = 'money' AND (r.amount IS NULL OR r.amount <> "+came+") THEN '收据金额与到账金额不符'"+
			" ELSE '没有对应的文书' END AS why").
		Where("r.state = 'issued'").
		Where("d.state <> 'confirmed' OR d.foundation <> r.foundation OR (d.kind = 'money' AND (r.amount IS NULL OR r.amount <> "+came+"))"+
			" OR NOT EXISTS (SELECT 1 FROM document AS x WHERE x.id = r.document)").
		OrderExpr("r.id").Limit(most).Scan(ctx, &bad)
	if err != nil {
		return db.Translate(err)
	}
	for _, x := range bad {
		p.problem("收据 %s：%s", x.Number, x.Why)
	}
	var twice []id.ID
	err = s.db.NewSelect().TableExpr("receipt_covers").ColumnExpr("donation").Where("state IN (?)", bun.List([]string{"prepared", "issued"})).
		GroupExpr("donation").Having("count(*) > 1").OrderExpr("donation").Limit(most).Scan(ctx, &twice)
	for _, d := range twice {
		p.problem("捐赠 %s 有不止一张有效收据", d)
	}
	return db.Translate(err)
}

func (s *Service) stock(ctx context.Context, p *Part) error {
	items, err := s.goods.Unbalanced(ctx)
	for _, x := range items {
		p.problem("物资 %s 的库存与出入库合计不符", x)
	}
	return err
}

func yuan(f *money.Fen) string {
	if f == nil {
		return "—"
	}
	return strings.TrimSpace(f.Yuan())
}
