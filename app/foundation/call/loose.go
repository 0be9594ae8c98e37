package call

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Loose are the calls that promise a fund's money and have no result: they keep
// the fund from ending until they are decided, sent back or cancelled.
func (s *Service) Loose(ctx context.Context, d bun.IDB, of id.ID) ([]fund.Loose, error) {
	var list []Call
	err := d.NewSelect().Model(&list).Where("fund = ? AND state IN (?)", of, bun.List([]State{Review, Published})).Order("id").Limit(20).Scan(ctx)
	now := s.clock.Now()
	var out []fund.Loose
	for _, c := range list {
		out = append(out, fund.Loose{What: c.State(now).Name() + "的" + c.Kind.Name() + "：" + c.Title, Href: "/funder/calls/" + string(c.ID), Firm: true})
	}
	return out, db.Translate(err)
}
