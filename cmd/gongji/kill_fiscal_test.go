package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/clock"
	"gongji/app/staging"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// TestAKillWhileFiscalNumbersAreLinked kills the real server again and again
// while it works a file: in the end each row was counted once, and each receipt
// has one pair of numbers and one new PDF.
func TestAKillWhileFiscalNumbersAreLinked(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killFiscal(t, "sqlite:"+dbtest.SQLiteFile(t)) })
	t.Run("postgres", func(t *testing.T) { killFiscal(t, dbtest.PostgresURL(t)) })
}

func killFiscal(t *testing.T, dsn string) {
	const gifts, wrong = 500, 40
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
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bulk.Approve(ctx, h.Reviewer, b.ID); err != nil {
		t.Fatal(err)
	}
	s := work(t, dsn, data)
	s.wait(func() bool {
		b, err := bulk.Batch(ctx, h.Finance, b.ID)
		return err != nil || b.State == receipt.BatchDone
	})
	_ = s.Process.Kill()
	_ = s.Wait()

	papers := filer(t, d, bulk, data)
	year := clock.System{}.Now().In(clock.Beijing).Year()
	var file strings.Builder
	file.WriteString("票据代码,票据号码,校验码,金额,备注\n")
	for n := range gifts + wrong { // the last ones are nobody's
		fmt.Fprintf(&file, "44010125,%010d,a1b2c3,1409.50,%d-%06d\n", n, year, n+1)
	}
	i, err := papers.Upload(ctx, h.Finance, "全年.csv", strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	var died []int
	for _, at := range []int{0, 100, 300, gifts + wrong} {
		s := work(t, dsn, data)
		s.wait(func() bool {
			i, err = papers.Import(ctx, h.Finance, i.ID)
			return err != nil || i.Worked >= at && at < gifts || i.State == receipt.FiscalDone
		})
		_ = s.Process.Kill()
		_ = s.Wait()
		died = append(died, i.Worked)
	}
	t.Logf("killed after %v of %d rows", died, gifts+wrong)
	if err != nil || i.State != receipt.FiscalDone || i.Linked != gifts || i.Refused != wrong || i.Known != 0 || i.Made != gifts || i.Worked != gifts+wrong {
		t.Fatalf("%+v, %v", i, err)
	}
	for what, q := range map[string]*bun.SelectQuery{
		"receipts with numbers": d.NewSelect().TableExpr("receipt_fiscal"),
		"receipts with a new PDF": d.NewSelect().TableExpr("receipt AS r").Join("JOIN document AS x ON x.id = r.document").
			Join("JOIN receipt_fiscal AS f ON f.receipt = r.id").Where("x.object_key <> '' AND x.id <> f.original"),
		"replaced PDFs": d.NewSelect().TableExpr("document").Where("state = 'void'"),
	} {
		if n, err := q.Count(ctx); err != nil || n != gifts {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
	if n, err := d.NewSelect().TableExpr("document").Count(ctx); err != nil || n != 2*gifts {
		t.Errorf("%d documents, %v", n, err)
	}
	if bad, err := papers.BadRows(ctx, h.Finance, i.ID, 0, 999); err != nil || len(bad) != wrong || bad[0].Line != gifts+2 {
		t.Errorf("%d rows are named, %v", len(bad), err)
	}
}

// filer keeps files where the server finds them, and works no jobs.
func filer(t *testing.T, d *bun.DB, bulk *receipt.Bulk, data string) *receipt.Papers {
	t.Helper()
	q := queue.New(d, queue.Options{Log: slog.New(slog.DiscardHandler), Poll: time.Second})
	st, err := object.OpenDir(filepath.Join(data, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	staged, err := staging.New(d, clock.System{}, st, q)
	if err != nil {
		t.Fatal(err)
	}
	p, err := receipt.NewPapers(bulk.Service, receipt.PaperRooms{Staged: staged, Store: st, Queue: q})
	if err == nil {
		err = q.Open()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}
