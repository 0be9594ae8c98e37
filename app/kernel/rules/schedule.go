package rules

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"gongji/app/kernel/calendar"
)

// Event is something periods run from or to, in the order of a purchase.
type Event struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

var events = sync.OnceValue(func() []Event {
	var all []Event
	if data, err := files.ReadFile("data/events.json"); err == nil {
		_ = strict(data, &all) // a test proves it
	}
	return all
})

// Events are all events of procurement in order.
func Events() []Event { return slices.Clone(events()) }

// EventName is what people call an event.
func EventName(id string) string {
	if i := eventAt(id); i >= 0 {
		return events()[i].Name
	}
	return id
}

func eventAt(id string) int {
	return slices.IndexFunc(events(), func(e Event) bool { return e.ID == id })
}

// Known are the moments at which events happened, or were set to happen.
type Known map[string]time.Time

// Schedule is every earliest and latest moment of a purchase by a method under
// this law: those that what is known fixes, in order of time, then those that
// wait for events nobody knows yet, in the order of the events.
//
// A deadline that is not known is taken at its earliest, for the periods that
// run back from it; such a moment is Assumed.
func (s Set) Schedule(method string, known Known, cal *calendar.Calendar) ([]Moment, error) {
	var out []Moment
	ahead := s.assume(method, known, cal)
	for _, r := range s.All() {
		if r.Anchor == "" || r.Topic != "procurement" || !r.applies(method) {
			continue
		}
		m, err := s.place(r, known, ahead, cal)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(a, b Moment) int {
		if (a.At == nil) != (b.At == nil) {
			if a.At == nil {
				return 1
			}
			return -1
		}
		if a.At != nil {
			return cmp.Or(a.At.Compare(*b.At), strings.Compare(a.Rule.ID, b.Rule.ID))
		}
		return cmp.Or(cmp.Compare(eventAt(a.Rule.Anchor), eventAt(b.Rule.Anchor)), cmp.Compare(a.Rule.Value, b.Rule.Value), strings.Compare(a.Rule.ID, b.Rule.ID))
	})
	return out, nil
}

func (s Set) place(r Rule, known, ahead Known, cal *calendar.Calendar) (Moment, error) {
	from, ok := known[r.Anchor]
	to, later := known[r.Until]
	// A minimum between two events: seen from the later one, if that is when the
	// purchase begins.
	if later && r.Bound == Min && r.Unit == Days && (!ok || r.Until == Published) {
		end := calendar.LatestBefore(to, int(r.Value))
		return Moment{Rule: r, Latest: true, At: &end, Event: r.Anchor}, nil
	}
	if ok {
		return clockOf(r, from, cal)
	}
	if from, ok := ahead[r.Anchor]; ok {
		m, err := clockOf(r, from, cal)
		m.Assumed = true
		return m, err
	}
	return Moment{Rule: r, Latest: r.Bound == Max || r.Before, Relative: relative(r)}, nil
}

// assume is the earliest deadline that what is known allows.
func (s Set) assume(method string, known Known, cal *calendar.Calendar) Known {
	from, published := known[Published]
	if _, fixed := known[BidDeadline]; fixed || !published {
		return nil
	}
	earliest := known[DocumentsUntil]
	for _, r := range s.All() {
		if r.Anchor != Published || r.Until != BidDeadline || !r.applies(method) {
			continue
		}
		if m, err := clockOf(r, from, cal); err == nil && m.At != nil && m.At.After(earliest) {
			earliest = *m.At
		}
	}
	if earliest.IsZero() {
		return nil
	}
	return Known{BidDeadline: earliest}
}

// relative words a period from an event that nobody knows yet:
// "评审报告送交后5个工作日内", "提交截止15日前".
func relative(r Rule) string {
	name := EventName(r.Anchor)
	switch {
	case r.Before:
		return name + r.Quantity() + "前"
	case r.Bound == Max:
		return name + "后" + r.Quantity() + "内"
	default:
		return name + "后满" + r.Quantity()
	}
}

// Done is when the event that ends the moment's period happened, if it did.
func (m Moment) Done(known Known) *time.Time {
	if at, ok := known[m.Rule.Until]; ok && m.Event == "" {
		return &at
	}
	if at, ok := known[m.Event]; ok {
		return &at
	}
	return nil
}

// With is k and one event more; k stays as it is.
func (k Known) With(event string, at *time.Time) Known {
	if at == nil {
		return k
	}
	out := maps.Clone(k)
	if out == nil {
		out = Known{}
	}
	out[event] = *at
	return out
}
