package web

import (
	"gongji/app/edge"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/templates"
)

func (w *Web) expertRoutes() []edge.Route {
	return []edge.Route{
		get("/registrar/experts", "registrar", w.expertList),
		post("/registrar/experts", "registrar", w.expertEnlist),
	}
}

// expertsPage is organisation/experts.html.
type expertsPage struct {
	templates.Chrome
	Experts []organisation.Expert
	Login   string
	Form    account.Expertise
}

func (w *Web) expertsPage(r *edge.Request) (*expertsPage, error) {
	list, err := w.Organisations.Experts(r.Context(), r.Actor())
	p := &expertsPage{Experts: list}
	p.Title = "评审专家库"
	return p, err
}

func (w *Web) expertList(r *edge.Request) (edge.Response, error) {
	p, err := w.expertsPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "organisation/experts", p), nil
}

func (w *Web) expertEnlist(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.expertsPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	p.Login, p.Form = f.Get("login"), account.Expertise{Employer: f.Get("employer"), Specialties: f.Get("specialties")}
	if err := w.Organisations.Enlist(r.Context(), r.Actor(), p.Login, p.Form); err != nil {
		return again("organisation/experts", p, err)
	}
	return edge.Redirect("/registrar/experts").Flash("ok", "已录入专家库"), nil
}
