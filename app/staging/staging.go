// Package staging keeps an object between its arrival in the store and the
// transaction that makes it count. The store and the database cannot commit
// together, so the object comes first, under a row that says it is not yet
// anybody's; the deciding transaction takes the row away. Whatever ends
// between the two, a refusal or a kill, leaves a row by which the object is
// found and deleted: never a record without its object.
package staging

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// Patience is how long an object may wait for its transaction. It is longer
// than any upload is given, so nothing on its way is swept.
const Patience = 6 * time.Hour

// Service stages objects.
type Service struct {
	db    *bun.DB
	clock clock.Clock
	store object.Store
	queue *queue.Queue
}

// New makes the service and registers the job that sweeps.
func New(d *bun.DB, c clock.Clock, st object.Store, q *queue.Queue) (*Service, error) {
	s := &Service{db: d, clock: c, store: st, queue: q}
	return s, queue.Handle(q, func(ctx context.Context, j sweepJob) error {
		// Tried until the store answers, and no failure in the meantime: their
		// number would be that of uploads.
		if s.Sweep(ctx, j.Key) != nil {
			return queue.Later(time.Hour)
		}
		return nil
	})
}

// Object is a staged object.
type Object struct {
	Key string
	object.Info
}

type row struct {
	bun.BaseModel `bun:"table:staged_object"`

	Key   string    `bun:"object_key,pk"`
	Since time.Time `bun:"since"`
	// Swept is set before the object is deleted, so that no transaction takes
	// it any more.
	Swept bool `bun:"swept"`
}

type sweepJob struct {
	Key string `json:"key"`
}

// Kind names the job.
func (sweepJob) Kind() string { return "staging_sweep" }

// Put streams r into the store under a key that says nothing: neither what it
// is nor whose. Where it fails nothing stays behind.
func (s *Service) Put(ctx context.Context, r io.Reader, opt object.PutOptions) (Object, error) {
	x := Object{Key: "attachment/" + strings.ToLower(id.Code(26))}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&row{Key: x.Key, Since: s.clock.Now()}).Exec(ctx); err != nil {
			return err
		}
		return s.queue.AddIn(ctx, tx, sweepJob{x.Key}, Patience)
	})
	if err != nil {
		return x, err
	}
	if x.Info, err = s.store.Put(ctx, x.Key, r, opt); err != nil {
		s.Drop(ctx, x.Key)
		return x, err
	}
	return x, nil
}

// Keep makes a staged object count: the caller's transaction now owns it. A
// key that is not staged, or no longer, is Unavailable: send again.
func (s *Service) Keep(ctx context.Context, tx bun.Tx, key string) error {
	err := db.One(tx.NewDelete().Model((*row)(nil)).Where("object_key = ? AND swept = ?", key, false).Exec(ctx))
	if fault.Is(err, fault.Conflict) {
		return fault.New(fault.Unavailable, "上传的文件等得太久，已被清理，请重新上传")
	}
	return err
}

// Drop deletes a staged object whose transaction did not happen. It is best
// effort, and goes on when the caller has gone away: what it cannot do, the
// sweep will.
func (s *Service) Drop(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_ = s.Sweep(ctx, key)
}

// Sweep deletes an object that is still staged; one that a transaction has
// taken, or that is gone, is left alone. It is safe to repeat.
func (s *Service) Sweep(ctx context.Context, key string) error {
	res, err := s.db.NewUpdate().Model((*row)(nil)).Set("swept = ?", true).Where("object_key = ?", key).Exec(ctx)
	if err != nil {
		return db.Translate(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if err := s.store.Delete(ctx, key); err != nil {
		return err
	}
	_, err = s.db.NewDelete().Model((*row)(nil)).Where("object_key = ? AND swept = ?", key, true).Exec(ctx)
	return db.Translate(err)
}
