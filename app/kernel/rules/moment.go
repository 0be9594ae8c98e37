package rules

import (
	"errors"
	"slices"
	"strings"
	"time"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
)

// The events that periods run from.
const (
	IntentionPublished  = "intention_published"
	Published           = "published"
	DocumentsUntil      = "documents_until"
	DocumentsKnown      = "documents_known" // taken, or their notice over: whichever is later
	BidDeadline         = "deadline"
	Evaluated           = "evaluated"
	Reported            = "reported"
	Chosen              = "chosen"
	ResultPublished     = "result_published"
	AwardNotified       = "award_notified"
	ContractSigned      = "contract_signed"
	ResultNoticed       = "result_noticed"
	ContractPublished   = "contract_published"
	ContractFiled       = "contract_filed"
	LosersBondsReturned = "losers_bonds_returned"
	WinnersBondReturned = "winners_bond_returned"
	ProcurementClosed   = "procurement_closed"
	QueryReceived       = "query_received"
	QueryAnswered       = "query_answered"
	ChallengeReceived   = "challenge_received"
	ChallengeAnswered   = "challenge_answered"
	ChallengeAnswerDue  = "challenge_answer_due"
	ComplaintReceived   = "complaint_received"
	ComplaintReviewed   = "complaint_reviewed"
	ComplaintCopied     = "complaint_copied"
	ComplaintDecided    = "complaint_decided"
	Suspended           = "suspended"
)

// Moment is a date that a rule makes.
type Moment struct {
	Rule Rule
	// Latest: something must be done before At. Otherwise nothing may be done
	// before At.
	Latest bool
	// At is nil where the day cannot be known; Missing then says why.
	At      *time.Time
	Missing string
	// Relative stands for At where the event it runs from is not known yet.
	Relative string
	// Assumed: the deadline it runs back from is taken at its earliest.
	Assumed bool
	// Event is what must happen at the latest at At, where that is not the
	// Until of the rule: the event a minimum runs from.
	Event string
}

// Text is the moment for a timeline:
// "不早于 2026年12月10日（政府采购法第35条）".
func (m Moment) Text() string {
	switch {
	case m.Relative != "":
		return m.Relative + "（" + m.Rule.Source() + "）"
	case m.At == nil:
		return m.Rule.Label() + "：" + m.Missing
	}
	source := "（" + m.Rule.Source() + "）"
	switch {
	case m.Latest:
		return "不迟于 " + calendar.Until(*m.At) + source
	case m.Rule.Unit == Days:
		return "不早于 " + m.At.In(clock.Beijing).Format("2006年1月2日") + source
	default:
		return "不早于 " + calendar.Until(*m.At) + source
	}
}

// Clock is the moment that rule id makes when its event happens at from.
//
// A maximum is a period to act in: it ends at 24:00, and a last day of rest
// moves on (民法典203). A minimum in 日 is satisfied on its n-th day, on
// whatever weekday; one in 工作日 is over at 24:00 of the n-th. The error is
// Invalid where the rule is not in force or runs no clock; a year without a
// table is no error but a Moment with Missing.
func (s Set) Clock(id string, from time.Time, cal *calendar.Calendar) (Moment, error) {
	r, ok := s.rules[id]
	if !ok || r.Anchor == "" {
		return Moment{}, fault.New(fault.Invalid, "没有适用的期限规则，请核对日期")
	}
	return clockOf(r, from, cal)
}

func clockOf(r Rule, from time.Time, cal *calendar.Calendar) (Moment, error) {
	m := Moment{Rule: r, Latest: r.Bound == Max}
	n := int(r.Value)
	var end time.Time
	var err error
	switch {
	case r.Before && r.Unit == Days:
		end, m.Latest = calendar.LatestBefore(from, n), true
	case r.Unit == Days && r.Bound == Max:
		end, err = cal.AddDays(from, n)
	case r.Unit == Days:
		end = calendar.Earliest(from, n)
	case r.Unit == Workdays && !r.Before:
		end, err = cal.AddWorkdays(from, n)
	case r.Unit == Minutes:
		end = from.Add(time.Duration(n) * time.Minute)
	case r.Unit == Months:
		end = monthsOn(from, n)
	case r.Unit == Years:
		end = monthsOn(from, 12*n)
	default:
		return m, fault.New(fault.Invalid, "这条规则不是期限，请核对")
	}
	var missing *fault.Fault
	if errors.As(err, &missing) {
		m.Missing = missing.Message
		return m, nil
	}
	m.At = &end
	return m, err
}

// monthsOn is the end of the day n months on; where that month is too short,
// of its last day (民法典202).
func monthsOn(from time.Time, n int) time.Time {
	d := calendar.Date(from)
	to := d.AddDate(0, n, 0)
	if to.Day() != d.Day() {
		to = to.AddDate(0, 0, -to.Day())
	}
	return to.AddDate(0, 0, 1)
}

// Clocks are the moments that an event at from makes under a method of
// procurement, in order of time; those that cannot be known come last.
func (s Set) Clocks(event, method string, from time.Time, cal *calendar.Calendar) ([]Moment, error) {
	var out []Moment
	for _, r := range s.All() {
		if r.Anchor != event || !r.applies(method) {
			continue
		}
		m, err := clockOf(r, from, cal)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(a, b Moment) int {
		switch {
		case a.At == nil && b.At == nil:
			return strings.Compare(a.Rule.ID, b.Rule.ID)
		case a.At == nil:
			return 1
		case b.At == nil:
			return -1
		}
		return a.At.Compare(*b.At)
	})
	return out, nil
}

// Deadlines are the moments that publication makes: until when documents are
// on offer, when bids may close at the earliest. The error is Invalid where
// the method is not offered.
func (s Set) Deadlines(method string, publishedAt time.Time, cal *calendar.Calendar) ([]Moment, error) {
	if _, err := Offered(method, publishedAt); err != nil {
		return nil, err
	}
	return s.Clocks(Published, method, publishedAt, cal)
}

// Deadlines is Set.Deadlines under the law of the day of publication.
func Deadlines(method string, publishedAt time.Time, cal *calendar.Calendar) ([]Moment, error) {
	return At(publishedAt).Deadlines(method, publishedAt, cal)
}
