// Package call is an invitation to apply, a foundation's or a bureau's: 公益创投
// gives money to projects, 孵化 takes young organisations into a cohort. What may apply, what
// is asked, the budget and the rounds of review are data of the call.
package call

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// ObjectKind is what the trail, the access registry and attachments call one.
const ObjectKind = "call"

// Kind is what a call leads to.
type Kind string

// The kinds.
const (
	Venture    Kind = "venture"    // 公益创投：资助项目
	Incubation Kind = "incubation" // 孵化培育：同一批入壳的组织
)

var kindNames = map[Kind]string{Venture: "公益创投", Incubation: "孵化培育"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// Kinds lists the kinds in order.
func Kinds() []Kind { return []Kind{Venture, Incubation} }

// State is where a call stands.
type State string

// The states. Closed is not stored: a published call is closed from its
// deadline on. A draft that was sent back has a Reason.
const (
	Draft     State = "draft"
	Review    State = "review"
	Published State = "published"
	Closed    State = "closed"
	Decided   State = "decided"
	Cancelled State = "cancelled" // withdrawn after publication, with the reason
)

var stateNames = map[State]string{Draft: "草稿", Review: "待审批", Published: "接受申请", Closed: "评审中", Decided: "已公布结果", Cancelled: "已取消"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Facts are what can be read of the form.
type Facts struct {
	Kind     Kind       `bun:"kind" json:"kind"`
	Title    string     `bun:"title" json:"title"`
	Summary  string     `bun:"summary" json:"summary"` // 支持什么、为谁
	Region   string     `bun:"region" json:"region"`
	Fund     *id.ID     `bun:"fund" json:"fund,omitempty"` // the money's; nil where no money is given
	Deadline *time.Time `bun:"deadline" json:"deadline,omitempty"`
	Total    *money.Fen `bun:"total" json:"total,omitempty"` // 分, of the whole call
	Most     *money.Fen `bun:"most" json:"most,omitempty"`   // 分, of one project
	Places   int64      `bun:"places" json:"places"`         // 名额; 0: not limited
	Start    *time.Time `bun:"start_on" json:"start,omitempty"`
	End      *time.Time `bun:"end_on" json:"end,omitempty"` // projects lie within; the last day counts
}

// Call is one invitation.
type Call struct {
	bun.BaseModel `bun:"table:funding_call,alias:call"`

	ID             id.ID         `bun:"id,pk" json:"id"`
	Foundation     id.ID         `bun:"foundation" json:"foundation"` // the host: a foundation or a bureau
	HostKind       party.OrgKind `bun:"host_kind" json:"host_kind"`
	FoundationName string        `bun:"foundation_name" json:"foundation_name"`
	Number         *string       `bun:"number" json:"number,omitempty"` // nil until published
	Stored         State         `bun:"state" json:"-"`
	Version        int64         `bun:"version" json:"version"`
	Facts
	Form        Form       `bun:"form" json:"form"`
	Reason      string     `bun:"reason" json:"reason,omitempty"` // why a draft was sent back, or the call cancelled
	DraftedBy   id.ID      `bun:"drafted_by" json:"-"`
	PublishedBy *id.ID     `bun:"published_by" json:"-"`
	Demo        bool       `bun:"demo" json:"demo"`
	CreatedAt   time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time  `bun:"updated_at" json:"updated_at"`
	PublishedAt *time.Time `bun:"published_at" json:"published_at,omitempty"`
	DecidedAt   *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	CancelledAt *time.Time `bun:"cancelled_at" json:"cancelled_at,omitempty"`
}

// Public reports whether the host pays out of its own budget, as a bureau
// does: no fund, no ledger here.
func (c Call) Public() bool { return c.HostKind == party.Bureau }

// Chief is what who approves and decides is called in the host's house.
func (c Call) Chief() string {
	if c.Public() {
		return "审批人"
	}
	return "秘书长"
}

// State is where the call stands at a moment.
func (c Call) State(now time.Time) State {
	if c.Stored == Published && c.Deadline != nil && !now.Before(*c.Deadline) {
		return Closed
	}
	return c.Stored
}

// Open reports whether the call takes applications at a moment.
func (c Call) Open(now time.Time) bool { return c.State(now) == Published }

// No is the number, "" before publication.
func (c Call) No() string {
	if c.Number == nil {
		return ""
	}
	return *c.Number
}

// Returned reports whether the draft was sent back.
func (c Call) Returned() bool { return c.Stored == Draft && c.Reason != "" }

// StateName is the state at a moment as people read it.
func (c Call) StateName(now time.Time) string {
	if c.Returned() {
		return "已退回，待修改"
	}
	return c.State(now).Name()
}
