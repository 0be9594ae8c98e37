package tenderkey

import (
	"fmt"
	"strings"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender"
)

// The bounds of a set. One holder more than are needed to open, at least:
// otherwise a single forgotten passphrase loses every bid.
const (
	LeastThreshold = 2
	MostHolders    = 7
)

// ArticleApart is the article that keeps the panel out of the opening. Other
// methods than tendering have no rule of their own; it is followed there too.
const ArticleApart = "财政部令第87号第40条"

// Naming is a set of holders as it is asked for.
type Naming struct {
	Threshold int    `json:"threshold" description:"几人到场才能开启，至少 2，须少于持钥人数"`
	Holders   []Seat `json:"holders" description:"3–7 人，互不相同"`
}

// Seat is one holder as asked for.
type Seat struct {
	Login string `json:"login" description:"持钥人的登录名"`
	Duty  Duty   `json:"duty" enum:"buyer,supervisor,agency"`
}

// Default is what a form begins with: 2 of 3.
func Default() Naming {
	return Naming{Threshold: 2, Holders: []Seat{{Duty: Buyer}, {Duty: Supervisor}, {Duty: Agency}}}
}

// candidate is a person who was named, with every post they have now.
type candidate struct {
	Seat
	account id.ID
	name    string
	posts   []post
	judges  bool // sits on the panel of this purchase
}

type post struct {
	org  id.ID
	name string
	kind party.OrgKind
	role party.Role
}

// at is the post a candidate holds their part by: at the buyer where the duty
// says so, otherwise where they are not the buyer's.
func (x candidate) at(buyer id.ID) (post, bool) {
	for _, p := range x.posts {
		switch {
		case x.Duty == Buyer && p.org == buyer,
			x.Duty == Supervisor && p.kind == party.Bureau && (p.org != buyer || p.role == party.Supervisor),
			x.Duty == Agency && p.org != buyer:
			return p, true
		}
	}
	return post{}, false
}

// belongs reports whether a candidate has a post of which it is true.
func (x candidate) belongs(is func(post) bool) bool {
	for _, p := range x.posts {
		if is(p) {
			return true
		}
	}
	return false
}

// runs reports whether the candidate runs the purchase: its drafter, or an
// officer or approver of the buyer.
func (x candidate) runs(t tender.Tender) bool {
	return x.account == t.DraftedBy || x.belongs(func(p post) bool {
		return p.org == t.Buyer && (p.role == party.Officer || p.role == party.Approver)
	})
}

// check holds a set to what keeps a bid sealed: no bidder's and no operator's
// person has a part, and those who run the purchase cannot open alone.
func check(c *fault.Check, t tender.Tender, threshold int, set []candidate) {
	n := len(set)
	c.Must(threshold >= LeastThreshold, "threshold", "至少要 %d 人才能开启，请改大", LeastThreshold)
	c.Must(n <= MostHolders, "holders", "持钥人最多 %d 人，现在是 %d 人", MostHolders, n)
	if threshold >= LeastThreshold {
		c.Must(n > threshold, "holders", "%d 人开启时，持钥人至少 %d 人：多一位，有人忘记口令时仍能开标", threshold, threshold+1)
	}
	seen, running := map[id.ID]bool{}, 0
	for i, x := range set {
		field := fmt.Sprintf("holders.%d.login", i)
		if x.account == "" {
			continue // whoever looked it up has complained
		}
		c.Must(!seen[x.account], field, "“%s”已在名单中，每人只能持一份", x.name)
		seen[x.account] = true
		c.Must(!x.belongs(func(p post) bool { return p.kind == party.Social }), field,
			"“%s”是社会组织的人员，可能来投标，不能持钥", x.name)
		c.Must(!x.belongs(func(p post) bool { return p.kind == party.Platform }), field,
			"“%s”是平台的人员，平台管的是数据，不能同时持钥", x.name)
		if x.judges {
			c.FailUnder(ArticleApart, field, "“%s”是本项目评审小组的成员，评审成员不能参加开标，请改选其他人", x.name)
		}
		if _, ok := x.at(t.Buyer); !ok && !c.Failed(field) {
			c.Fail(field, "%s", misplaced(x))
		}
		if x.runs(t) {
			running++
		}
	}
	c.Must(running == 0 || running < threshold, "holders",
		"采购人的经办人、审批人有 %d 位，%d 人即可开启：办采购的人不能自己就把投标打开，请换成监督或其他单位的人", running, threshold)
}

func misplaced(x candidate) string {
	switch x.Duty {
	case Buyer:
		return fmt.Sprintf("“%s”不是采购人的人员，请改选其他身份", x.name)
	case Supervisor:
		return fmt.Sprintf("“%s”不是采购人的监督人员，也不是其他机关的人员，请改选其他身份", x.name)
	case Agency:
		return fmt.Sprintf("“%s”不属于采购人以外的任何单位，请改选其他身份", x.name)
	}
	return "请选择这位持钥人的身份：采购人代表、监督，或代理机构"
}

// named lists holders for the trail and for messages, without their names.
func named(list []Holder) string {
	var out []string
	for _, h := range list {
		out = append(out, h.Post())
	}
	return strings.Join(out, "、")
}
