package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/templates"
)

func (w *Web) fundClosingRoutes() []edge.Route {
	return []edge.Route{
		get("/foundation/funds/{id}/closing", "foundation", w.closingShow),
		post("/foundation/funds/{id}/closing", "foundation", w.closingPropose),
		post("/foundation/funds/{id}/closing/resume", "foundation", w.closingResume),
		post("/foundation/funds/{id}/closing/end", "foundation", w.closingEnd),
	}
}

// fundClosingPage is fund/closing.html: the ending of a fund, from the
// proposal to the published end.
type fundClosingPage struct {
	templates.Chrome
	Fund      fund.Fund
	Status    templates.Status
	Money     fund.Money
	Closing   *fund.Closing
	Facts     []templates.KV
	Form      fund.ClosingForm
	Takers    []templates.Option
	Targets   []templates.Option
	Loose     []fund.Loose
	Papers    []templates.File
	Next      templates.Action
	Reason    string // as typed
	Article   string // of what becomes of the surplus
	MayBegin  bool
	MayPaper  bool
	MayResume bool
	MayEnd    bool
}

func (w *Web) closingShow(r *edge.Request) (edge.Response, error) {
	p, err := w.fundClosingPage(r, fund.ClosingForm{})
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "fund/closing", p), nil
}

func (w *Web) fundClosingPage(r *edge.Request, form fund.ClosingForm) (*fundClosingPage, error) {
	ctx, who := r.Context(), r.Actor()
	f, err := w.fund(r)
	if err == nil {
		err = w.Funds.Require(who, f, "follow")
	}
	if err != nil {
		return nil, err
	}
	can := func(action string) bool { return w.Funds.Allowed(who, f, action) }
	p := &fundClosingPage{Fund: f, Status: fundStatus(f), Form: form, Article: rules.At(r.Now()).Must(rules.DonationSurplus).Source(),
		MayBegin: can("propose"), MayPaper: can("paper"), MayResume: can("resume"), MayEnd: can("end")}
	p.Title = "终止基金"
	p.Breadcrumbs = []templates.Crumb{fundDesk, {Label: fundTitle(f), Href: fundHref(f)}, {Label: p.Title}}
	if p.Money, err = w.Funds.Balance(ctx, f); err != nil {
		return nil, err
	}
	if p.Closing, err = w.Funds.Closing(ctx, f); err != nil {
		return nil, err
	}
	if p.Closing != nil {
		p.Facts = closingFacts(*p.Closing)
		p.MayEnd = p.MayEnd && p.Closing.ProposedBy != who.Account
	}
	if f.State != fund.Ended {
		if p.Loose, err = w.Funds.Loose(ctx, f); err != nil {
			return nil, err
		}
	}
	if p.Papers, err = w.files(r, fund.ResolutionKind, f.ID); err != nil {
		return nil, err
	}
	p.Targets = closingTargets(f, p.Money)
	takers, err := w.Funds.Takers(ctx, who, f)
	for _, t := range takers {
		p.Takers = append(p.Takers, templates.Option{Value: string(t.ID), Label: t.Name})
	}
	p.Next = closingNext(p)
	return p, err
}

// closingTargets are what the agreement leaves to choose.
func closingTargets(f fund.Fund, m fund.Money) []templates.Option {
	out := []templates.Option{}
	for _, t := range []fund.Target{fund.ToFund, fund.ToCharity} {
		if f.SurplusTo == fund.NoTarget || f.SurplusTo == t {
			out = append(out, templates.Option{Value: string(t), Label: t.Name()})
		}
	}
	return append(out, templates.Option{Value: "none", Label: "没有剩余财产", Hint: "现在余额 " + m.Balance.Yuan() + " 元；决定终止时余额须为零。"})
}

func closingFacts(c fund.Closing) []templates.KV {
	to := "没有剩余财产"
	if c.ToName != "" {
		to = c.ToName
	}
	out := []templates.KV{{Label: "终止原因", Value: c.Reason}, {Label: "剩余财产去向", Value: to, Article: "慈善法第58条"}}
	if c.Likeness != "" {
		out = append(out, templates.KV{Label: "目的相同或者相近", Value: c.Likeness})
	}
	if c.Moved > 0 {
		out = append(out, templates.KV{Label: "转出金额", Value: c.Moved.Yuan() + " 元"})
	}
	if c.LeftOpen != "" {
		out = append(out, templates.KV{Label: "未结事项的处理", Value: c.LeftOpen})
	}
	return append(out, templates.KV{Label: "决议", Value: beijingDay(c.BoardOn) + "　" + c.BoardNo})
}

// closingNext says who must do what now.
func closingNext(p *fundClosingPage) templates.Action {
	f := p.Fund
	firm := false
	for _, l := range p.Loose {
		firm = firm || l.Firm
	}
	switch {
	case f.State == fund.Active && !p.MayBegin:
		return templates.Action{Title: "运行中", Waiting: "终止由项目官员提出，由秘书长决定。"}
	case f.State != fund.Winding:
		return templates.Action{}
	case len(p.Papers) == 0 && p.MayPaper:
		return templates.Action{Title: "上传决议", Text: "决定终止以前，须上传管理委员会或者理事会的决议。", Label: "去上传", Href: "#resolution"}
	case len(p.Papers) == 0:
		return templates.Action{Title: "等待项目官员上传决议", Waiting: "管理委员会或者理事会关于终止的决议还没有上传。"}
	case firm:
		return templates.Action{Title: "先结清未了的事项", Waiting: "下面标有“须结清”的，由经办的人办完或者退回。"}
	case p.Closing.ToOrg != nil && p.Money.Balance > 0:
		return templates.Action{Title: "把剩余财产付给" + p.Closing.ToName, Text: "还有 " + p.Money.Balance.Yuan() + " 元。由项目官员新建付款，照付款的审批办理。",
			Label: "新建付款", Href: "/foundation/payments/new?fund=" + string(f.ID)}
	case p.MayEnd:
		text := "终止后不能恢复，不再收支款物，内容继续公开。"
		if p.Money.Balance > 0 {
			text = "余额 " + p.Money.Balance.Yuan() + " 元同时转入“" + p.Closing.ToName + "”。" + text
		}
		return templates.Action{Title: "决定终止", Text: text, Label: "决定终止", Post: fundHref(f) + "/closing/end", Confirm: "终止后不能恢复，确定终止？", Tone: "danger"}
	}
	return templates.Action{Title: "等待秘书长决定", Waiting: "由另一位秘书长身份的人员决定；提出的人不能自己决定。"}
}

func closingForm(f *edge.Form) fund.ClosingForm {
	return fund.ClosingForm{Reason: f.Get("reason"), SurplusTo: f.Get("surplus_to"), ToFund: id.ID(f.Get("to_fund")), ToOrg: f.Get("to_org"),
		Likeness: f.Get("likeness"), LeftOpen: f.Get("left_open"), BoardOn: f.Get("board_on"), BoardNo: f.Get("board_no")}
}

func (w *Web) closingPropose(r *edge.Request) (edge.Response, error) {
	return w.closingStep(r, "已提出终止，基金进入清算", func(f id.ID, form *edge.Form) error {
		_, err := w.Funds.Propose(r.Context(), r.Actor(), f, closingForm(form))
		return err
	})
}

func (w *Web) closingResume(r *edge.Request) (edge.Response, error) {
	return w.closingStep(r, "基金已恢复运行", func(f id.ID, form *edge.Form) error {
		_, err := w.Funds.Resume(r.Context(), r.Actor(), f, form.Get("reason"))
		return err
	})
}

func (w *Web) closingEnd(r *edge.Request) (edge.Response, error) {
	return w.closingStep(r, "基金已终止并公布", func(f id.ID, _ *edge.Form) error {
		_, err := w.Funds.End(r.Context(), r.Actor(), f)
		return err
	})
}

// closingStep takes one step of the ending and comes back to its page, with
// the complaints where there are some.
func (w *Web) closingStep(r *edge.Request, done string, step func(f id.ID, form *edge.Form) error) (edge.Response, error) {
	f, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	form, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := step(f, form); err != nil {
		p, perr := w.fundClosingPage(r, closingForm(form))
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason = form.Get("reason")
		return again("fund/closing", p, err)
	}
	return edge.Redirect("/foundation/funds/"+string(f)+"/closing").Flash("ok", done), nil
}
