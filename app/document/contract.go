package document

import (
	"fmt"
	"strings"
	"time"

	"gongji/app/kernel/law"
	"gongji/app/kernel/money"
)

// Contract is the content of a whole 政府购买服务合同. Its terms are those of
// the documents and of the bid that won: nothing of substance is written anew
// (政府采购法第46条, 实施条例第49条).
type Contract struct {
	Issue
	Draft        bool       `json:"draft,omitempty"` // to be signed; it has no number yet
	TenderNumber string     `json:"tender_number"`
	TenderTitle  string     `json:"tender_title"`
	AwardNumber  string     `json:"award_number"`
	Buyer        string     `json:"buyer"`
	Provider     string     `json:"provider"`
	ProviderUSCC string     `json:"provider_uscc,omitempty"`
	Scope        string     `json:"scope"`
	Beneficiary  string     `json:"beneficiary,omitempty"`
	Requirements []string   `json:"requirements,omitempty"`
	Promise      string     `json:"promise,omitempty"` // of the bid
	Amount       money.Fen  `json:"amount_fen"`
	AmountText   string     `json:"amount_text,omitempty"` // of a unit price
	Terms        string     `json:"terms,omitempty"`       // as in the documents: payment, acceptance
	Bond         *money.Fen `json:"bond_fen,omitempty"`
	From         time.Time  `json:"from"`
	To           time.Time  `json:"to"`
	SignedOn     *time.Time `json:"signed_on,omitempty"`
	Addition     string     `json:"addition"` // the limit and article of what may be added
	Contact      string     `json:"contact,omitempty"`
}

// Kind is KindContract.
func (Contract) Kind() string { return KindContract }

func (c Contract) name() string { return "合同 " + c.TenderTitle }

func (c Contract) draw(s *sheet) error {
	sub := ""
	if c.Draft {
		sub = "（供签订）"
	}
	s.title("政府购买服务合同", sub, c.Number)
	signed := "      年    月    日"
	if c.SignedOn != nil {
		signed = day(*c.SignedOn)
	}
	s.table(grid{size: 10.5, cols: []column{{share: 30, align: 'L'}, {share: 90, align: 'L'}}}, []row{
		pairRow("甲方（购买主体）", c.Buyer), pairRow("乙方（承接主体）", c.Provider), pairRow("乙方统一社会信用代码", c.ProviderUSCC),
		pairRow("项目名称", c.TenderTitle), pairRow("项目编号", c.TenderNumber), pairRow("中标（成交）通知书", c.AwardNumber), pairRow("签订日期", signed),
	})
	s.y += 6
	n := 0
	article := func(title string, lines ...string) {
		n++
		s.article(n, title)
		for _, l := range lines {
			if l != "" {
				s.paragraph(l, style{size: 11}, 2)
			}
		}
		s.y += 3
	}
	s.paragraph("甲乙双方根据《中华人民共和国政府采购法》及其实施条例、《政府购买服务管理办法》和本项目的采购文件、乙方的投标（响应）文件、中标（成交）通知书，签订本合同。", style{size: 11}, 2)
	s.y += 3
	whom := ""
	if c.Beneficiary != "" {
		whom = "服务对象：" + c.Beneficiary
	}
	article("服务内容", c.Scope, whom)
	if len(c.Requirements) > 0 {
		var lines []string
		for i, r := range c.Requirements {
			lines = append(lines, fmt.Sprintf("%d. %s", i+1, strings.TrimLeft(r, "★ ")))
		}
		article("服务要求", append([]string{"乙方应满足采购文件的全部实质性要求："}, lines...)...)
	}
	article("服务期限", "自"+day(c.From)+"至"+day(c.To)+"。")
	price := "合同总价为人民币 " + c.Amount.Yuan() + " 元（大写：" + c.Amount.Upper() + "），即中标（成交）金额，包含乙方完成服务的全部费用。"
	if c.AmountText != "" {
		price = c.AmountText + "，结算总额不超过人民币 " + c.Amount.Yuan() + " 元（大写：" + c.Amount.Upper() + "）。"
	}
	pay := "甲方按采购文件规定的方式和时间付款；乙方提供合法票据。"
	if c.Terms != "" {
		pay = "采购文件规定的合同主要条款：" + c.Terms
	}
	article("合同金额与付款", price, pay)
	if c.Promise != "" {
		article("乙方的承诺", "乙方在投标（响应）文件中承诺："+c.Promise, "乙方的投标（响应）文件是本合同的组成部分。")
	}
	bond := "本合同不收取履约保证金。"
	if c.Bond != nil {
		bond = "乙方向甲方提交履约保证金 " + c.Bond.Yuan() + " 元，以支票、汇票、本票或者金融机构、担保机构出具的保函等非现金形式提交；乙方履约完毕并经验收合格后，甲方如数退还。"
	}
	article("履约保证金", bond)
	article("履约与验收", "甲方按采购文件、投标（响应）文件和本合同规定的标准组织验收，出具验收书，列明每一项服务的履约情况。向社会公众提供的公共服务，验收时邀请服务对象参与并出具意见，验收结果向社会公告（实施条例第45条）。",
		"乙方应建立服务台账，记录服务对象、服务数量和质量，接受甲方的绩效评价；不得将服务项目转包。")
	article("违约责任", "乙方未按约定的内容、标准或者期限提供服务的，应当按甲方要求改正；拒不改正或者改正后仍不符合约定的，甲方可以相应扣减服务费用，直至解除合同，乙方赔偿由此造成的损失。",
		"甲方无正当理由迟延付款的，应当支付相应利息，并赔偿由此给乙方造成的损失。", "因不可抗力不能履行的，受影响的一方应及时通知对方并提供证明，根据影响部分或者全部免除责任。")
	article("合同的变更", "双方不得擅自变更、中止或者终止合同；继续履行将损害国家利益和社会公共利益的，应当变更、中止或者终止，有过错的一方承担赔偿责任（"+law.Cite("政府采购法第50条")+"）。",
		"需要追加与合同标的相同的服务的，在不改变其他条款的前提下可以签订补充合同，所有补充合同的金额"+c.Addition+"。变更及其理由向社会公开。")
	article("争议解决", "履行中发生争议的，双方协商解决；协商不成的，可以向甲方所在地人民法院提起诉讼。")
	article("其他", "本合同自双方盖章之日起生效，一式肆份，甲乙双方各执贰份。合同自签订之日起七个工作日内备案，二个工作日内公告（政府采购法第47条、实施条例第50条）。")
	const side = 20 * mm
	s.need(100 + side)
	s.y += 8
	s.table(grid{size: 10.5, cols: []column{{share: 60, align: 'L'}, {share: 60, align: 'L'}}}, []row{
		{{text: "甲方（盖章）：" + c.Buyer + "\n\n\n法定代表人或授权代表（签字）：\n\n日期："}, {text: "乙方（盖章）：" + c.Provider + "\n\n\n法定代表人或授权代表（签字）：\n\n日期："}},
	})
	s.y += 10
	s.qr(leftEdge, s.y, side, c.VerifyURL)
	st := style{size: 8}
	for i, l := range []string{"核验码：" + c.Code, "扫码核验本文本由平台生成、内容未改；合同以双方盖章签字的文本为准。"} {
		s.text(leftEdge+side+8, s.y+12+12.5*float64(i), l, st)
	}
	s.y += side + 6
	return nil
}

// ordinal is a small number in Chinese.
func ordinal(n int) string {
	digits := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	switch {
	case n < 10:
		return digits[n]
	case n < 20:
		return "十" + digits[n-10]
	}
	return digits[n/10] + "十" + digits[n%10]
}
