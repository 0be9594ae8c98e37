package web_test

import (
	"net/url"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/identity"
	"gongji/app/procurement/tenderkey/holder"
)

func keyForm(t *testing.T) url.Values {
	t.Helper()
	recipient, file, err := identity.New(apptest.Password, identity.WeakFactor)
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"recipient": {recipient}, "file": {file}}
}

func TestMyKey(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		p, other := e.Person("李华"), e.Person("别人")
		page := p.Get("/account/key")
		if page.Find("form[data-seal=key-make] [data-secret]").Length() != 2 || page.Find("main input[type=password][name]").Length() != 0 {
			t.Fatal("the passphrase could be sent")
		}
		if page := p.Post("/account/key", url.Values{"recipient": {"age1x"}, "file": {"AGE-SECRET-KEY-1"}}); page.Code != 422 || page.Find(".error-summary li").Length() != 2 {
			t.Errorf("an open key: %d", page.Code)
		}
		form := keyForm(t)
		page = p.Post("/account/key", form)
		if page.Code != 200 || !page.Has(form.Get("recipient")) || page.Find("form[data-seal=key-try]").Length() != 1 {
			t.Fatalf("saved: %d %s", page.Code, page.Text())
		}
		file, _ := page.Find("a[download]").Attr("href")
		if got := p.Get(file); string(got.Body) != form.Get("file") {
			t.Errorf("the backup is not the file: %q", got.Body)
		}
		if got := other.Get(file); got.Code != 404 {
			t.Errorf("another's backup: %d", got.Code)
		}
		next := keyForm(t)
		next.Set("next", "https://evil.example.cn/")
		if page = p.Post("/account/key", next); page.Path != "/account/key" || page.Find("tbody tr").Length() != 1 {
			t.Errorf("a new key leads to %s with %d old ones", page.Path, page.Find("tbody tr").Length())
		}
	})
}

// keyHouse is an officer with a draft and two more holders.
type keyHouse struct {
	officer, supervisor, agent *apptest.Person
	tender                     id.ID
	at                         string
}

func newKeyHouse(e *apptest.Env) keyHouse {
	h := keyHouse{officer: e.Org(party.Bureau, "青山区民政局", party.Officer)}
	h.supervisor, h.agent = e.Colleague(h.officer, party.Supervisor), e.Org(party.Enterprise, "诚信招标代理有限公司", party.Lead)
	draft := h.officer.Post("/bureau/tenders", url.Values{"title": {"青山区居家养老上门服务项目"}})
	h.tender = id.ID(strings.TrimPrefix(draft.Path, "/bureau/tenders/"))
	h.at = "/tenders/" + string(h.tender) + "/keys"
	return h
}

func (h keyHouse) naming() url.Values {
	return url.Values{"threshold": {"2"}, "holders.0.login": {h.officer.Login}, "holders.0.duty": {"buyer"},
		"holders.1.login": {h.supervisor.Login}, "holders.1.duty": {"supervisor"}, "holders.2.login": {h.agent.Login}, "holders.2.duty": {"agency"}}
}

func TestHoldersOfATender(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		h := newKeyHouse(e)
		bidder, approver := e.Org(party.Social, "晨光社会工作服务中心", party.Lead), e.Colleague(h.officer, party.Approver)
		if page := h.officer.Get(h.at); page.Find("#name fieldset").Length() != 4 || page.Find("[name='holders.0.login']").AttrOr("value", "") != h.officer.Login {
			t.Fatalf("the form: %s", page.Text())
		}
		wrong := h.naming()
		wrong.Set("holders.2.login", bidder.Login)
		page := h.officer.Post(h.at, wrong)
		if page.Code != 422 || page.Find(".field-bad [name='holders.2.login']").AttrOr("value", "") != bidder.Login || !page.Has("可能来投标") {
			t.Errorf("a bidder as holder: %d %s", page.Code, page.Text())
		}
		if page = h.officer.Post(h.at, h.naming()); page.Code != 200 || page.Find(".next form").Length() != 0 || !page.Has("还没有个人密钥") {
			t.Errorf("named: %d", page.Code)
		}
		people := []*apptest.Person{h.officer, h.supervisor, h.agent}
		for _, p := range people {
			if page := p.Get(h.at); page.Find("a[href^='/account/key?next=']").Length() != 1 {
				t.Error("a holder without a key is not sent to make one")
			}
			p.Post("/account/key", keyForm(t))
		}
		if page = h.officer.Get(h.at); page.Find(".next form[action$='/generate']").Length() != 1 {
			t.Fatalf("no way to the ceremony: %s", page.Text())
		}
		if page = h.officer.Post(h.at+"/generate", nil); page.Code != 200 || page.Find("code").Length() == 0 {
			t.Fatalf("ceremony: %d", page.Code)
		}
		if page = h.officer.Post(h.at+"/generate", nil); page.Code != 409 {
			t.Errorf("a second ceremony: %d", page.Code)
		}
		// Who holds a part sees the purchase's name, and nothing else of it.
		page = h.agent.Get(h.at)
		if page.Find("form[data-seal=rehearse]").Length() != 1 || page.Find("table").Length() != 0 || page.Find("main input[type=password][name]").Length() != 0 {
			t.Errorf("the agency's page: %s", page.Text())
		}
		for who, code := range map[*apptest.Person]int{bidder: 404, e.Org(party.Bureau, "别的民政局", party.Officer): 404, approver: 200} {
			if page := who.Get(h.at); page.Code != code {
				t.Errorf("%s at the keys: %d", who.Actor.OrgName, page.Code)
			}
		}
		if page = h.agent.Get("/tenders/" + string(h.tender)); page.Code != 404 {
			t.Errorf("a holder reads the draft: %d", page.Code)
		}
		rehearsed(t, e, h, people)
	})
}

func rehearsed(t *testing.T, e *apptest.Env, h keyHouse, people []*apptest.Person) {
	t.Helper()
	for i, p := range people {
		if page := p.Get("/desk"); !page.Has("等您演练密钥") || page.Find("a.tile[href='/keys'] .tile-number").Text() != "1" {
			t.Errorf("the desk of holder %d: %s", i, page.Text())
		}
		if page := p.Get("/keys"); page.Find("tbody tr a.btn").Length() != 1 {
			t.Errorf("the list of holder %d", i)
		}
		if page := p.Post(h.at+"/rehearse", url.Values{"word": {"不是这个"}}); page.Code != 422 {
			t.Errorf("a wrong word: %d", page.Code)
		}
		own, err := holder.Person{Actor: p.Actor, Passphrase: apptest.Password}.Open(t.Context(), e.TenderKeys, h.tender)
		if err != nil {
			t.Fatal(err)
		}
		if page := p.Post(h.at+"/rehearse", url.Values{"word": {own.Word}}); page.Code != 200 || !page.Has("演练成功") {
			t.Errorf("the right word: %d", page.Code)
		}
		if strings.Contains(e.Log.String(), own.Word) || strings.Contains(e.Log.String(), own.Share) {
			t.Error("the log knows a secret")
		}
	}
	if page := h.officer.Get(h.at); page.Find("td[data-label='演练'] .badge-ok, td[data-label='演练'] .status-ok").Length() != 3 {
		t.Errorf("after all rehearsals: %s", page.Find("tbody").Text())
	}
	if page := h.officer.Get("/keys"); page.Find("a.btn").Length() != 0 {
		t.Error("something waits that was done")
	}
}
