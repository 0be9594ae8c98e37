package document

import (
	"fmt"
	"strings"
	"time"

	"gongji/app/kernel/law"
	"gongji/app/kernel/money"
)

// EvaluationReport is the content of a 评审报告: who sat, what was found, every
// score with its spread, the order, and every member's signature or dissent
// (87号令 art. 58, 61). OpenedAt and what follows it are missing from reports
// that were issued before they were printed.
type EvaluationReport struct {
	Issue
	TenderNumber string            `json:"tender_number"`
	TenderTitle  string            `json:"tender_title"`
	Buyer        string            `json:"buyer"`
	Method       string            `json:"method"`
	Scoring      string            `json:"scoring"`
	Unit         string            `json:"unit"` // 元, or 元/人次
	EvaluatedAt  time.Time         `json:"evaluated_at"`
	NoticeAt     *time.Time        `json:"notice_at,omitempty"` // the notice, on this platform
	OpenedAt     *time.Time        `json:"opened_at,omitempty"`
	OpeningPlace string            `json:"opening_place,omitempty"`
	SHA256       string            `json:"sha256"` // of the frozen record
	Members      []ReportMember    `json:"members"`
	Criteria     []ReportCriterion `json:"criteria"`
	PriceWeight  int               `json:"price_weight,omitempty"` // hundredths of a point
	Bids         []ReportBid       `json:"bids"`                   // in the order of the ranking
	Abnormal     []ReportAbnormal  `json:"abnormal,omitempty"`
	Offers       []string          `json:"last_offers,omitempty"` // first and last price, a line a bidder
	Corrections  []string          `json:"corrections,omitempty"`
	Void         string            `json:"void,omitempty"` // why the purchase ends, instead of a recommendation
}

// ReportMember is one member with what they signed.
type ReportMember struct {
	Name     string     `json:"name"`
	Seat     string     `json:"seat"`
	Employer string     `json:"employer,omitempty"`
	SignedAt *time.Time `json:"signed_at,omitempty"`
	Dissent  string     `json:"dissent,omitempty"`
}

// ReportCriterion is one scored item; Weight in hundredths of a point.
type ReportCriterion struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"`
}

// ReportBid is one bid with its scores, or with why it was rejected.
type ReportBid struct {
	Bidder     string        `json:"bidder"`
	Price      money.Fen     `json:"price_fen"`
	Rank       int           `json:"rank"`
	Tied       bool          `json:"tied,omitempty"`
	PriceScore int           `json:"price_score"`
	Total      int           `json:"total"`
	Scores     []ReportScore `json:"scores,omitempty"` // by criterion
	Stage      string        `json:"stage,omitempty"`  // where it was rejected
	Rejected   []string      `json:"rejected,omitempty"`
}

// ReportScore is the mean of a criterion and every member's score.
type ReportScore struct {
	Mean int   `json:"mean"`
	Each []int `json:"each"`
}

// ReportAbnormal is one line about an abnormally low price.
type ReportAbnormal struct {
	Bidder string `json:"bidder"`
	Text   string `json:"text"`
}

// Kind is KindEvaluationReport.
func (EvaluationReport) Kind() string { return KindEvaluationReport }

func (c EvaluationReport) name() string { return "评审报告 " + c.Number }

func (c EvaluationReport) draw(s *sheet) error {
	s.title("评审报告", "", c.Number)
	about := []row{
		wide("项目名称", c.TenderTitle),
		both("项目编号", c.TenderNumber, "采购人", c.Buyer),
		both("采购方式", c.Method, "评审方法", c.Scoring),
	}
	if c.NoticeAt != nil {
		about = append(about, wide("采购公告", day(*c.NoticeAt)+"在本平台发布"))
	}
	if c.OpenedAt != nil {
		about = append(about, both("开标时间", moment(*c.OpenedAt), "开标地点", or(c.OpeningPlace)))
	}
	about = append(about, wide("评审完成", moment(c.EvaluatedAt)))
	s.table(grid{size: 10, cols: []column{{share: 22, align: 'L'}, {share: 38, align: 'L'}, {share: 22, align: 'L'}, {share: 46, align: 'L'}}}, about)
	part := 0
	heading := func(words string) {
		part++
		s.heading(chinese(part) + "、" + words)
	}
	heading("评审小组")
	rows := make([]row, len(c.Members))
	for i, m := range c.Members {
		rows[i] = row{{text: number(i + 1)}, {text: m.Name}, {text: m.Seat}, {text: or(m.Employer)}}
	}
	s.table(grid{size: 9.5, cols: []column{{"序号", 9, 'C'}, {"姓名", 24, 'L'}, {"身份", 40, 'L'}, {"工作单位", 60, 'L'}}}, rows)
	heading("评审结果")
	c.ranking(s)
	c.rejected(s)
	if len(c.Criteria) > 0 {
		heading("评分明细")
		s.paragraph("各成员评分按评审小组名单的顺序，差距为最高分减最低分。各项平均分和价格分精确计算后四舍五入到 0.01 分一次，总分为各项之和。", style{size: 9.5}, 2)
		c.scores(s)
	}
	if len(c.Offers) > 0 {
		s.heading("最后报价")
		for _, x := range c.Offers {
			s.paragraph(x+"。", style{size: 10}, 2)
		}
	}
	if len(c.Abnormal) > 0 {
		heading("异常低价")
		for _, x := range c.Abnormal {
			s.paragraph(x.Bidder+"："+x.Text+"。", style{size: 10}, 2)
		}
	}
	if len(c.Corrections) > 0 {
		heading("评分更正（原评分留存）")
		for _, x := range c.Corrections {
			s.paragraph(x+"。", style{size: 10}, 2)
		}
	}
	heading("评审结论")
	s.paragraph(c.conclusion(), style{size: 11}, 2)
	heading("成员签署")
	c.signatures(s)
	s.y += 8 // the line stands apart from the table above it
	s.paragraph("评审记录校验值（SHA-256）："+c.SHA256, style{size: 8.5}, 0)
	s.closing(c.Issue, "采购人")
	return nil
}

func (c EvaluationReport) conclusion() string {
	if c.Void != "" {
		return "本次采购应予废标：" + c.Void + "。"
	}
	var names []string
	for _, b := range c.Bids {
		if b.Rank > 0 && len(names) < 3 {
			tie := ""
			if b.Tied {
				tie = "（并列）"
			}
			names = append(names, fmt.Sprintf("第 %d 名%s %s", b.Rank, tie, b.Bidder))
		}
	}
	return "推荐中标（成交）候选人：" + strings.Join(names, "；") + "。采购人应当自收到本报告之日起五个工作日内按顺序确定供应商（政府采购法实施条例第43条）。"
}

func (c EvaluationReport) ranking(s *sheet) {
	var rows []row
	for _, b := range c.Bids {
		if b.Rank == 0 {
			continue
		}
		rank := number(b.Rank)
		if b.Tied {
			rank += "（并列）"
		}
		rows = append(rows, row{{text: rank}, {text: b.Bidder}, {text: b.Price.Yuan()}, {text: marks(b.PriceScore)}, {text: marks(b.Total)}})
	}
	if len(rows) > 0 {
		s.table(grid{size: 9.5, cols: []column{{"排名", 16, 'C'}, {"投标人", 56, 'L'}, {"报价（" + c.Unit + "）", 28, 'R'}, {"价格分", 16, 'R'}, {"总得分", 16, 'R'}}}, rows)
	}
}

func (c EvaluationReport) rejected(s *sheet) {
	var rows []row
	for _, b := range c.Bids {
		if b.Rank == 0 {
			rows = append(rows, row{{text: b.Bidder}, {text: b.Stage}, {text: strings.Join(b.Rejected, "；")}})
		}
	}
	if len(rows) == 0 {
		return
	}
	s.paragraph("未通过审查的投标：", style{size: 10.5, bold: true}, 0)
	s.table(grid{size: 9, cols: []column{{"投标人", 40, 'L'}, {"阶段", 34, 'L'}, {"理由", 66, 'L'}}}, rows)
}

// scores is one table a criterion: wide panels would not fit beside one another.
func (c EvaluationReport) scores(s *sheet) {
	for i, k := range c.Criteria {
		var rows []row
		for _, b := range c.Bids {
			if b.Rank == 0 {
				continue
			}
			x := b.Scores[i]
			low, high := x.Each[0], x.Each[0]
			each := make([]string, len(x.Each))
			for j, v := range x.Each {
				low, high = min(low, v), max(high, v)
				each[j] = marks(v)
			}
			rows = append(rows, row{{text: b.Bidder}, {text: marks(x.Mean)}, {text: strings.Join(each, "、")}, {text: marks(high - low)}})
		}
		s.table(grid{size: 9, cols: []column{{k.Name + "（" + points(k.Weight) + " 分）", 52, 'L'}, {"平均分", 16, 'R'}, {"各成员评分", 56, 'L'}, {"差距", 16, 'R'}}}, rows)
		s.y += 2
	}
}

func (c EvaluationReport) signatures(s *sheet) {
	rows := make([]row, len(c.Members))
	for i, m := range c.Members {
		word, when := "未签署，也没有书面不同意见，视为同意", "—"
		if m.SignedAt != nil {
			word, when = "同意", exact(*m.SignedAt)
			if m.Dissent != "" {
				word = "不同意见：" + m.Dissent
			}
		}
		rows[i] = row{{text: m.Name}, {text: word}, {text: when}}
	}
	s.table(grid{size: 9.5, cols: []column{{"成员", 24, 'L'}, {"意见（" + law.Cite("财政部令第87号第61条") + "）", 66, 'L'}, {"平台签署时间", 44, 'L'}}}, rows)
}

// marks is a score with both decimals, so that a column of them lines up.
func marks(v int) string { return fmt.Sprintf("%d.%02d", v/100, v%100) }
