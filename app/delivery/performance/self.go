package performance

import (
	"strings"

	"gongji/app/kernel/fault"
)

// Self is the provider's report on itself, as typed.
type Self struct {
	Summary  string `json:"summary" description:"自评说明：做了什么、成效如何"`
	Problems string `json:"problems,omitempty" description:"存在的问题和改进打算"`
	// Figures by the leaf's code.
	Figures map[string]Figure `json:"figures,omitempty"`
}

// Figure is what the provider says it reached on one leaf.
type Figure struct {
	Got  string `json:"got,omitempty" description:"完成数"`
	Of   string `json:"of,omitempty" description:"应完成数"`
	Note string `json:"note,omitempty" description:"说明"`
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
		f = Figure{strings.TrimSpace(f.Got), strings.TrimSpace(f.Of), strings.TrimSpace(f.Note)}
		if f == (Figure{}) {
			delete(s.Figures, code)
			continue
		}
		s.Figures[code] = f
		c.Must(len(f.Got) <= 20 && len(f.Of) <= 20, "figures."+code+".got", "数字太长，请核对")
		fits(&c, "figures."+code+".note", f.Note, shortText)
	}
	return c.Err()
}

// check is the full check, when it is handed in.
func (s Self) check(t Tree) error {
	var c fault.Check
	c.Must(strings.TrimSpace(s.Summary) != "", "summary", "请说明做了什么、成效如何")
	for _, l := range t.Leaves() {
		f := s.Figures[l.Code]
		if f.Got == "" && f.Of == "" {
			continue
		}
		_, ok1 := hundredths(f.Got)
		of, ok2 := hundredths(f.Of)
		c.Must(ok1 && ok2 && of > 0, "figures."+l.Code+".got", "“%s”的完成数和应完成数都要填数字，应完成数大于 0；没有数据可都留空", l.Name)
	}
	return c.Err()
}
