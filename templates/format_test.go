package templates

import (
	"math"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
)

func TestAmounts(t *testing.T) {
	fen := int64(5)
	var nobody *int64
	for _, c := range []struct {
		in        any
		yuan, wan string
	}{
		{int64(140950), "1,409.50", "0.14095"},
		{money.Fen(12500000), "125,000.00", "12.5"},
		{int64(0), "0.00", "0"},
		{&fen, "0.05", "0.000005"},
		{int64(-123456), "-1,234.56", "-0.123456"},
		{nobody, none, none},
		{nil, none, none},
		{int64(99999999999999), "999,999,999,999.99", "99,999,999.999999"},
		{int64(math.MinInt64), "-92,233,720,368,547,758.08", "-9,223,372,036,854.775808"},
		{money.Fen(1000000), "10,000.00", "1"},
	} {
		if got, err := yuan(c.in); err != nil || got != c.yuan {
			t.Errorf("yuan %v = %q, %v; want %q", c.in, got, err, c.yuan)
		}
		if got, err := wan(c.in); err != nil || got != c.wan {
			t.Errorf("wan %v = %q, %v; want %q", c.in, got, err, c.wan)
		}
	}
	if _, err := yuan("12"); err == nil {
		t.Error("yuan of a string gave no error")
	}
}

func TestPercentAndBytes(t *testing.T) {
	for _, c := range []struct {
		part, whole any
		want        string
	}{{1, 3, "33.3%"}, {2, 3, "66.7%"}, {61, 100, "61%"}, {int64(5), int64(0), none}, {nil, 3, none}, {0.5, 1, "50%"}} {
		if got, err := percent(c.part, c.whole); err != nil || got != c.want {
			t.Errorf("percent %v %v = %q, %v; want %q", c.part, c.whole, got, err, c.want)
		}
	}
	for n, want := range map[int64]string{0: "0 字节", 1023: "1023 字节", 1024: "1 KB", 1481234: "1.4 MB", 1 << 40: "1 TB"} {
		if got, _ := bytesSize(n); got != want {
			t.Errorf("bytes %d = %q, want %q", n, got, want)
		}
	}
}

func TestTimesAreBeijing(t *testing.T) {
	at := time.Date(2026, 11, 20, 16, 30, 0, 0, time.UTC) // past midnight in Beijing
	for _, c := range []struct {
		f    func(any) (string, error)
		want string
	}{{date, "2026年11月21日"}, {datetime, "2026年11月21日 00:30"}, {isotime, "2026-11-21T00:30:00+08:00"}} {
		if got, err := c.f(at); err != nil || got != c.want {
			t.Errorf("%q, %v; want %q", got, err, c.want)
		}
		if got, err := c.f((*time.Time)(nil)); err != nil || got != none {
			t.Errorf("nil: %q, %v", got, err)
		}
		if got, err := c.f(time.Time{}); err != nil || got != none {
			t.Errorf("zero: %q, %v", got, err)
		}
	}
	if got := value(at, "date"); got != "2026-11-21" {
		t.Errorf("date field holds %q", got)
	}
	if got := value(&at); got != "2026-11-21T00:30" {
		t.Errorf("datetime field holds %q", got)
	}
}

func TestRemaining(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, clock.Beijing)
	for left, want := range map[time.Duration]string{
		-time.Millisecond: "已截止", 0: "已截止", time.Millisecond: "不到 1 分钟",
		61 * time.Second: "还剩 1 分", 90 * time.Minute: "还剩 1 小时 30 分", 75 * time.Hour: "还剩 3 天 3 小时",
	} {
		if got := remaining(now, now.Add(left)); got != want {
			t.Errorf("%v: %q, want %q", left, got, want)
		}
	}
}

func TestWhatIsOwedIsLate(t *testing.T) {
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, clock.Beijing)
	for after, want := range map[time.Duration]string{-time.Second: "", 0: "已逾期", 23 * time.Hour: "已逾期", 74 * 24 * time.Hour: "已逾期 74 天"} {
		if got := (Deadline{At: at, Now: at.Add(after), Owed: true}).Late(); got != want {
			t.Errorf("after %v: %q, want %q", after, got, want)
		}
	}
	if got := (Deadline{At: at, Now: at.AddDate(0, 1, 0)}).Late(); got != "" {
		t.Errorf("a period that merely ended is %q", got)
	}
}

func TestFieldValues(t *testing.T) {
	typed := "12.345" // what a person typed and was refused must come back as typed
	for _, c := range []struct {
		in   any
		as   string
		want string
	}{{money.Fen(140950), "money", "1409.50"}, {typed, "money", typed}, {nil, "money", ""}, {(*money.Fen)(nil), "money", ""}, {7, "", "7"}, {Tone("ok"), "", "ok"}} {
		if got := value(c.in, c.as); got != c.want {
			t.Errorf("value %v as %q = %q, want %q", c.in, c.as, got, c.want)
		}
	}
}

func TestFieldErrors(t *testing.T) {
	f := &fault.Fault{Fields: []fault.Field{{Name: "a", Message: "一"}, {Name: "b", Message: "二"}, {Name: "a", Message: "三"}}}
	if got := fieldError(f, "a"); got != "一\n三" {
		t.Errorf("%q", got)
	}
	if got := fieldError((*fault.Fault)(nil), "a"); got != "" {
		t.Errorf("nil fault complains: %q", got)
	}
}

func TestMaskAndShort(t *testing.T) {
	for in, want := range map[string]string{"": "", "张": "*", "张三": "张*", "张三丰": "张*丰", "𠮷野家人": "𠮷**人"} {
		if got := mask(in); got != want {
			t.Errorf("mask %q = %q, want %q", in, got, want)
		}
	}
	if got := short(3, "𠮷䶮𬭎好"); got != "𠮷䶮…" {
		t.Errorf("short: %q", got)
	}
}

// The only functions that return HTML must escape what they are given.
func TestMarkupEscapes(t *testing.T) {
	const evil = `"><script>x</script>'&`
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, clock.Beijing)
	for name, got := range map[string]string{
		"icon": string(icon(evil)), "article": string(article(evil, true)), "badge": string(badge(Tone(evil), evil)),
		"statusBadge": string(statusBadge(Status{evil, Tone(evil)})), "plain": string(statusBadge(evil)), "countdown": string(countdown(at, at)),
	} {
		if strings.Contains(got, "<script") || strings.Contains(got, `">"`) {
			t.Errorf("%s lets HTML through: %s", name, got)
		}
	}
}

func TestAnArticleFromMemorySaysSo(t *testing.T) {
	for ref, want := range map[string]bool{"政府采购法第35条": false, "财政部令第87号第48条": true, "财库〔2022〕19号，待核": true} {
		got := string(article(ref))
		if strings.Contains(got, "article-open") != want || strings.Count(got, "待核</span>") > 1 || strings.Contains(got, "，待核") {
			t.Errorf("%s: %s", ref, got)
		}
	}
	if got := string(article("政府采购法第38条", true)); !strings.Contains(got, "article-open") {
		t.Errorf("a number from memory under an article that was read: %s", got)
	}
}
