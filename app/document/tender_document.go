package document

import (
	"fmt"
	"strconv"
	"time"
)

// KindTenderDocument is the 采购文件.
const KindTenderDocument = "tender_document"

// TenderDocument is the content of a 采购文件: all that a supplier needs to
// bid, in words that were frozen when it was issued.
type TenderDocument struct {
	Issue
	Version      int               `json:"version"`
	Title        string            `json:"title"`
	Buyer        string            `json:"buyer"`
	Method       string            `json:"method"`
	Scoring      string            `json:"scoring"`
	Notice       []TenderFact      `json:"notice"`
	Dates        []TenderDate      `json:"dates"`
	What         string            `json:"what"`
	FromWhom     string            `json:"from_whom"`
	ForWhom      string            `json:"for_whom"`
	Packages     []TenderPackage   `json:"packages,omitempty"`
	Limits       string            `json:"package_limits,omitempty"`
	Requirements []string          `json:"requirements,omitempty"`
	Criteria     []TenderCriterion `json:"criteria,omitempty"`
	PriceRule    string            `json:"price_rule,omitempty"`
	Small        string            `json:"small,omitempty"`
	Abnormal     string            `json:"abnormal,omitempty"` // rates below which a price must be explained
	Terms        string            `json:"contract_terms"`
	Settlement   string            `json:"settlement,omitempty"`
	BidFormat    string            `json:"bid_format,omitempty"`
	Sealing      string            `json:"sealing"` // how a bid is sent
	Reason       string            `json:"reason,omitempty"`
	Changes      []TenderChange    `json:"changes,omitempty"`
	IssuedOn     time.Time         `json:"issued_on"`
}

// TenderFact is one line of the notice.
type TenderFact struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Article string `json:"article,omitempty"`
}

// TenderDate is a moment with the rule that binds it.
type TenderDate struct {
	Label   string `json:"label"`
	At      string `json:"at"`
	Rule    string `json:"rule,omitempty"`
	Article string `json:"article,omitempty"`
}

// TenderPackage is one 包.
type TenderPackage struct {
	Number  string `json:"number"`
	Name    string `json:"name"`
	What    string `json:"what"`
	Budget  string `json:"budget"`
	Ceiling string `json:"ceiling"`
}

// TenderCriterion is one row of the scoring table, with its intervals.
type TenderCriterion struct {
	Name   string       `json:"name"`
	How    string       `json:"how"`
	Points string       `json:"points"`
	Bands  []TenderBand `json:"bands,omitempty"`
}

// TenderBand is one interval.
type TenderBand struct {
	Text   string `json:"text"`
	Points string `json:"points"`
}

// TenderChange is one field that this version changed.
type TenderChange struct {
	Label string `json:"label"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Kind is KindTenderDocument.
func (TenderDocument) Kind() string { return KindTenderDocument }

func (c TenderDocument) name() string { return "采购文件 " + c.Number }

func (c TenderDocument) draw(s *sheet) error {
	c.cover(s)
	n := 0
	chapter := func(title string) {
		n++
		s.chapter(fmt.Sprintf("第%s章　%s", chinese(n), title))
	}
	if len(c.Changes) > 0 || c.Reason != "" {
		chapter(fmt.Sprintf("本版更正内容（第 %d 版）", c.Version))
		s.paragraph("更正原因："+c.Reason, style{size: 10.5}, 2)
		rows := make([]row, len(c.Changes))
		for i, x := range c.Changes {
			rows[i] = row{{text: x.Label, shade: true}, {text: or(x.Old)}, {text: or(x.New)}}
		}
		s.table(grid{size: 9.5, cols: []column{{"内容", 20, 'L'}, {"更正前", 48, 'L'}, {"更正后", 48, 'L'}}}, rows)
	}
	chapter("采购公告")
	c.notice(s)
	chapter("供应商须知")
	c.instructions(s)
	chapter("采购需求")
	c.need(s)
	chapter("实质性要求")
	c.substantive(s)
	chapter("评审办法和评分标准")
	c.scoring(s)
	chapter("合同主要条款")
	s.paragraph(or(c.Terms), style{size: 10.5}, 2)
	if c.Settlement != "" {
		s.heading("结算")
		s.paragraph(c.Settlement, style{size: 10.5}, 2)
	}
	chapter("投标（响应）文件的组成和格式")
	c.format(s)
	s.closing(c.Issue, "采购人")
	return nil
}

func (c TenderDocument) cover(s *sheet) {
	s.y += 70
	s.aligned(leftEdge, bodyWidth, s.y, "政府购买服务", style{size: 16}, 'C')
	s.y += 58
	st := style{size: 26, bold: true}
	for _, l := range s.ink.wrap(clean(c.Title), st, bodyWidth-20*mm) {
		s.aligned(leftEdge, bodyWidth, s.y, l, st, 'C')
		s.y += 40
	}
	s.y += 26
	s.aligned(leftEdge, bodyWidth, s.y, "采 购 文 件", style{size: 30, bold: true}, 'C')
	s.y += 34
	s.aligned(leftEdge, bodyWidth, s.y, "第 "+strconv.Itoa(c.Version)+" 版", style{size: 13}, 'C')
	s.y = max(s.y+60, pageHeight*0.58)
	s.table(grid{size: 12, cols: []column{{share: 30, align: 'L'}, {share: 80, align: 'L'}}}, []row{
		pairRow("项目编号", c.Number), pairRow("采购人", c.Buyer), pairRow("采购方式", c.Method), pairRow("评审方法", c.Scoring), pairRow("发布日期", day(c.IssuedOn)),
	})
	s.newPage()
}

// chapter begins a part of the document.
func (s *sheet) chapter(title string) {
	s.need(120)
	s.y += 18
	s.aligned(leftEdge, bodyWidth, s.y+14, clean(title), style{size: 15, bold: true}, 'C')
	s.y += 32
}

func (c TenderDocument) notice(s *sheet) {
	rows := make([]row, 0, len(c.Notice))
	for _, f := range c.Notice {
		rows = append(rows, pairRow(f.Label, cited(f.Value, f.Article)))
	}
	s.table(grid{size: 10, cols: []column{{share: 26, align: 'L'}, {share: 90, align: 'L'}}}, rows)
	s.heading("时间安排")
	rows = rows[:0]
	for _, d := range c.Dates {
		rows = append(rows, row{{text: d.Label}, {text: d.At}, {text: or(cited(d.Rule, d.Article))}})
	}
	s.table(grid{size: 9.5, cols: []column{{"事项", 26, 'L'}, {"时间（北京时间）", 36, 'L'}, {"期限和依据", 54, 'L'}}}, rows)
}

func cited(text, article string) string {
	if article == "" {
		return text
	}
	return text + "（" + article + "）"
}

func (c TenderDocument) instructions(s *sheet) {
	for i, p := range []string{
		"采购文件由采购人在本平台公开提供，不收费用。登录后下载的供应商即视为领取，采购文件更正时会收到通知。",
		"对采购文件有疑问的，可以在公告页匿名提问；采购人向所有人公开答复，不公开提问人。",
		"更正或者澄清可能影响投标文件编制、且距截止时间不足法定天数的，截止时间相应顺延；更正前提交的投标文件仍然有效，供应商可以在截止前替换。",
		c.Sealing,
		"截止时间以平台时钟为准，截止后送达的投标文件不予接收；截止前可以补充、修改或者撤回。",
		"供应商认为采购文件、采购过程、结果使自己的权益受到损害的，可以依法提出询问、质疑和投诉。",
	} {
		s.paragraph(strconv.Itoa(i+1)+"．"+p, style{size: 10.5}, 2)
	}
	if c.Small != "" {
		s.heading("中小企业政策")
		s.paragraph(c.Small, style{size: 10.5}, 2)
		s.paragraph("许多社会组织不在中小企业的划分范围内；只有符合划型标准并出具声明函的供应商适用上述政策。", style{size: 9.5, color: grey}, 2)
	}
}

func (c TenderDocument) need(s *sheet) {
	st := style{size: 10.5}
	for _, p := range [...][2]string{{"买什么", c.What}, {"向谁买（供应商资格）", c.FromWhom}, {"为谁买（服务对象）", c.ForWhom}} {
		s.heading(p[0])
		s.paragraph(or(p[1]), st, 2)
	}
	if len(c.Packages) == 0 {
		return
	}
	s.heading("分包")
	rows := make([]row, len(c.Packages))
	for i, p := range c.Packages {
		rows[i] = row{{text: p.Number}, {text: p.Name + "\n" + p.What}, {text: p.Budget}, {text: p.Ceiling}}
	}
	s.table(grid{size: 9.5, cols: []column{{"包号", 12, 'C'}, {"名称和内容", 60, 'L'}, {"预算（元）", 24, 'R'}, {"最高限价", 32, 'L'}}}, rows)
	s.y += 6
	s.paragraph("兼投兼中："+or(c.Limits), st, 2)
}

func (c TenderDocument) substantive(s *sheet) {
	st := style{size: 10.5}
	if len(c.Requirements) == 0 {
		s.paragraph("除法律、法规规定的资格条件外，本项目没有另设实质性要求。", st, 2)
		return
	}
	s.paragraph("下列各条逐条判断满足或不满足，不打分；有一条不满足，投标无效。", st, 2)
	rows := make([]row, len(c.Requirements))
	for i, r := range c.Requirements {
		rows[i] = row{{text: number(i + 1)}, {text: "★ " + r}}
	}
	s.table(grid{size: 10, cols: []column{{"序号", 10, 'C'}, {"实质性要求", 106, 'L'}}}, rows)
}

func (c TenderDocument) scoring(s *sheet) {
	s.paragraph("评审方法："+c.Scoring+"。"+c.PriceRule, style{size: 10.5}, 2)
	if c.Abnormal != "" {
		s.paragraph("异常低价审查："+c.Abnormal, style{size: 10.5}, 2)
	}
	if len(c.Criteria) == 0 {
		return
	}
	s.y += 4
	var rows []row
	for _, k := range c.Criteria {
		bands := k.Bands
		if len(bands) == 0 {
			rows = append(rows, row{{text: k.Name}, {text: k.Points}, {text: or(k.How), span: 2}})
			continue
		}
		for i, b := range bands {
			name := k.Name
			if k.How != "" {
				name += "\n" + k.How
			}
			rows = append(rows, row{{text: name, up: i > 0}, {text: k.Points, up: i > 0}, {text: b.Text}, {text: b.Points}})
		}
	}
	rows = append(rows, row{{text: "合计", bold: true}, {text: "100"}, {text: "", span: 2}})
	s.table(grid{size: 9.5, cols: []column{{"评分项", 36, 'L'}, {"分值", 12, 'C'}, {"区间（情形）", 54, 'L'}, {"得分", 14, 'C'}}}, rows)
}

func (c TenderDocument) format(s *sheet) {
	st := style{size: 10.5}
	if c.BidFormat != "" {
		s.paragraph(c.BidFormat, st, 2)
		return
	}
	for i, p := range []string{
		"报价：按最高限价的口径填写总价或者单价，一个投标只能有一个报价。",
		"服务期限和交付承诺。",
		"对每一评分项的应答，以及对每一条实质性要求（★）的响应和证明材料。",
		"资格证明：登记证书、信用承诺、依法缴纳税收和社会保障资金的声明，以及采购需求要求的其他材料。",
		"符合条件并要求享受政策的，附中小企业声明函。",
	} {
		s.paragraph(strconv.Itoa(i+1)+"．"+p, st, 2)
	}
}
