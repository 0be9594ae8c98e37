package performance

import (
	"math/big"
	"strings"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// Self is the provider's report on itself, as typed.
type Self struct {
	Summary  string `json:"summary" description:"自评说明：做了什么、成效如何"`
	Problems string `json:"problems,omitempty" description:"存在的问题和改进打算"`
	// Figures by the leaf's code: what it says it reached, and on which evidence.
	Figures map[string]LineForm `json:"figures,omitempty"`
}

// SelfMarked reports whether the provider marks a leaf itself: everything under
// 产出, 效益 and 满意度, and whatever is counted elsewhere.
func SelfMarked(l Leaf) bool {
	return l.Kind == Ratio || l.Kind == Interval || l.First == pillars[2] || l.First == pillars[3] || l.First == Satisfied
}

// storable refuses what is too much to keep, and only that.
func (s *Self) storable(t Tree) error {
	var c fault.Check
	known := codes(t)
	fits(&c, "summary", s.Summary, longText)
	fits(&c, "problems", s.Problems, longText)
	for code, f := range s.Figures {
		if !known[code] {
			c.Fail("figures."+code, "指标 %.20s 不在指标体系中，请刷新后重新填写", code)
			continue
		}
		f = f.trimmed()
		if f.same(LineForm{}) {
			delete(s.Figures, code)
			continue
		}
		s.Figures[code] = f
		f.bounded(&c, "figures."+code+".")
		fits(&c, "figures."+code+".reason", f.Reason, shortText)
	}
	return c.Err()
}

// check is the full check, when it is handed in: a leaf may be left open, but
// what is typed must be readable.
func (s Self) check(t Tree, facts map[Source]Fact, law rules.Set) error {
	var c fault.Check
	c.Must(strings.TrimSpace(s.Summary) != "", "summary", "请说明做了什么、成效如何")
	for _, l := range t.Leaves() {
		if f := s.Figures[l.Code]; !f.blank() {
			_, err := f.mark(l, facts[l.Source], law)
			c.Adopt("figures."+l.Code+".points", err)
		}
	}
	return c.Err()
}

// SelfPart is one part of a 单位自评: execution, output, benefit, satisfaction.
type SelfPart struct {
	Name   string `json:"name"`
	Weight int64  `json:"weight"` // hundredths of a point
	Points int64  `json:"points"`
}

// SelfScore is what a provider gives itself, by the weights of 单位自评
// (execution 10, output 50, benefit 30, satisfaction 10 as the rules in force
// have them): each part earns the share that its leaves earned. Not ok while a
// leaf of a part is open, or a part has no leaf that counts. Points are rounded
// down once a part and once in the whole.
func SelfScore(t Tree, figures map[string]LineForm, facts map[Source]Fact, law rules.Set) (parts []SelfPart, total int64, ok bool) {
	names := []struct{ rule, name string }{{rules.SelfEvaluationExecution, "预算执行率"}, {rules.SelfEvaluationOutput, "产出指标"},
		{rules.SelfEvaluationBenefit, "效益指标"}, {rules.SelfEvaluationSatisfaction, "满意度指标"}}
	earned, weight := make([]*big.Rat, len(names)), make([]int64, len(names))
	for i := range earned {
		earned[i] = new(big.Rat)
	}
	for _, l := range t.Leaves() {
		part := selfPart(l)
		if part < 0 {
			continue
		}
		m, err := figures[l.Code].mark(l, facts[l.Source], law)
		if err != nil {
			return nil, 0, false
		}
		if m.Out {
			continue
		}
		earned[part].Add(earned[part], l.earned(m))
		weight[part] += l.Weight
	}
	sum := new(big.Rat)
	for i, n := range names {
		full := law.Must(n.rule).Value * 100
		if weight[i] == 0 || full == 0 {
			return nil, 0, false
		}
		p := earned[i].Mul(earned[i], big.NewRat(full, weight[i]))
		sum.Add(sum, p)
		parts = append(parts, SelfPart{n.name, full, floor(p)})
	}
	return parts, floor(sum), true
}

// selfPart is the part of a 单位自评 that a leaf belongs to, -1 for none.
func selfPart(l Leaf) int {
	switch {
	case l.Source == Execution:
		return 0
	case l.Source == Satisfaction || l.First == Satisfied || l.Second == Satisfied:
		return 3
	case l.First == pillars[2]:
		return 1
	case l.First == pillars[3]:
		return 2
	}
	return -1
}
