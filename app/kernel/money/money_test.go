package money

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gongji/app/kernel/fault"
)

func TestParseReadsWhatPeopleType(t *testing.T) {
	for in, want := range map[string]Fen{
		"1409.50": 140950, "1,409.50": 140950, " 1,409.5 ": 140950, "￥12": 1200, "¥ 12.34": 1234,
		"１，４０９．５０": 140950, "12元": 1200, "人民币 12 元": 1200, "0": 0, "0.01": 1, "007": 700,
		"1 234 567.89": 123456789, "\u3000８８\u3000": 8800, "999999999999999.99": Max,
		"000000000000000000001": 100, "999,999,999,999,999.99": Max,
	} {
		got, err := Parse(in)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
}

func TestParseRefusesAndSaysHowToMend(t *testing.T) {
	for in, say := range map[string]string{
		"": "请填写金额", "  ": "请填写金额", "￥": "请填写金额", "元": "请填写金额", "-": "请填写金额", "人民币": "请填写金额",
		"1.234": "两位", "0.000": "两位", "-5": "负数", "￥-5": "负数", "－5": "负数", "−5": "负数", "-0": "负数",
		"1000000000000000": "10 的 15 次方", "1,000,000,000,000,000": "10 的 15 次方", "99999999999999999999": "10 的 15 次方",
		"1.2.3": "小数点", "1..2": "小数点", ".5": "小数点前面", "5.": "小数点后面", "1,40": "逗号", "1,,409": "逗号", ",409": "逗号",
		"1409,500": "逗号", "1.4,0": "逗号", "12 34": "逗号", "7.5万": "以元为单位", "壹佰元": "阿拉伯数字", "一百": "阿拉伯数字",
		"1e5": "不能识别", "0x10": "不能识别", "NaN": "不能识别", "Inf": "不能识别", "+5": "不能识别", "1-2": "负数", "$5": "不能识别",
		"٣": "不能识别", "<b>1</b>": "不能识别", "1\x002": "不能识别", "\xff": "不能识别", "5元元": "不能识别",
		strings.Repeat("9", 100000): "太长",
	} {
		got, err := Parse(in)
		if err == nil {
			t.Errorf("Parse(%.40q) = %d; want a refusal", in, got)
			continue
		}
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), say) {
			t.Errorf("Parse(%.40q) says %q; want Invalid with %q", in, err, say)
		}
	}
}

func TestPrint(t *testing.T) {
	for _, c := range []struct {
		f                Fen
		plain, yuan, wan string
	}{
		{0, "0.00", "0.00", "0.00元"},
		{5, "0.05", "0.05", "0.05元"},
		{140950, "1409.50", "1,409.50", "1,409.50元"},
		{-140950, "-1409.50", "-1,409.50", "-1,409.50元"},
		{999999, "9999.99", "9,999.99", "9,999.99元"},
		{1000000, "10000.00", "10,000.00", "1.00万元"},
		{752400000, "7524000.00", "7,524,000.00", "752.40万元"},
		{1004999, "10049.99", "10,049.99", "1.00万元"},
		{1005000, "10050.00", "10,050.00", "1.01万元"},
		{-752400000, "-7524000.00", "-7,524,000.00", "-752.40万元"},
		{Max, "999999999999999.99", "999,999,999,999,999.99", "100,000,000,000.00万元"},
		{math.MinInt64, "-92233720368547758.08", "-92,233,720,368,547,758.08", "-9,223,372,036,854.78万元"},
	} {
		if c.f.Plain() != c.plain || c.f.Yuan() != c.yuan || c.f.Wan() != c.wan {
			t.Errorf("%d: %s %s %s; want %s %s %s", int64(c.f), c.f.Plain(), c.f.Yuan(), c.f.Wan(), c.plain, c.yuan, c.wan)
		}
	}
}

func TestUpper(t *testing.T) {
	for in, want := range map[Fen]string{
		140950:          "壹仟肆佰零玖元伍角整",
		600714:          "陆仟零柒元壹角肆分",
		10700053:        "壹拾万零柒仟元伍角叁分",
		32504:           "叁佰贰拾伍元零肆分",
		0:               "零元整",
		1:               "壹分",
		10:              "壹角整",
		11:              "壹角壹分",
		100:             "壹元整",
		101:             "壹元零壹分",
		1000:            "壹拾元整",
		10000005:        "壹拾万元零伍分",
		1000100:         "壹万零壹元整",
		101000:          "壹仟零壹拾元整",
		10000000100:     "壹亿零壹元整",
		10001000000:     "壹亿零壹万元整",
		1000000000000:   "壹佰亿元整",
		100000000000000: "壹万亿元整",
		100000001000000: "壹万亿零壹万元整",
		100010000000000: "壹万零壹亿元整",
		100010000000001: "壹万零壹亿元零壹分",
		12000000000:     "壹亿贰仟万元整",
		168032:          "壹仟陆佰捌拾元叁角贰分",
		Max:             "玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
		Max + 1:         "壹仟万亿元整",
		-150:            "负壹元伍角整",
	} {
		if got := in.Upper(); got != "人民币"+want {
			t.Errorf("%s: %s; want 人民币%s", in, got, want)
		}
	}
}

// readUpper reads 人民币大写 back; it exists only to prove that no two
// amounts are written alike.
func readUpper(t *testing.T, s string) Fen {
	t.Helper()
	s, ok := strings.CutPrefix(s, "人民币")
	if !ok {
		t.Fatalf("%q has no prefix", s)
	}
	var total, section, eights, digit uint64
	for _, r := range s {
		if i := strings.IndexRune("零壹贰叁肆伍陆柒捌玖", r); i >= 0 {
			digit = uint64(i / 3)
			continue
		}
		switch r {
		case '拾':
			section += digit * 10
		case '佰':
			section += digit * 100
		case '仟':
			section += digit * 1000
		case '万':
			eights += (section + digit) * 1e4
			section = 0
		case '亿':
			total += (eights + section + digit) * 1e8 * 100
			eights, section = 0, 0
		case '元':
			total += (eights + section + digit) * 100
		case '角':
			total += digit * 10
		case '分':
			total += digit
		case '整':
		default:
			t.Fatalf("%q: unexpected %q", s, r)
		}
		digit = 0
	}
	return Fen(total)
}

func TestUpperReadsBack(t *testing.T) {
	check := func(f Fen) {
		s := f.Upper()
		if got := readUpper(t, s); got != f {
			t.Fatalf("%s is written %s, which reads %s", f, s, got)
		}
		if strings.Contains(s, "零零") || f != 0 && strings.Contains(s, "零元") {
			t.Fatalf("%s is written %s", f, s)
		}
	}
	for f := range Fen(200_000) {
		check(f)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		f := Fen(r.Int64N(int64(Max) + 1))
		for range r.IntN(12) { // punch holes: zeros are where the rules bite
			p := Fen(math.Pow10(r.IntN(17)))
			f -= f / p % 10 * p
		}
		check(f)
		check(f % Fen(math.Pow10(1+r.IntN(17))))
	}
}

func TestCheckedArithmetic(t *testing.T) {
	const top, bottom = Fen(math.MaxInt64), Fen(math.MinInt64)
	for _, c := range []struct {
		a, b     Fen
		add, sub bool
	}{
		{1, 2, true, true}, {top, 1, false, true}, {top, 0, true, true}, {bottom, 1, true, false},
		{bottom, -1, false, true}, {top, top, false, true}, {bottom, bottom, false, true}, {0, bottom, true, false}, {-1, top, true, true}, {top, -1, true, false},
	} {
		if s, err := Add(c.a, c.b); (err == nil) != c.add || err == nil && s-c.b != c.a {
			t.Errorf("Add(%d, %d) = %d, %v", c.a, c.b, s, err)
		}
		if s, err := Sub(c.a, c.b); (err == nil) != c.sub || err == nil && s+c.b != c.a {
			t.Errorf("Sub(%d, %d) = %d, %v", c.a, c.b, s, err)
		}
	}
	if _, err := Sum(top, 1, -1); err == nil {
		t.Error("Sum hides an overflow on the way")
	}
	if s, err := Sum(1, 2, 3); s != 6 || err != nil {
		t.Error(s, err)
	}
	if x, err := Fen(150).Times(-3); x != -450 || err != nil {
		t.Error(x, err)
	}
	if _, err := Max.Times(1000); err == nil {
		t.Error("Times overflows in silence")
	}
	if x, err := Fen(9999).Portion(200); x != 199 || err != nil {
		t.Error(x, err)
	}
	if x, err := Max.Portion(10000); x != Max || err != nil {
		t.Error(x, err)
	}
	if _, err := top.Portion(math.MaxInt64); err == nil {
		t.Error("Portion overflows in silence")
	}
}

func TestSplitLosesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		total := Fen(r.Int64N(int64(Max) + 1))
		w := make([]int64, 1+r.IntN(9))
		var sum int64
		for i := range w {
			w[i] = r.Int64N(10_001)
			sum += w[i]
		}
		got, err := Split(total, w)
		if sum == 0 {
			if err == nil {
				t.Fatal("weights of zero were accepted")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var back Fen
		for i, g := range got {
			back += g
			if w[i] == 0 && g != 0 || g < 0 {
				t.Fatalf("Split(%s, %v) = %v", total, w, got)
			}
		}
		if back != total {
			t.Fatalf("Split(%s, %v) = %v adds to %s", total, w, got, back)
		}
	}
	if got, _ := Split(100, []int64{1, 1, 1}); got[0] != 34 || got[1] != 33 || got[2] != 33 {
		t.Errorf("100 in three: %v", got)
	}
	for _, w := range [][]int64{nil, {0}, {-1, 2}} {
		if _, err := Split(1, w); !fault.Is(err, fault.Invalid) {
			t.Errorf("Split by %v: %v", w, err)
		}
	}
}

func TestAccept(t *testing.T) {
	for f, ok := range map[Fen]bool{0: true, 1: true, Max: true, Max + 1: false, -1: false, math.MinInt64: false} {
		if err := Accept(f); (err == nil) != ok || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("Accept(%d): %v", f, err)
		}
	}
}

func TestJSONIsWholeFen(t *testing.T) {
	b, err := json.Marshal(struct{ A Fen }{140950})
	if err != nil || string(b) != `{"A":140950}` {
		t.Fatal(string(b), err)
	}
	var v struct{ A Fen }
	for _, bad := range []string{`{"A":1.5}`, `{"A":"1"}`, `{"A":1e30}`} {
		if json.Unmarshal([]byte(bad), &v) == nil {
			t.Errorf("%s was read as %d", bad, v.A)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1409.50", "￥1,409.50元", "-1", "１２．３", "1e9", ".", ",", "999999999999999.99", "\xff1", "1 000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := Parse(s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v is not Invalid", s, err)
			}
			return
		}
		if v < 0 || v > Max {
			t.Fatalf("%q became %d", s, v)
		}
		for _, again := range []string{v.Plain(), v.Yuan()} {
			if w, err := Parse(again); err != nil || w != v {
				t.Fatalf("%q became %d, printed %q, read %d %v", s, v, again, w, err)
			}
		}
	})
}
