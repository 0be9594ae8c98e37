package api_test

import (
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/grant"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// TestABureausCallByProgram is what a bureau's call has beyond a foundation's:
// reviewers look for other money, finance enters what the treasury paid, and
// a second call is cancelled, by the API alone.
func TestABureausCallByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "横沥镇民政办", party.Officer)
		approver, finance := e.Colleague(officer, party.Approver), e.Colleague(officer, party.Finance)
		lead, stranger := e.Org(party.Social, "晨光社会工作服务中心", party.Lead), e.Org(party.Social, "暖邻为老服务中心", party.Lead)
		other := e.Org(party.Bureau, "别处民政局", party.Approver)
		till := e.Colleague(other, party.Finance)
		h := &calltest.House{House: &fundtest.House{DB: e.DB, Clock: e.Time, Attachments: e.Attachments, Officer: officer.Actor}, T: t, Credentials: e.Credentials, Applications: e.Applications, Calls: e.Calls, Reviews: e.Reviews}
		h.Vault(lead.Actor)
		publish := func() string {
			t.Helper()
			f := calltest.Form("", e.Time.Now().Add(240*time.Hour))
			f.Source = "2026年市级福彩公益金"
			var c struct{ ID string }
			officer.API("POST", "/calls", f).Want(201).Into(&c)
			officer.API("POST", "/calls/"+c.ID+"/submit", nil).Want(200)
			approver.API("POST", "/calls/"+c.ID+"/publish", nil).Want(200)
			return c.ID
		}
		send := func(c, title string) string {
			t.Helper()
			x, err := e.Calls.Get(t.Context(), lead.Actor, id.ID(c))
			h.Must(err)
			at := "/applications/" + string(h.Filled(lead.Actor, x, title).ID)
			if title != "暖邻行动" { // the second says how it differs from the first
				lead.API("POST", at+"/submit", nil).Want(422)
				in := struct {
					application.Form
					Version int64 `json:"version"`
				}{calltest.Answers(title), -1}
				in.Overlap = "助餐与入户探访对象不同，费用分开核算"
				lead.API("PUT", at+"/parts/project", in).Want(200)
			}
			lead.API("POST", at+"/submit", nil).Want(200)
			return strings.TrimPrefix(at, "/applications/")
		}
		first, second := publish(), publish()
		a, b := send(first, "暖邻行动"), send(second, "银龄食堂")
		e.Time.Advance(11 * 24 * time.Hour)
		panel := []*apptest.Person{e.Expert("评审甲", "某大学"), e.Expert("评审乙", "某大学"), e.Expert("评审丙", "某大学")}
		for _, p := range panel {
			officer.API("POST", "/calls/"+first+"/reviewers", m{"login": p.Login}).Want(200)
		}
		officer.API("POST", "/calls/"+first+"/review/open", nil).Want(200)
		double := "/reviews/applications/" + a + "/double"
		panel[0].API("GET", double, nil).Want(404) // not before the declaration
		for _, p := range panel {
			p.API("POST", "/reviews/"+first+"/declare", m{"agree": true}).Want(200)
		}
		var found []application.Found
		panel[0].API("GET", double, nil).Want(200).Into(&found)
		if len(found) != 1 || found[0].Kind != "申请" || found[0].Title != "银龄食堂" || found[0].Funded {
			t.Errorf("the reviewer finds %+v", found)
		}
		panel[0].API("GET", "/reviews/applications/"+b+"/double", nil).Want(404) // of a call they do not review
		for _, who := range []*apptest.Person{lead, stranger, other, officer} {
			if x := who.API("GET", double, nil); x.Code != 404 && x.Code != 403 {
				t.Errorf("%s of %s reads what a reviewer found: %d", who.Actor.Role, who.Actor.OrgName, x.Code)
			}
		}
		officer.API("GET", "/applications/"+a+"/double", nil).Want(200).Into(&found)
		for _, p := range panel {
			p.API("POST", "/reviews/applications/"+a+"/hand-in", calltest.Marks(80)).Want(200)
		}
		officer.API("POST", "/calls/"+first+"/review/settle", m{"rulings": m{a: m{"passed": true}}}).Want(200)
		ruling := calltest.Ruling()
		approver.API("POST", "/applications/"+a+"/decide", ruling).Want(422) // what the check finds is answered in writing
		ruling.FoundReason = "助餐与入户探访对象不同，不是重复资助"
		approver.API("POST", "/applications/"+a+"/decide", ruling).Want(200)
		list, err := e.Grants.List(t.Context(), lead.Actor, grant.Filter{Organisation: lead.Actor.Org})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		of := "/grants/" + string(list[0].ID)
		lead.API("POST", of+"/accept", nil).Want(200)
		lead.API("POST", of+"/milestones/1/report", m{"reason": "计划已提交"}).Want(200)
		settle, paid := of+"/milestones/1/settle", m{"on": e.Time.Now().Format(time.DateOnly), "voucher": "国付〔2026〕0312号"}
		finance.API("POST", settle, paid).Want(409) // not accepted yet
		officer.API("POST", of+"/milestones/1/confirm", m{"accept": true}).Want(200)
		for _, who := range []*apptest.Person{officer, lead, stranger, other, till} {
			if x := who.API("POST", settle, paid); x.Code != 404 && x.Code != 403 {
				t.Errorf("%s of %s enters a payment: %d", who.Actor.Role, who.Actor.OrgName, x.Code)
			}
		}
		finance.API("POST", settle, m{"on": "2099-01-01", "voucher": ""}).Want(422)
		finance.API("POST", of+"/milestones/9/settle", paid).Want(404)
		var g struct {
			Milestones []struct {
				PaidAt *time.Time `json:"paid_at"`
			}
		}
		finance.API("POST", settle, paid).Want(200).Into(&g)
		if len(g.Milestones) != 3 || g.Milestones[0].PaidAt == nil || g.Milestones[1].PaidAt != nil {
			t.Errorf("entered %+v", g.Milestones)
		}
		finance.API("POST", settle, paid).Want(409)
		e.Visitor().API("POST", settle, paid).Want(401)

		cancel, why := "/calls/"+second+"/cancel", m{"reason": "预算调整"}
		for _, who := range []*apptest.Person{officer, finance, lead, other} {
			if x := who.API("POST", cancel, why); x.Code != 404 && x.Code != 403 {
				t.Errorf("%s of %s cancels: %d", who.Actor.Role, who.Actor.OrgName, x.Code)
			}
		}
		approver.API("POST", cancel, m{"reason": " "}).Want(422)
		if x := approver.API("POST", "/calls/"+first+"/cancel", why); x.Code != 403 && x.Code != 409 {
			t.Errorf("a call that promised support is cancelled: %d", x.Code)
		}
		var c struct{ State, Reason string }
		approver.API("POST", cancel, why).Want(200).Into(&c)
		if c.State != "cancelled" || c.Reason != "预算调整" {
			t.Errorf("cancelled as %+v", c)
		}
		if x := approver.API("POST", cancel, why); x.Code != 403 && x.Code != 409 {
			t.Errorf("cancelled twice: %d", x.Code)
		}
		e.Visitor().API("GET", "/public/calls/"+second, nil).Want(200).Into(&c)
		lead.API("GET", "/applications/"+b, nil).Want(200).Into(&c)
		if c.State != "ended" {
			t.Errorf("the application is %s", c.State)
		}
	})
}
