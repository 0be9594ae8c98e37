package survey

import (
	"strings"
	"testing"
	"testing/quick"

	"gongji/app/kernel/fault"
)

func TestWilson(t *testing.T) {
	// Worked by hand from the formula; 81 of 263 is the example of the textbooks.
	for _, x := range []struct{ s, n, low, high int }{
		{81, 263, 2552, 3663}, {0, 30, 0, 1136}, {30, 30, 8864, 10000}, {15, 30, 3315, 6685}, {90, 100, 8256, 9448},
	} {
		if low, high := Wilson(x.s, x.n); low != x.low || high != x.high {
			t.Errorf("%d of %d: %d–%d, want %d–%d", x.s, x.n, low, high, x.low, x.high)
		}
	}
	inside := func(a, b uint16) bool {
		n := int(b)%20000 + 1
		s := int(a) % (n + 1)
		low, high := Wilson(s, n)
		p := share(s, n)
		return 0 <= low && low <= p && p <= high && high <= 10000
	}
	if err := quick.Check(inside, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

func TestTooFewAnswersMakeNoFigure(t *testing.T) {
	for _, x := range []struct {
		asked, answered int
		want            bool
	}{{0, 0, false}, {100, 29, false}, {100, 30, true}, {150, 30, true}, {151, 30, false}, {200, 39, false}, {200, 40, true}} {
		if got := (tally{Asked: x.asked, Answered: x.answered, Satisfied: x.answered}).figure("S"); got.Enough != x.want || !x.want && got.Percent+got.Low+got.High != 0 {
			t.Errorf("%+v: %+v", x, got)
		}
	}
}

func TestTheTemplatesAreInOrder(t *testing.T) {
	for _, x := range Templates() {
		var c fault.Check
		checkQuestions(&c, x.Questions)
		if c.Err() != nil || x.Name == "" {
			t.Errorf("%s: %v", x.ID, c.Err())
		}
	}
}

func TestPersonalNumbersAreHidden(t *testing.T) {
	for in, want := range map[string]string{
		"请打13800138000找我":        "请打〔号码已隐去〕找我",
		"电话 138 0013-8000":       "电话 〔号码已隐去〕",
		"１３８００１３８０００":            "〔号码已隐去〕",
		"11010519491231002X，老张":  "〔身份证号已隐去〕，老张",
		"027-8888 6666":          "〔号码已隐去〕",
		"a.b@example.org 联系":     "〔邮箱已隐去〕 联系",
		"来了 12 次，2026 年 6 月 1 日": "来了 12 次，2026 年 6 月 1 日",
		"三号楼\n二单元":               "三号楼\n二单元",
		"右\u202e左":               "右左",
	} {
		got, masked := mask(in)
		if got != want || masked != strings.Contains(want, "隐去") {
			t.Errorf("%q: %q %v", in, got, masked)
		}
	}
}

func FuzzRead(f *testing.F) {
	v := Survey{Questions: templates[0].Questions}
	for _, s := range []string{"5", "0", "6", "05", "+5", "yes", "是", strings.Repeat("好", 501), "13800138000", "\x00", "５"} {
		f.Add(s, s, s)
	}
	f.Fuzz(func(t *testing.T, scale, choice, own string) {
		score, content, said, err := v.read(Answers{Headline: scale, "often": choice, "words": own, "nobody_asked": own})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if score < 1 || score > 5 || len(content) > len(v.Questions) || len(said) > 1 || content["nobody_asked"] != "" || content["words"] != "" {
			t.Fatalf("%d %v %v", score, content, said)
		}
		for _, w := range said {
			if numbers.MatchString(w.text) || identity.MatchString(w.text) {
				t.Fatalf("a number came through: %q", w.text)
			}
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"ABCD-EFGH-JKMN", "abcd efgh jkmn", "oooo-iiii-llll", "", "太长了太长了太长了太长了", "ABCDEFGHJKMNX"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if code := fold(s); code != "" && (len(code) != codeLength || fold(Spaced(code)) != code) {
			t.Fatalf("%q became %q", s, code)
		}
	})
}

// The product does not start on rules it cannot use; it does not stop on them
// later either.
func TestRulesThatShipAreCheckedAtStart(t *testing.T) {
	if unreadable != nil {
		t.Fatal(unreadable)
	}
	if err := sound(limits, templates); err != nil {
		t.Fatal(err)
	}
	for what, files := range map[string][2]string{
		"cut off":   {`{"least_answers": 3`, `[]`},
		"misspelt":  {`{"least_answer": 3}`, `[]`},
		"no list":   {string(limitsFile), `{}`},
		"not there": {"", ""},
	} {
		if _, _, err := shipped([]byte(files[0]), []byte(files[1])); err == nil {
			t.Errorf("%s was read", what)
		}
	}
	for what, spoil := range map[string]func(*Limits, *[]Template){
		"no least":     func(l *Limits, _ *[]Template) { l.LeastAnswers = 0 },
		"no days":      func(l *Limits, _ *[]Template) { l.MostDays = l.LeastDays },
		"no limit":     func(l *Limits, _ *[]Template) { l.OpenPerAddress = -1 },
		"no criteria":  func(l *Limits, _ *[]Template) { l.Assessment = nil },
		"no templates": func(_ *Limits, t *[]Template) { *t = nil },
		"no headline":  func(_ *Limits, t *[]Template) { *t = []Template{{ID: "x"}} },
	} {
		l, list := limits, templates
		spoil(&l, &list)
		if err := sound(l, list); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
