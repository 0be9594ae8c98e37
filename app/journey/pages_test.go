package journey

import (
	"fmt"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/evaluation"
)

// TestEveryPageOfAPurchase opens each page of a purchase as whom it is for, at
// 360 px and at 1280, while the purchase goes from open to its result. The
// walker judges each: axe finds nothing, nothing is wider than the window, no
// script fails.
func TestEveryPageOfAPurchase(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心", "和风养老服务社", "夕阳红志愿服务队")
	m.publish(t)
	e, s, at, draft := m.e, m.suppliers, m.notice, "/bureau"+m.notice
	holder, agent := m.custody.Holders[1], m.custody.Holders[2]
	admin := e.Org(party.Platform, "共济平台", party.Admin)
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
	look(nil, at, at+"/questions", at+"/amendments", at+"/opening", at+"/challenges", "/intentions", "/tenders")
	look(m.officer, draft, draft+"/survey", draft+"/amend", at+"/takes", at+"/keys", at+"/bonds", at+"/panel", "/bureau/intentions", "/bureau/intentions/new", "/inbox", "/keys")
	look(holder, at+"/keys", "/keys", "/account/key", "/inbox", "/desk")
	look(agent, "/desk", at+"/keys")
	look(admin, "/platform", "/platform/workdays", "/registrar/experts")

	s[0].Key()
	var bids []string
	for i, p := range s {
		e.Time.Advance(time.Second)
		p.Bid(m.tender, money.Fen(700_000+10_000*i)*money.Yuan)
		b, err := e.Bids.Mine(t.Context(), p.Actor, m.tender)
		if err != nil {
			t.Fatal(err)
		}
		bids = append(bids, "/bids/"+string(b.ID))
	}
	look(s[0], "/bids", bids[0], bids[0]+"/offer", bids[0]+"/answers", bids[0]+"/files", bids[0]+"/check", bids[0]+"/receipt", bids[0]+"/withdraw",
		bids[0]+"/versions/1", "/account/key", "/inbox", "/organisations/"+string(s[0].Actor.Org), "/organisations/"+string(s[0].Actor.Org)+"/ties", at+"/questions")
	look(s[1], bids[1], bids[1]+"/offer")

	e.Time.Set(beijing(t, "2026-06-22 09:00"))
	look(m.custody.Holders[0], at+"/opening")
	look(nil, at+"/opening")
	m.custody.Open()
	e.Settle()
	look(nil, at+"/opening")
	look(s[0], at+"/opening", bids[0]+"/versions/1")
	look(m.officer, at+"/opening", at+"/bids", at+"/eligibility", at+"/panel")

	var panel []*apptest.Person
	for i := range 5 {
		p := e.Expert(fmt.Sprintf("评审专家%d", i+1), "武汉某大学")
		_, err := e.Evaluations.Name(t.Context(), m.officer.Actor, m.tender, evaluation.Naming{Login: p.Login, Seat: evaluation.ExpertSeat, Reason: "主管预算单位同意"})
		if err != nil {
			t.Fatal(err)
		}
		panel = append(panel, p)
	}
	eligible(t, e, m.officer, m.tender)
	desk := "/panels/" + string(m.tender)
	look(m.officer, at+"/panel", at+"/eligibility")
	if err := e.Evaluations.Begin(t.Context(), m.officer.Actor, m.tender); err != nil {
		t.Fatal(err)
	}
	look(panel[0], "/panels", desk, "/desk")
	for _, p := range panel {
		if _, err := e.Evaluations.Enter(t.Context(), p.Actor, m.tender, evaluation.Declaration{Clear: true}); err != nil {
			t.Fatal(err)
		}
		d, err := e.Evaluations.Desk(t.Context(), p.Actor, m.tender)
		if err != nil {
			t.Fatal(err)
		}
		var marks []evaluation.Marking
		for _, l := range d.Bids {
			yes := true
			marks = append(marks, evaluation.Marking{Bid: l.Bid, Conforming: &yes, Scores: map[string]int64{"1": 4000, "2": 3000}})
		}
		if err := e.Evaluations.Save(t.Context(), p.Actor, m.tender, marks); err != nil {
			t.Fatal(err)
		}
		if p == panel[0] {
			look(p, desk, at+"/bids", bids[1]+"/versions/0")
		}
		if err := e.Evaluations.HandIn(t.Context(), p.Actor, m.tender); err != nil {
			t.Fatal(err)
		}
	}
	look(panel[0], desk+"/meeting")
	signed(t, e, panel, m.tender)
	e.Settle()
	look(panel[0], desk+"/meeting", desk+"/report")
	look(m.officer, at, at+"/ranking", at+"/award", desk+"/report")
}
