package application

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

const noun = "申请"

// Read reads an application; the caller authorises.
func Read(ctx context.Context, d bun.IDB, application id.ID) (Application, error) {
	var a Application
	err := d.NewSelect().Model(&a).Where("id = ?", application).Scan(ctx)
	return a.ready(), db.Found(err, noun)
}

// ForUpdate reads an application and locks its row for the transaction.
func ForUpdate(ctx context.Context, tx bun.Tx, application id.ID) (Application, error) {
	var a Application
	err := db.Lock(tx.NewSelect().Model(&a).Where("id = ?", application)).Scan(ctx)
	return a.ready(), db.Found(err, noun)
}

func (a Application) ready() Application {
	if a.Versions == nil {
		a.Versions = map[string]int64{}
	}
	return a
}

func ofOrg(ctx context.Context, d bun.IDB, to, org id.ID) (Application, error) {
	var a Application
	err := d.NewSelect().Model(&a).Where("call = ? AND organisation = ?", to, org).Scan(ctx)
	return a.ready(), db.Found(err, noun)
}

// Own finds the application of the actor's organisation to a call; NotFound
// where there is none.
func (s *Service) Own(ctx context.Context, who party.Actor, to id.ID) (Application, error) {
	return ofOrg(ctx, s.db, to, who.Org)
}

func save(ctx context.Context, tx bun.IDB, a *Application) error {
	was := a.Version
	a.Version++
	return db.One(tx.NewUpdate().Model(a).ExcludeColumn("id", "call", "foundation", "organisation", "created_at", "created_by").
		Where("id = ? AND version = ?", a.ID, was).Exec(ctx))
}

// Sent lists the applications of a call in given states, in the order of their
// numbers, without what was typed in them: four hundred are listed at once. The
// caller authorises.
func Sent(ctx context.Context, d bun.IDB, to id.ID, states ...State) ([]Application, error) {
	out := []Application{}
	err := d.NewSelect().Model(&out).ExcludeColumn("form", "versions").Where("call = ? AND state IN (?)", to, bun.List(states)).Order("number").Scan(ctx)
	return out, db.Translate(err)
}

// Undecided counts the applications of a call that wait for a decision.
func Undecided(ctx context.Context, d bun.IDB, to id.ID) (int, error) {
	n, err := d.NewSelect().Model((*Application)(nil)).Where("call = ? AND state = ?", to, Submitted).Count(ctx)
	return int(n), db.Translate(err)
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Call  id.ID
	State State
	// Review narrows by the last outcome: "passed", "failed", "none".
	Review string
	Text   string // part of the organisation's name, the title or the number
	After  id.ID  // keyset: rows with a smaller id, newest first
	Limit  int    // 0 means 20, at most 200
}

func (x Filter) where(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	if (who.OrgKind == party.Foundation || who.OrgKind == party.Bureau) && who.Org != "" {
		q = q.Where("foundation = ? AND state <> ?", who.Org, Draft)
	} else {
		q = q.Where("organisation = ?", who.Org)
	}
	if x.Call != "" {
		q = q.Where("call = ?", x.Call)
	}
	if x.State != "" {
		q = q.Where("state = ?", x.State)
	}
	outcome := "SELECT o.passed FROM review_outcome AS o WHERE o.application = application.id ORDER BY o.round DESC LIMIT 1"
	switch x.Review {
	case "passed", "failed":
		q = q.Where("("+outcome+") = ?", x.Review == "passed")
	case "none":
		q = q.Where("NOT EXISTS (SELECT 1 FROM review_outcome AS o WHERE o.application = application.id)")
	}
	if x.Text != "" {
		q = q.Where("org_name || ' ' || title || ' ' || COALESCE(number, '') LIKE ? ESCAPE '!'", "%"+escape.Replace(x.Text)+"%")
	}
	return q
}

// List gives an organisation its own applications, a foundation those that
// were sent to it, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, x Filter) ([]Application, error) {
	if x.Limit <= 0 || x.Limit > 200 {
		x.Limit = 20
	}
	out := []Application{}
	q := x.where(s.db.NewSelect().Model(&out), who).Order("id DESC").Limit(int64(x.Limit))
	if x.After != "" {
		q = q.Where("id < ?", x.After)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// Count is how long List is altogether.
func (s *Service) Count(ctx context.Context, who party.Actor, x Filter) (int, error) {
	n, err := x.where(s.db.NewSelect().Model((*Application)(nil)), who).Count(ctx)
	return int(n), db.Translate(err)
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")
