// Package challenge is what a supplier can do against a purchase: ask (询问),
// challenge (质疑) and complain (投诉), with the clocks of 政府采购法 52–57,
// its 实施条例 52–55 and 财政部令第94号, and what comes of it for the purchase.
package challenge

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
)

// ObjectKind is what attachments, documents and the trail call one.
const ObjectKind = "challenge"

// Kind is how far a supplier goes.
type Kind string

// The kinds, in the order the law asks for.
const (
	Query     Kind = "query"     // 询问
	Challenge Kind = "challenge" // 质疑
	Complaint Kind = "complaint" // 投诉
)

var kindNames = map[Kind]string{Query: "询问", Challenge: "质疑", Complaint: "投诉"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// Stage is what of the purchase did the harm; each has its own start of the
// period (实施条例第53条).
type Stage string

// The stages.
const (
	Documents Stage = "documents" // 采购文件
	Process   Stage = "process"   // 采购过程
	Result    Stage = "result"    // 中标、成交结果
)

// Stages are the stages in their order.
var Stages = []Stage{Documents, Process, Result}

var stageNames = map[Stage]string{Documents: "采购文件", Process: "采购过程", Result: "采购结果"}

// Name is the stage in Chinese.
func (s Stage) Name() string { return stageNames[s] }

// State is where it stands.
type State string

// The states. A complaint is filed, then accepted or sent back to be mended.
const (
	Open      State = "open"      // 待答复
	Drafted   State = "drafted"   // 答复待审批
	Answered  State = "answered"  // 已答复
	Filed     State = "filed"     // 待审查
	Mending   State = "mending"   // 待补正
	Accepted  State = "accepted"  // 已受理
	Refused   State = "refused"   // 不予受理
	Decided   State = "decided"   // 已处理
	Withdrawn State = "withdrawn" // 已撤回
)

var stateNames = map[State]string{Open: "待答复", Drafted: "答复待审批", Answered: "已答复", Filed: "待审查", Mending: "待补正",
	Accepted: "已受理", Refused: "不予受理", Decided: "已处理", Withdrawn: "已撤回"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Outcome is whether it was right.
type Outcome string

// The outcomes.
const (
	Dismissed Outcome = "dismissed" // 不成立（驳回）
	Upheld    Outcome = "upheld"    // 成立
)

var outcomeNames = map[Outcome]string{Dismissed: "不成立", Upheld: "成立"}

// Name is the outcome in Chinese.
func (o Outcome) Name() string { return outcomeNames[o] }

// Effect is what an upheld one does to the purchase (财政部令第94号第16、31、32条).
// Where a contract is signed, Reselect and Restart revoke it too.
type Effect string

// The effects. The law knows no new evaluation as a remedy of a 质疑: the next
// candidate is chosen, or the purchase begins again.
const (
	NoEffect Effect = "none"     // 成立，但不影响结果，继续采购
	Amend    Effect = "amend"    // 澄清或者修改采购文件后继续
	Reselect Effect = "reselect" // 撤销结果，从合格候选人中另行确定
	Restart  Effect = "restart"  // 终止本次采购，重新开展
	// Compensate lets a contract stand that is performed already: who is
	// responsible bears the loss.
	Compensate Effect = "compensate"
)

var effectNames = map[Effect]string{NoEffect: "不影响采购结果，继续采购", Amend: "澄清或者修改采购文件后继续采购",
	Reselect: "撤销采购结果，从合格候选人中另行确定", Restart: "终止本次采购，重新开展",
	Compensate: "合同已经履行，不予撤销，由责任人承担赔偿责任"}

// Name is the effect in Chinese.
func (e Effect) Name() string { return effectNames[e] }

// Point is one thing that is held against the purchase.
type Point struct {
	Matter  string `json:"matter" description:"具体、明确的事项"`
	Request string `json:"request,omitempty" description:"与事项相关的请求"`
	Facts   string `json:"facts,omitempty" description:"事实依据"`
	Basis   string `json:"basis,omitempty" description:"法律依据"`
	// From is the point of the 质疑 that a complaint carries on, from 1; 0 is
	// a point that the answer gave rise to (财政部令第94号第20条).
	From int `json:"from,omitempty" description:"投诉事项对应的质疑事项序号；0 为基于质疑答复内容提出"`
}

// Case is one query, challenge or complaint.
type Case struct {
	bun.BaseModel `bun:"table:challenge"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Kind       Kind       `bun:"kind" json:"kind"`
	Number     string     `bun:"number" json:"number"`
	Stage      Stage      `bun:"stage" json:"stage"`
	Tender     id.ID      `bun:"tender" json:"tender"`
	Buyer      id.ID      `bun:"buyer" json:"buyer"`
	Raiser     id.ID      `bun:"raiser" json:"raiser"`
	RaiserName string     `bun:"raiser_name" json:"raiser_name"`
	Parent     *id.ID     `bun:"parent" json:"parent,omitempty"` // a complaint's 质疑
	State      State      `bun:"state" json:"state"`
	Points     []Point    `bun:"points" json:"points"`
	Contact    string     `bun:"contact" json:"contact"`               // 联系人、电话、地址: the parties' alone
	Authority  string     `bun:"authority" json:"authority,omitempty"` // the finance authority that a complaint goes to
	KnownAt    time.Time  `bun:"known_at" json:"known_at"`             // the day the period ran from
	WindowEnds *time.Time `bun:"window_ends" json:"window_ends,omitempty"`
	ReceivedAt time.Time  `bun:"received_at" json:"received_at"`
	RaisedBy   id.ID      `bun:"raised_by" json:"-"`
	Outcome    Outcome    `bun:"outcome" json:"outcome,omitempty"`
	Effect     Effect     `bun:"effect" json:"effect,omitempty"`
	Answer     string     `bun:"answer" json:"answer,omitempty"`
	Grounds    string     `bun:"grounds" json:"grounds,omitempty"` // facts and law behind the answer
	Letter     string     `bun:"letter" json:"letter,omitempty"`   // 财政部门文书的文号
	AnsweredBy *id.ID     `bun:"answered_by" json:"-"`
	DecidedBy  *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt  *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	AcceptedAt *time.Time `bun:"accepted_at" json:"accepted_at,omitempty"`
	CopiedAt   *time.Time `bun:"copied_at" json:"copied_at,omitempty"`
	Reason     string     `bun:"reason" json:"reason,omitempty"` // returned, to be mended, refused or withdrawn because
	Document   *id.ID     `bun:"document" json:"document,omitempty"`
	Version    int64      `bun:"version" json:"version"`
}

// Over reports whether nothing more happens to it.
func (x Case) Over() bool {
	switch x.State {
	case Answered, Refused, Decided, Withdrawn:
		return true
	case Open, Drafted, Filed, Mending, Accepted:
	}
	return false
}

// Public is what everybody may know once it is over: not who asked, not what
// was said. A complaint's parties are named (实施条例第58条: the decision is
// published).
type Public struct {
	Number    string     `json:"number"`
	Kind      Kind       `json:"kind"`
	Stage     Stage      `json:"stage"`
	Raiser    string     `json:"raiser,omitempty"`
	Outcome   Outcome    `json:"outcome,omitempty"`
	Effect    Effect     `json:"effect,omitempty"`
	Answer    string     `json:"answer,omitempty"`
	Authority string     `json:"authority,omitempty"`
	Letter    string     `json:"letter,omitempty"`
	DecidedAt *time.Time `json:"decided_at,omitempty"`
	Follows   string     `json:"follows,omitempty"` // what it does to the purchase, in a sentence
}
