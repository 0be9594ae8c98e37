package document

import (
	"time"

	"gongji/app/kernel/money"
)

// KindAcceptanceReport is the kind of a 验收书.
const KindAcceptanceReport = "acceptance_report"

// AcceptanceReport is the content of a 验收书: every promised output and every
// condition with what was found, and who said so (政府采购法实施条例第45条).
// Residents' names come masked: it is published.
type AcceptanceReport struct {
	Issue
	Kind_         string             `json:"kind"` // 购买服务 or 基金资助
	Project       string             `json:"project"`
	ProjectNumber string             `json:"project_number"`
	Payer         string             `json:"payer"`
	Provider      string             `json:"provider"`
	Amount        *money.Fen         `json:"amount_fen,omitempty"`
	From          time.Time          `json:"from"`
	To            time.Time          `json:"to"`
	Scope         string             `json:"scope"`
	On            time.Time          `json:"inspected_on"`
	Place         string             `json:"place"`
	Basis         string             `json:"basis,omitempty"`
	Members       []AcceptanceMember `json:"members"`
	Checks        []AcceptanceCheck  `json:"checks"`
	Result        string             `json:"result"`
	RedoOn        time.Time          `json:"redo_on,omitzero"`
	Redo          string             `json:"redo,omitempty"`
	Summary       string             `json:"summary"`
	Heard         string             `json:"heard,omitempty"` // how many spoke with codes
	Voices        []AcceptanceVoice  `json:"voices,omitempty"`
}

// AcceptanceVoice is what somebody said with a code, without a name.
type AcceptanceVoice struct {
	Community string `json:"community,omitempty"`
	Opinion   string `json:"opinion"`
	Words     string `json:"words,omitempty"`
}

// AcceptanceMember is one of the group with what they said.
type AcceptanceMember struct {
	Name    string `json:"name"`
	Role    string `json:"role"`
	Unit    string `json:"unit"`
	Opinion string `json:"opinion"`
	Words   string `json:"words,omitempty"`
}

// AcceptanceCheck is one line; a condition has no quantities.
type AcceptanceCheck struct {
	Name      string `json:"name"`
	Standard  string `json:"standard,omitempty"`
	Promised  string `json:"promised,omitempty"`
	Shown     string `json:"shown,omitempty"`
	Confirmed string `json:"confirmed,omitempty"`
	Met       bool   `json:"met"`
	Note      string `json:"note,omitempty"`
}

// Kind is KindAcceptanceReport.
func (AcceptanceReport) Kind() string { return KindAcceptanceReport }

func (c AcceptanceReport) name() string { return "验收书 " + c.Number }

func (c AcceptanceReport) draw(s *sheet) error {
	s.title("履约验收书", c.Kind_, c.Number)
	rows := []row{
		pairRow("项目名称", c.Project), pairRow("合同或资助编号", c.ProjectNumber), pairRow("付款方", c.Payer), pairRow("承接方", c.Provider),
		pairRow("金额（元）", yuan(c.Amount)), pairRow("履约期", day(c.From)+" 至 "+day(c.To)), pairRow("验收内容", c.Scope),
		pairRow("验收日期", day(c.On)), pairRow("地点和方式", c.Place), pairRow("验收结果", c.Result),
	}
	if !c.RedoOn.IsZero() {
		rows = append(rows, pairRow("整改期限", day(c.RedoOn)))
	}
	s.table(grid{size: 10, cols: []column{{share: 26, align: 'L'}, {share: 100, align: 'L'}}}, rows)
	s.heading("一、逐项核对")
	s.table(grid{size: 9, cols: []column{{"内容", 40, 'L'}, {"约定", 18, 'L'}, {"成果记录", 18, 'L'}, {"确认", 18, 'L'}, {"是否达到", 14, 'C'}, {"说明", 30, 'L'}}}, c.checked())
	s.heading("二、验收小组意见")
	members := make([]row, len(c.Members))
	for i, m := range c.Members {
		members[i] = row{{text: m.Name}, {text: m.Role}, {text: m.Unit}, {text: m.Opinion}, {text: or(m.Words)}}
	}
	s.table(grid{size: 9, cols: []column{{"姓名", 16, 'L'}, {"身份", 22, 'L'}, {"单位或社区", 32, 'L'}, {"意见", 18, 'C'}, {"具体意见", 50, 'L'}}}, members)
	s.y += 4
	s.paragraph("服务对象的姓名只保留姓氏。小组成员签名的意见页由付款方存档。", style{size: 8.5, color: grey}, 0)
	if c.Heard != "" {
		s.heading("服务对象凭意见码发表的意见")
		s.paragraph(c.Heard, style{size: 10.5}, 0)
		voices := make([]row, len(c.Voices))
		for i, v := range c.Voices {
			voices[i] = row{{text: or(v.Community)}, {text: v.Opinion}, {text: or(v.Words)}}
		}
		if len(voices) > 0 {
			s.table(grid{size: 9, cols: []column{{"社区", 30, 'L'}, {"意见", 20, 'C'}, {"具体意见", 88, 'L'}}}, voices)
		}
	}
	s.heading("三、总体评价")
	s.paragraph(c.Summary, style{size: 10.5}, 2)
	if c.Redo != "" {
		s.heading("四、整改和处理")
		s.paragraph(c.Redo, style{size: 10.5}, 2)
	}
	if c.Basis != "" {
		s.y += 4
		s.paragraph(c.Basis, style{size: 9.5, color: grey}, 0)
	}
	s.sign("付款方代表：", "承接方代表：")
	s.closing(c.Issue, "出具单位")
	return nil
}

func (c AcceptanceReport) checked() []row {
	out := make([]row, len(c.Checks))
	for i, k := range c.Checks {
		met := "达到"
		if !k.Met {
			met = "未达到"
		}
		name := k.Name
		if k.Standard != "" {
			name += "：" + k.Standard
		}
		out[i] = row{{text: name}, {text: or(k.Promised)}, {text: or(k.Shown)}, {text: or(k.Confirmed)}, {text: met}, {text: or(k.Note)}}
	}
	return out
}
