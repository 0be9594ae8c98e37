package api

import (
	"gongji/app/edge"
	"gongji/app/foundation/handout"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
)

func (a *API) handoutRoutes() []edge.Route {
	const tag = "物资发放"
	return []edge.Route{
		get("/public/handouts", "public", a.handoutPublic, edge.Doc{Summary: "已签收的物资发放：发给了谁、接收和退回的数量", Tag: tag, Query: handoutQuery{}, Out: Page[handout.Handout]{}, Public: true}),
		get("/public/handouts/{id}", "public", act(a.Handouts.Get, a.handoutAnswer), edge.Doc{Summary: "一次已签收的发放", Tag: tag, Out: handoutView{}, Public: true}),
		get("/handouts", "foundation", a.handoutOwn, edge.Doc{Summary: "本会的物资发放", Tag: tag, Query: handoutQuery{}, Out: Page[handout.Handout]{}}),
		get("/handouts/received", "account", a.handoutReceived, edge.Doc{Summary: "发给本单位的物资", Tag: tag, Query: handoutQuery{}, Out: Page[handout.Handout]{}}),
		post("/handouts", "foundation", a.handoutCreate, edge.Doc{Summary: "起草发放，等待批准；批准和出库前库存不变", Tag: tag, In: handout.Form{}, Out: handoutView{}, Status: 201}),
		get("/handouts/{id}", "account", act(a.Handouts.Get, a.handoutAnswer), edge.Doc{Summary: "一次发放", Tag: tag, Out: handoutView{}}),
		post("/handouts/{id}/approve", "foundation", act(a.Handouts.Approve, a.handoutAnswer), edge.Doc{Summary: "批准（不能是起草人）", Tag: tag, Out: handoutView{}}),
		post("/handouts/{id}/cancel", "foundation", because(a.Handouts.Cancel, a.handoutAnswer), edge.Doc{Summary: "出库前取消", Tag: tag, In: reason{}, Out: handoutView{}}),
		post("/handouts/{id}/ship", "foundation", act(a.Handouts.Ship, a.handoutAnswer), edge.Doc{Summary: "出库：库存减少，不能低于零", Tag: tag, Out: handoutView{}}),
		post("/handouts/{id}/sign", "account", sent(a.handoutSign), edge.Doc{Summary: "接收单位清点签收；没有接收的退回库存，写明原因", Tag: tag, In: handoutSign{}, Out: handoutView{}}),
	}
}

type handoutQuery struct {
	Text  string `query:"q" description:"接收单位、编号或用途"`
	State string `query:"state" enum:"review,approved,shipped,signed,cancelled"`
	Fund  string `query:"fund"`
	After string `query:"after"`
}

type handoutSign struct {
	Lines []handout.Counted `json:"lines"`
}

type handoutView struct {
	handout.Handout
	Timeline []trail.Event `json:"timeline"`
}

func (a *API) handoutAnswer(r *edge.Request, status int, x handout.Handout, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := handoutView{Handout: x}
	v.Timeline, err = a.Handouts.Timeline(r.Context(), r.Actor(), x)
	return answer(status, v, err)
}

func (a *API) handoutPublic(r *edge.Request) (edge.Response, error) {
	return a.handoutPage(r, party.Actor{}, handout.Filter{})
}

func (a *API) handoutOwn(r *edge.Request) (edge.Response, error) {
	return a.handoutPage(r, r.Actor(), handout.Filter{Foundation: r.Actor().Org})
}

func (a *API) handoutReceived(r *edge.Request) (edge.Response, error) {
	return a.handoutPage(r, r.Actor(), handout.Filter{Recipient: r.Actor().Org})
}

func (a *API) handoutPage(r *edge.Request, who party.Actor, f handout.Filter) (edge.Response, error) {
	f.Text, f.State, f.Fund, f.After, f.Limit = r.Query("q"), handout.State(r.Query("state")), id.ID(r.Query("fund")), id.ID(r.Query("after")), perPage
	list, err := a.Handouts.List(r.Context(), who, f)
	return answer(200, paged(list, perPage, func(x handout.Handout) string { return string(x.ID) }), err)
}

func (a *API) handoutCreate(r *edge.Request) (edge.Response, error) {
	var in handout.Form
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Handouts.Create(r.Context(), r.Actor(), in)
	return a.handoutAnswer(r, 201, x, err)
}

func (a *API) handoutSign(r *edge.Request, at id.ID, in handoutSign) (edge.Response, error) {
	x, err := a.Handouts.Sign(r.Context(), r.Actor(), at, in.Lines)
	return a.handoutAnswer(r, 200, x, err)
}
