package api

import (
	"encoding/json"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/framework"
	"gongji/app/procurement/objection"
	"gongji/app/procurement/schedule"
	"gongji/app/procurement/tender"
	"gongji/app/trust/workday"
)

// methodRoutes are the methods of procurement with their clocks, and the steps
// that only some methods have.
func (a *API) methodRoutes() []edge.Route {
	const tag = "采购"
	return []edge.Route{
		get("/public/methods", "public", a.methods, edge.Doc{Summary: "采购方式：谁能参加、适用情形、依据", Tag: tag, Out: []rules.Method{}, Public: true}),
		get("/public/tenders/{id}/dates", "public", edge.At(a.dates), edge.Doc{Summary: "一个采购项目的全部法定期限，按时间先后", Tag: tag, Out: []schedule.Line{}, Public: true}),
		get("/tenders/invitations", "supplier", a.invitations, edge.Doc{Summary: "邀请本单位参加的采购（邀请招标、框架协议第二阶段、单一来源）", Tag: tag, Query: invitationQuery{}, Out: tenderPage{}}),
		get("/public/tenders/{id}/objections", "public", edge.At(a.objections), edge.Doc{Summary: "单一来源公示的异议和答复", Tag: tag, Out: []objection.Objection{}, Public: true}),
		post("/tenders/{id}/objections", "account", sent(a.objectionRaise), edge.Doc{Summary: "对单一来源公示提出异议", Tag: tag, In: objectionIn{}, Out: objection.Objection{}, Status: 201}),
		post("/tenders/{id}/objections/answer", "buyer", sent(a.objectionAnswer), edge.Doc{Summary: "答复异议；异议成立的采购停止", Tag: tag, In: answerIn{}, Out: []objection.Objection{}}),
		get("/public/tenders/{id}/framework", "public", edge.At(a.framework), edge.Doc{Summary: "框架协议的入围供应商", Tag: tag, Out: frameworkView{}, Public: true}),
		post("/tenders/{id}/framework", "buyer", sent(a.frameworkPropose), edge.Doc{Summary: "提议入围的家数", Tag: tag, In: admitIn{}, Out: frameworkView{}}),
		post("/tenders/{id}/framework/approve", "buyer", edge.At(a.frameworkApprove), edge.Doc{Summary: "批准并公布入围供应商", Tag: tag, Out: frameworkView{}}),
		post("/tenders/{id}/framework/return", "buyer", sent(a.frameworkReturn), edge.Doc{Summary: "退回入围提议", Tag: tag, In: reason{}, Out: frameworkView{}}),
		get("/public/workdays", "public", a.workdays, edge.Doc{Summary: "已知工作日安排的年份和来源", Tag: "开放", Out: []workday.Year{}, Public: true}),
		post("/platform/workdays/look", "platform", a.workdayLook, edge.Doc{Summary: "核对一份工作日表会改变什么；不保存", Tag: "平台", In: workdayFile{}, Out: workday.Preview{}}),
		post("/platform/workdays", "platform", a.workdayImport, edge.Doc{Summary: "导入一年的工作日表", Tag: "平台", In: workdayIn{}, Out: workday.Import{}, Status: 201}),
	}
}

func (a *API) methods(*edge.Request) (edge.Response, error) {
	return edge.JSON(200, rules.Methods()), nil
}

func (a *API) dates(r *edge.Request, x id.ID) (edge.Response, error) {
	t, err := a.Tenders.Get(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	lines, err := a.Schedule.Of(r.Context(), r.Actor(), t)
	return answer(200, append([]schedule.Line{}, lines...), err)
}

type invitationQuery struct {
	Text   string `query:"q"`
	State  string `query:"state"`
	Method string `query:"method"`
	After  string `query:"after"`
}

func (a *API) invitations(r *edge.Request) (edge.Response, error) {
	return a.tenderList(a.Tenders.Invitations(r.Context(), r.Actor(), filterOf(r)))
}

type objectionIn struct {
	Text string `json:"text" description:"内容、理由和依据，公开"`
}

type answerIn struct {
	Objection id.ID  `json:"objection"`
	Answer    string `json:"answer" description:"公开"`
	Stands    bool   `json:"stands" description:"异议成立，采购停止"`
}

func (a *API) objections(r *edge.Request, x id.ID) (edge.Response, error) {
	t, err := a.Tenders.Get(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	list, err := a.Objections.Of(r.Context(), t)
	return answer(200, list, err)
}

func (a *API) objectionRaise(r *edge.Request, x id.ID, in objectionIn) (edge.Response, error) {
	o, err := a.Objections.Raise(r.Context(), r.Actor(), x, in.Text)
	return answer(201, o, err)
}

func (a *API) objectionAnswer(r *edge.Request, x id.ID, in answerIn) (edge.Response, error) {
	if err := a.Objections.Answer(r.Context(), r.Actor(), x, in.Objection, in.Answer, in.Stands); err != nil {
		return edge.Response{}, err
	}
	return a.objections(r, x)
}

type frameworkView struct {
	framework.Framework
	Members  []framework.Member `json:"members"`
	CallOffs []tender.Tender    `json:"call_offs"`
}

type admitIn struct {
	Count int `json:"count" description:"按评审顺序入围的家数；淘汰不少于 20% 且至少一家"`
}

func (a *API) framework(r *edge.Request, x id.ID) (edge.Response, error) {
	t, err := a.Tenders.Get(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	var v frameworkView
	if v.Framework, v.Members, err = a.Frameworks.Of(r.Context(), r.Actor(), t); err != nil {
		return edge.Response{}, err
	}
	v.CallOffs, err = a.Frameworks.CallOffs(r.Context(), t.ID)
	return answer(200, v, err)
}

func (a *API) frameworkPropose(r *edge.Request, x id.ID, in admitIn) (edge.Response, error) {
	if _, err := a.Frameworks.Propose(r.Context(), r.Actor(), x, in.Count); err != nil {
		return edge.Response{}, err
	}
	return a.framework(r, x)
}

func (a *API) frameworkApprove(r *edge.Request, x id.ID) (edge.Response, error) {
	if err := a.Frameworks.Approve(r.Context(), r.Actor(), x); err != nil {
		return edge.Response{}, err
	}
	return a.framework(r, x)
}

func (a *API) frameworkReturn(r *edge.Request, x id.ID, in reason) (edge.Response, error) {
	if err := a.Frameworks.Return(r.Context(), r.Actor(), x, in.Reason); err != nil {
		return edge.Response{}, err
	}
	return a.framework(r, x)
}

func (a *API) workdays(r *edge.Request) (edge.Response, error) {
	list, err := a.Workdays.Years(r.Context())
	return answer(200, list, err)
}

type workdayFile struct {
	Table json.RawMessage `json:"table" description:"{origin, exceptions:[{date, work, name}]}：与平常星期不同的日期"`
}

type workdayIn struct {
	Table  json.RawMessage `json:"table"`
	SHA256 string          `json:"sha256" description:"核对时得到的校验值"`
	Reason string          `json:"reason,omitempty" description:"更换已有的年份时必填"`
}

func (a *API) workdayLook(r *edge.Request) (edge.Response, error) {
	var in workdayFile
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	p, err := a.Workdays.Look(r.Context(), r.Actor(), in.Table)
	return answer(200, p, err)
}

func (a *API) workdayImport(r *edge.Request) (edge.Response, error) {
	var in workdayIn
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Workdays.Bring(r.Context(), r.Actor(), workday.Input{File: in.Table, SHA256: in.SHA256, Reason: in.Reason})
	return answer(201, x, err)
}
