package performance

import (
	"slices"
	"strings"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// LineForm is one leaf as typed. Which fields count follows from the leaf's
// kind; a leaf that the system computed takes none of them, only the reason.
type LineForm struct {
	Points string `json:"points,omitempty" description:"得分，最多两位小数，仅定性指标"`
	Got    string `json:"got,omitempty" description:"完成数，仅按比例的指标"`
	Of     string `json:"of,omitempty" description:"应完成数，仅按比例的指标"`
	Value  string `json:"value,omitempty" description:"数值，仅按区间的指标"`
	Answer string `json:"answer,omitempty" enum:"yes,no" description:"仅“是否”指标"`
	Level  Level  `json:"level,omitempty" enum:"reached,partly,not" description:"定性指标的档次，不填按得分归档"`
	Reason string `json:"reason,omitempty" description:"得分或扣分理由，扣分时必填"`
	// Evidence are keys of the links that stand behind the score.
	Evidence []string `json:"evidence,omitempty" description:"依据，取自 links 的 key"`
}

// mostLinks is how many pieces of evidence one line names at most.
const mostLinks = 20

func (f LineForm) trimmed() LineForm {
	f.Points, f.Got, f.Of = strings.TrimSpace(f.Points), strings.TrimSpace(f.Got), strings.TrimSpace(f.Of)
	f.Value, f.Reason = strings.TrimSpace(f.Value), strings.TrimSpace(f.Reason)
	slices.Sort(f.Evidence)
	f.Evidence = slices.DeleteFunc(slices.Compact(f.Evidence), func(s string) bool { return s == "" })
	if len(f.Evidence) == 0 {
		f.Evidence = nil
	}
	return f
}

// figures is the line without what explains it.
func (f LineForm) figures() LineForm {
	return LineForm{Points: f.Points, Got: f.Got, Of: f.Of, Value: f.Value, Answer: f.Answer, Level: f.Level}
}

// same reports whether two lines say the same.
func (f LineForm) same(g LineForm) bool {
	a, b := f.figures(), g.figures()
	return a.Points == b.Points && a.Got == b.Got && a.Of == b.Of && a.Value == b.Value && a.Answer == b.Answer && a.Level == b.Level &&
		f.Reason == g.Reason && slices.Equal(f.Evidence, g.Evidence)
}

func (f LineForm) blank() bool { return f.figures().same(LineForm{}) }

// mark reads one line. What the system computed cannot be typed over.
func (f LineForm) mark(l Leaf, fact Fact, law rules.Set) (Mark, error) {
	if fact.Known {
		if !f.blank() {
			return Mark{}, fault.New(fault.Invalid, "“%s”由系统取数，不能填写得分，可以在理由中说明", l.Name)
		}
		if fact.Waits {
			return Mark{}, fault.New(fault.Invalid, "“%s”还不能取数：%s", l.Name, fact.Text)
		}
		return fact.mark(l.Indicator), nil
	}
	switch l.Kind {
	case Ratio:
		return f.ratio(l)
	case Interval:
		n, ok := hundredths(f.Value)
		if !ok {
			return Mark{}, fault.New(fault.Invalid, "请填写“%s”的数值，最多两位小数", l.Name)
		}
		return Mark{Got: n, Of: 100}, nil
	case YesNo:
		if f.Answer != "yes" && f.Answer != "no" {
			return Mark{}, fault.New(fault.Invalid, "请选择“%s”是否做到", l.Name)
		}
		return Mark{Got: map[string]int64{"yes": 1}[f.Answer], Of: 1}, nil
	}
	return f.judged(l, law)
}

func (f LineForm) ratio(l Leaf) (Mark, error) {
	got, ok1 := hundredths(f.Got)
	of, ok2 := hundredths(f.Of)
	if !ok1 || !ok2 || of == 0 {
		return Mark{}, fault.New(fault.Invalid, "“%s”的完成数和应完成数都要填数字，应完成数大于 0", l.Name)
	}
	return Mark{Got: min(got, of), Of: of}, nil
}

// judged reads the points of a qualitative leaf, within the band of its level
// where one was chosen.
func (f LineForm) judged(l Leaf, law rules.Set) (Mark, error) {
	full := Points(l.Weight)
	if f.Points == "" {
		return Mark{}, fault.New(fault.Invalid, "“%s”还没有打分，请填写 0 到 %s 分", l.Name, full)
	}
	p, ok := hundredths(f.Points)
	if !ok {
		return Mark{}, fault.New(fault.Invalid, "“%s”的得分应为数字，最多两位小数，例如 %s", l.Name, full)
	}
	if p > l.Weight {
		return Mark{}, fault.New(fault.Invalid, "“%s”满分 %s 分，得分不能超过满分", l.Name, full)
	}
	if got := LevelOf(law, p, l.Weight); f.Level != "" && got != "" && got != f.Level {
		return Mark{}, fault.New(fault.Invalid, "“%s”得 %s 分属于“%s”，与所选的“%s”不符：%s", l.Name, Points(p), got.Name(), f.Level.Name(), LevelsOf(law))
	}
	return Mark{Got: p, Of: l.Weight}, nil
}

// LevelsOf is what the levels of a qualitative leaf are worth, in words, with
// the rule's source.
func LevelsOf(law rules.Set) string {
	a, b := law.Must(rules.QualitativeReached), law.Must(rules.QualitativePartly)
	if a.ID == "" || b.ID == "" {
		return ""
	}
	return "达成得满分的 100%–" + a.Quantity() + "，部分达成 " + a.Quantity() + "–" + b.Quantity() + "（不含上限），未达成 " + b.Quantity() + " 以下（" + a.Source() + "）"
}

// StepsText is an interval leaf's steps in words: "不足 60 得 0%；60 起 50%；…".
func (n Indicator) StepsText() string {
	var out []string
	for i, s := range n.Steps {
		switch {
		case i == 0 && len(n.Steps) > 1:
			out = append(out, "不足 "+short(n.Steps[1].From)+n.Unit+" 得 "+short(s.Share)+"%")
		default:
			out = append(out, short(s.From)+n.Unit+" 起得 "+short(s.Share)+"%")
		}
	}
	return strings.Join(out, "；")
}

// short prints hundredths without needless zeros: 8050 is "80.5".
func short(h int64) string {
	return strings.TrimSuffix(strings.TrimRight(strings.TrimRight(Points(h), "0"), "."), ".")
}

// Says is what was typed, in words: "1180 / 1200", "是", "7.5 分".
func (f LineForm) Says(l Leaf) string {
	switch {
	case f.Got != "" || f.Of != "":
		return f.Got + " / " + f.Of
	case f.Value != "":
		return f.Value + l.Unit
	case f.Answer != "":
		return map[string]string{"yes": "是", "no": "否"}[f.Answer]
	case f.Points != "":
		return f.Points + " 分"
	}
	return ""
}

// Fraction is what a figure of the system is worth of a leaf, in hundredths of
// a point, as the two halves of a fraction: a page adds it up exactly with what
// is typed beside it. Empty where the leaf does not count.
func (n Indicator) Fraction(f Fact) (over, under string) {
	if f.Short || f.Waits || f.Of <= 0 {
		return "", ""
	}
	r := n.earned(f.mark(n))
	return r.Num().String(), r.Denom().String()
}
