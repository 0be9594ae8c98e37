package tender

import (
	"strconv"
	"strings"

	"gongji/app/kernel/fault"
)

// weight reads points with at most two decimals as hundredths: "12.5" is 1250.
func weight(s string) (int64, error) {
	s = strings.TrimSuffix(strings.TrimSpace(s), "分")
	whole, cents, dotted := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole, 10, 16)
	if err != nil || n > 100 {
		return 0, fault.New(fault.Invalid, "请填写 0.01 到 100 之间的分值，例如 30")
	}
	if dotted && (cents == "" || len(cents) > 2) {
		return 0, fault.New(fault.Invalid, "分值最多两位小数，例如 12.5")
	}
	frac, err := strconv.ParseUint((cents + "00")[:2], 10, 16)
	w := int64(n)*100 + int64(frac)
	if err != nil || w == 0 || w > FullWeight {
		return 0, fault.New(fault.Invalid, "请填写 0.01 到 100 之间的分值，例如 30")
	}
	return w, nil
}

// Points prints hundredths of a point: 1250 is "12.5", 3000 is "30".
func Points(w int64) string {
	if w < 0 {
		return "-" + Points(-w)
	}
	s := strconv.FormatInt(w/100, 10)
	if w%100 != 0 {
		s += "." + strings.TrimRight(strconv.FormatInt(100+w%100, 10)[1:], "0")
	}
	return s
}
