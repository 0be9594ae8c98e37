package web_test

import (
	"net/url"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/party"
)

func TestSignInFromAForm(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		donor := e.Person("李华")
		v := e.Visitor()
		page := v.Get("/account/login")
		if page.Code != 200 || page.Find(`form[action="/account/login"] input[name=login]`).Length() != 1 {
			t.Fatalf("login page: %d %s", page.Code, page.Text())
		}
		page = v.Post("/account/login", url.Values{"login": {donor.Login}, "password": {"not it"}})
		if page.Code != 422 || !page.Has("登录名或密码不正确") {
			t.Errorf("wrong password: %d %s", page.Code, page.Text())
		}
		if got, _ := page.Find("input[name=login]").Attr("value"); got != donor.Login {
			t.Errorf("the typed login is lost: %q", got)
		}
	})
}

func TestAnExpiredSessionKeepsWhatWasTyped(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		donor := e.Person("李华")
		e.Time.Advance(3 * time.Hour)
		page := donor.Post("/account/organisation", url.Values{"org": {""}, "story": {"写了很久的 <b>话</b>"}})
		if page.Code != 401 || !page.Has("您刚才填写的内容已保留") {
			t.Fatalf("after expiry: %d %s", page.Code, page.Text())
		}
		form := url.Values{"login": {donor.Login}, "password": {apptest.Password}}
		parked, _ := page.Find("input[name=_resume]").Attr("value")
		form.Set("_resume", parked)
		page = donor.Post("/account/login", form)
		if got, _ := page.Find("input[name=story]").Attr("value"); got != "写了很久的 <b>话</b>" {
			t.Errorf("resumed form has story %q: %s", got, page.Text())
		}
		if got, _ := page.Find("main form").Attr("action"); got != "/account/organisation" {
			t.Errorf("resumed form goes to %q", got)
		}
	})
}

func TestTheSameKeyAnswersTheSame(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		registrar := e.Org(party.Bureau, "民政局", party.Registrar)
		body := map[string]any{"login": "newlead", "password": "一句足够长的话一句足够长", "name": "负责人", "kind": "social",
			"organisation": map[string]any{"name": "晨光中心", "uscc": "91654026MA78WT2Q66", "region": "四川省成都市"}}
		var org struct{ ID, State string }
		e.Visitor().API("POST", "/organisations", body).Want(201).Into(&org)
		approve := map[string]any{"approve": true}
		first := registrar.API("POST", "/organisations/"+org.ID+"/review", approve, "Idempotency-Key", "k1").Want(200)
		again := registrar.API("POST", "/organisations/"+org.ID+"/review", approve, "Idempotency-Key", "k1").Want(200)
		if string(first.Body) != string(again.Body) || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("replay: %s then %s", first.Body, again.Body)
		}
		registrar.API("POST", "/organisations/"+org.ID+"/review", approve, "Idempotency-Key", "k2").Want(403)
		registrar.API("POST", "/organisations/"+org.ID+"/review", map[string]any{"approve": false}, "Idempotency-Key", "k1").Want(422)
	})
}
