package api_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/standing/standingtest"
)

// The pages and the API of a result that is given up before a contract: the
// winner refuses, the officer puts forward, another decides, the next follows;
// then the next is listed, and the purchase ends.
func TestAResultGivenUpOnPagesAndAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		approver := e.Colleague(officer, party.Approver)
		at, keys := published(e, officer, approver)
		var bidders []*apptest.Person
		for i := range 3 {
			p := e.Org(party.Social, fmt.Sprintf("第%d社会工作服务中心", i+1), party.Lead)
			bidders = append(bidders, p)
			sendBid(t, e, p, keys.Tender, 700_000*money.Yuan+money.Fen(i)*10_000*money.Yuan)
			e.Time.Advance(time.Second)
		}
		e.Time.Set(mustTime(t, "2026-06-22T09:00:00+08:00"))
		opened(t, e, keys, at, officer, bidders)
		evaluate(t, e, officer, at)
		for _, p := range append(bidders, officer, approver) {
			p.SignIn() // three weeks have passed
		}
		order := ranked(t, officer, at)
		officer.API("POST", at+"/award", m{"bid": order[0].Bid}).Want(201)
		approver.API("POST", at+"/award/decide", m{"approve": true}).Want(200)
		who := func(supplier string) *apptest.Person {
			for _, p := range bidders {
				if string(p.Actor.Org) == supplier {
					return p
				}
			}
			t.Fatal("no such bidder")
			return nil
		}
		first, second, third := who(order[0].Supplier), who(order[1].Supplier), who(order[2].Supplier)

		for _, p := range []*apptest.Person{second, e.Visitor(), approver} {
			if page := p.Get(at + "/award"); page.Code != 200 || page.Find("#refuse").Length() != 0 || page.Find("form[action$='/award/forfeit']").Length() != 0 {
				t.Errorf("%s is offered to refuse or to give up: %d", p.Actor.OrgName, page.Code)
			}
		}
		if page := first.Post(at+"/award/refuse", url.Values{"refusal": {"无"}}); page.Code != 422 || page.Find("#f-refusal[aria-invalid]").Length() != 1 || page.Find("#refuse[open]").Length() != 1 {
			t.Errorf("refused without a reason: %d", page.Code)
		}
		if page := first.Post(at+"/award/refuse", url.Values{"refusal": {"骨干人员离职，无法按承诺履行。"}}); page.Code != 200 || !page.Has("等待采购人办理") {
			t.Errorf("refused: %d %s", page.Code, page.Text())
		}
		second.API("POST", at+"/award/refuse", m{"reason": "与我无关的拒绝"}).Want(404)
		if page := officer.Get(at); page.Find("a[href='"+at+"/award#forfeit']").Length() == 0 {
			t.Error("the officer's next step does not say so")
		}
		if page := officer.Get(at + "/contract"); page.Find("a[href='"+at+"/award#forfeit']").Length() == 0 {
			t.Error("the contract's page does not say so")
		}
		if page := officer.Get(at + "/award"); page.Find("#forfeit[open] input[name=cause][value=refused][checked]").Length() != 1 || !page.Has("按评审排序确定下一候选人："+second.Actor.OrgName) {
			t.Errorf("the form: %s", page.Find("#forfeit").Text())
		}
		bad := officer.Post(at+"/award/forfeit", url.Values{"cause": {"unsigned"}, "forfeit_reason": {"催告后没有来签"}})
		if bad.Code != 422 || bad.Find(".error-summary a[href='#f-cause']").Length() != 1 || bad.Find(".error-summary a[href='#f-course']").Length() != 1 || bad.Find("#f-forfeit_reason").Text() != "催告后没有来签" {
			t.Errorf("too early: %d %s", bad.Code, bad.Find(".error-summary").Text())
		}
		if page := officer.Post(at+"/award/forfeit", url.Values{"cause": {"refused"}, "course": {"next"}, "forfeit_reason": {"两次书面催告后仍不签订合同。"}}); page.Code != 200 || !page.Has("等待另一位审批人批准") {
			t.Fatalf("put forward: %d %s", page.Code, page.Find(".error-summary").Text())
		}
		if page := approver.Get("/desk"); !page.Has("待审批的结果变更") {
			t.Error("the approver's desk does not say it waits")
		}
		if page := e.Visitor().Get(at + "/award"); page.Has("催告") {
			t.Error("public before it is decided")
		}
		if page := approver.Post(at+"/award/forfeit/decide", url.Values{"decision": {"return"}}); page.Code != 422 || page.Find("#f-forfeit_note[aria-invalid]").Length() != 1 {
			t.Errorf("sent back without a reason: %d", page.Code)
		}
		if page := approver.Post(at+"/award/forfeit/decide", url.Values{"decision": {"approve"}}); page.Code != 200 || !page.Has("两次书面催告后仍不签订合同") {
			t.Fatalf("decided: %d %s", page.Code, page.Text())
		}
		seen := e.Visitor().Get(at + "/award")
		if seen.Code != 200 || seen.Find("#changes a[href='/organisations/"+order[0].Supplier+"']").Length() != 1 || !seen.Has("政府采购法实施条例第49条") || seen.Has("骨干人员离职") {
			t.Errorf("the public reads %d %s", seen.Code, seen.Text())
		}
		if page := officer.Get(at + "/award"); page.Find("input[name=bid][checked]").AttrOr("value", "") != order[1].Bid {
			t.Error("the next candidate is not chosen beforehand")
		}
		officer.API("POST", at+"/award", m{"bid": order[1].Bid}).Want(201)
		approver.API("POST", at+"/award/decide", m{"approve": true}).Want(200)
		var res struct {
			Award   struct{ Supplier string }
			Changes []struct{ Supplier, Cause string }
		}
		e.Visitor().API("GET", "/public"+at+"/award", nil).Want(200).Into(&res)
		if res.Award.Supplier != order[1].Supplier || len(res.Changes) != 1 || res.Changes[0].Supplier != order[0].Supplier || res.Changes[0].Cause != "refused" {
			t.Errorf("%+v", res)
		}

		supervisor, another := e.Colleague(officer, party.Supervisor), e.Colleague(officer, party.Approver)
		l := standingtest.Listed(t, e.Standing, supervisor.Actor, another.Actor, second.Actor, "ban")
		if page := officer.Get(at + "/award"); page.Find("#forfeit[open] a[href='/listings/"+string(l.ID)+"']").Length() != 1 || page.Find("#forfeit input[value=barred][checked]").Length() != 1 {
			t.Error("the form does not say who is listed")
		}
		officer.API("POST", at+"/award/forfeit", m{"cause": "barred", "course": "next", "reason": "短"}).Want(422)
		officer.API("POST", at+"/award/forfeit", m{"cause": "barred", "course": "again", "reason": "需求已有变化，重新开展采购。"}).Want(201)
		officer.API("POST", at+"/award/forfeit/decide", m{"approve": true}).Want(403)
		approver.API("POST", at+"/award/forfeit/decide", m{"approve": true}).Want(200)
		var list []struct{ State string }
		officer.API("GET", at+"/award/forfeits", nil).Want(200).Into(&list)
		if len(list) != 2 {
			t.Errorf("%+v", list)
		}
		if page := e.Visitor().Get(at); page.Code != 200 || !page.Has("重新开展采购活动") {
			t.Errorf("the notice: %d", page.Code)
		}
		if page := third.Get("/inbox"); !page.Has("采购已终止") {
			t.Error("the third was not told")
		}
	})
}

type line struct {
	Bid, Supplier string
	Rank          int
}

// ranked is the order of the evaluation with who made each bid.
func ranked(t *testing.T, officer *apptest.Person, at string) []line {
	t.Helper()
	var r struct {
		Record struct {
			Lines   []line
			Bidders []line
		} `json:"record"`
	}
	officer.API("GET", at+"/ranking", nil).Want(200).Into(&r)
	for i := range r.Record.Lines {
		for _, b := range r.Record.Bidders {
			if b.Bid == r.Record.Lines[i].Bid {
				r.Record.Lines[i].Supplier = b.Supplier
			}
		}
	}
	return r.Record.Lines
}
