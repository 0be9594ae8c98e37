package check_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app"
	"gongji/app/demo"
	"gongji/app/kernel/clock"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
	"gongji/storage/object"
)

var day = time.Date(2026, 11, 21, 22, 0, 0, 0, clock.Beijing)

// loaded is the demonstration: every kind of row a check looks at is in it.
func loaded(t *testing.T, dsn string) (*app.App, *clock.Manual) {
	t.Helper()
	d, err := db.Open(t.Context(), dsn, db.Options{MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	st, err := object.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	c := app.Config{Data: t.TempDir(), DatabaseURL: dsn, PublicURL: "http://127.0.0.1:1", Demo: true}
	now := clock.NewManual(day)
	a, err := app.New(c, app.Parts{DB: d, Store: st, Clock: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Load(t.Context(), a, c); err != nil {
		t.Fatal(err)
	}
	if err := a.Queue.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Queue.Stop(context.WithoutCancel(t.Context())) })
	if err := a.Queue.Drained(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a, now
}

// TestACheckFindsWhatIsWrong damages a sound database as an intruder, a broken
// disk or a hand in the database would, one thing after another.
func TestACheckFindsWhatIsWrong(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { findsWhatIsWrong(t, "sqlite:"+dbtest.SQLiteFile(t)) })
	t.Run("postgres", func(t *testing.T) { findsWhatIsWrong(t, dbtest.PostgresURL(t)) })
}

func findsWhatIsWrong(t *testing.T, dsn string) {
	a, now := loaded(t, dsn)
	ctx := t.Context()
	r, err := a.Check.Everything(ctx)
	if err != nil || !r.Sound || len(r.Parts) != 8 {
		t.Fatalf("the demonstration is not sound: %+v, %v", r, err)
	}
	sqlText := func(q string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := a.DB.ExecContext(ctx, q)
			return err
		}
	}
	open := map[string]string{"document": "owner_kind <> 'bid'", "attachment": "owner_kind <> 'bid'"}
	key := func(table string) string {
		var k string
		if err := a.DB.NewSelect().TableExpr(table).ColumnExpr("object_key").Where("object_key <> ''").Where(open[table]).Limit(1).Scan(ctx, &k); err != nil {
			t.Fatal(err)
		}
		return k
	}
	t.Run("a sealed bid is lost", func(t *testing.T) { loseSealed(t, a, now) })
	dropTriggers(t, a.DB)
	t.Run("the receipt of a last offer is lost", func(t *testing.T) { loseLastOffer(t, a, now) })
	for _, c := range []struct {
		what, part, says string
		damage           func(context.Context) error
	}{
		{"an entry is changed", "账簿", "借贷不平", sqlText("UPDATE ledger_entry SET amount = amount + 1 WHERE (tx, line) = (SELECT tx, line FROM ledger_entry ORDER BY tx, line LIMIT 1)")},
		{"a balance was written by hand", "账簿", "分录合计", sqlText("UPDATE ledger_account SET balance = balance + 1, money_in = money_in + 1 WHERE id = (SELECT id FROM ledger_account WHERE kind = 'fund.cash' ORDER BY id LIMIT 1)")},
		{"a memo was rewritten", "账簿", "校验值不符", sqlText("UPDATE ledger_transaction SET memo = memo || '。' WHERE seq = 1")},
		{"an entry was moved to another month", "账簿", "记在", sqlText("UPDATE ledger_entry SET month = '2001-01' WHERE seq = 1")},
		{"a bank account holds what no line brought", "银行流水", "流水合计", func(ctx context.Context) error {
			for _, q := range []string{
				`INSERT INTO ledger_account (id, book, owner_kind, owner_id, kind, floor_zero, created_at) SELECT 'bank', id, 'bank_account', 'bank', 'bank.cash', FALSE, '2026-01-01' FROM ledger_book LIMIT 1`,
				`INSERT INTO bank_account (id, foundation, name, tail, opening, opened_on, columns, ledger, created_by, created_at) SELECT 'bank', id, '某行', '0000', 100, '2026-01-01', '{}', 'bank', (SELECT id FROM account LIMIT 1), '2026-01-01' FROM ledger_book LIMIT 1`,
			} {
				if err := sqlText(q)(ctx); err != nil {
					return err
				}
			}
			return nil
		}},
		{"a donation claims more than was posted", "捐赠与账簿", "账上是", sqlText("UPDATE donation SET arrived = arrived + 100 WHERE id = (SELECT id FROM donation WHERE kind = 'money' AND state = 'confirmed' LIMIT 1)")},
		{"a payment says another amount", "付款与账簿", "账上是", sqlText("UPDATE payment SET amount = amount + 1 WHERE id = (SELECT id FROM payment WHERE state = 'paid' ORDER BY id LIMIT 1)")},
		{"a surplus was handed on by hand", "付款与账簿", "转出剩余财产", sqlText("UPDATE fund_closing SET moved = moved + 1 WHERE state = 'done' AND moved > 0")},
		{"a receipt says another amount", "收据", "金额不符", sqlText("UPDATE receipt SET amount = amount + 1 WHERE id = (SELECT id FROM receipt WHERE state = 'issued' AND amount IS NOT NULL LIMIT 1)")},
		{"a receipt is of a gift that was cancelled", "收据", "尚未到账或已取消", sqlText("UPDATE donation SET state = 'cancelled' WHERE id = (SELECT donation FROM receipt WHERE state = 'issued' LIMIT 1)")},
		{"a number was skipped", "编号", "缺第", sqlText("UPDATE counter SET value = value + 1 WHERE scope LIKE 'receipt/%'")},
		{"a tender's number is gone", "编号", "采购项目", sqlText("UPDATE tender SET number = NULL WHERE number LIKE 'GJ采%0001号'")},
		{"stock was written by hand", "物资", "出入库", sqlText("UPDATE goods_item SET quantity = quantity + 1 WHERE id = (SELECT id FROM goods_item LIMIT 1)")},
		{"a document is lost", "文书、附件", "不在存储中", func(ctx context.Context) error { return a.Store.Delete(ctx, key("document")) }},
		{"an upload is another file", "文书、附件", "校验值", func(ctx context.Context) error {
			k := key("attachment")
			if err := a.Store.Delete(ctx, k); err != nil {
				return err
			}
			_, err := a.Store.Put(ctx, k, strings.NewReader("another"), object.PutOptions{Size: 7})
			return err
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			if err := c.damage(ctx); err != nil {
				t.Fatal(err)
			}
			now.Advance(time.Second)
			r, err := a.Check.Everything(ctx)
			if err != nil || r.Sound {
				t.Fatalf("not found: %+v, %v", r, err)
			}
			for _, p := range r.Parts {
				if strings.HasPrefix(p.Name, c.part) && strings.Contains(strings.Join(p.Problems, "\n"), c.says) {
					return
				}
			}
			t.Errorf("%s is not said: %+v", c.says, r.Parts)
		})
	}
	last, err := a.Check.Last(ctx)
	if err != nil || last == nil || last.Sound || last.Problems() < 13 {
		t.Errorf("the last report: %+v, %v", last, err)
	}
}

// loseSealed loses two sealed bids of a tender that is still open: the report
// says that something is wrong and neither what nor how much.
func loseSealed(t *testing.T, a *app.App, now *clock.Manual) {
	var lost []lostObject
	err := a.DB.NewSelect().TableExpr("bid_version AS v").ColumnExpr("v.id, v.object_key").
		Where("NOT EXISTS (SELECT 1 FROM opening_line AS l WHERE l.bid = v.bid)").Limit(2).Scan(t.Context(), &lost)
	if err != nil || len(lost) < 1 {
		t.Fatalf("the demonstration has no unopened bids: %v, %v", lost, err)
	}
	loseQuietly(t, a, now, lost)
}

// loseLastOffer loses the receipt of a last offer while the round may still
// take offers.
func loseLastOffer(t *testing.T, a *app.App, now *clock.Manual) {
	ctx := t.Context()
	var lost []lostObject
	if err := a.DB.NewSelect().TableExpr("document AS d").ColumnExpr("d.id, d.object_key").
		Where("d.object_key <> '' AND d.owner_kind = 'tender'").Limit(1).Scan(ctx, &lost); err != nil || len(lost) < 1 {
		t.Fatalf("the demonstration has no document of a purchase: %v", err)
	}
	for _, q := range []string{
		`INSERT INTO offer_round (id, tender, state, minutes, least, article, asked_at, asked_by, due_at) SELECT 'round', tender, 'asked', 30, 2, '', '2026-01-01', (SELECT id FROM account LIMIT 1), '2026-01-01' FROM bid LIMIT 1`,
		`INSERT INTO last_offer (id, round, tender, bid, supplier, supplier_name, first_price, version) SELECT 'offer', 'round', tender, id, supplier, '某单位', 1, 1 FROM bid LIMIT 1`,
	} {
		if _, err := a.DB.ExecContext(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	var was struct{ OwnerKind, OwnerID string }
	if err := a.DB.NewSelect().TableExpr("document").ColumnExpr("owner_kind, owner_id").Where("id = ?", lost[0].ID).Scan(ctx, &was); err != nil {
		t.Fatal(err)
	}
	own := func(kind, owner string) {
		if _, err := a.DB.NewUpdate().TableExpr("document").Set("owner_kind = ?, owner_id = ?", kind, owner).Where("id = ?", lost[0].ID).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	own("last_offer", "offer")
	loseQuietly(t, a, now, lost)
	own(was.OwnerKind, was.OwnerID)
}

type lostObject struct {
	ID        string
	ObjectKey string
}

// loseQuietly loses objects that nobody may hear of by name.
func loseQuietly(t *testing.T, a *app.App, now *clock.Manual, lost []lostObject) {
	t.Helper()
	ctx := t.Context()
	for _, x := range lost {
		r, info, err := a.Store.Open(ctx, x.ObjectKey)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close(), a.Store.Delete(ctx, x.ObjectKey)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := a.Store.Put(context.WithoutCancel(ctx), x.ObjectKey, bytes.NewReader(b), object.PutOptions{Size: info.Size}); err != nil {
				t.Error(err)
			}
		})
	}
	now.Advance(time.Second)
	r, err := a.Check.Everything(ctx)
	if err != nil || r.Sound || r.Problems() != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, p := range r.Parts {
		for _, says := range p.Problems {
			if !strings.Contains(says, "不列出件数和名称") {
				t.Errorf("the report says %s", says)
			}
			for _, x := range lost {
				if strings.Contains(says, x.ID) {
					t.Errorf("the report names a bid: %s", says)
				}
			}
		}
	}
}

func dropTriggers(t *testing.T, d *bun.DB) {
	t.Helper()
	var names []string
	if db.Postgres(d) {
		// The owner may do what an intruder with the owner's password may.
		var drops []string
		err := d.NewSelect().TableExpr("pg_trigger").ColumnExpr("format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass)").Where("NOT tgisinternal").Scan(t.Context(), &drops)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range drops {
			if _, err := d.ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	if err := d.NewSelect().TableExpr("sqlite_master").ColumnExpr("name").Where("type = 'trigger'").Scan(t.Context(), &names); err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if _, err := d.ExecContext(t.Context(), "DROP TRIGGER "+n); err != nil {
			t.Fatal(err)
		}
	}
}
