package document

import (
	"time"
)

// KindFundAgreement is 专项基金管理协议.
const KindFundAgreement = "fund_agreement"

// FundAgreement is the content of a 专项基金管理协议: frozen when the fund is
// approved, in the words the officer entered and the board decided on.
type FundAgreement struct {
	Issue
	Foundation string       `json:"foundation"`
	Fund       string       `json:"fund"` // with the foundation's full name in front
	Sponsor    string       `json:"sponsor"`
	Region     string       `json:"region"`
	Purpose    string       `json:"purpose"`
	Use        string       `json:"use"`
	Committee  string       `json:"committee"` // what it does
	Members    []FundMember `json:"members"`
	Fee        string       `json:"fee"` // "5%"
	Ending     string       `json:"ending"`
	EndsOn     *time.Time   `json:"ends_on,omitempty"` // the last day, which counts
	SurplusTo  string       `json:"surplus_to"`
	Surplus    string       `json:"surplus"`
	BoardOn    time.Time    `json:"board_on"`
	BoardNo    string       `json:"board_no"`
}

// FundMember is one of the committee.
type FundMember struct {
	Name string `json:"name"`
	Side string `json:"side,omitempty"`
	Seat string `json:"seat,omitempty"`
}

// Kind is KindFundAgreement.
func (FundAgreement) Kind() string { return KindFundAgreement }

func (a FundAgreement) name() string { return "专项基金管理协议 " + a.Number }

func (a FundAgreement) draw(s *sheet) error {
	s.title("专项基金管理协议", "", a.Number)
	until := "没有固定期限"
	if a.EndsOn != nil {
		until = "至 " + day(*a.EndsOn)
	}
	s.table(grid{size: 10, cols: []column{{share: 26, align: 'L'}, {share: 90, align: 'L'}}}, []row{
		pairRow("甲方（基金会）", a.Foundation), pairRow("乙方（发起人）", a.Sponsor), pairRow("基金名称", a.Fund), pairRow("服务地区", a.Region),
		pairRow("管理费", a.Fee), pairRow("期限", until), pairRow("理事会批准", day(a.BoardOn)+"　"+a.BoardNo)})
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
	article("性质与名称", "本基金是甲方设立和管理的专项基金，不具有独立法人资格，下面不再设立基金。对外使用的名称冠以甲方全称，不单独签订合同，不开立独立账户。")
	article("设立目的", a.Purpose)
	article("使用范围", a.Use, "改变款物用途的，须经捐赠人同意；余额不足的不支付，不得透支。")
	article("管理委员会", a.Committee)
	rows := make([]row, len(a.Members))
	for i, m := range a.Members {
		rows[i] = row{{text: number(i + 1)}, {text: m.Name}, {text: or(m.Side)}, {text: or(m.Seat)}}
	}
	s.table(grid{size: 10, cols: []column{{"序号", 12, 'C'}, {"姓名", 34, 'L'}, {"代表方", 44, 'L'}, {"职务", 30, 'L'}}}, rows)
	s.y += 6
	article("管理费", "甲方按基金支出的 "+a.Fee+" 收取管理费，并入甲方年度管理费用，不超过法定比例。")
	article("收支与公开", "收支全部记入甲方账簿并按年度预算执行。付款按金额由不同的人起草、审批和支付；超过预算或者限额的，由管理委员会或者理事会形成决议。收入、支出、余额和资助情况向社会公开，但不公开捐赠人和受益人的个人信息。")
	article("终止", a.Ending)
	article("剩余财产", a.SurplusTo+"。", a.Surplus, "剩余财产的去向向社会公布。")
	article("生效与争议", "本协议经甲方理事会批准、双方签章后生效。发生争议的，双方协商解决；协商不成的，可以向甲方所在地人民法院提起诉讼。")
	s.need(90)
	s.y += 6
	s.table(grid{size: 10.5, cols: []column{{share: 60, align: 'L'}, {share: 60, align: 'L'}}}, []row{
		{{text: "甲方（盖章）：" + a.Foundation + "\n\n\n日期："}, {text: "乙方（签章）：" + a.Sponsor + "\n\n\n日期："}},
	})
	s.closing(a.Issue, "签发单位")
	return nil
}
