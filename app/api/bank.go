package api

import (
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/bank"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/trust/trail"
)

func (a *API) bankRoutes() []edge.Route {
	const tag = "银行对账"
	upload := post("/bank/accounts/{id}/imports", "foundation", edge.At(a.bankUpload), edge.Doc{Summary: "上传一份银行流水（CSV 或 XLSX）并预览，尚不入账", Tag: tag, Upload: true, Out: bank.Import{}, Status: 201})
	upload.Limit, upload.Timeout = statement.MaxBytes+1<<20, 5*time.Minute
	return []edge.Route{
		get("/bank", "foundation", a.bankWaiting, edge.Doc{Summary: "待认领、待核对、待确认各有多少，账龄", Tag: tag, Out: bank.Waiting{}}),
		get("/bank/accounts", "foundation", a.bankAccounts, edge.Doc{Summary: "本会的银行账户", Tag: tag, Out: Page[bank.Account]{}}),
		post("/bank/accounts", "foundation", a.bankAdd, edge.Doc{Summary: "登记银行账户", Tag: tag, In: bank.Opening{}, Out: bank.Account{}, Status: 201}),
		upload,
		get("/bank/imports", "foundation", a.bankImports, edge.Doc{Summary: "导入记录", Tag: tag, Query: afterQuery{}, Out: Page[bank.Import]{}}),
		get("/bank/imports/{id}", "foundation", edge.At(a.bankImport), edge.Doc{Summary: "一次导入：预览、进度、没有导入的行", Tag: tag, Out: importView{}}),
		put("/bank/imports/{id}/columns", "foundation", sent(a.bankColumns), edge.Doc{Summary: "指定各列的含义；这个账户以后的文件照此读取", Tag: tag, In: columnsInput{}, Out: bank.Import{}}),
		post("/bank/imports/{id}/begin", "foundation", edge.At(a.bankBegin), edge.Doc{Summary: "开始导入，后台进行；重复的流水不重复入账", Tag: tag, Out: bank.Import{}}),
		post("/bank/imports/{id}/drop", "foundation", edge.At(a.bankDrop), edge.Doc{Summary: "放弃尚未开始的导入", Tag: tag, Out: bank.Import{}}),
		get("/bank/lines", "foundation", a.bankLines, edge.Doc{Summary: "银行流水，新的在前", Tag: tag, Query: linesQuery{}, Out: linesPage{}}),
		get("/bank/lines/{id}", "foundation", edge.At(a.bankLine), edge.Doc{Summary: "一笔流水、匹配和经过", Tag: tag, Out: bank.Show{}}),
		get("/bank/lines/{id}/candidates", "foundation", edge.At(a.bankCandidates), edge.Doc{Summary: "可能是什么，附把握和依据", Tag: tag, Query: seekQuery{}, Out: Page[bank.Candidate]{}}),
		post("/bank/lines/{id}/match", "foundation", sent(a.bankMatch), edge.Doc{Summary: "匹配，待另一人确认", Tag: tag, In: bank.Proposal{}, Out: bank.Line{}}),
		post("/bank/lines/{id}/confirm", "foundation", sent(a.bankConfirm), edge.Doc{Summary: "确认匹配并记账（不能是导入或匹配的人）", Tag: tag, In: bank.Decision{}, Out: bank.Line{}}),
		post("/bank/lines/{id}/undo", "foundation", sent(a.bankUndo), edge.Doc{Summary: "匹配人撤回；确认人退回（须写原因）", Tag: tag, In: reason{}, Out: bank.Line{}}),
		post("/bank/lines/{id}/reverse", "foundation", sent(a.bankReverse), edge.Doc{Summary: "申请撤销已确认的匹配（付款、退回、退款、利息和手续费），须写原因", Tag: tag, In: reason{}, Out: bank.Line{}}),
		post("/bank/lines/{id}/reverse/decide", "foundation", sent(a.bankReverseDecide), edge.Doc{Summary: "另一人决定是否撤销；同意的冲销记账，流水重新待核对", Tag: tag, In: bank.Doubt{}, Out: bank.Line{}}),
		post("/bank/lines/match", "foundation", a.bankMatchMany, edge.Doc{Summary: "批量匹配把握高的流水", Tag: tag, In: manyLines{}, Out: bank.Outcome{}}),
		post("/bank/lines/confirm", "foundation", a.bankConfirmMany, edge.Doc{Summary: "批量确认；逐笔记账，办不成的说明原因", Tag: tag, In: manyLines{}, Out: bank.Outcome{}}),
		post("/bank/look", "foundation", a.bankLook, edge.Doc{Summary: "按最新的认捐和付款重新查找线索，后台进行", Tag: tag, Status: 204}),
		get("/bank/months", "foundation", a.bankMonths, edge.Doc{Summary: "各月的流水和结账情况", Tag: tag, Out: Page[bank.MonthRow]{}}),
		get("/bank/months/{month}", "foundation", a.bankMonth, edge.Doc{Summary: "一个月的对账：月初、收、支、月末、未着落、差异", Tag: tag, Out: monthView{}}),
		post("/bank/months/{month}/prepare", "foundation", a.bankPrepare, edge.Doc{Summary: "填对账单月末余额，提交结账", Tag: tag, In: bank.Stated{}, Out: bank.Month{}}),
		post("/bank/months/{month}/close", "foundation", a.bankClose, edge.Doc{Summary: "另一人结账；以后不能再记入这个月", Tag: tag, In: pressedInput{}, Out: bank.Month{}}),
	}
}

type seekQuery struct {
	Text string `query:"q" description:"登记号、户名或付款编号；不填给出线索"`
}

type linesQuery struct {
	Text   string `query:"q" description:"户名、附言、流水号中的字，或金额（元）"`
	State  string `query:"state" enum:"open,proposed,booked"`
	Way    string `query:"way" enum:"in,out"`
	Sure   string `query:"sure" enum:"sure,unsure,none"`
	Mine   string `query:"mine" enum:"confirm,reverse" description:"confirm：我可以确认的；reverse：等我决定撤销的"`
	Bank   string `query:"bank"`
	Import string `query:"import"`
	Month  string `query:"month" description:"例如 2026-05"`
	After  string `query:"after"`
}

// linesPage is a page of lines with the sum under the filter.
type linesPage struct {
	Items []bank.Item `json:"items"`
	Total int         `json:"total"`
	Sum   money.Fen   `json:"sum" description:"分，收入减支出"`
	Next  string      `json:"next,omitempty"`
}

type importView struct {
	bank.Import
	Rows []bank.Bad `json:"rows" description:"没有导入的行，至多 1000 行"`
}

type columnsInput struct {
	Head int `json:"head" description:"标题所在的行号"`
	statement.Columns
}

type manyLines struct {
	Lines []id.ID `json:"lines" description:"至多 500 笔"`
}

type pressedInput struct {
	Key string `json:"key,omitempty" description:"防重复键；不填则用 Idempotency-Key"`
}

type monthView struct {
	Closing  *bank.Month   `json:"closing,omitempty"`
	Sheet    bank.Sheet    `json:"sheet"`
	Timeline []trail.Event `json:"timeline,omitempty"`
}

func (a *API) bankWaiting(r *edge.Request) (edge.Response, error) {
	x, err := a.Bank.Waiting(r.Context(), r.Actor())
	return answer(200, x, err)
}

func (a *API) bankAccounts(r *edge.Request) (edge.Response, error) {
	list, err := a.Bank.Accounts(r.Context(), r.Actor())
	return answer(200, Page[bank.Account]{Items: list}, err)
}

func (a *API) bankAdd(r *edge.Request) (edge.Response, error) {
	var in bank.Opening
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	var c fault.Check
	x, err := a.Bank.Add(r.Context(), r.Actor(), in, &c)
	return answer(201, x, err)
}

func (a *API) bankUpload(r *edge.Request, to id.ID) (edge.Response, error) {
	var out bank.Import
	none := true
	err := r.Upload(func(p edge.Part) (err error) {
		if p.FileName != "" && none {
			none = false
			out, err = a.Bank.Upload(r.Context(), r.Actor(), to, p.FileName, p.Reader)
		}
		return err
	})
	if err == nil && none {
		var c fault.Check
		c.Fail("file", "请上传一个 CSV 或 XLSX 文件，并带文件名")
		err = c.Err()
	}
	return answer(201, out, err)
}

func (a *API) bankImports(r *edge.Request) (edge.Response, error) {
	list, err := a.Bank.Imports(r.Context(), r.Actor(), id.ID(r.Query("after")), perPage)
	return answer(200, paged(list, perPage, func(i bank.Import) string { return string(i.ID) }), err)
}

func (a *API) bankImport(r *edge.Request, at id.ID) (edge.Response, error) {
	i, err := a.Bank.Import(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	rows, err := a.Bank.BadRows(r.Context(), r.Actor(), at, 0, 1000)
	return answer(200, importView{i, rows}, err)
}

func (a *API) bankColumns(r *edge.Request, at id.ID, in columnsInput) (edge.Response, error) {
	i, err := a.Bank.Map(r.Context(), r.Actor(), at, in.Head, in.Columns)
	return answer(200, i, err)
}

func (a *API) bankBegin(r *edge.Request, at id.ID) (edge.Response, error) {
	i, err := a.Bank.Begin(r.Context(), r.Actor(), at)
	return answer(200, i, err)
}

func (a *API) bankDrop(r *edge.Request, at id.ID) (edge.Response, error) {
	i, err := a.Bank.Drop(r.Context(), r.Actor(), at)
	return answer(200, i, err)
}

func (a *API) bankLines(r *edge.Request) (edge.Response, error) {
	l, err := a.Bank.Lines(r.Context(), r.Actor(), bank.Filter{Text: r.Query("q"), State: bank.LineState(r.Query("state")), Way: r.Query("way"),
		Sure: r.Query("sure"), Mine: r.Query("mine"), Bank: id.ID(r.Query("bank")), Import: id.ID(r.Query("import")), Month: r.Query("month"),
		After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, linesPage{l.Items, l.Total, l.Sum, string(l.Next)}, err)
}

func (a *API) bankLine(r *edge.Request, at id.ID) (edge.Response, error) {
	l, err := a.Bank.Get(r.Context(), r.Actor(), at)
	return answer(200, l, err)
}

func (a *API) bankCandidates(r *edge.Request, at id.ID) (edge.Response, error) {
	list, err := a.Bank.Candidates(r.Context(), r.Actor(), at, r.Query("q"))
	return answer(200, Page[bank.Candidate]{Items: list}, err)
}

func (a *API) bankMatch(r *edge.Request, at id.ID, in bank.Proposal) (edge.Response, error) {
	l, err := a.Bank.Propose(r.Context(), r.Actor(), at, in)
	return answer(200, l, err)
}

func (a *API) bankConfirm(r *edge.Request, at id.ID, in bank.Decision) (edge.Response, error) {
	in.Key = pressed(r, in.Key)
	l, err := a.Bank.Confirm(r.Context(), r.Actor(), at, in)
	return answer(200, l, err)
}

func (a *API) bankUndo(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	l, err := a.Bank.Undo(r.Context(), r.Actor(), at, in.Reason)
	return answer(200, l, err)
}

func (a *API) bankReverse(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	l, err := a.Bank.AskReverse(r.Context(), r.Actor(), at, in.Reason)
	return answer(200, l, err)
}

func (a *API) bankReverseDecide(r *edge.Request, at id.ID, in bank.Doubt) (edge.Response, error) {
	in.Key = pressed(r, in.Key)
	l, err := a.Bank.DecideReverse(r.Context(), r.Actor(), at, in)
	return answer(200, l, err)
}

func (a *API) bankMatchMany(r *edge.Request) (edge.Response, error) {
	var in manyLines
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	o, err := a.Bank.ProposeSure(r.Context(), r.Actor(), in.Lines)
	return answer(200, o, err)
}

func (a *API) bankConfirmMany(r *edge.Request) (edge.Response, error) {
	var in manyLines
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	o, err := a.Bank.ConfirmAll(r.Context(), r.Actor(), in.Lines)
	return answer(200, o, err)
}

func (a *API) bankLook(r *edge.Request) (edge.Response, error) {
	return edge.NoContent(), a.Bank.Look(r.Context(), r.Actor())
}

func (a *API) bankMonths(r *edge.Request) (edge.Response, error) {
	list, err := a.Bank.Months(r.Context(), r.Actor())
	return answer(200, Page[bank.MonthRow]{Items: list}, err)
}

func (a *API) bankMonth(r *edge.Request) (edge.Response, error) {
	m, sheet, err := a.Bank.Month(r.Context(), r.Actor(), r.Param("month"))
	if err != nil {
		return edge.Response{}, err
	}
	v := monthView{Closing: m, Sheet: sheet}
	if m != nil {
		v.Timeline, err = a.Bank.MonthTimeline(r.Context(), r.Actor(), *m)
	}
	return answer(200, v, err)
}

func (a *API) bankPrepare(r *edge.Request) (edge.Response, error) {
	var in bank.Stated
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	var c fault.Check
	m, err := a.Bank.Prepare(r.Context(), r.Actor(), r.Param("month"), in, &c)
	return answer(200, m, err)
}

func (a *API) bankClose(r *edge.Request) (edge.Response, error) {
	var in pressedInput
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	m, err := a.Bank.Close(r.Context(), r.Actor(), r.Param("month"), pressed(r, in.Key))
	return answer(200, m, err)
}
