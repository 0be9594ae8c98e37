package reconciliation

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

const noun = "月对账"

func read(ctx context.Context, d bun.IDB, month id.ID) (Month, error) {
	var m Month
	err := d.NewSelect().Model(&m).Where("id = ?", month).Scan(ctx)
	return m, db.Found(err, noun)
}

// all lists the months of an engagement, oldest first.
func all(ctx context.Context, d bun.IDB, of id.ID) ([]Month, error) {
	out := []Month{}
	err := d.NewSelect().Model(&out).Where("engagement = ?", of).Order("month").Scan(ctx)
	return out, db.Translate(err)
}

// sums are the figures from a moment until another, exclusive.
func (s *Service) sums(ctx context.Context, d bun.IDB, e engagement.Engagement, from, until time.Time) (Figures, error) {
	var out Figures
	var err error
	if out.Accepted, out.Waiting, err = expense.AcceptedBetween(ctx, d, e.ID, from, until); err != nil {
		return out, err
	}
	before, err := s.engagements.Money(ctx, d, e, from)
	if err != nil {
		return out, err
	}
	all, err := s.engagements.Money(ctx, d, e, until)
	out.Paid = all.Paid - before.Paid
	out.Ledger = out.Paid
	if all.Ledger != nil && before.Ledger != nil {
		out.Ledger = *all.Ledger - *before.Ledger
	}
	return out, err
}

// compute lays a month side by side: live, or as it stands for one that is open.
func (s *Service) compute(ctx context.Context, d bun.IDB, e engagement.Engagement, m Month, months []Month, now time.Time) (Content, error) {
	out := Content{Earlier: map[string]Figures{}, Weeks: []Week{}, Lines: []LineMonth{}}
	var err error
	from, until := m.Month, m.Until()
	if out.Figures, err = s.sums(ctx, d, e, from, until); err != nil {
		return out, err
	}
	begin := first(e.Start).AddDate(-50, 0, 0)
	whole, err := s.sums(ctx, d, e, begin, until)
	if err != nil {
		return out, err
	}
	out.AcceptedAll, out.PaidAll = whole.Accepted, whole.Paid
	books, err := s.engagements.Money(ctx, d, e, until)
	if err != nil {
		return out, err
	}
	out.Approved, out.Own = books.Approved, books.Ledger == nil
	was := map[string]Figures{}
	for _, x := range months {
		if !x.Month.Before(m.Month) {
			break
		}
		if out.Earlier[monthKey(x.Month)], err = s.sums(ctx, d, e, x.Month, x.Until()); err != nil {
			return out, err
		}
		if x.State == Closed { // what its successor knew counts more than what it knew itself
			was[monthKey(x.Month)] = x.Content.Figures
			for k, v := range x.Content.Earlier {
				was[k] = v
			}
		}
	}
	p, err := plan.Of(ctx, d, e.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return out, err
	}
	agreed := err == nil && p.AgreedAt != nil && p.AgreedAt.Before(until)
	if agreed {
		if out.Lines, err = lines(ctx, d, p, from, until); err != nil {
			return out, err
		}
	}
	if out.Weeks, err = weeks(ctx, d, e, m.Month); err != nil {
		return out, err
	}
	var notes []note
	if err := d.NewSelect().Model(&notes).Where("month = ?", m.ID).Order("id").Scan(ctx); err != nil {
		return out, db.Translate(err)
	}
	f := facts{of: e, month: m, now: now, live: out, was: was, weekly: agreed}
	out.Differences = explained(f.differences(), notes)
	return out, nil
}

func weeks(ctx context.Context, d bun.IDB, e engagement.Engagement, month time.Time) ([]Week, error) {
	var reports []expense.Report
	if err := d.NewSelect().Model(&reports).Column("id", "week", "state", "total").Where("engagement = ?", e.ID).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	out := []Week{}
	for _, w := range weeksOf(e, month) {
		x := Week{Monday: w}
		for _, r := range reports {
			if r.Week.Equal(w) {
				x.Report, x.State, x.Total = &r.ID, string(r.State), r.Total
			}
		}
		out = append(out, x)
	}
	return out, nil
}

func lines(ctx context.Context, d bun.IDB, p plan.Plan, from, until time.Time) ([]LineMonth, error) {
	before, err := expense.LinesUntil(ctx, d, p.Engagement, from)
	if err != nil {
		return nil, err
	}
	upTo, err := expense.LinesUntil(ctx, d, p.Engagement, until)
	out := []LineMonth{}
	for _, l := range p.Content.Lines {
		out = append(out, LineMonth{Name: l.Name, Budget: l.Amount, Before: before[l.Name], Month: upTo[l.Name] - before[l.Name]})
	}
	return out, err
}

// live gives an open month as it stands now and a closed one as it was closed.
func (s *Service) live(ctx context.Context, d bun.IDB, e engagement.Engagement, m *Month, months []Month) error {
	if m.State == Closed {
		return nil
	}
	var err error
	m.Content, err = s.compute(ctx, d, e, *m, months, s.clock.Now())
	return err
}

// Get reads a month for the parties.
func (s *Service) Get(ctx context.Context, who party.Actor, month id.ID) (Case, error) {
	m, err := read(ctx, s.db, month)
	if err != nil {
		return Case{}, err
	}
	e, err := s.engagements.Get(ctx, who, m.Engagement)
	if err == nil {
		err = s.engagements.Require(who, e, "follow")
	}
	if err != nil {
		return Case{}, err
	}
	months, err := all(ctx, s.db, e.ID)
	if err == nil {
		err = s.live(ctx, s.db, e, &m, months)
	}
	return Case{m, e}, err
}

// Book is the months of an engagement: those begun, the newest first, and the
// first that can be begun now, nil where there is none.
type Book struct {
	Months []Month    `json:"months"`
	Next   *time.Time `json:"next,omitempty"`
}

// Book lists the months for the parties.
func (s *Service) Book(ctx context.Context, who party.Actor, of id.ID) (Book, error) {
	out := Book{Months: []Month{}}
	e, err := s.engagements.Get(ctx, who, of)
	if err == nil {
		err = s.engagements.Require(who, e, "follow")
	}
	if err != nil {
		return out, err
	}
	months, err := all(ctx, s.db, of)
	if err != nil {
		return out, err
	}
	for i := len(months) - 1; i >= 0; i-- {
		m := months[i]
		if err := s.live(ctx, s.db, e, &m, months); err != nil {
			return out, err
		}
		out.Months = append(out.Months, m)
	}
	out.Next = next(e, months, s.clock.Now())
	return out, nil
}

// next is the oldest month that is over and was not begun.
func next(e engagement.Engagement, months []Month, now time.Time) *time.Time {
	for _, m := range monthsOf(e, now) {
		begun := false
		for _, x := range months {
			begun = begun || x.Month.Equal(m)
		}
		if !begun {
			return &m
		}
	}
	return nil
}

// Waiting are the months that a payer's officer or finance has to go on with.
func (s *Service) Waiting(ctx context.Context, who party.Actor) ([]engagement.Task, error) {
	if who.Org == "" || who.Role != party.Officer && who.Role != party.Finance {
		return nil, nil
	}
	return engagement.Tasks(ctx, s.db.NewSelect().Model((*Month)(nil)).Join("JOIN engagement AS e ON e.id = month.engagement").
		Where("e.payer = ? AND month.state = ?", who.Org, Open), "month.id", "month.opened_at")
}
