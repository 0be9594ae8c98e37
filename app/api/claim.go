package api

import (
	"gongji/app/delivery/claim"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

func (a *API) claimRoutes() []edge.Route {
	const tag = "付款申请"
	return []edge.Route{
		get("/engagements/{id}/claims", "account", edge.At(a.claimList), edge.Doc{Summary: "付款申请和合同账户，双方可见", Tag: tag, Out: claim.Book{}}),
		post("/engagements/{id}/claims", "supplier", sent(a.claimAsk), edge.Doc{Summary: "承接方申请付款：按节点或按实际数量", Tag: tag, In: claim.Input{}, Out: claim.Claim{}, Status: 201}),
		put("/engagements/{id}/claims/limit", "account", sent(a.claimLimit), edge.Doc{Summary: "付款方设定双人审批限额", Tag: tag, In: limitInput{}, Out: claim.Limit{}}),
		post("/claims/{id}/verify", "account", act(a.Claims.Verify, shownClaim), edge.Doc{Summary: "付款方经办人核对无误", Tag: tag, Out: claim.Claim{}}),
		post("/claims/{id}/approve", "account", act(a.Claims.Release, shownClaim), edge.Doc{Summary: "付款方审批人批准；超过限额须两位", Tag: tag, Out: claim.Claim{}}),
		post("/claims/{id}/return", "account", because(a.Claims.Return, shownClaim), edge.Doc{Summary: "退回", Tag: tag, In: reason{}, Out: claim.Claim{}}),
		post("/claims/{id}/pay", "account", sent(a.claimPay), edge.Doc{Summary: "财务登记已付款", Tag: tag, In: paid{}, Out: claim.Claim{}}),
	}
}

type limitInput struct {
	Above money.Fen `json:"above" description:"超过多少须两位审批人，分"`
}

func shownClaim(_ *edge.Request, status int, x claim.Claim, err error) (edge.Response, error) {
	return answer(status, x, err)
}

func (a *API) claimList(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Claims.Book(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}

func (a *API) claimAsk(r *edge.Request, at id.ID, in claim.Input) (edge.Response, error) {
	x, err := a.Claims.Ask(r.Context(), r.Actor(), at, in)
	return answer(201, x, err)
}

func (a *API) claimLimit(r *edge.Request, at id.ID, in limitInput) (edge.Response, error) {
	x, err := a.Claims.SetLimit(r.Context(), r.Actor(), at, in.Above)
	return answer(200, x, err)
}

func (a *API) claimPay(r *edge.Request, at id.ID, in paid) (edge.Response, error) {
	x, err := a.Claims.Pay(r.Context(), r.Actor(), at, in.BankReference)
	return answer(200, x, err)
}
