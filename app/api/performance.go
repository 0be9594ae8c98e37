package api

import (
	"context"

	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

func (a *API) performanceRoutes() []edge.Route {
	const tag = "绩效评价"
	return []edge.Route{
		get("/public/performance/templates", "public", a.performanceTemplates, edge.Doc{Summary: "自带的指标体系", Tag: tag, Out: []performance.Tree{}, Public: true}),
		get("/public/performance/{id}", "public", act(a.Performance.Get, a.performanceAnswer), edge.Doc{Summary: "一次已公布的绩效评价：指标、得分、理由", Tag: tag, Out: performanceView{}, Public: true}),
		post("/engagements/{id}/performance", "account", sent(a.performanceStart), edge.Doc{Summary: "期满后开始绩效评价", Tag: tag, In: performance.Starting{}, Out: performanceView{}, Status: 201}),
		get("/public/performance/{id}/publication", "public", act(a.publication, plainly), edge.Doc{Summary: "已公布的评价数据，可以独立重算：gongji replay performance", Tag: tag, Out: performance.Publication{}, Public: true}),
		get("/performance/templates", "account", a.ownTrees, edge.Doc{Summary: "本单位的指标体系", Tag: tag, Out: []performance.Own{}}),
		post("/performance/templates", "account", a.keepTree, edge.Doc{Summary: "另立本单位的指标体系，或保存为新版", Tag: tag, In: treeInput{}, Out: performance.Own{}, Status: 201}),
		get("/performance/templates/{code}", "account", a.treeVersions, edge.Doc{Summary: "一套指标体系的各个版本", Tag: tag, Out: []performance.Own{}}),
		post("/performance/templates/{code}/retire", "account", a.retireTree, edge.Doc{Summary: "停用一套指标体系", Tag: tag}),
		get("/performance/{id}", "account", act(a.Performance.Get, a.performanceAnswer), edge.Doc{Summary: "一次绩效评价", Tag: tag, Out: performanceView{}}),
		get("/performance/{id}/desk", "account", act(a.Performance.Get, a.performanceDesk), edge.Doc{Summary: "系统取数和可引用的依据", Tag: tag, Out: performance.Desk{}}),
		put("/performance/{id}/self-report", "account", a.keepSelf(a.Performance.SaveSelf), edge.Doc{Summary: "保存自评草稿", Tag: tag, In: performance.Self{}, Out: performanceView{}}),
		post("/performance/{id}/self-report", "account", a.keepSelf(a.Performance.SubmitSelf), edge.Doc{Summary: "提交自评", Tag: tag, In: performance.Self{}, Out: performanceView{}}),
		post("/performance/{id}/self-report/check", "account", sent(a.performanceCheck), edge.Doc{Summary: "审核自评：通过或退回", Tag: tag, In: verdict{}, Out: performanceView{}}),
		post("/performance/{id}/skip", "account", act(a.Performance.Skip, a.performanceAnswer), edge.Doc{Summary: "承接方逾期未自评，直接评分", Tag: tag, Out: performanceView{}}),
		put("/performance/{id}/sheet", "account", sent(a.performanceSheet), edge.Doc{Summary: "保存评分表，可以不完整", Tag: tag, In: sheetInput{}, Out: performanceView{}}),
		post("/performance/{id}/submit", "account", act(a.Performance.Submit, a.performanceAnswer), edge.Doc{Summary: "提交评价结果待审批", Tag: tag, Out: performanceView{}}),
		post("/performance/{id}/return", "account", because(a.Performance.Return, a.performanceAnswer), edge.Doc{Summary: "退回修改", Tag: tag, In: reason{}, Out: performanceView{}}),
		post("/performance/{id}/approve", "account", act(a.Performance.Approve, a.performanceAnswer), edge.Doc{Summary: "批准并告知承接方，异议期开始", Tag: tag, Out: performanceView{}}),
		post("/performance/{id}/object", "account", sent(a.performanceObject), edge.Doc{Summary: "承接方对结果提出异议", Tag: tag, In: objectionInput{}, Out: performanceView{}}),
		post("/performance/{id}/accept", "account", act(a.Performance.Accept, a.performanceAnswer), edge.Doc{Summary: "承接方表示无异议", Tag: tag, Out: performanceView{}}),
		post("/performance/{id}/answer", "account", sent(a.performanceUphold), edge.Doc{Summary: "答复异议：采纳则重新评分", Tag: tag, In: verdict{}, Out: performanceView{}}),
		post("/performance/{id}/publish", "account", act(a.Performance.Publish, a.performanceAnswer), edge.Doc{Summary: "公布结果，出具绩效评价报告", Tag: tag, Out: performanceView{}}),
		post("/rectifications/{id}/answer", "account", because(a.Performance.Mended, plainly), edge.Doc{Summary: "提交整改说明", Tag: tag, In: reason{}, Out: performance.Mend{}}),
		post("/rectifications/{id}/close", "account", sent(a.closeMend), edge.Doc{Summary: "核查整改：销号或退回", Tag: tag, In: verdict{}, Out: performance.Mend{}}),
	}
}

// verdict accepts or not, with the words that go with it.
type verdict struct {
	Accept bool   `json:"accept" description:"通过、采纳或销号"`
	Note   string `json:"note,omitempty" description:"意见；不通过时必填，答复异议时必填"`
}

type objectionInput struct {
	Text  string   `json:"text" description:"异议、理由和依据，随结果公开"`
	Lines []string `json:"lines,omitempty" description:"针对的指标编号"`
}

type treeInput struct {
	Code id.ID  `json:"code,omitempty" description:"已有的指标体系，保存为它的新版；空表示另立"`
	Base string `json:"base,omitempty" description:"由哪一套另立"`
	performance.OwnForm
}

type sheetInput struct {
	Version int64 `json:"version,omitempty" description:"读到的版本；0 表示不管别人是否改过"`
	performance.Sheet
}

// performanceView is an evaluation. Sheet is left out for who may not see the
// scores yet; Missing says what keeps it from being submitted.
type performanceView struct {
	performance.Evaluation
	Sheet      *performance.Sheet      `json:"sheet,omitempty"`
	Missing    []fault.Field           `json:"missing,omitempty"`
	Objections []performance.Objection `json:"objections,omitempty"`
	Mends      []performance.Mend      `json:"rectifications,omitempty"`
}

func (a *API) performanceView(r *edge.Request, x performance.Case) (performanceView, error) {
	v := performanceView{Evaluation: x.Evaluation}
	if x.Sheet.Lines == nil {
		return v, nil
	}
	v.Sheet = &x.Sheet
	var err error
	if x.State == performance.Scoring {
		if v.Missing, err = a.Performance.Missing(r.Context(), x); err != nil {
			return v, err
		}
	}
	if v.Objections, err = a.Performance.Objections(r.Context(), r.Actor(), x); err == nil {
		v.Mends, err = a.Performance.Mends(r.Context(), r.Actor(), x)
	}
	return v, err
}

func (a *API) performanceAnswer(r *edge.Request, status int, x performance.Case, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v, err := a.performanceView(r, x)
	return answer(status, v, err)
}

func (a *API) performanceTemplates(*edge.Request) (edge.Response, error) {
	return edge.JSON(200, performance.Templates()), nil
}

func (a *API) performanceStart(r *edge.Request, of id.ID, in performance.Starting) (edge.Response, error) {
	x, err := a.Performance.Start(r.Context(), r.Actor(), of, in)
	return a.performanceAnswer(r, 201, x, err)
}

func (a *API) keepSelf(do func(context.Context, party.Actor, id.ID, performance.Self) (performance.Case, error)) edge.Handler {
	return sent(func(r *edge.Request, e id.ID, in performance.Self) (edge.Response, error) {
		x, err := do(r.Context(), r.Actor(), e, in)
		return a.performanceAnswer(r, 200, x, err)
	})
}

func (a *API) performanceSheet(r *edge.Request, e id.ID, in sheetInput) (edge.Response, error) {
	x, err := a.Performance.SaveSheet(r.Context(), r.Actor(), e, in.Version, in.Sheet)
	return a.performanceAnswer(r, 200, x, err)
}

func (a *API) performanceDesk(r *edge.Request, status int, x performance.Case, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	d, err := a.Performance.Desk(r.Context(), r.Actor(), x)
	return answer(status, d, err)
}

func (a *API) performanceCheck(r *edge.Request, e id.ID, in verdict) (edge.Response, error) {
	x, err := a.Performance.Check(r.Context(), r.Actor(), e, in.Accept, in.Note)
	return a.performanceAnswer(r, 200, x, err)
}

func (a *API) performanceObject(r *edge.Request, e id.ID, in objectionInput) (edge.Response, error) {
	x, err := a.Performance.Object(r.Context(), r.Actor(), e, in.Text, in.Lines)
	return a.performanceAnswer(r, 200, x, err)
}

func (a *API) performanceUphold(r *edge.Request, e id.ID, in verdict) (edge.Response, error) {
	x, err := a.Performance.Answer(r.Context(), r.Actor(), e, in.Accept, in.Note)
	return a.performanceAnswer(r, 200, x, err)
}

func (a *API) closeMend(r *edge.Request, m id.ID, in verdict) (edge.Response, error) {
	x, err := a.Performance.Close(r.Context(), r.Actor(), m, in.Accept, in.Note)
	return answer(200, x, err)
}

func (a *API) publication(ctx context.Context, _ party.Actor, e id.ID) (performance.Publication, error) {
	return a.Performance.Publication(ctx, e)
}

func (a *API) ownTrees(r *edge.Request) (edge.Response, error) {
	list, err := a.Performance.Owned(r.Context(), r.Actor())
	return answer(200, list, err)
}

func (a *API) treeVersions(r *edge.Request) (edge.Response, error) {
	list, err := a.Performance.Versions(r.Context(), r.Actor(), id.ID(r.Param("code")))
	return answer(200, list, err)
}

func (a *API) keepTree(r *edge.Request) (edge.Response, error) {
	var in treeInput
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	o, err := a.Performance.Keep(r.Context(), r.Actor(), in.Code, in.Base, in.OwnForm)
	return answer(201, o, err)
}

func (a *API) retireTree(r *edge.Request) (edge.Response, error) {
	if err := a.Performance.Retire(r.Context(), r.Actor(), id.ID(r.Param("code"))); err != nil {
		return edge.Response{}, err
	}
	return edge.NoContent(), nil
}
