package opening

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
	"gongji/storage/object"
)

// Rooms are the services that an opening rests on.
type Rooms struct {
	Tenders *tender.Service
	Files   *attachment.Service
	Archive *archive.Service
	Store   object.Store
	Log     *slog.Logger
}

// Service opens tenders.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
	Rooms
	site string

	ctx     context.Context // ends with the process: loops stop between two bids
	stop    context.CancelFunc
	loops   sync.WaitGroup
	watched watched

	mu    sync.Mutex
	rooms map[id.ID]*room
}

// New makes the service. site is the public address that the record points to.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, r Rooms, site string) *Service {
	s := &Service{db: d, clock: c, policy: p, Rooms: r, site: site, watched: watched{topics: map[id.ID]*topic{}}, rooms: map[id.ID]*room{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Shutdown stops reading after the bid that is being read, and forgets every
// share. What was read stays read.
func (s *Service) Shutdown() {
	s.stop()
	s.loops.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		r.wipe()
	}
}

// relations are what an actor is to a tender's opening: what they are to the
// tender, and "holder" for whoever holds a share of its key.
func relations(who party.Actor, t tender.Tender, seat *tenderkey.Holder) []string {
	rel := tender.Relations(who, t)
	if seat != nil {
		rel = append(rel, "holder")
	}
	return rel
}

// keyOf is the key of a tender with its holders; NotFound where it has none.
func keyOf(ctx context.Context, d bun.IDB, tenderID id.ID) (seal.Key, tenderkey.Key, error) {
	k, err := tenderkey.Current(ctx, d, tenderID)
	if err != nil {
		return seal.Key{}, k, err
	}
	sealed, err := k.Sealed()
	return sealed, k, err
}

// require authorises an action on a tender that is to be opened. Whoever may
// do it, only not yet, is told when.
func (s *Service) require(rel []string, t tender.Tender, action string, now time.Time) error {
	err := s.policy.Require(rel, t.Object(now), action)
	if fault.Is(err, fault.Forbidden) && t.StateAt(now) == tender.Open && s.policy.Any(rel, "tender."+string(tender.Closed), action) {
		return fault.New(fault.Conflict, "投标截止时间（%s）未到，不能开标", t.Deadline.In(clock.Beijing).Format("2006年1月2日 15:04"))
	}
	return err
}

// Give takes a holder's share into the memory of this process. It is refused
// before the deadline, so that until then no share ever reaches the server;
// Invalid where it is not this holder's share of this tender's key.
func (s *Service) Give(ctx context.Context, who party.Actor, tenderID id.ID, share string) (View, error) {
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return View{}, err
	}
	k, set, err := keyOf(ctx, s.db, tenderID)
	if err != nil {
		return View{}, err
	}
	seat := set.Holder(who.Account)
	if err := s.require(relations(who, t, seat), t, "give", s.clock.Now()); err != nil {
		return View{}, err
	}
	x, err := k.Check(share)
	if err == nil && x.Index != seat.Place {
		err = fault.New(fault.Invalid, "这是第 %d 份，您持有的是第 %d 份，请打开自己的密钥份", x.Index, seat.Place)
	}
	if err != nil {
		var c fault.Check
		c.Adopt("share", err)
		return View{}, c.Err()
	}
	r := s.room(tenderID)
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.require(relations(who, t, seat), t, "give", now); err != nil {
			return err
		}
		o, err := read(ctx, tx, tenderID)
		if err == nil && o.State != Reading && o.State != Stopped {
			return fault.New(fault.Conflict, "投标已经开启完毕，不再需要密钥份")
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		n := len(r.given(k))
		if !r.given(k)[x.Index] {
			n++
		}
		return say(ctx, tx, tenderID, now, ShareGiven, Facts{Index: x.Index, Given: min(n, k.Threshold), Need: k.Threshold,
			Text: seat.Post() + "已交出密钥份"})
	})
	if err != nil {
		return View{}, err
	}
	r.give(k, x)
	s.watched.wake(tenderID)
	return s.View(ctx, who, tenderID)
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, tenderID id.ID, action, text, article string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "tender", ObjectID: tenderID, Action: action, Note: text, Article: article, Public: true})
}

func roleName(who party.Actor) string {
	if who.Role == party.Supervisor {
		return "监督"
	}
	return "经办人"
}
