package performance

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
)

// Object is the kind of an evaluation in the policy, the access registry and
// the archive. What happens to it is told on the engagement's timeline.
const Object = "performance"

// State is where an evaluation stands.
type State string

// The states, in their order.
const (
	SelfReport State = "self"      // 待承接方自评
	Scoring    State = "scoring"   // 评分中
	Review     State = "review"    // 待审批
	Published  State = "published" // 已公布
)

// Name is the state in Chinese.
func (s State) Name() string {
	return map[State]string{SelfReport: "待自评", Scoring: "评分中", Review: "待审批", Published: "已公布"}[s]
}

// Evaluation is the one judgement on an engagement.
type Evaluation struct {
	bun.BaseModel `bun:"table:performance"`

	ID         id.ID     `bun:"id,pk" json:"id"`
	Engagement id.ID     `bun:"engagement" json:"engagement"`
	Payer      id.ID     `bun:"payer" json:"payer"`
	Provider   id.ID     `bun:"provider" json:"provider"`
	Number     *string   `bun:"number" json:"number,omitempty"` // nil until published
	State      State     `bun:"state" json:"state"`
	Version    int64     `bun:"version" json:"version"`
	Tree       Tree      `bun:"tree" json:"tree"`
	Rules      string    `bun:"rules" json:"-"` // of the day it was started, frozen
	SelfDue    time.Time `bun:"self_due" json:"self_due"`
	// Self is what the provider says of itself, as typed; SelfAt is nil until
	// it is handed in.
	Self   Self       `bun:"self_report" json:"self_report"`
	SelfAt *time.Time `bun:"self_at" json:"self_at,omitempty"`
	// Sheet is the scoring sheet as typed, the invalid included.
	Sheet Sheet `bun:"sheet" json:"-"`
	// Lines, Pillars, Problems, Total and Grade are the sheet as it was
	// submitted. Total is in hundredths of a point, nil before that.
	Lines    []Line    `bun:"lines" json:"lines,omitempty"`
	Pillars  []Pillar  `bun:"pillars" json:"pillars,omitempty"`
	Problems []Problem `bun:"problems" json:"problems,omitempty"`
	Total    *int64    `bun:"total" json:"total,omitempty"`
	Grade    Grade     `bun:"grade" json:"grade,omitempty"`

	Reason      string  `bun:"reason" json:"reason,omitempty"` // why it was sent back
	StartedBy   id.ID   `bun:"started_by" json:"-"`
	Scorers     []id.ID `bun:"scorers" json:"-"` // every account that wrote on the sheet
	SubmittedBy *id.ID  `bun:"submitted_by" json:"-"`
	ApprovedBy  *id.ID  `bun:"approved_by" json:"-"`
	Document    *id.ID  `bun:"document" json:"document,omitempty"` // the report PDF
	Code        string  `bun:"code" json:"code,omitempty"`         // its verification code

	StartedAt   time.Time  `bun:"started_at" json:"started_at"`
	UpdatedAt   time.Time  `bun:"updated_at" json:"updated_at"`
	SubmittedAt *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	PublishedAt *time.Time `bun:"published_at" json:"published_at,omitempty"`
}

// No is the number, "" before publication.
func (e Evaluation) No() string {
	if e.Number == nil {
		return ""
	}
	return *e.Number
}

// Returned reports whether the sheet was sent back by the approver.
func (e Evaluation) Returned() bool { return e.State == Scoring && e.Reason != "" }

// StateName is the state as people read it.
func (e Evaluation) StateName() string {
	if e.Returned() {
		return "已退回，待修改"
	}
	return e.State.Name()
}

// Points is the total as printed, "" before there is one.
func (e Evaluation) Points() string {
	if e.Total == nil {
		return ""
	}
	return Points(*e.Total)
}

// SelfLate reports whether the provider has let its time pass: the payer may
// then go on without a self-evaluation.
func (e Evaluation) SelfLate(now time.Time) bool {
	return e.State == SelfReport && !now.Before(e.SelfDue)
}

// Line is one leaf as it was scored. Points and Weight are in hundredths of a
// point; Mark is what they were computed from.
type Line struct {
	Code     string `json:"code"`
	First    string `json:"first"`
	Second   string `json:"second"`
	Name     string `json:"name"`
	Standard string `json:"standard,omitempty"`
	Weight   int64  `json:"weight"`
	Mark     Mark   `json:"mark"`
	Points   int64  `json:"points"`
	Reason   string `json:"reason,omitempty"`
}

// Problem is a finding, what mends it, who sees to it, and until which day.
type Problem struct {
	Finding       string    `json:"finding"`
	Rectification string    `json:"rectification"`
	Responsible   string    `json:"responsible,omitempty"`
	Due           time.Time `json:"due"` // 00:00 of the last day, Beijing
}
