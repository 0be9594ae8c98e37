package web_test

import (
	"net/url"
	"strings"
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

func TestARegistrarReviewsARegistration(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		registrar := e.Org(party.Bureau, "武汉市民政局", party.Registrar)
		v := e.Visitor()
		form := url.Values{"who": {"organisation"}, "org_kind": {"social"}, "org_name": {"<i>晨光</i>社会工作服务中心"}, "uscc": {"91654026MA78WT2Q67"},
			"region": {"湖北省武汉市"}, "name": {"王芳"}, "login": {"wangfang"}, "password": {apptest.Password}, "agree": {"yes"}}
		page := v.Post("/account/register", form)
		if page.Code != 422 || page.Find(`a[href="#f-uscc"]`).Length() == 0 {
			t.Fatalf("a wrong check character: %d %s", page.Code, page.Text())
		}
		if got, _ := page.Find("input[name=org_name]").Attr("value"); got != "<i>晨光</i>社会工作服务中心" {
			t.Errorf("the typed name came back as %q", got)
		}
		form.Set("uscc", "９1654026ma78wt2q66")
		if page = v.Post("/account/register", form); page.Code != 200 || page.Path != "/desk" {
			t.Fatalf("register: %d %s %s", page.Code, page.Path, page.Text())
		}
		page = registrar.Get("/registrar/organisations")
		href, ok := page.Find(`main table a[href^="/organisations/"]`).Attr("href")
		if !ok || !page.Has("<i>晨光</i>社会工作服务中心") {
			t.Fatalf("the registration does not wait: %s", page.Text())
		}
		if p := registrar.Get("/registrar/organisations?q=" + url.QueryEscape("没有此家")); !p.Has("没有找到组织") || registrar.Get("/registrar/organisations?q="+url.QueryEscape("社会工作")).Find("main tbody tr").Length() != 1 {
			t.Errorf("a search among what waits: %s", p.Text())
		}
		if p := registrar.Get("/registrar/organisations/export.csv"); p.Code != 200 || !strings.Contains(string(p.Body), "社会工作服务中心") {
			t.Errorf("the export of what waits: %d %s", p.Code, p.Body)
		}
		if got := e.Visitor().Get(href).Code; got != 404 {
			t.Errorf("a stranger opens an unreviewed registration: %d", got)
		}
		decide := "/registrar" + href
		if page = registrar.Post(decide, url.Values{"decision": {"return"}}); page.Code != 422 || !page.Has("请写明退回的原因") {
			t.Errorf("returned without a reason: %d", page.Code)
		}
		if page = registrar.Post(decide, url.Values{"decision": {"approve"}}); page.Code != 200 {
			t.Fatalf("approve: %d %s", page.Code, page.Text())
		}
		if page = e.Visitor().Get(href); page.Code != 200 || !page.Has("91654026MA78WT2Q66") {
			t.Errorf("public page: %d %s", page.Code, page.Text())
		}
	})
}

func TestARegistrarKeepsTheExpertRegister(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		registrar, person := e.Org(party.Bureau, "武汉市民政局", party.Registrar), e.Person("周专家")
		if got := person.Get("/panels").Code; got != 403 {
			t.Errorf("a person who is no expert opens the panels: %d", got)
		}
		page := registrar.Post("/registrar/experts", url.Values{"login": {"nobody-here"}, "employer": {"武汉大学"}})
		if page.Code != 422 || !page.Has("没有这个登录名") {
			t.Errorf("an unknown login: %d %s", page.Code, page.Text())
		}
		page = registrar.Post("/registrar/experts", url.Values{"login": {person.Login}, "employer": {"武汉大学"}})
		if page.Code != 200 || !page.Has("周专家") || !page.Has("武汉大学") {
			t.Fatalf("enlist: %d %s", page.Code, page.Text())
		}
		if got := person.Get("/panels").Code; got != 200 {
			t.Errorf("the expert opens the panels: %d", got)
		}
		e.Org(party.Bureau, "别的民政局", party.Officer).API("POST", "/experts", map[string]any{"login": person.Login, "employer": "无"}).Want(403)
	})
}
