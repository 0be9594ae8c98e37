package acceptance

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/names"
	"gongji/app/kernel/rules"
)

// mostMembers is how many people a group has at most.
const mostMembers = 40

// storable refuses only what could not be kept at all.
func (f Form) storable() error {
	var c fault.Check
	c.Must(len(f.Members) <= mostMembers, "members", "验收小组不超过 %d 人", mostMembers)
	c.Must(len(f.Checks) <= 200, "checks", "逐项核对不超过 200 行")
	words := []string{f.On, f.Place, f.Result, f.RedoOn, f.Redo, f.Summary}
	for _, m := range f.Members {
		words = append(words, m.Name, m.Role, m.Unit, m.Opinion, m.Words)
	}
	for _, x := range f.Checks {
		words = append(words, x.Confirmed, x.Met, x.Note)
	}
	for _, s := range words {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || utf8.RuneCountInString(s) > 4000 {
			c.Fail("summary", "内容太长或有无法识别的字符，请重新输入")
			break
		}
	}
	return c.Err()
}

// frame is what a record is held to.
type frame struct {
	of     engagement.Engagement
	lines  []Line
	public bool
	set    rules.Set
	staff  []string // names of the provider's people
	heard  int64    // opinions that were given with codes
	asked  time.Time
	now    time.Time
}

// read takes what can be read of the form and complains of the rest. redo is
// the day until which is mended, nil for the other results.
func (f Form) read(x frame, c *fault.Check) (out Content, result Result, redo *time.Time) {
	on, err := plan.Day(f.On)
	switch {
	case err != nil:
		c.Fail("inspected_on", "请填写验收日期，例如 2026-06-30")
	case on.After(x.now) || on.Before(calendar.Date(x.asked)):
		c.Fail("inspected_on", "验收日期应在申请验收的那天（%s）到今天之间", calendar.Date(x.asked).In(clock.Beijing).Format("2006年1月2日"))
	}
	out = Content{On: on, Place: strings.TrimSpace(f.Place), Redo: strings.TrimSpace(f.Redo), Summary: strings.TrimSpace(f.Summary)}
	c.Must(out.Place != "" && utf8.RuneCountInString(out.Place) <= 200, "place", "请写明在哪里、怎样验收，不超过 200 个字")
	out.Members = f.members(x, c)
	out.Checks = f.checks(x, c)
	result = Result(f.Result)
	unmet, dissent := false, false
	for _, k := range out.Checks {
		unmet = unmet || !k.Met
	}
	for _, m := range out.Members {
		dissent = dissent || m.Dissent
	}
	c.Must(result.Name() != "", "result", "请选择验收结果")
	c.Must(result != Passed || !unmet, "result", "有一项没有达到要求，不能合格；请选择整改后再验或者不合格")
	c.Must(result == Passed || result.Name() == "" || unmet || dissent, "result", "每一项都达到要求、没有不同意见，应为合格；请核对")
	if result == Redo {
		day, err := plan.Day(f.RedoOn)
		if err != nil || !day.After(calendar.Date(x.now)) {
			c.Fail("redo_on", "请填写整改到哪一天，应晚于今天")
		} else {
			redo = &day
		}
	}
	c.Must(result != Redo && result != Failed || out.Redo != "", "redo", "请写明整改什么；不合格的写明怎样处理")
	c.Must(utf8.RuneCountInString(out.Redo) <= 2000, "redo", "不超过 2000 个字")
	c.Must(out.Summary != "" && utf8.RuneCountInString(out.Summary) <= 2000, "summary", "请写总体评价，不超过 2000 个字；有不同意见的写明怎样处理")
	return out, result, redo
}

// members reads the group (条例第45条): of a service to the public at least one
// whom it serves, who states an opinion; nobody of the provider.
func (f Form) members(x frame, c *fault.Check) []Member {
	var out []Member
	seen, payer, resident := map[string]bool{}, false, false
	for i, m := range f.Members {
		if m == (MemberForm{}) {
			continue
		}
		field := func(s string) string { return fmt.Sprintf("members.%d.%s", i+1, s) }
		n := Member{Name: names.Clean(m.Name, 50), Role: Role(m.Role), Unit: names.Clean(m.Unit, 100), Dissent: m.Opinion == "dissent", Words: strings.TrimSpace(m.Words)}
		c.Must(n.Name != "", field("name"), "请写姓名")
		c.Must(n.Role.Name() != "", field("role"), "请选择以什么身份参加")
		c.Must(n.Unit != "", field("unit"), "请写单位；服务对象写所在社区")
		c.Must(!seen[n.Name+"\x00"+n.Unit], field("name"), "“%s”写了两次", n.Name)
		c.Must(!x.provider(n), field("name"), "“%s”是承接方的人，不能参加对本单位的验收", n.Name)
		c.Must(m.Opinion == "agree" || m.Opinion == "dissent", field("opinion"), "请记录“%s”同意还是有不同意见", n.Name)
		c.Must(!n.Dissent || n.Words != "", field("words"), "请写明“%s”不同意的理由", n.Name)
		c.Must(n.Role != Resident || n.Words != "", field("words"), "请用“%s”自己的话记录他的意见", n.Name)
		c.Must(utf8.RuneCountInString(n.Words) <= 1000, field("words"), "不超过 1000 个字")
		seen[n.Name+"\x00"+n.Unit], payer, resident = true, payer || n.Role == OfPayer, resident || n.Role == Resident
		out = append(out, n)
	}
	c.Must(payer, "members.1.name", "验收小组应有付款方“%s”的人", x.of.PayerName)
	if x.public && !resident && x.heard == 0 {
		if x.of.Kind == engagement.Contract {
			c.FailUnder(x.set.Must(rules.AcceptanceUsers).Source(), "members.1.role", "面向社会公众的公共服务，验收应当邀请服务对象参加并出具意见，请至少写一位服务对象，或者发意见码请他们自己写")
		} else {
			c.Fail("members.1.role", "资助项目服务社区，请至少邀请一位服务对象参加并记录意见，或者发意见码请他们自己写")
		}
	}
	return out
}

// provider reports whether a member is one of the provider's people.
func (x frame) provider(m Member) bool {
	if m.Unit == x.of.ProviderName {
		return true
	}
	if m.Role == OfPayer && m.Unit == x.of.PayerName {
		return false // a namesake in the payer's own house
	}
	for _, s := range x.staff {
		if m.Name == s && m.Role != Resident {
			return true
		}
	}
	return false
}

// checks reads every line: a quantity is no more than the evidence shows.
func (f Form) checks(x frame, c *fault.Check) []Check {
	var out []Check
	for i, l := range x.lines {
		var typed CheckForm
		if i < len(f.Checks) {
			typed = f.Checks[i]
		}
		field := func(s string) string { return fmt.Sprintf("checks.%d.%s", i+1, s) }
		k := Check{Line: l, Met: typed.Met == "yes", Note: strings.TrimSpace(typed.Note)}
		if l.Counted() {
			n, err := plan.Count(typed.Confirmed)
			c.Must(err == nil, field("confirmed"), "请填写“%s”验收确认的数量", l.Name)
			c.Must(n <= l.Shown, field("confirmed"), "成果记录只有 %d %s，确认的数量不能更多", l.Shown, l.Unit)
			k.Confirmed = n
			c.Must(!k.Met || n >= l.Quantity || k.Note != "", field("note"), "约定 %d %s，确认 %d %s：仍算达到的，请写明理由", l.Quantity, l.Unit, n, l.Unit)
		}
		c.Must(typed.Met == "yes" || typed.Met == "no", field("met"), "请判断“%s”是否达到", l.Name)
		c.Must(k.Met || k.Note != "", field("note"), "“%s”没有达到，请写明差在哪里", l.Name)
		c.Must(utf8.RuneCountInString(k.Note) <= 1000, field("note"), "不超过 1000 个字")
		out = append(out, k)
	}
	return out
}
