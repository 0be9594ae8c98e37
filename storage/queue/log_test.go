package queue_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/storage/db"
	"gongji/storage/db/dbtest"
	"gongji/storage/queue"
)

// lines is a log whose lines can be waited for.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// TestTheLogDoesNotCountJobs: how many jobs were done, and their numbers, would
// tell how many bids came. River writes its counts every five seconds.
func TestTheLogDoesNotCountJobs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		ctx, log, done := t.Context(), make(lines, 99), make(chan string, 9)
		q := queue.New(d, queue.Options{Log: slog.New(slog.NewJSONHandler(log, nil)), Poll: 10 * time.Millisecond})
		if err := queue.Handle(q, func(_ context.Context, e errand) error {
			done <- e.To
			switch e.To {
			case "隐":
				return queue.Later(time.Hour)
			case "败":
				return errors.New("没有纸了")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := q.Open(); err != nil {
			t.Fatal(err)
		}
		if err := q.Start(ctx); err != nil {
			t.Fatal(err)
		}
		if err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
			return errors.Join(q.Add(ctx, tx, errand{"印章"}), q.Add(ctx, tx, errand{"隐"}), q.Add(ctx, tx, errand{"败"}))
		}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			<-done
		}
		text := ""
		for wait := time.After(30 * time.Second); !strings.Contains(text, "没有纸了"); {
			select {
			case line := <-log:
				text += line
			case <-wait:
				t.Fatalf("a failure is not logged: %s", text)
			}
		}
		if err := q.Stop(context.WithoutCancel(ctx)); err != nil {
			t.Fatal(err)
		}
		close(log)
		for line := range log {
			text += line
		}
		for _, s := range []string{"job_id", "num_completed", `"level":"INFO"`, "snooze"} {
			if strings.Contains(text, s) {
				t.Errorf("the log has %s: %s", s, text)
			}
		}
		if n, err := q.Failed(ctx); err != nil || n != 0 {
			t.Errorf("%d failed, %v", n, err)
		}
	})
}
