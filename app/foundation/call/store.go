package call

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Read reads a call; the caller authorises.
func Read(ctx context.Context, d bun.IDB, call id.ID) (Call, error) {
	var c Call
	err := d.NewSelect().Model(&c).Where("id = ?", call).Scan(ctx)
	return c, db.Found(err, "公益创投或孵化项目")
}

// ForUpdate reads a call and locks its row for the transaction.
func ForUpdate(ctx context.Context, tx bun.IDB, call id.ID) (Call, error) {
	var c Call
	err := db.Lock(tx.NewSelect().Model(&c).Where("id = ?", call)).Scan(ctx)
	return c, db.Found(err, "公益创投或孵化项目")
}

func save(ctx context.Context, tx bun.IDB, c *Call) error {
	was := c.Version
	c.Version++
	return db.One(tx.NewUpdate().Model(c).ExcludeColumn("id", "foundation", "created_at", "drafted_by").
		Where("id = ? AND version = ?", c.ID, was).Exec(ctx))
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Foundation id.ID // of one foundation; its own staff also see drafts then
	Kind       Kind
	State      State
	Text       string // part of the title, the summary, the foundation's name or the region
	After      id.ID  // keyset: rows with a smaller id, newest first
	Limit      int    // 0 means 20, at most 200

	found []id.ID // what the search gave for Text
}

var like = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (x Filter) where(q *bun.SelectQuery, who party.Actor, now time.Time) *bun.SelectQuery {
	if x.Foundation != "" {
		q = q.Where("foundation = ?", x.Foundation)
	}
	if x.Foundation == "" || who.Org != x.Foundation {
		q = q.Where("state IN (?)", bun.List([]State{Published, Decided, Cancelled}))
	}
	if x.Kind != "" {
		q = q.Where("kind = ?", x.Kind)
	}
	switch x.State {
	case "":
	case Published:
		q = q.Where("state = ? AND deadline > ?", Published, now)
	case Closed:
		q = q.Where("state = ? AND deadline <= ?", Published, now)
	default:
		q = q.Where("state = ?", x.State)
	}
	if x.found != nil {
		q = q.Where("id IN (?)", bun.List(x.found))
	} else if t := strings.TrimSpace(x.Text); t != "" {
		q = q.Where("title || ' ' || summary || ' ' || foundation_name || ' ' || region LIKE ? ESCAPE '!'", "%"+like.Replace(t)+"%")
	}
	return q
}

// List gives the calls that the actor may view, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, x Filter) ([]Call, error) {
	if x.Limit <= 0 || x.Limit > 200 {
		x.Limit = 20
	}
	out := []Call{}
	x, err := s.seek(ctx, x)
	if err != nil || x.found != nil && len(x.found) == 0 {
		return out, err
	}
	q := x.where(s.db.NewSelect().Model(&out), who, s.clock.Now()).Order("id DESC").Limit(int64(x.Limit))
	if x.After != "" {
		q = q.Where("id < ?", x.After)
	}
	err = q.Scan(ctx)
	return out, db.Translate(err)
}

// Count is how long List is altogether.
func (s *Service) Count(ctx context.Context, who party.Actor, x Filter) (int, error) {
	x, err := s.seek(ctx, x)
	if err != nil || x.found != nil && len(x.found) == 0 {
		return 0, err
	}
	n, err := x.where(s.db.NewSelect().Model((*Call)(nil)), who, s.clock.Now()).Count(ctx)
	return int(n), db.Translate(err)
}

// seek asks the search for what the public types: every word, wherever it
// stands. A host's own list has drafts, which are not indexed.
func (s *Service) seek(ctx context.Context, x Filter) (Filter, error) {
	if x.Foundation != "" || strings.TrimSpace(x.Text) == "" {
		return x, nil
	}
	r, err := search.Find(ctx, s.db, search.Call, x.Text, search.Most)
	if err == nil && !r.Blank {
		x.found = append([]id.ID{}, r.IDs...)
	}
	return x, err
}

// Closing lists the calls that take applications, those that close first
// before the others, and says how many there are.
func (s *Service) Closing(ctx context.Context, most int) ([]Call, int, error) {
	out := []Call{}
	open := Filter{State: Published}
	q := open.where(s.db.NewSelect().Model(&out), party.Actor{}, s.clock.Now()).Order("deadline", "id").Limit(int64(most))
	if err := q.Scan(ctx); err != nil {
		return nil, 0, db.Translate(err)
	}
	n, err := s.Count(ctx, party.Actor{}, open)
	return out, n, err
}

// ForShare reads a call and keeps it as it is for the transaction, beside
// others who do the same: many organisations send at once.
func ForShare(ctx context.Context, tx bun.Tx, call id.ID) (Call, error) {
	var c Call
	q := tx.NewSelect().Model(&c).Where("id = ?", call)
	if db.Postgres(tx) {
		q = q.For("SHARE")
	}
	err := q.Scan(ctx)
	return c, db.Found(err, "公益创投或孵化项目")
}
