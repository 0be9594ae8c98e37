package statement

import (
	"slices"
	"strings"
)

// Columns say which column of a file means what, by its heading; remembered
// for each bank. Amount is one column with signs; or In and Out are two.
type Columns struct {
	Date    string `json:"date" description:"交易日期所在列的标题"`
	Amount  string `json:"amount,omitempty" description:"金额列（收入为正、支出为负）；分两列的留空"`
	In      string `json:"in,omitempty" description:"收入（贷方）列"`
	Out     string `json:"out,omitempty" description:"支出（借方）列"`
	Name    string `json:"name,omitempty" description:"对方户名列"`
	Account string `json:"account,omitempty" description:"对方账号列"`
	Memo    string `json:"memo,omitempty" description:"摘要、附言列"`
	Serial  string `json:"serial,omitempty" description:"流水号列"`
}

// Complete reports whether the least is known: a date and money.
func (c Columns) Complete() bool { return c.Date != "" && (c.Amount != "" || c.In != "") }

// headings are what banks call their columns, the more telling first.
var headings = []struct {
	names []string
	into  func(*Columns) *string
}{
	{[]string{"交易日期", "记账日期", "入账日期", "交易时间", "记账时间", "发生日期", "日期"}, func(c *Columns) *string { return &c.Date }},
	{[]string{"贷方发生额", "贷方金额", "收入金额", "收入", "贷方", "存入金额", "转入金额"}, func(c *Columns) *string { return &c.In }},
	{[]string{"借方发生额", "借方金额", "支出金额", "支出", "借方", "支取金额", "转出金额"}, func(c *Columns) *string { return &c.Out }},
	{[]string{"交易金额", "发生额", "收支金额", "金额"}, func(c *Columns) *string { return &c.Amount }},
	{[]string{"对方户名", "对方账户名称", "对方名称", "付款人名称", "付款人户名", "交易对手", "对方单位", "对方账户名"}, func(c *Columns) *string { return &c.Name }},
	{[]string{"对方账号", "对方账户", "付款人账号", "对手账号"}, func(c *Columns) *string { return &c.Account }},
	{[]string{"附言", "摘要", "用途", "备注", "交易附言", "交易摘要"}, func(c *Columns) *string { return &c.Memo }},
	{[]string{"交易流水号", "流水号", "核心流水号", "凭证号", "交易序号", "企业流水号"}, func(c *Columns) *string { return &c.Serial }},
}

// plain is a heading without what banks decorate it with: "贷方发生额（元）/收入".
func plain(s string) string {
	s = strings.NewReplacer(" ", "", "\u3000", "", "\n", "", "(", "（", ")", "）").Replace(s)
	s, _, _ = strings.Cut(s, "（")
	return s
}

// Guess finds the row of headings among the first rows and what its columns
// mean: at is its index in rows, -1 where there is none. Titles and account
// details above the table are passed over.
func Guess(rows []Row) (at int, columns Columns) {
	for i, r := range rows[:min(len(rows), 30)] {
		var c Columns
		for _, h := range headings {
			for _, name := range h.names {
				if k := slices.IndexFunc(r.Cells, func(cell string) bool { return matches(plain(cell), name) }); k >= 0 {
					*h.into(&c) = r.Cells[k]
					break
				}
			}
		}
		if c.In != "" && c.Amount != "" {
			c.Amount = "" // 发生额 beside 贷方发生额 is the same money
		}
		if c.Complete() {
			return i, c
		}
	}
	return -1, Columns{}
}

func matches(cell, name string) bool {
	return cell == name || slices.Contains(strings.Split(cell, "/"), name)
}

// Headings lists the headings of a row, for choosing by hand.
func Headings(r Row) []string {
	var out []string
	for _, c := range r.Cells {
		if c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// Find is the index of the row that has the headings of remembered columns;
// -1 where the file is of another shape.
func (c Columns) Find(rows []Row) int {
	for i, r := range rows[:min(len(rows), 30)] {
		ok := true
		for _, want := range []string{c.Date, c.Amount, c.In, c.Out, c.Name, c.Account, c.Memo, c.Serial} {
			ok = ok && (want == "" || slices.Contains(r.Cells, want))
		}
		if ok {
			return i
		}
	}
	return -1
}
