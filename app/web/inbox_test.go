package web_test

import (
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/party"
	"gongji/app/party/inbox"
)

func TestTheInboxInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		if p := x.a.Get("/inbox"); p.Find(".empty a[href='/tenders']").Length() != 1 {
			t.Error("no empty state")
		}
		colleague := e.Colleague(x.a, party.Staff)
		for _, l := range []inbox.Letter{{Title: "采购文件第 1 次更正", Text: "改变了：合同条款", Link: "/tenders"}, {Title: "采购人答复了一个提问", Link: "/intentions"}} {
			if err := inbox.Send(t.Context(), e.DB, e.Time.Now(), []inbox.To{{Organisation: x.a.Actor.Org}}, l); err != nil {
				t.Fatal(err)
			}
			e.Time.Advance(time.Minute)
		}
		p := x.a.Get("/inbox")
		if p.Find(".message").Length() != 2 || p.Find(".message-new").Length() != 2 || !p.Has("共 2 条") || !p.Has("2 条未读") {
			t.Errorf("the box: %s", p.Find("main").Text())
		}
		open := p.Find(".message form").First().AttrOr("action", "")
		for _, who := range []*apptest.Person{x.b, x.officer} {
			if p := who.Post(open, nil); p.Code != 404 {
				t.Errorf("%s opens another's message: %d", who.Login, p.Code)
			}
			if who.Get("/inbox").Find(".message").Length() != 0 {
				t.Errorf("%s sees another's message", who.Login)
			}
		}
		for range 2 { // opened again it opens again
			if p := x.a.Post(open, nil); p.Code != 200 || p.Path != "/intentions" {
				t.Errorf("open: %d %s", p.Code, p.Path)
			}
		}
		if n := x.a.Get("/inbox?unread=yes").Find(".message").Length(); n != 1 {
			t.Errorf("%d unread", n)
		}
		if n := colleague.Get("/inbox?unread=yes").Find(".message").Length(); n != 2 {
			t.Errorf("a colleague's reading is not their own: %d unread", n)
		}
		if p := x.a.Get("/inbox?q=" + q("更正")); p.Find(".message").Length() != 1 {
			t.Error("search")
		}
		if p := x.a.Get("/inbox?q=" + q("没有")); p.Find(".empty a[href='/inbox']").Length() != 1 {
			t.Error("nothing found says nothing")
		}
		if p := x.a.Get("/inbox/export.csv?unread=yes"); strings.Count(string(p.Body), "\n") != 2 || !strings.Contains(string(p.Body), "采购文件第 1 次更正") {
			t.Errorf("export: %s", p.Body)
		}
		if p := x.a.Post("/inbox/read", nil); p.Has("条未读") {
			t.Error("read all")
		}
		if p := e.Visitor().Get("/inbox"); p.Find("form[action^='/account/login']").Length() == 0 {
			t.Errorf("a visitor at the inbox: %s", p.Path)
		}
	})
}
