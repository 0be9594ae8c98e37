package evaluation

import (
	"cmp"
	"math/big"
	"slices"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
)

// Rates are the three rates of 财库〔2026〕2号 in basis points, as the
// documents of a tender set them.
type Rates struct {
	Mean    int64 `json:"mean"`
	Second  int64 `json:"second"`
	Ceiling int64 `json:"ceiling"`
}

// LawfulRates are the rates of the law itself: 50%, 50% and 45%. They are all
// zero, which triggers nothing, before the law began on 2026-02-01.
func LawfulRates(s rules.Set) Rates {
	return Rates{s.Must(rules.AbnormalMeanRate).Value, s.Must(rules.AbnormalSecondRate).Value, s.Must(rules.AbnormalCeilingRate).Value}
}

// Check refuses rates below those of the law or above the 65% it allows
// documents to raise them to.
func (r Rates) Check(s rules.Set) error {
	var c fault.Check
	least, most := LawfulRates(s), s.Must(rules.AbnormalRateCap)
	for _, x := range []struct {
		field     string
		got, from int64
	}{{"abnormal_mean", r.Mean, least.Mean}, {"abnormal_second", r.Second, least.Second}, {"abnormal_ceiling", r.Ceiling, least.Ceiling}} {
		if x.got < x.from || x.got > most.Value {
			c.FailUnder(most.Source(), x.field, "异常低价比例应在 %s%% 到 %s%% 之间，请修改", points(x.from), points(most.Value))
		}
	}
	return c.Err()
}

// Reason is why a price is abnormally low: Rule names the line, Against is
// what the price was compared with (the mean is rounded down for display; the
// comparison is exact), Rate is in basis points.
type Reason struct {
	Rule    rules.Rule `json:"rule"`
	Against money.Fen  `json:"against"`
	Rate    int64      `json:"rate"`
}

// Suspicion is one bid whose price must be explained. It is not a rejection:
// the bidder has at least 30 minutes to explain, and only a price that stays
// unproved is invalid.
type Suspicion struct {
	Bid     id.ID     `json:"bid"`
	Price   money.Fen `json:"price"`
	Reasons []Reason  `json:"reasons"`
}

// AbnormalPrices finds the conforming bids with a price strictly below a rate
// of the mean conforming price, of the second lowest, or of the ceiling (the
// budget where there is no ceiling). Prices are raw, before any deduction for
// small firms. A ceiling of 0 is not compared with.
func AbnormalPrices(bids []Bid, ceiling money.Fen, rates Rates, s rules.Set) []Suspicion {
	var prices []money.Fen
	sum := new(big.Int)
	for _, b := range bids {
		if b.Conforming {
			prices = append(prices, b.Price)
			sum.Add(sum, big.NewInt(int64(b.Price)))
		}
	}
	slices.Sort(prices)
	var out []Suspicion
	for _, b := range bids {
		if !b.Conforming {
			continue
		}
		x := Suspicion{Bid: b.ID, Price: b.Price}
		n := int64(len(prices))
		if below(b.Price, n, sum, rates.Mean) {
			mean := new(big.Int).Quo(sum, big.NewInt(n))
			x.Reasons = append(x.Reasons, Reason{s.Must(rules.AbnormalMeanRate), money.Fen(mean.Int64()), rates.Mean})
		}
		if n > 1 && below(b.Price, 1, big.NewInt(int64(prices[1])), rates.Second) {
			x.Reasons = append(x.Reasons, Reason{s.Must(rules.AbnormalSecondRate), prices[1], rates.Second})
		}
		if below(b.Price, 1, big.NewInt(int64(ceiling)), rates.Ceiling) {
			x.Reasons = append(x.Reasons, Reason{s.Must(rules.AbnormalCeilingRate), ceiling, rates.Ceiling})
		}
		if len(x.Reasons) > 0 {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b Suspicion) int { return cmp.Or(cmp.Compare(a.Price, b.Price), cmp.Compare(a.Bid, b.Bid)) })
	return out
}

// below compares price × n × 10000 with sum × rate: no division, no rounding.
func below(price money.Fen, n int64, sum *big.Int, rate int64) bool {
	own := new(big.Int).Mul(big.NewInt(int64(price)), big.NewInt(n*10_000))
	return own.Cmp(new(big.Int).Mul(sum, big.NewInt(rate))) < 0
}
