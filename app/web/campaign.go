package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/templates"
)

func (w *Web) campaignRoutes() []edge.Route {
	list := post("/foundation/settlements/{id}/list", "foundation", w.settlementList)
	list.Limit = campaign.ListBytes + 1<<20
	return []edge.Route{
		get("/campaigns", "public", w.campaignList),
		get("/campaigns/export.csv", "public", w.campaignExport),
		get("/campaigns/{id}", "public", w.campaignShow),
		get("/foundation/campaigns", "foundation", w.campaignOwn),
		get("/foundation/campaigns/new", "foundation", w.campaignNew),
		post("/foundation/campaigns", "foundation", w.campaignCreate),
		get("/foundation/campaigns/{id}", "foundation", w.campaignManage),
		get("/foundation/campaigns/{id}/edit", "foundation", w.campaignEdit),
		post("/foundation/campaigns/{id}/edit", "foundation", w.campaignSave),
		post("/foundation/campaigns/{id}/submit", "foundation", w.campaignSubmit),
		post("/foundation/campaigns/{id}/decide", "foundation", w.campaignDecide),
		post("/foundation/campaigns/{id}/end", "foundation", w.campaignEnd),
		get("/foundation/campaigns/{id}/settlements/new", "foundation", w.settlementNew),
		post("/foundation/campaigns/{id}/settlements", "foundation", w.settlementCreate),
		get("/foundation/settlements/{id}", "foundation", w.settlementShow),
		list,
		post("/foundation/settlements/{id}/enter", "foundation", w.settlementEnter),
		post("/foundation/settlements/{id}/discard", "foundation", w.settlementDiscard),
	}
}

var campaignDesk = templates.Crumb{Label: "本会公开募捐", Href: "/foundation/campaigns"}

func campaignHref(x campaign.Campaign) string { return "/foundation/campaigns/" + string(x.ID) }

// campaignRow is a campaign in a list or beside its fund.
type campaignRow struct {
	campaign.Campaign
	Href   string
	Status templates.Status
	Open   bool // people may be sent to the platform now
}

func campaignRowOf(r *edge.Request, x campaign.Campaign, own bool) campaignRow {
	row := campaignRow{Campaign: x, Href: "/campaigns/" + string(x.ID), Open: x.Open(r.Now()), Status: campaignStatus(r, x)}
	if own {
		row.Href = campaignHref(x)
	}
	return row
}

func campaignStatus(r *edge.Request, x campaign.Campaign) templates.Status {
	tone := templates.Neutral
	switch {
	case x.Returned():
		tone = templates.Warn
	case x.State == campaign.Review:
		tone = templates.Info
	case x.Open(r.Now()):
		tone = templates.OK
	}
	return templates.Status{Label: x.StateName(r.Now()), Tone: tone}
}

// campaignListPage is campaign/list.html: the public list, or with Own the
// foundation's.
type campaignListPage struct {
	templates.Chrome
	Filter   templates.Filter
	Rows     []campaignRow
	Pager    templates.Pager
	Own      bool
	MayAdd   bool
	Platform rules.Rule
}

func (w *Web) campaignList(r *edge.Request) (edge.Response, error) {
	p := &campaignListPage{}
	p.Filter.Export = "/campaigns/export.csv" + query(r)
	p.Title, p.Description = "公开募捐", "基金会在民政部指定平台上开展的公开募捐：备案编号、去向和结算"
	return w.campaignsPage(r, p, campaign.Filter{}, campaign.Running, campaign.Ended)
}

func (w *Web) campaignOwn(r *edge.Request) (edge.Response, error) {
	p := &campaignListPage{Own: true, MayAdd: w.Campaigns.MayCreate(r.Actor())}
	p.Title = "本会公开募捐"
	return w.campaignsPage(r, p, campaign.Filter{Foundation: r.Actor().Org}, campaign.Draft, campaign.Review, campaign.Running, campaign.Ended)
}

func (w *Web) campaignsPage(r *edge.Request, p *campaignListPage, x campaign.Filter, states ...campaign.State) (edge.Response, error) {
	x.State, x.Text, x.Fund, x.After, x.Limit = campaign.State(r.Query("state")), r.Query("q"), id.ID(r.Query("fund")), id.ID(r.Query("after")), fundPage
	list, err := w.Campaigns.List(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	for _, y := range list {
		p.Rows = append(p.Rows, campaignRowOf(r, y, p.Own))
	}
	options := []templates.Option{{Label: "全部状态"}}
	for _, s := range states {
		options = append(options, templates.Option{Value: string(s), Label: s.Name()})
	}
	p.Filter = templates.Filter{Action: r.Path(), Export: p.Filter.Export, Query: x.Text, Placeholder: "活动、基金会、平台或备案编号", Active: x.Text != "" || x.State != "" || x.Fund != "",
		Selects: []templates.FilterSelect{{Name: "state", Label: "状态", Value: string(x.State), Options: options}}}
	if x.Fund != "" {
		p.Filter.Keep = []templates.Hidden{{Name: "fund", Value: string(x.Fund)}}
	}
	p.Pager.Unit = "项"
	if p.Pager.Total, err = w.Campaigns.Count(r.Context(), r.Actor(), x); err != nil {
		return edge.Response{}, err
	}
	if x.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == x.Limit {
		p.Pager.Next = with(r, "after", string(list[len(list)-1].ID))
	}
	p.Platform = rules.At(r.Now()).Must(rules.CharityPlatform)
	out := edge.HTML(200, "campaign/list", p)
	if !p.Own {
		out = out.Shared()
	}
	return out, nil
}

func (w *Web) campaignExport(r *edge.Request) (edge.Response, error) {
	return export("公开募捐.csv", []string{"活动", "备案编号", "募捐主体", "指定平台", "平台页面", "开始", "结束", "状态", "已结算笔数", "总额（元）", "平台费用（元）", "净额（元）"},
		func(after id.ID) ([][]string, id.ID, error) {
			list, err := w.Campaigns.List(r.Context(), r.Actor(), campaign.Filter{State: campaign.State(r.Query("state")), Text: r.Query("q"), Fund: id.ID(r.Query("fund")), After: after, Limit: exportStride})
			if err != nil {
				return nil, "", err
			}
			var rows [][]string
			for _, x := range list {
				sum, err := w.Campaigns.Total(r.Context(), x.ID)
				if err != nil {
					return nil, "", err
				}
				rows = append(rows, []string{x.Name, x.Filing, x.FoundationName, x.Platform, x.URL, cellDay(x.StartsOn), cellDay(x.EndsOn), x.StateName(r.Now()),
					money.Count(sum.Count), sum.Gross.Plain(), sum.Fee.Plain(), sum.Net.Plain()})
			}
			return rows, last(list, func(x campaign.Campaign) id.ID { return x.ID }), nil
		})
}

// campaignShowPage is campaign/show.html.
type campaignShowPage struct {
	templates.Chrome
	Campaign campaign.Campaign
	Status   templates.Status
	Open     bool
	Fund     fund.Fund
	Total    campaign.Total
	Arrived  []campaign.Arrived
	Facts    []templates.KV
	Files    []templates.File
	Events   []templates.Event
	Dues     []dueRow        // what must be published next
	Told     []disclosureRow // what was, the last of it
	Platform rules.Rule
	Manage   string // the foundation's own page of the campaign
}

func (w *Web) campaignShow(r *edge.Request) (edge.Response, error) {
	x, err := w.campaign(r, "view")
	if err != nil {
		return edge.Response{}, err
	}
	p := &campaignShowPage{Campaign: x, Status: campaignStatus(r, x), Open: x.Open(r.Now()), Platform: rules.At(r.Now()).Must(rules.CharityPlatform)}
	p.Title, p.Description = x.Name, short(x.Purpose, 80)
	p.Breadcrumbs = []templates.Crumb{{Label: "公开募捐", Href: "/campaigns"}, {Label: x.Name}}
	if w.Campaigns.Allowed(r.Actor(), x, "follow") {
		p.Manage = campaignHref(x)
	}
	ctx := r.Context()
	for _, step := range []func() error{
		func() (err error) {
			if x.Fund != nil {
				p.Fund, err = w.Funds.Get(ctx, r.Actor(), *x.Fund)
			}
			return
		},
		func() (err error) { p.Total, err = w.Campaigns.Total(ctx, x.ID); return },
		func() (err error) { p.Arrived, err = w.Campaigns.Arrived(ctx, x.ID); return },
		func() (err error) { p.Files, err = w.files(r, campaign.ObjectKind, x.ID); return },
		func() (err error) { p.Dues, p.Told, err = w.ownDisclosures(r, x.ID); return },
		func() error {
			events, err := w.Campaigns.Timeline(ctx, r.Actor(), x.ID)
			p.Events = timeline(events)
			return err
		},
	} {
		if err := step(); err != nil {
			return edge.Response{}, err
		}
	}
	p.Facts = campaignFacts(x, p.Fund)
	return edge.HTML(200, "campaign/show", p).Shared(), nil
}

func campaignFacts(x campaign.Campaign, f fund.Fund) []templates.KV {
	facts := []templates.KV{{Label: "备案编号", Value: x.Filing, Mono: true},
		{Label: "募捐主体", Value: x.FoundationName, Href: "/organisations/" + string(x.Foundation)},
		{Label: "公开募捐资格证书", Value: x.Qualification}, {Label: "指定平台", Value: x.Platform},
		{Label: "款项进入", Value: f.FullName(), Href: "/funds/" + string(f.ID)}, {Label: "募捐期间", Value: campaignDays(x)}}
	if x.EndedAt != nil {
		facts = append(facts, templates.KV{Label: "结束说明", Value: x.Reason})
	}
	return facts
}

func campaignDays(x campaign.Campaign) string {
	if x.StartsOn == nil || x.EndsOn == nil {
		return ""
	}
	return beijingDay(*x.StartsOn) + " 至 " + beijingDay(*x.EndsOn)
}

// campaign reads the campaign of the address, if the actor may do the action.
func (w *Web) campaign(r *edge.Request, action string) (campaign.Campaign, error) {
	at, err := r.ID("id")
	if err != nil {
		return campaign.Campaign{}, err
	}
	x, err := w.Campaigns.Get(r.Context(), r.Actor(), at)
	if err == nil {
		err = w.Campaigns.Require(r.Actor(), x, action)
	}
	return x, err
}

// fundCampaigns are the public campaigns whose money goes to a fund, the last
// ten.
func (w *Web) fundCampaigns(r *edge.Request, f fund.Fund) ([]campaignRow, error) {
	var rows []campaignRow
	for _, s := range []campaign.State{campaign.Running, campaign.Ended} {
		list, err := w.Campaigns.List(r.Context(), r.Actor(), campaign.Filter{Fund: f.ID, State: s, Limit: 5})
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			rows = append(rows, campaignRowOf(r, x, false))
		}
	}
	return rows, nil
}
