package api_test

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/party"
)

// TestABudgetByProgram takes a year's budget and the foundation's approval
// limits from the proposal to being in force by the API alone.
func TestABudgetByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		deputy, rival := e.Colleague(c.Approver, party.Approver), e.Org(party.Foundation, "别的基金会", party.Officer)
		chief := e.Colleague(rival, party.Approver)
		at := "/funds/" + string(c.Fund.ID) + "/budgets/2026"
		var b struct {
			State   string
			Total   int64
			Version int64
			Missing []struct{ Field, Message string }
			Uses    []struct {
				Name         string
				Amount, Paid int64
			}
		}
		lines := func(amount string) m { return m{"lines": []m{{"name": "上门照料", "amount": amount}}} }
		c.Officer.API("GET", "/funds/"+string(c.Fund.ID)+"/budgets/next", nil).Want(422)
		c.Officer.API("PUT", "/funds/"+string(c.Fund.ID)+"/budgets/1999", lines("1")).Want(422)
		c.Officer.API("PUT", at, lines("一百")).Want(200).Into(&b)
		if b.State != "draft" || len(b.Missing) != 1 || b.Missing[0].Field != "lines" {
			t.Errorf("drafted %+v", b)
		}
		c.Officer.API("POST", at+"/submit", nil).Want(422)
		c.Officer.API("PUT", at, m{"lines": []m{{"name": "上门照料", "amount": "5"}}, "version": b.Version + 7}).Want(409)
		c.Officer.API("PUT", at, lines("600")).Want(200)
		c.Approver.API("PUT", at, lines("1")).Want(403)
		c.Officer.API("POST", at+"/submit", nil).Want(200)
		c.Officer.API("POST", at+"/approve", nil).Want(403)
		c.Approver.API("POST", at+"/return", m{"reason": ""}).Want(422)
		c.Approver.API("POST", at+"/return", m{"reason": "单价偏高"}).Want(200)
		c.Officer.API("PUT", at, lines("500")).Want(200)
		c.Officer.API("POST", at+"/submit", nil).Want(200)
		c.Approver.API("POST", at+"/approve", nil).Want(200)
		c.Finance.API("GET", at, nil).Want(200).Into(&b)
		if b.State != "approved" || b.Total != 50_000 || len(b.Uses) != 1 || b.Uses[0].Amount != 50_000 {
			t.Errorf("in force %+v", b)
		}
		for _, who := range []*apptest.Person{rival, chief, c.Company, c.Donor} {
			for method, path := range map[string]string{"GET": at, "PUT": at, "POST": at + "/approve"} {
				if x := who.API(method, path, lines("1")); x.Code != 403 && x.Code != 404 {
					t.Errorf("%s of %s does %s %s: %d", who.Actor.Role, who.Actor.OrgName, method, path, x.Code)
				}
			}
		}
		e.Visitor().API("GET", at, nil).Want(401)

		const limits = "/payment-limits"
		var l struct{ ID, State string }
		c.Officer.API("POST", limits, m{"two_above": "100"}).Want(403)
		c.Finance.API("POST", limits, m{"two_above": "一百", "board_above": "-1"}).Want(422)
		c.Approver.API("POST", limits, m{"two_above": "100", "board_above": "500"}).Want(201).Into(&l)
		c.Finance.API("POST", limits, m{}).Want(409)
		c.Approver.API("POST", limits+"/"+l.ID+"/decide", m{"agree": true}).Want(403)
		chief.API("POST", limits+"/"+l.ID+"/decide", m{"agree": true}).Want(404)
		deputy.API("POST", limits+"/"+l.ID+"/decide", m{"agree": false}).Want(422)
		deputy.API("POST", limits+"/"+l.ID+"/decide", m{"agree": true}).Want(200).Into(&l)
		var now struct {
			Now struct {
				TwoAbove int64 `json:"two_above"`
			}
			Waiting *struct{}
		}
		c.Officer.API("GET", limits, nil).Want(200).Into(&now)
		if l.State != "approved" || now.Now.TwoAbove != 10_000 || now.Waiting != nil {
			t.Errorf("decided %+v, in force %+v", l, now)
		}
		chief.API("GET", limits, nil).Want(200).Into(&now)
		if x := c.Company.API("GET", limits, nil); x.Code != 403 && x.Code != 404 {
			t.Errorf("a company reads limits: %d", x.Code)
		}
	})
}

// TestAFundEndsByProgram proposes, takes back, proposes again and ends a fund
// by the API alone.
func TestAFundEndsByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		h := &fundtest.House{DB: e.DB, Clock: e.Time, Ledger: e.Ledger, Funds: e.Funds, Attachments: e.Attachments, Officer: c.Officer.Actor, Approver: c.Approver.Actor, Finance: c.Finance.Actor}
		h.Give(t, c.Fund, 1_234_00)
		to := h.Active(t, "社区助老专项基金")
		rival := e.Org(party.Foundation, "别的基金会", party.Officer)
		at := "/funds/" + string(c.Fund.ID)
		ending := m{"reason": "设立的目的已经实现", "surplus_to": "fund", "to_fund": to.ID, "likeness": "都用于横沥镇的社区服务", "board_on": "2026-05-30", "board_no": "管委会第三次会议"}
		c.Officer.API("POST", at+"/closing", m{"reason": "短", "surplus_to": "charity"}).Want(422)
		c.Approver.API("POST", at+"/closing", ending).Want(403)
		var f struct {
			State   string
			Money   struct{ Balance int64 }
			Closing *struct {
				State string
				Moved int64
			}
		}
		c.Officer.API("POST", at+"/closing", ending).Want(200).Into(&f)
		if f.State != "winding" || f.Closing == nil || f.Closing.State != "proposed" {
			t.Errorf("proposed %+v", f)
		}
		c.Officer.API("POST", at+"/closing/resume", m{"reason": " "}).Want(422)
		c.Officer.API("POST", at+"/closing/resume", m{"reason": "还有一批物资要发"}).Want(200)
		c.Officer.API("POST", at+"/closing", ending).Want(200)
		var open []struct{ What string }
		c.Finance.API("GET", at+"/open", nil).Want(200).Into(&open)
		if len(open) != 0 {
			t.Errorf("open: %+v", open)
		}
		c.Approver.API("POST", at+"/end", nil).Want(409)
		c.Officer.Send(at+"/resolution", "决议.pdf", fundtest.Agreement).Want(201)
		c.Officer.API("POST", at+"/end", nil).Want(403)
		for _, who := range []*apptest.Person{rival, c.Company, c.Donor} {
			for path, method := range map[string]string{at + "/open": "GET", at + "/closing": "POST", at + "/closing/resume": "POST", at + "/end": "POST"} {
				if x := who.API(method, path, m{"reason": "与我们无关的基金"}); x.Code != 403 && x.Code != 404 {
					t.Errorf("%s of %s does %s %s: %d", who.Actor.Role, who.Actor.OrgName, method, path, x.Code)
				}
			}
		}
		c.Approver.API("POST", at+"/end", nil).Want(200)
		e.Visitor().API("GET", "/public/funds/"+string(c.Fund.ID), nil).Want(200).Into(&f)
		if f.State != "ended" || f.Money.Balance != 0 || f.Closing.State != "done" || f.Closing.Moved != 123_400 {
			t.Errorf("in public %+v, %+v", f, f.Closing)
		}
		c.Approver.API("POST", at+"/end", nil).Want(403)
	})
}
