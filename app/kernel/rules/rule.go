// Package rules keeps the numbers of the law as data: value, unit, article,
// dates in force, and whether the text was read (certain) or is still 待核.
// Nothing else in the product writes such a number down.
//
// At(t) is the law on a day. A tender keeps the Set of its publication day,
// through Freeze and Thaw, so that a later change never reaches back.
package rules

import (
	"strconv"
	"strings"

	"gongji/app/kernel/law"
	"gongji/app/kernel/money"
)

// Bound is the sense of a rule's value.
type Bound string

// The bounds. Is marks a rule without a number: its Name is the sentence.
const (
	Min   Bound = "min"   // 不少于
	Max   Bound = "max"   // 不超过
	Below Bound = "below" // strictly below triggers it
	Equal Bound = "eq"
	By    Bound = "by" // a day of the year
	Is    Bound = "is"
)

// Unit is what a value counts. 日 and 工作日 are different units.
type Unit string

// The units.
const (
	Days       Unit = "日"
	Workdays   Unit = "工作日"
	Minutes    Unit = "分钟"
	Months     Unit = "月"
	Years      Unit = "年"
	BasisPoint Unit = "bp" // 1 = 0.01%
	Points     Unit = "分"  // points of a score, whole; not money
	YuanUnit   Unit = "元"  // money, whole 元
	Suppliers  Unit = "家"
	People     Unit = "人"
	Thirds     Unit = "三分之" // 2 means two thirds: exact where bp is not
	RatingA    Unit = "A"   // 评估等级, 3 means 3A
	MonthDay   Unit = "月日"  // 531 means 5月31日
)

// Rule is one rule of one text. EffectiveFrom and EffectiveTo are Beijing
// dates ("2026-02-01"), both inclusive; no EffectiveTo means still in force.
// Methods limits it to methods of procurement; empty means all. Anchor names
// the event its period runs from (or, with Before, back from), Until the event
// that must come within it, or not before its end.
type Rule struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	Bound         Bound    `json:"bound"`
	Value         int64    `json:"value,omitempty"`
	Unit          Unit     `json:"unit,omitempty"`
	Article       string   `json:"article"`
	Certain       bool     `json:"certain"`
	EffectiveFrom string   `json:"effective_from"`
	EffectiveTo   *string  `json:"effective_to,omitempty"`
	Jurisdiction  string   `json:"jurisdiction"`
	Methods       []string `json:"methods,omitempty"`
	Anchor        string   `json:"anchor,omitempty"`
	Until         string   `json:"until,omitempty"`
	Before        bool     `json:"before,omitempty"`
	Note          string   `json:"note,omitempty"`
	// Topic is procurement, performance or charity: the file it came from.
	Topic string `json:"topic,omitempty"`
}

// Label is the limit and its article, to stand beside what it limits:
// "不少于20日（政府采购法第35条）", with 待核 where the text was not read.
func (r Rule) Label() string {
	if r.ID == "" {
		return ""
	}
	return r.Limit() + "（" + r.Source() + "）"
}

// Source is the article, with 待核 where the text was not read.
func (r Rule) Source() string {
	return source(r.Article, r.Certain)
}

// source is an article as it is cited: 待核 where the number or the text of the
// article was not read. What a tender froze may have thought otherwise.
func source(article string, certain bool) string {
	if !certain && article != "" {
		return article + "，" + law.Open
	}
	return law.Cite(article)
}

// Limit is the value in words: "不少于20日", "30日内", "不超过2%"; of no rule,
// nothing.
func (r Rule) Limit() string {
	if r.ID == "" {
		return ""
	}
	q := r.Quantity()
	switch r.Bound {
	case Min:
		return "不少于" + q
	case Max:
		if r.Anchor != "" {
			return q + "内"
		}
		return "不超过" + q
	case Below:
		return "低于" + q
	case By:
		return q + "前"
	case Is:
		return r.Name
	default:
		return q
	}
}

// Quantity is the value with its unit: "20日", "2%", "三分之二", "1000.00万元".
func (r Rule) Quantity() string {
	n := strconv.FormatInt(r.Value, 10)
	switch r.Unit {
	case BasisPoint:
		s := strconv.FormatInt(r.Value/100, 10) + "." + strconv.FormatInt(100+r.Value%100, 10)[1:]
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + "%"
	case YuanUnit:
		return (money.Fen(r.Value) * money.Yuan).Wan()
	case Thirds:
		if r.Value == 1 {
			return "三分之一"
		}
		return "三分之二"
	case Months:
		return n + "个月"
	case Workdays:
		return n + "个工作日"
	case MonthDay:
		return strconv.FormatInt(r.Value/100, 10) + "月" + strconv.FormatInt(r.Value%100, 10) + "日"
	default:
		return n + string(r.Unit)
	}
}

// AtLeast reports whether got of whole satisfies a minimum stated in bp or in
// thirds; the comparison is exact. A rule in another unit compares got alone.
func (r Rule) AtLeast(got, whole int64) bool {
	switch r.Unit {
	case BasisPoint:
		return got*10_000 >= r.Value*whole
	case Thirds:
		return got*3 >= r.Value*whole
	default:
		return got >= r.Value
	}
}

func (r Rule) inForce(day string) bool {
	return r.EffectiveFrom <= day && (r.EffectiveTo == nil || day <= *r.EffectiveTo)
}

func (r Rule) applies(method string) bool {
	if len(r.Methods) == 0 {
		return true
	}
	for _, m := range r.Methods {
		if m == method {
			return true
		}
	}
	return false
}
