package api_test

import (
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/grant"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// TestACallByProgram takes a call from its draft to a milestone by the API
// alone, and shows what each side and a stranger may see on the way.
func TestACallByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ch := e.Charity()
		h := &fundtest.House{DB: e.DB, Clock: e.Time, Ledger: e.Ledger, Officer: ch.Officer.Actor, Finance: ch.Finance.Actor}
		h.Give(t, ch.Fund, 60_000*money.Yuan)
		lead, stranger := e.Org(party.Social, "晨光社会工作服务中心", party.Lead), e.Org(party.Social, "暖邻为老服务中心", party.Lead)
		var c, a, cred struct {
			ID       string
			State    string
			Versions map[string]int64
			Missing  []struct{ Field, Message string }
			Copies   []struct{ Content application.Content }
			Verdicts []any `json:"review"`
		}
		ch.Officer.API("POST", "/calls", calltest.Form(ch.Fund.ID, e.Time.Now().Add(240*time.Hour))).Want(201).Into(&c)
		lead.API("GET", "/calls/"+c.ID, nil).Want(404)
		ch.Officer.API("POST", "/calls/"+c.ID+"/submit", nil).Want(200)
		ch.Officer.API("POST", "/calls/"+c.ID+"/publish", nil).Want(403)
		ch.Approver.API("POST", "/calls/"+c.ID+"/publish", nil).Want(200)
		e.Visitor().API("GET", "/public/calls/"+c.ID, nil).Want(200)
		lead.API("POST", "/credentials", map[string]string{"kind": "registration", "issuer": "东莞市民政局", "issued_on": "2019-05-20"}).Want(201).Into(&cred)
		lead.Send("/credentials/"+cred.ID+"/attachments", "登记证书.pdf", fundtest.Agreement).Want(201)
		lead.API("POST", "/calls/"+c.ID+"/applications", nil).Want(201).Into(&a)
		at := "/applications/" + a.ID
		for _, part := range []string{"profile", "project", "q1", "q2", "budget"} {
			in := struct {
				application.Form
				Version int64 `json:"version"`
			}{calltest.Answers("暖邻行动"), 0}
			lead.API("PUT", at+"/parts/"+part, in).Want(200)
		}
		lead.API("PUT", at+"/parts/project", map[string]any{"title": "x", "version": 0}).Want(409)
		lead.API("POST", at+"/submit", nil).Want(422)
		lead.Send(at+"/papers/d2", "计划书.pdf", fundtest.Agreement).Want(201)
		lead.API("POST", at+"/submit", nil).Want(200).Into(&a)
		paper := string(a.Copies[0].Content.Papers[1].Attachment)
		ch.Officer.API("GET", at+"/papers/"+paper, nil).Want(200)
		for _, path := range []string{at, at + "/papers/" + paper} {
			stranger.API("GET", path, nil).Want(404)
		}
		e.Time.Advance(11 * 24 * time.Hour)
		panel := []*apptest.Person{e.Expert("评审甲", "某大学"), e.Expert("评审乙", "某大学"), e.Expert("评审丙", "某大学")}
		for _, p := range panel {
			ch.Officer.API("POST", "/calls/"+c.ID+"/reviewers", map[string]string{"login": p.Login}).Want(200)
		}
		panel[0].API("GET", "/reviews/"+c.ID, nil).Want(404)
		ch.Officer.API("POST", "/calls/"+c.ID+"/review/open", nil).Want(200)
		for _, p := range panel {
			p.API("GET", "/reviews/applications/"+a.ID, nil).Want(404)
			p.API("POST", "/reviews/"+c.ID+"/declare", map[string]bool{"agree": true}).Want(200)
			p.API("POST", "/reviews/applications/"+a.ID+"/hand-in", calltest.Marks(80)).Want(200)
		}
		ch.Officer.API("POST", "/calls/"+c.ID+"/review/settle", map[string]any{"rulings": map[string]any{a.ID: map[string]bool{"passed": true}}}).Want(200)
		lead.API("GET", at, nil).Want(200).Into(&a)
		if len(a.Verdicts) > 0 {
			t.Error("the applicant sees the review before the decision")
		}
		ch.Approver.API("POST", at+"/decide", calltest.Ruling()).Want(200)
		list, err := e.Grants.List(t.Context(), lead.Actor, grant.Filter{Organisation: lead.Actor.Org})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		of := "/grants/" + string(list[0].ID)
		e.Visitor().API("GET", of, nil).Want(404)
		lead.API("POST", of+"/accept", nil).Want(200)
		e.Visitor().API("GET", of, nil).Want(200)
		lead.API("POST", of+"/milestones/1/report", map[string]string{"reason": "计划已提交"}).Want(200)
		ch.Officer.API("POST", of+"/milestones/1/confirm", map[string]bool{"accept": true}).Want(200)
		ch.Officer.API("POST", of+"/milestones/1/draw", nil).Want(201)
		ch.Officer.API("POST", of+"/milestones/1/draw", nil).Want(409)
		// The pages of the same things; the browsers' sessions are long over.
		lead.SignIn()
		stranger.SignIn()
		if p := lead.Get("/applications/" + a.ID); p.Code != 200 || p.Find("h2:contains('决定')").Length() != 1 || p.Find("details[open] .answers").Length() == 0 {
			t.Errorf("the applicant's page: %d", p.Code)
		}
		if p := stranger.Get("/applications/" + a.ID); p.Code != 404 {
			t.Errorf("a stranger's page: %d", p.Code)
		}
		if p := e.Visitor().Get("/calls"); p.Find("table tbody tr").Length() != 1 || !p.Has("已公布结果") {
			t.Error("the public list")
		}
	})
}
