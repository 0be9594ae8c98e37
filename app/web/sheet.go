package web

import (
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) sheetRoutes() []edge.Route {
	return []edge.Route{
		get("/panels", "panel", w.panelList),
		get("/panels/export.csv", "panel", w.panelExport),
		get("/panels/{id}", "panel", w.sheetShow),
		post("/panels/{id}", "panel", w.sheetSave),
		post("/panels/{id}/autosave", "panel", w.sheetAutosave),
		post("/panels/{id}/submit", "panel", w.sheetHandIn),
	}
}

// sheetPage is evaluation/sheet.html: a page of bids by all lines of the table.
type sheetPage struct {
	purchasePage
	Desk       evaluation.Desk
	Columns    []sheetColumn
	Computed   []computedRow
	Rows       []*sheetRow // of this page
	Narrow     narrowed
	May        bool
	Left       int    // answers still to be given
	Unfinished int    // bids that lack one
	Declare    bool   // the declaration comes first
	Recuse     bool   // a tie found after it can still be declared
	Tie        string // as typed
	Quantified string // article
	Meeting    string // address of the meeting, once all are in
	all        []*sheetRow
}

// sheetPart is how many bids stand on one page: a form of them all would be
// larger than a form may be.
const sheetPart = 20

// sheetGroups are the parts of the list of bids.
var sheetGroups = []group[*sheetRow]{
	{"todo", "没有填好", func(x *sheetRow) bool { return x.Left > 0 }},
	{"done", "已填好", func(x *sheetRow) bool { return x.Left == 0 }},
	{"no", "不符合", func(x *sheetRow) bool { return x.Conforming == "no" }},
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
	p.Computed = computedRows(p.Desk)
	for _, q := range d.Questions {
		k := tender.Criterion{Weight: q.Weight, Bands: q.Bands}
		p.Columns = append(p.Columns, sheetColumn{q.Name, q.Description, tender.Points(q.Weight), q.Bands, k.Allowed()})
	}
	left := map[string]int{}
	for _, f := range d.Missing {
		bid, _, _ := strings.Cut(f.Name, ".")
		left[bid]++
	}
	p.Unfinished = len(left)
	for _, l := range d.Bids {
		s := d.Sheets[l.Bid]
		row := &sheetRow{Bid: l.Bid, Name: l.SupplierName, Price: l.Price.Yuan(), Failed: s.Failed, Reason: s.Reason, Comment: s.Comment, Left: left[string(l.Bid)]}
		if s.Conforming != nil {
			row.Conforming = map[bool]string{true: "yes", false: "no"}[*s.Conforming]
		}
		p.all = append(p.all, row)
	}
	p.Narrow = askedFor(r, "/panels/"+string(x))
	p.Narrow.Write = p.May
	p.Rows = narrow(&p.Narrow, p.all, sheetPart, func(x *sheetRow) string { return x.Name }, sheetGroups)
	for _, row := range p.Rows {
		p.fill(row)
	}
	return p, nil
}

// fill sets out the scores of a row that is shown.
func (p *sheetPage) fill(row *sheetRow) {
	s := p.Desk.Sheets[row.Bid]
	row.Cells = nil
	for _, q := range p.Desk.Questions {
		c := sheetCell{Field: string(row.Bid) + "." + q.Key, Name: q.Name, Full: tender.Points(q.Weight)}
		if v, ok := s.Scores[q.Key]; ok {
			c.Value = tender.Points(v)
		}
		c.Allowed, c.Options = tender.Criterion{Weight: q.Weight, Bands: q.Bands}.Allowed(), pointsOptions(q.Bands, c.Value)
		row.Cells = append(row.Cells, c)
	}
}

func (w *Web) sheetShow(r *edge.Request) (edge.Response, error) {
	p, err := w.sheetPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "evaluation/sheet", p), nil
}

// computedRow is a line of the scoring table that comes from a public record.
type computedRow struct {
	Bidder, Supplier, Name, Basis, Points string
}

// computedRows are what the panel sees and nobody types.
func computedRows(d evaluation.Desk) []computedRow {
	var out []computedRow
	for _, c := range d.Computed {
		row := computedRow{Basis: c.Basis, Points: tender.Points(c.Points)}
		for _, l := range d.Bids {
			if l.Bid == c.Bid {
				row.Bidder, row.Supplier = l.SupplierName, string(l.Supplier)
			}
		}
		if i, err := strconv.Atoi(c.Criterion); err == nil && i < len(d.Tender.Criteria) {
			row.Name = d.Tender.Criteria[i].Name
		}
		out = append(out, row)
	}
	return out
}
