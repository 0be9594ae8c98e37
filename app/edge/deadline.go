package edge

import (
	"context"
	"sync/atomic"
	"time"
)

// deadline is a request's context. It differs from context.WithTimeout in
// one thing: the deadline can still be moved, because a download goes on
// after its handler has returned.
type deadline struct {
	context.Context
	cancel context.CancelFunc
	timer  *time.Timer
	at     atomic.Int64
	fired  atomic.Bool
}

func newDeadline(d time.Duration) *deadline {
	ctx, cancel := context.WithCancel(context.Background())
	x := &deadline{Context: ctx, cancel: cancel}
	x.at.Store(time.Now().Add(d).UnixNano())
	x.timer = time.AfterFunc(d, func() {
		x.fired.Store(true)
		cancel()
	})
	return x
}

// extend moves the deadline to d from now, unless it has passed.
func (x *deadline) extend(d time.Duration) {
	if x.timer.Stop() {
		x.at.Store(time.Now().Add(d).UnixNano())
		x.timer.Reset(d)
	}
}

// stop ends the context and frees its timer.
func (x *deadline) stop() {
	x.timer.Stop()
	x.cancel()
}

// Deadline is when the context ends.
func (x *deadline) Deadline() (time.Time, bool) { return time.Unix(0, x.at.Load()), true }

// Err tells a deadline that passed from a request that ended.
func (x *deadline) Err() error {
	if x.fired.Load() {
		return context.DeadlineExceeded
	}
	return x.Context.Err()
}
