// Package need is what communities ask for (社区议题): six steps from its
// collection to the residents' verdict, the residents' support without an
// account, and the purchase or grant that met it. The menu says what a
// community can ask for and who delivers it well.
package need

import (
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
)

// Object is the kind of a need in the trail and the access registry.
const Object = "need"

// Step is how far a need has come.
type Step string

// The six steps in their order, and the end of one that is not taken up.
const (
	Collected  Step = "collected"
	Settled    Step = "settled"
	Consulted  Step = "consulted"
	Decided    Step = "decided"
	Supervised Step = "supervised"
	Judged     Step = "judged"
	Declined   Step = "declined"
)

// Steps are the six, in order.
var Steps = []Step{Collected, Settled, Consulted, Decided, Supervised, Judged}

// Name is the step in Chinese.
func (s Step) Name() string {
	return map[Step]string{Collected: "议题收集", Settled: "确定", Consulted: "协商", Decided: "决策", Supervised: "监督", Judged: "居民评价", Declined: "不采纳"}[s]
}

// next is the step after this one; "" after the last.
func (s Step) next() Step {
	if i := slices.Index(Steps, s); i >= 0 && i+1 < len(Steps) {
		return Steps[i+1]
	}
	return ""
}

// Need is one thing that a community asks for.
type Need struct {
	bun.BaseModel `bun:"table:community_need"`

	ID            id.ID     `bun:"id,pk" json:"id"`
	Community     id.ID     `bun:"community" json:"community"`
	CommunityName string    `bun:"community_name" json:"community_name"`
	Region        string    `bun:"region" json:"region,omitempty"`
	Title         string    `bun:"title" json:"title"`
	Body          string    `bun:"body" json:"body"`
	People        string    `bun:"people" json:"people" description:"为谁，大约多少人"`
	Service       string    `bun:"service" json:"service,omitempty" description:"政府购买服务品目编码"`
	ServiceName   string    `bun:"service_name" json:"service_name,omitempty"`
	Step          Step      `bun:"step" json:"step"`
	MadeBy        id.ID     `bun:"made_by" json:"-"`
	MadeAt        time.Time `bun:"made_at" json:"made_at"`
	// NextBy is the end of the day by which the community promised the next step.
	NextBy *time.Time `bun:"next_by" json:"next_by,omitempty" description:"社区公开承诺的下一步期限"`
}

// Next is the step that comes now; "" when there is none.
func (n Need) Next() Step { return n.Step.next() }

// Record is one thing that was done about a need: a step taken, or one more
// consultation meeting.
type Record struct {
	bun.BaseModel `bun:"table:need_step"`

	Need   id.ID      `bun:"need,pk" json:"-"`
	Seq    int64      `bun:"seq,pk" json:"seq"`
	Step   Step       `bun:"step" json:"step"`
	HeldOn *time.Time `bun:"held_on" json:"held_on,omitempty"` // the day of a meeting
	People int64      `bun:"people" json:"people,omitempty"`   // who came
	Note   string     `bun:"note" json:"note"`
	By     string     `bun:"by_name" json:"by"`
	DoneBy id.ID      `bun:"done_by" json:"-"`
	DoneAt time.Time  `bun:"done_at" json:"done_at"`
}

// Kind is what met a need.
type Kind string

// The kinds of what meets a need.
const (
	Tender     Kind = "tender"
	Call       Kind = "call"
	Engagement Kind = "engagement"
)

// Name is the kind in Chinese.
func (k Kind) Name() string {
	return map[Kind]string{Tender: "采购", Call: "公益创投、资助征集", Engagement: "履约项目"}[k]
}

// Href is its page.
func (k Kind) Href(ref id.ID) string {
	return map[Kind]string{Tender: "/tenders/", Call: "/calls/", Engagement: "/engagements/"}[k] + string(ref)
}

// Link ties a need to what met it.
type Link struct {
	bun.BaseModel `bun:"table:need_link"`

	Need   id.ID     `bun:"need,pk" json:"-"`
	Kind   Kind      `bun:"kind,pk" json:"kind"`
	Ref    id.ID     `bun:"ref,pk" json:"ref"`
	Title  string    `bun:"title" json:"title"`
	MadeBy id.ID     `bun:"made_by" json:"-"`
	MadeAt time.Time `bun:"made_at" json:"made_at"`
}

// Href is the page of what met the need.
func (l Link) Href() string { return l.Kind.Href(l.Ref) }

// support is one browser that supports a need: a number, not people.
type support struct {
	bun.BaseModel `bun:"table:need_support"`

	Need   id.ID     `bun:"need,pk"`
	Mark   string    `bun:"mark,pk"` // hash of the browser's random word and the need
	Origin string    `bun:"origin"`  // see survey.Service.Origin
	OnDay  time.Time `bun:"on_day"`
}

// WordState is where residents' words stand.
type WordState string

// The states; held words are read by the community's people alone.
const (
	Held    WordState = "held"
	Shown   WordState = "shown"
	Refused WordState = "refused"
)

// Word is what a resident adds to a need.
type Word struct {
	bun.BaseModel `bun:"table:need_word"`

	ID        id.ID      `bun:"id,pk" json:"id"`
	Need      id.ID      `bun:"need" json:"-"`
	Text      string     `bun:"text" json:"text"`
	Masked    bool       `bun:"masked" json:"masked,omitempty"`
	Origin    string     `bun:"origin" json:"-"`
	State     WordState  `bun:"state" json:"state"`
	Ground    string     `bun:"ground" json:"ground,omitempty"`
	OnDay     time.Time  `bun:"on_day" json:"on"`
	DecidedBy *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt *time.Time `bun:"decided_at" json:"-"`
}
