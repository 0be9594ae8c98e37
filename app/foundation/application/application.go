// Package application is what an organisation sends to a call: written in
// parts that save themselves, checked, sent before the deadline, and from then
// on frozen as it was sent, for its organisation to read for ever.
package application

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// ObjectKind is what the trail, the access registry and attachments call one.
const ObjectKind = "application"

// State is where an application stands.
type State string

// The states. A withdrawn one can be taken up again before the deadline.
const (
	Draft     State = "draft"
	Submitted State = "submitted"
	Withdrawn State = "withdrawn"
	Granted   State = "granted"
	Declined  State = "declined"
	Ended     State = "ended" // its call was cancelled
)

var names = map[State]string{Draft: "填写中", Submitted: "已提交", Withdrawn: "已撤回", Granted: "获得支持", Declined: "未获支持", Ended: "征集已取消"}

// Name is the state in Chinese.
func (s State) Name() string { return names[s] }

// Form is an application as it is typed. Answers and tables are by the number
// of the question, from "1".
type Form struct {
	Title         string                `json:"title" description:"项目名称"`
	Summary       string                `json:"summary" description:"项目概要"`
	Beneficiaries string                `json:"beneficiaries" description:"为谁服务、多少人"`
	Start         string                `json:"start" description:"开始日期，例如 2026-09-01"`
	End           string                `json:"end" description:"结束日期，当日计入"`
	Overlap       string                `json:"overlap,omitempty" description:"查到同期的合同、资助或申请时，说明与本项目有什么不同"`
	Confirmed     bool                  `json:"confirmed" description:"已核对从登记资料带出的内容"`
	Answers       map[string]string     `json:"answers,omitempty" description:"键是问题的序号，从 1 起"`
	Tables        map[string][][]string `json:"tables,omitempty" description:"表格题的行"`
	Budget        []Row                 `json:"budget,omitempty"`
}

// Row is one row of the budget as it is typed.
type Row struct {
	Line   string `json:"line" description:"预算科目，征集公告里列的名称"`
	Item   string `json:"item" description:"用在什么上、怎样算出"`
	Amount string `json:"amount" description:"元"`
}

// Application is one organisation's application to one call.
type Application struct {
	bun.BaseModel `bun:"table:application"`

	ID           id.ID            `bun:"id,pk" json:"id"`
	Call         id.ID            `bun:"call" json:"call"`
	Foundation   id.ID            `bun:"foundation" json:"foundation"`
	Organisation id.ID            `bun:"organisation" json:"organisation"`
	OrgName      string           `bun:"org_name" json:"organisation_name"`
	Number       *string          `bun:"number" json:"number,omitempty"` // nil until first sent
	State        State            `bun:"state" json:"state"`
	Version      int64            `bun:"version" json:"version"`
	Title        string           `bun:"title" json:"title"`
	Asked        *money.Fen       `bun:"asked" json:"asked,omitempty"` // 分, the budget's sum
	Start        *time.Time       `bun:"start_on" json:"start,omitempty"`
	End          *time.Time       `bun:"end_on" json:"end,omitempty"`
	Form         Form             `bun:"form" json:"form"`
	Versions     map[string]int64 `bun:"versions" json:"versions"` // of the parts, to find two people in one
	Sent         int64            `bun:"sent" json:"sent"`         // how often it was sent
	Reason       string           `bun:"reason" json:"reason,omitempty"`
	CreatedBy    id.ID            `bun:"created_by" json:"-"`
	CreatedAt    time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time        `bun:"updated_at" json:"updated_at"`
	SubmittedAt  *time.Time       `bun:"submitted_at" json:"submitted_at,omitempty"`
}

// No is the number, "" before it was sent.
func (a Application) No() string {
	if a.Number == nil {
		return ""
	}
	return *a.Number
}

// Copy is an application as it was sent: never changed, read for ever.
type Copy struct {
	bun.BaseModel `bun:"table:application_sent"`

	Application id.ID     `bun:"application,pk" json:"application"`
	Seq         int64     `bun:"seq,pk" json:"seq"` // 1 for the first time it was sent
	Text        string    `bun:"content" json:"-"`  // Content as JSON
	SHA256      string    `bun:"sha256" json:"sha256"`
	SentBy      id.ID     `bun:"sent_by" json:"-"`
	SentAt      time.Time `bun:"sent_at" json:"sent_at"`

	Content Content `bun:"-" json:"content"`
}

// Content is what a copy says, in the words the questions had.
type Content struct {
	Number       string    `json:"number"`
	CallNumber   string    `json:"call_number"`
	CallTitle    string    `json:"call_title"`
	Foundation   string    `json:"foundation"`
	Organisation string    `json:"organisation"`
	Sections     []Section `json:"sections"`
	Budget       []Cost    `json:"budget"`
	Asked        money.Fen `json:"asked"` // 分
	Papers       []Paper   `json:"papers"`
}

// Section is one part of a copy.
type Section struct {
	Title   string   `json:"title"`
	Answers []Answer `json:"answers"`
}

// Answer is one question with its answer; a table has Columns and Rows.
type Answer struct {
	Label   string     `json:"label"`
	Value   string     `json:"value,omitempty"`
	From    string     `json:"from,omitempty"` // where a known fact comes from
	Columns []string   `json:"columns,omitempty"`
	Rows    [][]string `json:"rows,omitempty"`
}

// Cost is one row of the budget that was sent.
type Cost struct {
	Line   string    `json:"line"`
	Item   string    `json:"item"`
	Amount money.Fen `json:"amount"` // 分
}

// Paper is a file that was sent along.
type Paper struct {
	Label      string `json:"label"`
	Name       string `json:"name"`
	Attachment id.ID  `json:"attachment"`
	Size       int64  `json:"size"` // bytes
	SHA256     string `json:"sha256"`
	From       string `json:"from,omitempty"` // 证书库
}

// Has reports whether a file belongs to the copy.
func (c Content) Has(file id.ID) bool {
	for _, p := range c.Papers {
		if p.Attachment == file {
			return true
		}
	}
	return false
}
