package offer

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Remaining are the bids that the panel found to respond, once every member has
// handed in; Conflict before. The evaluation gives it.
type Remaining func(ctx context.Context, tx bun.IDB, t tender.Tender, now time.Time) ([]opening.Line, error)

// Rooms are the services that last offers rest on.
type Rooms struct {
	Tenders       *tender.Service
	Organisations *organisation.Service
	Archive       *archive.Service
	Remaining     Remaining
}

// Service runs rounds of last offers.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
	Rooms
	site    string
	custody opening.Custody
}

// New makes the service. site is the public address that receipts point to.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, r Rooms, site string) *Service {
	return &Service{db: d, clock: c, policy: p, Rooms: r, site: site}
}

// Shutdown forgets every share.
func (s *Service) Shutdown() { s.custody.Shutdown() }

// relations add to what an actor is to the tender: "panel.member",
// "offerer.lead" for a supplier who was asked, "holder" of a share of the key.
func relations(ctx context.Context, d bun.IDB, who party.Actor, t tender.Tender) ([]string, error) {
	rel := tender.Relations(who, t)
	if !who.SignedIn() {
		return rel, nil
	}
	on, err := d.NewSelect().TableExpr("panel_member").Where("tender = ? AND account = ? AND stood_aside = ''", t.ID, who.Account).Exists(ctx)
	if err != nil {
		return nil, db.Translate(err)
	}
	if on {
		rel = append(rel, "panel.member")
	}
	if who.Org != "" {
		asked, err := d.NewSelect().Model((*Offer)(nil)).Where("tender = ? AND supplier = ?", t.ID, who.Org).Exists(ctx)
		if err != nil {
			return nil, db.Translate(err)
		}
		if asked {
			rel = append(rel, "offerer."+string(who.Role))
		}
	}
	set, err := tenderkey.Current(ctx, d, t.ID)
	if fault.Is(err, fault.NotFound) {
		return rel, nil
	}
	if err == nil && set.Holder(who.Account) != nil {
		rel = append(rel, "holder")
	}
	return rel, err
}

func (s *Service) require(ctx context.Context, d bun.IDB, who party.Actor, t tender.Tender, action string, now time.Time) error {
	rel, err := relations(ctx, d, who, t)
	if err != nil {
		return err
	}
	return s.policy.Require(rel, t.Object(now), action)
}

// May is the access function of a last offer, for its receipts: they are its
// supplier's alone.
func (s *Service) May(ctx context.Context, who party.Actor, offer id.ID, action string) error {
	var o Offer
	if err := db.Found(s.db.NewSelect().Model(&o).Where("id = ?", offer).Scan(ctx), "最后报价"); err != nil {
		return err
	}
	if who.Org == "" || who.Org != o.Supplier {
		return fault.New(fault.NotFound, "没有找到这条记录，或您无权查看")
	}
	t, err := tender.Read(ctx, s.db, o.Tender)
	if err != nil {
		return err
	}
	if action == "view" || action == "read" {
		action = "offer_view"
	}
	return s.require(ctx, s.db, who, t, action, s.clock.Now())
}

// change locks the tender, authorises, reads the round and decides in one
// transaction. The moment is read after the lock: the time to offer is compared
// with that.
func (s *Service) change(ctx context.Context, who party.Actor, tenderID id.ID, action string,
	fn func(context.Context, bun.Tx, *tender.Tender, *Round, time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.require(ctx, tx, who, t, action, now); err != nil {
			return err
		}
		r, err := readRound(ctx, tx, t.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if fault.Is(err, fault.NotFound) {
			return fn(ctx, tx, &t, nil, now)
		}
		return fn(ctx, tx, &t, &r, now)
	})
}

func readRound(ctx context.Context, d bun.IDB, tenderID id.ID) (Round, error) {
	var r Round
	err := db.Found(d.NewSelect().Model(&r).Where("tender = ?", tenderID).Scan(ctx), "最后报价")
	return r, err
}

// key is the key of a tender with its holders.
func key(ctx context.Context, d bun.IDB, tenderID id.ID) (seal.Key, tenderkey.Key, error) {
	set, err := tenderkey.Current(ctx, d, tenderID)
	if err != nil {
		return seal.Key{}, set, err
	}
	k, err := set.Sealed()
	return k, set, err
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, tenderID id.ID, action, text, article string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "tender", ObjectID: tenderID, Action: action, Note: text, Article: article, Public: true})
}

func quit(set rules.Set, method string) rules.Rule { return set.Of(method, "quit") }
