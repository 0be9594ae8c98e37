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
	var n int64
	// The upsert takes the row lock on PostgreSQL; SQLite holds the one write lock.
	err := tx.NewRaw(`INSERT INTO counter (scope, value) VALUES (?, 1)
		ON CONFLICT (scope) DO UPDATE SET value = counter.value + 1 RETURNING value`, scope).Scan(ctx, &n)
	if err != nil {
		return 0, db.Translate(err)
	}
	return n, nil
}

// Scope names the counter of one series of one issuer in one year.
func Scope(series, issuer string, year int) string {
	return fmt.Sprintf("%s/%s/%d", series, issuer, year)
}
