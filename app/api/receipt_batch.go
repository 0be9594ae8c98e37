package api

import (
	"strconv"
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/id"
)

func (a *API) batchRoutes() []edge.Route {
	const tag, home = "捐赠", "/foundation/receipts/batches"
	freeze := post(home, "foundation", a.batchFreeze, edge.Doc{Summary: "准备一批收据：核对谁能开、谁搁置和为什么；不分配号码。同一范围已有在办的，给出那一批", Tag: tag, In: receipt.Scope{}, Out: receipt.Batch{}, Status: 201})
	freeze.Timeout = time.Minute
	check := post(home+"/{id}/recheck", "foundation", edge.At(a.batchRecheck), edge.Doc{Summary: "重新核对搁置的；能开的等待再次复核", Tag: tag, Out: receipt.Batch{}})
	check.Timeout = time.Minute
	return []edge.Route{
		get(home, "foundation", a.batchList, edge.Doc{Summary: "批量开具的各批，新的在前；只有收据经办人可见", Tag: tag, Query: batchQuery{}, Out: batchesPage{}}),
		freeze,
		get(home+"/{id}", "foundation", edge.At(a.batchShow), edge.Doc{Summary: "一批的进度和搁置原因", Tag: tag, Out: batchView{}}),
		get(home+"/{id}/rows", "foundation", edge.At(a.batchRows), edge.Doc{Summary: "一批的明细", Tag: tag, Query: rowsQuery{}, Out: rowsPage{}}),
		get(home+"/{id}/trial.pdf", "foundation", edge.At(a.batchTrial), edge.Doc{Summary: "试印：清单和样张，每页标明“试印”，不分配号码", Tag: tag, OutKind: "application/pdf"}),
		post(home+"/{id}/approve", "foundation", edge.At(a.batchApprove), edge.Doc{Summary: "复核通过并开始开具（不能是准备的人）；再按一次不会再开", Tag: tag, Out: receipt.Batch{}}),
		check,
		post(home+"/{id}/drop", "foundation", sent(a.batchDrop), edge.Doc{Summary: "放弃或退回尚未开具的一批", Tag: tag, In: reason{}, Out: receipt.Batch{}}),
		post(home+"/{id}/mail", "foundation", sent(a.batchMail), edge.Doc{Summary: "把收据发到捐赠人为收据留的邮箱，每张一次；后台进行", Tag: tag, In: mailAgain{}, Out: receipt.Mails{}}),
		post("/donations/annual-receipt", "donor", a.receiptAsk, edge.Doc{Summary: "申请把一年里没有收据的捐款合开一张年度收据", Tag: tag, In: askInput{}, Out: receipt.Request{}, Status: 201}),
		get("/donations/annual-receipts", "donor", a.receiptAsked, edge.Doc{Summary: "我申请过的年度收据", Tag: tag, Out: []receipt.Request{}}),
		post("/donations/annual-receipts/{id}/withdraw", "donor", edge.At(a.receiptWithdraw), edge.Doc{Summary: "撤回还没有制备的申请", Tag: tag, Out: receipt.Request{}}),
		get("/foundation/receipts/requests", "foundation", a.requestList, edge.Doc{Summary: "捐赠人申请的年度收据和各自覆盖的捐款", Tag: tag, Out: []receipt.Due{}}),
		post("/foundation/receipts/requests/{id}/prepare", "foundation", sent(a.requestPrepare), edge.Doc{Summary: "制备年度收据，由另一人复核（/receipts/{id}/review）", Tag: tag, In: yearInput{}, Out: receipt.Receipt{}, Status: 201}),
		post("/foundation/receipts/requests/{id}/refuse", "foundation", sent(a.requestRefuse), edge.Doc{Summary: "不予开具，原因告知捐赠人", Tag: tag, In: reason{}, Out: receipt.Request{}}),
		put("/donations/{id}/receipt-address", "donor", sent(a.receiptAddress), edge.Doc{Summary: "收据发到哪个邮箱；空表示不发", Tag: tag, In: addressInput{}, Status: 204}),
		get(home+"/{id}/receipts.zip", "foundation", edge.At(a.batchZip), edge.Doc{Summary: "这一批有效收据的 PDF 和清单", Tag: tag, OutKind: "application/zip"}),
	}
}

type batchQuery struct {
	State string `query:"state" enum:"prepared,running,done,dropped"`
	After string `query:"after"`
}

type rowsQuery struct {
	State string `query:"state" enum:"waiting,issued,aside"`
	Mail  string `query:"mail" enum:"waiting,sent,failed,unsure"`
	Cause string `query:"cause"`
	Text  string `query:"q" description:"登记号或捐赠人"`
	After int    `query:"after" description:"这个序号以后的"`
}

type batchesPage struct {
	Items []receipt.Batch `json:"items"`
	Total int             `json:"total"`
	Next  id.ID           `json:"next,omitempty"`
}

type batchView struct {
	receipt.Batch
	Percent int                  `json:"percent"`
	Causes  []receipt.CauseCount `json:"causes" description:"搁置的原因"`
	Mails   receipt.Mails        `json:"mails"`
}

type mailAgain struct {
	Again bool `json:"again,omitempty" description:"true：结果未知的也再发一次"`
}

type addressInput struct {
	Email string `json:"email"`
}

type rowsPage struct {
	Items []rowView `json:"items"`
	Total int       `json:"total"`
	Next  int       `json:"next,omitempty"`
}

type rowView struct {
	receipt.BatchRow
	Number string `json:"number,omitempty"`
}

func (a *API) batchFreeze(r *edge.Request) (edge.Response, error) {
	var sc receipt.Scope
	if err := r.JSON(&sc); err != nil {
		return edge.Response{}, err
	}
	b, fresh, err := a.Batches.Freeze(r.Context(), r.Actor(), sc)
	if err == nil && !fresh {
		return answer(200, b, nil)
	}
	return answer(201, b, err)
}

func (a *API) batchList(r *edge.Request) (edge.Response, error) {
	const limit = 50
	list, total, err := a.Batches.Batches(r.Context(), r.Actor(), receipt.BatchState(r.Query("state")), id.ID(r.Query("after")), limit)
	out := batchesPage{Items: list, Total: total}
	if len(list) == limit {
		out.Next = list[limit-1].ID
	}
	return answer(200, out, err)
}

func (a *API) batchShow(r *edge.Request, at id.ID) (edge.Response, error) {
	b, err := a.Batches.Batch(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	causes, err := a.Batches.Causes(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	mails, err := a.Batches.Mails(r.Context(), r.Actor(), at)
	return answer(200, batchView{b, b.Percent(), causes, mails}, err)
}

func (a *API) batchRows(r *edge.Request, at id.ID) (edge.Response, error) {
	f := receipt.RowFilter{State: receipt.RowState(r.Query("state")), Cause: receipt.Cause(r.Query("cause")), Mail: receipt.MailState(r.Query("mail")), Text: r.Query("q"), Limit: 200}
	f.After, _ = strconv.Atoi(r.Query("after")) // what is no number begins at the first
	list, total, err := a.Batches.Rows(r.Context(), r.Actor(), at, f)
	out := rowsPage{Items: []rowView{}, Total: total}
	for _, x := range list {
		out.Items = append(out.Items, rowView{x, x.Number()})
	}
	if len(list) == f.Limit {
		out.Next = list[f.Limit-1].Line
	}
	return answer(200, out, err)
}

func (a *API) batchTrial(r *edge.Request, at id.ID) (edge.Response, error) {
	name, pdf, err := a.Batches.Trial(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.File(name, "application/pdf", pdf, false), nil
}

func (a *API) batchApprove(r *edge.Request, at id.ID) (edge.Response, error) {
	b, err := a.Batches.Approve(r.Context(), r.Actor(), at)
	return answer(200, b, err)
}

func (a *API) batchRecheck(r *edge.Request, at id.ID) (edge.Response, error) {
	b, err := a.Batches.Recheck(r.Context(), r.Actor(), at)
	return answer(200, b, err)
}

func (a *API) batchDrop(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	b, err := a.Batches.Drop(r.Context(), r.Actor(), at, in.Reason)
	return answer(200, b, err)
}

func (a *API) batchMail(r *edge.Request, at id.ID, in mailAgain) (edge.Response, error) {
	if err := a.Batches.Deliver(r.Context(), r.Actor(), at, in.Again); err != nil {
		return edge.Response{}, err
	}
	m, err := a.Batches.Mails(r.Context(), r.Actor(), at)
	return answer(200, m, err)
}

func (a *API) receiptAddress(r *edge.Request, at id.ID, in addressInput) (edge.Response, error) {
	if err := a.Batches.SetAddress(r.Context(), r.Actor(), at, in.Email); err != nil {
		return edge.Response{}, err
	}
	return edge.NoContent(), nil
}

func (a *API) batchZip(r *edge.Request, at id.ID) (edge.Response, error) {
	name, body, err := a.Batches.Zip(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(name, "application/zip", -1, body, false), nil
}

type askInput struct {
	Foundation id.ID `json:"foundation"`
	Year       int   `json:"year"`
}

type yearInput struct {
	Remark string `json:"remark,omitempty" description:"印在备注栏"`
}

func (a *API) receiptAsk(r *edge.Request) (edge.Response, error) {
	var in askInput
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Receipts.Ask(r.Context(), r.Actor(), in.Foundation, in.Year)
	return answer(201, x, err)
}

func (a *API) receiptAsked(r *edge.Request) (edge.Response, error) {
	x, err := a.Receipts.Asked(r.Context(), r.Actor())
	return answer(200, x, err)
}

func (a *API) receiptWithdraw(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Receipts.Withdraw(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}

func (a *API) requestList(r *edge.Request) (edge.Response, error) {
	x, err := a.Receipts.Requests(r.Context(), r.Actor())
	return answer(200, x, err)
}

func (a *API) requestPrepare(r *edge.Request, at id.ID, in yearInput) (edge.Response, error) {
	x, err := a.Receipts.PrepareYear(r.Context(), r.Actor(), at, in.Remark)
	return answer(201, x, err)
}

func (a *API) requestRefuse(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	x, err := a.Receipts.Refuse(r.Context(), r.Actor(), at, in.Reason)
	return answer(200, x, err)
}
