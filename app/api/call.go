package api

import (
	"gongji/app/edge"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/review"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
)

func (a *API) callRoutes() []edge.Route {
	const tag = "公益创投与孵化"
	return []edge.Route{
		get("/public/calls", "public", a.callPublic, edge.Doc{Summary: "公开的公益创投和孵化征集", Tag: tag, Query: callQuery{}, Out: Page[call.Call]{}, Public: true}),
		get("/public/calls/{id}", "public", a.callShow, edge.Doc{Summary: "一个征集：条件、问题、预算科目、评分标准、结果", Tag: tag, Out: callView{}, Public: true}),
		get("/calls", "funder", a.callOwn, edge.Doc{Summary: "本会的征集", Tag: tag, Query: callQuery{}, Out: Page[call.Call]{}}),
		post("/calls", "funder", a.callCreate, edge.Doc{Summary: "新建征集草稿", Tag: tag, In: call.Form{}, Out: callView{}, Status: 201}),
		get("/calls/{id}", "account", a.callShow, edge.Doc{Summary: "一个征集", Tag: tag, Out: callView{}}),
		put("/calls/{id}", "funder", sent(a.callSave), edge.Doc{Summary: "修改草稿，整份替换", Tag: tag, In: callChange{}, Out: callView{}}),
		post("/calls/{id}/submit", "funder", act(a.Calls.Submit, a.callAnswer), edge.Doc{Summary: "提交审批", Tag: tag, Out: callView{}}),
		post("/calls/{id}/return", "funder", because(a.Calls.Return, a.callAnswer), edge.Doc{Summary: "退回修改", Tag: tag, In: reason{}, Out: callView{}}),
		post("/calls/{id}/publish", "funder", act(a.Calls.Publish, a.callAnswer), edge.Doc{Summary: "批准并发布", Tag: tag, Out: callView{}}),
		post("/calls/{id}/extend", "funder", sent(a.callExtend), edge.Doc{Summary: "延长截止时间，原因公开", Tag: tag, In: extension{}, Out: callView{}}),
		post("/calls/{id}/cancel", "funder", because(a.Calls.Cancel, a.callAnswer), edge.Doc{Summary: "取消已发布的征集，原因公开，告知申请组织和评审人", Tag: tag, In: reason{}, Out: callView{}}),
		get("/calls/{id}/review", "funder", a.callBoard, edge.Doc{Summary: "评审：评审人、回避、评分、名次", Tag: tag, Query: roundQuery{}, Out: review.Board{}}),
		post("/calls/{id}/reviewers", "funder", sent(a.callName), edge.Doc{Summary: "确定评审人，同时查利害关系", Tag: tag, In: named{}, Out: review.Board{}}),
		post("/calls/{id}/reviewers/remove", "funder", sent(a.callRemove), edge.Doc{Summary: "更换评审人", Tag: tag, In: removed{}, Out: review.Board{}}),
		post("/calls/{id}/review/open", "funder", a.callOpen, edge.Doc{Summary: "开始一轮评审", Tag: tag, Out: review.Board{}}),
		post("/calls/{id}/review/settle", "funder", sent(a.callSettle), edge.Doc{Summary: "结束一轮评审，逐份写明是否通过", Tag: tag, In: settling{}, Out: review.Board{}}),
		post("/calls/{id}/decline-rest", "funder", a.callDecline, edge.Doc{Summary: "把未通过评审的申请一并告知不予支持", Tag: tag, Out: declined{}}),
		get("/reviews", "account", a.reviewMine, edge.Doc{Summary: "我的评审", Tag: tag, Out: []review.Desk{}}),
		get("/reviews/{id}", "account", a.reviewDesk, edge.Doc{Summary: "我在一个征集里要评的申请", Tag: tag, Out: review.Desk{}}),
		post("/reviews/{id}/declare", "account", sent(a.reviewDeclare), edge.Doc{Summary: "声明利害关系，声明后才打开申请", Tag: tag, In: review.Declaration{}, Out: review.Desk{}}),
		get("/reviews/applications/{id}", "account", a.reviewScoring, edge.Doc{Summary: "一份申请和我的评分", Tag: tag, Out: review.Scoring{}}),
		get("/reviews/applications/{id}/double", "account", a.reviewDouble, edge.Doc{Summary: "申请组织同期的合同、资助和申请", Tag: tag, Out: []application.Found{}}),
		put("/reviews/applications/{id}", "account", sent(a.reviewSave), edge.Doc{Summary: "保存评分，不提交", Tag: tag, In: review.Marks{}, Out: review.Scoring{}}),
		post("/reviews/applications/{id}/hand-in", "account", sent(a.reviewHandIn), edge.Doc{Summary: "提交评分，不能再改", Tag: tag, In: review.Marks{}, Out: review.Scoring{}}),
		post("/reviews/applications/{id}/recuse", "account", sent(a.reviewRecuse), edge.Doc{Summary: "评审中发现利害关系，回避", Tag: tag, In: reason{}, Status: 204}),
	}
}

type callQuery struct {
	Text  string `query:"q" description:"名称、说明、基金会或地区中的字"`
	Kind  string `query:"kind" enum:"venture,incubation"`
	State string `query:"state" enum:"draft,review,published,closed,decided,cancelled"`
	After string `query:"after"`
}

type roundQuery struct {
	Round string `query:"round" description:"第几轮，从 1 起；不填为当前一轮"`
}

type callChange struct {
	call.Form
	Version int64 `json:"version,omitempty" description:"读到的版本；0 或不填则不检查"`
}

type extension struct {
	Deadline string `json:"deadline" description:"北京时间，例如 2026-12-31T17:00"`
	Reason   string `json:"reason"`
}

type named struct {
	Login string `json:"login" description:"评审人的登录名"`
}

type removed struct {
	Reviewer id.ID  `json:"reviewer"`
	Reason   string `json:"reason"`
}

type settling struct {
	Rulings map[id.ID]review.Ruling `json:"rulings" description:"键是申请"`
	review.Cut
}

type declined struct {
	Count int `json:"count"`
}

type callView struct {
	call.Call
	State    call.State    `json:"state"`
	Grants   []grant.Grant `json:"grants"`
	Missing  []fault.Field `json:"missing,omitempty" description:"提交前还要补全的"`
	Timeline []trail.Event `json:"timeline"`
}

func (a *API) callAnswer(r *edge.Request, status int, c call.Call, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := callView{Call: c, State: c.State(r.Now())}
	if v.State == call.Draft || v.State == call.Review {
		if v.Missing, err = a.Calls.Missing(r.Context(), c); err != nil {
			return edge.Response{}, err
		}
	}
	if v.Grants, err = a.Grants.List(r.Context(), r.Actor(), grant.Filter{Call: c.ID, Limit: 200}); err != nil {
		return edge.Response{}, err
	}
	v.Timeline, err = a.Calls.Timeline(r.Context(), r.Actor(), c.ID)
	return answer(status, v, err)
}

func (a *API) callList(r *edge.Request, who party.Actor, org id.ID) (edge.Response, error) {
	x := call.Filter{Foundation: org, Text: r.Query("q"), Kind: call.Kind(r.Query("kind")), State: call.State(r.Query("state")), After: id.ID(r.Query("after")), Limit: perPage}
	list, err := a.Calls.List(r.Context(), who, x)
	return answer(200, paged(list, perPage, func(c call.Call) string { return string(c.ID) }), err)
}

func (a *API) callPublic(r *edge.Request) (edge.Response, error) {
	return a.callList(r, party.Actor{}, "")
}

func (a *API) callOwn(r *edge.Request) (edge.Response, error) {
	return a.callList(r, r.Actor(), r.Actor().Org)
}

func (a *API) callShow(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	c, err := a.Calls.Get(r.Context(), r.Actor(), at)
	return a.callAnswer(r, 200, c, err)
}

func (a *API) callCreate(r *edge.Request) (edge.Response, error) {
	var in call.Form
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	c, err := a.Calls.Create(r.Context(), r.Actor(), in)
	return a.callAnswer(r, 201, c, err)
}

func (a *API) callSave(r *edge.Request, at id.ID, in callChange) (edge.Response, error) {
	c, err := a.Calls.Save(r.Context(), r.Actor(), at, in.Version, in.Form)
	return a.callAnswer(r, 200, c, err)
}

func (a *API) callExtend(r *edge.Request, at id.ID, in extension) (edge.Response, error) {
	c, err := a.Calls.Extend(r.Context(), r.Actor(), at, in.Deadline, in.Reason)
	return a.callAnswer(r, 200, c, err)
}

// board answers with the round at hand after a verb of the officer's.
func (a *API) board(r *edge.Request, at id.ID, round int64, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	b, err := a.Reviews.Board(r.Context(), r.Actor(), at, round)
	return answer(200, b, err)
}

func (a *API) callBoard(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	round := int64(0)
	for _, d := range r.Query("round") {
		if d < '0' || d > '9' || round > 99 {
			return edge.Response{}, fault.New(fault.NotFound, "没有这一轮评审")
		}
		round = round*10 + int64(d-'0')
	}
	return a.board(r, at, round, err)
}

func (a *API) callName(r *edge.Request, at id.ID, in named) (edge.Response, error) {
	return a.board(r, at, 0, a.Reviews.Name(r.Context(), r.Actor(), at, in.Login))
}

func (a *API) callRemove(r *edge.Request, at id.ID, in removed) (edge.Response, error) {
	return a.board(r, at, 0, a.Reviews.Remove(r.Context(), r.Actor(), at, in.Reviewer, in.Reason))
}

func (a *API) callOpen(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err == nil {
		err = a.Reviews.Open(r.Context(), r.Actor(), at)
	}
	return a.board(r, at, 0, err)
}

func (a *API) callSettle(r *edge.Request, at id.ID, in settling) (edge.Response, error) {
	return a.board(r, at, 0, a.Reviews.Settle(r.Context(), r.Actor(), at, in.Rulings, in.Cut))
}

func (a *API) callDecline(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	n, err := a.Grants.DeclineRest(r.Context(), r.Actor(), at)
	return answer(200, declined{n}, err)
}

func (a *API) reviewMine(r *edge.Request) (edge.Response, error) {
	list, err := a.Reviews.Mine(r.Context(), r.Actor())
	return answer(200, list, err)
}

func (a *API) reviewDesk(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	d, err := a.Reviews.DeskOf(r.Context(), r.Actor(), at)
	return answer(200, d, err)
}

func (a *API) reviewDeclare(r *edge.Request, at id.ID, in review.Declaration) (edge.Response, error) {
	if err := a.Reviews.Declare(r.Context(), r.Actor(), at, in); err != nil {
		return edge.Response{}, err
	}
	return a.reviewDesk(r)
}

func (a *API) reviewScoring(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	x, err := a.Reviews.Scoring(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}

func (a *API) reviewDouble(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := a.Reviews.Scoring(r.Context(), r.Actor(), at); err != nil {
		return edge.Response{}, err
	}
	list, err := a.Applications.Overlaps(r.Context(), r.Actor(), at)
	return answer(200, list, err)
}

func (a *API) reviewSave(r *edge.Request, at id.ID, in review.Marks) (edge.Response, error) {
	if err := a.Reviews.Save(r.Context(), r.Actor(), at, in); err != nil {
		return edge.Response{}, err
	}
	return a.reviewScoring(r)
}

func (a *API) reviewHandIn(r *edge.Request, at id.ID, in review.Marks) (edge.Response, error) {
	if err := a.Reviews.HandIn(r.Context(), r.Actor(), at, in); err != nil {
		return edge.Response{}, err
	}
	return a.reviewScoring(r)
}

func (a *API) reviewRecuse(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	return edge.NoContent(), a.Reviews.Recuse(r.Context(), r.Actor(), at, in.Reason)
}
