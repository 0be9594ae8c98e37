package web

import (
	"net/url"

	"gongji/app/edge"
	"gongji/app/foundation/bank"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
)

func escape(s string) string { return url.QueryEscape(s) }

// bankMonthPage is bank/month.html.
type bankMonthPage struct {
	templates.Chrome
	Month      string
	Name       string
	Closing    *bank.Month // nil while nobody has begun to close it
	Sheet      bank.Sheet
	Rows       []bankBalance
	Note       string
	Key        string
	Status     templates.Status
	MayPrepare bool
	MayClose   bool
	Own        bool // prepared by the reader: somebody else closes
	Events     []templates.Event
}

// bankBalance is one account with what was typed.
type bankBalance struct {
	bank.Balance
	Typed string
}

// Field is the name of the input of the statement's balance.
func (b bankBalance) Field() string { return "stated." + string(b.Account) }

func (w *Web) bankMonthPage(r *edge.Request) (*bankMonthPage, error) {
	m, sheet, err := w.Bank.Month(r.Context(), r.Actor(), r.Param("month"))
	if err != nil {
		return nil, err
	}
	p := &bankMonthPage{Month: r.Param("month"), Closing: m, Sheet: sheet, Key: pressKey()}
	p.Name = ledger.MonthName(p.Month)
	state := bank.MonthState("")
	if m != nil {
		state, p.Note = m.State, m.Note
		p.MayClose = w.Bank.MayClose(r.Actor(), *m)
		p.Own = m.State == bank.Prepared && m.PreparedBy == r.Actor().Account
		events, err := w.Bank.MonthTimeline(r.Context(), r.Actor(), *m)
		if err != nil {
			return nil, err
		}
		p.Events = timeline(events)
	}
	p.Status, p.MayPrepare = monthStatus(state), state != bank.Closed && w.Bank.Allowed(r.Actor(), "prepare")
	p.Title, p.Breadcrumbs = p.Name+"月末对账", []templates.Crumb{bankDesk, {Label: p.Name}}
	for _, a := range sheet.Accounts {
		b := bankBalance{Balance: a}
		if a.Stated != nil {
			b.Typed = a.Stated.Plain()
		}
		p.Rows = append(p.Rows, b)
	}
	return p, nil
}

func (w *Web) bankMonth(r *edge.Request) (edge.Response, error) {
	p, err := w.bankMonthPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bank/month", p), nil
}

// onMonth does one step with a month and comes back to its page.
func (w *Web) onMonth(r *edge.Request, done string, do func(p *bankMonthPage, f *edge.Form) error) (edge.Response, error) {
	p, err := w.bankMonthPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := do(p, f); err != nil {
		return again("bank/month", p, err)
	}
	return edge.Redirect("/foundation/bank/months/"+p.Month).Flash("ok", done), nil
}

func (w *Web) bankPrepare(r *edge.Request) (edge.Response, error) {
	return w.onMonth(r, "已编制，等待另一位同事结账", func(p *bankMonthPage, f *edge.Form) error {
		var c fault.Check
		in := bank.Stated{Balances: map[id.ID]money.Fen{}, Note: f.Get("note")}
		p.Note = in.Note
		for i := range p.Rows {
			b := &p.Rows[i]
			b.Typed = f.Get(b.Field())
			if m := typedMoney(&c, b.Field(), b.Typed); m != nil {
				in.Balances[b.Account] = *m
			}
		}
		_, err := w.Bank.Prepare(r.Context(), r.Actor(), p.Month, in, &c)
		return err
	})
}

func (w *Web) bankClose(r *edge.Request) (edge.Response, error) {
	return w.onMonth(r, "已结账，这个月不能再记账", func(p *bankMonthPage, f *edge.Form) error {
		_, err := w.Bank.Close(r.Context(), r.Actor(), p.Month, f.Get("key"))
		return err
	})
}
