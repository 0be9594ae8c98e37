package ledger

import (
	"context"
	"regexp"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

var monthShape = regexp.MustCompile(`^[12]\d{3}-(0[1-9]|1[0-2])$`)

// MonthName is "2026年5月" of "2026-05".
func MonthName(month string) string {
	if !monthShape.MatchString(month) {
		return month
	}
	m := month[5:]
	if m[0] == '0' {
		m = m[1:]
	}
	return month[:4] + "年" + m + "月"
}

func closed(month string) error {
	return fault.New(fault.Conflict, "%s及以前的月份已经结账，不能再记入；请记在以后的日期，并写明原因", MonthName(month))
}

// Close ends a month of a book and all before it: nothing is posted into them
// any more. Conflict where it is closed already.
func (s *Service) Close(ctx context.Context, tx bun.Tx, bookID id.ID, month string) error {
	if !monthShape.MatchString(month) {
		return fault.New(fault.Invalid, "月份应写成 2026-05 这样")
	}
	var b book
	if err := db.Lock(tx.NewSelect().Model(&b).Where("id = ?", bookID)).Scan(ctx); err != nil {
		return db.Found(err, "账簿")
	}
	if month <= b.Closed {
		return fault.New(fault.Conflict, "%s已经结账", MonthName(month))
	}
	return db.One(tx.NewUpdate().Model((*book)(nil)).Set("closed_month = ?", month).Where("id = ?", bookID).Exec(ctx))
}

// Closed is the last month of a book that is closed, "2026-05"; "" for none,
// also where there is no book yet.
func Closed(ctx context.Context, d bun.IDB, bookID id.ID) (string, error) {
	var out []string
	err := d.NewSelect().Model((*book)(nil)).Column("closed_month").Where("id = ?", bookID).Scan(ctx, &out)
	if err != nil || len(out) == 0 {
		return "", db.Translate(err)
	}
	return out[0], nil
}

// Until is what an account held when a month ended, in 分.
func Until(ctx context.Context, d bun.IDB, account id.ID, month string) (money.Fen, error) {
	var sum money.Fen
	err := d.NewSelect().TableExpr("ledger_entry").ColumnExpr("CAST(COALESCE(SUM(amount), 0) AS BIGINT)").
		Where("account = ? AND month <= ?", account, month).Scan(ctx, &sum)
	return sum, db.Translate(err)
}

// OfKind adds up the accounts of one kind in a book, in 分.
func OfKind(ctx context.Context, d bun.IDB, bookID id.ID, k Kind) (money.Fen, error) {
	var sum money.Fen
	err := d.NewSelect().TableExpr("ledger_account").ColumnExpr("CAST(COALESCE(SUM(balance), 0) AS BIGINT)").
		Where("book = ? AND kind = ?", bookID, k).Scan(ctx, &sum)
	return sum, db.Translate(err)
}
