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
		get("/performance/{id}", "account", act(a.Performance.Get, a.performanceAnswer), edge.Doc{Summary: "一次绩效评价", Tag: tag, Out: performanceView{}}),
		put("/performance/{id}/self-report", "account", a.keepSelf(a.Performance.SaveSelf), edge.Doc{Summary: "保存自评草稿", Tag: tag, In: performance.Self{}, Out: performanceView{}}),
		post("/performance/{id}/self-report", "account", a.keepSelf(a.Performance.SubmitSelf), edge.Doc{Summary: "提交自评", Tag: tag, In: performance.Self{}, Out: performanceView{}}),
		post("/performance/{id}/skip", "account", act(a.Performance.Skip, a.performanceAnswer), edge.Doc{Summary: "承接方逾期未自评，直接评分", Tag: tag, Out: performanceView{}}),
		put("/performance/{id}/sheet", "account", sent(a.performanceSheet), edge.Doc{Summary: "保存评分表，可以不完整", Tag: tag, In: sheetInput{}, Out: performanceView{}}),
		post("/performance/{id}/submit", "account", act(a.Performance.Submit, a.performanceAnswer), edge.Doc{Summary: "提交评价结果待审批", Tag: tag, Out: performanceView{}}),
		post("/performance/{id}/return", "account", because(a.Performance.Return, a.performanceAnswer), edge.Doc{Summary: "退回修改", Tag: tag, In: reason{}, Out: performanceView{}}),
		post("/performance/{id}/approve", "account", act(a.Performance.Approve, a.performanceAnswer), edge.Doc{Summary: "批准并公布，出具绩效评价报告", Tag: tag, Out: performanceView{}}),
	}
}

type sheetInput struct {
	Version int64 `json:"version,omitempty" description:"读到的版本；0 表示不管别人是否改过"`
	performance.Sheet
}

// performanceView is an evaluation. Sheet is left out for who may not see the
// scores yet; Missing says what keeps it from being submitted.
type performanceView struct {
	performance.Evaluation
	Sheet   *performance.Sheet `json:"sheet,omitempty"`
	Missing []fault.Field      `json:"missing,omitempty"`
}

func (a *API) performanceView(x performance.Case) (performanceView, error) {
	v := performanceView{Evaluation: x.Evaluation}
	if x.Sheet.Lines == nil {
		return v, nil
	}
	v.Sheet = &x.Sheet
	var err error
	if x.State == performance.Scoring {
		v.Missing, err = a.Performance.Missing(x)
	}
	return v, err
}

func (a *API) performanceAnswer(_ *edge.Request, status int, x performance.Case, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v, err := a.performanceView(x)
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
