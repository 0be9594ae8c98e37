package web

import (
	"gongji/app/edge"
	"gongji/app/party/organisation"
	"gongji/templates"
)

// tiesPage is organisation/ties.html: who leads, oversees and controls an
// organisation, which nobody but its people and the registrar sees.
type tiesPage struct {
	templates.Chrome
	Org      organisation.Organisation
	Persons  []organisation.Person
	Controls []organisation.Control
	MayEdit  bool
	Posts    []templates.Option
	Ways     []templates.Option
	Form     tieForm
}

// tieForm is a tie as typed.
type tieForm struct{ Kind, Name, Post, How, USCC, IDTail, From, Until string }

func (w *Web) tiesPage(r *edge.Request) (*tiesPage, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	p := &tiesPage{}
	if p.Persons, p.Controls, err = w.Organisations.Ties(r.Context(), r.Actor(), x); err != nil {
		return nil, err
	}
	if p.Org, err = w.Organisations.Get(r.Context(), r.Actor(), x); err != nil {
		return nil, err
	}
	p.MayEdit = w.Organisations.Allowed(r.Actor(), p.Org, "edit")
	for _, post := range organisation.Posts() {
		p.Posts = append(p.Posts, templates.Option{Value: string(post), Label: post.Name()})
	}
	for _, way := range organisation.ControlWays {
		p.Ways = append(p.Ways, templates.Option{Value: way, Label: way})
	}
	p.Title = "任职和控制关系"
	p.Breadcrumbs = []templates.Crumb{{Label: p.Org.Name, Href: "/organisations/" + string(x)}, {Label: p.Title}}
	return p, nil
}

func (w *Web) tieList(r *edge.Request) (edge.Response, error) {
	p, err := w.tiesPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "organisation/ties", p), nil
}

func (w *Web) tieDo(r *edge.Request, done string, do func(p *tiesPage, f *edge.Form) error) (edge.Response, error) {
	p, err := w.tiesPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := do(p, f); err != nil {
		return again("organisation/ties", p, err)
	}
	return edge.Redirect("/organisations/"+string(p.Org.ID)+"/ties").Flash("ok", done), nil
}

func (w *Web) tieAdd(r *edge.Request) (edge.Response, error) {
	return w.tieDo(r, "已登记", func(p *tiesPage, f *edge.Form) error {
		t := tieForm{f.Get("kind"), f.Get("tie_name"), f.Get("post"), f.Get("how"), f.Get("uscc"), f.Get("id_tail"), f.Get("from"), f.Get("until")}
		p.Form = t
		return w.Organisations.AddTie(r.Context(), r.Actor(), p.Org.ID, organisation.TieInput{Kind: t.Kind, Name: t.Name, Post: organisation.Post(t.Post),
			How: t.How, USCC: t.USCC, IDTail: t.IDTail, From: dayOf(t.From), Until: dayOf(t.Until)})
	})
}

func (w *Web) tieEnd(r *edge.Request) (edge.Response, error) {
	return w.tieDo(r, "已记录终止；三年内仍用于核对", func(p *tiesPage, _ *edge.Form) error {
		x, err := r.ID("tie")
		if err != nil {
			return err
		}
		return w.Organisations.EndTie(r.Context(), r.Actor(), p.Org.ID, x)
	})
}
