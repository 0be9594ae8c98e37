package performance

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

var day = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

var law = rules.At(day)

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
	if len(Templates()) != 6 {
		t.Fatal(len(Templates()))
	}
	for _, id := range templateIDs {
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
		{Mark{Got: 1, Of: 1}, 100_00, Excellent}, {Mark{Got: 0, Of: 7}, 0, Poor}, {Mark{Got: 9, Of: 10}, 90_00, Excellent}, {Mark{Got: 8, Of: 10}, 80_00, Good}, {Mark{Got: 6, Of: 10}, 60_00, Fair},
		{Mark{Got: 89996, Of: 100000}, 89_99, Good}, {Mark{Got: 59999, Of: 100000}, 59_99, Poor}, {Mark{Got: 79999999, Of: 100000000}, 79_99, Fair}, {Mark{Got: 2, Of: 3}, 66_66, Fair},
		{Mark{Got: math.MaxInt64 - 1, Of: math.MaxInt64}, 99_99, Excellent},
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
		return Indicator{Code: code, Name: code, Weight: w, Kind: Ratio}
	}
	for _, p := range pillars {
		tree.Indicators = append(tree.Indicators, Indicator{Code: p, Name: p, Weight: 25_00, Children: []Indicator{
			{Code: p + "1", Name: p, Weight: 25_00, Children: []Indicator{third(p+"a", 8_00), third(p+"b", 8_00), third(p+"c", 9_00)}}}})
	}
	r, err := Score(tree, full(tree, Mark{Got: 1, Of: 3}), law)
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
		"unknown":    func(m map[string]Mark) string { m["9.9.9"] = Mark{Got: 1, Of: 1}; return "9.9.9" },
		"above":      func(m map[string]Mark) string { m[first] = Mark{Got: 2, Of: 1}; return first },
		"negative":   func(m map[string]Mark) string { m[first] = Mark{Got: -1, Of: 1}; return first },
		"of nothing": func(m map[string]Mark) string { m[first] = Mark{Got: 0, Of: 0}; return first },
	} {
		marks := full(tree, Mark{Got: 1, Of: 1})
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
	for i := range 1200 {
		tree, _ := Template(templateIDs[i%len(templateIDs)])
		marks := map[string]Mark{}
		for _, l := range tree.Leaves() {
			marks[l.Code] = anyMark(r, l)
		}
		a, err := Score(tree, marks, law)
		if err != nil {
			t.Fatal(err)
		}
		var lines int64
		for _, l := range a.Leaves {
			lines += l.Points
		}
		if a.Out == 0 && (a.Total < lines || a.Total-lines >= int64(len(a.Leaves))) || a.Total > FullMarks || a.Total < lines {
			t.Fatalf("total %d of lines %d", a.Total, lines)
		}
		for code, m := range marks {
			if m.Got < m.Of || m.Of == 100 {
				marks[code] = Mark{Got: m.Got + 1, Of: m.Of}
				break
			}
		}
		if b, _ := Score(tree, marks, law); b.Total < a.Total {
			t.Fatalf("more reached, less scored: %d, %d", a.Total, b.Total)
		}
	}
}

// anyMark is a mark that a leaf may have; a fifth of those that the system
// counts rest on too little.
func anyMark(r *rand.Rand, l Leaf) Mark {
	of := 1 + r.Int64N(1000)
	switch {
	case l.Source != "" && r.IntN(5) == 0:
		return Mark{Out: true}
	case l.Kind == YesNo:
		return Mark{Got: r.Int64N(2), Of: 1}
	case l.Kind == Interval:
		return Mark{Got: r.Int64N(120_00), Of: 100}
	}
	return Mark{Got: r.Int64N(of + 1), Of: of}
}

// best is the mark that earns a leaf the most it can.
func best(l Leaf) Mark {
	m := Mark{Got: 1, Of: 1}
	if l.Kind == Interval {
		top := l.Steps[0]
		for _, s := range l.Steps {
			if s.Share > top.Share {
				top = s
			}
		}
		m = Mark{Got: top.From, Of: 100}
	}
	return m
}

// 财预〔2020〕10号 bands at their edges, by marks that come to exactly that: the
// sum is exact and rounded down once, so 79.995 is 79.99 and 中.
func TestBandsAtTheEdges(t *testing.T) {
	tree, _ := Template(General)
	for got, want := range map[int64]struct {
		points string
		grade  Grade
	}{
		59_990: {"59.99", Poor}, 59_999: {"59.99", Poor}, 60_000: {"60.00", Fair}, 79_995: {"79.99", Fair}, 79_999: {"79.99", Fair},
		80_000: {"80.00", Good}, 89_990: {"89.99", Good}, 89_995: {"89.99", Good}, 90_000: {"90.00", Excellent}, 100_000: {"100.00", Excellent}, 0: {"0.00", Poor},
	} {
		r, err := Score(tree, full(tree, Mark{Got: got, Of: 100_000}), law)
		if err != nil || Points(r.Total) != want.points || r.Grade != want.grade {
			t.Errorf("%d thousandths: %s %s %v; want %s %s", got, Points(r.Total), r.Grade, err, want.points, want.grade)
		}
	}
	if !strings.Contains(Rounding, "79.995 分记 79.99 分，等级为“中”") {
		t.Error("how it is rounded is not said")
	}
}

// What rests on too little is left out, and the others make up the hundred.
func TestWhatIsLeftOutIsSpread(t *testing.T) {
	tree, _ := Template(General)
	marks := full(tree, Mark{Got: 9, Of: 10})
	marks["4.3.1"] = Mark{Out: true}
	r, err := Score(tree, marks, law)
	if err != nil || r.Total != 90_00 || r.Grade != Excellent || r.Out != 8_00 || r.Pillars[3].Weight != 22_00 {
		t.Fatalf("%+v %v", r, err)
	}
	marks["1.1.1"] = Mark{Out: true}
	if _, err := Score(tree, marks, law); !fault.Is(err, fault.Invalid) {
		t.Errorf("a leaf that people judge was left out: %v", err)
	}
	// 8.00 of 92.00 lost, on the rest: 84/92 of 100, rounded down.
	marks = full(tree, Mark{Got: 1, Of: 1})
	marks["4.3.1"], marks["4.2.1"], marks["1.1.1"], marks["1.1.2"] = Mark{Out: true}, Mark{Got: 1, Of: 3}, Mark{Got: 1, Of: 2}, Mark{Got: 1, Of: 2}
	if r, err := Score(tree, marks, law); err != nil || r.Total != 91_30 {
		t.Errorf("%s %v", Points(r.Total), err)
	}
}

// Each kind of leaf turns what was typed into its mark, and nothing else.
func TestEveryKindOfLeaf(t *testing.T) {
	leaf := func(k Kind) Leaf {
		return Leaf{Indicator: Indicator{Code: "x", Name: "指标", Weight: 10_00, Kind: k}}
	}
	steps := leaf(Interval)
	steps.Steps = []Step{{0, 0}, {60_00, 50_00}, {90_00, 100_00}}
	known := Fact{Source: Execution, Known: true, Got: 2, Of: 3}
	for what, c := range map[string]struct {
		l      Leaf
		f      LineForm
		fact   Fact
		points string // "" is refused
	}{
		"ratio":               {leaf(Ratio), LineForm{Got: "1180", Of: "1200"}, Fact{}, "9.83"},
		"more than due":       {leaf(Ratio), LineForm{Got: "1300", Of: "1200"}, Fact{}, "10.00"},
		"ratio as points":     {leaf(Ratio), LineForm{Points: "9"}, Fact{}, ""},
		"of nothing":          {leaf(Ratio), LineForm{Got: "1", Of: "0"}, Fact{}, ""},
		"below the step":      {steps, LineForm{Value: "59.99"}, Fact{}, "0.00"},
		"on the step":         {steps, LineForm{Value: "60"}, Fact{}, "5.00"},
		"below the last":      {steps, LineForm{Value: "89.99"}, Fact{}, "5.00"},
		"above everything":    {steps, LineForm{Value: "250"}, Fact{}, "10.00"},
		"no value":            {steps, LineForm{}, Fact{}, ""},
		"yes":                 {leaf(YesNo), LineForm{Answer: "yes"}, Fact{}, "10.00"},
		"no":                  {leaf(YesNo), LineForm{Answer: "no"}, Fact{}, "0.00"},
		"perhaps":             {leaf(YesNo), LineForm{Answer: "perhaps"}, Fact{}, ""},
		"reached at its edge": {leaf(Qualitative), LineForm{Points: "8", Level: Reached}, Fact{}, "8.00"},
		"not yet reached":     {leaf(Qualitative), LineForm{Points: "7.99", Level: Reached}, Fact{}, ""},
		"partly":              {leaf(Qualitative), LineForm{Points: "6", Level: Partly}, Fact{}, "6.00"},
		"not reached":         {leaf(Qualitative), LineForm{Points: "5.99", Level: Not}, Fact{}, "5.99"},
		"computed":            {leaf(Ratio), LineForm{Reason: "含未付尾款"}, known, "6.66"},
		"typed over":          {leaf(Ratio), LineForm{Got: "3", Of: "3"}, known, ""},
		"computed steps":      {steps, LineForm{}, known, "5.00"},
		"too few answers":     {leaf(Ratio), LineForm{}, Fact{Known: true, Short: true}, "0.00"},
	} {
		m, err := c.f.mark(c.l, c.fact, law)
		if c.points == "" {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %+v %v", what, m, err)
			}
		} else if err != nil || Points(floor(c.l.earned(m))) != c.points {
			t.Errorf("%s: %s %v; want %s", what, Points(floor(c.l.earned(m))), err, c.points)
		}
	}
}

// 财预〔2020〕10号 13 (待核): a self-evaluation weighs 10, 50, 30, 10.
func TestSelfScore(t *testing.T) {
	tree, _ := Template(General)
	figures := map[string]LineForm{}
	for _, l := range tree.Leaves() {
		switch {
		case l.Kind == Ratio:
			figures[l.Code] = LineForm{Got: "9", Of: "10"}
		case SelfMarked(l):
			figures[l.Code] = LineForm{Points: Points(l.Weight * 9 / 10)}
		}
	}
	parts, total, ok := SelfScore(tree, figures, nil, law)
	if !ok || total != 90_00 || len(parts) != 4 || parts[1].Weight != 50_00 || parts[1].Points != 45_00 {
		t.Errorf("%+v %d %v", parts, total, ok)
	}
	delete(figures, "3.1.1")
	if _, _, ok := SelfScore(tree, figures, nil, law); ok {
		t.Error("a score with an open leaf")
	}
	if _, total, ok := SelfScore(tree, figures, map[Source]Fact{Outputs: {Known: true, Got: 9, Of: 10}}, law); !ok || total != 90_00 {
		t.Error("what the system knows need not be typed", total, ok)
	}
}

// A tree typed in a form comes back as it went in; what does not add up is
// refused with what is missing.
func TestOwnFormRoundTrip(t *testing.T) {
	for _, tree := range Templates() {
		got, err := FormOf(tree).Read()
		if err != nil {
			t.Fatalf("%s: %v", tree.ID, err)
		}
		a, _ := json.Marshal(got.Indicators)
		b, _ := json.Marshal(tree.Indicators)
		if string(a) != string(b) {
			t.Errorf("%s changed in the form", tree.ID)
		}
	}
	f := FormOf(Templates()[0])
	f.Rows[0].Weight = "2.5"
	if _, err := f.Read(); err == nil || !strings.Contains(complaints(err)[0].Message, "还差 1.50 分") {
		t.Error(err)
	}
	f.Rows[0].Weight = "5.55"
	if _, err := f.Read(); err == nil || !strings.Contains(complaints(err)[0].Message, "多出 1.55 分") {
		t.Error(err)
	}
	for field, spoil := range map[string]func(*RowForm){
		"first": func(r *RowForm) { r.First = "其他" }, "second": func(r *RowForm) { r.Second = "" }, "name": func(r *RowForm) { r.Name = " " },
		"weight": func(r *RowForm) { r.Weight = "-4" }, "kind": func(r *RowForm) { r.Kind = "x" }, "steps": func(r *RowForm) { r.Kind, r.Steps = Interval, "60:50" },
		"source": func(r *RowForm) { r.Source = "x" },
	} {
		f := FormOf(Templates()[0])
		spoil(&f.Rows[0])
		_, err := f.Read()
		if list := complaints(err); len(list) == 0 || list[0].Name != "rows.0."+field {
			t.Errorf("%s: %v", field, err)
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
		marks, most := map[string]Mark{}, true
		for _, l := range tree.Leaves() {
			marks[l.Code] = best(l)
			most = most && floor(l.earned(best(l))) == l.Weight
		}
		r, err := Score(tree, marks, law)
		if err != nil || r.Total > FullMarks || most && r.Total != FullMarks {
			t.Fatalf("a sound tree in full scores %d, %v", r.Total, err)
		}
	})
}
