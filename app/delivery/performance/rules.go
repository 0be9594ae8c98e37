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
type Mark struct {
	Got int64 `json:"got"`
	Of  int64 `json:"of"`
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
	// Pillars are the points of 决策, 过程, 产出, 效益 in that order.
	Pillars []Pillar
	Total   int64
	Grade   Grade
}

// Pillar is one first-level indicator's result.
type Pillar struct {
	Name   string
	Weight int64
	Points int64
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
	for _, l := range leaves {
		known[l.Code] = true
		m, ok := marks[l.Code]
		switch {
		case !ok:
			c.Fail("marks."+l.Code, "“%s”还没有打分，请填写", l.Name)
		case m.Of <= 0:
			c.Fail("marks."+l.Code, "“%s”的应完成数应大于 0，请填写", l.Name)
		case m.Got < 0 || m.Got > m.Of:
			c.Fail("marks."+l.Code, "“%s”的完成数应在 0 到 %d 之间，超额完成的按完成填写", l.Name, m.Of)
		}
	}
	for code := range marks {
		c.Must(known[code], "marks."+code, "指标 %.20s 不在指标体系中，请刷新后重新填写", code)
	}
	if err := c.Err(); err != nil {
		return Result{}, err
	}
	r := Result{Leaves: make([]Scored, 0, len(leaves))}
	total := new(big.Rat)
	next := 0
	for _, a := range t.Indicators {
		sum := new(big.Rat)
		for ; next < len(leaves) && leaves[next].First == a.Name; next++ {
			l := leaves[next]
			p := earned(l.Weight, marks[l.Code])
			sum.Add(sum, p)
			r.Leaves = append(r.Leaves, Scored{l, marks[l.Code], floor(p)})
		}
		total.Add(total, sum)
		r.Pillars = append(r.Pillars, Pillar{a.Name, a.Weight, floor(sum)})
	}
	r.Total = floor(total)
	r.Grade = Band(s, r.Total)
	return r, nil
}

func earned(weight int64, m Mark) *big.Rat {
	return new(big.Rat).Mul(big.NewRat(weight, 1), big.NewRat(m.Got, m.Of))
}

func floor(r *big.Rat) int64 { return new(big.Int).Quo(r.Num(), r.Denom()).Int64() }

// Points prints hundredths of a point: 8950 is "89.50".
func Points(h int64) string {
	if h < 0 {
		return "-" + Points(-h)
	}
	return fmt.Sprintf("%d.%02d", h/100, h%100)
}
