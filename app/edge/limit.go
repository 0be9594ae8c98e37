package edge

import (
	"slices"
	"sync"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
)

// Rate is a bucket: Burst at once, refilled at PerMinute.
type Rate struct{ PerMinute, Burst int }

// Limits are the rates one address or one account may write at. A zero Rate
// is its default. Reading is not limited here.
type Limits struct {
	Off     bool
	Visitor Rate // writes by nobody, per address: 30, burst 60 (an office is one address)
	Login   Rate // writes to LoginPath and LoginPaths, per address: 10, burst 20
	Account Rate // writes by somebody, per account: 600, burst 200
	// Keys bounds how many buckets are remembered: 50,000.
	Keys int
}

type bucket struct {
	left float64
	at   time.Time
}

// limiter keeps two generations of buckets. When the young one is full it
// becomes the old one and the old is forgotten: memory is bounded, and a
// bucket in use is never lost.
type limiter struct {
	limits     Limits
	clock      clock.Clock
	mu         sync.Mutex
	young, old map[string]bucket
}

func newLimiter(l Limits, c clock.Clock) *limiter {
	or := func(r *Rate, perMinute, burst int) {
		if *r == (Rate{}) {
			*r = Rate{perMinute, burst}
		}
	}
	or(&l.Visitor, 30, 60)
	or(&l.Login, 10, 20)
	or(&l.Account, 600, 200)
	if l.Keys <= 0 {
		l.Keys = 50_000
	}
	return &limiter{limits: l, clock: c, young: map[string]bucket{}, old: map[string]bucket{}}
}

func (l *limiter) allow(r *Request) error {
	if l.limits.Off || r.safe() {
		return nil
	}
	key, rate := "v"+r.IP(), l.limits.Visitor
	switch {
	case r.route.Path == r.s.cfg.LoginPath, slices.Contains(r.s.cfg.LoginPaths, r.route.Path):
		key, rate = "l"+r.IP(), l.limits.Login
	case r.actor.SignedIn():
		key, rate = "a"+string(r.actor.Account), l.limits.Account
	}
	if wait := l.take(key, rate); wait > 0 {
		return &limited{fault.New(fault.TooMany, "操作太频繁，请稍等片刻再试"), wait}
	}
	return nil
}

// take takes one from a bucket, or says how long until there is one.
func (l *limiter) take(key string, rate Rate) time.Duration {
	perSecond := float64(rate.PerMinute) / 60
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	b, ok := l.young[key]
	if !ok {
		if b, ok = l.old[key]; !ok {
			b = bucket{float64(rate.Burst), now}
		}
	}
	b.left = min(float64(rate.Burst), b.left+max(0, now.Sub(b.at).Seconds())*perSecond)
	b.at = now
	wait := time.Duration(0)
	if b.left < 1 {
		wait = max(time.Duration((1-b.left)/max(perSecond, 1e-9)*float64(time.Second)), time.Millisecond)
	} else {
		b.left--
	}
	if len(l.young) >= l.limits.Keys/2 && !ok {
		l.old, l.young = l.young, make(map[string]bucket, l.limits.Keys/2)
	}
	l.young[key] = b
	return wait
}

type limited struct {
	*fault.Fault
	wait time.Duration
}

func (l *limited) Unwrap() error             { return l.Fault }
func (l *limited) RetryAfter() time.Duration { return l.wait }
