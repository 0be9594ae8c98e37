// Package bank holds what the bank says against what the foundation says. A
// statement is imported line by line into the ledger: what came stands as 待认领
// (ledger.Unclaimed), what went as 待核对 (ledger.Unexplained), until somebody
// says what it was and somebody else confirms it. Nothing is booked by itself.
// A month is closed when the books say what the statement says.
package bank

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/statement"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// LineKind is what a line of a statement is called in the trail and the
// access registry; ImportKind and MonthKind likewise.
const (
	LineKind   = "bank_line"
	ImportKind = "bank_import"
	MonthKind  = "bank_month"
)

// Account is one bank account of a foundation.
type Account struct {
	bun.BaseModel `bun:"table:bank_account"`

	ID         id.ID             `bun:"id,pk" json:"id"`
	Foundation id.ID             `bun:"foundation" json:"foundation"`
	Name       string            `bun:"name" json:"name"`           // 开户行
	Tail       string            `bun:"tail" json:"tail"`           // last four digits of the number
	Opening    money.Fen         `bun:"opening" json:"opening"`     // 分, what it held when OpenedOn began
	OpenedOn   string            `bun:"opened_on" json:"opened_on"` // the first day that is kept here: "2026-01-01"
	Columns    statement.Columns `bun:"columns" json:"columns"`     // of the bank's files, as last used
	Ledger     id.ID             `bun:"ledger" json:"ledger_account"`
	CreatedBy  id.ID             `bun:"created_by" json:"-"`
	CreatedAt  time.Time         `bun:"created_at" json:"created_at"`

	Balance money.Fen `bun:"balance,scanonly" json:"balance"` // 分, now
	Last    string    `bun:"last_day,scanonly" json:"last_day,omitempty"`
}

// Title names the account for people.
func (a Account) Title() string { return a.Name + "（尾号 " + a.Tail + "）" }

// ImportState is how far an import is.
type ImportState string

// The states of an import.
const (
	Mapping ImportState = "mapping" // 待指定列
	Ready   ImportState = "ready"   // 待确认导入
	Running ImportState = "running" // 正在导入
	Done    ImportState = "done"    // 已导入
	Failed  ImportState = "failed"  // 未能导入
	Dropped ImportState = "dropped" // 已放弃
)

var importNames = map[ImportState]string{Mapping: "待指定列", Ready: "待确认导入", Running: "正在导入", Done: "已导入", Failed: "未能导入", Dropped: "已放弃"}

// Name is the state in Chinese.
func (s ImportState) Name() string { return importNames[s] }

// Import is one file of a bank.
type Import struct {
	bun.BaseModel `bun:"table:bank_import"`

	ID         id.ID             `bun:"id,pk" json:"id"`
	Foundation id.ID             `bun:"foundation" json:"foundation"`
	Bank       id.ID             `bun:"bank" json:"bank"`
	Name       string            `bun:"name" json:"name"` // of the file
	ObjectKey  string            `bun:"object_key" json:"-"`
	SHA256     string            `bun:"sha256" json:"sha256"`
	Size       int64             `bun:"size" json:"size"` // bytes
	State      ImportState       `bun:"state" json:"state"`
	Columns    statement.Columns `bun:"columns" json:"columns"`
	Head       int               `bun:"head" json:"head"` // row number of the headings in the file; 0 while unknown
	Preview    Preview           `bun:"preview" json:"preview"`
	Found      int               `bun:"found" json:"found"`     // lines that could be read
	Bad        int               `bun:"bad" json:"bad"`         // rows that could not
	Worked     int               `bun:"done" json:"worked"`     // lines that were gone through
	Added      int               `bun:"added" json:"added"`     // of them new
	Known      int               `bun:"known" json:"known"`     // of them imported before
	Refused    int               `bun:"refused" json:"refused"` // of them refused: a closed month, a day before the account began
	Since      string            `bun:"since" json:"since"`     // first day
	Until      string            `bun:"until" json:"until"`     // last day
	In         money.Fen         `bun:"money_in" json:"in"`     // 分, of the lines found
	Out        money.Fen         `bun:"money_out" json:"out"`   // 分, as a positive number
	Problem    string            `bun:"problem" json:"problem"` // why it failed
	UploadedBy id.ID             `bun:"uploaded_by" json:"-"`
	Uploader   string            `bun:"uploader" json:"uploader"`
	CreatedAt  time.Time         `bun:"created_at" json:"created_at"`
	EndedAt    *time.Time        `bun:"ended_at" json:"ended_at,omitempty"`
}

// Percent is how much of the import is done.
func (i Import) Percent() int {
	if i.Found == 0 {
		return 100
	}
	return i.Worked * 100 / i.Found
}

// Preview is what an import shows before it is begun.
type Preview struct {
	Top   []statement.Row  `json:"top"`   // the first rows, to choose the headings from
	Lines []statement.Line `json:"lines"` // the first lines found
}

// Bad is a row that was not imported.
type Bad struct {
	bun.BaseModel `bun:"table:bank_bad"`

	Import id.ID  `bun:"import,pk" json:"-"`
	Row    int    `bun:"line,pk" json:"row"` // in the file, from 1
	Said   string `bun:"said" json:"said"`   // what stands there, shortened
	Why    string `bun:"why" json:"why"`     // Chinese, how to mend it
}

// LineState is how far a line is.
type LineState string

// The states of a line.
const (
	Open     LineState = "open"     // 待认领 (came) or 待核对 (went)
	Proposed LineState = "proposed" // 待确认
	Booked   LineState = "booked"   // 已确认
)

// Line is one movement on a bank account, as the bank says.
type Line struct {
	bun.BaseModel `bun:"table:bank_line"`

	ID         id.ID     `bun:"id,pk" json:"id"`
	Foundation id.ID     `bun:"foundation" json:"foundation"`
	Bank       id.ID     `bun:"bank" json:"bank"`
	Import     id.ID     `bun:"import" json:"import"`
	Row        int       `bun:"row_number" json:"row"`
	Day        string    `bun:"on_day" json:"day"`    // "2026-05-31"
	Amount     money.Fen `bun:"amount" json:"amount"` // 分; positive came, negative went
	Name       string    `bun:"name" json:"name"`     // of the other side
	Tail       string    `bun:"tail" json:"tail,omitempty"`
	Memo       string    `bun:"memo" json:"memo,omitempty"`
	Serial     string    `bun:"serial" json:"serial,omitempty"`
	Key        string    `bun:"line_key" json:"-"`
	State      LineState `bun:"state" json:"state"`
	// Guess is what the line most likely is; Score how sure that is, of 100,
	// and Why in Chinese. It books nothing.
	GuessKind Kind      `bun:"guess_kind" json:"guess_kind,omitempty"`
	Guess     *id.ID    `bun:"guess" json:"guess,omitempty"`
	Score     int       `bun:"score" json:"score"`
	Why       string    `bun:"why" json:"why,omitempty"`
	Match     *id.ID    `bun:"match" json:"match,omitempty"` // the live one
	Note      string    `bun:"note" json:"note,omitempty"`   // why it is open again
	MadeBy    id.ID     `bun:"made_by" json:"-"`             // who brought it in
	CreatedAt time.Time `bun:"created_at" json:"created_at"`
}

// Said is the day as people read it.
func (l Line) Said() string {
	t, err := time.Parse(time.DateOnly, l.Day)
	if err != nil {
		return l.Day
	}
	return t.Format("2006年1月2日")
}

// Came reports whether money came in.
func (l Line) Came() bool { return l.Amount > 0 }

// Size is the amount without its sign, in 分.
func (l Line) Size() money.Fen { return max(l.Amount, -l.Amount) }

// StateName is the state as people read it.
func (l Line) StateName() string {
	switch {
	case l.State == Proposed:
		return "待确认"
	case l.State == Booked:
		return "已确认"
	case l.Came():
		return "待认领"
	}
	return "待核对"
}

// Sure is the score from which a guess may be proposed together with others:
// the reference and the amount agree, or name and amount and nobody else's do.
const Sure = 90

// Kind is what a line is said to be.
type Kind string

// The kinds of match.
const (
	Gift   Kind = "donation" // came: a pledge, or a donation confirmed by hand
	Paid   Kind = "payment"  // went: a payment that was made
	Back   Kind = "return"   // went: a line that came, given back unclaimed
	Refund Kind = "refund"   // went: a donation that was refunded and had no line
	Sundry Kind = "other"    // interest, fees; a note says what
)

// KindName is the kind in Chinese.
func (k Kind) KindName() string {
	return map[Kind]string{Gift: "捐赠", Paid: "付款", Back: "退回待认领款", Refund: "捐赠退款", Sundry: "其他（利息、手续费等）"}[k]
}

// MatchState is how far a match is.
type MatchState string

// The states of a match; Asked and Taken are live, one a line.
const (
	Asked     MatchState = "proposed"
	Taken     MatchState = "confirmed"
	Withdrawn MatchState = "withdrawn" // by who proposed it
	Rejected  MatchState = "refused"   // by who should have confirmed it
	Reversed  MatchState = "reversed"  // its donation was refunded, or it was wrong
)

// Match says what a line is, by one person, confirmed by another.
type Match struct {
	bun.BaseModel `bun:"table:bank_match"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Foundation id.ID      `bun:"foundation" json:"foundation"`
	Line       id.ID      `bun:"line" json:"line"`
	Kind       Kind       `bun:"kind" json:"kind"`
	Target     *id.ID     `bun:"target" json:"target,omitempty"`
	Amount     money.Fen  `bun:"amount" json:"amount"` // 分, the line's
	Note       string     `bun:"note" json:"note,omitempty"`
	State      MatchState `bun:"state" json:"state"`
	Score      int        `bun:"score" json:"score"`
	Why        string     `bun:"why" json:"why"`
	ProposedBy id.ID      `bun:"proposed_by" json:"-"`
	Proposer   string     `bun:"proposer" json:"proposer"`
	ProposedAt time.Time  `bun:"proposed_at" json:"proposed_at"`
	DecidedBy  *id.ID     `bun:"decided_by" json:"-"`
	Decider    string     `bun:"decider" json:"decider,omitempty"`
	DecidedAt  *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	Reason     string     `bun:"reason" json:"reason,omitempty"`
	LedgerTx   *id.ID     `bun:"ledger_tx" json:"ledger_transaction,omitempty"`
	// Somebody asks that the confirmed match be reversed; somebody else decides.
	UndoReason string     `bun:"undo_reason" json:"undo_reason,omitempty"`
	UndoBy     *id.ID     `bun:"undo_by" json:"-"`
	Undoer     string     `bun:"undoer" json:"undoer,omitempty"`
	UndoAt     *time.Time `bun:"undo_at" json:"undo_asked_at,omitempty"`
}

// Doubted reports whether somebody asks that the confirmed match be reversed.
func (m Match) Doubted() bool { return m.State == Taken && m.UndoBy != nil }
