package web

import (
	"bytes"
	"encoding/csv"
	"fmt"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/reconciliation"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
)

func (w *Web) monthRoutes() []edge.Route {
	return []edge.Route{
		get("/engagements/{id}/months", "account", edge.At(w.monthList)),
		post("/engagements/{id}/months", "account", edge.At(w.monthStart)),
		get("/months/{id}", "account", edge.At(w.monthShow)),
		post("/months/{id}/books", "account", edge.At(w.monthBooks)),
		post("/months/{id}/explain", "account", edge.At(w.monthExplain)),
		post("/months/{id}/close", "account", edge.At(w.monthClose)),
		get("/months/{id}/export.csv", "account", edge.At(w.monthCSV)),
		get("/months/{id}/export.xlsx", "account", edge.At(w.monthXLSX)),
	}
}

func monthsHref(e id.ID) string { return engagementHref(e) + "/months" }
func monthHref(m id.ID) string  { return "/months/" + string(m) }

func reconciled(m reconciliation.Month) templates.Status {
	tone := templates.Info
	if m.State == reconciliation.Closed {
		tone = templates.OK
	} else if m.Content.Unexplained() > 0 {
		tone = templates.Warn
	}
	return templates.Status{Label: m.StateName(), Tone: tone}
}

type reconciledRow struct {
	reconciliation.Month
	Status templates.Status
}

// monthListPage is engagement/months.html.
type monthListPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Rows       []reconciledRow
	Next       string // the month that can be begun; "" for none
	MayStart   bool
	Busy       bool // one is open
	Chart      templates.Chart
}

func (w *Web) monthListPage(r *edge.Request, at id.ID) (*monthListPage, error) {
	e, err := w.Engagements.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	book, err := w.Months.Book(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	p := &monthListPage{Engagement: e, MayStart: w.Engagements.Allowed(r.Actor(), e, "reconcile") && r.Actor().Org == e.Payer}
	p.Title, p.Breadcrumbs = "月对账", deliveryCrumbs(r, e, "月对账")
	if book.Next != nil {
		p.Next = reconciliation.Month{Month: *book.Next}.Name()
	}
	p.Chart = templates.Chart{ID: "months", Kind: "bar", Title: "每月核对支出和付款", Unit: "元", Places: 2, Note: "按发票日期和付款日期统计",
		Series: []templates.Series{{Name: "核对支出"}, {Name: "付款"}}}
	for i := len(book.Months) - 1; i >= 0; i-- {
		m := book.Months[i]
		p.Busy = p.Busy || m.State == reconciliation.Open
		p.Chart.Labels = append(p.Chart.Labels, m.Name())
		p.Chart.Series[0].Values = append(p.Chart.Series[0].Values, float64(m.Content.Accepted)/100)
		p.Chart.Series[1].Values = append(p.Chart.Series[1].Values, float64(m.Content.Paid)/100)
	}
	for _, m := range book.Months {
		p.Rows = append(p.Rows, reconciledRow{m, reconciled(m)})
	}
	return p, nil
}

func (w *Web) monthList(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.monthListPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/months", p), nil
}

func (w *Web) monthStart(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := w.Months.Start(r.Context(), r.Actor(), at)
	if err != nil {
		p, perr := w.monthListPage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("engagement/months", p, err)
	}
	return edge.Redirect(monthHref(x.ID)).Flash("ok", "已汇总"+x.Name()+"的账，请逐项说明差异"), nil
}

// differenceRow is a difference with whether the viewer may explain it.
type differenceRow struct {
	reconciliation.Difference
	No  int
	May bool
}

// monthPage is engagement/month.html.
type monthPage struct {
	templates.Chrome
	Case      reconciliation.Case
	Status    templates.Status
	Next      *templates.Action
	Rows      []differenceRow
	Chart     templates.Chart
	MayBook   bool
	MayClose  bool
	Booked    string
	Key       string // of what was typed
	Words     string
	LedgerIs  string
	LedgerSum *money.Fen
}

func (w *Web) monthPage(r *edge.Request, at id.ID) (*monthPage, error) {
	x, err := w.Months.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	who := r.Actor()
	can := func(a string) bool { return x.State == reconciliation.Open && w.Engagements.Allowed(who, x.Of, a) }
	p := &monthPage{Case: x, Status: reconciled(x.Month), LedgerIs: "本单位账面付款", LedgerSum: x.Booked, MayClose: can("close_month") && x.OpenedBy != who.Account && (x.BookedBy == nil || *x.BookedBy != who.Account),
		MayBook: can("reconcile") && who.Org == x.Of.Payer && x.OwnBooks()}
	if !x.OwnBooks() {
		p.LedgerIs, p.LedgerSum = "基金账本付款", &x.Content.Ledger
	}
	p.Title = x.Name() + "对账"
	p.Breadcrumbs = append(deliveryCrumbs(r, x.Of, "月对账"), templates.Crumb{Label: x.Name()})
	p.Breadcrumbs[len(p.Breadcrumbs)-2].Href = monthsHref(x.Of.ID)
	if x.Booked != nil {
		p.Booked = x.Booked.Plain()
	}
	for i, d := range x.Content.Differences {
		p.Rows = append(p.Rows, differenceRow{d, i + 1, can("reconcile") && (d.Side == reconciliation.Provider) == (who.Org == x.Of.Provider)})
	}
	p.Chart = monthChart(x.Content.Lines, x.Name())
	p.Next = w.monthNext(r, p)
	return p, nil
}

// monthChart is budget against actual up to the end of a month.
func monthChart(lines []reconciliation.LineMonth, name string) templates.Chart {
	c := templates.Chart{ID: "budget", Kind: "hbar", Title: "预算和支出", Unit: "元", Places: 2, Note: "截至" + name + "末，已核对的支出",
		Series: []templates.Series{{Name: "预算"}, {Name: "以前月份"}, {Name: name}, {Name: "余额"}}}
	for _, l := range lines {
		c.Labels = append(c.Labels, l.Name)
		for i, v := range []money.Fen{l.Budget, l.Before, l.Month, l.Left()} {
			c.Series[i].Values = append(c.Series[i].Values, float64(v)/100)
		}
	}
	return c
}

func (w *Web) monthNext(r *edge.Request, p *monthPage) *templates.Action {
	n := p.Case.Content.Unexplained()
	switch {
	case p.Case.State == reconciliation.Closed:
		return nil
	case n > 0:
		a := &templates.Action{Title: fmt.Sprintf("还有 %d 项差异待说明", n), Waiting: "付款方和承接方各自说明自己的差异；补上以后差异自动消失。"}
		for _, d := range p.Rows {
			if d.May && d.Words == "" {
				return &templates.Action{Title: a.Title, Text: a.Waiting, Label: "说明差异", Href: "#differences"}
			}
		}
		return a
	case p.MayClose:
		return &templates.Action{Title: "结账", Text: "差异都已说明。结账以后这个月不能再改，以后的变化列入下一个月。", Label: p.Case.Name() + "结账", Post: monthHref(p.Case.ID) + "/close", CSRF: r.CSRF()}
	}
	return &templates.Action{Title: "等待结账", Waiting: "由付款方“" + p.Case.Of.PayerName + "”的另一位人员结账，对账的人不能自己结账。"}
}

func (w *Web) monthShow(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.monthPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/month", p), nil
}

func (w *Web) monthStep(r *edge.Request, at id.ID, done string, fix func(*monthPage), err error) (edge.Response, error) {
	if err != nil {
		p, perr := w.monthPage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		fix(p)
		return again("engagement/month", p, err)
	}
	return edge.Redirect(monthHref(at)).Flash("ok", done), nil
}

func (w *Web) monthBooks(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	var c fault.Check
	sum, err := money.Parse(f.Get("booked"))
	c.Adopt("booked", err)
	if err = c.Err(); err == nil {
		_, err = w.Months.Enter(r.Context(), r.Actor(), at, sum)
	}
	return w.monthStep(r, at, "账面付款额已保存", func(p *monthPage) { p.Booked = f.Get("booked") }, err)
}

func (w *Web) monthExplain(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	_, err = w.Months.Explain(r.Context(), r.Actor(), at, f.Get("key"), f.Get("words"))
	return w.monthStep(r, at, "说明已保存", func(p *monthPage) { p.Key, p.Words = f.Get("key"), f.Get("words") }, err)
}

func (w *Web) monthClose(r *edge.Request, at id.ID) (edge.Response, error) {
	_, err := w.Months.Close(r.Context(), r.Actor(), at)
	return w.monthStep(r, at, "已结账", func(*monthPage) {}, err)
}

func (w *Web) monthCSV(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := w.Months.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	var buf bytes.Buffer
	buf.WriteString("\ufeff") // spreadsheets then read it as UTF-8
	out := csv.NewWriter(&buf)
	for _, row := range x.Table() {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = fmt.Sprint(v)
			if fen, ok := v.(money.Fen); ok {
				cells[i] = fen.Plain()
			} else {
				harmless(cells[i : i+1])
			}
		}
		_ = out.Write(cells)
	}
	out.Flush()
	return edge.File(x.Name()+"对账.csv", "text/csv; charset=utf-8", buf.Bytes(), false), out.Error()
}

func (w *Web) monthXLSX(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := w.Months.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	b, err := expense.Workbook(x.Name(), x.Table())
	if err != nil {
		return edge.Response{}, err
	}
	return edge.File(x.Name()+"对账.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b, false), nil
}
