package document

import (
	"time"

	"gongji/app/kernel/money"
)

// KindGrantAgreement is 资助协议, or 孵化协议 where the kind of call says so.
const KindGrantAgreement = "grant_agreement"

// GrantAgreement is the content of a 资助协议: frozen when the grant is
// decided, in force once the organisation has accepted it.
type GrantAgreement struct {
	Issue
	Heading      string           `json:"heading"` // 资助协议, 孵化协议
	Foundation   string           `json:"foundation"`
	Fund         string           `json:"fund,omitempty"`
	Budget       bool             `json:"budget,omitempty"` // Fund names a budget, not a 专项基金
	Organisation string           `json:"organisation"`
	USCC         string           `json:"uscc,omitempty"`
	CallTitle    string           `json:"call_title"`
	CallNumber   string           `json:"call_number"`
	Application  string           `json:"application"` // its number
	CopySHA256   string           `json:"copy_sha256"` // of the application as it was sent
	Title        string           `json:"title"`
	Purpose      string           `json:"purpose"`
	Amount       money.Fen        `json:"amount_fen"`
	From         time.Time        `json:"from"`
	To           time.Time        `json:"to"` // the last day, which counts
	Milestones   []GrantMilestone `json:"milestones"`
}

// GrantMilestone is one instalment.
type GrantMilestone struct {
	Name      string    `json:"name"`
	Condition string    `json:"condition"`
	Due       time.Time `json:"due"`
	Amount    money.Fen `json:"amount_fen"`
}

// Kind is KindGrantAgreement.
func (GrantAgreement) Kind() string { return KindGrantAgreement }

func (g GrantAgreement) name() string { return g.Heading + " " + g.Number }

func (g GrantAgreement) draw(s *sheet) error {
	s.title(g.Heading, "", g.Number)
	paid := g.Amount > 0
	facts := []row{pairRow("甲方（资助方）", g.Foundation), pairRow("乙方（受资助方）", g.Organisation), pairRow("乙方统一社会信用代码", or(g.USCC)),
		pairRow("项目名称", g.Title), pairRow("征集公告", g.CallTitle+"（"+g.CallNumber+"）"), pairRow("乙方申请", g.Application),
		pairRow("项目期限", day(g.From)+" 至 "+day(g.To))}
	if paid {
		facts = append(facts, pairRow("资助金额", "￥"+g.Amount.Yuan()+"\n"+g.Amount.Upper()), pairRow("资金来源", or(g.Fund)))
	}
	s.table(grid{size: 10, cols: []column{{share: 26, align: 'L'}, {share: 90, align: 'L'}}}, facts)
	s.y += 4
	n := 0
	article := func(title string, lines ...string) {
		n++
		s.article(n, title)
		for _, l := range lines {
			s.paragraph(l, style{size: 11}, 2)
		}
		s.y += 3
	}
	article("项目内容", g.Purpose, "乙方按提交的申请实施项目。申请提交时的内容已经冻结，其 SHA-256 为 "+g.CopySHA256+"，是本协议的组成部分。")
	if paid {
		article("资助款的支付", "甲方按下列节点支付。每个节点由乙方报告、甲方确认达成后，甲方从上列资金来源付款；各节点金额之和等于资助金额。")
	} else {
		article("培育节点", "乙方按下列节点推进，每个节点由乙方报告、甲方确认达成；全部达成后由甲方确认出壳。本协议不涉及资助款。")
	}
	rows := make([]row, len(g.Milestones))
	for i, m := range g.Milestones {
		amount := m.Amount
		rows[i] = row{{text: number(i + 1)}, {text: m.Name}, {text: or(m.Condition)}, {text: day(m.Due)}, {text: yuan(&amount)}}
	}
	cols := []column{{"节点", 10, 'C'}, {"名称", 26, 'L'}, {"达成的标准", 46, 'L'}, {"最迟日期", 24, 'L'}, {"金额（元）", 20, 'R'}}
	if !paid {
		cols = cols[:4]
		for i := range rows {
			rows[i] = rows[i][:4]
		}
	}
	s.table(grid{size: 9.5, cols: cols}, rows)
	s.y += 6
	if paid {
		article("款项的使用", "资助款专款专用，不得用于申请预算以外的支出，不得分配、担保或者转借。需要调整预算科目或者项目期限的，乙方事先书面提出，甲方同意后执行。")
	}
	article("报告与监督", "乙方按节点提交进展和支出凭证，保存完整的账目和服务记录，接受甲方和第三方的检查与评价。项目的名称、金额、进展和评价结果向社会公开，但不公开服务对象的个人信息。")
	article("不得重复资助", "乙方声明同一内容没有从其他公开征集、政府购买服务或者资助中获得支付；有内容相近的，已经在申请中如实说明。")
	end := "乙方提供虚假材料、挪用款项或者无正当理由停止项目的，甲方可以停止支付、解除协议并收回未按约定使用的款项。"
	if !paid {
		end = "乙方提供虚假材料或者无正当理由停止项目的，甲方可以解除协议。"
	}
	article("变更与终止", rest(g, end)...)
	article("生效与争议", "本协议由甲方作出资助决定时签发，乙方在平台确认接受之日起生效。发生争议的，双方协商解决；协商不成的，可以向甲方所在地人民法院提起诉讼。")
	s.need(90)
	s.y += 6
	s.table(grid{size: 10.5, cols: []column{{share: 60, align: 'L'}, {share: 60, align: 'L'}}}, []row{
		{{text: "甲方（盖章）：" + g.Foundation + "\n\n\n日期：" + day(g.IssuedAt)}, {text: "乙方（盖章）：" + g.Organisation + "\n\n\n日期："}},
	})
	s.closing(g.Issue, "签发单位")
	return nil
}

// rest adds what becomes of money that is left; where no money is given there
// is none.
func rest(g GrantAgreement, end string) []string {
	switch {
	case g.Amount == 0:
		return []string{end}
	case g.Budget:
		return []string{end, "项目完成后有结余的，乙方退回甲方，按原资金渠道处理。"}
	}
	return []string{end, "项目完成后有结余的，乙方退回甲方，用于原专项基金的目的。"}
}
