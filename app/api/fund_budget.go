package api

import (
	"context"
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

func (a *API) fundBudgetRoutes() []edge.Route {
	const tag, limits = "专项基金", "付款"
	return []edge.Route{
		get("/funds/{id}/budgets/{year}", "foundation", a.budgetShow, edge.Doc{Summary: "一个年度的预算和执行", Tag: tag, Out: budgetView{}}),
		put("/funds/{id}/budgets/{year}", "foundation", sent(a.budgetSave), edge.Doc{Summary: "编制或者调整预算，整份替换；批准前原预算继续有效", Tag: tag, In: budgetInput{}, Out: budgetView{}}),
		post("/funds/{id}/budgets/{year}/submit", "foundation", a.budgetStep(a.Funds.SubmitBudget), edge.Doc{Summary: "提交预算", Tag: tag, Out: budgetView{}}),
		post("/funds/{id}/budgets/{year}/approve", "foundation", a.budgetStep(a.Funds.ApproveBudget), edge.Doc{Summary: "批准预算", Tag: tag, Out: budgetView{}}),
		post("/funds/{id}/budgets/{year}/return", "foundation", sent(a.budgetReturn), edge.Doc{Summary: "退回预算", Tag: tag, In: reason{}, Out: budgetView{}}),
		get("/payment-limits", "foundation", a.limitsShow, edge.Doc{Summary: "本会的付款审批限额", Tag: limits, Out: payment.Limits{}}),
		post("/payment-limits", "foundation", a.limitsPropose, edge.Doc{Summary: "提出审批限额，由另一人决定", Tag: limits, In: payment.LimitForm{}, Out: payment.Limit{}, Status: 201}),
		post("/payment-limits/{id}/decide", "foundation", sent(a.limitsDecide), edge.Doc{Summary: "决定审批限额", Tag: limits, In: limitDecision{}, Out: payment.Limit{}}),
	}
}

// budgetView is a year's budget against what was charged.
type budgetView struct {
	fund.Budget
	StateName string        `json:"state_name"`
	Total     money.Fen     `json:"total"`
	Uses      []fund.Use    `json:"uses" description:"每个科目的预算、已支付和待付"`
	Missing   []fault.Field `json:"missing,omitempty"`
}

type budgetInput struct {
	Lines   []fund.BudgetRow `json:"lines"`
	Version int64            `json:"version,omitempty" description:"读到的版本；0 或不填则不检查"`
}

type budgetVerb = func(context.Context, party.Actor, id.ID, int) (fund.Budget, error)

type limitDecision struct {
	Agree  bool   `json:"agree"`
	Reason string `json:"reason,omitempty" description:"不同意时必填"`
}

func (a *API) fundBudgets(ctx context.Context, f fund.Fund) ([]budgetView, error) {
	out := []budgetView{}
	list, err := a.Funds.Budgets(ctx, f.ID)
	for _, b := range list {
		v := budgetView{Budget: b, StateName: b.StateName(), Total: b.Total()}
		if v.Uses, err = a.Funds.Uses(ctx, b); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, err
}

// budgetYear is the year of the address; 0 where it is none, which the
// service refuses.
func budgetYear(r *edge.Request) int {
	n, _ := strconv.Atoi(r.Param("year"))
	return n
}

func (a *API) budgetAnswer(r *edge.Request, b fund.Budget, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := budgetView{Budget: b, StateName: b.StateName(), Total: b.Total()}
	if v.Uses, err = a.Funds.Uses(r.Context(), b); err != nil {
		return edge.Response{}, err
	}
	if b.State == fund.BudgetDraft {
		v.Missing, err = a.Funds.MissingBudget(r.Context(), b)
	}
	return answer(200, v, err)
}

func (a *API) budgetShow(r *edge.Request) (edge.Response, error) {
	f, err := a.fund(r)
	if err == nil {
		err = a.Funds.Require(r.Actor(), f, "follow")
	}
	if err != nil {
		return edge.Response{}, err
	}
	b, err := a.Funds.BudgetOf(r.Context(), f, budgetYear(r))
	return a.budgetAnswer(r, b, err)
}

func (a *API) budgetSave(r *edge.Request, f id.ID, in budgetInput) (edge.Response, error) {
	b, err := a.Funds.SaveBudget(r.Context(), r.Actor(), f, budgetYear(r), in.Version, in.Lines)
	return a.budgetAnswer(r, b, err)
}

func (a *API) budgetStep(do budgetVerb) edge.Handler {
	return edge.At(func(r *edge.Request, f id.ID) (edge.Response, error) {
		b, err := do(r.Context(), r.Actor(), f, budgetYear(r))
		return a.budgetAnswer(r, b, err)
	})
}

func (a *API) budgetReturn(r *edge.Request, f id.ID, in reason) (edge.Response, error) {
	b, err := a.Funds.ReturnBudget(r.Context(), r.Actor(), f, budgetYear(r), in.Reason)
	return a.budgetAnswer(r, b, err)
}

func (a *API) limitsShow(r *edge.Request) (edge.Response, error) {
	l, err := a.Payments.Limits(r.Context(), r.Actor())
	return answer(200, l, err)
}

func (a *API) limitsPropose(r *edge.Request) (edge.Response, error) {
	var in payment.LimitForm
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	l, err := a.Payments.ProposeLimits(r.Context(), r.Actor(), in)
	return answer(201, l, err)
}

func (a *API) limitsDecide(r *edge.Request, at id.ID, in limitDecision) (edge.Response, error) {
	l, err := a.Payments.DecideLimits(r.Context(), r.Actor(), at, in.Agree, in.Reason)
	return answer(200, l, err)
}

func (a *API) fundPropose(r *edge.Request, f id.ID, in fund.ClosingForm) (edge.Response, error) {
	x, err := a.Funds.Propose(r.Context(), r.Actor(), f, in)
	return a.fundAnswer(r, 200, x, err)
}

func (a *API) fundLoose(_ *edge.Request, status int, list []fund.Loose, err error) (edge.Response, error) {
	return answer(status, list, err)
}
