// Package queue runs jobs: enqueued in the transaction that decides, worked
// after it commits, on SQLite and PostgreSQL alike.
package queue

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/storage/db"
)

// Job is what is written down to be done: a small struct of ids with JSON tags.
type Job = river.JobArgs

// Queue inserts jobs and works them.
type Queue struct {
	db      *bun.DB
	workers *river.Workers
	client  *river.Client[*sql.Tx]
	log     *slog.Logger
	polled  time.Duration
	nights  []*river.PeriodicJob
}

// Options tune the workers.
type Options struct {
	Log  *slog.Logger
	Poll time.Duration // how often to look for jobs; 0 means 100 ms
}

// New makes a queue; Handle registers what it can do, then Start works it.
func New(d *bun.DB, o Options) *Queue {
	if o.Poll == 0 {
		o.Poll = 100 * time.Millisecond
	}
	return &Queue{db: d, workers: river.NewWorkers(), log: o.Log, polled: o.Poll}
}

// Handle registers the function that does jobs of type J. It may run more than
// once for one job (a crash between doing and noting), so it must be safe to
// repeat.
func Handle[J Job](q *Queue, do func(ctx context.Context, job J) error) error {
	return river.AddWorkerSafely(q.workers, river.WorkFunc(func(ctx context.Context, j *river.Job[J]) error {
		return do(ctx, j.Args)
	}))
}

// Nightly registers what is done once every night at an hour of Beijing time,
// by one replica, within longest. It may run again after a crash, so it must
// be safe to repeat. job names it and carries nothing.
func Nightly[J Job](q *Queue, hour int, longest time.Duration, job J, do func(ctx context.Context) error) error {
	q.nights = append(q.nights, river.NewPeriodicJob(night(hour), func() (river.JobArgs, *river.InsertOpts) { return job, nil }, nil))
	return river.AddWorkerSafely(q.workers, &slow[J]{longest: longest, do: do})
}

// Every registers what is done again and again with a pause, by one replica.
// It may run again after a crash, so it must be safe to repeat.
func Every[J Job](q *Queue, pause time.Duration, job J, do func(ctx context.Context) error) error {
	q.nights = append(q.nights, river.NewPeriodicJob(river.PeriodicInterval(pause), func() (river.JobArgs, *river.InsertOpts) { return job, nil }, nil))
	return river.AddWorkerSafely(q.workers, &slow[J]{longest: 10 * time.Minute, do: do})
}

type slow[J Job] struct {
	river.WorkerDefaults[J]
	longest time.Duration
	do      func(context.Context) error
}

func (s *slow[J]) Timeout(*river.Job[J]) time.Duration             { return s.longest }
func (s *slow[J]) Work(ctx context.Context, _ *river.Job[J]) error { return s.do(ctx) }

// night is an hour of the Beijing day.
type night int

// Next is when that hour comes next.
func (n night) Next(now time.Time) time.Time {
	b := now.In(clock.Beijing)
	at := time.Date(b.Year(), b.Month(), b.Day(), int(n), 0, 0, 0, clock.Beijing)
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

func driver(d *bun.DB) riverdriver.Driver[*sql.Tx] {
	if db.Postgres(d) {
		return riverdatabasesql.New(d.DB)
	}
	return riversqlite.New(d.DB)
}

// Open readies the queue for inserting; call it once all handlers are known.
func (q *Queue) Open() error {
	c, err := river.NewClient(driver(q.db), &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
		Workers:           q.workers,
		Logger:            q.quiet(),
		FetchPollInterval: q.polled,
		FetchCooldown:     min(q.polled, 50*time.Millisecond),
		JobTimeout:        longest,
		// A job whose process died stays "running". River waits an hour before it
		// is taken up again; nobody waits that long for a receipt.
		RescueStuckJobsAfter: longest + 10*time.Second,
		MaxAttempts:          8,
		PeriodicJobs:         q.nights,
		TestOnly:             q.polled < 50*time.Millisecond,
	})
	if err != nil {
		return fmt.Errorf("任务队列: %w", err)
	}
	q.client = c
	return nil
}

func (q *Queue) quiet() *slog.Logger {
	if q.log == nil {
		return nil // River's own, which says warnings only
	}
	return slog.New(discreet{q.log.Handler()})
}

// Later is what a job answers that could not be done now and shall be tried
// again after a while, for as long as it takes. It is no failure: nothing is
// logged and Failed does not count it, which suits work that must not be
// spoken of.
func Later(wait time.Duration) error { return river.JobSnooze(wait) }

// Add puts a job into the transaction: it exists exactly if the decision does.
func (q *Queue) Add(ctx context.Context, tx bun.Tx, job Job) error {
	_, err := q.client.InsertTx(ctx, tx.Tx, job, nil)
	return err
}

// AddAt is Add for a job that must not start before a moment.
func (q *Queue) AddAt(ctx context.Context, tx bun.Tx, job Job, at time.Time) error {
	_, err := q.client.InsertTx(ctx, tx.Tx, job, &river.InsertOpts{ScheduledAt: at})
	return err
}

// AddIn is Add for a job that must not start before so much real time has
// passed, whatever the product's own clock says.
func (q *Queue) AddIn(ctx context.Context, tx bun.Tx, job Job, wait time.Duration) error {
	return q.AddAt(ctx, tx, job, time.Now().Add(wait))
}

// longest is how long a job may run: a document takes well under a second,
// its way into a far object store some more.
const longest = 45 * time.Second

// Start begins working jobs. Jobs that a killed process left half done begin
// again: at once on SQLite, which has one process at a time, and on
// PostgreSQL, where another replica may be at work on them, once no job can
// have been running for so long.
func (q *Queue) Start(ctx context.Context) error {
	if !db.Postgres(q.db) {
		if _, err := q.db.NewUpdate().TableExpr("river_job").Set("state = 'available'").Where("state = 'running'").Exec(ctx); err != nil {
			return fmt.Errorf("任务队列: %w", db.Translate(err))
		}
	}
	return q.client.Start(ctx)
}

// Stop lets running jobs finish, within ctx.
func (q *Queue) Stop(ctx context.Context) error { return q.client.Stop(ctx) }

// Drained returns once no job is waiting or running, or with the error of a
// job that failed; tests and the demo loader wait on it.
func (q *Queue) Drained(ctx context.Context) error {
	events, cancel := q.client.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed, river.EventKindJobCancelled)
	defer cancel()
	for {
		left, err := q.db.NewSelect().TableExpr("river_job").
			Where("state IN ('available', 'running', 'pending', 'retryable')").Count(ctx)
		if err != nil {
			return err
		}
		if left == 0 {
			return nil
		}
		select {
		case e := <-events:
			if e != nil && e.Kind == river.EventKindJobFailed && len(e.Job.Errors) > 0 {
				return fmt.Errorf("任务 %s 失败: %s", e.Job.Kind, e.Job.Errors[len(e.Job.Errors)-1].Error)
			}
		case <-time.After(q.polled): // completion is recorded in batches, a little after the event
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Failed counts jobs that gave up; the operator's page is loud about them.
func (q *Queue) Failed(ctx context.Context) (int64, error) {
	return q.db.NewSelect().TableExpr("river_job").Where("state = ?", string(rivertype.JobStateDiscarded)).Count(ctx)
}

// Migrate brings the queue's own tables up to date.
func Migrate(ctx context.Context, d *bun.DB) error {
	m, err := rivermigrate.New(driver(d), nil)
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}
