package web

import (
	"regexp"
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/foundation/bank"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
)

// bankLineRow is a line in the list.
type bankLineRow struct {
	bank.Item
	Ticked bool
	Pick   bool // may be ticked for the batch
}

// Status is the state as a badge.
func (l bankLineRow) Status() templates.Status { return lineStatus(l.Line) }

// Confidence is how sure the guess is, in words.
func (l bankLineRow) Confidence() templates.Status { return confidence(l.Score) }

func lineStatus(l bank.Line) templates.Status {
	tone := map[bank.LineState]templates.Tone{bank.Open: templates.Warn, bank.Proposed: templates.Info, bank.Booked: templates.OK}[l.State]
	return templates.Status{Label: l.StateName(), Tone: tone}
}

func confidence(score int) templates.Status {
	say := " " + strconv.Itoa(score)
	switch {
	case score >= bank.Sure:
		return templates.Status{Label: "把握高" + say, Tone: templates.OK}
	case score >= 60:
		return templates.Status{Label: "把握中" + say, Tone: templates.Warn}
	case score > 0:
		return templates.Status{Label: "把握低" + say, Tone: templates.Neutral}
	}
	return templates.Status{Label: "没有线索", Tone: templates.Neutral}
}

// bankLinesPage is bank/lines.html.
type bankLinesPage struct {
	templates.Chrome
	Filter  templates.Filter
	Rows    []bankLineRow
	Pager   templates.Pager
	Sum     money.Fen
	Batch   string // "propose", "confirm"; "" where the list is only read
	Picks   int
	Picked  money.Fen
	Outcome *bank.Outcome
	Verb    string // what the outcome is of
	Tabs    []bankTab
	Back    string // the query, for coming back after a batch
	MayLook bool
}

// bankTab is one of the heaps of lines.
type bankTab struct {
	Label, Href string
	Count       int
	Current     bool
}

func bankFilter(r *edge.Request) bank.Filter {
	return bank.Filter{Text: r.Query("q"), State: bank.LineState(r.Query("state")), Way: r.Query("way"), Sure: r.Query("sure"), Mine: r.Query("mine"),
		Bank: id.ID(r.Query("bank")), Import: id.ID(r.Query("import")), Month: month(r.Query("month")), After: id.ID(r.Query("after"))}
}

// month lets only a month through; anything else is no filter.
func month(s string) string {
	if len(s) == 7 && ledger.MonthName(s) != s {
		return s
	}
	return ""
}

const batchRows = 200 // lines of a page that are worked through at once

func (w *Web) bankLines(r *edge.Request) (edge.Response, error) {
	p, err := w.bankLinesPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bank/lines", p), nil
}

func (w *Web) bankLinesPage(r *edge.Request) (*bankLinesPage, error) {
	ctx, who, f := r.Context(), r.Actor(), bankFilter(r)
	p := &bankLinesPage{Back: strings.TrimPrefix(query(r), "?"), MayLook: w.Bank.Allowed(who, "match")}
	p.Title, p.Breadcrumbs = "银行流水", []templates.Crumb{bankDesk, {Label: "银行流水"}}
	switch {
	case f.Mine == "confirm":
		p.Batch, f.Limit = "confirm", batchRows
	case f.Sure == "sure" && p.MayLook:
		p.Batch, f.Limit = "propose", batchRows
	}
	l, err := w.Bank.Lines(ctx, who, f)
	if err != nil {
		return nil, err
	}
	for _, x := range l.Items {
		row := bankLineRow{Item: x}
		row.Pick = p.Batch == "propose" && x.State == bank.Open && x.Score >= bank.Sure ||
			p.Batch == "confirm" && x.Live != nil && w.Bank.Can(who, x.Line, x.Live, "confirm")
		if row.Ticked = row.Pick; row.Pick {
			p.Picks, p.Picked = p.Picks+1, p.Picked+x.Amount
		}
		p.Rows = append(p.Rows, row)
	}
	p.Sum, p.Pager = l.Sum, templates.Pager{Total: l.Total, Unit: "笔"}
	turn(r, &p.Pager, l.Next)
	if p.Filter, err = w.bankFilterBar(r, f); err != nil {
		return nil, err
	}
	p.Tabs, err = w.bankTabs(r, f)
	return p, err
}

func (w *Web) bankFilterBar(r *edge.Request, f bank.Filter) (templates.Filter, error) {
	accounts, err := w.Bank.Accounts(r.Context(), r.Actor())
	banks := []templates.Option{{Label: "全部账户"}}
	for _, a := range accounts {
		banks = append(banks, templates.Option{Value: string(a.ID), Label: a.Title()})
	}
	months := []templates.Option{{Label: "全部月份"}}
	if err == nil {
		var list []bank.MonthRow
		list, err = w.Bank.Months(r.Context(), r.Actor())
		for _, m := range list {
			months = append(months, templates.Option{Value: m.Month, Label: ledger.MonthName(m.Month)})
		}
	}
	out := templates.Filter{Action: "/foundation/bank/lines", Query: f.Text, Placeholder: "户名、附言、流水号或金额",
		Active: query(r) != "", Export: "/foundation/bank/lines/export.csv" + query(r),
		Selects: []templates.FilterSelect{
			{Name: "state", Label: "状态", Value: string(f.State), Options: []templates.Option{{Label: "全部状态"}, {Value: "open", Label: "待认领、待核对"}, {Value: "proposed", Label: "待确认"}, {Value: "booked", Label: "已确认"}}},
			{Name: "way", Label: "收支", Value: f.Way, Options: []templates.Option{{Label: "收入和支出"}, {Value: "in", Label: "收入"}, {Value: "out", Label: "支出"}}},
			{Name: "sure", Label: "把握", Value: f.Sure, Options: []templates.Option{{Label: "全部"}, {Value: "sure", Label: "把握高"}, {Value: "unsure", Label: "须逐笔核对"}, {Value: "none", Label: "没有线索"}}},
			{Name: "month", Label: "月份", Value: f.Month, Options: months}}}
	if len(accounts) > 1 {
		out.Selects = append(out.Selects, templates.FilterSelect{Name: "bank", Label: "账户", Value: string(f.Bank), Options: banks})
	} else if f.Bank != "" {
		out.Keep = append(out.Keep, templates.Hidden{Name: "bank", Value: string(f.Bank)})
	}
	if f.Mine != "" {
		out.Keep = append(out.Keep, templates.Hidden{Name: "mine", Value: f.Mine})
	}
	if f.Import != "" {
		out.Keep = append(out.Keep, templates.Hidden{Name: "import", Value: string(f.Import)})
	}
	return out, err
}

func (w *Web) bankTabs(r *edge.Request, f bank.Filter) ([]bankTab, error) {
	x, err := w.Bank.Waiting(r.Context(), r.Actor())
	at := "/foundation/bank/lines"
	open := f.State == bank.Open && f.Sure == "" && f.Mine == ""
	return []bankTab{
		{"把握高，可批量匹配", at + "?sure=sure", x.Sure.Count, f.Sure == "sure"},
		{"待您确认", at + "?mine=confirm", x.Confirm.Count, f.Mine == "confirm"},
		{"待您决定撤销", at + "?mine=reverse", x.Reverse.Count, f.Mine == "reverse"},
		{"待认领", at + "?state=open&way=in", x.Unclaimed.Count, open && f.Way == "in"},
		{"待核对支出", at + "?state=open&way=out", x.Unexplained.Count, open && f.Way == "out"},
		{"待确认（全部）", at + "?state=proposed", x.Proposed.Count, f.State == bank.Proposed},
	}, err
}

func (w *Web) bankProposeSure(r *edge.Request) (edge.Response, error) {
	return w.bankBatch(r, "匹配", func(ids []id.ID) (bank.Outcome, error) { return w.Bank.ProposeSure(r.Context(), r.Actor(), ids) })
}

func (w *Web) bankConfirmAll(r *edge.Request) (edge.Response, error) {
	return w.bankBatch(r, "确认", func(ids []id.ID) (bank.Outcome, error) { return w.Bank.ConfirmAll(r.Context(), r.Actor(), ids) })
}

// bankBatch works through the ticked lines and shows what went through and why
// others did not.
func (w *Web) bankBatch(r *edge.Request, verb string, do func([]id.ID) (bank.Outcome, error)) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	var ids []id.ID
	for _, v := range f.All("line") {
		if id.Valid(v) {
			ids = append(ids, id.ID(v))
		}
	}
	o, err := do(ids)
	if err == nil && len(o.Failed) == 0 {
		return edge.Redirect("/foundation/bank/lines"+backQuery(f.Get("back"))).Flash("ok", "已"+verb+" "+strconv.Itoa(o.Done)+" 笔"), nil
	}
	p, perr := w.bankLinesPage(r)
	if perr != nil {
		return edge.Response{}, perr
	}
	p.Verb, p.Back = verb, f.Get("back")
	if err != nil {
		return again("bank/lines", p, err)
	}
	p.Outcome = &o
	return edge.HTML(409, "bank/lines", p), nil
}

// backQuery lets a form come back to the list under the same filters.
func backQuery(q string) string {
	if q == "" || strings.ContainsAny(q, "\r\n#/\\") {
		return ""
	}
	return "?" + q
}

func (w *Web) bankLook(r *edge.Request) (edge.Response, error) {
	if err := w.Bank.Look(r.Context(), r.Actor()); err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/foundation/bank/lines?state=open").Flash("ok", "正在按最新的认捐和付款重新查找，片刻后刷新即可看到"), nil
}

func (w *Web) bankExport(r *edge.Request) (edge.Response, error) {
	f := bankFilter(r)
	return export("银行流水.csv", []string{"日期", "收入（元）", "支出（元）", "对方户名", "附言", "流水号", "状态", "匹配为", "依据", "匹配人", "确认人"},
		func(after id.ID) ([][]string, id.ID, error) {
			f.After, f.Limit = after, exportStride
			l, err := w.Bank.Lines(r.Context(), r.Actor(), f)
			var rows [][]string
			for _, x := range l.Items {
				in, out := x.Amount.Plain(), ""
				if !x.Came() {
					in, out = "", x.Size().Plain()
				}
				m := bank.Match{Why: x.Why}
				if x.Live != nil {
					m = *x.Live
				}
				rows = append(rows, []string{x.Day, in, out, x.Name, x.Memo, x.Serial, x.StateName(), m.Kind.KindName(), m.Why, m.Proposer, m.Decider})
			}
			return rows, l.Next, err
		})
}

// bankLinePage is bank/line.html.
type bankLinePage struct {
	templates.Chrome
	Line       bank.Show
	Status     templates.Status
	Facts      []templates.KV
	Candidates []bankCandidate
	Seek       string
	Picked     string
	Note       string
	Reason     string
	Key        string
	MayMatch   bool
	MayConfirm bool
	MayRefuse  bool
	MayUndo    bool
	MayDoubt   bool   // ask that the confirmed match be reversed
	MaySettle  bool   // decide on who asked
	Offline    string // where to write down a donation that was never pledged
	Events     []templates.Event
}

// sundry is what banks write on their own interest and fees.
var sundry = regexp.MustCompile("结息|利息|手续费|管理费|工本费|年费|汇划费|服务费|短信费")

// bankCandidate is one answer to "what is this line".
type bankCandidate struct {
	bank.Candidate
	Value, Href string
	Status      templates.Status
}

func (w *Web) bankLine(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.bankLinePage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bank/line", p), nil
}

func (w *Web) bankLinePage(r *edge.Request, at id.ID) (*bankLinePage, error) {
	ctx, who := r.Context(), r.Actor()
	l, err := w.Bank.Get(ctx, who, at)
	if err != nil {
		return nil, err
	}
	can := func(action string) bool { return l.Live != nil && w.Bank.Can(who, l.Line, l.Live, action) }
	p := &bankLinePage{Line: l, Status: lineStatus(l.Line), Key: pressKey(), Seek: r.Query("q"), Events: timeline(l.Timeline),
		MayMatch: l.State == bank.Open && w.Bank.Allowed(who, "match"), MayConfirm: can("confirm"), MayRefuse: can("refuse"), MayUndo: can("withdraw")}
	p.MayDoubt = l.Live != nil && !l.Live.Doubted() && l.Reversible && can("reverse")
	p.MaySettle = l.Live != nil && l.Live.Doubted() && can("reverse_decide")
	p.Title, p.Breadcrumbs = "流水 "+writtenDay(l.Day), []templates.Crumb{bankDesk, {Label: "银行流水", Href: "/foundation/bank/lines"}, {Label: writtenDay(l.Day) + " " + l.Amount.Yuan() + " 元"}}
	p.Facts = lineFacts(l)
	if !p.MayMatch {
		return p, nil
	}
	list, err := w.Bank.Candidates(ctx, who, at, p.Seek)
	for n, c := range list {
		x := bankCandidate{Candidate: c, Value: string(c.Kind) + ":" + string(c.Target), Href: targetHref(c.Kind, c.Target), Status: confidence(c.Score)}
		if p.Candidates = append(p.Candidates, x); n == 0 && c.Score >= bank.Sure {
			p.Picked = x.Value
		}
	}
	if p.Picked == "" && sundry.MatchString(l.Memo) {
		p.Picked, p.Note = string(bank.Sundry), l.Memo
	}
	if l.Came() {
		p.Offline = "/foundation/donations/new?amount=" + l.Amount.Plain() + "&donor=" + escape(l.Name)
	}
	return p, err
}

func lineFacts(l bank.Show) []templates.KV {
	out := []templates.KV{{Label: "日期", Value: writtenDay(l.Day), Note: strconv.Itoa(l.Age) + " 天前"}, {Label: "对方户名", Value: or(l.Name, "银行没有提供")}}
	if l.Tail != "" {
		out = append(out, templates.KV{Label: "对方账号", Value: "尾号 " + l.Tail, Mono: true})
	}
	out = append(out, templates.KV{Label: "附言", Value: or(l.Memo, "没有附言")})
	if l.Serial != "" {
		out = append(out, templates.KV{Label: "流水号", Value: l.Serial, Mono: true})
	}
	return append(out, templates.KV{Label: "银行账户", Value: l.Account.Title()},
		templates.KV{Label: "来自", Value: l.File.Name + " 第 " + strconv.Itoa(l.Row) + " 行", Href: "/foundation/bank/imports/" + string(l.File.ID), Note: l.File.Uploader + "导入"})
}

func targetHref(k bank.Kind, of id.ID) string {
	switch k {
	case bank.Gift, bank.Refund:
		return "/foundation/donations/" + string(of)
	case bank.Paid:
		return "/foundation/payments/" + string(of)
	case bank.Back:
		return "/foundation/bank/lines/" + string(of)
	default:
		return ""
	}
}

// onLine does one step with a line: it comes back to its page with complaints,
// or goes on to where next says.
func (w *Web) onLine(r *edge.Request, do func(at id.ID, f *edge.Form) (next, said string, err error)) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	next, said, err := do(at, f)
	if err != nil {
		p, perr := w.bankLinePage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Picked, p.Note, p.Reason = f.Get("target"), f.Get("note"), f.Get("reason")
		return again("bank/line", p, err)
	}
	return edge.Redirect(next).Flash("ok", said), nil
}

func (w *Web) bankMatch(r *edge.Request) (edge.Response, error) {
	return w.onLine(r, func(at id.ID, f *edge.Form) (string, string, error) {
		kind, target, _ := strings.Cut(f.Get("target"), ":")
		if kind == "" {
			var c fault.Check
			c.Fail("target", "请选择这笔流水是什么")
			return "", "", c.Err()
		}
		l, err := w.Bank.Propose(r.Context(), r.Actor(), at, bank.Proposal{Kind: bank.Kind(kind), Target: id.ID(target), Note: f.Get("note")})
		if err != nil {
			return "", "", err
		}
		const said = "已匹配，等待另一位同事确认"
		way := "out"
		if l.Came() {
			way = "in"
		}
		if f.Get("go") == "next" {
			following, err := w.Bank.Lines(r.Context(), r.Actor(), bank.Filter{State: bank.Open, Way: way, After: at, Limit: 1})
			if err != nil {
				return "", "", err
			}
			if len(following.Items) > 0 {
				return "/foundation/bank/lines/" + string(following.Items[0].ID), said + "；这是下一笔", nil
			}
			return "/foundation/bank/lines?state=open&way=" + way, said + "；后面没有了", nil
		}
		return "/foundation/bank/lines/" + string(at), said, nil
	})
}

func (w *Web) bankConfirm(r *edge.Request) (edge.Response, error) {
	return w.onLine(r, func(at id.ID, f *edge.Form) (string, string, error) {
		_, err := w.Bank.Confirm(r.Context(), r.Actor(), at, bank.Decision{RelationChecked: f.Get("relation_checked") == "yes", Key: f.Get("key")})
		return "/foundation/bank/lines/" + string(at), "已确认并记账", err
	})
}

func (w *Web) bankUndo(r *edge.Request) (edge.Response, error) {
	return w.onLine(r, func(at id.ID, f *edge.Form) (string, string, error) {
		_, err := w.Bank.Undo(r.Context(), r.Actor(), at, f.Get("reason"))
		return "/foundation/bank/lines/" + string(at), "匹配已撤回，账上没有变化", err
	})
}

func (w *Web) bankReverse(r *edge.Request) (edge.Response, error) {
	return w.onLine(r, func(at id.ID, f *edge.Form) (string, string, error) {
		_, err := w.Bank.AskReverse(r.Context(), r.Actor(), at, f.Get("reason"))
		return "/foundation/bank/lines/" + string(at), "已申请撤销，等待另一位同事决定", err
	})
}

func (w *Web) bankReverseDecide(r *edge.Request) (edge.Response, error) {
	return w.onLine(r, func(at id.ID, f *edge.Form) (string, string, error) {
		in, said := bank.Doubt{Approve: f.Get("decision") == "reverse", Reason: f.Get("reason"), Key: f.Get("key")}, "匹配保留，没有改账"
		if in.Approve {
			said = "已冲销，流水重新等待核对"
		}
		_, err := w.Bank.DecideReverse(r.Context(), r.Actor(), at, in)
		return "/foundation/bank/lines/" + string(at), said, err
	})
}
