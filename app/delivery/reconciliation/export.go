package reconciliation

import "gongji/app/kernel/clock"

// Table is a month as rows for a spreadsheet: the sums, the budget lines, the
// weeks, the differences with their words. Money is money.Fen.
func (x Case) Table() [][]any {
	c := x.Content
	out := [][]any{{"月对账", x.Of.Title, x.Of.Number}, {"月份", x.Name()}, {"状态", x.StateName()}, {"付款方", x.Of.PayerName}, {"承接方", x.Of.ProviderName}, {},
		{"项目", "本月（元）", "累计（元）"}, {"核对支出", c.Accepted, c.AcceptedAll}, {"待核对支出", c.Waiting, ""}, {"付款", c.Paid, c.PaidAll}, {"账本或账面付款", c.Ledger, ""}}
	if x.Booked != nil {
		out[len(out)-1][1] = *x.Booked
	}
	out = append(out, []any{}, []any{"预算科目", "预算（元）", "以前月份（元）", "本月（元）", "余额（元）"})
	for _, l := range c.Lines {
		out = append(out, []any{l.Name, l.Budget, l.Before, l.Month, l.Left()})
	}
	out = append(out, []any{}, []any{"周", "金额（元）", "状态"})
	for _, w := range c.Weeks {
		out = append(out, []any{w.Title(), w.Total, w.StateName()})
	}
	out = append(out, []any{}, []any{"差异", "由谁说明", "说明", "说明人", "时间"})
	for _, d := range c.Differences {
		at := ""
		if d.At != nil {
			at = d.At.In(clock.Beijing).Format("2006-01-02 15:04")
		}
		out = append(out, []any{d.Says, d.Side.Name(), d.Words, d.By, at})
	}
	return out
}

// StateName is the state of a week's report as people read it.
func (w Week) StateName() string {
	if w.Report == nil {
		return "没有周报账"
	}
	return map[string]string{"draft": "未提交", "submitted": "待核对", "accepted": "已核对"}[w.State]
}
