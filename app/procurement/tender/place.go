package tender

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/search"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Place writes a record of the demo or of an import in the state it has,
// without the steps that led there: the law of its own day ruled it. One that
// is past review and brings no number of its source gets one of the year it
// was published in, marked as 演示数据. Nothing that a
// request reaches may call it.
func (s *Service) Place(ctx context.Context, tx bun.Tx, t Tender, note string) (Tender, error) {
	now := s.clock.Now()
	t.ID, t.Version, t.CreatedAt, t.UpdatedAt = id.New(now), 1, now, now
	if t.Marks == nil {
		t.Marks = []string{}
	}
	if t.Criteria == nil {
		t.Criteria = []Criterion{}
	}
	published := t.State != Draft && t.State != Review
	if published {
		at := now
		if t.PublishedAt != nil {
			at = *t.PublishedAt
		}
		if t.Number == nil {
			if err := t.issue(ctx, tx, at); err != nil {
				return t, err
			}
			t.Marks = append(slices.Clone(t.Marks), "number")
		}
		t.PublishedAt = &at
	}
	if _, err := tx.NewInsert().Model(&t).Exec(ctx); err != nil {
		return t, db.Translate(err)
	}
	if published {
		if err := search.Put(ctx, tx, t.entry()); err != nil {
			return t, err
		}
		if err := t.emitNotice(ctx, tx, now, ocds.TenderTag); err != nil {
			return t, err
		}
	}
	return t, trail.Append(ctx, tx, party.Actor{}, now,
		trail.Event{ObjectKind: "tender", ObjectID: t.ID, Action: "载入演示数据", Note: note, Public: published})
}
