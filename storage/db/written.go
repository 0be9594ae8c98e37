package db

import (
	"context"
	"strings"

	"github.com/uptrace/bun"
)

// OnWrite returns d to be used in its place: fn is called after each statement
// that may have changed what others can see: a write, or the commit that makes
// writes visible. It may be called once too often, never once too little; reads
// do not call it, and what still goes through d itself is not seen.
func OnWrite(d *bun.DB, fn func()) *bun.DB { return d.WithQueryHook(written(fn)) }

type written func()

func (written) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

// AfterQuery looks at the text: bun calls every raw query a SELECT.
func (w written) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	op, _, _ := strings.Cut(strings.TrimSpace(e.Query), " ")
	switch strings.ToUpper(op) {
	case "SELECT", "BEGIN", "ROLLBACK":
	default:
		w()
	}
}
