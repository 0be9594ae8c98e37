package web

import (
	"strconv"
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

var registerCrumb = templates.Crumb{Label: "收据号码登记簿", Href: "/foundation/receipts"}

func (w *Web) fiscalRoutes() []edge.Route {
	upload := post("/foundation/receipts/fiscal", "foundation", w.fiscalImport)
	upload.Limit, upload.Timeout = receipt.FiscalBytes+1<<20, 5*time.Minute
	return []edge.Route{
		get("/foundation/receipts/fiscal", "foundation", w.fiscal),
		upload,
		get("/foundation/receipts/fiscal/{id}", "foundation", w.fiscalReport),
		get("/foundation/receipts/fiscal/{id}/rows.csv", "foundation", w.fiscalBadRows),
	}
}

// fiscalPage is receipt/fiscal.html.
type fiscalPage struct {
	templates.Chrome
	Items     []receipt.FiscalImport
	Pager     templates.Pager
	MayImport bool
	Most      int // rows of a file
}

func (w *Web) fiscalPage(r *edge.Request) (*fiscalPage, error) {
	const limit = 20
	p := &fiscalPage{MayImport: w.FiscalPapers.MayImport(r.Actor()), Most: receipt.FiscalRows}
	p.Title, p.Breadcrumbs = "导入财政电子票据", []templates.Crumb{donationDesk, registerCrumb, {Label: "财政电子票据"}}
	list, total, err := w.FiscalPapers.Imports(r.Context(), r.Actor(), id.ID(r.Query("after")), limit+1)
	if err != nil {
		return nil, err
	}
	next := id.ID("")
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].ID
	}
	p.Items, p.Pager = list, templates.Pager{Total: total, Unit: "份"}
	turn(r, &p.Pager, next)
	return p, nil
}

func (w *Web) fiscal(r *edge.Request) (edge.Response, error) {
	p, err := w.fiscalPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "receipt/fiscal", p), nil
}

func (w *Web) fiscalImport(r *edge.Request) (edge.Response, error) {
	var done *receipt.FiscalImport
	err := r.Upload(func(part edge.Part) error {
		if part.Field != "file" || part.FileName == "" || done != nil {
			return nil
		}
		x, err := w.FiscalPapers.Upload(r.Context(), r.Actor(), part.FileName, part.Reader)
		done = &x
		return err
	})
	if err == nil && done == nil {
		var c fault.Check
		c.Fail("file", "请选择从财政电子票据系统导出的文件")
		err = c.Err()
	}
	if err != nil {
		p, perr := w.fiscalPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("receipt/fiscal", p, err)
	}
	return edge.Redirect("/foundation/receipts/fiscal/" + string(done.ID)), nil
}

// fiscalReportPage is receipt/fiscal-report.html: progress, then the report.
type fiscalReportPage struct {
	templates.Chrome
	Import receipt.FiscalImport
	Bad    []receipt.FiscalBad
	More   int // bad rows beyond those shown
}

func (w *Web) fiscalReport(r *edge.Request) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p := &fiscalReportPage{}
	if p.Import, err = w.FiscalPapers.Import(r.Context(), r.Actor(), of); err != nil {
		return edge.Response{}, err
	}
	if p.Bad, err = w.FiscalPapers.BadRows(r.Context(), r.Actor(), of, 0, badShown); err != nil {
		return edge.Response{}, err
	}
	p.More = p.Import.Refused - len(p.Bad)
	p.Title, p.Breadcrumbs = p.Import.Name, []templates.Crumb{registerCrumb, {Label: "财政电子票据", Href: "/foundation/receipts/fiscal"}, {Label: p.Import.Name}}
	return edge.HTML(200, "receipt/fiscal-report", p), nil
}

func (w *Web) fiscalBadRows(r *edge.Request) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	line := 0
	return exportOf("没有关联的行.csv", receipt.FiscalRows, []string{"行号", "内容", "原因"}, func(id.ID) ([][]string, id.ID, error) {
		list, err := w.FiscalPapers.BadRows(r.Context(), r.Actor(), of, line, exportStride)
		var rows [][]string
		for _, b := range list {
			rows = append(rows, []string{strconv.Itoa(b.Line), b.Said, b.Why})
			line = b.Line
		}
		if len(list) < exportStride {
			return rows, "", err
		}
		return rows, of, err
	})
}
