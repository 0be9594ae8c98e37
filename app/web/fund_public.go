package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/templates"
)

func (w *Web) fundRoutes() []edge.Route {
	return []edge.Route{
		get("/funds", "public", w.fundList),
		get("/funds/export.csv", "public", w.fundExport),
		get("/funds/{id}", "public", w.fundShow),
		get("/funds/{id}/payments", "public", w.fundPayments),
		get("/funds/{id}/donations", "public", w.fundDonations),
	}
}

const fundPage = 20

// fundListPage is fund/list.html: the public list, or with Own the
// foundation's.
type fundListPage struct {
	templates.Chrome
	Filter templates.Filter
	Total  fund.Total
	Items  []fund.Item
	Pager  templates.Pager
	Own    bool
	MayAdd bool
	Export string
}

// fundStatus words a fund's state.
func fundStatus(f fund.Fund) templates.Status {
	tone := map[fund.State]templates.Tone{fund.Draft: templates.Neutral, fund.Review: templates.Info, fund.Active: templates.OK, fund.Winding: templates.Warn, fund.Ended: templates.Neutral}[f.State]
	if f.Returned() {
		tone = templates.Warn
	}
	return templates.Status{Label: f.StateName(), Tone: tone}
}

func fundStates(states ...fund.State) []templates.Option {
	out := []templates.Option{{Label: "全部状态"}}
	for _, s := range states {
		out = append(out, templates.Option{Value: string(s), Label: s.Name()})
	}
	return out
}

func (w *Web) fundList(r *edge.Request) (edge.Response, error) {
	p := &fundListPage{}
	p.Export = "/funds/export.csv" + query(r)
	p.Title, p.Description = "专项基金", "社区基金会的专项基金：用途、收入、支出和余额"
	return w.fundsPage(r, p, fund.Filter{}, fund.Active, fund.Winding, fund.Ended)
}

func (w *Web) fundsPage(r *edge.Request, p *fundListPage, x fund.Filter, states ...fund.State) (edge.Response, error) {
	x.State, x.Text, x.After, x.Limit = fund.State(r.Query("state")), r.Query("q"), id.ID(r.Query("after")), fundPage
	var err error
	if p.Total, err = w.Funds.Totals(r.Context(), r.Actor(), x); err != nil {
		return edge.Response{}, err
	}
	if p.Items, err = w.Funds.List(r.Context(), r.Actor(), x); err != nil {
		return edge.Response{}, err
	}
	p.Filter = templates.Filter{Action: r.Path(), Query: x.Text, Placeholder: "基金、基金会、发起人或地区", Active: x.Text != "" || x.State != "", Export: p.Export,
		Selects: []templates.FilterSelect{{Name: "state", Label: "状态", Value: string(x.State), Options: fundStates(states...)}}}
	p.Pager = templates.Pager{Total: int(p.Total.Count), Unit: "只"}
	if x.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(p.Items) == x.Limit {
		p.Pager.Next = with(r, "after", string(p.Items[len(p.Items)-1].ID))
	}
	return edge.HTML(200, "fund/list", p).Shared(), nil
}

// fundShowPage is fund/show.html.
type fundShowPage struct {
	templates.Chrome
	Fund      fund.Fund
	Status    templates.Status
	Money     fund.Money
	Chart     templates.Chart
	Facts     []templates.KV
	Payments  []payment.Public
	More      bool // there are payments beyond those shown
	Gifts     []donation.Given
	MoreGift  bool // there are donations beyond those shown
	Goods     []goods.Level
	Files     []templates.File
	Events    []templates.Event
	Marks     []string // what the real source lacks, in words
	Platform  rules.Rule
	Campaigns []campaignRow   // public fundraising elsewhere whose money comes here
	Manage    string          // the foundation's own page of the fund
	Dues      []dueRow        // what must be published next
	Told      []disclosureRow // what was, the last of it
	Did       fundDid
	Due       *templates.Deadline // the end of the agreement
}

func (w *Web) fundShow(r *edge.Request) (edge.Response, error) {
	f, err := w.fund(r)
	if err != nil {
		return edge.Response{}, err
	}
	p := &fundShowPage{Fund: f, Status: fundStatus(f), Facts: fundFacts(f), Marks: fundMarks(f),
		Platform: rules.At(r.Now()).Must(rules.CharityPlatform)}
	p.Due = fundDue(r, f)
	p.Title, p.Description = f.FullName(), short(f.Purpose, 80)
	p.Breadcrumbs = []templates.Crumb{{Label: "专项基金", Href: "/funds"}, {Label: f.Name}}
	if w.Funds.Allowed(r.Actor(), f, "follow") {
		p.Manage = fundHref(f)
	}
	if err := w.fundFigures(r, p); err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "fund/show", p).Shared(), nil
}

// fundFigures reads what hangs on a fund.
func (w *Web) fundFigures(r *edge.Request, p *fundShowPage) error {
	ctx, f := r.Context(), p.Fund
	var err error
	if p.Dues, p.Told, err = w.ownDisclosures(r, f.ID); err != nil {
		return err
	}
	if p.Campaigns, err = w.fundCampaigns(r, f); err != nil {
		return err
	}
	if p.Money, err = w.Funds.Balance(ctx, f); err != nil {
		return err
	}
	months, err := w.Funds.Months(ctx, f)
	if err != nil {
		return err
	}
	p.Chart = monthsChart(months)
	if p.Payments, err = w.Payments.OfFund(ctx, f.ID, "", 6); err != nil {
		return err
	}
	if p.More = len(p.Payments) > 5; p.More {
		p.Payments = p.Payments[:5]
	}
	if p.Gifts, err = w.Donations.GivenTo(ctx, f.ID, "", 6); err != nil {
		return err
	}
	if p.MoreGift = len(p.Gifts) > 5; p.MoreGift {
		p.Gifts = p.Gifts[:5]
	}
	if p.Goods, err = w.Goods.OfFund(ctx, f.ID); err != nil {
		return err
	}
	if p.Files, err = w.files(r, fund.Kind, f.ID); err != nil {
		return err
	}
	if p.Did, err = w.fundDid(r, f); err != nil {
		return err
	}
	events, err := w.Funds.Timeline(ctx, r.Actor(), f.ID)
	p.Events = timeline(events)
	return err
}

// fund reads the fund of the address, if the actor may view it.
func (w *Web) fund(r *edge.Request) (fund.Fund, error) {
	f, err := r.ID("id")
	if err != nil {
		return fund.Fund{}, err
	}
	return w.Funds.Get(r.Context(), r.Actor(), f)
}

// monthsChart draws what came, went and stayed, month by month.
func monthsChart(months []ledger.Month) templates.Chart {
	c := templates.Chart{ID: "months", Kind: "bar", Title: "每月收支与月末余额", Unit: "元", Places: 2,
		Note:   "数字取自账本分录，冲销的记录已从原方向扣除。",
		Series: []templates.Series{{Name: "收入"}, {Name: "支出"}, {Name: "月末余额"}}}
	for _, m := range months {
		c.Labels = append(c.Labels, m.Month)
		for i, v := range []money.Fen{m.In, m.Out, m.Balance} {
			c.Series[i].Values = append(c.Series[i].Values, float64(v)/100)
		}
	}
	return c
}

func fundFacts(f fund.Fund) []templates.KV {
	fee := "未载明"
	if f.FeeBP != nil {
		fee = (rules.Rule{Value: *f.FeeBP, Unit: rules.BasisPoint}).Quantity()
	}
	facts := []templates.KV{
		{Label: "所属基金会", Value: f.FoundationName, Href: "/organisations/" + string(f.Foundation)},
		{Label: "服务地区", Value: f.Region}, {Label: "发起人", Value: f.Sponsor}, {Label: "管理委员会", Value: f.Committee},
		{Label: "管委会成员", Value: or(memberLines(f.Shown()), "未载明")},
		{Label: "管理费", Value: fee}, {Label: "终止条件", Value: f.Ending},
	}
	if f.EndsOn != nil {
		facts = append(facts, templates.KV{Label: "协议到期日", Value: beijingDay(*f.EndsOn)})
	}
	facts = append(facts, templates.KV{Label: "剩余财产去向", Value: f.SurplusTo.Name()}, templates.KV{Label: "剩余财产处理", Value: f.Surplus, Article: "慈善法第58条"})
	if f.BoardOn != nil {
		facts = append(facts, templates.KV{Label: "理事会批准", Value: beijingDay(*f.BoardOn) + "　" + f.BoardNo})
	}
	return facts
}

var fundFields = map[string]string{"name": "名称", "region": "服务地区", "purpose": "设立目的", "use": "使用范围", "sponsor": "发起人",
	"committee": "管理委员会", "members": "管委会成员", "board": "理事会批准", "surplus_to": "剩余财产去向", "fee": "管理费", "ending": "终止条件", "surplus": "剩余财产处理", "agreement": "基金协议", "money": "收支金额",
	"dates": "日期"}

// fundMarks words what a demonstration's source lacks.
func fundMarks(f fund.Fund) []string {
	var out []string
	for _, m := range f.Marks {
		if name, ok := fundFields[m]; ok {
			m = name
		}
		out = append(out, m)
	}
	return out
}

// fundPaymentsPage is fund/payments.html.
type fundPaymentsPage struct {
	templates.Chrome
	Fund     fund.Fund
	Payments []payment.Public
	Pager    templates.Pager
}

func (w *Web) fundPayments(r *edge.Request) (edge.Response, error) {
	f, err := w.fund(r)
	if err != nil {
		return edge.Response{}, err
	}
	p := &fundPaymentsPage{Fund: f}
	p.Title = "付款记录"
	p.Breadcrumbs = []templates.Crumb{{Label: "专项基金", Href: "/funds"}, {Label: f.Name, Href: "/funds/" + string(f.ID)}, {Label: p.Title}}
	if p.Payments, err = w.Payments.OfFund(r.Context(), f.ID, id.ID(r.Query("after")), fundPage); err != nil {
		return edge.Response{}, err
	}
	if p.Pager.Total, err = w.Payments.CountOfFund(r.Context(), f.ID); err != nil {
		return edge.Response{}, err
	}
	p.Pager.Unit = "笔"
	if r.Query("after") != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(p.Payments) == fundPage {
		p.Pager.Next = with(r, "after", string(p.Payments[fundPage-1].ID))
	}
	return edge.HTML(200, "fund/payments", p).Shared(), nil
}

// fundDonationsPage is fund/donations.html.
type fundDonationsPage struct {
	templates.Chrome
	Fund   fund.Fund
	Gifts  []donation.Given
	Newest string // back to the first page
	Next   string
}

func (w *Web) fundDonations(r *edge.Request) (edge.Response, error) {
	f, err := w.fund(r)
	if err != nil {
		return edge.Response{}, err
	}
	p := &fundDonationsPage{Fund: f}
	p.Title = "捐赠记录"
	p.Breadcrumbs = []templates.Crumb{{Label: "专项基金", Href: "/funds"}, {Label: f.Name, Href: "/funds/" + string(f.ID)}, {Label: p.Title}}
	if p.Gifts, err = w.Donations.GivenTo(r.Context(), f.ID, id.ID(r.Query("after")), fundPage); err != nil {
		return edge.Response{}, err
	}
	if r.Query("after") != "" {
		p.Newest = r.Path()
	}
	if len(p.Gifts) == fundPage {
		p.Next = with(r, "after", string(p.Gifts[fundPage-1].Cursor))
	}
	return edge.HTML(200, "fund/donations", p).Shared(), nil
}

// short cuts a text for a description.
func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
