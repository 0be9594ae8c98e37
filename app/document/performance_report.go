package document

import (
	"time"

	"gongji/app/kernel/money"
)

// PerformanceReport is the content of a 绩效评价报告 (财预〔2020〕10号). Scores and
// weights are hundredths of a point.
type PerformanceReport struct {
	Issue
	Project       string     `json:"project"`
	ProjectNumber string     `json:"project_number"`
	Buyer         string     `json:"buyer"`        // 委托单位
	Organisation  string     `json:"organisation"` // 被评价单位
	OrgUSCC       string     `json:"org_uscc,omitempty"`
	Evaluator     string     `json:"evaluator"` // 评价机构; the issuer when it judges itself
	From          time.Time  `json:"from"`
	To            time.Time  `json:"to"`
	Contract      *money.Fen `json:"contract_fen,omitempty"`
	Paid          *money.Fen `json:"paid_fen,omitempty"`

	Score   int    `json:"score"` // 8650 is 86.50 of 100
	Band    string `json:"band"`  // 优 良 中 差
	Summary string `json:"summary"`

	Parts        []PerformancePart `json:"parts"` // 决策 过程 产出 效益
	Indicators   []Indicator       `json:"indicators"`
	Survey       *Survey           `json:"survey,omitempty"`
	Achievements []string          `json:"achievements,omitempty"`
	Problems     []Problem         `json:"problems,omitempty"`
	Suggestions  []string          `json:"suggestions,omitempty"`
	// What follows is missing from reports that were issued before it was printed.
	Rounding   string            `json:"rounding,omitempty"` // how scores are computed
	Figures    []ReportFigure    `json:"figures,omitempty"`  // what the system counted
	Course     []CoursePoint     `json:"course,omitempty"`
	Voices     *ReportVoices     `json:"voices,omitempty"`     // what residents answered
	Self       string            `json:"self,omitempty"`       // the provider on itself
	SelfScore  *int              `json:"self_score,omitempty"` // hundredths of a point
	Objections []ReportObjection `json:"objections,omitempty"`

	Team []Person `json:"team,omitempty"`
}

// PerformancePart is a first-level indicator with its total.
type PerformancePart struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"`
	Score  int    `json:"score"`
}

// Indicator is one third-level indicator. Neighbours with the same first and
// second level share those cells.
type Indicator struct {
	Level1   string `json:"level1"`
	Level2   string `json:"level2"`
	Level3   string `json:"level3"`
	Weight   int    `json:"weight"`
	Score    int    `json:"score"`
	Standard string `json:"standard,omitempty"` // 评分标准
	Reason   string `json:"reason,omitempty"`   // 得分理由, also 扣分
	Basis    string `json:"basis,omitempty"`    // the evidence
	Out      bool   `json:"out,omitempty"`      // does not count: too few answers
}

// ReportFigure is a figure that the system had, with where it came from.
type ReportFigure struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// ReportVoices is the survey of residents: how many were asked, and what they
// answered to the question of the satisfaction. Without rows there were too few.
type ReportVoices struct {
	Question string         `json:"question"`
	Asked    int            `json:"asked"`
	Answered int            `json:"answered"`
	Open     int            `json:"open"` // from the poster, counted apart
	Rows     []ReportAnswer `json:"rows,omitempty"`
}

// ReportAnswer is one answer, with its share and the interval of it in words.
type ReportAnswer struct {
	Label string `json:"label"`
	Count int    `json:"count"`
	Share string `json:"share"`
	Range string `json:"range"`
}

// CoursePoint is what was spent and paid by the end of a month.
type CoursePoint struct {
	Month time.Time `json:"month"`
	Spent money.Fen `json:"spent"`
	Paid  money.Fen `json:"paid"`
}

// ReportObjection is what the provider had against the result, and the answer.
type ReportObjection struct {
	Text       string    `json:"text"`
	RaisedAt   time.Time `json:"raised_at"`
	Was        int       `json:"was"` // the score that it objects to
	Outcome    string    `json:"outcome"`
	Answer     string    `json:"answer"`
	AnsweredAt time.Time `json:"answered_at"`
}

// Survey is what residents said.
type Survey struct {
	Sent  int `json:"sent"`
	Valid int `json:"valid"`
	Rate  int `json:"rate"` // hundredths of a per cent: 9210 is 92.1%
}

// Problem is a finding, what mends it, by whom and until when.
type Problem struct {
	Finding       string    `json:"finding"`
	Rectification string    `json:"rectification"`
	Responsible   string    `json:"responsible,omitempty"`
	Due           time.Time `json:"due"`
}

// Kind is KindPerformanceReport.
func (PerformanceReport) Kind() string { return KindPerformanceReport }

func (c PerformanceReport) name() string { return "绩效评价报告 " + c.Number }

func (c PerformanceReport) draw(s *sheet) error {
	c.cover(s)
	s.newPage()
	body := style{size: 10.5}
	s.heading("一、项目基本情况")
	s.table(grid{size: 9.5, cols: []column{{share: 20, align: 'L'}, {share: 40, align: 'L'}, {share: 26, align: 'L'}, {share: 42, align: 'L'}}}, []row{
		wide("项目名称", c.Project),
		both("项目编号", c.ProjectNumber, "评价期间", day(c.From)+"至"+day(c.To)),
		both("委托单位", c.Buyer, "评价机构", c.Evaluator),
		both("被评价单位", c.Organisation, "统一社会信用代码", c.OrgUSCC),
		both("合同金额（元）", yuan(c.Contract), "已支付（元）", yuan(c.Paid)),
	})
	s.heading("二、评价结论")
	c.conclusion(s)
	s.paragraph(c.Summary, body, 2)
	if c.SelfScore != nil {
		s.paragraph("被评价单位自评 "+marks(*c.SelfScore)+" 分（按单位自评分值：执行率 10 分、产出 50 分、效益 30 分、满意度 10 分）。", body, 2)
	}
	if v := c.Survey; v != nil {
		s.paragraph("满意度调查：发放问卷 "+number(v.Sent)+" 份，回收有效问卷 "+number(v.Valid)+" 份，满意率 "+points(v.Rate)+"%。", body, 2)
	}
	c.charts(s)
	s.heading("三、指标评分情况")
	c.indicators(s)
	next := 3
	section := func(title string) {
		next++
		s.heading(chinese(next) + "、" + title)
	}
	if c.spent() {
		s.need(260) // the heading stays with its picture
		section("预算执行情况")
		c.course(s)
	}
	if len(c.Figures) > 0 {
		section("系统取数与居民、社区评价")
		s.paragraph("下列数字由平台按业务记录计算，评分人不能更改，只能说明。", body, 2)
		s.y += 4
		rows := make([]row, len(c.Figures))
		for i, f := range c.Figures {
			rows[i] = row{{text: f.Name}, {text: f.Text}}
		}
		s.table(grid{size: 9.5, cols: []column{{"项目", 42, 'L'}, {"取数结果", 100, 'L'}}}, rows)
	}
	if c.Voices != nil {
		section("居民问卷")
		c.voices(s)
	}
	if c.Self != "" {
		section("被评价单位自评")
		s.paragraph(c.Self, body, 2)
	}
	if len(c.Achievements) > 0 {
		section("主要成效")
		s.items(c.Achievements)
	}
	section("存在问题与整改要求")
	c.problems(s)
	if len(c.Suggestions) > 0 {
		section("有关建议")
		s.items(c.Suggestions)
	}
	if len(c.Objections) > 0 {
		section("异议与答复")
		for _, o := range c.Objections {
			s.paragraph(day(o.RaisedAt)+"，被评价单位对 "+marks(o.Was)+" 分的结果提出异议："+o.Text, body, 2)
			s.paragraph(day(o.AnsweredAt)+"，委托单位答复（"+o.Outcome+"）："+o.Answer, body, 2)
		}
	}
	labels := make([]string, 0, len(c.Team)+2)
	for _, p := range c.Team {
		labels = append(labels, p.Role+"（"+p.Name+"）：")
	}
	if len(labels) == 0 {
		labels = []string{"评价组组长：", "评价组成员："}
	}
	if lines := float64((len(labels) + 1) / 2); lines <= 8 {
		s.need(26*lines + 48 + closingMost) // a heading alone at the foot of a page heads nothing
	}
	section("评价人员签字")
	s.sign(labels...)
	// Who is named beside the seal is who issues; a third party is on the cover.
	label := "评价机构"
	if c.Evaluator != c.Issuer {
		label = "委托单位"
	}
	s.closing(c.Issue, label)
	return nil
}

func (c PerformanceReport) cover(s *sheet) {
	s.y = 150
	centre := func(txt string, st style, lead float64) {
		for _, l := range s.ink.few(clean(txt), st, bodyWidth-20*mm, 7) {
			s.aligned(leftEdge, bodyWidth, s.y, l, st, 'C')
			s.y += lead
		}
	}
	centre(c.Project, style{size: 20, bold: true}, 32)
	s.y += 14
	centre("绩效评价报告", style{size: 30, bold: true}, 44)
	if c.Number != "" {
		centre("编号："+c.Number, style{size: 11, color: grey}, 20)
	}
	s.y = max(s.y+30, 500)
	s.pdf.SetLineWidth(0.4)
	st := style{size: 12.5}
	for _, p := range [...][2]string{{"委托单位", c.Buyer}, {"被评价单位", c.Organisation}, {"评价机构", c.Evaluator}, {"评价期间", day(c.From) + "至" + day(c.To)}, {"报告日期", day(c.IssuedAt)}} {
		const x, w = leftEdge + 28*mm, 118 * mm
		s.aligned(x-4*mm, 26*mm, s.y, p[0]+"：", st, 'R')
		for _, l := range s.ink.few(clean(or(p[1])), st, w-24*mm, 3) {
			s.text(x+24*mm, s.y, l, st)
			s.line(x+23*mm, s.y+4, x+w, s.y+4)
			s.y += 23
		}
		s.y += 4
	}
	s.pdf.SetLineWidth(hairline)
}

// conclusion is the score and its band, set large, beside the four parts.
func (c PerformanceReport) conclusion(s *sheet) {
	rows := make([]row, 0, len(c.Parts)+1)
	weight := 0
	for _, p := range c.Parts {
		weight += p.Weight
		rows = append(rows, row{{text: p.Name}, {text: points(p.Weight)}, {text: points(p.Score)}, {text: share{got: p.Score, full: p.Weight}.percent()}})
	}
	rows = append(rows, row{{text: "合计", bold: true}, {text: points(weight), bold: true}, {text: points(c.Score), bold: true}, {text: "等级：" + c.Band, bold: true}})
	s.table(grid{size: 10, cols: []column{{"评价维度", 34, 'C'}, {"满分", 26, 'C'}, {"得分", 26, 'C'}, {"得分率", 34, 'C'}}}, rows)
	s.y += 3
	s.paragraph("等级划分：优 90（含）—100 分，良 80（含）—90 分，中 60（含）—80 分，差 60 分以下（《项目支出绩效评价管理办法》财预〔2020〕10号）。", style{size: 8.5, color: grey}, 0)
	s.y += 4
}

func (c PerformanceReport) charts(s *sheet) {
	var parts, second []share
	for _, p := range c.Parts {
		if p.Weight > 0 {
			parts = append(parts, share{clean(p.Name), p.Score, p.Weight})
		}
	}
	for _, i := range c.Indicators {
		if i.Out {
			continue
		}
		if n := len(second) - 1; n >= 0 && second[n].name == clean(i.Level2) {
			second[n].got += i.Score
			second[n].full += i.Weight
			continue
		}
		second = append(second, share{clean(i.Level2), i.Score, i.Weight})
	}
	second = second[:min(len(second), 14)]
	height := max(200, float64(len(second))*19+40)
	s.need(height + 20)
	s.y += 12
	st := style{size: 9.5, bold: true}
	s.aligned(leftEdge, bodyWidth*0.46, s.y+8, "图 1　各维度得分率", st, 'C')
	s.aligned(leftEdge+bodyWidth*0.48, bodyWidth*0.52, s.y+8, "图 2　二级指标得分率", st, 'C')
	s.radar(leftEdge+bodyWidth*0.23, s.y+height/2+8, 62, parts)
	s.bars(leftEdge+bodyWidth*0.48, s.y+26, bodyWidth*0.52, second)
	s.y += height + 6
}

func (c PerformanceReport) indicators(s *sheet) {
	rows := make([]row, 0, len(c.Indicators)+1)
	score, weight := 0, 0
	for n, i := range c.Indicators {
		same1 := n > 0 && c.Indicators[n-1].Level1 == i.Level1
		same2 := same1 && c.Indicators[n-1].Level2 == i.Level2
		got, why := points(i.Score), or(i.Reason)
		if i.Out {
			got = "不计分"
		}
		if i.Basis != "" {
			why = "依据：" + i.Basis
			if i.Reason != "" {
				why = i.Reason + "\n" + why
			}
		}
		rows = append(rows, row{{text: i.Level1, up: same1}, {text: i.Level2, up: same2}, {text: i.Level3}, {text: points(i.Weight)}, {text: or(i.Standard)}, {text: got}, {text: why}})
		score, weight = score+i.Score, weight+i.Weight
	}
	rows = append(rows, row{{text: "合计", span: 3, bold: true, align: 'C'}, {text: points(weight), bold: true}, {text: ""}, {text: points(c.Score), bold: true}, {text: ""}})
	s.table(grid{size: 8.5, cols: []column{{"一级指标", 16, 'C'}, {"二级指标", 17, 'C'}, {"三级指标", 22, 'L'}, {"分值", 10, 'C'}, {"评分标准", 36, 'L'}, {"得分", 11, 'C'}, {"得分（扣分）理由和依据", 41, 'L'}}}, rows)
	switch {
	case c.Rounding != "":
		s.y += 4
		s.paragraph("计分规则："+c.Rounding, style{size: 8.5, color: grey}, 0)
	case score != c.Score:
		s.paragraph("各项得分按两位小数列示，不足 0.01 分的部分舍去；合计按精确值计算后舍去，可能略高于各项之和。", style{size: 8.5, color: grey}, 0)
	}
}

// voices is what residents answered, as a table with bars.
func (c PerformanceReport) voices(s *sheet) {
	v, body := c.Voices, style{size: 10.5}
	text := "发出邀请 " + number(v.Asked) + " 份，收回答卷 " + number(v.Answered) + " 份。"
	if v.Open > 0 {
		text += "另有公开海报的答卷 " + number(v.Open) + " 份，任何人都能填写，单独统计，不计入满意度。"
	}
	if len(v.Rows) == 0 {
		s.paragraph(text+"答卷不够，不给出满意度。", body, 2)
		return
	}
	s.paragraph(text+"问题：“"+v.Question+"”", body, 2)
	s.y += 4
	rows := make([]row, len(v.Rows))
	for i, a := range v.Rows {
		rows[i] = row{{text: a.Label}, {text: number(a.Count)}, {text: a.Share}, {text: a.Range}}
	}
	s.table(grid{size: 9, cols: []column{{"回答", 40, 'L'}, {"人数", 22, 'R'}, {"比例", 26, 'R'}, {"95% 置信区间", 40, 'R'}}}, rows)
}

func (c PerformanceReport) problems(s *sheet) {
	if len(c.Problems) == 0 {
		s.paragraph("本次评价未发现需要整改的问题。", style{size: 10.5}, 2)
		return
	}
	rows := make([]row, len(c.Problems))
	for i, p := range c.Problems {
		rows[i] = row{{text: number(i + 1)}, {text: p.Finding}, {text: or(p.Rectification)}, {text: or(p.Responsible)}, {text: day(p.Due)}}
	}
	s.table(grid{size: 9, cols: []column{{"序号", 9, 'C'}, {"存在问题", 44, 'L'}, {"整改措施", 44, 'L'}, {"责任单位（人）", 24, 'L'}, {"完成时限", 23, 'C'}}}, rows)
}

// spent reports whether there is an execution to draw.
func (c PerformanceReport) spent() bool {
	n := len(c.Course)
	return n > 0 && c.Contract != nil && *c.Contract > 0 && (c.Course[n-1].Spent > 0 || c.Course[n-1].Paid > 0)
}

// course draws what was spent and paid over the months, and the same as a table.
func (c PerformanceReport) course(s *sheet) {
	var spent, paid line
	spent.name, paid.name = "周报账核对支出", "已付款"
	rows := make([]row, len(c.Course))
	for i, p := range c.Course {
		label := beijing(p.Month).Format("2006.01")
		spent.add(label, float64(p.Spent))
		paid.add(label, float64(p.Paid))
		last := p.Spent
		if last == 0 {
			last = p.Paid
		}
		rows[i] = row{{text: beijing(p.Month).Format("2006年1月")}, {text: p.Spent.Yuan()}, {text: p.Paid.Yuan()}, {text: share{got: int(last), full: int(*c.Contract)}.percent()}}
	}
	const height = 162
	s.need(height + 40)
	s.aligned(leftEdge, bodyWidth, s.y+8, "图 3　预算执行进度（月末累计，虚线为约定金额）", style{size: 9.5, bold: true}, 'C')
	s.lines(leftEdge+56, s.y+24, bodyWidth-70, height-44, float64(*c.Contract), []line{spent, paid})
	s.y += height + 12
	s.table(grid{size: 9, cols: []column{{"截至", 30, 'C'}, {"核对支出（元）", 36, 'R'}, {"已付款（元）", 36, 'R'}, {"执行率", 26, 'C'}}}, rows)
}

// items is a numbered list of paragraphs.
func (s *sheet) items(list []string) {
	for i, t := range list {
		s.paragraph("（"+chinese(i+1)+"）"+t, style{size: 10.5}, 2)
	}
}

// chinese numbers a list up to 99; beyond, digits do.
func chinese(n int) string {
	digits := [...]string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	switch {
	case n < 10:
		return digits[n]
	case n < 20:
		return "十" + digits[n-10]
	case n < 100:
		return digits[n/10] + "十" + digits[n%10]
	}
	return number(n)
}
