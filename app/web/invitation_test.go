package web_test

import (
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

func TestInvitationsInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		if p := x.a.Get("/invitations"); p.Find(".empty").Length() != 1 {
			t.Error("no empty state")
		}
		third := e.Org(party.Social, "同行社区服务中心", party.Lead)
		var codes []string
		for i, p := range []*apptest.Person{x.a, x.b, third} {
			codes = append(codes, [...]string{"91654026MA78WT2Q66", "9112010423901886X5", "91350100M000100Y43"}[i])
			if _, err := e.DB.ExecContext(t.Context(), "UPDATE organisation SET uscc = ? WHERE id = ?", codes[i], p.Actor.Org); err != nil {
				t.Fatal(err)
			}
		}
		stranger := e.Org(party.Social, "未受邀服务中心", party.Lead)
		x.invite(t, e, strings.Join(codes, "\n"))
		for _, who := range []*apptest.Person{x.a, x.b, third} {
			p := who.Get("/invitations?state=open&method=invited&q=" + q("养老"))
			if p.Find("tbody tr").Length() != 1 || !p.Has("共 1 条") || p.Find("a[href='"+x.notice+"']").Length() != 1 {
				t.Errorf("%s: %s", who.Login, p.Find("main").Text())
			}
			if !who.Get("/inbox").Has("邀请您参加") {
				t.Errorf("%s got no message", who.Login)
			}
		}
		if p := x.a.Get("/invitations"); p.Has("暖邻") || p.Has("同行") {
			t.Error("an invited supplier reads who else is")
		}
		if p := x.a.Get("/invitations?q=" + q("没有")); p.Find(".empty a[href='/invitations']").Length() != 1 {
			t.Error("nothing found says nothing")
		}
		if p := x.a.Get("/invitations/export.csv"); !strings.Contains(string(p.Body), "GJ采〔2026〕0001号") {
			t.Errorf("export: %s", p.Body)
		}
		var list struct {
			Items []struct{ ID id.ID }
			Total int
		}
		if x.a.API("GET", "/tenders/invitations?q="+q("养老"), nil).Want(200).Into(&list); list.Total != 1 || list.Items[0].ID != x.id {
			t.Errorf("by the API: %+v", list)
		}
		for _, who := range []*apptest.Person{stranger, x.officer, x.other, e.Visitor()} {
			if p := who.Get("/invitations"); p.Find("tbody tr").Length() != 0 || who.Get("/inbox").Has("邀请您参加") {
				t.Errorf("%s is shown an invitation", who.Login)
			}
		}
		if p := stranger.Get(x.notice + "/document"); p.Code != 403 {
			t.Errorf("a stranger takes the documents: %d", p.Code)
		}
		e.Time.Advance(40 * 24 * time.Hour)
		x.a.SignIn()
		if p := x.a.Get("/invitations?state=open"); p.Find(".empty").Length() != 1 {
			t.Error("a closed one is among the open")
		}
	})
}

// invite publishes an 邀请招标.
func (x *bureau) invite(t *testing.T, e *apptest.Env, codes string) {
	t.Helper()
	x.draft = x.officer.Post("/bureau/tenders", form("title", "青山区居家养老上门服务项目")).Path
	draftPages(t, x.officer, x.draft, map[string]string{"method": "invited"})
	p := x.officer.Post(x.draft+"/edit/parties", form("ground", "special", "ground_reason", "只有少数机构有资质", "way", "library", "way_reason", "从供应商库八家中随机抽取三家", "invited", codes))
	if p.Code != 200 {
		t.Fatalf("parties: %d %s", p.Code, p.Find(".error-summary").Text())
	}
	x.id = draftID(x.draft)
	e.Lock(x.officer, x.id)
	x.officer.Post(x.draft+"/submit", nil)
	if p = x.approver.Post(x.draft+"/publish", nil); p.Code != 200 || !strings.HasPrefix(p.Path, "/tenders/") {
		t.Fatalf("publish: %d %s", p.Code, p.Text())
	}
	x.notice = p.Path
	e.Settle()
}
