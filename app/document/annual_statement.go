package document

import (
	"time"

	"gongji/app/kernel/money"
)

// AnnualStatement is the content of a 年度捐赠汇总: what one donor gave one
// foundation in a year, with the receipts that were made for it. It is no
// receipt: a 分 is receipted once, by the receipt that is named beside it.
type AnnualStatement struct {
	Issue
	Donor     string       `json:"donor"`
	DonorUSCC string       `json:"donor_uscc,omitempty"`
	Year      int          `json:"year"`
	Lines     []AnnualGift `json:"lines"`
	Total     money.Fen    `json:"total_fen"`     // of what has an amount
	Receipted money.Fen    `json:"receipted_fen"` // of it, under a receipt that counts
}

// AnnualGift is one donation of the year.
type AnnualGift struct {
	On        time.Time  `json:"on"`
	Reference string     `json:"reference"`
	Project   string     `json:"project"`
	What      string     `json:"what"`
	Amount    *money.Fen `json:"amount_fen,omitempty"` // nil: goods without proven value
	Receipt   string     `json:"receipt,omitempty"`    // number of the one that counts
	Fiscal    string     `json:"fiscal,omitempty"`     // 财政电子票据号码
}

// Kind is KindAnnualStatement.
func (AnnualStatement) Kind() string { return KindAnnualStatement }

func (c AnnualStatement) name() string { return "年度捐赠汇总 " + c.Number }

func (c AnnualStatement) draw(s *sheet) error {
	s.title(number(c.Year)+"年度捐赠汇总", "", c.Number)
	s.face("本汇总不是票据，不能代替收据；税前扣除凭所列收据（票据）办理", true)
	pair := grid{size: 9.5, cols: []column{{share: 23, align: 'L'}, {share: 42, align: 'L'}, {share: 22, align: 'L'}, {share: 33, align: 'L'}}}
	s.table(pair, []row{wide("捐赠人", c.Donor), both("统一社会信用代码", c.DonorUSCC, "捐赠笔数", number(len(c.Lines))+" 笔"),
		both("金额合计", "￥"+c.Total.Yuan(), "其中已开收据", "￥"+c.Receipted.Yuan()), wide("金额大写", c.Total.Upper())})
	s.y += 8
	rows := make([]row, len(c.Lines))
	for i, l := range c.Lines {
		receipt := or(l.Receipt)
		if l.Fiscal != "" {
			receipt += "\n财政票据 " + l.Fiscal
		}
		rows[i] = row{{text: day(l.On)}, {text: l.Reference}, {text: l.Project}, {text: l.What}, {text: yuan(l.Amount)}, {text: receipt}}
	}
	s.table(grid{size: 8.5, cols: []column{{"到账日期", 25, 'L'}, {"登记号", 17, 'L'}, {"项目", 32, 'L'}, {"捐赠内容", 26, 'L'}, {"金额（元）", 20, 'R'}, {"收据编号", 22, 'L'}}}, rows)
	s.y += 5
	s.paragraph("说明：收据编号为“—”的，尚未开具收据，可向基金会申请；无价值凭证的物资只列名称和数量，不计金额。", style{size: 9}, 0)
	s.closing(c.Issue, "出具单位")
	return nil
}
