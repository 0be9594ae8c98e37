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
	Checking   State = "check"     // 待付款方审核自评
	Scoring    State = "scoring"   // 评分中
	Review     State = "review"    // 待审批
	Notice     State = "notice"    // 已告知承接方，等待异议期满
	Published  State = "published" // 已公布
)

// Name is the state in Chinese.
func (s State) Name() string {
	return map[State]string{SelfReport: "待自评", Checking: "待审核自评", Scoring: "评分中", Review: "待审批", Notice: "异议期", Published: "已公布"}[s]
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
	// SelfNote is what the payer says to it: why it went back, or what it found.
	SelfNote  string     `bun:"self_note" json:"self_note,omitempty"`
	CheckedBy *id.ID     `bun:"checked_by" json:"-"`
	CheckedAt *time.Time `bun:"checked_at" json:"checked_at,omitempty"`
	// Sheet is the scoring sheet as typed, the invalid included, and Stamps who
	// wrote each of its lines last, and when.
	Sheet  Sheet            `bun:"sheet" json:"-"`
	Stamps map[string]Stamp `bun:"stamps" json:"-"`
	// Facts are the figures that the system had when the sheet was submitted,
	// Course the execution over time as it stood then.
	Facts  []Fact     `bun:"facts" json:"facts,omitempty"`
	Course []Spending `bun:"course" json:"course,omitempty"`
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
	// NoticeAt is when the result was approved and shown to the provider, who may
	// object until ObjectionDue, or says before (AcceptedAt) that it will not.
	NoticeAt     *time.Time `bun:"notice_at" json:"notice_at,omitempty"`
	ObjectionDue *time.Time `bun:"objection_due" json:"objection_due,omitempty"`
	AcceptedAt   *time.Time `bun:"accepted_at" json:"accepted_at,omitempty"`
	PublishedAt  *time.Time `bun:"published_at" json:"published_at,omitempty"`
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
	if e.Returned() || e.State == SelfReport && e.SelfNote != "" {
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

// Clear reports whether nothing keeps the result from being published at now:
// the time to object is over, or the provider said that it will not.
func (e Evaluation) Clear(now time.Time) bool {
	return e.State == Notice && (e.AcceptedAt != nil || e.ObjectionDue != nil && !now.Before(*e.ObjectionDue))
}

// SelfLate reports whether the provider has let its time pass: the payer may
// then go on without a self-evaluation.
func (e Evaluation) SelfLate(now time.Time) bool {
	return e.State == SelfReport && !now.Before(e.SelfDue)
}

// Stamp is who wrote a line, and when.
type Stamp struct {
	Account id.ID     `json:"account"`
	By      string    `json:"by"` // the organisation they act for
	At      time.Time `json:"at"`
}

// Link is one piece of evidence behind a score. Key tells it apart within its
// engagement; Label says what it is without naming anybody.
type Link struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

// Line is one leaf as it was scored. Points and Weight are in hundredths of a
// point; Mark is what they were computed from, Fact where the system took it,
// By and At who scored it and when ("系统取数" where nobody did).
type Line struct {
	Code     string     `json:"code"`
	First    string     `json:"first"`
	Second   string     `json:"second"`
	Name     string     `json:"name"`
	Standard string     `json:"standard,omitempty"`
	Kind     Kind       `json:"kind"`
	Weight   int64      `json:"weight"`
	Mark     Mark       `json:"mark"`
	Level    Level      `json:"level,omitempty"`
	Points   int64      `json:"points"`
	Fact     string     `json:"fact,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	Evidence []Link     `json:"evidence,omitempty"`
	By       string     `json:"by,omitempty"`
	At       *time.Time `json:"at,omitempty"`
}

// System is who scored a line that was computed.
const System = "系统取数"

// Problem is a finding, what mends it, who sees to it, and until which day.
type Problem struct {
	Finding       string    `json:"finding"`
	Rectification string    `json:"rectification"`
	Responsible   string    `json:"responsible,omitempty"`
	Due           time.Time `json:"due"` // 00:00 of the last day, Beijing
}
