package receipt_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db/dbtest"
)

// A donor asks for one receipt of a year; finance prepares it over what has
// none, another reviews it, and no 分 of it can be receipted again.
func TestOneReceiptOfAYear(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.Donations.BeforeRefund(k.receipts.Live)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := k.receipts.Ask(ctx, k.Donor, k.Foundation, 2026)
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("asked without a donation: %v", err)
		}
		done := k.Given(k.Donor, 300)
		k.issue(done)
		k.Clock.Advance(time.Second)
		first := k.Given(k.Donor, 10_000)
		k.Clock.Advance(40 * 24 * time.Hour)
		second := k.Given(k.Donor, 10_050)
		other := k.Given(k.Company, 70_000)
		asked, err := k.receipts.Ask(ctx, k.Donor, k.Foundation, 2026)
		must(err)
		if again, err := k.receipts.Ask(ctx, k.Donor, k.Foundation, 2026); err != nil || again.ID != asked.ID {
			t.Errorf("asked twice: %+v, %v", again, err)
		}
		if _, err := k.receipts.Withdraw(ctx, k.Company, asked.ID); err == nil {
			t.Error("another donor takes it back")
		}
		due, err := k.receipts.Requests(ctx, k.Finance)
		if err != nil || len(due) != 1 || len(due[0].Gifts) != 2 || due[0].Amount != 20_050 {
			t.Fatalf("what waits: %+v, %v", due, err)
		}
		if _, err := k.receipts.PrepareYear(ctx, k.Reviewer, asked.ID, ""); err == nil {
			t.Error("the reviewer prepares")
		}
		if _, err := k.receipts.PrepareYear(ctx, k.Outsider, asked.ID, ""); err == nil {
			t.Error("another foundation prepares")
		}
		r, err := k.receipts.PrepareYear(ctx, k.Finance, asked.ID, "")
		must(err)
		for _, x := range []id.ID{first.ID, second.ID} {
			if _, err := k.receipts.Prepare(ctx, k.Finance, x, ""); !fault.Is(err, fault.Conflict) {
				t.Errorf("receipted singly while it waits for review: %v", err)
			}
		}
		if _, err := k.Donations.AskRefund(ctx, k.Finance, second.ID, "误转"); !fault.Is(err, fault.Conflict) {
			t.Errorf("refunded while its receipt waits: %v", err)
		}
		b := k.freeze(receipt.Scope{Year: 2026})
		if b.Waiting != 1 || b.Aside != 3 { // the company's alone
			t.Errorf("a batch beside it: %+v", b)
		}
		_, err = k.bulk.Drop(ctx, k.Finance, b.ID, "稍后再开")
		must(err)
		_, err = k.receipts.Review(ctx, k.Reviewer, r.ID, false, "备注漏写")
		must(err)
		r, err = k.receipts.PrepareYear(ctx, k.Finance, asked.ID, "月捐")
		must(err)
		if _, err := k.receipts.Review(ctx, k.Finance, r.ID, true, ""); !fault.Is(err, fault.Forbidden) && err == nil {
			t.Errorf("reviewed by who prepared it: %v", err)
		}
		r, err = k.receipts.Review(ctx, k.Reviewer, r.ID, true, "")
		must(err)
		k.settle()
		if *r.Amount != 20_050 || r.Number() != "2026-000002" {
			t.Errorf("%+v", r)
		}
		for _, x := range []id.ID{first.ID, second.ID} {
			list, err := k.receipts.Of(ctx, k.Donor, []id.ID{x}, true)
			if err != nil || len(list[x]) != 1 || list[x][0].Number() != r.Number() {
				t.Errorf("the donor does not see it at %s: %+v, %v", x, list, err)
			}
			if _, err := k.receipts.Prepare(ctx, k.Finance, x, ""); !fault.Is(err, fault.Conflict) {
				t.Errorf("receipted again: %v", err)
			}
		}
		said := bare(text(t, k.pdf(k.Donor, r)))
		for _, want := range []string{"￥200.50", "2026年6月", "2026年7月", "年度收据", first.Reference} {
			if !strings.Contains(said, want) {
				t.Errorf("the receipt does not say %s: %s", want, said)
			}
		}
		if _, err := k.receipts.Ask(ctx, k.Donor, k.Foundation, 2026); !fault.Is(err, fault.Conflict) {
			t.Errorf("asked when all of it is receipted: %v", err)
		}
		// The database itself refuses a second receipt of a covered donation.
		if _, err := d.NewRaw("INSERT INTO receipt (id, foundation, donation, state, remark, amount, handler, handler_name, prepared_at, reviewer_name, reason, void_reason) SELECT 'X', foundation, ?, 'prepared', '', 10050, handler, '', prepared_at, '', '', '' FROM receipt WHERE id = ?", second.ID, r.ID).Exec(ctx); err == nil {
			t.Error("a second live receipt was written by hand")
		}
		if _, err := d.NewRaw("DELETE FROM receipt_request_gift WHERE request = ?", asked.ID).Exec(ctx); err == nil {
			t.Error("what it covers was deleted by hand")
		}
		_, err = k.receipts.Void(ctx, k.Finance, r.ID, "抬头有误")
		must(err)
		asked, err = k.receipts.Ask(ctx, k.Donor, k.Foundation, 2026)
		must(err)
		if _, err = k.receipts.Refuse(ctx, k.Finance, asked.ID, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("refused without a word: %v", err)
		}
		_, err = k.receipts.Refuse(ctx, k.Finance, asked.ID, "请改为逐笔开具")
		must(err)
		if _, err := k.receipts.Prepare(ctx, k.Finance, second.ID, ""); err != nil {
			t.Errorf("singly after it was voided: %v", err)
		}
		_ = other
		k.gapless(2)
	})
}

// A receipt of one donation and one of its year at the same moment: one wins.
func TestAYearAndASingleReceiptAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		for range 6 {
			g := k.Given(k.Donor, 1_000*money.Yuan)
			k.Clock.Advance(time.Second)
			asked, err := k.receipts.Ask(ctx, k.Donor, k.Foundation, 2026)
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			var one, year error
			all.Go(func() { _, one = k.receipts.Prepare(ctx, k.Finance, g.ID, "") })
			all.Go(func() { _, year = k.receipts.PrepareYear(ctx, k.Finance, asked.ID, "") })
			all.Wait()
			n, err := d.NewSelect().TableExpr("receipt_covers").Where("donation = ? AND state IN ('prepared', 'issued')", g.ID).Count(ctx)
			if err != nil || n != 1 {
				t.Fatalf("%d live receipts: single %v, year %v, %v", n, one, year, err)
			}
			if year == nil {
				open, err := k.receipts.Requests(ctx, k.Finance)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := k.receipts.Review(ctx, k.Reviewer, open[0].Receipt, false, "再核对"); err != nil {
					t.Fatal(err)
				}
			}
			{
				if _, err := k.receipts.Withdraw(ctx, k.Donor, asked.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
