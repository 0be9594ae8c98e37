package web

import (
	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/templates"
)

// performancePage is performance/show.html: an evaluation from the inside or,
// once published, as anyone sees it.
type performancePage struct {
	templates.Chrome
	Case    performance.Case
	Answer  recordAnswer // of the provider, once it is published
	Answers bool
	Status  templates.Status
	Grade   templates.Status
	Groups  []scoreGroup
	Chart   templates.Chart
	Next    *templates.Action
	Due     *templates.Deadline
	May     map[string]bool // which decisions are open to the viewer
	Typed   map[string]string
	Figures []figureRow
	Files   []templates.File
	Self    []performance.SelfPart
	Score   string // the provider's own
	Facts   []performance.Fact
	Round   string
	Show    bool // scores may be seen and are there
	Against []performance.Objection
	Lines   []templates.Option // what an objection may be about
	About   []string           // which of them were chosen
	Mends   []mendCard
}

// decisions are what the page of an evaluation has forms for.
var decisions = []string{"check", "approve", "object", "answer", "publish", "mend", "close", "evidence"}

func performanceStatus(x performance.Case) templates.Status {
	tone := templates.Info
	switch {
	case x.Returned(), x.State == performance.Notice:
		tone = templates.Warn
	case x.State == performance.Published:
		tone = templates.OK
	}
	return templates.Status{Label: x.StateName(), Tone: tone}
}

func (w *Web) performancePage(r *edge.Request) (*performancePage, error) {
	x, err := w.performanceCase(r, "view")
	if err != nil {
		return nil, err
	}
	p := &performancePage{Case: x, Status: performanceStatus(x), Grade: gradeStatus(x.Grade), Show: x.Total != nil, Round: performance.Rounding,
		Next: w.performanceNext(r, x), May: map[string]bool{}, Typed: map[string]string{}}
	p.Title, p.Now = "绩效评价："+x.Of.Title, r.Now()
	p.Breadcrumbs = []templates.Crumb{{Label: x.Of.Title, Href: engagementHref(x.Engagement)}, {Label: "绩效评价"}}
	if x.PublishedAt != nil {
		if p.Answer, p.Answers, err = w.answerTo(r, x.Provider, performance.Object, x.ID); err != nil {
			return nil, err
		}
	}
	for _, d := range decisions {
		p.May[d] = w.Performance.Allowed(r.Context(), r.Actor(), x, d)
	}
	if p.Show {
		p.Groups, p.Chart = lineGroups(x, p.May["evidence"]), pillarChart(x.Pillars)
	}
	desk, err := w.Performance.Desk(r.Context(), r.Actor(), x)
	if err != nil {
		return nil, err
	}
	p.Figures = figureRows(x, desk.Links, p.May["evidence"])
	if err := w.selfScore(p, desk); err != nil {
		return nil, err
	}
	if p.May["evidence"] {
		if p.Files, err = w.files(r, performance.EvidenceKind, x.ID); err != nil {
			return nil, err
		}
	}
	return p, w.afterwards(r, p)
}

// selfScore is what the provider gave itself, with the figures of now, or of
// when the result was submitted.
func (w *Web) selfScore(p *performancePage, d performance.Desk) error {
	if p.Case.SelfAt == nil {
		return nil
	}
	facts := d.Facts
	for _, f := range p.Case.Facts {
		facts[f.Source] = f
	}
	if parts, total, ok := performance.SelfScore(p.Case.Tree, p.Case.Self.Figures, facts, d.Law); ok {
		p.Self, p.Score = parts, performance.Points(total)
	}
	return nil
}

func pillarChart(in []performance.Pillar) templates.Chart {
	c := templates.Chart{ID: "pillars", Kind: "radar", Title: "四个方面的得分率", Unit: "%", Max: 100, Note: "得分 ÷ 满分；分数见评分明细。"}
	rates := templates.Series{Name: "得分率（%）"}
	for _, p := range in {
		if p.Weight == 0 {
			continue // nothing of it counts
		}
		c.Labels = append(c.Labels, p.Name)
		rates.Values = append(rates.Values, float64(p.Points*1000/p.Weight)/10)
	}
	c.Series = []templates.Series{rates}
	return c
}

// performanceCase reads the evaluation of the address for who may do the action.
func (w *Web) performanceCase(r *edge.Request, action string) (performance.Case, error) {
	e, err := r.ID("id")
	if err != nil {
		return performance.Case{}, err
	}
	if action != "view" {
		if err := w.Performance.May(r.Context(), r.Actor(), e, action); err != nil {
			return performance.Case{}, err
		}
	}
	return w.Performance.Get(r.Context(), r.Actor(), e)
}

func (w *Web) performanceShow(r *edge.Request) (edge.Response, error) {
	p, err := w.performancePage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "performance/show", p), nil
}
