// Package grant is what a call decides: a reasoned decision on every
// application, an appeal clock, and for those supported an agreement whose
// money is paid by milestone out of the call's fund.
package grant

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// ObjectKind is what the trail and the access registry call a grant. FileKind
// is the kind of its agreement and of the files of its reports, which only the
// two sides may see.
const (
	ObjectKind = "grant"
	FileKind   = "grant_file"
)

// Decision is what the foundation made of an application. One that an appeal
// overturned stays, and another follows.
type Decision struct {
	bun.BaseModel `bun:"table:grant_decision"`

	ID           id.ID               `bun:"id,pk" json:"id"`
	Call         id.ID               `bun:"call" json:"call"`
	Application  id.ID               `bun:"application" json:"application"`
	Seq          int64               `bun:"seq" json:"seq"`
	Funded       bool                `bun:"funded" json:"funded"`
	Amount       money.Fen           `bun:"amount" json:"amount"` // 分
	Reason       string              `bun:"reason" json:"reason"`
	Found        []application.Found `bun:"found" json:"-"` // of double funding, as it stood
	FoundReason  string              `bun:"found_reason" json:"-"`
	DecidedBy    id.ID               `bun:"decided_by" json:"-"`
	DecidedAt    time.Time           `bun:"decided_at" json:"decided_at"`
	AppealUntil  time.Time           `bun:"appeal_until" json:"appeal_until"` // exclusive
	OverturnedAt *time.Time          `bun:"overturned_at" json:"overturned_at,omitempty"`

	Appeal *Appeal `bun:"-" json:"appeal,omitempty"`
}

// Appeal is the applicant's against a decision, with its answer.
type Appeal struct {
	bun.BaseModel `bun:"table:grant_appeal"`

	ID          id.ID      `bun:"id,pk" json:"id"`
	Decision    id.ID      `bun:"decision" json:"decision"`
	Application id.ID      `bun:"application" json:"application"`
	Grounds     string     `bun:"grounds" json:"grounds"`
	RaisedBy    id.ID      `bun:"raised_by" json:"-"`
	RaisedAt    time.Time  `bun:"raised_at" json:"raised_at"`
	AnswerBy    time.Time  `bun:"answer_by" json:"answer_by"` // exclusive
	Upheld      *bool      `bun:"upheld" json:"upheld,omitempty"`
	Answer      string     `bun:"answer" json:"answer,omitempty"`
	AnsweredBy  *id.ID     `bun:"answered_by" json:"-"`
	AnsweredAt  *time.Time `bun:"answered_at" json:"answered_at,omitempty"`
}

// State is where a grant stands.
type State string

// The states.
const (
	Offered   State = "offered"
	Signed    State = "signed"
	Refused   State = "refused"
	Graduated State = "graduated"
)

var names = map[State]string{Offered: "待对方接受", Signed: "执行中", Refused: "对方放弃", Graduated: "已出壳"}

// Name is the state in Chinese.
func (s State) Name() string { return names[s] }

// Grant is the agreement about one supported application.
type Grant struct {
	bun.BaseModel `bun:"table:grant_award,alias:award"`

	ID             id.ID      `bun:"id,pk" json:"id"`
	Call           id.ID      `bun:"call" json:"call"`
	CallTitle      string     `bun:"call_title" json:"call_title"`
	Kind           call.Kind  `bun:"kind" json:"kind"`
	Application    id.ID      `bun:"application" json:"application"`
	Decision       id.ID      `bun:"decision" json:"-"`
	Foundation     id.ID      `bun:"foundation" json:"foundation"` // the call's host
	FoundationName string     `bun:"foundation_name" json:"foundation_name"`
	Organisation   id.ID      `bun:"organisation" json:"organisation"`
	OrgName        string     `bun:"org_name" json:"organisation_name"`
	Fund           *id.ID     `bun:"fund" json:"fund,omitempty"`     // nil where a bureau pays, or nobody
	Source         string     `bun:"source" json:"source,omitempty"` // of a bureau's money
	Number         string     `bun:"number" json:"number"`
	Title          string     `bun:"title" json:"title"`
	Purpose        string     `bun:"purpose" json:"purpose"`
	Amount         money.Fen  `bun:"amount" json:"amount"`  // 分; 0 in an incubation without money
	Start          time.Time  `bun:"start_on" json:"start"` // 00:00 of the first day, Beijing
	End            time.Time  `bun:"end_on" json:"end"`     // 00:00 of the last day, which counts
	State          State      `bun:"state" json:"state"`
	Document       id.ID      `bun:"document" json:"-"`
	Demo           bool       `bun:"demo" json:"demo"`
	DecidedBy      id.ID      `bun:"decided_by" json:"-"`
	DecidedAt      time.Time  `bun:"decided_at" json:"decided_at"`
	SignedBy       *id.ID     `bun:"signed_by" json:"-"`
	SignedAt       *time.Time `bun:"signed_at" json:"signed_at,omitempty"`
	GraduatedAt    *time.Time `bun:"graduated_at" json:"graduated_at,omitempty"`
	Note           string     `bun:"note" json:"note,omitempty"`
	AmendedAt      *time.Time `bun:"amended_at" json:"amended_at,omitempty"` // when its amount or its term was changed last
	EndedAt        *time.Time `bun:"ended_at" json:"ended_at,omitempty"`     // when it was ended before its term
}

// StateName is where a grant stands, as people read it.
func (g Grant) StateName() string {
	if g.EndedAt != nil {
		return "已提前终止"
	}
	return g.State.Name()
}

// Milestone is one step of a grant with what is paid when it is reached.
type Milestone struct {
	bun.BaseModel `bun:"table:grant_milestone"`

	Award      id.ID      `bun:"award,pk" json:"-"`
	Seq        int64      `bun:"seq,pk" json:"seq"` // from 1
	Name       string     `bun:"name" json:"name"`
	Condition  string     `bun:"condition" json:"condition"`
	Due        time.Time  `bun:"due_on" json:"due"`    // 00:00 of the last day, which counts
	Amount     money.Fen  `bun:"amount" json:"amount"` // 分
	Report     string     `bun:"report" json:"-"`      // the grantee's words
	ReportedAt *time.Time `bun:"reported_at" json:"reported_at,omitempty"`
	AcceptedBy *id.ID     `bun:"accepted_by" json:"-"`
	AcceptedAt *time.Time `bun:"accepted_at" json:"accepted_at,omitempty"`
	Note       string     `bun:"note" json:"-"` // why a report was sent back

	// A bureau pays by its treasury and enters the day and the voucher.
	SettledOn     *time.Time `bun:"settled_on" json:"-"`
	SettledBy     *id.ID     `bun:"settled_by" json:"-"`
	SettledAmount *money.Fen `bun:"settled_amount" json:"-"` // 分; nil is the milestone's own
	Voucher       string     `bun:"voucher" json:"-"`

	// The payment made for it, if any.
	Payment      *id.ID     `bun:"payment,scanonly" json:"-"`
	PaymentState string     `bun:"payment_state,scanonly" json:"payment_state,omitempty"`
	PayAmount    *money.Fen `bun:"pay_amount,scanonly" json:"-"`
	PaidAt       *time.Time `bun:"paid_at,scanonly" json:"paid_at,omitempty"`
}

// Paid is what was paid for a milestone, in 分: after an early end it may be
// less than was agreed, or more.
func (m Milestone) Paid() money.Fen {
	switch {
	case m.PaidAt == nil:
		return 0
	case m.PayAmount != nil:
		return *m.PayAmount
	case m.SettledAmount != nil:
		return *m.SettledAmount
	}
	return m.Amount
}

// Over reports whether a milestone is late at a moment.
func (m Milestone) Over(now time.Time) bool {
	return m.AcceptedAt == nil && !now.Before(m.Due.AddDate(0, 0, 1))
}

// StateName is where a milestone stands at a moment, in Chinese.
func (m Milestone) StateName(now time.Time) string {
	switch {
	case m.PaidAt != nil:
		return "已付款"
	case m.Payment != nil:
		return "付款办理中"
	case m.AcceptedAt != nil:
		return "已达成"
	case m.ReportedAt != nil:
		return "待确认"
	case m.Over(now):
		return "已逾期"
	}
	return "进行中"
}
