// Package check proves, every night and on demand, what must never be untrue:
// books balance, receipts are receipted donations, numbers have no gaps, stock
// is the sum of its movements, and every document and upload is in the object
// store with the bytes it was recorded with. It changes nothing.
//
// A report never says how many objects there were: before an opening that
// would tell how many bids came.
package check

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/goods"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/policy"
	"gongji/storage/db"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// Part is one thing that was proved.
type Part struct {
	Name     string   `json:"name"`
	Problems []string `json:"problems"` // Chinese; at most most of them
}

// most is how many problems of one part a report keeps; beyond it, more of
// them help nobody.
const most = 50

func (p *Part) problem(format string, args ...any) {
	if len(p.Problems) < most {
		p.Problems = append(p.Problems, fmt.Sprintf(format, args...))
	}
}

// Run is one check of everything.
type Run struct {
	bun.BaseModel `bun:"table:check_run"`

	ID        id.ID     `bun:"id,pk" json:"id"`
	StartedAt time.Time `bun:"started_at" json:"started_at"`
	EndedAt   time.Time `bun:"ended_at" json:"ended_at"`
	Sound     bool      `bun:"sound" json:"sound"`
	Parts     []Part    `bun:"parts" json:"parts"`
}

// Problems counts what is wrong.
func (r Run) Problems() int {
	n := 0
	for _, p := range r.Parts {
		n += len(p.Problems)
	}
	return n
}

// Service checks.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
	queue  *queue.Queue
	store  object.Store
	ledger *ledger.Service
	goods  *goods.Service
}

type nightly struct{}

// Kind names the job.
func (nightly) Kind() string { return "check_everything" }

// longest is how long a nightly check may take.
const longest = 6 * time.Hour

// New makes the service and has it run every night at three, Beijing time.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, st object.Store, q *queue.Queue, l *ledger.Service, g *goods.Service) (*Service, error) {
	s := &Service{db: d, clock: c, policy: p, queue: q, store: st, ledger: l, goods: g}
	err := queue.Nightly(q, 3, longest, nightly{}, func(ctx context.Context) error {
		_, err := s.Everything(ctx)
		return err
	})
	return s, err
}

// Everything runs every check and keeps the report. What is wrong is in the
// report; the error is only of a check that could not be made.
func (s *Service) Everything(ctx context.Context) (Run, error) {
	r := Run{ID: id.New(s.clock.Now()), StartedAt: s.clock.Now(), Sound: true}
	for _, part := range []struct {
		name string
		look func(context.Context, *Part) error
	}{
		{"账簿：借贷相等，余额等于分录合计，校验链完整", s.books},
		{"银行流水与账簿：每个账户等于流水合计，待认领和待核对等于未确认的流水", s.bank},
		{"捐赠与账簿：每笔到账的捐款都入了账，金额相符", s.donations},
		{"付款与账簿：每笔付款都入了账，金额相符；终止的基金没有余额", s.payments},
		{"收据：每张有效收据对应一笔到账的捐赠，一笔不重复开具", s.receipts},
		{"编号：没有空号和重号", s.numbers},
		{"物资：库存等于出入库合计", s.stock},
		{"文书、附件与密封件：原件都在，校验值相符", s.objects},
	} {
		p := Part{Name: part.name, Problems: []string{}}
		if err := part.look(ctx, &p); err != nil {
			return r, fmt.Errorf("%s: %w", part.name, err)
		}
		r.Sound = r.Sound && len(p.Problems) == 0
		r.Parts = append(r.Parts, p)
	}
	r.EndedAt = s.clock.Now()
	_, err := s.db.NewInsert().Model(&r).Exec(ctx)
	return r, db.Translate(err)
}

// Ask has everything checked now, by a job, for an administrator who does not
// wait for the night.
func (s *Service) Ask(ctx context.Context, who party.Actor) error {
	if err := s.policy.Require(who.Relations(), "check.any", "run"); err != nil {
		return err
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error { return s.queue.Add(ctx, tx, nightly{}) })
}

// Last is the newest report; nil before the first.
func (s *Service) Last(ctx context.Context) (*Run, error) {
	var r []Run
	err := s.db.NewSelect().Model(&r).Order("id DESC").Limit(1).Scan(ctx)
	if err != nil || len(r) == 0 {
		return nil, db.Translate(err)
	}
	return &r[0], nil
}
