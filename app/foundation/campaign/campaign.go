// Package campaign is public fundraising (公开募捐) by a foundation that has the
// qualification for it, on a platform that the ministry has designated. Nothing
// is given here (慈善法27): the page links out, and what the platform pays over
// comes in as settlements, each ONE donation to the campaign's fund without the
// names of those who gave.
package campaign

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// State is where a campaign stands.
type State string

// The states. A campaign that was sent back is a draft with a Reason; one that
// has ended still takes the platform's last settlements.
const (
	Draft   State = "draft"
	Review  State = "review"
	Running State = "running"
	Ended   State = "ended"
)

var stateNames = map[State]string{Draft: "草稿", Review: "待审批", Running: "已公开", Ended: "已结束"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Public reports whether anyone may see a campaign in this state.
func (s State) Public() bool { return s == Running || s == Ended }

// Campaign is one filed plan of public fundraising.
type Campaign struct {
	bun.BaseModel `bun:"table:campaign"`

	ID             id.ID      `bun:"id,pk" json:"id"`
	Foundation     id.ID      `bun:"foundation" json:"foundation"`
	FoundationName string     `bun:"foundation_name" json:"foundation_name"`
	State          State      `bun:"state" json:"state"`
	Version        int64      `bun:"version" json:"version"`
	Fund           *id.ID     `bun:"fund" json:"fund,omitempty"` // nil: none chosen yet
	Name           string     `bun:"name" json:"name"`
	Purpose        string     `bun:"purpose" json:"purpose"`
	Platform       string     `bun:"platform" json:"platform" description:"民政部指定的互联网公开募捐信息平台"`
	URL            string     `bun:"url" json:"url" description:"平台上的募捐页面"`
	Filing         string     `bun:"filing" json:"filing_number" description:"募捐方案备案编号"`
	Qualification  string     `bun:"qualification" json:"qualification" description:"公开募捐资格证书编号"`
	StartsOn       *time.Time `bun:"starts_on" json:"starts_on,omitempty"` // 00:00 of the first day, Beijing
	EndsOn         *time.Time `bun:"ends_on" json:"ends_on,omitempty"`     // 00:00 of the last day, which counts
	// Form is the draft as typed, the invalid included.
	Form        Form       `bun:"form" json:"-"`
	Reason      string     `bun:"reason" json:"reason,omitempty"` // why sent back, or how it ended
	DraftedBy   id.ID      `bun:"drafted_by" json:"-"`
	ApprovedBy  *id.ID     `bun:"approved_by" json:"-"`
	CreatedAt   time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time  `bun:"updated_at" json:"updated_at"`
	SubmittedAt *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	ApprovedAt  *time.Time `bun:"approved_at" json:"approved_at,omitempty"`
	EndedAt     *time.Time `bun:"ended_at" json:"ended_at,omitempty"`
}

// Returned reports whether the draft was sent back by the approver.
func (x Campaign) Returned() bool { return x.State == Draft && x.Reason != "" }

// StateName is the state as people read it at a moment: a campaign that is
// public has not begun, runs, or its days are over.
func (x Campaign) StateName(at time.Time) string {
	switch {
	case x.Returned():
		return "已退回，待修改"
	case x.State != Running:
		return x.State.Name()
	case at.Before(*x.StartsOn):
		return "即将开始"
	case x.Over(at):
		return "募捐期已满"
	}
	return "募捐中"
}

// Over reports whether the last day of the campaign is past.
func (x Campaign) Over(at time.Time) bool {
	return x.EndsOn != nil && !at.Before(x.EndsOn.AddDate(0, 0, 1))
}

// Open reports whether people may be sent to the platform to give now.
func (x Campaign) Open(at time.Time) bool {
	return x.State == Running && !at.Before(*x.StartsOn) && !x.Over(at)
}

// Total is what the platform has paid over so far: only settlements whose money
// was confirmed count. Amounts in 分.
type Total struct {
	Count int64     `bun:"count" json:"settlements"`
	Gross money.Fen `bun:"gross" json:"gross"`
	Fee   money.Fen `bun:"fee" json:"platform_fee"`
	Net   money.Fen `bun:"net" json:"net"`
	Gifts int64     `bun:"gifts" json:"gifts"`
}
