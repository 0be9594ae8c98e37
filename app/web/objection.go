package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/objection"
	"gongji/app/procurement/tender"
)

func (w *Web) objectionRoutes() []edge.Route {
	return []edge.Route{
		post("/tenders/{id}/objections", "account", w.objectionRaise),
		post("/tenders/{id}/objections/{objection}/answer", "buyer", w.objectionAnswer),
	}
}

// objectionPart is what a tender page says of the notice of a single source.
type objectionPart struct {
	Until   string // the end of the notice in words
	Article string
	List    []objection.Objection
	Raise   bool // the reader may object now
	Answer  bool // the reader may answer
	Login   bool // the reader must sign in first
	Path    string
}

// objections is nil for a method without a notice.
func (w *Web) objections(r *edge.Request, t tender.Tender) (*objectionPart, error) {
	end, has, err := objection.Period(t, w.Calendar)
	if err != nil || !has {
		return nil, err
	}
	p := &objectionPart{Until: end.Missing, Article: end.Rule.Source(), Path: tenderPath(t.ID) + "/objections"}
	if p.List, err = w.Objections.Of(r.Context(), t); err != nil {
		return nil, err
	}
	if end.At != nil {
		p.Until = calendar.Until(*end.At)
		now := r.Now().Before(*end.At) && t.StateAt(r.Now()) == tender.Open
		p.Raise = now && r.Actor().Org != "" && r.Actor().Org != t.Buyer
		p.Login = now && !r.Actor().SignedIn()
	}
	p.Answer = w.Tenders.Allowed(r.Actor(), t, "answer")
	return p, nil
}

func (w *Web) objectionRaise(r *edge.Request) (edge.Response, error) {
	x, f, err := idForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Objections.Raise(r.Context(), r.Actor(), x, f.Get("text")); err != nil {
		return w.tenderAgain(r, x, err)
	}
	return edge.Redirect(tenderPath(x)+"#objections").Flash("ok", "异议已提交并公开，采购人应当答复"), nil
}

func (w *Web) objectionAnswer(r *edge.Request) (edge.Response, error) {
	x, f, err := idForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	o, err := r.ID("objection")
	if err != nil {
		return edge.Response{}, err
	}
	if err := w.Objections.Answer(r.Context(), r.Actor(), x, o, f.Get("answer"), f.Get("stands") == "yes"); err != nil {
		return w.tenderAgain(r, x, err)
	}
	return edge.Redirect(tenderPath(x)+"#objections").Flash("ok", "答复已公开"), nil
}

// tenderAgain shows the tender page again with what was wrong.
func (w *Web) tenderAgain(r *edge.Request, x id.ID, err error) (edge.Response, error) {
	if !fault.Is(err, fault.Invalid) {
		return edge.Response{}, err
	}
	t, gerr := w.Tenders.Get(r.Context(), r.Actor(), x)
	if gerr != nil {
		return edge.Response{}, gerr
	}
	p, gerr := w.tenderPage(r, t)
	if gerr != nil {
		return edge.Response{}, gerr
	}
	return again("tender/show", p, err)
}

func idForm(r *edge.Request) (id.ID, *edge.Form, error) {
	x, err := r.ID("id")
	if err != nil {
		return x, nil, err
	}
	f, err := r.Form()
	return x, f, err
}
