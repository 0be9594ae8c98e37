// Package payment lets a fund pay a social organisation: an officer drafts,
// the approver (秘书长) approves, finance pays; three people. The money moves in
// the ledger in the transaction that says "paid", or not at all.
package payment

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// State is where a payment stands.
type State string

// The states. A payment that was sent back is a draft with a Reason.
const (
	Draft    State = "draft"
	Review   State = "review"
	Approved State = "approved"
	Paid     State = "paid"
)

var names = map[State]string{Draft: "草稿", Review: "待审批", Approved: "待付款", Paid: "已付款"}

// Name is the state in Chinese.
func (s State) Name() string { return names[s] }

// Form is a draft as it was typed. Nothing typed is lost, however wrong.
type Form struct {
	Payee   string `json:"payee" description:"收款社会组织的统一社会信用代码、全称或编号"`
	Purpose string `json:"purpose" description:"用途，付款后公开"`
	Amount  string `json:"amount" description:"金额，元，最多两位小数，例如 1409.50"`
	// A payment with a term is a grant: paying it opens an engagement, which is
	// delivered, evaluated and shown on the payee's public record.
	TermStart string `json:"term_start,omitempty" description:"资助项目开始日期，例如 2026-06-01；一次性付款不填"`
	TermEnd   string `json:"term_end,omitempty" description:"资助项目结束日期，当日计入"`
	// Relation says what was found of donors to the fund who are tied to the
	// payee: they must not have named it (慈善法40).
	Relation string `json:"relation,omitempty" description:"收款单位与本基金捐赠人有利害关系时必填：核查的情况"`
	// Line is the budget line that is charged: "2026/上门照料".
	Line         string `json:"budget_line,omitempty" description:"列支的预算科目，写作 年度/科目，例如 2026/上门照料；基金当年有预算时必填"`
	ResolutionOn string `json:"resolution_on,omitempty" description:"管理委员会或者理事会决议的日期；超预算或者达到金额时必填"`
	ResolutionNo string `json:"resolution_no,omitempty" description:"决议的会议届次或者文号"`
}

// Payment is one payment out of a fund.
type Payment struct {
	bun.BaseModel `bun:"table:payment"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Foundation id.ID      `bun:"foundation" json:"foundation"`
	Fund       id.ID      `bun:"fund" json:"fund"`
	Number     *string    `bun:"number" json:"number,omitempty"` // nil until paid
	State      State      `bun:"state" json:"state"`
	Version    int64      `bun:"version" json:"version"`
	Payee      *id.ID     `bun:"payee" json:"payee,omitempty"` // nil: not found yet
	PayeeName  string     `bun:"payee_name" json:"payee_name"`
	Purpose    string     `bun:"purpose" json:"purpose"`
	Amount     *money.Fen `bun:"amount" json:"amount,omitempty"`           // 分
	TermStart  *time.Time `bun:"term_start" json:"term_start,omitempty"`   // 00:00 of the first day, Beijing
	TermEnd    *time.Time `bun:"term_end" json:"term_end,omitempty"`       // 00:00 of the last day, which counts
	BudgetYear *int       `bun:"budget_year" json:"budget_year,omitempty"` // nil: charges no line
	BudgetLine string     `bun:"budget_line" json:"budget_line,omitempty"`
	// The resolution of the 管委会 or the 理事会, where one is needed; its paper
	// is the attachment in ResolutionSlot.
	ResolutionOn *time.Time `bun:"resolution_on" json:"resolution_on,omitempty"`
	ResolutionNo string     `bun:"resolution_no" json:"resolution_no,omitempty"`
	// Round counts submissions; approvals count for the round they were given in.
	Round     int64      `bun:"round" json:"-"`
	Needed    int        `bun:"approvals_needed" json:"approvals_needed"`
	Approvals []Approval `bun:"-" json:"approvals,omitempty"` // of this round, oldest first; absent in lists
	Form      Form       `bun:"form" json:"-"`
	// RelationNote is what the drafter found of donors tied to the payee.
	RelationNote string `bun:"relation_note" json:"relation_note,omitempty"`
	Reason       string `bun:"reason" json:"reason,omitempty"` // why sent back
	DraftedBy    id.ID  `bun:"drafted_by" json:"-"`
	ApprovedBy   *id.ID `bun:"approved_by" json:"-"`
	PaidBy       *id.ID `bun:"paid_by" json:"-"`
	// Award and Milestone (from 1) say which instalment of a grant this is; nil
	// for a payment of its own.
	Award         *id.ID     `bun:"award" json:"grant,omitempty"`
	Milestone     *int64     `bun:"milestone" json:"milestone,omitempty"`
	LedgerTx      *id.ID     `bun:"ledger_tx" json:"ledger_transaction,omitempty"`
	BankReference string     `bun:"bank_reference" json:"bank_reference,omitempty"` // 银行流水号
	CreatedAt     time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time  `bun:"updated_at" json:"updated_at"`
	SubmittedAt   *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	ApprovedAt    *time.Time `bun:"approved_at" json:"approved_at,omitempty"`
	PaidAt        *time.Time `bun:"paid_at" json:"paid_at,omitempty"`
}

// Approval is one person's approval of a payment as it was submitted.
type Approval struct {
	bun.BaseModel `bun:"table:payment_approval"`

	Payment id.ID     `bun:"payment,pk" json:"-"`
	Round   int64     `bun:"round,pk" json:"-"`
	Account id.ID     `bun:"account,pk" json:"-"`
	Name    string    `bun:"name" json:"name"`
	At      time.Time `bun:"at" json:"at"`
}

// ResolutionSlot is where a payment's resolution is attached.
const ResolutionSlot = "resolution"

// approved reports whether a person has approved the payment in this round.
func (p Payment) approved(account id.ID) bool {
	return slices.ContainsFunc(p.Approvals, func(a Approval) bool { return a.Account == account })
}

// No is the number, "" before payment.
func (p Payment) No() string {
	if p.Number == nil {
		return ""
	}
	return *p.Number
}

// Grant reports whether the payment funds a project over a term.
func (p Payment) Grant() bool { return p.TermStart != nil && p.TermEnd != nil }

// StateName is the state as people read it.
func (p Payment) StateName() string {
	if p.State == Draft && p.Reason != "" {
		return "已退回，待修改"
	}
	return p.State.Name()
}

// Public is what anyone may know of a payment that was made.
type Public struct {
	ID        id.ID     `bun:"id" json:"id"`
	Number    string    `bun:"number" json:"number"`
	Payee     id.ID     `bun:"payee" json:"payee"`
	PayeeName string    `bun:"payee_name" json:"payee_name"`
	Purpose   string    `bun:"purpose" json:"purpose"`
	Amount    money.Fen `bun:"amount" json:"amount"` // 分
	PaidAt    time.Time `bun:"paid_at" json:"paid_at"`
}

// storable refuses only what could not be kept at all.
func (f Form) storable() error {
	var c fault.Check
	for name, v := range map[string]string{"payee": f.Payee, "purpose": f.Purpose, "amount": f.Amount,
		"term_start": f.TermStart, "term_end": f.TermEnd, "budget_line": f.Line, "resolution_on": f.ResolutionOn, "resolution_no": f.ResolutionNo, "relation": f.Relation} {
		c.Must(utf8.ValidString(v) && !strings.ContainsRune(v, 0) && utf8.RuneCountInString(v) <= 5000,
			name, "内容太长或有无法识别的字符，请重新输入")
	}
	return c.Err()
}

// read takes what can be read of the form into the payment; the complaints
// are for the check page.
func (p *Payment) read(c *fault.Check) {
	p.Purpose, p.RelationNote = strings.TrimSpace(p.Form.Purpose), strings.TrimSpace(p.Form.Relation)
	c.Must(utf8.RuneCountInString(p.RelationNote) <= 500, "relation", "核查情况不超过 500 个字")
	n := utf8.RuneCountInString(p.Purpose)
	c.Must(n >= 2 && n <= 200, "purpose", "请写明用途，2–200 个字；付款后会公开")
	amount, err := money.Parse(p.Form.Amount)
	c.Adopt("amount", err)
	p.Amount = nil
	if err == nil && amount == 0 {
		c.Fail("amount", "付款金额应大于 0 元")
	} else if err == nil {
		p.Amount = &amount
	}
	p.readLine(c)
	p.ResolutionNo, p.ResolutionOn = strings.TrimSpace(p.Form.ResolutionNo), calendar.Typed(c, "resolution_on", p.Form.ResolutionOn)
	c.Must(utf8.RuneCountInString(p.ResolutionNo) <= 100, "resolution_no", "不超过 100 个字")
	p.TermStart, p.TermEnd = calendar.Typed(c, "term_start", p.Form.TermStart), calendar.Typed(c, "term_end", p.Form.TermEnd)
	if c.Failed("term_start") || c.Failed("term_end") {
		return
	}
	c.Must(p.TermStart != nil || p.TermEnd == nil, "term_start", "填写了结束日期，请也填写开始日期")
	c.Must(p.TermEnd != nil || p.TermStart == nil, "term_end", "填写了开始日期，请也填写结束日期")
	c.Must(!p.Grant() || !p.TermEnd.Before(*p.TermStart), "term_end", "结束日期不能早于开始日期")
}

// readLine takes the budget line that was chosen.
func (p *Payment) readLine(c *fault.Check) {
	p.BudgetYear, p.BudgetLine = nil, ""
	typed := strings.TrimSpace(p.Form.Line)
	if typed == "" {
		return
	}
	year, name, ok := strings.Cut(typed, "/")
	n, err := strconv.Atoi(year)
	if !ok || err != nil || n < 2000 || n > 2199 || name == "" {
		c.Fail("budget_line", "请写作 年度/科目，例如 2026/上门照料")
		return
	}
	p.BudgetYear, p.BudgetLine = &n, name
}
