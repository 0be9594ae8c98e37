package web

import (
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
)

// paymentShowPage is payment/show.html: a payment in any state; the draft's
// page is its "check your answers".
type paymentShowPage struct {
	templates.Chrome
	Payment   payment.Payment
	Fund      fund.Fund
	Free      money.Fen
	Status    templates.Status
	Answers   []templates.Answer
	Missing   []fault.Field
	Files     []templates.File
	Events    []templates.Event
	Next      templates.Action
	Reason    string // as typed
	Reference string // as typed
	MayEdit   bool
	MayDecide bool
	MayPay    bool
	Demand    payment.Demand
	Papers    []templates.File // the resolution
	Key       string           // of the form that pays: pressed twice, it pays once
}

func (w *Web) paymentShow(r *edge.Request) (edge.Response, error) {
	p, err := w.paymentShowPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "payment/show", p), nil
}

func (w *Web) paymentShowPage(r *edge.Request) (*paymentShowPage, error) {
	ctx, who := r.Context(), r.Actor()
	x, err := w.payment(r, "view")
	if err != nil {
		return nil, err
	}
	can := func(action string) bool { return w.Payments.Allowed(who, x, action) }
	p := &paymentShowPage{Payment: x, Status: paymentStatus(x), MayEdit: can("edit"), MayDecide: can("approve"), MayPay: can("pay"), Key: pressKey()}
	p.Title = "付款"
	if x.PayeeName != "" {
		p.Title = "付款给" + x.PayeeName
	}
	p.Breadcrumbs = []templates.Crumb{paymentDesk, {Label: p.Title}}
	if p.Fund, err = w.Funds.Get(ctx, who, x.Fund); err != nil {
		return nil, err
	}
	if p.Free, err = w.Payments.Free(ctx, p.Fund); err != nil {
		return nil, err
	}
	if x.State == payment.Draft {
		if p.Missing, err = w.Payments.Missing(ctx, x); err != nil {
			return nil, err
		}
	}
	if p.Demand, err = w.Payments.Demand(ctx, x); err != nil {
		return nil, err
	}
	if p.Files, p.Papers, err = w.paymentFiles(r, x); err != nil {
		return nil, err
	}
	events, err := w.Payments.Timeline(ctx, who, x.ID)
	p.Events = timeline(events)
	p.Answers = paymentAnswers(p)
	p.Next = paymentNext(p)
	return p, err
}

// paymentFiles lists the proof and the resolution apart.
func (w *Web) paymentFiles(r *edge.Request, x payment.Payment) (proof, resolution []templates.File, err error) {
	list, err := w.Attachments.For(r.Context(), r.Actor(), payment.Kind, x.ID)
	for _, a := range list {
		f := templates.File{ID: string(a.ID), Name: a.Name, Href: "/attachments/" + string(a.ID), SHA256: a.SHA256, Size: a.Size}
		if a.Slot == payment.ResolutionSlot {
			resolution = append(resolution, f)
		} else {
			proof = append(proof, f)
		}
	}
	return proof, resolution, err
}

func paymentAnswers(p *paymentShowPage) []templates.Answer {
	x := p.Payment
	change := func(field string) string {
		if !p.MayEdit {
			return ""
		}
		return paymentHref(x) + "/edit#f-" + field
	}
	amount := x.Form.Amount
	if x.Amount != nil {
		amount = x.Amount.Yuan() + " 元（" + x.Amount.Upper() + "）"
	}
	out := []templates.Answer{
		{Label: "付款基金", Value: p.Fund.FullName()},
		{Label: "收款单位", Value: x.PayeeName, Change: change("payee")},
		{Label: "用途（付款后公开）", Value: x.Form.Purpose, Change: change("purpose")},
		{Label: "与捐赠人的利害关系：核查情况", Value: x.Form.Relation, Change: change("relation"), Article: "慈善法第40条"},
		{Label: "金额", Value: amount, Change: change("amount")},
	}
	if x.Form.TermStart != "" || x.Form.TermEnd != "" {
		out = append(out, templates.Answer{Label: "资助期限", Value: x.Form.TermStart + " 至 " + x.Form.TermEnd, Change: change("term_start")})
	}
	if x.Form.Line != "" {
		out = append(out, templates.Answer{Label: "列支科目", Value: strings.Replace(x.Form.Line, "/", "年 ", 1), Change: change("budget_line")})
	}
	if p.Demand.Resolution || x.Form.ResolutionNo != "" {
		out = append(out, templates.Answer{Label: "决议", Value: strings.TrimSpace(x.Form.ResolutionOn + "　" + x.Form.ResolutionNo), Change: change("resolution_no")})
	}
	for i, a := range x.Approvals {
		out = append(out, templates.Answer{Label: "第" + []string{"一", "二", "三"}[min(i, 2)] + "位审批人", Value: a.Name + "　" + beijingDay(a.At)})
	}
	if x.State == payment.Paid {
		out = append(out, templates.Answer{Label: "付款编号", Value: x.No()}, templates.Answer{Label: "银行流水号", Value: x.BankReference, Mono: true})
	}
	return out
}

// paymentNext says who must do what now.
func paymentNext(p *paymentShowPage) templates.Action {
	x := p.Payment
	switch {
	case x.State == payment.Draft && !p.MayEdit:
		return templates.Action{Title: "等待项目官员完成草稿", Waiting: "草稿由项目官员填写并提交。"}
	case x.State == payment.Draft && len(p.Missing) > 0:
		return templates.Action{Title: "补全后即可提交", Text: "还有 " + strconv.Itoa(len(p.Missing)) + " 处需要填写或修改，见本页提示。",
			Label: "继续填写", Href: paymentHref(x) + "/edit?check=1"}
	case x.State == payment.Draft:
		return templates.Action{Title: "核对无误后提交审批", Text: approversOf(p.Demand) + "批准后由财务付款，各环节由不同的人办理。", Label: "提交审批", Post: paymentHref(x) + "/submit"}
	case x.State == payment.Review && !p.MayDecide && len(x.Approvals) > 0:
		return templates.Action{Title: "等待另一位秘书长身份的人员审批", Waiting: "已有 " + strconv.Itoa(len(x.Approvals)) + " 人批准，须 " + strconv.Itoa(p.Demand.Approvals) +
			" 人。本会只有一位秘书长身份的人员时，请在机构成员里再加一位。"}
	case x.State == payment.Review && !p.MayDecide:
		return templates.Action{Title: "等待秘书长审批", Waiting: "须" + approversOf(p.Demand) + "审批；起草人不能审批自己的付款。"}
	case x.State == payment.Approved && !p.MayPay:
		return templates.Action{Title: "等待财务付款", Waiting: "起草人和审批人不能办理付款。"}
	}
	return templates.Action{}
}

// approversOf words how many approve.
func approversOf(x payment.Demand) string {
	if x.Approvals > 1 {
		return "两位秘书长身份的人员"
	}
	return "秘书长"
}

func (w *Web) paymentSubmit(r *edge.Request) (edge.Response, error) {
	return w.paymentStep(r, "已提交，等待秘书长审批", func(p id.ID, _ *edge.Form) error {
		_, err := w.Payments.Submit(r.Context(), r.Actor(), p)
		return err
	})
}

func (w *Web) paymentDecide(r *edge.Request) (edge.Response, error) {
	return w.paymentStep(r, "决定已记录", func(p id.ID, form *edge.Form) error {
		var err error
		if form.Get("decision") == "approve" {
			_, err = w.Payments.Approve(r.Context(), r.Actor(), p)
		} else {
			_, err = w.Payments.Return(r.Context(), r.Actor(), p, form.Get("reason"))
		}
		return err
	})
}

func (w *Web) paymentPay(r *edge.Request) (edge.Response, error) {
	return w.paymentStep(r, "已付款并记入账本", func(p id.ID, form *edge.Form) error {
		var err error
		if form.Get("decision") == "return" {
			_, err = w.Payments.Return(r.Context(), r.Actor(), p, form.Get("reason"))
		} else {
			_, err = w.Payments.Pay(r.Context(), r.Actor(), p, payment.Paying{Reference: form.Get("bank_reference"), Key: form.Get("key")})
		}
		return err
	})
}

// paymentStep does one decision and comes back to the payment's page, with
// the complaints where there are some.
func (w *Web) paymentStep(r *edge.Request, done string, step func(p id.ID, form *edge.Form) error) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	form, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := step(at, form); err != nil {
		p, perr := w.paymentShowPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason, p.Reference = form.Get("reason"), form.Get("bank_reference")
		return again("payment/show", p, err)
	}
	return edge.Redirect("/foundation/payments/"+string(at)).Flash("ok", done), nil
}
