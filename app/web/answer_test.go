package web_test

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/party"
)

// What an organisation delivers it may answer in public: beside the engagement
// and on its own record.
func TestAnEngagementIsAnsweredInPublic(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		payer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		lead := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
		x := e.EngageContract(payer, lead, "居家养老上门服务")
		at, org := "/engagements/"+string(x.ID), "/organisations/"+string(lead.Actor.Org)
		say := org + "/answers/engagement/" + string(x.ID)
		if page := lead.Get(at); page.Find("a[href='"+say+"']").Length() != 1 {
			t.Fatalf("not offered to answer: %d", page.Code)
		}
		if page := payer.Get(at); page.Find("a[href='"+say+"']").Length() != 0 {
			t.Error("the payer is offered to answer for the provider")
		}
		if page := payer.Get(say); page.Code != 403 && page.Code != 404 {
			t.Errorf("the payer answers: %d", page.Code)
		}
		lead.Post(say, form("step", "draft", "text", "五月停诊一周系场地维修，已全部补回。"))
		if e.Visitor().Get(at).Has("场地维修") {
			t.Error("a draft is public")
		}
		if page := lead.Post(say, form("step", "publish")); page.Code != 200 {
			t.Fatalf("published: %d %s", page.Code, page.Text())
		}
		for _, path := range []string{at, org} {
			if page := e.Visitor().Get(path); page.Code != 200 || !page.Has("场地维修") {
				t.Errorf("%s: %d lacks the answer", path, page.Code)
			}
		}
		lead.API("GET", "/answers/engagement/"+string(x.ID), nil).Want(200)
	})
}
