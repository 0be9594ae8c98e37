package web

import (
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) meetingRoutes() []edge.Route {
	return []edge.Route{
		post("/panels/{id}/enter", "panel", w.sheetEnter),
		get("/panels/{id}/meeting", "panel", w.meetingShow),
		post("/panels/{id}/meeting/doubt", "panel", w.meetingDoubt),
		post("/panels/{id}/meeting/reply/{of}", "panel", w.meetingReply),
		post("/panels/{id}/meeting/ask", "panel", w.meetingAsk),
		post("/panels/{id}/meeting/judge/{of}", "panel", w.meetingJudge),
		post("/panels/{id}/meeting/settle", "panel", w.meetingSettle),
		get("/panels/{id}/report", "panel", w.reportShow),
		post("/panels/{id}/report", "panel", w.reportSign),
		post("/tenders/{id}/report", "buyer", w.reportSend),
		get("/explanations/{id}", "account", w.explanationShow),
		post("/explanations/{id}", "account", w.explanationAnswer),
		get("/tenders/{id}/evaluation.json", "public", w.evaluationFile),
		get("/tenders/{id}/draws.json", "public", w.drawsFile),
	}
}

// meetingPage is evaluation/meeting.html: all sheets beside one another.
type meetingPage struct {
	purchasePage
	Meeting evaluation.Meeting
	Rows    []meetingRow
	Doubts  []doubtRow
	Prices  []priceRow
	Members []templates.Option
	Bids    []templates.Option
	Lines   []templates.Option
	Grounds []templates.Option
	May     bool // a member, and not settled
	Chair   bool // may settle
	Minutes int64
	Article string
	Outlier int
	Doubt   evaluation.Doubt
	Next    templates.Action
	AskForm askForm
	Judging id.ID // the explanation whose judgement was refused
	Ballot  evaluation.Ballot
}

type askForm struct{ Bid, Minutes, Why string }

type meetingRow struct {
	evaluation.MeetingRow
	PriceText string
	Cells     []meetingCell
}

type meetingCell struct {
	evaluation.MeetingCell
	Name  string
	Full  int64
	Marks []meetingMark
	Wide  bool
}

type meetingMark struct {
	Score   int64
	Outlier bool
}

type doubtRow struct {
	evaluation.Correction
	Who, Supplier, Line string
	Allowed             string // points
	Mine                bool
}

type priceRow struct {
	Bid      id.ID
	Supplier string
	Price    string
	Reasons  []string
	Asked    *evaluation.Explanation
	Due      *templates.Deadline
	Status   templates.Status
	Files    []templates.File
	Vote     bool // this member may vote now
	Votes    int
}

func (w *Web) meetingPage(r *edge.Request) (*meetingPage, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	m, err := w.Evaluations.Meeting(r.Context(), r.Actor(), x)
	if err != nil {
		return nil, err
	}
	p := &meetingPage{purchasePage: w.purchase(r, m.Tender, "评审汇总"), Meeting: m, May: m.Me != "" && !m.Settled, Outlier: evaluation.OutlierShare}
	p.Breadcrumbs = []templates.Crumb{{Label: "我的评审", Href: "/panels"}, {Label: m.Tender.Title, Href: "/panels/" + string(x)}, {Label: "汇总"}}
	rule := w.rule(r, m.Tender, rules.AbnormalExplain)
	p.Minutes, p.Article = rule.Value, rule.Source()
	p.AskForm.Minutes = strconv.FormatInt(p.Minutes, 10)
	for _, b := range m.Rows {
		p.Rows = append(p.Rows, meetingRowOf(m, b))
		p.Bids = append(p.Bids, templates.Option{Value: string(b.Bid), Label: b.Supplier})
	}
	for i, who := range m.Panel {
		if who.ID == m.Me {
			p.Chair = p.May && who.Seat == evaluation.ExpertSeat
		} else {
			p.Members = append(p.Members, templates.Option{Value: string(who.ID), Label: strconv.Itoa(i+1) + " " + who.Name})
		}
	}
	for _, k := range m.Criteria {
		p.Lines = append(p.Lines, templates.Option{Value: k.ID, Label: k.Name})
	}
	for _, g := range []evaluation.Ground{evaluation.ObjectiveGround, evaluation.OutlierGround} {
		p.Grounds = append(p.Grounds, templates.Option{Value: string(g), Label: g.Name()})
	}
	p.doubts()
	if err := w.prices(r, p); err != nil {
		return nil, err
	}
	p.Next = p.next(r.CSRF())
	return p, nil
}

func meetingRowOf(m evaluation.Meeting, b evaluation.MeetingRow) meetingRow {
	row := meetingRow{MeetingRow: b, PriceText: templatesFen(b.Price)}
	for i, c := range b.Cells {
		cell := meetingCell{MeetingCell: c, Name: m.Criteria[i].Name, Full: m.Criteria[i].Weight, Wide: (c.High-c.Low)*3 >= m.Criteria[i].Weight}
		for j, s := range c.Scores {
			cell.Marks = append(cell.Marks, meetingMark{s, c.Outliers[j]})
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

func (p *meetingPage) doubts() {
	name, line, allowed := map[id.ID]string{}, map[string]string{}, map[string]string{}
	for _, m := range p.Meeting.Panel {
		name[m.ID] = m.Name
	}
	for _, k := range p.Meeting.Criteria {
		line[k.ID], allowed[k.ID] = k.Name, tender.Criterion{Weight: k.Weight, Bands: k.Bands}.Allowed()
	}
	for _, c := range p.Meeting.Corrections {
		p.Doubts = append(p.Doubts, doubtRow{c, name[c.Member], p.Meeting.Suppliers[c.Bid], line[c.Criterion], allowed[c.Criterion], p.May && c.Member == p.Meeting.Me && c.AnsweredAt == nil})
	}
}

// prices puts the suspicions and the explanations asked for into one list.
func (w *Web) prices(r *edge.Request, p *meetingPage) error {
	seen := map[id.ID]bool{}
	for _, e := range p.Meeting.Explanations {
		seen[e.Bid] = true
		row := priceRow{Bid: e.Bid, Supplier: p.Meeting.Suppliers[e.Bid], Price: e.Price.Yuan(), Reasons: reasonsOf(e.Reasons, e.Price.Yuan()), Asked: &e, Votes: len(e.Votes)}
		_, voted := e.Votes[p.Meeting.Me]
		row.Vote = p.May && !voted && e.DecidedAt == nil && !e.Open(r.Now())
		row.Status = explanationStatus(e, r)
		if e.Open(r.Now()) {
			row.Due = &templates.Deadline{Label: "供应商说明截止", At: e.DueAt, Now: r.Now(), Article: p.Article}
		}
		files, err := w.Attachments.For(r.Context(), r.Actor(), evaluation.ExplanationKind, e.ID)
		if err != nil {
			return err
		}
		row.Files = attachedFiles(files)
		p.Prices = append(p.Prices, row)
	}
	for _, s := range p.Meeting.Suspicions {
		if !seen[s.Bid] {
			p.Prices = append(p.Prices, priceRow{Bid: s.Bid, Supplier: p.Meeting.Suppliers[s.Bid], Price: s.Price.Yuan(), Reasons: reasonsOf(s.Reasons, s.Price.Yuan()),
				Status: templates.Status{Label: "待要求说明", Tone: templates.Warn}})
		}
	}
	return nil
}

func reasonsOf(list []evaluation.Reason, price string) []string {
	var out []string
	for _, x := range list {
		out = append(out, x.Rule.Name+"：报价 "+price+" 元，对比 "+x.Against.Yuan()+" 元的 "+tender.Points(x.Rate)+"%（"+x.Rule.Source()+"）")
	}
	return out
}

func explanationStatus(e evaluation.Explanation, r *edge.Request) templates.Status {
	switch {
	case e.Accepted != nil && *e.Accepted:
		return templates.Status{Label: "报价合理", Tone: templates.OK}
	case e.Accepted != nil:
		return templates.Status{Label: "不能证明合理，投标无效", Tone: templates.Danger}
	case e.AnsweredAt != nil:
		return templates.Status{Label: "已说明，待判断", Tone: templates.Info}
	case e.Open(r.Now()):
		return templates.Status{Label: "等待说明", Tone: templates.Warn}
	}
	return templates.Status{Label: "逾期没有说明，待判断", Tone: templates.Warn}
}

func (p *meetingPage) next(csrf string) templates.Action {
	at := "/panels/" + string(p.Tender.ID)
	switch {
	case p.Meeting.Settled:
		return templates.Action{Title: "签署评审报告", Label: "去签署", Href: at + "/report"}
	case p.Meeting.Offers:
		return templates.Action{Title: "最后报价", Text: "价格分、异常低价和排序以最后报价为准。", Label: "去办理最后报价", Href: tenderPath(p.Tender.ID) + "/last-offer"}
	case len(p.Meeting.Left) > 0:
		return templates.Action{Title: "还不能完成汇总", Waiting: strings.Join(p.Meeting.Left, "；") + "。"}
	case p.Chair:
		return templates.Action{Title: "完成汇总", Text: "评审记录随即冻结并排序，之后各成员签署评审报告。", Label: "完成汇总", Post: at + "/meeting/settle", CSRF: csrf, Confirm: "完成后不能再更正评分，确定吗？"}
	}
	return templates.Action{Title: "等待完成汇总", Waiting: "由评审专家完成汇总。"}
}

func (w *Web) meetingShow(r *edge.Request) (edge.Response, error) {
	p, err := w.meetingPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "evaluation/meeting", p), nil
}

// meetingDo runs one act of the meeting and shows it again where it is refused.
func (w *Web) meetingDo(r *edge.Request, done string, do func(p *meetingPage, of id.ID, f *edge.Form) error) (edge.Response, error) {
	p, err := w.meetingPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := do(p, id.ID(r.Param("of")), f); err != nil {
		return again("evaluation/meeting", p, err)
	}
	return edge.Redirect("/panels/"+string(p.Tender.ID)+"/meeting").Flash("ok", done), nil
}

func (w *Web) meetingDoubt(r *edge.Request) (edge.Response, error) {
	return w.meetingDo(r, "已提出，等待成员答复", func(p *meetingPage, _ id.ID, f *edge.Form) error {
		p.Doubt = evaluation.Doubt{Member: id.ID(f.Get("member")), Bid: id.ID(f.Get("doubt_bid")), Criterion: f.Get("criterion"),
			Ground: evaluation.Ground(f.Get("ground")), Question: f.Get("question")}
		_, err := w.Evaluations.Doubt(r.Context(), r.Actor(), p.Tender.ID, p.Doubt)
		return err
	})
}

func (w *Web) meetingReply(r *edge.Request) (edge.Response, error) {
	return w.meetingDo(r, "已答复，原评分留存", func(p *meetingPage, of id.ID, f *edge.Form) error {
		in := evaluation.Reply{Answer: f.Get("answer")}
		if typed := strings.TrimSpace(f.Get("score")); typed != "" {
			v, err := evaluation.ParsePoints(typed)
			if err != nil {
				var c fault.Check
				c.Adopt("score", err)
				return c.Err()
			}
			in.Score = &v
		}
		return w.Evaluations.Reply(r.Context(), r.Actor(), p.Tender.ID, of, in)
	})
}

func (w *Web) meetingAsk(r *edge.Request) (edge.Response, error) {
	return w.meetingDo(r, "已要求供应商说明", func(p *meetingPage, _ id.ID, f *edge.Form) error {
		p.AskForm = askForm{f.Get("bid"), f.Get("minutes"), f.Get("why")}
		minutes, _ := strconv.Atoi(strings.TrimSpace(p.AskForm.Minutes))
		_, err := w.Evaluations.Ask(r.Context(), r.Actor(), p.Tender.ID, evaluation.Ask{Bid: id.ID(p.AskForm.Bid), Minutes: minutes, Why: p.AskForm.Why})
		return err
	})
}

func (w *Web) meetingJudge(r *edge.Request) (edge.Response, error) {
	return w.meetingDo(r, "已记录您的判断", func(p *meetingPage, of id.ID, f *edge.Form) error {
		p.Judging, p.Ballot = of, evaluation.Ballot{Accept: f.Get("accept") == "yes", Reason: f.Get("reason")}
		if f.Get("accept") == "" { // no choice is no vote against
			var c fault.Check
			c.Fail("accept", "请选择报价是否合理")
			return c.Err()
		}
		return w.Evaluations.Judge(r.Context(), r.Actor(), p.Tender.ID, of, p.Ballot)
	})
}

func (w *Web) meetingSettle(r *edge.Request) (edge.Response, error) {
	p, err := w.meetingPage(r)
	if err == nil {
		_, err = r.Form()
	}
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Evaluations.Settle(r.Context(), r.Actor(), p.Tender.ID); err != nil {
		return again("evaluation/meeting", p, err)
	}
	return edge.Redirect("/panels/"+string(p.Tender.ID)+"/report").Flash("ok", "汇总完成，请签署评审报告"), nil
}
