package performance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
)

// PublicFormat is what a published performance evaluation calls itself.
const PublicFormat = "gongji-performance-1"

// Publication is an evaluation as everybody may have it once it is public:
// everything that the score follows from, and nothing that names a person.
type Publication struct {
	Format      string          `json:"format"`
	Evaluation  id.ID           `json:"evaluation"`
	Engagement  id.ID           `json:"engagement"`
	Number      string          `json:"number"`
	Title       string          `json:"title"`
	Payer       string          `json:"payer"`
	Provider    string          `json:"provider"`
	Evaluator   string          `json:"evaluator,omitempty"` // 第三方评价机构
	PublishedAt time.Time       `json:"published_at"`
	Rounding    string          `json:"rounding"`
	Rules       json.RawMessage `json:"rules"` // as they were when the evaluation began
	Tree        Tree            `json:"tree"`
	Lines       []Line          `json:"lines"`
	Pillars     []Pillar        `json:"pillars"`
	Out         int64           `json:"left_out"` // weight of the lines that do not count
	Total       int64           `json:"total"`    // hundredths of a point
	Grade       Grade           `json:"grade"`
	Facts       []Fact          `json:"facts"`
	Summary     string          `json:"summary"`
	Problems    []Problem       `json:"problems"`
	Objections  []Objection     `json:"objections"`
	Code        string          `json:"code"` // of the report, for the verification page
}

// Publication is the evaluation as everybody may have it; NotFound before it is
// published.
func (s *Service) Publication(ctx context.Context, evaluation id.ID) (Publication, error) {
	x, err := s.read(ctx, s.db, evaluation)
	if err != nil {
		return Publication{}, err
	}
	if x.State != Published {
		return Publication{}, fault.New(fault.NotFound, "评价数据随评价结果一并公布")
	}
	p := Publication{Format: PublicFormat, Evaluation: x.ID, Engagement: x.Engagement, Number: x.No(), Title: x.Of.Title, Payer: x.Of.PayerName,
		Provider: x.Of.ProviderName, Evaluator: x.Of.EvaluatorName, PublishedAt: *x.PublishedAt, Rounding: Rounding, Rules: json.RawMessage(x.Rules),
		Tree: x.Tree, Lines: x.Lines, Pillars: x.Pillars, Total: *x.Total, Grade: x.Grade, Facts: x.Facts, Summary: x.Sheet.Summary, Problems: x.Problems, Code: x.Code}
	for _, l := range x.Lines {
		if l.Mark.Out {
			p.Out += l.Weight
		}
	}
	p.Objections, err = objections(ctx, s.db, x.ID)
	return p, err
}

// ReadPublication parses a published evaluation strictly.
func ReadPublication(data []byte) (Publication, error) {
	var p Publication
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return p, fmt.Errorf("不是公布的绩效评价数据：%w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return p, errors.New("不是公布的绩效评价数据：数据之后还有其他内容")
	}
	if p.Format != PublicFormat {
		return p, fmt.Errorf("格式是 %q，应为 %s", p.Format, PublicFormat)
	}
	return p, nil
}

// Replay computes everything again from the publication's own inputs: each
// line from its mark, the parts, the total, the band. It lists where the
// publication says something else; nothing when it is right.
func (p Publication) Replay() []string {
	var out []string
	differ := func(what, is, should string) {
		if is != should {
			out = append(out, fmt.Sprintf("%s：文件为 %s，重算为 %s", what, is, should))
		}
	}
	law, err := rules.Thaw(p.Rules)
	if err != nil {
		return []string{"冻结的规则读不出来：" + err.Error()}
	}
	out = append(out, replayLaw(law)...)
	leaves, marks := p.Tree.Leaves(), map[string]Mark{}
	for _, l := range p.Lines {
		if _, twice := marks[l.Code]; twice {
			out = append(out, "指标 "+l.Code+" 有两行")
		}
		marks[l.Code] = l.Mark
	}
	for _, l := range leaves {
		if _, ok := marks[l.Code]; !ok {
			out = append(out, "“"+l.Name+"”没有评分")
		}
	}
	r, err := Score(p.Tree, marks, law)
	if err != nil {
		fields := complaints(err)
		for _, f := range fields {
			out = append(out, f.Message)
		}
		if len(fields) == 0 {
			out = append(out, err.Error())
		}
		return out
	}
	for i, l := range r.Leaves {
		if i < len(p.Lines) {
			differ(fmt.Sprintf("第 %d 行的指标", i+1), p.Lines[i].Code, l.Code)
		}
		out = append(out, p.replayLine(l, law)...)
	}
	differ("不计分的分值", Points(p.Out), Points(r.Out))
	differ("维度", fmt.Sprint(len(p.Pillars)), fmt.Sprint(len(r.Pillars)))
	for i, a := range r.Pillars {
		if i < len(p.Pillars) {
			b := p.Pillars[i]
			differ("第 "+fmt.Sprint(i+1)+" 个维度", b.Name, a.Name)
			differ("“"+a.Name+"”满分", Points(b.Weight), Points(a.Weight))
			differ("“"+a.Name+"”得分", Points(b.Points), Points(a.Points))
		}
	}
	differ("总分", Points(p.Total), Points(r.Total))
	differ("等级", string(p.Grade), string(r.Grade))
	differ("计分规则", p.Rounding, Rounding)
	return out
}

// decisive are the rules that a score follows from.
var decisive = []string{rules.BandExcellent, rules.BandGood, rules.BandFair, rules.QualitativeReached, rules.QualitativePartly}

// replayLaw compares the rules in a file with what this program knows to be in
// force on their day: a band that begins lower is no band of the law.
func replayLaw(law rules.Set) []string {
	day, err := time.Parse(time.DateOnly, law.Day())
	if err != nil {
		return []string{"冻结的规则没有写明是哪一天的"}
	}
	known, out := rules.At(day), []string{}
	for _, name := range decisive {
		if is, should := law.Must(name), known.Must(name); is.Value != should.Value || is.Bound != should.Bound {
			out = append(out, fmt.Sprintf("“%s”：文件为 %d，%s 施行的规则为 %d", should.Name, is.Value, law.Day(), should.Value))
		}
	}
	return out
}

// says is a mark in words: 900/1200.
func (m Mark) says() string {
	if m.Out {
		return "不计分"
	}
	return fmt.Sprintf("%d/%d", m.Got, m.Of)
}

func (p Publication) replayLine(l Scored, law rules.Set) []string {
	i := slices.IndexFunc(p.Lines, func(x Line) bool { return x.Code == l.Code })
	was := p.Lines[i]
	var out []string
	differ := func(what, is, should string) {
		if is != should {
			out = append(out, fmt.Sprintf("“%s”的%s：文件为 %s，重算为 %s", l.Name, what, is, should))
		}
	}
	differ("名称", strings.Join([]string{was.First, was.Second, was.Name}, "/"), strings.Join([]string{l.First, l.Second, l.Name}, "/"))
	differ("评分方式", was.Kind.Name(), l.Kind.Name())
	differ("满分", Points(was.Weight), Points(l.Weight))
	differ("得分", Points(was.Points), Points(l.Points))
	if l.Kind == Qualitative {
		differ("档次", was.Level.Name(), LevelOf(law, l.Points, l.Weight).Name())
	}
	j := slices.IndexFunc(p.Facts, func(f Fact) bool { return f.Source == l.Source && f.Known })
	if l.Source != "" && j >= 0 {
		m := p.Facts[j].mark(l.Indicator)
		differ("系统取数", was.Mark.says(), m.says())
		differ("取数说明", was.Fact, p.Facts[j].Text)
	}
	if l.Source == "" || j < 0 {
		differ("是否不计分", fmt.Sprint(was.Mark.Out), "false")
	}
	return out
}
