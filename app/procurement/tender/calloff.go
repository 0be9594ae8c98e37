package tender

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party/standing"
	"gongji/storage/db"
)

// frameworkOf is the framework that a call-off names by number: its own
// bureau's, in force.
func frameworkOf(ctx context.Context, d bun.IDB, t Tender, now time.Time) (id.ID, error) {
	var row struct {
		ID     id.ID
		EndsAt *time.Time
	}
	err := db.Found(d.NewSelect().TableExpr("tender AS t").Join("JOIN framework AS f ON f.tender = t.id").
		ColumnExpr("t.id, f.ends_at").Where("t.number = ? AND t.buyer = ? AND f.state = ?", strings.TrimSpace(t.Form.Get("framework")), t.Buyer, "approved").
		Scan(ctx, &row), "框架协议")
	switch {
	case fault.Is(err, fault.NotFound):
		return "", fault.New(fault.Invalid, "本单位没有这个编号的、已确定入围供应商的框架协议，请核对编号")
	case err != nil:
		return "", err
	case row.EndsAt != nil && !now.Before(*row.EndsAt):
		return "", fault.New(fault.Invalid, "这份框架协议的期限已满，不能再授予合同，请重新征集")
	}
	return row.ID, nil
}

// admittedTo are the suppliers of a framework in their order.
func admittedTo(ctx context.Context, d bun.IDB, framework id.ID) ([]Supplier, error) {
	var out []Supplier
	err := d.NewSelect().TableExpr("framework_member").ColumnExpr("supplier AS id, supplier_name AS name").
		Where("tender = ?", framework).Order("rank", "id").Scan(ctx, &out)
	return out, db.Translate(err)
}

// admitted are those who may take part in a call-off: all of the framework, or
// the one whose turn it is: the call-offs by turn before this one say whose.
// Whom a listing bars is passed over; his turn is gone.
func (s *Service) admitted(ctx context.Context, d bun.IDB, t Tender, way rules.Choice, c *fault.Check, now time.Time) ([]Supplier, error) {
	all, err := admittedTo(ctx, d, *t.Framework)
	if err != nil || len(all) == 0 {
		return all, err
	}
	var free []Supplier
	barred := map[id.ID]bool{}
	for _, x := range all {
		list, err := standing.Against(ctx, d, x.ID, t.Buyer, standing.Purchase, now)
		if err != nil {
			return nil, err
		}
		if barred[x.ID] = len(list) > 0; !barred[x.ID] {
			free = append(free, x)
		}
	}
	if len(free) == 0 {
		c.Fail("framework", "入围的供应商都被列入信用名单，其间不能参加采购；请重新征集或者采用其他方式")
		return nil, nil
	}
	if way.Suppliers == rules.Admitted {
		return free, nil
	}
	before, err := d.NewSelect().Model((*Tender)(nil)).
		Where("framework = ? AND way = ? AND published_at IS NOT NULL AND id <> ?", *t.Framework, way.ID, t.ID).Count(ctx)
	if err != nil {
		return nil, db.Translate(err)
	}
	turn := int(before) % len(all)
	for barred[all[turn].ID] {
		turn = (turn + 1) % len(all)
	}
	return all[turn : turn+1], nil
}
