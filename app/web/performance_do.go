package web

import (
	"context"

	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// performanceDo runs one decision and goes back to the evaluation's page.
func (w *Web) performanceDo(r *edge.Request, do func(context.Context, party.Actor, id.ID) (performance.Case, error), done string) (edge.Response, error) {
	e, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err == nil {
		_, err = do(r.Context(), r.Actor(), e)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect(performanceHref(e)).Flash("ok", done), nil
}

func (w *Web) performanceSkip(r *edge.Request) (edge.Response, error) {
	return w.performanceDo(r, w.Performance.Skip, "已进入评分")
}

// performanceForm runs one decision from a form on the evaluation's page and
// comes back to it, with what was typed where it was refused.
func (w *Web) performanceForm(done string, do func(ctx context.Context, who party.Actor, e id.ID, f *edge.Form) error) edge.Handler {
	return func(r *edge.Request) (edge.Response, error) {
		e, err := r.ID("id")
		if err != nil {
			return edge.Response{}, err
		}
		f, err := r.Form()
		if err != nil {
			return edge.Response{}, err
		}
		err = do(r.Context(), r.Actor(), e, f)
		if err == nil {
			return edge.Redirect(performanceHref(e)).Flash("ok", done), nil
		}
		if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound) {
			return edge.Response{}, err
		}
		p, perr := w.performancePage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		for _, n := range []string{"note", "reason", "text", "answer", "mend"} {
			p.Typed[n] = f.Get(n)
		}
		p.About = f.All("lines")
		return again("performance/show", p, err)
	}
}

func (w *Web) performanceCheck(ctx context.Context, who party.Actor, e id.ID, f *edge.Form) error {
	_, err := w.Performance.Check(ctx, who, e, f.Get("decision") == "accept", f.Get("note"))
	return err
}

func (w *Web) performanceDecide(ctx context.Context, who party.Actor, e id.ID, f *edge.Form) error {
	if f.Get("decision") == "approve" {
		_, err := w.Performance.Approve(ctx, who, e)
		return err
	}
	_, err := w.Performance.Return(ctx, who, e, f.Get("reason"))
	return err
}

func (w *Web) performanceObject(ctx context.Context, who party.Actor, e id.ID, f *edge.Form) error {
	if f.Get("decision") == "accept" {
		_, err := w.Performance.Accept(ctx, who, e)
		return err
	}
	_, err := w.Performance.Object(ctx, who, e, f.Get("text"), f.All("lines"))
	return err
}

func (w *Web) performanceAnswer(ctx context.Context, who party.Actor, e id.ID, f *edge.Form) error {
	_, err := w.Performance.Answer(ctx, who, e, f.Get("decision") == "uphold", f.Get("answer"))
	return err
}

func (w *Web) performancePublish(ctx context.Context, who party.Actor, e id.ID, _ *edge.Form) error {
	_, err := w.Performance.Publish(ctx, who, e)
	return err
}

// performanceMend is how a finding is mended or closed: the form names it.
func (w *Web) performanceMend(ctx context.Context, who party.Actor, _ id.ID, f *edge.Form) error {
	m, err := f.Get("mend"), error(nil)
	switch f.Get("decision") {
	case "close":
		_, err = w.Performance.Close(ctx, who, id.ID(m), true, "")
	case "reject":
		_, err = w.Performance.Close(ctx, who, id.ID(m), false, f.Get("reason"))
	default:
		_, err = w.Performance.Mended(ctx, who, id.ID(m), f.Get("answer"))
	}
	return err
}
