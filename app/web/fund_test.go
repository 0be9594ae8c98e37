package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/party"
)

func fundValues(name string) url.Values {
	f := fundtest.Form(name)
	out := url.Values{"name": {f.Name}, "region": {f.Region}, "purpose": {f.Purpose}, "use": {f.Use}, "sponsor": {f.Sponsor},
		"committee": {f.Committee}, "fee": {f.Fee}, "ending": {f.Ending}, "surplus": {f.Surplus},
		"surplus_to": {string(f.SurplusTo)}, "board_on": {f.BoardOn}, "board_no": {f.BoardNo}}
	for i, m := range f.Members {
		for k, v := range map[string]string{"name": m.Name, "side": m.Side, "seat": m.Seat} {
			out.Set(fmt.Sprintf("members.%d.%s", i+1, k), v)
		}
	}
	return out
}

func TestAFundByForms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Foundation, "横沥社区发展基金会", party.Officer)
		approver := e.Colleague(officer, party.Approver)
		rival := e.Org(party.Foundation, "别的基金会", party.Approver)
		hostile := `<script>alert(1)</script>'; DROP TABLE fund;-- 基金`
		form := fundValues("社区助老专项基金")
		form.Set("purpose", hostile)
		page := officer.Post("/foundation/funds", form)
		at := page.Path
		if page.Code != 200 || !strings.HasPrefix(at, "/foundation/funds/") || page.Find(`a[href="#agreement"]`).Length() != 1 {
			t.Fatalf("after saving: %d %s %s", page.Code, at, page.Text())
		}
		if page.Find("main script:not([src])").Length() != 0 || !page.Has(hostile) {
			t.Errorf("what was typed came back as markup: %s", page.Find("main").Text())
		}
		form.Set("fee", "50")
		if page = officer.Post(at+"/autosave", form); page.Code != 204 {
			t.Errorf("autosave: %d", page.Code)
		}
		page = officer.Get(at + "/edit?check=1")
		if v, _ := page.Find("#f-fee").Attr("value"); v != "50" || page.Find(`#f-fee[aria-invalid="true"]`).Length() != 1 {
			t.Errorf("the wrong fee is %q and not marked", v)
		}
		form.Set("fee", "5")
		officer.Post(at+"/edit", form)
		owner := strings.TrimPrefix(at, "/foundation/funds/")
		if page = officer.Upload("/attachments/fund_agreement/"+owner, "协议.pdf", fundtest.Agreement, nil); page.Code != 201 {
			t.Fatalf("upload: %d %s", page.Code, page.Body)
		}
		if page = officer.Upload("/attachments/fund_agreement/"+owner, "假.pdf", []byte("<html>"), nil); page.Code != 422 {
			t.Errorf("a .pdf that is none: %d", page.Code)
		}
		if page = officer.Post(at+"/submit", nil); page.Code != 200 || !page.Has("待审批") {
			t.Fatalf("submit: %d %s", page.Code, page.Text())
		}
		for who, p := range map[string]*apptest.Person{"visitor": e.Visitor(), "another foundation": rival} {
			if page = p.Get(at); page.Code == 200 && page.Path == at {
				t.Errorf("%s reads the draft", who)
			}
		}
		if page = approver.Post(at+"/decide", url.Values{"decision": {"return"}}); page.Code != 422 || page.Find("#f-reason").Length() == 0 {
			t.Errorf("returned without a reason: %d", page.Code)
		}
		if page = approver.Post(at+"/decide", url.Values{"decision": {"approve"}}); page.Code != 200 || !page.Has("专项基金〔2026〕001号") {
			t.Fatalf("approve: %d %s", page.Code, page.Text())
		}
		if page = approver.Post(at+"/decide", url.Values{"decision": {"approve"}}); page.Code != 403 {
			t.Errorf("approved twice: %d", page.Code)
		}
		public := e.Visitor().Get("/funds/" + owner)
		if public.Code != 200 || public.Find("h1").First().Text() == "" || !public.Has("横沥社区发展基金会社区助老专项基金") || public.Has("协议.pdf") {
			t.Errorf("the public page: %d %s", public.Code, public.Text())
		}
		if list := e.Visitor().Get("/funds?q=" + url.QueryEscape("助老")); list.Find(`a[href="/funds/`+owner+`"]`).Length() != 1 {
			t.Errorf("the list: %s", list.Text())
		}
		if page = officer.Get(at + "/ledger"); page.Code != 403 {
			t.Errorf("an officer reads the statement: %d", page.Code)
		}
		if desk := approver.Get("/desk"); desk.Find(`a[href="/foundation/funds"]`).Length() == 0 {
			t.Errorf("the desk has no door to the funds: %s", desk.Text())
		}
	})
}
