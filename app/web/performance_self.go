package web

import (
	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/templates"
)

// selfPage is performance/self.html.
type selfPage struct {
	templates.Chrome
	Case   performance.Case
	Form   performance.Self
	Groups []scoreGroup
	Parts  []performance.SelfPart // by the weights of 单位自评, once nothing is open
	Score  string
	Levels string
	Files  []templates.File
}

func (w *Web) selfPage(r *edge.Request) (*selfPage, error) {
	x, err := w.performanceCase(r, "report")
	if err != nil {
		return nil, err
	}
	p := &selfPage{Case: x}
	p.Title = "填写自评"
	p.Breadcrumbs = []templates.Crumb{{Label: x.Of.Title, Href: engagementHref(x.Engagement)}, {Label: "绩效评价", Href: performanceHref(x.ID)}, {Label: p.Title}}
	if p.Files, err = w.files(r, performance.EvidenceKind, x.ID); err != nil {
		return nil, err
	}
	return p, w.fillSelf(r, p, x.Self)
}

// fillSelf puts what was typed on the page, with what it comes to.
func (w *Web) fillSelf(r *edge.Request, p *selfPage, typed performance.Self) error {
	d, err := w.Performance.Desk(r.Context(), r.Actor(), p.Case)
	if err != nil {
		return err
	}
	p.Form, p.Levels = typed, performance.LevelsOf(d.Law)
	p.Groups = formGroups(p.Case, d, "figures.", typed.Figures, true)
	if parts, total, ok := performance.SelfScore(p.Case.Tree, typed.Figures, d.Facts, d.Law); ok {
		p.Parts, p.Score = parts, performance.Points(total)
	}
	return nil
}

func (w *Web) selfForm(r *edge.Request) (edge.Response, error) {
	p, err := w.selfPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "performance/self", p), nil
}

func readSelf(f *edge.Form, t performance.Tree) performance.Self {
	return performance.Self{Summary: f.Get("summary"), Problems: f.Get("problems"), Figures: readLines(f, t, "figures.")}
}

func (w *Web) selfSubmit(r *edge.Request) (edge.Response, error) {
	p, err := w.selfPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := readSelf(f, p.Case.Tree)
	if err := w.fillSelf(r, p, in); err != nil {
		return edge.Response{}, err
	}
	if f.Get("next") == "stay" {
		_, err = w.Performance.SaveSelf(r.Context(), r.Actor(), p.Case.ID, in)
	} else {
		_, err = w.Performance.SubmitSelf(r.Context(), r.Actor(), p.Case.ID, in)
	}
	switch {
	case err != nil:
		return again("performance/self", p, err)
	case f.Get("next") == "stay":
		return edge.Redirect(performanceHref(p.Case.ID)+"/self-report").Flash("ok", "草稿已保存"), nil
	}
	return edge.Redirect(performanceHref(p.Case.ID)).Flash("ok", "自评已提交，等待付款方审核"), nil
}

func (w *Web) selfDraft(r *edge.Request) (edge.Response, error) {
	x, err := w.performanceCase(r, "report")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	_, err = w.Performance.SaveSelf(r.Context(), r.Actor(), x.ID, readSelf(f, x.Tree))
	return edge.NoContent(), err
}
