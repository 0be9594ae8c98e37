package disclosure

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/goods"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// goods reads what came into a fund's stock and left it, and what vouchers say
// that it was worth.
func (s *Service) goods(ctx context.Context, d bun.IDB, out *Figures, of id.ID, t span) error {
	var rows []struct {
		Item      id.ID
		Name      string
		Unit      string
		Quantity  int64
		CauseKind string
		CauseID   id.ID
		At        time.Time
	}
	err := d.NewSelect().TableExpr("goods_movement AS m").ColumnExpr("m.item, i.name, COALESCE(i.unit, '') AS unit, m.quantity, m.cause_kind, m.cause_id, m.at").
		Join("JOIN goods_item AS i ON i.id = m.item").Where("i.fund = ? AND m.at < ?", of, t.to).OrderExpr("m.id").Scan(ctx, &rows)
	if err != nil {
		return db.Translate(err)
	}
	items, period, all := map[id.ID]*Goods{}, map[id.ID]bool{}, map[id.ID]bool{}
	for _, m := range rows {
		g := items[m.Item]
		if g == nil {
			g = &Goods{Name: m.Name, Unit: m.Unit}
			items[m.Item] = g
		}
		now := !m.At.Before(t.from)
		came, went := max(0, m.Quantity), max(0, -m.Quantity)
		if m.CauseKind == goods.Back {
			came, went = 0, -m.Quantity
		}
		g.TotalIn, g.TotalOut, g.Left = g.TotalIn+came, g.TotalOut+went, g.Left+m.Quantity
		if now {
			g.In, g.Out = g.In+came, g.Out+went
		}
		if m.CauseKind == donation.ObjectKind && m.Quantity > 0 {
			all[m.CauseID] = true
			if now {
				period[m.CauseID] = true
			}
		}
	}
	out.Period.GoodsGifts, out.Total.GoodsGifts = int64(len(period)), int64(len(all))
	for _, k := range keys(items) {
		out.Goods = append(out.Goods, *items[k])
	}
	slices.SortStableFunc(out.Goods, func(a, b Goods) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Unit, b.Unit)) })
	return worth(ctx, d, out, period)
}

// worth adds up what vouchers prove of the goods of the period.
func worth(ctx context.Context, d bun.IDB, out *Figures, gifts map[id.ID]bool) error {
	for part := range slices.Chunk(keys(gifts), 500) {
		var lines []donation.Line
		if err := d.NewSelect().Model(&lines).Where("donation IN (?) AND arrived > 0", bun.List(part)).Order("donation", "line").Scan(ctx); err != nil {
			return db.Translate(err)
		}
		for _, l := range lines {
			if l.Proven == nil {
				out.Unproven++
				continue
			}
			if out.Proven == nil {
				out.Proven = new(money.Fen)
			}
			sum, err := money.Add(*out.Proven, *l.Proven)
			if err != nil {
				return err
			}
			*out.Proven = sum
		}
	}
	return nil
}

// Pieces counts all goods by the smallest unit (以最小单位计入): what came and went
// in the period and altogether.
func (f Figures) Pieces() (in, out, totalIn, totalOut int64) {
	for _, g := range f.Goods {
		in, out, totalIn, totalOut = in+g.In, out+g.Out, totalIn+g.TotalIn, totalOut+g.TotalOut
	}
	return in, out, totalIn, totalOut
}
