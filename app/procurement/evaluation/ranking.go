// Package evaluation scores bids and ranks them. What decides here is pure
// and exact, so that anyone can replay a ranking from published inputs.
package evaluation

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
)

// FullMarks is 100.00 points: what the weights of a scoring table add up to.
// Points are counted in hundredths throughout.
const FullMarks = 100_00

// Criterion is one line of the scoring table that experts score. Weight is
// its full marks in hundredths of a point. Technical marks the lines that
// break a tie in 竞争性磋商. Bands are the intervals that bound every score
// (财政部令第87号 55); none in a record from before they were asked for.
type Criterion struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Weight    int64  `json:"weight"`
	Technical bool   `json:"technical,omitempty"`
	// Source is the kind of record it is computed from; "" where people score.
	Source string `json:"source,omitempty"`

	Bands []tender.Band `json:"bands,omitempty"`
}

// Bid is what the ranking needs of a bid. Price is the last offer. Scores has,
// for each criterion, every expert's score in hundredths, none left out.
type Bid struct {
	ID         id.ID              `json:"bid"`
	Price      money.Fen          `json:"price"`
	Conforming bool               `json:"conforming"`
	Scores     map[string][]int64 `json:"scores"`
}

// Table is the frozen scoring table: the method (rules.MethodOpen or
// rules.MethodConsultation), the weight of the price in hundredths, and the
// criteria.
type Table struct {
	Method      string      `json:"method"`
	PriceWeight int64       `json:"price_weight"`
	Criteria    []Criterion `json:"criteria"`
}

// Line is one bid's result. Marks has each criterion's mean, Price the price
// score, Total their sum, Technical the sum over technical criteria; all in
// hundredths of a point. Rank is 1 for the best, equal for equals, and 0 for a
// bid that does not conform and so is not scored. Tied says that others share
// the rank.
type Line struct {
	Bid       id.ID            `json:"bid"`
	Amount    money.Fen        `json:"amount"`
	Marks     map[string]int64 `json:"marks,omitempty"`
	Price     int64            `json:"price_score"`
	Total     int64            `json:"total"`
	Technical int64            `json:"technical,omitempty"`
	Rank      int              `json:"rank"`
	Tied      bool             `json:"tied,omitempty"`
}

// CheckTable refuses a scoring table whose weights do not add up to exactly
// 100 points, or whose lines are unnamed, repeated or without weight. The
// complaints are named "price_weight", "criteria" and "criteria.N.weight".
func CheckTable(t Table) error {
	var c fault.Check
	checkTable(&c, t)
	return c.Err()
}

func checkTable(c *fault.Check, t Table) {
	c.Must(t.PriceWeight >= 0 && t.PriceWeight <= FullMarks, "price_weight", "价格分值应在 0 到 100 分之间，请修改")
	sum, seen := t.PriceWeight, map[string]bool{}
	for i, k := range t.Criteria {
		name := fmt.Sprintf("criteria.%d", i)
		c.Must(k.Weight > 0 && k.Weight <= FullMarks, name+".weight", "评审因素的分值应大于 0 且不超过 100 分，请修改")
		c.Must(k.ID != "", name+".id", "评审因素缺少编号，请重新添加")
		c.Must(!seen[k.ID], name+".id", "评审因素重复，请只保留一条")
		seen[k.ID] = true
		sum = addCapped(sum, k.Weight)
	}
	c.Must(sum == FullMarks, "criteria", "价格分值与各评审因素分值之和应为 100 分，现为 %s 分，请调整", points(sum))
}

// Rank scores the bids by 综合评分法 and puts them in order, best first, bids
// that do not conform last.
//
// Price score = lowest conforming price ÷ own price × weight (财政部令第87号
// 第55条); the lowest always has full marks, also where it is 0. A criterion's
// score is the mean over all experts, no highest or lowest left out. Each of
// these lines is computed exactly and rounded once, half up, to 0.01 point;
// the total is the plain sum of the rounded lines, so that a published sheet
// adds up.
//
// Ties: 公开招标, the lower price, else tied (第57条); 竞争性磋商, the lower
// last price, then the technical marks, else tied (财库〔2014〕214号第25条, 待核).
// The order of the input never matters; equals are listed by id.
func Rank(t Table, bids []Bid) ([]Line, error) {
	var c fault.Check
	checkTable(&c, t)
	checkBids(&c, t, bids)
	if err := c.Err(); err != nil {
		return nil, err
	}
	lowest := lowestPrice(bids)
	lines := make([]Line, 0, len(bids))
	for _, b := range bids {
		l := Line{Bid: b.ID, Amount: b.Price}
		if b.Conforming {
			l.Marks = make(map[string]int64, len(t.Criteria))
			l.Price = priceScore(lowest, b.Price, t.PriceWeight)
			l.Total = l.Price
			for _, k := range t.Criteria {
				m := mean(b.Scores[k.ID])
				l.Marks[k.ID] = m
				l.Total += m
				if k.Technical {
					l.Technical += m
				}
			}
			l.Rank = 1
		}
		lines = append(lines, l)
	}
	place(lines, t.Method)
	return lines, nil
}

func place(lines []Line, method string) {
	better := func(a, b Line) int {
		if (a.Rank == 0) != (b.Rank == 0) {
			return cmp.Compare(b.Rank, a.Rank)
		}
		if a.Rank == 0 {
			return 0
		}
		technical := 0
		if method == rules.MethodConsultation {
			technical = cmp.Compare(b.Technical, a.Technical)
		}
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Amount, b.Amount), technical)
	}
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Or(better(a, b), cmp.Compare(a.Bid, b.Bid)) })
	conforming := lines
	if i := slices.IndexFunc(lines, func(l Line) bool { return l.Rank == 0 }); i >= 0 {
		conforming = lines[:i]
	}
	ranks := make([]int, len(conforming))
	for i := range conforming {
		ranks[i] = i + 1
		if i > 0 && better(conforming[i-1], conforming[i]) == 0 {
			ranks[i] = ranks[i-1]
			conforming[i-1].Tied, conforming[i].Tied = true, true
		}
	}
	for i := range conforming {
		conforming[i].Rank = ranks[i]
	}
}

func checkBids(c *fault.Check, t Table, bids []Bid) {
	seen := map[id.ID]bool{}
	experts := -1
	for _, b := range bids {
		name := "bids." + string(b.ID)
		c.Must(!seen[b.ID], name, "同一份投标出现了两次，请核对")
		seen[b.ID] = true
		if !b.Conforming {
			continue
		}
		c.Must(b.Price >= 0 && b.Price <= money.Max, name+".price", "报价不在可录入的范围内，请核对")
		for _, k := range t.Criteria {
			scores := b.Scores[k.ID]
			if experts < 0 {
				experts = len(scores)
			}
			c.Must(len(scores) > 0 && len(scores) == experts, name+"."+k.ID, "“%s”还有评审专家没有打分，请全部打分后再汇总", k.Name)
			for _, s := range scores {
				inBands := tender.Criterion{Weight: k.Weight, Bands: k.Bands}
				c.Must(s >= 0 && s <= k.Weight, name+"."+k.ID, "“%s”的打分应在 0 到 %s 分之间，请更正", k.Name, points(k.Weight))
				c.Must(s < 0 || s > k.Weight || inBands.Allows(s), name+"."+k.ID, "“%s”没有 %s 分这一档，可以给的分值：%s", k.Name, points(s), inBands.Allowed())
			}
		}
	}
}

func lowestPrice(bids []Bid) money.Fen {
	lowest := money.Fen(-1)
	for _, b := range bids {
		if b.Conforming && (lowest < 0 || b.Price < lowest) {
			lowest = b.Price
		}
	}
	return lowest
}

// priceScore never divides by zero: a price of 0 is the lowest.
func priceScore(lowest, own money.Fen, weight int64) int64 {
	if own == lowest {
		return weight
	}
	n := new(big.Int).Mul(big.NewInt(int64(lowest)), big.NewInt(weight))
	return round(new(big.Rat).SetFrac(n, big.NewInt(int64(own))))
}

func mean(scores []int64) int64 {
	var sum int64
	for _, s := range scores {
		sum += s
	}
	return round(big.NewRat(sum, int64(len(scores))))
}

// round brings a non-negative value to a whole number, half up.
func round(r *big.Rat) int64 {
	n := new(big.Int).Mul(r.Num(), big.NewInt(2))
	n.Add(n, r.Denom())
	return n.Quo(n, new(big.Int).Mul(r.Denom(), big.NewInt(2))).Int64()
}

// addCapped keeps a sum of hostile weights from wrapping round to 100.
func addCapped(a, b int64) int64 {
	const far = 1 << 40
	return max(-far, min(far, a)) + max(-far, min(far, b))
}

// points prints hundredths of a point: 2550 is "25.50".
func points(h int64) string {
	return new(big.Rat).SetFrac64(h, 100).FloatString(2)
}
