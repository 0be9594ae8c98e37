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
		get("/public/performance/{id}", "public", a.performanceShow, edge.Doc{Summary: "一次已公布的绩效评价：指标、得分、理由", Tag: tag, Out: performanceView{}, Public: true}),
		post("/engagements/{id}/performance", "account", a.performanceStart, edge.Doc{Summary: "期满后开始绩效评价", Tag: tag, In: performance.Starting{}, Out: performanceView{}, Status: 201}),
		get("/performance/{id}", "account", a.performanceShow, edge.Doc{Summary: "一次绩效评价", Tag: tag, Out: performanceView{}}),
		put("/performance/{id}/self-report", "account", keepSelf(a, a.Performance.SaveSelf), edge.Doc{Summary: "保存自评草稿", Tag: tag, In: performance.Self{}, Out: performanceView{}}),
		post("/performance/{id}/self-report", "account", keepSelf(a, a.Performance.SubmitSelf), edge.Doc{Summary: "提交自评", Tag: tag, In: performance.Self{}, Out: performanceView{}}),
		post("/performance/{id}/skip", "account", a.performanceAct(a.Performance.Skip), edge.Doc{Summary: "承接方逾期未自评，直接评分", Tag: tag, Out: performanceView{}}),
		put("/performance/{id}/sheet", "account", a.performanceSheet, edge.Doc{Summary: "保存评分表，可以不完整", Tag: tag, In: sheetInput{}, Out: performanceView{}}),
		post("/performance/{id}/submit", "account", a.performanceAct(a.Performance.Submit), edge.Doc{Summary: "提交评价结果待审批", Tag: tag, Out: performanceView{}}),
		post("/performance/{id}/return", "account", a.performanceReturn, edge.Doc{Summary: "退回修改", Tag: tag, In: sentBack{}, Out: performanceView{}}),
		post("/performance/{id}/approve", "account", a.performanceAct(a.Performance.Approve), edge.Doc{Summary: "批准并公布，出具绩效评价报告", Tag: tag, Out: performanceView{}}),
	}
}

type sentBack struct {
	Reason string `json:"reason" description:"必填，评分人据此修改"`
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

func (a *API) performanceAnswer(status int, x performance.Case, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v, err := a.performanceView(x)
	return answer(status, v, err)
}

func (a *API) performanceTemplates(*edge.Request) (edge.Response, error) {
	return edge.JSON(200, performance.Templates()), nil
}

func (a *API) performanceShow(r *edge.Request) (edge.Response, error) {
	e, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	x, err := a.Performance.Get(r.Context(), r.Actor(), e)
	return a.performanceAnswer(200, x, err)
}

func (a *API) performanceStart(r *edge.Request) (edge.Response, error) {
	var in performance.Starting
	of, err := r.ID("id")
	if err == nil {
		err = r.JSON(&in)
	}
	if err != nil {
		return edge.Response{}, err
	}
	x, err := a.Performance.Start(r.Context(), r.Actor(), of, in)
	return a.performanceAnswer(201, x, err)
}

func keepSelf(a *API, do func(context.Context, party.Actor, id.ID, performance.Self) (performance.Case, error)) edge.Handler {
	return func(r *edge.Request) (edge.Response, error) {
		var in performance.Self
		e, err := r.ID("id")
		if err == nil {
			err = r.JSON(&in)
		}
		if err != nil {
			return edge.Response{}, err
		}
		x, err := do(r.Context(), r.Actor(), e, in)
		return a.performanceAnswer(200, x, err)
	}
}

func (a *API) performanceAct(do func(context.Context, party.Actor, id.ID) (performance.Case, error)) edge.Handler {
	return func(r *edge.Request) (edge.Response, error) {
		e, err := r.ID("id")
		if err != nil {
			return edge.Response{}, err
		}
		x, err := do(r.Context(), r.Actor(), e)
		return a.performanceAnswer(200, x, err)
	}
}

func (a *API) performanceSheet(r *edge.Request) (edge.Response, error) {
	var in sheetInput
	e, err := r.ID("id")
	if err == nil {
		err = r.JSON(&in)
	}
	if err != nil {
		return edge.Response{}, err
	}
	x, err := a.Performance.SaveSheet(r.Context(), r.Actor(), e, in.Version, in.Sheet)
	return a.performanceAnswer(200, x, err)
}

func (a *API) performanceReturn(r *edge.Request) (edge.Response, error) {
	var in sentBack
	e, err := r.ID("id")
	if err == nil {
		err = r.JSON(&in)
	}
	if err != nil {
		return edge.Response{}, err
	}
	x, err := a.Performance.Return(r.Context(), r.Actor(), e, in.Reason)
	return a.performanceAnswer(200, x, err)
}
