package challenge

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/procurement/award"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/framework"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Rooms are the services a case works with.
type Rooms struct {
	Organisations *organisation.Service
	Tenders       *tender.Service
	Awards        *award.Service
	Frameworks    *framework.Service
	Contracts     *contract.Service
	Archive       *archive.Service
	Files         *attachment.Service
}

// Service decides what happens to queries, challenges and complaints.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	calendar *calendar.Calendar
	site     string
	took     []func(ctx context.Context, d bun.IDB, tender, supplier id.ID) (bool, error)
	Rooms
}

// New makes the service. site is the public address that documents point to.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, r Rooms, cal *calendar.Calendar, site string) *Service {
	return &Service{db: d, clock: c, policy: p, calendar: cal, site: site, Rooms: r}
}

func relations(who party.Actor, x Case) []string {
	rel := who.Relations()
	if who.Org == "" {
		return rel
	}
	if who.Org == x.Raiser {
		rel = append(rel, "raiser."+string(who.Role))
	}
	if who.Org == x.Buyer {
		// Whoever drafted an answer never approves it.
		if who.Role != party.Approver || x.AnsweredBy == nil || *x.AnsweredBy != who.Account {
			rel = append(rel, "buyer."+string(who.Role))
		}
	}
	return rel
}

func (x Case) object() string { return string(x.Kind) + "." + string(x.State) }

// May is the one authorisation function of a case: its raiser's people and its
// buyer's, nobody else.
func (s *Service) May(ctx context.Context, who party.Actor, at id.ID, action string) error {
	x, err := read(ctx, s.db, at)
	if err != nil {
		return err
	}
	return s.policy.Require(relations(who, x), x.object(), action)
}

// Allowed reports whether an action is open to the actor, for showing forms.
func (s *Service) Allowed(who party.Actor, x Case, action string) bool {
	return s.policy.Any(relations(who, x), x.object(), action)
}

// Get reads a case for its parties. What the buyer is drafting is the buyer's
// alone until it is approved.
func (s *Service) Get(ctx context.Context, who party.Actor, at id.ID) (Case, error) {
	x, err := read(ctx, s.db, at)
	if err == nil {
		err = s.policy.Require(relations(who, x), x.object(), "view")
	}
	if err != nil {
		return Case{}, err
	}
	return x.seenBy(who), nil
}

func (x Case) seenBy(who party.Actor) Case {
	if who.Org == x.Raiser && !x.Over() && x.Kind != Complaint {
		x.Answer, x.Grounds, x.Outcome, x.Effect, x.Reason = "", "", "", "", ""
	}
	return x
}

// Events is what happened in a case, for its parties.
func (s *Service) Events(ctx context.Context, x Case) ([]trail.Event, error) {
	return trail.Of(ctx, s.db, ObjectKind, x.ID, false)
}

// Clocks are the dates that run in a case.
func (s *Service) Clocks(ctx context.Context, x Case) ([]Clock, error) {
	t, err := tender.Read(ctx, s.db, x.Tender)
	if err != nil {
		return nil, err
	}
	set, err := t.RuleSet(s.clock.Now())
	if err != nil {
		return nil, err
	}
	return Clocks(x, set, s.calendar)
}

// Windows are the periods of a published tender's three stages as at now.
func (s *Service) Windows(ctx context.Context, t tender.Tender) ([]Window, error) {
	now := s.clock.Now()
	set, err := t.RuleSet(now)
	if err != nil {
		return nil, err
	}
	out := make([]Window, 0, len(Stages))
	for _, stage := range Stages {
		w, err := windowOf(ctx, s.db, t, set, stage, now, s.calendar)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// ComplainUntil is until when a complaint may follow an answered 质疑, with
// whether that is open now.
func (s *Service) ComplainUntil(ctx context.Context, x Case) (Clock, bool, error) {
	t, err := tender.Read(ctx, s.db, x.Tender)
	if err != nil {
		return Clock{}, false, err
	}
	now := s.clock.Now()
	set, err := t.RuleSet(now)
	if err != nil {
		return Clock{}, false, err
	}
	c, err := s.mayComplain(x, set, now)
	return c, err == nil, nil
}

// Outcomes are the cases of a tender that are over, as everybody may know
// them: queries stay between the two.
func (s *Service) Outcomes(ctx context.Context, tenderID id.ID) ([]Public, error) {
	var list []Case
	err := s.db.NewSelect().Model(&list).Where("tender = ? AND kind <> ? AND state IN (?, ?, ?)", tenderID, Query, Answered, Decided, Refused).Order("id").Scan(ctx)
	out := make([]Public, 0, len(list))
	for _, x := range list {
		p := Public{Number: x.Number, Kind: x.Kind, Stage: x.Stage, Outcome: x.Outcome, Effect: x.Effect, DecidedAt: x.DecidedAt, Follows: x.Follows()}
		if x.Kind == Complaint && x.State == Decided {
			p.Raiser, p.Answer, p.Authority, p.Letter = x.RaiserName, x.Answer, x.Authority, x.Letter
		}
		out = append(out, p)
	}
	return out, db.Translate(err)
}

// Of lists the cases of a tender that the actor is a party to.
func (s *Service) Of(ctx context.Context, who party.Actor, tenderID id.ID) ([]Case, error) {
	return s.list(ctx, who, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("tender = ?", tenderID).Limit(100) })
}

// Filter narrows the cases of an organisation; zero fields do not.
type Filter struct {
	Waiting bool   // those that are not over
	Kind    Kind   //
	Text    string // in the number, the raiser's name or the title of the purchase
	After   id.ID  // keyset: cases raised before this one
	Limit   int    // 0 means 50, at most 200
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (f Filter) of(q *bun.SelectQuery) *bun.SelectQuery {
	if f.Waiting {
		q = q.Where("state IN (?, ?, ?, ?, ?)", Open, Drafted, Filed, Mending, Accepted)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		like := "%" + escape.Replace(text) + "%"
		q = q.Where("(number LIKE ? ESCAPE '!' OR raiser_name LIKE ? ESCAPE '!' OR tender IN (SELECT id FROM tender WHERE title LIKE ? ESCAPE '!'))", like, like, like)
	}
	return q
}

// List is the cases of the actor's organisation, the newest first.
func (s *Service) List(ctx context.Context, who party.Actor, f Filter) ([]Case, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	return s.list(ctx, who, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.After != "" {
			q = q.Where("id < ?", f.After)
		}
		return f.of(q).Limit(int64(f.Limit))
	})
}

// Count says how many cases a filter finds for the actor.
func (s *Service) Count(ctx context.Context, who party.Actor, f Filter) (int, error) {
	if !s.sees(who) {
		return 0, nil
	}
	n, err := f.of(s.db.NewSelect().Model((*Case)(nil)).Where("(raiser = ? OR buyer = ?)", who.Org, who.Org)).Count(ctx)
	return int(n), db.Translate(err)
}

// sees reports whether the actor may look at the cases of their organisation.
func (s *Service) sees(who party.Actor) bool {
	return who.Org != "" && (s.Allowed(who, Case{Kind: Challenge, Raiser: who.Org, State: Open}, "view") || s.Allowed(who, Case{Kind: Challenge, Buyer: who.Org, State: Open}, "view"))
}

func (s *Service) list(ctx context.Context, who party.Actor, where func(*bun.SelectQuery) *bun.SelectQuery) ([]Case, error) {
	var all []Case
	out := []Case{}
	if !s.sees(who) {
		return out, nil
	}
	q := s.db.NewSelect().Model(&all).Where("(raiser = ? OR buyer = ?)", who.Org, who.Org).Order("id DESC")
	if err := where(q).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for _, x := range all {
		if s.Allowed(who, x, "view") {
			out = append(out, x.seenBy(who))
		}
	}
	return out, nil
}

// Titles are the titles of the purchases that cases are about, by tender.
func (s *Service) Titles(ctx context.Context, list []Case) (map[id.ID]string, error) {
	out := map[id.ID]string{}
	if len(list) == 0 {
		return out, nil
	}
	var at []id.ID
	for _, x := range list {
		at = append(at, x.Tender)
	}
	var rows []struct {
		ID    id.ID  `bun:"id"`
		Title string `bun:"title"`
	}
	err := s.db.NewSelect().TableExpr("tender").Column("id", "title").Where("id IN (?)", bun.List(at)).Scan(ctx, &rows)
	for _, x := range rows {
		out[x.ID] = x.Title
	}
	return out, db.Translate(err)
}

// Attachments are the files of a case, for its parties.
func (s *Service) Attachments(ctx context.Context, who party.Actor, at id.ID) ([]attachment.Attachment, error) {
	return s.Files.For(ctx, who, ObjectKind, at)
}

func read(ctx context.Context, d bun.IDB, at id.ID) (Case, error) {
	var x Case
	err := db.Found(d.NewSelect().Model(&x).Where("id = ?", at).Scan(ctx), "质疑投诉")
	return x, err
}

// change is the frame of every later step: the tender's row is locked first,
// as everywhere, then the case is read, authorised, decided and written.
func (s *Service) change(ctx context.Context, who party.Actor, at id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, t *tender.Tender, x *Case, set rules.Set, now time.Time) error) (Case, error) {
	var out Case
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err := read(ctx, tx, at)
		if err != nil {
			return err
		}
		t, err := tender.ForUpdate(ctx, tx, x.Tender)
		if err != nil {
			return err
		}
		if x, err = read(ctx, tx, at); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.policy.Require(relations(who, x), x.object(), action); err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		if err := do(ctx, tx, &t, &x, set, now); err != nil {
			return err
		}
		was := x.Version
		x.Version++
		out = x
		return db.One(tx.NewUpdate().Model(&x).Where("id = ? AND version = ?", x.ID, was).Exec(ctx))
	})
	return out.seenBy(who), err
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, x Case, action, text, article string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: ObjectKind, ObjectID: x.ID, Action: action, Note: text, Article: article})
}

// public puts an event on the tender's own timeline, for everybody.
func public(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, x Case, action, text, article string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "tender", ObjectID: x.Tender, Action: action, Note: text, Article: article, Public: true})
}

func needText(c *fault.Check, field, text, ask string) {
	c.Must(text != "", field, "%s", ask)
	c.Must(len([]rune(text)) <= 4000, field, "不超过 4000 个字")
}
