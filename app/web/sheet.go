package web

import (
	"fmt"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) sheetRoutes() []edge.Route {
	return []edge.Route{
		get("/panels", "panel", w.panelList),
		get("/panels/{id}", "panel", w.sheetShow),
		post("/panels/{id}", "panel", w.sheetSave),
		post("/panels/{id}/autosave", "panel", w.sheetAutosave),
		post("/panels/{id}/submit", "panel", w.sheetHandIn),
	}
}

// panelListPage is evaluation/mine.html.
type panelListPage struct {
	templates.Chrome
	Items []panelRow
}

type panelRow struct {
	evaluation.Duty
	Status templates.Status
}

func (w *Web) panelList(r *edge.Request) (edge.Response, error) {
	duties, err := w.Evaluations.Duties(r.Context(), r.Actor())
	if err != nil {
		return edge.Response{}, err
	}
	p := &panelListPage{}
	p.Title = "我的评审"
	for _, d := range duties {
		s := templates.Status{Label: "等待开始", Tone: templates.Neutral}
		switch {
		case d.DeclaredAt == nil && d.State == tender.Evaluating:
			s = templates.Status{Label: "待作出承诺", Tone: templates.Warn}
		case d.SubmittedAt != nil && d.State == tender.Evaluating && d.Waiting == 0:
			s = templates.Status{Label: "待汇总", Tone: templates.Warn}
		case d.SubmittedAt != nil && d.ReportedAt == nil && d.SignedAt == nil && (d.State == tender.Evaluated || d.State == tender.Failed):
			s = templates.Status{Label: "待签署报告", Tone: templates.Warn}
		case d.SubmittedAt != nil:
			s = templates.Status{Label: "已提交评分", Tone: templates.OK}
		case d.State == tender.Evaluating:
			s = templates.Status{Label: fmt.Sprintf("待评分，已评 %d/%d", d.Judged, d.Bids), Tone: templates.Warn}
		case d.State != tender.Opened:
			s = templates.Status{Label: d.State.Name(), Tone: stateTone(d.State)}
		}
		p.Items = append(p.Items, panelRow{d, s})
	}
	return edge.HTML(200, "evaluation/mine", p), nil
}

// sheetPage is evaluation/sheet.html: all bids by all lines of the table.
type sheetPage struct {
	purchasePage
	Desk       evaluation.Desk
	Columns    []sheetColumn
	Rows       []sheetRow
	May        bool
	Left       int   // answers still to be given
	Unfinished id.ID // the first bid that lacks one
	All        int
	Declare    bool   // the declaration comes first
	Recuse     bool   // a tie found after it can still be declared
	Tie        string // as typed
	Quantified string // article
	Meeting    string // address of the meeting, once all are in
}

type sheetColumn struct {
	Name, Description, Full string
	Bands                   []tender.Band
	Allowed                 string
}

// sheetRow is one bid as this member sees it, with what was typed.
type sheetRow struct {
	Bid        id.ID
	Name       string
	Price      string
	Conforming string // "yes", "no" or ""
	Failed     []string
	Reason     string
	Comment    string
	Cells      []sheetCell
	Left       int
}

// sheetCell is one score as typed; Field is "BID.KEY". Options are the points
// to choose from where every interval gives exactly one number.
type sheetCell struct {
	Field, Value, Name, Full, Allowed string
	Options                           []templates.Option
}

// pointsOptions are the points of a line to choose from; nil where they are to
// be typed, because an interval leaves a range or the line has none. What was
// saved and is no option stays visible, so that nothing changes by itself.
func pointsOptions(bands []tender.Band, value string) []templates.Option {
	var out []templates.Option
	zero, known := false, value == ""
	for _, b := range bands {
		if b.Least != nil {
			return nil
		}
		v := tender.Points(b.Points)
		zero, known = zero || b.Points == 0, known || v == value
		out = append(out, templates.Option{Value: v, Label: v + " 分　" + b.Text})
	}
	if len(out) > 0 && !zero {
		out, known = append(out, templates.Option{Value: "0", Label: "0 分　都不符合"}), known || value == "0"
	}
	if len(out) > 0 && !known {
		out = append(out, templates.Option{Value: value, Label: value + " 分（不在区间内，请重选）"})
	}
	return out
}

func (w *Web) sheetPage(r *edge.Request) (*sheetPage, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	d, err := w.Evaluations.Desk(r.Context(), r.Actor(), x)
	if err != nil {
		return nil, err
	}
	p := &sheetPage{purchasePage: w.purchase(r, d.Tender, "评分表"), Desk: d, Left: len(d.Missing)}
	p.Breadcrumbs = []templates.Crumb{{Label: "我的评审", Href: "/panels"}, {Label: d.Tender.Title}}
	p.Quantified = w.rule(r, d.Tender, rules.ScoringQuantified).Source()
	p.Declare = d.Member.DeclaredAt == nil && d.Tender.State == tender.Evaluating
	p.Recuse = d.Member.DeclaredAt != nil && d.Tender.State == tender.Evaluating
	p.May = d.Member.DeclaredAt != nil && d.Member.SubmittedAt == nil && d.Tender.State == tender.Evaluating
	switch {
	case d.Tender.State == tender.Evaluating && d.Panel > 0 && d.Handed == d.Panel:
		p.Meeting = "/panels/" + string(x) + "/meeting"
	case d.Tender.State == tender.Evaluated || d.Tender.State == tender.Failed:
		p.Meeting = "/panels/" + string(x) + "/report"
	}
	for _, q := range d.Questions {
		k := tender.Criterion{Weight: q.Weight, Bands: q.Bands}
		p.Columns = append(p.Columns, sheetColumn{q.Name, q.Description, tender.Points(q.Weight), q.Bands, k.Allowed()})
	}
	for _, l := range d.Bids {
		s := d.Sheets[l.Bid]
		row := sheetRow{Bid: l.Bid, Name: l.SupplierName, Price: l.Price.Yuan(), Failed: s.Failed, Reason: s.Reason, Comment: s.Comment}
		if s.Conforming != nil {
			row.Conforming = map[bool]string{true: "yes", false: "no"}[*s.Conforming]
		}
		for _, q := range d.Questions {
			c := sheetCell{Field: string(l.Bid) + "." + q.Key, Name: q.Name, Full: tender.Points(q.Weight)}
			if v, ok := s.Scores[q.Key]; ok {
				c.Value = tender.Points(v)
			}
			c.Allowed, c.Options = tender.Criterion{Weight: q.Weight, Bands: q.Bands}.Allowed(), pointsOptions(q.Bands, c.Value)
			row.Cells = append(row.Cells, c)
		}
		for _, f := range d.Missing {
			if strings.HasPrefix(f.Name, string(l.Bid)+".") {
				row.Left++
				if p.Unfinished == "" {
					p.Unfinished = row.Bid
				}
			}
		}
		p.Rows = append(p.Rows, row)
	}
	p.All = len(d.Bids) * (len(d.Questions) + 1)
	return p, nil
}

func (w *Web) sheetShow(r *edge.Request) (edge.Response, error) {
	p, err := w.sheetPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "evaluation/sheet", p), nil
}

// markings reads the sheet as typed; a score that is no number is a complaint
// under its own field, and an empty one is left for later.
func (p *sheetPage) markings(f *edge.Form) ([]evaluation.Marking, error) {
	var c fault.Check
	var out []evaluation.Marking
	for i := range p.Rows {
		row := &p.Rows[i]
		at := string(row.Bid) + "."
		row.Conforming, row.Reason, row.Comment, row.Failed = f.Get(at+"conforming"), f.Get(at+"reason"), f.Get(at+"comment"), f.All(at+"failed")
		m := evaluation.Marking{Bid: row.Bid, Failed: row.Failed, Reason: row.Reason, Comment: row.Comment, Scores: map[string]int64{}}
		if row.Conforming != "" {
			yes := row.Conforming == "yes"
			m.Conforming = &yes
		}
		for j, q := range p.Desk.Questions {
			cell := &row.Cells[j]
			cell.Value = f.Get(cell.Field)
			cell.Options = pointsOptions(q.Bands, cell.Value)
			if cell.Value == "" {
				continue
			}
			v, err := evaluation.ParsePoints(cell.Value)
			if err != nil {
				c.Fail(cell.Field, "“%s”的“%s”：%s", row.Name, q.Name, err.Error())
				continue
			}
			m.Scores[q.Key] = v
		}
		out = append(out, m)
	}
	return out, c.Err()
}

func (w *Web) sheetStore(r *edge.Request) (*sheetPage, error) {
	p, err := w.sheetPage(r)
	if err != nil {
		return nil, err
	}
	f, err := r.Form()
	if err != nil {
		return nil, err
	}
	in, err := p.markings(f)
	if err == nil {
		err = w.Evaluations.Save(r.Context(), r.Actor(), p.Desk.Tender.ID, in)
	}
	return p, err
}

func (w *Web) sheetSave(r *edge.Request) (edge.Response, error) {
	p, err := w.sheetStore(r)
	if err != nil {
		if p == nil {
			return edge.Response{}, err
		}
		return again("evaluation/sheet", p, err)
	}
	return edge.Redirect(r.Path()).Flash("ok", "已保存"), nil
}

func (w *Web) sheetAutosave(r *edge.Request) (edge.Response, error) {
	_, err := w.sheetStore(r)
	return edge.NoContent(), err
}

// sheetHandIn hands in what is on the screen: it is saved first, for it may be
// newer than the last draft.
func (w *Web) sheetHandIn(r *edge.Request) (edge.Response, error) {
	p, err := w.sheetStore(r)
	if err != nil && p != nil {
		return again("evaluation/sheet", p, err)
	}
	if err == nil {
		p, err = w.sheetPage(r)
	}
	if err != nil {
		return edge.Response{}, err
	}
	if err := w.Evaluations.HandIn(r.Context(), r.Actor(), p.Desk.Tender.ID); err != nil {
		return again("evaluation/sheet", p, err)
	}
	return edge.Redirect("/panels").Flash("ok", "评分已提交；全部成员提交后进行汇总"), nil
}
