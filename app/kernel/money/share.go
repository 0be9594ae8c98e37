package money

import "math/big"

// Beyond reports whether an amount is more than a share of a whole, in
// hundredths of a per cent (1000 is 10%). It is exact.
func (f Fen) Beyond(whole Fen, bp int64) bool {
	limit := new(big.Int).Mul(big.NewInt(int64(whole)), big.NewInt(bp))
	return new(big.Int).Mul(big.NewInt(int64(f)), big.NewInt(10_000)).Cmp(limit) > 0
}
