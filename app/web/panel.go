package web

import (
	"fmt"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/draw"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) panelRoutes() []edge.Route {
	return []edge.Route{
		get("/tenders/{id}/panel", "buyer", w.panelShow),
		post("/tenders/{id}/panel", "buyer", w.panelName),
		post("/tenders/{id}/panel/begin", "buyer", w.panelBegin),
		post("/tenders/{id}/panel/{member}/remove", "buyer", w.panelRemove),
		post("/tenders/{id}/panel/{member}/decline", "buyer", w.panelDecline),
		post("/tenders/{id}/draw", "buyer", w.drawCommit),
		post("/tenders/{id}/draw/seed", "buyer", w.drawSeed),
		get("/tenders/{id}/draw.json", "buyer", w.drawFile),
		get("/tenders/{id}/eligibility", "buyer", w.eligibilityShow),
		post("/tenders/{id}/eligibility", "buyer", w.eligibilityCheck),
		get("/tenders/{id}/ranking", "panel", w.rankingShow),
	}
}

// panelPage is evaluation/panel.html.
type panelPage struct {
	purchasePage
	Members    []evaluation.Member
	Candidates []evaluation.Candidate
	Aside      []evaluation.Member
	Query      string
	Login      string
	Reason     string
	Rules      []templates.KV
	MayName    bool
	Draws      []draw.File
	MayDraw    bool // the supervisor, once a pool is committed
	Choices    []templates.Option
	Form       drawForm
	Handed     int
	Next       templates.Action
}

func (w *Web) panelPage(r *edge.Request) (*panelPage, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return nil, err
	}
	members, err := w.Evaluations.Panel(r.Context(), r.Actor(), t.ID)
	if err != nil {
		return nil, err
	}
	p := &panelPage{purchasePage: w.purchase(r, t, "评审小组"), Members: members, Query: r.Query("q")}
	if p.Aside, err = w.Evaluations.StoodAside(r.Context(), r.Actor(), t.ID); err != nil {
		return nil, err
	}
	for _, m := range members {
		if m.SubmittedAt != nil {
			p.Handed++
		}
	}
	set, err := t.RuleSet(r.Now())
	if err != nil {
		return nil, err
	}
	size := evaluation.PanelSize(set, t)
	for _, x := range []rules.Rule{size, set.Of(t.Method, "panel_experts")} {
		p.Rules = append(p.Rules, templates.KV{Label: x.Name, Value: x.Limit(), Note: x.Note, Article: x.Article, Unverified: !x.Certain})
	}
	aside := set.Must(rules.RecusalYears)
	p.Rules = append(p.Rules, templates.KV{Label: "回避", Value: "与采购人、投标人有利害关系的须回避；系统按三年内的单位、账号、任职和控制关系核对", Article: aside.Article, Unverified: !aside.Certain})
	p.MayName = w.Evaluations.May(r.Context(), r.Actor(), t.ID, "panel") == nil && t.State == tender.Opened || w.vacancy(r, t)
	if err := w.fillDraws(r, t, p, size); err != nil {
		return nil, err
	}
	if p.MayName {
		if p.Candidates, err = w.Evaluations.Candidates(r.Context(), r.Actor(), t.ID, p.Query); err != nil {
			return nil, err
		}
	}
	p.Next = w.panelNext(r, t, p)
	return p, nil
}

func (w *Web) panelNext(r *edge.Request, t tender.Tender, p *panelPage) templates.Action {
	if t.State == tender.Opened && p.MayName {
		return templates.Action{Title: "开始评审", Text: "开始后评审小组不能再变动，成员随即可以查看投标文件并评分。", Label: "开始评审",
			Post: tenderPath(t.ID) + "/panel/begin", CSRF: r.CSRF(), Confirm: "开始评审后不能再增减成员，确定吗？"}
	}
	if p.MayDraw {
		return templates.Action{Title: "抽取评审专家", Text: "名单已经公布，请监督人在本页输入公布之后才产生的数。", Label: "去输入", Href: "#f-value"}
	}
	if t.State == tender.Evaluating && !p.MayName {
		if a, err := w.offerNext(r, t); err == nil && a != nil {
			return *a
		}
		return templates.Action{Title: "评审中", Waiting: fmt.Sprintf("%d 名成员中 %d 名已提交评分。全部提交后由评审小组汇总。", len(p.Members), p.Handed)}
	}
	return w.stageNext(r, t)
}

func (w *Web) panelShow(r *edge.Request) (edge.Response, error) {
	p, err := w.panelPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "evaluation/panel", p), nil
}

// panelDo runs one change of the panel and shows the page again where it is refused.
func (w *Web) panelDo(r *edge.Request, done string, do func(t tender.Tender, f *edge.Form) error) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := do(t, f); err != nil {
		p, perr := w.panelPage(r)
		if perr != nil {
			return edge.Response{}, err
		}
		p.Login, p.Reason, p.Form = f.Get("login"), f.Get("reason"), drawFormOf(f)
		return again("evaluation/panel", p, err)
	}
	return edge.Redirect(tenderPath(t.ID)+"/panel").Flash("ok", done), nil
}

func (w *Web) panelName(r *edge.Request) (edge.Response, error) {
	return w.panelDo(r, "已加入评审小组", func(t tender.Tender, f *edge.Form) error {
		seat, login, ok := strings.Cut(f.Get("pick"), ":")
		if !ok {
			seat, login = f.Get("seat"), f.Get("login")
		}
		_, err := w.Evaluations.Name(r.Context(), r.Actor(), t.ID, evaluation.Naming{Login: login, Seat: evaluation.Seat(seat), Reason: f.Get("reason")})
		return err
	})
}

func (w *Web) panelRemove(r *edge.Request) (edge.Response, error) {
	m, err := r.ID("member")
	if err != nil {
		return edge.Response{}, err
	}
	return w.panelDo(r, "已移出评审小组", func(t tender.Tender, _ *edge.Form) error {
		return w.Evaluations.Remove(r.Context(), r.Actor(), t.ID, m)
	})
}

func (w *Web) panelBegin(r *edge.Request) (edge.Response, error) {
	return w.panelDo(r, "评审已开始，成员现在可以评分", func(t tender.Tender, _ *edge.Form) error {
		return w.Evaluations.Begin(r.Context(), r.Actor(), t.ID)
	})
}

// rankingPage is evaluation/ranking.html.
type rankingPage struct {
	purchasePage
	Evaluation evaluation.Evaluation
	Record     evaluation.Record
	Rows       []rankingRow
	Suspicions []suspicionRow
	Dues       []Due
	Report     []templates.File
	Next       templates.Action
}

type rankingRow struct {
	evaluation.Line
	Bidder evaluation.Bidder
	Cells  []scoreCell
}

// scoreCell is a mean with the spread behind it.
type scoreCell struct {
	Mean, Low, High int64
	Wide            bool // the spread is a third of full marks or more
}

type suspicionRow struct {
	Name    string
	Reasons []string
}

func (w *Web) rankingShow(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	p := &rankingPage{purchasePage: w.purchase(r, t, "评审排序")}
	if err := w.fillRanking(r, t, p); err != nil {
		return edge.Response{}, err
	}
	p.Next = w.stageNext(r, t)
	return edge.HTML(200, "evaluation/ranking", p), nil
}

func (w *Web) fillRanking(r *edge.Request, t tender.Tender, p *rankingPage) (err error) {
	if p.Evaluation, p.Record, err = w.Evaluations.Result(r.Context(), r.Actor(), t.ID); err != nil {
		return err
	}
	p.Rows = rankingRows(p.Record)
	for _, s := range p.Record.Suspicions {
		_, b := p.Record.Of(s.Bid)
		row := suspicionRow{Name: b.Name}
		for _, x := range s.Reasons {
			row.Reasons = append(row.Reasons, x.Rule.Name+"："+s.Price.Yuan()+" 元，对比 "+x.Against.Yuan()+" 元（"+x.Rule.Source()+"）")
		}
		p.Suspicions = append(p.Suspicions, row)
	}
	at := p.Evaluation.EvaluatedAt
	if p.Evaluation.ReportedAt == nil {
		p.Dues = w.due(r, t, "评审报告送交采购人", rules.AwardReport, &at)
	} else {
		p.Dues = w.due(r, t, "采购人确定供应商", rules.AwardChoose, p.Evaluation.ReportedAt)
	}
	p.Report, err = w.paper(r, p.Evaluation.Report)
	return err
}

func rankingRows(rec evaluation.Record) []rankingRow {
	scores := map[string]map[string][]int64{}
	for _, b := range rec.Bids {
		scores[string(b.ID)] = b.Scores
	}
	var out []rankingRow
	for _, l := range rec.Lines {
		_, bidder := rec.Of(l.Bid)
		row := rankingRow{Line: l, Bidder: bidder}
		for _, k := range rec.Table.Criteria {
			c := scoreCell{Mean: l.Marks[k.ID]}
			for i, s := range scores[string(l.Bid)][k.ID] {
				if i == 0 || s < c.Low {
					c.Low = s
				}
				c.High = max(c.High, s)
			}
			c.Wide = (c.High-c.Low)*3 >= k.Weight
			row.Cells = append(row.Cells, c)
		}
		out = append(out, row)
	}
	return out
}
