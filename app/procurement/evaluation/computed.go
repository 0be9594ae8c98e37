package evaluation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/record"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
)

// Computed is what one bidder's public record gives for one line of the
// scoring table: the value at the bid deadline, what it rests on, the points in
// hundredths. Value nil is no record.
type Computed struct {
	Bid       id.ID     `json:"bid"`
	Criterion string    `json:"criterion"`
	Source    string    `json:"source"`
	Value     *int64    `json:"value,omitempty"`
	Basis     string    `json:"basis"`
	Points    int64     `json:"points"`
	AsOf      time.Time `json:"as_of"`
}

// computedOf reads the records of every bidder as they stood at the deadline.
func computedOf(ctx context.Context, d bun.IDB, t tender.Tender, bids []opening.Line) ([]Computed, error) {
	var out []Computed
	for _, k := range tableOf(t).Criteria {
		if k.Source == "" {
			continue
		}
		if t.Deadline == nil {
			return nil, fault.New(fault.Conflict, "没有投标截止时间，不能按公开档案计算")
		}
		for _, l := range bids {
			v, err := record.ValueAt(ctx, d, k.Source, l.Supplier, *t.Deadline)
			if err != nil {
				return nil, err
			}
			points, err := tender.RecordPoints(k.Bands, v.Number)
			if err != nil {
				return nil, err
			}
			out = append(out, Computed{Bid: l.Bid, Criterion: k.ID, Source: k.Source, Value: v.Number, Basis: v.Basis, Points: points, AsOf: clock.Trunc(*t.Deadline)})
		}
	}
	return out, nil
}

func pointsOf(list []Computed, bid id.ID, criterion string) int64 {
	i := slices.IndexFunc(list, func(c Computed) bool { return c.Bid == bid && c.Criterion == criterion })
	if i < 0 {
		return 0
	}
	return list[i].Points
}

// replayComputed holds every score from a record to its published value.
func (p Publication) replayComputed(fresh []Bid) []string {
	var out []string
	for _, k := range p.Table.Criteria {
		if k.Source == "" {
			continue
		}
		for i, b := range p.Bidders {
			if !fresh[i].Conforming {
				continue
			}
			j := slices.IndexFunc(p.Computed, func(c Computed) bool { return c.Bid == b.Bid && c.Criterion == k.ID && c.Source == k.Source })
			if j < 0 {
				out = append(out, fmt.Sprintf("“%s”的“%s”没有公布档案数值", b.Name, k.Name))
				continue
			}
			points, err := tender.RecordPoints(k.Bands, p.Computed[j].Value)
			if err != nil || points != p.Computed[j].Points || slices.ContainsFunc(fresh[i].Scores[k.ID], func(s int64) bool { return s != points }) {
				out = append(out, fmt.Sprintf("“%s”的“%s”与按档案数值重算的不一致", b.Name, k.Name))
			}
		}
	}
	return out
}
