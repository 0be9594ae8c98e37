package api

import (
	"gongji/app/delivery/need"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/procurement/catalogue"
)

func (a *API) communityRoutes() []edge.Route {
	const tag = "社区议题"
	proposing := []edge.Route{
		post("/public/needs/proposals", "public", a.needPropose, edge.Doc{Summary: "居民向社区提出议题，不用账号：查询码只在这一次给出", Tag: tag, In: need.Proposing{}, Out: proposed{}, Public: true, Status: 201}),
		get("/public/needs/proposals/{code}", "public", a.needProposed, edge.Doc{Summary: "凭查询码看提议的答复", Tag: tag, Out: need.Proposal{}, Public: true}),
	}
	for i := range proposing {
		proposing[i].Quiet, proposing[i].Secret = true, true // a code is its proposer's alone
	}
	return append(proposing, []edge.Route{
		get("/public/menu", "public", a.menu, edge.Doc{Summary: "服务菜单：可以要什么、谁做得怎样，按公开的规则排列", Tag: tag, Out: []need.Dish{}, Public: true}),
		get("/needs/proposals", "account", a.needProposals, edge.Doc{Summary: "向本社区提出的议题，q、state、after 可选", Tag: tag, Query: proposalQuery{}, Out: Page[need.Proposal]{}}),
		get("/needs/proposals/{id}", "account", act(a.Needs.GetProposal, shownAs[need.Proposal]), edge.Doc{Summary: "一条居民提议", Tag: tag, Out: need.Proposal{}}),
		post("/needs/proposals/{id}/adopt", "account", edge.At(a.needAdopt), edge.Doc{Summary: "列为议题，用社区自己的话，立即公开", Tag: tag, In: need.Form{}, Out: need.Need{}, Status: 201}),
		post("/needs/proposals/{id}/merge", "account", sent(a.needMerge), edge.Doc{Summary: "并入本社区已有的议题", Tag: tag, In: mergeInput{}, Out: need.Proposal{}}),
		post("/needs/proposals/{id}/decline", "account", because(a.Needs.Decline, plainly), edge.Doc{Summary: "不采纳，提出的人凭查询码看到理由", Tag: tag, In: reason{}, Out: need.Proposal{}}),
		post("/public/needs/{id}/support", "public", sent(a.needSupport), edge.Doc{Summary: "支持一个议题：同一个 mark 只算一次", Tag: tag, In: supportInput{}, Out: supported{}, Public: true}),
		get("/public/needs", "public", a.needList, edge.Doc{Summary: "社区议题，q、step、community、service、met、due、after 可选", Tag: tag, Query: needQuery{}, Out: Page[need.Row]{}, Public: true}),
		get("/public/needs/{id}", "public", act(a.Needs.Get, shownAs[need.Detail]), edge.Doc{Summary: "一个议题：六步的经过、支持数、关联的采购或资助", Tag: tag, Out: need.Detail{}, Public: true}),
		post("/public/needs/{id}/words", "public", sent(a.needSay), edge.Doc{Summary: "居民说想法，社区看过才公开", Tag: tag, In: sayInput{}, Out: done{}, Public: true, Status: 201}),
		post("/needs", "account", a.needAdd, edge.Doc{Summary: "社区列出议题", Tag: tag, In: need.Form{}, Out: need.Need{}, Status: 201}),
		post("/needs/{id}/take", "account", sent(a.needTake), edge.Doc{Summary: "记录下一步，或又一次协商，或不采纳", Tag: tag, In: need.Taking{}, Out: need.Need{}}),
		post("/needs/{id}/ties", "account", sent(a.needTie), edge.Doc{Summary: "关联满足议题的采购、征集或履约项目", Tag: tag, In: tieInput{}, Out: need.Need{}}),
		get("/needs/{id}/words", "account", edge.At(a.needHeld), edge.Doc{Summary: "待审核的居民想法", Tag: tag, Out: []need.Word{}}),
		post("/needs/{id}/words", "account", sent(a.needHear), edge.Doc{Summary: "审核一条居民想法", Tag: tag, In: hearInput{}, Out: need.Need{}}),
	}...)
}

// proposed is what somebody gets who proposed an issue.
type proposed struct {
	Code     string        `json:"code" description:"查询答复的码，只给这一次"`
	Proposal need.Proposal `json:"proposal"`
}

type proposalQuery struct {
	Text  string `query:"q"`
	State string `query:"state" enum:"held,taken,merged,declined"`
	After string `query:"after"`
}

type mergeInput struct {
	Need id.ID  `json:"need" description:"本社区没有结束的议题"`
	Note string `json:"note,omitempty" description:"给提出人的话"`
}

type supportInput struct {
	Mark string `json:"mark" description:"自己产生并保存的随机串，至少 16 个字符；平台只存它的散列"`
}

type supported struct {
	Supports int64 `json:"supports" description:"表示支持的浏览器或程序数，不是人数"`
}

func (a *API) needPropose(r *edge.Request) (edge.Response, error) {
	var in need.Proposing
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	p, code, err := a.Needs.Propose(r.Context(), in, r.IP())
	return answer(201, proposed{code, p}, err)
}

func (a *API) needProposed(r *edge.Request) (edge.Response, error) {
	p, _, err := a.Needs.Proposed(r.Context(), r.Param("code"))
	return answer(200, p, err)
}

func (a *API) needProposals(r *edge.Request) (edge.Response, error) {
	list, _, err := a.Needs.Proposals(r.Context(), r.Actor(), need.ProposalFilter{Text: r.Query("q"), State: need.ProposalState(r.Query("state")), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, func(x need.Proposal) string { return string(x.ID) }), err)
}

func (a *API) needAdopt(r *edge.Request, at id.ID) (edge.Response, error) {
	in, err := neededForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	n, err := a.Needs.Adopt(r.Context(), r.Actor(), at, in)
	return answer(201, n, err)
}

func (a *API) needMerge(r *edge.Request, at id.ID, in mergeInput) (edge.Response, error) {
	p, err := a.Needs.Merge(r.Context(), r.Actor(), at, in.Need, in.Note)
	return answer(200, p, err)
}

func (a *API) needSupport(r *edge.Request, at id.ID, in supportInput) (edge.Response, error) {
	err := a.Needs.Support(r.Context(), at, in.Mark, r.IP())
	if err != nil {
		return edge.Response{}, err
	}
	x, err := a.Needs.Get(r.Context(), r.Actor(), at)
	return answer(200, supported{x.Supports}, err)
}

// neededForm reads a need, with the name of its service from the catalogue.
func neededForm(r *edge.Request) (need.Form, error) {
	var in need.Form
	err := r.JSON(&in)
	if e, ok := catalogue.At(r.Now()).Find(in.Service); ok {
		in.ServiceName = e.Name
	}
	return in, err
}

type needQuery struct {
	Text      string `query:"q"`
	Step      string `query:"step" enum:"collected,settled,consulted,decided,supervised,judged,declined"`
	Community string `query:"community"`
	Service   string `query:"service" description:"政府购买服务品目编码"`
	Met       string `query:"met" enum:"yes,no" description:"有没有关联采购、征集或履约项目"`
	Due       string `query:"due" enum:"late,soon" description:"下一步期限：已逾期，或 7 日内到期"`
	After     string `query:"after"`
}

type sayInput struct {
	Text string `json:"text"`
}

type done struct {
	Done bool `json:"done"`
}

type tieInput struct {
	Address string `json:"address" description:"采购公告、征集公告或履约项目的网址"`
}

type hearInput struct {
	Word   id.ID  `json:"word"`
	Show   bool   `json:"show"`
	Ground string `json:"ground,omitempty"`
}

func (a *API) menu(r *edge.Request) (edge.Response, error) {
	list, err := a.Needs.Menu(r.Context())
	return answer(200, list, err)
}

func (a *API) needList(r *edge.Request) (edge.Response, error) {
	list, _, err := a.Needs.Find(r.Context(), need.Filter{Text: r.Query("q"), Step: need.Step(r.Query("step")), Community: id.ID(r.Query("community")),
		Service: r.Query("service"), Met: r.Query("met"), Due: need.Due(r.Query("due")), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, func(x need.Row) string { return string(x.ID) }), err)
}

func (a *API) needSay(r *edge.Request, at id.ID, in sayInput) (edge.Response, error) {
	return answer(201, done{true}, a.Needs.Say(r.Context(), at, in.Text, r.IP()))
}

func (a *API) needAdd(r *edge.Request) (edge.Response, error) {
	in, err := neededForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	n, err := a.Needs.List(r.Context(), r.Actor(), in)
	return answer(201, n, err)
}

func (a *API) needTake(r *edge.Request, at id.ID, in need.Taking) (edge.Response, error) {
	n, err := a.Needs.Take(r.Context(), r.Actor(), at, in)
	return answer(200, n, err)
}

func (a *API) needTie(r *edge.Request, at id.ID, in tieInput) (edge.Response, error) {
	n, err := a.Needs.Tie(r.Context(), r.Actor(), at, in.Address)
	return answer(200, n, err)
}

func (a *API) needHeld(r *edge.Request, at id.ID) (edge.Response, error) {
	if err := a.Needs.May(r.Context(), r.Actor(), at, "hear"); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Needs.Get(r.Context(), r.Actor(), at)
	return answer(200, x.Held, err)
}

func (a *API) needHear(r *edge.Request, at id.ID, in hearInput) (edge.Response, error) {
	n, err := a.Needs.Hear(r.Context(), r.Actor(), at, in.Word, in.Show, in.Ground)
	return answer(200, n, err)
}
