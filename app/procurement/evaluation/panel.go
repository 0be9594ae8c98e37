package evaluation

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
)

// Seat is what a panel member sits as.
type Seat string

// The seats of a panel.
const (
	ExpertSeat Seat = "expert" // 评审专家
	BuyerSeat  Seat = "buyer"  // 采购人代表
)

// Member is one member of the panel (评标委员会、磋商小组).
type Member struct {
	bun.BaseModel `bun:"table:panel_member"`

	ID       id.ID     `bun:"id,pk" json:"id"`
	Tender   id.ID     `bun:"tender" json:"tender"`
	Account  id.ID     `bun:"account" json:"account"`
	Seat     Seat      `bun:"seat" json:"seat"`
	Name     string    `bun:"name" json:"name"`
	Employer string    `bun:"employer" json:"employer,omitempty"`
	NamedBy  id.ID     `bun:"named_by" json:"-"`
	NamedAt  time.Time `bun:"named_at" json:"named_at"`
	Chosen   Choice    `bun:"chosen" json:"chosen"`
	Reason   string    `bun:"reason" json:"reason,omitempty"` // why chosen and not drawn
	Code     string    `bun:"code" json:"-"`                  // the pseudonym of the draw
	// DeclaredAt is when the member promised to have no tie, or said which; no
	// file of a bid opens before.
	DeclaredAt *time.Time `bun:"declared_at" json:"declared_at,omitempty"`
	StoodAside string     `bun:"stood_aside" json:"stood_aside,omitempty"` // why, where they left the panel
	// SubmittedAt is when the member handed in all their sheets; there is no way back.
	SubmittedAt *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	// SignedAt is when the member signed the report, with Dissent where they
	// disagree with it; a member who did neither is taken to agree.
	SignedAt *time.Time `bun:"signed_at" json:"signed_at,omitempty"`
	Dissent  string     `bun:"dissent" json:"dissent,omitempty"`
}

// Choice is how a member came to the panel.
type Choice string

// The choices.
const (
	Drawn Choice = "draw"  // 随机抽取
	Named Choice = "named" // 采购人自行选定, or its own representative
)

// PanelSize is the rule on how many sit on the panel of a tender: the larger
// one at or above the budget that the rules name.
func PanelSize(s rules.Set, t tender.Tender) rules.Rule {
	size := s.Of(t.Method, "panel_size")
	if line := s.Of(t.Method, "panel_large_budget"); line.ID != "" && t.Budget != nil && int64(*t.Budget)/100 >= line.Value {
		if large := s.Of(t.Method, "panel_size_large"); large.ID != "" {
			size = large
		}
	}
	return size
}

// checkPanel refuses a panel that the rules of the tender do not allow: too
// few, an even number, or too few experts.
func checkPanel(s rules.Set, t tender.Tender, members []Member) error {
	var c fault.Check
	method, size := t.Method, PanelSize(s, t)
	n := int64(len(members))
	if !size.AtLeast(n, 0) {
		c.FailUnder(size.Source(), "members", "评审小组现有 %d 人，应%s，请继续添加", n, size.Limit())
	}
	c.Must(n > 0, "members", "请至少确定一名评审成员")
	if size.ID != "" && n%2 == 0 {
		c.FailUnder(size.Source(), "members", "评审小组人数应为单数，现为 %d 人，请增减一人", n)
	}
	var experts int64
	for _, m := range members {
		if m.Seat == ExpertSeat {
			experts++
		}
	}
	if share := s.Of(method, "panel_experts"); !share.AtLeast(experts, n) {
		c.FailUnder(share.Source(), "members", "评审专家现有 %d 人，应不少于成员总数的%s，请添加专家", experts, share.Quantity())
	}
	return c.Err()
}

// majority reports whether more than half of the panel found that a bid
// conforms. The panel is odd, so there is no tie.
func majority(yes, panel int) bool { return 2*yes > panel }
