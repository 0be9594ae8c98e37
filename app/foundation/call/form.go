package call

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/credential"
)

// Form is a call as it is typed. Nothing typed is lost, however wrong.
type Form struct {
	Kind        string      `json:"kind" enum:"venture,incubation"`
	Title       string      `json:"title"`
	Summary     string      `json:"summary" description:"支持什么、为谁、怎样算做成"`
	Region      string      `json:"region" description:"项目实施地区"`
	Fund        string      `json:"fund" description:"出资的专项基金；不给钱的孵化可以不填"`
	Source      string      `json:"source,omitempty" description:"民政局等机关的经费来源，例如 2026年市级福彩公益金；基金会不填"`
	Deadline    string      `json:"deadline" description:"截止时间，北京时间，例如 2026-12-31T17:00"`
	Total       string      `json:"total" description:"资助总额，元"`
	Most        string      `json:"most" description:"单个项目最多，元"`
	Places      string      `json:"places" description:"名额；不限留空"`
	Start       string      `json:"start" description:"项目最早开始日期"`
	End         string      `json:"end" description:"项目最晚结束日期"`
	Contact     string      `json:"contact" description:"咨询方式，公开"`
	Eligibility Eligibility `json:"eligibility"`
	Questions   []Question  `json:"questions"`
	Budget      []Line      `json:"budget"`
	Documents   []Document  `json:"documents"`
	Rounds      []Round     `json:"rounds"`
}

// Eligibility is what an applicant must be. Empty fields ask for nothing.
type Eligibility struct {
	Rating      string            `json:"rating" enum:",1A,2A,3A,4A,5A" description:"最低评估等级"`
	Region      string            `json:"region" description:"登记地，从省写起，例如 广东省东莞市"`
	Years       string            `json:"years" description:"成立满几年"`
	Credentials []credential.Kind `json:"credentials" description:"须有的证书"`
	Pending     bool              `json:"pending" description:"登记尚未通过审核的组织也可以申请（孵化）"`
}

// Type is how a question is answered.
type Type string

// The types.
const (
	Text   Type = "text"
	Number Type = "number"
	Choice Type = "choice"
	Date   Type = "date"
	File   Type = "file"
	Table  Type = "table"
)

var typeNames = map[Type]string{Text: "文字", Number: "数字", Choice: "单选", Date: "日期", File: "文件", Table: "表格"}

// Name is the type in Chinese.
func (t Type) Name() string { return typeNames[t] }

// Types lists the types in order.
func Types() []Type { return []Type{Text, Number, Choice, Date, File, Table} }

// Question is one question. Those of one group stand on one page.
type Question struct {
	Group    string `json:"group"`
	Title    string `json:"title"`
	Hint     string `json:"hint,omitempty"`
	Type     Type   `json:"type" enum:"text,number,choice,date,file,table"`
	Limit    string `json:"limit,omitempty" description:"文字：最多几个字；数字：最大值；表格：最多几行"`
	Unit     string `json:"unit,omitempty" description:"数字的单位，例如 人次"`
	Options  string `json:"options,omitempty" description:"单选的选项或表格的列名，用顿号隔开"`
	Optional bool   `json:"optional,omitempty"`
}

// Most is the limit as a number; what the type allows where none is set.
func (q Question) Most() int64 {
	if n, err := strconv.ParseInt(strings.TrimSpace(q.Limit), 10, 64); err == nil && n > 0 {
		return n
	}
	return map[Type]int64{Text: 1000, Number: 1_000_000_000, Table: 20}[q.Type]
}

// Choices are the options of a choice or the columns of a table.
func (q Question) Choices() []string { return split(q.Options) }

func split(s string) []string {
	var out []string
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("、,，;；\n", r) }) {
		if f = strings.TrimSpace(f); f != "" && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// Line is a line of the budget table. Cap limits it to a share of the whole
// request, in % as typed; "" does not.
type Line struct {
	Name string `json:"name"`
	Cap  string `json:"cap,omitempty" description:"占申请总额不超过，%，整数"`
}

// Percent is the cap as a number; 100 where there is none.
func (l Line) Percent() int64 {
	if n, err := strconv.ParseInt(strings.TrimSpace(l.Cap), 10, 64); err == nil && n >= 0 && n <= 100 {
		return n
	}
	return 100
}

// Document is a paper to be sent along. One that is a certificate comes out of
// the applicant's vault by itself.
type Document struct {
	Name       string          `json:"name"`
	Credential credential.Kind `json:"credential,omitempty"`
	Optional   bool            `json:"optional,omitempty"`
}

// Round is one stage of the review.
type Round struct {
	Name     string      `json:"name"`
	Criteria []Criterion `json:"criteria"`
}

// Criterion is one row of the rubric; the weights of a round add up to 100.
type Criterion struct {
	Name   string `json:"name"`
	Hint   string `json:"hint,omitempty"`
	Weight string `json:"weight" description:"权重，整数，一轮相加为 100"`
}

// Share is the weight as a number; 0 where it cannot be read.
func (c Criterion) Share() int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(c.Weight), 10, 64)
	if err != nil || n < 0 || n > 100 {
		return 0
	}
	return n
}

// Groups are the names of the groups of questions, in order.
func (f Form) Groups() []string {
	var out []string
	for _, q := range f.Questions {
		if g := q.In(); !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}

// In is the group a question stands in.
func (q Question) In() string {
	if g := strings.TrimSpace(q.Group); g != "" {
		return g
	}
	return "项目问题"
}

// tidy drops rows that were left empty.
func (f *Form) tidy() {
	f.Questions = slices.DeleteFunc(f.Questions, func(q Question) bool { return q.Title == "" && q.Hint == "" && q.Options == "" })
	f.Budget = slices.DeleteFunc(f.Budget, func(l Line) bool { return l == Line{} })
	f.Documents = slices.DeleteFunc(f.Documents, func(d Document) bool { return d.Name == "" && d.Credential == "" })
	f.Rounds = slices.DeleteFunc(f.Rounds, func(r Round) bool {
		return r.Name == "" && !slices.ContainsFunc(r.Criteria, func(c Criterion) bool { return c != Criterion{} })
	})
	for i := range f.Rounds {
		f.Rounds[i].Criteria = slices.DeleteFunc(f.Rounds[i].Criteria, func(c Criterion) bool { return c == Criterion{} })
	}
}

const (
	mostQuestions = 40
	mostRows      = 20
	mostRounds    = 5
)

// storable refuses only what could not be kept at all.
func (f *Form) storable() error {
	f.tidy()
	var c fault.Check
	c.Must(len(f.Questions) <= mostQuestions, "questions", "最多 %d 个问题", mostQuestions)
	c.Must(len(f.Budget) <= mostRows, "budget", "预算最多 %d 行", mostRows)
	c.Must(len(f.Documents) <= mostRows, "documents", "材料最多 %d 份", mostRows)
	c.Must(len(f.Rounds) <= mostRounds, "rounds", "评审最多 %d 轮", mostRounds)
	for _, r := range f.Rounds {
		c.Must(len(r.Criteria) <= mostRows, "rounds", "一轮最多 %d 项评分", mostRows)
	}
	text := fmt.Sprint(*f)
	c.Must(utf8.ValidString(text) && !strings.ContainsRune(text, 0) && utf8.RuneCountInString(text) <= 60_000, "summary", "内容太长或有无法识别的字符，请重新输入")
	return c.Err()
}

// read takes what can be read of the form; the complaints are for the check.
func (f Form) read(c *fault.Check, host party.OrgKind) Facts {
	x := Facts{Kind: Kind(f.Kind), Title: strings.TrimSpace(f.Title), Summary: strings.TrimSpace(f.Summary), Region: strings.TrimSpace(f.Region)}
	c.Must(x.Kind.Name() != "", "kind", "请选择公益创投或孵化培育")
	length(c, "title", x.Title, 4, 60, "请填写名称，4–60 个字")
	length(c, "summary", x.Summary, 10, 5000, "请写明支持什么、为谁，至少 10 个字")
	length(c, "region", x.Region, 2, 60, "请填写项目实施地区")
	length(c, "contact", strings.TrimSpace(f.Contact), 2, 200, "请填写咨询方式，例如电话或邮箱")
	if fund := strings.TrimSpace(f.Fund); fund != "" {
		at := id.ID(fund)
		x.Fund = &at
	}
	x.Deadline = moment(c, "deadline", f.Deadline)
	x.Total, x.Most = amount(c, "total", f.Total), amount(c, "most", f.Most)
	public := host == party.Bureau
	if x.Kind == Venture {
		c.Must(x.Fund != nil || public, "fund", "请选择出资的专项基金")
		c.Must(x.Total != nil || c.Failed("total"), "total", "请填写资助总额")
		c.Must(x.Most != nil || c.Failed("most"), "most", "请填写单个项目最多资助多少")
	}
	if x.Total != nil && x.Most != nil && *x.Most > *x.Total {
		c.Fail("most", "单个项目的上限不能超过资助总额 %s 元", x.Total.Yuan())
	}
	given := x.Total != nil && *x.Total > 0
	c.Must(x.Fund != nil || !given || public, "fund", "有资助金额时须选择出资的专项基金")
	if public && given {
		length(c, "source", strings.TrimSpace(f.Source), 4, 100, "请写明经费来源，例如 2026年市级福彩公益金；没有预算的不能征集")
	}
	if f.Places != "" {
		n, err := strconv.ParseInt(strings.TrimSpace(f.Places), 10, 64)
		c.Must(err == nil && n > 0 && n <= 1000, "places", "名额请填 1 到 1000 的整数，不限留空")
		if err == nil {
			x.Places = n
		}
	}
	x.Start, x.End = date(c, "start", f.Start), date(c, "end", f.End)
	c.Must(x.Start == nil || x.End == nil || !x.End.Before(*x.Start), "end", "结束日期不能早于开始日期")
	return x
}

// check holds the lists of a complete draft to what a call needs.
func (f Form) check(c *fault.Check) {
	if y := strings.TrimSpace(f.Eligibility.Years); y != "" {
		n, err := strconv.Atoi(y)
		c.Must(err == nil && n > 0 && n <= 50, "years", "成立年限请填 1 到 50 的整数，不要求留空")
	}
	c.Must(len(f.Questions) > 0, "questions", "请至少设一个问题")
	for i, q := range f.Questions {
		at := func(name string) string { return fmt.Sprintf("questions.%d.%s", i+1, name) }
		length(c, at("title"), strings.TrimSpace(q.Title), 2, 200, "请写明问什么，2–200 个字")
		c.Must(q.Type.Name() != "", at("type"), "请选择回答方式")
		if q.Type == Choice || q.Type == Table {
			n := len(q.Choices())
			c.Must(n >= 2 && n <= 12, at("options"), "请用顿号隔开，写 2 到 12 个选项或列名")
		}
		if l := strings.TrimSpace(q.Limit); l != "" {
			n, err := strconv.ParseInt(l, 10, 64)
			c.Must(err == nil && n > 0, at("limit"), "上限请填大于 0 的整数")
		}
	}
	if f.Kind == string(Venture) {
		c.Must(len(f.Budget) > 0, "budget", "请至少设一行预算")
	}
	for i, l := range f.Budget {
		length(c, fmt.Sprintf("budget.%d.name", i+1), strings.TrimSpace(l.Name), 2, 40, "请填写预算科目")
		if cap := strings.TrimSpace(l.Cap); cap != "" {
			n, err := strconv.ParseInt(cap, 10, 64)
			c.Must(err == nil && n > 0 && n <= 100, fmt.Sprintf("budget.%d.cap", i+1), "占比上限请填 1 到 100 的整数")
		}
	}
	for i, d := range f.Documents {
		length(c, fmt.Sprintf("documents.%d.name", i+1), strings.TrimSpace(d.Name), 2, 60, "请填写材料名称")
	}
	c.Must(len(f.Rounds) > 0, "rounds", "请至少设一轮评审")
	for i, r := range f.Rounds {
		length(c, fmt.Sprintf("rounds.%d.name", i+1), strings.TrimSpace(r.Name), 2, 20, "请填写这一轮的名称")
		var sum int64
		for j, k := range r.Criteria {
			at := fmt.Sprintf("rounds.%d.criteria.%d.", i+1, j+1)
			length(c, at+"name", strings.TrimSpace(k.Name), 2, 60, "请填写评分项")
			c.Must(k.Share() > 0, at+"weight", "权重请填 1 到 100 的整数")
			sum += k.Share()
		}
		c.Must(sum == 100, fmt.Sprintf("rounds.%d.criteria.1.weight", i+1), "这一轮的权重相加应为 100，现在是 %d", sum)
	}
}

func length(c *fault.Check, name, s string, least, most int, ask string) {
	n := utf8.RuneCountInString(s)
	if n < least {
		c.Fail(name, "%s", ask)
	} else if n > most {
		c.Fail(name, "最多 %d 个字，现在是 %d 个，请精简", most, n)
	}
}

func amount(c *fault.Check, name, typed string) *money.Fen {
	if strings.TrimSpace(typed) == "" {
		return nil
	}
	x, err := money.Parse(typed)
	c.Adopt(name, err)
	if err != nil {
		return nil
	}
	return &x
}

func date(c *fault.Check, name, typed string) *time.Time {
	if strings.TrimSpace(typed) == "" {
		c.Fail(name, "请填写日期，例如 2026-12-31")
		return nil
	}
	return calendar.Typed(c, name, typed)
}

func moment(c *fault.Check, name, typed string) *time.Time {
	if strings.TrimSpace(typed) == "" {
		c.Fail(name, "请填写截止时间")
		return nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", strings.TrimSpace(typed), clock.Beijing)
	if err != nil || t.Year() < 2000 || t.Year() > 2199 {
		c.Fail(name, "请填写日期和时间，例如 2026-12-31 17:00")
		return nil
	}
	t = clock.Trunc(t)
	return &t
}
