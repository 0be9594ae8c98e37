package disclosure

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

const noun = "信息公开"

func read(ctx context.Context, d bun.IDB, disclosure id.ID, lock bool) (Disclosure, error) {
	var x Disclosure
	q := d.NewSelect().Model(&x).Where("id = ?", disclosure)
	if lock {
		q = db.Lock(q)
	}
	err := q.Scan(ctx)
	return x, db.Found(err, noun)
}

// save writes a draft that was read at its Version, and counts it up.
func save(ctx context.Context, tx bun.Tx, x *Disclosure) error {
	was := x.Version
	x.Version++
	return db.One(tx.NewUpdate().Model(x).ExcludeColumn("id", "foundation", "subject_kind", "subject", "kind", "edition", "corrects", "created_at", "drafted_by").
		Where("id = ? AND version = ?", x.ID, was).Exec(ctx))
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Foundation id.ID // of one foundation; its own staff also see drafts then
	Subject    id.ID
	Kind       Kind
	State      State
	Late       bool   // published after its deadline
	Text       string // part of the subject's name, the number or the words
	After      id.ID  // keyset: rows with a smaller id, newest first
	Limit      int    // 0 means 20, at most 200
}

var like = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (f Filter) where(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	if f.Foundation == "" || who.Org != f.Foundation {
		q = q.Where("state IN (?)", bun.List([]State{Published, Corrected}))
	} else {
		q = q.Where("state <> ?", Dropped)
	}
	for _, c := range []struct{ column, value string }{{"foundation", string(f.Foundation)}, {"subject", string(f.Subject)}, {"kind", string(f.Kind)}, {"state", string(f.State)}} {
		if c.value != "" {
			q = q.Where("? = ?", bun.Ident(c.column), c.value)
		}
	}
	if f.Late {
		q = q.Where("due_at IS NOT NULL AND published_at > due_at")
	}
	if t := strings.TrimSpace(f.Text); t != "" {
		q = q.Where("subject_name || ' ' || COALESCE(number, '') || ' ' || summary LIKE ? ESCAPE '!'", "%"+like.Replace(t)+"%")
	}
	return q
}

// List gives the disclosures that the actor may view, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, f Filter) ([]Disclosure, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 20
	}
	out := []Disclosure{}
	q := f.where(s.db.NewSelect().Model(&out), who).Order("id DESC").Limit(int64(f.Limit))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// Count is how long List is altogether.
func (s *Service) Count(ctx context.Context, who party.Actor, f Filter) (int, error) {
	n, err := f.where(s.db.NewSelect().Model((*Disclosure)(nil)), who).Count(ctx)
	return int(n), db.Translate(err)
}

// done is what was published of some subjects, by the first editions: a
// correction meets no other deadline.
func done(ctx context.Context, d bun.IDB, which func(*bun.SelectQuery) *bun.SelectQuery) (map[id.ID][]Done, error) {
	var rows []struct {
		Subject     id.ID
		Kind        Kind
		FromAt      time.Time
		ToAt        time.Time
		PublishedAt time.Time
	}
	err := which(d.NewSelect().Model((*Disclosure)(nil)).Column("subject", "kind", "from_at", "to_at", "published_at").
		Where("corrects IS NULL AND state IN (?)", bun.List([]State{Published, Corrected}))).Scan(ctx, &rows)
	out := map[id.ID][]Done{}
	for _, r := range rows {
		out[r.Subject] = append(out[r.Subject], Done{r.Kind, r.FromAt, r.ToAt, r.PublishedAt})
	}
	return out, db.Translate(err)
}
