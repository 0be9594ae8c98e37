// Package plan is what an engagement promises and shows: milestones, outputs
// with quantities, budget lines and the communities it is for, agreed by both
// sides, and the evidence that each was done. A contract and a grant share it.
package plan

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// EvidenceKind is the kind of an evidence's files, which only the parties see.
const EvidenceKind = "evidence"

// State is where a plan stands.
type State string

// The states. A plan that was sent back is a draft with a Reason.
const (
	Draft    State = "draft"
	Proposed State = "proposed"
	Agreed   State = "agreed"
)

// Settlement says what a payment request counts.
type Settlement string

// The two ways of settling.
const (
	ByMilestone Settlement = "milestone" // each milestone has its amount
	ByCount     Settlement = "count"     // unit price × actual count, at most the amount
)

// Form is a plan as it was typed. Nothing typed is lost, however wrong.
type Form struct {
	Communities string          `json:"communities" description:"受益社区，每行一个"`
	Settlement  string          `json:"settlement" enum:"milestone,count"`
	Counted     string          `json:"counted,omitempty" description:"按实际数量结算时，哪项产出的数量"`
	UnitPrice   string          `json:"unit_price,omitempty" description:"单价，元；合同约定了单价的以合同为准"`
	Milestones  []MilestoneForm `json:"milestones"`
	Outputs     []OutputForm    `json:"outputs"`
	Lines       []LineForm      `json:"lines"`
}

// MilestoneForm is a milestone as typed.
type MilestoneForm struct {
	Name      string `json:"name"`
	Condition string `json:"condition" description:"做到什么算达成"`
	Due       string `json:"due" description:"最迟哪一天，例如 2026-06-30"`
	Amount    string `json:"amount,omitempty" description:"达成后支付，元；按实际数量结算的不填"`
}

// OutputForm is an output as typed.
type OutputForm struct {
	Name     string `json:"name"`
	Quantity string `json:"quantity"`
	Unit     string `json:"unit" description:"例如 人次、场、份"`
	Carrier  string `json:"carrier,omitempty" description:"由其他单位协作完成的，写单位名称；自己完成不填"`
}

// LineForm is a budget line as typed.
type LineForm struct {
	Name   string `json:"name"`
	Amount string `json:"amount" description:"元"`
}

// Content is a plan as it was read.
type Content struct {
	Communities []string    `json:"communities"`
	Settlement  Settlement  `json:"settlement"`
	Counted     string      `json:"counted,omitempty"`
	UnitPrice   money.Fen   `json:"unit_price,omitempty"` // 分; 0 when settled by milestone
	Milestones  []Milestone `json:"milestones"`
	Outputs     []Output    `json:"outputs"`
	Lines       []Line      `json:"lines"`
}

// Milestone is one step; its number is its place, from 1.
type Milestone struct {
	Name      string    `json:"name"`
	Condition string    `json:"condition"`
	Due       time.Time `json:"due"`    // 00:00 of the last day, which counts
	Amount    money.Fen `json:"amount"` // 分
}

// Output is something that is delivered and counted.
type Output struct {
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
	Unit     string `json:"unit"`
	Carrier  string `json:"carrier,omitempty"` // who helps, where it is not the provider
}

// Line is one line of the budget.
type Line struct {
	Name   string    `json:"name"`
	Amount money.Fen `json:"amount"` // 分
}

// Output finds an output by its name.
func (x Content) Output(name string) (Output, bool) {
	for _, o := range x.Outputs {
		if o.Name == name {
			return o, true
		}
	}
	return Output{}, false
}

// Plan is the plan of one engagement.
type Plan struct {
	bun.BaseModel `bun:"table:delivery_plan"`

	Engagement id.ID      `bun:"engagement,pk" json:"engagement"`
	State      State      `bun:"state" json:"state"`
	Version    int64      `bun:"version" json:"version"`
	Form       Form       `bun:"form" json:"form"`
	Content    Content    `bun:"content" json:"content"`
	Reason     string     `bun:"reason" json:"reason,omitempty"` // why sent back
	ProposedBy *id.ID     `bun:"proposed_by" json:"-"`
	ProposedAt *time.Time `bun:"proposed_at" json:"proposed_at,omitempty"`
	AgreedBy   *id.ID     `bun:"agreed_by" json:"-"`
	AgreedAt   *time.Time `bun:"agreed_at" json:"agreed_at,omitempty"`
	Base       []Line     `bun:"base" json:"-"` // the budget as it was first agreed; later ones are held to it
}

// StateName is the state as people read it.
func (p Plan) StateName() string {
	switch {
	case p.State == Agreed:
		return "已确认"
	case p.State == Proposed:
		return "待付款方确认"
	case p.Reason != "":
		return "已退回，待修改"
	}
	return "草稿"
}

// Step is what became of a milestone.
type Step struct {
	bun.BaseModel `bun:"table:delivery_milestone"`

	Engagement id.ID      `bun:"engagement,pk" json:"-"`
	Seq        int64      `bun:"seq,pk" json:"seq"` // from 1
	Report     string     `bun:"report" json:"report"`
	ReportedBy id.ID      `bun:"reported_by" json:"-"`
	ReportedAt *time.Time `bun:"reported_at" json:"reported_at,omitempty"`
	AcceptedBy *id.ID     `bun:"accepted_by" json:"-"`
	AcceptedAt *time.Time `bun:"accepted_at" json:"accepted_at,omitempty"`
	Note       string     `bun:"note" json:"note,omitempty"`
}

// Evidence is one thing that was done for a milestone: how much, for how many
// people, where, with its photographs and papers.
type Evidence struct {
	bun.BaseModel `bun:"table:delivery_evidence"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Engagement id.ID      `bun:"engagement" json:"engagement"`
	Milestone  int64      `bun:"milestone" json:"milestone"` // from 1
	Output     string     `bun:"output" json:"output,omitempty"`
	Quantity   int64      `bun:"quantity" json:"quantity"` // of the output
	People     int64      `bun:"people" json:"people"`     // attendance
	DoneOn     time.Time  `bun:"done_on" json:"done_on"`
	Place      string     `bun:"place" json:"place,omitempty"`
	Note       string     `bun:"note" json:"note,omitempty"`
	AddedBy    id.ID      `bun:"added_by" json:"-"`
	AddedAt    time.Time  `bun:"added_at" json:"added_at"`
	VoidWhy    string     `bun:"void_why" json:"void_reason,omitempty"`
	VoidAt     *time.Time `bun:"void_at" json:"void_at,omitempty"`
	Key        string     `bun:"idem_key" json:"-"`
}
