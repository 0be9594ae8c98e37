package disclosure

import (
	"cmp"
	"slices"
	"time"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
)

// Subject is what a disclosure is about: a fund, or a campaign of public
// fundraising. Ended is when it ended.
type Subject struct {
	Kind           string     `json:"kind"`
	ID             id.ID      `json:"id"`
	Name           string     `json:"name"` // with the foundation's full name
	Foundation     id.ID      `json:"foundation"`
	FoundationName string     `json:"foundation_name"`
	Start          time.Time  `json:"start"`
	Ended          *time.Time `json:"ended,omitempty"`
	// Planned is when it is to end, exclusive; nil where no end was agreed: it
	// then counts as longer than six months.
	Planned *time.Time `json:"planned_end,omitempty"`
	Demo    bool       `json:"demo"`
}

// Spell is a major emergency that a subject serves (慈善法72).
type Spell struct {
	From  time.Time
	Until *time.Time // nil while it lasts
}

// Done is a disclosure that was published, by its first edition.
type Done struct {
	Kind        Kind
	From, To    time.Time
	PublishedAt time.Time
}

// Due is a disclosure that must come.
type Due struct {
	Subject Subject    `json:"subject"`
	Kind    Kind       `json:"kind"`
	From    time.Time  `json:"from"`         // what it must cover
	To      *time.Time `json:"to,omitempty"` // exclusive; nil: until it is drafted
	At      time.Time  `json:"due_at"`       // exclusive
	Rule    rules.Rule `json:"-"`
	Article string     `json:"article"`
	// Also is another rule that wants the same on another day: both are kept.
	Also string `json:"also,omitempty"`
	// Draft is the one that is being worked on, "" where there is none.
	Draft      id.ID `json:"draft,omitempty"`
	DraftState State `json:"draft_state,omitempty"`
}

// Late is by how many days a due disclosure is late at a moment; 0 in time.
func (d Due) Late(now time.Time) int {
	if now.Before(d.At) {
		return 0
	}
	return overdue(d.At, now)
}

// Name is what must be published.
func (d Due) Name() string {
	if d.Kind == Yearly {
		return d.From.In(clock.Beijing).Format("2006") + "年度公布"
	}
	return d.Kind.Name()
}

// Dues is the calendar of a subject as the law of the day has it, the first
// deadline first. Pure. The error is of a rule that is not in force.
func Dues(s Subject, done []Done, spells []Spell, now time.Time, cal *calendar.Calendar) ([]Due, error) {
	law := rules.At(now)
	var out []Due
	add := func(k Kind, covered, from time.Time) error {
		m, err := law.Clock(k.rule(), from, cal)
		if err != nil {
			return err
		}
		at := calendar.Date(from).AddDate(0, 0, int(m.Rule.Value)+1) // a year without a table moves no last day: the stricter
		if m.At != nil {
			at = *m.At
		}
		out = append(out, Due{Subject: s, Kind: k, From: covered, At: at.UTC(), Rule: m.Rule, Article: m.Rule.Source()})
		return nil
	}
	covered, told := covered(s.Start, done, Regular, Final)
	switch {
	case s.Ended == nil && !s.long(law):
	case s.Ended == nil:
		if err := add(Regular, covered, told); err != nil {
			return nil, err
		}
	case !slices.ContainsFunc(done, func(d Done) bool { return d.Kind == Final }):
		if err := add(Final, s.Start, *s.Ended); err != nil {
			return nil, err
		}
	}
	for _, x := range spells {
		reached, last := spellCovered(x, done)
		if x.Until != nil && !reached.Before(*x.Until) {
			continue
		}
		if err := add(Emergency, reached, last); err != nil {
			return nil, err
		}
	}
	out = append(out, years(s, done, now)...)
	slices.SortStableFunc(out, func(a, b Due) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind)) })
	return out, nil
}

// long reports whether the whole of it takes longer than the law's six months
// (慈善法78–79): then it is told of in between, not only when it ends.
func (s Subject) long(law rules.Set) bool {
	return s.Planned == nil || s.Planned.After(calendar.Date(s.Start).AddDate(0, int(law.Must(rules.CampaignLong).Value), 0))
}

// covered is until when disclosures of some kinds reach, and when the last of
// them was published; the start of the subject where there is none.
func covered(start time.Time, done []Done, kinds ...Kind) (reached, told time.Time) {
	reached, told = start, start
	for _, d := range done {
		if !slices.Contains(kinds, d.Kind) {
			continue
		}
		if d.To.After(reached) {
			reached = d.To
		}
		if d.PublishedAt.After(told) {
			told = d.PublishedAt
		}
	}
	return reached, told
}

// spellCovered is covered for an emergency: what was published before it does
// not count.
func spellCovered(x Spell, done []Done) (reached, told time.Time) {
	var in []Done
	for _, d := range done {
		if d.PublishedAt.After(x.From) {
			in = append(in, d)
		}
	}
	return covered(x.From, in, Emergency)
}

// years are the yearly disclosures that are not there: of every year that is
// over, and of the one that runs.
func years(s Subject, done []Done, now time.Time) []Due {
	var out []Due
	for y := s.Start.In(clock.Beijing).Year(); y <= now.In(clock.Beijing).Year(); y++ {
		first := time.Date(y, 1, 1, 0, 0, 0, 0, clock.Beijing).UTC()
		next := time.Date(y+1, 1, 1, 0, 0, 0, 0, clock.Beijing).UTC()
		if s.Ended != nil && s.Ended.Before(first) {
			break
		}
		if end := cmp.Or(s.Ended, s.Planned); s.Planned != nil && !end.After(next) {
			break // what has an end tells of its last year when it ends
		}
		if s.Start.After(first) {
			first = s.Start
		}
		if slices.ContainsFunc(done, func(d Done) bool { return d.Kind == Yearly && d.To.Equal(next) }) {
			continue
		}
		law := rules.At(time.Date(y+1, 3, 1, 0, 0, 0, 0, clock.Beijing))
		r, ok := law.Get(rules.CharityYearlyReport)
		if !ok {
			continue
		}
		also := ""
		if f, ok := law.Get(rules.FoundationYearlyReport); ok {
			also = f.Name + "：" + f.Label()
		}
		out = append(out, Due{Subject: s, Kind: Yearly, From: first, To: &next, At: dayOf(r, y+1), Rule: r, Article: r.Source(), Also: also})
	}
	return out
}

// dayOf is the end of the day of a year that a rule names.
func dayOf(r rules.Rule, year int) time.Time {
	return time.Date(year, time.Month(r.Value/100), int(r.Value%100)+1, 0, 0, 0, 0, clock.Beijing).UTC()
}
