package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/app/trust/trail"
	"gongji/templates"
)

func (w *Web) organisationRoutes() []edge.Route {
	return []edge.Route{
		get("/organisations", "public", w.organisationList),
		get("/organisations/export.csv", "public", w.organisationExport),
		get("/organisations/{id}", "public", w.organisationShow),
		get("/organisations/{id}/milestones", "public", w.organisationMilestones),
		get("/organisations/{id}/recognitions", "account", w.recognitionList),
		post("/organisations/{id}/recognitions", "account", w.recognitionAdd),
		post("/recognitions/{id}/check", "authority", w.recognitionCheck),
		post("/recognitions/{id}/revoke", "authority", w.recognitionTake),
		get("/authority/recognitions", "authority", w.recognitionDesk),
		get("/organisations/{id}/answers/{about}/{subject}", "account", w.replyForm),
		post("/organisations/{id}/answers/{about}/{subject}", "account", w.replySave),
		get("/organisations/{id}/edit", "account", w.organisationEdit),
		post("/organisations/{id}/edit", "account", w.organisationAmend),
		get("/organisations/{id}/members", "account", w.memberList),
		post("/organisations/{id}/members", "account", w.memberAdd),
		post("/organisations/{id}/members/{member}/end", "account", w.memberEnd),
		post("/organisations/{id}/members/{member}/role", "account", w.memberRole),
		post("/organisations/{id}/invitations", "account", w.memberInvite),
		post("/organisations/{id}/invitations/{invitation}/withdraw", "account", w.memberUninvite),
		post("/account/invitations/{id}", "account", w.memberAnswer),
		post("/account/memberships/{id}/leave", "account", w.memberLeave),
		get("/organisations/{id}/ties", "account", w.tieList),
		post("/organisations/{id}/ties", "account", w.tieAdd),
		post("/organisations/{id}/ties/{tie}/end", "account", w.tieEnd),
		get("/registrar/organisations", "registrar", w.registrarList),
		get("/registrar/organisations/export.csv", "registrar", w.registrarExport),
		post("/registrar/organisations/{id}", "registrar", w.registrarDecide),
	}
}

const orgPage = 20

// organisationListPage is organisation/list.html; Review shows the registrar's
// columns.
type organisationListPage struct {
	templates.Chrome
	Filter templates.Filter
	Items  []organisation.Organisation
	Pager  templates.Pager
	Review bool
}

func kindOptions(kinds ...party.OrgKind) []templates.Option {
	out := []templates.Option{{Value: "", Label: "全部类型"}}
	for _, k := range kinds {
		out = append(out, templates.Option{Value: string(k), Label: kindNames[k]})
	}
	return out
}

// organisationFilter is what the public list asks for.
func organisationFilter(r *edge.Request) organisation.Filter {
	return organisation.Filter{Kind: party.OrgKind(r.Query("kind")), Text: r.Query("q"), State: organisation.Approved,
		After: id.ID(r.Query("after")), Limit: orgPage}
}

func (w *Web) organisationList(r *edge.Request) (edge.Response, error) {
	f := organisationFilter(r)
	p := &organisationListPage{Filter: templates.Filter{Action: "/organisations", Export: "/organisations/export.csv" + query(r), Query: f.Text, Placeholder: "组织名称",
		Active: f.Text != "" || f.Kind != "",
		Selects: []templates.FilterSelect{{Name: "kind", Label: "类型", Value: string(f.Kind),
			Options: kindOptions(party.Social, party.Foundation, party.Bureau, party.Community, party.Evaluator)}}}}
	p.Title = "组织名录"
	return w.organisationsPage(r, p, f)
}

// registrarFilter is what waits for the registrar.
func registrarFilter(r *edge.Request) organisation.Filter {
	f := organisationFilter(r)
	f.State = organisation.Pending
	return f
}

func (w *Web) registrarList(r *edge.Request) (edge.Response, error) {
	f := registrarFilter(r)
	p := &organisationListPage{Review: true, Filter: templates.Filter{Action: "/registrar/organisations", Export: "/registrar/organisations/export.csv" + query(r), Query: f.Text, Placeholder: "单位名称",
		Active: f.Text != "" || f.Kind != "",
		Selects: []templates.FilterSelect{{Name: "kind", Label: "类型", Value: string(f.Kind),
			Options: kindOptions(party.Social, party.Foundation, party.Bureau, party.Community, party.Evaluator, party.Enterprise)}}}}
	p.Title = "待审核的登记"
	return w.organisationsPage(r, p, f)
}

func (w *Web) organisationsPage(r *edge.Request, p *organisationListPage, f organisation.Filter) (edge.Response, error) {
	items, err := w.Organisations.List(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	total, err := w.Organisations.Count(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p.Items = items
	p.Pager = templates.Pager{Total: total, Unit: "家"}
	if f.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(items) == f.Limit {
		p.Pager.Next = with(r, "after", string(items[len(items)-1].ID))
	}
	return edge.HTML(200, "organisation/list", p).Shared(), nil
}

// with is this page's address with one query value changed; "" removes it.
func with(r *edge.Request, name, value string) string {
	q := r.QueryValues()
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return r.Path()
	}
	return r.Path() + "?" + q.Encode()
}

// organisationPage is organisation/show.html.
type organisationPage struct {
	templates.Chrome
	Org     organisation.Organisation
	Kind    string
	Status  templates.Status
	Facts   []templates.KV
	Events  []templates.Event
	MayEdit bool
	Staff   bool // may manage members
	Own     bool // the actor's own
	Review  *templates.Action
	Same    []organisation.Organisation // others of its name, for whoever reviews it
	Papers  []credentialRow             // its certificates, for whoever reviews it
	Record  organisationRecord
	Gives   *gives // nil where such an organisation offers nothing
	MayList bool   // may tell it of a listing
}

// orgStatus words the state of a registration.
func orgStatus(s organisation.State) templates.Status {
	switch s {
	case organisation.Approved:
		return templates.Status{Label: "已通过审核", Tone: templates.OK}
	case organisation.Rejected:
		return templates.Status{Label: "已退回，待修改", Tone: templates.Warn}
	case organisation.Pending:
	}
	return templates.Status{Label: "待审核", Tone: templates.Info}
}

func (w *Web) organisationShow(r *edge.Request) (edge.Response, error) {
	org, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.organisationPage(r, org)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "organisation/show", p).Shared(), nil
}

func (w *Web) organisationPage(r *edge.Request, org id.ID) (*organisationPage, error) {
	o, err := w.Organisations.Get(r.Context(), r.Actor(), org)
	if err != nil {
		return nil, err
	}
	events, err := w.Organisations.Timeline(r.Context(), r.Actor(), org)
	if err != nil {
		return nil, err
	}
	p := &organisationPage{Org: o, Kind: kindNames[o.Kind], Status: orgStatus(o.State), Events: timeline(events),
		MayEdit: w.Organisations.Allowed(r.Actor(), o, "edit"), Staff: w.Organisations.Allowed(r.Actor(), o, "staff")}
	p.Own = r.Actor().Org == o.ID
	p.MayList = !p.Own && o.State == organisation.Approved && w.Standing.MayCreate(r.Actor())
	p.Title = o.Name
	p.Breadcrumbs = []templates.Crumb{{Label: "组织名录", Href: "/organisations"}, {Label: o.Name}}
	if p.Record, err = w.organisationRecord(r, org); err != nil {
		return nil, err
	}
	if p.Gives, err = w.organisationGives(r, o); err != nil {
		return nil, err
	}
	if len(p.Record.Ratings) > 0 { // what was checked stands in the record
		o.Rating = ""
	}
	p.Facts = orgFacts(o)
	if w.Organisations.Allowed(r.Actor(), o, "review") {
		p.Review = &templates.Action{Title: "核对证书后作出决定", Post: "/registrar/organisations/" + string(o.ID)}
		if p.Papers, err = w.papers(r, org); err != nil {
			return nil, err
		}
		if p.Same, err = w.Organisations.Namesakes(r.Context(), r.Actor(), org); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func orgFacts(o organisation.Organisation) []templates.KV {
	code := o.Code()
	if code == "" {
		code = "公开来源未载明"
	}
	facts := []templates.KV{{Label: "类型", Value: kindNames[o.Kind]},
		{Label: "统一社会信用代码", Value: code, Mono: o.USCC != nil, Article: "GB 32100-2015"}, {Label: "所在地", Value: o.Region}}
	if o.Address != "" {
		facts = append(facts, templates.KV{Label: "地址", Value: o.Address})
	}
	if o.Rating != "" {
		facts = append(facts, templates.KV{Label: "评估等级（自报）", Value: o.Rating, Note: "还没有经登记管理机关核实"})
	}
	if o.TaxQualified {
		facts = append(facts, templates.KV{Label: "公益性捐赠税前扣除资格", Value: "有"})
	}
	return facts
}

// timeline words the trail for a page. Outside people see the organisation
// and the role, never the person.
func timeline(events []trail.Event) []templates.Event {
	var out []templates.Event
	for _, e := range events {
		out = append(out, templates.Event{At: e.At, Who: e.OrgName, What: e.Action, Note: e.Note, Article: e.Article})
	}
	return out
}

// organisationEditPage is organisation/edit.html.
type organisationEditPage struct {
	templates.Chrome
	Org  organisation.Organisation
	Form organisation.Profile
}

func editPage(o organisation.Organisation, form organisation.Profile) *organisationEditPage {
	p := &organisationEditPage{Org: o, Form: form}
	p.Title = "修改登记资料"
	p.Breadcrumbs = []templates.Crumb{{Label: o.Name, Href: "/organisations/" + string(o.ID)}, {Label: p.Title}}
	return p
}

// editable reads the organisation and refuses whoever may not do the action.
func (w *Web) editable(r *edge.Request, action string) (organisation.Organisation, error) {
	org, err := r.ID("id")
	if err != nil {
		return organisation.Organisation{}, err
	}
	if err := w.Organisations.May(r.Context(), r.Actor(), org, action); err != nil {
		return organisation.Organisation{}, err
	}
	return w.Organisations.Get(r.Context(), r.Actor(), org)
}

func (w *Web) organisationEdit(r *edge.Request) (edge.Response, error) {
	o, err := w.editable(r, "edit")
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "organisation/edit", editPage(o, organisation.Profile{Name: o.Name, USCC: o.Code(), Region: o.Region,
		Address: o.Address, LegalPerson: o.LegalPerson, Summary: o.Summary, Rating: o.Rating})), nil
}

func (w *Web) organisationAmend(r *edge.Request) (edge.Response, error) {
	o, err := w.editable(r, "edit")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	form := organisation.Profile{Name: f.Get("org_name"), USCC: f.Get("uscc"), Region: f.Get("region"), Address: f.Get("address"),
		LegalPerson: f.Get("legal_person"), Summary: f.Get("summary"), Rating: f.Get("rating")}
	if err := w.Organisations.Amend(r.Context(), r.Actor(), o.ID, form); err != nil {
		return again("organisation/edit", editPage(o, form), err)
	}
	return edge.Redirect("/organisations/"+string(o.ID)).Flash("ok", "资料已保存"), nil
}

func (w *Web) registrarDecide(r *edge.Request) (edge.Response, error) {
	org, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := w.Organisations.Decide(r.Context(), r.Actor(), org, f.Get("decision") == "approve", f.Get("reason")); err != nil {
		if !fault.Is(err, fault.Invalid) {
			return edge.Response{}, err
		}
		p, perr := w.organisationPage(r, org)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("organisation/show", p, err)
	}
	return edge.Redirect("/registrar/organisations").Flash("ok", "决定已记录并通知对方"), nil
}

// membersPage is organisation/members.html.
type membersPage struct {
	templates.Chrome
	Org     organisation.Organisation
	Members []memberRow
	Roles   []templates.Option
	Form    account.NewAccount
	Role    string
	Invited []invitedRow
	Ask     invitedForm // what was typed to invite somebody
}

type memberRow struct {
	organisation.Member
	RoleName string
}

func (w *Web) membersPage(r *edge.Request) (*membersPage, error) {
	o, err := w.editable(r, "staff")
	if err != nil {
		return nil, err
	}
	list, err := w.Organisations.Members(r.Context(), r.Actor(), o.ID)
	if err != nil {
		return nil, err
	}
	p := &membersPage{Org: o}
	if p.Invited, err = w.invited(r, o); err != nil {
		return nil, err
	}
	p.Title = "成员与角色"
	p.Breadcrumbs = []templates.Crumb{{Label: o.Name, Href: "/organisations/" + string(o.ID)}, {Label: p.Title}}
	for _, m := range list {
		p.Members = append(p.Members, memberRow{m, roleName(o.Kind, m.Role)})
	}
	for _, role := range party.RolesOf[o.Kind] {
		p.Roles = append(p.Roles, templates.Option{Value: string(role), Label: roleName(o.Kind, role)})
	}
	return p, nil
}

func (w *Web) memberList(r *edge.Request) (edge.Response, error) {
	p, err := w.membersPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "organisation/members", p), nil
}

func (w *Web) memberAdd(r *edge.Request) (edge.Response, error) {
	p, err := w.membersPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Form = account.NewAccount{Login: f.Get("login"), Name: f.Get("name"), Password: f.Get("password")}
	p.Role = f.Get("role")
	if err := w.Organisations.AddMember(r.Context(), r.Actor(), p.Org.ID, p.Form, party.Role(p.Role)); err != nil {
		return again("organisation/members", p, err)
	}
	return edge.Redirect(r.Path()).Flash("ok", "账号已建立并加入，请把初始密码告诉本人，由其登录后修改"), nil
}

func (w *Web) memberEnd(r *edge.Request) (edge.Response, error) {
	org, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	m, err := r.ID("member")
	if err == nil {
		_, err = r.Form()
	}
	if err == nil {
		err = w.Organisations.EndMember(r.Context(), r.Actor(), org, m)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/organisations/"+string(org)+"/members").Flash("ok", "已移除成员，并已告诉本人"), nil
}
