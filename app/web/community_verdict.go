package web

import (
	"slices"

	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/need"
	"gongji/app/delivery/performance"
	"gongji/app/delivery/survey"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// verdictRow is what meets a need, with what came of it.
type verdictRow struct {
	need.Link
	Came []verdict
}

// verdict is what residents, the evaluation and the acceptance said of one
// engagement, as anyone may read it.
type verdict struct {
	need.Came
	Figure     survey.Figure
	Grade      string
	Score      string
	Evaluation id.ID
	Accepted   string
}

// needsMet is the card of the needs that a purchase, a call or an engagement
// meets, with the verdicts on what came of it.
type needsMet struct {
	List []need.Need
	Came []verdict
}

func (w *Web) needsMet(r *edge.Request, k need.Kind, ref id.ID) (m needsMet, err error) {
	if m.List, err = w.Needs.Of(r.Context(), k, ref); err != nil || len(m.List) == 0 {
		return m, err
	}
	m.Came, err = w.verdicts(r, k, ref)
	return m, err
}

func (w *Web) verdicts(r *edge.Request, k need.Kind, ref id.ID) ([]verdict, error) {
	came, err := w.Needs.CameOf(r.Context(), k, ref)
	var out []verdict
	for _, c := range came {
		v, err := w.verdict(r, c)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, err
}

// unseen reports whether an error says no more than that there is nothing for
// anyone to see.
func unseen(err error) bool {
	return fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Unauthenticated)
}

func (w *Web) verdict(r *edge.Request, c need.Came) (verdict, error) {
	v := verdict{Came: c}
	var err error
	if v.Figure, err = w.Residents.Satisfaction(r.Context(), c.ID); err != nil {
		return v, err
	}
	x, err := w.Performance.OfEngagement(r.Context(), party.Actor{}, c.ID)
	switch {
	case err == nil && x.State == performance.Published:
		v.Grade, v.Score, v.Evaluation = string(x.Grade), x.Points(), x.ID
	case err != nil && !unseen(err):
		return v, err
	}
	list, err := w.Acceptances.List(r.Context(), party.Actor{}, c.ID)
	if unseen(err) {
		err = nil
	}
	if i := slices.IndexFunc(list, func(c acceptance.Case) bool { return c.PublishedAt != nil }); i >= 0 {
		v.Accepted = list[i].StateName()
	}
	return v, err
}
