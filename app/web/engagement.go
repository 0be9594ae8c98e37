package web

import (
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/need"
	"gongji/app/delivery/performance"
	"gongji/app/delivery/record"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

func (w *Web) engagementRoutes() []edge.Route {
	return []edge.Route{
		get("/engagements", "account", w.engagementList),
		get("/desk/deliveries", "account", w.waitingList),
		get("/engagements/{id}", "public", w.engagementShow),
		get("/engagements/{id}/performance", "account", w.performanceNew),
		post("/engagements/{id}/performance", "account", w.performanceStart),
		get("/performance/templates", "account", w.treeList),
		get("/performance/templates/new", "account", w.treeNew),
		post("/performance/templates/new", "account", w.treeSave),
		get("/performance/templates/{code}", "account", w.treeShow),
		get("/performance/templates/{code}/edit", "account", w.treeEdit),
		post("/performance/templates/{code}/edit", "account", w.treeSave),
		post("/performance/templates/{code}/retire", "account", w.treeRetire),
		get("/performance/{id}", "public", w.performanceShow),
		get("/performance/{id}/self-report", "account", w.selfForm),
		post("/performance/{id}/self-report", "account", w.selfSubmit),
		post("/performance/{id}/self-report/draft", "account", w.selfDraft),
		post("/performance/{id}/skip", "account", w.performanceSkip),
		post("/performance/{id}/self-report/check", "account", w.performanceForm("已办理", w.performanceCheck)),
		get("/performance/{id}/sheet", "account", w.scoreForm),
		post("/performance/{id}/sheet", "account", w.scoreSave),
		post("/performance/{id}/sheet/draft", "account", w.scoreDraft),
		get("/performance/{id}/check", "account", w.scoreCheck),
		post("/performance/{id}/submit", "account", w.performanceSubmit),
		post("/performance/{id}/decide", "account", w.performanceForm("已办理", w.performanceDecide)),
		post("/performance/{id}/object", "account", w.performanceForm("已提交", w.performanceObject)),
		post("/performance/{id}/answer", "account", w.performanceForm("异议已答复", w.performanceAnswer)),
		post("/performance/{id}/publish", "account", w.performanceForm("评价结果已公布，绩效评价报告正在生成，几秒后可以下载", w.performancePublish)),
		post("/performance/{id}/mend", "account", w.performanceForm("已办理", w.performanceMend)),
	}
}

func engagementHref(e id.ID) string  { return "/engagements/" + string(e) }
func performanceHref(x id.ID) string { return "/performance/" + string(x) }

var engagementDesk = templates.Crumb{Label: "履约项目", Href: "/engagements"}

// engagementRow is an engagement in a list, in the words of who looks at it.
type engagementRow struct {
	engagement.Engagement
	Mine   string // what the viewer's organisation is in it
	Status templates.Status
}

// engagementListPage is engagement/list.html.
type engagementListPage struct {
	templates.Chrome
	Filter templates.Filter
	Rows   []engagementRow
	Pager  templates.Pager
}

func (w *Web) engagementStatus(e engagement.Engagement) templates.Status {
	now, tone := w.Engagements.Now(), templates.Info
	switch {
	case e.State == engagement.Evaluated:
		tone = templates.OK
	case e.Over(now):
		tone = templates.Warn
	}
	return templates.Status{Label: e.StateName(now), Tone: tone}
}

func (w *Web) engagementList(r *edge.Request) (edge.Response, error) {
	who, as := r.Actor(), r.Query("as")
	f := engagement.Filter{State: engagement.State(r.Query("state")), After: id.ID(r.Query("after")), Limit: 20}
	switch as {
	case "payer":
		f.Payer = who.Org
	case "provider":
		f.Provider = who.Org
	default:
		f.Party = who.Org
	}
	p := &engagementListPage{Filter: templates.Filter{Action: "/engagements", Active: as != "" || f.State != "", Selects: []templates.FilterSelect{
		{Name: "as", Label: "本单位是", Value: as, Options: []templates.Option{{Label: "全部"}, {Value: "payer", Label: "付款方"}, {Value: "provider", Label: "承接方"}}},
		{Name: "state", Label: "状态", Value: string(f.State), Options: []templates.Option{{Label: "全部"}, {Value: "running", Label: "未评价"},
			{Value: "closed", Label: "提前终止"}, {Value: "void", Label: "合同已撤销"}, {Value: "evaluated", Label: "已评价"}}}}}, Pager: templates.Pager{Unit: "个"}}
	p.Title = "履约项目"
	if who.Org == "" {
		return edge.HTML(200, "engagement/list", p), nil
	}
	list, err := w.Engagements.List(r.Context(), f)
	if err != nil {
		return edge.Response{}, err
	}
	total, err := w.Engagements.Total(r.Context(), f)
	if err != nil {
		return edge.Response{}, err
	}
	for _, e := range list {
		p.Rows = append(p.Rows, engagementRow{e, partOf(e, who.Org), w.engagementStatus(e)})
	}
	p.Pager.Total = int(total.Count)
	if f.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == f.Limit {
		p.Pager.Next = with(r, "after", string(list[len(list)-1].ID))
	}
	return edge.HTML(200, "engagement/list", p), nil
}

func partOf(e engagement.Engagement, org id.ID) string {
	switch org {
	case e.Payer:
		return "付款方"
	case e.Provider:
		return "承接方"
	}
	return "评价机构"
}

// engagementPage is engagement/show.html. Case is the zero value until an
// evaluation is there that the viewer may see.
type engagementPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Status     templates.Status
	Facts      []templates.KV
	Next       *templates.Action
	Case       performance.Case
	Grade      templates.Status
	Events     []templates.Event
	Voice      voiceSummary
	Needs      needsMet
	Answer     recordAnswer // of the provider, to the engagement
	Judged     recordAnswer // and to its evaluation
	MayAnswer  bool
	Rooms      []templates.KV // where the delivery is worked on, as far as the viewer may enter
}

func engagementFacts(e engagement.Engagement) []templates.KV {
	facts := []templates.KV{
		{Label: "类型", Value: e.Kind.Name(), Note: e.Number, Href: e.Source},
		{Label: "付款方", Value: e.PayerName, Href: "/organisations/" + string(e.Payer)},
		{Label: "承接方", Value: e.ProviderName, Href: "/organisations/" + string(e.Provider)},
		{Label: "金额", Value: e.Amount.Yuan() + " 元"},
		{Label: "履约期", Value: day(e.Start) + "至" + day(e.End), Note: "最后一天 24:00 届满", Article: "民法典第203条"},
	}
	if e.Reason != "" {
		label := "提前终止"
		if e.State == engagement.Void {
			label = "撤销的原因"
		}
		facts = append(facts, templates.KV{Label: label, Value: e.Reason})
	}
	if e.Evaluator != nil {
		facts = append(facts, templates.KV{Label: "第三方评价机构", Value: e.EvaluatorName, Href: "/organisations/" + string(*e.Evaluator)})
	}
	return facts
}

func (w *Web) engagementShow(r *edge.Request) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	e, err := w.Engagements.Get(r.Context(), r.Actor(), of)
	if err != nil {
		return edge.Response{}, err
	}
	p := &engagementPage{Engagement: e, Status: w.engagementStatus(e), Facts: engagementFacts(e)}
	p.Title = e.Title
	if r.Actor().SignedIn() {
		p.Breadcrumbs = []templates.Crumb{engagementDesk, {Label: e.Title}}
	}
	x, err := w.Performance.OfEngagement(r.Context(), r.Actor(), of)
	switch {
	case err == nil:
		p.Case, p.Grade = x, gradeStatus(x.Grade)
		if x.State != performance.Published {
			p.Next = w.performanceNext(r, x)
		}
	case !fault.Is(err, fault.NotFound):
		return edge.Response{}, err
	case w.Engagements.Allowed(r.Actor(), e, "follow"):
		p.Next = w.engagementNext(r, e)
	}
	if p.Needs, err = w.needsMet(r, need.Engagement, of); err != nil {
		return edge.Response{}, err
	}
	if p.Voice, err = w.voiceSummary(r, e); err != nil {
		return edge.Response{}, err
	}
	if p.Answer, p.MayAnswer, err = w.answerTo(r, e.Provider, record.EngagementKind, e.ID); err != nil {
		return edge.Response{}, err
	}
	if p.Case.PublishedAt != nil {
		if p.Judged, _, err = w.answerTo(r, e.Provider, performance.Object, p.Case.ID); err != nil {
			return edge.Response{}, err
		}
	}
	if p.Rooms, err = w.deliveryRooms(r, e); err != nil {
		return edge.Response{}, err
	}
	events, err := w.Engagements.Timeline(r.Context(), r.Actor(), of)
	p.Events = timeline(events)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/show", p), nil
}

// engagementNext is what comes next before an evaluation is started.
func (w *Web) engagementNext(r *edge.Request, e engagement.Engagement) *templates.Action {
	switch {
	case e.State == engagement.Void:
		return &templates.Action{Title: "不再履行", Waiting: "合同在履行前已撤销，没有下一步。原因：" + e.Reason}
	case !e.Over(w.Engagements.Now()):
		if w.Engagements.Allowed(r.Actor(), e, "plan") || w.Engagements.Allowed(r.Actor(), e, "agree") {
			return &templates.Action{Title: "按方案履约", Text: "履约期到 " + day(e.End) + " 24:00 届满。", Label: "实施方案和成果", Href: planHref(e.ID)}
		}
		return &templates.Action{Title: "按约定履约", Waiting: "履约期到 " + day(e.End) + " 24:00 届满，之后付款方的经办人开始绩效评价。"}
	case w.Engagements.Allowed(r.Actor(), e, "evaluate"):
		return &templates.Action{Title: "开始绩效评价", Text: "履约已经结束。选定指标体系后，先由承接方自评，再评分、审批、公布。",
			Label: "开始绩效评价", Href: engagementHref(e.ID) + "/performance"}
	}
	return &templates.Action{Title: "等待绩效评价", Waiting: "履约已经结束，由付款方的经办人开始绩效评价。"}
}

func gradeStatus(g performance.Grade) templates.Status {
	tone := map[performance.Grade]templates.Tone{performance.Excellent: templates.OK, performance.Good: templates.OK,
		performance.Fair: templates.Warn, performance.Poor: templates.Danger}[g]
	return templates.Status{Label: string(g), Tone: tone}
}
