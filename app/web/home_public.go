package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/call"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/procurement/award"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/intention"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// homePage is home/public.html.
type homePage struct {
	templates.Chrome
	Tenders tender.Totals
	Money   fund.Total
	Closing []tenderRow // the open tenders that close first
	Calls   []call.Call // that take applications, the first to close first
	Calling int
	Planned []intention.Intention
	Results []award.Announced
	Decided []challenge.Decision // complaints
	Funds   []fund.Item
	Kinds   map[id.ID]int64   // of things each of the funds has had
	Charts  []templates.Chart // where the money went
}

// How much of each the home page shows.
const (
	homeTenders = 5
	homeCalls   = 5
	homeFunds   = 6
	homeSlices  = 8
)

func (w *Web) home(r *edge.Request) (edge.Response, error) {
	p := &homePage{}
	p.Title, p.Description = "首页", "政府购买服务、社区基金与捐赠，在同一处公开"
	for _, read := range []func(*edge.Request, *homePage) error{w.homeTotals, w.homeLists, w.homeCharts} {
		if err := read(r, p); err != nil {
			return edge.Response{}, err
		}
	}
	return edge.HTML(200, "home/public", p).Shared(), nil
}

func (w *Web) homeTotals(r *edge.Request, p *homePage) (err error) {
	if p.Tenders, err = w.Tenders.Totals(r.Context()); err != nil {
		return err
	}
	p.Money, err = w.Funds.Totals(r.Context(), r.Actor(), fund.Filter{})
	return err
}

func (w *Web) homeLists(r *edge.Request, p *homePage) error {
	closing, err := w.Tenders.Closing(r.Context(), homeTenders)
	if err != nil {
		return err
	}
	for _, t := range closing {
		p.Closing = append(p.Closing, w.tenderRow(t))
	}
	if err := w.homePurchases(r, p); err != nil {
		return err
	}
	if p.Calls, p.Calling, err = w.Calls.Closing(r.Context(), homeCalls); err != nil {
		return err
	}
	if p.Funds, err = w.Funds.List(r.Context(), r.Actor(), fund.Filter{State: fund.Active, Limit: homeFunds}); err != nil {
		return err
	}
	ids := make([]id.ID, len(p.Funds))
	for i, f := range p.Funds {
		ids[i] = f.ID
	}
	p.Kinds, err = w.Goods.Kinds(r.Context(), ids)
	return err
}

// homePurchases are what comes before a purchase and what came of others.
func (w *Web) homePurchases(r *edge.Request, p *homePage) error {
	planned, err := w.Intentions.List(r.Context(), intention.Filter{Limit: homeTenders})
	if err != nil {
		return err
	}
	p.Planned = planned.Items
	if p.Results, err = w.Awards.Latest(r.Context(), homeTenders); err != nil {
		return err
	}
	p.Decided, err = w.Challenges.Latest(r.Context(), homeTenders)
	return err
}

// homeCharts draws where the public's and the funds' money went.
func (w *Web) homeCharts(r *edge.Request, p *homePage) error {
	bought, err := w.Contracts.ByCatalogue(r.Context(), homeSlices)
	if err != nil {
		return err
	}
	c := spending("bought", "政府购买服务：合同金额，按服务种类", "取自已公布的合同。")
	for _, x := range bought {
		c.Labels, c.Series[0].Values = append(c.Labels, x.Name), append(c.Series[0].Values, tenThousands(x.Amount))
	}
	paid, err := w.Payments.ByPayee(r.Context(), homeSlices)
	if err != nil {
		return err
	}
	d := spending("paid", "专项基金：付给了谁", "取自各基金已完成的付款。")
	for _, x := range paid {
		d.Labels, d.Series[0].Values = append(d.Labels, x.Name), append(d.Series[0].Values, tenThousands(x.Amount))
	}
	p.Charts = []templates.Chart{c, d}
	return nil
}

func spending(id, title, note string) templates.Chart {
	return templates.Chart{ID: id, Kind: "hbar", Title: title, Unit: "万元", Note: note, Series: []templates.Series{{Name: "金额"}}}
}

// tenThousands is an amount in 万元 for a picture; the table beside it prints
// the same figure.
func tenThousands(f money.Fen) float64 { return float64(f) / float64(money.Wan) }
