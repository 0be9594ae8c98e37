package api

import (
	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/procurement/challenge"
)

func (a *API) challengeRoutes() []edge.Route {
	const tag = "质疑投诉"
	return []edge.Route{
		get("/public/tenders/{id}/challenges", "public", edge.At(a.challengesOf), edge.Doc{Summary: "各环节的质疑期限和已办结的结论", Tag: tag, Out: challengesView{}, Public: true}),
		quiet(post("/tenders/{id}/challenges", "supplier", sent(a.challengeRaise), edge.Doc{Summary: "提出询问或质疑", Tag: tag, In: challenge.Input{}, Out: challengeView{}, Status: 201})),
		get("/challenges", "account", a.challengeList, edge.Doc{Summary: "与本单位有关的询问、质疑、投诉", Tag: tag, Query: challengeQuery{}, Out: Page[challenge.Case]{}}),
		get("/challenges/{id}", "account", edge.At(a.challengeShow), edge.Doc{Summary: "一件询问、质疑或投诉", Tag: tag, Out: challengeView{}}),
		post("/challenges/{id}/answer", "buyer", sent(a.challengeAnswer), edge.Doc{Summary: "答复询问，或起草质疑答复交审批", Tag: tag, In: challenge.Reply{}, Out: challengeView{}}),
		post("/challenges/{id}/approve", "buyer", act(a.Challenges.Approve, a.challengeAnswered), edge.Doc{Summary: "批准质疑答复，答复供应商并执行", Tag: tag, Out: challengeView{}}),
		post("/challenges/{id}/return", "buyer", because(a.Challenges.Return, a.challengeAnswered), edge.Doc{Summary: "退回起草的答复", Tag: tag, In: reason{}, Out: challengeView{}}),
		post("/challenges/{id}/withdraw", "supplier", because(a.Challenges.Withdraw, a.challengeAnswered), edge.Doc{Summary: "撤回质疑或投诉", Tag: tag, In: reason{}, Out: challengeView{}}),
		a.upload("/challenges/{id}/attachments", "account", a.attach(challenge.ObjectKind, ""), edge.Doc{Summary: "上传证明材料或附件", Tag: tag}),
		post("/challenges/{id}/complaint", "supplier", sent(a.challengeComplain), edge.Doc{Summary: "就质疑提起投诉", Tag: tag, In: challenge.ComplaintInput{}, Out: challengeView{}, Status: 201}),
		post("/challenges/{id}/mend", "supplier", sent(a.complaintMend), edge.Doc{Summary: "补正投诉书", Tag: tag, In: challenge.ComplaintInput{}, Out: challengeView{}}),
		post("/challenges/{id}/review", "buyer", sent(a.complaintReview), edge.Doc{Summary: "登记财政部门对投诉书的审查结果", Tag: tag, In: challenge.Review{}, Out: challengeView{}}),
		post("/challenges/{id}/copied", "buyer", act(a.Challenges.Copied, a.challengeAnswered), edge.Doc{Summary: "登记投诉书副本已送达", Tag: tag, Out: challengeView{}}),
		post("/challenges/{id}/decide", "buyer", sent(a.complaintDecide), edge.Doc{Summary: "登记投诉处理决定，公布并执行", Tag: tag, In: challenge.Reply{}, Out: challengeView{}}),
	}
}

type challengesView struct {
	Windows  []challenge.Window `json:"windows"`
	Outcomes []challenge.Public `json:"outcomes"`
}

type challengeView struct {
	challenge.Case
	Clocks      []challenge.Clock       `json:"clocks"`
	Attachments []attachment.Attachment `json:"attachments"`
}

type challengeQuery struct {
	Text    string `query:"q" description:"编号、提出人或项目名称"`
	Kind    string `query:"kind" description:"query 询问、challenge 质疑、complaint 投诉"`
	Waiting bool   `query:"waiting" description:"只列办理中的"`
	After   string `query:"after"`
}

func (a *API) challengesOf(r *edge.Request, at id.ID) (edge.Response, error) {
	t, err := a.Tenders.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	var v challengesView
	if v.Windows, err = a.Challenges.Windows(r.Context(), t); err != nil {
		return edge.Response{}, err
	}
	v.Outcomes, err = a.Challenges.Outcomes(r.Context(), t.ID)
	return answer(200, v, err)
}

// challengeAnswered is a case as its parties see it, or the error.
func (a *API) challengeAnswered(r *edge.Request, status int, x challenge.Case, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := challengeView{Case: x}
	if v.Clocks, err = a.Challenges.Clocks(r.Context(), x); err != nil {
		return edge.Response{}, err
	}
	v.Attachments, err = a.Challenges.Attachments(r.Context(), r.Actor(), x.ID)
	return answer(status, v, err)
}

func (a *API) challengeRaise(r *edge.Request, at id.ID, in challenge.Input) (edge.Response, error) {
	x, err := a.Challenges.Raise(r.Context(), r.Actor(), at, in)
	return a.challengeAnswered(r, 201, x, err)
}

func (a *API) challengeList(r *edge.Request) (edge.Response, error) {
	list, err := a.Challenges.List(r.Context(), r.Actor(), challenge.Filter{Waiting: r.Query("waiting") == "true", Kind: challenge.Kind(r.Query("kind")),
		Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, func(x challenge.Case) string { return string(x.ID) }), err)
}

func (a *API) challengeShow(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Challenges.Get(r.Context(), r.Actor(), at)
	return a.challengeAnswered(r, 200, x, err)
}

func (a *API) challengeAnswer(r *edge.Request, at id.ID, in challenge.Reply) (edge.Response, error) {
	x, err := a.Challenges.Answer(r.Context(), r.Actor(), at, in)
	return a.challengeAnswered(r, 200, x, err)
}

func (a *API) challengeComplain(r *edge.Request, at id.ID, in challenge.ComplaintInput) (edge.Response, error) {
	x, err := a.Challenges.Complain(r.Context(), r.Actor(), at, in)
	return a.challengeAnswered(r, 201, x, err)
}

func (a *API) complaintMend(r *edge.Request, at id.ID, in challenge.ComplaintInput) (edge.Response, error) {
	x, err := a.Challenges.Mend(r.Context(), r.Actor(), at, in)
	return a.challengeAnswered(r, 200, x, err)
}

func (a *API) complaintReview(r *edge.Request, at id.ID, in challenge.Review) (edge.Response, error) {
	x, err := a.Challenges.Review(r.Context(), r.Actor(), at, in)
	return a.challengeAnswered(r, 200, x, err)
}

func (a *API) complaintDecide(r *edge.Request, at id.ID, in challenge.Reply) (edge.Response, error) {
	x, err := a.Challenges.Decide(r.Context(), r.Actor(), at, in)
	return a.challengeAnswered(r, 200, x, err)
}
