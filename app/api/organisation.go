package api

import (
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
)

func (a *API) organisationRoutes() []edge.Route {
	return []edge.Route{
		post("/accounts", "public", a.accountCreate, edge.Doc{Summary: "个人注册", Tag: "账号", In: account.NewAccount{}, Out: created{}, Status: 201, Public: true}),
		secret(post("/tokens", "public", a.tokenCreate, edge.Doc{Summary: "用登录名和密码换取 90 天有效的令牌", Tag: "账号", In: credentials{}, Out: fresh{}, Status: 201, Public: true})),
		post("/experts", "registrar", a.expertEnlist, edge.Doc{Summary: "录入评审专家库或修改资料（对方须已注册）", Tag: experts, In: enlistment{}, Status: 204}),
		get("/experts", "registrar", a.expertList, edge.Doc{Summary: "评审专家库", Tag: experts, Query: expertQuery{}, Out: Page[organisation.Expert]{}}),
		get("/experts/{id}", "registrar", edge.At(a.expertShow), edge.Doc{Summary: "一位专家的资料、过往单位和经过", Tag: experts, Out: organisation.ExpertEntry{}}),
		post("/experts/{id}/state", "registrar", sent(a.expertStand), edge.Doc{Summary: "暂停、退出或恢复抽取", Tag: experts, In: expertState{}, Out: organisation.ExpertEntry{}}),
		post("/experts/{id}/employers", "registrar", sent(a.expertWorked), edge.Doc{Summary: "补录过往单位", Tag: experts, In: organisation.Worked{}, Out: organisation.ExpertEntry{}}),
		get("/organisations/{id}/ties", "account", edge.At(a.tieList), edge.Doc{Summary: "任职和控制关系；本单位和登记审核人可见", Tag: "组织", Out: ties{}}),
		post("/organisations/{id}/ties", "account", sent(a.tieAdd), edge.Doc{Summary: "登记任职或控制关系", Tag: "组织", In: organisation.TieInput{}, Out: ties{}, Status: 201}),
		post("/organisations/{id}/ties/{tie}/end", "account", edge.At(a.tieEnd), edge.Doc{Summary: "任职或控制关系今天终止", Tag: "组织", Out: ties{}}),
		get("/organisations/{id}/members", "account", edge.At(a.memberList), edge.Doc{Summary: "成员与角色；管理成员的人可见", Tag: members, Out: []organisation.Member{}}),
		post("/organisations/{id}/members", "account", sent(a.memberAdd), edge.Doc{Summary: "为没有账号的人建立账号并加入", Tag: members, In: newcomer{}, Status: 204}),
		post("/organisations/{id}/members/{member}/role", "account", sent(a.memberRole), edge.Doc{Summary: "改变成员的角色", Tag: members, In: newRole{}, Status: 204}),
		post("/organisations/{id}/members/{member}/end", "account", edge.At(a.memberEnd), edge.Doc{Summary: "移除成员", Tag: members, Status: 204}),
		get("/organisations/{id}/invitations", "account", edge.At(a.invitedList), edge.Doc{Summary: "等待答复的邀请", Tag: members, Out: []organisation.Invitation{}}),
		post("/organisations/{id}/invitations", "account", sent(a.memberInvite), edge.Doc{Summary: "邀请已有账号的人；登录名是否存在，答复都一样", Tag: members, In: invite{}, Status: 204}),
		post("/organisations/{id}/invitations/{invitation}/withdraw", "account", edge.At(a.memberUninvite), edge.Doc{Summary: "撤回邀请", Tag: members, Status: 204}),
		get("/me/invitations", "account", a.askedList, edge.Doc{Summary: "邀请我加入的组织", Tag: members, Out: []organisation.Asked{}}),
		post("/me/invitations/{id}", "account", sent(a.memberAnswer), edge.Doc{Summary: "接受或谢绝邀请", Tag: members, In: answered{}, Status: 204}),
		get("/me/memberships", "account", a.seatList, edge.Doc{Summary: "我代表的组织", Tag: members, Out: []account.Seat{}}),
		post("/me/memberships/{id}/leave", "account", edge.At(a.memberLeave), edge.Doc{Summary: "退出一个组织", Tag: members, Status: 204}),
		get("/me", "account", a.me, edge.Doc{Summary: "我是谁、代表谁", Tag: "账号", Out: identity{}}),
		post("/organisations", "public", a.organisationCreate, edge.Doc{Summary: "单位注册", Tag: "组织", In: organisation.Registration{}, Out: organisation.Organisation{}, Status: 201, Public: true}),
		get("/organisations", "public", a.organisationList, edge.Doc{Summary: "组织名录", Tag: "组织", Query: organisationQuery{}, Out: Page[organisation.Organisation]{}, Public: true}),
		get("/organisations/{id}", "public", edge.At(a.organisationShow), edge.Doc{Summary: "一个组织", Tag: "组织", Out: organisation.Organisation{}, Public: true}),
		put("/organisations/{id}", "account", sent(a.organisationAmend), edge.Doc{Summary: "修改登记资料", Tag: "组织", In: organisation.Profile{}, Out: organisation.Organisation{}}),
		get("/organisations/{id}/namesakes", "registrar", edge.At(a.namesakeList), edge.Doc{Summary: "与待审核的登记同名、已通过审核的组织", Tag: "组织", Out: []organisation.Organisation{}}),
		post("/organisations/{id}/review", "registrar", sent(a.organisationReview), edge.Doc{Summary: "审核登记", Tag: "组织", In: decision{}, Out: organisation.Organisation{}}),
	}
}

type created struct {
	ID id.ID `json:"id"`
}

// credentials are what a person signs in with. Organisation chooses for which
// of theirs the token acts; without it, for the first they belong to.
type credentials struct {
	Login        string `json:"login"`
	Password     string `json:"password"`
	Organisation id.ID  `json:"organisation,omitempty"`
	Label        string `json:"label,omitempty" description:"用途，显示在账号页面"`
}

type fresh struct {
	Token string `json:"token" description:"只显示这一次"`
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

// enlistment enters an account in the expert register.
type enlistment struct {
	Login string `json:"login"`
	account.Expertise
}

func (a *API) expertEnlist(r *edge.Request) (edge.Response, error) {
	var in enlistment
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	err := a.Organisations.Enlist(r.Context(), r.Actor(), in.Login, in.Expertise)
	return edge.NoContent(), err
}

func secret(rt edge.Route) edge.Route {
	rt.Secret = true
	return rt
}

// tokenCreate signs in only to prove who asks: the session ends at once.
func (a *API) tokenCreate(r *edge.Request) (edge.Response, error) {
	var in credentials
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	_, who, err := a.Accounts.SignIn(r.Context(), in.Login, in.Password, account.From{UserAgent: r.UserAgent(), Address: r.IP()})
	if err != nil {
		return edge.Response{}, err
	}
	if err := a.Accounts.SignOut(r.Context(), who, who.Session); err != nil {
		return edge.Response{}, err
	}
	seats, err := a.Accounts.Seats(r.Context(), who.Account)
	if err != nil {
		return edge.Response{}, err
	}
	if in.Organisation == "" {
		in.Organisation = who.Org
	}
	var seat *id.ID
	for _, s := range seats {
		if s.Org == in.Organisation {
			seat = &s.Membership
		}
	}
	if in.Organisation != "" && seat == nil {
		return edge.Response{}, fault.New(fault.NotFound, "您不在这个组织中")
	}
	token, err := a.Accounts.IssueToken(r.Context(), who.Account, seat, in.Label)
	return answer(201, fresh{token}, err)
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

func (a *API) namesakeList(r *edge.Request, o id.ID) (edge.Response, error) {
	list, err := a.Organisations.Namesakes(r.Context(), r.Actor(), o)
	return answer(200, list, err)
}
