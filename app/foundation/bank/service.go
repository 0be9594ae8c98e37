package bank

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/staging"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// Rooms are the services that bank statements need.
type Rooms struct {
	Ledger    *ledger.Service
	Donations *donation.Service
	Staged    *staging.Service
	Store     object.Store
	Queue     *queue.Queue
}

// Service imports statements, matches their lines and closes months.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
	Rooms
}

// New makes the service and registers its jobs.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, r Rooms) (*Service, error) {
	s := &Service{db: d, clock: c, policy: p, Rooms: r}
	r.Donations.AfterRefund(s.reopen)
	if err := queue.Handle(r.Queue, func(ctx context.Context, j importJob) error { return s.work(ctx, j.Import) }); err != nil {
		return nil, err
	}
	return s, queue.Handle(r.Queue, func(ctx context.Context, j guessJob) error { return s.guess(ctx, j.Foundation) })
}

// require asks what an actor may do to their own foundation's statements.
func (s *Service) require(who party.Actor, action string) error {
	return s.policy.Require(who.Relations(), "bank.any", action)
}

// Allowed reports whether an action on the statements of the actor's own
// foundation is open to them, for showing buttons.
func (s *Service) Allowed(who party.Actor, action string) bool { return s.require(who, action) == nil }

// side is what an actor is to something that makers brought about and somebody
// else must check.
func side(who party.Actor, foundation id.ID, makers ...id.ID) []string {
	if who.Org != foundation || who.OrgKind != party.Foundation || who.Role != party.Finance && who.Role != party.Approver {
		return nil
	}
	if slices.Contains(makers, who.Account) {
		return []string{"bank.maker"}
	}
	return []string{"bank.checker"}
}

// on asks for an action on one line, with its live match.
func (s *Service) on(who party.Actor, l Line, m *Match, action string) error {
	makers := []id.ID{l.MadeBy}
	if m != nil {
		makers = append(makers, m.ProposedBy)
	}
	if action == "withdraw" && m != nil { // who only brought the line in has nothing to withdraw
		makers = []id.ID{m.ProposedBy}
	}
	if action == "reverse_decide" && m != nil && m.UndoBy != nil { // whoever confirmed it may see that it was wrong
		makers = []id.ID{*m.UndoBy}
	}
	rel := side(who, l.Foundation, makers...)
	err := s.policy.Require(append(who.Relations(), rel...), LineKind+"."+string(l.State), action)
	if err != nil && action == "confirm" && l.State == Proposed && slices.Contains(rel, "bank.maker") {
		return fault.New(fault.Forbidden, "流水由您导入或匹配，须由另一位财务人员或秘书长确认")
	}
	if err != nil && action == "reverse_decide" && l.State == Booked && slices.Contains(rel, "bank.maker") {
		return fault.New(fault.Forbidden, "撤销由您申请，须由另一位财务人员或秘书长决定")
	}
	return err
}

// Can reports whether an action on a line is open to the actor.
func (s *Service) Can(who party.Actor, l Line, m *Match, action string) bool {
	return s.on(who, l, m, action) == nil
}

// May is the access function of a line, by id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, line id.ID, action string) error {
	l, err := readLine(ctx, s.db, who.Org, line, false)
	if err != nil {
		return err
	}
	return s.onLine(ctx, who, l, action)
}

func (s *Service) onLine(ctx context.Context, who party.Actor, l Line, action string) error {
	if action == "view" || action == "match" {
		return s.require(who, action)
	}
	m, err := live(ctx, s.db, l)
	if err != nil {
		return err
	}
	return s.on(who, l, m, action)
}

// readLine reads a line of a foundation; another's is not found.
func readLine(ctx context.Context, d bun.IDB, foundation, line id.ID, lock bool) (Line, error) {
	var l Line
	q := d.NewSelect().Model(&l).Where("id = ? AND foundation = ?", line, foundation)
	if lock {
		q = db.Lock(q)
	}
	err := q.Scan(ctx)
	return l, db.Found(err, "流水")
}

// live is the match that a line has now; nil where there is none.
func live(ctx context.Context, d bun.IDB, l Line) (*Match, error) {
	if l.Match == nil {
		return nil, nil
	}
	var m Match
	err := d.NewSelect().Model(&m).Where("id = ?", *l.Match).Scan(ctx)
	return &m, db.Found(err, "匹配")
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, s *Service, kind string, of id.ID, action, note string) error {
	return trail.Append(ctx, tx, who, s.clock.Now(), trail.Event{ObjectKind: kind, ObjectID: of, Action: action, Note: note})
}
