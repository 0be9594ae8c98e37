package templates

import (
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"gongji/app/kernel/clock"
)

// none is what stands where there is no value.
const none = "—"

// integer reads any whole number, behind a pointer or not: money.Fen, int64,
// *int64. ok is false for nil.
func integer(v any) (n int64, ok bool, err error) {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer || r.Kind() == reflect.Interface {
		if r.IsNil() {
			return 0, false, nil
		}
		r = r.Elem()
	}
	switch {
	case !r.IsValid():
		return 0, false, nil
	case r.CanInt():
		return r.Int(), true, nil
	case r.CanUint():
		return int64(r.Uint()), true, nil
	}
	return 0, false, fmt.Errorf("%T is not a whole number", v)
}

// yuan writes an amount in 分 as 元 with two decimals: 140950 → "1,409.50".
func yuan(v any) (string, error) {
	n, ok, err := integer(v)
	if err != nil || !ok {
		return none, err
	}
	return groupDecimal(decimal(n, 2, 2)), nil
}

// wan writes an amount in 分 as 万元, exactly, without trailing zeros:
// 12500000 → "12.5".
func wan(v any) (string, error) {
	n, ok, err := integer(v)
	if err != nil || !ok {
		return none, err
	}
	return groupDecimal(decimal(n, 6, 0)), nil
}

// decimal writes n × 10^-shift with at least keep decimals. It works on
// digits, so every int64 is exact.
func decimal(n int64, shift, keep int) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	if len(s) <= shift {
		s = strings.Repeat("0", shift+1-len(s)) + s
	}
	whole, frac := s[:len(s)-shift], s[len(s)-shift:]
	for len(frac) > keep && strings.HasSuffix(frac, "0") {
		frac = frac[:len(frac)-1]
	}
	if frac == "" {
		return sign + whole
	}
	return sign + whole + "." + frac
}

// num groups a number by thousands.
func num(v any) (string, error) {
	if f, ok := v.(float64); ok {
		return groupDecimal(strconv.FormatFloat(f, 'f', -1, 64)), nil
	}
	n, ok, err := integer(v)
	if err != nil || !ok {
		return none, err
	}
	return groupDecimal(strconv.FormatInt(n, 10)), nil
}

// percent writes part of whole with at most one decimal: percent 1 3 →
// "33.3%"; "—" when the whole is zero.
func percent(part, whole any) (string, error) {
	p, err := rational(part)
	if err != nil {
		return none, err
	}
	w, err := rational(whole)
	if err != nil {
		return none, err
	}
	if p == nil || w == nil || w.Sign() == 0 {
		return none, nil
	}
	s := new(big.Rat).Mul(big.NewRat(100, 1), new(big.Rat).Quo(p, w)).FloatString(1)
	return strings.TrimSuffix(s, ".0") + "%", nil
}

func rational(v any) (*big.Rat, error) {
	if f, ok := v.(float64); ok {
		return new(big.Rat).SetFloat64(f), nil
	}
	n, ok, err := integer(v)
	if err != nil || !ok {
		return nil, err
	}
	return big.NewRat(n, 1), nil
}

// bytesSize writes a size in bytes for people: "1.4 MB".
func bytesSize(v any) (string, error) {
	n, ok, err := integer(v)
	if err != nil || !ok {
		return none, err
	}
	if n < 1024 {
		return fmt.Sprintf("%d 字节", n), nil
	}
	f, unit := float64(n)/1024, "KB"
	for _, u := range []string{"MB", "GB", "TB"} {
		if f < 1024 {
			break
		}
		f, unit = f/1024, u
	}
	return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0") + " " + unit, nil
}

// moment reads a time.Time or *time.Time into Beijing time; ok is false for
// nil and for the zero time.
func moment(v any) (t time.Time, ok bool, err error) {
	switch x := v.(type) {
	case time.Time:
		t = x
	case *time.Time:
		if x == nil {
			return t, false, nil
		}
		t = *x
	case nil:
		return t, false, nil
	default:
		return t, false, fmt.Errorf("%T is not a time", v)
	}
	return t.In(clock.Beijing), !t.IsZero(), nil
}

func timeAs(layout string) func(any) (string, error) {
	return func(v any) (string, error) {
		t, ok, err := moment(v)
		if err != nil || !ok {
			return none, err
		}
		return t.Format(layout), nil
	}
}

var (
	// date and datetime are in Beijing time, as deadlines are stated.
	date     = timeAs("2006年1月2日")
	datetime = timeAs("2006年1月2日 15:04")
	// isotime is for datetime attributes.
	isotime = timeAs(time.RFC3339)
)

// remaining says how long is left from now to at, in whole units.
func remaining(now, at time.Time) string {
	d := at.Sub(now)
	if d <= 0 {
		return "已截止"
	}
	days, hours, mins := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("还剩 %d 天 %d 小时", days, hours)
	case hours > 0:
		return fmt.Sprintf("还剩 %d 小时 %d 分", hours, mins)
	case mins > 0:
		return fmt.Sprintf("还剩 %d 分", mins)
	}
	return "不到 1 分钟"
}

// value writes what a form field holds: a string as it is, an amount in 分
// as plain 元, a number plainly. Times need valueDate or valueDatetime,
// which the date partials use by passing a layout.
func value(v any, layout ...string) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case time.Time, *time.Time:
		t, ok, err := moment(x)
		if err != nil || !ok {
			return ""
		}
		if len(layout) > 0 && layout[0] == "date" {
			return t.Format("2006-01-02")
		}
		return t.Format("2006-01-02T15:04")
	case fmt.Stringer:
		if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
			return ""
		}
	}
	if len(layout) > 0 && layout[0] == "money" {
		if n, ok, err := integer(v); err == nil {
			if !ok {
				return ""
			}
			return decimal(n, 2, 2)
		}
	}
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return ""
		}
		r = r.Elem()
	}
	if r.Kind() == reflect.String {
		return r.String()
	}
	return fmt.Sprint(r.Interface())
}
