package web

import (
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/templates"
)

// campaignEditPage is campaign/edit.html; Campaign is the zero value for a new one.
type campaignEditPage struct {
	templates.Chrome
	Campaign campaign.Campaign
	Action   string
	Form     campaign.Form
	Funds    []templates.Option
	Platform rules.Rule
}

func (w *Web) campaignEditPage(r *edge.Request, x campaign.Campaign, form campaign.Form) (*campaignEditPage, error) {
	p := &campaignEditPage{Campaign: x, Form: form, Action: "/foundation/campaigns", Platform: rules.At(r.Now()).Must(rules.CharityPlatform)}
	p.Title = "登记公开募捐"
	p.Breadcrumbs = []templates.Crumb{campaignDesk, {Label: p.Title}}
	if x.ID != "" {
		p.Title, p.Action = "修改募捐活动", campaignHref(x)+"/edit"
		p.Breadcrumbs = []templates.Crumb{campaignDesk, {Label: campaignTitle(x), Href: campaignHref(x)}, {Label: "修改"}}
	}
	active, err := w.Funds.List(r.Context(), r.Actor(), fund.Filter{Foundation: r.Actor().Org, State: fund.Active, Limit: 200})
	for _, f := range active {
		p.Funds = append(p.Funds, templates.Option{Value: string(f.ID), Label: f.Name})
	}
	return p, err
}

// campaignTitle names a campaign that may have no name yet.
func campaignTitle(x campaign.Campaign) string {
	if x.Name == "" {
		return "未命名的募捐活动"
	}
	return x.Name
}

func (w *Web) campaignNew(r *edge.Request) (edge.Response, error) {
	if !w.Campaigns.MayCreate(r.Actor()) {
		return edge.Response{}, fault.New(fault.Forbidden, "公开募捐由项目官员登记，请切换到项目官员身份")
	}
	p, err := w.campaignEditPage(r, campaign.Campaign{}, campaign.Form{Fund: r.Query("fund")})
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "campaign/edit", p), nil
}

func campaignForm(r *edge.Request) (campaign.Form, string, error) {
	f, err := r.Form()
	if err != nil {
		return campaign.Form{}, "", err
	}
	return campaign.Form{Name: f.Get("name"), Purpose: f.Get("purpose"), Fund: f.Get("fund"), Platform: f.Get("platform"), URL: f.Get("url"),
		Filing: f.Get("filing_number"), Qualification: f.Get("qualification"), StartsOn: f.Get("starts_on"), EndsOn: f.Get("ends_on")}, f.Get("version"), nil
}

func (w *Web) campaignCreate(r *edge.Request) (edge.Response, error) {
	form, _, err := campaignForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	x, err := w.Campaigns.Create(r.Context(), r.Actor(), form)
	if err != nil {
		p, perr := w.campaignEditPage(r, campaign.Campaign{}, form)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("campaign/edit", p, err)
	}
	return edge.Redirect(campaignHref(x)).Flash("ok", "草稿已保存，请核对并上传资格证书和备案证明"), nil
}

func (w *Web) campaignEdit(r *edge.Request) (edge.Response, error) {
	x, err := w.campaign(r, "edit")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.campaignEditPage(r, x, x.Form)
	if err != nil {
		return edge.Response{}, err
	}
	if r.Query("check") != "" {
		missing, err := w.Campaigns.Missing(r.Context(), x)
		if err != nil {
			return edge.Response{}, err
		}
		p.Fault = about(missing, func(field string) bool { return field != "papers" }) // uploaded on its own page
	}
	return edge.HTML(200, "campaign/edit", p), nil
}

func (w *Web) campaignSave(r *edge.Request) (edge.Response, error) {
	x, err := w.campaign(r, "edit")
	if err != nil {
		return edge.Response{}, err
	}
	form, version, err := campaignForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Campaigns.Save(r.Context(), r.Actor(), x.ID, number(version), form); err != nil {
		p, perr := w.campaignEditPage(r, x, form)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("campaign/edit", p, err)
	}
	return edge.Redirect(campaignHref(x)).Flash("ok", "草稿已保存"), nil
}

// campaignManagePage is campaign/manage.html: a campaign from the inside; the
// draft's page is its "check your answers".
type campaignManagePage struct {
	templates.Chrome
	Campaign    campaign.Campaign
	Status      templates.Status
	Answers     []templates.Answer
	Missing     []fault.Field
	Files       []templates.File
	Settlements []campaign.Settlement
	Total       campaign.Total
	Events      []templates.Event
	Next        templates.Action
	Reason      string // as typed
	MayEdit     bool
	MayDecide   bool
	MayEnd      bool
	MaySettle   bool
	Dues        []dueRow           // what must be published of it next
	Crisis      *disclosure.Crisis // while one lasts
	Why         string             // as typed: the emergency
	MayDisclose bool
}

func (w *Web) campaignManage(r *edge.Request) (edge.Response, error) {
	x, err := w.campaign(r, "follow")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.campaignManagePage(r, x)
	return edge.HTML(200, "campaign/manage", p), err
}

func (w *Web) campaignManagePage(r *edge.Request, x campaign.Campaign) (_ *campaignManagePage, err error) {
	ctx, who := r.Context(), r.Actor()
	can := func(action string) bool { return w.Campaigns.Allowed(who, x, action) }
	p := &campaignManagePage{Campaign: x, Status: campaignStatus(r, x), MayEdit: can("edit"), MayDecide: can("approve"), MayEnd: can("end"), MaySettle: can("settle"), MayDisclose: can("disclose")}
	p.Title = campaignTitle(x)
	p.Breadcrumbs = []templates.Crumb{campaignDesk, {Label: p.Title}}
	var f fund.Fund
	if x.Fund != nil {
		if f, err = w.Funds.Get(ctx, who, *x.Fund); err != nil {
			return nil, err
		}
	}
	if x.State == campaign.Draft {
		if p.Missing, err = w.Campaigns.Missing(ctx, x); err != nil {
			return nil, err
		}
	}
	if p.Files, err = w.files(r, campaign.ObjectKind, x.ID); err != nil {
		return nil, err
	}
	if p.Settlements, err = w.Campaigns.Settlements(ctx, who, x.ID); err != nil {
		return nil, err
	}
	if p.Total, err = w.Campaigns.Total(ctx, x.ID); err != nil {
		return nil, err
	}
	if x.State.Public() {
		dues, err := w.Disclosures.Of(ctx, who, x.ID)
		if err != nil {
			return nil, err
		}
		p.Dues = dueRows(dues, r.Now())
		if p.Crisis, err = w.crisis(r, x.ID); err != nil {
			return nil, err
		}
	}
	events, err := w.Campaigns.Timeline(ctx, who, x.ID)
	p.Events, p.Answers = timeline(events), campaignAnswers(x, f, p.MayEdit)
	p.Next = campaignNext(p, can("submit"))
	return p, err
}

func campaignAnswers(x campaign.Campaign, f fund.Fund, edit bool) []templates.Answer {
	change := func(field string) string {
		if !edit {
			return ""
		}
		return campaignHref(x) + "/edit#f-" + field
	}
	days := writtenDay(x.Form.StartsOn) + " 至 " + writtenDay(x.Form.EndsOn)
	return []templates.Answer{
		{Label: "活动名称", Value: x.Form.Name, Change: change("name")},
		{Label: "募捐目的和用途", Value: x.Form.Purpose, Change: change("purpose")},
		{Label: "款项进入", Value: fullName(f), Change: change("fund")},
		{Label: "指定平台", Value: x.Form.Platform, Change: change("platform"), Article: "慈善法第27条"},
		{Label: "平台上的页面", Value: x.Form.URL, Change: change("url"), Mono: true},
		{Label: "备案编号", Value: x.Form.Filing, Change: change("filing_number"), Mono: true},
		{Label: "公开募捐资格证书编号", Value: x.Form.Qualification, Change: change("qualification")},
		{Label: "募捐期间", Value: days, Change: change("starts_on")},
	}
}

// campaignNext says who must do what now.
func campaignNext(p *campaignManagePage, submit bool) templates.Action {
	x := p.Campaign
	switch {
	case x.State == campaign.Draft && !submit:
		return templates.Action{Title: "等待项目官员完成草稿", Waiting: "草稿由项目官员填写并提交。"}
	case x.State == campaign.Draft && len(p.Missing) > 0:
		return templates.Action{Title: "补全后即可提交", Text: "还有 " + strconv.Itoa(len(p.Missing)) + " 处需要填写或修改，见本页提示。",
			Label: "继续填写", Href: campaignHref(x) + "/edit?check=1"}
	case x.State == campaign.Draft:
		return templates.Action{Title: "核对无误后提交审批", Text: "提交后由秘书长核对证书和备案编号，批准即公开。", Label: "提交审批", Post: campaignHref(x) + "/submit"}
	case x.State == campaign.Review && !p.MayDecide:
		return templates.Action{Title: "等待秘书长审批", Waiting: "由另一位秘书长身份的人员审批；起草人不能审批自己登记的募捐。"}
	case x.State.Public() && p.MaySettle:
		return templates.Action{Title: "平台打来了款项？", Text: "照平台的结算单登记，由另一位财务确认到账后进入基金。", Label: "登记结算单", Href: campaignHref(x) + "/settlements/new"}
	}
	return templates.Action{}
}

func (w *Web) campaignSubmit(r *edge.Request) (edge.Response, error) {
	return w.campaignStep(r, "已提交，等待秘书长审批", func(x id.ID, _ *edge.Form) error {
		_, err := w.Campaigns.Submit(r.Context(), r.Actor(), x)
		return err
	})
}

func (w *Web) campaignDecide(r *edge.Request) (edge.Response, error) {
	return w.campaignStep(r, "决定已记录", func(x id.ID, form *edge.Form) error {
		var err error
		if form.Get("decision") == "approve" {
			_, err = w.Campaigns.Approve(r.Context(), r.Actor(), x)
		} else {
			_, err = w.Campaigns.Return(r.Context(), r.Actor(), x, form.Get("reason"))
		}
		return err
	})
}

func (w *Web) campaignEnd(r *edge.Request) (edge.Response, error) {
	return w.campaignStep(r, "募捐已结束", func(x id.ID, form *edge.Form) error {
		_, err := w.Campaigns.End(r.Context(), r.Actor(), x, form.Get("reason"))
		return err
	})
}

// campaignStep does one decision and comes back to the campaign's page, with
// the complaints where there are some.
func (w *Web) campaignStep(r *edge.Request, done string, step func(x id.ID, form *edge.Form) error) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	form, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := step(at, form); err != nil {
		x, perr := w.campaign(r, "follow")
		if perr != nil {
			return edge.Response{}, perr
		}
		p, perr := w.campaignManagePage(r, x)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason = form.Get("reason")
		return again("campaign/manage", p, err)
	}
	return edge.Redirect("/foundation/campaigns/"+string(at)).Flash("ok", done), nil
}
