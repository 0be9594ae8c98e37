package journey

import (
	"net/url"
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/demo"
)

// TestPagesOfTheDemonstration opens what a single purchase does not come to: a
// framework and its call-offs, objections to a single source, 质疑 and 投诉, a
// draft that an amendment overtook, the register of experts, the auditor's.
func TestPagesOfTheDemonstration(t *testing.T) {
	e := apptest.Demo(t)
	one := func(query string, args ...any) string {
		t.Helper()
		var out string
		if err := e.DB.NewRaw(query, args...).Scan(t.Context(), &out); err != nil {
			t.Fatal(query, err)
		}
		return out
	}
	person := func(login string) *apptest.Person {
		t.Helper()
		p := e.Visitor()
		p.Login = login
		if page := p.Post("/account/login", url.Values{"login": {login}, "password": {demo.Password}}); page.Code != 200 {
			t.Fatalf("sign in as %s: %d", login, page.Code)
		}
		return p
	}
	narrow, wide := walk.New(t, e, "narrow", 360), walk.New(t, e, "wide", 1280)
	look := func(who *apptest.Person, paths ...string) {
		t.Helper()
		for _, w := range []*walk.Walker{narrow, wide} {
			if w.Anyone(); who != nil {
				w.As(who)
			}
			for _, path := range paths {
				w.Go(path)
			}
		}
	}
	framework := "/tenders/" + one("SELECT tender FROM framework")
	single := "/tenders/" + one("SELECT tender FROM objection")
	amended := one("SELECT t.id FROM amendment AS a JOIN tender AS t ON t.id = a.project OR t.project = a.project")
	off := "/tenders/" + one("SELECT id FROM tender WHERE method = 'calloff' AND state = 'open'")
	lost := "/tenders/" + one("SELECT tender FROM challenge WHERE kind = 'complaint'")
	look(nil, framework, framework+"/framework", off, single, "/tenders/"+amended+"/amendments", lost+"/challenges", lost+"/award")
	officer := person("bureau.officer")
	look(officer, framework, framework+"/framework", framework+"/ranking", single, off, "/challenges", "/challenges?state=all", "/challenges/"+one("SELECT id FROM challenge WHERE kind = 'challenge' AND state = 'open'"),
		"/challenges/"+one("SELECT id FROM challenge WHERE kind = 'query' AND state = 'open'"), "/bureau/tenders/"+amended+"/amend", "/tenders/"+amended+"/questions", "/desk")
	look(person("bureau.supervisor"), "/challenges/"+one("SELECT id FROM challenge WHERE kind = 'complaint'"), lost+"/award")
	bidder := person("social3.lead")
	draft := "/bids/" + one("SELECT b.id FROM bid AS b JOIN membership AS m ON m.organisation = b.supplier JOIN account AS a ON a.id = m.account WHERE a.login = 'social3.lead' AND b.tender = ?", amended)
	look(bidder, draft, draft+"/offer", draft+"/answers", draft+"/files", draft+"/check", "/challenges", lost+"/challenges/new")
	look(person("social2.lead"), "/challenges/"+one("SELECT id FROM challenge WHERE kind = 'complaint'"), "/challenges/"+one("SELECT parent FROM challenge WHERE kind = 'complaint'"))
	look(person("bureau.registrar"), "/registrar/experts", "/registrar/experts/"+one("SELECT id FROM account WHERE expert ORDER BY id LIMIT 1"), "/registrar/organisations")
	look(person("platform.auditor"), "/desk", "/platform", "/platform/workdays", "/inbox", "/tenders")
}
