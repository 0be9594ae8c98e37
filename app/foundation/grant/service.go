package grant

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/delivery/engagement"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/payment"
	"gongji/app/foundation/review"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Rooms are the services that a grant works with.
type Rooms struct {
	Calls        *call.Service
	Applications *application.Service
	Reviews      *review.Service
	Funds        *fund.Service
	Payments     *payment.Service
	Engagements  *engagement.Service
	Archive      *archive.Service
}

// Service decides on applications and follows the grants.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	calendar *calendar.Calendar
	site     string
	Rooms
}

// New makes the service and holds payments of grants to their milestones.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, r Rooms, days *calendar.Calendar, site string) *Service {
	s := &Service{db: d, clock: c, policy: p, calendar: days, site: site, Rooms: r}
	r.Payments.Instalment, r.Payments.Reserved = s.instalment, s.reserved
	r.Calls.AfterCancel(s.cancelled)
	return s
}

func relations(who party.Actor, g Grant) []string {
	rel := who.Relations()
	switch who.Org {
	case "":
	case g.Organisation:
		rel = append(rel, "grantee", "grantee."+string(who.Role))
	case g.Foundation:
		rel = append(rel, "grantor", "grantor."+string(who.Role))
	}
	return rel
}

// stage is the grant's state as the policy knows it.
func (g Grant) stage() string {
	if g.EndedAt != nil && g.State == Signed {
		return "ended"
	}
	return string(g.State)
}

// Require is the one authorisation function, for a grant already read.
func (s *Service) Require(who party.Actor, g Grant, action string) error {
	return s.policy.Require(relations(who, g), ObjectKind+"."+g.stage(), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, g Grant, action string) bool {
	return s.Require(who, g, action) == nil
}

// May is Require by id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, grant id.ID, action string) error {
	g, err := read(ctx, s.db, grant)
	if err != nil {
		return err
	}
	return s.Require(who, g, action)
}

// MayFile guards the agreement and the files of reports: only the two sides
// see them.
func (s *Service) MayFile(ctx context.Context, who party.Actor, grant id.ID, action string) error {
	if action == "view" {
		action = "follow"
	}
	return s.May(ctx, who, grant, action)
}

// Get reads a grant that the actor may view, with its milestones.
func (s *Service) Get(ctx context.Context, who party.Actor, grant id.ID) (Grant, []Milestone, error) {
	g, err := read(ctx, s.db, grant)
	if err == nil {
		err = s.Require(who, g, "view")
	}
	if err != nil {
		return Grant{}, nil, err
	}
	m, err := milestones(ctx, s.db, g.ID)
	return g, m, err
}

// Timeline lists what happened; the public sees the public events only.
func (s *Service) Timeline(ctx context.Context, who party.Actor, g Grant) ([]trail.Event, error) {
	return trail.Of(ctx, s.db, ObjectKind, g.ID, !s.Allowed(who, g, "follow"))
}

func read(ctx context.Context, d bun.IDB, grant id.ID) (Grant, error) {
	var g Grant
	err := d.NewSelect().Model(&g).Where("id = ?", grant).Scan(ctx)
	return g, db.Found(err, "资助")
}

func forUpdate(ctx context.Context, tx bun.Tx, grant id.ID) (Grant, error) {
	var g Grant
	err := db.Lock(tx.NewSelect().Model(&g).Where("id = ?", grant)).Scan(ctx)
	return g, db.Found(err, "资助")
}

func milestones(ctx context.Context, d bun.IDB, grant id.ID) ([]Milestone, error) {
	out := []Milestone{}
	err := d.NewSelect().Model(&out).ColumnExpr("milestone.*").ColumnExpr("p.id AS payment, COALESCE(p.state, '') AS payment_state, p.amount AS pay_amount, p.paid_at").
		Join("LEFT JOIN payment AS p ON p.award = milestone.award AND p.milestone = milestone.seq").
		Where("milestone.award = ?", grant).Order("milestone.seq").Scan(ctx)
	for i := range out {
		if out[i].PaidAt == nil {
			out[i].PaidAt = out[i].SettledOn
		}
	}
	return out, db.Translate(err)
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Call         id.ID
	Foundation   id.ID
	Organisation id.ID
	State        State
	Kind         call.Kind
	After        id.ID // keyset: rows with a smaller id, newest first
	Limit        int   // 0 means 20, at most 200
}

func (x Filter) where(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	if who.Org == "" || who.Org != x.Foundation && who.Org != x.Organisation {
		q = q.Where("state IN (?)", bun.List([]State{Signed, Graduated}))
	}
	for _, c := range []struct {
		column string
		value  string
	}{{"call", string(x.Call)}, {"foundation", string(x.Foundation)}, {"organisation", string(x.Organisation)}, {"state", string(x.State)}, {"kind", string(x.Kind)}} {
		if c.value != "" {
			q = q.Where("? = ?", bun.Ident(c.column), c.value)
		}
	}
	return q
}

// List gives grants, newest first: those that were accepted are public, the
// others are for the two sides, who ask with their own id.
func (s *Service) List(ctx context.Context, who party.Actor, x Filter) ([]Grant, error) {
	if x.Limit <= 0 || x.Limit > 200 {
		x.Limit = 20
	}
	out := []Grant{}
	q := x.where(s.db.NewSelect().Model(&out), who).Order("id DESC").Limit(int64(x.Limit))
	if x.After != "" {
		q = q.Where("id < ?", x.After)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// Count is how long List is altogether.
func (s *Service) Count(ctx context.Context, who party.Actor, x Filter) (int, error) {
	n, err := x.where(s.db.NewSelect().Model((*Grant)(nil)), who).Count(ctx)
	return int(n), db.Translate(err)
}

// OfApplication finds the grant of an application that the actor may view;
// NotFound where there is none. A refused one counts.
func (s *Service) OfApplication(ctx context.Context, who party.Actor, app id.ID) (Grant, error) {
	var g Grant
	err := s.db.NewSelect().Model(&g).Where("application = ?", app).Order("id DESC").Limit(1).Scan(ctx)
	if err = db.Found(err, "资助"); err == nil {
		err = s.Require(who, g, "view")
	}
	return g, err
}

// Decisions lists the decisions on an application, the last first, each with
// its appeal; the caller has authorised the view of the application.
func (s *Service) Decisions(ctx context.Context, app id.ID) ([]Decision, error) {
	out := []Decision{}
	if err := s.db.NewSelect().Model(&out).Where("application = ?", app).Order("seq DESC").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for i := range out {
		var a Appeal
		err := db.Found(s.db.NewSelect().Model(&a).Where("decision = ?", out[i].ID).Scan(ctx), "申诉")
		if err == nil {
			out[i].Appeal = &a
		} else if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	return out, nil
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, kind string, of id.ID, e trail.Event) error {
	e.ObjectKind, e.ObjectID = kind, of
	return trail.Append(ctx, tx, who, at, e)
}
