package api

import (
	"gongji/app/delivery/survey"
	"gongji/app/edge"
	"gongji/app/kernel/id"
)

func (a *API) residentRoutes() []edge.Route {
	const tag = "居民评价"
	answering := []edge.Route{
		get("/public/invitations/{code}", "public", a.invitation, edge.Doc{Summary: "一个邀请码要回答的问卷", Tag: tag, Out: survey.Survey{}, Public: true}),
		post("/public/invitations/{code}", "public", a.invitationAnswer, edge.Doc{Summary: "凭邀请码交卷，一码一次", Tag: tag, In: answersInput{}, Out: taken{}, Public: true, Status: 201}),
		post("/public/surveys/{id}/answers", "public", sent(a.posterAnswer), edge.Doc{Summary: "从公开海报交卷：限频，单独统计，不计入满意度", Tag: tag, In: answersInput{}, Out: taken{}, Public: true, Status: 201}),
	}
	for i := range answering {
		answering[i].Quiet, answering[i].Secret = true, true // who answered when is nobody's to read from a log
	}
	invite := post("/surveys/{id}/invitations", "account", sent(a.invite), edge.Doc{Summary: "制作邀请：邀请码只在这一次给出", Tag: tag, In: inviteInput{}, Out: invited{}, Status: 201})
	invite.Secret = true
	return append(answering, invite,
		get("/public/surveys/templates", "public", a.surveyTemplates, edge.Doc{Summary: "问卷样例", Tag: tag, Out: []survey.Template{}, Public: true}),
		get("/public/surveys/{id}", "public", act(a.Residents.Result, shownAs[survey.Result]), edge.Doc{Summary: "问卷结果；结束以前只有份数", Tag: tag, Out: survey.Result{}, Public: true}),
		get("/public/surveys/{id}/batches", "public", act(a.Residents.Batches, shownAs[[]survey.Batch]), edge.Doc{Summary: "邀请是怎样发的", Tag: tag, Out: []survey.Batch{}, Public: true}),
		get("/public/engagements/{id}/satisfaction", "public", edge.At(a.satisfaction), edge.Doc{Summary: "一个项目的满意度；survey 为空表示还没有结果", Tag: tag, Out: survey.Figure{}, Public: true}),
		get("/public/engagements/{id}/assessments", "public", edge.At(a.assessments), edge.Doc{Summary: "街道和社区的评价", Tag: tag, Out: []survey.Voice{}, Public: true}),
		get("/engagements/{id}/survey", "account", act(a.Residents.Of, shownAs[survey.Survey]), edge.Doc{Summary: "一个项目的居民问卷", Tag: tag, Out: survey.Survey{}}),
		put("/engagements/{id}/survey", "account", sent(a.surveySave), edge.Doc{Summary: "保存问卷草稿（付款方或第三方评价机构）", Tag: tag, In: surveyInput{}, Out: survey.Survey{}}),
		post("/surveys/{id}/publish", "account", act(a.Residents.Publish, shownAs[survey.Survey]), edge.Doc{Summary: "发布问卷，题目不再能改", Tag: tag, Out: survey.Survey{}}),
		post("/surveys/{id}/extend", "account", sent(a.surveyExtend), edge.Doc{Summary: "延后结束日期，原因公开", Tag: tag, In: extendInput{}, Out: survey.Survey{}}),
		post("/surveys/{id}/void", "account", sent(a.surveyVoid), edge.Doc{Summary: "作废一批没有人用过的邀请", Tag: tag, In: voidInput{}, Out: survey.Survey{}}),
		get("/surveys/{id}/remarks", "account", act(a.Residents.Held, shownAs[[]survey.Remark]), edge.Doc{Summary: "待审核的居民留言", Tag: tag, Out: []survey.Remark{}}),
		post("/surveys/{id}/remarks", "account", sent(a.remarkReview), edge.Doc{Summary: "审核居民留言", Tag: tag, In: verdicts{}, Out: reviewed{}}),
		post("/engagements/{id}/neighbours", "account", sent(a.neighbourAsk), edge.Doc{Summary: "请街道或社区评价", Tag: tag, In: neighbourInput{}, Out: survey.Neighbour{}, Status: 201}),
		put("/engagements/{id}/assessment", "account", sent(a.assess), edge.Doc{Summary: "街道或社区作出评价", Tag: tag, In: survey.AssessForm{}, Out: survey.Assessment{}}),
	)
}

// shownAs answers with the object as it is.
func shownAs[T any](_ *edge.Request, status int, x T, err error) (edge.Response, error) {
	return answer(status, x, err)
}

type answersInput struct {
	Answers survey.Answers `json:"answers" description:"题目代号对应答案：scale 1–5，yesno 为 yes 或 no，choice 为选项序号，text 为文字"`
}

// taken says no more than that the answer was taken.
type taken struct {
	Survey id.ID `json:"survey"`
}

type surveyInput struct {
	Version int64 `json:"version,omitempty" description:"读到的版本；0 表示不管别人是否改过"`
	survey.Form
}

type extendInput struct {
	ClosesOn string `json:"closes_on" description:"新的最后一天，如 2026-06-30"`
	Reason   string `json:"reason"`
}

type voidInput struct {
	Seq    int64  `json:"seq"`
	Reason string `json:"reason"`
}

type inviteInput struct {
	Count int    `json:"count"`
	Note  string `json:"note,omitempty" description:"交给谁发放，公开"`
}

type invited struct {
	Batch survey.Batch `json:"batch"`
	Codes []string     `json:"codes" description:"网址是 /s/ 加邀请码"`
}

type verdicts struct {
	Verdicts []survey.Verdict `json:"verdicts"`
}

type reviewed struct {
	Reviewed int `json:"reviewed"`
}

type neighbourInput struct {
	Community id.ID `json:"community"`
}

func (a *API) surveyTemplates(*edge.Request) (edge.Response, error) {
	return edge.JSON(200, survey.Templates()).Shared(), nil
}

func (a *API) invitation(r *edge.Request) (edge.Response, error) {
	v, err := a.Residents.ByCode(r.Context(), r.Param("code"))
	return answer(200, v, err)
}

func (a *API) invitationAnswer(r *edge.Request) (edge.Response, error) {
	var in answersInput
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	v, err := a.Residents.Answer(r.Context(), r.Param("code"), in.Answers)
	return answer(201, taken{v.ID}, err)
}

func (a *API) posterAnswer(r *edge.Request, at id.ID, in answersInput) (edge.Response, error) {
	v, err := a.Residents.AnswerOpen(r.Context(), at, in.Answers, r.IP())
	return answer(201, taken{v.ID}, err)
}

func (a *API) satisfaction(r *edge.Request, at id.ID) (edge.Response, error) {
	if _, err := a.Engagements.Get(r.Context(), r.Actor(), at); err != nil {
		return edge.Response{}, err
	}
	f, err := a.Residents.Satisfaction(r.Context(), at)
	return answer(200, f, err)
}

func (a *API) assessments(r *edge.Request, at id.ID) (edge.Response, error) {
	if _, err := a.Engagements.Get(r.Context(), r.Actor(), at); err != nil {
		return edge.Response{}, err
	}
	list, err := a.Residents.Neighbours(r.Context(), at)
	return answer(200, list, err)
}

func (a *API) surveySave(r *edge.Request, at id.ID, in surveyInput) (edge.Response, error) {
	v, err := a.Residents.Save(r.Context(), r.Actor(), at, in.Version, in.Form)
	return answer(200, v, err)
}

func (a *API) surveyExtend(r *edge.Request, at id.ID, in extendInput) (edge.Response, error) {
	v, err := a.Residents.Extend(r.Context(), r.Actor(), at, in.ClosesOn, in.Reason)
	return answer(200, v, err)
}

func (a *API) surveyVoid(r *edge.Request, at id.ID, in voidInput) (edge.Response, error) {
	v, err := a.Residents.VoidBatch(r.Context(), r.Actor(), at, in.Seq, in.Reason)
	return answer(200, v, err)
}

func (a *API) invite(r *edge.Request, at id.ID, in inviteInput) (edge.Response, error) {
	b, codes, err := a.Residents.Invite(r.Context(), r.Actor(), at, in.Count, in.Note)
	return answer(201, invited{b, codes}, err)
}

func (a *API) remarkReview(r *edge.Request, at id.ID, in verdicts) (edge.Response, error) {
	n, err := a.Residents.Review(r.Context(), r.Actor(), at, in.Verdicts)
	return answer(200, reviewed{n}, err)
}

func (a *API) neighbourAsk(r *edge.Request, at id.ID, in neighbourInput) (edge.Response, error) {
	n, err := a.Residents.Ask(r.Context(), r.Actor(), at, in.Community)
	return answer(201, n, err)
}

func (a *API) assess(r *edge.Request, at id.ID, in survey.AssessForm) (edge.Response, error) {
	x, err := a.Residents.Assess(r.Context(), r.Actor(), at, in)
	return answer(200, x, err)
}
