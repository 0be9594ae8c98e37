package api

import (
	"io"
	"net/http"

	"gongji/app/attachment"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/plan"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

func (a *API) expenseRoutes() []edge.Route {
	const tag = "周报账"
	return []edge.Route{
		get("/engagements/{id}/expenses", "account", edge.At(a.expenseList), edge.Doc{Summary: "一个项目的周报账和各科目预算执行，双方可见", Tag: tag, Out: expenseBook{}}),
		post("/engagements/{id}/expenses", "supplier", sent(a.expenseStart), edge.Doc{Summary: "开始一周的报账；已有的原样返回", Tag: tag, In: weekInput{}, Out: expenseView{}, Status: 201}),
		get("/expenses/{id}", "account", edge.At(a.expenseShow), edge.Doc{Summary: "一份周报账，附检查结果", Tag: tag, Out: expenseView{}}),
		put("/expenses/{id}", "supplier", sent(a.expenseSave), edge.Doc{Summary: "保存草稿，整份替换；回答里有检查结果", Tag: tag, In: expenseChange{}, Out: expenseView{}}),
		a.upload("/expenses/{id}/invoices/{row}", "supplier", a.expenseFile, edge.Doc{Summary: "上传一行的发票文件；row 为行的 key", Tag: tag}),
		a.list(),
		post("/expenses/{id}/submit", "supplier", act(a.Expenses.Submit, a.expenseAnswer), edge.Doc{Summary: "提交付款方核对", Tag: tag, Out: expenseView{}}),
		post("/expenses/{id}/accept", "account", act(a.Expenses.Accept, a.expenseAnswer), edge.Doc{Summary: "付款方核对无误", Tag: tag, Out: expenseView{}}),
		post("/expenses/{id}/return", "account", because(a.Expenses.Return, a.expenseAnswer), edge.Doc{Summary: "付款方退回修改", Tag: tag, In: reason{}, Out: expenseView{}}),
	}
}

type weekInput struct {
	Day string `json:"day" description:"这一周的任意一天，例如 2026-06-05"`
}

type expenseChange struct {
	expense.Form
	Version int64 `json:"version,omitempty" description:"读到的版本；0 或不填则不检查"`
}

type expenseBook struct {
	Reports []expense.Report  `json:"reports"`
	Lines   []expense.LineSum `json:"lines"`
}

type expenseView struct {
	expense.Report
	Items   []expense.Item          `json:"items"`
	Files   []attachment.Attachment `json:"attachments"`
	Checked *expense.Checked        `json:"checked,omitempty" description:"草稿的检查结果"`
}

func (a *API) expenseAnswer(r *edge.Request, status int, x expense.Report, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := expenseView{Report: x}
	if v.Items, err = a.Expenses.Items(r.Context(), r.Actor(), x.ID); err != nil {
		return edge.Response{}, err
	}
	if x.State == expense.Draft {
		c, err := a.Expenses.Check(r.Context(), x)
		if err != nil {
			return edge.Response{}, err
		}
		v.Checked = &c
	}
	v.Files, err = a.Attachments.For(r.Context(), r.Actor(), expense.ObjectKind, x.ID)
	return answer(status, v, err)
}

func (a *API) expenseList(r *edge.Request, at id.ID) (edge.Response, error) {
	var out expenseBook
	var err error
	if out.Lines, err = a.Expenses.Lines(r.Context(), r.Actor(), at); err != nil {
		return edge.Response{}, err
	}
	out.Reports, err = a.Expenses.List(r.Context(), r.Actor(), at)
	return answer(200, out, err)
}

func (a *API) expenseStart(r *edge.Request, at id.ID, in weekInput) (edge.Response, error) {
	day, err := plan.Day(in.Day)
	if err != nil {
		return edge.Response{}, err
	}
	x, err := a.Expenses.Start(r.Context(), r.Actor(), at, day)
	return a.expenseAnswer(r, 201, x, err)
}

func (a *API) expenseShow(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Expenses.Get(r.Context(), r.Actor(), at)
	return a.expenseAnswer(r, 200, x, err)
}

func (a *API) expenseSave(r *edge.Request, at id.ID, in expenseChange) (edge.Response, error) {
	x, _, err := a.Expenses.Save(r.Context(), r.Actor(), at, in.Version, in.Form)
	return a.expenseAnswer(r, 200, x, err)
}

func (a *API) expenseFile(r *edge.Request, at id.ID) (edge.Response, error) {
	return a.attach(expense.ObjectKind, r.Param("row"))(r, at)
}

// expenseImported is what a list came to, with the report that has it.
type expenseImported struct {
	expense.Imported
	Report expenseView `json:"report"`
}

func (a *API) list() edge.Route {
	r := a.upload("/expenses/{id}/import", "supplier", a.expenseImport, edge.Doc{Summary: "从 XLSX 支出清单导入，行加在已填的后面；公式取计算结果", Tag: "周报账"})
	r.Doc.Out, r.Limit = expenseImported{}, 6<<20
	return r
}

func (a *API) expenseImport(r *edge.Request, at id.ID) (edge.Response, error) {
	if err := a.Expenses.May(r.Context(), r.Actor(), at, "attach"); err != nil {
		return edge.Response{}, err
	}
	var out expenseImported
	none := true
	err := r.Upload(func(p edge.Part) error {
		if p.FileName == "" {
			return nil
		}
		none = false
		b, err := io.ReadAll(p.Reader)
		if err == nil {
			out.Imported, err = expense.Sheet(p.FileName, b)
		}
		return err
	})
	if err == nil && none {
		err = fault.New(fault.Invalid, "没有收到文件，请把文件放在 multipart 的 file 部分")
	}
	if err != nil {
		return edge.Response{}, err
	}
	out.Report.Report, err = a.Expenses.Append(r.Context(), r.Actor(), at, out.Rows)
	if err != nil {
		return edge.Response{}, err
	}
	checked, err := a.Expenses.Check(r.Context(), out.Report.Report)
	out.Report.Checked = &checked
	return answer(http.StatusCreated, out, err)
}
