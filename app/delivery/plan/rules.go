package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
)

// mostRows is how many milestones, outputs or lines a plan has at most.
const mostRows = 60

// Terms is what the contract or the grant agreement has settled already.
type Terms struct {
	// UnitPrice and Unit hold where it is settled by count.
	UnitPrice *money.Fen
	Unit      string
	// Paid says that all the money was paid at once, before the delivery.
	Paid bool
	// Form is where a new plan begins.
	Form Form
}

// storable refuses only what could not be kept at all.
func (f Form) storable() error {
	var c fault.Check
	c.Must(len(f.Milestones) <= mostRows && len(f.Outputs) <= mostRows && len(f.Lines) <= mostRows, "milestones", "节点、产出、预算各不超过 %d 行", mostRows)
	for _, s := range append(f.words(), f.Communities) {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || utf8.RuneCountInString(s) > 5000 {
			c.Fail("communities", "内容太长或有无法识别的字符，请重新输入")
			break
		}
	}
	return c.Err()
}

func (f Form) words() []string {
	var out []string
	for _, m := range f.Milestones {
		out = append(out, m.Name, m.Condition, m.Due, m.Amount)
	}
	for _, o := range f.Outputs {
		out = append(out, o.Name, o.Quantity, o.Unit, o.Carrier)
	}
	for _, l := range f.Lines {
		out = append(out, l.Name, l.Amount)
	}
	return append(out, f.Counted, f.UnitPrice)
}

// read takes what can be read of the form and complains of the rest. at is the
// moment whose rules hold.
func read(f Form, e engagement.Engagement, terms Terms, at time.Time, c *fault.Check) Content {
	out := Content{Settlement: Settlement(f.Settlement)}
	for line := range strings.Lines(f.Communities) {
		if line = strings.TrimSpace(line); line != "" {
			out.Communities = append(out.Communities, line)
		}
	}
	c.Must(len(out.Communities) > 0, "communities", "请写明受益社区，每行一个")
	c.Must(len(out.Communities) <= 200, "communities", "受益社区不超过 200 个，可写到街道")
	c.Must(out.Settlement == ByMilestone || out.Settlement == ByCount, "settlement", "请选择按节点还是按实际数量结算")
	out.Outputs = outputs(f, e, at, c)
	out.Lines = lines(f, e, c)
	out.Milestones = milestones(f, e, out.Settlement, c)
	if out.Settlement == ByCount {
		out.counted(f, terms, c)
	}
	return out
}

func outputs(f Form, e engagement.Engagement, at time.Time, c *fault.Check) []Output {
	var out []Output
	seen, own := map[string]bool{}, false
	for i, x := range f.Outputs {
		if x == (OutputForm{}) {
			continue
		}
		field := func(s string) string { return fmt.Sprintf("outputs.%d.%s", i+1, s) }
		o := Output{Name: strings.TrimSpace(x.Name), Unit: strings.TrimSpace(x.Unit), Carrier: strings.TrimSpace(x.Carrier)}
		c.Must(o.Name != "" && utf8.RuneCountInString(o.Name) <= 100, field("name"), "请写产出的名称，不超过 100 个字")
		c.Must(!seen[o.Name], field("name"), "“%s”写了两次，请合并", o.Name)
		c.Must(o.Unit != "" && utf8.RuneCountInString(o.Unit) <= 10, field("unit"), "请写单位，例如 人次、场")
		n, err := Count(x.Quantity)
		c.Must(err == nil && n > 0, field("quantity"), "数量请填写大于 0 的整数")
		c.Must(o.Carrier != e.PayerName, field("carrier"), "付款方不能替承接方完成产出")
		if o.Carrier == e.ProviderName {
			o.Carrier = ""
		}
		o.Quantity, seen[o.Name], own = n, true, own || o.Carrier == ""
		out = append(out, o)
	}
	c.Must(len(out) > 0, "outputs.1.name", "请至少写一项产出和数量")
	if len(out) > 0 && !own {
		c.FailUnder(NoTransfer(e.Kind, at).Source(), "outputs.1.carrier",
			"所有产出都由其他单位完成，属于转包，不予接受；请由本单位承担主要产出")
	}
	return out
}

// NoTransfer is the rule against 转包 that binds a kind of engagement.
func NoTransfer(k engagement.Kind, at time.Time) rules.Rule {
	if k == engagement.Grant {
		return rules.At(at).Must(rules.GrantNoTransfer)
	}
	return rules.At(at).Must(rules.ContractNoTransfer)
}

// Moved is what went from some lines of a budget to others, in 分: what the
// whole grew or shrank by is not moved.
func Moved(was, is []Line) money.Fen {
	sums := map[string]money.Fen{}
	for _, l := range was {
		sums[l.Name] -= l.Amount
	}
	for _, l := range is {
		sums[l.Name] += l.Amount
	}
	var gained, lost money.Fen
	for _, n := range sums {
		gained, lost = gained+max(0, n), lost+max(0, -n)
	}
	return min(gained, lost)
}

// shifted holds a grant's budget to the one that was agreed first: what moves
// between its lines is a bounded share of it.
func shifted(base, next []Line, at time.Time, c *fault.Check) {
	var whole money.Fen
	for _, l := range base {
		whole += l.Amount
	}
	rule := rules.At(at).Must(rules.GrantChange)
	if n := Moved(base, next); n.Beyond(whole, rule.Value) {
		c.FailUnder(rule.Source(), "lines.1.amount", "科目之间比最初确认的预算调整了 %s 元，最初的预算 %s 元，累计调整%s；请缩小调整，更大的改变应另行签订协议", n.Yuan(), whole.Yuan(), rule.Limit())
	}
}

func lines(f Form, e engagement.Engagement, c *fault.Check) []Line {
	var out []Line
	var total money.Fen
	seen := map[string]bool{}
	for i, x := range f.Lines {
		if x == (LineForm{}) {
			continue
		}
		l := Line{Name: strings.TrimSpace(x.Name)}
		c.Must(l.Name != "" && utf8.RuneCountInString(l.Name) <= 60, fmt.Sprintf("lines.%d.name", i+1), "请写预算科目，不超过 60 个字")
		c.Must(!seen[l.Name], fmt.Sprintf("lines.%d.name", i+1), "“%s”写了两次，请合并", l.Name)
		amount, err := money.Parse(x.Amount)
		c.Adopt(fmt.Sprintf("lines.%d.amount", i+1), err)
		l.Amount, seen[l.Name] = amount, true
		total += amount
		out = append(out, l)
	}
	c.Must(total == e.Amount, "lines.1.amount", "预算合计应等于 %s 元，现为 %s 元", e.Amount.Yuan(), total.Yuan())
	return out
}

func milestones(f Form, e engagement.Engagement, s Settlement, c *fault.Check) []Milestone {
	var out []Milestone
	var total money.Fen
	for i, x := range f.Milestones {
		if x == (MilestoneForm{}) {
			continue
		}
		field := func(s string) string { return fmt.Sprintf("milestones.%d.%s", i+1, s) }
		m := Milestone{Name: strings.TrimSpace(x.Name), Condition: strings.TrimSpace(x.Condition)}
		c.Must(m.Name != "" && utf8.RuneCountInString(m.Name) <= 100, field("name"), "请写节点名称，不超过 100 个字")
		c.Must(m.Condition != "" && utf8.RuneCountInString(m.Condition) <= 1000, field("condition"), "请写明做到什么算达成，不超过 1000 个字")
		due, err := Day(x.Due)
		if err != nil {
			c.Fail(field("due"), "请填写日期，例如 2026-06-30")
		} else if due.Before(e.Start) || due.After(e.End) {
			c.Fail(field("due"), "应在履约期 %s 至 %s 之内", word(e.Start), word(e.End))
		}
		m.Due = due
		if s == ByMilestone {
			amount, err := money.Parse(x.Amount)
			c.Adopt(field("amount"), err)
			m.Amount = amount
			total += amount
		}
		out = append(out, m)
	}
	c.Must(len(out) > 0, "milestones.1.name", "请至少写一个节点")
	c.Must(s != ByMilestone || total == e.Amount, "milestones.1.amount", "各节点金额合计应等于 %s 元，现为 %s 元", e.Amount.Yuan(), total.Yuan())
	return out
}

// counted reads what is counted and at which price; the contract's price holds.
func (x *Content) counted(f Form, terms Terms, c *fault.Check) {
	x.Counted = strings.TrimSpace(f.Counted)
	o, ok := x.Output(x.Counted)
	c.Must(ok, "counted", "请从产出里选择按哪一项的数量结算")
	if terms.UnitPrice != nil {
		x.UnitPrice = *terms.UnitPrice
		c.Must(!ok || terms.Unit == "" || o.Unit == terms.Unit, "counted", "合同按“%s”计价，请选择同一单位的产出", terms.Unit)
		return
	}
	price, err := money.Parse(f.UnitPrice)
	c.Adopt("unit_price", err)
	c.Must(err != nil || price > 0, "unit_price", "单价应大于 0 元")
	x.UnitPrice = price
}

// Count reads a whole number that people typed.
func Count(s string) (int64, error) {
	s = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(s), ",", ""), "，", "")
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1e9 {
		return 0, fault.New(fault.Invalid, "请填写 0 到 10 亿之间的整数")
	}
	return n, nil
}

// Day reads a Beijing day as it is typed: 2026-06-30.
func Day(s string) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(s), clock.Beijing)
	if err != nil || t.Year() < 2000 || t.Year() > 2199 {
		err = fault.New(fault.Invalid, "请填写日期，例如 2026-06-30")
	}
	return clock.Trunc(t), err
}

func word(t time.Time) string { return t.In(clock.Beijing).Format("2006年1月2日") }
