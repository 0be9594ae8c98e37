package intention

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Filter narrows a list; zero fields do not.
type Filter struct {
	Text   string
	Region string
	State  string // of one's own list
	Buyer  id.ID
	After  id.ID
	Limit  int // 0 means 20, at most 200
}

// Page is one page of a list: the published by publication, one's own by when
// they were drafted, newest first.
type Page struct {
	Items []Intention
	Total int
	Next  id.ID
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// List gives the published intentions.
func (s *Service) List(ctx context.Context, f Filter) (Page, error) {
	f.State = Published
	var ids []id.ID
	if f.Text = strings.TrimSpace(f.Text); f.Text != "" {
		found, err := search.Find(ctx, s.db, search.Intention, f.Text, search.Most)
		if err != nil {
			return Page{}, err
		}
		if !found.Blank {
			if ids = found.IDs; len(ids) == 0 {
				return Page{Items: []Intention{}}, nil
			}
		}
	}
	return s.page(ctx, f, ids, true)
}

// Mine lists those of the actor's bureau, drafts included.
func (s *Service) Mine(ctx context.Context, who party.Actor, f Filter) (Page, error) {
	if who.OrgKind != party.Bureau || who.Org == "" {
		return Page{}, fault.New(fault.Forbidden, "只有购买主体的人员有采购意向")
	}
	f.Buyer = who.Org
	return s.page(ctx, f, nil, false)
}

func (s *Service) page(ctx context.Context, f Filter, ids []id.ID, public bool) (Page, error) {
	if f.Limit <= 0 {
		f.Limit = 20
	}
	f.Limit = min(f.Limit, 200)
	where := func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.State != "" {
			q = q.Where("state = ?", f.State)
		}
		if f.Buyer != "" {
			q = q.Where("buyer = ?", f.Buyer)
		}
		if f.Region != "" {
			q = q.Where("region LIKE ? ESCAPE '!'", "%"+escape.Replace(f.Region)+"%")
		}
		if len(ids) > 0 {
			q = q.Where("id IN (?)", bun.List(ids))
		} else if f.Text != "" {
			q = q.Where("title LIKE ? ESCAPE '!'", "%"+escape.Replace(f.Text)+"%")
		}
		return q
	}
	p := Page{Items: []Intention{}}
	if err := where(s.db.NewSelect().Model((*Intention)(nil)).ColumnExpr("count(*)")).Scan(ctx, &p.Total); err != nil {
		return p, db.Translate(err)
	}
	q := where(s.db.NewSelect().Model(&p.Items))
	if public {
		q = q.Order("published_at DESC")
	}
	if f.After != "" && public {
		last, err := s.last(ctx, f.After)
		if err != nil {
			return p, err
		}
		q = q.Where("(published_at, id) < (?, ?)", *last.PublishedAt, last.ID)
	} else if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err := q.Order("id DESC").Limit(int64(f.Limit) + 1).Scan(ctx)
	if len(p.Items) > f.Limit {
		p.Items = slices.Clip(p.Items[:f.Limit])
		p.Next = p.Items[f.Limit-1].ID
	}
	return p, db.Translate(err)
}

// last is the published intention that a page ended with.
func (s *Service) last(ctx context.Context, x id.ID) (Intention, error) {
	var i Intention
	err := db.Found(s.db.NewSelect().Model(&i).Where("id = ? AND published_at IS NOT NULL", x).Scan(ctx), "采购意向")
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "翻页位置已失效，请从第一页重新浏览")
	}
	return i, err
}
