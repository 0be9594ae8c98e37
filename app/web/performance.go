package web

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
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
	Weights    []weightRow
	Cautions   []string
	SelfDue    string
	Evaluator  string
	Own        string // the payer's own tree as JSON, as typed
}

// weightRow is one indicator on the page where the weights are adjusted.
type weightRow struct {
	Field, Code, Name, Standard, Value string
	Level                              int
}

func weightRows(in []performance.Indicator, level int, typed func(string) (string, bool)) []weightRow {
	var out []weightRow
	for _, n := range in {
		row := weightRow{"indicators." + n.Code + ".weight", n.Code, n.Name, n.Standard, performance.Points(n.Weight), level}
		if v, ok := typed(row.Field); ok {
			row.Value = v
		}
		out = append(append(out, row), weightRows(n.Children, level+1, typed)...)
	}
	return out
}

func (w *Web) performanceNewPage(r *edge.Request, template string, typed func(string) (string, bool)) (*performanceNewPage, error) {
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
	tree, ok := performance.Template(template)
	if !ok {
		tree, _ = performance.Template(performance.General)
	}
	p := &performanceNewPage{Engagement: e, Tree: tree, Weights: weightRows(tree.Indicators, 1, typed), Cautions: tree.Cautions(rules.At(r.Now()))}
	p.Title = "开始绩效评价"
	p.Breadcrumbs = []templates.Crumb{engagementDesk, {Label: e.Title, Href: engagementHref(e.ID)}, {Label: p.Title}}
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
	p, err := w.performanceNewPage(r, r.Query("template"), func(string) (string, bool) { return "", false })
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
	typed := func(name string) (string, bool) { return f.Get(name), f.Has(name) }
	p, err := w.performanceNewPage(r, f.Get("template"), typed)
	if err != nil {
		return edge.Response{}, err
	}
	p.SelfDue, p.Evaluator, p.Own = f.Get("self_due"), f.Get("evaluator"), f.Get("tree")
	in := performance.Starting{SelfDue: p.SelfDue, Evaluator: id.ID(p.Evaluator)}
	tree, err := typedTree(p.Tree, p.Own, typed)
	if err == nil {
		in.Tree = &tree
		var x performance.Case
		if x, err = w.Performance.Start(r.Context(), r.Actor(), p.Engagement.ID, in); err == nil {
			return edge.Redirect(performanceHref(x.ID)).Flash("ok", "绩效评价已开始，等待承接方自评"), nil
		}
	}
	return again("performance/new", p, err)
}

// typedTree is the payer's own tree from JSON, or the chosen template with the
// weights as typed.
func typedTree(t performance.Tree, own string, typed func(string) (string, bool)) (performance.Tree, error) {
	if own != "" {
		var c fault.Check
		out := performance.Tree{}
		d := json.NewDecoder(strings.NewReader(own))
		d.DisallowUnknownFields()
		if err := d.Decode(&out); err != nil {
			c.Fail("tree", "指标体系不是有效的 JSON，请按接口 /api/v1/public/performance/templates 给出的样例填写")
		}
		return out, c.Err()
	}
	var c fault.Check
	var walk func([]performance.Indicator)
	walk = func(in []performance.Indicator) {
		for i := range in {
			field := "indicators." + in[i].Code + ".weight"
			if v, ok := typed(field); ok {
				n, ok := performance.ParsePoints(v)
				c.Must(ok, field, "“%s”的权重应为数字，最多两位小数", in[i].Name)
				in[i].Weight = n
			}
			walk(in[i].Children)
		}
	}
	walk(t.Indicators)
	return t, c.Err()
}

// performancePage is performance/show.html: an evaluation from the inside or,
// once published, as anyone sees it.
type performancePage struct {
	templates.Chrome
	Case    performance.Case
	Status  templates.Status
	Grade   templates.Status
	Groups  []scoreGroup
	Chart   templates.Chart
	Next    *templates.Action
	Decide  bool
	Reason  string // as typed
	Figures []figureRow
	Files   []templates.File
	Show    bool // scores may be seen and are there
}

func performanceStatus(x performance.Case) templates.Status {
	tone := templates.Info
	switch {
	case x.Returned():
		tone = templates.Warn
	case x.State == performance.Published:
		tone = templates.OK
	}
	return templates.Status{Label: x.StateName(), Tone: tone}
}

// performanceNext says who must do what now; nil when there is nothing to say.
func (w *Web) performanceNext(r *edge.Request, x performance.Case) *templates.Action {
	can := func(action string) bool { return w.Performance.Allowed(r.Context(), r.Actor(), x, action) }
	at := performanceHref(x.ID)
	switch x.State {
	case performance.SelfReport:
		switch {
		case can("report"):
			return &templates.Action{Title: "填写自评", Text: "请在 " + day(x.SelfDue.Add(-1)) + " 前说明做了什么、成效如何，逾期对方可以直接评分。", Label: "填写自评", Href: at + "/self-report"}
		case can("skip") && x.SelfLate(r.Now()):
			return &templates.Action{Title: "承接方逾期未自评", Label: "不等自评，直接评分", Post: at + "/skip", CSRF: r.Actor().CSRF, Confirm: "承接方将不能再提交自评，确定直接评分吗？"}
		}
		return &templates.Action{Title: "等待承接方自评", Waiting: "承接方可以在 " + day(x.SelfDue.Add(-1)) + " 24:00 前提交自评；逾期未交的，付款方可以直接评分。"}
	case performance.Scoring:
		if can("score") {
			return &templates.Action{Title: "逐项评分", Text: x.Reason, Label: "打开评分表", Href: at + "/sheet"}
		}
		return &templates.Action{Title: "等待评分", Waiting: "由" + scorerOf(x) + "评分，提交后再由付款方的审批人审批。"}
	case performance.Review:
		if can("approve") {
			return nil
		}
		return &templates.Action{Title: "等待审批", Waiting: "由付款方另一位审批人审批；评分的人不能审批自己的评分。"}
	case performance.Published:
	}
	return nil
}

func scorerOf(x performance.Case) string {
	if x.Of.EvaluatorName != "" {
		return "第三方评价机构“" + x.Of.EvaluatorName + "”的负责人"
	}
	return "付款方的经办人"
}

func (w *Web) performancePage(r *edge.Request) (*performancePage, error) {
	x, err := w.performanceCase(r, "view")
	if err != nil {
		return nil, err
	}
	p := &performancePage{Case: x, Status: performanceStatus(x), Grade: gradeStatus(x.Grade), Show: x.Total != nil,
		Figures: figureRows(x, false), Next: w.performanceNext(r, x),
		Decide: w.Performance.Allowed(r.Context(), r.Actor(), x, "approve")}
	p.Title = "绩效评价：" + x.Of.Title
	p.Breadcrumbs = []templates.Crumb{{Label: x.Of.Title, Href: engagementHref(x.Engagement)}, {Label: "绩效评价"}}
	if p.Show {
		p.Groups = lineGroups(x)
		p.Chart = pillarChart(x.Pillars)
	}
	if w.Performance.Allowed(r.Context(), r.Actor(), x, "evidence") {
		p.Files, err = w.files(r, performance.EvidenceKind, x.ID)
	}
	return p, err
}

func pillarChart(in []performance.Pillar) templates.Chart {
	c := templates.Chart{ID: "pillars", Kind: "radar", Title: "四个方面的得分率", Unit: "%", Max: 100, Note: "得分 ÷ 满分；分数见评分明细。"}
	rates := templates.Series{Name: "得分率（%）"}
	for _, p := range in {
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

// performanceDo runs one decision and goes back to the evaluation's page.
func (w *Web) performanceDo(r *edge.Request, do func(context.Context, party.Actor, id.ID) (performance.Case, error), done string) (edge.Response, error) {
	e, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err == nil {
		_, err = do(r.Context(), r.Actor(), e)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect(performanceHref(e)).Flash("ok", done), nil
}

func (w *Web) performanceSkip(r *edge.Request) (edge.Response, error) {
	return w.performanceDo(r, w.Performance.Skip, "已进入评分")
}

func (w *Web) performanceDecide(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if f.Get("decision") == "approve" {
		return w.performanceDo(r, w.Performance.Approve, "评价结果已公布，绩效评价报告正在生成，几秒后可以下载")
	}
	back := func(ctx context.Context, who party.Actor, e id.ID) (performance.Case, error) {
		return w.Performance.Return(ctx, who, e, f.Get("reason"))
	}
	out, err := w.performanceDo(r, back, "已退回评分人修改")
	if !fault.Is(err, fault.Invalid) {
		return out, err
	}
	p, perr := w.performancePage(r)
	if perr != nil {
		return edge.Response{}, perr
	}
	p.Reason = f.Get("reason")
	return again("performance/show", p, err)
}

// deliveryCards is what waits for this person among engagements.
func (w *Web) deliveryCards(r *edge.Request) ([]DeskCard, error) {
	if r.Actor().Org == "" {
		return nil, nil
	}
	n, err := w.Performance.Waiting(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	var out []DeskCard
	add := func(count int, title, text string) {
		if count > 0 {
			out = append(out, DeskCard{Title: title, Href: "/engagements", Icon: "clipboard-check", Count: count, Text: text})
		}
	}
	add(n.Start, "待开始绩效评价", "履约已经结束的项目")
	add(n.Self, "待填写自评", "说明做了什么、成效如何")
	add(n.Score, "待评分", "逐项评分后提交审批")
	add(n.Approve, "待审批的评价结果", "核对评分，批准后公布")
	if out, err = w.acceptanceCards(r, out); err == nil {
		out, err = w.monthCards(r, out)
	}
	if err != nil {
		return nil, err
	}
	sum, err := w.Engagements.Total(r.Context(), engagement.Filter{Party: r.Actor().Org})
	if err == nil && sum.Count > 0 {
		out = append(out, DeskCard{Title: "履约项目", Href: "/engagements", Icon: "briefcase", Text: "共 " + strconv.FormatInt(sum.Count, 10) + " 个"})
	}
	return out, err
}
