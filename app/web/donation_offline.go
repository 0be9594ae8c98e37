package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/templates"
)

// offlinePage is donation/offline.html and, with Answers, donation/check.html.
type offlinePage struct {
	givePage
	Funds []templates.Option
}

func (w *Web) offlinePage(r *edge.Request) (*offlinePage, error) {
	// Asked before they type; the service asks again of the fund's foundation.
	if !w.Donations.MayRecord(r.Actor()) {
		return nil, fault.New(fault.Forbidden, "登记线下捐赠由项目官员或财务办理")
	}
	funds, err := w.Funds.List(r.Context(), r.Actor(), fund.Filter{Foundation: r.Actor().Org, State: fund.Active, Limit: 200})
	if err != nil {
		return nil, err
	}
	p := &offlinePage{}
	for _, f := range funds {
		p.Funds = append(p.Funds, templates.Option{Value: string(f.ID), Label: f.Name})
	}
	p.Methods, p.Shows, p.Action = methods, shownOptions, r.Path()
	p.Note = "提交后由财务确认到账；到账前不计入基金，也不能开收据。"
	p.Form = giftForm{Fund: r.Query("fund"), Shown: "yes", Key: id.Code(20), Goods: []giftLine{{No: 1}}}
	if amount := r.Query("amount"); amount != "" { // out of the bank's statement
		p.Form.Kind, p.Form.Amount, p.Form.DonorName, p.Form.Method = string(donation.Money), amount, r.Query("donor"), "银行转账"
	}
	p.Title = "登记线下捐赠"
	p.Breadcrumbs = []templates.Crumb{donationDesk, {Label: p.Title}}
	return p, nil
}

func (w *Web) offlineForm(r *edge.Request) (edge.Response, error) {
	p, err := w.offlinePage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "donation/offline", p), nil
}

func (w *Web) offline(r *edge.Request) (edge.Response, error) {
	p, err := w.offlinePage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Form = readGift(f)
	o := donation.Offline{DonorKind: donation.DonorKind(p.Form.DonorKind), DonorName: p.Form.DonorName, DonorUSCC: p.Form.DonorUSCC}
	pledge, done, err := p.step(f.Get("step"), func(c *fault.Check, x donation.Pledge) {
		try := o
		try.Pledge = x
		try.Check(c, rules.At(r.Now()))
		c.Must(id.Valid(p.Form.Fund), "fund", "请选择专项基金")
	})
	if !done {
		return p.answer(err)
	}
	o.Pledge = pledge
	d, err := w.Donations.Record(r.Context(), r.Actor(), o)
	if err != nil {
		return p.answer(err)
	}
	return edge.Redirect("/foundation/donations/"+string(d.ID)).Flash("ok", "已登记，等待财务确认到账"), nil
}

// answer is givePage.shown for the page with the funds to choose from.
func (p *offlinePage) answer(err error) (edge.Response, error) {
	switch {
	case err != nil:
		return again("donation/offline", p, err)
	case p.Answers != nil:
		return p.shown("", nil)
	}
	return edge.HTML(200, "donation/offline", p), nil
}
