package disclosure

import (
	"fmt"
	"strings"

	"gongji/app/kernel/money"
)

// Unit is how amounts are shown. Inside, everything is 分.
type Unit string

// The units.
const (
	Yuan Unit = "yuan" // 元, exact
	Wan2 Unit = "wan2" // 万元 with two decimals, rounded
	Wan4 Unit = "wan4" // 万元 with four decimals, which is whole 元, rounded
)

// Name is the unit for a table's head.
func (u Unit) Name() string {
	if u == Yuan || u == "" {
		return "元"
	}
	return "万元"
}

// step is the smallest amount that is shown, in 分.
func (u Unit) step() money.Fen {
	switch u {
	case Yuan:
	case Wan2:
		return 100 * money.Yuan
	case Wan4:
		return money.Yuan
	}
	return 1
}

// round is an amount in steps, the nearest, halves away from zero.
func (u Unit) round(f money.Fen) int64 {
	s := int64(u.step())
	n := int64(f)
	if n < 0 {
		return -((-n + s/2) / s)
	}
	return (n + s/2) / s
}

// Show is an amount as it is published: 37.84 for 378,353.00 元 in 万元.
func (u Unit) Show(f money.Fen) string { return u.print(u.round(f)) }

func (u Unit) print(n int64) string {
	switch u {
	case Yuan:
	case Wan2:
		return money.Fen(n).Yuan() // two decimals, as 分 have
	case Wan4:
		return fourths(n)
	}
	return money.Fen(n).Yuan()
}

// fourths writes n ten-thousandths: 10545416 is 1,054.5416.
func fourths(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	whole, _ := strings.CutSuffix(money.Fen(n/10_000*100).Yuan(), ".00")
	return fmt.Sprintf("%s%s.%04d", sign, whole, n%10_000)
}
