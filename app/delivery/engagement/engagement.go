// Package engagement is what a contract and a grant share: somebody pays,
// somebody delivers, over a term, and is judged at its end. The wings open one
// in the transaction that decides it; everything about delivery hangs on it.
package engagement

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// Object is the kind of an engagement in the trail and the access registry.
const Object = "engagement"

// Kind says what the engagement came from.
type Kind string

// The kinds; Ref is the id of the contract or of the payment.
const (
	Contract Kind = "contract" // 购买服务合同
	Grant    Kind = "grant"    // 基金资助
)

// Name is the kind in Chinese.
func (k Kind) Name() string {
	return map[Kind]string{Contract: "购买服务", Grant: "基金资助"}[k]
}

// State is where an engagement stands.
type State string

// The states. That the term is over is not a state: Over derives it.
const (
	Running   State = "running"
	Closed    State = "closed" // ended before its term
	Evaluated State = "evaluated"
	Void      State = "void" // its contract was revoked before anything was delivered
)

// Engagement is one delivery of something paid for.
type Engagement struct {
	bun.BaseModel `bun:"table:engagement"`

	ID            id.ID      `bun:"id,pk" json:"id"`
	Kind          Kind       `bun:"kind" json:"kind"`
	Ref           id.ID      `bun:"ref" json:"ref"`
	Number        string     `bun:"number" json:"number,omitempty"` // of the contract or payment
	Source        string     `bun:"source" json:"source,omitempty"` // path of the page it came from
	Payer         id.ID      `bun:"payer" json:"payer"`
	PayerName     string     `bun:"payer_name" json:"payer_name"`
	Provider      id.ID      `bun:"provider" json:"provider"`
	ProviderName  string     `bun:"provider_name" json:"provider_name"`
	Evaluator     *id.ID     `bun:"evaluator" json:"evaluator,omitempty"` // 第三方评价机构, once appointed
	EvaluatorName string     `bun:"evaluator_name" json:"evaluator_name,omitempty"`
	Title         string     `bun:"title" json:"title"`
	Amount        money.Fen  `bun:"amount" json:"amount"`
	Start         time.Time  `bun:"start_on" json:"start"` // 00:00 of the first day, Beijing
	End           time.Time  `bun:"end_on" json:"end"`     // 00:00 of the last day, which still counts
	State         State      `bun:"state" json:"state"`
	Reason        string     `bun:"reason" json:"reason,omitempty"` // why it was closed early, or is void
	Demo          bool       `bun:"demo" json:"demo"`
	OpenedAt      time.Time  `bun:"opened_at" json:"opened_at"`
	ClosedAt      *time.Time `bun:"closed_at" json:"closed_at,omitempty"`
}

// Due is the moment the term is over: 24:00 of the last day (民法典第203条).
func (e Engagement) Due() time.Time { return e.End.AddDate(0, 0, 1) }

// Begun reports whether delivery has begun at now, as far as the platform
// knows: the first day of the term has come, or something was decided since.
func (e Engagement) Begun(now time.Time) bool {
	return e.State == Closed || e.State == Evaluated || e.State == Running && !now.Before(e.Start)
}

// Over reports whether there is nothing left to deliver at now: the term has
// ended, or the engagement was closed early or is void.
func (e Engagement) Over(now time.Time) bool { return e.State != Running || !now.Before(e.Due()) }

// StateName is the state at now as people read it.
func (e Engagement) StateName(now time.Time) string {
	switch {
	case e.State == Evaluated:
		return "已评价"
	case e.State == Void:
		return "合同已撤销"
	case e.State == Closed:
		return "提前终止，待评价"
	case e.Over(now):
		return "已到期，待评价"
	case now.Before(e.Start):
		return "待开始"
	}
	return "履行中"
}

// day is 00:00 in Beijing of the day that t is in.
func day(t time.Time) time.Time {
	y, m, d := t.In(clock.Beijing).Date()
	return clock.Trunc(time.Date(y, m, d, 0, 0, 0, 0, clock.Beijing))
}
