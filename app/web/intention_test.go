package web_test

import (
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
)

func TestIntentionsInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		if p := e.Visitor().Get("/intentions"); p.Find(".empty").Length() != 1 || p.Find(".filter").Length() != 1 {
			t.Error("no empty state for the public")
		}
		if p := x.officer.Get("/bureau/intentions"); p.Find(".empty a[href='/bureau/intentions/new']").Length() != 1 {
			t.Error("the officer's empty list does not say what to do")
		}
		bad := form("title", "居家养老上门服务", "what", "为老人上门", "region", "湖北省武汉市", "budget", "七十七万", "expected", "明年")
		p := x.officer.Post("/bureau/intentions", bad)
		if p.Code != 422 || p.Find("#f-budget").AttrOr("value", "") != "七十七万" || p.Find("#f-title").AttrOr("value", "") != "居家养老上门服务" || p.Find(".error-summary a[href='#f-budget']").Length() != 1 {
			t.Errorf("a budget in words: %d %s", p.Code, p.Find(".error-summary").Text())
		}
		good := form("title", "居家养老上门服务", "what", "为 250 位高龄老人提供每月两次上门服务", "region", "湖北省武汉市", "budget", "770000", "expected", "2026-07")
		if p = x.officer.Post("/bureau/intentions", good); p.Code != 200 || !p.Has("等待审批") {
			t.Fatalf("second try: %d %s", p.Code, p.Text())
		}
		at := strings.Replace(p.Path, "/intentions/", "/bureau/intentions/", 1)
		for _, who := range []*apptest.Person{e.Visitor(), x.a, x.other} {
			if got := who.Get(p.Path); got.Code != 404 {
				t.Errorf("a stranger sees a draft: %d", got.Code)
			}
		}
		if got := x.a.Post("/bureau/intentions", good); got.Code != 403 {
			t.Errorf("a supplier drafts one: %d", got.Code)
		}
		if got := x.officer.Post(at+"/publish", nil); got.Code != 403 {
			t.Errorf("its drafter publishes it: %d", got.Code)
		}
		if got := x.approver.Post(at+"/return", form("reason", " ")); got.Code != 422 || got.Find("#f-reason[aria-invalid]").Length() != 1 {
			t.Errorf("returned without a reason: %d", got.Code)
		}
		x.approver.Post(at+"/return", form("reason", "请核对预算"))
		if got := x.officer.Get(p.Path); !got.Has("请核对预算") {
			t.Error("the reason is not shown to its drafter")
		}
		if got := x.approver.Post(at+"/publish", nil); got.Code != 200 || !got.Has("GJ意〔2026〕0001号") || !got.Has("2026年7月1日") {
			t.Errorf("publish: %d %s", got.Code, got.Text())
		}
		if got := x.approver.Post(at+"/publish", nil); got.Code != 403 {
			t.Errorf("published again: %d", got.Code)
		}
		if got := x.officer.Post(at+"/edit", good); got.Code != 403 {
			t.Errorf("changed after publication: %d", got.Code)
		}
		list := e.Visitor().Get("/intentions?q=" + q("养老"))
		if list.Find("tbody tr").Length() != 1 || !list.Has("共 1 条") || !list.Has("2026年7月") || list.Find(".filter a[href*='export.csv?q=']").Length() != 1 {
			t.Errorf("list: %s", list.Find("main").Text())
		}
		if got := e.Visitor().Get("/intentions?q=" + q("没有")); got.Find(".empty a[href='/intentions']").Length() != 1 {
			t.Error("nothing found says nothing")
		}
		if got := e.Visitor().Get("/intentions/export.csv"); !strings.Contains(string(got.Body), "GJ意〔2026〕0001号") {
			t.Errorf("export: %s", got.Body)
		}
		if got := x.officer.Get("/bureau/intentions?state=draft"); got.Find(".empty").Length() != 1 {
			t.Error("a published one is among the drafts")
		}
		plannedDates(t, x, id.ID(strings.TrimPrefix(p.Path, "/intentions/")))
	})
}

// plannedDates checks a draft that names an intention still waiting.
func plannedDates(t *testing.T, x *bureau, named id.ID) {
	t.Helper()
	draft := x.officer.Post("/bureau/tenders", form("title", "居家养老上门服务")).Path
	draftPages(t, x.officer, draft, map[string]string{"intention": string(named), "intention_exempt": ""})
	p := x.officer.Get(draft + "/check").Find("#planned")
	rows := p.Find("tbody tr")
	if rows.Length() != 3 || !strings.Contains(rows.Eq(0).Text(), "2026年7月1日") || !strings.Contains(rows.Eq(0).Text(), "财库〔2020〕10号") {
		t.Errorf("the earliest publication is not shown: %s", p.Text())
	}
	// A deadline that was lawful for today is not for the day it may be published.
	if last := rows.Eq(2).Text(); !strings.Contains(last, "2026年6月22日 09:00") || !strings.Contains(last, "2026年7月21日") || !strings.Contains(last, "早于法定最早") {
		t.Errorf("the deadline: %s", last)
	}
}
