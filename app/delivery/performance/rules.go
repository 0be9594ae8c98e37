package performance

import (
	"fmt"
	"math/big"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// Mark is what a leaf reached: Got of Of, 0 ≤ Got ≤ Of. A completed 1,180
// visits of 1,200 is {1180, 1200}; 85% of a qualitative leaf is {85, 100}; 7.5
// of its 10 points is {750, 1000}. What goes beyond the target counts as the
// target: the caller enters Got = Of, so that nobody makes up for a failure by
// doing more of something else.
//
// Of an interval leaf Got/Of is the figure itself and has no upper end: 92.10%
// is {9210, 100}. Of a yes or no leaf it is {1, 1} or {0, 1}. Out says that the
// figure rests on too little and the leaf does not count (see Rounding).
type Mark struct {
	Got int64 `json:"got"`
	Of  int64 `json:"of"`
	Out bool  `json:"out,omitempty"`
}

// Scored is one leaf's result, in hundredths of a point.
type Scored struct {
	Leaf
	Mark   Mark
	Points int64
}

// Result is an evaluation. Points are in hundredths and rounded down: what is
// shown never stands in a better band than what was earned, so 89.996 is shown
// as 89.99 and is 良. The total is rounded once, from the exact sum; it can
// exceed the sum of the lines shown by less than 0.01 a line.
type Result struct {
	Leaves []Scored
	// Pillars are the points of 决策, 过程, 产出, 效益 (and 满意度) in that order,
	// of the leaves that count.
	Pillars []Pillar
	// Out is the weight of the leaves that do not count.
	Out   int64
	Total int64
	Grade Grade
}

// Rounding says in words how a score is computed, as it is printed and frozen.
const Rounding = "各项得分按评分标准精确计算，总分由各项精确得分相加，只在最后舍去一次，保留两位小数，不四舍五入：79.995 分记 79.99 分，等级为“中”。" +
	"样本不足的指标不计分、不取平均，其分值按比例分摊到其余指标：总分 = 其余指标得分之和 ÷ 其余指标分值之和 × 100。"

// Pillar is one first-level indicator's result.
type Pillar struct {
	Name   string `json:"name"`
	Weight int64  `json:"weight"` // hundredths of a point, of the leaves that count
	Points int64  `json:"points"`
}

// Grade is 优, 良, 中 or 差.
type Grade string

// The grades of 财预〔2020〕10号.
const (
	Excellent Grade = "优"
	Good      Grade = "良"
	Fair      Grade = "中"
	Poor      Grade = "差"
)

// Band is the grade of a total in hundredths of a point, under the rules in
// force: 优 [90,100], 良 [80,90), 中 [60,80), 差 [0,60). The bounds are whole
// points, so a total rounded down to hundredths is in the band of the exact
// one. Without rules in force (before 2020-02-25) there is no grade: "".
func Band(s rules.Set, total int64) Grade {
	top, good, fair := s.Must(rules.BandExcellent).Value*100, s.Must(rules.BandGood).Value*100, s.Must(rules.BandFair).Value*100
	switch {
	case top == 0 || good == 0 || fair == 0:
		return ""
	case total >= top:
		return Excellent
	case total >= good:
		return Good
	case total >= fair:
		return Fair
	default:
		return Poor
	}
}

// Score marks a tree: every leaf by its code, none missing, none unknown. The
// complaints are named "marks.CODE".
func Score(t Tree, marks map[string]Mark, s rules.Set) (Result, error) {
	if err := t.Check(); err != nil {
		return Result{}, err
	}
	var c fault.Check
	leaves := t.Leaves()
	known := make(map[string]bool, len(leaves))
	var out int64
	for _, l := range leaves {
		known[l.Code] = true
		m, ok := marks[l.Code]
		switch {
		case !ok:
			c.Fail("marks."+l.Code, "“%s”还没有打分，请填写", l.Name)
		case m.Out:
			out += l.Weight
			c.Must(l.Source != "", "marks."+l.Code, "“%s”不由系统取数，不能不计分", l.Name)
		case m.Of <= 0:
			c.Fail("marks."+l.Code, "“%s”的应完成数应大于 0，请填写", l.Name)
		case l.Kind == YesNo && m.Of != 1:
			c.Fail("marks."+l.Code, "“%s”只有做到和没有做到两种结果", l.Name)
		case m.Got < 0 || m.Got > m.Of && l.Kind != Interval:
			c.Fail("marks."+l.Code, "“%s”的完成数应在 0 到 %d 之间，超额完成的按完成填写", l.Name, m.Of)
		}
	}
	for code := range marks {
		c.Must(known[code], "marks."+code, "指标 %.20s 不在指标体系中，请刷新后重新填写", code)
	}
	c.Must(out < FullMarks, "marks", "所有指标都不计分，不能评价")
	if err := c.Err(); err != nil {
		return Result{}, err
	}
	r := Result{Leaves: make([]Scored, 0, len(leaves)), Out: out}
	total := new(big.Rat)
	next := 0
	for _, a := range t.Indicators {
		sum, weight := new(big.Rat), a.Weight
		for ; next < len(leaves) && leaves[next].First == a.Name; next++ {
			l := leaves[next]
			m := marks[l.Code]
			if m.Out {
				weight -= l.Weight
			}
			p := l.earned(m)
			sum.Add(sum, p)
			r.Leaves = append(r.Leaves, Scored{l, m, floor(p)})
		}
		total.Add(total, sum)
		r.Pillars = append(r.Pillars, Pillar{a.Name, weight, floor(sum)})
	}
	r.Total = floor(total.Mul(total, big.NewRat(FullMarks, FullMarks-out)))
	r.Grade = Band(s, r.Total)
	return r, nil
}

// earned is what a mark is worth of a leaf, exactly, in hundredths of a point.
func (n Indicator) earned(m Mark) *big.Rat {
	if m.Out {
		return new(big.Rat)
	}
	figure, weight := big.NewRat(m.Got, m.Of), big.NewRat(n.Weight, 1)
	if n.Kind != Interval {
		return figure.Mul(figure, weight)
	}
	share := int64(0)
	for _, s := range n.Steps {
		if figure.Cmp(big.NewRat(s.From, 100)) >= 0 {
			share = s.Share
		}
	}
	return weight.Mul(weight, big.NewRat(share, whole))
}

// Level is how far a qualitative leaf was reached.
type Level string

// The levels of 财预〔2020〕10号 (待核).
const (
	Reached Level = "reached"
	Partly  Level = "partly"
	Not     Level = "not"
)

// Name is the level in Chinese.
func (l Level) Name() string {
	return map[Level]string{Reached: "达成", Partly: "部分达成", Not: "未达成"}[l]
}

// LevelOf is the level that points of a qualitative leaf stand for: reached
// from 80% of its points on, partly from 60%. "" where the rules have no bands.
func LevelOf(s rules.Set, points, weight int64) Level {
	reached, partly := s.Must(rules.QualitativeReached), s.Must(rules.QualitativePartly)
	switch {
	case reached.ID == "" || partly.ID == "" || weight <= 0:
		return ""
	case reached.AtLeast(points, weight):
		return Reached
	case partly.AtLeast(points, weight):
		return Partly
	}
	return Not
}

func floor(r *big.Rat) int64 { return new(big.Int).Quo(r.Num(), r.Denom()).Int64() }

// Points prints hundredths of a point: 8950 is "89.50".
func Points(h int64) string {
	sign, n := "", uint64(h)
	if h < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}
