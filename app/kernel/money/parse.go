package money

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"gongji/app/kernel/fault"
)

// longest is more than any honest amount needs, with its sign, separators and
// unit; anything longer is refused before it is looked at.
const longest = 64

// Parse reads an amount in 元 as people type it: "1409.50", "1,409.50",
// "￥12", "12 元", full-width digits, spaces around it or between thousands.
// Everything else is an Invalid fault that says how to mend it: nothing
// entered, a negative amount, more than two decimals, 10^15 元 or more,
// separators out of place, or anything that is not a number.
func Parse(s string) (Fen, error) {
	if utf8.RuneCountInString(s) > longest {
		return 0, refuse("金额太长，请只填写数字，例如 1409.50")
	}
	t := strings.TrimSpace(strings.Map(narrow, s))
	t = strings.TrimSpace(strings.TrimPrefix(t, "人民币"))
	negative := strings.HasPrefix(t, "-")
	t = strings.TrimSpace(strings.TrimPrefix(t, "-"))
	t = strings.TrimSpace(strings.TrimPrefix(t, "¥"))
	if strings.HasPrefix(t, "-") {
		negative, t = true, strings.TrimSpace(t[1:])
	}
	t = strings.TrimSpace(strings.TrimSuffix(t, "元"))
	if t == "" {
		return 0, refuse("请填写金额，例如 1409.50")
	}
	whole, cents, dotted := strings.Cut(t, ".")
	if err := shape(whole, cents, dotted); err != nil {
		return 0, err
	}
	if negative {
		return 0, refuse("金额不能为负数，请去掉负号")
	}
	digits, err := ungroup(whole)
	if err != nil {
		return 0, err
	}
	if len(cents) > 2 {
		return 0, refuse("金额最多到分，即小数点后两位，请去掉多余的小数")
	}
	digits = strings.TrimLeft(digits, "0")
	if len(digits) > 15 {
		return 0, tooLarge()
	}
	var f Fen
	for _, c := range []byte(digits + (cents + "00")[:2]) {
		f = f*10 + Fen(c-'0')
	}
	return f, nil
}

// Accept holds an amount that came as a number of 分, from the JSON API, to
// the limits of Parse: an Invalid fault where it is negative or above Max.
func Accept(f Fen) error {
	if f < 0 {
		return refuse("金额不能为负数，请去掉负号")
	}
	if f > Max {
		return tooLarge()
	}
	return nil
}

func tooLarge() error {
	return refuse("金额必须小于 1000 万亿元（10 的 15 次方元），请核对是否多输了数字")
}

func refuse(message string) error { return fault.New(fault.Invalid, "%s", message) }

// narrow brings the characters a Chinese input method produces to the ASCII
// they stand for.
func narrow(r rune) rune {
	switch r {
	case '￥':
		return '¥'
	case '−', '–', '—':
		return '-'
	}
	if r >= '！' && r <= '～' {
		return r - '！' + '!'
	}
	if unicode.IsSpace(r) {
		return ' '
	}
	return r
}

// shape says what is wrong with the characters before any value is formed.
func shape(whole, cents string, dotted bool) error {
	for _, r := range whole + cents {
		switch {
		case r >= '0' && r <= '9', r == ',', r == ' ':
		case r == '.':
			return refuse("金额里有不止一个小数点，请只保留一个")
		case r == '-':
			return refuse("金额不能为负数，中间也不能有横线，请只填写数字")
		case strings.ContainsRune("万亿千百十", r):
			return refuse("请以元为单位填写数字，例如 7.5 万元填 75000")
		case strings.ContainsRune("零壹贰叁肆伍陆柒捌玖拾佰仟一二三四五六七八九角分整", r):
			return refuse("请填写阿拉伯数字，例如 1409.50，大写由系统生成")
		default:
			return refuse("金额里有不能识别的字符，请只填写数字，例如 1409.50")
		}
	}
	if whole == "" {
		return refuse("小数点前面缺少数字，例如五角请填 0.50")
	}
	if dotted && cents == "" {
		return refuse("小数点后面缺少数字，请补全或去掉小数点")
	}
	if strings.ContainsAny(cents, ", ") {
		return refuse("小数点后面不能有逗号或空格，请核对金额")
	}
	return nil
}

// ungroup removes thousands separators, and refuses them out of place: "1,40"
// may be a slip for 1.40 or for 140, and we do not guess with money.
func ungroup(whole string) (string, error) {
	parts := strings.FieldsFunc(whole, func(r rune) bool { return r == ',' || r == ' ' })
	n := strings.Count(whole, ",") + strings.Count(whole, " ")
	ok := n == len(parts)-1
	for i, p := range parts {
		if n > 0 && (len(p) > 3 || i > 0 && len(p) != 3) {
			ok = false
		}
	}
	if !ok {
		return "", refuse("千位分隔逗号的位置不对，请每三位一个逗号，或去掉逗号，例如 1,409.50 或 1409.50")
	}
	return strings.Join(parts, ""), nil
}
