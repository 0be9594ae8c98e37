package web

import (
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
	"gongji/app/foundation/handout"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/templates"
)

func (w *Web) handoutRoutes() []edge.Route {
	return []edge.Route{
		get("/handouts", "public", w.handoutList),
		get("/handouts/{id}", "public", w.handoutShow),
		post("/handouts/{id}/sign", "account", w.handoutSign),
		get("/foundation/handouts", "foundation", w.handoutOwn),
		get("/foundation/handouts/new", "foundation", w.handoutNew),
		post("/foundation/handouts", "foundation", w.handoutCreate),
		get("/foundation/handouts/{id}", "foundation", w.handoutManage),
		post("/foundation/handouts/{id}/decide", "foundation", w.handoutDecide),
	}
}

var handoutDesk = templates.Crumb{Label: "物资发放", Href: "/foundation/handouts"}

func handoutStatus(x handout.Handout) templates.Status {
	tone := map[handout.State]templates.Tone{handout.Review: templates.Info, handout.Approved: templates.Warn, handout.Shipped: templates.Warn, handout.Signed: templates.OK, handout.Cancelled: templates.Neutral}[x.State]
	return templates.Status{Label: x.State.Name(), Tone: tone}
}

// handoutRow is a hand-out in a list.
type handoutRow struct {
	handout.Handout
	Href   string
	Status templates.Status
}

// handoutListPage is handout/list.html: the public list, what was sent to the
// reader's organisation, or with Own the foundation's.
type handoutListPage struct {
	templates.Chrome
	Filter templates.Filter
	Rows   []handoutRow
	Pager  templates.Pager
	Own    bool
	Mine   bool
	MayAdd bool
}

func (w *Web) handoutList(r *edge.Request) (edge.Response, error) {
	p, x := &handoutListPage{}, handout.Filter{}
	p.Title, p.Description = "物资发放", "捐赠物资发给了谁、数量和签收"
	if p.Mine = r.Query("mine") == "yes" && r.Actor().Org != ""; p.Mine {
		x.Recipient = r.Actor().Org
	}
	out, err := w.handoutsPage(r, p, x, "/handouts/", handout.Signed)
	if p.Mine || err != nil {
		return out, err
	}
	return out.Shared(), nil
}

func (w *Web) handoutOwn(r *edge.Request) (edge.Response, error) {
	p := &handoutListPage{Own: true, MayAdd: w.Handouts.MayCreate(r.Actor())}
	p.Title = "物资发放"
	p.Breadcrumbs = []templates.Crumb{{Label: "工作台", Href: "/desk"}, {Label: p.Title}}
	return w.handoutsPage(r, p, handout.Filter{Foundation: r.Actor().Org}, "/foundation/handouts/", handout.States()...)
}

func (w *Web) handoutsPage(r *edge.Request, p *handoutListPage, x handout.Filter, base string, states ...handout.State) (edge.Response, error) {
	x.State, x.Text, x.Fund, x.After, x.Limit = handout.State(r.Query("state")), r.Query("q"), id.ID(r.Query("fund")), id.ID(r.Query("after")), fundPage
	list, err := w.Handouts.List(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	for _, y := range list {
		p.Rows = append(p.Rows, handoutRow{y, base + string(y.ID), handoutStatus(y)})
	}
	p.Filter = templates.Filter{Action: r.Path(), Query: x.Text, Placeholder: "接收单位、编号或用途", Active: x.Text != "" || x.State != "" || x.Fund != ""}
	if len(states) > 1 {
		options := []templates.Option{{Label: "全部状态"}}
		for _, s := range states {
			options = append(options, templates.Option{Value: string(s), Label: s.Name()})
		}
		p.Filter.Selects = []templates.FilterSelect{{Name: "state", Label: "状态", Value: string(x.State), Options: options}}
	}
	for name, v := range map[string]string{"fund": string(x.Fund), "mine": r.Query("mine")} {
		if v != "" {
			p.Filter.Keep = append(p.Filter.Keep, templates.Hidden{Name: name, Value: v})
		}
	}
	p.Pager.Unit = "次"
	if p.Pager.Total, err = w.Handouts.Count(r.Context(), r.Actor(), x); err != nil {
		return edge.Response{}, err
	}
	if x.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == x.Limit {
		p.Pager.Next = with(r, "after", string(list[len(list)-1].ID))
	}
	return edge.HTML(200, "handout/list", p), nil
}

// handoutNewPage is handout/new.html: first which fund, then what and to whom.
type handoutNewPage struct {
	templates.Chrome
	Funds     []templates.Option
	Fund      fund.Fund
	Stock     []handoutStock
	Recipient string // as typed, and so the rest
	Purpose   string
}

type handoutStock struct {
	goods.Level
	Field, Value string
}

func (w *Web) handoutNewPage(r *edge.Request, of id.ID) (*handoutNewPage, error) {
	p := &handoutNewPage{}
	p.Title = "发放物资"
	p.Breadcrumbs = []templates.Crumb{handoutDesk, {Label: p.Title}}
	if !w.Handouts.MayCreate(r.Actor()) {
		return nil, fault.New(fault.Forbidden, "物资发放由仓管或项目官员起草，请切换身份")
	}
	funds, err := w.Funds.List(r.Context(), r.Actor(), fund.Filter{Foundation: r.Actor().Org, State: fund.Active, Limit: 200})
	if err != nil {
		return nil, err
	}
	for _, f := range funds {
		p.Funds = append(p.Funds, templates.Option{Value: string(f.ID), Label: f.Name})
		if f.ID == of {
			p.Fund = f.Fund
		}
	}
	if p.Fund.ID == "" {
		return p, nil
	}
	stock, err := w.Goods.OfFund(r.Context(), p.Fund.ID)
	for _, l := range stock {
		if l.Quantity > 0 {
			p.Stock = append(p.Stock, handoutStock{Level: l, Field: "quantity." + string(l.ID)})
		}
	}
	return p, err
}

func (w *Web) handoutNew(r *edge.Request) (edge.Response, error) {
	p, err := w.handoutNewPage(r, id.ID(r.Query("fund")))
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "handout/new", p), nil
}

func (w *Web) handoutCreate(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.handoutNewPage(r, id.ID(f.Get("fund")))
	if err != nil {
		return edge.Response{}, err
	}
	in := handout.Form{Fund: p.Fund.ID, Recipient: f.Get("recipient"), Purpose: f.Get("purpose")}
	for i, l := range p.Stock {
		p.Stock[i].Value = strings.TrimSpace(f.Get(l.Field))
		if p.Stock[i].Value != "" {
			n, err := strconv.ParseInt(p.Stock[i].Value, 10, 64)
			if err != nil {
				n = -1 // complained of at its field
			}
			in.Lines = append(in.Lines, handout.Want{Item: l.ID, Quantity: n})
		}
	}
	x, err := w.Handouts.Create(r.Context(), r.Actor(), in)
	if err != nil {
		p.Recipient, p.Purpose = in.Recipient, in.Purpose
		return again("handout/new", p, err)
	}
	return edge.Redirect("/foundation/handouts/"+string(x.ID)).Flash("ok", "已提交，等待秘书长批准；批准前物资不出库"), nil
}

// handoutPage is handout/show.html: a hand-out for its foundation, its
// recipient, and once it is signed for everybody.
type handoutPage struct {
	templates.Chrome
	Item    handout.Handout
	Status  templates.Status
	Facts   []templates.KV
	Next    templates.Action
	Reason  string
	Counts  map[int]handout.Counted // as typed
	Events  []templates.Event
	Inside  bool // the foundation's own page
	MaySign bool
	MayOK   bool
	MayEnd  bool
}

func (w *Web) handoutPage(r *edge.Request, inside bool) (*handoutPage, error) {
	at, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	x, err := w.Handouts.Get(r.Context(), r.Actor(), at)
	if err == nil && inside && r.Actor().Org != x.Foundation {
		err = fault.New(fault.NotFound, "没有找到这次物资发放")
	}
	if err != nil {
		return nil, err
	}
	can := func(action string) bool { return w.Handouts.Allowed(r.Actor(), x, action) }
	p := &handoutPage{Item: x, Status: handoutStatus(x), Inside: inside, MaySign: !inside && can("sign"), MayOK: inside && can("approve"), MayEnd: inside && can("cancel"), Counts: map[int]handout.Counted{}}
	for _, l := range x.Lines {
		p.Counts[l.Line] = handout.Counted{Line: l.Line, Accepted: l.Quantity}
	}
	p.Title = "发给" + x.RecipientName
	p.Breadcrumbs = []templates.Crumb{{Label: "物资发放", Href: "/handouts"}, {Label: or(x.No(), x.RecipientName)}}
	if inside {
		p.Breadcrumbs[0] = handoutDesk
	}
	p.Facts = handoutFacts(x)
	p.Next = handoutNext(p, can("ship"))
	p.Next.CSRF = r.CSRF()
	events, err := w.Handouts.Timeline(r.Context(), r.Actor(), x)
	p.Events = timeline(events)
	return p, err
}

func handoutFacts(x handout.Handout) []templates.KV {
	out := []templates.KV{{Label: "发放单位", Value: x.FoundationName, Href: "/organisations/" + string(x.Foundation)}, {Label: "物资来自", Value: x.FundName, Href: "/funds/" + string(x.Fund)},
		{Label: "接收单位", Value: x.RecipientName, Href: "/organisations/" + string(x.Recipient)}}
	if x.ShippedAt != nil {
		out = append(out, templates.KV{Label: "出库", Value: templates.Deadline{At: *x.ShippedAt}.Says()})
	}
	if x.SignedAt != nil {
		out = append(out, templates.KV{Label: "签收", Value: templates.Deadline{At: *x.SignedAt}.Says()})
	}
	if x.Reason != "" {
		out = append(out, templates.KV{Label: "取消的原因", Value: x.Reason})
	}
	return out
}

// handoutNext says who must act.
func handoutNext(p *handoutPage, ship bool) templates.Action {
	switch {
	case p.Item.State == handout.Review && !p.MayOK:
		return templates.Action{Title: "等待批准", Waiting: "由起草人以外的秘书长批准。"}
	case p.Item.State == handout.Approved && ship && p.Inside:
		return templates.Action{Title: "清点后出库", Text: "库存随之减少，接收单位会收到通知。", Label: "出库", Post: "/foundation/handouts/" + string(p.Item.ID) + "/decide", Fields: []templates.Hidden{{Name: "decision", Value: "ship"}}}
	case p.Item.State == handout.Approved:
		return templates.Action{Title: "等待出库", Waiting: "由仓管清点出库。"}
	case p.Item.State == handout.Shipped && !p.MaySign:
		return templates.Action{Title: "等待签收", Waiting: "由" + p.Item.RecipientName + "的人员登录后清点签收。"}
	}
	return templates.Action{}
}

func (w *Web) handoutShow(r *edge.Request) (edge.Response, error) {
	p, err := w.handoutPage(r, false)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "handout/show", p), nil
}

func (w *Web) handoutManage(r *edge.Request) (edge.Response, error) {
	p, err := w.handoutPage(r, true)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "handout/show", p), nil
}

func (w *Web) handoutDecide(r *edge.Request) (edge.Response, error) {
	p, err := w.handoutPage(r, true)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	at, who, ctx := p.Item.ID, r.Actor(), r.Context()
	switch f.Get("decision") {
	case "approve":
		_, err = w.Handouts.Approve(ctx, who, at)
	case "ship":
		_, err = w.Handouts.Ship(ctx, who, at)
	default:
		_, err = w.Handouts.Cancel(ctx, who, at, f.Get("reason"))
	}
	if err != nil {
		p.Reason = f.Get("reason")
		return again("handout/show", p, err)
	}
	return edge.Redirect("/foundation/handouts/"+string(at)).Flash("ok", "已办理"), nil
}

func (w *Web) handoutSign(r *edge.Request) (edge.Response, error) {
	p, err := w.handoutPage(r, false)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	var in []handout.Counted
	for _, l := range p.Item.Lines {
		no := strconv.Itoa(l.Line)
		n, err := strconv.ParseInt(strings.TrimSpace(f.Get("accepted."+no)), 10, 64)
		if err != nil {
			n = -1 // complained of at its field
		}
		c := handout.Counted{Line: l.Line, Accepted: n, Why: f.Get("why." + no)}
		in, p.Counts[l.Line] = append(in, c), c
	}
	if _, err := w.Handouts.Sign(r.Context(), r.Actor(), p.Item.ID, in); err != nil {
		return again("handout/show", p, err)
	}
	return edge.Redirect("/handouts/"+string(p.Item.ID)).Flash("ok", "已签收，并向社会公开"), nil
}

// handoutCards is what waits: for approval, for the store, for the recipient.
func (w *Web) handoutCards(r *edge.Request) ([]DeskCard, error) {
	who := r.Actor()
	if who.Org == "" {
		return nil, nil
	}
	card, x := DeskCard{Title: "待签收的物资", Href: "/handouts?mine=yes", Icon: "package"}, handout.Filter{Recipient: who.Org, State: handout.Shipped}
	switch {
	case who.Is(party.Foundation, party.Approver):
		card.Title, card.Href, x = "待批准的物资发放", "/foundation/handouts?state=review", handout.Filter{Foundation: who.Org, State: handout.Review}
	case who.Is(party.Foundation, party.Storekeeper):
		card.Title, card.Href, x = "待出库的物资", "/foundation/handouts?state=approved", handout.Filter{Foundation: who.Org, State: handout.Approved}
	}
	n, err := w.Handouts.Count(r.Context(), who, x)
	if err != nil {
		return nil, err
	}
	if card.Count = n; n > 0 {
		return []DeskCard{card}, nil
	}
	if w.Handouts.MayCreate(who) {
		return []DeskCard{{Title: "物资发放", Href: "/foundation/handouts", Icon: "package", Text: "从库存发给社区和社会组织，签收后公开"}}, nil
	}
	return nil, nil
}
