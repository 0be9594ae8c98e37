package document

import (
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
)

// DonationReceipt is the content of a 捐赠收据, with the fields of 财综〔2024〕1号
// art. 6. Without Fiscal it says on its face that it is no fiscal receipt.
type DonationReceipt struct {
	Issue
	Fiscal *FiscalNumbers `json:"fiscal,omitempty"`

	Donor     string    `json:"donor"`                // 交款人; the caller masks or replaces it for an anonymous donor
	DonorUSCC string    `json:"donor_uscc,omitempty"` // 交款人统一社会信用代码, as it is to be printed
	DonatedAt time.Time `json:"donated_at"`           // when the money or the goods arrived
	Method    string    `json:"method,omitempty"`     // 捐赠方式

	ProjectCode string        `json:"project_code,omitempty"` // 项目编码
	Project     string        `json:"project"`                // 项目名称: the fund or campaign
	Lines       []ReceiptLine `json:"lines"`
	// Total is the sum of the lines' amounts in 分; nil when no line has one.
	Total *money.Fen `json:"total_fen,omitempty"`

	Remark   string `json:"remark,omitempty"` // 备注
	Other    string `json:"other,omitempty"`  // 其他信息
	Reviewer string `json:"reviewer"`         // 复核人, not the 收款人
	Handler  string `json:"handler"`          // 收款人（经手人）
	Void     *Void  `json:"void,omitempty"`   // set: every page is marked 作废
}

// FiscalNumbers are a fiscal receipt's own, as entered or imported from the
// fiscal system; the platform makes none (财综〔2024〕1号 art. 9).
type FiscalNumbers struct {
	Code   string `json:"code"`   // 票据代码
	Number string `json:"number"` // 票据号码
	Check  string `json:"check"`  // 校验码
}

// ReceiptLine is money or one kind of goods. Goods without proof of their
// value have no Amount: they are listed and no amount is receipted.
type ReceiptLine struct {
	Item     string     `json:"item"`
	Unit     string     `json:"unit,omitempty"`
	Quantity string     `json:"quantity,omitempty"`
	Standard string     `json:"standard,omitempty"` // 标准: the unit price
	Amount   *money.Fen `json:"amount_fen,omitempty"`
	Goods    bool       `json:"goods,omitempty"`
}

// Void says when and why a receipt stopped being good.
type Void struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	By     string    `json:"by,omitempty"`
}

// Kind is KindDonationReceipt.
func (DonationReceipt) Kind() string { return KindDonationReceipt }

func (c DonationReceipt) name() string { return "捐赠收据 " + c.Number }

func (c DonationReceipt) check() error {
	var sum money.Fen
	has := false
	for _, l := range c.Lines {
		if l.Amount == nil {
			continue
		}
		var err error
		if sum, err = money.Add(sum, *l.Amount); err != nil {
			return err
		}
		has = true
	}
	if has != (c.Total != nil) || has && *c.Total != sum {
		return fault.New(fault.Invalid, "收据明细合计 %s 元与总额 %s 元不符，请核对后重新开具", sum.Yuan(), yuan(c.Total))
	}
	return nil
}

func (c DonationReceipt) draw(s *sheet) error {
	if err := c.check(); err != nil {
		return err
	}
	sub := "已开具公益事业捐赠统一票据"
	if c.Fiscal == nil {
		sub = "非财政票据"
	}
	s.title("捐赠收据", "", c.Number)
	s.face(sub, c.Fiscal == nil)
	const size = 9.5
	pair := grid{size: size, cols: []column{{share: 23, align: 'L'}, {share: 42, align: 'L'}, {share: 22, align: 'L'}, {share: 33, align: 'L'}}}
	var rows []row
	if f := c.Fiscal; f != nil {
		rows = append(rows, both("票据代码", f.Code, "票据号码", f.Number), both("校验码", f.Check, "开票日期", day(c.IssuedAt)))
	} else {
		rows = append(rows, both("捐赠方式", c.Method, "开票日期", day(c.IssuedAt)))
	}
	rows = append(rows,
		wide("捐赠人（交款人）", c.Donor),
		both("统一社会信用代码", c.DonorUSCC, "捐赠日期", day(c.DonatedAt)),
		both("项目名称", c.Project, "项目编码", c.ProjectCode))
	s.table(pair, rows)
	s.y += 8
	c.lines(s, size)
	s.y += 8
	rows = []row{wide("备注", c.Remark)}
	if c.Other != "" {
		rows = append(rows, wide("其他信息", c.Other))
	}
	if v := c.Void; v != nil {
		rows = append(rows, wide("作废", moment(v.At)+"　"+v.By+"\n"+v.Reason))
	}
	rows = append(rows, wide("收款单位", c.Issuer), both("复核人", c.Reviewer, "收款人（经手人）", c.Handler))
	s.table(pair, rows)
	s.closing(c.Issue, "收款单位")
	if c.Void != nil {
		s.stamp("作废")
	}
	return nil
}

func (c DonationReceipt) lines(s *sheet, size float64) {
	g := grid{size: size, cols: []column{{"序号", 10, 'C'}, {"项目（物品）名称", 44, 'L'}, {"单位", 13, 'C'}, {"数量", 18, 'R'}, {"标准（元）", 20, 'R'}, {"金额（元）", 26, 'R'}}}
	rows := make([]row, 0, len(c.Lines)+3)
	unproved := false
	for i, l := range c.Lines {
		unproved = unproved || l.Goods && l.Amount == nil
		rows = append(rows, row{{text: number(i + 1)}, {text: l.Item}, {text: or(l.Unit)}, {text: or(l.Quantity)}, {text: or(l.Standard)}, {text: yuan(l.Amount)}})
	}
	upper := "—"
	if c.Total != nil {
		upper = c.Total.Upper()
	}
	rows = append(rows,
		row{{text: "金额合计（小写）", span: 2, bold: true, shade: true}, {text: currency(c.Total), span: 4, bold: true, align: 'R'}},
		row{{text: "金额合计（大写）", span: 2, bold: true, shade: true}, {text: upper, span: 4, align: 'L'}})
	if unproved {
		rows = append(rows, row{{text: "注：金额为“—”的物品无价值凭证，仅列实物，不计金额。", span: 6, align: 'L'}})
	}
	s.table(g, rows)
}

func currency(f *money.Fen) string {
	if f == nil {
		return "—"
	}
	return "￥" + f.Yuan()
}

// face says in a frame, under the title, whether this is a fiscal receipt.
func (s *sheet) face(txt string, frame bool) {
	st := style{size: 10.5, bold: true, color: red}
	if !frame {
		st.color = black
	}
	w := s.ink.width(txt, st) + 16
	y := s.y - 20
	if frame {
		s.pdf.SetDrawColor(int(red[0]), int(red[1]), int(red[2]))
		s.pdf.Rect(leftEdge, y, w, 17, "D")
		s.pdf.SetDrawColor(0, 0, 0)
	}
	s.text(leftEdge+8, y+12.3, txt, st)
}

// both is a row of two labels with their values; wide is one over the width.
func both(a, x, b, y string) row {
	return row{{text: a, shade: true}, {text: or(x)}, {text: b, shade: true}, {text: or(y)}}
}

func wide(a, x string) row { return row{{text: a, shade: true}, {text: or(x), span: 3}} }
