package standing

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

func read(ctx context.Context, d bun.IDB, listing id.ID, lock bool) (Listing, error) {
	var l Listing
	q := d.NewSelect().Model(&l).Where("id = ?", listing)
	if lock {
		q = db.Lock(q)
	}
	err := db.Found(q.Scan(ctx), "信用名单记录")
	return l, err
}

func lockOrg(ctx context.Context, tx bun.Tx, org id.ID) error {
	var got string
	return db.Found(db.Lock(tx.NewSelect().TableExpr("organisation").ColumnExpr("id").Where("id = ?", org)).Scan(ctx, &got), "组织")
}

// findOrg reads an organisation by its code or id; the zero one where there is
// none that may be listed.
func findOrg(ctx context.Context, tx bun.Tx, code string) (organisation.Organisation, error) {
	var o organisation.Organisation
	err := db.Found(tx.NewSelect().Model(&o).Where("(uscc = ? OR id = ?) AND kind IN (?)", strings.ToUpper(code), code,
		bun.List([]party.OrgKind{party.Social, party.Foundation, party.Evaluator, party.Enterprise})).Scan(ctx), "组织")
	if fault.Is(err, fault.NotFound) {
		return organisation.Organisation{}, nil
	}
	return o, err
}

// home reads where an authority is, and whether it is made up.
func home(ctx context.Context, d bun.IDB, org id.ID) (region string, demo bool, err error) {
	err = d.NewSelect().TableExpr("organisation").Column("region", "demo").Where("id = ?", org).Scan(ctx, &region, &demo)
	return region, demo, db.Translate(err)
}

// Get reads a listing with what the actor may know of it: the decision is
// everybody's, the notice, the statement and the pleas are the parties'.
func (s *Service) Get(ctx context.Context, who party.Actor, listing id.ID) (Case, error) {
	l, err := read(ctx, s.db, listing, false)
	if err == nil {
		err = s.require(who, l, "view")
	}
	if err != nil {
		return Case{}, err
	}
	out := Case{Listing: l, StateNow: l.At(s.clock.Now())}
	inside := s.Allowed(who, l, "follow")
	if inside {
		out.Statement = l.Statement
		out.Pleas = []Plea{}
		if err := s.db.NewSelect().Model(&out.Pleas).Where("listing = ?", l.ID).Order("id").Scan(ctx); err != nil {
			return out, db.Translate(err)
		}
	}
	out.Timeline, err = trail.Of(ctx, s.db, ObjectKind, l.ID, !inside)
	return out, err
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Kind         string
	State        State
	Organisation id.ID
	Text         string // part of the organisation's name or the number
	Authority    id.ID  // of one authority: its own people also see notices then
	After        id.ID
	Limit        int // 0 means 20, at most 200
}

var like = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (s *Service) narrow(q *bun.SelectQuery, who party.Actor, f Filter, now time.Time) *bun.SelectQuery {
	own := who.Org != "" && (f.Authority == who.Org || f.Organisation == who.Org)
	if !own {
		q = q.Where("state IN (?)", bun.List([]State{InForce, Removed, Revoked}))
	}
	if f.Authority != "" {
		q = q.Where("authority = ?", f.Authority)
	}
	if f.Organisation != "" {
		q = q.Where("organisation = ?", f.Organisation)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	switch f.State {
	case "":
	case InForce:
		q = q.Where("state = ? AND (until_at IS NULL OR until_at > ?)", InForce, now)
	case Expired:
		q = q.Where("state = ? AND until_at <= ?", InForce, now)
	default:
		q = q.Where("state = ?", f.State)
	}
	if t := strings.TrimSpace(f.Text); t != "" {
		q = q.Where("org_name || ' ' || number LIKE ? ESCAPE '!'", "%"+like.Replace(t)+"%")
	}
	return q
}

// List gives listings the actor may view, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, f Filter) ([]Listing, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 20
	}
	out := []Listing{}
	q := s.narrow(s.db.NewSelect().Model(&out), who, f, s.clock.Now()).Order("id DESC").Limit(int64(f.Limit))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// Count says how many listings a filter finds for the actor.
func (s *Service) Count(ctx context.Context, who party.Actor, f Filter) (int, error) {
	n, err := s.narrow(s.db.NewSelect().Model((*Listing)(nil)), who, f, s.clock.Now()).Count(ctx)
	return int(n), db.Translate(err)
}

// Running lists what is in force against an organisation now, whatever it bars
// from; it is public.
func (s *Service) Running(ctx context.Context, org id.ID) ([]Listing, error) {
	now := s.clock.Now()
	var rows, out []Listing
	err := s.db.NewSelect().Model(&rows).Where("organisation = ? AND state = ?", org, InForce).Order("id DESC").Scan(ctx)
	for _, l := range rows {
		if l.Runs(now) {
			out = append(out, l)
		}
	}
	return out, db.Translate(err)
}

// Decided lists every listing of an organisation that was decided, whatever
// became of it, newest first; it is public.
func (s *Service) Decided(ctx context.Context, org id.ID) ([]Listing, error) {
	out := []Listing{}
	err := s.db.NewSelect().Model(&out).Where("organisation = ? AND state IN (?)", org, bun.List([]State{InForce, Removed, Revoked})).Order("id DESC").Limit(100).Scan(ctx)
	return out, db.Translate(err)
}

// Waiting counts what waits for the actor: notices to decide or pleas to answer
// for an authority, notices to answer for an organisation.
func (s *Service) Waiting(ctx context.Context, who party.Actor) ([]Listing, error) {
	out := []Listing{}
	if who.Org == "" {
		return out, nil
	}
	var rows []Listing
	err := s.db.NewSelect().Model(&rows).Where("authority = ? OR organisation = ?", who.Org, who.Org).
		Where("state = ? OR (state = ? AND EXISTS (SELECT 1 FROM listing_plea p WHERE p.listing = listing.id AND p.state = ?))", Noticed, InForce, Open).
		Order("id").Limit(100).Scan(ctx)
	now := s.clock.Now()
	for _, l := range rows {
		heard := l.StatementAt != nil || l.StatementUntil == nil || !now.Before(*l.StatementUntil)
		if s.Allowed(who, l, "decide") && heard || s.Allowed(who, l, "answer") || s.Allowed(who, l, "state") && !heard {
			out = append(out, l)
		}
	}
	return out, db.Translate(err)
}
