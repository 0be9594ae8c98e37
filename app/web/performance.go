package web

import (
	"context"
	"strconv"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/templates"
)

// performancePage is performance/show.html: an evaluation from the inside or,
// once published, as anyone sees it.
type performancePage struct {
	templates.Chrome
	Case    performance.Case
	Status  templates.Status
	Grade   templates.Status
	Groups  []scoreGroup
	Chart   templates.Chart
	Next    *templates.Action
	Due     *templates.Deadline
	May     map[string]bool // which decisions are open to the viewer
	Typed   map[string]string
	Figures []figureRow
	Files   []templates.File
	Self    []performance.SelfPart
	Score   string // the provider's own
	Facts   []performance.Fact
	Round   string
	Show    bool // scores may be seen and are there
	Against []performance.Objection
	Lines   []templates.Option // what an objection may be about
	Mends   []mendCard
}

// mendCard is one finding to be mended.
type mendCard struct {
	performance.Mend
	Status templates.Status
	Late   bool
	Files  []templates.File
}

// decisions are what the page of an evaluation has forms for.
var decisions = []string{"check", "approve", "object", "answer", "publish", "mend", "close", "evidence"}

func performanceStatus(x performance.Case) templates.Status {
	tone := templates.Info
	switch {
	case x.Returned(), x.State == performance.Notice:
		tone = templates.Warn
	case x.State == performance.Published:
		tone = templates.OK
	}
	return templates.Status{Label: x.StateName(), Tone: tone}
}

// performanceNext says who must do what now; nil when there is nothing to say.
func (w *Web) performanceNext(r *edge.Request, x performance.Case) *templates.Action {
	can := func(action string) bool { return w.Performance.Allowed(r.Context(), r.Actor(), x, action) }
	at := performanceHref(x.ID)
	switch x.State {
	case performance.SelfReport:
		switch {
		case can("report"):
			return &templates.Action{Title: "填写自评", Text: "请在 " + day(x.SelfDue.Add(-1)) + " 前说明做了什么、成效如何，逾期对方可以直接评分。", Label: "填写自评", Href: at + "/self-report"}
		case can("skip") && x.SelfLate(r.Now()):
			return &templates.Action{Title: "承接方逾期未自评", Label: "不等自评，直接评分", Post: at + "/skip", CSRF: r.Actor().CSRF, Confirm: "承接方将不能再提交自评，确定直接评分吗？"}
		}
		return &templates.Action{Title: "等待承接方自评", Waiting: "承接方可以在 " + day(x.SelfDue.Add(-1)) + " 24:00 前提交自评；逾期未交的，付款方可以直接评分。"}
	case performance.Checking:
		if can("check") {
			return nil
		}
		return &templates.Action{Title: "等待审核自评", Waiting: "由付款方的经办人审核自评，通过后开始评分。"}
	case performance.Scoring:
		if can("score") {
			return &templates.Action{Title: "逐项评分", Text: x.Reason, Label: "打开评分表", Href: at + "/sheet"}
		}
		return &templates.Action{Title: "等待评分", Waiting: "由" + scorerOf(x) + "评分，提交后再由付款方的审批人审批。"}
	case performance.Review:
		if can("approve") {
			return nil
		}
		return &templates.Action{Title: "等待审批", Waiting: "由付款方另一位审批人审批；评分的人不能审批自己的评分。"}
	case performance.Notice, performance.Published: // the page's own forms say it
	}
	return nil
}

// noticeWaits says who must act while the provider may object; nil when the
// page has the form for it.
func noticeWaits(p *performancePage) *templates.Action {
	x := p.Case
	if x.State != performance.Notice {
		return nil
	}
	if n := len(p.Against); n > 0 && p.Against[n-1].AnsweredAt == nil {
		if p.May["answer"] {
			return nil
		}
		return &templates.Action{Title: "等待答复异议", Waiting: "由付款方没有参加评分和批准的人答复；答复以前不公布。"}
	}
	if x.Clear(p.Now) {
		if p.May["publish"] {
			return nil
		}
		return &templates.Action{Title: "等待公布", Waiting: "由付款方公布评价结果和报告。"}
	}
	if p.May["object"] {
		return nil
	}
	return &templates.Action{Title: "等待异议期满", Waiting: "承接方可以提出异议；期满或承接方表示无异议后公布。"}
}

func scorerOf(x performance.Case) string {
	if x.Of.EvaluatorName != "" {
		return "第三方评价机构“" + x.Of.EvaluatorName + "”的负责人"
	}
	return "付款方的经办人"
}

func (w *Web) performancePage(r *edge.Request) (*performancePage, error) {
	x, err := w.performanceCase(r, "view")
	if err != nil {
		return nil, err
	}
	p := &performancePage{Case: x, Status: performanceStatus(x), Grade: gradeStatus(x.Grade), Show: x.Total != nil, Round: performance.Rounding,
		Next: w.performanceNext(r, x), May: map[string]bool{}, Typed: map[string]string{}}
	p.Title, p.Now = "绩效评价："+x.Of.Title, r.Now()
	p.Breadcrumbs = []templates.Crumb{{Label: x.Of.Title, Href: engagementHref(x.Engagement)}, {Label: "绩效评价"}}
	for _, d := range decisions {
		p.May[d] = w.Performance.Allowed(r.Context(), r.Actor(), x, d)
	}
	if p.Show {
		p.Groups, p.Chart = lineGroups(x, p.May["evidence"]), pillarChart(x.Pillars)
	}
	desk, err := w.Performance.Desk(r.Context(), r.Actor(), x)
	if err != nil {
		return nil, err
	}
	p.Figures = figureRows(x, desk.Links, p.May["evidence"])
	if err := w.selfScore(p, desk); err != nil {
		return nil, err
	}
	if p.May["evidence"] {
		if p.Files, err = w.files(r, performance.EvidenceKind, x.ID); err != nil {
			return nil, err
		}
	}
	return p, w.afterwards(r, p)
}

// selfScore is what the provider gave itself, with the figures of now, or of
// when the result was submitted.
func (w *Web) selfScore(p *performancePage, d performance.Desk) error {
	if p.Case.SelfAt == nil {
		return nil
	}
	facts := d.Facts
	for _, f := range p.Case.Facts {
		facts[f.Source] = f
	}
	if parts, total, ok := performance.SelfScore(p.Case.Tree, p.Case.Self.Figures, facts, d.Law); ok {
		p.Self, p.Score = parts, performance.Points(total)
	}
	return nil
}

// afterwards is what happens once the result is known: objections, mending.
func (w *Web) afterwards(r *edge.Request, p *performancePage) (err error) {
	x := p.Case
	if p.Show {
		if p.Against, err = w.Performance.Objections(r.Context(), r.Actor(), x); err != nil {
			return err
		}
	}
	if p.May["object"] {
		for _, l := range x.Tree.Leaves() {
			p.Lines = append(p.Lines, templates.Option{Value: l.Code, Label: l.Code + " " + l.Name})
		}
	}
	n := len(p.Against)
	open := n > 0 && p.Against[n-1].AnsweredAt == nil
	p.May["answer"] = p.May["answer"] && open
	p.May["object"] = p.May["object"] && !open && x.AcceptedAt == nil && x.ObjectionDue != nil && p.Now.Before(*x.ObjectionDue)
	p.May["publish"] = p.May["publish"] && !open && x.Clear(p.Now)
	if wait := noticeWaits(p); wait != nil {
		p.Next = wait
	}
	switch {
	case open:
		p.Due = &templates.Deadline{Label: "答复异议", At: p.Against[n-1].AnswerDue, Now: p.Now, Ends: true, Owed: true, Unverified: true, Article: "财预〔2020〕10号"}
	case x.State == performance.Notice && x.AcceptedAt == nil && x.ObjectionDue != nil:
		p.Due = &templates.Deadline{Label: "提出异议", At: *x.ObjectionDue, Now: p.Now, Ends: true, Unverified: true, Article: "财预〔2020〕10号"}
	case x.State == performance.SelfReport:
		p.Due = &templates.Deadline{Label: "提交自评", At: x.SelfDue, Now: p.Now, Ends: true, Owed: true}
	}
	list, err := w.Performance.Mends(r.Context(), r.Actor(), x)
	for _, m := range list {
		card := mendCard{Mend: m, Late: m.Late(p.Now), Status: templates.Status{Label: m.StateName(p.Now), Tone: mendTone(m, p.Now)}}
		if err == nil && p.May["evidence"] {
			card.Files, err = w.files(r, performance.MendKind, m.ID)
		}
		p.Mends = append(p.Mends, card)
	}
	return err
}

func mendTone(m performance.Mend, now time.Time) templates.Tone {
	switch {
	case m.ClosedAt != nil:
		return templates.OK
	case m.Overdue(now):
		return templates.Danger
	case m.AnsweredAt != nil:
		return templates.Info
	}
	return templates.Warn
}

func pillarChart(in []performance.Pillar) templates.Chart {
	c := templates.Chart{ID: "pillars", Kind: "radar", Title: "四个方面的得分率", Unit: "%", Max: 100, Note: "得分 ÷ 满分；分数见评分明细。"}
	rates := templates.Series{Name: "得分率（%）"}
	for _, p := range in {
		if p.Weight == 0 {
			continue // nothing of it counts
		}
		c.Labels = append(c.Labels, p.Name)
		rates.Values = append(rates.Values, float64(p.Points*1000/p.Weight)/10)
	}
	c.Series = []templates.Series{rates}
	return c
}

// performanceCase reads the evaluation of the address for who may do the action.
func (w *Web) performanceCase(r *edge.Request, action string) (performance.Case, error) {
	e, err := r.ID("id")
	if err != nil {
		return performance.Case{}, err
	}
	if action != "view" {
		if err := w.Performance.May(r.Context(), r.Actor(), e, action); err != nil {
			return performance.Case{}, err
		}
	}
	return w.Performance.Get(r.Context(), r.Actor(), e)
}

func (w *Web) performanceShow(r *edge.Request) (edge.Response, error) {
	p, err := w.performancePage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "performance/show", p), nil
}

// performanceDo runs one decision and goes back to the evaluation's page.
func (w *Web) performanceDo(r *edge.Request, do func(context.Context, party.Actor, id.ID) (performance.Case, error), done string) (edge.Response, error) {
	e, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err == nil {
		_, err = do(r.Context(), r.Actor(), e)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect(performanceHref(e)).Flash("ok", done), nil
}

func (w *Web) performanceSkip(r *edge.Request) (edge.Response, error) {
	return w.performanceDo(r, w.Performance.Skip, "已进入评分")
}

// performanceForm runs one decision from a form on the evaluation's page and
// comes back to it, with what was typed where it was refused.
func (w *Web) performanceForm(done string, do func(ctx context.Context, who party.Actor, e id.ID, f *edge.Form) error) edge.Handler {
	return func(r *edge.Request) (edge.Response, error) {
		e, err := r.ID("id")
		if err != nil {
			return edge.Response{}, err
		}
		f, err := r.Form()
		if err != nil {
			return edge.Response{}, err
		}
		err = do(r.Context(), r.Actor(), e, f)
		if err == nil {
			return edge.Redirect(performanceHref(e)).Flash("ok", done), nil
		}
		if !fault.Is(err, fault.Invalid) {
			return edge.Response{}, err
		}
		p, perr := w.performancePage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		for _, n := range []string{"note", "reason", "text", "answer"} {
			p.Typed[n] = f.Get(n)
		}
		return again("performance/show", p, err)
	}
}

func (w *Web) performanceCheck(ctx context.Context, who party.Actor, e id.ID, f *edge.Form) error {
	_, err := w.Performance.Check(ctx, who, e, f.Get("decision") == "accept", f.Get("note"))
	return err
}

func (w *Web) performanceDecide(ctx context.Context, who party.Actor, e id.ID, f *edge.Form) error {
	if f.Get("decision") == "approve" {
		_, err := w.Performance.Approve(ctx, who, e)
		return err
	}
	_, err := w.Performance.Return(ctx, who, e, f.Get("reason"))
	return err
}

func (w *Web) performanceObject(ctx context.Context, who party.Actor, e id.ID, f *edge.Form) error {
	if f.Get("decision") == "accept" {
		_, err := w.Performance.Accept(ctx, who, e)
		return err
	}
	_, err := w.Performance.Object(ctx, who, e, f.Get("text"), f.All("lines"))
	return err
}

func (w *Web) performanceAnswer(ctx context.Context, who party.Actor, e id.ID, f *edge.Form) error {
	_, err := w.Performance.Answer(ctx, who, e, f.Get("decision") == "uphold", f.Get("answer"))
	return err
}

func (w *Web) performancePublish(ctx context.Context, who party.Actor, e id.ID, _ *edge.Form) error {
	_, err := w.Performance.Publish(ctx, who, e)
	return err
}

// performanceMend is how a finding is mended or closed: the form names it.
func (w *Web) performanceMend(ctx context.Context, who party.Actor, _ id.ID, f *edge.Form) error {
	m, err := f.Get("mend"), error(nil)
	switch f.Get("decision") {
	case "close":
		_, err = w.Performance.Close(ctx, who, id.ID(m), true, "")
	case "reject":
		_, err = w.Performance.Close(ctx, who, id.ID(m), false, f.Get("reason"))
	default:
		_, err = w.Performance.Mended(ctx, who, id.ID(m), f.Get("answer"))
	}
	return err
}

// deliveryCards is what waits for this person among engagements.
func (w *Web) deliveryCards(r *edge.Request) ([]DeskCard, error) {
	if r.Actor().Org == "" {
		return nil, nil
	}
	n, err := w.Performance.Waiting(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	var out []DeskCard
	add := func(count int, title, text string) {
		if count > 0 {
			out = append(out, DeskCard{Title: title, Href: "/engagements", Icon: "clipboard-check", Count: count, Text: text})
		}
	}
	add(n.Start, "待开始绩效评价", "履约已经结束的项目")
	add(n.Self, "待填写自评", "说明做了什么、成效如何")
	add(n.Check, "待审核的自评", "承接方已经提交，审核后开始评分")
	add(n.Score, "待评分", "逐项评分后提交审批")
	add(n.Approve, "待审批的评价结果", "核对评分，批准后告知承接方")
	add(n.Object, "评价结果待确认", "看过结果，可以提出异议或表示无异议")
	add(n.Answer, "待答复的异议", "由没有参加评分和批准的人答复")
	add(n.Publish, "待公布的评价结果", "异议期已满或承接方无异议")
	add(n.Mend, "待整改的问题", "按期整改并提交说明")
	add(n.Close, "待核查的整改", "核查后销号")
	sum, err := w.Engagements.Total(r.Context(), engagement.Filter{Party: r.Actor().Org})
	if err == nil && sum.Count > 0 {
		out = append(out, DeskCard{Title: "履约项目", Href: "/engagements", Icon: "briefcase", Text: "共 " + strconv.FormatInt(sum.Count, 10) + " 个"})
	}
	return out, err
}
