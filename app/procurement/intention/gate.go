package intention

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// find reads the published intention that a draft names; nil where it names
// none of its own buyer's.
func find(ctx context.Context, d bun.IDB, t tender.Tender) (*Intention, error) {
	if t.Intention == nil {
		return nil, nil
	}
	var list []Intention
	err := d.NewSelect().Model(&list).Where("id = ? AND buyer = ? AND published_at IS NOT NULL", *t.Intention, t.Buyer).Scan(ctx)
	if err != nil || len(list) == 0 {
		return nil, db.Translate(err)
	}
	return &list[0], nil
}

// named demands that a draft names a published intention, or says why the
// purchase could not be foreseen.
func (s *Service) named(ctx context.Context, d bun.IDB, t tender.Tender, now time.Time, c *fault.Check) error {
	article := rules.At(now).Must(rules.IntentionBeforePurchase).Source()
	if t.Intention == nil {
		if len([]rune(t.IntentionExempt)) < 4 {
			c.FailUnder(article, "intention", "请选择已公开的采购意向；只有不可预见、急需开展的项目可以不公开，并写明理由")
		}
		return nil
	}
	x, err := find(ctx, d, t)
	if err == nil && x == nil {
		c.FailUnder(article, "intention", "没有这条已公开的采购意向，请重新选择")
	}
	return err
}

// waited refuses a publication that comes too early, with the day it may come.
func (s *Service) waited(ctx context.Context, d bun.IDB, t tender.Tender, now time.Time, c *fault.Check) error {
	x, err := find(ctx, d, t)
	if err != nil || x == nil {
		return err
	}
	set := rules.At(now)
	at, err := x.Begins(set, s.calendar)
	if err != nil || at == nil || !now.Before(*at) {
		return err
	}
	c.FailUnder(set.Must(rules.IntentionBeforePurchase).Source(), "intention", "采购意向公开满 30 日后才能发布公告，最早 %s", at.In(clock.Beijing).Format("2006年1月2日"))
	return nil
}

// Earliest is the day from which a draft may be published under its
// intention; nil where it names none.
func (s *Service) Earliest(ctx context.Context, t tender.Tender) (*time.Time, error) {
	x, err := find(ctx, s.db, t)
	if err != nil || x == nil {
		return nil, err
	}
	return x.Begins(rules.At(s.clock.Now()), s.calendar)
}

// Purchases are the published purchases that name an intention.
func (s *Service) Purchases(ctx context.Context, x id.ID) ([]tender.Tender, error) {
	out := []tender.Tender{}
	err := s.db.NewSelect().Model(&out).Where("intention = ? AND published_at IS NOT NULL", x).Order("id").Scan(ctx)
	return out, db.Translate(err)
}
