package web_test

import (
	"strings"
	"testing"

	"gongji/app/apptest"
)

func TestASurveyInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		at := x.officer.Post("/bureau/tenders", form("title", "居家养老上门服务")).Path + "/survey"
		if p := x.officer.Get(at); p.Find(".empty").Length() != 1 || p.Find(".filter").Length() != 0 {
			t.Error("no empty state")
		}
		entry := form("name", "晨光社会工作服务中心", "kind", "market", "asked_on", "2026-05-20", "findings", "可")
		p := x.officer.Post(at, entry)
		if p.Code != 422 || p.Find("#f-name").AttrOr("value", "") != "晨光社会工作服务中心" || p.Find("#f-asked_on").AttrOr("value", "") != "2026-05-20" || p.Find("#f-findings").Text() != "可" || p.Find("[name=kind][checked]").AttrOr("value", "") != "market" {
			t.Errorf("a finding of one word: %d %s", p.Code, p.Find("form").Text())
		}
		entry.Set("findings", "可以提供上门服务，每次约 60 元")
		if p = x.officer.Post(at, entry); p.Code != 200 || p.Find("article.card").Length() != 1 {
			t.Errorf("second try: %d", p.Code)
		}
		if p = x.officer.Post(at, entry); p.Code != 422 || p.Find("article.card").Length() != 1 || !p.Has("已经登记过") {
			t.Errorf("sent again: %d, %d entries", p.Code, p.Find("article.card").Length())
		}
		x.officer.Post(at, form("name", "青山区的老人", "kind", "user", "asked_on", "2026-05-21", "findings", "希望增加助浴"))
		if p = x.officer.Get(at + "?kind=user"); p.Find("article.card").Length() != 1 || !p.Has("共 1 个") || !p.Has("希望增加助浴") {
			t.Errorf("filter: %s", p.Find("main").Text())
		}
		if p = x.officer.Get(at + "?q=" + q("没有")); p.Find(".empty").Length() != 1 {
			t.Error("nothing found says nothing")
		}
		if p = x.officer.Get(at + "/export.csv"); strings.Count(string(p.Body), "\n") != 3 {
			t.Errorf("export: %s", p.Body)
		}
		if p = x.officer.Post(at+"/conclusion", form("conclusion", "好", "few", "只有两家")); p.Code != 422 || p.Find("#f-few").Text() != "只有两家" {
			t.Errorf("a conclusion of one word: %d", p.Code)
		}
		if p = x.officer.Post(at+"/conclusion", form("conclusion", "市场竞争充分", "few", "只有两家")); p.Code != 200 {
			t.Errorf("conclude: %d", p.Code)
		}
		for who, code := range map[*apptest.Person]int{x.other: 404, x.a: 403, x.approver: 200} {
			if p := who.Get(at); p.Code != code || p.Find("form[action$='/conclusion']").Length() != 0 {
				t.Errorf("%s: %d", who.Login, p.Code)
			}
			if p := who.Get(at + "/export.csv"); p.Code != code {
				t.Errorf("%s exports: %d", who.Login, p.Code)
			}
		}
	})
}
