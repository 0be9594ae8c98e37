package document

import (
	"cmp"
	"strconv"
	"time"
)

// Disclosure is the content of a 信息公开: what a foundation tells the public of
// a fund. Amounts are words already, in the unit that was chosen.
type Disclosure struct {
	Issue
	Title       string      `json:"title,omitempty"` // "": 专项基金信息公开
	Heading     string      `json:"heading"`         // 定期公布 …
	Foundation  string      `json:"foundation"`
	Subject     string      `json:"subject"`
	Period      string      `json:"period"`
	Due         time.Time   `json:"due,omitzero"` // exclusive
	Late        int         `json:"late,omitempty"`
	Article     string      `json:"article"`
	Unit        string      `json:"unit"` // 元, 万元
	Sums        [][3]string `json:"sums"` // what, in the period, altogether
	Donors      [][3]string `json:"donors,omitempty"`
	Groups      [][]string  `json:"groups,omitempty"` // the head first, the totals last
	Goods       [][6]string `json:"goods,omitempty"`
	GoodsNote   string      `json:"goods_note,omitempty"`
	Payments    [][4]string `json:"payments,omitempty"`
	UsedNote    string      `json:"used_note,omitempty"` // how it is known what was used
	Summary     string      `json:"summary"`
	Explanation string      `json:"explanation,omitempty"`
	Differences []string    `json:"differences,omitempty"`
	Why         string      `json:"why,omitempty"` // of the differences
	Edition     int         `json:"edition"`
	Correction  string      `json:"correction,omitempty"` // the reason of a later edition
}

// Kind is KindDisclosure.
func (Disclosure) Kind() string { return KindDisclosure }

func (d Disclosure) name() string { return d.Subject + "信息公开 " + d.Number }

func (d Disclosure) draw(s *sheet) error {
	s.title(cmp.Or(d.Title, "专项基金信息公开"), d.Subject+"　"+d.Heading, d.Number)
	facts := []row{pairRow("公布单位", d.Foundation), pairRow("统计期间", d.Period), pairRow("公布依据", d.Article)}
	if !d.Due.IsZero() {
		due := day(d.Due.Add(-time.Second)) + " 24:00"
		if d.Late > 0 {
			due += "（逾期 " + strconv.Itoa(d.Late) + " 天公布）"
		}
		facts = append(facts, pairRow("最迟公布", due))
	}
	if d.Correction != "" {
		facts = append(facts, pairRow("更正", "第 "+strconv.Itoa(d.Edition)+" 版，更正前一版。理由："+d.Correction))
	}
	s.table(grid{size: 10, cols: []column{{share: 22, align: 'L'}, {share: 94, align: 'L'}}}, facts)
	s.y += 8
	n := 0
	part := func(title string) {
		n++
		s.need(60)
		s.paragraph(ordinal(n)+"、"+title, style{size: 11.5, bold: true}, 0)
		s.y += 2
	}
	part("收支（" + d.Unit + "）")
	s.table(grid{size: 10, cols: []column{{"项目", 50, 'L'}, {"本期", 33, 'R'}, {"累计", 33, 'R'}}}, cells(d.Sums))
	s.y += 8
	if len(d.Donors) > 0 {
		part("捐款来自（" + d.Unit + "）")
		s.table(grid{size: 10, cols: []column{{"捐赠人类别", 50, 'L'}, {"笔数", 33, 'R'}, {"金额", 33, 'R'}}}, cells(d.Donors))
		s.y += 3
		s.paragraph("不列捐赠人姓名（慈善法第82条）。", style{size: 9, color: grey}, 0)
		s.y += 6
	}
	if len(d.Groups) > 0 {
		part("分组汇总（" + d.Unit + "）")
		cols := make([]column, len(d.Groups[0]))
		for i, h := range d.Groups[0] {
			cols[i] = column{h, 28, 'R'}
		}
		cols[0] = column{d.Groups[0][0], 36, 'L'}
		s.table(grid{size: 9.5, cols: cols}, cells(d.Groups[1:]))
		s.y += 8
	}
	if len(d.Goods) > 0 {
		part("物资")
		s.table(grid{size: 9.5, cols: []column{{"物资", 44, 'L'}, {"单位", 14, 'C'}, {"本期收到", 20, 'R'}, {"本期发出", 20, 'R'}, {"累计收到", 20, 'R'}, {"期末结存", 20, 'R'}}}, cells(d.Goods))
		if d.GoodsNote != "" {
			s.y += 3
			s.paragraph(d.GoodsNote, style{size: 9, color: grey}, 0)
		}
		s.y += 6
	}
	if len(d.Payments) > 0 {
		part("支出明细（" + d.Unit + "）")
		if d.UsedNote != "" {
			s.paragraph(d.UsedNote, style{size: 9, color: grey}, 0)
			s.y += 3
		}
		s.table(grid{size: 9.5, cols: []column{{"日期", 26, 'L'}, {"收款单位", 40, 'L'}, {"用途", 48, 'L'}, {"金额", 24, 'R'}}}, cells(d.Payments))
		s.y += 8
	}
	part("情况说明")
	s.paragraph(d.Summary, style{size: 10.5}, 2)
	if d.Explanation != "" {
		s.paragraph(d.Explanation, style{size: 10.5}, 2)
	}
	s.y += 6
	part("数字核对")
	if len(d.Differences) == 0 {
		s.paragraph("各项相加与合计相符。", style{size: 10}, 2)
	} else {
		for _, x := range d.Differences {
			s.paragraph("· "+x, style{size: 10}, 0)
		}
		s.paragraph(d.Why, style{size: 10}, 2)
	}
	s.closing(d.Issue, "公布单位")
	return nil
}

func cells[T interface {
	~[]string | ~[3]string | ~[4]string | ~[6]string
}](list []T) []row {
	out := make([]row, 0, len(list))
	for _, l := range list {
		var r row
		for i := range len(l) {
			r = append(r, cell{text: l[i]})
		}
		out = append(out, r)
	}
	return out
}
