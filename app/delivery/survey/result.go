package survey

import (
	"context"
	"fmt"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

func reviewed(shown, refused int) string {
	return fmt.Sprintf("公开 %d 条，不公开 %d 条", shown, refused)
}

// Bar is one answer to a question and how many gave it. Percent is of those
// who answered the question, in hundredths; Low and High its Wilson interval.
type Bar struct {
	Label   string `json:"label"`
	Count   int    `json:"count"`
	Percent int    `json:"percent"`
	Low     int    `json:"low"`
	High    int    `json:"high"`
}

// Share is Percent in words: 83.42%.
func (b Bar) Share() string { return percent(b.Percent) }

// Range is the interval in words.
func (b Bar) Range() string { return percent(b.Low) + "–" + percent(b.High) }

// Share is the satisfaction in words: 83.42%.
func (f Figure) Share() string { return percent(f.Percent) }

// Range is its interval in words.
func (f Figure) Range() string { return percent(f.Low) + "–" + percent(f.High) }

// Rate is how many of the invited answered, in hundredths of a percent.
func (f Figure) Rate() string { return percent(share(f.Answered, f.Asked)) }

// Average is Mean in words: 4.25.
func (t Tally) Average() string { return fmt.Sprintf("%d.%02d", t.Mean/100, t.Mean%100) }

// Points is the score in words: 85.33.
func (a Assessment) Points() string { return fmt.Sprintf("%d.%02d", a.Score/100, a.Score%100) }

func percent(hundredths int) string { return fmt.Sprintf("%d.%02d%%", hundredths/100, hundredths%100) }

// Tally is what a question was answered. Mean is of a scale, in hundredths of
// 1–5.
type Tally struct {
	Question Question `json:"question"`
	Answered int      `json:"answered"`
	Bars     []Bar    `json:"bars"`
	Mean     int      `json:"mean,omitempty"`
}

// Burst is an hour in which the poster got suspiciously many answers.
type Burst struct {
	Hour    time.Time `json:"hour"`
	Taken   int       `json:"taken"`
	Refused int       `json:"refused"`
}

// Result is what came of a survey that has closed. Invited is empty unless
// there are enough answers; Open unless there are enough not to point at
// people; a question that few answered is left out of either. Until it has closed, there are only the counts.
type Result struct {
	Survey  Survey         `json:"survey"`
	Closed  bool           `json:"closed"`
	Figure  Figure         `json:"satisfaction"`
	Rules   Limits         `json:"rules"`
	Invited []Tally        `json:"invited"`
	Open    []Tally        `json:"open"`
	Remarks []Remark       `json:"remarks"`
	Held    int            `json:"held"`
	Refused map[string]int `json:"refused"`
	Bursts  []Burst        `json:"bursts"`
}

// Result reads it for anyone who may view the survey; nobody, the payer
// included, sees more than counts before the survey has closed.
func (s *Service) Result(ctx context.Context, who party.Actor, survey id.ID) (Result, error) {
	r := Result{Rules: limits, Invited: []Tally{}, Open: []Tally{}, Remarks: []Remark{}, Refused: map[string]int{}, Bursts: []Burst{}}
	v, err := s.Get(ctx, who, survey)
	if err != nil {
		return r, err
	}
	now := s.clock.Now()
	r.Survey, r.Closed = v, v.Closed(now)
	t, err := tallied(ctx, s.db, survey)
	if err != nil {
		return r, err
	}
	r.Figure = t.figure(survey)
	if err := s.remarks(ctx, &r); err != nil {
		return r, err
	}
	if !r.Closed {
		r.Figure.Percent, r.Figure.Low, r.Figure.High, r.Figure.Enough = 0, 0, 0, false
		r.Remarks = []Remark{}
		return r, nil
	}
	if err := s.tallies(ctx, &r); err != nil {
		return r, err
	}
	r.Bursts, err = s.bursts(ctx, survey)
	return r, err
}

func (s *Service) remarks(ctx context.Context, r *Result) error {
	var counts []struct {
		State  RemarkState `bun:"state"`
		Ground string      `bun:"ground"`
		N      int         `bun:"n"`
	}
	if err := s.db.NewSelect().Model((*Remark)(nil)).ColumnExpr("state, ground, COUNT(*) AS n").Where("survey = ?", r.Survey.ID).Group("state", "ground").Scan(ctx, &counts); err != nil {
		return db.Translate(err)
	}
	for _, x := range counts {
		switch x.State {
		case Held:
			r.Held += x.N
		case Refused:
			r.Refused[x.Ground] += x.N
		}
	}
	err := s.db.NewSelect().Model(&r.Remarks).Where("survey = ? AND state = ?", r.Survey.ID, Shown).Order("way", "id").Limit(500).Scan(ctx)
	return db.Translate(err)
}

// tallies counts the answers of a closed survey, in pages so that memory stays
// small.
func (s *Service) tallies(ctx context.Context, r *Result) error {
	in, out := counting(r.Survey), counting(r.Survey)
	after := id.ID("")
	for {
		var page []answer
		if err := s.db.NewSelect().Model(&page).Where("survey = ? AND id > ?", r.Survey.ID, after).Order("id").Limit(2000).Scan(ctx); err != nil {
			return db.Translate(err)
		}
		for _, a := range page {
			if a.Way == Invited {
				in.add(a.Content)
			} else {
				out.add(a.Content)
			}
			after = a.ID
		}
		if len(page) < 2000 {
			break
		}
	}
	if r.Figure.Enough {
		r.Invited = in.done()
	}
	if r.Figure.Open >= limits.LeastShown {
		r.Open = out.done()
	}
	return nil
}

type counter struct {
	v    Survey
	seen map[string]map[string]int
}

func counting(v Survey) counter { return counter{v, map[string]map[string]int{}} }

func (c counter) add(content map[string]string) {
	for k, x := range content {
		if c.seen[k] == nil {
			c.seen[k] = map[string]int{}
		}
		c.seen[k][x]++
	}
}

var scaleNames = []string{"非常不满意", "不满意", "一般", "满意", "非常满意"}

// Labels are the answers a question offers, in order, each with the value that
// is sent for it.
func (q Question) Labels() (values, labels []string) {
	switch q.Kind {
	case Scale:
		for i := len(scaleNames) - 1; i >= 0; i-- {
			values, labels = append(values, fmt.Sprint(i+1)), append(labels, scaleNames[i])
		}
	case YesNo:
		return []string{"yes", "no"}, []string{"是", "否"}
	case Choice:
		for i, o := range q.Options {
			values, labels = append(values, fmt.Sprint(i+1)), append(labels, o)
		}
	case Text:
	}
	return values, labels
}

func (c counter) done() []Tally {
	out := []Tally{}
	for _, q := range c.v.Questions {
		if q.Kind == Text {
			continue
		}
		t := Tally{Question: q, Bars: []Bar{}}
		for _, n := range c.seen[q.Key] {
			t.Answered += n
		}
		if t.Answered < limits.LeastShown { // so few would point at people
			continue
		}
		values, labels := q.Labels()
		sum := 0
		for i, v := range values {
			n := c.seen[q.Key][v]
			b := Bar{Label: labels[i], Count: n, Percent: share(n, t.Answered)}
			if t.Answered > 0 {
				b.Low, b.High = Wilson(n, t.Answered)
			}
			t.Bars = append(t.Bars, b)
			sum += n * (len(values) - i)
		}
		if q.Kind == Scale && t.Answered > 0 {
			t.Mean = (sum*200 + t.Answered) / (2 * t.Answered)
		}
		out = append(out, t)
	}
	return out
}

// bursts are the hours in which the poster got many answers, or more than were
// taken.
func (s *Service) bursts(ctx context.Context, survey id.ID) ([]Burst, error) {
	at := map[time.Time]*Burst{}
	var many []struct {
		Received time.Time `bun:"received"`
		N        int       `bun:"n"`
	}
	if err := s.db.NewSelect().Model((*answer)(nil)).ColumnExpr("received, COUNT(*) AS n").Where("survey = ? AND way = ?", survey, Open).
		Group("received").Order("received").Scan(ctx, &many); err != nil {
		return nil, db.Translate(err)
	}
	for _, x := range many {
		at[x.Received.UTC()] = &Burst{Hour: x.Received.UTC(), Taken: x.N}
	}
	var refused []refusal
	if err := s.db.NewSelect().Model(&refused).Where("survey = ?", survey).Order("hour").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	order := make([]time.Time, 0, len(many))
	for _, x := range many {
		order = append(order, x.Received.UTC())
	}
	for _, x := range refused {
		if b := at[x.Hour.UTC()]; b != nil {
			b.Refused = int(x.Count)
			continue
		}
		at[x.Hour.UTC()] = &Burst{Hour: x.Hour.UTC(), Refused: int(x.Count)}
		order = append(order, x.Hour.UTC())
	}
	out := []Burst{}
	for _, h := range order {
		if b := at[h]; b.Taken >= limits.BurstPerHour || b.Refused > 0 {
			out = append(out, *b)
		}
	}
	return out, nil
}

// Satisfaction is the figure for readers; like the result it is public. A
// survey that does not exist or has not closed gives a Figure without Survey.
func (s *Service) Satisfaction(ctx context.Context, of id.ID) (Figure, error) {
	f, err := Satisfaction(ctx, s.db, of, s.clock.Now())
	if fault.Is(err, fault.NotFound) {
		return Figure{}, nil
	}
	return f, err
}
