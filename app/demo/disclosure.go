package demo

import (
	"encoding/json"
	"fmt"
	"math"

	"gongji/app/kernel/money"
)

// report is one record of disclosures.json. A pointer is nil, and a text "",
// where the source says nothing. Amounts called wan are in 万元 as published.
type report struct {
	ID          string    `json:"id"`
	Org         string    `json:"org"`
	Date        string    `json:"date"`
	Fund        string    `json:"fund"`
	Items       []item    `json:"items"`
	Amount      *int64    `json:"amount_yuan"`
	Raised      *int64    `json:"raised_yuan"`
	Rows        []row     `json:"rows"`
	Totals      []float64 `json:"totals"`
	PeriodCount int64     `json:"period_count"`
	PeriodWan   float64   `json:"period_amount"`
	AllCount    int64     `json:"cumulative_count"`
	AllWan      float64   `json:"cumulative_amount"`
	RemittedWan float64   `json:"remitted"`
	Count       int64     `json:"count"`
	InKind      struct {
		Pieces int64 `json:"pieces"`
	} `json:"in_kind"`
	Also struct {
		Org string `json:"org"`
	} `json:"also"`
	Quote  string `json:"quote"`
	Source string `json:"source"`
}

type item struct {
	Name     string  `json:"name"`
	Quantity int64   `json:"quantity"`
	Unit     *string `json:"unit"`
}

// row is a published line: a name and its figures in 万元.
type row struct {
	name string
	wan  []float64
}

// UnmarshalJSON reads ["罗庄街道", 34.17, 6.24, 40.41].
func (r *row) UnmarshalJSON(b []byte) error {
	var cells []any
	if err := json.Unmarshal(b, &cells); err != nil {
		return err
	}
	for _, c := range cells {
		switch v := c.(type) {
		case string:
			r.name = v
		case float64:
			r.wan = append(r.wan, v)
		}
	}
	return nil
}

func reports() (map[string]report, error) {
	var in struct {
		Records []report `json:"records"`
	}
	if err := read("disclosures", &in); err != nil {
		return nil, err
	}
	out := map[string]report{}
	for _, r := range in.Records {
		out[r.ID] = r
	}
	return out, nil
}

// wan is a published figure in 万元 as 分: 34.17 is 341,700.00 元. The figures
// have at most four decimals, so the nearest whole 元 is the one that was meant.
func wan(f float64) money.Fen { return money.Fen(math.Round(f*10_000)) * money.Yuan }

// rounding compares what published lines add up to with the published totals.
func rounding(rows []row, totals []float64) string {
	sum := make([]money.Fen, len(totals))
	for _, r := range rows {
		for i := range sum {
			sum[i] += wan(r.wan[i])
		}
	}
	names, out := []string{"筹款数", "配捐数", "合计"}, ""
	for i, s := range sum {
		out += fmt.Sprintf("%s各行相加 %s 元、公布 %s 元；", names[i], s.Yuan(), wan(totals[i]).Yuan())
	}
	return out + "差额来自公布时按万元四舍五入，本页按各行公布的筹款数和配捐数记入，零头取使各公布数都成立的一组（演示数据），账上到分相符"
}
