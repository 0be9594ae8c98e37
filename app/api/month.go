package api

import (
	"gongji/app/delivery/reconciliation"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

func (a *API) monthRoutes() []edge.Route {
	const tag = "月对账"
	return []edge.Route{
		get("/engagements/{id}/months", "account", edge.At(a.monthList), edge.Doc{Summary: "各月对账，双方可见", Tag: tag, Out: reconciliation.Book{}}),
		post("/engagements/{id}/months", "account", edge.At(a.monthStart), edge.Doc{Summary: "付款方开始下一个月的对账", Tag: tag, Out: reconciliation.Month{}, Status: 201}),
		get("/months/{id}", "account", act(a.Months.Get, shownMonth), edge.Doc{Summary: "一个月的账和差异", Tag: tag, Out: reconciliation.Month{}}),
		put("/months/{id}/books", "account", sent(a.monthBooks), edge.Doc{Summary: "付款方填写本单位账面在这个月的付款额", Tag: tag, In: bookedInput{}, Out: reconciliation.Month{}}),
		post("/months/{id}/explain", "account", sent(a.monthExplain), edge.Doc{Summary: "说明一项差异，由差异所属的一方办理", Tag: tag, In: monthWords{}, Out: reconciliation.Month{}}),
		post("/months/{id}/close", "account", act(a.Months.Close, shownMonth), edge.Doc{Summary: "结账：差异都已说明，由另一位办理", Tag: tag, Out: reconciliation.Month{}}),
	}
}

type bookedInput struct {
	Booked money.Fen `json:"booked" description:"账面付款额，分"`
}

type monthWords struct {
	Key   string `json:"key" description:"哪一项差异"`
	Words string `json:"words" description:"原因和怎样处理"`
}

func shownMonth(_ *edge.Request, status int, x reconciliation.Case, err error) (edge.Response, error) {
	return answer(status, x.Month, err)
}

func (a *API) monthList(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Months.Book(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}

func (a *API) monthStart(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Months.Start(r.Context(), r.Actor(), at)
	return shownMonth(r, 201, x, err)
}

func (a *API) monthBooks(r *edge.Request, at id.ID, in bookedInput) (edge.Response, error) {
	x, err := a.Months.Enter(r.Context(), r.Actor(), at, in.Booked)
	return shownMonth(r, 200, x, err)
}

func (a *API) monthExplain(r *edge.Request, at id.ID, in monthWords) (edge.Response, error) {
	x, err := a.Months.Explain(r.Context(), r.Actor(), at, in.Key, in.Words)
	return shownMonth(r, 200, x, err)
}
