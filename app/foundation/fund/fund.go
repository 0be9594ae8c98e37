// Package fund is the foundations' 专项基金: restricted money under an
// agreement that says what it is for, who watches over it, and what becomes
// of what is left. A fund is not a legal person: it carries its foundation's
// full name and has no funds below it.
package fund

import (
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	person "gongji/app/kernel/names"
)

// State is where a fund stands.
type State string

// The states. A fund that was sent back is a draft with a Reason.
const (
	Draft  State = "draft"
	Review State = "review"
	Active State = "active"
	// Winding is a fund whose ending was proposed: it takes nothing new, and
	// settles what is open.
	Winding State = "winding"
	Ended   State = "ended"
)

var names = map[State]string{Draft: "草稿", Review: "待审批", Active: "运行中", Winding: "清算中", Ended: "已终止"}

// Name is the state in Chinese.
func (s State) Name() string { return names[s] }

// Public reports whether anyone may see a fund in this state.
func (s State) Public() bool { return s == Active || s == Winding || s == Ended }

// Facts are what the agreement settles.
type Facts struct {
	Name      string `bun:"name" json:"name"`           // without the foundation's; see FullName
	Region    string `bun:"region" json:"region"`       // where it works: 广东省东莞市横沥镇
	Purpose   string `bun:"purpose" json:"purpose"`     // 设立目的
	Use       string `bun:"use_of_money" json:"use"`    // 使用范围
	Sponsor   string `bun:"sponsor" json:"sponsor"`     // 发起人, public
	Committee string `bun:"committee" json:"committee"` // 管理委员会, public
	FeeBP     *int64 `bun:"fee_bp" json:"fee_bp"`       // management fee in bp (1 = 0.01%); nil: not said
	Ending    string `bun:"ending" json:"ending"`       // 终止条件
	Surplus   string `bun:"surplus" json:"surplus"`     // 剩余财产处理

	Members       []Member   `bun:"members" json:"-"`                     // of the 管委会; see Shown
	MembersPublic bool       `bun:"members_public" json:"members_public"` // they agreed to be named in public
	EndsOn        *time.Time `bun:"ends_on" json:"ends_on,omitempty"`     // the agreement's last day, which counts; nil: no fixed day
	SurplusTo     Target     `bun:"surplus_to" json:"surplus_to"`
	BoardOn       *time.Time `bun:"board_on" json:"board_on,omitempty"` // the day of the 理事会's resolution
	BoardNo       string     `bun:"board_no" json:"board_no"`           // which meeting or resolution
}

// Target is where the agreement sends what is left when the fund ends
// (慈善法第58条).
type Target string

// The targets.
const (
	NoTarget  Target = ""        // not agreed: an older fund
	ToFund    Target = "fund"    // a 专项基金 of the same foundation with a like purpose
	ToCharity Target = "charity" // another charitable organisation with a like purpose
)

var targets = map[Target]string{NoTarget: "协议未约定", ToFund: "转入本会目的相同或者相近的专项基金", ToCharity: "转给目的相同或者相近的其他慈善组织"}

// Name is the target in Chinese.
func (t Target) Name() string { return targets[t] }

// Member is one of the 管理委员会.
type Member struct {
	Name string `json:"name" description:"姓名"`
	Side string `json:"side" description:"代表哪一方，例如 捐赠人"`
	Seat string `json:"seat" description:"职务，例如 主任"`
}

// String is the member in one line.
func (m Member) String() string {
	out := m.Name
	if m.Seat != "" {
		out += "（" + m.Seat + "）"
	}
	if m.Side != "" {
		out += "，代表" + m.Side
	}
	return out
}

// Shown are the members as the public may read them: masked unless they agreed
// to be named (慈善法第82条).
func (f Facts) Shown() []Member {
	out := make([]Member, len(f.Members))
	for i, m := range f.Members {
		if out[i] = m; !f.MembersPublic {
			out[i].Name = person.MaskPerson(m.Name)
		}
	}
	return out
}

// Fund is one 专项基金.
type Fund struct {
	bun.BaseModel `bun:"table:fund"`

	ID             id.ID   `bun:"id,pk" json:"id"`
	Foundation     id.ID   `bun:"foundation" json:"foundation"`
	FoundationName string  `bun:"foundation_name" json:"foundation_name"`
	Number         *string `bun:"number" json:"number,omitempty"` // nil until approved
	State          State   `bun:"state" json:"state"`
	Version        int64   `bun:"version" json:"version"`
	Facts

	// Form is the draft as typed, the invalid included.
	Form Form `bun:"form" json:"-"`
	// CashAccount is its account in the foundation's book; nil until approved.
	CashAccount *id.ID     `bun:"cash_account" json:"-"`
	Document    *id.ID     `bun:"document" json:"-"`              // the printed agreement, frozen at the approval
	Reason      string     `bun:"reason" json:"reason,omitempty"` // why sent back, or how it ended
	DraftedBy   id.ID      `bun:"drafted_by" json:"-"`
	ApprovedBy  *id.ID     `bun:"approved_by" json:"-"`
	Demo        bool       `bun:"demo" json:"demo"`
	SourceURL   string     `bun:"source_url" json:"source_url,omitempty"` // of a real disclosure
	Marks       []string   `bun:"marks" json:"marks,omitempty"`           // fields that are 演示数据
	CreatedAt   time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time  `bun:"updated_at" json:"updated_at"`
	SubmittedAt *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	ApprovedAt  *time.Time `bun:"approved_at" json:"approved_at,omitempty"`
	EndedAt     *time.Time `bun:"ended_at" json:"ended_at,omitempty"`
}

// FullName is the name the fund must be shown and receipted under: with the
// foundation's full name in front.
func (f Fund) FullName() string {
	if strings.HasPrefix(f.Name, f.FoundationName) {
		return f.Name
	}
	return f.FoundationName + f.Name
}

// No is the number, "" before approval.
func (f Fund) No() string {
	if f.Number == nil {
		return ""
	}
	return *f.Number
}

// Returned reports whether the draft was sent back by the approver.
func (f Fund) Returned() bool { return f.State == Draft && f.Reason != "" }

// StateName is the state as people read it.
func (f Fund) StateName() string {
	if f.Returned() {
		return "已退回，待修改"
	}
	return f.State.Name()
}

// Money is a fund's turnover and what it holds, in 分, from the ledger.
type Money struct {
	In      money.Fen `bun:"money_in" json:"in"`
	Out     money.Fen `bun:"money_out" json:"out"`
	Balance money.Fen `bun:"balance" json:"balance"`
}

// Item is a fund in a list.
type Item struct {
	Fund
	Full string `bun:"-" json:"full_name"`
	Money
}
