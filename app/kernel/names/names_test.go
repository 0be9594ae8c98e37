package names

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMaskPerson(t *testing.T) {
	for in, want := range map[string]string{
		"欧阳娜娜": "欧***", "李四": "李*", "李": "*", "": "*", "  ": "*", "张三丰": "张***", "𠮷野家": "𠮷***", "䶮𬭎": "䶮*",
		"👨‍👩‍👧李四": "👨‍👩‍👧***", "👨‍👩‍👧": "*", "🇨🇳🇺🇳": "🇨🇳*", "🇨🇳": "*", "👍🏽李": "👍🏽*",
		"e\u0301a": "e\u0301*", "葛\U000e0101城": "葛\U000e0101*", "葛\U000e0101": "*", "李\u200b四": "李*", "李\u200b": "*",
		"Maria Lopez": "M***", "\u202e四李": "四*", "\xff李四": "李*", "李\u3164": "*", "阿不都·热合曼": "阿***",
	} {
		if got := MaskPerson(in); got != want {
			t.Errorf("MaskPerson(%q) = %q; want %q", in, got, want)
		}
	}
}

func TestMaskOrganisation(t *testing.T) {
	for in, want := range map[string]string{
		"": "*", "甲": "*", "甲乙": "甲*", "甲乙丙": "甲**", "甲乙丙丁": "甲**丁", "中国石油公司": "中****司", "甲乙丙丁戊己庚": "甲*****庚",
		"广州市番禺区某某有限公司": "广州********公司", "𠮷祥社工服务中心": "𠮷祥****中心",
	} {
		if got := MaskOrganisation(in); got != want {
			t.Errorf("MaskOrganisation(%q) = %q; want %q", in, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"  李  四\t\n": "李 四", "李\u3000四": "李 四", "李\x00四\x7f": "李四", "\u202e李四\u202c": "李四", "\u2066x\u2069": "x",
		"李\u200b\u200c\u200d\ufeff四": "李四", "👨‍👩‍👧": "👨‍👩‍👧", "👨\u200d": "👨", "\u200d👨": "👨", "👨\u200d\u200d👩": "👨\u200d👩", "❤️‍🔥": "❤️‍🔥",
		"葛\U000e0101城": "葛\U000e0101城", "\xff\xfe李": "李", "\u3164": "", "a\u2028b": "a b", "🏴\U000e0067\U000e007f": "🏴", "\ufffd": "",
		"<b>李</b>": "<b>李</b>", "𠮷䶮𬭎": "𠮷䶮𬭎", "\ue000": "\ue000",
	} {
		if got := Clean(in, 100); got != want {
			t.Errorf("Clean(%q) = %q; want %q", in, got, want)
		}
	}
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"李四王五", 3, "李四王"}, {"李 四", 2, "李"}, {"李四", 0, ""}, {"李四", -1, ""}, {"李👨‍👩‍👧", 3, "李"}, {"👨‍👩‍👧", 2, "👨"},
		{"a" + strings.Repeat("\u0301", 50), 5, "a\u0301\u0301\u0301\u0301"}, {"🇨🇳🇺🇳", 3, "🇨🇳"},
	} {
		if got := Clean(c.in, c.n); got != c.want {
			t.Errorf("Clean(%q, %d) = %q; want %q", c.in, c.n, got, c.want)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"欧阳娜娜", "李四", "👨‍👩‍👧", "e\u0301", "\u202e", "\xff", "🇨🇳🇺", "葛\U000e0101", " a b ", "\u200d\u200d"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		c := Clean(s, n)
		if !utf8.ValidString(c) || utf8.RuneCountInString(c) > max(n, 0) || Clean(c, n) != c {
			t.Fatalf("Clean(%q, %d) = %q, again %q", s, n, c, Clean(c, n))
		}
		if strings.ContainsAny(c, "\x00\n\u202e\u2066\u200b") {
			t.Fatalf("Clean(%q) = %q", s, c)
		}
		if strings.Contains(s, "*") {
			return
		}
		whole := Clean(s, 200)
		for _, m := range []string{MaskPerson(s), MaskOrganisation(s)} {
			if !utf8.ValidString(m) || !strings.Contains(m, "*") || whole != "" && strings.Contains(m, whole) {
				t.Fatalf("%q is masked %q", s, m)
			}
			if shown, n := len(clusters(strings.ReplaceAll(m, "*", ""))), len(clusters(whole)); shown*2 > n && n > 0 {
				t.Fatalf("%q is masked %q, which shows more than half", s, m)
			}
		}
	})
}
