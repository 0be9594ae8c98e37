package tender

import (
	"context"
	"maps"
	"time"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
	"gongji/app/party"
)

// Suggestion is what the law says of one date of a draft, were it published
// now: the earliest value and, where one is typed, what is wrong with it.
type Suggestion struct {
	Field    string // documents_until, deadline
	Label    string
	Rule     rules.Rule
	Earliest *time.Time // the first moment that is lawful
	Missing  string     // why there is none
	Wrong    string     // what is wrong with the value typed
	Fine     bool       // a value is typed and lawful
}

// Words is the suggestion's moment as people say it.
func (s Suggestion) Words() string {
	switch {
	case s.Earliest == nil:
		return s.Missing
	case s.Rule.Unit == rules.Days:
		return s.Earliest.In(clock.Beijing).Format("2006年1月2日")
	}
	return calendar.Until(*s.Earliest)
}

// Suggest looks at the dates of a draft as they are being typed; over holds
// what is typed and not saved yet.
func (s *Service) Suggest(_ context.Context, who party.Actor, t Tender, over map[string]string) ([]Suggestion, error) {
	if err := s.Require(who, t, "edit"); err != nil {
		return nil, err
	}
	form := t.Form
	form.Values = maps.Clone(form.Values)
	if form.Values == nil {
		form.Values = map[string]string{}
	}
	for k, v := range over {
		if pageOf[k] == PageSchedule {
			form.Values[k] = v
		}
	}
	return s.suggest(form, s.clock.Now())
}

// Planned is what the law says of the dates of a draft, were it published at a
// moment, now at the earliest: for the page that is checked before a binding
// step.
func (s *Service) Planned(_ context.Context, who party.Actor, t Tender, at time.Time) ([]Suggestion, error) {
	if err := s.Require(who, t, "follow"); err != nil {
		return nil, err
	}
	if now := s.clock.Now(); at.Before(now) {
		at = now
	}
	return s.suggest(t.Form, at)
}

// suggest looks at the dates of a form, published at now.
func (s *Service) suggest(form Form, now time.Time) ([]Suggestion, error) {
	var c fault.Check
	x, set := form.facts(&c), rules.At(now)
	checkSchedule(&c, form, &x, set, now, s.calendar)
	issue := now
	if x.DocumentsFrom != nil && x.DocumentsFrom.After(now) {
		issue = *x.DocumentsFrom
	}
	typed := map[string]*time.Time{"documents_until": x.DocumentsUntil, "deadline": x.Deadline}
	complaints, _ := fault.Complaints(c.Err())
	m, _ := rules.MethodByID(x.Method)
	var out []Suggestion
	for _, q := range []struct{ field, label, rest string }{
		{"documents_until", "采购文件提供至", "documents_on_offer"}, {"deadline", "提交截止时间", "documents_to_deadline"}, {"deadline", "提交截止时间（公示期满之后）", m.Notice},
	} {
		rule := set.Of(x.Method, q.rest)
		if q.rest == "" || rule.ID == "" {
			continue
		}
		moment, err := set.Clock(rule.ID, issue, s.calendar)
		if err != nil {
			return nil, err
		}
		one := Suggestion{Field: q.field, Label: q.label, Rule: rule, Earliest: moment.At, Missing: moment.Missing}
		for _, f := range complaints {
			if f.Name == q.field && form.Get(q.field) != "" {
				one.Wrong = f.Message
			}
		}
		one.Fine = typed[q.field] != nil && one.Wrong == ""
		out = append(out, one)
	}
	return out, nil
}

// Pages are the pages of the task list that this draft's method has a use for.
func (x Facts) Pages() []string {
	m, _ := rules.MethodByID(x.Method)
	var out []string
	for _, p := range Pages {
		if p == PageParties && len(m.Grounds)+len(m.Ways) == 0 && !m.Parent {
			continue
		}
		if p == PageScoring && len(m.Scoring) == 1 && m.Scoring[0] == LowestPrice {
			continue
		}
		out = append(out, p)
	}
	return out
}
