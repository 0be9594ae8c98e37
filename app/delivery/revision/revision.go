// Package revision is what changes a delivery under way: it is ended before its
// term, for contracts and grants alike, or a grant is changed or its term
// extended (a contract's is by its amendment). One side proposes with its reason, the other
// has its say, and the payer's approver decides. What was decided is public.
package revision

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// Kind is what is proposed.
type Kind string

// The kinds.
const (
	Terminate Kind = "terminate"
	Extend    Kind = "extend"
	Change    Kind = "change"
)

// Name is the kind in Chinese.
func (k Kind) Name() string {
	return map[Kind]string{Terminate: "提前终止", Extend: "延期", Change: "变更"}[k]
}

// State is where a proposal stands.
type State string

// The states.
const (
	Proposed State = "proposed"
	Approved State = "approved"
	Returned State = "returned"
)

// Side is who proposed.
type Side string

// The sides.
const (
	Payer    Side = "payer"
	Provider Side = "provider"
)

// StatementDays is how many days, at least, the other side has for its
// statement.
const StatementDays = 3

// Input is a proposal as typed.
type Input struct {
	Kind        Kind   `json:"kind" enum:"terminate,extend,change"`
	Reason      string `json:"reason" description:"理由，公开"`
	Clause      string `json:"clause,omitempty" description:"依据：合同或协议的条款，或者法律条文；提前终止必填"`
	Delivered   string `json:"delivered,omitempty" description:"已经履行的内容；提前终止必填"`
	Settled     string `json:"settled,omitempty" description:"结算总额，元：包括已付的；提前终止必填"`
	EndsOn      string `json:"ends_on,omitempty" description:"延期到哪一天，例如 2026-09-30"`
	Content     string `json:"content,omitempty" description:"变更的内容，公开；变更必填"`
	Added       string `json:"added,omitempty" description:"变更：追加的金额，元；减少的前面写负号，金额不变不填"`
	StatementBy string `json:"statement_by" description:"请对方在哪一天前陈述意见，至少 3 天以后"`
}

// Revision is one proposal and what became of it.
type Revision struct {
	bun.BaseModel `bun:"table:delivery_revision,alias:revision"`

	ID          id.ID      `bun:"id,pk" json:"id"`
	Engagement  id.ID      `bun:"engagement" json:"engagement"`
	Kind        Kind       `bun:"kind" json:"kind"`
	State       State      `bun:"state" json:"state"`
	Side        Side       `bun:"side" json:"side"` // who proposed it
	Reason      string     `bun:"reason" json:"reason"`
	Clause      string     `bun:"clause" json:"clause,omitempty"`
	Delivered   string     `bun:"delivered" json:"delivered,omitempty"`
	Settled     *money.Fen `bun:"settled" json:"settled,omitempty"` // 分, all that is paid in the end
	EndsOn      *time.Time `bun:"ends_on" json:"ends_on,omitempty"`
	Content     string     `bun:"content" json:"content,omitempty"` // what changes
	Added       *money.Fen `bun:"added" json:"added,omitempty"`     // 分, below zero where the amount shrinks
	WasEnd      time.Time  `bun:"was_end" json:"was_end"`
	StatementBy time.Time  `bun:"statement_by" json:"statement_by"` // exclusive
	Statement   string     `bun:"statement" json:"statement,omitempty"`
	StatedBy    *id.ID     `bun:"stated_by" json:"-"`
	StatedAt    *time.Time `bun:"stated_at" json:"stated_at,omitempty"`
	ProposedBy  id.ID      `bun:"proposed_by" json:"-"`
	ProposedAt  time.Time  `bun:"proposed_at" json:"proposed_at"`
	DecidedBy   *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt   *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	Note        string     `bun:"note" json:"note,omitempty"`
}

// StateName is the state as people read it.
func (r Revision) StateName() string {
	switch {
	case r.State == Approved && r.Kind == Terminate:
		return "已提前终止"
	case r.State == Approved:
		return "已" + r.Kind.Name()
	case r.State == Returned:
		return "未同意"
	case r.StatedAt == nil:
		return "待对方陈述意见"
	}
	return "待审批"
}

// Case is a revision with its engagement.
type Case struct {
	Revision
	Of engagement.Engagement `json:"-"`
}

// Other is the name of the side that has its say.
func (x Case) Other() string {
	if x.Side == Payer {
		return x.Of.ProviderName
	}
	return x.Of.PayerName
}
