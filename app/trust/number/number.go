// Package number allocates the numbers that people quote: gapless, in order,
// in the transaction that issues.
package number

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"gongji/storage/db"
)

// Next allocates the next number of a scope ("receipt/ORG/2026"), from 1. The
// counter row stays locked until the transaction ends, so a rollback gives the
// number back and two transactions never share one.
func Next(ctx context.Context, tx bun.Tx, scope string) (int64, error) {
	return Take(ctx, tx, scope, 1)
}

// Take is Next for n numbers in a row; it gives the first of them.
func Take(ctx context.Context, tx bun.Tx, scope string, n int) (first int64, err error) {
	var last int64
	// The upsert takes the row lock on PostgreSQL; SQLite holds the one write lock.
	err = tx.NewRaw(`INSERT INTO counter (scope, value) VALUES (?, ?)
		ON CONFLICT (scope) DO UPDATE SET value = counter.value + ? RETURNING value`, scope, n, n).Scan(ctx, &last)
	if err != nil {
		return 0, db.Translate(err)
	}
	return last - int64(n) + 1, nil
}

// Scope names the counter of one series of one issuer in one year.
func Scope(series, issuer string, year int) string {
	return fmt.Sprintf("%s/%s/%d", series, issuer, year)
}
