package performance

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// published is a publication in which the system took a ratio and an interval
// and left one figure out.
func published(t testing.TB) Publication {
	t.Helper()
	tree, _ := Template(General)
	facts := map[Source]Fact{
		Execution:    {Source: Execution, Known: true, Got: 120_000_00, Of: 300_000_00, Text: "周报账"},
		Satisfaction: {Source: Satisfaction, Known: true, Short: true, Text: "样本不足"},
		Milestones:   {Source: Milestones, Known: true, Got: 1, Of: 2, Text: "节点"},
	}
	s := Sheet{Lines: map[string]LineForm{}, Summary: "x"}
	leaves := tree.Leaves()
	for _, l := range leaves {
		switch {
		case facts[l.Source].Known:
		case l.Kind == Ratio:
			s.Lines[l.Code] = LineForm{Got: "9", Of: "10", Reason: "x"}
		case l.Kind == Interval:
			s.Lines[l.Code] = LineForm{Value: "85", Reason: "x"}
		case l.Kind == YesNo:
			s.Lines[l.Code] = LineForm{Answer: "yes"}
		default:
			s.Lines[l.Code] = LineForm{Points: Points(l.Weight)}
		}
	}
	r, _, err := s.read(tree, facts, law, day)
	if err != nil {
		t.Fatal(err)
	}
	frozen, err := law.Topic("performance").Freeze()
	if err != nil {
		t.Fatal(err)
	}
	x := Case{Evaluation: Evaluation{Sheet: s, Stamps: map[string]Stamp{}}}
	p := Publication{Format: PublicFormat, Rounding: Rounding, Rules: frozen, Tree: tree, Pillars: r.Pillars, Out: r.Out, Total: r.Total, Grade: r.Grade}
	for _, src := range Sources() {
		p.Facts = append(p.Facts, facts[src])
	}
	for _, l := range r.Leaves {
		p.Lines = append(p.Lines, x.line(l, facts[l.Source], nil, law))
	}
	return p
}

// Whatever is changed in a file is named: a figure of the system, its words,
// the bands of the law, the weights.
func TestTamperingIsNamed(t *testing.T) {
	data, err := json.Marshal(published(t))
	if err != nil {
		t.Fatal(err)
	}
	read := func() Publication {
		p, err := ReadPublication(data)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if got := read().Replay(); len(got) != 0 {
		t.Fatal(got)
	}
	for what, c := range map[string]struct {
		spoil func(*Publication)
		says  string
	}{
		"a figure of the system": {func(p *Publication) { p.Facts[0].Got = 300_000_00 }, "系统取数"},
		"a mark of the system":   {func(p *Publication) { mark(p, "2.1.1").Mark.Got = 300_000_00 }, "系统取数"},
		"the words of a figure":  {func(p *Publication) { mark(p, "2.1.1").Fact = "全部执行" }, "取数说明"},
		"a figure of nothing":    {func(p *Publication) { p.Facts[0].Of = 0 }, "系统取数"},
		"what was left out":      {func(p *Publication) { mark(p, "4.3.1").Mark = Mark{Got: 1, Of: 1} }, "系统取数"},
		"how much was left out":  {func(p *Publication) { p.Out = 0 }, "不计分的分值"},
		"a band": {func(p *Publication) {
			p.Rules = []byte(strings.Replace(string(p.Rules), `"value":90`, `"value":70`, 1))
		}, "评价等级“优”的得分”：文件为 70"},
		"no rules":                {func(p *Publication) { p.Rules = []byte(`{"day":"2026-11-20","rules":[]}`) }, "评价等级"},
		"rules of no day":         {func(p *Publication) { p.Rules = []byte(`{"day":"","rules":[]}`) }, "没有写明是哪一天"},
		"how it is rounded":       {func(p *Publication) { p.Rounding = "四舍五入" }, "计分规则"},
		"the smallest number":     {func(p *Publication) { p.Total = math.MinInt64 }, "总分"},
		"a weight of the pillars": {func(p *Publication) { p.Pillars[0].Weight = math.MinInt64 }, "满分"},
	} {
		p := read()
		c.spoil(&p)
		if got := strings.Join(p.Replay(), "\n"); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q", what, got)
		}
	}
}

func mark(p *Publication, code string) *Line {
	for i := range p.Lines {
		if p.Lines[i].Code == code {
			return &p.Lines[i]
		}
	}
	return &Line{}
}

// FuzzPublication: no file stops the program that replays it, and one that
// replays without a difference says what the seed says where it counts.
func FuzzPublication(f *testing.F) {
	p := published(f)
	data, err := json.Marshal(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for _, x := range []string{`"of":0`, `"of":-1`, `"of":9223372036854775807`} {
		f.Add([]byte(strings.ReplaceAll(string(data), `"of":30000000`, x)))
	}
	for _, x := range []string{`"total":-9223372036854775808`, `"total":9223372036854775807`} {
		f.Add([]byte(strings.Replace(string(data), `"total":`+jsonOf(p.Total), x, 1)))
	}
	f.Add([]byte(strings.ReplaceAll(string(data), `"kind":"ratio"`, `"kind":"interval"`)))
	f.Add([]byte(strings.ReplaceAll(string(data), `"weight":`, `"weight":-`)))
	f.Add([]byte(strings.ReplaceAll(string(data), `"lines":[`, `"lines":[null,`)))
	f.Add([]byte(`{"format":"` + PublicFormat + `"}`))
	f.Add([]byte(`{"format":"` + PublicFormat + `","rules":{"day":"2026-11-20","rules":[{"id":"band.good","article":"x","value":-9223372036854775808}]},"tree":{"indicators":[{"children":[{"children":[{"steps":[{"from":1}]}]}]}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ReadPublication(data)
		if err != nil {
			return
		}
		if len(p.Replay()) == 0 && Band(law, p.Total) != p.Grade {
			t.Errorf("%s is %s", Points(p.Total), p.Grade)
		}
	})
}

func jsonOf(n int64) string {
	b, _ := json.Marshal(n)
	return string(b)
}
