package money

import "strings"

var capitals = [...]string{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}

// Upper writes the amount as 人民币大写 for receipts and contracts:
// 1409.50 is 人民币壹仟肆佰零玖元伍角整. Of the forms that 支付结算办法 allows
// it always takes one, so that two amounts never read alike:
//   - every run of zeros inside the 元 is one 零, also across 万 and 亿
//     (107000.53 is 壹拾万零柒仟元伍角叁分);
//   - between 元 and 分 a missing 角 is 零; none is written before a 角;
//   - 整 follows 元 and 角, so that nothing can be written in after them.
//
// Zero is 人民币零元整; a negative amount begins 人民币负.
func (f Fen) Upper() string {
	m := magnitude(int64(f))
	var b strings.Builder
	b.WriteString("人民币")
	if f < 0 {
		b.WriteString("负")
	}
	yuan, jiao, fen := m/100, m/10%10, m%10
	if yuan > 0 || m == 0 {
		b.WriteString(capitalInteger(yuan))
		b.WriteString("元")
	}
	switch {
	case jiao == 0 && fen == 0:
		b.WriteString("整")
	case fen == 0:
		b.WriteString(capitals[jiao] + "角整")
	case jiao == 0 && yuan > 0:
		b.WriteString("零" + capitals[fen] + "分")
	case jiao == 0:
		b.WriteString(capitals[fen] + "分")
	default:
		b.WriteString(capitals[jiao] + "角" + capitals[fen] + "分")
	}
	return b.String()
}

// capitalInteger writes a whole number below 10^17 digit by digit, four to a
// section. A zero is held back until a digit follows it.
func capitalInteger(n uint64) string {
	if n == 0 {
		return capitals[0]
	}
	units := [...]string{"仟", "佰", "拾", ""}
	var b strings.Builder
	zero := false
	section := func(v uint64) {
		for i, p := range [...]uint64{1000, 100, 10, 1} {
			d := v / p % 10
			if d == 0 {
				zero = b.Len() > 0
				continue
			}
			if zero {
				b.WriteString(capitals[0])
				zero = false
			}
			b.WriteString(capitals[d] + units[i])
		}
	}
	s3, s2, s1, s0 := n/1e12, n/1e8%1e4, n/1e4%1e4, n%1e4
	if s3 > 0 {
		section(s3)
		b.WriteString("万")
	}
	section(s2)
	if s3 > 0 || s2 > 0 {
		b.WriteString("亿")
	}
	section(s1)
	if s1 > 0 {
		b.WriteString("万")
	}
	section(s0)
	return b.String()
}
