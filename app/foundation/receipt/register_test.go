package receipt_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/receipt"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

// Two officers of finance prepare and two reviewers issue, all at once: one
// receipt, one number. What the service might forget the database refuses.
func TestOneDonationHasOneLiveReceiptWhoeverAsks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		finance := []party.Actor{k.Finance, k.Join(k.Person("财务庚"), k.Foundation, party.Finance)}
		reviewers := []party.Actor{k.Reviewer, k.Join(k.Person("复核辛"), k.Foundation, party.Reviewer)}
		gift := k.Given(k.Donor, 140950)
		var one atomic.Value
		if good := race(t, 6, func(i int) error {
			r, err := k.receipts.Prepare(ctx, finance[i%2], gift.ID, "")
			if err == nil {
				one.Store(r)
			}
			return err
		}); good != 1 {
			t.Fatalf("%d prepared", good)
		}
		r := one.Load().(receipt.Receipt)
		if good := race(t, 6, func(i int) error {
			_, err := k.receipts.Review(ctx, reviewers[i%2], r.ID, true, "")
			return err
		}); good != 1 {
			t.Fatalf("%d issued", good)
		}
		later := k.Given(k.Donor, 300)
		prepared, err := k.receipts.Prepare(ctx, k.Finance, later.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		for what, q := range map[string]string{
			"a second live receipt":               `INSERT INTO receipt (id, foundation, donation, state, remark, amount, handler, handler_name, prepared_at) SELECT 'again', foundation, donation, 'prepared', '', amount, handler, handler_name, prepared_at FROM receipt WHERE id = '` + string(r.ID) + `'`,
			"an issued amount changed":            `UPDATE receipt SET amount = amount + 1 WHERE id = '` + string(r.ID) + `'`,
			"an issued receipt moved":             `UPDATE receipt SET donation = '` + string(later.ID) + `' WHERE id = '` + string(r.ID) + `'`,
			"a number taken back":                 `UPDATE receipt SET no = 7 WHERE id = '` + string(r.ID) + `'`,
			"an issued receipt prepared again":    `UPDATE receipt SET state = 'prepared' WHERE id = '` + string(r.ID) + `'`,
			"a numbered receipt deleted":          `DELETE FROM receipt WHERE id = '` + string(r.ID) + `'`,
			"a receipt for more than what came":   `UPDATE receipt SET state = 'returned', amount = 301 WHERE id = '` + string(prepared.ID) + `'; UPDATE receipt SET state = 'prepared' WHERE id = '` + string(prepared.ID) + `'`,
			"a receipt of somebody else's income": `UPDATE receipt SET state = 'returned', foundation = '` + string(k.Outsider.Org) + `' WHERE id = '` + string(prepared.ID) + `'; UPDATE receipt SET state = 'prepared' WHERE id = '` + string(prepared.ID) + `'`,
		} {
			tx, err := d.BeginTx(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.ExecContext(ctx, q); err == nil {
				t.Errorf("the database takes %s", what)
			}
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := k.receipts.Void(ctx, k.Finance, r.ID, "写错了"); err != nil {
			t.Fatal(err)
		}
		if _, err := d.ExecContext(ctx, "UPDATE receipt SET state = 'issued' WHERE id = ?", r.ID); err == nil {
			t.Error("the database takes a void receipt that comes back")
		}
	})
}

func TestTheRegisterLinksWhatWasReplacedAndNamesGaps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		gift := k.Given(k.Donor, 5000)
		for range 2 {
			if _, err := k.receipts.Void(ctx, k.Finance, k.issue(gift).ID, "抬头有误"); err != nil {
				t.Fatal(err)
			}
		}
		third := k.issue(gift)
		k.issue(k.Given(k.Company, 100))
		k.settle()
		list, err := k.receipts.Register(ctx, k.Finance, receipt.Filter{Year: 2026})
		if err != nil || len(list) != 4 {
			t.Fatalf("%+v, %v", list, err)
		}
		for i, want := range [][2]string{{"", "2026-000002"}, {"2026-000001", "2026-000003"}, {"2026-000002", ""}, {"", ""}} {
			if list[i].Predecessor() != want[0] || list[i].Successor() != want[1] {
				t.Errorf("%s replaces %q and is replaced by %q", list[i].Number(), list[i].Predecessor(), list[i].Successor())
			}
		}
		if page := bare(text(t, k.pdf(k.Donor, third))); !strings.Contains(page, "替代已作废的收据2026-000002") {
			t.Errorf("the new receipt does not name the old:\n%s", page)
		}
		doc, err := k.archive.Verify(ctx, list[2].Code)
		if err != nil || doc.Facts[len(doc.Facts)-4].Value != "2026-000002（已作废）" {
			t.Errorf("%+v, %v", doc.Facts, err)
		}
		for f, n := range map[receipt.Filter]int{{Year: 2026, State: receipt.Void}: 2, {Year: 2026, Text: "2026-000003"}: 1, {Year: 2026, Text: "欧阳"}: 3,
			{Year: 2026, Text: gift.Reference}: 3, {Year: 2025}: 0, {Year: 2026, After: 3}: 1} {
			got, err := k.receipts.Register(ctx, k.Finance, f)
			if err != nil || len(got) != n {
				t.Errorf("%+v: %d numbers, %v", f, len(got), err)
			}
			if count, err := k.receipts.Count(ctx, k.Finance, f); err != nil || f.After == 0 && count != n {
				t.Errorf("%+v: counted %d, %v", f, count, err)
			}
		}
		if gaps, err := k.receipts.Missing(ctx, k.Finance, 2026); err != nil || len(gaps) != 0 {
			t.Errorf("gaps %v, %v", gaps, err)
		}
		if _, err := d.ExecContext(ctx, "UPDATE counter SET value = value + 2 WHERE scope LIKE 'receipt/%'"); err != nil {
			t.Fatal(err)
		}
		if gaps, err := k.receipts.Missing(ctx, k.Finance, 2026); err != nil || len(gaps) != 2 || gaps[0] != 5 {
			t.Errorf("gaps %v, %v", gaps, err)
		}
	})
}
