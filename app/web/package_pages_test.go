package web_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"gongji/app/apptest"
)

// TestPackagesWithoutScripts divides a draft into packages, with a mistake on
// the way, and undoes it.
func TestPackagesWithoutScripts(t *testing.T) {
	e := apptest.SQLite(t)
	x := newBureau(e)
	draft := x.officer.Post("/bureau/tenders", form("title", "青山区社区市民学校")).Path
	draftPages(t, x.officer, draft, nil)
	at := draft + "/edit/packages"
	rows := func(p *apptest.Page) int {
		return p.Find("fieldset.group").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.Find("[name^='packages.']").Length() > 0 }).Length()
	}
	p := x.officer.Get(at)
	if rows(p) != 0 || !p.Has("不分包就直接") {
		t.Errorf("no empty state: %s", p.Find("main").Text())
	}
	if p = x.officer.Post(at, form("add", "1")); rows(p) != 1 {
		t.Fatalf("after add: %d rows", rows(p))
	}
	two := form("packages.0.name", "课程开发", "packages.0.what", "开发社区课程", "packages.0.budget", "三十七万", "packages.0.ceiling", "370000",
		"package_limits", "最多投两个包，最多中两个包", "packages.1.name", "教学点运营", "packages.1.what", "运营八个教学点", "packages.1.budget", "400000", "packages.1.ceiling", "400000")
	p = x.officer.Post(at, two)
	if p.Code != 422 || p.Find("[name='packages.0.budget']").AttrOr("value", "") != "三十七万" || p.Find("[name='packages.1.name']").AttrOr("value", "") != "教学点运营" ||
		p.Find(".error-summary a[href='#f-packages.0.budget']").Length() != 1 {
		t.Errorf("a budget in words: %d %s", p.Code, p.Find(".error-summary").Text())
	}
	two.Set("packages.0.budget", "370000")
	for range 2 { // sent again it is the same
		if p = x.officer.Post(at, two); p.Code != 200 {
			t.Errorf("second try: %d %s", p.Code, p.Find(".error-summary").Text())
		}
	}
	if p = x.officer.Get(at); rows(p) != 2 {
		t.Errorf("%d packages are kept", rows(p))
	}
	if p = x.officer.Get(draft + "/check"); !p.Has("1包 课程开发") || !p.Has("2包 教学点运营") {
		t.Errorf("the answers do not show the packages: %s", p.Find("main").Text())
	}
	for _, who := range []*apptest.Person{x.other, x.a} {
		if p := who.Post(at, two); p.Code != 404 && p.Code != 403 {
			t.Errorf("%s divides it: %d", who.Login, p.Code)
		}
	}
	e.Lock(x.officer, draftID(draft))
	if p = x.officer.Post(draft+"/submit", nil); p.Code != 200 {
		t.Fatalf("submit: %d %s", p.Code, p.Find(".notice").Text())
	}
	p = x.approver.Post(draft+"/publish", nil)
	if p.Code != 200 || !p.Has("-1包") || !p.Has("同一项目的各包") {
		t.Fatalf("publish: %d", p.Code)
	}
	e.Settle()
	list := e.Visitor().Get("/tenders").Find("tbody tr")
	if list.Length() != 2 || !strings.Contains(list.Text(), "课程开发") || !strings.Contains(list.Text(), "教学点运营") {
		t.Errorf("the public list: %s", list.Text())
	}
	if p = x.a.Get(p.Path + "/document"); p.Code != 200 {
		t.Errorf("the documents of both: %d", p.Code)
	}
	if p = x.officer.Post(at, two); p.Code != 403 {
		t.Errorf("divided after publication: %d", p.Code)
	}
}
