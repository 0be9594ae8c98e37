package rules

import (
	"slices"
	"sync"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
)

// Method is a method of procurement, as data: who may take part, how offers
// are compared, what must be said to use it. What its numbers are stands in
// the rules. Where it is not offered, Refusal says why and what to do instead.
type Method struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Like is the method whose rules apply where this one has none of its own.
	Like          string `json:"like,omitempty"`
	Offered       bool   `json:"offered"`
	Article       string `json:"article"`
	Certain       bool   `json:"certain"` // false: 待核
	EffectiveFrom string `json:"effective_from"`
	Refusal       string `json:"refusal,omitempty"`
	Hint          string `json:"hint,omitempty"`
	// Suppliers says who may take part where the method has no Ways.
	Suppliers string `json:"suppliers,omitempty"`
	// Scoring are the ways to compare offers that it allows.
	Scoring []string `json:"scoring,omitempty"`
	// Grounds are the cases the law allows it in; one must be named.
	Grounds []Choice `json:"grounds,omitempty"`
	// Ways are how its suppliers are found; one must be named.
	Ways []Choice `json:"ways,omitempty"`
	// Notice is the rest of the id of the period in which objections are
	// heard before any offer may be made.
	Notice string `json:"notice,omitempty"`
	// LastOffer: offers may be bettered once before they are ranked.
	LastOffer bool `json:"last_offer,omitempty"`
	// Admits: several are admitted, and buying follows under Parent methods.
	Admits bool `json:"admits,omitempty"`
	Parent bool `json:"parent,omitempty"`
}

// Who may take part.
const (
	Anyone   = "anyone"
	Invited  = "invited"  // those the buyer names
	Sole     = "sole"     // the one the buyer names
	Admitted = "admitted" // all admitted to the framework
	Next     = "next"     // the one admitted whose turn it is
)

// Choice is one ground or one way, with its article.
type Choice struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Article string `json:"article"`
	Certain bool   `json:"certain"` // false: 待核
	// Of a way: who it lets take part, the rest of the id of the rule on how
	// few may be named, the most that may be, whether their names stand in the
	// notice, and whether a reason must be given.
	Suppliers string `json:"suppliers,omitempty"`
	Least     string `json:"least,omitempty"`
	Most      int    `json:"most,omitempty"`
	Named     bool   `json:"named,omitempty"`
	Reason    bool   `json:"reason,omitempty"`
}

var methods = sync.OnceValue(func() []Method {
	var all []Method
	if data, err := files.ReadFile("data/methods.json"); err == nil {
		_ = strict(data, &all) // a test proves it
	}
	return all
})

// Methods is every method the law knows, the offered ones first.
func Methods() []Method { return slices.Clone(methods()) }

// MethodByID is one method.
func MethodByID(id string) (Method, bool) {
	for _, m := range methods() {
		if m.ID == id {
			return m, true
		}
	}
	return Method{}, false
}

// Offered is the method if services can be bought by it on the day of at; else
// an Invalid fault with the reason and its article.
func Offered(id string, at time.Time) (Method, error) {
	m, ok := MethodByID(id)
	switch {
	case !ok:
		return Method{}, fault.New(fault.Invalid, "请选择采购方式，例如公开招标或竞争性磋商")
	case !m.Offered:
		return Method{}, fault.New(fault.Invalid, "%s（%s）", m.Refusal, m.Source()).Under(m.Source())
	case at.In(clock.Beijing).Format(time.DateOnly) < m.EffectiveFrom:
		return Method{}, fault.New(fault.Invalid, "%s自 %s 起才可采用（%s），请改用其他采购方式", m.Name, m.EffectiveFrom, m.Source()).Under(m.Source())
	}
	return m, nil
}

// Ground is one of the method's grounds.
func (m Method) Ground(id string) (Choice, bool) { return choice(m.Grounds, id) }

// Way is one of the method's ways; of a method without any, the way that its
// Suppliers say.
func (m Method) Way(id string) (Choice, bool) {
	if len(m.Ways) == 0 {
		return Choice{Suppliers: m.Suppliers}, true
	}
	return choice(m.Ways, id)
}

func choice(list []Choice, id string) (Choice, bool) {
	i := slices.IndexFunc(list, func(c Choice) bool { return c.ID == id })
	if i < 0 {
		return Choice{}, false
	}
	return list[i], true
}

// Source is the article, with 待核 where the text was not read.
func (c Choice) Source() string {
	return source(c.Article, c.Certain)
}

// Source is the article, with 待核 where the text was not read.
func (m Method) Source() string {
	return source(m.Article, m.Certain)
}

// Tendering reports whether the method is a 招标: its supplier 中标 instead of
// 成交.
func Tendering(method string) bool { return method == MethodOpen || method == MethodInvited }
