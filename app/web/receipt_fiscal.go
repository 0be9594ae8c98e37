package web

import (
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
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
	}
}

// fiscalPage is receipt/fiscal.html.
type fiscalPage struct {
	templates.Chrome
	Items     []receipt.FiscalImport
	MayImport bool
}

func (w *Web) fiscalPage(r *edge.Request) (p *fiscalPage, err error) {
	p = &fiscalPage{MayImport: w.Receipts.MayImport(r.Actor())}
	p.Title, p.Breadcrumbs = "导入财政电子票据", []templates.Crumb{donationDesk, registerCrumb, {Label: "财政电子票据"}}
	p.Items, err = w.Receipts.FiscalImports(r.Context(), r.Actor())
	return p, err
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
		x, err := w.Receipts.ImportFiscal(r.Context(), r.Actor(), part.FileName, part.Reader)
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

// fiscalReportPage is receipt/fiscal-report.html.
type fiscalReportPage struct {
	templates.Chrome
	Import receipt.FiscalImport
}

func (w *Web) fiscalReport(r *edge.Request) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p := &fiscalReportPage{}
	if p.Import, err = w.Receipts.FiscalImport(r.Context(), r.Actor(), of); err != nil {
		return edge.Response{}, err
	}
	p.Title, p.Breadcrumbs = p.Import.Name, []templates.Crumb{registerCrumb, {Label: "财政电子票据", Href: "/foundation/receipts/fiscal"}, {Label: p.Import.Name}}
	return edge.HTML(200, "receipt/fiscal-report", p), nil
}
