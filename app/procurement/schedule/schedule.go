// Package schedule says of a published purchase what the law's clock makes of
// it: every earliest and latest moment with its article, what came of the past
// ones, and what the coming ones wait for.
package schedule

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/award"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/framework"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Line is one moment of a purchase. Done is when the event it bounds happened;
// Late that it happened after its latest moment, or before its earliest. Main
// lines are the purchase's own course; the others are clocks that somebody may
// start: questions, challenges, complaints.
type Line struct {
	Rule     string     `json:"rule"`
	Name     string     `json:"name"`
	Says     string     `json:"says"`
	Latest   bool       `json:"latest"`
	At       *time.Time `json:"at"`
	Text     string     `json:"text"`
	Relative string     `json:"relative,omitempty"`
	Missing  string     `json:"missing,omitempty"`
	Assumed  bool       `json:"assumed,omitempty"`
	Done     *time.Time `json:"done,omitempty"`
	Late     bool       `json:"late,omitempty"`
	Tracked  bool       `json:"tracked"` // the platform would know if it had happened
	Main     bool       `json:"main"`
	Article  string     `json:"article"`
	Certain  bool       `json:"certain"`
}

// Source tells when events of a purchase happened, as far as it knows and the
// actor may know.
type Source func(ctx context.Context, d bun.IDB, who party.Actor, t tender.Tender) (rules.Known, error)

// Service reads the schedule of purchases.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	calendar *calendar.Calendar
	sources  []Source
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, cal *calendar.Calendar) *Service {
	return &Service{db: d, clock: c, calendar: cal}
}

// Ask adds a source: what it knows goes over what the rows of the purchase
// say. Only the assembly calls it.
func (s *Service) Ask(x Source) { s.sources = append(s.sources, x) }

// tracked are the events that the platform itself records.
var tracked = map[string]bool{rules.DocumentsUntil: true, rules.BidDeadline: true, rules.Reported: true, rules.Chosen: true,
	rules.AwardNotified: true, rules.ContractSigned: true, rules.ContractPublished: true, rules.ContractFiled: true, rules.IntentionPublished: true, rules.ResultNoticed: true,
	rules.QueryAnswered: true, rules.ChallengeAnswered: true, rules.ComplaintReviewed: true,
	rules.ComplaintCopied: true, rules.ComplaintDecided: true, rules.LosersBondsReturned: true, rules.WinnersBondReturned: true}

// aside are the events of clocks that somebody may start.
var aside = map[string]bool{rules.QueryReceived: true, "withdrawn": true, "explanation_asked": true, "last_offer_asked": true, "harm_known": true, rules.ChallengeReceived: true,
	rules.ChallengeAnswerDue: true, rules.ComplaintReceived: true, rules.Suspended: true}

// Of is the schedule of a published tender that the actor may view, under the
// law it was published under; clocks of a 质疑 are seen by its parties. A record that was placed and not published here
// has none: the law of its own day ruled it.
func (s *Service) Of(ctx context.Context, who party.Actor, t tender.Tender) ([]Line, error) {
	if t.PublishedAt == nil || t.Rules == "" {
		return nil, nil
	}
	set, err := t.RuleSet(s.clock.Now())
	if err != nil {
		return nil, err
	}
	known, none, err := s.known(ctx, who, t, set)
	if err != nil {
		return nil, err
	}
	list, err := set.Schedule(t.Method, known, s.calendar)
	how, _ := t.How()
	out := make([]Line, 0, len(list))
	for _, m := range list {
		if m.At == nil && t.ClosedAt != nil {
			continue // what it waits for will not come
		}
		if _, ok := known[rules.IntentionPublished]; !ok && m.Rule.ID == rules.IntentionBeforePurchase {
			continue // none was owed, or it is not known here
		}
		if m.At != nil && none[m.Rule.Until] {
			continue // nobody gave a bond
		}
		l := line(m, known)
		if how.Admits && m.Rule.Until == rules.ContractSigned {
			l.Tracked = false // the agreement itself is signed elsewhere; only call-offs have contracts here
		}
		out = append(out, l)
	}
	return out, err
}

func line(m rules.Moment, known rules.Known) Line {
	ends := m.Rule.Until
	if m.Event != "" {
		ends = m.Event
	}
	l := Line{Rule: m.Rule.ID, Name: m.Rule.Name, Says: m.Rule.Limit(), Latest: m.Latest, At: m.At, Text: m.Text(), Relative: m.Relative, Missing: m.Missing,
		Assumed: m.Assumed, Done: m.Done(known), Tracked: tracked[ends], Main: !aside[m.Rule.Anchor], Article: m.Rule.Article, Certain: m.Rule.Certain}
	if l.Done != nil && m.At != nil {
		l.Late = m.Latest && l.Done.After(*m.At) || !m.Latest && l.Done.Before(*m.At)
	}
	return l
}

// Next is the first moment that still lies ahead and by which something must
// be done; nil where there is none.
func Next(lines []Line, now time.Time) *Line {
	var next *Line
	for i, l := range lines {
		if l.Latest && l.At != nil && l.Done == nil && now.Before(*l.At) && (next == nil || l.At.Before(*next.At)) {
			next = &lines[i]
		}
	}
	return next
}

// known gathers when the events of a purchase happened from its own rows, and
// which can never happen because there is nothing to give back.
func (s *Service) known(ctx context.Context, who party.Actor, t tender.Tender, set rules.Set) (k rules.Known, none map[string]bool, err error) {
	k = rules.Known{}.With(rules.Published, t.PublishedAt).With(rules.DocumentsUntil, t.DocumentsUntil).With(rules.BidDeadline, t.Deadline)
	var e evaluation.Evaluation
	err = db.Found(s.db.NewSelect().Model(&e).ExcludeColumn("record").Where("tender = ?", t.ID).Scan(ctx), "评审结果")
	switch {
	case err == nil:
		k = k.With(rules.Evaluated, &e.EvaluatedAt).With(rules.Reported, e.ReportedAt)
	case !fault.Is(err, fault.NotFound):
		return nil, nil, err
	}
	decided, winners, err := s.result(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	if decided != nil {
		k = k.With(rules.Chosen, decided).With(rules.AwardNotified, decided).With(rules.ResultPublished, decided)
		losers, won, err := award.BondReturns(ctx, s.db, t.ID, winners...)
		if err != nil {
			return nil, nil, err
		}
		k = k.With(rules.LosersBondsReturned, losers.Last).With(rules.WinnersBondReturned, won.Last)
		none = map[string]bool{rules.LosersBondsReturned: losers.Kept == 0, rules.WinnersBondReturned: won.Kept == 0}
	}
	c, err := contract.SignedOf(ctx, s.db, t.ID)
	switch {
	case err == nil:
		k = k.With(rules.ContractSigned, &c.SignedOn).With(rules.ContractPublished, &c.RecordedAt).With(rules.ContractFiled, c.FiledAt)
	case !fault.Is(err, fault.NotFound):
		return nil, nil, err
	}
	if t.ClosedAt != nil {
		k = k.With(rules.ProcurementClosed, t.ClosedAt)
	}
	for _, ask := range s.sources {
		more, err := ask(ctx, s.db, who, t)
		if err != nil {
			return nil, nil, err
		}
		for event, at := range more {
			k = k.With(event, &at)
		}
	}
	if at, ok := k[rules.ResultPublished]; ok {
		if m, err := set.Clock(rules.ResultNoticePeriod, at, s.calendar); err == nil {
			k = k.With(rules.ResultNoticed, m.At)
		}
	}
	return k, none, nil
}

// result is when the outcome of a purchase was decided and made public, and
// who won it: the supplier of its award, or those its framework admitted.
func (s *Service) result(ctx context.Context, t tender.Tender) (*time.Time, []id.ID, error) {
	if m, _ := t.How(); m.Admits {
		f, err := framework.ApprovedOf(ctx, s.db, t.ID)
		if err != nil {
			return nil, nil, absent(err)
		}
		winners, err := framework.Admitted(ctx, s.db, t.ID)
		return f.DecidedAt, winners, err
	}
	a, err := award.ApprovedOf(ctx, s.db, t.ID)
	if err != nil {
		return nil, nil, absent(err)
	}
	return a.DecidedAt, []id.ID{a.Supplier}, nil
}

// absent lets what is not there yet pass.
func absent(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
