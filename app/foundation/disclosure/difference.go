package disclosure

import (
	"strings"

	"gongji/app/kernel/money"
)

// Difference is a sum that does not come out from the figures as they are
// shown (勾稽差异). In the ledger it comes out to the 分.
type Difference struct {
	Where string `json:"where"` // 册山街道
	Parts string `json:"parts"` // 31.05＋6.78
	Sum   string `json:"sum"`   // 37.83, what the shown parts add up to
	Shown string `json:"shown"` // 37.84
}

// Text is the difference as it is published.
func (d Difference) Text() string {
	if d.Parts == "" {
		return d.Where + "各行相加为" + d.Sum + "，公布为" + d.Shown
	}
	return d.Where + "：" + d.Parts + "＝" + d.Sum + "，公布为" + d.Shown
}

// Why is said once below the differences.
func (u Unit) Why() string {
	switch u {
	case Yuan:
	case Wan2:
		return "差异来自按万元四舍五入到两位小数显示；账上逐笔记到分，各项相加与合计相符。"
	case Wan4:
		return "差异来自按万元四舍五入到四位小数（即元）显示；账上逐笔记到分，各项相加与合计相符。"
	}
	return ""
}

// differences compares every sum that a reader can do with what is shown.
func differences(f Figures, u Unit) []Difference {
	var out []Difference
	check := func(where string, spell bool, total money.Fen, parts ...money.Fen) {
		var sum int64
		var words []string
		for _, p := range parts {
			sum += u.round(p)
			words = append(words, u.Show(p))
		}
		if sum == u.round(total) {
			return
		}
		d := Difference{Where: where, Sum: u.print(sum), Shown: u.Show(total)}
		if spell {
			d.Parts = strings.ReplaceAll(strings.Join(words, "＋"), "＋-", "－")
		}
		out = append(out, d)
	}
	for i, l := range f.Groups.Lines {
		check(l, true, f.Groups.Line(i), f.Groups.Cells[i]...)
	}
	if len(f.Groups.Lines) > 0 {
		var totals []money.Fen
		for j, h := range f.Groups.Headings {
			var column []money.Fen
			for i := range f.Groups.Lines {
				column = append(column, f.Groups.Cells[i][j])
			}
			check(h+"一列", false, f.Groups.Column(j), column...)
			totals = append(totals, f.Groups.Column(j))
		}
		var lines []money.Fen
		for i := range f.Groups.Lines {
			lines = append(lines, f.Groups.Line(i))
		}
		check("合计一列", false, f.Groups.Total(), lines...)
		check("合计一行", true, f.Groups.Total(), totals...)
	}
	var donors []money.Fen
	for _, d := range f.Donors {
		donors = append(donors, d.Amount)
	}
	if len(donors) > 0 {
		check("接收捐款按捐赠人类别", false, f.Period.Given, donors...)
	}
	if r := f.Raised; r != nil {
		check("到账净额（总额减费用）", true, f.Period.In, r.Period.Gross, -r.Period.Fee)
	}
	check("本期结存", true, f.Closing, f.Opening, f.Period.In, -f.Period.Out, f.Prior)
	if len(f.Payments) > 0 {
		var paid []money.Fen
		for _, p := range f.Payments {
			paid = append(paid, p.Amount)
		}
		if sum, err := money.Sum(paid...); err == nil && sum == f.Period.Out {
			check("支出明细", false, f.Period.Out, paid...)
		}
	}
	return out
}
