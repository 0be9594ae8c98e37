package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

// desk is one foundation's book with two funds and the outside world.
type desk struct {
	t                         *testing.T
	db                        *bun.DB
	clock                     *clock.Manual
	ledger                    *ledger.Service
	book                      id.ID
	fund, other, donor, payee ledger.Account
	keys                      int
}

func newDesk(t *testing.T, d *bun.DB) *desk {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 6, 30, 15, 59, 0, 0, time.UTC))
	k := &desk{t: t, db: d, clock: c, ledger: ledger.New(d, c)}
	org := organisation.Organisation{ID: id.New(c.Now()), Kind: party.Foundation, Name: "横沥社区发展基金会",
		State: organisation.Approved, CreatedAt: c.Now()}
	if _, err := d.NewInsert().Model(&org).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.book = org.ID
	k.fund = k.open("fund", ledger.FundCash)
	k.other = k.open("fund", ledger.FundCash)
	k.donor = k.open("account", ledger.DonorGiven)
	k.payee = k.open("organisation", ledger.PayeeReceived)
	return k
}

func (k *desk) open(owner string, kind ledger.Kind) ledger.Account {
	k.t.Helper()
	var a ledger.Account
	err := db.Tx(k.t.Context(), k.db, func(ctx context.Context, tx bun.Tx) error {
		o := ledger.Owner{Kind: owner, ID: id.New(k.clock.Now())}
		var err error
		if a, err = k.ledger.Open(ctx, tx, k.book, o, kind); err != nil {
			return err
		}
		again, err := k.ledger.Open(ctx, tx, k.book, o, kind)
		if err == nil && again.ID != a.ID {
			err = errors.New("opening an account twice made two")
		}
		return err
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return a
}

func (k *desk) posting(lines ...ledger.Line) ledger.Posting {
	k.keys++
	return ledger.Posting{Book: k.book, Cause: ledger.Cause{Kind: "test", ID: "1"}, Memo: "测试",
		Key: fmt.Sprintf("test/%d", k.keys), Lines: lines}
}

func (k *desk) post(p ledger.Posting) (ledger.Transaction, error) {
	var t ledger.Transaction
	err := db.Tx(k.t.Context(), k.db, func(ctx context.Context, tx bun.Tx) error {
		var err error
		t, err = k.ledger.Post(ctx, tx, party.Actor{Account: "someone"}, p)
		return err
	})
	return t, err
}

func (k *desk) must(p ledger.Posting) ledger.Transaction {
	k.t.Helper()
	t, err := k.post(p)
	if err != nil {
		k.t.Fatal(err)
	}
	return t
}

func (k *desk) reverse(tx id.ID, key string) (ledger.Transaction, error) {
	var t ledger.Transaction
	err := db.Tx(k.t.Context(), k.db, func(ctx context.Context, tx2 bun.Tx) error {
		var err error
		t, err = k.ledger.Reverse(ctx, tx2, party.Actor{}, tx, ledger.Cause{Kind: "test", ID: "undo"}, "退回", key)
		return err
	})
	return t, err
}

func (k *desk) balance(a ledger.Account) money.Fen {
	k.t.Helper()
	b, err := k.ledger.Balance(k.t.Context(), k.db, a.ID)
	if err != nil {
		k.t.Fatal(err)
	}
	return b
}

func (k *desk) sound() ledger.Report {
	k.t.Helper()
	r, err := k.ledger.Verify(k.t.Context(), k.book)
	if err != nil {
		k.t.Fatal(err)
	}
	if !r.Sound() {
		k.t.Errorf("the book does not verify: %v", r.Problems)
	}
	return r
}

func TestMoneyComesAndGoesAndEveryBalanceSaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k := newDesk(t, d)
		k.must(k.posting(ledger.Move(k.donor.ID, k.fund.ID, 20_000)...))
		k.clock.Advance(2 * time.Minute) // into July, Beijing time
		k.must(k.posting(ledger.Move(k.fund.ID, k.payee.ID, 15_000)...))
		if f, w, p := k.balance(k.fund), k.balance(k.donor), k.balance(k.payee); f != 5_000 || w != -20_000 || p != 15_000 {
			t.Errorf("fund %s, donor %s, payee %s", f, w, p)
		}
		months, err := k.ledger.Months(t.Context(), d, k.fund.ID)
		if err != nil || len(months) != 2 || months[0] != (ledger.Month{Month: "2026-06", In: 20_000, Balance: 20_000}) ||
			months[1] != (ledger.Month{Month: "2026-07", Out: 15_000, Balance: 5_000}) {
			t.Errorf("months %+v, %v", months, err)
		}
		rows, err := k.ledger.Statement(t.Context(), k.fund.ID, ledger.Page{Limit: 1})
		if err != nil || len(rows) != 1 || rows[0].Amount != -15_000 || rows[0].Balance != 5_000 {
			t.Fatalf("newest of the statement %+v, %v", rows, err)
		}
		rows, err = k.ledger.Statement(t.Context(), k.fund.ID, ledger.Page{BeforeSeq: rows[0].Seq, BeforeLine: rows[0].Line})
		if err != nil || len(rows) != 1 || rows[0].Balance != 20_000 {
			t.Errorf("second page %+v, %v", rows, err)
		}
		if r := k.sound(); r.Transactions != 2 || r.Entries != 4 {
			t.Errorf("verified %+v", r)
		}
	})
}

func TestWhatNoBookCanHoldIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, most := newDesk(t, d), money.Fen(1<<63-1)
		elsewhere := newDesk(t, d)
		k.must(k.posting(ledger.Move(k.donor.ID, k.other.ID, most-10)...))
		for name, c := range map[string]struct {
			lines []ledger.Line
			want  fault.Kind
		}{
			"nothing":         {nil, fault.Invalid},
			"one line":        {[]ledger.Line{{Account: k.fund.ID, Amount: 5}}, fault.Invalid},
			"unbalanced":      {[]ledger.Line{{Account: k.donor.ID, Amount: -5}, {Account: k.fund.ID, Amount: 6}}, fault.Invalid},
			"a zero line":     {append(ledger.Move(k.donor.ID, k.fund.ID, 5), ledger.Line{Account: k.fund.ID}), fault.Invalid},
			"sum overflows":   {[]ledger.Line{{Account: k.donor.ID, Amount: most}, {Account: k.fund.ID, Amount: most}, {Account: k.fund.ID, Amount: 2}}, fault.Invalid},
			"account is full": {ledger.Move(k.donor.ID, k.other.ID, 11), fault.Invalid},
			"overdrawn":       {ledger.Move(k.fund.ID, k.payee.ID, 1), fault.Conflict},
			"another's book":  {ledger.Move(elsewhere.donor.ID, k.fund.ID, 5), fault.NotFound},
			"no such account": {ledger.Move("NOPE", k.fund.ID, 5), fault.NotFound},
		} {
			if _, err := k.post(k.posting(c.lines...)); fault.KindOf(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if k.balance(k.fund) != 0 {
			t.Error("a refused posting left money behind")
		}
		k.must(k.posting(ledger.Move(k.other.ID, k.fund.ID, 12_345)...))
		_, err := k.post(k.posting(ledger.Move(k.fund.ID, k.payee.ID, 1_234_501)...))
		if err == nil || !strings.Contains(err.Error(), "余额不足：可用 123.45 元，本次需要 12,345.01 元") {
			t.Errorf("the refusal says %v", err)
		}
		k.sound()
	})
}

func TestARetryFindsTheFirstAndAChangedRetryIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k := newDesk(t, d)
		p := k.posting(ledger.Move(k.donor.ID, k.fund.ID, 700)...)
		first := k.must(p)
		k.clock.Advance(time.Hour)
		if again := k.must(p); again.ID != first.ID || again.Hash != first.Hash || len(again.Lines) != 2 {
			t.Errorf("the retry made %+v", again)
		}
		for name, change := range map[string]func(*ledger.Posting){
			"amount": func(p *ledger.Posting) { p.Lines = ledger.Move(k.donor.ID, k.fund.ID, 701) },
			"memo":   func(p *ledger.Posting) { p.Memo = "别的" },
			"cause":  func(p *ledger.Posting) { p.Cause.ID = "2" },
		} {
			q := p
			change(&q)
			if _, err := k.post(q); !fault.Is(err, fault.Conflict) {
				t.Errorf("another %s under the same key: %v", name, err)
			}
		}
		if k.balance(k.fund) != 700 {
			t.Errorf("the fund holds %s", k.balance(k.fund))
		}
	})
}

func TestAReversalUndoesOnceAndNeverSpentMoney(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k := newDesk(t, d)
		gift := k.must(k.posting(ledger.Move(k.donor.ID, k.fund.ID, 1_000)...))
		pay := k.must(k.posting(ledger.Move(k.fund.ID, k.payee.ID, 400)...))
		if _, err := k.reverse(gift.ID, "undo/gift"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a gift already partly spent was taken back: %v", err)
		}
		back, err := k.reverse(pay.ID, "undo/pay")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := k.reverse(pay.ID, "undo/pay"); err != nil || again.ID != back.ID {
			t.Errorf("the same reversal again: %v", err)
		}
		if _, err := k.reverse(pay.ID, "undo/pay/2"); !fault.Is(err, fault.Conflict) {
			t.Errorf("reversed twice: %v", err)
		}
		if _, err := k.reverse(back.ID, "undo/undo"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a reversal was reversed: %v", err)
		}
		a, err := k.ledger.Account(t.Context(), d, k.fund.ID)
		if err != nil || a.Balance != 1_000 || a.In != 1_000 || a.Out != 0 {
			t.Errorf("after the payment came back: %+v, %v", a, err)
		}
		k.sound()
	})
}

func TestTheDatabaseRefusesToRewriteHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k := newDesk(t, d)
		k.must(k.posting(ledger.Move(k.donor.ID, k.fund.ID, 1_000)...))
		for _, q := range []string{
			"UPDATE ledger_entry SET amount = amount * 2", "DELETE FROM ledger_entry",
			"UPDATE ledger_transaction SET memo = 'x'", "DELETE FROM ledger_transaction",
			"UPDATE ledger_account SET floor_zero = FALSE", "DELETE FROM ledger_account",
			"UPDATE ledger_account SET balance = -1, money_in = -1, money_out = 0 WHERE kind = 'fund.cash'",
		} {
			if _, err := d.ExecContext(t.Context(), q); err == nil {
				t.Errorf("the database ran %s", q)
			}
		}
		k.sound()
	})
}

// Somebody with the database's own rights can drop a trigger; the chain then
// shows what they did.
func TestVerifyNamesWhatWasTamperedWith(t *testing.T) {
	for name, c := range map[string]struct{ drop, change, want string }{
		"an amount":  {"ledger_entry_no_update", "UPDATE ledger_entry SET amount = 2000 WHERE line = 2 AND seq = 2", "第 2 笔"},
		"a memo":     {"ledger_transaction_no_update", "UPDATE ledger_transaction SET memo = '别的' WHERE seq = 1", "第 1 笔的校验值不符"},
		"the last":   {"ledger_entry_no_delete", "DELETE FROM ledger_entry WHERE seq = 3", "借贷不平"},
		"a balance":  {"ledger_account_fixed", "UPDATE ledger_account SET balance = 9, money_in = 9, money_out = 0 WHERE kind = 'fund.cash'", "分录合计"},
		"the number": {"ledger_transaction_no_update", "UPDATE ledger_transaction SET seq = 7 WHERE seq = 3", "编号不连续"},
	} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.SQLite(t)
			k := newDesk(t, d)
			for range 3 {
				k.must(k.posting(ledger.Move(k.donor.ID, k.fund.ID, 1_000)...))
			}
			for _, q := range []string{"DROP TRIGGER " + c.drop, c.change} {
				if _, err := d.ExecContext(t.Context(), q); err != nil {
					t.Fatal(err)
				}
			}
			r, err := k.ledger.Verify(t.Context(), k.book)
			if err != nil || !strings.Contains(strings.Join(r.Problems, "\n"), c.want) {
				t.Errorf("%v, %v", r.Problems, err)
			}
		})
	}
}

// Fifty payments of 30 元 race for 1,000 元: exactly thirty-three fit.
func TestPaymentsAtOnceNeverOverdraw(t *testing.T) {
	race := func(t *testing.T, d *bun.DB) {
		k := newDesk(t, d)
		k.must(k.posting(ledger.Move(k.donor.ID, k.fund.ID, 1_000*money.Yuan)...))
		var ps []ledger.Posting
		for range 50 {
			ps = append(ps, k.posting(ledger.Move(k.fund.ID, k.payee.ID, 30*money.Yuan)...))
		}
		var mu sync.Mutex
		var wg sync.WaitGroup
		var paid int
		for _, p := range ps {
			for range 2 { // each sent twice at once, as a doubled click would
				wg.Go(func() {
					t1, err := k.post(p)
					if err != nil && !fault.Is(err, fault.Conflict) {
						t.Errorf("%v", err)
					}
					mu.Lock()
					defer mu.Unlock()
					if err == nil && t1.Seq > 0 {
						paid++
					}
				})
			}
		}
		wg.Wait()
		if b := k.balance(k.fund); b != 10*money.Yuan {
			t.Errorf("%s 元 left after %d answers of success", b, paid)
		}
		if paid != 66 { // 33 payments, each of them reported to both of its senders
			t.Errorf("%d answers of success", paid)
		}
		if r := k.sound(); r.Transactions != 34 {
			t.Errorf("%d transactions", r.Transactions)
		}
	}
	dbtest.Each(t, race)
	t.Run("sqlite, eight connections", func(t *testing.T) {
		d, err := db.Open(t.Context(), "sqlite:"+dbtest.SQLiteFile(t), db.Options{MaxConns: 8})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		race(t, d)
	})
}

// A month that is closed takes nothing more, whoever asks, but a retry of what
// it has is still answered.
func TestAClosedMonthTakesNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k := newDesk(t, d)
		p := k.posting(ledger.Move(k.donor.ID, k.fund.ID, 500)...)
		p.On = k.clock.Now().AddDate(0, -1, 0)
		first := k.must(p)
		end := func(month string) error {
			return db.Tx(t.Context(), d, func(ctx context.Context, tx bun.Tx) error { return k.ledger.Close(ctx, tx, k.book, month) })
		}
		if err := end("2026-05"); err != nil {
			t.Fatal(err)
		}
		if err := end("2026-05"); !fault.Is(err, fault.Conflict) {
			t.Errorf("closed twice: %v", err)
		}
		if again := k.must(p); again.ID != first.ID {
			t.Error("a retry was not answered with the first")
		}
		late := k.posting(ledger.Move(k.donor.ID, k.fund.ID, 500)...)
		late.On = k.clock.Now().AddDate(0, -2, 0)
		if _, err := k.post(late); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "已经结账") {
			t.Errorf("into a closed month: %v", err)
		}
		k.must(k.posting(ledger.Move(k.donor.ID, k.fund.ID, 500)...))
		if _, err := k.reverse(first.ID, "undo"); err != nil { // today, not then
			t.Error(err)
		}
		if held, err := ledger.Until(t.Context(), d, k.fund.ID, "2026-05"); err != nil || held != 500 {
			t.Errorf("held %s at the month's end, %v", held, err)
		}
		k.sound()
	})
}

// Whatever is posted and reversed in whatever order, the book stays sound and
// agrees with a model that only keeps balances.
func TestRandomHistoriesStaySound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, 1))
			k := newDesk(t, d)
			all := []ledger.Account{k.fund, k.other, k.donor, k.payee}
			model := map[id.ID]money.Fen{}
			var done []ledger.Transaction
			for range 60 {
				if len(done) > 0 && r.IntN(4) == 0 {
					t1 := done[r.IntN(len(done))]
					if _, err := k.reverse(t1.ID, fmt.Sprint("undo/", k.keys)); err == nil {
						for _, l := range t1.Lines {
							model[l.Account] -= l.Amount
						}
					} else if !fault.Is(err, fault.Conflict) {
						t.Fatal(err)
					}
					k.keys++
					continue
				}
				p := k.posting(randomLines(r, all)...)
				if r.IntN(2) == 0 { // a bank's day, some time ago
					p.On = k.clock.Now().AddDate(0, 0, -r.IntN(200))
				}
				after := map[id.ID]money.Fen{k.fund.ID: model[k.fund.ID], k.other.ID: model[k.other.ID]}
				for _, l := range p.Lines {
					after[l.Account] += l.Amount
				}
				short := after[k.fund.ID] < 0 || after[k.other.ID] < 0
				t1, err := k.post(p)
				if short != fault.Is(err, fault.Conflict) || !short && err != nil {
					t.Fatalf("seed %d: overdraw %v, error %v", seed, short, err)
				}
				if err == nil {
					done = append(done, t1)
					for _, l := range p.Lines {
						model[l.Account] += l.Amount
					}
				}
			}
			for _, a := range all {
				if got := k.balance(a); got != model[a.ID] {
					t.Errorf("seed %d: %s holds %s, the model %s", seed, a.Kind, got, model[a.ID])
				}
			}
			k.sound()
		}
	})
}

// randomLines are two to four lines that balance.
func randomLines(r *rand.Rand, all []ledger.Account) []ledger.Line {
	var out []ledger.Line
	var sum money.Fen
	for range 1 + r.IntN(3) {
		x := money.Fen(r.Int64N(2_000_00) - 800_00)
		if x == 0 {
			x = 1
		}
		out, sum = append(out, ledger.Line{Account: all[r.IntN(4)].ID, Amount: x}), sum+x
	}
	if sum == 0 {
		out[0].Amount++
		sum++
	}
	if out[0].Amount == 0 {
		out[0].Amount, sum = 1, sum+1
	}
	return append(out, ledger.Line{Account: all[r.IntN(4)].ID, Amount: -sum})
}
