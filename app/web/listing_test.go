package web_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/party"
	"gongji/app/party/standing"
)

func TestListingsInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		supervisor := e.Org(party.Bureau, "青山区民政局", party.Supervisor)
		approver, officer := e.Colleague(supervisor, party.Approver), e.Colleague(supervisor, party.Officer)
		lead := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
		other := e.Org(party.Social, "暖邻为老服务中心", party.Lead)
		org := "/organisations/" + string(lead.Actor.Org)
		if p := e.Visitor().Get("/listings"); p.Code != 200 || p.Find(".empty a[href='/organisations']").Length() != 1 {
			t.Errorf("nobody is listed: %d %s", p.Code, p.Text())
		}
		if p := officer.Get("/authority/listings"); p.Code != 403 {
			t.Errorf("an officer enters: %d", p.Code)
		}
		if p := supervisor.Get(org); p.Find("a[href^='/authority/listings/new?organisation=']").Length() != 1 {
			t.Error("the register does not lead to the form")
		}
		if p := approver.Get("/authority/listings"); p.Find("a[href='/authority/listings/new']").Length() != 0 {
			t.Error("whoever decides is offered to draft")
		}
		at := "/authority/listings/new"
		bad := supervisor.Post(at, form("organisation", string(lead.Actor.Org), "kind", "ban", "months", "六个月", "reason", "虚假"))
		if bad.Code != 422 || bad.Find("#f-months").AttrOr("value", "") != "六个月" || bad.Find(".error-summary a[href='#f-months']").Length() != 1 || bad.Find("#f-reason[aria-invalid]").Length() != 1 {
			t.Errorf("a short form: %d %s", bad.Code, bad.Find(".error-summary").Text())
		}
		p := supervisor.Post(at, form("organisation", string(lead.Actor.Org), "kind", "ban", "months", "24", "reason", "提供虚假业绩合同，经核实属实。"))
		if p.Code != 200 || !p.Has("等待“晨光社会工作服务中心”陈述申辩") || p.Find("time[data-deadline]").Length() == 0 {
			t.Fatalf("told: %d %s", p.Code, p.Text())
		}
		show := p.Path
		for _, who := range []*apptest.Person{e.Visitor(), other} {
			if got := who.Get(show); got.Code != 404 {
				t.Errorf("a stranger reads a notice: %d", got.Code)
			}
		}
		if got := lead.Get("/desk"); got.Find("a[href='"+show+"']").Length() == 0 {
			t.Error("the desk of the organisation does not say it was told")
		}
		if got := lead.Post(show+"/statement", form("statement", "")); got.Code != 422 || got.Find("#f-statement[aria-invalid]").Length() != 1 {
			t.Errorf("an empty statement: %d", got.Code)
		}
		if got := lead.Post(show+"/statement", form("statement", "材料由外聘人员整理，请从轻。")); got.Code != 200 || got.Find("form[action$='/statement']").Length() != 0 {
			t.Errorf("stated: %d %s", got.Code, got.Text())
		}
		if got := supervisor.Get(show); got.Find("form[action$='/decide']").Length() != 0 || !got.Has("起草告知的人不能决定") {
			t.Error("whoever drafted it is offered to decide")
		}
		if got := approver.Get("/desk"); !got.Has("信用名单") {
			t.Error("the approver's desk does not say that a decision waits")
		}
		if got := approver.Post(show+"/decide", form("decision", "list", "answer", "事实清楚，予以列入。")); got.Code != 200 || !got.Has("信用决定〔2026〕0001号") {
			t.Fatalf("decided: %d %s", got.Code, got.Text())
		}
		seen := e.Visitor().Get(show)
		if seen.Code != 200 || !seen.Has("政府采购法第77条") || !seen.Has("2028年6月1日 24:00") || seen.Has("外聘人员") {
			t.Errorf("the public reads: %d %s", seen.Code, seen.Text())
		}
		if got := e.Visitor().Get(org); got.Find(".notice-danger a[href='"+show+"']").Length() != 1 {
			t.Error("the organisation's page does not say it is listed")
		}
		if got := e.Visitor().Get("/listings?kind=ban&q=" + q("晨光")); got.Find("tbody tr").Length() != 1 || !got.Has("在列") {
			t.Errorf("the list: %s", got.Text())
		}
		if got := e.Visitor().Get("/listings?kind=serious"); got.Find(".empty a[href='/listings']").Length() != 1 {
			t.Error("nothing found says nothing")
		}
		if got := e.Visitor().Get("/listings/export.csv"); !strings.Contains(string(got.Body), "信用决定〔2026〕0001号") {
			t.Errorf("export: %s", got.Body)
		}
		if got := lead.Post(show+"/plea", form("kind", "objection", "text", "认定的事实有误，附有证据。")); got.Code != 200 || !got.Has("等待青山区民政局的审批人答复异议") {
			t.Errorf("objected: %d %s", got.Code, got.Text())
		}
		second := e.Colleague(supervisor, party.Approver)
		answer := second.Get(show).Find("form[action*='/pleas/']").AttrOr("action", "")
		if got := approver.Post(answer, form("decision", "grant", "answer", "理由成立，予以撤销。")); got.Code != 403 {
			t.Errorf("whoever decided judged: %d", got.Code)
		}
		if got := second.Post(answer, form("decision", "grant", "answer", "理由成立，予以撤销。")); got.Code != 200 || !got.Has("决定已撤销") {
			t.Errorf("answered: %d %s", got.Code, got.Text())
		}
		if got := e.Visitor().Get(org); got.Find(".notice-danger").Length() != 0 {
			t.Error("revoked, and still shown as listed")
		}
	})
}

func TestListingsByTheAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		supervisor := e.Org(party.Bureau, "青山区民政局", party.Supervisor)
		approver := e.Colleague(supervisor, party.Approver)
		lead := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
		var l standing.Listing
		lead.API("POST", "/listings", standing.Intent{}).Want(403)
		supervisor.API("POST", "/listings", standing.Intent{Kind: "serious", Organisation: "x"}).Want(422)
		supervisor.API("POST", "/listings", standing.Intent{Kind: "serious", Organisation: string(lead.Actor.Org), Reason: "提供虚假材料谋取成交，经查证属实。"}).Want(201).Into(&l)
		at := "/listings/" + string(l.ID)
		e.Visitor().API("GET", at, nil).Want(404)
		approver.API("POST", at+"/decide", standing.Ruling{List: true, Answer: "事实清楚，予以列入。"}).Want(409)
		lead.API("POST", at+"/statement", json.RawMessage(`{"statement":"请从轻处理。"}`)).Want(200)
		approver.API("POST", at+"/decide", standing.Ruling{List: true, Answer: "事实清楚，予以列入。"}).Want(200)
		var page struct {
			Items []standing.Listing `json:"items"`
		}
		e.Visitor().API("GET", "/listings?state=in_force", nil).Want(200).Into(&page)
		if len(page.Items) != 1 || page.Items[0].Number == "" {
			t.Errorf("%+v", page)
		}
		lead.API("POST", at+"/pleas", json.RawMessage(`{"kind":"removal","text":"已经整改完成。"}`)).Want(409)
		e.Time.Advance(800 * 24 * time.Hour)
		lead.SignIn()
		approver.SignIn()
		var c standing.Case
		lead.API("POST", at+"/pleas", json.RawMessage(`{"kind":"removal","text":"已经整改完成。"}`)).Want(201).Into(&c)
		approver.API("POST", at+"/pleas/"+string(c.Pleas[0].ID), json.RawMessage(`{"grant":true,"answer":"情况属实，移出。"}`)).Want(200).Into(&c)
		if c.StateNow != standing.Removed {
			t.Errorf("%+v", c)
		}
	})
}
