package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

func membership(e *apptest.Env, p *apptest.Person) id.ID {
	e.T.Helper()
	var m id.ID
	err := e.DB.NewSelect().TableExpr("membership").Column("id").
		Where("account = ? AND organisation = ? AND ended_at IS NULL", p.Actor.Account, p.Actor.Org).Scan(e.T.Context(), &m)
	if err != nil {
		e.T.Fatal(err)
	}
	return m
}

func TestAPersonWithAnAccountIsAskedBeforeBecomingAMember(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		lead, expert := e.Org(party.Social, "晨光中心", party.Lead), e.Person("欧阳专家")
		members := "/organisations/" + string(lead.Actor.Org) + "/members"
		ask := func(login string) *apptest.Page {
			return lead.Post("/organisations/"+string(lead.Actor.Org)+"/invitations", url.Values{"invite_login": {login}, "invite_role": {"staff"}})
		}
		real, none := ask(expert.Login), ask("nobody99")
		if real.Code != 200 || real.Code != none.Code || real.Find(".flash").Text() != none.Find(".flash").Text() {
			t.Errorf("the answers tell who exists: %d %s / %d %s", real.Code, real.Text(), none.Code, none.Text())
		}
		if none.Has("欧阳专家") || none.Find("#invited tbody tr").Length() != 2 {
			t.Errorf("the inviter's page: %s", none.Text())
		}
		if p := lead.Post(members, url.Values{"login": {expert.Login}, "role": {"staff"}, "name": {"随便"}, "password": {apptest.Password}}); p.Code != 422 {
			t.Errorf("an existing account was added at once: %d", p.Code)
		}
		if p := expert.Get("/inbox"); !p.Has("邀请您成为其成员") {
			t.Errorf("nobody told: %s", p.Text())
		}
		page := expert.Get("/account")
		action, ok := page.Find("#invitations form").Attr("action")
		if !ok || !page.Has("晨光中心") {
			t.Fatalf("no invitation on the page: %s", page.Text())
		}
		if p := e.Person("别人").Post(action, url.Values{"answer": {"accept"}}); p.Code != 404 {
			t.Errorf("somebody else answered: %d", p.Code)
		}
		expert.Post(action, url.Values{"answer": {"decline"}})
		if p := lead.Get(members); p.Find("#invited tbody tr").Length() != 2 {
			t.Errorf("declining shows: %s", p.Text())
		}
		if p := ask(expert.Login); p.Code != 422 || !p.Has("已经邀请过") {
			t.Errorf("nagging: %d %s", p.Code, p.Text())
		}
		e.Time.Advance(15 * 24 * time.Hour)
		lead.SignIn()
		expert.SignIn()
		ask(expert.Login)
		action, _ = expert.Get("/account").Find("#invitations form").Attr("action")
		expert.Post(action, url.Values{"answer": {"accept"}})
		if p := lead.Get(members); !p.Has("欧阳专家") {
			t.Errorf("accepted, and no member: %s", p.Text())
		}
		leave, ok := expert.Get("/account").Find("form[action$='/leave']").Attr("action")
		if !ok {
			t.Fatal("no way to leave")
		}
		expert.Post(leave, nil)
		if p := lead.Get(members); p.Has("欧阳专家") {
			t.Errorf("left, and still a member: %s", p.Text())
		}
		if p := lead.Get("/inbox"); !p.Has("欧阳专家已退出") {
			t.Errorf("leads are not told: %s", p.Text())
		}
	})
}

func TestInvitationsByTheAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		lead, guest := e.Org(party.Social, "晨光中心", party.Lead), e.Person("李华")
		org := "/organisations/" + string(lead.Actor.Org)
		lead.API("POST", org+"/invitations", map[string]string{"login": guest.Login, "role": "staff"}).Want(204)
		lead.API("POST", org+"/invitations", map[string]string{"login": "nobody99", "role": "staff"}).Want(204)
		guest.API("POST", org+"/invitations", map[string]string{"login": "nobody99", "role": "staff"}).Want(403)
		var asked []struct{ ID string }
		guest.API("GET", "/me/invitations", nil).Want(200).Into(&asked)
		guest.API("POST", "/me/invitations/"+asked[0].ID, map[string]bool{"accept": true}).Want(204)
		guest.API("POST", "/me/invitations/"+asked[0].ID, map[string]bool{"accept": true}).Want(409)
		var seats []struct{ Membership string }
		guest.API("GET", "/me/memberships", nil).Want(200).Into(&seats)
		if len(seats) != 1 {
			t.Fatalf("seats: %+v", seats)
		}
		lead.API("POST", org+"/members/"+seats[0].Membership+"/role", map[string]string{"role": "lead"}).Want(204)
		lead.API("POST", "/me/memberships/"+string(membership(e, lead))+"/leave", nil).Want(204)
		guest.API("POST", "/me/memberships/"+seats[0].Membership+"/leave", nil).Want(409)
	})
}

func TestAnOrganisationKeepsSomebodyWhoManagesItsMembers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		for _, c := range []struct {
			kind       party.OrgKind
			head, role party.Role
		}{{party.Social, party.Lead, party.Staff}, {party.Bureau, party.Approver, party.Officer}, {party.Foundation, party.Approver, party.Finance}} {
			head := e.Org(c.kind, "组织"+string(c.kind), c.head)
			m := string(membership(e, head))
			org := "/organisations/" + string(head.Actor.Org)
			if p := head.Post(org+"/members/"+m+"/role", url.Values{"role": {string(c.role)}}); p.Code != 409 || !p.Has("最后一位") {
				t.Errorf("%s: the last one demoted himself: %d %s", c.kind, p.Code, p.Text())
			}
			if p := head.Post("/account/memberships/"+m+"/leave", nil); p.Code != 409 {
				t.Errorf("%s: the last one left: %d", c.kind, p.Code)
			}
			if p := head.Post(org+"/members/"+m+"/end", nil); p.Code != 409 {
				t.Errorf("%s: the last one was removed: %d", c.kind, p.Code)
			}
			head.Post(org+"/members", url.Values{"login": {head.Login}, "role": {string(c.role)}, "name": {"x"}, "password": {apptest.Password}})
			if p := head.Get(org + "/members"); p.Code != 200 {
				t.Errorf("%s: adding himself changed his role: %d", c.kind, p.Code)
			}
			second := e.Colleague(head, c.head)
			if p := head.Post(org+"/members/"+m+"/role", url.Values{"role": {string(c.role)}}); p.Code != 403 && p.Code != 200 {
				t.Errorf("%s: with a second one: %d %s", c.kind, p.Code, p.Text())
			}
			if p := head.Get("/inbox"); !p.Has("角色已改变") {
				t.Errorf("%s: not told of the role: %s", c.kind, p.Text())
			}
			second.Post(org+"/members/"+m+"/end", nil)
			head.SignIn()
			if p := head.Get("/inbox"); !p.Has("您不再代表") {
				t.Errorf("%s: not told of the removal: %s", c.kind, p.Text())
			}
		}
	})
}

func TestWrongPasswordsFromAFormSpareAKnownBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		holder := e.Person("持钥人")
		known := e.Visitor()
		form := url.Values{"login": {holder.Login}, "password": {apptest.Password}}
		known.Post("/account/login", form)
		known.Post("/account/logout", nil)
		thief := e.Visitor()
		for _, login := range []string{holder.Login, "nobody99"} {
			for range 5 {
				thief.Post("/account/login", url.Values{"login": {login}, "password": {"wrong"}})
			}
			if p := thief.Post("/account/login", url.Values{"login": {login}, "password": {apptest.Password}}); p.Code != 429 || !p.Has("请在") {
				t.Errorf("%s, the sixth: %d %s", login, p.Code, p.Text())
			}
		}
		form = url.Values{"login": {holder.Login}, "password": {apptest.Password}}
		if p := known.Post("/account/login", form); p.Code != 200 || strings.HasPrefix(p.Path, "/account/login") {
			t.Errorf("the browser it signed in with before: %d %s", p.Code, p.Text())
		}
	})
}
