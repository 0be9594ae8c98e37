package bank_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/foundation/bank"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/payment"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/staging"
	"gongji/storage/db/dbtest"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// desk is a foundation with a bank account that opened on 2026-05-01 with
// 1,000 元, two people of finance and the clock at 2026-06-01.
type desk struct {
	*donationtest.House
	bank     *bank.Service
	queue    *queue.Queue
	payments *payment.Service
	second   party.Actor // finance too
	account  bank.Account
	live     bool // a receipt that would hold a refund back
}

func newDesk(t *testing.T, d *bun.DB) *desk {
	t.Helper()
	k := &desk{House: donationtest.New(t, d)}
	if err := queue.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	st, err := object.OpenDir(filepath.Join(t.TempDir(), "objects"))
	if err != nil {
		t.Fatal(err)
	}
	k.queue = queue.New(d, queue.Options{Log: slog.New(slog.DiscardHandler), Poll: 10 * time.Millisecond})
	staged, err := staging.New(d, k.Clock, st, k.queue)
	if err != nil {
		t.Fatal(err)
	}
	k.bank, err = bank.New(d, k.Clock, k.Policy, bank.Rooms{Ledger: k.Ledger, Donations: k.Donations, Staged: staged, Store: st, Queue: k.queue})
	if err != nil {
		t.Fatal(err)
	}
	k.Donations.BeforeRefund(func(context.Context, bun.Tx, id.ID) (bool, error) { return k.live, nil })
	k.payments = payment.New(d, k.Clock, k.Policy, k.Orgs, k.Funds, k.Ledger, k.Attachments, engagement.New(d, k.Clock, k.Policy))
	k.Access[payment.Kind] = k.payments.May
	if err := k.queue.Open(); err != nil {
		t.Fatal(err)
	}
	if err := k.queue.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.queue.Stop(context.WithoutCancel(t.Context())) })
	k.second = k.Join(k.Person("财务戊"), k.Foundation, party.Finance)
	var c fault.Check
	k.account, err = k.bank.Add(t.Context(), k.Finance, bank.Opening{Name: "中国银行横沥支行", Tail: "8801", Opening: 1000 * money.Yuan, OpenedOn: "2026-05-01"}, &c)
	k.ok(err)
	return k
}

func (k *desk) ok(err error) {
	k.T.Helper()
	if err != nil {
		f, _ := fault.Complaints(err)
		k.T.Fatal(err, f)
	}
}

func (k *desk) upload(name, content string) bank.Import {
	k.T.Helper()
	i, err := k.bank.Upload(k.T.Context(), k.Finance, k.account.ID, name, strings.NewReader(content))
	k.ok(err)
	return i
}

// settle waits until every job is done.
func (k *desk) settle() {
	k.T.Helper()
	ctx, cancel := context.WithTimeout(k.T.Context(), 2*time.Minute)
	defer cancel()
	k.ok(k.queue.Drained(ctx))
}

func (k *desk) imported(name, content string) bank.Import {
	k.T.Helper()
	i, err := k.bank.Begin(k.T.Context(), k.Finance, k.upload(name, content).ID)
	k.ok(err)
	k.settle()
	i, err = k.bank.Import(k.T.Context(), k.Finance, i.ID)
	k.ok(err)
	return i
}

func (k *desk) lines(f bank.Filter) bank.List {
	k.T.Helper()
	l, err := k.bank.Lines(k.T.Context(), k.Finance, f)
	k.ok(err)
	return l
}

// one is the line with this text.
func (k *desk) one(text string) bank.Line {
	k.T.Helper()
	l := k.lines(bank.Filter{Text: text})
	if l.Total != 1 {
		k.T.Fatalf("%d lines say %q", l.Total, text)
	}
	return l.Items[0].Line
}

func (k *desk) balance(kind ledger.Kind) money.Fen {
	k.T.Helper()
	f, err := ledger.OfKind(k.T.Context(), k.DB, k.Foundation, kind)
	k.ok(err)
	return f
}

// sound proves the book and that it says what the lines say.
func (k *desk) sound() {
	k.T.Helper()
	r, err := k.Ledger.Verify(k.T.Context(), k.Foundation)
	if err != nil || !r.Sound() {
		k.T.Errorf("the book: %v, %v", r.Problems, err)
	}
	bad, err := bank.Unbalanced(k.T.Context(), k.DB)
	if err != nil || len(bad) > 0 {
		k.T.Errorf("the bank: %v, %v", bad, err)
	}
}

func (k *desk) propose(l bank.Line, p bank.Proposal) {
	k.T.Helper()
	_, err := k.bank.Propose(k.T.Context(), k.Finance, l.ID, p)
	k.ok(err)
}

func (k *desk) confirm(l bank.Line) {
	k.T.Helper()
	_, err := k.bank.Confirm(k.T.Context(), k.second, l.ID, bank.Decision{})
	k.ok(err)
}

const head = "交易日期,收入,支出,对方户名,对方账号,附言,流水号\n"

func TestMoneyOfTheBankBecomesADonationOnlyByTwoPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		p, err := k.Donations.Pledge(ctx, k.Donor, k.Pledge(20000))
		k.ok(err)
		i := k.imported("五月.csv", head+"2026-05-20,200.00,,欧阳娜娜,6222,捐"+p.Reference+"谢谢,S00000001\n2026-05-21,88.00,,不知何人,6223,,S00000002\n2026-05-22,,3.00,银行,,账户管理费,S00000003\n坏行\n2026-05-40,1,,,,,\n")
		if i.State != bank.Done || i.Added != 3 || i.Bad != 1 {
			t.Fatalf("%+v", i)
		}
		if k.balance(ledger.BankCash) != 128500 || k.balance(ledger.Unclaimed) != -28800 || k.balance(ledger.Unexplained) != 300 || k.Balance() != 0 {
			t.Errorf("bank %s, unclaimed %s, fund %s", k.balance(ledger.BankCash), k.balance(ledger.Unclaimed), k.Balance())
		}
		l := k.one("欧阳娜娜")
		if l.Score != 100 || l.Guess == nil || *l.Guess != p.ID || !strings.Contains(l.Why, p.Reference) || !strings.Contains(l.Why, "金额相同") {
			t.Errorf("guess %+v", l)
		}
		k.propose(l, bank.Proposal{Kind: bank.Gift, Target: p.ID})
		if _, err := k.bank.Confirm(ctx, k.Finance, l.ID, bank.Decision{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("confirmed by who matched: %v", err)
		}
		if _, err := k.bank.Confirm(ctx, k.Outsider, l.ID, bank.Decision{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("another foundation's finance: %v", err)
		}
		for _, who := range []party.Actor{k.Officer, k.Donor, k.Reviewer, {}} {
			if _, err := k.bank.Confirm(ctx, who, l.ID, bank.Decision{}); err == nil {
				t.Errorf("%s confirmed", who.Role)
			}
		}
		box, err := inbox.New(d, k.Clock).List(ctx, k.second, inbox.Filter{})
		if err != nil || box.Total != 1 || !strings.Contains(box.Items[0].Title, "等待确认") {
			t.Errorf("the second person's letters: %+v, %v", box, err)
		}
		for range 2 { // the same press again
			if _, err := k.bank.Confirm(ctx, k.second, l.ID, bank.Decision{Key: "once"}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := k.Donations.Get(ctx, k.Donor, p.ID)
		if err != nil || got.State != donation.Confirmed || *got.Arrived != 20000 || k.Balance() != 20000 || k.balance(ledger.Unclaimed) != -8800 {
			t.Errorf("%+v, %v; fund %s", got, err, k.Balance())
		}
		fee := k.one("管理费")
		if _, err := k.bank.Propose(ctx, k.Finance, fee.ID, bank.Proposal{Kind: bank.Sundry}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a fee without a word: %v", err)
		}
		k.propose(fee, bank.Proposal{Kind: bank.Sundry, Note: "账户管理费"})
		k.confirm(fee)
		w, err := k.bank.Waiting(ctx, k.Finance)
		if err != nil || w.Unclaimed.Count != 1 || w.Unclaimed.Sum != 8800 || w.Unexplained.Count != 0 || w.Ages[1].Count != 1 || w.Unclaimed.Oldest != "2026-05-21" {
			t.Errorf("%+v, %v", w, err)
		}
		k.sound()
	})
}

// The same file twice at once, then one that overlaps it: every line once.
func TestOneStatementTwiceAtOnceChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		var first, later strings.Builder
		first.WriteString(head)
		later.WriteString(head)
		for n := range 1200 {
			serial := fmt.Sprintf("S%08d", n)
			if n%3 == 0 {
				serial = "" // without a number, and three alike on each day
			}
			row := fmt.Sprintf("2026-05-%02d,%d.00,,某人%d,,捐款,%s\n", 1+n/60, 10+n%7, n%2, serial)
			first.WriteString(row)
			if n >= 600 {
				later.WriteString(row)
			}
		}
		later.WriteString("2026-05-31,5.00,,新人,,,S99999999\n")
		var ids []id.ID
		for range 2 {
			ids = append(ids, k.upload("五月.csv", first.String()).ID)
		}
		ids = append(ids, k.upload("下半月.csv", later.String()).ID)
		var wg sync.WaitGroup
		for _, of := range ids {
			for range 2 { // a double click as well
				wg.Go(func() {
					if _, err := k.bank.Begin(ctx, k.Finance, of); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		k.settle()
		added := 0
		for _, of := range ids {
			i, err := k.bank.Import(ctx, k.Finance, of)
			if err != nil || i.State != bank.Done || i.Added+i.Known+i.Refused != i.Found {
				t.Errorf("%+v, %v", i, err)
			}
			added += i.Added
		}
		l := k.lines(bank.Filter{})
		if added != 1201 || l.Total != 1201 || l.Sum != -k.balance(ledger.Unclaimed) || k.balance(ledger.BankCash) != l.Sum+1000*money.Yuan {
			t.Errorf("added %d, %d lines of %s; unclaimed %s", added, l.Total, l.Sum, k.balance(ledger.Unclaimed))
		}
		k.sound()
	})
}

func TestARefundPutsTheMoneyBackUntilItIsReturned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		byHand := k.Given(k.Donor, 5000)
		p, err := k.Donations.Pledge(ctx, k.Donor, k.Pledge(20000))
		k.ok(err)
		k.imported("五月.csv", head+"2026-05-20,200,,欧阳娜娜,,"+p.Reference+",S00000001\n2026-05-21,50,,欧阳娜娜,,手工,S00000002\n")
		l := k.one(p.Reference)
		k.propose(l, bank.Proposal{Kind: bank.Gift, Target: p.ID})
		k.confirm(l)
		second := k.one("手工")
		k.propose(second, bank.Proposal{Kind: bank.Gift, Target: byHand.ID})
		k.confirm(second)
		if k.balance(ledger.Unclaimed) != 0 || k.Balance() != 25000 {
			t.Fatalf("unclaimed %s, fund %s", k.balance(ledger.Unclaimed), k.Balance())
		}
		k.live = true
		if _, err := k.Donations.AskRefund(ctx, k.Finance, p.ID, "误转"); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "作废收据") {
			t.Errorf("a receipt is live: %v", err)
		}
		k.live = false
		for _, x := range []id.ID{p.ID, byHand.ID} {
			if _, err := k.Donations.AskRefund(ctx, k.Finance, x, "误转，已书面申请"); err != nil {
				t.Fatal(err)
			}
			if _, err := k.Donations.DecideRefund(ctx, k.Finance, x, true, "", ""); !fault.Is(err, fault.Forbidden) {
				t.Errorf("decided by who asked: %v", err)
			}
			for range 2 {
				if _, err := k.Donations.DecideRefund(ctx, k.second, x, true, "", "refund/"+string(x)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if k.Balance() != 0 || k.balance(ledger.Unclaimed) != -25000 || k.balance(ledger.DonorGiven) != 0 {
			t.Errorf("fund %s, unclaimed %s", k.Balance(), k.balance(ledger.Unclaimed))
		}
		k.sound()
		k.imported("六月.csv", head+"2026-05-31,,200,欧阳娜娜,,退款,S00000009\n")
		out := k.one("退款")
		if out.GuessKind != bank.Back || *out.Guess != l.ID || out.Score < bank.Sure {
			t.Errorf("guess %+v", out)
		}
		k.propose(out, bank.Proposal{Kind: bank.Back, Target: l.ID})
		k.confirm(out)
		if got := k.one(p.Reference); got.State != bank.Booked || k.balance(ledger.Unclaimed) != -5000 || k.balance(ledger.Unexplained) != 0 {
			t.Errorf("%+v, unclaimed %s", got, k.balance(ledger.Unclaimed))
		}
		k.sound()
	})
}

func TestAMonthIsClosedByTwoPeopleAndTakesNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.imported("五月.csv", head+"2026-05-20,200,,某人,,,S00000001\n2026-05-21,,50.5,某店,,,S00000002\n")
		say := func(f money.Fen, note string) (bank.Month, error) {
			var c fault.Check
			return k.bank.Prepare(ctx, k.Finance, "2026-05", bank.Stated{Balances: map[id.ID]money.Fen{k.account.ID: f}, Note: note}, &c)
		}
		var c fault.Check
		if _, err := k.bank.Prepare(ctx, k.Finance, "2026-06", bank.Stated{}, &c); !fault.Is(err, fault.Conflict) {
			t.Errorf("a month that is not over: %v", err)
		}
		_, err := say(114900, "说明")
		if f, _ := fault.Complaints(err); len(f) != 1 || !strings.Contains(f[0].Message, "相差 -0.50 元") {
			t.Errorf("50 分 apart: %v", f)
		}
		_, err = say(114950, "")
		if f, _ := fault.Complaints(err); len(f) != 1 || f[0].Name != "note" {
			t.Errorf("lines left without a word: %v", f)
		}
		m, err := say(114950, "两笔待核对，已联系银行")
		k.ok(err)
		if b := m.Sheet.Accounts[0]; b.Opening != 100000 || b.In != 20000 || b.Out != 5050 || b.Closing != 114950 {
			t.Errorf("%+v", b)
		}
		if _, err := k.bank.Close(ctx, k.Finance, "2026-05", ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("closed by who prepared: %v", err)
		}
		for range 2 {
			if m, err = k.bank.Close(ctx, k.Approver, "2026-05", "close"); err != nil || m.State != bank.Closed {
				t.Fatalf("%+v, %v", m, err)
			}
		}
		// What says May comes too late; what was unclaimed then is claimed now.
		i := k.imported("晚到.csv", head+"2026-05-25,9,,晚到,,,S00000005\n2026-06-01,7,,六月,,,S00000006\n2026-05-20,200,,某人,,,S00000001\n")
		if i.Added != 1 || i.Known != 1 || i.Refused != 1 {
			t.Errorf("%+v", i)
		}
		bad, err := k.bank.BadRows(ctx, k.Finance, i.ID, 0, 10)
		if err != nil || len(bad) != 1 || bad[0].Row != 2 || !strings.Contains(bad[0].Why, "已经结账") {
			t.Errorf("%+v, %v", bad, err)
		}
		p, err := k.Donations.Pledge(ctx, k.Donor, k.Pledge(20000))
		k.ok(err)
		a := k.Came(20000)
		a.On = time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)
		if _, err := k.Donations.Confirm(ctx, k.Finance, p.ID, a); !fault.Is(err, fault.Invalid) {
			t.Errorf("by hand into a closed month: %v", err)
		}
		l := k.one("某人")
		k.propose(l, bank.Proposal{Kind: bank.Gift, Target: p.ID})
		k.confirm(l)
		months, err := k.bank.Months(ctx, k.Finance)
		if err != nil || len(months) != 2 || months[1] != (bank.MonthRow{Month: "2026-05", Lines: 2, Left: 1, State: bank.Closed}) {
			t.Errorf("%+v, %v", months, err)
		}
		_, sheet, err := k.bank.Month(ctx, k.Finance, "2026-05")
		if err != nil || sheet.Unclaimed.Count != 1 {
			t.Errorf("the closed month is as it was closed: %+v, %v", sheet, err)
		}
		k.sound()
	})
}

func TestAHundredThousandLinesAreImportedInShifts(t *testing.T) {
	d := dbtest.Postgres(t)
	k, ctx := newDesk(t, d), t.Context()
	var b bytes.Buffer
	b.WriteString(head)
	for n := range 100_000 {
		fmt.Fprintf(&b, "2026-05-%02d,\"1,%03d.00\",,捐赠人%d,%d,捐款,T%09d\n", 1+n%31, n%1000, n, n, n)
	}
	i := k.upload("年.csv", b.String())
	if i.Found != 100_000 || i.Bad != 0 {
		t.Fatalf("%d found, %d bad", i.Found, i.Bad)
	}
	_, err := k.bank.Begin(ctx, k.Finance, i.ID)
	k.ok(err)
	from := time.Now()
	k.settle()
	i, err = k.bank.Import(ctx, k.Finance, i.ID)
	if err != nil || i.State != bank.Done || i.Added != 100_000 {
		t.Fatalf("%+v, %v", i, err)
	}
	t.Logf("imported in %s", time.Since(from))
	k.sound()
}

func TestColumnsAreMappedOnceAndRemembered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		const odd = "某银行\n何时,进,出,谁,说\n2026-05-03,10,,甲,一\n2026-05-04,,3,乙,二\n"
		i := k.upload("怪.csv", odd)
		if i.State != bank.Mapping || len(i.Preview.Top) != 4 {
			t.Fatalf("%+v", i)
		}
		if _, err := k.bank.Begin(ctx, k.Finance, i.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("begun without columns: %v", err)
		}
		_, err := k.bank.Map(ctx, k.Finance, i.ID, 2, statement.Columns{Date: "什么", In: "进"})
		if f, _ := fault.Complaints(err); len(f) != 1 || f[0].Name != "date" {
			t.Errorf("%v", err)
		}
		i, err = k.bank.Map(ctx, k.Finance, i.ID, 2, statement.Columns{Date: "何时", In: "进", Out: "出", Name: "谁", Memo: "说"})
		if err != nil || i.State != bank.Ready || i.Found != 2 || i.In != 1000 || i.Out != 300 || i.Since != "2026-05-03" {
			t.Fatalf("%+v, %v", i, err)
		}
		_, err = k.bank.Begin(ctx, k.Finance, i.ID)
		k.ok(err)
		k.settle()
		if again := k.upload("怪.csv", odd+"2026-05-05,1,,丙,三\n"); again.State != bank.Ready || again.Found != 3 {
			t.Errorf("not remembered: %+v", again)
		}
		all, err := k.bank.Imports(ctx, k.Finance, "", 10)
		if err != nil || len(all) != 2 {
			t.Errorf("%v, %v", all, err)
		}
	})
}

func TestManyAreMatchedAndConfirmedAtOnceAndOnlySureOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		var b strings.Builder
		b.WriteString(head)
		for n := range 20 {
			p, err := k.Donations.Pledge(ctx, k.Person(fmt.Sprintf("捐赠人%02d", n)), k.Pledge(money.Fen(1000+n)))
			k.ok(err)
			memo := p.Reference
			if n >= 15 {
				memo = "捐款" // known by name and amount only
			}
			name := p.DonorName
			if n == 19 {
				name = "别人"
			}
			fmt.Fprintf(&b, "2026-05-31,10.%02d,,%s,,%s,S%08d\n", n, name, memo, n)
		}
		k.Clock.Advance(24 * time.Hour)
		k.imported("六月.csv", strings.ReplaceAll(b.String(), "2026-05-31", "2026-06-02"))
		var ids []id.ID
		for _, x := range k.lines(bank.Filter{Sure: "sure"}).Items {
			ids = append(ids, x.ID)
		}
		if len(ids) != 19 {
			t.Fatalf("%d are sure", len(ids))
		}
		un := k.lines(bank.Filter{Sure: "unsure"})
		if un.Total != 1 || !strings.Contains(un.Items[0].Why, "户名不同") {
			t.Errorf("%+v", un.Items)
		}
		o, err := k.bank.ProposeSure(ctx, k.Finance, append(slices.Clone(ids), un.Items[0].ID))
		if err != nil || o.Done != 19 || len(o.Failed) != 1 || !strings.Contains(o.Failed[0].Why, "把握不足") {
			t.Errorf("%+v, %v", o, err)
		}
		if n := k.lines(bank.Filter{Mine: "confirm"}); n.Total != 0 {
			t.Errorf("%d wait for who matched them", n.Total)
		}
		o, err = k.bank.ConfirmAll(ctx, k.Approver, ids)
		if err != nil || o.Done != 19 || len(o.Failed) != 0 {
			t.Errorf("%+v, %v", o, err)
		}
		k.sound()
	})
}
