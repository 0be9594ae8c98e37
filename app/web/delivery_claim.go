package web

import (
	"fmt"
	"strconv"

	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
)

func (w *Web) claimRoutes() []edge.Route {
	return []edge.Route{
		get("/engagements/{id}/claims", "account", edge.At(w.claimList)),
		post("/engagements/{id}/claims", "account", edge.At(w.claimAsk)),
		post("/engagements/{id}/claims/limit", "account", edge.At(w.claimLimit)),
		post("/claims/{id}/decide", "account", edge.At(w.claimDecide)),
		post("/claims/{id}/pay", "account", edge.At(w.claimPay)),
	}
}

// claimCard is a claim with what the viewer may do about it.
type claimCard struct {
	claim.Claim
	Basis   string
	Status  templates.Status
	Approve string // the word on the button that takes it a step further; "" for none
	MayPay  bool
	Two     bool
}

// claimPage is engagement/claims.html.
type claimPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Book       claim.Book
	Money      engagement.Money // of a grant
	Left       money.Fen
	Cards      []claimCard
	MayAsk     bool
	ByCount    bool
	Counted    string
	Price      money.Fen
	Unit       string
	Ready      int64 // counted by evidence and not asked for
	Steps      []templates.Option
	MayLimit   bool
	At         id.ID
	Reason     string
	Typed      claim.Input
	Reference  string
}

func (w *Web) claimPage(r *edge.Request, at id.ID) (*claimPage, error) {
	ctx, who := r.Context(), r.Actor()
	e, err := w.Engagements.Get(ctx, who, at)
	if err != nil {
		return nil, err
	}
	can := func(a string) bool { return w.Engagements.Allowed(who, e, a) }
	p := &claimPage{Engagement: e, MayAsk: can("claim") && e.Kind == engagement.Contract, MayLimit: can("release") && e.Kind == engagement.Contract}
	p.Title, p.Breadcrumbs = "付款申请", deliveryCrumbs(r, e, "付款申请")
	if p.Book, err = w.Claims.Book(ctx, who, at); err != nil {
		return nil, err
	}
	if p.Money, err = w.Engagements.Account(ctx, e); err != nil {
		return nil, err
	}
	p.Left = p.Book.Account.Amount - p.Money.Paid - p.Money.Approved
	x, err := w.Plans.Get(ctx, who, at)
	if err != nil {
		return nil, err
	}
	p.MayAsk = p.MayAsk && x.State == plan.Agreed
	far, err := w.Plans.Progress(ctx, who, x)
	if err != nil {
		return nil, err
	}
	p.asking(x, far)
	for _, c := range p.Book.Claims {
		card := claimCard{Claim: c, Status: claimStatus(c), Two: c.Amount > p.Book.Limit.Above, MayPay: c.State == claim.Approved && can("pay")}
		switch {
		case c.Milestone != nil:
			card.Basis = fmt.Sprintf("第 %d 个节点", *c.Milestone)
		case c.Quantity == nil:
			card.Basis = "提前终止的结算余额"
		default:
			card.Basis = fmt.Sprintf("%s %s × %s 元", money.Count(*c.Quantity), p.Unit, c.UnitPrice.Yuan())
		}
		if c.State == claim.Asked && can("verify") {
			card.Approve = "核对无误"
		} else if c.State == claim.Verified && can("release") {
			card.Approve = "批准付款"
		}
		p.Cards = append(p.Cards, card)
	}
	return p, nil
}

// asking is what may be asked for now.
func (p *claimPage) asking(x plan.Plan, far plan.Progress) {
	taken := map[int64]bool{}
	for _, c := range p.Book.Claims {
		if c.State == claim.Returned {
			continue
		}
		if c.Milestone != nil {
			taken[*c.Milestone] = true
		}
		if c.Quantity != nil {
			p.Ready -= *c.Quantity
		}
	}
	if left := p.Book.Account.Left(); p.Engagement.State == engagement.Closed && left > 0 {
		p.Steps = append(p.Steps, templates.Option{Value: "0", Label: "提前终止的结算余额（" + left.Yuan() + " 元）"})
	}
	p.ByCount, p.Counted, p.Price = p.Engagement.State != engagement.Closed && x.Content.Settlement == plan.ByCount, x.Content.Counted, x.Content.UnitPrice
	for _, o := range far.Outputs {
		if o.Name == p.Counted {
			p.Ready, p.Unit = p.Ready+o.Done, o.Unit
		}
	}
	p.Ready = max(0, p.Ready)
	for _, m := range far.Milestones {
		if m.AcceptedAt != nil && !taken[m.Seq] && m.Amount > 0 {
			p.Steps = append(p.Steps, templates.Option{Value: strconv.FormatInt(m.Seq, 10), Label: m.Name + "（" + m.Amount.Yuan() + " 元）"})
		}
	}
}

func claimStatus(c claim.Claim) templates.Status {
	tone := map[claim.State]templates.Tone{claim.Asked: templates.Info, claim.Verified: templates.Info, claim.Approved: templates.Warn, claim.Paid: templates.OK, claim.Returned: templates.Neutral}[c.State]
	return templates.Status{Label: c.StateName(), Tone: tone}
}

func (w *Web) claimList(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.claimPage(r, at)
	if fault.Is(err, fault.NotFound) {
		return edge.Redirect(engagementHref(at)), nil
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/claims", p), nil
}

func (w *Web) claimBack(r *edge.Request, at id.ID, done string, fix func(*claimPage), err error) (edge.Response, error) {
	if err != nil {
		p, perr := w.claimPage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		fix(p)
		return again("engagement/claims", p, err)
	}
	return edge.Redirect(engagementHref(at)+"/claims").Flash("ok", done), nil
}

func (w *Web) claimAsk(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := claim.Input{Milestone: number(f.Get("milestone")), Quantity: f.Get("quantity"), Note: f.Get("note")}
	_, err = w.Claims.Ask(r.Context(), r.Actor(), at, in)
	return w.claimBack(r, at, "付款申请已提交", func(p *claimPage) { p.Typed = in }, err)
}

func (w *Web) claimLimit(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	var limit claim.Limit
	above, err := money.Parse(f.Get("above"))
	if err != nil {
		var c fault.Check
		c.Adopt("above", err)
		err = c.Err()
	} else {
		limit, err = w.Claims.SetLimit(r.Context(), r.Actor(), at, above)
	}
	done := "限额已保存"
	if limit.RaiseTo != nil {
		done = "已提出调高到 " + limit.RaiseTo.Yuan() + " 元，另一位审批人填写同样的金额后生效"
	}
	return w.claimBack(r, at, done, func(*claimPage) {}, err)
}

func (w *Web) claimDecide(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	x, err := w.Claims.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	switch {
	case f.Get("decision") != "approve":
		_, err = w.Claims.Return(r.Context(), r.Actor(), at, f.Get("reason"))
	case x.State == claim.Asked:
		_, err = w.Claims.Verify(r.Context(), r.Actor(), at)
	default:
		_, err = w.Claims.Release(r.Context(), r.Actor(), at)
	}
	return w.claimBack(r, x.Engagement, "意见已记录", func(p *claimPage) { p.At, p.Reason = at, f.Get("reason") }, err)
}

func (w *Web) claimPay(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	x, err := w.Claims.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	_, err = w.Claims.Pay(r.Context(), r.Actor(), at, f.Get("bank_reference"))
	return w.claimBack(r, x.Engagement, "已登记付款", func(p *claimPage) { p.At, p.Reference = at, f.Get("bank_reference") }, err)
}

// claimRoom is the payments among the rooms of a delivery.
func claimRoom(e engagement.Engagement) templates.KV {
	if e.Kind == engagement.Grant {
		return templates.KV{Label: "资助款", Href: engagementHref(e.ID) + "/claims", Note: "按协议节点支付，最后一笔在验收合格以后"}
	}
	return templates.KV{Label: "付款申请", Href: engagementHref(e.ID) + "/claims", Note: "按节点或实际数量申请，核对、审批、付款由不同的人办理"}
}
