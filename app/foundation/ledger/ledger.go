// Package ledger is the foundations' money: double entry, whole 分, only ever
// added to. Each foundation has one book.
//
// Signs. A positive amount is 借 (debit): money arrives in the account. A
// negative amount is 贷 (credit): money leaves it. The lines of a transaction
// add up to zero. A fund's account (FundCash) therefore holds what the fund
// has; the outside world is on the other side: DonorGiven goes below zero by
// what donors gave, PayeeReceived rises by what was paid out.
//
//	a donation of 200 元    DonorGiven −20000   FundCash      +20000
//	a payment of 150 元     FundCash   −15000   PayeeReceived +15000
//
// Nothing is changed or removed, which both databases enforce by triggers; a
// mistake is mended by Reverse. Reversing a receipt of money lowers what the
// account received, not raises what it paid: see Account.In and Account.Out.
//
// Transactions of a book are numbered without gaps and chained: each hash
// covers the one before, so history cannot be rewritten without Verify noticing.
package ledger

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// Kind is what an account stands for.
type Kind string

// The kinds of account.
const (
	FundCash      Kind = "fund.cash"      // money of a restricted fund; never below zero
	DonorGiven    Kind = "external.donor" // what donors have given, as a negative balance
	PayeeReceived Kind = "external.payee" // what organisations have been paid
	// Other is what came and went that is nobody's gift and no fund's payment:
	// the bank's interest and fees.
	Other Kind = "external.other"

	// BankCash is what a bank account holds, line by line as the bank says.
	// Its other side says whose that money is: Unclaimed, below zero by what
	// came and nobody has been found for (待认领); Unexplained, above zero by
	// what went and nothing explains yet; Settled, below zero by what belongs to
	// the funds. The four of a foundation add up to zero but for Other.
	BankCash    Kind = "bank.cash"
	Unclaimed   Kind = "bank.unclaimed"
	Unexplained Kind = "bank.unexplained"
	Settled     Kind = "bank.settled"
)

// floor holds the kinds that exist and whether they may not go below zero.
var floor = map[Kind]bool{FundCash: true, DonorGiven: false, PayeeReceived: false, Other: false,
	BankCash: false, Unclaimed: false, Unexplained: false, Settled: false}

// Owner is whose account it is: a fund, a donor, an organisation.
type Owner struct {
	Kind string `json:"kind"`
	ID   id.ID  `json:"id"`
}

// Account is one account of a book. In and Out are its turnover with
// reversals taken off the side they undo; Balance = In − Out.
type Account struct {
	bun.BaseModel `bun:"table:ledger_account"`

	ID        id.ID     `bun:"id,pk" json:"id"`
	Book      id.ID     `bun:"book" json:"book"`
	OwnerKind string    `bun:"owner_kind" json:"owner_kind"`
	OwnerID   id.ID     `bun:"owner_id" json:"owner_id"`
	Kind      Kind      `bun:"kind" json:"kind"`
	FloorZero bool      `bun:"floor_zero" json:"-"`
	Balance   money.Fen `bun:"balance" json:"balance"` // 分
	In        money.Fen `bun:"money_in" json:"in"`     // 分
	Out       money.Fen `bun:"money_out" json:"out"`   // 分
	CreatedAt time.Time `bun:"created_at" json:"created_at"`
}

// Cause is the decision that moves money: {"donation", id}, {"payment", id}.
type Cause struct {
	Kind string `json:"kind"`
	ID   id.ID  `json:"id"`
}

// Line is one account's part in a transaction; Amount is in 分, signed as the
// package comment says, never zero.
type Line struct {
	Account id.ID     `json:"account"`
	Amount  money.Fen `json:"amount"`
}

// Move is the two lines that take an amount from one account to another.
func Move(from, to id.ID, amount money.Fen) []Line {
	return []Line{{from, -amount}, {to, amount}}
}

// Posting is what is to be written into a book.
type Posting struct {
	Book  id.ID // the foundation
	Cause Cause
	Memo  string // what the money is for, in Chinese; no personal data
	// Key makes the posting happen once: unique in the book, chosen by the
	// decision ("payment/ID"), so that a retry finds the first.
	Key   string
	Lines []Line
	// On is the day the money moved, where that is not today: a bank's day. It
	// decides the month; one that is closed takes nothing more.
	On time.Time
}

// Transaction is a posting that stands in the book.
type Transaction struct {
	bun.BaseModel `bun:"table:ledger_transaction"`

	ID        id.ID     `bun:"id,pk" json:"id"`
	Book      id.ID     `bun:"book" json:"book"`
	Seq       int64     `bun:"seq" json:"seq"` // 1, 2, 3 … in the book, no gaps
	CauseKind string    `bun:"cause_kind" json:"cause_kind"`
	CauseID   id.ID     `bun:"cause_id" json:"cause_id"`
	Memo      string    `bun:"memo" json:"memo"`
	At        time.Time `bun:"at" json:"at"`
	By        id.ID     `bun:"account" json:"-"` // the person; "" for the system
	Key       string    `bun:"idem_key" json:"-"`
	On        string    `bun:"on_day" json:"on,omitempty"`         // "2026-05-31": the day it counts on; "" where that is At's
	Reverses  *id.ID    `bun:"reverses" json:"reverses,omitempty"` // the transaction it undoes
	Content   string    `bun:"content" json:"-"`                   // SHA-256 of what was asked, to compare retries
	PrevHash  string    `bun:"prev_hash" json:"prev_hash"`
	Hash      string    `bun:"hash" json:"hash"`

	Lines []Line `bun:"-" json:"lines,omitempty"`
}

// Month is the month of Beijing time in which the transaction counts: "2026-11".
func (t Transaction) Month() string {
	if len(t.On) >= len("2026-11") {
		return t.On[:len("2026-11")]
	}
	return t.At.In(clock.Beijing).Format("2006-01")
}

// entry is one line as it stands in the book.
type entry struct {
	bun.BaseModel `bun:"table:ledger_entry"`

	Tx      id.ID     `bun:"tx,pk"`
	Line    int       `bun:"line,pk"` // from 1
	Account id.ID     `bun:"account"`
	Seq     int64     `bun:"seq"`
	Amount  money.Fen `bun:"amount"`
	Balance money.Fen `bun:"balance"` // the account's, after this line
	Flow    string    `bun:"flow"`    // "in" or "out": the side of the turnover it counts on
	Month   string    `bun:"month"`   // "2026-11", Beijing time: see Transaction.Month
}

type book struct {
	bun.BaseModel `bun:"table:ledger_book"`

	ID     id.ID  `bun:"id,pk"`
	Seq    int64  `bun:"seq"`
	Head   string `bun:"head"`
	Closed string `bun:"closed_month"` // "2026-05": this month and those before take nothing more; "" for none
}
