package survey

import (
	"context"
	"math/rand/v2"
	"sync"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

const (
	// mostTogether is how many answers one transaction takes at most.
	mostTogether = 64
	// counters is how many transactions count at once: while one waits for the
	// disk the next one reads.
	counters = 2
)

// slip is an invited answer on its way in, and what became of it.
type slip struct {
	hash   string
	in     Answers
	survey Survey
	err    error
	call   chan []*slip // nothing: counted; slips: count these, yours is the first
}

var errLost = fault.New(fault.Unavailable, "没能收下您的回答，请再提交一次，邀请码还能用")

// box gathers what residents send while a transaction runs, for the next one to
// take together: a notice in a group chat makes a whole street answer in the
// same minute, and a transaction each would be most of the cost.
type box struct {
	mu       sync.Mutex
	waiting  []*slip
	counting int
}

// drop puts a slip in and comes back when it was counted. Who finds a
// counter free counts: the own slip and those that wait behind it, and then leaves
// the turn to the first of the rest, so that nobody counts for others longer
// than once.
func (b *box) drop(x *slip, count func([]*slip)) {
	x.call = make(chan []*slip, 1)
	some := []*slip{x}
	b.mu.Lock()
	free := b.counting < counters
	if free {
		b.counting++
	} else {
		b.waiting = append(b.waiting, x)
	}
	b.mu.Unlock()
	if !free {
		if some = <-x.call; len(some) == 0 {
			return
		}
	}
	defer func() { // also when count panics
		for _, s := range some[1:] {
			s.call <- nil
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		n := min(len(b.waiting), mostTogether)
		if n == 0 {
			b.counting--
			return
		}
		b.waiting[0].call <- b.waiting[:n:n]
		b.waiting = b.waiting[n:]
	}()
	for _, s := range some {
		s.err = errLost
	}
	count(some)
}

// count decides about slips. Where they cannot be taken together each is tried
// on its own, so that no answer falls for another's sake.
func (s *Service) count(ctx context.Context, some []*slip) {
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error { return s.take(ctx, tx, some) })
	if err == nil {
		return
	}
	if len(some) == 1 {
		some[0].err = err
		return
	}
	for i := range some {
		s.count(ctx, some[i:i+1])
	}
}

// take uses up the codes and keeps the answers, in an order that is not theirs.
// What a resident is told stands in the slip; the error is of the database.
func (s *Service) take(ctx context.Context, tx bun.Tx, some []*slip) error {
	tickets, surveys, err := sought(ctx, tx, some)
	if err != nil {
		return err
	}
	var (
		codes  []string
		good   []*slip
		sheets = map[*slip]answer{}
		said   = map[*slip][]words{}
		now    = s.clock.Now()
	)
	for _, x := range some {
		t, ok := tickets[x.hash]
		if !ok {
			x.err = errNoCode
			continue
		}
		x.survey = surveys[t.Survey]
		if t.Used {
			x.err = errUsed
			continue
		}
		sheets[x], said[x], x.err = x.survey.sheet(Invited, x.in)
		if late := x.survey.taking(now); late != nil {
			x.err = late
		}
		if x.err == nil {
			t.Used = true // of two slips with one code the first counts
			codes, good = append(codes, x.hash), append(good, x)
		}
	}
	if len(codes) == 0 {
		return nil
	}
	var taken []string
	if err := tx.NewUpdate().Model((*ticket)(nil)).Set("used = ?", true).Where("hash IN (?) AND NOT used", bun.List(codes)).Returning("hash").Scan(ctx, &taken); err != nil {
		return db.Translate(err)
	}
	mine := map[string]bool{}
	for _, hash := range taken {
		mine[hash] = true
	}
	var answers []answer
	var held []Remark
	// The dates were read before the lock; they only ever move later.
	now = s.clock.Now()
	for _, x := range good {
		if !mine[x.hash] {
			x.err = errUsed
			continue
		}
		if late := x.survey.taking(now); late != nil {
			return late
		}
		a := sheets[x]
		a.Received = today(now)
		answers, held = append(answers, a), append(held, a.remarks(said[x])...)
	}
	rand.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
	return keep(ctx, tx, answers, held)
}

// sought finds the slips' invitations by hash and the surveys they belong to.
func sought(ctx context.Context, tx bun.Tx, some []*slip) (map[string]*ticket, map[id.ID]Survey, error) {
	hashes := make([]string, len(some))
	for i, x := range some {
		hashes[i], x.survey, x.err = x.hash, Survey{}, nil
	}
	var rows []*ticket
	if err := tx.NewSelect().Model(&rows).Where("hash IN (?)", bun.List(hashes)).Scan(ctx); err != nil {
		return nil, nil, db.Translate(err)
	}
	tickets, surveys := map[string]*ticket{}, map[id.ID]Survey{}
	for _, t := range rows {
		tickets[t.Hash] = t
		if _, ok := surveys[t.Survey]; ok {
			continue
		}
		v, err := read(ctx, tx, t.Survey)
		if err != nil {
			return nil, nil, err
		}
		surveys[t.Survey] = v
	}
	return tickets, surveys, nil
}
