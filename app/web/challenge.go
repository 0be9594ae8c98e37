package web

import (
	"strconv"

	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/contract"
	"gongji/templates"
)

func (w *Web) challengeRoutes() []edge.Route {
	return []edge.Route{
		get("/tenders/{id}/challenges", "public", w.challengesOf),
		{Method: "GET", Path: "/tenders/{id}/challenges/new", Gate: "supplier", Handle: w.challengeNew, Quiet: true},
		{Method: "POST", Path: "/tenders/{id}/challenges/new", Gate: "supplier", Handle: w.challengeRaise, Quiet: true},
		get("/challenges", "account", w.challengeList),
		get("/challenges/export.csv", "account", w.challengeExport),
		get("/challenges/{id}", "account", w.challengeShow),
		post("/challenges/{id}/answer", "buyer", w.challengeAnswer),
		post("/challenges/{id}/approve", "buyer", w.challengeApprove),
		post("/challenges/{id}/withdraw", "supplier", w.challengeWithdraw),
		get("/challenges/{id}/complain", "supplier", w.complainForm),
		post("/challenges/{id}/complain", "supplier", w.complain),
		post("/challenges/{id}/review", "buyer", w.complaintReview),
		post("/challenges/{id}/copied", "buyer", w.complaintCopied),
		post("/challenges/{id}/decide", "buyer", w.complaintDecide),
	}
}

func challengeHref(x id.ID) string { return "/challenges/" + string(x) }

// challengeRow is a case in a list.
type challengeRow struct {
	challenge.Case
	Title string // of the purchase; "" where the page is about one
	Due   *templates.Deadline
}

// challengesPage is challenge/tender.html: the periods, what came out so far,
// and this person's own cases.
type challengesPage struct {
	purchasePage
	Windows  []windowRow
	Outcomes []challenge.Public
	Mine     []challengeRow
	Raise    bool
	// Contracts says that a contract was signed, whatever became of it.
	Contracts bool
}

// windowRow is the period of one stage.
type windowRow struct {
	challenge.Window
	Due   *templates.Deadline
	Until string
}

func (w *Web) challengesOf(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	p := &challengesPage{purchasePage: w.purchase(r, t, "询问、质疑与投诉"), Raise: w.may(r, "supplier") && !t.Imported()}
	windows, err := w.Challenges.Windows(r.Context(), t)
	if err != nil {
		return edge.Response{}, err
	}
	for _, x := range windows {
		row := windowRow{Window: x}
		if x.Ends != nil {
			row.Until = calendar.Until(*x.Ends)
			if x.Open {
				row.Due = &templates.Deadline{Label: "质疑" + x.Stage.Name() + "截止", At: *x.Ends, Now: r.Now(), Article: x.Article, Unverified: !x.Certain}
			}
		}
		p.Windows = append(p.Windows, row)
	}
	if p.Outcomes, err = w.Challenges.Outcomes(r.Context(), t.ID); err != nil {
		return edge.Response{}, err
	}
	if p.Contracts, err = w.Contracts.Ever(r.Context(), t.ID); err != nil {
		return edge.Response{}, err
	}
	mine, err := w.Challenges.Of(r.Context(), r.Actor(), t.ID)
	if err != nil {
		return edge.Response{}, err
	}
	p.Mine, err = w.challengeRows(r, mine)
	return edge.HTML(200, "challenge/tender", p), err
}

func (w *Web) challengeRows(r *edge.Request, list []challenge.Case) ([]challengeRow, error) {
	var out []challengeRow
	for _, x := range list {
		clocks, err := w.Challenges.Clocks(r.Context(), x)
		if err != nil {
			return nil, err
		}
		row := challengeRow{Case: x}
		if dues := clockDues(r, clocks); !x.Over() && len(dues) > 0 {
			if row.Due = dues[0].Deadline; row.Due != nil {
				row.Due.Owed = true
			}
		}
		out = append(out, row)
	}
	return out, nil
}

func clockDues(r *edge.Request, clocks []challenge.Clock) []Due {
	var out []Due
	for _, c := range clocks {
		d := Due{Label: c.Label, Article: c.Article, Missing: c.Missing}
		if c.At != nil {
			d.Until = calendar.Until(*c.At)
			d.Deadline = &templates.Deadline{Label: c.Label, At: *c.At, Now: r.Now(), Article: c.Article, Unverified: !c.Certain, Ends: true}
		}
		out = append(out, d)
	}
	return out
}

// challengeDesk is what waits for this person.
func (w *Web) challengeDesk(r *edge.Request) ([]DeskCard, error) {
	who := r.Actor()
	if who.Org == "" || who.OrgKind != party.Bureau && who.OrgKind != party.Social {
		return nil, nil
	}
	list, err := w.Challenges.List(r.Context(), who, challenge.Filter{Waiting: true, Limit: 100})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	card := DeskCard{Title: "我的询问、质疑与投诉", Href: "/challenges", Icon: "scale", Text: "等待答复或处理"}
	if who.OrgKind == party.Bureau {
		card.Title, card.Text = "询问、质疑与投诉", "都在办理中"
	}
	var wait []challenge.Case
	for _, x := range list {
		for _, action := range []string{"answer", "approve", "review", "copy", "decide", "mend"} {
			if w.Challenges.Allowed(who, x, action) {
				wait = append(wait, x)
				break
			}
		}
	}
	card.Count = len(wait)
	rows, err := w.challengeRows(r, wait)
	for _, x := range rows {
		if x.Due != nil && (card.Due == nil || x.Due.At.Before(card.Due.At)) {
			card.Due = x.Due
		}
	}
	return []DeskCard{card}, err
}

// challengePage is challenge/show.html.
type challengePage struct {
	purchasePage
	Case     challenge.Case
	Facts    []templates.KV
	Dues     []Due
	Files    []templates.File
	Paper    []templates.File
	Events   []templates.Event
	May      map[string]bool
	Complain bool
	Attach   string
	Accept   string
	Form     challengeForm
	Outcomes []templates.Option
	Effects  []templates.Option
	Reviews  []templates.Option
	Waiting  string
	Do       *templates.Action // what this person does next, further down the page
	// Stands is the contract that binds now: an effect must fit it.
	Stands    *contract.Standing
	Contracts bool // one was signed, whatever became of it
	RevokedBy string
}

func effectOptions(list ...challenge.Effect) []templates.Option {
	var out []templates.Option
	for _, e := range list {
		out = append(out, templates.Option{Value: string(e), Label: e.Name()})
	}
	return out
}

// stands reads the contract that an answer or a decision would touch.
func (w *Web) stands(r *edge.Request, p *challengePage) error {
	c, err := w.Contracts.Standing(r.Context(), p.Tender.ID)
	if err == nil {
		p.Stands, p.RevokedBy = &c, contract.RevokedBy
		fits := []challenge.Effect{challenge.NoEffect, challenge.Reselect, challenge.Restart}
		if c.Begun {
			fits = []challenge.Effect{challenge.NoEffect, challenge.Compensate}
		}
		p.Effects = effectOptions(fits...)
	} else if !missing(err) {
		return err
	}
	p.Contracts, err = w.Contracts.Ever(r.Context(), p.Tender.ID)
	return err
}

// challengeForm is what was typed on the page of a case.
type challengeForm struct {
	Outcome, Effect, Answer, Grounds, Reason, Letter, Decision, Days string
}

func (w *Web) challengePage(r *edge.Request) (*challengePage, error) {
	at, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	x, err := w.Challenges.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	t, err := w.Tenders.Get(r.Context(), r.Actor(), x.Tender)
	if err != nil {
		return nil, err
	}
	p := &challengePage{purchasePage: w.purchase(r, t, x.Kind.Name()+" "+x.Number), Case: x, May: map[string]bool{}, Accept: attachment.Accept}
	p.Breadcrumbs = []templates.Crumb{{Label: t.Title, Href: tenderPath(t.ID)}, {Label: "询问、质疑与投诉", Href: tenderPath(t.ID) + "/challenges"}, {Label: x.Number}}
	p.State = templates.Status{Label: x.State.Name(), Tone: challengeTone(x)}
	for _, a := range []string{"answer", "approve", "withdraw", "complain", "mend", "review", "copy", "decide", "attach"} {
		p.May[a] = w.Challenges.Allowed(r.Actor(), x, a)
	}
	p.Form = challengeForm{Outcome: string(x.Outcome), Effect: string(x.Effect), Answer: x.Answer, Grounds: x.Grounds}
	if p.May["attach"] {
		p.Attach = "/attachments/challenge/" + string(x.ID)
	}
	p.words(r)
	if err := w.stands(r, p); err != nil {
		return nil, err
	}
	return p, w.challengeHangings(r, p)
}

func challengeTone(x challenge.Case) templates.Tone {
	switch {
	case !x.Over():
		return templates.Info
	case x.Outcome == challenge.Upheld:
		return templates.OK
	}
	return templates.Neutral
}

// words are the facts, the choices and who must act.
func (p *challengePage) words(r *edge.Request) {
	x := p.Case
	p.Facts = []templates.KV{{Label: "编号", Value: x.Number, Mono: true}, {Label: "提出人", Value: x.RaiserName, Href: "/organisations/" + string(x.Raiser)},
		{Label: "针对", Value: x.Stage.Name()}, {Label: "收到时间", Value: x.ReceivedAt.In(clock.Beijing).Format("2006年1月2日 15:04")}, {Label: "联系方式", Value: x.Contact}}
	if x.Authority != "" {
		p.Facts = append(p.Facts, templates.KV{Label: "受理机关", Value: x.Authority})
	}
	if x.Letter != "" {
		p.Facts = append(p.Facts, templates.KV{Label: "文号", Value: x.Letter})
	}
	p.Outcomes = []templates.Option{{Value: string(challenge.Dismissed), Label: "不成立"}, {Value: string(challenge.Upheld), Label: "成立"}}
	p.Effects = effectOptions(challenge.NoEffect, challenge.Amend, challenge.Reselect, challenge.Restart)
	p.Reviews = []templates.Option{{Value: "accept", Label: "受理"}, {Value: "mend", Label: "需要补正"}, {Value: "refuse", Label: "不予受理"}}
	for _, a := range []struct{ action, title, label string }{{"answer", "请答复" + x.Kind.Name(), "填写答复"},
		{"review", "登记财政部门的审查结果", "去登记"}, {"decide", "登记投诉处理决定", "去登记"}} {
		if p.May[a.action] && !x.Over() {
			p.Do = &templates.Action{Title: a.title, Href: "#" + a.action, Label: a.label}
			break
		}
	}
	if x.Over() || p.May["answer"] || p.May["approve"] || p.May["review"] || p.May["decide"] || p.May["mend"] {
		return
	}
	p.Waiting = map[challenge.State]string{challenge.Open: "等待采购人经办人答复", challenge.Drafted: "答复已起草，等待采购人审批", challenge.Filed: "等待财政部门审查，由采购人的监督人员登记",
		challenge.Mending: "等待投诉人补正投诉书", challenge.Accepted: "财政部门处理中，由采购人的监督人员登记"}[x.State]
	if r.Actor().Org == x.Raiser && x.State == challenge.Drafted {
		p.Waiting = "等待采购人答复"
	}
}

func (w *Web) challengeHangings(r *edge.Request, p *challengePage) error {
	clocks, err := w.Challenges.Clocks(r.Context(), p.Case)
	if err != nil {
		return err
	}
	p.Dues = clockDues(r, clocks)
	files, err := w.Challenges.Attachments(r.Context(), r.Actor(), p.Case.ID)
	if err != nil {
		return err
	}
	p.Files = fileList(files)
	if p.Paper, err = w.paper(r, p.Case.Document); err != nil {
		return err
	}
	events, err := w.Challenges.Events(r.Context(), p.Case)
	if err != nil {
		return err
	}
	if p.May["complain"] {
		if _, p.Complain, err = w.Challenges.ComplainUntil(r.Context(), p.Case); err != nil {
			return err
		}
	}
	p.Events = timeline(events)
	return nil
}

func (w *Web) challengeShow(r *edge.Request) (edge.Response, error) {
	p, err := w.challengePage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "challenge/show", p), nil
}

// challengeDo runs one step of a case from its page and comes back to it.
func (w *Web) challengeDo(r *edge.Request, done string, do func(p *challengePage, at id.ID) error) (edge.Response, error) {
	p, err := w.challengePage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Form = challengeForm{f.Get("outcome"), f.Get("effect"), f.Get("answer"), f.Get("grounds"), f.Get("reason"), f.Get("letter"), f.Get("decision"), f.Get("suspend_days")}
	if err := do(p, p.Case.ID); err != nil {
		return again("challenge/show", p, err)
	}
	return edge.Redirect(challengeHref(p.Case.ID)).Flash("ok", done), nil
}

func (f challengeForm) reply() challenge.Reply {
	return challenge.Reply{Outcome: challenge.Outcome(f.Outcome), Effect: challenge.Effect(f.Effect), Answer: f.Answer, Grounds: f.Grounds, Letter: f.Letter}
}

func (w *Web) challengeAnswer(r *edge.Request) (edge.Response, error) {
	return w.challengeDo(r, "答复已提交", func(p *challengePage, at id.ID) error {
		_, err := w.Challenges.Answer(r.Context(), r.Actor(), at, p.Form.reply())
		return err
	})
}

func (w *Web) challengeApprove(r *edge.Request) (edge.Response, error) {
	return w.challengeDo(r, "已办理", func(p *challengePage, at id.ID) error {
		var err error
		if p.Form.Decision == "return" {
			_, err = w.Challenges.Return(r.Context(), r.Actor(), at, p.Form.Reason)
		} else {
			_, err = w.Challenges.Approve(r.Context(), r.Actor(), at)
		}
		return err
	})
}

func (w *Web) challengeWithdraw(r *edge.Request) (edge.Response, error) {
	return w.challengeDo(r, "已撤回", func(p *challengePage, at id.ID) error {
		_, err := w.Challenges.Withdraw(r.Context(), r.Actor(), at, p.Form.Reason)
		return err
	})
}

func (w *Web) complaintReview(r *edge.Request) (edge.Response, error) {
	return w.challengeDo(r, "审查结果已登记", func(p *challengePage, at id.ID) error {
		days := 0
		if p.Form.Days != "" {
			n, err := strconv.Atoi(p.Form.Days)
			if days = n; err != nil {
				days = -1
			}
		}
		_, err := w.Challenges.Review(r.Context(), r.Actor(), at, challenge.Review{Decision: p.Form.Decision, Reason: p.Form.Reason, Letter: p.Form.Letter, SuspendDays: days})
		return err
	})
}

func (w *Web) complaintCopied(r *edge.Request) (edge.Response, error) {
	return w.challengeDo(r, "已登记送达", func(_ *challengePage, at id.ID) error {
		_, err := w.Challenges.Copied(r.Context(), r.Actor(), at)
		return err
	})
}

func (w *Web) complaintDecide(r *edge.Request) (edge.Response, error) {
	return w.challengeDo(r, "投诉处理决定已登记并公布", func(p *challengePage, at id.ID) error {
		_, err := w.Challenges.Decide(r.Context(), r.Actor(), at, p.Form.reply())
		return err
	})
}
