package web

import (
	"fmt"
	"strconv"

	"gongji/app/archive"
	"gongji/app/delivery/engagement"
	"gongji/app/edge"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/review"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party/credential"
	"gongji/templates"
)

func (w *Web) grantRoutes() []edge.Route {
	return []edge.Route{
		get("/funder/applications/{id}", "funder", w.decisionShow),
		post("/funder/applications/{id}/decide", "funder", w.decisionMake),
		post("/funder/applications/{id}/answer", "funder", w.decisionAnswer),
		get("/grants/{id}", "public", w.grantShow),
		post("/grants/{id}/accept", "supplier", w.grantAccept),
		post("/grants/{id}/refuse", "supplier", w.grantRefuse),
		post("/grants/{id}/milestones/{n}/report", "supplier", w.grantReport),
		post("/grants/{id}/milestones/{n}/confirm", "funder", w.grantConfirm),
		post("/grants/{id}/milestones/{n}/draw", "funder", w.grantDraw),
		post("/grants/{id}/milestones/{n}/settle", "funder", w.grantSettle),
		post("/grants/{id}/graduate", "funder", w.grantGraduate),
	}
}

// decisionPage is grant/decide.html: an application as the foundation sees it.
type decisionPage struct {
	templates.Chrome
	App       application.Application
	Call      call.Call
	Status    templates.Status
	Copies    []application.Copy
	Verdicts  []review.Verdict
	Found     []application.Found
	Decisions []grant.Decision
	Grant     *grant.Grant
	Events    []templates.Event
	Ruling    grant.Ruling
	Steps     []stepRow
	MayDecide bool
	MayAnswer bool
	Answer    string
	AnswerBy  *templates.Deadline
	Appeal    rules.Rule
}

type stepRow struct {
	No int
	grant.Step
}

// Field is the name of one of the row's inputs.
func (s stepRow) Field(name string) string { return fmt.Sprintf("milestones.%d.%s", s.No, name) }

func (w *Web) decisionShow(r *edge.Request) (edge.Response, error) {
	p, err := w.decisionPage(r, nil)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "grant/decide", p), nil
}

func (w *Web) decisionPage(r *edge.Request, typed *grant.Ruling) (*decisionPage, error) {
	a, c, err := w.application(r)
	if err != nil {
		return nil, err
	}
	ctx, who := r.Context(), r.Actor()
	p := &decisionPage{App: a, Call: c, Status: applicationStatus(a), Appeal: w.Grants.AppealRule()}
	p.Title = applicationTitle(a)
	p.Breadcrumbs = []templates.Crumb{callDesk, {Label: c.Title, Href: "/funder/calls/" + string(c.ID)}, {Label: a.OrgName}}
	if p.Copies, err = w.Applications.Copies(ctx, who, a.ID); err != nil {
		return nil, err
	}
	if p.Verdicts, err = w.Reviews.Verdicts(ctx, a); err != nil {
		return nil, err
	}
	if p.Found, err = w.Applications.Overlaps(ctx, who, a.ID); err != nil {
		return nil, err
	}
	if p.Decisions, err = w.Grants.Decisions(ctx, a.ID); err != nil {
		return nil, err
	}
	if g, err := w.Grants.OfApplication(ctx, who, a.ID); err == nil {
		p.Grant = &g
	} else if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	over := len(p.Verdicts) > 0 && (!p.Verdicts[len(p.Verdicts)-1].Passed || len(p.Verdicts) == len(c.Form.Rounds))
	p.MayDecide = w.Grants.MayDecide(who, c) && a.State == application.Submitted && over
	if len(p.Decisions) > 0 && p.Decisions[0].Appeal != nil && p.Decisions[0].Appeal.AnsweredAt == nil {
		rule := w.Grants.AnswerRule()
		p.AnswerBy = &templates.Deadline{Label: "最迟答复", At: p.Decisions[0].Appeal.AnswerBy, Now: r.Now(), Article: rule.Article, Unverified: !rule.Certain}
		p.MayAnswer = w.Reviews.Allowed(who, c, "answer") && p.Decisions[0].DecidedBy != who.Account
	}
	p.ruling(typed)
	events, err := w.Applications.Timeline(ctx, who, a.ID)
	p.Events = timeline(events)
	return p, err
}

// ruling lays out what was typed, or offers what the application asks for.
func (p *decisionPage) ruling(typed *grant.Ruling) {
	if typed != nil {
		p.Ruling = *typed
	} else if p.App.Asked != nil {
		p.Ruling.Funded, p.Ruling.Amount = true, p.App.Asked.Plain()
	}
	for i := range max(len(p.Ruling.Steps), 4) {
		s := stepRow{No: i + 1}
		if i < len(p.Ruling.Steps) {
			s.Step = p.Ruling.Steps[i]
		}
		p.Steps = append(p.Steps, s)
	}
}

func (w *Web) decisionMake(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := grant.Ruling{Funded: f.Get("decision") == "fund", Amount: f.Get("amount"), Reason: f.Get("reason"), FoundReason: f.Get("found_reason")}
	in.Steps = numbered(f, "milestones", "name", func(at func(string) string) grant.Step {
		return grant.Step{Name: at("name"), Condition: at("condition"), Due: at("due"), Amount: at("amount")}
	})
	if _, err := w.Grants.Decide(r.Context(), r.Actor(), at, in); err != nil {
		p, perr := w.decisionPage(r, &in)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("grant/decide", p, err)
	}
	return edge.Redirect("/funder/applications/"+string(at)).Flash("ok", "决定已记录并告知申请组织"), nil
}

func (w *Web) decisionAnswer(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Grants.Answer(r.Context(), r.Actor(), at, f.Get("decision") == "uphold", f.Get("answer")); err != nil {
		p, perr := w.decisionPage(r, nil)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Answer = f.Get("answer")
		return again("grant/decide", p, err)
	}
	return edge.Redirect("/funder/applications/"+string(at)).Flash("ok", "答复已告知申请组织"), nil
}

// milestoneRow is a milestone on the page of its grant.
type milestoneRow struct {
	grant.Milestone
	State     templates.Status
	MayReport bool
	MayJudge  bool
	MayDraw   bool
	MaySettle bool      // a bureau's payment
	Pays      money.Fen // next
	Why       string    // nothing is paid now, and why
}

// grantPage is grant/show.html.
type grantPage struct {
	templates.Chrome
	Grant       grant.Grant
	Status      templates.Status
	Facts       []templates.KV
	Steps       []milestoneRow
	Follows     bool // one of the two sides
	Document    *archive.Document
	Files       []templates.File
	Events      []templates.Event
	Next        templates.Action
	MayAccept   bool
	MayGraduate bool
	MayAttach   bool
	Text        string                 // as typed
	At          int64                  // the milestone it was typed at
	Paid        grant.Settlement       // as typed
	Expired     *credential.Credential // the organisation's registration, for the two sides
	Own         bool
}

func grantStatus(g grant.Grant) templates.Status {
	return templates.Status{Label: g.StateName(), Tone: map[grant.State]templates.Tone{grant.Offered: templates.Warn, grant.Signed: templates.Info, grant.Graduated: templates.OK,
		grant.Refused: templates.Neutral}[g.State]}
}

func (w *Web) grantShow(r *edge.Request) (edge.Response, error) {
	p, err := w.grantPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "grant/show", p), nil
}

func (w *Web) grantPage(r *edge.Request) (*grantPage, error) {
	at, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	ctx, who, now := r.Context(), r.Actor(), r.Now()
	g, steps, err := w.Grants.Get(ctx, who, at)
	if err != nil {
		return nil, err
	}
	can := func(action string) bool { return w.Grants.Allowed(who, g, action) }
	p := &grantPage{Grant: g, Status: grantStatus(g), Follows: can("follow"), MayAccept: can("accept"), MayGraduate: can("graduate") && g.Kind == call.Incubation, MayAttach: can("attach")}
	p.Title = g.Title
	p.Breadcrumbs = []templates.Crumb{{Label: "公益创投与孵化", Href: "/calls"}, {Label: g.CallTitle, Href: "/calls/" + string(g.Call)}, {Label: g.Title}}
	p.Facts = []templates.KV{{Label: "资助方", Value: g.FoundationName, Href: "/organisations/" + string(g.Foundation)}, {Label: "受资助方", Value: g.OrgName, Href: "/organisations/" + string(g.Organisation)},
		{Label: "项目期限", Value: cellDay(&g.Start) + " 至 " + cellDay(&g.End)}}
	if g.Amount > 0 {
		p.Facts = append(p.Facts, templates.KV{Label: "资助金额", Value: g.Amount.Yuan() + " 元"})
	}
	if g.Fund != nil {
		p.Facts = append(p.Facts, templates.KV{Label: "资金来源", Value: "专项基金", Href: "/funds/" + string(*g.Fund)})
	} else if g.Source != "" {
		p.Facts = append(p.Facts, templates.KV{Label: "经费来源", Value: g.Source})
	}
	if g.Amount > 0 {
		p.Facts = append(p.Facts, templates.KV{Label: "已付", Value: grant.Paid(steps).Yuan() + " 元"})
	}
	if p.Own = who.Org == g.Organisation; p.Follows {
		if p.Expired, err = w.Credentials.Expired(ctx, g.Organisation); err != nil {
			return nil, err
		}
	}
	if e, err := w.Engagements.Find(ctx, who, engagement.Grant, g.ID); err == nil {
		p.Facts = append(p.Facts, templates.KV{Label: "履约", Value: w.engagementStatus(e).Label, Href: engagementHref(e.ID), Note: "方案、成果、周报账、对账、验收、变更和终止"})
	} else if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	left, settling := 0, false // one payment is entered at a time
	for _, m := range steps {
		x := milestoneRow{Milestone: m, MayReport: can("report") && m.AcceptedAt == nil && m.ReportedAt == nil, MayJudge: can("confirm") && m.ReportedAt != nil && m.AcceptedAt == nil,
			MayDraw:   can("draw") && m.Payment == nil && m.Amount > 0 && g.Fund != nil,
			MaySettle: can("settle") && m.SettledOn == nil && m.Amount > 0 && g.Source != ""}
		if x.MayDraw || x.MaySettle {
			if err := w.grantDue(r, g, steps, &x, settling); err != nil {
				return nil, err
			}
			settling = settling || x.MaySettle || x.MayDraw && g.EndedAt != nil
		}
		if m.AcceptedAt == nil {
			left++
		}
		x.State = templates.Status{Label: m.StateName(now), Tone: templates.Neutral}
		if m.AcceptedAt != nil {
			x.State.Tone = templates.OK
		} else if m.Over(now) {
			x.State.Tone = templates.Danger
		} else if m.ReportedAt != nil {
			x.State.Tone = templates.Info
		}
		p.Steps = append(p.Steps, x)
	}
	p.MayGraduate = p.MayGraduate && left == 0
	if p.Follows {
		d, err := w.Grants.Agreement(ctx, who, g)
		if err != nil {
			return nil, err
		}
		p.Document = &d
		if p.Files, err = w.files(r, grant.FileKind, g.ID); err != nil {
			return nil, err
		}
	}
	p.Next = grantNext(r, p)
	events, err := w.Grants.Timeline(ctx, who, g)
	p.Events = timeline(events)
	return p, err
}

// grantDue says what is paid next for a milestone, or why nothing is.
func (w *Web) grantDue(r *edge.Request, g grant.Grant, all []grant.Milestone, x *milestoneRow, busy bool) error {
	due, err := w.Grants.Due(r.Context(), r.Actor(), g, all, x.Seq)
	if fault.Is(err, fault.Unknown) {
		return err
	}
	if x.Pays = due; err == nil && !busy {
		return nil
	}
	x.MayDraw, x.MaySettle = false, false
	if fault.Is(err, fault.Invalid) && x.AcceptedAt != nil {
		said, _ := fault.Complaints(err)
		x.Why = said[0].Message
	} else if err != nil && g.EndedAt != nil {
		x.Why = err.Error()
	}
	return nil
}

// grantNext says who must do what now, to the two sides.
func grantNext(r *edge.Request, p *grantPage) templates.Action {
	at := "/grants/" + string(p.Grant.ID)
	if !p.Follows {
		return templates.Action{}
	}
	switch {
	case p.MayAccept:
		return templates.Action{Title: "请核对协议后接受", Text: "协议在您接受之日起生效，项目登记履约。", Label: "接受协议", Post: at + "/accept", CSRF: r.CSRF(), Confirm: "确定接受这份协议？"}
	case p.Grant.State == grant.Offered:
		return templates.Action{Title: "等待对方接受协议", Waiting: "由受资助方负责人核对并接受。"}
	}
	for _, m := range p.Steps {
		name := "#milestone-" + strconv.FormatInt(m.Seq, 10)
		switch {
		case m.MayJudge:
			return templates.Action{Title: "确认节点：" + m.Name, Text: "对方已报告达成。", Label: "去确认", Href: name}
		case m.MayDraw:
			return templates.Action{Title: "起草付款：" + m.Name, Text: m.Pays.Yuan() + " 元，由秘书长审批、财务付款。", Label: "去起草", Href: name}
		case m.MaySettle:
			return templates.Action{Title: "登记付款：" + m.Name, Text: m.Pays.Yuan() + " 元，付款后登记日期和凭证号。", Label: "去登记", Href: name}
		case m.MayReport:
			return templates.Action{Title: "报告节点：" + m.Name, Text: "最迟 " + cellDay(&m.Due), Label: "去报告", Href: name}
		case m.AcceptedAt == nil && m.ReportedAt != nil:
			return templates.Action{Title: "等待确认节点：" + m.Name, Waiting: "由资助方的项目官员（经办人）确认。"}
		case m.AcceptedAt == nil && p.Grant.State == grant.Signed:
			return templates.Action{Title: "等待报告节点：" + m.Name, Waiting: "由受资助方报告达成，最迟 " + cellDay(&m.Due) + "。"}
		}
	}
	if p.MayGraduate {
		return templates.Action{Title: "全部节点已达成，可以出壳", Label: "去办理", Href: "#graduate"}
	}
	return templates.Action{}
}

// grantStep does one verb and comes back to the grant's page.
func (w *Web) grantStep(r *edge.Request, done string, step func(g id.ID, n int64, f *edge.Form) error) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	n := number(r.Param("n"))
	if err := step(at, n, f); err != nil {
		p, perr := w.grantPage(r)
		if perr != nil {
			return edge.Response{}, err
		}
		p.Text, p.At = f.Get("report")+f.Get("note")+f.Get("reason"), n
		p.Paid = grant.Settlement{On: f.Get("on"), Voucher: f.Get("voucher")}
		return again("grant/show", p, err)
	}
	return edge.Redirect("/grants/"+string(at)).Flash("ok", done), nil
}

func (w *Web) grantAccept(r *edge.Request) (edge.Response, error) {
	return w.grantStep(r, "协议已生效", func(g id.ID, _ int64, _ *edge.Form) error {
		_, err := w.Grants.Accept(r.Context(), r.Actor(), g)
		return err
	})
}

func (w *Web) grantRefuse(r *edge.Request) (edge.Response, error) {
	return w.grantStep(r, "已放弃", func(g id.ID, _ int64, f *edge.Form) error {
		_, err := w.Grants.Refuse(r.Context(), r.Actor(), g, f.Get("reason"))
		return err
	})
}

func (w *Web) grantReport(r *edge.Request) (edge.Response, error) {
	return w.grantStep(r, "已报告，等待基金会确认", func(g id.ID, n int64, f *edge.Form) error {
		_, err := w.Grants.Report(r.Context(), r.Actor(), g, n, f.Get("report"))
		return err
	})
}

func (w *Web) grantConfirm(r *edge.Request) (edge.Response, error) {
	return w.grantStep(r, "已记录", func(g id.ID, n int64, f *edge.Form) error {
		_, err := w.Grants.Confirm(r.Context(), r.Actor(), g, n, f.Get("decision") == "accept", f.Get("note"))
		return err
	})
}

func (w *Web) grantDraw(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.Grants.Draw(r.Context(), r.Actor(), at, number(r.Param("n")))
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect(paymentHref(p)).Flash("ok", "付款草稿已按协议填好，请核对后提交审批"), nil
}

func (w *Web) grantGraduate(r *edge.Request) (edge.Response, error) {
	return w.grantStep(r, "已出壳，写入组织的公开记录", func(g id.ID, _ int64, f *edge.Form) error {
		_, err := w.Grants.Graduate(r.Context(), r.Actor(), g, f.Get("note"))
		return err
	})
}

func (w *Web) grantSettle(r *edge.Request) (edge.Response, error) {
	return w.grantStep(r, "付款已登记，对方已收到通知", func(g id.ID, n int64, f *edge.Form) error {
		_, err := w.Grants.Settle(r.Context(), r.Actor(), g, n, grant.Settlement{On: f.Get("on"), Voucher: f.Get("voucher")})
		return err
	})
}
