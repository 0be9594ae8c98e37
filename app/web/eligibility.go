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
	Check evaluation.Eligibility
	Rows  []eligibilityRow
	May   bool
	Rest  bool // whoever has no verdict passes, as was ticked
	Many  bool // enough bidders to offer that
	Next  templates.Action
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
		row := eligibilityRow{Bid: l.Bid, Name: l.SupplierName}
		if v, ok := p.Check.Verdicts[l.Bid]; ok {
			row.Passed, row.Failed, row.Reason = map[bool]string{true: "yes", false: "no"}[v.Passed], v.Failed, v.Reason
		}
		for _, x := range p.Check.Pairs {
			if x.A == l.Supplier || x.B == l.Supplier {
				row.Flagged = append(row.Flagged, x.Why+"（"+x.AName+"、"+x.BName+"，"+x.Rule.Source()+"）")
			}
		}
		p.Rows = append(p.Rows, row)
	}
	p.Many = p.May && len(p.Rows) > 10
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

func (w *Web) eligibilityCheck(r *edge.Request) (edge.Response, error) {
	p, err := w.eligibilityPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	var in []evaluation.Checking
	var c fault.Check
	p.Rest = f.Get("rest") != ""
	for i := range p.Rows {
		row := &p.Rows[i]
		at := string(row.Bid) + "."
		row.Passed, row.Failed, row.Reason = f.Get(at+"passed"), f.All(at+"failed"), f.Get(at+"reason")
		// What was found against a bidder is not passed over by a tick for all.
		if row.Passed == "" && p.Rest && len(row.Flagged) == 0 && len(row.Failed) == 0 && row.Reason == "" {
			row.Passed = "yes"
		}
		c.Must(row.Passed != "", at+"passed", "请判断“%s”是否合格", row.Name)
		in = append(in, evaluation.Checking{Bid: row.Bid, Passed: row.Passed == "yes", Failed: row.Failed, Reason: row.Reason})
	}
	if err = c.Err(); err == nil {
		err = w.Evaluations.Check(r.Context(), r.Actor(), p.Tender.ID, in)
	}
	if err != nil {
		return again("evaluation/eligibility", p, err)
	}
	return edge.Redirect(tenderPath(p.Tender.ID)+"/panel").Flash("ok", "资格审查已记录"), nil
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
