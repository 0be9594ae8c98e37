package web_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/payment"
	"gongji/app/party"
)

// closed holds addresses to being somebody else's: who is signed in is
// refused, who is not is asked to sign in.
func closed(t *testing.T, e *apptest.Env, paths []string, others ...*apptest.Person) {
	t.Helper()
	for _, path := range paths {
		for _, p := range others {
			if x := p.Get(path); x.Code != 403 && x.Code != 404 {
				t.Errorf("%s of %s opens %s: %d", p.Actor.Role, p.Actor.OrgName, path, x.Code)
			}
		}
		if x := e.Visitor().Get(path); x.Path != "/account/login" {
			t.Errorf("a visitor opens %s: %d %s", path, x.Code, x.Path)
		}
	}
}

// card is how much a desk says waits behind an address; 0 without the card.
func card(who *apptest.Person, title, href string) int {
	n := 0
	tile := who.Get("/desk").Find(`a.tile[href="` + href + `"]`)
	if tile.Find(".tile-label").Text() == title {
		n, _ = strconv.Atoi(tile.Find(".tile-number").Text()) // what is no number waits for nobody
	}
	return n
}

func kept(p *apptest.Page, name string) string {
	in := p.Find(`[name="` + name + `"]`).First()
	return in.AttrOr("value", in.Text())
}

func TestABudgetByForms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		rival := e.Org(party.Foundation, "别的基金会", party.Officer)
		chief := e.Colleague(rival, party.Approver)
		at := "/foundation/funds/" + string(c.Fund.ID) + "/budget"
		year := at + "?year=2026"
		if p := c.Officer.Get(year); p.Code != 200 || p.Find(`form[action="`+at+`"] input[name="lines.1.name"]`).Length() != 1 || p.Find(`form[action="`+at+`/submit"]`).Length() != 0 {
			t.Fatalf("an empty budget: %d %s", p.Code, p.Text())
		}
		long := strings.Repeat("照", 201)
		p := post(t, c.Officer, 422, at, "year", "2026", "version", "0", "lines.1.name", long, "lines.1.amount", "一百 元", "lines.2.name", "应急帮扶", "lines.2.amount", "4.00")
		for name, want := range map[string]string{"lines.1.name": long, "lines.1.amount": "一百 元", "lines.2.name": "应急帮扶", "lines.2.amount": "4.00", "year": "2026"} {
			if got := kept(p, name); got != want {
				t.Errorf("%s came back as %q", name, got)
			}
		}
		if p.Find(`.error-summary a[href="#f-lines"]`).Length() != 1 || p.Find("#f-lines-error").Length() != 1 {
			t.Error("the mistake is not pointed at")
		}
		save := func(amount string) {
			t.Helper()
			post(t, c.Officer, 200, at, "year", "2026", "lines.1.name", "上门照料", "lines.1.amount", amount, "lines.2.name", "应急帮扶", "lines.2.amount", "400")
		}
		save("一百")
		if p = post(t, c.Officer, 422, at+"/submit", "year", "2026"); kept(p, "lines.1.amount") != "一百" || !p.Has("“上门照料”的金额") {
			t.Errorf("a budget that is none was submitted: %s", p.Text())
		}
		save("600")
		if p = post(t, c.Officer, 200, at+"/submit", "year", "2026"); !p.Has("待审批") || p.Find(`form[action="`+at+`/decide"]`).Length() != 0 || p.Find("#f-lines[disabled]").Length() != 1 {
			t.Errorf("submitted: %s", p.Text())
		}
		if a, o := card(c.Approver, "待审批的预算", year), card(c.Officer, "待审批的预算", year); a != 1 || o != 0 {
			t.Errorf("it waits for the approver %d times, for its drafter %d", a, o)
		}
		post(t, c.Officer, 403, at+"/decide", "year", "2026", "decision", "approve")
		if p = post(t, c.Approver, 422, at+"/decide", "year", "2026", "decision", "return", "reason", strings.Repeat("长", 2001)); kept(p, "reason") != strings.Repeat("长", 2001) || p.Find("#f-reason-error").Length() != 1 {
			t.Errorf("a reason too long: %s", p.Find(".error-summary").Text())
		}
		post(t, c.Approver, 200, at+"/decide", "year", "2026", "decision", "return", "reason", "照料的单价偏高")
		if n := card(c.Officer, "退回待修改的预算", year); n != 1 || card(c.Approver, "待审批的预算", year) != 0 || !c.Officer.Get(year).Has("照料的单价偏高") {
			t.Errorf("sent back: %d", n)
		}
		save("500")
		post(t, c.Officer, 200, at+"/submit", "year", "2026")
		if p = post(t, c.Approver, 200, at+"/decide", "year", "2026", "decision", "approve"); !p.Has("执行中") || p.Find(`table td:contains("上门照料")`).Length() == 0 {
			t.Errorf("approved: %s", p.Text())
		}
		post(t, c.Approver, 403, at+"/decide", "year", "2026", "decision", "approve")
		if p = e.Visitor().Get("/funds/" + string(c.Fund.ID)); !p.Has("上门照料") || !p.Has("500.00") || p.Has("单价偏高") {
			t.Errorf("the public page: %s", p.Text())
		}
		closed(t, e, []string{year}, rival, chief, c.Company, c.Donor)
		for _, who := range []*apptest.Person{rival, chief, c.Company} {
			for _, step := range []string{"", "/submit", "/decide"} {
				if x := who.Post(at+step, values("year", "2026", "lines.1.name", "改", "lines.1.amount", "1", "decision", "approve")); x.Code != 403 && x.Code != 404 {
					t.Errorf("%s posts to %s: %d", who.Actor.OrgName, step, x.Code)
				}
			}
		}
	})
}

func TestAFundEndsByForms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		h := &fundtest.House{DB: e.DB, Clock: e.Time, Ledger: e.Ledger, Funds: e.Funds, Attachments: e.Attachments, Officer: c.Officer.Actor, Approver: c.Approver.Actor, Finance: c.Finance.Actor}
		h.Give(t, c.Fund, 1_234_00)
		to := h.Active(t, "社区助老专项基金")
		rival := e.Org(party.Foundation, "别的基金会", party.Officer)
		chief := e.Colleague(rival, party.Approver)
		at := "/foundation/funds/" + string(c.Fund.ID) + "/closing"
		if p := c.Officer.Get(at); p.Code != 200 || p.Find(`form[action="`+at+`"] input[name="surplus_to"]`).Length() != 2 || p.Find(`select[name="to_fund"] option[value="`+string(to.ID)+`"]`).Length() != 1 {
			t.Fatalf("the page: %d %s", p.Code, p.Text())
		}
		if p := c.Finance.Get(at); p.Code != 200 || p.Find("main form").Length() != 0 {
			t.Errorf("finance may propose: %d", p.Code)
		}
		wrong := map[string]string{"reason": "短", "surplus_to": "fund", "to_fund": string(to.ID), "to_org": "随便一家", "likeness": "像", "left_open": "认捐甲改捐乙", "board_on": "2026-06-31", "board_no": "次"}
		form := url.Values{}
		for k, v := range wrong {
			form.Set(k, v)
		}
		p := c.Officer.Post(at, form)
		if p.Code != 422 {
			t.Fatalf("nonsense was proposed: %d", p.Code)
		}
		for name := range wrong {
			var v string
			switch name {
			case "surplus_to":
				v = p.Find(`input[name="surplus_to"][checked]`).AttrOr("value", "none kept")
			case "to_fund":
				v = p.Find(`select[name="to_fund"] option[selected]`).AttrOr("value", "none kept")
			default:
				v = kept(p, name)
			}
			if v != wrong[name] {
				t.Errorf("%s came back as %q", name, v)
			}
		}
		for _, field := range []string{"reason", "likeness", "board_on", "board_no"} {
			if p.Find(`.error-summary a[href="#f-`+field+`"]`).Length() != 1 || p.Find("#f-"+field+"-error").Length() != 1 {
				t.Errorf("%s is not pointed at", field)
			}
		}
		good := func() url.Values {
			return values("reason", "设立的目的已经实现", "surplus_to", "fund", "to_fund", string(to.ID), "likeness", "都用于横沥镇的社区服务", "board_on", "2026-05-30", "board_no", "管委会第三次会议")
		}
		if x := c.Approver.Post(at, good()); x.Code != 403 {
			t.Errorf("the approver proposed: %d", x.Code)
		}
		if p = c.Officer.Post(at, good()); p.Code != 200 || p.Path != at || p.Find(`a[href="#resolution"]`).Length() == 0 {
			t.Fatalf("proposed: %d %s", p.Code, p.Text())
		}
		if p = post(t, c.Approver, 409, at+"/end"); p.Find(".error-summary").Length() != 1 || !strings.Contains(p.Find(".error-summary").Text(), "决议") {
			t.Errorf("ended without the resolution: %s", p.Text())
		}
		c.Officer.Upload("/attachments/fund_resolution/"+string(c.Fund.ID), "决议.pdf", fundtest.Agreement, values("back", at))
		if a, o := card(c.Approver, "待决定的终止", at), card(c.Officer, "清算中的基金", at); a != 1 || o != 1 {
			t.Errorf("it waits for the approver %d times, for the officer %d", a, o)
		}
		paper := c.Officer.Get(at).Find(`#resolution a[href^="/attachments/"]`).AttrOr("href", "")
		if paper == "" {
			t.Fatal("the resolution is not there")
		}
		if p = post(t, c.Approver, 422, at+"/resume", "reason", strings.Repeat("不", 2001)); kept(p, "reason") != strings.Repeat("不", 2001) || p.Find("details[open] #f-reason-error").Length() != 1 {
			t.Errorf("resumed: %s", p.Find(".error-summary").Text())
		}
		post(t, c.Officer, 403, at+"/end")
		closed(t, e, []string{at}, rival, chief, c.Company, c.Donor)
		for _, who := range []*apptest.Person{rival, chief, c.Company, e.Visitor()} {
			if x := who.Get(paper); x.Code == 200 && x.Path == paper {
				t.Errorf("%s of %s reads the resolution", who.Actor.Role, who.Actor.OrgName)
			}
			for _, step := range []string{"", "/resume", "/end"} {
				if x := who.Post(at+step, values("reason", "与我们无关的基金")); x.Code == 200 && x.Path != "/account/login" || x.Code == 422 {
					t.Errorf("%s of %s posts to %s: %d", who.Actor.Role, who.Actor.OrgName, step, x.Code)
				}
			}
		}
		if p = post(t, c.Approver, 200, at+"/end"); !p.Has("已终止") || !p.Has("1,234.00") || p.Find("main form").Length() != 0 {
			t.Errorf("ended: %s", p.Text())
		}
		if p = e.Visitor().Get("/funds/" + string(c.Fund.ID)); !p.Has("设立的目的已经实现") || !p.Has("1,234.00") || p.Has("决议.pdf") {
			t.Errorf("the public page: %s", p.Text())
		}
		if card(c.Approver, "待决定的终止", at)+card(c.Officer, "清算中的基金", at) != 0 {
			t.Error("an ended fund still waits")
		}
		post(t, c.Approver, 403, at+"/end")
	})
}

func TestPaymentLimitsByForms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		deputy := e.Colleague(c.Approver, party.Approver)
		rival := e.Org(party.Foundation, "别的基金会", party.Approver)
		const at = "/foundation/payment-limits"
		if p := c.Officer.Get(at); p.Code != 200 || p.Find("main form").Length() != 0 {
			t.Errorf("an officer may propose: %d", p.Code)
		}
		p := post(t, c.Finance, 422, at, "two_above", "一万", "board_above", "50,000.005")
		if kept(p, "two_above") != "一万" || kept(p, "board_above") != "50,000.005" || p.Find("#f-two_above-error").Length() != 1 || p.Find("#f-board_above-error").Length() != 1 {
			t.Errorf("not kept: %s", p.Find("main").Text())
		}
		if p = post(t, c.Finance, 422, at, "two_above", "500", "board_above", "499.99"); kept(p, "two_above") != "500" || kept(p, "board_above") != "499.99" {
			t.Errorf("not kept: %s", p.Find("main").Text())
		}
		if p = post(t, c.Approver, 200, at, "two_above", "100", "board_above", "500"); !p.Has("100.00") || p.Find(`form[action$="/decide"]`).Length() != 0 {
			t.Errorf("proposed: %s", p.Text())
		}
		if p = post(t, c.Finance, 409, at, "two_above", "1", "board_above", ""); p.Find(".error-summary").Length() != 1 {
			t.Error("two proposals at once")
		}
		if d, own := card(deputy, "待决定的审批限额", at), card(c.Approver, "待决定的审批限额", at); d != 1 || own != 0 {
			t.Errorf("it waits for the deputy %d times, for the proposer %d", d, own)
		}
		decide := deputy.Get(at).Find(`form[action$="/decide"]`).AttrOr("action", "")
		long := strings.Repeat("不", 2001)
		if p = post(t, deputy, 422, decide, "decision", "refuse", "reason", long); kept(p, "reason") != long || p.Find("#f-reason-error").Length() != 1 {
			t.Errorf("a reason too long: %s", p.Find(".error-summary").Text())
		}
		post(t, deputy, 422, decide, "decision", "refuse")
		post(t, c.Approver, 403, decide, "decision", "agree")
		post(t, rival, 404, decide, "decision", "agree")
		if p = rival.Get(at); p.Code != 200 || p.Has("100.00") {
			t.Errorf("another foundation reads the proposal: %d", p.Code)
		}
		closed(t, e, []string{at}, c.Company, c.Donor)
		if p = post(t, deputy, 200, decide, "decision", "agree"); !p.Has("单笔超过 100.00 元：两位") || card(deputy, "待决定的审批限额", at) != 0 {
			t.Errorf("agreed: %s", p.Text())
		}
		twice(t, e, c, deputy)
	})
}

// twice is a payment that two people approve: who has approved is not asked
// again.
func twice(t *testing.T, e *apptest.Env, c *apptest.Charity, deputy *apptest.Person) {
	t.Helper()
	e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
	h := &fundtest.House{DB: e.DB, Clock: e.Time, Ledger: e.Ledger, Officer: c.Officer.Actor, Finance: c.Finance.Actor}
	h.Give(t, c.Fund, 1_000_00)
	x, err := e.Payments.Create(t.Context(), c.Officer.Actor, c.Fund.ID, payment.Form{Payee: "晨光社会工作服务中心", Purpose: "上门照料服务", Amount: "200"})
	must(t, err)
	c.Officer.Upload("/attachments/payment/"+string(x.ID), "协议.pdf", fundtest.Agreement, nil)
	_, err = e.Payments.Submit(t.Context(), c.Officer.Actor, x.ID)
	must(t, err)
	const waits, list = "待审批的付款", "/foundation/payments?mine=1&state=review"
	asked := func() [2]int { return [2]int{card(c.Approver, waits, list), card(deputy, waits, list)} }
	if n := asked(); n != [2]int{1, 1} {
		t.Errorf("before: %v", n)
	}
	post(t, c.Approver, 200, "/foundation/payments/"+string(x.ID)+"/decide", "decision", "approve")
	if n := asked(); n != [2]int{0, 1} {
		t.Errorf("after the first approval: %v", n)
	}
	if own, other := c.Approver.Get(list).Find("table tbody tr").Length(), deputy.Get(list).Find("table tbody tr").Length(); own != 0 || other != 1 {
		t.Errorf("the lists: %d and %d", own, other)
	}
	if all := c.Approver.Get("/foundation/payments?state=review").Find("table tbody tr").Length(); all != 1 {
		t.Errorf("who approved cannot find it any more: %d", all)
	}
	post(t, deputy, 200, "/foundation/payments/"+string(x.ID)+"/decide", "decision", "approve")
	const pay = "/foundation/payments?mine=1&state=approved"
	if n := [2]int{card(deputy, waits, list), card(c.Finance, "待付款的付款", pay)}; n != [2]int{0, 1} {
		t.Errorf("after the second: %v", n)
	}
}
