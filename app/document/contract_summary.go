package document

import (
	"time"

	"gongji/app/kernel/money"
)

// ContractSummary is the content of a 合同摘要: what is published of a contract.
type ContractSummary struct {
	Issue
	TenderNumber string            `json:"tender_number"`
	TenderTitle  string            `json:"tender_title"`
	ContractNo   string            `json:"contract_no"`
	Buyer        string            `json:"buyer"`
	Provider     string            `json:"provider"`
	ProviderUSCC string            `json:"provider_uscc,omitempty"`
	Amount       *money.Fen        `json:"amount_fen,omitempty"`
	AmountText   string            `json:"amount_text,omitempty"`
	SignedOn     time.Time         `json:"signed_on"`
	From         time.Time         `json:"from"`
	To           time.Time         `json:"to"`
	Scope        string            `json:"scope"`
	Payments     []ContractPayment `json:"payments,omitempty"`
}

// ContractPayment is one instalment.
type ContractPayment struct {
	Name      string     `json:"name"`
	Condition string     `json:"condition"`
	Amount    *money.Fen `json:"amount_fen,omitempty"`
}

// Kind is KindContractSummary.
func (ContractSummary) Kind() string { return KindContractSummary }

func (c ContractSummary) name() string { return "合同摘要 " + c.Number }

func (c ContractSummary) draw(s *sheet) error {
	s.title("政府购买服务合同摘要", "", c.Number)
	amount := c.AmountText
	if c.Amount != nil {
		amount = "￥" + c.Amount.Yuan() + "\n" + c.Amount.Upper()
	}
	s.table(grid{size: 10, cols: []column{{share: 26, align: 'L'}, {share: 90, align: 'L'}}}, []row{
		pairRow("合同编号", c.ContractNo),
		pairRow("项目名称", c.TenderTitle),
		pairRow("项目编号", c.TenderNumber),
		pairRow("购买主体（甲方）", c.Buyer),
		pairRow("承接主体（乙方）", c.Provider),
		pairRow("统一社会信用代码", c.ProviderUSCC),
		pairRow("合同金额", amount),
		pairRow("签订日期", day(c.SignedOn)),
		pairRow("服务期限", day(c.From)+" 至 "+day(c.To)),
		pairRow("服务内容", c.Scope),
	})
	if len(c.Payments) > 0 {
		s.heading("付款安排")
		rows := make([]row, len(c.Payments))
		for i, p := range c.Payments {
			rows[i] = row{{text: number(i + 1)}, {text: p.Name}, {text: or(p.Condition)}, {text: yuan(p.Amount)}}
		}
		s.table(grid{size: 9.5, cols: []column{{"期次", 12, 'C'}, {"款项", 32, 'L'}, {"付款条件", 50, 'L'}, {"金额（元）", 26, 'R'}}}, rows)
	}
	s.closing(c.Issue, "出具单位")
	return nil
}
