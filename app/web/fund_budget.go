package web

import (
	"fmt"
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
)

func (w *Web) fundBudgetRoutes() []edge.Route {
	return []edge.Route{
		get("/foundation/funds/{id}/budget", "foundation", w.budgetShow),
		post("/foundation/funds/{id}/budget", "foundation", w.budgetSave),
		post("/foundation/funds/{id}/budget/submit", "foundation", w.budgetSubmit),
		post("/foundation/funds/{id}/budget/decide", "foundation", w.budgetDecide),
	}
}

// budgetInputRow is a line of the budget as typed.
type budgetInputRow struct {
	No int
	fund.BudgetRow
}

// Field is the name of one of the row's inputs.
func (b budgetInputRow) Field(name string) string { return fmt.Sprintf("lines.%d.%s", b.No, name) }

// fundBudgetPage is fund/budget.html: a year's budget, what is charged to it,
// and the revision that is being written.
type fundBudgetPage struct {
	templates.Chrome
	Fund      fund.Fund
	Budget    fund.Budget
	Status    templates.Status
	Years     []templates.KV
	Uses      []fund.Use
	Chart     templates.Chart
	Total     fund.Use
	Rows      []budgetInputRow
	Missing   []fault.Field
	Next      templates.Action
	Reason    string // as typed
	MayEdit   bool
	MayDecide bool
}

func budgetHref(f fund.Fund, year int) string {
	return fundHref(f) + "/budget?year=" + strconv.Itoa(year)
}

// budgetYear is the year of the address or the form; this year where it names none.
func budgetYear(r *edge.Request, typed string) int {
	if n := number(typed); n >= 2000 && n <= 2199 {
		return int(n)
	}
	return fund.Year(r.Now())
}

func (w *Web) budgetShow(r *edge.Request) (edge.Response, error) {
	p, err := w.fundBudgetPage(r, budgetYear(r, r.Query("year")), nil)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "fund/budget", p), nil
}

// fundBudgetPage reads a year; typed are rows that were refused, or nil.
func (w *Web) fundBudgetPage(r *edge.Request, year int, typed []fund.BudgetRow) (*fundBudgetPage, error) {
	ctx, who := r.Context(), r.Actor()
	f, err := w.fund(r)
	if err == nil {
		err = w.Funds.Require(who, f, "follow")
	}
	if err != nil {
		return nil, err
	}
	b, err := w.Funds.BudgetOf(ctx, f, year)
	if err != nil {
		return nil, err
	}
	can := func(action string) bool { return w.Funds.AllowedBudget(who, f, b, action) }
	p := &fundBudgetPage{Fund: f, Budget: b, MayEdit: can("edit"), MayDecide: can("approve")}
	p.Title = strconv.Itoa(year) + "年度预算"
	p.Breadcrumbs = []templates.Crumb{fundDesk, {Label: fundTitle(f), Href: fundHref(f)}, {Label: p.Title}}
	p.Status = templates.Status{Label: b.StateName(), Tone: map[fund.BudgetState]templates.Tone{fund.BudgetDraft: templates.Neutral, fund.BudgetReview: templates.Info, fund.BudgetApproved: templates.OK}[b.State]}
	for y := fund.Year(r.Now()) - 1; y <= fund.Year(r.Now())+1; y++ {
		p.Years = append(p.Years, templates.KV{Label: strconv.Itoa(y) + "年度", Href: budgetHref(f, y)})
	}
	if p.Uses, err = w.Funds.Uses(ctx, b); err != nil {
		return nil, err
	}
	p.Chart, p.Total = fundBudgetChart(b, p.Uses)
	if b.State == fund.BudgetDraft && b.Version > 0 {
		if p.Missing, err = w.Funds.MissingBudget(ctx, b); err != nil {
			return nil, err
		}
	}
	if typed == nil {
		typed = b.Form
	}
	for i := 0; i < max(len(typed)+2, 5) && i < fund.MostLines; i++ {
		row := budgetInputRow{No: i + 1}
		if i < len(typed) {
			row.BudgetRow = typed[i]
		}
		p.Rows = append(p.Rows, row)
	}
	p.Next = budgetNext(p)
	return p, nil
}

// budgetChart draws each line beside what was charged to it.
func fundBudgetChart(b fund.Budget, uses []fund.Use) (templates.Chart, fund.Use) {
	c := templates.Chart{ID: "budget-" + strconv.Itoa(b.Year), Kind: "hbar", Title: strconv.Itoa(b.Year) + "年度预算与执行", Unit: "元", Places: 2,
		Note:   "已支付取自完成的付款；待付是批准后还没有支付的。",
		Series: []templates.Series{{Name: "预算"}, {Name: "已支付"}, {Name: "待付"}}}
	total := fund.Use{Line: fund.Line{Name: "合计"}}
	for _, u := range uses {
		c.Labels = append(c.Labels, u.Name)
		for i, v := range []money.Fen{u.Amount, u.Paid, u.Waiting} {
			c.Series[i].Values = append(c.Series[i].Values, float64(v)/100)
		}
		total.Amount, total.Paid, total.Waiting = total.Amount+u.Amount, total.Paid+u.Paid, total.Waiting+u.Waiting
	}
	return c, total
}

// budgetNext says who must do what now.
func budgetNext(p *fundBudgetPage) templates.Action {
	b, at := p.Budget, fundHref(p.Fund)+"/budget"
	switch {
	case p.Fund.State != fund.Active:
		return templates.Action{}
	case b.State == fund.BudgetDraft && b.Version == 0 && !p.MayEdit:
		return templates.Action{Title: "还没有编制", Waiting: "预算由项目官员编制，由秘书长批准。没有预算时付款不列支科目。"}
	case b.State == fund.BudgetDraft && !p.MayEdit:
		return templates.Action{Title: "等待项目官员完成", Waiting: "批准之前，原来的预算继续有效。"}
	case b.State == fund.BudgetDraft && b.Version > 0 && len(p.Missing) == 0:
		return templates.Action{Title: "核对无误后提交", Text: "由另一位秘书长身份的人员批准后执行。", Label: "提交预算", Post: at + "/submit",
			Fields: []templates.Hidden{{Name: "year", Value: strconv.Itoa(b.Year)}}}
	case b.State == fund.BudgetReview && !p.MayDecide:
		return templates.Action{Title: "等待秘书长审批", Waiting: "编制的人不能批准自己的预算。"}
	}
	return templates.Action{}
}

func budgetRows(f *edge.Form) []fund.BudgetRow {
	out := []fund.BudgetRow{}
	for i := 1; i <= fund.MostLines && f.Has(fmt.Sprintf("lines.%d.name", i)); i++ {
		row := fund.BudgetRow{Name: f.Get(fmt.Sprintf("lines.%d.name", i)), Amount: f.Get(fmt.Sprintf("lines.%d.amount", i))}
		if row != (fund.BudgetRow{}) {
			out = append(out, row)
		}
	}
	return out
}

func (w *Web) budgetSave(r *edge.Request) (edge.Response, error) {
	return w.budgetStep(r, "预算已保存", func(f id.ID, year int, form *edge.Form) error {
		_, err := w.Funds.SaveBudget(r.Context(), r.Actor(), f, year, number(form.Get("version")), budgetRows(form))
		return err
	})
}

func (w *Web) budgetSubmit(r *edge.Request) (edge.Response, error) {
	return w.budgetStep(r, "预算已提交，等待审批", func(f id.ID, year int, _ *edge.Form) error {
		_, err := w.Funds.SubmitBudget(r.Context(), r.Actor(), f, year)
		return err
	})
}

func (w *Web) budgetDecide(r *edge.Request) (edge.Response, error) {
	return w.budgetStep(r, "决定已记录", func(f id.ID, year int, form *edge.Form) error {
		var err error
		if form.Get("decision") == "approve" {
			_, err = w.Funds.ApproveBudget(r.Context(), r.Actor(), f, year)
		} else {
			_, err = w.Funds.ReturnBudget(r.Context(), r.Actor(), f, year, form.Get("reason"))
		}
		return err
	})
}

// budgetStep does one thing to a year's budget and comes back to its page,
// with the complaints where there are some.
func (w *Web) budgetStep(r *edge.Request, done string, step func(f id.ID, year int, form *edge.Form) error) (edge.Response, error) {
	f, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	form, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	year := budgetYear(r, form.Get("year"))
	if err := step(f, year, form); err != nil {
		var typed []fund.BudgetRow
		if form.Has("lines.1.name") {
			typed = budgetRows(form)
		}
		p, perr := w.fundBudgetPage(r, year, typed)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason = form.Get("reason")
		return again("fund/budget", p, err)
	}
	return edge.Redirect("/foundation/funds/"+string(f)+"/budget?year="+strconv.Itoa(year)).Flash("ok", done), nil
}
