package question

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// What a filter's State tells apart.
const (
	Answered   = "answered"
	Unanswered = "waiting"
	Mine       = "mine" // asked by the actor
)

// Filter narrows a list; zero fields do not.
type Filter struct {
	Text  string // in the question or the answer
	State string // Answered, Unanswered, Mine
	After id.ID  // keyset: what follows this question
	Limit int    // 0 means 20, at most 200
}

// Page is one page of a list, newest first.
type Page struct {
	Items   []Question
	Total   int   // that match
	Waiting int   // that the actor sees and that nobody has answered
	Next    id.ID // "" on the last
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// List gives the questions of a tender's project: the answered ones to all, the
// others to the buyer's people and each asker's own to them.
func (s *Service) List(ctx context.Context, who party.Actor, at id.ID, f Filter) (Page, error) {
	t, err := s.tenders.Get(ctx, who, at)
	if err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 {
		f.Limit = 20
	}
	f.Limit, f.Text = min(f.Limit, 200), strings.TrimSpace(f.Text)
	seen := func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("project = ?", t.ProjectID())
		if !s.tenders.Allowed(who, t, "follow") {
			q = q.Where("(answered_at IS NOT NULL OR asker_account = ?)", who.Account)
		}
		return q
	}
	p := Page{Items: []Question{}}
	err = seen(s.db.NewSelect().Model((*Question)(nil)).ColumnExpr("count(*)")).Where("answered_at IS NULL").Scan(ctx, &p.Waiting)
	if err != nil {
		return p, db.Translate(err)
	}
	where := func(q *bun.SelectQuery) *bun.SelectQuery { return f.apply(seen(q), who) }
	if err := where(s.db.NewSelect().Model((*Question)(nil)).ColumnExpr("count(*)")).Scan(ctx, &p.Total); err != nil {
		return p, db.Translate(err)
	}
	q := where(s.db.NewSelect().Model(&p.Items).Column("id", "project", "body", "asked_at", "answer", "answered_at").
		ColumnExpr("asker_account = ? AS mine", who.Account))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err = q.Order("id DESC").Limit(int64(f.Limit) + 1).Scan(ctx)
	if len(p.Items) > f.Limit {
		p.Items = p.Items[:f.Limit]
		p.Next = p.Items[f.Limit-1].ID
	}
	return p, db.Translate(err)
}

func (f Filter) apply(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	if f.Text != "" {
		like := "%" + escape.Replace(f.Text) + "%"
		q = q.Where("(body LIKE ? ESCAPE '!' OR answer LIKE ? ESCAPE '!')", like, like)
	}
	switch f.State {
	case Answered:
		q = q.Where("answered_at IS NOT NULL")
	case Unanswered:
		q = q.Where("answered_at IS NULL")
	case Mine:
		q = q.Where("asker_account = ?", who.Account)
	}
	return q
}
