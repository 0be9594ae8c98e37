// Package money is the product's only idea of money: whole 分, never a float.
// It reads what people type, prints what people read, and writes 人民币大写.
package money

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"gongji/app/kernel/fault"
)

// Fen is an amount in 分. In JSON it is an integer number of 分. An amount
// that a person enters is 0 to Max (see Accept); a balance or a difference may be negative.
type Fen int64

// Units of money, in 分.
const (
	Yuan Fen = 100
	Wan  Fen = 10_000 * Yuan
	// Max is the largest amount that may be entered: one 分 below 10^15 元.
	Max Fen = 1_000_000_000_000_000*Yuan - 1
)

func overflow() error {
	return fault.New(fault.Invalid, "金额超出系统能记录的范围，请核对各项金额")
}

// Add is a+b, or an Invalid fault where the sum cannot be recorded.
func Add(a, b Fen) (Fen, error) {
	c := a + b
	if (c > a) != (b > 0) && b != 0 {
		return 0, overflow()
	}
	return c, nil
}

// Sub is a-b, or an Invalid fault where the difference cannot be recorded.
func Sub(a, b Fen) (Fen, error) {
	c := a - b
	if (c < a) != (b > 0) && b != 0 {
		return 0, overflow()
	}
	return c, nil
}

// Sum adds amounts; an Invalid fault where a partial sum cannot be recorded.
func Sum(amounts ...Fen) (Fen, error) {
	var total Fen
	for _, a := range amounts {
		var err error
		if total, err = Add(total, a); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// Times is the amount n times over, as for a unit price and a count.
func (f Fen) Times(n int64) (Fen, error) {
	hi, lo := bits.Mul64(magnitude(int64(f)), magnitude(n))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, overflow()
	}
	if (f < 0) != (n < 0) {
		return -Fen(lo), nil
	}
	return Fen(lo), nil
}

// Portion is bp basis points (1 = 0.01%) of a non-negative amount, rounded
// down, so that a limit such as "2% of the budget" is never exceeded.
func (f Fen) Portion(bp int64) (Fen, error) {
	if f < 0 || bp < 0 {
		return 0, fault.New(fault.Invalid, "计算比例的金额和比例都不能为负数，请核对")
	}
	hi, lo := bits.Mul64(uint64(f), uint64(bp))
	if hi >= 10_000 {
		return 0, overflow()
	}
	q, _ := bits.Div64(hi, lo, 10_000)
	if q > math.MaxInt64 {
		return 0, overflow()
	}
	return Fen(q), nil
}

// Split divides total by weights with no 分 lost or made: each share is
// rounded down, then the 分 left over go one each to the largest remainders,
// the earlier weight first where remainders are equal. Weights are
// non-negative and at least one is positive; total is non-negative.
func Split(total Fen, weights []int64) ([]Fen, error) {
	if total < 0 {
		return nil, fault.New(fault.Invalid, "分摊的总额不能为负数，请核对")
	}
	sum := new(big.Int)
	for _, w := range weights {
		if w < 0 {
			return nil, fault.New(fault.Invalid, "分摊的比例不能为负数，请核对各项比例")
		}
		sum.Add(sum, big.NewInt(w))
	}
	if sum.Sign() == 0 {
		return nil, fault.New(fault.Invalid, "分摊的比例不能全部为零，请至少填写一项")
	}
	shares := make([]Fen, len(weights))
	rests := make([]*big.Int, len(weights))
	left := total
	for i, w := range weights {
		q, r := new(big.Int), new(big.Int)
		q.QuoRem(new(big.Int).Mul(big.NewInt(int64(total)), big.NewInt(w)), sum, r)
		shares[i], rests[i] = Fen(q.Int64()), r
		left -= shares[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rests {
			if rests[i].Cmp(rests[best]) > 0 {
				best = i
			}
		}
		shares[best]++
		rests[best].SetInt64(-1)
	}
	return shares, nil
}

// Plain prints the amount in 元 with two decimals: "1409.50".
func (f Fen) Plain() string {
	m := magnitude(int64(f))
	s := strconv.FormatUint(m/100, 10) + "." + two(m%100)
	if f < 0 {
		return "-" + s
	}
	return s
}

// Yuan prints the amount in 元 with thousands separators: "1,409.50".
func (f Fen) Yuan() string {
	m := magnitude(int64(f))
	s := group(m/100) + "." + two(m%100)
	if f < 0 {
		return "-" + s
	}
	return s
}

// String is Plain, so that an amount in a log or a test reads as 元.
func (f Fen) String() string { return f.Plain() }

// Wan prints a large amount for display with its unit, rounded half up to
// 100 元: "752.40万元". Below one 万元 it prints 元 and 分 in full:
// "1,409.50元". Never use it where the exact amount matters.
func (f Fen) Wan() string {
	m := magnitude(int64(f))
	if m < uint64(Wan) {
		return f.Yuan() + "元"
	}
	h := (m + 5_000) / 10_000
	s := group(h/100) + "." + two(h%100) + "万元"
	if f < 0 {
		return "-" + s
	}
	return s
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func two(n uint64) string {
	return string([]byte{'0' + byte(n/10%10), '0' + byte(n%10)})
}

// Count prints a number of things with thousands separators: "28,240".
func Count(n int64) string {
	if n < 0 {
		return "-" + group(magnitude(n))
	}
	return group(magnitude(n))
}

func group(n uint64) string {
	s := strconv.FormatUint(n, 10)
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
