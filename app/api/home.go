package api

import (
	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/payment"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/tender"
)

func (a *API) homeRoutes() []edge.Route {
	return []edge.Route{
		get("/public/home", "public", a.home, edge.Doc{Summary: "首页的数字：采购、基金、钱用到了哪里", Tag: "开放", Out: totals{}, Public: true}),
	}
}

// totals are the figures of the home page.
type totals struct {
	Tenders tender.Totals      `json:"tenders"`
	Funds   fund.Total         `json:"funds"`
	Bought  []contract.Spent   `json:"bought" description:"合同金额，按服务种类，从大到小"`
	Paid    []payment.Received `json:"paid" description:"基金付款，按收款单位，从大到小"`
}

func (a *API) home(r *edge.Request) (edge.Response, error) {
	var t totals
	var err error
	if t.Tenders, err = a.Tenders.Totals(r.Context()); err != nil {
		return edge.Response{}, err
	}
	if t.Funds, err = a.Funds.Totals(r.Context(), r.Actor(), fund.Filter{}); err != nil {
		return edge.Response{}, err
	}
	if t.Bought, err = a.Contracts.ByCatalogue(r.Context(), 20); err != nil {
		return edge.Response{}, err
	}
	if t.Paid, err = a.Payments.ByPayee(r.Context(), 20); err != nil {
		return edge.Response{}, err
	}
	return edge.JSON(200, t).Shared(), nil
}
