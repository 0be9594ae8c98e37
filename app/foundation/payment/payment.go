// Package payment lets a fund pay a social organisation: an officer drafts,
// the approver (秘书长) approves, finance pays; three people. The money moves in
// the ledger in the transaction that says "paid", or not at all.
package payment

import (
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
	Amount     *money.Fen `bun:"amount" json:"amount,omitempty"`         // 分
	TermStart  *time.Time `bun:"term_start" json:"term_start,omitempty"` // 00:00 of the first day, Beijing
	TermEnd    *time.Time `bun:"term_end" json:"term_end,omitempty"`     // 00:00 of the last day, which counts
	Form       Form       `bun:"form" json:"-"`
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
		"term_start": f.TermStart, "term_end": f.TermEnd, "relation": f.Relation} {
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
	p.TermStart, p.TermEnd = calendar.Typed(c, "term_start", p.Form.TermStart), calendar.Typed(c, "term_end", p.Form.TermEnd)
	if c.Failed("term_start") || c.Failed("term_end") {
		return
	}
	c.Must(p.TermStart != nil || p.TermEnd == nil, "term_start", "填写了结束日期，请也填写开始日期")
	c.Must(p.TermEnd != nil || p.TermStart == nil, "term_end", "填写了开始日期，请也填写结束日期")
	c.Must(!p.Grant() || !p.TermEnd.Before(*p.TermStart), "term_end", "结束日期不能早于开始日期")
}
