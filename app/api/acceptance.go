package api

import (
	"gongji/app/delivery/acceptance"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

func (a *API) acceptanceRoutes() []edge.Route {
	const tag = "履约验收"
	return []edge.Route{
		get("/public/engagements/{id}/acceptances", "public", edge.At(a.acceptanceList), edge.Doc{Summary: "一个项目的验收；公布以后公开，服务对象的姓名只保留姓氏", Tag: tag, Out: []acceptance.Case{}, Public: true}),
		get("/public/acceptances/{id}", "public", act(a.Acceptances.Get, a.acceptanceAnswer), edge.Doc{Summary: "一次已公布的验收：逐项核对和小组意见", Tag: tag, Out: acceptanceView{}, Public: true}),
		post("/engagements/{id}/acceptances", "account", sent(a.acceptanceAsk), edge.Doc{Summary: "申请验收：整个项目或一个节点", Tag: tag, In: acceptance.Input{}, Out: acceptanceView{}, Status: 201}),
		get("/acceptances/{id}", "account", act(a.Acceptances.Get, a.acceptanceAnswer), edge.Doc{Summary: "一次验收", Tag: tag, Out: acceptanceView{}}),
		put("/acceptances/{id}/record", "account", sent(a.acceptanceSave), edge.Doc{Summary: "保存验收记录，可以不完整", Tag: tag, In: acceptanceInput{}, Out: acceptanceView{}}),
		unlogged(post("/acceptances/{id}/invitations", "account", sent(a.opinionInvite), edge.Doc{Summary: "制作意见码，发给服务对象；码只在这一次给出，网址是 /o/ 加意见码", Tag: tag, In: opinionCount{}, Out: opinionCodes{}, Status: 201})),
		get("/acceptances/{id}/opinions", "account", edge.At(a.opinions), edge.Doc{Summary: "凭意见码收到的意见，付款方可见", Tag: tag, Out: acceptance.Heard{}}),
		unlogged(post("/public/opinions/{code}", "public", a.opine, edge.Doc{Summary: "凭意见码发表意见，一码一次", Tag: tag, In: acceptance.OpinionForm{}, Status: 204, Public: true})),
		a.upload("/acceptances/{id}/signed", "account", a.attach(acceptance.Object, "signed"), edge.Doc{Summary: "上传验收小组签名的意见页", Tag: tag}),
		post("/acceptances/{id}/submit", "account", act(a.Acceptances.Submit, a.acceptanceAnswer), edge.Doc{Summary: "提交验收结果待公布；先上传签名页", Tag: tag, Out: acceptanceView{}}),
		post("/acceptances/{id}/decline", "account", because(a.Acceptances.Decline, a.acceptanceAnswer), edge.Doc{Summary: "不受理验收申请", Tag: tag, In: reason{}, Out: acceptanceView{}}),
		post("/acceptances/{id}/return", "account", because(a.Acceptances.Return, a.acceptanceAnswer), edge.Doc{Summary: "审批人退回验收结果", Tag: tag, In: reason{}, Out: acceptanceView{}}),
		post("/acceptances/{id}/publish", "account", act(a.Acceptances.Publish, a.acceptanceAnswer), edge.Doc{Summary: "公布验收结果，出具验收书", Tag: tag, Out: acceptanceView{}}),
	}
}

// unlogged keeps a route out of the logs, its answer out of every store.
func unlogged(r edge.Route) edge.Route {
	r.Quiet, r.Secret = true, true
	return r
}

type opinionCount struct {
	Count int `json:"count" description:"要多少张，1 到 500"`
}

type opinionCodes struct {
	Codes []string `json:"codes"`
}

func (a *API) opinionInvite(r *edge.Request, at id.ID, in opinionCount) (edge.Response, error) {
	_, codes, err := a.Acceptances.Invite(r.Context(), r.Actor(), at, in.Count)
	return answer(201, opinionCodes{codes}, err)
}

func (a *API) opinions(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Acceptances.Opinions(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}

func (a *API) opine(r *edge.Request) (edge.Response, error) {
	var in acceptance.OpinionForm
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	_, err := a.Acceptances.Opine(r.Context(), r.Param("code"), in)
	return edge.NoContent(), err
}

type acceptanceInput struct {
	Version int64 `json:"version,omitempty" description:"读到的版本；0 表示不管别人是否改过"`
	acceptance.Form
}

// acceptanceView is an acceptance; Record is what was typed, for the payer.
type acceptanceView struct {
	acceptance.Acceptance
	Record  *acceptance.Form `json:"record,omitempty"`
	Missing []fault.Field    `json:"missing,omitempty" description:"提交前还要补全的"`
}

func (a *API) acceptanceAnswer(r *edge.Request, status int, x acceptance.Case, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := acceptanceView{Acceptance: x.Acceptance}
	if x.State == acceptance.Asked && a.Engagements.Allowed(r.Actor(), x.Of, "inspect") {
		v.Record = &x.Form
		v.Missing, err = a.Acceptances.Missing(r.Context(), x)
	}
	return answer(status, v, err)
}

func (a *API) acceptanceList(r *edge.Request, at id.ID) (edge.Response, error) {
	list, err := a.Acceptances.List(r.Context(), r.Actor(), at)
	return answer(200, list, err)
}

func (a *API) acceptanceAsk(r *edge.Request, at id.ID, in acceptance.Input) (edge.Response, error) {
	x, err := a.Acceptances.Ask(r.Context(), r.Actor(), at, in)
	return a.acceptanceAnswer(r, 201, x, err)
}

func (a *API) acceptanceSave(r *edge.Request, at id.ID, in acceptanceInput) (edge.Response, error) {
	x, err := a.Acceptances.Save(r.Context(), r.Actor(), at, in.Version, in.Form)
	return a.acceptanceAnswer(r, 200, x, err)
}
