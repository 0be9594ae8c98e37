package web_test

import (
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/money"
)

func TestAmendmentsInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		x.publish(t, e, nil)
		at, amend := x.notice+"/amendments", x.draft+"/amend"
		x.a.Get(x.notice + "/document")
		x.a.Bid(x.id, 700_000*money.Yuan)
		if p := e.Visitor().Get(at); p.Find(".empty").Length() != 1 {
			t.Error("no empty state")
		}
		e.Time.Advance(9 * 24 * time.Hour) // the 10th, twelve days before the deadline
		x.again()
		change := form("contract_terms", "按月考核后支付；不得转包。", "affects", "yes", "step", "check")
		p := x.officer.Post(amend, change)
		if p.Code != 422 || !strings.Contains(p.Find("#f-contract_terms").Text(), "按月考核") || p.Find(".error-summary a[href='#f-reason']").Length() != 1 {
			t.Errorf("no reason: %d %s", p.Code, p.Find(".error-summary").Text())
		}
		change.Set("reason", "根据提问，改为按月考核")
		p = x.officer.Post(amend, change)
		if p.Code != 200 || p.Find("del").Length() == 0 || p.Find("ins").Length() == 0 || !p.Has("顺延到 2026年6月25日 09:00") || !p.Has("政府采购法实施条例第31条") {
			t.Errorf("the plan: %d %s", p.Code, p.Find("main").Text())
		}
		change.Set("step", "confirm")
		if p = x.officer.Post(amend, change); p.Code != 200 || !p.Has("等待审批的更正") {
			t.Fatalf("propose: %d %s", p.Code, p.Text())
		}
		if p = x.officer.Post(amend, change); p.Code != 409 {
			t.Errorf("proposed again: %d", p.Code)
		}
		for _, who := range []*apptest.Person{e.Visitor(), x.a, x.other} {
			if who.Get(at).Has("按月考核") {
				t.Errorf("%s sees a proposal", who.Login)
			}
			if got := who.Post(x.draft+"/amendment/approve", nil); got.Code == 200 && got.Has("更正已发布") {
				t.Errorf("%s approves it", who.Login)
			}
		}
		if p = x.approver.Post(x.draft+"/amendment/return", form("reason", "")); p.Code != 422 || p.Find("#f-reason[aria-invalid]").Length() != 1 {
			t.Errorf("returned without a reason: %d", p.Code)
		}
		if p = x.approver.Post(x.draft+"/amendment/approve", nil); p.Code != 200 || !p.Has("第 1 次更正") {
			t.Fatalf("approve: %d %s", p.Code, p.Text())
		}
		if p = x.approver.Post(x.draft+"/amendment/approve", nil); p.Code != 404 {
			t.Errorf("approved again: %d", p.Code)
		}
		e.Settle()
		amended(t, e, x, at)
		e.Time.Advance(20 * 24 * time.Hour)
		x.again()
		if p = x.officer.Post(amend, form("contract_terms", "按周考核", "reason", "根据提问，改为按周考核", "affects", "yes", "step", "check")); p.Code != 410 || p.Find("#f-contract_terms").Text() != "按周考核" {
			t.Errorf("after the deadline: %d %s", p.Code, p.Find("main").Text())
		}
	})
}

// amended looks at what everyone sees of an amendment after it is public.
func amended(t *testing.T, e *apptest.Env, x *bureau, at string) {
	t.Helper()
	for _, who := range []*apptest.Person{e.Visitor(), x.a, x.b} {
		if p := who.Get(at + "?q=" + q("考核")); p.Find("del").Length() == 0 || !p.Has("根据提问") || !p.Has("共 1 次") {
			t.Errorf("%s does not see the differences: %s", who.Login, p.Find("main").Text())
		}
	}
	if p := e.Visitor().Get(at + "?q=" + q("没有")); p.Find(".empty").Length() != 1 {
		t.Error("nothing found says nothing")
	}
	if p := e.Visitor().Get(at + "/export.csv"); !strings.Contains(string(p.Body), "按月考核后支付") || !strings.Contains(string(p.Body), "按季度考核后支付") {
		t.Errorf("export: %s", p.Body)
	}
	for _, version := range []string{"1", "2"} {
		if p := e.Visitor().Get(x.notice + "/document?version=" + version); p.Code != 200 {
			t.Errorf("version %s: %d", version, p.Code)
		}
	}
	if p := x.a.Get(x.notice); !p.Has("之后有更正，请领取新版") {
		t.Error("the taker is not told of the new version on the notice")
	}
	const told, outdated = "采购文件第 1 次更正", "针对采购文件第 1 版，现行为第 2 版"
	box := x.a.Get("/inbox")
	if !box.Has(told) || !box.Has(outdated) {
		t.Errorf("the bidder's box: %s", box.Find("main").Text())
	}
	// That somebody has bid nobody else learns.
	for _, who := range []*apptest.Person{x.b, x.officer, x.approver, x.other} {
		for _, path := range []string{"/inbox", x.notice, at, "/bids"} {
			if p := who.Get(path); p.Has("您提交的投标") || p.Has("重新提交一次") {
				t.Errorf("%s reads of a bid at %s", who.Login, path)
			}
		}
	}
	var list struct{ Items []struct{ ID string } }
	x.a.API("GET", "/bids", nil).Want(200).Into(&list)
	if x.a.Get("/bids?q=没有这个项目").Find("tbody tr").Length() != 0 || !strings.Contains(string(x.a.Get("/bids/export.csv").Body), "已提交") {
		t.Error("the list of bids is neither searched nor exported")
	}
	own := "/bids/" + list.Items[0].ID
	if p := x.a.Get(own); p.Find("[data-outdated]").Length() != 1 || !p.Has(outdated) || !x.a.Get("/bids").Has("采购文件已更正，请核对后重新提交") {
		t.Errorf("the bidder's own page: %s", p.Find("main").Text())
	}
	if p := x.b.Get(own); p.Code != 404 {
		t.Errorf("a rival at the bid: %d", p.Code)
	}
	x.a.Bid(x.id, 690_000*money.Yuan)
	if p := x.a.Get(own); p.Find("[data-outdated]").Length() != 0 || !p.Has("针对采购文件第 2 版") {
		t.Errorf("sent again: %s", p.Find("main").Text())
	}
}
