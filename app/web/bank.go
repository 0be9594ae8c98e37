package web

import (
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/bank"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

func (w *Web) bankRoutes() []edge.Route {
	upload := post("/foundation/bank/imports", "foundation", w.bankUpload)
	upload.Limit, upload.Timeout = statement.MaxBytes+1<<20, 5*time.Minute
	return []edge.Route{
		get("/foundation/bank", "foundation", w.bankHome),
		get("/foundation/bank/new", "foundation", w.bankNew),
		post("/foundation/bank/new", "foundation", w.bankAdd),
		get("/foundation/bank/imports", "foundation", w.bankImports),
		get("/foundation/bank/imports/new", "foundation", w.bankUploadForm),
		upload,
		get("/foundation/bank/imports/{id}", "foundation", w.bankImport),
		get("/foundation/bank/imports/{id}/rows.csv", "foundation", w.bankBadRows),
		post("/foundation/bank/imports/{id}/columns", "foundation", w.bankColumns),
		post("/foundation/bank/imports/{id}/begin", "foundation", w.bankBegin),
		post("/foundation/bank/imports/{id}/drop", "foundation", w.bankDrop),
		get("/foundation/bank/lines", "foundation", w.bankLines),
		get("/foundation/bank/lines/export.csv", "foundation", w.bankExport),
		post("/foundation/bank/lines/propose", "foundation", w.bankProposeSure),
		post("/foundation/bank/lines/confirm", "foundation", w.bankConfirmAll),
		post("/foundation/bank/lines/look", "foundation", w.bankLook),
		get("/foundation/bank/lines/{id}", "foundation", w.bankLine),
		post("/foundation/bank/lines/{id}/match", "foundation", w.bankMatch),
		post("/foundation/bank/lines/{id}/confirm", "foundation", w.bankConfirm),
		post("/foundation/bank/lines/{id}/undo", "foundation", w.bankUndo),
		post("/foundation/bank/lines/{id}/reverse", "foundation", w.bankReverse),
		post("/foundation/bank/lines/{id}/reverse/decide", "foundation", w.bankReverseDecide),
		get("/foundation/bank/months/{month}", "foundation", w.bankMonth),
		post("/foundation/bank/months/{month}/prepare", "foundation", w.bankPrepare),
		post("/foundation/bank/months/{month}/close", "foundation", w.bankClose),
	}
}

var bankDesk = templates.Crumb{Label: "银行对账", Href: "/foundation/bank"}

// pressKey is the key of a form whose button moves money.
func pressKey() string { return id.Code(20) }

// bankHomePage is bank/home.html: what waits, the accounts, the months.
type bankHomePage struct {
	templates.Chrome
	Waiting   bank.Waiting
	Accounts  []bank.Account
	Imports   []bankImportRow
	Months    []bankMonthRow
	MayImport bool
	MayMatch  bool
	Days      int // the oldest unclaimed money has waited
}

type bankImportRow struct {
	bank.Import
	Account string
}

// Status is the state as a badge.
func (i bankImportRow) Status() templates.Status { return importStatus(i.Import) }

func importStatus(i bank.Import) templates.Status {
	tone := map[bank.ImportState]templates.Tone{bank.Mapping: templates.Warn, bank.Ready: templates.Warn, bank.Running: templates.Info,
		bank.Done: templates.OK, bank.Failed: templates.Danger, bank.Dropped: templates.Neutral}[i.State]
	return templates.Status{Label: i.State.Name(), Tone: tone}
}

type bankMonthRow struct {
	bank.MonthRow
	Name   string
	Status templates.Status
}

func monthStatus(s bank.MonthState) templates.Status {
	switch s {
	case bank.Prepared:
		return templates.Status{Label: "待结账确认", Tone: templates.Warn}
	case bank.Closed:
		return templates.Status{Label: "已结账", Tone: templates.OK}
	}
	return templates.Status{Label: "未结账", Tone: templates.Neutral}
}

func (w *Web) bankHome(r *edge.Request) (edge.Response, error) {
	ctx, who := r.Context(), r.Actor()
	p := &bankHomePage{MayImport: w.Bank.Allowed(who, "import"), MayMatch: w.Bank.Allowed(who, "match")}
	p.Title = "银行对账"
	var err error
	if p.Waiting, err = w.Bank.Waiting(ctx, who); err != nil {
		return edge.Response{}, err
	}
	if p.Accounts, err = w.Bank.Accounts(ctx, who); err != nil {
		return edge.Response{}, err
	}
	if p.Imports, err = w.bankImportRows(r, p.Accounts, "", 5); err != nil {
		return edge.Response{}, err
	}
	months, err := w.Bank.Months(ctx, who)
	for _, m := range months {
		p.Months = append(p.Months, bankMonthRow{m, ledger.MonthName(m.Month), monthStatus(m.State)})
	}
	if t, bad := time.Parse(time.DateOnly, p.Waiting.Unclaimed.Oldest); bad == nil {
		p.Days = max(0, int(r.Now().Sub(t)/(24*time.Hour)))
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bank/home", p), nil
}

func (w *Web) bankImportRows(r *edge.Request, accounts []bank.Account, after id.ID, limit int) ([]bankImportRow, error) {
	list, err := w.Bank.Imports(r.Context(), r.Actor(), after, limit)
	var out []bankImportRow
	for _, i := range list {
		out = append(out, bankImportRow{i, accountTitle(accounts, i.Bank)})
	}
	return out, err
}

func accountTitle(accounts []bank.Account, of id.ID) string {
	for _, a := range accounts {
		if a.ID == of {
			return a.Title()
		}
	}
	return ""
}

// bankNewPage is bank/new.html.
type bankNewPage struct {
	templates.Chrome
	Form struct{ Name, Tail, Opening, OpenedOn string }
}

func newBankPage() *bankNewPage {
	p := &bankNewPage{}
	p.Title, p.Breadcrumbs = "登记银行账户", []templates.Crumb{bankDesk, {Label: "登记银行账户"}}
	return p
}

func (w *Web) bankNew(r *edge.Request) (edge.Response, error) {
	if !w.Bank.Allowed(r.Actor(), "import") {
		return edge.Response{}, fault.New(fault.Forbidden, "银行账户由财务登记，请切换到财务身份")
	}
	return edge.HTML(200, "bank/new", newBankPage()), nil
}

func (w *Web) bankAdd(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p := newBankPage()
	p.Form.Name, p.Form.Tail, p.Form.Opening, p.Form.OpenedOn = f.Get("name"), f.Get("tail"), f.Get("opening"), f.Get("opened_on")
	var c fault.Check
	in := bank.Opening{Name: p.Form.Name, Tail: p.Form.Tail, OpenedOn: p.Form.OpenedOn}
	if m := typedMoney(&c, "opening", p.Form.Opening); m != nil {
		in.Opening = *m
	} else if p.Form.Opening == "" {
		c.Fail("opening", "请填写启用日开始时的余额；没有余额填 0")
	}
	if _, err := w.Bank.Add(r.Context(), r.Actor(), in, &c); err != nil {
		return again("bank/new", p, err)
	}
	return edge.Redirect("/foundation/bank").Flash("ok", "银行账户已登记，可以导入流水了"), nil
}

// bankCards are what waits for finance in the bank's statements.
func (w *Web) bankCards(r *edge.Request) ([]DeskCard, error) {
	if !w.may(r, "foundation") || !w.Bank.Allowed(r.Actor(), "view") {
		return nil, nil
	}
	x, err := w.Bank.Waiting(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	var out []DeskCard
	if x.Confirm.Count > 0 {
		out = append(out, DeskCard{Title: "待您确认的流水匹配", Href: "/foundation/bank/lines?mine=confirm", Icon: "checks", Count: x.Confirm.Count})
	}
	if x.Reverse.Count > 0 {
		out = append(out, DeskCard{Title: "待您决定的撤销匹配", Href: "/foundation/bank/lines?mine=reverse", Icon: "rotate-2", Count: x.Reverse.Count})
	}
	if x.Unclaimed.Count > 0 && w.Bank.Allowed(r.Actor(), "match") {
		out = append(out, DeskCard{Title: "待认领的款项", Href: "/foundation/bank/lines?state=open&way=in", Icon: "coin", Count: x.Unclaimed.Count})
	}
	return append(out, DeskCard{Title: "银行对账", Href: "/foundation/bank", Icon: "building-bank", Text: "导入流水、认领款项、月末结账"}), nil
}
