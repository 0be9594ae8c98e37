package tender

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/catalogue"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service decides what happens to a tender until bids come in, and moves its
// state for the packages that decide what happens after.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	calendar *calendar.Calendar

	gates, lastGates []Gate
	published        []func(context.Context, bun.Tx, []Tender, time.Time) error
	told             []func(context.Context, bun.Tx, News) error
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, cal *calendar.Calendar) *Service {
	return &Service{db: d, clock: c, policy: p, calendar: cal}
}

// Relations are what an actor is to a tender. Whoever drafted it is never its
// approver. That a supplier is also registered and in good standing is asked
// where it takes part (organisation.Service.Approved), inside the transaction.
func Relations(who party.Actor, t Tender) []string {
	rel := who.Relations()
	switch {
	case who.Org == "":
	case who.Org == t.Buyer:
		rel = append(rel, "buyer")
		if who.Account == t.DraftedBy {
			rel = append(rel, "buyer.drafter")
		}
		if who.Role != party.Approver || who.Account != t.DraftedBy {
			rel = append(rel, "buyer."+string(who.Role))
		}
	case who.OrgKind == party.Social && t.Invites(who.Org):
		rel = append(rel, "supplier", "supplier."+string(who.Role))
	}
	if t.Invites(who.Org) {
		rel = append(rel, "reader")
	}
	return rel
}

// Require is the one authorisation function, for a tender already read.
func (s *Service) Require(who party.Actor, t Tender, action string) error {
	return s.policy.Require(Relations(who, t), t.Object(s.clock.Now()), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, t Tender, action string) bool {
	return s.Require(who, t, action) == nil
}

// May is Require by id; it fits access.Registry. What hangs on a tender that
// invites its suppliers is its documents: whoever may view the notice alone may
// not view them, its panel may.
func (s *Service) May(ctx context.Context, who party.Actor, tender id.ID, action string) error {
	t, err := read(ctx, s.db, tender)
	if err != nil {
		return err
	}
	if err := s.Require(who, t, action); err != nil || action != "view" {
		return err
	}
	if may, err := s.Documents(ctx, who, t); err != nil || may {
		return err
	}
	return s.Require(who, t, "documents")
}

// Get reads a tender that the actor may view: the public from publication on,
// its buyer always.
func (s *Service) Get(ctx context.Context, who party.Actor, tender id.ID) (Tender, error) {
	t, err := read(ctx, s.db, tender)
	if err == nil {
		err = s.Require(who, t, "view")
	}
	if err != nil {
		return Tender{}, err
	}
	if t.Restricted() && !s.Allowed(who, t, "documents") {
		t.noticeOnly()
	}
	return t, nil
}

// Now is the moment the service decides by, for showing states and countdowns.
func (s *Service) Now() time.Time { return s.clock.Now() }

// Timeline lists what happened; the public sees the public events only.
func (s *Service) Timeline(ctx context.Context, who party.Actor, tender id.ID) ([]trail.Event, error) {
	t, err := s.Get(ctx, who, tender)
	if err != nil {
		return nil, err
	}
	return s.TimelineOf(ctx, who, t)
}

// TimelineOf is Timeline of a tender that the actor has just been given.
func (s *Service) TimelineOf(ctx context.Context, who party.Actor, t Tender) ([]trail.Event, error) {
	return trail.Of(ctx, s.db, "tender", t.ID, !s.Allowed(who, t, "follow"))
}

// Documents reports whether the actor may have the documents of a tender they
// may view: those of a tender that invites its suppliers are for these, its
// buyer and its panel.
func (s *Service) Documents(ctx context.Context, who party.Actor, t Tender) (bool, error) {
	if !t.Restricted() || s.Allowed(who, t, "documents") {
		return true, nil
	}
	if !who.SignedIn() {
		return false, nil
	}
	on, err := s.db.NewSelect().TableExpr("panel_member").Where("tender = ? AND account = ?", t.ID, who.Account).Exists(ctx)
	return on, db.Translate(err)
}

// Create starts an empty draft of the actor's own bureau.
func (s *Service) Create(ctx context.Context, who party.Actor, p Patch) (Tender, error) {
	if err := s.policy.Require(who.Relations(), "tender.new", "create"); err != nil {
		return Tender{}, err
	}
	now := s.clock.Now()
	t := Tender{ID: id.New(now), Buyer: who.Org, BuyerName: who.OrgName, State: Draft, Version: 1,
		DraftedBy: who.Account, Marks: []string{}, CreatedAt: now, UpdatedAt: now}
	if err := t.typed(p, now); err != nil {
		return Tender{}, err
	}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&t).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, t.ID, "新建草稿", "", "", false)
	})
	return t, err
}

// typed puts what was typed into the form and what can be read of it into the facts.
func (t *Tender) typed(p Patch, now time.Time) error {
	if err := t.Form.apply(p); err != nil {
		return err
	}
	var ignored fault.Check // complaints are for the check page; typing goes on
	t.Facts = t.Form.facts(&ignored)
	if e, ok := catalogue.At(now).Find(t.CatalogueCode); ok {
		t.CatalogueName = e.Name
	}
	return nil
}

// SaveDraft keeps what was typed, valid or not. A version of 0 saves over
// whatever is there, field by field; another must be the draft's.
func (s *Service) SaveDraft(ctx context.Context, who party.Actor, tender id.ID, version int64, p Patch) (Tender, error) {
	return s.change(ctx, who, tender, "edit", func(_ context.Context, _ bun.Tx, t *Tender, now time.Time) error {
		if version != 0 && version != t.Version {
			return fault.New(fault.Conflict, "这份草稿刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		return t.typed(p, now)
	})
}

// Missing lists everything that keeps a draft from being submitted now.
func (s *Service) Missing(ctx context.Context, t Tender) ([]fault.Field, error) {
	return fault.Complaints(s.complete(ctx, s.db, &t, s.clock.Now()))
}

// complete is the full check of a draft, as at now.
func (s *Service) complete(ctx context.Context, d bun.IDB, t *Tender, now time.Time) error {
	var c fault.Check
	t.Facts = t.Form.facts(&c)
	check(&c, t.Form, &t.Facts, now, s.calendar)
	if err := errors.Join(s.invite(ctx, d, t, &c, now), ask(ctx, d, s.gates, *t, now, &c)); err != nil {
		return err
	}
	return c.Err()
}

// change is the frame of every mutation: lock, authorise, decide, write.
func (s *Service) change(ctx context.Context, who party.Actor, tender id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, t *Tender, now time.Time) error) (Tender, error) {
	var out Tender
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := ForUpdate(ctx, tx, tender)
		if err != nil {
			return err
		}
		now := s.clock.Now() // after the lock: waiting for it may have passed a deadline
		if err := s.policy.Require(Relations(who, t), t.Object(now), action); err != nil {
			return err
		}
		if err := do(ctx, tx, &t, now); err != nil {
			return err
		}
		t.UpdatedAt = now
		if err := save(ctx, tx, &t); err != nil {
			return err
		}
		out = t
		return nil
	})
	return out, err
}

// Advance moves a tender that was read ForUpdate in this transaction to
// another state, if the table of moves has the step, and writes it. The caller
// authorises, decides and records.
func (s *Service) Advance(ctx context.Context, tx bun.Tx, t *Tender, to State) error {
	if err := move(t.State, to); err != nil {
		return err
	}
	now := s.clock.Now()
	t.State, t.UpdatedAt = to, now
	if to == Failed || to == Cancelled || to == Completed {
		t.ClosedAt = &now
	}
	return save(ctx, tx, t)
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, tender id.ID, action, note, article string, public bool) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "tender", ObjectID: tender, Action: action, Note: note, Article: article, Public: public})
}
