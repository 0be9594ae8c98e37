package api

import (
	"gongji/app/delivery/need"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/procurement/catalogue"
)

func (a *API) communityRoutes() []edge.Route {
	const tag = "社区议题"
	return []edge.Route{
		get("/public/menu", "public", a.menu, edge.Doc{Summary: "服务菜单：可以要什么、谁做得怎样，按公开的规则排列", Tag: tag, Out: []need.Dish{}, Public: true}),
		get("/public/needs", "public", a.needList, edge.Doc{Summary: "社区议题，q、step、community、service、after 可选", Tag: tag, Out: Page[need.Row]{}, Public: true}),
		get("/public/needs/{id}", "public", act(a.Needs.Get, shownAs[need.Detail]), edge.Doc{Summary: "一个议题：六步的经过、支持数、关联的采购或资助", Tag: tag, Out: need.Detail{}, Public: true}),
		post("/public/needs/{id}/words", "public", sent(a.needSay), edge.Doc{Summary: "居民说想法，社区看过才公开", Tag: tag, In: sayInput{}, Out: done{}, Public: true, Status: 201}),
		post("/needs", "account", a.needAdd, edge.Doc{Summary: "社区列出议题", Tag: tag, In: need.Form{}, Out: need.Need{}, Status: 201}),
		post("/needs/{id}/take", "account", sent(a.needTake), edge.Doc{Summary: "记录下一步，或又一次协商，或不采纳", Tag: tag, In: need.Taking{}, Out: need.Need{}}),
		post("/needs/{id}/ties", "account", sent(a.needTie), edge.Doc{Summary: "关联满足议题的采购、征集或履约项目", Tag: tag, In: tieInput{}, Out: need.Need{}}),
		get("/needs/{id}/words", "account", edge.At(a.needHeld), edge.Doc{Summary: "待审核的居民想法", Tag: tag, Out: []need.Word{}}),
		post("/needs/{id}/words", "account", sent(a.needHear), edge.Doc{Summary: "审核一条居民想法", Tag: tag, In: hearInput{}, Out: need.Need{}}),
	}
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
		Service: r.Query("service"), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, func(x need.Row) string { return string(x.ID) }), err)
}

func (a *API) needSay(r *edge.Request, at id.ID, in sayInput) (edge.Response, error) {
	return answer(201, done{true}, a.Needs.Say(r.Context(), at, in.Text, r.IP()))
}

func (a *API) needAdd(r *edge.Request) (edge.Response, error) {
	var in need.Form
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	if e, ok := catalogue.At(r.Now()).Find(in.Service); ok {
		in.ServiceName = e.Name
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
