package api

import (
	"strconv"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/opening"
)

func (a *API) openingRoutes() []edge.Route {
	const tag = "开标"
	return []edge.Route{
		get("/public/tenders/{id}/opening", "public", edge.At(a.openingShow), edge.Doc{Summary: "开标现场：进展、唱标内容、投标人的答复；带令牌时还有本人能做什么", Tag: tag, Out: opening.View{}, Public: true}),
		get("/public/tenders/{id}/opening/events", "public", edge.At(a.openingEvents), edge.Doc{Summary: "开标中发生的事，按序号，不会漏；网页用同名地址的 SSE", Tag: tag, Query: eventQuery{}, Out: Page[opening.Event]{}, Public: true}),
		post("/tenders/{id}/opening/share", "account", sent(a.openingShare), edge.Doc{Summary: "截止后，持钥人交出用口令打开的密钥份；只留在内存中", Tag: tag, In: shareInput{}, Out: opening.View{}}),
		post("/tenders/{id}/opening/start", "buyer", edge.At(a.openingStart), edge.Doc{Summary: "开始或继续开标；不足法定家数的不予开标，不需要密钥", Tag: tag, Out: opening.Opening{}}),
		post("/tenders/{id}/opening/answer", "supplier", sent(a.openingAnswer), edge.Doc{Summary: "投标人确认唱标内容，或提出异议；关闭前可以改", Tag: tag, In: answerInput{}, Out: opening.Answer{}, Status: 201}),
		post("/tenders/{id}/opening/close", "buyer", sent(a.openingClose), edge.Doc{Summary: "关闭开标，出具开标记录", Tag: tag, In: closeInput{}, Out: opening.Opening{}}),
	}
}

type eventQuery struct {
	After int64 `query:"after" description:"已经看到的最后序号；不给则从头"`
}

type shareInput struct {
	Share string `json:"share" description:"gongji-share-1-… 开头的一行"`
}

type answerInput struct {
	Kind opening.AnswerKind `json:"kind" enum:"confirmed,objected"`
	Text string             `json:"text,omitempty" description:"异议的内容"`
}

type closeInput struct {
	Remark string `json:"remark,omitempty" description:"对异议如何处理；有异议时必填"`
}

func (a *API) openingShow(r *edge.Request, t id.ID) (edge.Response, error) {
	v, err := a.Openings.View(r.Context(), r.Actor(), t)
	return answer(200, v, err)
}

// eventPage is the most events that one call gives.
const eventPage = 200

func (a *API) openingEvents(r *edge.Request, t id.ID) (edge.Response, error) {
	if _, err := a.Tenders.Get(r.Context(), r.Actor(), t); err != nil {
		return edge.Response{}, err
	}
	var after int64
	if s := r.Query("after"); s != "" {
		var err error
		if after, err = strconv.ParseInt(s, 10, 64); err != nil || after < 0 {
			return edge.Response{}, fault.New(fault.Invalid, "after 应为已经看到的最后序号")
		}
	}
	list, err := a.Openings.Events(r.Context(), t, after)
	return answer(200, paged(list[:min(len(list), eventPage)], eventPage, func(e opening.Event) string { return strconv.FormatInt(e.Seq, 10) }), err)
}

func (a *API) openingShare(r *edge.Request, t id.ID, in shareInput) (edge.Response, error) {
	v, err := a.Openings.Give(r.Context(), r.Actor(), t, in.Share)
	return answer(200, v, err)
}

func (a *API) openingStart(r *edge.Request, t id.ID) (edge.Response, error) {
	o, err := a.Openings.Start(r.Context(), r.Actor(), t)
	return answer(200, o, err)
}

func (a *API) openingAnswer(r *edge.Request, t id.ID, in answerInput) (edge.Response, error) {
	x, err := a.Openings.Answer(r.Context(), r.Actor(), t, in.Kind, in.Text)
	return answer(201, x, err)
}

func (a *API) openingClose(r *edge.Request, t id.ID, in closeInput) (edge.Response, error) {
	o, err := a.Openings.Close(r.Context(), r.Actor(), t, in.Remark)
	return answer(200, o, err)
}
