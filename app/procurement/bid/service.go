package bid

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/app/procurement/interest"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/app/staging"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
	"gongji/storage/object"
)

// Service keeps bids.
type Service struct {
	db      *bun.DB
	clock   clock.Clock
	policy  *policy.Policy
	orgs    *organisation.Service
	files   *attachment.Service
	archive *archive.Service
	staged  *staging.Service
	store   object.Store
	site    string
	limit   int64
	before  []Gate
}

// Gate refuses an offer for a reason that lies outside bids: asked in the
// transaction that begins one, with the tender locked.
type Gate func(ctx context.Context, tx bun.IDB, t tender.Tender, now time.Time) error

// Before adds a gate; only the assembly calls it.
func (s *Service) Before(g Gate) { s.before = append(s.before, g) }

// Options are what an operator decides about bids.
type Options struct {
	// Site is the public address that receipts point to, without a trailing slash.
	Site string
	// Limit is the largest sealed bid, in bytes; 0 means DefaultLimit.
	Limit int64
}

// Rooms are the services that bids rest on.
type Rooms struct {
	Organisations *organisation.Service
	Files         *attachment.Service
	Archive       *archive.Service
	Staged        *staging.Service
	Store         object.Store
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, r Rooms, opt Options) *Service {
	s := &Service{db: d, clock: c, policy: p, orgs: r.Organisations, files: r.Files, archive: r.Archive, staged: r.Staged, store: r.Store,
		site: opt.Site, limit: opt.Limit}
	if s.limit == 0 {
		s.limit = DefaultLimit
	}
	return s
}

// relations are what an actor is to one bid: "bidder.lead" for its own
// people, "buyer.officer" for the buyer's, "panel.member" for the panel.
func relations(ctx context.Context, d bun.IDB, who party.Actor, t tender.Tender, b Bid) ([]string, error) {
	rel := who.Relations()
	if !who.SignedIn() {
		return rel, nil
	}
	if who.Org != "" && who.Org == b.Supplier {
		rel = append(rel, "bidder."+string(who.Role))
	}
	if who.Org != "" && who.Org == t.Buyer {
		rel = append(rel, "buyer."+string(who.Role))
	}
	panel, err := onPanel(ctx, d, t.ID, who.Account)
	if panel {
		rel = append(rel, "panel.member")
	}
	return rel, err
}

// require authorises an action on a bid at a moment.
func (s *Service) require(ctx context.Context, d bun.IDB, who party.Actor, t tender.Tender, b Bid, action string, now time.Time) error {
	rel, err := relations(ctx, d, who, t, b)
	if err != nil {
		return err
	}
	opened, err := wasOpened(ctx, d, b.ID)
	if err != nil {
		return err
	}
	err = s.policy.Require(rel, phase(t, opened, now), action)
	if fault.Is(err, fault.Forbidden) && s.policy.Any(rel, "bid.drafting", action) {
		if late := inTime(t, now); late != nil {
			return late
		}
	}
	if err != nil || action != "read" || who.Org != "" && who.Org == b.Supplier {
		return err
	}
	return standAside(ctx, d, who, t, now)
}

// standAside refuses somebody of the buyer or of the panel who has a tie to a
// bidder (政府采购法实施条例第9条), before any bid of the purchase opens.
func standAside(ctx context.Context, d bun.IDB, who party.Actor, t tender.Tender, now time.Time) error {
	tie, barred, err := interest.Barred(ctx, d, t, who.Account, now)
	if err != nil || !barred {
		return err
	}
	what := "请告知本单位，由其他人员办理本项目"
	if panel, err := onPanel(ctx, d, t.ID, who.Account); err != nil {
		return err
	} else if panel {
		what = "请到“我的评审”声明回避，由采购人补充评审成员"
	}
	return fault.New(fault.Forbidden, "您与投标人“%s”有利害关系（%s），须回避，不能查看本项目的任何投标（%s）。%s", tie.Name, tie.Why, tie.Rule.Source(), what).
		Under(tie.Rule.Source())
}

// May is the one authorisation function of a bid, for what hangs on it: its
// attachments as they are being drafted and its receipts are its bidder's
// alone, before the opening and after. Others read what was opened through
// Content and OpenFile.
func (s *Service) May(ctx context.Context, who party.Actor, bid id.ID, action string) error {
	b, t, err := s.both(ctx, s.db, bid)
	if err != nil {
		return err
	}
	return s.require(ctx, s.db, who, t, b, action, s.clock.Now())
}

func (s *Service) both(ctx context.Context, d bun.IDB, bid id.ID) (Bid, tender.Tender, error) {
	b, err := read(ctx, d, bid, false)
	if err != nil {
		return b, tender.Tender{}, err
	}
	t, err := tender.Read(ctx, d, b.Tender)
	return b, t, err
}

// Begin gives the actor's organisation its bid in an open tender, making the
// draft the first time.
func (s *Service) Begin(ctx context.Context, who party.Actor, tenderID id.ID) (Bid, error) {
	var b Bid
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if b, err = readOwn(ctx, tx, t.ID, who.Org); err == nil || !fault.Is(err, fault.NotFound) {
			return err
		}
		rel := tender.Relations(who, t)
		err = s.policy.Require(rel, t.Object(now), "bid")
		if fault.Is(err, fault.Forbidden) && s.policy.Any(rel, "tender."+string(tender.Open), "bid") {
			if late := inTime(t, now); late != nil {
				return late
			}
		}
		if m, _ := t.How(); err != nil && t.StateAt(now) == tender.Open && who.OrgKind == party.Social && !t.Invites(who.Org) {
			return fault.New(fault.Forbidden, "本项目采用%s，只有受邀请的供应商可以参加（%s）", m.Name, m.Source()).Under(m.Source())
		}
		if err != nil {
			return err
		}
		if _, err := s.orgs.Approved(ctx, tx, who.Org); err != nil {
			return err
		}
		if err := standing.Clear(ctx, tx, who.Org, t.Buyer, standing.Purchase, now); err != nil {
			return err
		}
		if err := credential.Registered(ctx, tx, who.Org, now); err != nil {
			return err
		}
		for _, gate := range s.before {
			if err := gate(ctx, tx, t, now); err != nil {
				return err
			}
		}
		if _, err := tenderkey.Current(ctx, tx, t.ID); err != nil {
			return err
		}
		b = Bid{ID: id.New(now), Tender: t.ID, Supplier: who.Org, State: Draft, CreatedAt: now, UpdatedAt: now}
		if _, err := tx.NewInsert().Model(&b).Exec(ctx); err != nil {
			return err
		}
		return s.record(ctx, tx, who, now, b, "开始编制投标文件", "")
	})
	return b, err
}

func (s *Service) record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, b Bid, action, note string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: ObjectKind, ObjectID: b.ID, Action: action, Note: note})
}

// Mine is the bid of the actor's organisation in a tender; NotFound where it
// has none.
func (s *Service) Mine(ctx context.Context, who party.Actor, tenderID id.ID) (Bid, error) {
	if who.Org == "" {
		return Bid{}, fault.New(fault.NotFound, "没有找到这条记录，或您无权查看")
	}
	b, err := readOwn(ctx, s.db, tenderID, who.Org)
	if err != nil {
		return b, err
	}
	return b, s.May(ctx, who, b.ID, "view")
}

// Get reads a bid for its own bidder.
func (s *Service) Get(ctx context.Context, who party.Actor, bid id.ID) (Bid, tender.Tender, error) {
	b, t, err := s.both(ctx, s.db, bid)
	if err != nil {
		return Bid{}, t, err
	}
	if err := s.require(ctx, s.db, who, t, b, "view", s.clock.Now()); err != nil {
		return Bid{}, tender.Tender{}, err
	}
	return b, t, nil
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(ctx context.Context, who party.Actor, bid id.ID, action string) bool {
	return s.May(ctx, who, bid, action) == nil
}

// change runs fn on a locked bid of a locked tender, with the moment read
// after both locks are held: the deadline is compared with that moment.
func (s *Service) change(ctx context.Context, who party.Actor, bid id.ID, action string,
	fn func(context.Context, bun.Tx, tender.Tender, *Bid, time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		b, err := read(ctx, tx, bid, false)
		if err != nil {
			return err
		}
		t, err := tender.ForUpdate(ctx, tx, b.Tender)
		if err != nil {
			return err
		}
		if b, err = read(ctx, tx, bid, true); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.require(ctx, tx, who, t, b, action, now); err != nil {
			return err
		}
		return fn(ctx, tx, t, &b, now)
	})
}

// Timeline lists what happened to a bid, for its bidder.
func (s *Service) Timeline(ctx context.Context, who party.Actor, bid id.ID) ([]trail.Event, error) {
	if err := s.May(ctx, who, bid, "view"); err != nil {
		return nil, err
	}
	return trail.Of(ctx, s.db, ObjectKind, bid, false)
}
