package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/draw"
	"gongji/app/procurement/evaluation"
	"gongji/templates"
)

// errNoDraw answers where nothing was drawn.
var errNoDraw = fault.New(fault.NotFound, "本项目没有抽取记录")

// eligibilityPage is evaluation/eligibility.html: the buyer's 资格审查.
type eligibilityPage struct {
	purchasePage
	Check  evaluation.Eligibility
	Rows   []*eligibilityRow // of this page
	Narrow narrowed
	Left   int // bidders without a verdict
	May    bool
	Rest   bool // whoever has no verdict passes, as was ticked
	Next   templates.Action
	all    []*eligibilityRow
}

// eligibilityPart is how many bidders stand on one page.
const eligibilityPart = 25

// eligibilityGroups are the parts of the list of bidders.
var eligibilityGroups = []group[*eligibilityRow]{
	{"todo", "没有判断", func(x *eligibilityRow) bool { return x.Passed == "" }},
	{"flagged", "系统有提示", func(x *eligibilityRow) bool { return len(x.Flagged) > 0 }},
	{"no", "不合格", func(x *eligibilityRow) bool { return x.Passed == "no" }},
	{"yes", "合格", func(x *eligibilityRow) bool { return x.Passed == "yes" }},
}

// eligibilityRow is one bidder with what was decided or typed.
type eligibilityRow struct {
	Bid     id.ID
	Name    string
	Passed  string // "yes", "no" or ""
	Failed  []string
	Reason  string
	Flagged []string // found against it
}

func (w *Web) eligibilityPage(r *edge.Request) (*eligibilityPage, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return nil, err
	}
	p := &eligibilityPage{purchasePage: w.purchase(r, t, "资格审查"), May: w.Evaluations.May(r.Context(), r.Actor(), t.ID, "eligibility") == nil}
	if p.Check, err = w.Evaluations.Eligibility(r.Context(), r.Actor(), t.ID); err != nil {
		return nil, err
	}
	for _, l := range p.Check.Bids {
		row := &eligibilityRow{Bid: l.Bid, Name: l.SupplierName}
		if v, ok := p.Check.Verdicts[l.Bid]; ok {
			row.Passed, row.Failed, row.Reason = map[bool]string{true: "yes", false: "no"}[v.Passed], v.Failed, v.Reason
		}
		for _, x := range p.Check.Pairs {
			if x.A == l.Supplier || x.B == l.Supplier {
				row.Flagged = append(row.Flagged, x.Why+"（"+x.AName+"、"+x.BName+"，"+x.Rule.Source()+"）")
			}
		}
		if row.Passed == "" {
			p.Left++
		}
		p.all = append(p.all, row)
	}
	p.Narrow = askedFor(r, tenderPath(t.ID)+"/eligibility")
	p.Narrow.Write = p.May
	p.Rows = narrow(&p.Narrow, p.all, eligibilityPart, func(x *eligibilityRow) string { return x.Name }, eligibilityGroups)
	p.Next = w.stageNext(r, t)
	return p, nil
}

func (w *Web) eligibilityShow(r *edge.Request) (edge.Response, error) {
	p, err := w.eligibilityPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "evaluation/eligibility", p), nil
}

// evaluationFile hands out the published evaluation, for anybody to replay.
func (w *Web) evaluationFile(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.Evaluations.Published(r.Context(), x)
	if err != nil {
		return edge.Response{}, err
	}
	return jsonFile("评审数据.json", p)
}

// drawsFile hands out the last published draw of a purpose.
func (w *Web) drawsFile(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	list, err := w.Evaluations.PublishedDraws(r.Context(), x)
	if err != nil {
		return edge.Response{}, err
	}
	var kept []draw.File
	for _, d := range list {
		if d.Purpose == draw.Experts || r.Query("purpose") == d.Purpose {
			kept = append(kept, d)
		}
	}
	return lastDraw(kept)
}
