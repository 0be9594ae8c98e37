package web

import (
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
)

func (w *Web) paymentRoutes() []edge.Route {
	return []edge.Route{
		get("/foundation/payments", "foundation", w.paymentList),
		get("/foundation/payments/export.csv", "foundation", w.paymentExport),
		get("/foundation/payments/new", "foundation", w.paymentNew),
		post("/foundation/payments", "foundation", w.paymentCreate),
		get("/foundation/payments/{id}", "foundation", w.paymentShow),
		get("/foundation/payments/{id}/edit", "foundation", w.paymentEdit),
		post("/foundation/payments/{id}/edit", "foundation", w.paymentSave),
		post("/foundation/payments/{id}/autosave", "foundation", w.paymentAutosave),
		post("/foundation/payments/{id}/submit", "foundation", w.paymentSubmit),
		post("/foundation/payments/{id}/decide", "foundation", w.paymentDecide),
		post("/foundation/payments/{id}/pay", "foundation", w.paymentPay),
	}
}

var paymentDesk = templates.Crumb{Label: "付款", Href: "/foundation/payments"}

func paymentHref(p payment.Payment) string { return "/foundation/payments/" + string(p.ID) }

func paymentStatus(p payment.Payment) templates.Status {
	tone := map[payment.State]templates.Tone{payment.Draft: templates.Neutral, payment.Review: templates.Info, payment.Approved: templates.Warn, payment.Paid: templates.OK}[p.State]
	return templates.Status{Label: p.StateName(), Tone: tone}
}

// paymentRow is a payment in a list.
type paymentRow struct {
	payment.Payment
	Href   string
	Status templates.Status
}

// paymentListPage is payment/list.html.
type paymentListPage struct {
	templates.Chrome
	Filter templates.Filter
	Rows   []paymentRow
	Pager  templates.Pager
	MayAdd bool
}

func (w *Web) paymentList(r *edge.Request) (edge.Response, error) {
	x := payment.Filter{State: payment.State(r.Query("state")), Text: r.Query("q"), Fund: id.ID(r.Query("fund")), Mine: r.Query("mine") != "", After: id.ID(r.Query("after")), Limit: fundPage}
	p := &paymentListPage{MayAdd: w.Payments.MayCreate(r.Actor())}
	p.Title = "付款"
	states := []templates.Option{{Label: "全部状态"}}
	for _, s := range []payment.State{payment.Draft, payment.Review, payment.Approved, payment.Paid} {
		states = append(states, templates.Option{Value: string(s), Label: s.Name()})
	}
	p.Filter = templates.Filter{Action: r.Path(), Query: x.Text, Placeholder: "收款单位或用途", Active: x.Text != "" || x.State != "" || x.Fund != "" || x.Mine,
		Export: "/foundation/payments/export.csv" + query(r),
		Selects: []templates.FilterSelect{{Name: "state", Label: "状态", Value: string(x.State), Options: states},
			{Name: "mine", Label: "范围", Value: r.Query("mine"), Options: []templates.Option{{Label: "全部付款"}, {Value: "1", Label: "可由我办理的"}}}}}
	if x.Fund != "" {
		p.Filter.Keep = []templates.Hidden{{Name: "fund", Value: string(x.Fund)}}
	}
	list, err := w.Payments.List(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	for _, y := range list {
		p.Rows = append(p.Rows, paymentRow{y, paymentHref(y), paymentStatus(y)})
	}
	if p.Pager.Total, err = w.Payments.Count(r.Context(), r.Actor(), x); err != nil {
		return edge.Response{}, err
	}
	p.Pager.Unit = "笔"
	if x.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == fundPage {
		p.Pager.Next = with(r, "after", string(list[fundPage-1].ID))
	}
	return edge.HTML(200, "payment/list", p), nil
}

// paymentEditPage is payment/edit.html; Payment is the zero value for a new one.
type paymentEditPage struct {
	templates.Chrome
	Payment payment.Payment
	Fund    fund.Fund
	Free    money.Fen
	Funds   []templates.Option // to choose from, where the address names none
	Lines   []templates.Option // of the budgets in force
	Action  string
	Form    payment.Form
}

func (w *Web) paymentEditPage(r *edge.Request, p payment.Payment, form payment.Form) (*paymentEditPage, error) {
	if p.Payee != nil && form.Payee == string(*p.Payee) { // a draft made from a grant names its payee by id
		form.Payee = p.PayeeName
	}
	out := &paymentEditPage{Payment: p, Form: form, Action: "/foundation/payments"}
	out.Title = "新建付款"
	out.Breadcrumbs = []templates.Crumb{paymentDesk, {Label: out.Title}}
	if p.ID != "" {
		out.Title, out.Action = "修改付款", paymentHref(p)+"/edit"
		out.Breadcrumbs = []templates.Crumb{paymentDesk, {Label: "付款草稿", Href: paymentHref(p)}, {Label: "修改"}}
	}
	if p.Fund == "" {
		active, err := w.Funds.List(r.Context(), r.Actor(), fund.Filter{Foundation: r.Actor().Org, State: fund.Active, Limit: 200})
		for _, f := range active {
			out.Funds = append(out.Funds, templates.Option{Value: string(f.ID), Label: f.Name + "（余额 " + f.Balance.Yuan() + " 元）"})
		}
		return out, err
	}
	var err error
	if out.Fund, err = w.Funds.Get(r.Context(), r.Actor(), p.Fund); err != nil {
		return nil, err
	}
	if out.Free, err = w.Payments.Free(r.Context(), out.Fund); err != nil {
		return nil, err
	}
	out.Lines, err = w.paymentLines(r, out.Fund)
	return out, err
}

// paymentLines are the budget lines that a payment may charge, with what they
// have left.
func (w *Web) paymentLines(r *edge.Request, f fund.Fund) ([]templates.Option, error) {
	budgets, err := w.Funds.Budgets(r.Context(), f.ID)
	if err != nil {
		return nil, err
	}
	var out []templates.Option
	for _, b := range budgets {
		uses, err := w.Funds.Uses(r.Context(), b)
		if err != nil {
			return nil, err
		}
		for _, u := range uses {
			year := strconv.Itoa(b.Year)
			out = append(out, templates.Option{Value: year + "/" + u.Name, Label: year + "年 " + u.Name + "（剩余 " + u.Left().Yuan() + " 元）"})
		}
	}
	return out, nil
}

func (w *Web) paymentNew(r *edge.Request) (edge.Response, error) {
	if !w.Payments.MayCreate(r.Actor()) {
		return edge.Response{}, fault.New(fault.Forbidden, "付款由项目官员起草，请切换到项目官员身份")
	}
	p, err := w.paymentEditPage(r, payment.Payment{Fund: id.ID(r.Query("fund"))}, payment.Form{})
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "payment/edit", p), nil
}

func paymentForm(r *edge.Request) (payment.Form, *edge.Form, error) {
	f, err := r.Form()
	if err != nil {
		return payment.Form{}, nil, err
	}
	return payment.Form{Payee: f.Get("payee"), Purpose: f.Get("purpose"), Amount: f.Get("amount"),
		TermStart: f.Get("term_start"), TermEnd: f.Get("term_end"), Line: f.Get("budget_line"),
		ResolutionOn: f.Get("resolution_on"), ResolutionNo: f.Get("resolution_no"), Relation: f.Get("relation")}, f, nil
}

func (w *Web) paymentCreate(r *edge.Request) (edge.Response, error) {
	form, f, err := paymentForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	from := id.ID(f.Get("fund"))
	var c fault.Check
	c.Must(from != "", "fund", "请选择从哪只基金付款")
	var p payment.Payment
	if err = c.Err(); err == nil {
		p, err = w.Payments.Create(r.Context(), r.Actor(), from, form)
	}
	if err != nil {
		page, perr := w.paymentEditPage(r, payment.Payment{Fund: from}, form)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("payment/edit", page, err)
	}
	return edge.Redirect(paymentHref(p)).Flash("ok", "草稿已保存，请核对并上传付款依据"), nil
}

// payment reads the payment of the address, if the actor may do the action.
func (w *Web) payment(r *edge.Request, action string) (payment.Payment, error) {
	at, err := r.ID("id")
	if err != nil {
		return payment.Payment{}, err
	}
	p, err := w.Payments.Get(r.Context(), r.Actor(), at)
	if err == nil {
		err = w.Payments.Require(r.Actor(), p, action)
	}
	return p, err
}

func (w *Web) paymentEdit(r *edge.Request) (edge.Response, error) {
	p, err := w.payment(r, "edit")
	if err != nil {
		return edge.Response{}, err
	}
	page, err := w.paymentEditPage(r, p, p.Form)
	if err != nil {
		return edge.Response{}, err
	}
	if r.Query("check") != "" {
		missing, err := w.Payments.Missing(r.Context(), p)
		if err != nil {
			return edge.Response{}, err
		}
		page.Fault = about(missing, func(field string) bool { return field != "proof" && field != "resolution" }) // uploaded beside the form
	}
	return edge.HTML(200, "payment/edit", page), nil
}

func (w *Web) paymentSave(r *edge.Request) (edge.Response, error) {
	p, err := w.payment(r, "edit")
	if err != nil {
		return edge.Response{}, err
	}
	form, f, err := paymentForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Payments.Save(r.Context(), r.Actor(), p.ID, number(f.Get("version")), form); err != nil {
		page, perr := w.paymentEditPage(r, p, form)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("payment/edit", page, err)
	}
	return edge.Redirect(paymentHref(p)).Flash("ok", "草稿已保存"), nil
}

func (w *Web) paymentAutosave(r *edge.Request) (edge.Response, error) {
	p, err := w.payment(r, "edit")
	if err != nil {
		return edge.Response{}, err
	}
	form, _, err := paymentForm(r)
	if err == nil {
		_, err = w.Payments.Save(r.Context(), r.Actor(), p.ID, 0, form)
	}
	return edge.NoContent(), err
}
