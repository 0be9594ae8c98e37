package api

import (
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/procurement/contract"
)

// filing is where a contract was filed.
type filing struct {
	Number string `json:"number" description:"备案编号或备案机关"`
}

func (a *API) contractPrepare(r *edge.Request, t id.ID, in contract.Input) (edge.Response, error) {
	d, err := a.Contracts.Prepare(r.Context(), r.Actor(), t, in)
	return answer(201, d, err)
}

func (a *API) contractAmendments(r *edge.Request, at id.ID) (edge.Response, error) {
	list, err := a.Contracts.Amendments(r.Context(), r.Actor(), at)
	return answer(200, list, err)
}

func (a *API) contractAmend(r *edge.Request, at id.ID, in contract.AmendInput) (edge.Response, error) {
	x, err := a.Contracts.Amend(r.Context(), r.Actor(), at, in)
	return answer(201, x, err)
}

func (a *API) contractAmendDecide(r *edge.Request, at id.ID, in decision) (edge.Response, error) {
	c, err := a.Contracts.DecideAmendment(r.Context(), r.Actor(), at, in.Approve, in.Reason)
	return answer(200, c, err)
}

func (a *API) contractFile(r *edge.Request, at id.ID, in filing) (edge.Response, error) {
	c, err := a.Contracts.File(r.Context(), r.Actor(), at, in.Number)
	return answer(200, c, err)
}
