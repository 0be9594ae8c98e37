package web_test

import (
	"net/url"
	"testing"

	"gongji/app/apptest"
	"gongji/app/party"
)

func TestANewPasswordRevokesTheTokens(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		p := e.Person("李华")
		var made struct{ Token string }
		e.Visitor().API("POST", "/tokens", map[string]string{"login": p.Login, "password": apptest.Password}).Want(201).Into(&made)
		e.Visitor().API("GET", "/me", nil, "Authorization", "Bearer "+made.Token).Want(200)
		fresh := "另一句很长很长的密码"
		page := p.Post("/account/password", url.Values{"old_password": {apptest.Password}, "new_password": {fresh}})
		if page.Code != 200 || !page.Has("接口令牌已全部作废") {
			t.Errorf("after the change: %d %s", page.Code, page.Text())
		}
		e.Visitor().API("GET", "/me", nil, "Authorization", "Bearer "+made.Token).Want(401)
	})
}

func TestNamesThatDrawNothingAreRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		form := url.Values{"who": {"person"}, "name": {"\u200b\u2060"}, "login": {"invisible1"}, "password": {apptest.Password}, "agree": {"on"}}
		if page := e.Visitor().Post("/account/register", form); page.Code != 422 || !page.Has("请填写看得见的姓名") {
			t.Errorf("a name of nothing: %d %s", page.Code, page.Text())
		}
		form.Set("name", "\u202e李\x07华\u200b")
		v := e.Visitor()
		v.Post("/account/register", form)
		if page := v.Get("/account"); page.Code != 200 {
			t.Errorf("not registered: %d", page.Code)
		}
		var name string
		if err := e.DB.NewSelect().TableExpr("account").Column("name").Where("login = ?", "invisible1").Scan(t.Context(), &name); err != nil || name != "李华" {
			t.Errorf("kept as %q, %v", name, err)
		}
		lead := e.Org(party.Social, "晨光中心", party.Lead)
		edit := url.Values{"org_name": {"\u200b\u200b\u200b"}, "uscc": {"91654026MA78WT2Q66"}, "region": {"四川省成都市"}}
		if page := lead.Post("/organisations/"+string(lead.Actor.Org)+"/edit", edit); page.Code != 422 || !page.Has("看得见的字") {
			t.Errorf("an organisation of nothing: %d %s", page.Code, page.Text())
		}
	})
}

func TestARegistrarIsWarnedOfANamesake(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		registrar := e.Org(party.Bureau, "民政局", party.Registrar)
		known := e.Org(party.Social, "晨光（成都）中心", party.Lead)
		body := map[string]any{"login": "newlead", "password": apptest.Password, "name": "负责人", "kind": "social",
			"organisation": map[string]any{"name": "晨光(成都)\u200b中心", "uscc": "91654026MA78WT2Q66", "region": "四川省成都市"}}
		var org struct{ ID string }
		e.Visitor().API("POST", "/organisations", body).Want(201).Into(&org)
		page := registrar.Get("/organisations/" + org.ID)
		if page.Code != 200 || page.Find("#namesakes a[href='/organisations/"+string(known.Actor.Org)+"']").Length() != 1 {
			t.Errorf("no warning: %d %s", page.Code, page.Text())
		}
		var same []struct{ ID string }
		registrar.API("GET", "/organisations/"+org.ID+"/namesakes", nil).Want(200).Into(&same)
		if len(same) != 1 || same[0].ID != string(known.Actor.Org) {
			t.Errorf("namesakes by the API: %+v", same)
		}
		known.API("GET", "/organisations/"+org.ID+"/namesakes", nil).Want(403)

		var made struct{ Token string }
		e.Visitor().API("POST", "/tokens", map[string]string{"login": "newlead", "password": apptest.Password}).Want(201).Into(&made)
		e.Visitor().API("POST", "/credentials", map[string]string{"kind": "registration", "issuer": "成都市民政局", "issued_on": "2019-05-20"},
			"Authorization", "Bearer "+made.Token).Want(201)
		papers := "/organisations/" + org.ID + "/credentials"
		registrar.API("GET", papers, nil).Want(200)
		known.API("GET", papers, nil).Want(404)
		if page := registrar.Get("/organisations/" + org.ID); !page.Has("成都市民政局") || !page.Has("没有上传扫描件") {
			t.Errorf("the registrar does not see the certificate: %s", page.Text())
		}
		registrar.API("POST", "/organisations/"+org.ID+"/review", map[string]any{"approve": true}).Want(200)
		registrar.API("GET", papers, nil).Want(404)
	})
}
