package web_test

import (
	"net/url"
	"testing"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// form is one page's answers.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func q(s string) string { return url.QueryEscape(s) }

// bureau is one with an open purchase, and those around it.
type bureau struct {
	officer, approver, other *apptest.Person // other: an officer elsewhere
	a, b                     *apptest.Person // suppliers
	draft, notice            string          // paths of the purchase
	id                       id.ID
}

func newBureau(e *apptest.Env) *bureau {
	x := &bureau{officer: e.Org(party.Bureau, "青山区民政局", party.Officer), other: e.Org(party.Bureau, "红花区民政局", party.Officer)}
	x.approver = e.Colleague(x.officer, party.Approver)
	x.a, x.b = e.Org(party.Social, "晨光社会工作服务中心", party.Lead), e.Org(party.Social, "暖邻为老服务中心", party.Lead)
	return x
}

// publish takes a purchase through its pages to the public.
func (x *bureau) publish(t *testing.T, e *apptest.Env, change map[string]string) {
	t.Helper()
	x.draft = x.officer.Post("/bureau/tenders", form("title", "青山区居家养老上门服务项目")).Path
	x.id = draftID(x.draft)
	draftPages(t, x.officer, x.draft, change)
	e.Lock(x.officer, x.id)
	if p := x.officer.Post(x.draft+"/submit", nil); p.Code != 200 {
		t.Fatalf("submit: %d %s", p.Code, p.Find(".error-summary, .notice").Text())
	}
	p := x.approver.Post(x.draft+"/publish", nil)
	if p.Code != 200 {
		t.Fatalf("publish: %d %s", p.Code, p.Text())
	}
	x.notice = p.Path
	e.Settle()
}

func (x *bureau) again() {
	for _, p := range []*apptest.Person{x.officer, x.approver, x.other, x.a, x.b} {
		p.SignIn()
	}
}
