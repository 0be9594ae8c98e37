package receipt_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

// nameless records a gift of somebody who gave no name.
func (k *desk) nameless(amount money.Fen) donation.Donation {
	k.T.Helper()
	gift, err := k.Donations.Record(k.T.Context(), k.Officer, donation.Offline{Pledge: k.Pledge(amount), DonorKind: donation.Unknown})
	if err == nil {
		gift, err = k.Donations.Confirm(k.T.Context(), k.Finance, gift.ID, k.Came(amount))
	}
	if err != nil {
		k.T.Fatal(err)
	}
	return gift
}

func (k *desk) freeze(sc receipt.Scope) receipt.Batch {
	k.T.Helper()
	b, fresh, err := k.bulk.Freeze(k.T.Context(), k.Finance, sc)
	if err != nil || !fresh {
		k.T.Fatalf("fresh %v, %v", fresh, err)
	}
	return b
}

// run approves a batch and waits for its end.
func (k *desk) run(b receipt.Batch) receipt.Batch {
	k.T.Helper()
	if _, err := k.bulk.Approve(k.T.Context(), k.Reviewer, b.ID); err != nil {
		k.T.Fatal(err)
	}
	k.settle()
	b, err := k.bulk.Batch(k.T.Context(), k.Finance, b.ID)
	if err != nil {
		k.T.Fatal(err)
	}
	return b
}

func (k *desk) rows(b receipt.Batch) map[id.ID]receipt.BatchRow {
	k.T.Helper()
	list, total, err := k.bulk.Rows(k.T.Context(), k.Finance, b.ID, receipt.RowFilter{Limit: 1000})
	if err != nil || total != len(list) {
		k.T.Fatalf("%d of %d rows, %v", len(list), total, err)
	}
	out := map[id.ID]receipt.BatchRow{}
	for _, r := range list {
		out[r.Donation] = r
	}
	return out
}

// gapless holds the register to 1, 2, 3 …, and every donation to one live receipt.
func (k *desk) gapless(want int) {
	k.T.Helper()
	list, err := k.receipts.Register(k.T.Context(), k.Finance, receipt.Filter{Year: 2026, Limit: 500})
	if err != nil || len(list) != want {
		k.T.Fatalf("%d in the register, want %d, %v", len(list), want, err)
	}
	live := map[id.ID]int{}
	for i, r := range list {
		if *r.No != int64(i+1) || !r.Ready() {
			k.T.Errorf("%d is number %d, ready %v", i+1, *r.No, r.Ready())
		}
		if r.State == receipt.Issued {
			live[r.Donation]++
		}
	}
	for d, n := range live {
		if n != 1 {
			k.T.Errorf("donation %s has %d receipts", d, n)
		}
	}
}

func TestABatchIssuesTheGoodSetsAsideTheBadAndIsMended(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		person := k.Given(k.Donor, 140950)
		k.Clock.Advance(time.Second) // receipts are numbered in the order of arrival
		company, bad := k.Given(k.Company, 2000000), k.nameless(500)
		pledged, err := k.Donations.Pledge(ctx, k.Donor, k.Pledge(700))
		if err != nil {
			t.Fatal(err)
		}
		done := k.Given(k.Donor, 300)
		k.issue(done)
		asked := k.Given(k.Donor, 900)
		if _, err := k.Donations.AskRefund(ctx, k.Finance, asked.ID, "汇款人误转"); err != nil {
			t.Fatal(err)
		}
		gone := k.Given(k.Donor, 1100)
		if _, err := k.Donations.AskRefund(ctx, k.Finance, gone.ID, "汇款人误转"); err != nil {
			t.Fatal(err)
		}
		secretary := k.Join(k.Person("秘书长"), k.Foundation, party.Approver)
		if _, err := k.Donations.DecideRefund(ctx, secretary, gone.ID, true, "", ""); err != nil {
			t.Fatal(err)
		}

		for _, who := range []party.Actor{{}, k.Donor, k.Officer, k.Reviewer, k.Storekeeper, secretary} {
			if _, _, err := k.bulk.Freeze(ctx, who, receipt.Scope{Year: 2026}); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%q freezes: %v", who.Name, err)
			}
		}
		_, _, err = k.bulk.Freeze(ctx, k.Finance, receipt.Scope{})
		want(t, "no scope", err, fault.Invalid)
		_, _, err = k.bulk.Freeze(ctx, k.Finance, receipt.Scope{Year: 2019})
		want(t, "an empty year", err, fault.Invalid)
		_, _, err = k.bulk.Freeze(ctx, k.Outsider, receipt.Scope{References: []string{person.Reference}})
		want(t, "another foundation's donation", err, fault.Invalid)

		b := k.freeze(receipt.Scope{Year: 2026, Remark: "年度批量开具"})
		if b.Waiting != 2 || b.Aside != 5 || b.Amount != 2140950 || b.Title != "2026 年全部捐赠" {
			t.Fatalf("%+v", b)
		}
		rows := k.rows(b)
		for gift, cause := range map[id.ID]receipt.Cause{bad.ID: receipt.Nameless, pledged.ID: receipt.Unconfirmed, done.ID: receipt.Receipted, asked.ID: receipt.RefundAsked, gone.ID: receipt.Refunded} {
			if r := rows[gift]; r.Cause != cause || r.Why == "" || r.State != receipt.RowAside {
				t.Errorf("%+v, want %s", r, cause)
			}
		}
		for _, who := range []party.Actor{{}, k.Donor, k.Company, k.Outsider, k.Officer, k.Storekeeper, secretary} {
			_, err := k.bulk.Batch(ctx, who, b.ID)
			want(t, who.Name+" reads a batch", err, fault.NotFound)
			_, _, err = k.bulk.Rows(ctx, who, b.ID, receipt.RowFilter{})
			want(t, who.Name+" reads its rows", err, fault.NotFound)
			_, _, err = k.bulk.Trial(ctx, who, b.ID)
			want(t, who.Name+" prints it", err, fault.NotFound)
			_, err = k.bulk.Approve(ctx, who, b.ID)
			want(t, who.Name+" starts it", err, fault.NotFound)
		}
		again, fresh, err := k.bulk.Freeze(ctx, k.Join(k.Person("财务戊"), k.Foundation, party.Finance), receipt.Scope{Year: 2026})
		if err != nil || fresh || again.ID != b.ID {
			t.Errorf("a second officer makes %s, fresh %v, %v", again.ID, fresh, err)
		}
		_, err = k.bulk.Approve(ctx, k.Finance, b.ID)
		want(t, "finance starts it", err, fault.Forbidden)
		own := k.Finance
		own.Role = party.Reviewer
		_, err = k.bulk.Approve(ctx, own, b.ID)
		want(t, "who prepared starts it", err, fault.Forbidden)

		_, trial, err := k.bulk.Trial(ctx, k.Reviewer, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		page := bare(text(t, trial))
		for _, s := range []string{"试印", "欧阳娜娜", "1,409.50", "东莞市晨光电子有限公司", "没有收据抬头", "年度批量开具", "未分配号码"} {
			if !strings.Contains(page, s) {
				t.Errorf("the trial print does not say %q:\n%s", s, page)
			}
		}
		if list, err := k.receipts.Register(ctx, k.Finance, receipt.Filter{Year: 2026}); err != nil || len(list) != 1 {
			t.Errorf("the trial print issued: %d, %v", len(list), err)
		}

		if b = k.run(b); b.State != receipt.BatchDone || b.Issued != 2 || b.Made != 2 || b.Aside != 5 || b.Waiting != 0 || b.Percent() != 100 {
			t.Fatalf("%+v", b)
		}
		rows = k.rows(b)
		if rows[person.ID].Number() != "2026-000002" || rows[company.ID].Number() != "2026-000003" || !rows[company.ID].Ready {
			t.Errorf("%+v, %+v", rows[person.ID], rows[company.ID])
		}
		show, err := k.receipts.Get(ctx, k.Donor, *rows[person.ID].Receipt)
		if err != nil {
			t.Fatal(err)
		}
		page = bare(text(t, k.pdf(k.Donor, show.Receipt)))
		for _, s := range []string{"2026-000002", "欧阳娜娜", "年度批量开具", "财务乙", "复核丙"} {
			if !strings.Contains(page, s) || strings.Contains(page, "试印") {
				t.Errorf("the receipt does not say %q:\n%s", s, page)
			}
		}
		if _, err := k.bulk.Approve(ctx, k.Reviewer, b.ID); err != nil {
			t.Errorf("pressed again: %v", err)
		}

		// Nothing mended: it stays done. The name given and the refund refused: two more, after another review.
		if b, err = k.bulk.Recheck(ctx, k.Finance, b.ID); err != nil || b.State != receipt.BatchDone || b.Aside != 5 {
			t.Fatalf("%+v, %v", b, err)
		}
		if _, err := k.Donations.Identify(ctx, k.Finance, bad.ID, donation.Identity{Kind: donation.Person, Name: "李四"}); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Donations.DecideRefund(ctx, secretary, asked.ID, false, "已核实，不是误转", ""); err != nil {
			t.Fatal(err)
		}
		if b, err = k.bulk.Recheck(ctx, k.Finance, b.ID); err != nil || b.State != receipt.BatchPrepared || b.Waiting != 2 || b.Round != 2 {
			t.Fatalf("%+v, %v", b, err)
		}
		if b = k.run(b); b.State != receipt.BatchDone || b.Issued != 4 || b.Aside != 3 || b.Made != 4 {
			t.Fatalf("%+v", b)
		}
		k.gapless(5)
	})
}

// TestWhatChangedAfterReviewIsNotIssued: between the snapshot and the job
// anything may happen to a donation.
func TestWhatChangedAfterReviewIsNotIssued(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		same, alone, renamed := k.Given(k.Donor, 100), k.Given(k.Donor, 200), k.Given(k.Company, 300)
		b := k.freeze(receipt.Scope{References: []string{strings.ToLower(same.Reference), alone.Reference, renamed.Reference, " "}})
		k.issue(alone)
		if _, err := d.NewUpdate().Model((*donation.Donation)(nil)).Set("donor_name = '换了名字的公司'").Where("id = ?", renamed.ID).Exec(ctx); err != nil {
			t.Fatal(err)
		}
		b = k.run(b)
		rows := k.rows(b)
		if b.Issued != 1 || rows[alone.ID].Cause != receipt.Receipted || rows[renamed.ID].Cause != receipt.Changed || rows[same.ID].Number() != "2026-000002" {
			t.Errorf("%+v %+v", b, rows)
		}
		k.gapless(2)
		if _, err := k.bulk.Drop(ctx, k.Finance, b.ID, "x"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a finished batch is dropped: %v", err)
		}
	})
}

// TestOneBatchHoweverManyPressAtOnce: two officers prepare and two reviewers
// start the same, all at once, beside a single issue of one of the donations.
func TestOneBatchHoweverManyPressAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		var last donation.Donation
		for n := range 130 {
			last = k.Given(k.Donor, money.Fen(100+n))
		}
		other := k.Join(k.Person("财务戊"), k.Foundation, party.Finance)
		ids := make([]id.ID, 4)
		race(t, 4, func(i int) error {
			b, _, err := k.bulk.Freeze(ctx, []party.Actor{k.Finance, other}[i%2], receipt.Scope{Year: 2026})
			ids[i] = b.ID
			return err
		})
		if fmt.Sprint(ids) != fmt.Sprint([]id.ID{ids[0], ids[0], ids[0], ids[0]}) {
			t.Fatalf("batches %v", ids)
		}
		race(t, 5, func(i int) error {
			if i == 4 {
				r, err := k.receipts.Prepare(ctx, k.Finance, last.ID, "")
				if err == nil {
					_, err = k.receipts.Review(ctx, k.Reviewer, r.ID, true, "")
				}
				return err
			}
			_, err := k.bulk.Approve(ctx, k.Reviewer, ids[0])
			return err
		})
		k.settle()
		k.gapless(130)
	})
}
