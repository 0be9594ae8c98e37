// Package expense is the 周报账: every week the provider reports what it spent
// under the lines of the agreed budget, invoice by invoice, and the payer
// checks it. One invoice counts once, wherever the organisation shows it.
package expense

import (
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// ObjectKind is the kind of a report, of its trail and its invoices' files.
const ObjectKind = "expense"

// mostRows is how many invoices one report has; each has its file.
const mostRows = 50

// State is where a report stands.
type State string

// The states. A report that was sent back is a draft with a Reason; its
// invoices are free until it is sent again.
const (
	Draft     State = "draft"
	Submitted State = "submitted"
	Accepted  State = "accepted"
)

// Form is a report as it was typed. Nothing typed is lost, however wrong.
type Form struct {
	Rows []Row  `json:"rows"`
	Note string `json:"note,omitempty" description:"本周没有支出的写明原因"`
}

// Row is one invoice as typed. Key tells rows apart and is the slot of the
// invoice's file.
type Row struct {
	Key     string `json:"key,omitempty" description:"行的标识，上传发票文件时用；不填则自动编号"`
	Line    string `json:"line" description:"预算科目"`
	Date    string `json:"date" description:"开票日期，例如 2026-06-05"`
	Purpose string `json:"purpose" description:"事由"`
	Payee   string `json:"payee" description:"收款方"`
	Invoice string `json:"invoice" description:"发票号码"`
	Amount  string `json:"amount" description:"金额，元"`
}

// Blank reports whether nothing was typed.
func (r Row) Blank() bool { r.Key = ""; return r == Row{} }

// Item is one invoice of a report that was sent.
type Item struct {
	bun.BaseModel `bun:"table:expense_item,alias:item"`

	Report     id.ID     `bun:"report,pk" json:"report"`
	Seq        int64     `bun:"seq,pk" json:"seq"` // from 1
	Engagement id.ID     `bun:"engagement" json:"-"`
	Provider   id.ID     `bun:"provider" json:"-"`
	Line       string    `bun:"line" json:"line"`
	SpentOn    time.Time `bun:"spent_on" json:"date"`
	Purpose    string    `bun:"purpose" json:"purpose"`
	Payee      string    `bun:"payee" json:"payee"`
	Invoice    string    `bun:"invoice" json:"invoice"`
	Amount     money.Fen `bun:"amount" json:"amount"` // 分
}

// Report is the expenses of one week of one engagement.
type Report struct {
	bun.BaseModel `bun:"table:expense_report,alias:report"`

	ID          id.ID      `bun:"id,pk" json:"id"`
	Engagement  id.ID      `bun:"engagement" json:"engagement"`
	Provider    id.ID      `bun:"provider" json:"-"`
	Week        time.Time  `bun:"week" json:"week"` // 00:00 of its Monday, Beijing
	State       State      `bun:"state" json:"state"`
	Version     int64      `bun:"version" json:"version"`
	Form        Form       `bun:"form" json:"form"`
	Total       money.Fen  `bun:"total" json:"total"` // 分, of what can be read
	Reason      string     `bun:"reason" json:"reason,omitempty"`
	DraftedBy   id.ID      `bun:"drafted_by" json:"-"`
	CreatedAt   time.Time  `bun:"created_at" json:"created_at"`
	SubmittedBy *id.ID     `bun:"submitted_by" json:"-"`
	SubmittedAt *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	DecidedBy   *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt   *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
}

// StateName is the state as people read it.
func (r Report) StateName() string {
	switch {
	case r.State == Accepted:
		return "已核对"
	case r.State == Submitted:
		return "待付款方核对"
	case r.Reason != "":
		return "已退回，待修改"
	}
	return "草稿"
}

// Title names the week: 2026年6月1日至6月7日.
func (r Report) Title() string {
	from, to := r.Week.In(clock.Beijing), r.Week.AddDate(0, 0, 6).In(clock.Beijing)
	return from.Format("2006年1月2日") + "至" + to.Format("1月2日")
}

// Monday is 00:00 in Beijing of the Monday of the week that t is in.
func Monday(t time.Time) time.Time {
	t = t.In(clock.Beijing)
	back := (int(t.Weekday()) + 6) % 7
	y, m, d := t.AddDate(0, 0, -back).Date()
	return clock.Trunc(time.Date(y, m, d, 0, 0, 0, 0, clock.Beijing))
}

// invoiceKey is an invoice number as it is compared: without spaces and
// dashes, letters and digits narrow and large.
func invoiceKey(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～': // full width
			r -= '！' - '!'
		case r == '　':
			return -1
		}
		switch r {
		case ' ', '-', '\t', '\u00a0', '—', '–':
			return -1
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(s))
}
