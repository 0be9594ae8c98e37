package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/award"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) awardRoutes() []edge.Route {
	return []edge.Route{
		get("/tenders/{id}/award", "public", w.awardShow),
		post("/tenders/{id}/award", "buyer", w.awardPropose),
		post("/tenders/{id}/award/decide", "buyer", w.awardDecide),
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
	Dues    []Due
	Next    templates.Action
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
		p.Dues = append(w.due(r, t, "结果公告期满", rules.ResultNoticePeriod, &at), w.due(r, t, "签订合同", rules.ContractSign, &at)...)
	case !missing(err):
		return nil, err
	}
	p.Next = w.stageNext(r, t)
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
	} else if !missing(err) {
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
	p.Propose = w.Awards.Allowed(r.Context(), r.Actor(), t, "propose")
	p.Decide = p.Live != nil && w.Awards.Allowed(r.Context(), r.Actor(), t, "decide")
	if p.Ranking != nil && len(p.Ranking.Rows) > 0 && p.Form.Bid == "" {
		p.Form.Bid = p.Ranking.Rows[0].Bid
	}
	return nil
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
