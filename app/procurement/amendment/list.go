package amendment

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Filter narrows a list; zero fields do not.
type Filter struct {
	Text  string // in the reason or in what changed
	After int    // keyset: what was published before this number
	Limit int    // 0 means 20, at most 200
}

// Page is one page of a list, newest first.
type Page struct {
	Items []Amendment
	Total int // that match
	Next  int // 0 on the last
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// Of lists the published amendments of a tender's project, newest first.
func (s *Service) Of(ctx context.Context, who party.Actor, at id.ID, f Filter) (Page, error) {
	p := Page{Items: []Amendment{}}
	t, err := s.tenders.Get(ctx, who, at)
	if err != nil {
		return p, err
	}
	if f.Limit <= 0 {
		f.Limit = 20
	}
	f.Limit, f.Text = min(f.Limit, 200), strings.TrimSpace(f.Text)
	where := func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("project = ? AND state = ?", t.ProjectID(), Published)
		if f.Text != "" {
			like := "%" + escape.Replace(f.Text) + "%"
			q = q.Where("(reason LIKE ? ESCAPE '!' OR changes LIKE ? ESCAPE '!')", like, like)
		}
		return q
	}
	if err := where(s.db.NewSelect().Model((*Amendment)(nil)).ColumnExpr("count(*)")).Scan(ctx, &p.Total); err != nil {
		return p, db.Translate(err)
	}
	q := where(s.db.NewSelect().Model(&p.Items))
	if f.After > 0 {
		q = q.Where("number < ?", f.After)
	}
	err = q.Order("number DESC").Limit(int64(f.Limit) + 1).Scan(ctx)
	if len(p.Items) > f.Limit {
		p.Items = p.Items[:f.Limit]
		p.Next = p.Items[f.Limit-1].Number
	}
	return p, db.Translate(err)
}
