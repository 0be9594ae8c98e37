package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Report is what Verify found in a book. A book is sound when Problems is empty.
type Report struct {
	Book         id.ID    `json:"book"`
	Transactions int64    `json:"transactions"`
	Entries      int64    `json:"entries"`
	Accounts     int64    `json:"accounts"`
	Head         string   `json:"head"`     // hash of the newest transaction
	Problems     []string `json:"problems"` // Chinese, at most maxProblems
}

// Sound reports whether nothing was wrong.
func (r Report) Sound() bool { return len(r.Problems) == 0 }

const (
	maxProblems = 50
	stride      = 1000 // transactions read at a time
)

func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	}
}

type turnover struct{ balance, in, out money.Fen }

// Books lists every book, by id.
func (s *Service) Books(ctx context.Context) ([]id.ID, error) {
	var out []id.ID
	err := s.db.NewSelect().Model((*book)(nil)).Column("id").Order("id").Scan(ctx, &out)
	return out, db.Translate(err)
}

// Verify reads a whole book at one moment and proves it: numbers without
// gaps, every hash, debits equal to credits in every transaction, running and
// present balances equal to the sums, no floored account below zero. The
// error is of the database; what is wrong with the book is in the report.
func (s *Service) Verify(ctx context.Context, bookID id.ID) (Report, error) {
	r := Report{Book: bookID, Problems: []string{}}
	// One snapshot, so that postings going on meanwhile cannot look like faults.
	opts := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	err := s.db.RunInTx(ctx, opts, func(ctx context.Context, tx bun.Tx) error {
		var b book
		if err := tx.NewSelect().Model(&b).Where("id = ?", bookID).Scan(ctx); err != nil {
			return db.Found(err, "账簿")
		}
		sums := map[id.ID]*turnover{}
		r.Head = genesis(string(bookID))
		for {
			n, err := s.verifySome(ctx, tx, &r, sums)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
		if b.Seq != r.Transactions || b.Head != r.Head {
			r.problem("账簿登记到第 %d 笔，实有 %d 笔，或末笔校验值不符", b.Seq, r.Transactions)
		}
		return verifyAccounts(ctx, tx, &r, sums)
	})
	return r, db.Translate(err)
}

func (s *Service) verifySome(ctx context.Context, tx bun.Tx, r *Report, sums map[id.ID]*turnover) (int, error) {
	var ts []Transaction
	if err := tx.NewSelect().Model(&ts).Where("book = ? AND seq > ?", r.Book, r.Transactions).
		Order("seq").Limit(stride).Scan(ctx); err != nil || len(ts) == 0 {
		return 0, err
	}
	ids := make([]id.ID, len(ts))
	for i, t := range ts {
		ids[i] = t.ID
	}
	var es []entry
	if err := tx.NewSelect().Model(&es).Where("tx IN (?)", bun.List(ids)).Order("seq", "tx", "line").Scan(ctx); err != nil {
		return 0, err
	}
	lines := map[id.ID][]entry{}
	for _, e := range es {
		lines[e.Tx] = append(lines[e.Tx], e)
	}
	for _, t := range ts {
		r.transaction(t, lines[t.ID], sums)
	}
	return len(ts), nil
}

func (r *Report) transaction(t Transaction, es []entry, sums map[id.ID]*turnover) {
	r.Transactions++
	r.Entries += int64(len(es))
	if t.Seq != r.Transactions {
		r.problem("第 %d 笔的编号是 %d：编号不连续", r.Transactions, t.Seq)
		r.Transactions = t.Seq // go on from here, or every later one is reported too
	}
	var total money.Fen
	var plain []Line
	for _, e := range es {
		plain = append(plain, Line{e.Account, e.Amount})
		total += e.Amount
		a := sums[e.Account]
		if a == nil {
			a = &turnover{}
			sums[e.Account] = a
		}
		a.balance += e.Amount
		if e.Flow == "in" {
			a.in += e.Amount
		} else {
			a.out -= e.Amount
		}
		if e.Month != t.Month() {
			r.problem("第 %d 笔第 %d 行记在 %s，应为 %s", t.Seq, e.Line, e.Month, t.Month())
		}
		if e.Balance != a.balance || e.Seq != t.Seq {
			r.problem("第 %d 笔第 %d 行的余额应为 %s 元，账上是 %s 元", t.Seq, e.Line, a.balance, e.Balance)
		}
	}
	if total != 0 || len(es) < 2 {
		r.problem("第 %d 笔借贷不平，差 %s 元", t.Seq, total)
	}
	if t.PrevHash != r.Head || t.Content != contentOf(t, plain) || t.Hash != hashOf(t) {
		r.problem("第 %d 笔的校验值不符：内容或次序被改动过", t.Seq)
	}
	r.Head = t.Hash
}

func verifyAccounts(ctx context.Context, tx bun.Tx, r *Report, sums map[id.ID]*turnover) error {
	var as []Account
	if err := tx.NewSelect().Model(&as).Where("book = ?", r.Book).Order("id").Scan(ctx); err != nil {
		return err
	}
	r.Accounts = int64(len(as))
	var total money.Fen
	for _, a := range as {
		want := turnover{}
		if t := sums[a.ID]; t != nil {
			want = *t
		}
		delete(sums, a.ID)
		if a.Balance != want.balance || a.In != want.in || a.Out != want.out {
			r.problem("账户 %s 的余额是 %s 元，分录合计是 %s 元", a.ID, a.Balance, want.balance)
		}
		if a.FloorZero && a.Balance < 0 {
			r.problem("账户 %s 不得透支，余额却是 %s 元", a.ID, a.Balance)
		}
		total += a.Balance
	}
	if total != 0 {
		r.problem("各账户余额合计应为零，现差 %s 元", total)
	}
	if len(sums) > 0 {
		r.problem("有 %d 个分录账户不属于这本账", len(sums))
	}
	return nil
}
