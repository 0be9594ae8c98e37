package performance

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// Sheet is a scoring sheet as typed: nothing typed is lost, however wrong.
type Sheet struct {
	// Lines by the leaf's code.
	Lines        map[string]LineForm `json:"lines"`
	Summary      string              `json:"summary" description:"评价结论，印在报告上"`
	Achievements string              `json:"achievements,omitempty" description:"主要成效，一行一条"`
	Suggestions  string              `json:"suggestions,omitempty" description:"有关建议，一行一条"`
	Problems     []ProblemForm       `json:"problems,omitempty" description:"存在问题与整改要求"`
}

// ProblemForm is one finding as typed; Due is a day, "2026-08-31".
type ProblemForm struct {
	Finding       string `json:"finding"`
	Rectification string `json:"rectification"`
	Responsible   string `json:"responsible,omitempty"`
	Due           string `json:"due" description:"整改期限，形如 2026-08-31"`
}

func (p ProblemForm) blank() bool {
	return p.Finding == "" && p.Rectification == "" && p.Responsible == "" && p.Due == ""
}

const (
	longText    = 2000 // characters of a summary
	shortText   = 500  // characters of a reason or a finding
	maxProblems = 20
)

// storable refuses what is too much to keep, and only that.
func (s *Sheet) storable(t Tree) error {
	var c fault.Check
	known := codes(t)
	for code, l := range s.Lines {
		if !known[code] {
			c.Fail("lines."+code, "指标 %.20s 不在指标体系中，请刷新后重新填写", code)
			continue
		}
		l = l.trimmed()
		s.Lines[code] = l
		l.bounded(&c, "lines."+code+".")
		fits(&c, "lines."+code+".reason", l.Reason, shortText)
	}
	fits(&c, "summary", s.Summary, longText)
	fits(&c, "achievements", s.Achievements, longText)
	fits(&c, "suggestions", s.Suggestions, longText)
	kept := []ProblemForm{}
	for i, p := range s.Problems {
		p = ProblemForm{strings.TrimSpace(p.Finding), strings.TrimSpace(p.Rectification), strings.TrimSpace(p.Responsible), strings.TrimSpace(p.Due)}
		field := fmt.Sprintf("problems.%d.", i)
		fits(&c, field+"finding", p.Finding, shortText)
		fits(&c, field+"rectification", p.Rectification, shortText)
		fits(&c, field+"responsible", p.Responsible, 60)
		fits(&c, field+"due", p.Due, 20)
		if !p.blank() {
			kept = append(kept, p)
		}
	}
	s.Problems = kept
	c.Must(len(kept) <= maxProblems, "problems", "存在问题最多 %d 条，请合并", maxProblems)
	return c.Err()
}

func fits(c *fault.Check, field, s string, most int) {
	c.Must(utf8.RuneCountInString(s) <= most, field, "不超过 %d 个字", most)
}

func codes(t Tree) map[string]bool {
	out := map[string]bool{}
	for _, l := range t.Leaves() {
		out[l.Code] = true
	}
	return out
}

// bounded refuses figures that are too much to keep.
func (f LineForm) bounded(c *fault.Check, field string) {
	c.Must(len(f.Points) <= 20 && len(f.Got) <= 20 && len(f.Of) <= 20 && len(f.Value) <= 20 && len(f.Answer) <= 20 && len(f.Level) <= 20,
		field+"points", "数字太长，请核对")
	c.Must(len(f.Evidence) <= mostLinks, field+"evidence", "每项依据最多 %d 条，请选择最主要的", mostLinks)
	for _, k := range f.Evidence {
		c.Must(len(k) <= 60, field+"evidence", "依据不在列表中，请刷新后重新选择")
	}
}

// read is the full check of a sheet: every leaf marked within its weight, a
// reason wherever points are lost, a summary, and problems that say what mends
// them until when.
func (s Sheet) read(t Tree, facts map[Source]Fact, law rules.Set, now time.Time) (Result, []Problem, error) {
	var c fault.Check
	marks := map[string]Mark{}
	for _, l := range t.Leaves() {
		f := s.Lines[l.Code]
		m, err := f.mark(l, facts[l.Source], law)
		if err != nil {
			c.Adopt("lines."+l.Code+".points", err)
			continue
		}
		marks[l.Code] = m
		lost := !m.Out && floor(l.earned(m)) < l.Weight
		// What the system counted speaks for itself; what a person judged does not.
		c.Must(!lost || facts[l.Source].Known || f.Reason != "", "lines."+l.Code+".reason", "“%s”扣了分，请写明理由", l.Name)
	}
	c.Must(strings.TrimSpace(s.Summary) != "", "summary", "请填写评价结论")
	problems := s.problems(&c, now)
	if err := c.Err(); err != nil {
		return Result{}, nil, err
	}
	r, err := Score(t, marks, law)
	return r, problems, err
}

func (s Sheet) problems(c *fault.Check, now time.Time) []Problem {
	out := []Problem{}
	for i, p := range s.Problems {
		field := fmt.Sprintf("problems.%d.", i)
		c.Must(p.Finding != "", field+"finding", "请写明第 %d 个问题是什么", i+1)
		c.Must(p.Rectification != "", field+"rectification", "请写明第 %d 个问题怎样整改", i+1)
		due, err := time.ParseInLocation(time.DateOnly, p.Due, clock.Beijing)
		switch {
		case err != nil:
			c.Fail(field+"due", "请选择第 %d 个问题的整改期限", i+1)
		case !now.Before(due.AddDate(0, 0, 1)):
			c.Fail(field+"due", "第 %d 个问题的整改期限已经过去，请改为今天或以后", i+1)
		}
		out = append(out, Problem{p.Finding, p.Rectification, p.Responsible, clock.Trunc(due)})
	}
	return out
}

// ParsePoints reads points as typed into hundredths: "7.5" is 750. Not ok when
// it is not a number of at most two decimals.
func ParsePoints(s string) (int64, bool) { return hundredths(strings.TrimSpace(s)) }

// hundredths reads a non-negative number of at most two decimals and twelve
// digits, exactly: "7.5" is 750.
func hundredths(s string) (int64, bool) {
	whole, cents, dotted := strings.Cut(strings.ReplaceAll(s, ",", ""), ".")
	if whole == "" || len(whole) > 12 || len(cents) > 2 || dotted && cents == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(cents + "00")[:2], 10, 63)
	return int64(n), err == nil && !strings.ContainsAny(whole+cents, "+_")
}

// Progress is what a sheet comes to so far, for the page that is being typed:
// the leaves that can be read, their exact sum, and how many are done.
func (s Sheet) Progress(t Tree, facts map[Source]Fact, law rules.Set) (total int64, points map[string]int64, done int) {
	points = map[string]int64{}
	sum, out := new(big.Rat), int64(0)
	for _, l := range t.Leaves() {
		m, err := s.Lines[l.Code].mark(l, facts[l.Source], law)
		if err != nil {
			continue
		}
		if m.Out {
			out += l.Weight
		}
		p := l.earned(m)
		sum.Add(sum, p)
		points[l.Code] = floor(p)
		done++
	}
	if out < FullMarks {
		sum.Mul(sum, big.NewRat(FullMarks, FullMarks-out))
	}
	return floor(sum), points, done
}

func split(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
