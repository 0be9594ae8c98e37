package api

import (
	"gongji/app/edge"
	"gongji/app/foundation/application"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/payment"
	"gongji/app/foundation/review"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/credential"
	"gongji/app/trust/trail"
)

func (a *API) grantRoutes() []edge.Route {
	const tag, held = "资助申请", "资助"
	return []edge.Route{
		get("/credentials", "supplier", a.credentialList, edge.Doc{Summary: "本组织的证书库", Tag: tag, Out: []credential.Credential{}}),
		get("/organisations/{id}/credentials", "account", edge.At(a.credentialsOf), edge.Doc{Summary: "一个组织的证书；本组织可见，登记待审核时审核人可见", Tag: tag, Out: []credential.Credential{}}),
		post("/credentials", "supplier", a.credentialAdd, edge.Doc{Summary: "登记证书", Tag: tag, In: credential.Input{}, Out: credential.Credential{}, Status: 201}),
		a.upload("/credentials/{id}/attachments", "supplier", a.attach(credential.ObjectKind, ""), edge.Doc{Summary: "上传证书扫描件", Tag: tag}),
		post("/credentials/{id}/end", "supplier", a.credentialEnd, edge.Doc{Summary: "把证书移出证书库", Tag: tag, Status: 204}),
		get("/applications", "account", a.applicationList, edge.Doc{Summary: "本组织的申请；基金会和民政局看到收到的", Tag: tag, Query: applicationQuery{}, Out: Page[application.Application]{}}),
		post("/calls/{id}/applications", "supplier", a.applicationStart, edge.Doc{Summary: "开始申请；已有的原样返回", Tag: tag, Out: applicationView{}, Status: 201}),
		get("/applications/{id}", "account", a.applicationShow, edge.Doc{Summary: "一份申请：草稿、提交过的内容、决定", Tag: tag, Out: applicationView{}}),
		put("/applications/{id}/parts/{part}", "supplier", sent(a.applicationSave), edge.Doc{Summary: "保存一部分（profile、project、q1…、budget）", Tag: tag, In: applicationChange{}, Out: applicationView{}}),
		a.upload("/applications/{id}/papers/{slot}", "supplier", a.applicationPaper, edge.Doc{Summary: "上传材料；slot 为 d1、d2…，文件题为题号", Tag: tag}),
		get("/applications/{id}/papers/{file}", "account", a.applicationFile, edge.Doc{Summary: "提交时附带的一份材料，随提交内容保留", Tag: tag, OutKind: "application/octet-stream"}),
		post("/applications/{id}/submit", "supplier", act(a.Applications.Submit, a.applicationAnswer), edge.Doc{Summary: "提交，内容冻结", Tag: tag, Out: applicationView{}}),
		post("/applications/{id}/withdraw", "supplier", act(a.Applications.Withdraw, a.applicationAnswer), edge.Doc{Summary: "撤回", Tag: tag, Out: applicationView{}}),
		post("/applications/{id}/resume", "supplier", act(a.Applications.Resume, a.applicationAnswer), edge.Doc{Summary: "截止前重新填写撤回的申请", Tag: tag, Out: applicationView{}}),
		post("/applications/{id}/decide", "funder", sent(a.applicationDecide), edge.Doc{Summary: "作出决定；支持时冻结协议", Tag: tag, In: grant.Ruling{}, Out: applicationView{}}),
		get("/applications/{id}/double", "funder", a.applicationDouble, edge.Doc{Summary: "查同一组织同期的合同、资助和申请", Tag: tag, Out: []application.Found{}}),
		post("/applications/{id}/appeal", "supplier", sent(a.applicationAppeal), edge.Doc{Summary: "对不予支持的决定申诉", Tag: tag, In: reason{}, Out: grant.Appeal{}}),
		post("/applications/{id}/appeal/answer", "funder", sent(a.applicationReply), edge.Doc{Summary: "答复申诉；原决定人不能答复", Tag: tag, In: reply{}, Out: grant.Appeal{}}),
		get("/grants/{id}", "public", a.grantShow, edge.Doc{Summary: "一项资助和它的节点", Tag: held, Out: grantView{}, Public: true}),
		post("/grants/{id}/accept", "supplier", act(a.Grants.Accept, a.grantAnswer), edge.Doc{Summary: "接受协议", Tag: held, Out: grantView{}}),
		post("/grants/{id}/refuse", "supplier", because(a.Grants.Refuse, a.grantAnswer), edge.Doc{Summary: "放弃资助", Tag: held, In: reason{}, Out: grantView{}}),
		post("/grants/{id}/milestones/{n}/report", "supplier", sent(a.grantReport), edge.Doc{Summary: "报告达成节点", Tag: held, In: reason{}, Out: grantView{}}),
		post("/grants/{id}/milestones/{n}/confirm", "funder", sent(a.grantConfirm), edge.Doc{Summary: "确认节点达成，或退回补充", Tag: held, In: judged{}, Out: grantView{}}),
		post("/grants/{id}/milestones/{n}/draw", "funder", a.grantDraw, edge.Doc{Summary: "起草节点的付款", Tag: held, Out: payment.Payment{}, Status: 201}),
		post("/grants/{id}/milestones/{n}/settle", "funder", sent(a.grantSettle), edge.Doc{Summary: "民政局等机关登记节点的付款日期和凭证号", Tag: held, In: grant.Settlement{}, Out: grantView{}}),
		a.upload("/grants/{id}/attachments", "supplier", a.attach(grant.FileKind, ""), edge.Doc{Summary: "上传节点报告的文件，只有双方能看到", Tag: held}),
		post("/grants/{id}/graduate", "funder", because(a.Grants.Graduate, a.grantAnswer), edge.Doc{Summary: "孵化出壳", Tag: held, In: reason{}, Out: grantView{}}),
	}
}

type applicationQuery struct {
	Call   string `query:"call"`
	State  string `query:"state" enum:"draft,submitted,withdrawn,granted,declined,ended"`
	Review string `query:"review" enum:"passed,failed,none" description:"按评审结论"`
	Text   string `query:"q" description:"组织、项目或编号中的字"`
	After  string `query:"after"`
}

type applicationChange struct {
	application.Form
	Version int64 `json:"version" description:"这一部分读到的版本，从未保存过为 0；负数则不检查"`
}

type reply struct {
	Uphold bool   `json:"uphold" description:"撤销原决定，重新决定"`
	Answer string `json:"answer"`
}

type judged struct {
	Accept bool   `json:"accept"`
	Note   string `json:"note,omitempty"`
}

type applicationView struct {
	application.Application
	Copies    []application.Copy `json:"copies" description:"提交过的内容，最近的在前"`
	Decisions []grant.Decision   `json:"decisions"`
	Verdicts  []review.Verdict   `json:"review,omitempty" description:"有决定以后才有"`
	Missing   []fault.Field      `json:"missing,omitempty" description:"提交前还要补全的"`
	Timeline  []trail.Event      `json:"timeline"`
}

type grantView struct {
	grant.Grant
	Milestones []grant.Milestone `json:"milestones"`
	Timeline   []trail.Event     `json:"timeline"`
}

func (a *API) credentialList(r *edge.Request) (edge.Response, error) {
	list, err := a.Credentials.Mine(r.Context(), r.Actor())
	return answer(200, list, err)
}

func (a *API) credentialsOf(r *edge.Request, org id.ID) (edge.Response, error) {
	list, err := a.Credentials.For(r.Context(), r.Actor(), org)
	return answer(200, list, err)
}

func (a *API) credentialAdd(r *edge.Request) (edge.Response, error) {
	var in credential.Input
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	c, err := a.Credentials.Add(r.Context(), r.Actor(), in)
	return answer(201, c, err)
}

func (a *API) credentialEnd(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	return edge.NoContent(), a.Credentials.End(r.Context(), r.Actor(), at)
}

func (a *API) applicationList(r *edge.Request) (edge.Response, error) {
	x := application.Filter{Call: id.ID(r.Query("call")), State: application.State(r.Query("state")), Review: r.Query("review"), Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: perPage}
	list, err := a.Applications.List(r.Context(), r.Actor(), x)
	return answer(200, paged(list, perPage, func(x application.Application) string { return string(x.ID) }), err)
}

func (a *API) applicationStart(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	x, err := a.Applications.Start(r.Context(), r.Actor(), at)
	return a.applicationAnswer(r, 201, x, err)
}

func (a *API) applicationShow(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	x, _, err := a.Applications.Get(r.Context(), r.Actor(), at)
	return a.applicationAnswer(r, 200, x, err)
}

// applicationAnswer shows decisions and the review to the two sides only: a
// reviewer has the copy.
func (a *API) applicationAnswer(r *edge.Request, status int, x application.Application, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	ctx, who := r.Context(), r.Actor()
	v := applicationView{Application: x, Decisions: []grant.Decision{}}
	_, c, err := a.Applications.Get(ctx, who, x.ID)
	if err != nil {
		return edge.Response{}, err
	}
	if v.Copies, err = a.Applications.Copies(ctx, who, x.ID); err != nil {
		return edge.Response{}, err
	}
	if x.State == application.Draft {
		if v.Missing, err = a.Applications.Missing(ctx, x, c); err != nil {
			return edge.Response{}, err
		}
	}
	if a.Applications.Allowed(ctx, who, x, "follow") {
		if v.Decisions, err = a.Grants.Decisions(ctx, x.ID); err != nil {
			return edge.Response{}, err
		}
		if len(v.Decisions) > 0 && v.Decisions[0].OverturnedAt == nil {
			if v.Verdicts, err = a.Reviews.Verdicts(ctx, x); err != nil {
				return edge.Response{}, err
			}
		}
	} else {
		v.Form = application.Form{} // what was sent is in the copies
	}
	v.Timeline, err = a.Applications.Timeline(ctx, who, x.ID)
	return answer(status, v, err)
}

func (a *API) applicationSave(r *edge.Request, at id.ID, in applicationChange) (edge.Response, error) {
	x, err := a.Applications.Save(r.Context(), r.Actor(), at, r.Param("part"), in.Version, in.Form)
	return a.applicationAnswer(r, 200, x, err)
}

func (a *API) applicationPaper(r *edge.Request, at id.ID) (edge.Response, error) {
	return a.attach(application.ObjectKind, r.Param("slot"))(r, at)
}

func (a *API) applicationFile(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	file, err := r.ID("file")
	if err != nil {
		return edge.Response{}, err
	}
	x, body, err := a.Applications.OpenPaper(r.Context(), r.Actor(), at, file)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(x.Name, x.MediaType, x.Size, body, false), nil
}

func (a *API) applicationDecide(r *edge.Request, at id.ID, in grant.Ruling) (edge.Response, error) {
	if _, err := a.Grants.Decide(r.Context(), r.Actor(), at, in); err != nil {
		return edge.Response{}, err
	}
	return a.applicationShow(r)
}

func (a *API) applicationDouble(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err == nil {
		err = a.Applications.May(r.Context(), r.Actor(), at, "follow")
	}
	if err != nil {
		return edge.Response{}, err
	}
	list, err := a.Applications.Overlaps(r.Context(), r.Actor(), at)
	return answer(200, list, err)
}

func (a *API) applicationAppeal(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	x, err := a.Grants.Raise(r.Context(), r.Actor(), at, in.Reason)
	return answer(200, x, err)
}

func (a *API) applicationReply(r *edge.Request, at id.ID, in reply) (edge.Response, error) {
	x, err := a.Grants.Answer(r.Context(), r.Actor(), at, in.Uphold, in.Answer)
	return answer(200, x, err)
}

func (a *API) grantShow(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	g, _, err := a.Grants.Get(r.Context(), r.Actor(), at)
	return a.grantAnswer(r, 200, g, err)
}

func (a *API) grantAnswer(r *edge.Request, status int, g grant.Grant, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := grantView{Grant: g}
	if _, v.Milestones, err = a.Grants.Get(r.Context(), r.Actor(), g.ID); err != nil {
		return edge.Response{}, err
	}
	if !a.Grants.Allowed(r.Actor(), g, "follow") {
		v.Note = ""
	}
	v.Timeline, err = a.Grants.Timeline(r.Context(), r.Actor(), g)
	return answer(status, v, err)
}

// milestone is the number of the address; 0, which no grant has, where it is none.
func milestone(r *edge.Request) int64 {
	n := int64(0)
	for _, d := range r.Param("n") {
		if d < '0' || d > '9' || n > 99 {
			return 0
		}
		n = n*10 + int64(d-'0')
	}
	return n
}

func (a *API) grantReport(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	g, err := a.Grants.Report(r.Context(), r.Actor(), at, milestone(r), in.Reason)
	return a.grantAnswer(r, 200, g, err)
}

func (a *API) grantConfirm(r *edge.Request, at id.ID, in judged) (edge.Response, error) {
	g, err := a.Grants.Confirm(r.Context(), r.Actor(), at, milestone(r), in.Accept, in.Note)
	return a.grantAnswer(r, 200, g, err)
}

func (a *API) grantDraw(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := a.Grants.Draw(r.Context(), r.Actor(), at, milestone(r))
	return answer(201, p, err)
}

func (a *API) grantSettle(r *edge.Request, at id.ID, in grant.Settlement) (edge.Response, error) {
	g, err := a.Grants.Settle(r.Context(), r.Actor(), at, milestone(r), in)
	return a.grantAnswer(r, 200, g, err)
}
