package document

import (
	"time"

	"gongji/app/kernel/money"
)

// AwardNotice is the content of a 中标通知书, or of a 成交通知书 where the
// purchase was not a tender.
type AwardNotice struct {
	Issue
	Deal         bool       `json:"deal,omitempty"` // 成交 rather than 中标
	TenderNumber string     `json:"tender_number"`
	TenderTitle  string     `json:"tender_title"`
	Package      string     `json:"package,omitempty"`
	Method       string     `json:"method"`
	Buyer        string     `json:"buyer"`
	Winner       string     `json:"winner"`
	WinnerUSCC   string     `json:"winner_uscc,omitempty"`
	Price        *money.Fen `json:"price_fen,omitempty"`
	PriceText    string     `json:"price_text,omitempty"` // a unit price or a rate, instead of Price
	FirstText    string     `json:"first_text,omitempty"` // the price at the opening, where the amount is a last offer
	Duration     string     `json:"duration,omitempty"`
	Score        *int       `json:"score,omitempty"` // hundredths of a point
	ConfirmedAt  time.Time  `json:"confirmed_at"`    // when the buyer chose
	SignBefore   time.Time  `json:"sign_before"`     // last day to conclude the contract (法46: 30 日)
	Contact      string     `json:"contact,omitempty"`
	Remark       string     `json:"remark,omitempty"`
}

// Kind is KindAwardNotice.
func (AwardNotice) Kind() string { return KindAwardNotice }

func (c AwardNotice) word() string {
	if c.Deal {
		return "成交"
	}
	return "中标"
}

func (c AwardNotice) name() string { return c.word() + "通知书 " + c.Number }

func (c AwardNotice) draw(s *sheet) error {
	w := c.word()
	s.title(w+"通知书", "", c.Number)
	st := style{size: 12}
	s.y += 6
	s.paragraph(c.Winner+"：", style{size: 12, bold: true}, 0)
	s.y += 2
	s.paragraph("你单位参加的“"+c.TenderTitle+"”（项目编号："+c.TenderNumber+"）采购活动，经依法组织评审，并由采购人于"+day(c.ConfirmedAt)+"确认，你单位为本项目"+w+"供应商。现将有关事项通知如下：", st, 2)
	s.y += 8
	price, upper := c.PriceText, ""
	if c.Price != nil {
		price, upper = "￥"+c.Price.Yuan(), c.Price.Upper()
	}
	rows := []row{pairRow("采购人", c.Buyer), pairRow("采购方式", c.Method)}
	if c.Package != "" {
		rows = append(rows, pairRow("包号", c.Package))
	}
	rows = append(rows, pairRow(w+"供应商", c.Winner), pairRow("统一社会信用代码", c.WinnerUSCC), pairRow(w+"金额", price))
	if upper != "" {
		rows = append(rows, pairRow("大写", upper))
	}
	if c.FirstText != "" {
		rows = append(rows, pairRow("首次报价", c.FirstText))
	}
	rows = append(rows, pairRow("服务期限", c.Duration))
	if c.Score != nil {
		rows = append(rows, pairRow("评审得分", points(*c.Score)+" 分"))
	}
	if c.Remark != "" {
		rows = append(rows, pairRow("备注", c.Remark))
	}
	s.table(grid{size: 10.5, cols: []column{{share: 26, align: 'L'}, {share: 90, align: 'L'}}}, rows)
	s.y += 10
	s.paragraph("请你单位在收到本通知书之日起三十日内，最迟于"+day(c.SignBefore)+"，持本通知书与采购人按照采购文件和响应文件确定的事项签订书面合同（《中华人民共和国政府采购法》第四十六条）。"+w+"后无正当理由拒不签订合同的，依法承担相应责任。", st, 2)
	if c.Contact != "" {
		s.paragraph("联系人及联系方式："+c.Contact, st, 2)
	}
	s.paragraph("特此通知。", st, 2)
	s.closing(c.Issue, "采购人")
	return nil
}
