package api

import (
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
)

func (a *API) organisationRoutes() []edge.Route {
	return []edge.Route{
		post("/accounts", "public", a.accountCreate, edge.Doc{Summary: "个人注册", Tag: "账号", In: account.NewAccount{}, Out: created{}, Status: 201, Public: true}),
		get("/me", "account", a.me, edge.Doc{Summary: "我是谁、代表谁", Tag: "账号", Out: identity{}}),
		post("/organisations", "public", a.organisationCreate, edge.Doc{Summary: "单位注册", Tag: "组织", In: organisation.Registration{}, Out: organisation.Organisation{}, Status: 201, Public: true}),
		get("/organisations", "public", a.organisationList, edge.Doc{Summary: "组织名录", Tag: "组织", Query: organisationQuery{}, Out: Page[organisation.Organisation]{}, Public: true}),
		get("/organisations/{id}", "public", edge.At(a.organisationShow), edge.Doc{Summary: "一个组织", Tag: "组织", Out: organisation.Organisation{}, Public: true}),
		put("/organisations/{id}", "account", sent(a.organisationAmend), edge.Doc{Summary: "修改登记资料", Tag: "组织", In: organisation.Profile{}, Out: organisation.Organisation{}}),
		post("/organisations/{id}/review", "registrar", sent(a.organisationReview), edge.Doc{Summary: "审核登记", Tag: "组织", In: decision{}, Out: organisation.Organisation{}}),
	}
}

type created struct {
	ID id.ID `json:"id"`
}

type identity struct {
	Account      id.ID         `json:"account"`
	Name         string        `json:"name"`
	Organisation id.ID         `json:"organisation,omitempty"`
	OrgName      string        `json:"organisation_name,omitempty"`
	Kind         party.OrgKind `json:"kind,omitempty"`
	Role         party.Role    `json:"role,omitempty"`
	Expert       bool          `json:"expert,omitempty"`
}

// decision approves or sends back; a return needs its reason.
type decision struct {
	Approve bool   `json:"approve"`
	Reason  string `json:"reason,omitempty" description:"退回时必填"`
}

type organisationQuery struct {
	Kind  string `query:"kind" enum:"bureau,foundation,social,community,evaluator,enterprise"`
	Text  string `query:"q" description:"名称中的字"`
	After string `query:"after"`
}

func (a *API) accountCreate(r *edge.Request) (edge.Response, error) {
	var in account.NewAccount
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	who, err := a.Accounts.Register(r.Context(), in)
	return answer(201, created{who}, err)
}

func (a *API) me(r *edge.Request) (edge.Response, error) {
	w := r.Actor()
	return edge.JSON(200, identity{w.Account, w.Name, w.Org, w.OrgName, w.OrgKind, w.Role, w.Expert}), nil
}

func (a *API) organisationCreate(r *edge.Request) (edge.Response, error) {
	var in organisation.Registration
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	o, err := a.Organisations.Register(r.Context(), in)
	return answer(201, o, err)
}

func (a *API) organisationList(r *edge.Request) (edge.Response, error) {
	list, err := a.Organisations.List(r.Context(), r.Actor(), organisation.Filter{
		Kind: party.OrgKind(r.Query("kind")), Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, func(x organisation.Organisation) string { return string(x.ID) }), err)
}

func (a *API) organisationShow(r *edge.Request, o id.ID) (edge.Response, error) {
	x, err := a.Organisations.Get(r.Context(), r.Actor(), o)
	return answer(200, x, err)
}

func (a *API) organisationAmend(r *edge.Request, o id.ID, in organisation.Profile) (edge.Response, error) {
	if err := a.Organisations.Amend(r.Context(), r.Actor(), o, in); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Organisations.Get(r.Context(), r.Actor(), o)
	return answer(200, x, err)
}

func (a *API) organisationReview(r *edge.Request, o id.ID, in decision) (edge.Response, error) {
	if err := a.Organisations.Decide(r.Context(), r.Actor(), o, in.Approve, in.Reason); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Organisations.Get(r.Context(), r.Actor(), o)
	return answer(200, x, err)
}
