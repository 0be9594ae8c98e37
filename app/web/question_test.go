package web_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
)

func TestDocumentsAndQuestionsInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		x.publish(t, e, nil)
		takes, asks := x.notice+"/takes", x.notice+"/questions"
		if p := x.officer.Get(takes); p.Find(".empty").Length() != 1 {
			t.Error("no empty state of the log")
		}
		for _, who := range []*apptest.Person{x.a, x.a, e.Visitor(), x.officer} {
			if p := who.Get(x.notice + "/document"); p.Code != 200 || !bytes.HasPrefix(p.Body, []byte("%PDF")) {
				t.Errorf("take: %d", p.Code)
			}
		}
		p := x.officer.Get(takes)
		if p.Find("tbody tr").Length() != 3 || !p.Has("共 1 家供应商领取，下载 3 次") || !p.Has("晨光社会工作服务中心") || !p.Has("访客") {
			t.Errorf("the log: %s", p.Find("main").Text())
		}
		if p := x.officer.Get(takes + "?kind=other"); p.Find("tbody tr").Length() != 1 || p.Has("晨光") {
			t.Errorf("filter: %s", p.Find("main").Text())
		}
		if p := x.officer.Get(takes + "?q=" + q("没有")); p.Find(".empty").Length() != 1 {
			t.Error("nothing found says nothing")
		}
		if p := x.officer.Get(takes + "/export.csv?kind=supplier"); strings.Count(string(p.Body), "晨光社会工作服务中心") != 2 {
			t.Errorf("export: %s", p.Body)
		}
		for _, who := range []*apptest.Person{x.a, x.b, x.other, e.Visitor()} {
			for _, path := range []string{takes, takes + "/export.csv"} {
				if p := who.Get(path); p.Has("晨光社会工作服务中心") && p.Find("table").Length() > 0 || p.Code == 200 && p.Path == path {
					t.Errorf("%s reads %s: %d", who.Login, path, p.Code)
				}
			}
		}
		if p := x.a.Get(x.notice); !p.Has("您的单位领取过第 1 版") {
			t.Error("the taker is not told what they took")
		}
		questions(t, e, x, asks)
	})
}

func questions(t *testing.T, e *apptest.Env, x *bureau, at string) {
	t.Helper()
	if p := e.Visitor().Get(at); p.Find(".empty").Length() != 1 || p.Find("a[href^='/account/login']").Length() == 0 || p.Find("textarea").Length() != 0 {
		t.Error("a visitor is not shown the way to sign in")
	}
	if p := x.a.Post(at, form("text", "吗")); p.Code != 422 || p.Find("#f-text").Text() != "吗" {
		t.Errorf("a question of one word: %d", p.Code)
	}
	if p := x.a.Post(at, form("text", "晨光社会工作服务中心能否分期付款？")); p.Code != 422 || !strings.Contains(p.Find("#f-text").Text(), "能否分期付款") {
		t.Errorf("a question that names its asker: %d", p.Code)
	}
	for range 2 { // the same request twice asks once
		if p := x.a.Post(at, form("text", "能否按月考核付款？")); p.Code != 200 || p.Find("article.card").Length() != 1 {
			t.Fatalf("ask: %d, %d questions", p.Code, p.Find("article.card").Length())
		}
	}
	if p := x.b.Get(at); p.Find("article.card").Length() != 0 {
		t.Error("others see a question that nobody answered")
	}
	p := x.officer.Get(at)
	if p.Find("article.card").Length() != 1 || p.Has("晨光") || p.Has(x.a.Actor.Name) || !p.Has("1 个提问等待答复") {
		t.Errorf("the officer sees %s", p.Find("main").Text())
	}
	if got := x.officer.API("GET", "/tenders/"+string(x.id)+"/questions?state=waiting", nil).Want(200); bytes.Contains(got.Body, []byte(x.a.Actor.Account)) || bytes.Contains(got.Body, []byte(x.a.Actor.Org)) {
		t.Errorf("the API tells who asked: %s", got.Body)
	}
	answer := p.Find("form[action^='/questions/']").AttrOr("action", "")
	if p := x.officer.Post(answer, form("tender", string(x.id), "answer", "能")); p.Code != 422 || p.Find("textarea[name=answer]").Text() != "能" {
		t.Errorf("an answer of one word: %d", p.Code)
	}
	for who, code := range map[*apptest.Person]int{x.other: 403, x.a: 403, x.approver: 403} {
		if p := who.Post(answer, form("answer", "可以按月考核付款")); p.Code != code {
			t.Errorf("%s answers: %d", who.Login, p.Code)
		}
	}
	if p := x.officer.Post(answer, form("answer", "可以按月考核付款")); p.Code != 200 || !p.Has("答复已公开") {
		t.Errorf("answer: %d", p.Code)
	}
	if p := x.officer.Post(answer, form("answer", "不可以")); p.Code != 409 && p.Code != 422 {
		t.Errorf("answered again: %d", p.Code)
	}
	for _, who := range []*apptest.Person{e.Visitor(), x.b, x.officer} {
		p := who.Get(at + "?q=" + q("按月"))
		if p.Find("article.card").Length() != 1 || !p.Has("可以按月考核付款") || p.Has("不可以") || strings.Contains(p.Find("article.card").Text(), "您提的") {
			t.Errorf("%s sees %s", who.Login, p.Find("main").Text())
		}
	}
	if p := e.Visitor().Get(at + "/export.csv"); !strings.Contains(string(p.Body), "能否按月考核付款") || strings.Contains(string(p.Body), "晨光") {
		t.Errorf("export: %s", p.Body)
	}
	if p := e.Visitor().Get(at + "?state=waiting"); p.Find(".empty").Length() != 1 {
		t.Error("nothing found says nothing")
	}
	e.Time.Advance(20 * 24 * time.Hour) // the 21st: no answer could come in time
	x.again()
	if p := x.a.Post(at, form("text", "现在还能提问吗？")); p.Code != 410 || p.Find("article.card").Length() != 1 {
		t.Errorf("asked too late: %d %s", p.Code, p.Text())
	}
	for _, line := range []string{e.Log.String()} {
		if strings.Contains(line, "能否按月考核付款") || strings.Contains(line, at) {
			t.Error("the log tells of questions")
		}
	}
}
