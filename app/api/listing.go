package api

import (
	"gongji/app/delivery/record"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party/standing"
)

func (a *API) listingRoutes() []edge.Route {
	const tag = "信用名单"
	return []edge.Route{
		get("/listings", "public", a.listingList, edge.Doc{Summary: "公布的信用名单；authority 为本单位时也列出告知中的", Tag: tag, Query: listingQuery{}, Out: Page[standing.Listing]{}, Public: true}),
		get("/listings/{id}", "public", edge.At(a.listingShow), edge.Doc{Summary: "一件列入名单的决定", Tag: tag, Out: standing.Case{}, Public: true}),
		post("/listings", "authority", a.listingNotify, edge.Doc{Summary: "发出列入名单的告知书", Tag: tag, In: standing.Intent{}, Out: standing.Listing{}, Status: 201}),
		post("/listings/{id}/statement", "account", sent(a.listingState), edge.Doc{Summary: "被告知的组织陈述申辩", Tag: tag, In: heard{}, Out: standing.Case{}}),
		post("/listings/{id}/decide", "authority", sent(a.listingDecide), edge.Doc{Summary: "审批人决定列入或不予列入", Tag: tag, In: standing.Ruling{}, Out: standing.Case{}}),
		post("/listings/{id}/pleas", "account", sent(a.listingPlead), edge.Doc{Summary: "对决定提出异议，或者申请移出", Tag: tag, In: plea{}, Out: standing.Case{}, Status: 201}),
		post("/listings/{id}/pleas/{plea}", "authority", sent(a.listingAnswer), edge.Doc{Summary: "答复异议或移出申请", Tag: tag, In: pleaAnswer{}, Out: standing.Case{}}),
		get("/public/organisations/{id}/milestones", "public", edge.At(a.milestoneList), edge.Doc{Summary: "一个组织的节点和是否按期", Tag: "组织", Out: milestoneList{}, Public: true}),
		get("/organisations/{id}/recognitions", "account", edge.At(a.recognitionList), edge.Doc{Summary: "评估等级和表彰；本单位和核实机关也看得到待核实的", Tag: recognitions, Out: recognitionView{}}),
		post("/organisations/{id}/recognitions", "account", sent(a.recognitionAdd), edge.Doc{Summary: "申报评估等级或表彰", Tag: recognitions, In: standing.RecognitionInput{}, Out: standing.Recognition{}, Status: 201}),
		a.upload("/recognitions/{id}/attachments", "account", a.attach(standing.RecognitionKind, ""), edge.Doc{Summary: "上传证书或公布文件", Tag: recognitions}),
		post("/recognitions/{id}/check", "authority", sent(a.recognitionCheck), edge.Doc{Summary: "核实后公布，或不予采纳", Tag: recognitions, In: decision{}, Out: standing.Recognition{}}),
		post("/recognitions/{id}/revoke", "authority", sent(a.recognitionTake), edge.Doc{Summary: "撤销已公布的评估等级或表彰", Tag: recognitions, In: reason{}, Out: standing.Recognition{}}),
		get("/answers/{about}/{id}", "account", edge.At(a.answerShow), edge.Doc{Summary: "本单位对公开档案中一条记录的回应和草稿", Tag: "组织", Out: standing.Thread{}}),
		put("/answers/{about}/{id}", "account", sent(a.answerDraft), edge.Doc{Summary: "起草回应；about 是 performance、listing 或 engagement", Tag: "组织", In: answerText{}, Out: standing.Thread{}}),
		post("/answers/{about}/{id}/publish", "account", edge.At(a.answerPublish), edge.Doc{Summary: "负责人确认并公开", Tag: "组织", Out: standing.Thread{}}),
	}
}

const recognitions = "评估等级和表彰"

type milestoneList struct {
	record.Punctuality
	Items []record.Milestone `json:"items"`
}

type recognitionView struct {
	Items []standing.Recognition `json:"items"`
}

type answerText struct {
	Text string `json:"text"`
}

func (a *API) milestoneList(r *edge.Request, org id.ID) (edge.Response, error) {
	if _, err := a.Organisations.Get(r.Context(), r.Actor(), org); err != nil {
		return edge.Response{}, err
	}
	list, sum, err := a.Record.Milestones(r.Context(), org)
	return answer(200, milestoneList{sum, list}, err)
}

func (a *API) recognitionList(r *edge.Request, org id.ID) (edge.Response, error) {
	list, err := a.Standing.Recognitions(r.Context(), r.Actor(), org)
	return answer(200, recognitionView{list}, err)
}

func (a *API) recognitionAdd(r *edge.Request, org id.ID, in standing.RecognitionInput) (edge.Response, error) {
	x, err := a.Standing.Recognise(r.Context(), r.Actor(), org, in)
	return answer(201, x, err)
}

func (a *API) recognitionCheck(r *edge.Request, at id.ID, in decision) (edge.Response, error) {
	x, err := a.Standing.Check(r.Context(), r.Actor(), at, in.Approve, in.Reason)
	return answer(200, x, err)
}

func (a *API) recognitionTake(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	x, err := a.Standing.Take(r.Context(), r.Actor(), at, in.Reason)
	return answer(200, x, err)
}

func (a *API) answerShow(r *edge.Request, subject id.ID) (edge.Response, error) {
	t, err := a.Standing.Thread(r.Context(), r.Actor(), r.Param("about"), subject)
	return answer(200, t, err)
}

func (a *API) answerDraft(r *edge.Request, subject id.ID, in answerText) (edge.Response, error) {
	if _, err := a.Standing.Draft(r.Context(), r.Actor(), r.Param("about"), subject, in.Text); err != nil {
		return edge.Response{}, err
	}
	return a.answerShow(r, subject)
}

func (a *API) answerPublish(r *edge.Request, subject id.ID) (edge.Response, error) {
	if _, err := a.Standing.Publish(r.Context(), r.Actor(), r.Param("about"), subject); err != nil {
		return edge.Response{}, err
	}
	return a.answerShow(r, subject)
}

type listingQuery struct {
	Kind         string `query:"kind" enum:"serious,ban,abnormal"`
	State        string `query:"state" enum:"in_force,expired,removed,revoked,noticed,withdrawn"`
	Organisation string `query:"organisation"`
	Authority    string `query:"authority"`
	Text         string `query:"q" description:"组织名称或决定文号"`
	After        string `query:"after"`
}

type heard struct {
	Statement string `json:"statement"`
}

type plea struct {
	Kind standing.PleaKind `json:"kind" enum:"objection,removal"`
	Text string            `json:"text"`
}

type pleaAnswer struct {
	Grant  bool   `json:"grant" description:"采纳：撤销决定或移出名单"`
	Answer string `json:"answer"`
}

func (a *API) listingList(r *edge.Request) (edge.Response, error) {
	list, err := a.Standing.List(r.Context(), r.Actor(), standing.Filter{Kind: r.Query("kind"), State: standing.State(r.Query("state")),
		Organisation: id.ID(r.Query("organisation")), Authority: id.ID(r.Query("authority")), Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, func(x standing.Listing) string { return string(x.ID) }), err)
}

func (a *API) listingShow(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Standing.Get(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}

func (a *API) listingNotify(r *edge.Request) (edge.Response, error) {
	var in standing.Intent
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Standing.Notify(r.Context(), r.Actor(), in)
	return answer(201, x, err)
}

// listingAfter answers with the listing as it is after a step.
func (a *API) listingAfter(r *edge.Request, at id.ID, status int, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	x, err := a.Standing.Get(r.Context(), r.Actor(), at)
	return answer(status, x, err)
}

func (a *API) listingState(r *edge.Request, at id.ID, in heard) (edge.Response, error) {
	_, err := a.Standing.State(r.Context(), r.Actor(), at, in.Statement)
	return a.listingAfter(r, at, 200, err)
}

func (a *API) listingDecide(r *edge.Request, at id.ID, in standing.Ruling) (edge.Response, error) {
	_, err := a.Standing.Decide(r.Context(), r.Actor(), at, in)
	return a.listingAfter(r, at, 200, err)
}

func (a *API) listingPlead(r *edge.Request, at id.ID, in plea) (edge.Response, error) {
	_, err := a.Standing.Plead(r.Context(), r.Actor(), at, in.Kind, in.Text)
	return a.listingAfter(r, at, 201, err)
}

func (a *API) listingAnswer(r *edge.Request, at id.ID, in pleaAnswer) (edge.Response, error) {
	p, err := r.ID("plea")
	if err == nil {
		_, err = a.Standing.Answer(r.Context(), r.Actor(), at, p, in.Grant, in.Answer)
	}
	return a.listingAfter(r, at, 200, err)
}
