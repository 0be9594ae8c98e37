package web_test

import (
	"net/url"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/bank"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

const bankHead = "交易日期,收入,支出,对方户名,附言,流水号\n"

// TestStatementPages goes through the pages of the bank's statements over HTTP,
// on both sets of parts: who may, what a mistake costs, what is kept.
func TestStatementPages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		second := e.Colleague(c.Approver, party.Finance)
		for who, code := range map[*apptest.Person]int{c.Officer: 404, c.Reviewer: 404, c.Donor: 403} {
			if p := who.Get("/foundation/bank"); p.Code != code {
				t.Errorf("%s: %d", who.Actor.Role, p.Code)
			}
		}
		if p := c.Approver.Get("/foundation/bank/new"); p.Code != 403 {
			t.Errorf("the 秘书长 enters accounts: %d", p.Code)
		}
		f := url.Values{"name": {"中国银行横沥支行"}, "tail": {"8801"}, "opened_on": {"2026-05-01"}, "opening": {"一千"}}
		p := c.Finance.Post("/foundation/bank/new", f)
		if p.Code != 422 || p.Find("#f-name").AttrOr("value", "") != "中国银行横沥支行" || p.Find("#f-opening-error").Length() != 1 {
			t.Errorf("%d: what was typed is lost", p.Code)
		}
		f.Set("opening", "1000")
		if p = c.Finance.Post("/foundation/bank/new", f); !p.Has("1,000.00") {
			t.Fatal("the account is not listed")
		}
		account, _ := c.Finance.Get("/foundation/bank/imports/new").Find("#f-bank option[selected]").Attr("value")
		if p = c.Finance.Upload("/foundation/bank/imports", "a.png", []byte("\x89PNG"), url.Values{"bank": {account}}); p.Code != 422 || !p.Has("CSV 或 XLSX") ||
			p.Find("#f-bank option[selected]").AttrOr("value", "") != account {
			t.Errorf("a picture: %d", p.Code)
		}
		amount := 200 * money.Yuan
		d, err := e.Donations.Pledge(t.Context(), c.Donor.Actor, donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &amount, Method: "银行转账",
			Relation: donation.Declared, RelationNote: "受益社区的居委会主任是我姐姐", Agree: true, NoBenefit: true})
		if err != nil {
			t.Fatal(err)
		}
		body := bankHead + "2026-05-20,200,,欧阳娜娜," + d.Reference + ",S00000001\n2026-05-21,50,,=cmd()|x,<script>,S00000002\n"
		p = c.Finance.Upload("/foundation/bank/imports", "五月.csv", []byte(body), url.Values{"bank": {account}})
		if p.Code != 200 || p.Find(`form[action$="/begin"]`).Length() != 1 || p.Find("script:not([src])").Length() != 0 {
			t.Fatalf("%d %s", p.Code, p.Text())
		}
		at, _ := p.Find(`form[action$="/begin"]`).Attr("action")
		if q := second.Get(strings.TrimSuffix(at, "/begin")); !q.Has("五月.csv") {
			t.Error("a colleague does not see the import")
		}
		c.Finance.Post(at, nil)
		e.Settle()
		p = c.Finance.Get("/foundation/bank/lines?sure=sure")
		line, _ := p.Find("input[name=line]").Attr("value")
		if p.Find("input[name=line][checked]").Length() != 1 || p.Find(`form[action="/foundation/bank/lines/propose"]`).Length() != 1 {
			t.Fatalf("the batch: %s", p.Text())
		}
		c.Finance.Post("/foundation/bank/lines/propose", url.Values{"line": {line}, "back": {"sure=sure"}})
		if p = c.Finance.Get("/foundation/bank/lines/" + line); p.Find(`form[action$="/confirm"]`).Length() != 0 || !p.Has("导入和匹配的人不能确认") {
			t.Error("who matched is offered to confirm")
		}
		p = second.Post("/foundation/bank/lines/confirm", url.Values{"line": {line}, "back": {"mine=confirm"}})
		if p.Code != 409 || !p.Has("没有办成") || !p.Has("利害关系") {
			t.Errorf("a declared relation in a batch: %d %s", p.Code, p.Text())
		}
		p = second.Get("/foundation/bank/lines/" + line)
		key, _ := p.Find("input[name=key]").Attr("value")
		for range 2 { // pressed twice
			if p = second.Post("/foundation/bank/lines/"+line+"/confirm", url.Values{"key": {key}, "relation_checked": {"yes"}}); p.Code != 200 || !p.Has("已确认") {
				t.Errorf("%d %s", p.Code, p.Text())
			}
		}
		if p.Find(`form[action$="/reverse"]`).Length() != 0 || !p.Has("办理退回") {
			t.Error("a donation can be undone at the bank")
		}
		undoneOverHTTP(t, c, second)
		csv := c.Finance.Get("/foundation/bank/lines/export.csv")
		if !strings.Contains(string(csv.Body), "'=cmd()|x") || !strings.Contains(string(csv.Body), "欧阳娜娜") {
			t.Errorf("export %s", csv.Body)
		}
		if p = c.Finance.Get("/foundation/bank/lines?q=nobody"); !p.Has("没有符合条件的流水") {
			t.Error("no empty state")
		}
		p = c.Finance.Post("/foundation/bank/months/2026-05/prepare", url.Values{"stated." + account: {"1250"}})
		if p.Code != 422 || p.Find("#f-note-error").Length() != 1 || p.Find("#f-stated\\."+account+", #f-stated-"+account).AttrOr("value", "") != "1250" {
			t.Errorf("a line left without a word: %d %s", p.Code, p.Text())
		}
		if other := e.Org(party.Foundation, "别家基金会", party.Finance); other.Get("/foundation/bank/lines/"+line).Code != 404 {
			t.Error("another foundation sees the line")
		}
	})
}

// undoneOverHTTP books the other line as something else, and undoes it.
func undoneOverHTTP(t *testing.T, c *apptest.Charity, second *apptest.Person) {
	t.Helper()
	href, _ := c.Finance.Get("/foundation/bank/lines?state=open").Find("table a[href*='/bank/lines/']").Attr("href")
	c.Finance.Post(href+"/match", url.Values{"target": {"other"}, "note": {"活期利息"}, "go": {"stay"}})
	second.Post(href+"/confirm", nil)
	p := c.Finance.Post(href+"/reverse", url.Values{"reason": {" "}})
	if p.Code != 422 || p.Find("details[open] #f-reason-error").Length() != 1 {
		t.Errorf("undone without a reason: %d %s", p.Code, p.Text())
	}
	if p = c.Finance.Post(href+"/reverse", url.Values{"reason": {"不是利息，是捐款"}}); !p.Has("申请的人不能决定") || p.Find(`form[action$="/reverse/decide"]`).Length() != 0 {
		t.Errorf("who asked is offered to decide: %s", p.Text())
	}
	if p = c.Officer.Post(href+"/reverse/decide", url.Values{"decision": {"reverse"}}); p.Code != 404 && p.Code != 403 {
		t.Errorf("the officer decides: %d", p.Code)
	}
	if p = second.Get("/desk"); p.Find(`a[href="/foundation/bank/lines?mine=reverse"]`).Length() != 1 {
		t.Error("the second person's desk does not say so")
	}
	if p = second.Get("/foundation/bank/lines?mine=reverse"); p.Find("table a[href='"+href+"']").Length() != 1 {
		t.Errorf("the list of reversals: %s", p.Text())
	}
	if p = second.Post(href+"/reverse/decide", url.Values{"decision": {"reverse"}, "key": {"K"}}); !p.Has("重新等待核对") || !p.Has("待认领") {
		t.Errorf("not undone: %d %s", p.Code, p.Text())
	}
}

// TestStatementAPI walks the same way by API, the key of every step that moves
// money in the header.
func TestStatementAPI(t *testing.T) {
	e := apptest.SQLite(t)
	c := e.Charity()
	var a bank.Account
	c.Finance.API("POST", "/bank/accounts", bank.Opening{Name: "某行", Tail: "1234", Opening: 100, OpenedOn: "2026-05-01"}).Want(201).Into(&a)
	var i bank.Import
	c.Finance.Send("/bank/accounts/"+string(a.ID)+"/imports", "流水.csv", []byte(bankHead+"2026-05-02,,5,某行,手续费,S00000001\n")).Want(201).Into(&i)
	c.Finance.API("POST", "/bank/imports/"+string(i.ID)+"/begin", nil).Want(200)
	e.Settle()
	var lines struct{ Items []bank.Item }
	c.Finance.API("GET", "/bank/lines?state=open", nil).Want(200).Into(&lines)
	at := "/bank/lines/" + string(lines.Items[0].ID)
	c.Finance.API("POST", at+"/match", bank.Proposal{Kind: bank.Sundry}).Want(422)
	c.Finance.API("POST", at+"/match", bank.Proposal{Kind: bank.Sundry, Note: "账户手续费"}).Want(200)
	c.Finance.API("POST", at+"/confirm", bank.Decision{}).Want(403)
	for range 2 {
		c.Approver.API("POST", at+"/confirm", bank.Decision{}, "Idempotency-Key", "k1").Want(200)
	}
	c.Approver.API("POST", at+"/reverse", map[string]string{"reason": "写错了"}).Want(200)
	c.Approver.API("POST", at+"/reverse/decide", bank.Doubt{Approve: true}).Want(403)
	for range 2 {
		c.Finance.API("POST", at+"/reverse/decide", bank.Doubt{Approve: true}, "Idempotency-Key", "k2").Want(200)
	}
	c.Finance.API("POST", at+"/match", bank.Proposal{Kind: bank.Sundry, Note: "账户手续费"}).Want(200)
	c.Approver.API("POST", at+"/confirm", bank.Decision{}, "Idempotency-Key", "k3").Want(200)
	c.Finance.API("POST", "/bank/months/2026-05/prepare", map[string]any{"balances": map[string]int{string(a.ID): -400}}).Want(200)
	c.Approver.API("POST", "/bank/months/2026-05/close", struct{}{}).Want(200)
	c.Finance.API("GET", "/bank/months/2026-05", nil).Want(200)
}
