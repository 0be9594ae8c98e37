package api

import (
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

func (a *API) fiscalRoutes() []edge.Route {
	const tag = "捐赠"
	upload := post("/foundation/receipts/fiscal", "foundation", a.fiscalImport, edge.Doc{Summary: "导入财政电子票据文件（CSV 或 XLSX），把票据代码、号码、校验码关联到收据", Tag: tag, Upload: true, Out: receipt.FiscalImport{}, Status: 201})
	upload.Limit, upload.Timeout = receipt.FiscalBytes+1<<20, 5*time.Minute
	return []edge.Route{
		upload,
		get("/foundation/receipts/fiscal", "foundation", a.fiscalList, edge.Doc{Summary: "财政电子票据的导入记录", Tag: tag, Out: Page[receipt.FiscalImport]{}}),
		get("/foundation/receipts/fiscal/{id}", "foundation", edge.At(a.fiscalShow), edge.Doc{Summary: "一次导入：新关联、已关联过、没有关联的行和原因", Tag: tag, Out: receipt.FiscalImport{}}),
	}
}

func (a *API) fiscalImport(r *edge.Request) (edge.Response, error) {
	var done *receipt.FiscalImport
	err := r.Upload(func(p edge.Part) error {
		if p.FileName == "" || done != nil {
			return nil
		}
		x, err := a.Receipts.ImportFiscal(r.Context(), r.Actor(), p.FileName, p.Reader)
		done = &x
		return err
	})
	if err == nil && done == nil {
		var c fault.Check
		c.Fail("file", "请上传一个 CSV 或 XLSX 文件，并带文件名")
		err = c.Err()
	}
	return answer(201, done, err)
}

func (a *API) fiscalList(r *edge.Request) (edge.Response, error) {
	list, err := a.Receipts.FiscalImports(r.Context(), r.Actor())
	return answer(200, Page[receipt.FiscalImport]{Items: list}, err)
}

func (a *API) fiscalShow(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Receipts.FiscalImport(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}
