package api

import (
	"strconv"
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

func (a *API) fiscalRoutes() []edge.Route {
	const tag = "捐赠"
	upload := post("/foundation/receipts/fiscal", "foundation", a.fiscalImport, edge.Doc{Summary: "导入财政电子票据文件（CSV 或 XLSX，最多 10 万行），后台把票据代码、号码、校验码关联到收据；进度和结果见返回的导入", Tag: tag, Upload: true, Out: receipt.FiscalImport{}, Status: 201})
	upload.Limit, upload.Timeout = receipt.FiscalBytes+1<<20, 5*time.Minute
	return []edge.Route{
		upload,
		get("/foundation/receipts/fiscal", "foundation", a.fiscalList, edge.Doc{Summary: "财政电子票据的导入记录，新的在前", Tag: tag, Query: afterQuery{}, Out: Page[receipt.FiscalImport]{}}),
		get("/foundation/receipts/fiscal/{id}", "foundation", edge.At(a.fiscalShow), edge.Doc{Summary: "一次导入：进度，新关联、已关联过、没有关联的行数", Tag: tag, Out: receipt.FiscalImport{}}),
		get("/foundation/receipts/fiscal/{id}/rows", "foundation", edge.At(a.fiscalRows), edge.Doc{Summary: "没有关联的行和原因，按行号；每页 500 行", Tag: tag, Query: lineQuery{}, Out: Page[receipt.FiscalBad]{}}),
	}
}

func (a *API) fiscalImport(r *edge.Request) (edge.Response, error) {
	var done *receipt.FiscalImport
	err := r.Upload(func(p edge.Part) error {
		if p.FileName == "" || done != nil {
			return nil
		}
		x, err := a.FiscalPapers.Upload(r.Context(), r.Actor(), p.FileName, p.Reader)
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
	list, _, err := a.FiscalPapers.Imports(r.Context(), r.Actor(), id.ID(r.Query("after")), perPage)
	out := Page[receipt.FiscalImport]{Items: list}
	if len(list) == perPage {
		out.Next = string(list[perPage-1].ID)
	}
	return answer(200, out, err)
}

func (a *API) fiscalShow(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.FiscalPapers.Import(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}

// lineQuery pages through the rows of a file.
type lineQuery struct {
	After int `query:"after" description:"这个行号以后的"`
}

const badRows = 500

func (a *API) fiscalRows(r *edge.Request, at id.ID) (edge.Response, error) {
	after, _ := strconv.Atoi(r.Query("after")) // what is no number begins at the first
	list, err := a.FiscalPapers.BadRows(r.Context(), r.Actor(), at, after, badRows)
	out := Page[receipt.FiscalBad]{Items: list}
	if len(list) == badRows {
		out.Next = strconv.Itoa(list[badRows-1].Line)
	}
	return answer(200, out, err)
}
