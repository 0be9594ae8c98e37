package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/payment"
	"gongji/templates"
)

func (w *Web) paymentLimitRoutes() []edge.Route {
	return []edge.Route{
		get("/foundation/payment-limits", "foundation", w.limitShow),
		post("/foundation/payment-limits", "foundation", w.limitPropose),
		post("/foundation/payment-limits/{id}/decide", "foundation", w.limitDecide),
	}
}

// paymentLimitPage is payment/limits.html: from which amounts a payment takes
// more than one approval.
type paymentLimitPage struct {
	templates.Chrome
	Limits     payment.Limits
	Form       payment.LimitForm
	Reason     string // as typed
	Events     []templates.Event
	MayPropose bool
	MayDecide  bool
}

func (w *Web) paymentLimitPage(r *edge.Request) (*paymentLimitPage, error) {
	l, err := w.Payments.Limits(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	p := &paymentLimitPage{Limits: l, MayPropose: l.Waiting == nil && w.Payments.MayPropose(r.Actor())}
	p.Title = "付款审批限额"
	p.Breadcrumbs = []templates.Crumb{paymentDesk, {Label: p.Title}}
	if l.Waiting != nil {
		p.MayDecide = w.Payments.MayDecide(r.Actor(), *l.Waiting)
	}
	if l.Now.TwoAbove != nil {
		p.Form.TwoAbove = l.Now.TwoAbove.Plain()
	}
	if l.Now.BoardAbove != nil {
		p.Form.BoardAbove = l.Now.BoardAbove.Plain()
	}
	events, err := w.Payments.LimitTimeline(r.Context(), r.Actor())
	p.Events = timeline(events)
	return p, err
}

func (w *Web) limitShow(r *edge.Request) (edge.Response, error) {
	p, err := w.paymentLimitPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "payment/limits", p), nil
}

func (w *Web) limitPropose(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := payment.LimitForm{TwoAbove: f.Get("two_above"), BoardAbove: f.Get("board_above")}
	if _, err := w.Payments.ProposeLimits(r.Context(), r.Actor(), in); err != nil {
		p, perr := w.paymentLimitPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Form = in
		return again("payment/limits", p, err)
	}
	return edge.Redirect("/foundation/payment-limits").Flash("ok", "已提出，等待另一位秘书长身份的人员决定"), nil
}

func (w *Web) limitDecide(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Payments.DecideLimits(r.Context(), r.Actor(), at, f.Get("decision") == "agree", f.Get("reason")); err != nil {
		p, perr := w.paymentLimitPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason = f.Get("reason")
		return again("payment/limits", p, err)
	}
	return edge.Redirect("/foundation/payment-limits").Flash("ok", "决定已记录"), nil
}
