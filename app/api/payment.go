package api

import (
	"context"

	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
)

func (a *API) paymentRoutes() []edge.Route {
	const tag = "付款"
	return []edge.Route{
		get("/payments", "account", a.paymentList, edge.Doc{Summary: "本会的付款；社会组织看到付给自己的", Tag: tag, Query: paymentQuery{}, Out: Page[payment.Payment]{}}),
		post("/payments", "foundation", a.paymentCreate, edge.Doc{Summary: "新建付款草稿", Tag: tag, In: paymentInput{}, Out: paymentView{}, Status: 201}),
		get("/payments/{id}", "account", a.paymentShow, edge.Doc{Summary: "一笔付款", Tag: tag, Out: paymentView{}}),
		put("/payments/{id}", "foundation", a.paymentSave, edge.Doc{Summary: "修改草稿，整份替换", Tag: tag, In: paymentChange{}, Out: paymentView{}}),
		a.upload("/payments/{id}/attachments", payment.Kind, "proof", edge.Doc{Summary: "上传付款依据", Tag: tag}),
		post("/payments/{id}/submit", "foundation", a.paymentAct(a.Payments.Submit), edge.Doc{Summary: "提交审批", Tag: tag, Out: paymentView{}}),
		post("/payments/{id}/approve", "foundation", a.paymentAct(a.Payments.Approve), edge.Doc{Summary: "批准付款", Tag: tag, Out: paymentView{}}),
		post("/payments/{id}/return", "foundation", a.paymentReturn, edge.Doc{Summary: "退回修改", Tag: tag, In: reason{}, Out: paymentView{}}),
		post("/payments/{id}/pay", "foundation", a.paymentPay, edge.Doc{Summary: "登记已付款并记入账本", Tag: tag, In: paid{}, Out: paymentView{}}),
	}
}

type paymentQuery struct {
	Fund  string `query:"fund"`
	State string `query:"state" enum:"draft,review,approved,paid"`
	Text  string `query:"q" description:"收款单位或用途中的字"`
	After string `query:"after"`
}

type paymentInput struct {
	Fund id.ID `json:"fund" description:"付款的基金"`
	payment.Form
}

type paymentChange struct {
	payment.Form
	Version int64 `json:"version,omitempty" description:"读到的版本；0 或不填则不检查"`
}

type paid struct {
	BankReference string `json:"bank_reference,omitempty" description:"银行流水号"`
}

type paymentView struct {
	payment.Payment
	Files    []attachment.Attachment `json:"attachments"`
	Missing  []fault.Field           `json:"missing,omitempty" description:"提交前还要补全的"`
	Timeline []trail.Event           `json:"timeline"`
}

func (a *API) paymentAnswer(r *edge.Request, status int, p payment.Payment, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := paymentView{Payment: p}
	if v.Files, err = a.Attachments.For(r.Context(), r.Actor(), payment.Kind, p.ID); err != nil {
		return edge.Response{}, err
	}
	if p.State == payment.Draft {
		if v.Missing, err = a.Payments.Missing(r.Context(), p); err != nil {
			return edge.Response{}, err
		}
	}
	v.Timeline, err = a.Payments.Timeline(r.Context(), r.Actor(), p.ID)
	return answer(status, v, err)
}

func (a *API) paymentList(r *edge.Request) (edge.Response, error) {
	x := payment.Filter{Fund: id.ID(r.Query("fund")), State: payment.State(r.Query("state")), Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: 50}
	list, err := a.Payments.List(r.Context(), r.Actor(), x)
	out := Page[payment.Payment]{Items: list}
	if len(list) == x.Limit {
		out.Next = string(list[x.Limit-1].ID)
	}
	return answer(200, out, err)
}

func (a *API) paymentCreate(r *edge.Request) (edge.Response, error) {
	var in paymentInput
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	p, err := a.Payments.Create(r.Context(), r.Actor(), in.Fund, in.Form)
	return a.paymentAnswer(r, 201, p, err)
}

func (a *API) paymentShow(r *edge.Request) (edge.Response, error) {
	return a.paymentAct(a.Payments.Get)(r)
}

func (a *API) paymentSave(r *edge.Request) (edge.Response, error) {
	var in paymentChange
	at, err := r.ID("id")
	if err == nil {
		err = r.JSON(&in)
	}
	if err != nil {
		return edge.Response{}, err
	}
	p, err := a.Payments.Save(r.Context(), r.Actor(), at, in.Version, in.Form)
	return a.paymentAnswer(r, 200, p, err)
}

func (a *API) paymentAct(do func(context.Context, party.Actor, id.ID) (payment.Payment, error)) edge.Handler {
	return func(r *edge.Request) (edge.Response, error) {
		at, err := r.ID("id")
		if err != nil {
			return edge.Response{}, err
		}
		p, err := do(r.Context(), r.Actor(), at)
		return a.paymentAnswer(r, 200, p, err)
	}
}

func (a *API) paymentReturn(r *edge.Request) (edge.Response, error) {
	var in reason
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	return a.paymentAct(func(ctx context.Context, who party.Actor, at id.ID) (payment.Payment, error) {
		return a.Payments.Return(ctx, who, at, in.Reason)
	})(r)
}

func (a *API) paymentPay(r *edge.Request) (edge.Response, error) {
	var in paid
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	return a.paymentAct(func(ctx context.Context, who party.Actor, at id.ID) (payment.Payment, error) {
		return a.Payments.Pay(ctx, who, at, in.BankReference)
	})(r)
}
