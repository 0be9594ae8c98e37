package application

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/foundation/call"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
)

const (
	mostBudget = 60
	mostTyped  = 100_000 // characters of one application
)

// storable refuses only what could not be kept at all.
func (f Form) storable() error {
	var c fault.Check
	text := fmt.Sprint(f)
	c.Must(utf8.ValidString(text) && !strings.ContainsRune(text, 0), "title", "内容里有无法识别的字符，请重新输入")
	c.Must(utf8.RuneCountInString(text) <= mostTyped, "title", "内容太长，请精简或改用附件")
	c.Must(len(f.Budget) <= mostBudget, "budget", "预算最多 %d 行", mostBudget)
	for _, rows := range f.Tables {
		c.Must(len(rows) <= 200, "tables", "表格行数太多")
	}
	return c.Err()
}

// read takes what can be read of the form into the application.
func (a *Application) read(c *fault.Check) {
	a.Title = strings.TrimSpace(a.Form.Title)
	a.Start, a.End = calendar.Typed(c, "start", a.Form.Start), calendar.Typed(c, "end", a.Form.End)
	costs := a.Form.costs(c)
	var sum money.Fen
	for _, x := range costs {
		var err error
		if sum, err = money.Add(sum, x.Amount); err != nil {
			c.Adopt("budget", err)
			a.Asked = nil
			return
		}
	}
	a.Asked = nil
	if len(costs) > 0 {
		a.Asked = &sum
	}
}

// costs reads the rows of the budget; a row that cannot be read is left out.
func (f Form) costs(c *fault.Check) []Cost {
	var out []Cost
	for i, r := range f.Budget {
		at := fmt.Sprintf("budget.%d.", i+1)
		x, err := money.Parse(r.Amount)
		c.Adopt(at+"amount", err)
		if err == nil && x == 0 {
			c.Fail(at+"amount", "金额应大于 0 元")
		}
		c.Must(utf8.RuneCountInString(strings.TrimSpace(r.Item)) >= 2, at+"item", "请写明用在什么上")
		if err == nil && x > 0 {
			out = append(out, Cost{Line: r.Line, Item: strings.TrimSpace(r.Item), Amount: x})
		}
	}
	return out
}

// check holds everything typed to what the call asks.
func (a *Application) check(k *fault.Check, c call.Call) {
	f := a.Form
	k.Must(f.Confirmed, "confirmed", "请核对从登记资料带出的内容并勾选确认")
	length(k, "title", f.Title, 4, 60, "请填写项目名称，4–60 个字")
	length(k, "summary", f.Summary, 20, 2000, "请写明做什么、怎样做，至少 20 个字")
	length(k, "beneficiaries", f.Beneficiaries, 4, 500, "请写明为谁服务、多少人")
	a.read(k)
	if a.Start == nil && !k.Failed("start") {
		k.Fail("start", "请填写开始日期")
	}
	if a.End == nil && !k.Failed("end") {
		k.Fail("end", "请填写结束日期")
	}
	k.Must(a.Start == nil || a.End == nil || !a.End.Before(*a.Start), "end", "结束日期不能早于开始日期")
	if a.Start != nil && c.Facts.Start != nil && a.Start.Before(*c.Facts.Start) {
		k.Fail("start", "不能早于征集公告的最早开始日期 %s", c.Facts.Start.In(clock.Beijing).Format(time.DateOnly))
	}
	if a.End != nil && c.Facts.End != nil && a.End.After(*c.Facts.End) {
		k.Fail("end", "不能晚于征集公告的最晚结束日期 %s", c.Facts.End.In(clock.Beijing).Format(time.DateOnly))
	}
	for i, q := range c.Form.Questions {
		f.answered(k, Asked{i + 1, q})
	}
	if len(c.Form.Budget) > 0 {
		a.affordable(k, c)
	}
}

// answered checks the answer of one question; files are looked at elsewhere.
func (f Form) answered(k *fault.Check, q Asked) {
	name := "answers." + q.Key()
	v := strings.TrimSpace(f.Answers[q.Key()])
	if q.Type == call.Table {
		q.rows(k, f.Tables[q.Key()])
		return
	}
	if q.Type == call.File {
		return
	}
	if v == "" {
		k.Must(q.Optional, name, "请回答“%s”", q.Title)
		return
	}
	switch q.Type {
	case call.Table, call.File: // looked at above and with the papers
	case call.Text:
		n := int64(utf8.RuneCountInString(v))
		k.Must(n <= q.Most(), name, "最多 %d 个字，现在是 %d 个，请精简", q.Most(), n)
	case call.Number:
		n, err := strconv.ParseInt(strings.ReplaceAll(v, ",", ""), 10, 64)
		k.Must(err == nil && n >= 0 && n <= q.Most(), name, "请填 0 到 %d 的整数", q.Most())
	case call.Choice:
		k.Must(slices.Contains(q.Choices(), v), name, "请从给出的选项中选择")
	case call.Date:
		calendar.Typed(k, name, v)
	}
}

func (q Asked) rows(k *fault.Check, rows [][]string) {
	name := "answers." + q.Key()
	k.Must(q.Optional || len(rows) > 0, name, "请至少填一行“%s”", q.Title)
	k.Must(int64(len(rows)) <= q.Most(), name, "最多 %d 行", q.Most())
	for i, r := range rows {
		for j, column := range q.Choices() {
			k.Must(j < len(r) && strings.TrimSpace(r[j]) != "" || k.Failed(name), name, "第 %d 行缺少“%s”", i+1, column)
		}
	}
}

// affordable holds the budget to the call's lines, their caps and its most.
func (a *Application) affordable(k *fault.Check, c call.Call) {
	k.Must(len(a.Form.Budget) > 0, "budget", "请填写预算，至少一行")
	if a.Asked == nil {
		return
	}
	if c.Most != nil && *a.Asked > *c.Most {
		k.Fail("budget", "预算合计 %s 元，超过单个项目的上限 %s 元", a.Asked.Yuan(), c.Most.Yuan())
	}
	sums := map[string]money.Fen{}
	var typing fault.Check
	for i, x := range a.Form.costs(&typing) {
		known := slices.ContainsFunc(c.Form.Budget, func(l call.Line) bool { return l.Name == x.Line })
		k.Must(known, fmt.Sprintf("budget.%d.line", i+1), "请选择征集公告里的预算科目")
		sums[x.Line] += x.Amount
	}
	for _, l := range c.Form.Budget {
		// Exact: both sides are whole 分 times whole percent.
		if sums[l.Name]*100 > *a.Asked*money.Fen(l.Percent()) {
			k.Fail("budget", "“%s”占 %s 元，超过申请总额的 %d%%", l.Name, sums[l.Name].Yuan(), l.Percent())
		}
	}
}

func length(c *fault.Check, name, s string, least, most int, ask string) {
	n := utf8.RuneCountInString(strings.TrimSpace(s))
	if n < least {
		c.Fail(name, "%s", ask)
	} else if n > most {
		c.Fail(name, "最多 %d 个字，现在是 %d 个，请精简", most, n)
	}
}
