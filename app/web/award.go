package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/award"
	"gongji/app/procurement/draw"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) awardRoutes() []edge.Route {
	return []edge.Route{
		get("/tenders/{id}/award", "public", w.awardShow),
		post("/tenders/{id}/award", "buyer", w.awardPropose),
		post("/tenders/{id}/award/decide", "buyer", w.awardDecide),
		post("/tenders/{id}/award/forfeit", "buyer", w.awardForfeit),
		post("/tenders/{id}/award/forfeit/decide", "buyer", w.awardForfeitDecide),
		post("/tenders/{id}/award/refuse", "supplier", w.awardRefuse),
		post("/tenders/{id}/award/lapse", "buyer", w.awardLapse),
		post("/tenders/{id}/award/lots", "buyer", w.awardLots),
		post("/tenders/{id}/award/lots/seed", "buyer", w.awardLotsSeed),
		post("/tenders/{id}/void", "buyer", w.awardVoid),
		get("/tenders/{id}/bonds", "buyer", w.bondList),
		post("/tenders/{id}/bonds", "buyer", w.bondRecord),
		post("/tenders/{id}/bonds/{bond}/return", "buyer", w.bondReturn),
	}
}

// awardPage is award/show.html: the public result, and before it the proposal
// in the buyer's hands.
type awardPage struct {
	purchasePage
	Result  *award.Result
	Notice  []templates.File
	Ranking *rankingPage // nil for whoever may not see it
	Rounds  []award.Award
	Live    *award.Award // the proposal that waits
	Propose bool
	Decide  bool
	Form    award.Proposal
	Reason  string // of a return, as typed
	Tied    bool   // several share the first place
	Lots    *draw.File
	Order   []string // the tied in the order of the lots
	MayLots bool
	MaySeed bool
	Value   string
	Lapsed  bool // rank 1 counts as chosen, and this actor may make it known
	Void    bool
	Grounds []templates.Option
	Voiding evaluation.Voiding
	Dues    []Due
	Next    templates.Action
	forfeitPart
}

func (w *Web) awardPage(r *edge.Request) (*awardPage, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return nil, err
	}
	p := &awardPage{purchasePage: w.purchase(r, t, "定标结果")}
	res, err := w.Awards.Result(r.Context(), t.ID)
	switch {
	case err == nil:
		p.Result = &res
		if p.Notice, err = w.paper(r, res.Award.Notice); err != nil {
			return nil, err
		}
		at := res.PublicAt
		sign := w.due(r, t, "签订合同", rules.ContractSign, &at)
		if t.State == tender.Awarded {
			sign = owed(sign)
		}
		p.Dues = append(w.due(r, t, "结果公告期满", rules.ResultNoticePeriod, &at), sign...)
	case !missing(err):
		return nil, err
	}
	p.Next = w.awardNext(r, t)
	if p.forfeitPart, err = w.forfeitPart(r, t); err != nil {
		return nil, err
	}
	if isBuyer(r.Actor(), t) {
		return p, w.awardInside(r, t, p)
	}
	return p, nil
}

// awardInside adds what the buyer's people see before the result is public.
func (w *Web) awardInside(r *edge.Request, t tender.Tender, p *awardPage) error {
	ranking := &rankingPage{purchasePage: p.purchasePage}
	if err := w.fillRanking(r, t, ranking); err == nil {
		p.Ranking = ranking
		if p.Result == nil {
			p.Dues = ranking.Dues
		}
	} else if !missing(err) && !fault.Is(err, fault.Forbidden) { // finance has no part in the ranking
		return err
	}
	var err error
	if p.Rounds, err = w.Awards.Rounds(r.Context(), r.Actor(), t.ID); err != nil {
		return err
	}
	for i := range p.Rounds {
		if p.Rounds[i].State == award.Proposed {
			p.Live = &p.Rounds[i]
		}
	}
	p.Propose = w.Awards.Allowed(r.Context(), r.Actor(), t, "propose") && p.Ranking != nil && p.Ranking.Evaluation.ReportedAt != nil
	if err := w.awardEnds(r, t, p); err != nil {
		return err
	}
	p.Decide = p.Live != nil && w.Awards.Allowed(r.Context(), r.Actor(), t, "decide")
	if p.Propose && len(p.Ranking.Rows) > 0 && p.Form.Bid == "" {
		p.Form.Bid, err = w.Awards.Turn(r.Context(), t)
	}
	return err
}

func (w *Web) awardShow(r *edge.Request) (edge.Response, error) {
	p, err := w.awardPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "award/show", p).Shared(), nil
}

func (w *Web) awardPropose(r *edge.Request) (edge.Response, error) {
	p, err := w.awardPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Form = award.Proposal{Bid: id.ID(f.Get("bid")), Reason: f.Get("reason")}
	if _, err := w.Awards.Propose(r.Context(), r.Actor(), p.Tender.ID, p.Form); err != nil {
		return again("award/show", p, err)
	}
	return edge.Redirect(r.Path()).Flash("ok", "已提交审批，由另一位审批人批准后公布"), nil
}

func (w *Web) awardDecide(r *edge.Request) (edge.Response, error) {
	p, err := w.awardPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	done := "结果已公布，中标通知书正在生成"
	if f.Get("decision") == "approve" {
		_, err = w.Awards.Approve(r.Context(), r.Actor(), p.Tender.ID)
	} else {
		done, p.Reason = "已退回经办人", f.Get("reason")
		err = w.Awards.Return(r.Context(), r.Actor(), p.Tender.ID, p.Reason)
	}
	if err != nil {
		return again("award/show", p, err)
	}
	return edge.Redirect(tenderPath(p.Tender.ID)+"/award").Flash("ok", done), nil
}

// awardNext is what to do next, which is never to come to this very page.
func (w *Web) awardNext(r *edge.Request, t tender.Tender) templates.Action {
	next := w.stageNext(r, t)
	if next.Href != tenderPath(t.ID)+"/award" {
		return next
	}
	if t.State == tender.Awarded {
		return templates.Action{Title: "等待签订合同", Waiting: "双方应当自通知书发出之日起三十日内签订合同，由采购人登记并公告。"}
	}
	return templates.Action{Title: next.Title, Waiting: "请在本页办理。"}
}

// awardEnds adds what breaks a tie, what a silent buyer comes to, and how the
// purchase is ended without a winner.
func (w *Web) awardEnds(r *edge.Request, t tender.Tender, p *awardPage) error {
	may := func(action string) bool { return w.Evaluations.May(r.Context(), r.Actor(), t.ID, action) == nil }
	p.Void = may("void")
	for _, g := range evaluation.VoidGrounds() {
		p.Grounds = append(p.Grounds, templates.Option{Value: g[0], Label: g[1]})
	}
	if p.Ranking == nil {
		return nil
	}
	lapsed, err := w.Awards.Lapsed(r.Context(), t)
	if err != nil {
		return err
	}
	p.Lapsed = lapsed && w.Awards.Allowed(r.Context(), r.Actor(), t, "lapse")
	names := map[string]string{}
	for _, row := range p.Ranking.Rows {
		names[string(row.Bid)] = row.Bidder.Name
		p.Tied = p.Tied || row.Rank == 1 && row.Tied
	}
	if !p.Tied {
		return nil
	}
	if p.Lots, err = w.Evaluations.Lots(r.Context(), r.Actor(), t.ID); err != nil {
		return err
	}
	p.MayLots = p.Lots == nil && may("lots")
	p.MaySeed = p.Lots != nil && p.Lots.DrawnAt == nil && may("draw")
	if p.Lots != nil && p.Lots.DrawnAt != nil {
		for _, c := range append(p.Lots.Orders[0].Drawn, p.Lots.Orders[0].Alternates...) {
			p.Order = append(p.Order, names[c])
		}
	}
	return nil
}

// awardDo runs one act on the way to an award and shows the page again where
// it is refused.
func (w *Web) awardDo(r *edge.Request, done string, do func(p *awardPage, f *edge.Form) error) (edge.Response, error) {
	p, err := w.awardPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := do(p, f); err != nil {
		return again("award/show", p, err)
	}
	return edge.Redirect(tenderPath(p.Tender.ID)+"/award").Flash("ok", done), nil
}

func (w *Web) awardLapse(r *edge.Request) (edge.Response, error) {
	return w.awardDo(r, "已确认并公布", func(p *awardPage, _ *edge.Form) error {
		_, err := w.Awards.Lapse(r.Context(), r.Actor(), p.Tender.ID)
		return err
	})
}

func (w *Web) awardLots(r *edge.Request) (edge.Response, error) {
	return w.awardDo(r, "抽签的校验值已公布；请监督人输入之后才产生的数", func(p *awardPage, _ *edge.Form) error {
		return w.Evaluations.CommitLots(r.Context(), r.Actor(), p.Tender.ID)
	})
}

func (w *Web) awardLotsSeed(r *edge.Request) (edge.Response, error) {
	return w.awardDo(r, "已抽签", func(p *awardPage, f *edge.Form) error {
		p.Value = f.Get("value")
		return w.Evaluations.DrawLots(r.Context(), r.Actor(), p.Tender.ID, p.Value)
	})
}

func (w *Web) awardVoid(r *edge.Request) (edge.Response, error) {
	return w.awardDo(r, "已废标，理由已公布", func(p *awardPage, f *edge.Form) error {
		p.Voiding = evaluation.Voiding{Ground: f.Get("ground"), Reason: f.Get("void_reason")}
		return w.Evaluations.Void(r.Context(), r.Actor(), p.Tender.ID, p.Voiding)
	})
}
