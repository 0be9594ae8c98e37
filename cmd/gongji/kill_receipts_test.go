package main

import (
	"bufio"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/clock"
	"gongji/app/trust/access"
	"gongji/app/trust/signature"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
	"gongji/storage/mail"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// work runs gongji serve without the demonstration on a database.
func work(t *testing.T, dsn, data string, env ...string) *server {
	t.Helper()
	s := &server{Cmd: exec.CommandContext(t.Context(), "gongji", "serve", "--addr", "127.0.0.1:0", "--data", data), t: t}
	s.Env = append(os.Environ(), "GONGJI_DATABASE_URL="+dsn, "GONGJI_S3_ENDPOINT=", "GONGJI_PUBLIC_URL=")
	s.Env = append(s.Env, env...)
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.Stderr, s.lines = &s.err, bufio.NewScanner(out)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAKillInTheMiddleOfABatchOfReceipts kills the real server again and again
// while it issues: in the end every donation has one receipt, the numbers have
// no gap, and every PDF is there.
func TestAKillInTheMiddleOfABatchOfReceipts(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killBatch(t, "sqlite:"+dbtest.SQLiteFile(t)) })
	t.Run("postgres", func(t *testing.T) { killBatch(t, dbtest.PostgresURL(t)) })
}

func killBatch(t *testing.T, dsn string) {
	const gifts = 800
	ctx, data := t.Context(), filepath.Join(t.TempDir(), "data")
	d, err := db.Open(ctx, dsn, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	h := donationtest.New(t, d)
	h.Many(h.Given(h.Donor, 140950), gifts-1)
	bulk := killer(t, d, h, nil)
	b, _, err := bulk.Freeze(ctx, h.Finance, receipt.Scope{Year: 2026})
	if err != nil || b.Waiting != gifts {
		t.Fatalf("%+v, %v", b, err)
	}
	if _, err := bulk.Approve(ctx, h.Reviewer, b.ID); err != nil {
		t.Fatal(err)
	}
	var died []int
	for _, at := range []int{1, 300, 301, 600, 2 * gifts} {
		s := work(t, dsn, data)
		for {
			if b, err = bulk.Batch(ctx, h.Finance, b.ID); err != nil {
				t.Fatal(err)
			}
			if b.Issued >= at || b.State == receipt.BatchDone {
				break
			}
			select {
			case <-ctx.Done():
				t.Fatalf("it stands still: %+v: %s", b, s.err.String())
			case <-time.After(2 * time.Millisecond):
			}
		}
		_ = s.Process.Kill()
		_ = s.Wait()
		died = append(died, b.Issued)
	}
	t.Logf("killed after %v of %d", died, gifts)
	if b.State != receipt.BatchDone || b.Issued != gifts || b.Made != gifts || b.Aside != 0 || died[0] == gifts {
		t.Fatalf("%+v after kills at %v", b, died)
	}
	var got []struct {
		No    int64 `bun:"no"`
		Ready bool  `bun:"ready"`
	}
	err = d.NewSelect().TableExpr("receipt AS r").ColumnExpr("r.no, x.object_key <> '' AS ready").Join("JOIN document AS x ON x.id = r.document").OrderExpr("r.no").Scan(ctx, &got)
	if err != nil || len(got) != gifts {
		t.Fatalf("%d receipts, %v", len(got), err)
	}
	for i, r := range got {
		if r.No != int64(i+1) || !r.Ready {
			t.Fatalf("receipt %d has number %d, ready %v", i+1, r.No, r.Ready)
		}
	}
	var twice []string
	if err := d.NewSelect().TableExpr("receipt").Column("donation").GroupExpr("donation").Having("COUNT(*) <> 1").Scan(ctx, &twice); err != nil || len(twice) > 0 {
		t.Errorf("receipted twice: %v, %v", twice, err)
	}
	if docs, err := d.NewSelect().TableExpr("document").Count(ctx); err != nil || docs != gifts {
		t.Errorf("%d documents, %v", docs, err)
	}
	files, err := filepath.Glob(filepath.Join(data, "objects", "objects", "document", "*.pdf"))
	if err != nil || len(files) != gifts {
		t.Errorf("%d files, %v", len(files), err)
	}
}

// killer is the service that decides; it works no jobs, the server does.
func killer(t *testing.T, d *bun.DB, h *donationtest.House, sender *mail.Sender) *receipt.Bulk {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	q := queue.New(d, queue.Options{Log: log})
	st, err := object.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	key, err := signature.Load("", "", "test")
	if err != nil {
		t.Fatal(err)
	}
	a, err := archive.New(d, clock.System{}, st, q, access.Registry{}, document.Render, key, log)
	if err != nil {
		t.Fatal(err)
	}
	b, err := receipt.NewBulk(receipt.New(d, clock.System{}, h.Policy, a, "https://gongji.example"), q, sender)
	if err == nil {
		err = q.Open()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}
