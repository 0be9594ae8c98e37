package performance

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

var law = rules.At(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))

func TestBand(t *testing.T) {
	for total, want := range map[int64]Grade{
		0: Poor, 5999: Poor, 6000: Fair, 7999: Fair, 8000: Good, 8999: Good, 9000: Excellent, 10000: Excellent,
	} {
		if got := Band(law, total); got != want {
			t.Errorf("%s is %s; want %s", Points(total), got, want)
		}
	}
	if got := Band(rules.Set{}, 9000); got != "" {
		t.Errorf("without rules: %s", got)
	}
}

func TestTemplatesAreSound(t *testing.T) {
	if len(Templates()) != 2 {
		t.Fatal(len(Templates()))
	}
	for _, id := range []string{General, ElderlyHomeCare} {
		tree, ok := Template(id)
		if !ok || tree.Check() != nil || len(tree.Leaves()) < 14 || !strings.Contains(tree.Basis, "通行做法") {
			t.Errorf("%s: %v %+v", id, ok, tree)
		}
		for i, w := range []int64{20_00, 20_00, 30_00, 30_00} {
			if tree.Indicators[i].Weight != w {
				t.Errorf("%s: %s has %d", id, tree.Indicators[i].Name, tree.Indicators[i].Weight)
			}
		}
		if c := tree.Cautions(law); len(c) != 0 {
			t.Error(id, c)
		}
	}
}

func full(tree Tree, m Mark) map[string]Mark {
	marks := map[string]Mark{}
	for _, l := range tree.Leaves() {
		marks[l.Code] = m
	}
	return marks
}

func TestScore(t *testing.T) {
	tree, _ := Template(General)
	for _, c := range []struct {
		m     Mark
		total int64
		grade Grade
	}{
		{Mark{1, 1}, 100_00, Excellent}, {Mark{0, 7}, 0, Poor}, {Mark{9, 10}, 90_00, Excellent}, {Mark{8, 10}, 80_00, Good}, {Mark{6, 10}, 60_00, Fair},
		{Mark{89996, 100000}, 89_99, Good}, {Mark{59999, 100000}, 59_99, Poor}, {Mark{79999999, 100000000}, 79_99, Fair}, {Mark{2, 3}, 66_66, Fair},
		{Mark{math.MaxInt64 - 1, math.MaxInt64}, 99_99, Excellent},
	} {
		r, err := Score(tree, full(tree, c.m), law)
		if err != nil || r.Total != c.total || r.Grade != c.grade || len(r.Pillars) != 4 || len(r.Leaves) != len(tree.Leaves()) {
			t.Errorf("%+v: %s %s %v; want %s %s", c.m, Points(r.Total), r.Grade, err, Points(c.total), c.grade)
		}
	}
}

// Thirds that round down line by line still make up the whole.
func TestTotalComesFromTheExactSum(t *testing.T) {
	tree := Tree{Name: "三分", Indicators: []Indicator{}}
	third := func(code string, w int64) Indicator {
		return Indicator{Code: code, Name: code, Weight: w, Kind: Quantitative}
	}
	for _, p := range pillars {
		tree.Indicators = append(tree.Indicators, Indicator{Code: p, Name: p, Weight: 25_00, Children: []Indicator{
			{Code: p + "1", Name: p, Weight: 25_00, Children: []Indicator{third(p+"a", 8_00), third(p+"b", 8_00), third(p+"c", 9_00)}}}})
	}
	r, err := Score(tree, full(tree, Mark{1, 3}), law)
	if err != nil || r.Total != 33_33 || r.Pillars[0].Points != 8_33 || r.Leaves[0].Points != 2_66 {
		t.Errorf("%+v %v", r, err)
	}
	if c := tree.Cautions(law); len(c) != 1 || !strings.Contains(c[0], "待核") {
		t.Error(c)
	}
}

func TestScoreRefuses(t *testing.T) {
	tree, _ := Template(General)
	first := tree.Leaves()[0].Code
	for name, change := range map[string]func(map[string]Mark) string{
		"missing":    func(m map[string]Mark) string { delete(m, first); return first },
		"unknown":    func(m map[string]Mark) string { m["9.9.9"] = Mark{1, 1}; return "9.9.9" },
		"above":      func(m map[string]Mark) string { m[first] = Mark{2, 1}; return first },
		"negative":   func(m map[string]Mark) string { m[first] = Mark{-1, 1}; return first },
		"of nothing": func(m map[string]Mark) string { m[first] = Mark{0, 0}; return first },
	} {
		marks := full(tree, Mark{1, 1})
		code := change(marks)
		_, err := Score(tree, marks, law)
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != "marks."+code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Tree)
		field  string
	}{
		"leaf up":       {func(x *Tree) { x.Indicators[0].Children[0].Children[0].Weight++ }, "indicators"},
		"leaf negative": {func(x *Tree) { x.Indicators[0].Children[0].Children[0].Weight = -1 }, "indicators.1.1.1.weight"},
		"leaf huge":     {func(x *Tree) { x.Indicators[0].Children[0].Children[0].Weight = math.MaxInt64 }, "indicators.1.1.1.weight"},
		"parent":        {func(x *Tree) { x.Indicators[0].Children[0].Weight++ }, "indicators.1.1.weight"},
		"grandparent":   {func(x *Tree) { x.Indicators[2].Weight-- }, "indicators.3.weight"},
		"order":         {func(x *Tree) { x.Indicators[0], x.Indicators[1] = x.Indicators[1], x.Indicators[0] }, "indicators"},
		"pillar gone":   {func(x *Tree) { x.Indicators = x.Indicators[:3] }, "indicators"},
		"two levels":    {func(x *Tree) { x.Indicators[0].Children[0].Children = nil }, "indicators.1.1.children"},
		"four levels": {func(x *Tree) {
			l := &x.Indicators[0].Children[0].Children[0]
			l.Children = []Indicator{{Code: "x", Name: "x", Weight: l.Weight, Kind: Qualitative}}
		}, "indicators.1.1.1.children"},
		"code twice": {func(x *Tree) { x.Indicators[0].Children[0].Children[1].Code = "1.1.1" }, "indicators.1.1.1.code"},
		"no kind":    {func(x *Tree) { x.Indicators[0].Children[0].Children[0].Kind = "" }, "indicators.1.1.1.kind"},
		"no name":    {func(x *Tree) { x.Indicators[0].Children[0].Children[0].Name = " " }, "indicators.1.1.1.name"},
	} {
		tree, _ := Template(General)
		c.change(&tree)
		f, ok := errors.AsType[*fault.Fault](tree.Check())
		found := false
		if ok {
			for _, x := range f.Fields {
				found = found || x.Name == c.field
			}
		}
		if !found {
			t.Errorf("%s: %v; want %s", name, tree.Check(), c.field)
		}
	}
	if tree, _ := Template(General); tree.Check() != nil {
		t.Error("the shipped template was changed")
	}
}

// More reached never scores less, and the total shown is never above what the
// lines could make.
func TestScoreProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	tree, _ := Template(ElderlyHomeCare)
	for range 500 {
		marks := map[string]Mark{}
		for _, l := range tree.Leaves() {
			of := 1 + r.Int64N(1000)
			marks[l.Code] = Mark{r.Int64N(of + 1), of}
		}
		a, err := Score(tree, marks, law)
		if err != nil {
			t.Fatal(err)
		}
		var lines int64
		for _, l := range a.Leaves {
			lines += l.Points
		}
		if a.Total < lines || a.Total-lines >= int64(len(a.Leaves)) || a.Total > FullMarks {
			t.Fatalf("total %d of lines %d", a.Total, lines)
		}
		for code, m := range marks {
			if m.Got < m.Of {
				marks[code] = Mark{m.Got + 1, m.Of}
				break
			}
		}
		if b, _ := Score(tree, marks, law); b.Total < a.Total {
			t.Fatalf("more reached, less scored: %d, %d", a.Total, b.Total)
		}
	}
}

func FuzzLoad(f *testing.F) {
	b, _ := files.ReadFile("templates/general.json")
	f.Add(b)
	f.Add([]byte(`{"name":"x","indicators":[{"weight":9223372036854775807,"children":[{"weight":-1}]}]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, b []byte) {
		tree, err := Load(b)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		r, err := Score(tree, full(tree, Mark{1, 1}), law)
		if err != nil || r.Total != FullMarks {
			t.Fatalf("a sound tree in full scores %d, %v", r.Total, err)
		}
	})
}
