package web

import (
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/templates"
)

// performanceNewPage is performance/new.html.
type performanceNewPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Tree       performance.Tree
	Templates  []templates.Option
	Evaluators []templates.Option
	Rows       []treeRow
	Cautions   []string
	SelfDue    string
	Evaluator  string
}

// treeRow is one indicator on a page that shows a tree.
type treeRow struct {
	Code, Name, Standard, Scale string
	Weight                      int64
	Level                       int
}

func treeRows(in []performance.Indicator, level int) []treeRow {
	var out []treeRow
	for _, n := range in {
		row := treeRow{Code: n.Code, Name: n.Name, Standard: n.Standard, Weight: n.Weight, Level: level, Scale: n.Kind.Name()}
		if len(n.Steps) > 0 {
			row.Scale += "：" + n.StepsText()
		}
		if n.Source != "" {
			row.Scale += "；系统取数：" + n.Source.Name()
		}
		out = append(append(out, row), treeRows(n.Children, level+1)...)
	}
	return out
}

// chosenTree is a tree by its id: one that ships, or the payer's own.
func (w *Web) chosenTree(r *edge.Request, template string) (performance.Tree, error) {
	if t, ok := performance.Template(template); ok {
		return t, nil
	}
	if template != "" {
		list, err := w.Performance.Versions(r.Context(), r.Actor(), id.ID(template))
		if err != nil {
			return performance.Tree{}, err
		}
		return list[0].Tree, nil
	}
	t, _ := performance.Template(performance.General)
	return t, nil
}

func (w *Web) performanceNewPage(r *edge.Request, template string) (*performanceNewPage, error) {
	of, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	e, err := w.Engagements.Get(r.Context(), r.Actor(), of)
	if err == nil {
		err = w.Engagements.Require(r.Actor(), e, "evaluate")
	}
	if err != nil {
		return nil, err
	}
	tree, err := w.chosenTree(r, template)
	if err != nil {
		return nil, err
	}
	p := &performanceNewPage{Engagement: e, Tree: tree, Rows: treeRows(tree.Indicators, 1), Cautions: tree.Cautions(rules.At(r.Now()))}
	p.Title = "开始绩效评价"
	p.Breadcrumbs = []templates.Crumb{engagementDesk, {Label: e.Title, Href: engagementHref(e.ID)}, {Label: p.Title}}
	own, err := w.Performance.Owned(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	for _, o := range own {
		p.Templates = append(p.Templates, templates.Option{Value: string(o.Code), Label: "本单位：" + o.Tree.Title()})
	}
	for _, t := range performance.Templates() {
		p.Templates = append(p.Templates, templates.Option{Value: t.ID, Label: t.Name})
	}
	orgs, err := w.Organisations.List(r.Context(), r.Actor(), organisation.Filter{Kind: party.Evaluator, State: organisation.Approved, Limit: 200})
	for _, o := range orgs {
		p.Evaluators = append(p.Evaluators, templates.Option{Value: string(o.ID), Label: o.Name})
	}
	return p, err
}

func (w *Web) performanceNew(r *edge.Request) (edge.Response, error) {
	p, err := w.performanceNewPage(r, r.Query("template"))
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "performance/new", p), nil
}

func (w *Web) performanceStart(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.performanceNewPage(r, f.Get("template"))
	if err != nil {
		return edge.Response{}, err
	}
	p.SelfDue, p.Evaluator = f.Get("self_due"), f.Get("evaluator")
	x, err := w.Performance.Start(r.Context(), r.Actor(), p.Engagement.ID,
		performance.Starting{Template: p.Tree.ID, SelfDue: p.SelfDue, Evaluator: id.ID(p.Evaluator)})
	if err != nil {
		return again("performance/new", p, err)
	}
	return edge.Redirect(performanceHref(x.ID)).Flash("ok", "绩效评价已开始，等待承接方自评"), nil
}
