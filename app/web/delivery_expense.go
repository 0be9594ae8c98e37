package web

import (
	"fmt"
	"io"
	"strings"
	"time"

	"gongji/app/attachment"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/plan"
	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

func (w *Web) expenseRoutes() []edge.Route {
	return []edge.Route{
		get("/engagements/{id}/expenses", "account", edge.At(w.expenseList)),
		post("/engagements/{id}/expenses", "account", edge.At(w.expenseStart)),
		get("/engagements/{id}/expenses/template.xlsx", "account", edge.At(w.expenseTemplate)),
		get("/expenses/{id}", "account", edge.At(w.expenseShow)),
		get("/expenses/{id}/edit", "account", edge.At(w.expenseEdit)),
		post("/expenses/{id}/edit", "account", edge.At(w.expenseSave)),
		post("/expenses/{id}/check", "account", edge.At(w.expenseCheck)),
		{Method: "POST", Path: "/expenses/{id}/import", Gate: "account", Handle: edge.At(w.expenseImport), Limit: 6 << 20},
		{Method: "POST", Path: "/expenses/{id}/invoices", Gate: "account", Handle: edge.At(w.expenseFiles), Limit: attachment.Limit + 1<<20, Timeout: 15 * time.Minute},
		post("/expenses/{id}/submit", "account", edge.At(w.expenseSubmit)),
		post("/expenses/{id}/decide", "account", edge.At(w.expenseDecide)),
	}
}

func expenseHref(x id.ID) string { return "/expenses/" + string(x) }

func expenseStatus(r expense.Report) templates.Status {
	tone := map[expense.State]templates.Tone{expense.Draft: templates.Neutral, expense.Submitted: templates.Info, expense.Accepted: templates.OK}[r.State]
	return templates.Status{Label: r.StateName(), Tone: tone}
}

// expenseListPage is engagement/expenses.html: the weeks, and budget against
// actual.
type expenseListPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Rows       []expenseReportRow
	Lines      []expense.LineSum
	Chart      templates.Chart
	MaySpend   bool
	Week       string
}

type expenseReportRow struct {
	expense.Report
	Name   string
	Status templates.Status
}

func (w *Web) expenseListPage(r *edge.Request, at id.ID) (*expenseListPage, error) {
	e, err := w.Engagements.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	p := &expenseListPage{Engagement: e, MaySpend: w.Engagements.Allowed(r.Actor(), e, "spend")}
	p.Title, p.Breadcrumbs = "周报账", deliveryCrumbs(r, e, "周报账")
	p.Week = w.Engagements.Now().In(clock.Beijing).Format(time.DateOnly)
	if p.Lines, err = w.Expenses.Lines(r.Context(), r.Actor(), at); err != nil {
		return nil, err
	}
	p.Chart = budgetChart(p.Lines)
	list, err := w.Expenses.List(r.Context(), r.Actor(), at)
	for _, x := range list {
		p.Rows = append(p.Rows, expenseReportRow{x, x.Title(), expenseStatus(x)})
	}
	return p, err
}

// budgetChart is budget against actual; the table beside it has every figure.
func budgetChart(lines []expense.LineSum) templates.Chart {
	c := templates.Chart{ID: "budget", Kind: "hbar", Title: "预算和支出", Unit: "元", Places: 2, Note: "按周报账统计",
		Series: []templates.Series{{Name: "预算"}, {Name: "已核对支出"}, {Name: "待核对支出"}}}
	for _, l := range lines {
		c.Labels = append(c.Labels, l.Name)
		for i, v := range []int64{int64(l.Budget), int64(l.Accepted), int64(l.Waiting)} {
			c.Series[i].Values = append(c.Series[i].Values, float64(v)/100)
		}
	}
	return c
}

func (w *Web) expenseList(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.expenseListPage(r, at)
	if fault.Is(err, fault.Conflict) {
		return edge.Redirect(planHref(at)).Flash("info", "先确认实施方案，才能报账"), nil
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/expenses", p), nil
}

func (w *Web) expenseStart(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	var x expense.Report
	day, err := plan.Day(f.Get("week"))
	if err != nil {
		var c fault.Check
		c.Fail("week", "请选择这一周的任意一天")
		err = c.Err()
	} else {
		x, err = w.Expenses.Start(r.Context(), r.Actor(), at, day)
	}
	if err != nil {
		p, perr := w.expenseListPage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Week = f.Get("week")
		return again("engagement/expenses", p, err)
	}
	if x.State != expense.Draft {
		return edge.Redirect(expenseHref(x.ID)), nil
	}
	return edge.Redirect(expenseHref(x.ID) + "/edit"), nil
}

func (w *Web) expenseTemplate(r *edge.Request, at id.ID) (edge.Response, error) {
	lines, err := w.Expenses.Lines(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	var names []string
	for _, l := range lines {
		names = append(names, l.Name)
	}
	b, err := expense.Template(names)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.File("周报账清单.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b, false), nil
}

// expenseRow is one invoice of the form, with its files.
type expenseRow struct {
	expense.Row
	No    int
	In    string // "rows.2."
	Blank bool
	Files []templates.File
}

// expensePage is engagement/expense.html and engagement/expense_edit.html.
type expensePage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Report     expense.Report
	Name       string
	Status     templates.Status
	Rows       []expenseRow
	Checked    expense.Checked
	Options    []templates.Option
	Note       string
	Told       []string // of an import
	Bad        []string
	Reason     string
	MaySpend   bool
	MayCheck   bool
}

func (w *Web) expensePage(r *edge.Request, at id.ID, typed *expense.Form) (*expensePage, error) {
	ctx, who := r.Context(), r.Actor()
	x, err := w.Expenses.Get(ctx, who, at)
	if err != nil {
		return nil, err
	}
	if typed != nil {
		x.Form = *typed
	}
	p := &expensePage{Report: x, Name: x.Title(), Status: expenseStatus(x), Note: x.Form.Note}
	if p.Engagement, err = w.Engagements.Get(ctx, who, x.Engagement); err != nil {
		return nil, err
	}
	p.Title = "周报账 " + p.Name
	p.Breadcrumbs = append(deliveryCrumbs(r, p.Engagement, "周报账"), templates.Crumb{Label: p.Name})
	p.Breadcrumbs[len(p.Breadcrumbs)-2].Href = engagementHref(x.Engagement) + "/expenses"
	p.MaySpend = x.State == expense.Draft && w.Engagements.Allowed(who, p.Engagement, "spend")
	p.MayCheck = x.State == expense.Submitted && w.Engagements.Allowed(who, p.Engagement, "check")
	if p.Checked, err = w.Expenses.Check(ctx, x); err != nil {
		return nil, err
	}
	for _, l := range p.Checked.Lines {
		p.Options = append(p.Options, templates.Option{Value: l.Name, Label: l.Name + "（余 " + l.Left().Yuan() + " 元）"})
	}
	files, err := w.Attachments.For(ctx, who, expense.ObjectKind, x.ID)
	if err != nil {
		return nil, err
	}
	for i, row := range x.Form.Rows {
		y := expenseRow{Row: row, No: i + 1, In: fmt.Sprintf("rows.%d.", i+1)}
		for _, f := range files {
			if f.Slot == row.Key {
				y.Files = append(y.Files, templates.File{ID: string(f.ID), Name: f.Name, Href: "/attachments/" + string(f.ID), Size: f.Size})
			}
		}
		p.Rows = append(p.Rows, y)
	}
	return p, nil
}

// widen adds empty rows at the end of the form.
func (p *expensePage) widen() *expensePage {
	n := len(p.Rows)
	for i := range blanks {
		p.Rows = append(p.Rows, expenseRow{No: n + i + 1, In: fmt.Sprintf("rows.%d.", n+i+1), Blank: true})
	}
	return p
}

func expenseForm(f *edge.Form) expense.Form {
	out := expense.Form{Note: f.Get("note")}
	for i := 1; f.Has(fmt.Sprintf("rows.%d.amount", i)) && i <= 200; i++ {
		at := func(s string) string { return f.Get(fmt.Sprintf("rows.%d.%s", i, s)) }
		row := expense.Row{Key: at("key"), Line: at("line"), Date: at("date"), Purpose: at("purpose"), Payee: at("payee"), Invoice: at("invoice"), Amount: at("amount")}
		if !row.Blank() {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

func (w *Web) expenseShow(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.expensePage(r, at, nil)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/expense", p), nil
}

func (w *Web) expenseEdit(r *edge.Request, at id.ID) (edge.Response, error) {
	if err := w.Expenses.May(r.Context(), r.Actor(), at, "attach"); err != nil {
		return edge.Response{}, err
	}
	p, err := w.expensePage(r, at, nil)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/expense_edit", p.widen()), nil
}

func (w *Web) expenseSave(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	form := expenseForm(f)
	if _, _, err = w.Expenses.Save(r.Context(), r.Actor(), at, number(f.Get("version")), form); err != nil {
		p, perr := w.expensePage(r, at, &form)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("engagement/expense_edit", p.widen(), err)
	}
	if f.Get("next") == "stay" {
		return edge.Redirect(expenseHref(at)+"/edit").Flash("ok", "草稿已保存"), nil
	}
	return edge.Redirect(expenseHref(at)), nil
}

// expenseCheck says what a report comes to while it is typed, and keeps it.
func (w *Web) expenseCheck(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	form := expenseForm(f)
	if _, _, err := w.Expenses.Save(r.Context(), r.Actor(), at, 0, form); err != nil {
		return edge.Response{}, err
	}
	p, err := w.expensePage(r, at, nil)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/expense_edit", p.widen()), nil
}

func (w *Web) expenseImport(r *edge.Request, at id.ID) (edge.Response, error) {
	if err := w.Expenses.May(r.Context(), r.Actor(), at, "attach"); err != nil {
		return edge.Response{}, err
	}
	var list expense.Imported
	none := true
	err := r.Upload(func(part edge.Part) error {
		if part.FileName == "" {
			return nil
		}
		none = false
		b, err := io.ReadAll(part.Reader)
		if err == nil {
			list, err = expense.Sheet(part.FileName, b)
		}
		return err
	})
	if err == nil && none {
		var c fault.Check
		c.Fail("list", "请选择支出清单")
		err = c.Err()
	}
	if err == nil {
		_, err = w.Expenses.Append(r.Context(), r.Actor(), at, list.Rows)
	}
	p, perr := w.expensePage(r, at, nil)
	if perr != nil {
		return edge.Response{}, perr
	}
	if err != nil {
		return again("engagement/expense_edit", p.widen(), err)
	}
	p.Told = append([]string{fmt.Sprintf("从清单读入 %d 行，请核对后保存", len(list.Rows))}, list.Told...)
	p.Bad = list.Bad
	return edge.HTML(200, "engagement/expense_edit", p.widen()), nil
}

// expenseFiles takes the files of invoices: for the row that is named, else
// each for the row whose number stands in its name.
func (w *Web) expenseFiles(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := w.Expenses.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	slot, taken := "", 0
	var lost []string
	err = r.Upload(func(part edge.Part) error {
		if part.FileName == "" {
			if part.Field == "slot" {
				slot, err = part.Text()
			}
			return err
		}
		to := slot
		if to == "" {
			to = x.Form.RowOf(part.FileName)
		}
		if to == "" {
			lost = append(lost, part.FileName)
			return nil
		}
		_, err := w.Attachments.Add(r.Context(), r.Actor(), expense.ObjectKind, at, to, part.FileName, part.Reader)
		taken++
		return err
	})
	back := edge.Redirect(expenseHref(at) + "#invoices")
	switch {
	case fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge):
		fields, _ := fault.Complaints(err)
		say := err.Error()
		if len(fields) > 0 {
			say = fields[0].Message
		}
		return back.Flash("danger", "文件没有上传："+say), nil
	case err != nil:
		return edge.Response{}, err
	case len(lost) > 0:
		return back.Flash("warn", "这些文件名里没有本周的发票号码，请在对应的行单独上传："+strings.Join(lost, "、")), nil
	case taken == 0:
		return back.Flash("danger", "没有收到文件，请重新选择"), nil
	}
	return back.Flash("ok", fmt.Sprintf("已上传 %d 个文件", taken)), nil
}

func (w *Web) expenseStep(r *edge.Request, at id.ID, reason, done string, err error) (edge.Response, error) {
	if err != nil {
		p, perr := w.expensePage(r, at, nil)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason = reason
		return again("engagement/expense", p, err)
	}
	return edge.Redirect(expenseHref(at)).Flash("ok", done), nil
}

func (w *Web) expenseSubmit(r *edge.Request, at id.ID) (edge.Response, error) {
	_, err := w.Expenses.Submit(r.Context(), r.Actor(), at)
	return w.expenseStep(r, at, "", "已提交，等待付款方核对", err)
}

func (w *Web) expenseDecide(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if f.Get("decision") == "accept" {
		_, err = w.Expenses.Accept(r.Context(), r.Actor(), at)
	} else {
		_, err = w.Expenses.Return(r.Context(), r.Actor(), at, f.Get("reason"))
	}
	return w.expenseStep(r, at, f.Get("reason"), "意见已记录", err)
}
