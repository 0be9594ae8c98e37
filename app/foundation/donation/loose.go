package donation

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Loose are the gifts that a fund must settle or name before it ends: refunds
// that wait to be decided, and what was pledged and has not arrived.
func (s *Service) Loose(ctx context.Context, d bun.IDB, of id.ID) ([]fund.Loose, error) {
	var list []Donation
	err := d.NewSelect().Model(&list).Where("fund = ? AND NOT (gathered_in IS NOT NULL AND state = ?)", of, Pledged).
		Where("state = ? OR (state = ? AND refund_asked_at IS NOT NULL)", Pledged, Confirmed).Order("id").Limit(20).Scan(ctx)
	var out []fund.Loose
	for _, x := range list {
		l := fund.Loose{What: "待到账的认捐 " + x.Reference, Href: "/foundation/donations/" + string(x.ID), Amount: x.Amount}
		if x.State == Confirmed {
			l.What, l.Amount, l.Firm = "待决定的退款 "+x.Reference, x.Arrived, true
		}
		out = append(out, l)
	}
	return out, db.Translate(err)
}
