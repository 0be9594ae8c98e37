package tenderkey

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// ObjectKind is the kind of the keys of a tender; the id is the tender's.
const ObjectKind = "tenderkey"

// Service decides who holds the key of a tender.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy) *Service {
	return &Service{db: d, clock: c, policy: p}
}

// keys are the sets of a tender (of its project, where it is one of several
// packages: they share a key), as one transaction or one reader sees them.
type keys struct {
	tender.Tender
	now     *Key // in force; nil before anybody is named
	next    *Key // being handed to; nil while nothing is handed over
	decided time.Time
}

func (s *Service) load(ctx context.Context, d bun.IDB, t tender.Tender) (keys, error) {
	k := keys{Tender: t, decided: s.clock.Now()}
	var err error
	if k.now, err = current(ctx, d, t.ProjectID()); err == nil {
		k.next, err = incoming(ctx, d, t.ProjectID())
	}
	return k, err
}

// require is the one authorisation function, for a tender with its sets.
func (s *Service) require(who party.Actor, k keys, action string) error {
	rel := tender.Relations(who, k.Tender)
	if k.now != nil && k.now.Holder(who.Account) != nil {
		rel = append(rel, "holder")
	}
	if k.next != nil && k.next.Holder(who.Account) != nil {
		rel = append(rel, "heir")
	}
	return s.policy.Require(rel, ObjectKind+"."+string(k.StateAt(k.decided)), action)
}

// May is require by the tender's id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, of id.ID, action string) error {
	t, err := tender.Read(ctx, s.db, of)
	if err != nil {
		return err
	}
	k, err := s.load(ctx, s.db, t)
	if err != nil {
		return err
	}
	return s.require(who, k, action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(ctx context.Context, who party.Actor, of id.ID, action string) bool {
	return s.May(ctx, who, of, action) == nil
}

// change is the frame of every mutation: lock the project, authorise, decide.
func (s *Service) change(ctx context.Context, who party.Actor, of id.ID, action string, do func(ctx context.Context, tx bun.Tx, k *keys) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.Read(ctx, tx, of)
		if err == nil {
			t, err = tender.ForUpdate(ctx, tx, t.ProjectID())
		}
		if err != nil {
			return err
		}
		k, err := s.load(ctx, tx, t)
		if err != nil {
			return err
		}
		if err := s.require(who, k, action); err != nil {
			return err
		}
		return do(ctx, tx, &k)
	})
}

func (s *Service) record(ctx context.Context, tx bun.Tx, who party.Actor, k *keys, action, note string) error {
	return trail.Append(ctx, tx, who, k.decided, trail.Event{ObjectKind: "tender", ObjectID: k.Tender.ID, Action: action, Note: note, Public: true})
}

var errUnnamed = fault.New(fault.NotFound, "这个采购项目还没有确定持钥人")
