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

func (w *Web) donationRoutes() []edge.Route {
	return []edge.Route{
		get("/funds/{id}/donate", "donor", w.giveForm),
		post("/funds/{id}/donate", "donor", w.give),
		get("/donations", "donor", w.donationMine),
		get("/donations/export.csv", "donor", w.donationMineExport),
		get("/donations/{id}", "donor", w.donationShow),
		post("/donations/{id}/withdraw", "donor", w.donationWithdraw),
		post("/donations/annual", "donor", w.donationAnnual),
		post("/donations/annual-receipt", "donor", w.donationAsk),
		get("/foundation/receipts/requests", "foundation", w.requestList),
		post("/foundation/receipts/requests/{id}", "foundation", w.requestDecide),
		post("/donations/{id}/privacy", "donor", w.donationPrivacy),
		get("/foundation/donations", "foundation", w.donationList),
		get("/foundation/donations/export.csv", "foundation", w.donationExport),
		get("/foundation/donations/new", "foundation", w.offlineForm),
		post("/foundation/donations/new", "foundation", w.offline),
		get("/foundation/donations/{id}", "foundation", w.donationDesk),
		post("/foundation/donations/{id}/confirm", "foundation", w.donationConfirm),
		post("/foundation/donations/{id}/appraise", "foundation", w.donationAppraise),
		post("/foundation/donations/{id}/privacy", "foundation", w.donationDeskPrivacy),
		post("/foundation/donations/{id}/reject", "foundation", w.donationReject),
		post("/foundation/donations/{id}/donor", "foundation", w.donationName),
		post("/foundation/donations/{id}/receipt", "foundation", w.receiptPrepare),
		post("/foundation/donations/{id}/refund", "foundation", w.donationRefund),
		post("/foundation/donations/{id}/refund/decide", "foundation", w.donationRefundDecide),
		get("/foundation/receipts", "foundation", w.receiptRegister),
		get("/foundation/receipts/register.csv", "foundation", w.receiptRegisterExport),
		post("/foundation/receipts/{id}/review", "foundation", w.receiptReview),
		post("/foundation/receipts/{id}/void", "foundation", w.receiptVoid),
	}
}

// givePage is donation/give.html and, with Answers, donation/check.html.
type givePage struct {
	templates.Chrome
	Fund    fund.Fund
	Form    giftForm
	Methods []templates.Option
	Shows   []templates.Option // how the donor may be shown
	Terms   string
	Giver   string // whose donation it will be
	Answers []templates.Answer
	Hidden  []templates.Hidden
	Action  string
	Note    string // what happens after
}

func (w *Web) givePage(r *edge.Request) (*givePage, error) {
	f, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	x, err := w.Funds.Get(r.Context(), r.Actor(), f)
	if err != nil {
		return nil, err
	}
	if x.State != fund.Active {
		return nil, fault.New(fault.Conflict, "“%s”现在不接收捐赠（%s）", x.FullName(), x.StateName())
	}
	p := &givePage{Fund: x, Methods: methods, Shows: shownOptions, Terms: donation.Terms(x), Giver: r.Actor().Name, Action: r.Path(),
		Note: "提交后，您会看到收款办法和本次捐赠的登记号。基金会确认到账后，您可以下载捐赠收据。"}
	if r.Actor().Org != "" {
		p.Giver = r.Actor().OrgName
	}
	p.Form = giftForm{Shown: "yes", Key: id.Code(20), Goods: []giftLine{{No: 1}}}
	p.Title = "捐赠"
	p.Breadcrumbs = []templates.Crumb{{Label: "专项基金", Href: "/funds"}, {Label: x.Name, Href: "/funds/" + string(x.ID)}, {Label: "捐赠"}}
	return p, nil
}

func (w *Web) giveForm(r *edge.Request) (edge.Response, error) {
	p, err := w.givePage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "donation/give", p), nil
}

// give is every button of the form: a row more or less, check, back, submit.
func (w *Web) give(r *edge.Request) (edge.Response, error) {
	p, err := w.givePage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Form = readGift(f)
	p.Form.Fund = string(p.Fund.ID)
	pledge, done, err := p.step(f.Get("step"), func(c *fault.Check, x donation.Pledge) { x.Check(c, rules.At(r.Now())) })
	if !done {
		return p.shown("donation/give", err)
	}
	d, err := w.Donations.Pledge(r.Context(), r.Actor(), pledge)
	if err != nil {
		return p.shown("donation/give", err)
	}
	return edge.Redirect("/donations/"+string(d.ID)).Flash("ok", "已登记您的捐赠，谢谢。请按下面的办法付款或送达"), nil
}

// step turns a pressed button into what to show next; done means that the
// pledge is to be made.
func (p *givePage) step(step string, check func(*fault.Check, donation.Pledge)) (donation.Pledge, bool, error) {
	if step == "back" || p.Form.edit(step) {
		if len(p.Form.Goods) == 0 {
			p.Form.Goods = []giftLine{{No: 1}}
		}
		return donation.Pledge{}, false, nil
	}
	var c fault.Check
	pledge := p.Form.pledge(&c)
	check(&c, pledge)
	if len(p.Form.Goods) == 0 {
		p.Form.Goods = []giftLine{{No: 1}}
	}
	if err := c.Err(); err != nil {
		return pledge, false, err
	}
	if step != "submit" {
		p.Answers, p.Hidden = p.Form.answers(pledge), p.Form.hidden()
		return pledge, false, nil
	}
	return pledge, true, nil
}

// shown is the form, or the answers to be checked, or the form with what was
// wrong with it.
func (p *givePage) shown(form string, err error) (edge.Response, error) {
	if err != nil {
		return again(form, p, err)
	}
	if p.Answers != nil {
		p.Title = "核对捐赠内容"
		return edge.HTML(200, "donation/check", p), nil
	}
	return edge.HTML(200, form, p), nil
}
