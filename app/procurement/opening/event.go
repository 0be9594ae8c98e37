package opening

import (
	"context"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// EventKind is what happened at an opening.
type EventKind string

// The kinds.
const (
	ShareGiven  EventKind = "share"      // a holder gave a share
	ReadingNow  EventKind = "reading"    // reading began or went on
	LineRead    EventKind = "line"       // a bid was read out
	Interrupted EventKind = "stopped"    // the platform's fault
	AllRead     EventKind = "confirming" // nothing is left to read
	Answered    EventKind = "answer"     // a bidder confirmed or objected
	Ended       EventKind = "closed"     // closed, or ended with too few bids
)

// Event is one thing that happened at an opening, public from then on. Events
// of a tender are numbered from 1 without a gap, in the order of commit, so
// that whoever has seen n has missed nothing before it.
type Event struct {
	bun.BaseModel `bun:"table:opening_event"`

	Tender id.ID     `bun:"tender,pk" json:"-"`
	Seq    int64     `bun:"seq,pk" json:"seq"`
	Kind   EventKind `bun:"kind" json:"kind" enum:"share,reading,line,stopped,confirming,answer,closed"`
	At     time.Time `bun:"at" json:"at"`
	Data   Facts     `bun:"data" json:"data"`
}

// Facts are what an event says; Text always, the rest where it fits.
type Facts struct {
	Text     string  `json:"text" description:"一句可以直接显示的话"`
	Index    int     `json:"index,omitempty" description:"share：第几份"`
	Given    int     `json:"given,omitempty" description:"share：已交几份"`
	Need     int     `json:"need,omitempty" description:"share：共需几份"`
	Total    int     `json:"total,omitempty" description:"reading、line：共几份投标"`
	Line     *Line   `json:"line,omitempty"`
	Supplier string  `json:"supplier_name,omitempty" description:"answer：投标人"`
	Answer   *Answer `json:"answer,omitempty"`
	Outcome  Outcome `json:"outcome,omitempty" enum:",opened,failed"`
	Record   *id.ID  `json:"record,omitempty" description:"closed：开标记录的文书编号"`
}

// say appends an event. The caller holds the tender's lock, which is what
// makes the numbers follow the commits.
func say(ctx context.Context, tx bun.Tx, tenderID id.ID, at time.Time, kind EventKind, f Facts) error {
	var last int64
	if err := tx.NewSelect().Table("opening_event").ColumnExpr("COALESCE(MAX(seq), 0)").Where("tender = ?", tenderID).Scan(ctx, &last); err != nil {
		return db.Translate(err)
	}
	_, err := tx.NewInsert().Model(&Event{Tender: tenderID, Seq: last + 1, Kind: kind, At: at, Data: f}).Exec(ctx)
	return db.Translate(err)
}

// eventsAtOnce bounds one answer of Events.
const eventsAtOnce = 1000

// Events are those after a number, oldest first.
func (s *Service) Events(ctx context.Context, tenderID id.ID, after int64) ([]Event, error) {
	out := []Event{}
	err := s.db.NewSelect().Model(&out).Where("tender = ? AND seq > ?", tenderID, after).Order("seq").Limit(eventsAtOnce).Scan(ctx)
	return out, db.Translate(err)
}

// Changed are the bids whose line or answer came after an event; whole where so
// much did that everything is better shown.
func (s *Service) Changed(ctx context.Context, tenderID id.ID, after int64) (bids map[id.ID]bool, whole bool, err error) {
	list, err := s.Events(ctx, tenderID, after)
	if err != nil || len(list) >= eventsAtOnce {
		return nil, true, err
	}
	bids = map[id.ID]bool{}
	for _, e := range list {
		if e.Data.Line != nil {
			bids[e.Data.Line.Bid] = true
		}
		if e.Data.Answer != nil {
			bids[e.Data.Answer.Bid] = true
		}
	}
	return bids, false, nil
}

// Watch sends the events after a number as they come, until the opening is
// closed, ctx ends or send fails. Whoever may see the notice may watch.
func (s *Service) Watch(ctx context.Context, tenderID id.ID, after int64, send func(Event) error) error {
	t := s.watched.enter(tenderID, func() { s.follow(tenderID) })
	defer s.watched.leave(tenderID)
	for {
		changed := t.wait()
		list, err := s.Events(ctx, tenderID, after)
		// A database that is away for a moment is no reason to send watchers off.
		if err != nil && !fault.Is(err, fault.Unavailable) {
			return err
		}
		for _, e := range list {
			if err := send(e); err != nil {
				return err
			}
			if after = e.Seq; e.Kind == Ended {
				return nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// follow looks at the database for all of a tender's watchers in this process:
// the events may be another replica's.
func (s *Service) follow(tenderID id.ID) {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	var seen int64
	for range tick.C {
		t := s.watched.get(tenderID)
		if t == nil || s.ctx.Err() != nil {
			return
		}
		var last int64
		err := s.db.NewSelect().Table("opening_event").ColumnExpr("COALESCE(MAX(seq), 0)").Where("tender = ?", tenderID).Scan(s.ctx, &last)
		if err == nil && last != seen {
			seen = last
			t.wake()
		}
	}
}

// pulse is how soon a watcher learns of what another replica wrote.
const pulse = time.Second

// watched are the tenders that somebody in this process watches.
type watched struct {
	mu     sync.Mutex
	topics map[id.ID]*topic
}

type topic struct {
	watchers int // guarded by watched.mu

	mu      sync.Mutex
	changed chan struct{}
}

func (w *watched) enter(tenderID id.ID, first func()) *topic {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.topics[tenderID]
	if t == nil {
		t = &topic{changed: make(chan struct{})}
		w.topics[tenderID] = t
		go first()
	}
	t.watchers++
	return t
}

func (w *watched) leave(tenderID id.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t := w.topics[tenderID]; t != nil {
		if t.watchers--; t.watchers == 0 {
			delete(w.topics, tenderID)
		}
	}
}

func (w *watched) get(tenderID id.ID) *topic {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.topics[tenderID]
}

// wake tells the watchers of a tender to look again.
func (w *watched) wake(tenderID id.ID) {
	if t := w.get(tenderID); t != nil {
		t.wake()
	}
}

func (t *topic) wait() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changed
}

func (t *topic) wake() {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.changed)
	t.changed = make(chan struct{})
}
