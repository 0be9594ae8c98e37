package web

import (
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/bank"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

// bankUploadPage is bank/upload.html.
type bankUploadPage struct {
	templates.Chrome
	Accounts []templates.Option
	Bank     string
}

func (w *Web) bankUploadPage(r *edge.Request) (*bankUploadPage, error) {
	p := &bankUploadPage{Bank: r.Query("bank")}
	p.Title, p.Breadcrumbs = "导入银行流水", []templates.Crumb{bankDesk, {Label: "导入银行流水"}}
	all, err := w.Bank.Accounts(r.Context(), r.Actor())
	for _, a := range all {
		p.Accounts = append(p.Accounts, templates.Option{Value: string(a.ID), Label: a.Title()})
	}
	if len(all) == 1 {
		p.Bank = string(all[0].ID)
	}
	return p, err
}

func (w *Web) bankUploadForm(r *edge.Request) (edge.Response, error) {
	if !w.Bank.Allowed(r.Actor(), "import") {
		return edge.Response{}, fault.New(fault.Forbidden, "银行流水由财务导入，请切换到财务身份")
	}
	p, err := w.bankUploadPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bank/upload", p), nil
}

func (w *Web) bankUpload(r *edge.Request) (edge.Response, error) {
	var to, name string
	var i bank.Import
	err := r.Upload(func(part edge.Part) (err error) {
		switch {
		case part.Field == "bank":
			to, err = part.Text()
		case part.Field == "file" && part.FileName != "":
			if name = part.FileName; to == "" {
				return noBank()
			}
			i, err = w.Bank.Upload(r.Context(), r.Actor(), id.ID(to), name, part.Reader)
		}
		return err
	})
	if err == nil && name == "" {
		var c fault.Check
		c.Must(to != "", "bank", "请选择银行账户")
		c.Fail("file", "请选择从网上银行导出的文件")
		err = c.Err()
	}
	if err != nil {
		p, perr := w.bankUploadPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Bank = to
		return again("bank/upload", p, err)
	}
	return edge.Redirect("/foundation/bank/imports/" + string(i.ID)), nil
}

func noBank() error {
	var c fault.Check
	c.Fail("bank", "请选择银行账户")
	return c.Err()
}

// bankImportPage is bank/import.html: the columns, the preview, the progress
// and the report of one file.
type bankImportPage struct {
	templates.Chrome
	Import   bank.Import
	Account  string
	Status   templates.Status
	Heads    []templates.Option // rows that may be the headings
	Head     string
	Choices  []templates.Option // headings of that row
	Columns  []bankColumn
	Bad      []bank.Bad
	More     int // bad rows beyond those shown
	MayWork  bool
	Editing  bool // the columns are being chosen
	MayLines bool
}

// bankColumn is one question about the columns.
type bankColumn struct{ Name, Label, Value, Hint string }

const badShown = 100

func (w *Web) bankImportPage(r *edge.Request, of id.ID) (*bankImportPage, error) {
	ctx, who := r.Context(), r.Actor()
	i, err := w.Bank.Import(ctx, who, of)
	if err != nil {
		return nil, err
	}
	p := &bankImportPage{Import: i, Status: importStatus(i), MayWork: w.Bank.Allowed(who, "import")}
	p.Title, p.Breadcrumbs = i.Name, []templates.Crumb{bankDesk, {Label: "导入记录", Href: "/foundation/bank/imports"}, {Label: i.Name}}
	accounts, err := w.Bank.Accounts(ctx, who)
	if err != nil {
		return nil, err
	}
	p.Account = accountTitle(accounts, i.Bank)
	if p.Bad, err = w.Bank.BadRows(ctx, who, of, 0, badShown); err != nil {
		return nil, err
	}
	p.More = i.Bad + i.Refused - len(p.Bad)
	p.Editing = p.MayWork && (i.State == bank.Mapping || i.State == bank.Ready && r.Query("columns") != "")
	p.choose(i.Head, i.Columns, r.Query("head"))
	return p, nil
}

// choose fills in the questions about the columns under a row of headings.
func (p *bankImportPage) choose(head int, c statement.Columns, asked string) {
	if n, err := strconv.Atoi(asked); err == nil {
		head = n
	}
	for _, row := range p.Import.Preview.Top {
		p.Heads = append(p.Heads, templates.Option{Value: strconv.Itoa(row.Number), Label: "第 " + strconv.Itoa(row.Number) + " 行：" + firstCells(row)})
		if row.Number == head {
			for _, h := range statement.Headings(row) {
				p.Choices = append(p.Choices, templates.Option{Value: h, Label: h})
			}
		}
	}
	if head > 0 {
		p.Head = strconv.Itoa(head)
	}
	p.Columns = []bankColumn{{"date", "日期", c.Date, ""}, {"in", "收入（贷方）", c.In, ""}, {"out", "支出（借方）", c.Out, ""},
		{"amount", "金额（一列，有正负）", c.Amount, "收入、支出分两列的不选。"}, {"name", "对方户名", c.Name, ""}, {"account", "对方账号", c.Account, "只保留后四位。"},
		{"memo", "摘要、附言", c.Memo, "捐赠人在这里写登记号。"}, {"serial", "交易流水号", c.Serial, "银行给每笔交易的号码；凭据它认出重复的流水。"}}
}

func firstCells(row statement.Row) string {
	var out string
	for _, c := range row.Cells {
		if c != "" {
			out += c + "　"
		}
	}
	return short(out, 40)
}

func (w *Web) bankImport(r *edge.Request) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.bankImportPage(r, of)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bank/import", p), nil
}

// onImport does one step with an import and comes back to its page.
func (w *Web) onImport(r *edge.Request, done string, do func(of id.ID, f *edge.Form, p *bankImportPage) error) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.bankImportPage(r, of)
	if err != nil {
		return edge.Response{}, err
	}
	if err := do(of, f, p); err != nil {
		return again("bank/import", p, err)
	}
	back := edge.Redirect("/foundation/bank/imports/" + string(of))
	if done != "" {
		back = back.Flash("ok", done)
	}
	return back, nil
}

func (w *Web) bankColumns(r *edge.Request) (edge.Response, error) {
	return w.onImport(r, "", func(of id.ID, f *edge.Form, p *bankImportPage) error {
		c := statement.Columns{Date: f.Get("date"), Amount: f.Get("amount"), In: f.Get("in"), Out: f.Get("out"), Name: f.Get("name"),
			Account: f.Get("account"), Memo: f.Get("memo"), Serial: f.Get("serial")}
		head, _ := strconv.Atoi(f.Get("head")) // 0 is no row: the service says so
		p.Heads, p.Choices, p.Editing = nil, nil, true
		p.choose(head, c, "")
		_, err := w.Bank.Map(r.Context(), r.Actor(), of, head, c)
		return err
	})
}

func (w *Web) bankBegin(r *edge.Request) (edge.Response, error) {
	return w.onImport(r, "", func(of id.ID, _ *edge.Form, _ *bankImportPage) error {
		_, err := w.Bank.Begin(r.Context(), r.Actor(), of)
		return err
	})
}

func (w *Web) bankDrop(r *edge.Request) (edge.Response, error) {
	return w.onImport(r, "已放弃这次导入，账上没有变化", func(of id.ID, _ *edge.Form, _ *bankImportPage) error {
		_, err := w.Bank.Drop(r.Context(), r.Actor(), of)
		return err
	})
}

func (w *Web) bankBadRows(r *edge.Request) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	row := 0
	return export("未导入的行.csv", []string{"行号", "内容", "原因"}, func(id.ID) ([][]string, id.ID, error) {
		list, err := w.Bank.BadRows(r.Context(), r.Actor(), of, row, exportStride)
		var rows [][]string
		for _, b := range list {
			rows = append(rows, []string{strconv.Itoa(b.Row), b.Said, b.Why})
			row = b.Row
		}
		if len(list) < exportStride {
			return rows, "", err
		}
		return rows, of, err
	})
}

// bankImportsPage is bank/imports.html.
type bankImportsPage struct {
	templates.Chrome
	Rows      []bankImportRow
	Pager     templates.Pager
	MayImport bool
}

func (w *Web) bankImports(r *edge.Request) (edge.Response, error) {
	const limit = 30
	accounts, err := w.Bank.Accounts(r.Context(), r.Actor())
	if err != nil {
		return edge.Response{}, err
	}
	p := &bankImportsPage{MayImport: w.Bank.Allowed(r.Actor(), "import")}
	p.Title, p.Breadcrumbs = "导入记录", []templates.Crumb{bankDesk, {Label: "导入记录"}}
	if p.Rows, err = w.bankImportRows(r, accounts, id.ID(r.Query("after")), limit); err != nil {
		return edge.Response{}, err
	}
	var next id.ID
	if len(p.Rows) == limit {
		next = p.Rows[limit-1].ID
	}
	if p.Pager.Total, err = w.Bank.ImportCount(r.Context(), r.Actor()); err != nil {
		return edge.Response{}, err
	}
	p.Pager.Unit = "份"
	turn(r, &p.Pager, next)
	return edge.HTML(200, "bank/imports", p), nil
}
