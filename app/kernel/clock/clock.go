// Package clock is the only source of "now". Every time in the product is
// truncated to microseconds, the resolution both databases keep.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time.
type Clock interface{ Now() time.Time }

// Beijing is the zone that deadlines are stated in. China has kept UTC+8
// without summer time since 1992, so a fixed zone needs no tz database.
var Beijing = time.FixedZone("CST", 8*3600)

// System is the machine's clock.
type System struct{}

// Now is the current moment in UTC.
func (System) Now() time.Time { return Trunc(time.Now()) }

// Trunc brings a time to UTC microseconds.
func Trunc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Manual is a clock that moves only when told: tests and the demo use it.
type Manual struct {
	mu sync.Mutex
	t  time.Time
}

// NewManual starts a manual clock at t.
func NewManual(t time.Time) *Manual { return &Manual{t: Trunc(t)} }

// Now is the moment the clock was last set to.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.t
}

// Set moves the clock to t.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.t = Trunc(t)
}

// Advance moves the clock on by d.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.t = Trunc(m.t.Add(d))
}

// Shifted is a clock that runs a fixed but adjustable way from another; the
// demo uses it so that a visitor can walk past a deadline.
type Shifted struct {
	Base Clock
	// Home is the shift that Reset goes back to.
	Home time.Duration
	// Keep, if set, writes a new shift down so that a restart finds it; its
	// error leaves the clock as it was. Set it before the clock is shared.
	Keep func(by time.Duration) error

	mu sync.Mutex
	by time.Duration
}

// Now is the base clock's moment plus the shift.
func (s *Shifted) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Trunc(s.Base.Now().Add(s.by))
}

// Shift sets how far ahead the clock runs; less than zero is behind.
func (s *Shifted) Shift(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by = by
}

// Advance moves the clock on by d and keeps the shift.
func (s *Shifted) Advance(d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.move(s.by + d)
}

// Reset takes the clock home and keeps the shift.
func (s *Shifted) Reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.move(s.Home)
}

func (s *Shifted) move(by time.Duration) error {
	if s.Keep != nil {
		if err := s.Keep(by); err != nil {
			return err
		}
	}
	s.by = by
	return nil
}

// By is how far ahead the clock runs.
func (s *Shifted) By() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by
}
