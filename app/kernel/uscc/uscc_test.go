package uscc

import (
	"math/rand/v2"
	"strings"
	"testing"

	"gongji/app/kernel/fault"
)

func TestCheckAccepts(t *testing.T) {
	for in, want := range map[string]string{
		"91654026MA78WT2Q66":    "91654026MA78WT2Q66",
		"9112010423901886X5":    "9112010423901886X5",
		" 91654026ma78wt2q66\n": "91654026MA78WT2Q66",
		"９１６５４０２６ＭＡ７８ＷＴ２Ｑ６６":          "91654026MA78WT2Q66",
		"916540-26-MA78WT2Q6-6":       "91654026MA78WT2Q66",
		"91 654026 MA78WT2Q 66\u3000": "91654026MA78WT2Q66",
		"\ufeff91654026MA78WT2Q66":    "91654026MA78WT2Q66",
	} {
		if got, err := Check(in); err != nil || got != want {
			t.Errorf("Check(%q) = %q, %v", in, got, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for in, say := range map[string]string{
		"": "请填写", " \t": "请填写", "---": "请填写",
		"91654026MA78WT2Q6":        "现在是 17 位",
		"91654026MA78WT2Q666":      "现在是 19 位",
		"440301103137602":          "现在是 15 位",
		"9I654026MA78WT2Q66":       "第 2 位是字母 I",
		"91654O26MA78WT2Q66":       "第 6 位是字母 O",
		"91654026MA78WTZQ66":       "第 15 位是字母 Z",
		"91654026MA78WTVQ66":       "第 15 位是字母 V",
		"S1654026MA78WT2Q66":       "第 1 位是字母 S",
		"91654026MA78WT2Q6?":       "第 18 位“?”",
		"91654026MA78WT2Q6六":       "第 18 位“六”",
		"9165\x004026MA78WT2Q66":   "第 5 位是无法显示",
		"\xff1654026MA78WT2Q66":    "第 1 位是无法显示",
		"91654026MA78WT2Q67":       "校验不通过",
		"91654026MA78WT2Q6X":       "校验不通过",
		"19654026MA78WT2Q66":       "校验不通过",
		strings.Repeat("9", 1<<20): "太长",
	} {
		got, err := Check(in)
		if got != "" || !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), say) {
			t.Errorf("Check(%.40q) = %q, %v; want %q", in, got, err, say)
		}
	}
}

func random(r *rand.Rand) []byte {
	b := make([]byte, Length)
	for i := range b {
		b[i] = alphabet[r.IntN(31)]
	}
	b[Length-1] = checkCharacter(string(b))
	return b
}

// Every single slip and every swap of neighbours is caught, and each of the
// 31 characters serves as a check character.
func TestSlipsAreCaught(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	seen := map[byte]bool{}
	for range 2000 {
		b := random(r)
		seen[b[Length-1]] = true
		if _, err := Check(string(b)); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		for i := range b {
			old := b[i]
			b[i] = alphabet[(strings.IndexByte(alphabet, old)+1+r.IntN(30))%31]
			if _, err := Check(string(b)); err == nil {
				t.Fatalf("%s passes with a wrong character %d", b, i+1)
			}
			b[i] = old
		}
		for i := range Length - 2 {
			if b[i] == b[i+1] {
				continue
			}
			b[i], b[i+1] = b[i+1], b[i]
			if _, err := Check(string(b)); err == nil {
				t.Fatalf("%s passes with characters %d and %d swapped", b, i+1, i+2)
			}
			b[i], b[i+1] = b[i+1], b[i]
		}
	}
	if len(seen) != 31 {
		t.Errorf("only %d check characters occur", len(seen))
	}
}

func TestRefusalDoesNotTellTheCheckCharacter(t *testing.T) {
	_, a := Check("91654026MA78WT2Q67")
	_, b := Check("9112010423901886X6")
	if a == nil || b == nil || a.Error() != b.Error() {
		t.Errorf("%v / %v", a, b)
	}
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"91654026MA78WT2Q66": "91**************66",
		"":                   "******************",
		"短":                  "******************",
		"六六六六六六":             "******************",
	} {
		if got := Mask(in); got != want {
			t.Errorf("Mask(%q) = %q", in, got)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"91654026MA78WT2Q66", "９１６５４０２６ＭＡ７８ＷＴ２Ｑ６６", "", "\xff", "<script>", "9112010423901886x5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Check(s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if again, err := Check(c); err != nil || again != c || len(c) != Length {
			t.Fatalf("%q became %q, then %q %v", s, c, again, err)
		}
	})
}
