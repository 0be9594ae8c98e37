package db_test

import (
	"context"
	"errors"
	"testing"

	"github.com/uptrace/bun"

	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

func TestOnWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		ctx, n := t.Context(), 0
		d = db.OnWrite(d, func() { n++ })
		insert := "INSERT INTO account (id, login, name, password_hash, created_at) VALUES (?, ?, '', '', '2026-06-01T00:00:00Z')"
		since := func() int {
			got := n
			n = 0
			return got
		}
		if _, err := d.NewSelect().TableExpr("account").Count(ctx); err != nil || since() != 0 {
			t.Errorf("a read counts as a write (%v)", err)
		}
		if _, err := d.ExecContext(ctx, insert, "A", "a"); err != nil || since() == 0 {
			t.Errorf("a statement of its own is not counted (%v)", err)
		}
		if _, err := d.NewRaw("UPDATE account SET name = 'x'").Exec(ctx); err != nil || since() == 0 {
			t.Errorf("a raw query is not counted (%v)", err)
		}
		err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.Tx.ExecContext(ctx, "UPDATE account SET name = 'y'") // past bun, as the queue writes
			if since() != 0 {
				t.Error("seen before it is committed")
			}
			return err
		})
		if err != nil || since() == 0 {
			t.Errorf("a commit is not counted (%v)", err)
		}
		no := errors.New("no")
		err = db.Tx(ctx, d, func(context.Context, bun.Tx) error { return no })
		if !errors.Is(err, no) || since() != 0 {
			t.Errorf("a rollback counts as a write (%v)", err)
		}
	})
}
