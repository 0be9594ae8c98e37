package web

import (
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/award"
	"gongji/app/procurement/opening"
	"gongji/templates"
)

// bondsPage is award/bonds.html.
type bondsPage struct {
	purchasePage
	Rows    []bondRow
	Bidders []templates.Option
	Forms   []templates.Option
	Most    string // 元: the most a bond may be
	Article string
	May     bool
	Back    bool // may mark as returned
	Form    bondForm
	Giving  id.ID // the bond whose return was refused
	Next    templates.Action
}

type bondRow struct {
	award.Bond
	Deadline *templates.Deadline
	Status   templates.Status
	Files    []templates.File
}

// bondForm is a bond as typed.
type bondForm struct{ Supplier, Amount, Form, ReceivedOn, ReturnedOn, Proof string }

func (w *Web) bondsPage(r *edge.Request) (*bondsPage, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return nil, err
	}
	list, err := w.Awards.Bonds(r.Context(), r.Actor(), t.ID)
	if err != nil {
		return nil, err
	}
	p := &bondsPage{purchasePage: w.purchase(r, t, "投标保证金"), May: w.Awards.Allowed(r.Context(), r.Actor(), t, "bond"), Back: w.Awards.Allowed(r.Context(), r.Actor(), t, "bond_return")}
	rule := w.rule(r, t, rules.BidBond)
	p.Article = rule.Source()
	if t.Budget != nil {
		p.Most = money.Fen(int64(*t.Budget) * rule.Value / 10_000).Yuan()
	}
	late := 0
	for _, b := range list {
		row := bondRow{Bond: b, Status: templates.Status{Label: "待退还", Tone: templates.Warn}}
		switch {
		case b.ReturnedOn != nil:
			row.Status = templates.Status{Label: "已退还", Tone: templates.OK}
		case b.Due == nil:
			row.Status = templates.Status{Label: "期限未开始", Tone: templates.Neutral}
		default:
			row.Deadline = &templates.Deadline{Label: "退还期限", At: b.Due.Add(-time.Minute), Now: r.Now(), Article: b.Article}
			late++
		}
		files, err := w.Attachments.For(r.Context(), r.Actor(), award.BondKind, b.ID)
		if err != nil {
			return nil, err
		}
		row.Files = attachedFiles(files)
		p.Rows = append(p.Rows, row)
	}
	p.Next = templates.Action{Title: "没有待退还的保证金", Waiting: "结果公布或合同签订后，退还期限从那时起算。"}
	if late > 0 {
		p.Next = templates.Action{Title: "退还投标保证金", Text: "在期限内退还并登记回单。", Label: "去登记", Href: "#bonds"}
	}
	for _, f := range award.BondForms {
		p.Forms = append(p.Forms, templates.Option{Value: f, Label: f})
	}
	return p, w.bondBidders(r, p)
}

func (w *Web) bondBidders(r *edge.Request, p *bondsPage) error {
	if !p.May {
		return nil
	}
	_, lines, err := w.Openings.Of(r.Context(), p.Tender.ID)
	if missing(err) {
		return nil
	}
	for _, l := range lines {
		p.Bidders = append(p.Bidders, bidderOption(l))
	}
	return err
}

func bidderOption(l opening.Line) templates.Option {
	return templates.Option{Value: string(l.Supplier), Label: l.SupplierName}
}

func (w *Web) bondList(r *edge.Request) (edge.Response, error) {
	p, err := w.bondsPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "award/bonds", p), nil
}

func (w *Web) bondDo(r *edge.Request, done string, do func(p *bondsPage) error) (edge.Response, error) {
	p, err := w.bondsPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Form = bondForm{f.Get("supplier"), f.Get("amount"), f.Get("form"), f.Get("received_on"), f.Get("returned_on"), f.Get("proof")}
	if err := do(p); err != nil {
		return again("award/bonds", p, err)
	}
	return edge.Redirect(tenderPath(p.Tender.ID)+"/bonds").Flash("ok", done), nil
}

func (w *Web) bondRecord(r *edge.Request) (edge.Response, error) {
	return w.bondDo(r, "已登记", func(p *bondsPage) error {
		amount, err := money.Parse(p.Form.Amount)
		if err != nil {
			amount = 0 // the service asks for it by its field
		}
		_, err = w.Awards.RecordBond(r.Context(), r.Actor(), p.Tender.ID, award.BondInput{Supplier: id.ID(p.Form.Supplier), Amount: amount, Form: p.Form.Form, ReceivedOn: dayOf(p.Form.ReceivedOn)})
		return err
	})
}

func (w *Web) bondReturn(r *edge.Request) (edge.Response, error) {
	return w.bondDo(r, "已登记退还", func(p *bondsPage) error {
		b, err := r.ID("bond")
		if err != nil {
			return err
		}
		p.Giving = b
		return w.Awards.ReturnBond(r.Context(), r.Actor(), p.Tender.ID, b, dayOf(p.Form.ReturnedOn), p.Form.Proof)
	})
}
