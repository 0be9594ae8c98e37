package api

import (
	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/trust/trail"
)

func (a *API) paymentRoutes() []edge.Route {
	const tag = "付款"
	return []edge.Route{
		get("/payments", "account", a.paymentList, edge.Doc{Summary: "本会的付款；社会组织看到付给自己的", Tag: tag, Query: paymentQuery{}, Out: Page[payment.Payment]{}}),
		post("/payments", "foundation", a.paymentCreate, edge.Doc{Summary: "新建付款草稿", Tag: tag, In: paymentInput{}, Out: paymentView{}, Status: 201}),
		get("/payments/{id}", "account", act(a.Payments.Get, a.paymentAnswer), edge.Doc{Summary: "一笔付款", Tag: tag, Out: paymentView{}}),
		put("/payments/{id}", "foundation", sent(a.paymentSave), edge.Doc{Summary: "修改草稿，整份替换", Tag: tag, In: paymentChange{}, Out: paymentView{}}),
		a.upload("/payments/{id}/attachments", "foundation", a.attach(payment.Kind, "proof"), edge.Doc{Summary: "上传付款依据", Tag: tag}),
		a.upload("/payments/{id}/resolution", "foundation", a.attach(payment.Kind, payment.ResolutionSlot), edge.Doc{Summary: "上传管理委员会或者理事会的决议", Tag: tag}),
		post("/payments/{id}/submit", "foundation", act(a.Payments.Submit, a.paymentAnswer), edge.Doc{Summary: "提交审批", Tag: tag, Out: paymentView{}}),
		post("/payments/{id}/approve", "foundation", act(a.Payments.Approve, a.paymentAnswer), edge.Doc{Summary: "批准付款", Tag: tag, Out: paymentView{}}),
		post("/payments/{id}/return", "foundation", because(a.Payments.Return, a.paymentAnswer), edge.Doc{Summary: "退回修改", Tag: tag, In: reason{}, Out: paymentView{}}),
		post("/payments/{id}/pay", "foundation", sent(a.paymentPay), edge.Doc{Summary: "登记已付款并记入账本", Tag: tag, In: paid{}, Out: paymentView{}}),
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
	Key           string `json:"key,omitempty" description:"防重复键；不填则用 Idempotency-Key"`
}

type paymentView struct {
	payment.Payment
	Demand   *payment.Demand         `json:"demand,omitempty" description:"要几个人审批、要不要决议，为什么"`
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
	if r.Actor().Org == p.Foundation {
		x, err := a.Payments.Demand(r.Context(), p)
		if err != nil {
			return edge.Response{}, err
		}
		v.Demand = &x
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
	x := payment.Filter{Fund: id.ID(r.Query("fund")), State: payment.State(r.Query("state")), Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: perPage}
	list, err := a.Payments.List(r.Context(), r.Actor(), x)
	return answer(200, paged(list, perPage, func(x payment.Payment) string { return string(x.ID) }), err)
}

func (a *API) paymentCreate(r *edge.Request) (edge.Response, error) {
	var in paymentInput
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	p, err := a.Payments.Create(r.Context(), r.Actor(), in.Fund, in.Form)
	return a.paymentAnswer(r, 201, p, err)
}

func (a *API) paymentSave(r *edge.Request, at id.ID, in paymentChange) (edge.Response, error) {
	p, err := a.Payments.Save(r.Context(), r.Actor(), at, in.Version, in.Form)
	return a.paymentAnswer(r, 200, p, err)
}

func (a *API) paymentPay(r *edge.Request, at id.ID, in paid) (edge.Response, error) {
	p, err := a.Payments.Pay(r.Context(), r.Actor(), at, payment.Paying{Reference: in.BankReference, Key: pressed(r, in.Key)})
	return a.paymentAnswer(r, 200, p, err)
}
