package web

import (
	"fmt"
	"strconv"
	"time"

	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/templates"
)

func (w *Web) acceptanceRoutes() []edge.Route {
	return []edge.Route{
		get("/engagements/{id}/acceptances", "public", edge.At(w.acceptanceList)),
		post("/engagements/{id}/acceptances", "account", edge.At(w.acceptanceAsk)),
		get("/acceptances/{id}", "public", edge.At(w.acceptanceShow)),
		get("/acceptances/{id}/record", "account", edge.At(w.acceptanceForm)),
		post("/acceptances/{id}/record", "account", edge.At(w.acceptanceSave)),
		post("/acceptances/{id}/record/draft", "account", edge.At(w.acceptanceDraft)),
		post("/acceptances/{id}/decide", "account", edge.At(w.acceptanceDecide)),
	}
}

func acceptanceHref(x id.ID) string  { return "/acceptances/" + string(x) }
func acceptancesHref(e id.ID) string { return engagementHref(e) + "/acceptances" }
func acceptanceTone(x acceptance.Acceptance) templates.Tone {
	switch {
	case x.State == acceptance.Declined:
		return templates.Neutral
	case x.State != acceptance.Published:
		return templates.Info
	}
	return map[acceptance.Result]templates.Tone{acceptance.Passed: templates.OK, acceptance.Redo: templates.Warn, acceptance.Failed: templates.Danger}[x.Result]
}

// acceptanceRow is an acceptance in a list.
type acceptanceRow struct {
	acceptance.Acceptance
	Name   string
	Status templates.Status
}

// acceptanceListPage is engagement/acceptances.html.
type acceptanceListPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Rows       []acceptanceRow
	MayAsk     bool
	Choices    []templates.Option
	Typed      acceptance.Input
	Article    string
}

func (w *Web) acceptanceListPage(r *edge.Request, at id.ID) (*acceptanceListPage, error) {
	ctx, who := r.Context(), r.Actor()
	e, err := w.Engagements.Get(ctx, who, at)
	if err != nil {
		return nil, err
	}
	p := &acceptanceListPage{Engagement: e, Choices: []templates.Option{{Value: "0", Label: "整个项目"}}}
	p.Title, p.Breadcrumbs = "履约验收", deliveryCrumbs(r, e, "履约验收")
	if e.Kind == engagement.Contract {
		p.Article = rules.At(w.Engagements.Now()).Must(rules.AcceptanceUsers).Source()
	}
	list, err := w.Acceptances.List(ctx, who, at)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		p.Rows = append(p.Rows, acceptanceRow{x.Acceptance, fmt.Sprintf("第 %d 次：%s", x.Seq, x.Scope()), templates.Status{Label: x.StateName(), Tone: acceptanceTone(x.Acceptance)}})
	}
	if !w.Engagements.Allowed(who, e, "hand_over") {
		return p, nil
	}
	if p.MayAsk, err = w.Acceptances.Ready(ctx, at); err != nil || !p.MayAsk {
		return p, err
	}
	x, err := w.Plans.Get(ctx, who, at)
	for i, m := range x.Content.Milestones {
		p.Choices = append(p.Choices, templates.Option{Value: strconv.Itoa(i + 1), Label: "节点：" + m.Name})
	}
	return p, err
}

func (w *Web) acceptanceList(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.acceptanceListPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/acceptances", p), nil
}

func (w *Web) acceptanceAsk(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := acceptance.Input{Milestone: number(f.Get("milestone")), Report: f.Get("report")}
	x, err := w.Acceptances.Ask(r.Context(), r.Actor(), at, in)
	if err != nil {
		p, perr := w.acceptanceListPage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Typed = in
		return again("engagement/acceptances", p, err)
	}
	return edge.Redirect(acceptanceHref(x.ID)).Flash("ok", "已申请验收，等待付款方组织验收小组"), nil
}

// acceptancePage is engagement/acceptance.html.
type acceptancePage struct {
	templates.Chrome
	Case       acceptance.Case
	Status     templates.Status
	Facts      []templates.KV
	Due        *templates.Deadline
	Next       *templates.Action
	Files      []templates.File
	Parties    bool
	MayDecline bool
	MayPublish bool
	Masked     bool
	Reason     string
	MayInvite  bool
	Heard      *acceptance.Heard // what was said with codes, for the payer
}

func (w *Web) acceptancePage(r *edge.Request, at id.ID) (*acceptancePage, error) {
	ctx, who := r.Context(), r.Actor()
	x, err := w.Acceptances.Get(ctx, who, at)
	if err != nil {
		return nil, err
	}
	can := func(a string) bool { return w.Engagements.Allowed(who, x.Of, a) }
	p := &acceptancePage{Case: x, Status: templates.Status{Label: x.StateName(), Tone: acceptanceTone(x.Acceptance)}, Parties: can("follow"), Masked: !can("follow"),
		MayDecline: x.State == acceptance.Asked && can("inspect"), MayPublish: x.State == acceptance.Review && can("publish")}
	p.MayInvite = p.MayDecline
	if can("inspect") || can("publish") {
		h, err := w.Acceptances.Opinions(ctx, who, at)
		if err != nil {
			return nil, err
		}
		p.Heard = &h
	}
	p.Title = "履约验收：" + x.Scope()
	p.Breadcrumbs = append(deliveryCrumbs(r, x.Of, "履约验收"), templates.Crumb{Label: fmt.Sprintf("第 %d 次", x.Seq)})
	p.Breadcrumbs[len(p.Breadcrumbs)-2].Href = acceptancesHref(x.Of.ID)
	p.Facts, p.Next = w.acceptanceFacts(x), w.acceptanceNext(r, x)
	if x.State == acceptance.Published && x.Result == acceptance.Redo {
		p.Due = &templates.Deadline{Label: "整改期限", At: x.RedoOn.AddDate(0, 0, 1), Now: w.Engagements.Now(), Ends: true, Owed: true}
	}
	if p.Parties && (who.Org == x.Of.Payer || x.State == acceptance.Published) {
		p.Files, err = w.acceptanceFiles(r, x)
	}
	return p, err
}

func (w *Web) acceptanceFiles(r *edge.Request, x acceptance.Case) ([]templates.File, error) {
	var out []templates.File
	files, err := w.Attachments.Listed(r.Context(), acceptance.Object, x.ID)
	for _, f := range files {
		out = append(out, templates.File{ID: string(f.ID), Name: f.Name, Href: "/attachments/" + string(f.ID), Size: f.Size})
	}
	return out, err
}

func (w *Web) acceptanceFacts(x acceptance.Case) []templates.KV {
	out := []templates.KV{{Label: "项目", Value: x.Of.Title, Href: engagementHref(x.Of.ID), Note: x.Of.Number}, {Label: "付款方", Value: x.Of.PayerName}, {Label: "承接方", Value: x.Of.ProviderName},
		{Label: "验收内容", Value: x.Scope()}, {Label: "申请时间", Value: day(x.AskedAt)}}
	if x.Public {
		kv := templates.KV{Label: "服务对象参加", Value: "应当邀请服务对象参加并出具意见，结果公告"}
		if x.Of.Kind == engagement.Contract {
			kv.Article = rules.At(x.Of.OpenedAt).Must(rules.AcceptanceUsers).Source()
		}
		out = append(out, kv)
	}
	if !x.Content.On.IsZero() {
		out = append(out, templates.KV{Label: "验收日期", Value: day(x.Content.On)}, templates.KV{Label: "地点和方式", Value: x.Content.Place})
	}
	return out
}

func (w *Web) acceptanceNext(r *edge.Request, x acceptance.Case) *templates.Action {
	can := func(a string) bool { return w.Engagements.Allowed(r.Actor(), x.Of, a) }
	switch x.State {
	case acceptance.Asked:
		if can("inspect") {
			return &templates.Action{Title: "组织验收", Text: "成立验收小组，逐项核对成果，记录每位成员的意见和结果。", Label: "填写验收记录", Href: acceptanceHref(x.ID) + "/record"}
		}
		return &templates.Action{Title: "等待组织验收", Waiting: "由付款方“" + x.Of.PayerName + "”的经办人组织验收小组。"}
	case acceptance.Review:
		if !can("publish") {
			return &templates.Action{Title: "等待公布", Waiting: "由付款方“" + x.Of.PayerName + "”的审批人审批并公布，不能由提交的人办理。"}
		}
	case acceptance.Published:
		if x.Result == acceptance.Passed && x.Milestone == nil && x.Of.Kind == engagement.Contract && can("claim") {
			return &templates.Action{Title: "申请最后一笔款项", Text: "验收合格并已公布，可以申请最后一笔付款。", Label: "付款申请", Href: engagementHref(x.Of.ID) + "/claims"}
		}
		if x.Result == acceptance.Passed && x.Milestone == nil && x.Of.Kind == engagement.Grant && can("agree") {
			return &templates.Action{Title: "支付最后一笔资助款", Text: "验收合格并已公布，可以支付最后一笔资助款。", Label: "资助协议和付款", Href: x.Of.Source}
		}
		if x.Result != acceptance.Passed && can("hand_over") {
			return &templates.Action{Title: "整改以后再申请验收", Text: "改好以后再申请一次验收。", Label: "履约验收", Href: acceptancesHref(x.Of.ID)}
		}
	}
	return nil
}

func (w *Web) acceptanceShow(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.acceptancePage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/acceptance", p), nil
}

func (w *Web) acceptanceDecide(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	done := "意见已记录"
	switch f.Get("decision") {
	case "publish":
		_, err = w.Acceptances.Publish(r.Context(), r.Actor(), at)
		done = "验收结果已公布"
	case "decline":
		_, err = w.Acceptances.Decline(r.Context(), r.Actor(), at, f.Get("reason"))
	default:
		_, err = w.Acceptances.Return(r.Context(), r.Actor(), at, f.Get("reason"))
	}
	if err != nil {
		p, perr := w.acceptancePage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason = f.Get("reason")
		return again("engagement/acceptance", p, err)
	}
	return edge.Redirect(acceptanceHref(at)).Flash("ok", done), nil
}

// groupRow is a member as typed, with the names of the fields.
type groupRow struct {
	acceptance.MemberForm
	No    int
	In    string
	Blank bool
}

// checkRow is a line with what was typed about it.
type checkRow struct {
	acceptance.Line
	acceptance.CheckForm
	No int
	In string
}

// acceptanceFormPage is engagement/acceptance_edit.html.
type acceptanceFormPage struct {
	templates.Chrome
	Case    acceptance.Case
	Form    acceptance.Form
	Members []groupRow
	Checks  []checkRow
	Files   []templates.File
	Today   string
	Article string
	Roles   []templates.Option
}

func (w *Web) acceptanceFormPage(r *edge.Request, at id.ID, typed *acceptance.Form) (*acceptanceFormPage, error) {
	x, err := w.Acceptances.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	if err := w.Engagements.Require(r.Actor(), x.Of, "inspect"); err != nil {
		return nil, err
	}
	if x.State != acceptance.Asked {
		return nil, fault.New(fault.Conflict, "这次验收现在是“%s”，不能再填写", x.StateName())
	}
	p := &acceptanceFormPage{Case: x, Form: x.Form, Today: w.Engagements.Now().In(clock.Beijing).Format(time.DateOnly)}
	p.Title = "填写验收记录"
	p.Breadcrumbs = append(deliveryCrumbs(r, x.Of, "履约验收"), templates.Crumb{Label: "填写验收记录"})
	p.Breadcrumbs[len(p.Breadcrumbs)-2].Href = acceptanceHref(at)
	if x.Public && x.Of.Kind == engagement.Contract {
		p.Article = rules.At(x.Of.OpenedAt).Must(rules.AcceptanceUsers).Source()
	}
	if typed != nil {
		p.Form = *typed
	}
	for i, m := range append(p.Form.Members, make([]acceptance.MemberForm, blanks+1)...) {
		p.Members = append(p.Members, groupRow{m, i + 1, fmt.Sprintf("members.%d.", i+1), m == acceptance.MemberForm{}})
	}
	for i, l := range x.Lines {
		row := checkRow{Line: l, No: i + 1, In: fmt.Sprintf("checks.%d.", i+1)}
		if i < len(p.Form.Checks) {
			row.CheckForm = p.Form.Checks[i]
		} else if l.Counted() {
			row.Confirmed = strconv.FormatInt(l.Shown, 10)
		}
		p.Checks = append(p.Checks, row)
	}
	for _, role := range []acceptance.Role{acceptance.OfPayer, acceptance.Resident, acceptance.Expert} {
		p.Roles = append(p.Roles, templates.Option{Value: string(role), Label: role.Name()})
	}
	p.Files, err = w.acceptanceFiles(r, x)
	return p, err
}

func (w *Web) acceptanceForm(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.acceptanceFormPage(r, at, nil)
	if err != nil {
		return edge.Response{}, err
	}
	if r.Query("check") != "" {
		missing, err := w.Acceptances.Missing(r.Context(), p.Case)
		if err != nil {
			return edge.Response{}, err
		}
		p.Fault = about(missing, func(string) bool { return true })
	}
	return edge.HTML(200, "engagement/acceptance_edit", p), nil
}

// acceptanceRecord reads the form; members left empty are passed over.
func acceptanceRecord(f *edge.Form) acceptance.Form {
	return acceptance.Form{On: f.Get("inspected_on"), Place: f.Get("place"), Result: f.Get("result"), RedoOn: f.Get("redo_on"), Redo: f.Get("redo"), Summary: f.Get("summary"),
		Members: filled(f, "members", "name", func(at func(string) string) acceptance.MemberForm {
			return acceptance.MemberForm{Name: at("name"), Role: at("role"), Unit: at("unit"), Opinion: at("opinion"), Words: at("words")}
		}),
		Checks: numbered(f, "checks", "note", func(at func(string) string) acceptance.CheckForm {
			return acceptance.CheckForm{Confirmed: at("confirmed"), Met: at("met"), Note: at("note")}
		})}
}

func (w *Web) acceptanceSave(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	form, next, done := acceptanceRecord(f), acceptanceHref(at)+"/record", "草稿已保存"
	_, err = w.Acceptances.Save(r.Context(), r.Actor(), at, 0, form)
	if err == nil && f.Get("next") == "submit" {
		next, done = acceptanceHref(at), "已提交，等待审批人公布"
		_, err = w.Acceptances.Submit(r.Context(), r.Actor(), at)
	}
	if err != nil {
		p, perr := w.acceptanceFormPage(r, at, &form)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("engagement/acceptance_edit", p, err)
	}
	return edge.Redirect(next).Flash("ok", done), nil
}

func (w *Web) acceptanceDraft(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err == nil {
		_, err = w.Acceptances.Save(r.Context(), r.Actor(), at, 0, acceptanceRecord(f))
	}
	return edge.NoContent(), err
}

// acceptanceRoom is the acceptance among the rooms of a delivery.
func (w *Web) acceptanceRoom(r *edge.Request, e engagement.Engagement, p plan.Plan) ([]templates.KV, error) {
	list, err := w.Acceptances.List(r.Context(), r.Actor(), e.ID)
	if err != nil || len(list) == 0 && (p.State != plan.Agreed || !w.Engagements.Allowed(r.Actor(), e, "follow")) {
		return nil, err
	}
	kv := templates.KV{Label: "履约验收", Href: acceptancesHref(e.ID), Note: "逐项核对，服务对象参加，结果公布"}
	if len(list) > 0 {
		kv.Value = list[0].StateName()
	}
	return []templates.KV{kv}, nil
}
