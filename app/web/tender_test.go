package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender/tendertest"
)

// draftID is the tender whose bureau page is at a path.
func draftID(at string) id.ID { return id.ID(strings.TrimPrefix(at, "/bureau/tenders/")) }

// draftPages fills every page of a draft through its form.
func draftPages(t *testing.T, officer *apptest.Person, at string, change map[string]string) {
	t.Helper()
	in := tendertest.Complete()
	for k, v := range change {
		in.Values[k] = v
	}
	for _, page := range []string{"basic", "prepare", "four", "need", "money", "packages", "method", "schedule"} {
		form := url.Values{}
		officer.Get(at + "/edit/" + page).Find("form[data-autosave] [name]").Each(func(_ int, s *goquery.Selection) {
			if v, ok := in.Values[s.AttrOr("name", "")]; ok {
				form.Set(s.AttrOr("name", ""), v)
			}
		})
		if p := officer.Post(at+"/edit/"+page, form); p.Code != 200 {
			t.Errorf("page %s: %d %s", page, p.Code, p.Find(".error-summary").Text())
		}
	}
	form := url.Values{}
	for i, c := range in.Criteria {
		n := "criteria." + string(rune('0'+i)) + "."
		form.Set(n+"name", c.Name)
		form.Set(n+"kind", c.Kind)
		form.Set(n+"weight", c.Weight)
		form.Set(n+"description", c.Description)
		form.Set(n+"bands", c.Bands)
	}
	if p := officer.Post(at+"/edit/scoring", form); p.Code != 200 {
		t.Errorf("scoring: %d %s", p.Code, p.Find(".error-summary").Text())
	}
}

// TestAPurchaseInTheBrowser walks the pages as people would, without scripts.
func TestAPurchaseInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		approver := e.Colleague(officer, party.Approver)
		supplier := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)

		if p := officer.Post("/bureau/tenders", url.Values{"title": {" "}}); p.Code != 422 || p.Find("#f-title").Length() != 1 {
			t.Errorf("no title: %d", p.Code)
		}
		p := officer.Post("/bureau/tenders", url.Values{"title": {"居家养老<script>alert(1)</script>"}})
		at := p.Path
		if p.Code != 200 || p.Find(".task").Length() != 11 || p.Find("main script").Length() != 0 || !p.Has("<script>alert(1)</script>") {
			t.Fatalf("task list: %d, %d tasks: %s", p.Code, p.Find(".task").Length(), p.Text())
		}
		if p := officer.Get(at + "/check"); p.Find(".prose-list li").Length() < 10 || p.Find("form[action$='/submit']").Length() != 0 {
			t.Error("an empty draft can be submitted")
		}
		if p := officer.Post(at+"/submit", nil); p.Code != 422 {
			t.Errorf("submitted an empty draft: %d", p.Code)
		}
		draftPages(t, officer, at, nil)
		if p := officer.Get(at); p.Find(".task-state .badge-ok, .task-state").FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Text(), "已完成") }).Length() != 9 {
			t.Errorf("task list after all pages: %s", p.Find(".tasks").Text())
		}
		if p := officer.Upload("/attachments/tender/"+strings.TrimPrefix(at, "/bureau/tenders/"), "需求.pdf", []byte("%PDF-1.4\n%%EOF"), url.Values{"back": {at + "/files"}}); p.Code != 200 || !p.Has("需求.pdf") {
			t.Errorf("upload: %d %s", p.Code, p.Text())
		}
		if p := supplier.Get(at); p.Code != 403 {
			t.Errorf("a supplier at the bureau's page: %d", p.Code)
		}
		if p := officer.Get(at + "/check"); p.Find("form[action$='/submit']").Length() != 0 || p.Find(".notice a[href$='/keys']").Length() != 1 {
			t.Errorf("without a key a draft can be submitted: %s", p.Find(".notice").Text())
		}
		if p := officer.Post(at+"/submit", nil); p.Code != 422 {
			t.Errorf("submitted without a key: %d", p.Code)
		}
		e.Lock(officer, draftID(at))
		if p := officer.Post(at+"/submit", nil); p.Code != 200 || !p.Has("等待审批") {
			t.Errorf("submit: %d", p.Code)
		}
		if p := officer.Post(at+"/publish", nil); p.Code != 403 {
			t.Errorf("the officer published: %d", p.Code)
		}
		p = approver.Get(at)
		if p.Find("form[action$='/publish']").Length() != 1 || p.Find("form[action$='/return']").Length() != 1 || p.Find("a[href*='/edit/']").Length() != 0 {
			t.Errorf("the approver's page: %s", p.Text())
		}
		if p := approver.Post(at+"/return", url.Values{"reason": {""}}); p.Code != 422 || p.Find("#f-reason[aria-invalid]").Length() != 1 {
			t.Errorf("returned without a reason: %d", p.Code)
		}
		if p := approver.Post(at+"/return", url.Values{"reason": {"请核对预算"}}); p.Code != 200 || !p.Has("请核对预算") {
			t.Errorf("return: %d", p.Code)
		}
		officer.Post(at+"/submit", nil)
		p = approver.Post(at+"/publish", nil)
		if p.Code != 200 || !strings.HasPrefix(p.Path, "/tenders/") || !p.Has("GJ采〔2026〕0001号") {
			t.Fatalf("publish: %d %s %s", p.Code, p.Path, p.Text())
		}
		notice := p.Path
		p = e.Visitor().Get(notice)
		for _, s := range []string{"买什么", "向谁买", "怎么买", "为谁买", "770,000.00 元", "政府采购法第35条", "需求.pdf", "公开招标，综合评分法"} {
			if !p.Has(s) {
				t.Errorf("the notice lacks %q", s)
			}
		}
		if p.Find(".four-block").Length() != 4 || p.Find("form[method=post]").Length() != 0 || p.Find("table tbody tr").Length() != 4 {
			t.Error("the notice's blocks, forms or scoring table are wrong")
		}
		if p := e.Visitor().Get("/tenders?q=" + url.QueryEscape("养老") + "&state=open"); p.Find("tbody tr").Length() != 1 || !p.Has("共 1 条") {
			t.Errorf("search: %s", p.Text())
		}
		if p := e.Visitor().Get("/tenders?q=" + url.QueryEscape("没有")); p.Find(".empty").Length() != 1 {
			t.Error("no empty state")
		}
		if p := e.Visitor().Get("/tenders/export.csv?q=" + url.QueryEscape("养老")); p.Code != 200 || !strings.Contains(string(p.Body), "GJ采〔2026〕0001号") {
			t.Errorf("export: %s", p.Body)
		}
		e.Time.Advance(40 * 24 * time.Hour)
		approver.SignIn()
		if p := approver.Post(at+"/cancel", url.Values{"reason": {"任务取消"}}); p.Code != 200 || !p.Has("采购已取消：任务取消") {
			t.Errorf("cancel: %d %s", p.Code, p.Text())
		}
	})
}

func TestTheScoringTableWithoutScripts(t *testing.T) {
	e := apptest.SQLite(t)
	officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
	at := officer.Post("/bureau/tenders", url.Values{"title": {"居家养老上门服务"}}).Path + "/edit/scoring"
	p := officer.Post(at, url.Values{"add": {"1"}})
	if p.Path != at || p.Find("fieldset.group").Length() != 1 {
		t.Fatalf("after add: %s", p.Text())
	}
	row := func(i, name, kind, weight string) url.Values {
		c := "criteria." + i + "."
		return url.Values{c + "name": {name}, c + "kind": {kind}, c + "weight": {weight}, c + "description": {""}}
	}
	form := row("0", "价格", "price", "10")
	form.Set("add", "1")
	if p = officer.Post(at, form); p.Find("fieldset.group").Length() != 2 || p.Find("[name='criteria.0.name']").AttrOr("value", "") != "价格" {
		t.Fatalf("after the second add: %s", p.Text())
	}
	form = row("0", "价格", "price", "10")
	for k, v := range row("1", "方案", "expert", "八十") {
		form[k] = v
	}
	p = officer.Post(at, form)
	if p.Code != 422 || p.Find("[name='criteria.1.weight']").AttrOr("value", "") != "八十" || p.Find(".error-summary a[href='#f-criteria.1.weight']").Length() != 1 {
		t.Errorf("a weight in words: %d %s", p.Code, p.Find(".error-summary").Text())
	}
	form.Set("remove", "0")
	if p = officer.Post(at, form); p.Find("fieldset.group").Length() != 1 || p.Find("[name='criteria.0.name']").AttrOr("value", "") != "方案" {
		t.Errorf("after remove: %s", p.Text())
	}
}

func TestNothingTypedIntoADraftIsLost(t *testing.T) {
	e := apptest.SQLite(t)
	officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
	at := officer.Post("/bureau/tenders", url.Values{"title": {"居家养老上门服务"}}).Path
	p := officer.Post(at+"/edit/money", url.Values{"budget": {"七十万"}, "ceiling": {"1.234"}, "later": {"1"}})
	if p.Code != 200 || p.Path != at {
		t.Errorf("saved for later: %d %s", p.Code, p.Path)
	}
	p = officer.Get(at + "/edit/money")
	if p.Find("#f-budget").AttrOr("value", "") != "七十万" || p.Find("#f-ceiling").AttrOr("value", "") != "1.234" {
		t.Errorf("kept %q and %q", p.Find("#f-budget").AttrOr("value", ""), p.Find("#f-ceiling").AttrOr("value", ""))
	}
	p = officer.Post(at+"/edit/basic", url.Values{"title": {"居家养老上门服务"}, "find": {"1"}, "catalogue_q": {"心理"}})
	if !strings.Contains(p.Find("#f-catalogue_code").Text(), "心理") {
		t.Errorf("catalogue: %s", p.Find("#f-catalogue_code").Text())
	}
	other := e.Org(party.Bureau, "红花区民政局", party.Officer)
	for _, path := range []string{at, at + "/check", at + "/files", at + "/edit/basic"} {
		if p := other.Get(path); p.Code != 404 {
			t.Errorf("another bureau at %s: %d", path, p.Code)
		}
	}
	if p := officer.Get(at + "/edit/nothing"); p.Code != 404 {
		t.Errorf("a page that is none: %d", p.Code)
	}
}

// TestHostileTextStaysText publishes a tender whose every text field tries to
// break out, and looks at what the public gets.
func TestHostileTextStaysText(t *testing.T) {
	e := apptest.SQLite(t)
	officer := e.Org(party.Bureau, strings.Repeat("长名民政局", 9), party.Officer)
	approver := e.Colleague(officer, party.Approver)
	const evil = `=HYPERLINK("x")"'><script>alert(1)</script><img src=x onerror=alert(1)>'; DROP TABLE tender;--`
	at := officer.Post("/bureau/tenders", url.Values{"title": {evil}}).Path
	draftPages(t, officer, at, map[string]string{"title": evil, "what": evil, "from_whom": evil, "for_whom": evil, "opening_place": evil,
		"contact": evil, "term_note": evil, "region": "湖北省<b>武汉</b>"})
	e.Lock(officer, draftID(at))
	officer.Post(at+"/submit", nil)
	notice := approver.Post(at+"/publish", nil)
	if notice.Code != 200 {
		t.Fatalf("publish: %d %s", notice.Code, notice.Text())
	}
	for _, path := range []string{notice.Path, "/tenders", "/tenders?q=" + url.QueryEscape(evil), "/tenders?region=" + url.QueryEscape(evil)} {
		p := e.Visitor().Get(path)
		if p.Code != 200 || p.Find("main script, main img, main b, [onerror]").Length() != 0 {
			t.Errorf("%s: %d, markup got through", path, p.Code)
		}
	}
	if p := e.Visitor().Get(notice.Path); strings.Count(p.Text(), evil) < 6 {
		t.Error("the text itself was changed")
	}
	csv := string(e.Visitor().Get("/tenders/export.csv").Body)
	if !strings.Contains(csv, `"'=HYPERLINK`) {
		t.Errorf("a formula got into the export: %s", csv)
	}
	if p := officer.Get("/bureau/tenders?q=" + url.QueryEscape("' OR 1=1 --")); p.Find("tbody tr").Length() != 0 {
		t.Error("SQL in the search of one's own list")
	}
}
