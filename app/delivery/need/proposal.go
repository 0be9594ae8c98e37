package need

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
)

// ProposalKind is the kind of a proposal in the policy and the access registry.
const ProposalKind = "need_proposal"

// ProposalState is what became of a proposal.
type ProposalState string

// The states. A proposal that waits is read by the community's people alone;
// one that was declined stays theirs and its proposer's.
const (
	Waiting    ProposalState = "held"
	TakenUp    ProposalState = "taken"
	Merged     ProposalState = "merged"
	TurnedDown ProposalState = "declined"
)

// ProposalStates are all of them, in the order lists show them.
var ProposalStates = []ProposalState{Waiting, TakenUp, Merged, TurnedDown}

// Name is the state in Chinese.
func (s ProposalState) Name() string {
	return map[ProposalState]string{Waiting: "待社区答复", TakenUp: "已列为议题", Merged: "已并入议题", TurnedDown: "没有采纳"}[s]
}

// AnswerDays is how many 日 a community has to answer a proposal: a promise of
// the platform, no rule of law.
const AnswerDays = 15

// Proposal is what a resident would like their community to take up. It comes
// from an open page: who proposed it is not known, that they live there neither.
// ID sorts by day and by chance within it.
type Proposal struct {
	bun.BaseModel `bun:"table:need_proposal"`

	ID            id.ID         `bun:"id,pk" json:"id"`
	Code          string        `bun:"code" json:"-"` // hash of the code that its proposer reads the answer by
	Community     id.ID         `bun:"community" json:"community"`
	CommunityName string        `bun:"community_name" json:"community_name"`
	Title         string        `bun:"title" json:"title"`
	Body          string        `bun:"body" json:"body"`
	People        string        `bun:"people" json:"people,omitempty" description:"为谁，大约多少人"`
	Masked        bool          `bun:"masked" json:"masked,omitempty" description:"号码、邮箱已自动隐去"`
	Origin        string        `bun:"origin" json:"-"` // see survey.Service.Origin
	State         ProposalState `bun:"state" json:"state"`
	Need          *id.ID        `bun:"need" json:"need,omitempty" description:"列为或并入的议题"`
	Answer        string        `bun:"answer" json:"answer,omitempty" description:"社区的答复"`
	AnswerDue     time.Time     `bun:"answer_due" json:"answer_due"`
	OnDay         time.Time     `bun:"on_day" json:"on"`
	DecidedBy     *id.ID        `bun:"decided_by" json:"-"`
	DecidedAt     *time.Time    `bun:"decided_at" json:"decided_at,omitempty"`
}

// Overdue reports whether the community has let its days pass at now.
func (p Proposal) Overdue(now time.Time) bool {
	return p.State == Waiting && !now.Before(p.AnswerDue)
}
