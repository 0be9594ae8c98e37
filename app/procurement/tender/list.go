package tender

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// CountMost is how far a list is counted; beyond it people read "500+".
const CountMost = search.Most

// Filter narrows a list; zero fields do not.
type Filter struct {
	Text   string // words in title, number, buyer, catalogue name or region
	State  State  // as at now: Closed and Open differ by the clock
	Method string
	Region string // part of the region
	Buyer  id.ID
	After  id.ID // keyset: what follows this tender in the list
	Limit  int   // 0 means 20, at most 200
}

// Page is one page of a list.
type Page struct {
	Items []Tender
	// Total is the number of all that match, no more than CountMost; Over is
	// set where there are more.
	Total int
	Over  bool
	Next  id.ID // After of the next page; "" on the last
}

func (f *Filter) normalise() {
	if f.Limit <= 0 {
		f.Limit = 20
	}
	f.Limit = min(f.Limit, 200)
	f.Text, f.Region = strings.TrimSpace(f.Text), strings.TrimSpace(f.Region)
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (f Filter) apply(q *bun.SelectQuery, now time.Time) *bun.SelectQuery {
	switch f.State {
	case "":
	case Open:
		q = q.Where("state = ? AND (deadline IS NULL OR deadline > ?)", Open, now)
	case Closed:
		q = q.Where("state = ? AND deadline <= ?", Open, now)
	default:
		q = q.Where("state = ?", f.State)
	}
	if f.Method != "" {
		q = q.Where("method = ?", f.Method)
	}
	if f.Region != "" {
		q = q.Where("region LIKE ? ESCAPE '!'", "%"+escape.Replace(f.Region)+"%")
	}
	if f.Buyer != "" {
		q = q.Where("buyer = ?", f.Buyer)
	}
	return q
}

// List gives published tenders, newest first; with a text, best match first.
func (s *Service) List(ctx context.Context, f Filter) (Page, error) {
	f.normalise()
	if f.Text != "" {
		found, err := search.Find(ctx, s.db, search.Tender, f.Text, search.Most)
		if err != nil || !found.Blank {
			return s.matching(ctx, f, found, err)
		}
	}
	now := s.clock.Now()
	published := func(q *bun.SelectQuery) *bun.SelectQuery {
		return f.apply(q.Where("published_at IS NOT NULL"), now)
	}
	p, err := s.count(ctx, published)
	if err != nil {
		return p, err
	}
	q := published(s.db.NewSelect().Model(&p.Items))
	if f.After != "" {
		last, err := read(ctx, s.db, f.After)
		if err != nil || last.PublishedAt == nil {
			return Page{}, fault.New(fault.NotFound, "翻页位置已失效，请从第一页重新浏览")
		}
		q = q.Where("(published_at, id) < (?, ?)", *last.PublishedAt, last.ID)
	}
	err = q.OrderExpr("published_at DESC, id DESC").Limit(int64(f.Limit) + 1).Scan(ctx)
	p.turn(f.Limit)
	return p, db.Translate(err)
}

// count counts no further than CountMost.
func (s *Service) count(ctx context.Context, where func(*bun.SelectQuery) *bun.SelectQuery) (Page, error) {
	some := where(s.db.NewSelect().Model((*Tender)(nil)).ColumnExpr("1")).Limit(CountMost + 1)
	var n int
	err := s.db.NewSelect().TableExpr("(?) AS counted", some).ColumnExpr("count(*)").Scan(ctx, &n)
	return Page{Total: min(n, CountMost), Over: n > CountMost}, db.Translate(err)
}

// turn cuts the one row too many that shows whether another page follows.
func (p *Page) turn(limit int) {
	for i, t := range p.Items {
		if t.Restricted() {
			p.Items[i].noticeOnly()
		}
	}
	if len(p.Items) > limit {
		p.Items = p.Items[:limit]
		p.Next = p.Items[limit-1].ID
	}
}

// matching is the page of a search: the best matches first, filtered.
func (s *Service) matching(ctx context.Context, f Filter, found search.Result, err error) (Page, error) {
	if err != nil || len(found.IDs) == 0 {
		return Page{}, err
	}
	ids := found.IDs
	if f.State != "" || f.Method != "" || f.Region != "" || f.Buyer != "" {
		var kept []id.ID
		q := s.db.NewSelect().Model((*Tender)(nil)).Column("id").Where("id IN (?)", bun.List(ids))
		if err := f.apply(q, s.clock.Now()).Scan(ctx, &kept); err != nil {
			return Page{}, db.Translate(err)
		}
		in := make(map[id.ID]bool, len(kept))
		for _, x := range kept {
			in[x] = true
		}
		ids = slices.DeleteFunc(slices.Clone(ids), func(x id.ID) bool { return !in[x] })
	}
	p := Page{Total: len(ids), Over: found.More}
	if f.After != "" {
		at := slices.Index(ids, f.After)
		if at < 0 {
			return Page{}, fault.New(fault.NotFound, "翻页位置已失效，请从第一页重新浏览")
		}
		ids = ids[at+1:]
	}
	ids = ids[:min(len(ids), f.Limit+1)]
	if len(ids) == 0 {
		return p, nil
	}
	if err := s.db.NewSelect().Model(&p.Items).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return Page{}, db.Translate(err)
	}
	slices.SortFunc(p.Items, func(a, b Tender) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	p.turn(f.Limit)
	return p, nil
}

// Mine lists the tenders of the actor's own bureau in every state, the latest
// draft first.
func (s *Service) Mine(ctx context.Context, who party.Actor, f Filter) (Page, error) {
	if who.OrgKind != party.Bureau || who.Org == "" {
		return Page{}, fault.New(fault.Forbidden, "只有购买主体的人员有采购工作台")
	}
	f.normalise()
	f.Buyer = who.Org
	now := s.clock.Now()
	where := func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.Text != "" {
			q = q.Where("title LIKE ? ESCAPE '!'", "%"+escape.Replace(f.Text)+"%")
		}
		return f.apply(q, now)
	}
	p, err := s.count(ctx, where)
	if err != nil {
		return p, err
	}
	q := where(s.db.NewSelect().Model(&p.Items))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err = q.Order("id DESC").Limit(int64(f.Limit) + 1).Scan(ctx)
	p.turn(f.Limit)
	return p, db.Translate(err)
}

// Tally counts the published tenders by state as at now, for the home page
// and dashboards; buyer narrows it to one bureau's, drafts included.
func (s *Service) Tally(ctx context.Context, buyer id.ID) (map[State]int64, error) {
	var rows []struct {
		State State
		Past  bool
		N     int64
	}
	q := s.db.NewSelect().Model((*Tender)(nil)).
		ColumnExpr("state, (deadline IS NOT NULL AND deadline <= ?) AS past, count(*) AS n", s.clock.Now()).
		GroupExpr("state, past")
	if buyer != "" {
		q = q.Where("buyer = ?", buyer)
	} else {
		q = q.Where("published_at IS NOT NULL")
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, db.Translate(err)
	}
	out := map[State]int64{}
	for _, r := range rows {
		if r.State == Open && r.Past {
			r.State = Closed
		}
		out[r.State] += r.N
	}
	return out, nil
}
