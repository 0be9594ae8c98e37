// Package acceptance is 履约验收: the provider asks, the payer forms a group in
// which the people served take part, every promised output and every condition
// is checked against the evidence, each member says what he thinks, a second
// person publishes the result with its 验收书, and the last payment waits for it.
package acceptance

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/id"
	"gongji/app/kernel/names"
)

// Object is the kind of an acceptance for its signed pages and its document.
const Object = "acceptance"

// State is where an acceptance stands.
type State string

// The states. One that was sent back to its officer is Asked with a Reason.
const (
	Asked     State = "asked"
	Review    State = "review"
	Published State = "published"
	Declined  State = "declined" // the payer found that it was asked for too early
)

// Result is what came out.
type Result string

// The results.
const (
	Passed Result = "passed"
	Redo   Result = "redo" // something is mended until a day, then it is accepted anew
	Failed Result = "failed"
)

// Name is the result in Chinese.
func (r Result) Name() string {
	return map[Result]string{Passed: "合格", Redo: "整改后再验", Failed: "不合格"}[r]
}

// Role is in which part somebody belongs to the group.
type Role string

// The roles.
const (
	OfPayer  Role = "payer"
	Resident Role = "resident" // 服务对象
	Expert   Role = "expert"   // an expert or a third party that was invited
)

// Name is the role in Chinese.
func (r Role) Name() string {
	return map[Role]string{OfPayer: "付款方", Resident: "服务对象", Expert: "受邀专家或第三方"}[r]
}

// Line is what is checked: an output with its quantity, or a condition that a
// milestone names.
type Line struct {
	Name     string `json:"name"`
	Quantity int64  `json:"quantity,omitempty"` // promised; 0 for a condition
	Unit     string `json:"unit,omitempty"`
	Shown    int64  `json:"shown,omitempty"` // by the evidence on record when it was asked for
	Standard string `json:"standard,omitempty"`
}

// Counted reports whether a line has a quantity.
func (l Line) Counted() bool { return l.Unit != "" }

// Form is a record of acceptance as it was typed. Nothing typed is lost.
type Form struct {
	On      string       `json:"inspected_on" description:"验收日期，例如 2026-06-30"`
	Place   string       `json:"place" description:"验收地点和方式"`
	Members []MemberForm `json:"members"`
	Checks  []CheckForm  `json:"checks" description:"逐项核对，次序与验收内容相同"`
	Result  string       `json:"result" enum:"passed,redo,failed"`
	RedoOn  string       `json:"redo_on,omitempty" description:"整改后再验的：整改到哪一天"`
	Redo    string       `json:"redo,omitempty" description:"整改什么；不合格的写明怎样处理"`
	Summary string       `json:"summary" description:"总体评价；有不同意见的写明怎样处理"`
}

// MemberForm is a member of the group as typed.
type MemberForm struct {
	Name    string `json:"name"`
	Role    string `json:"role" enum:"payer,resident,expert"`
	Unit    string `json:"unit" description:"单位；服务对象写社区"`
	Opinion string `json:"opinion" enum:"agree,dissent"`
	Words   string `json:"words,omitempty" description:"意见；服务对象和不同意的人必填"`
}

// CheckForm is one checked line as typed.
type CheckForm struct {
	Confirmed string `json:"confirmed,omitempty" description:"验收确认的数量"`
	Met       string `json:"met" enum:"yes,no"`
	Note      string `json:"note,omitempty"`
}

// Content is a record as it was read.
type Content struct {
	On      time.Time `json:"inspected_on"`
	Place   string    `json:"place"`
	Members []Member  `json:"members"`
	Checks  []Check   `json:"checks"`
	Redo    string    `json:"redo,omitempty"`
	Summary string    `json:"summary"`
	Heard   *Tally    `json:"heard,omitempty"`  // of the codes that were handed out
	Voices  []Voice   `json:"voices,omitempty"` // what was said with them
}

// Member is somebody of the group.
type Member struct {
	Name    string `json:"name"`
	Role    Role   `json:"role"`
	Unit    string `json:"unit"`
	Dissent bool   `json:"dissent"`
	Words   string `json:"words,omitempty"`
}

// Masked is the member as the public reads them: residents keep their surname.
func (m Member) Masked() Member {
	if m.Role == Resident {
		m.Name = names.MaskPerson(m.Name)
	}
	return m
}

// Check is one line with what the group found.
type Check struct {
	Line
	Confirmed int64  `json:"confirmed,omitempty"`
	Met       bool   `json:"met"`
	Note      string `json:"note,omitempty"`
}

// Acceptance is one acceptance of an engagement or of one milestone of it.
type Acceptance struct {
	bun.BaseModel `bun:"table:delivery_acceptance,alias:acceptance"`

	ID          id.ID      `bun:"id,pk" json:"id"`
	Engagement  id.ID      `bun:"engagement" json:"engagement"`
	Seq         int64      `bun:"seq" json:"seq"`                       // within the engagement, from 1
	Milestone   *int64     `bun:"milestone" json:"milestone,omitempty"` // from 1; nil: the whole delivery
	State       State      `bun:"state" json:"state"`
	Public      bool       `bun:"for_public" json:"public_service"` // services to the public: residents take part
	Report      string     `bun:"report" json:"report,omitempty"`   // the provider's words
	Lines       []Line     `bun:"lines" json:"lines"`
	Form        Form       `bun:"form" json:"-"`
	Content     Content    `bun:"content" json:"content"`
	Version     int64      `bun:"version" json:"version"`
	Result      Result     `bun:"result" json:"result,omitempty"`
	RedoOn      *time.Time `bun:"redo_on" json:"redo_on,omitempty"` // 00:00 of the last day, which counts
	Reason      string     `bun:"reason" json:"reason,omitempty"`   // why it was declined or sent back
	AskedBy     id.ID      `bun:"asked_by" json:"-"`
	AskedAt     time.Time  `bun:"asked_at" json:"asked_at"`
	SubmittedBy *id.ID     `bun:"submitted_by" json:"-"`
	SubmittedAt *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	PublishedBy *id.ID     `bun:"published_by" json:"-"`
	PublishedAt *time.Time `bun:"published_at" json:"published_at,omitempty"`
	Number      *string    `bun:"number" json:"number,omitempty"` // of the 验收书
	Document    *id.ID     `bun:"document" json:"document,omitempty"`
	Code        string     `bun:"code" json:"code,omitempty"`
}

// Scope says what is accepted.
func (x Acceptance) Scope() string {
	if x.Milestone == nil {
		return "整个项目"
	}
	if len(x.Lines) > 0 {
		return "节点“" + x.Lines[len(x.Lines)-1].Name + "”"
	}
	return "一个节点"
}

// StateName is the state as people read it.
func (x Acceptance) StateName() string {
	switch {
	case x.State == Published:
		return "已公布：" + x.Result.Name()
	case x.State == Review:
		return "待审批公布"
	case x.State == Declined:
		return "未受理"
	case x.Reason != "":
		return "已退回，待修改"
	}
	return "待组织验收"
}

// No is the number of the 验收书; "" before it is published.
func (x Acceptance) No() string {
	if x.Number == nil {
		return ""
	}
	return *x.Number
}

// masked is the acceptance as the public reads it.
func (x Acceptance) masked() Acceptance {
	members := make([]Member, len(x.Content.Members))
	for i, m := range x.Content.Members {
		members[i] = m.Masked()
	}
	x.Content.Members, x.Report = members, ""
	return x
}

// Case is an acceptance with the engagement it belongs to.
type Case struct {
	Acceptance
	Of engagement.Engagement `json:"-"`
}
