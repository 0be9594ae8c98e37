package document

import (
	"fmt"
	"time"

	"gongji/app/kernel/money"
)

// KindReceiptTrial is 收据试印: what a batch would issue.
const KindReceiptTrial = "receipt_trial"

// ReceiptTrial is the content of a trial print (试印) of a batch: the list of
// who gets what and who does not, then some faces as they will look. Every
// page is marked 试印; no number is on it and no code that verifies.
type ReceiptTrial struct {
	Issue
	Scope    string            `json:"scope"`
	Handler  string            `json:"handler"`
	Good     int               `json:"good"`
	Total    money.Fen         `json:"total_fen"`
	Aside    int               `json:"aside"`
	Rows     []TrialRow        `json:"rows"`               // as many as are printed
	Left     int               `json:"left"`               // rows that are not
	Set      []TrialRow        `json:"set_aside"`          // as many as are printed
	SetLeft  int               `json:"set_aside_left"`     // rows that are not
	Receipts []DonationReceipt `json:"receipts,omitempty"` // samples
}

// TrialRow is one donation of a batch.
type TrialRow struct {
	Line      int        `json:"line"`
	Reference string     `json:"reference"`
	Donor     string     `json:"donor"`
	Fund      string     `json:"fund"`
	On        *time.Time `json:"on,omitempty"`
	Amount    *money.Fen `json:"amount_fen,omitempty"`
	Why       string     `json:"why,omitempty"`
}

// Kind is KindReceiptTrial.
func (ReceiptTrial) Kind() string { return KindReceiptTrial }

func (c ReceiptTrial) name() string { return "收据试印" }

func (c ReceiptTrial) draw(s *sheet) error {
	if c.Scope != "" {
		c.list(s)
	}
	for i, r := range c.Receipts {
		if i > 0 || c.Scope != "" {
			s.newPage()
		}
		if err := r.draw(s); err != nil {
			return err
		}
	}
	s.stamp("试　印")
	return nil
}

func (c ReceiptTrial) list(s *sheet) {
	s.title("捐赠收据试印清单", "未分配号码，未开具任何收据", "")
	s.table(grid{size: 9.5, cols: []column{{share: 22, align: 'L'}, {share: 40, align: 'L'}, {share: 22, align: 'L'}, {share: 36, align: 'L'}}}, []row{
		both("范围", c.Scope, "收款单位", c.Issuer),
		both("可开具", fmt.Sprintf("%d 张，￥%s", c.Good, c.Total.Yuan()), "搁置", fmt.Sprintf("%d 笔", c.Aside)),
		both("收款人（经手人）", c.Handler, "核对时间", moment(c.IssuedAt)),
	})
	if len(c.Rows) > 0 {
		s.heading("可开具")
		rows := make([]row, 0, len(c.Rows)+1)
		for _, r := range c.Rows {
			rows = append(rows, row{{text: number(r.Line)}, {text: r.Reference}, {text: or(r.Donor)}, {text: or(r.Fund)}, {text: r.on()}, {text: yuan(r.Amount)}})
		}
		if c.Left > 0 {
			rows = append(rows, row{{text: fmt.Sprintf("另有 %d 张没有印在这里，见明细表（CSV）。", c.Left), span: 6, align: 'L'}})
		}
		s.table(grid{size: 8.5, cols: []column{{"序号", 11, 'C'}, {"登记号", 20, 'L'}, {"捐赠人（交款人）", 40, 'L'}, {"专项基金", 40, 'L'}, {"捐赠日期", 22, 'C'}, {"金额（元）", 24, 'R'}}}, rows)
	}
	if len(c.Set) > 0 {
		s.heading("搁置，不开具")
		rows := make([]row, 0, len(c.Set)+1)
		for _, r := range c.Set {
			rows = append(rows, row{{text: number(r.Line)}, {text: r.Reference}, {text: or(r.Donor)}, {text: yuan(r.Amount)}, {text: r.Why}})
		}
		if c.SetLeft > 0 {
			rows = append(rows, row{{text: fmt.Sprintf("另有 %d 笔没有印在这里，见明细表（CSV）。", c.SetLeft), span: 5, align: 'L'}})
		}
		s.table(grid{size: 8.5, cols: []column{{"序号", 11, 'C'}, {"登记号", 20, 'L'}, {"捐赠人", 34, 'L'}, {"金额（元）", 22, 'R'}, {"原因和办法", 70, 'L'}}}, rows)
	}
}

func (r TrialRow) on() string {
	if r.On == nil {
		return "—"
	}
	return day(*r.On)
}
