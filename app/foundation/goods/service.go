package goods

import (
	"context"
	"math"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// MostQuantity bounds one line and one stock.
const MostQuantity = 1_000_000_000

// Service moves goods. It authorises nobody: the decision that moves has.
type Service struct {
	db    *bun.DB
	clock clock.Clock
}

// New makes the service.
func New(d *bun.DB, c clock.Clock) *Service { return &Service{d, c} }

// Thing names an item of a fund.
type Thing struct {
	Foundation, Fund id.ID
	Name             string
	Unit             *string
}

// Move adds a movement in the deciding transaction and gives the item as it
// then stands. Errors: Invalid (zero, or more than MostQuantity), Conflict
// (more out than there is; this line of the cause has moved already).
func (s *Service) Move(ctx context.Context, tx bun.Tx, who party.Actor, x Thing, quantity int64, c Cause) (Item, error) {
	if quantity == 0 || quantity == math.MinInt64 || max(quantity, -quantity) > MostQuantity {
		return Item{}, fault.New(fault.Invalid, "物资数量应在 1 至 %d 之间", MostQuantity)
	}
	item, err := s.take(ctx, tx, x)
	if err != nil {
		return item, err
	}
	left := item.Quantity + quantity
	switch {
	case left < 0:
		return item, fault.New(fault.Conflict, "“%s”库存不足：现有 %d%s，本次需要 %d%s", item.Name, item.Quantity, item.Measure(), -quantity, item.Measure())
	case left > MostQuantity:
		return item, fault.New(fault.Invalid, "“%s”库存将超过 %d，请核对数量", item.Name, MostQuantity)
	}
	now := s.clock.Now()
	m := Movement{ID: id.New(now), Item: item.ID, Quantity: quantity, CauseKind: c.Kind, CauseID: c.ID, CauseLine: c.Line, At: now, By: who.Account}
	if _, err := tx.NewInsert().Model(&m).Exec(ctx); err != nil {
		return item, db.Translate(err)
	}
	item.Quantity = left
	return item, db.One(tx.NewUpdate().Model(&item).Column("quantity").WherePK().Exec(ctx))
}

// take locks the item's row, making it if there is none.
func (s *Service) take(ctx context.Context, tx bun.Tx, x Thing) (Item, error) {
	now := s.clock.Now()
	fresh := Item{ID: id.New(now), Foundation: x.Foundation, Fund: x.Fund, Name: x.Name, Unit: x.Unit, CreatedAt: now}
	if _, err := tx.NewInsert().Model(&fresh).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return fresh, db.Translate(err)
	}
	var item Item
	unit := ""
	if x.Unit != nil {
		unit = *x.Unit
	}
	err := db.Lock(tx.NewSelect().Model(&item).
		Where("fund = ? AND name = ? AND COALESCE(unit, '') = ?", x.Fund, x.Name, unit)).Scan(ctx)
	return item, db.Found(err, "物资")
}

// Stock lists what a fund has and has had, by name. It shows no person, so
// the fund's public page may show it.
func (s *Service) Stock(ctx context.Context, d bun.IDB, fund id.ID) ([]Level, error) {
	var out []Level
	err := d.NewSelect().TableExpr("goods_item AS i").
		ColumnExpr("i.id, i.foundation, i.fund, i.name, i.unit, i.quantity, i.created_at").
		ColumnExpr("CAST(SUM(CASE WHEN m.quantity > 0 AND m.cause_kind <> ? THEN m.quantity ELSE 0 END) AS BIGINT) AS goods_in", Back).
		ColumnExpr("CAST(SUM(CASE WHEN m.quantity < 0 OR m.cause_kind = ? THEN -m.quantity ELSE 0 END) AS BIGINT) AS goods_out", Back).
		Join("JOIN goods_movement AS m ON m.item = i.id").
		Where("i.fund = ?", fund).GroupExpr("i.id").OrderExpr("i.name, i.id").Scan(ctx, &out)
	return out, db.Translate(err)
}

// OfFund is Stock outside a transaction.
func (s *Service) OfFund(ctx context.Context, fund id.ID) ([]Level, error) {
	return s.Stock(ctx, s.db, fund)
}

// Kinds counts the kinds of things that each of some funds has had; a fund
// without any is absent.
func (s *Service) Kinds(ctx context.Context, funds []id.ID) (map[id.ID]int64, error) {
	out := map[id.ID]int64{}
	if len(funds) == 0 {
		return out, nil
	}
	var rows []struct {
		Fund id.ID
		N    int64
	}
	err := s.db.NewSelect().Model((*Item)(nil)).ColumnExpr("fund, count(*) AS n").Where("fund IN (?)", bun.List(funds)).GroupExpr("fund").Scan(ctx, &rows)
	for _, r := range rows {
		out[r.Fund] = r.N
	}
	return out, db.Translate(err)
}

// Unbalanced names the items whose stock is not the sum of their movements:
// none, or somebody has written to the database by hand.
func (s *Service) Unbalanced(ctx context.Context) ([]id.ID, error) {
	var out []id.ID
	err := s.db.NewSelect().TableExpr("goods_item AS i").ColumnExpr("i.id").
		Where("i.quantity <> COALESCE((SELECT SUM(m.quantity) FROM goods_movement AS m WHERE m.item = i.id), 0)").
		OrderExpr("i.id").Scan(ctx, &out)
	return out, db.Translate(err)
}
