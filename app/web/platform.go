package web

import (
	"gongji/app/check"
	"gongji/app/edge"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/templates"
)

func (w *Web) platformRoutes() []edge.Route {
	return append(w.workdayRoutes(), []edge.Route{
		get("/platform", "platform", w.platform),
		post("/platform/check", "platform", w.checkNow),
		get("/platform/organisations/new", "platform", w.foundingForm),
		post("/platform/organisations/new", "platform", w.found),
	}...)
}

// platformPage is platform/show.html: what the operator must not overlook.
type platformPage struct {
	templates.Chrome
	FailedJobs int64
	Unrendered []unrendered
	Found      bool // may open organisations
	Check      *check.Run
}

type unrendered struct{ Title, Problem string }

func (w *Web) platform(r *edge.Request) (edge.Response, error) {
	p := &platformPage{Found: w.Policy.Any(r.Actor().Relations(), "organisation.new", "establish")}
	p.Title = "平台运行"
	var err error
	if p.FailedJobs, err = w.Queue.Failed(r.Context()); err != nil {
		return edge.Response{}, err
	}
	if p.Check, err = w.Check.Last(r.Context()); err != nil {
		return edge.Response{}, err
	}
	docs, err := w.Archive.Troubled(r.Context())
	if err != nil {
		return edge.Response{}, err
	}
	for _, d := range docs {
		p.Unrendered = append(p.Unrendered, unrendered{d.Title + " " + d.Number, d.Problem})
	}
	return edge.HTML(200, "platform/show", p), nil
}

// checkNow asks for the nightly check at once; it runs as a job, so that a
// large store does not keep the page waiting.
func (w *Web) checkNow(r *edge.Request) (edge.Response, error) {
	if err := w.Check.Ask(r.Context(), r.Actor()); err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/platform").Flash("ok", "已开始核验，完成后刷新本页查看结果"), nil
}

// foundingPage is platform/organisation.html.
type foundingPage struct {
	templates.Chrome
	Form  organisation.Founding
	Kinds []templates.Option
}

// founded are the kinds the platform opens; the others register themselves.
var founded = map[party.OrgKind]party.Role{party.Bureau: party.Approver, party.Community: party.Lead, party.Evaluator: party.Lead, party.Foundation: party.Approver}

func newFounding(form organisation.Founding) *foundingPage {
	p := &foundingPage{Form: form}
	p.Title = "开通单位"
	p.Breadcrumbs = []templates.Crumb{{Label: "平台运行", Href: "/platform"}, {Label: p.Title}}
	for _, k := range []party.OrgKind{party.Bureau, party.Community, party.Evaluator, party.Foundation} {
		p.Kinds = append(p.Kinds, templates.Option{Value: string(k), Label: kindNames[k]})
	}
	return p
}

func (w *Web) foundingForm(*edge.Request) (edge.Response, error) {
	return edge.HTML(200, "platform/organisation", newFounding(organisation.Founding{Kind: party.Bureau})), nil
}

func (w *Web) found(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := organisation.Founding{Kind: party.OrgKind(f.Get("kind")),
		Profile: organisation.Profile{Name: f.Get("org_name"), USCC: f.Get("uscc"), Region: f.Get("region")},
		Person:  account.NewAccount{Login: f.Get("login"), Name: f.Get("name"), Password: f.Get("password")}}
	in.Role = founded[in.Kind]
	o, _, err := w.Organisations.Establish(r.Context(), r.Actor(), in)
	if err != nil {
		return again("platform/organisation", newFounding(in), err)
	}
	return edge.Redirect("/organisations/"+string(o.ID)).Flash("ok", "单位已开通，请把登录名和初始密码当面交给对方"), nil
}
