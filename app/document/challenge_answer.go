package document

import (
	"fmt"
	"time"
)

// ChallengeAnswer is the content of a 质疑答复 (财政部令第94号第15条).
type ChallengeAnswer struct {
	Issue
	Challenger     string           `json:"challenger"`
	TenderNumber   string           `json:"tender_number"`
	TenderTitle    string           `json:"tender_title"`
	ReceivedAt     time.Time        `json:"received_at"`
	Stage          string           `json:"stage"`
	Points         []ChallengePoint `json:"points"`
	Outcome        string           `json:"outcome"`
	Effect         string           `json:"effect,omitempty"`
	Answer         string           `json:"answer"`
	Grounds        string           `json:"grounds"`
	ComplainBefore *time.Time       `json:"complain_before,omitempty"` // the last day
	Contact        string           `json:"contact,omitempty"`
}

// ChallengePoint is one thing that was challenged.
type ChallengePoint struct {
	Matter  string `json:"matter"`
	Request string `json:"request"`
}

// Kind is KindChallengeAnswer.
func (ChallengeAnswer) Kind() string { return KindChallengeAnswer }

func (c ChallengeAnswer) name() string { return "质疑答复 " + c.Number }

func (c ChallengeAnswer) draw(s *sheet) error {
	s.title("质疑答复", "", c.Number)
	st, head := style{size: 12}, style{size: 12, bold: true}
	s.y += 6
	s.paragraph(c.Challenger+"：", head, 0)
	s.y += 2
	s.paragraph("我单位于"+day(c.ReceivedAt)+"收到你单位对“"+c.TenderTitle+"”（项目编号："+c.TenderNumber+"）"+c.Stage+"提出的质疑。经核实，现答复如下：", st, 2)
	s.y += 4
	s.paragraph("一、质疑事项和请求", head, 0)
	for i, p := range c.Points {
		s.paragraph(fmt.Sprintf("%d. %s", i+1, p.Matter), st, 2)
		s.paragraph("请求："+p.Request, st, 2)
	}
	s.y += 4
	s.paragraph("二、答复", head, 0)
	s.paragraph("质疑"+c.Outcome+"。"+c.Answer, st, 2)
	if c.Effect != "" {
		s.paragraph("对采购活动的处理："+c.Effect+"。", st, 2)
	}
	s.y += 4
	s.paragraph("三、事实依据和法律依据", head, 0)
	s.paragraph(c.Grounds, st, 2)
	s.y += 4
	s.paragraph("四、权利告知", head, 0)
	right := "你单位对本答复不满意的，可以在答复期满后十五个工作日内向采购人同级财政部门投诉（《中华人民共和国政府采购法》第五十五条）"
	if c.ComplainBefore != nil {
		right += "，最迟为" + day(*c.ComplainBefore)
	}
	s.paragraph(right+"。投诉事项不得超出已质疑事项的范围，但基于本答复内容提出的除外。", st, 2)
	if c.Contact != "" {
		s.paragraph("联系人及联系方式："+c.Contact, st, 2)
	}
	s.closing(c.Issue, "答复人")
	return nil
}
