package web

import (
	"fmt"
	"slices"
	"strings"

	"gongji/app/edge"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/review"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/templates"
)

func (w *Web) callDeskRoutes() []edge.Route {
	return []edge.Route{
		get("/funder/calls", "funder", w.callOwn),
		get("/funder/calls/new", "funder", w.callNew),
		post("/funder/calls", "funder", w.callCreate),
		get("/funder/calls/{id}", "funder", w.callManage),
		get("/funder/calls/{id}/edit", "funder", w.callEdit),
		post("/funder/calls/{id}/edit", "funder", w.callSave),
		post("/funder/calls/{id}/autosave", "funder", w.callAutosave),
		post("/funder/calls/{id}/submit", "funder", w.callSubmit),
		post("/funder/calls/{id}/decide", "funder", w.callDecide),
		post("/funder/calls/{id}/extend", "funder", w.callExtend),
		post("/funder/calls/{id}/cancel", "funder", w.callCancel),
		get("/funder/calls/{id}/applications", "funder", w.callApplications),
		get("/funder/calls/{id}/applications.csv", "funder", w.callApplicationsExport),
		post("/funder/calls/{id}/reviewers", "funder", w.callName),
		post("/funder/calls/{id}/remove", "funder", w.callRemove),
		post("/funder/calls/{id}/open", "funder", w.callOpen),
		post("/funder/calls/{id}/settle", "funder", w.callSettle),
		post("/funder/calls/{id}/decline", "funder", w.callDecline),
	}
}

var callDesk = templates.Crumb{Label: "公益创投与孵化", Href: "/funder/calls"}

func (w *Web) callOwn(r *edge.Request) (edge.Response, error) {
	p := &callListPage{Own: true, MayAdd: w.Calls.MayCreate(r.Actor())}
	p.Title = "本单位的公益创投与孵化"
	x := callFilter(r)
	x.Foundation = r.Actor().Org
	return w.callsPage(r, p, x, "/funder/calls/", call.Draft, call.Review, call.Published, call.Closed, call.Decided, call.Cancelled)
}

// callEditPage is call/edit.html; Call is the zero value for a new one.
type callEditPage struct {
	templates.Chrome
	Call        call.Call
	Action      string
	Form        call.Form
	Funds       []templates.Option
	Kinds       []templates.Option
	Types       []templates.Option
	Credentials []templates.Option
	Ratings     []templates.Option
	Public      bool     // a bureau's: its budget, no fund
	Held        []string // the kinds of certificate that are asked for
	Questions   []callQuestion
	Lines       []callLine
	Documents   []callDocument
	Rounds      []callRound
}

type callQuestion struct {
	No int
	call.Question
}
type callLine struct {
	No int
	call.Line
}
type callDocument struct {
	No int
	call.Document
}
type callRound struct {
	No       int
	Name     string
	Criteria []callCriterion
}
type callCriterion struct {
	Field string
	call.Criterion
}

func (w *Web) callEditPage(r *edge.Request, c call.Call, f call.Form) (*callEditPage, error) {
	p := &callEditPage{Call: c, Form: f, Action: "/funder/calls", Public: r.Actor().OrgKind == party.Bureau}
	p.Title = "新建征集"
	p.Breadcrumbs = []templates.Crumb{callDesk, {Label: p.Title}}
	if c.ID != "" {
		at := "/funder/calls/" + string(c.ID)
		p.Title, p.Action = "修改征集草稿", at+"/edit"
		p.Breadcrumbs = []templates.Crumb{callDesk, {Label: callTitle(c), Href: at}, {Label: "修改"}}
	}
	var funds []fund.Item
	var err error
	if !p.Public {
		funds, err = w.Funds.List(r.Context(), r.Actor(), fund.Filter{Foundation: r.Actor().Org, State: fund.Active, Limit: 200})
	}
	for _, x := range funds {
		p.Funds = append(p.Funds, templates.Option{Value: string(x.ID), Label: x.Name + "（余额 " + x.Balance.Yuan() + " 元）"})
	}
	for _, k := range call.Kinds() {
		p.Kinds = append(p.Kinds, templates.Option{Value: string(k), Label: k.Name()})
	}
	for _, t := range call.Types() {
		p.Types = append(p.Types, templates.Option{Value: string(t), Label: t.Name()})
	}
	for _, k := range credential.Kinds() {
		p.Credentials = append(p.Credentials, templates.Option{Value: string(k), Label: k.Name()})
	}
	for _, k := range f.Eligibility.Credentials {
		p.Held = append(p.Held, string(k))
	}
	for _, s := range []string{"1A", "2A", "3A", "4A", "5A"} {
		p.Ratings = append(p.Ratings, templates.Option{Value: s, Label: s + " 及以上"})
	}
	p.rows()
	return p, err
}

// rows lays the lists out with an empty row at the end of each.
func (p *callEditPage) rows() {
	for i, q := range append(slices.Clone(p.Form.Questions), call.Question{}) {
		p.Questions = append(p.Questions, callQuestion{i + 1, q})
	}
	for i, l := range append(slices.Clone(p.Form.Budget), call.Line{}) {
		p.Lines = append(p.Lines, callLine{i + 1, l})
	}
	for i, d := range append(slices.Clone(p.Form.Documents), call.Document{}) {
		p.Documents = append(p.Documents, callDocument{i + 1, d})
	}
	rounds := slices.Clone(p.Form.Rounds)
	if len(rounds) == 0 {
		rounds = []call.Round{{Name: "书面评审"}}
	}
	for i, r := range append(rounds, call.Round{}) {
		x := callRound{No: i + 1, Name: r.Name}
		for j, k := range append(slices.Clone(r.Criteria), call.Criterion{}) {
			x.Criteria = append(x.Criteria, callCriterion{fmt.Sprintf("rounds.%d.criteria.%d", i+1, j+1), k})
		}
		p.Rounds = append(p.Rounds, x)
	}
}

func callTitle(c call.Call) string {
	if c.Title == "" {
		return "未命名的征集"
	}
	return c.Title
}

func typedCall(f *edge.Form) call.Form {
	in := call.Form{Kind: f.Get("kind"), Title: f.Get("title"), Summary: f.Get("summary"), Region: f.Get("region"), Fund: f.Get("fund"), Source: f.Get("source"), Deadline: f.Get("deadline"),
		Total: f.Get("total"), Most: f.Get("most"), Places: f.Get("places"), Start: f.Get("start"), End: f.Get("end"), Contact: f.Get("contact"),
		Eligibility: call.Eligibility{Rating: f.Get("rating"), Region: f.Get("from"), Years: f.Get("years"), Pending: f.Get("pending") == "yes"}}
	for _, k := range f.All("credentials") {
		in.Eligibility.Credentials = append(in.Eligibility.Credentials, credential.Kind(k))
	}
	for i := 1; f.Has(fmt.Sprintf("questions.%d.title", i)); i++ {
		at := func(n string) string { return f.Get(fmt.Sprintf("questions.%d.%s", i, n)) }
		in.Questions = append(in.Questions, call.Question{Group: at("group"), Title: at("title"), Hint: at("hint"), Type: call.Type(at("type")), Limit: at("limit"),
			Unit: at("unit"), Options: at("options"), Optional: at("optional") == "yes"})
	}
	for i := 1; f.Has(fmt.Sprintf("budget.%d.name", i)); i++ {
		in.Budget = append(in.Budget, call.Line{Name: f.Get(fmt.Sprintf("budget.%d.name", i)), Cap: f.Get(fmt.Sprintf("budget.%d.cap", i))})
	}
	for i := 1; f.Has(fmt.Sprintf("documents.%d.name", i)); i++ {
		at := func(n string) string { return f.Get(fmt.Sprintf("documents.%d.%s", i, n)) }
		in.Documents = append(in.Documents, call.Document{Name: at("name"), Credential: credential.Kind(at("credential")), Optional: at("optional") == "yes"})
	}
	for i := 1; f.Has(fmt.Sprintf("rounds.%d.name", i)); i++ {
		x := call.Round{Name: f.Get(fmt.Sprintf("rounds.%d.name", i))}
		for j := 1; f.Has(fmt.Sprintf("rounds.%d.criteria.%d.name", i, j)); j++ {
			at := func(n string) string { return f.Get(fmt.Sprintf("rounds.%d.criteria.%d.%s", i, j, n)) }
			x.Criteria = append(x.Criteria, call.Criterion{Name: at("name"), Hint: at("hint"), Weight: at("weight")})
		}
		in.Rounds = append(in.Rounds, x)
	}
	return in
}

func (w *Web) callNew(r *edge.Request) (edge.Response, error) {
	if !w.Calls.MayCreate(r.Actor()) {
		return edge.Response{}, fault.New(fault.Forbidden, "征集由项目官员（经办人）起草，请切换到这个身份")
	}
	p, err := w.callEditPage(r, call.Call{}, call.Form{})
	return edge.HTML(200, "call/edit", p), err
}

func (w *Web) callCreate(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := typedCall(f)
	c, err := w.Calls.Create(r.Context(), r.Actor(), in)
	if err != nil {
		p, perr := w.callEditPage(r, call.Call{}, in)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("call/edit", p, err)
	}
	return w.callKept(f, c), nil
}

// callKept goes back to the form for another row, or on to the draft's page.
func (w *Web) callKept(f *edge.Form, c call.Call) edge.Response {
	at := "/funder/calls/" + string(c.ID)
	if f.Get("step") == "more" {
		return edge.Redirect(at+"/edit").Flash("ok", "草稿已保存，可以继续加行")
	}
	return edge.Redirect(at).Flash("ok", "草稿已保存，请核对后提交审批")
}

// call reads the call of the address as its foundation's people see it.
func (w *Web) call(r *edge.Request) (call.Call, error) {
	at, err := r.ID("id")
	if err != nil {
		return call.Call{}, err
	}
	c, err := w.Calls.Get(r.Context(), r.Actor(), at)
	if err == nil {
		err = w.Calls.Require(r.Actor(), c, "follow")
	}
	return c, err
}

func (w *Web) callEdit(r *edge.Request) (edge.Response, error) {
	c, err := w.call(r)
	if err == nil {
		err = w.Calls.Require(r.Actor(), c, "edit")
	}
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.callEditPage(r, c, c.Form)
	if err != nil {
		return edge.Response{}, err
	}
	if r.Query("check") != "" {
		missing, err := w.Calls.Missing(r.Context(), c)
		if err != nil {
			return edge.Response{}, err
		}
		p.Fault = about(missing, func(string) bool { return true })
	}
	return edge.HTML(200, "call/edit", p), nil
}

func (w *Web) callSave(r *edge.Request) (edge.Response, error) {
	c, err := w.call(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := typedCall(f)
	saved, err := w.Calls.Save(r.Context(), r.Actor(), c.ID, number(f.Get("version")), in)
	if err != nil {
		p, perr := w.callEditPage(r, c, in)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Call.Version = number(f.Get("version"))
		return again("call/edit", p, err)
	}
	return w.callKept(f, saved), nil
}

func (w *Web) callAutosave(r *edge.Request) (edge.Response, error) {
	c, err := w.call(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	saved, err := w.Calls.Save(r.Context(), r.Actor(), c.ID, number(f.Get("version")), typedCall(f))
	if err != nil {
		return edge.Response{}, err
	}
	return edge.JSON(200, map[string]int64{"version": saved.Version}), nil
}

// callManagePage is call/manage.html: a call from the inside, in any state.
type callManagePage struct {
	templates.Chrome
	Call      call.Call
	Status    templates.Status
	Deadline  *templates.Deadline
	Facts     []templates.KV
	Missing   []fault.Field
	Next      templates.Action
	Board     review.Board
	Shown     bool                      // the board
	Apps      []application.Application // the newest of them
	Received  int
	All       bool // every standing is shown
	Hidden    int  // standings that are not
	Events    []templates.Event
	Rule      rules.Rule
	Reason    string
	Login     string
	Typed     map[string]string // of the settling form
	MayEdit   bool
	MayReturn bool // decide on the draft
	MayExtend bool
	MayCancel bool
	MayName   bool
	MayOpen   bool
	MaySettle bool
	MayDecide bool
}

func (w *Web) callManage(r *edge.Request) (edge.Response, error) {
	c, err := w.call(r)
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.callManagePage(r, c)
	return edge.HTML(200, "call/manage", p), err
}

func (w *Web) callManagePage(r *edge.Request, c call.Call) (*callManagePage, error) {
	ctx, who, now := r.Context(), r.Actor(), r.Now()
	p := &callManagePage{Call: c, Status: callStatus(c, now), Facts: callFacts(c), Rule: w.Reviews.Rule(), MayEdit: w.Calls.Allowed(who, c, "edit"), MayReturn: w.Calls.Allowed(who, c, "publish"),
		MayExtend: w.Calls.Allowed(who, c, "extend"), MayCancel: w.Calls.Allowed(who, c, "cancel"), MayDecide: w.Grants.MayDecide(who, c), Typed: map[string]string{}}
	p.Title = callTitle(c)
	p.Breadcrumbs = []templates.Crumb{callDesk, {Label: p.Title}}
	var err error
	switch state := c.State(now); state {
	case call.Draft, call.Review:
		p.Missing, err = w.Calls.Missing(ctx, c)
	default:
		p.Deadline = &templates.Deadline{Label: "征集公告定的申请截止时间", At: *c.Deadline, Now: now}
		if p.Board, err = w.Reviews.Board(ctx, who, c.ID, number(r.Query("round"))); err != nil {
			return nil, err
		}
		p.Shown = true
		p.MayName, p.MayOpen = w.Reviews.Allowed(who, c, "name") && !p.Board.Over && !p.Board.Settled, w.Reviews.Allowed(who, c, "open") && !p.Board.Open && !p.Board.Over && !p.Board.Settled
		p.MaySettle = w.Reviews.Allowed(who, c, "settle") && p.Board.Open
		p.cut(r.Query("board") == "all")
		if p.Apps, err = w.Applications.List(ctx, who, application.Filter{Call: c.ID, Limit: callApps}); err == nil {
			p.Received, err = w.Applications.Count(ctx, who, application.Filter{Call: c.ID})
		}
	}
	if err != nil {
		return nil, err
	}
	events, err := w.Calls.Timeline(ctx, who, c.ID)
	p.Events = timeline(events)
	p.Next = callManageNext(r, p)
	return p, err
}

// How much of each the page of a call shows; the rest is a press away.
const (
	callApps      = 10
	callStandings = 50
)

// cut leaves the lower standings out until somebody asks for all of them.
func (p *callManagePage) cut(all bool) {
	if n := len(p.Board.Standings); !all && n > callStandings {
		p.Hidden, p.Board.Standings = n-callStandings, p.Board.Standings[:callStandings]
	}
	p.All = all
}

// callManageNext says who must do what now.
func callManageNext(r *edge.Request, p *callManagePage) templates.Action {
	at := "/funder/calls/" + string(p.Call.ID)
	switch state := p.Call.State(r.Now()); {
	case state == call.Draft && !p.MayEdit:
		return templates.Action{Title: "等待完成草稿", Waiting: "草稿由项目官员（经办人）填写并提交。"}
	case state == call.Draft && len(p.Missing) > 0:
		return templates.Action{Title: "补全后即可提交", Text: fmt.Sprintf("还有 %d 处需要填写或修改。", len(p.Missing)), Label: "继续填写", Href: at + "/edit?check=1"}
	case state == call.Draft:
		return templates.Action{Title: "核对无误后提交审批", Text: "审批通过即公开接受申请，问题和评分标准不再变。", Label: "提交审批", Post: at + "/submit", CSRF: r.CSRF()}
	case state == call.Review && !p.MayReturn:
		return templates.Action{Title: "等待" + p.Call.Chief() + "审批", Waiting: "由本单位另一位" + p.Call.Chief() + "身份的人员审批；起草人不能审批自己的征集。"}
	case state == call.Published:
		return templates.Action{Title: "正在接受申请", Waiting: "到截止时间自动停止；其间可以先确定评审人。"}
	case p.MayOpen:
		return templates.Action{Title: fmt.Sprintf("开始第 %d 轮：%s", p.Board.Round, p.Board.Name), Text: "先确定评审人；系统会再查一遍利害关系。", Label: "开始评审", Post: at + "/open", CSRF: r.CSRF()}
	case p.Board.Open:
		return templates.Action{Title: "评审进行中", Waiting: fmt.Sprintf("还有 %d 份评分没有提交；全部提交后由项目官员（经办人）结束这一轮。", p.Board.Unfinished)}
	case state == call.Closed && p.Board.Over:
		return templates.Action{Title: "评审已结束", Waiting: "由" + p.Call.Chief() + "对每份申请作出决定。"}
	}
	return templates.Action{}
}

func (w *Web) callSubmit(r *edge.Request) (edge.Response, error) {
	return w.callStep(r, "已提交，等待审批", func(c call.Call, _ *edge.Form) error {
		_, err := w.Calls.Submit(r.Context(), r.Actor(), c.ID)
		return err
	})
}

func (w *Web) callDecide(r *edge.Request) (edge.Response, error) {
	return w.callStep(r, "决定已记录", func(c call.Call, f *edge.Form) (err error) {
		if f.Get("decision") == "publish" {
			_, err = w.Calls.Publish(r.Context(), r.Actor(), c.ID)
		} else {
			_, err = w.Calls.Return(r.Context(), r.Actor(), c.ID, f.Get("reason"))
		}
		return err
	})
}

func (w *Web) callExtend(r *edge.Request) (edge.Response, error) {
	return w.callStep(r, "截止时间已延长", func(c call.Call, f *edge.Form) error {
		_, err := w.Calls.Extend(r.Context(), r.Actor(), c.ID, f.Get("deadline"), f.Get("reason"))
		return err
	})
}

func (w *Web) callCancel(r *edge.Request) (edge.Response, error) {
	return w.callStep(r, "征集已取消，申请组织和评审人已收到通知", func(c call.Call, f *edge.Form) error {
		_, err := w.Calls.Cancel(r.Context(), r.Actor(), c.ID, f.Get("cancel_reason"))
		return err
	})
}

func (w *Web) callName(r *edge.Request) (edge.Response, error) {
	return w.callStep(r, "评审人已确定", func(c call.Call, f *edge.Form) error {
		return w.Reviews.Name(r.Context(), r.Actor(), c.ID, f.Get("login"))
	})
}

func (w *Web) callRemove(r *edge.Request) (edge.Response, error) {
	return w.callStep(r, "评审人已更换", func(c call.Call, f *edge.Form) error {
		return w.Reviews.Remove(r.Context(), r.Actor(), c.ID, id.ID(f.Get("reviewer")), f.Get("reason"))
	})
}

func (w *Web) callOpen(r *edge.Request) (edge.Response, error) {
	return w.callStep(r, "评审已开始，评审人已收到通知", func(c call.Call, _ *edge.Form) error {
		return w.Reviews.Open(r.Context(), r.Actor(), c.ID)
	})
}

func (w *Web) callSettle(r *edge.Request) (edge.Response, error) {
	return w.callStep(r, "这一轮已结束", func(c call.Call, f *edge.Form) error {
		in := map[id.ID]review.Ruling{}
		for _, n := range f.Names() {
			if app, ok := strings.CutPrefix(n, "passed."); ok && f.Get(n) != "" {
				in[id.ID(app)] = review.Ruling{Passed: f.Get(n) == "yes", Reason: f.Get("reason." + app)}
			}
		}
		return w.Reviews.Settle(r.Context(), r.Actor(), c.ID, in, review.Cut{Line: f.Get("line"), Reason: f.Get("line_reason")})
	})
}

func (w *Web) callDecline(r *edge.Request) (edge.Response, error) {
	return w.callStep(r, "未通过评审的申请已逐份告知", func(c call.Call, _ *edge.Form) error {
		_, err := w.Grants.DeclineRest(r.Context(), r.Actor(), c.ID)
		return err
	})
}

// callStep does one decision and comes back to the call's page, with the
// complaints and what was typed where there are some.
func (w *Web) callStep(r *edge.Request, done string, step func(c call.Call, f *edge.Form) error) (edge.Response, error) {
	c, err := w.call(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := step(c, f); err != nil {
		p, perr := w.callManagePage(r, c)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason, p.Login = f.Get("reason"), f.Get("login")
		for _, n := range f.Names() {
			p.Typed[n] = f.Get(n)
		}
		return again("call/manage", p, err)
	}
	return edge.Redirect("/funder/calls/"+string(c.ID)).Flash("ok", done), nil
}
