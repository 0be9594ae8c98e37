package queue_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/storage/db"
	"gongji/storage/db/dbtest"
	"gongji/storage/queue"
)

type errand struct {
	To string `json:"to"`
}

func (errand) Kind() string { return "errand" }

// TestAKilledJobRunsAgain leaves a job as kill -9 does: taken up, never ended.
func TestAKilledJobRunsAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		ctx, done := t.Context(), make(chan string, 2)
		q := queue.New(d, queue.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Poll: 10 * time.Millisecond})
		if err := queue.Handle(q, func(_ context.Context, e errand) error { done <- e.To; return nil }); err != nil {
			t.Fatal(err)
		}
		if err := q.Open(); err != nil {
			t.Fatal(err)
		}
		if err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error { return q.Add(ctx, tx, errand{"印章"}) }); err != nil {
			t.Fatal(err)
		}
		if _, err := d.NewUpdate().TableExpr("river_job").Set("state = 'running'").Set("attempt = 1").
			Set("attempted_at = ?", time.Now().UTC().Add(-time.Minute)).Where("kind = 'errand'").Exec(ctx); err != nil {
			t.Fatal(err)
		}
		if err := q.Start(ctx); err != nil {
			t.Fatal(err)
		}
		select {
		case <-done:
		case <-time.After(30 * time.Second):
			t.Error("the job is still taken to be running")
		}
		if err := q.Stop(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	})
}
