// Package disclosure is what a foundation tells the public of a fund or of a
// campaign of public fundraising: when it
// must by the law's calendar, and with figures that the ledger makes and nobody
// types. A disclosure is drafted by one person and published by another; from
// then on it never changes. A mistake is mended by another edition with its
// reason, and the first stays to be read, marked as corrected.
//
// No donor is named in one, and no beneficiary: donors are counted by kind
// (慈善法82), payments go to organisations.
package disclosure

import (
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
)

// ObjectKind is what the trail, the access registry and the PDF call one.
const ObjectKind = "disclosure"

// Kind is which duty a disclosure meets.
type Kind string

// The kinds.
const (
	Regular   Kind = "regular"   // 定期: at most three months after the last
	Emergency Kind = "emergency" // 突发事件期间: at most five days after the last
	Final     Kind = "final"     // 结束后全面公布
	Yearly    Kind = "yearly"    // 年度
)

var kindNames = map[Kind]string{Regular: "定期公布", Emergency: "突发事件期间公布", Final: "结束后全面公布", Yearly: "年度公布"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// Kinds lists the kinds in order.
func Kinds() []Kind { return []Kind{Regular, Emergency, Final, Yearly} }

// rule is the rule that makes a kind's deadline.
func (k Kind) rule() string {
	return map[Kind]string{Regular: rules.CampaignPublish, Emergency: rules.EmergencyPublish, Final: rules.CampaignFinal, Yearly: rules.CharityYearlyReport}[k]
}

// State is where a disclosure stands.
type State string

// The states. One that was sent back is a draft with a Reason.
const (
	Draft     State = "draft"
	Review    State = "review"
	Published State = "published"
	Corrected State = "corrected" // another edition stands in its place
	Dropped   State = "dropped"   // a draft that was given up
)

var stateNames = map[State]string{Draft: "草稿", Review: "待审核", Published: "已公布", Corrected: "已更正", Dropped: "已放弃"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Public reports whether anyone may read a disclosure in this state.
func (s State) Public() bool { return s == Published || s == Corrected }

// Words are what people write; everything else is computed.
type Words struct {
	Summary     string `bun:"summary" json:"summary" description:"做了什么"`
	Explanation string `bun:"explanation" json:"explanation" description:"对数字的说明"`
	Unit        Unit   `bun:"unit" json:"unit" enum:"yuan,wan2,wan4" description:"显示的单位；账上始终到分"`
}

// Disclosure is one edition of one disclosure.
type Disclosure struct {
	bun.BaseModel `bun:"table:disclosure"`

	ID             id.ID     `bun:"id,pk" json:"id"`
	Foundation     id.ID     `bun:"foundation" json:"foundation"`
	FoundationName string    `bun:"foundation_name" json:"foundation_name"`
	SubjectKind    string    `bun:"subject_kind" json:"subject_kind" enum:"fund,campaign"`
	Subject        id.ID     `bun:"subject" json:"subject"`
	SubjectName    string    `bun:"subject_name" json:"subject_name"`
	Kind           Kind      `bun:"kind" json:"kind"`
	State          State     `bun:"state" json:"state"`
	Number         *string   `bun:"number" json:"number,omitempty"` // nil until published; a correction keeps it
	Edition        int64     `bun:"edition" json:"edition"`         // from 1
	Version        int64     `bun:"version" json:"version"`         // of the draft, counted up by each change
	From           time.Time `bun:"from_at" json:"from"`            // inclusive
	To             time.Time `bun:"to_at" json:"to"`                // exclusive
	// AsOf is until when later reversals of the period's entries count; it is To
	// but for a correction.
	AsOf    time.Time  `bun:"as_of" json:"as_of"`
	DueAt   *time.Time `bun:"due_at" json:"due_at,omitempty"` // exclusive; nil for a correction
	Article string     `bun:"article" json:"article"`
	Words
	Figures     Figures    `bun:"figures" json:"figures"`
	Corrects    *id.ID     `bun:"corrects" json:"corrects,omitempty"` // the edition before
	Why         string     `bun:"why" json:"why,omitempty"`           // why corrected
	Reason      string     `bun:"reason" json:"reason,omitempty"`     // why sent back
	Document    *id.ID     `bun:"document" json:"document,omitempty"`
	Demo        bool       `bun:"demo" json:"demo"`
	DraftedBy   id.ID      `bun:"drafted_by" json:"-"`
	PublishedBy *id.ID     `bun:"published_by" json:"-"`
	CreatedAt   time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time  `bun:"updated_at" json:"updated_at"`
	SubmittedAt *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	PublishedAt *time.Time `bun:"published_at" json:"published_at,omitempty"`
	CorrectedAt *time.Time `bun:"corrected_at" json:"corrected_at,omitempty"`
}

// No is the number with the edition, "" before publication.
func (x Disclosure) No() string {
	switch {
	case x.Number == nil:
		return ""
	case x.Edition > 1:
		return fmt.Sprintf("%s（第%d版）", *x.Number, x.Edition)
	}
	return *x.Number
}

// Returned reports whether the draft was sent back.
func (x Disclosure) Returned() bool { return x.State == Draft && x.Reason != "" }

// StateName is the state as people read it.
func (x Disclosure) StateName() string {
	if x.Returned() {
		return "已退回，待修改"
	}
	return x.State.Name()
}

// Late is by how many days a disclosure came after its deadline; 0 where it
// was in time or has none. A day begun counts.
func (x Disclosure) Late() int {
	if x.DueAt == nil || x.PublishedAt == nil || !x.PublishedAt.After(*x.DueAt) {
		return 0
	}
	return overdue(*x.DueAt, *x.PublishedAt)
}

func overdue(due, now time.Time) int { return int(now.Sub(due)/(24*time.Hour)) + 1 }

// Period is what the disclosure covers, in words. To is exclusive: midnight is
// said as the day before.
func (x Disclosure) Period() string {
	const day, hour = "2006年1月2日", "2006年1月2日 15:04"
	from, to := x.From.In(clock.Beijing), x.To.In(clock.Beijing)
	if to.Hour() == 0 && to.Minute() == 0 {
		return from.Format(day) + "至" + to.Add(-time.Second).Format(day)
	}
	return from.Format(day) + "至" + to.Format(hour)
}

// Title is what it is called.
func (x Disclosure) Title() string {
	t := x.SubjectName + "信息公开（" + x.Kind.Name() + "）"
	if x.Kind == Yearly {
		t = fmt.Sprintf("%s信息公开（%d年度）", x.SubjectName, x.From.In(clock.Beijing).Year())
	}
	return t
}

// Differences are where the figures, as they are shown, do not add up.
func (x Disclosure) Differences() []Difference { return differences(x.Figures, x.Unit) }
