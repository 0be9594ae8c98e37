package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/party"
)

// TestABureausCallOverHTTP is a bureau's 公益创投 on its pages: its budget in
// place of a fund, what it received found, filtered and exported, and at last
// cancelled, in public and with its reason.
func TestABureausCallOverHTTP(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "横沥镇民政办", party.Officer)
		approver, supervisor := e.Colleague(officer, party.Approver), e.Colleague(officer, party.Supervisor)
		lead, second := e.Org(party.Social, "=晨光社会工作服务中心", party.Lead), e.Org(party.Social, "暖邻为老服务中心", party.Lead)
		other := e.Org(party.Bureau, "别处民政局", party.Officer)
		p := officer.Get("/funder/calls/new")
		if p.Code != 200 || p.Find("#f-source").Length() != 1 || p.Find("#f-fund").Length() != 0 {
			t.Fatalf("the form asks a bureau for a fund: %d", p.Code)
		}
		for who, code := range map[*apptest.Person]int{supervisor: 404, lead: 404, e.Visitor(): 200} { // a visitor is asked to sign in
			if p := who.Get("/funder/calls"); p.Code != code && p.Code != 403 {
				t.Errorf("%s: %d", who.Actor.Role, p.Code)
			}
		}
		f := calltest.Form("", e.Time.Now().Add(240*time.Hour))
		f.Source = "2026年市级福彩公益金"
		c, err := e.Calls.Create(t.Context(), officer.Actor, f)
		if err != nil {
			t.Fatal(err)
		}
		at := "/funder/calls/" + string(c.ID)
		officer.Post(at+"/submit", nil)
		if p = approver.Get(at); p.Find(`button[value=publish]`).Length() != 1 {
			t.Errorf("nothing to approve: %s", p.Text())
		}
		if p = approver.Post(at+"/decide", url.Values{"decision": {"publish"}}); !p.Has("接受申请") || !p.Has("2026年市级福彩公益金") {
			t.Errorf("not published: %d %s", p.Code, p.Text())
		}
		if c, err = e.Calls.Get(t.Context(), officer.Actor, c.ID); err != nil {
			t.Fatal(err)
		}
		if p = e.Visitor().Get("/"); p.Find(`section[aria-labelledby=calls] a[href="/calls/`+string(c.ID)+`"]`).Length() != 1 {
			t.Error("the home page says nothing of it")
		}
		if p = e.Visitor().Get("/calls?q=" + url.QueryEscape("助老 民政办")); p.Find("table tbody tr").Length() != 1 {
			t.Errorf("the public search does not find it: %s", p.Text())
		}
		if p = e.Visitor().Get("/calls?q=" + url.QueryEscape("没有这样的")); p.Find("table").Length() != 0 || !p.Has("没有符合条件的征集") {
			t.Error("found what is not there")
		}
		h := &calltest.House{House: &fundtest.House{DB: e.DB, Clock: e.Time, Attachments: e.Attachments, Officer: officer.Actor}, T: t, Credentials: e.Credentials, Applications: e.Applications, Calls: e.Calls, Reviews: e.Reviews}
		h.Vault(lead.Actor)
		h.Vault(second.Actor)
		a, draft := h.Sent(lead.Actor, c, "暖邻行动"), h.Filled(second.Actor, c, "银龄食堂")
		p = officer.Get(at + "/applications?q=" + url.QueryEscape("暖邻"))
		if p.Find("table tbody tr").Length() != 1 || p.Find(`a[href="/funder/applications/`+string(a.ID)+`"]`).Length() != 1 || p.Has("银龄食堂") {
			t.Errorf("the list: %s", p.Text())
		}
		if p = officer.Get(at + "/applications?state=granted"); p.Find("table").Length() != 0 || !p.Has("没有符合条件的申请") {
			t.Error("the filter of the list")
		}
		if csv := string(officer.Get(at + "/applications.csv").Body); !strings.Contains(csv, "'=晨光") || !strings.Contains(csv, "40000.00") || strings.Contains(csv, "银龄食堂") {
			t.Errorf("the export: %s", csv)
		}
		for _, who := range []*apptest.Person{other, lead, supervisor} {
			for _, path := range []string{"", "/applications", "/applications.csv"} {
				if p := who.Get(at + path); p.Code != 404 && p.Code != 403 {
					t.Errorf("%s opens %s: %d", who.Actor.OrgName, path, p.Code)
				}
			}
		}
		if p = officer.Get(at); p.Find(`form[action$="/cancel"]`).Length() != 0 {
			t.Error("the officer is offered to cancel")
		}
		if p = approver.Post(at+"/cancel", url.Values{"cancel_reason": {" "}}); p.Code != 422 || p.Find("details[open] #f-cancel_reason-error, details[open] #f-cancel-reason-error").Length() != 1 {
			t.Errorf("cancelled without a reason: %d %s", p.Code, p.Text())
		}
		if p = approver.Post(at+"/cancel", url.Values{"cancel_reason": {"预算调整"}}); !p.Has("已取消") {
			t.Errorf("not cancelled: %s", p.Text())
		}
		if p = e.Visitor().Get("/calls/" + string(c.ID)); !p.Has("取消了这次征集") || !p.Has("预算调整") || p.Find(`form[action$="/apply"]`).Length() != 0 {
			t.Errorf("in public: %s", p.Text())
		}
		if p = lead.Get("/applications/" + string(a.ID)); !p.Has("征集已取消") || p.Find("details .answers").Length() == 0 {
			t.Errorf("the applicant: %s", p.Text())
		}
		if p = second.Get("/applications/" + string(draft.ID)); !p.Has("预算调整") {
			t.Errorf("who had a draft: %s", p.Text())
		}
		if p = lead.Get("/inbox"); !p.Has("征集已取消") {
			t.Error("no letter")
		}
	})
}
