package trace

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// GoodsRule is what the page says of goods.
const GoodsRule = "先进先出：同一基金里同一种物资，收到的按入库先后排成一列，发出的也按出库先后排成一列，同一位置的就是同一件。接收单位没有接收、退回库存的，不算发出。"

// Handed is what of a gift of goods one organisation signed for, or is on its way to.
type Handed struct {
	Handout   id.ID      `bun:"handout" json:"handout"`
	Number    string     `bun:"number" json:"number"`
	Recipient id.ID      `bun:"recipient" json:"recipient"`
	Name      string     `bun:"recipient_name" json:"recipient_name"`
	Purpose   string     `bun:"purpose" json:"purpose"`
	ShippedAt time.Time  `bun:"shipped_at" json:"shipped_at"`
	SignedAt  *time.Time `bun:"signed_at" json:"signed_at,omitempty"` // nil: on its way
	Net       int64      `bun:"net" json:"total"`                     // that went out and stayed out
	Part      int64      `bun:"-" json:"part"`
}

// Thing is the way of one line of a gift: Arrived = the parts + Left.
type Thing struct {
	Line    int      `json:"line"`
	Name    string   `json:"name"`
	Unit    string   `json:"unit"` // "" where none is stated
	Arrived int64    `json:"arrived"`
	Left    int64    `json:"left" description:"还在库存里"`
	Parts   []Handed `json:"parts"`
}

// GoodsTrace is the way of one donation's goods.
type GoodsTrace struct {
	Rule   string  `json:"rule"`
	Things []Thing `json:"things"`
}

// hand gives what of [from, from+n) in the row of what came lies under each of
// outs, which are in order; the rest is still there. Pure.
func hand(from, n int64, outs []Handed) (parts []Handed, left int64) {
	left = n
	var at int64
	for _, o := range outs {
		if part := min(at+o.Net, from+n) - max(at, from); part > 0 {
			o.Part = part
			parts, left = append(parts, o), left-part
		}
		at += o.Net
	}
	return parts, left
}

// Goods is the trace of a donation of goods that came, for who may view it. It
// names no other donor.
func (s *Service) Goods(ctx context.Context, who party.Actor, of id.ID) (GoodsTrace, error) {
	d, err := s.donations.Get(ctx, who, of)
	if err != nil {
		return GoodsTrace{}, err
	}
	if d.Kind != donation.Goods || d.State != donation.Confirmed {
		return GoodsTrace{}, fault.New(fault.Conflict, "这笔捐赠没有入库的物资，没有去向可查")
	}
	out := GoodsTrace{Rule: GoodsRule, Things: []Thing{}}
	for _, l := range d.Lines {
		if l.Arrived == nil || *l.Arrived == 0 {
			continue
		}
		x := Thing{Line: l.Line, Name: l.Name, Unit: l.Measure(), Arrived: *l.Arrived, Parts: []Handed{}}
		before, err := s.came(ctx, d.ID, l.Line)
		if err != nil {
			return out, err
		}
		outs, err := s.handed(ctx, d.Fund, l.Name, x.Unit)
		if err != nil {
			return out, err
		}
		parts, left := hand(before, x.Arrived, outs)
		x.Parts, x.Left = append(x.Parts, parts...), left
		out.Things = append(out.Things, x)
	}
	return out, nil
}

// came is how much of the same thing had come before a line of a donation.
func (s *Service) came(ctx context.Context, of id.ID, line int) (int64, error) {
	var before int64
	err := s.db.NewRaw(`SELECT CAST(COALESCE(SUM(b.quantity), 0) AS BIGINT) FROM goods_movement AS m
		JOIN goods_movement AS b ON b.item = m.item AND b.quantity > 0 AND b.cause_kind <> 'handout_return' AND (b.at < m.at OR b.at = m.at AND b.id < m.id)
		WHERE m.cause_kind = 'donation' AND m.cause_id = ? AND m.cause_line = ?`, of, line).Scan(ctx, &before)
	return before, db.Translate(err)
}

// handed is what of a thing of a fund went out and stayed out, in order.
func (s *Service) handed(ctx context.Context, fund id.ID, name, unit string) ([]Handed, error) {
	var list []Handed
	err := s.db.NewRaw(`SELECT h.id AS handout, h.number, h.recipient, h.recipient_name, h.purpose, h.shipped_at, h.signed_at,
		l.quantity - COALESCE(l.returned, 0) AS net
		FROM handout_line AS l JOIN handout AS h ON h.id = l.handout JOIN goods_item AS i ON i.id = l.item
		WHERE i.fund = ? AND i.name = ? AND COALESCE(i.unit, '') = ? AND h.state IN ('shipped', 'signed')`, fund, name, unit).Scan(ctx, &list)
	slices.SortFunc(list, func(a, b Handed) int {
		return cmp.Or(a.ShippedAt.Compare(b.ShippedAt), cmp.Compare(a.Handout, b.Handout))
	})
	return list, db.Translate(err)
}
