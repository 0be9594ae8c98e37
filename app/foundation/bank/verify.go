package bank

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"gongji/app/foundation/ledger"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Unbalanced names, in Chinese, where the lines and the books say different
// things: an account that does not hold its lines, what is unclaimed or
// unexplained and is not the open lines, a match without its posting.
func Unbalanced(ctx context.Context, d bun.IDB) ([]string, error) {
	var out []string
	var rows []struct {
		ID     id.ID
		Name   string
		Held   money.Fen
		Should money.Fen
	}
	err := d.NewSelect().TableExpr("bank_account AS a").Join("JOIN ledger_account AS l ON l.id = a.ledger").
		ColumnExpr("a.id, a.name, l.balance AS held").
		ColumnExpr("CAST(a.opening + COALESCE((SELECT SUM(x.amount) FROM bank_line AS x WHERE x.bank = a.id), 0) AS BIGINT) AS should").
		OrderExpr("a.id").Scan(ctx, &rows)
	if err != nil {
		return nil, db.Translate(err)
	}
	for _, r := range rows {
		if r.Held != r.Should {
			out = append(out, fmt.Sprintf("银行账户 %s（%s）账上 %s 元，流水合计 %s 元", r.Name, r.ID, r.Held.Yuan(), r.Should.Yuan()))
		}
	}
	for _, x := range []struct {
		kind ledger.Kind
		noun string
		sign string
	}{{ledger.Unclaimed, "待认领款", ">"}, {ledger.Unexplained, "待核对支出", "<"}} {
		var sums []struct {
			Book   id.ID
			Held   money.Fen
			Should money.Fen
		}
		err := d.NewSelect().TableExpr("ledger_account AS l").ColumnExpr("l.book, -l.balance AS held").
			ColumnExpr("CAST(COALESCE((SELECT SUM(b.amount) FROM bank_line AS b WHERE b.foundation = l.book AND b.state <> 'booked' AND b.amount "+x.sign+" 0), 0) AS BIGINT) AS should").
			Where("l.kind = ?", x.kind).OrderExpr("l.book").Scan(ctx, &sums)
		if err != nil {
			return nil, db.Translate(err)
		}
		for _, r := range sums {
			if r.Held != r.Should {
				out = append(out, fmt.Sprintf("基金会 %s 的%s账上 %s 元，流水合计 %s 元", r.Book, x.noun, r.Held.Yuan(), r.Should.Yuan()))
			}
		}
	}
	var loose []id.ID
	err = d.NewSelect().TableExpr("bank_line AS l").ColumnExpr("l.id").
		Where("l.state = 'booked' AND NOT EXISTS (SELECT 1 FROM bank_match AS m JOIN ledger_transaction AS t ON t.id = m.ledger_tx WHERE m.state = 'confirmed' AND (m.line = l.id OR m.kind = 'return' AND m.target = l.id))").
		OrderExpr("l.id").Limit(50).Scan(ctx, &loose)
	for _, l := range loose {
		out = append(out, fmt.Sprintf("流水 %s 已确认，却没有对应的记账", l))
	}
	return out, db.Translate(err)
}
