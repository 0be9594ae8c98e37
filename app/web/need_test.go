package web_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/inbox"
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

func TestIntentionsInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		if p := e.Visitor().Get("/intentions"); p.Find(".empty").Length() != 1 || p.Find(".filter").Length() != 1 {
			t.Error("no empty state for the public")
		}
		if p := x.officer.Get("/bureau/intentions"); p.Find(".empty a[href='/bureau/intentions/new']").Length() != 1 {
			t.Error("the officer's empty list does not say what to do")
		}
		bad := form("title", "居家养老上门服务", "what", "为老人上门", "region", "湖北省武汉市", "budget", "七十七万", "expected", "明年")
		p := x.officer.Post("/bureau/intentions", bad)
		if p.Code != 422 || p.Find("#f-budget").AttrOr("value", "") != "七十七万" || p.Find("#f-title").AttrOr("value", "") != "居家养老上门服务" || p.Find(".error-summary a[href='#f-budget']").Length() != 1 {
			t.Errorf("a budget in words: %d %s", p.Code, p.Find(".error-summary").Text())
		}
		good := form("title", "居家养老上门服务", "what", "为 250 位高龄老人提供每月两次上门服务", "region", "湖北省武汉市", "budget", "770000", "expected", "2026-07")
		if p = x.officer.Post("/bureau/intentions", good); p.Code != 200 || !p.Has("等待审批") {
			t.Fatalf("second try: %d %s", p.Code, p.Text())
		}
		at := strings.Replace(p.Path, "/intentions/", "/bureau/intentions/", 1)
		for _, who := range []*apptest.Person{e.Visitor(), x.a, x.other} {
			if got := who.Get(p.Path); got.Code != 404 {
				t.Errorf("a stranger sees a draft: %d", got.Code)
			}
		}
		if got := x.a.Post("/bureau/intentions", good); got.Code != 403 {
			t.Errorf("a supplier drafts one: %d", got.Code)
		}
		if got := x.officer.Post(at+"/publish", nil); got.Code != 403 {
			t.Errorf("its drafter publishes it: %d", got.Code)
		}
		if got := x.approver.Post(at+"/return", form("reason", " ")); got.Code != 422 || got.Find("#f-reason[aria-invalid]").Length() != 1 {
			t.Errorf("returned without a reason: %d", got.Code)
		}
		x.approver.Post(at+"/return", form("reason", "请核对预算"))
		if got := x.officer.Get(p.Path); !got.Has("请核对预算") {
			t.Error("the reason is not shown to its drafter")
		}
		if got := x.approver.Post(at+"/publish", nil); got.Code != 200 || !got.Has("GJ意〔2026〕0001号") || !got.Has("2026年7月1日") {
			t.Errorf("publish: %d %s", got.Code, got.Text())
		}
		if got := x.approver.Post(at+"/publish", nil); got.Code != 403 {
			t.Errorf("published again: %d", got.Code)
		}
		if got := x.officer.Post(at+"/edit", good); got.Code != 403 {
			t.Errorf("changed after publication: %d", got.Code)
		}
		list := e.Visitor().Get("/intentions?q=" + q("养老"))
		if list.Find("tbody tr").Length() != 1 || !list.Has("共 1 条") || !list.Has("2026年7月") || list.Find(".filter a[href*='export.csv?q=']").Length() != 1 {
			t.Errorf("list: %s", list.Find("main").Text())
		}
		if got := e.Visitor().Get("/intentions?q=" + q("没有")); got.Find(".empty a[href='/intentions']").Length() != 1 {
			t.Error("nothing found says nothing")
		}
		if got := e.Visitor().Get("/intentions/export.csv"); !strings.Contains(string(got.Body), "GJ意〔2026〕0001号") {
			t.Errorf("export: %s", got.Body)
		}
		if got := x.officer.Get("/bureau/intentions?state=draft"); got.Find(".empty").Length() != 1 {
			t.Error("a published one is among the drafts")
		}
		plannedDates(t, x, id.ID(strings.TrimPrefix(p.Path, "/intentions/")))
	})
}

// plannedDates checks a draft that names an intention still waiting.
func plannedDates(t *testing.T, x *bureau, named id.ID) {
	t.Helper()
	draft := x.officer.Post("/bureau/tenders", form("title", "居家养老上门服务")).Path
	draftPages(t, x.officer, draft, map[string]string{"intention": string(named), "intention_exempt": ""})
	p := x.officer.Get(draft + "/check").Find("#planned")
	rows := p.Find("tbody tr")
	if rows.Length() != 3 || !strings.Contains(rows.Eq(0).Text(), "2026年7月1日") || !strings.Contains(rows.Eq(0).Text(), "财库〔2020〕10号") {
		t.Errorf("the earliest publication is not shown: %s", p.Text())
	}
	// A deadline that was lawful for today is not for the day it may be published.
	if last := rows.Eq(2).Text(); !strings.Contains(last, "2026年6月22日 09:00") || !strings.Contains(last, "2026年7月21日") || !strings.Contains(last, "早于法定最早") {
		t.Errorf("the deadline: %s", last)
	}
}

func TestASurveyInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		at := x.officer.Post("/bureau/tenders", form("title", "居家养老上门服务")).Path + "/survey"
		if p := x.officer.Get(at); p.Find(".empty").Length() != 1 || p.Find(".filter").Length() != 0 {
			t.Error("no empty state")
		}
		entry := form("name", "晨光社会工作服务中心", "kind", "market", "asked_on", "2026-05-20", "findings", "可")
		p := x.officer.Post(at, entry)
		if p.Code != 422 || p.Find("#f-name").AttrOr("value", "") != "晨光社会工作服务中心" || p.Find("#f-asked_on").AttrOr("value", "") != "2026-05-20" || p.Find("#f-findings").Text() != "可" || p.Find("[name=kind][checked]").AttrOr("value", "") != "market" {
			t.Errorf("a finding of one word: %d %s", p.Code, p.Find("form").Text())
		}
		entry.Set("findings", "可以提供上门服务，每次约 60 元")
		if p = x.officer.Post(at, entry); p.Code != 200 || p.Find("article.card").Length() != 1 {
			t.Errorf("second try: %d", p.Code)
		}
		if p = x.officer.Post(at, entry); p.Code != 422 || p.Find("article.card").Length() != 1 || !p.Has("已经登记过") {
			t.Errorf("sent again: %d, %d entries", p.Code, p.Find("article.card").Length())
		}
		x.officer.Post(at, form("name", "青山区的老人", "kind", "user", "asked_on", "2026-05-21", "findings", "希望增加助浴"))
		if p = x.officer.Get(at + "?kind=user"); p.Find("article.card").Length() != 1 || !p.Has("共 1 个") || !p.Has("希望增加助浴") {
			t.Errorf("filter: %s", p.Find("main").Text())
		}
		if p = x.officer.Get(at + "?q=" + q("没有")); p.Find(".empty").Length() != 1 {
			t.Error("nothing found says nothing")
		}
		if p = x.officer.Get(at + "/export.csv"); strings.Count(string(p.Body), "\n") != 3 {
			t.Errorf("export: %s", p.Body)
		}
		if p = x.officer.Post(at+"/conclusion", form("conclusion", "好", "few", "只有两家")); p.Code != 422 || p.Find("#f-few").Text() != "只有两家" {
			t.Errorf("a conclusion of one word: %d", p.Code)
		}
		if p = x.officer.Post(at+"/conclusion", form("conclusion", "市场竞争充分", "few", "只有两家")); p.Code != 200 {
			t.Errorf("conclude: %d", p.Code)
		}
		for who, code := range map[*apptest.Person]int{x.other: 404, x.a: 403, x.approver: 200} {
			if p := who.Get(at); p.Code != code || p.Find("form[action$='/conclusion']").Length() != 0 {
				t.Errorf("%s: %d", who.Login, p.Code)
			}
			if p := who.Get(at + "/export.csv"); p.Code != code {
				t.Errorf("%s exports: %d", who.Login, p.Code)
			}
		}
	})
}

func TestDocumentsAndQuestionsInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		x.publish(t, e, nil)
		takes, asks := x.notice+"/takes", x.notice+"/questions"
		if p := x.officer.Get(takes); p.Find(".empty").Length() != 1 {
			t.Error("no empty state of the log")
		}
		for _, who := range []*apptest.Person{x.a, x.a, e.Visitor(), x.officer} {
			if p := who.Get(x.notice + "/document"); p.Code != 200 || !bytes.HasPrefix(p.Body, []byte("%PDF")) {
				t.Errorf("take: %d", p.Code)
			}
		}
		p := x.officer.Get(takes)
		if p.Find("tbody tr").Length() != 3 || !p.Has("共 1 家供应商领取，下载 3 次") || !p.Has("晨光社会工作服务中心") || !p.Has("访客") {
			t.Errorf("the log: %s", p.Find("main").Text())
		}
		if p := x.officer.Get(takes + "?kind=other"); p.Find("tbody tr").Length() != 1 || p.Has("晨光") {
			t.Errorf("filter: %s", p.Find("main").Text())
		}
		if p := x.officer.Get(takes + "?q=" + q("没有")); p.Find(".empty").Length() != 1 {
			t.Error("nothing found says nothing")
		}
		if p := x.officer.Get(takes + "/export.csv?kind=supplier"); strings.Count(string(p.Body), "晨光社会工作服务中心") != 2 {
			t.Errorf("export: %s", p.Body)
		}
		for _, who := range []*apptest.Person{x.a, x.b, x.other, e.Visitor()} {
			for _, path := range []string{takes, takes + "/export.csv"} {
				if p := who.Get(path); p.Has("晨光社会工作服务中心") && p.Find("table").Length() > 0 || p.Code == 200 && p.Path == path {
					t.Errorf("%s reads %s: %d", who.Login, path, p.Code)
				}
			}
		}
		if p := x.a.Get(x.notice); !p.Has("您的单位领取过第 1 版") {
			t.Error("the taker is not told what they took")
		}
		questions(t, e, x, asks)
	})
}

func questions(t *testing.T, e *apptest.Env, x *bureau, at string) {
	t.Helper()
	if p := e.Visitor().Get(at); p.Find(".empty").Length() != 1 || p.Find("a[href^='/account/login']").Length() == 0 || p.Find("textarea").Length() != 0 {
		t.Error("a visitor is not shown the way to sign in")
	}
	if p := x.a.Post(at, form("text", "吗")); p.Code != 422 || p.Find("#f-text").Text() != "吗" {
		t.Errorf("a question of one word: %d", p.Code)
	}
	if p := x.a.Post(at, form("text", "晨光社会工作服务中心能否分期付款？")); p.Code != 422 || !strings.Contains(p.Find("#f-text").Text(), "能否分期付款") {
		t.Errorf("a question that names its asker: %d", p.Code)
	}
	for range 2 { // the same request twice asks once
		if p := x.a.Post(at, form("text", "能否按月考核付款？")); p.Code != 200 || p.Find("article.card").Length() != 1 {
			t.Fatalf("ask: %d, %d questions", p.Code, p.Find("article.card").Length())
		}
	}
	if p := x.b.Get(at); p.Find("article.card").Length() != 0 {
		t.Error("others see a question that nobody answered")
	}
	p := x.officer.Get(at)
	if p.Find("article.card").Length() != 1 || p.Has("晨光") || p.Has(x.a.Actor.Name) || !p.Has("1 个提问等待答复") {
		t.Errorf("the officer sees %s", p.Find("main").Text())
	}
	if got := x.officer.API("GET", "/tenders/"+string(x.id)+"/questions?state=waiting", nil).Want(200); bytes.Contains(got.Body, []byte(x.a.Actor.Account)) || bytes.Contains(got.Body, []byte(x.a.Actor.Org)) {
		t.Errorf("the API tells who asked: %s", got.Body)
	}
	answer := p.Find("form[action^='/questions/']").AttrOr("action", "")
	if p := x.officer.Post(answer, form("tender", string(x.id), "answer", "能")); p.Code != 422 || p.Find("textarea[name=answer]").Text() != "能" {
		t.Errorf("an answer of one word: %d", p.Code)
	}
	for who, code := range map[*apptest.Person]int{x.other: 403, x.a: 403, x.approver: 403} {
		if p := who.Post(answer, form("answer", "可以按月考核付款")); p.Code != code {
			t.Errorf("%s answers: %d", who.Login, p.Code)
		}
	}
	if p := x.officer.Post(answer, form("answer", "可以按月考核付款")); p.Code != 200 || !p.Has("答复已公开") {
		t.Errorf("answer: %d", p.Code)
	}
	if p := x.officer.Post(answer, form("answer", "不可以")); p.Code != 409 && p.Code != 422 {
		t.Errorf("answered again: %d", p.Code)
	}
	for _, who := range []*apptest.Person{e.Visitor(), x.b, x.officer} {
		p := who.Get(at + "?q=" + q("按月"))
		if p.Find("article.card").Length() != 1 || !p.Has("可以按月考核付款") || p.Has("不可以") || strings.Contains(p.Find("article.card").Text(), "您提的") {
			t.Errorf("%s sees %s", who.Login, p.Find("main").Text())
		}
	}
	if p := e.Visitor().Get(at + "/export.csv"); !strings.Contains(string(p.Body), "能否按月考核付款") || strings.Contains(string(p.Body), "晨光") {
		t.Errorf("export: %s", p.Body)
	}
	if p := e.Visitor().Get(at + "?state=waiting"); p.Find(".empty").Length() != 1 {
		t.Error("nothing found says nothing")
	}
	e.Time.Advance(20 * 24 * time.Hour) // the 21st: no answer could come in time
	x.again()
	if p := x.a.Post(at, form("text", "现在还能提问吗？")); p.Code != 410 || p.Find("article.card").Length() != 1 {
		t.Errorf("asked too late: %d %s", p.Code, p.Text())
	}
	for _, line := range []string{e.Log.String()} {
		if strings.Contains(line, "能否按月考核付款") || strings.Contains(line, at) {
			t.Error("the log tells of questions")
		}
	}
}

func TestAmendmentsInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		x.publish(t, e, nil)
		at, amend := x.notice+"/amendments", x.draft+"/amend"
		x.a.Get(x.notice + "/document")
		x.a.Bid(x.id, 700_000*money.Yuan)
		if p := e.Visitor().Get(at); p.Find(".empty").Length() != 1 {
			t.Error("no empty state")
		}
		e.Time.Advance(9 * 24 * time.Hour) // the 10th, twelve days before the deadline
		x.again()
		change := form("contract_terms", "按月考核后支付；不得转包。", "affects", "yes", "step", "check")
		p := x.officer.Post(amend, change)
		if p.Code != 422 || !strings.Contains(p.Find("#f-contract_terms").Text(), "按月考核") || p.Find(".error-summary a[href='#f-reason']").Length() != 1 {
			t.Errorf("no reason: %d %s", p.Code, p.Find(".error-summary").Text())
		}
		change.Set("reason", "根据提问，改为按月考核")
		p = x.officer.Post(amend, change)
		if p.Code != 200 || p.Find("del").Length() == 0 || p.Find("ins").Length() == 0 || !p.Has("顺延到 2026年6月25日 09:00") || !p.Has("政府采购法实施条例第31条") {
			t.Errorf("the plan: %d %s", p.Code, p.Find("main").Text())
		}
		change.Set("step", "confirm")
		if p = x.officer.Post(amend, change); p.Code != 200 || !p.Has("等待审批的更正") {
			t.Fatalf("propose: %d %s", p.Code, p.Text())
		}
		if p = x.officer.Post(amend, change); p.Code != 409 {
			t.Errorf("proposed again: %d", p.Code)
		}
		for _, who := range []*apptest.Person{e.Visitor(), x.a, x.other} {
			if who.Get(at).Has("按月考核") {
				t.Errorf("%s sees a proposal", who.Login)
			}
			if got := who.Post(x.draft+"/amendment/approve", nil); got.Code == 200 && got.Has("更正已发布") {
				t.Errorf("%s approves it", who.Login)
			}
		}
		if p = x.approver.Post(x.draft+"/amendment/return", form("reason", "")); p.Code != 422 || p.Find("#f-reason[aria-invalid]").Length() != 1 {
			t.Errorf("returned without a reason: %d", p.Code)
		}
		if p = x.approver.Post(x.draft+"/amendment/approve", nil); p.Code != 200 || !p.Has("第 1 次更正") {
			t.Fatalf("approve: %d %s", p.Code, p.Text())
		}
		if p = x.approver.Post(x.draft+"/amendment/approve", nil); p.Code != 404 {
			t.Errorf("approved again: %d", p.Code)
		}
		e.Settle()
		amended(t, e, x, at)
		e.Time.Advance(20 * 24 * time.Hour)
		x.again()
		if p = x.officer.Post(amend, form("contract_terms", "按周考核", "reason", "根据提问，改为按周考核", "affects", "yes", "step", "check")); p.Code != 410 || p.Find("#f-contract_terms").Text() != "按周考核" {
			t.Errorf("after the deadline: %d %s", p.Code, p.Find("main").Text())
		}
	})
}

// amended looks at what everyone sees of an amendment after it is public.
func amended(t *testing.T, e *apptest.Env, x *bureau, at string) {
	t.Helper()
	for _, who := range []*apptest.Person{e.Visitor(), x.a, x.b} {
		if p := who.Get(at + "?q=" + q("考核")); p.Find("del").Length() == 0 || !p.Has("根据提问") || !p.Has("共 1 次") {
			t.Errorf("%s does not see the differences: %s", who.Login, p.Find("main").Text())
		}
	}
	if p := e.Visitor().Get(at + "?q=" + q("没有")); p.Find(".empty").Length() != 1 {
		t.Error("nothing found says nothing")
	}
	if p := e.Visitor().Get(at + "/export.csv"); !strings.Contains(string(p.Body), "按月考核后支付") || !strings.Contains(string(p.Body), "按季度考核后支付") {
		t.Errorf("export: %s", p.Body)
	}
	for _, version := range []string{"1", "2"} {
		if p := e.Visitor().Get(x.notice + "/document?version=" + version); p.Code != 200 {
			t.Errorf("version %s: %d", version, p.Code)
		}
	}
	if p := x.a.Get(x.notice); !p.Has("之后有更正，请领取新版") {
		t.Error("the taker is not told of the new version on the notice")
	}
	const told, outdated = "采购文件第 1 次更正", "针对采购文件第 1 版，现行为第 2 版"
	box := x.a.Get("/inbox")
	if !box.Has(told) || !box.Has(outdated) {
		t.Errorf("the bidder's box: %s", box.Find("main").Text())
	}
	// That somebody has bid nobody else learns.
	for _, who := range []*apptest.Person{x.b, x.officer, x.approver, x.other} {
		for _, path := range []string{"/inbox", x.notice, at, "/bids"} {
			if p := who.Get(path); p.Has("您提交的投标") || p.Has("重新提交一次") {
				t.Errorf("%s reads of a bid at %s", who.Login, path)
			}
		}
	}
	var list struct{ Items []struct{ ID string } }
	x.a.API("GET", "/bids", nil).Want(200).Into(&list)
	if x.a.Get("/bids?q=没有这个项目").Find("tbody tr").Length() != 0 || !strings.Contains(string(x.a.Get("/bids/export.csv").Body), "已提交") {
		t.Error("the list of bids is neither searched nor exported")
	}
	own := "/bids/" + list.Items[0].ID
	if p := x.a.Get(own); p.Find("[data-outdated]").Length() != 1 || !p.Has(outdated) || !x.a.Get("/bids").Has("采购文件已更正，请核对后重新提交") {
		t.Errorf("the bidder's own page: %s", p.Find("main").Text())
	}
	if p := x.b.Get(own); p.Code != 404 {
		t.Errorf("a rival at the bid: %d", p.Code)
	}
	x.a.Bid(x.id, 690_000*money.Yuan)
	if p := x.a.Get(own); p.Find("[data-outdated]").Length() != 0 || !p.Has("针对采购文件第 2 版") {
		t.Errorf("sent again: %s", p.Find("main").Text())
	}
}

func TestTheInboxInTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		x := newBureau(e)
		if p := x.a.Get("/inbox"); p.Find(".empty a[href='/tenders']").Length() != 1 {
			t.Error("no empty state")
		}
		colleague := e.Colleague(x.a, party.Staff)
		for _, l := range []inbox.Letter{{Title: "采购文件第 1 次更正", Text: "改变了：合同条款", Link: "/tenders"}, {Title: "采购人答复了一个提问", Link: "/intentions"}} {
			if err := inbox.Send(t.Context(), e.DB, e.Time.Now(), []inbox.To{{Organisation: x.a.Actor.Org}}, l); err != nil {
				t.Fatal(err)
			}
			e.Time.Advance(time.Minute)
		}
		p := x.a.Get("/inbox")
		if p.Find(".message").Length() != 2 || p.Find(".message-new").Length() != 2 || !p.Has("共 2 条") || !p.Has("2 条未读") {
			t.Errorf("the box: %s", p.Find("main").Text())
		}
		open := p.Find(".message form").First().AttrOr("action", "")
		for _, who := range []*apptest.Person{x.b, x.officer} {
			if p := who.Post(open, nil); p.Code != 404 {
				t.Errorf("%s opens another's message: %d", who.Login, p.Code)
			}
			if who.Get("/inbox").Find(".message").Length() != 0 {
				t.Errorf("%s sees another's message", who.Login)
			}
		}
		for range 2 { // opened again it opens again
			if p := x.a.Post(open, nil); p.Code != 200 || p.Path != "/intentions" {
				t.Errorf("open: %d %s", p.Code, p.Path)
			}
		}
		if n := x.a.Get("/inbox?unread=yes").Find(".message").Length(); n != 1 {
			t.Errorf("%d unread", n)
		}
		if n := colleague.Get("/inbox?unread=yes").Find(".message").Length(); n != 2 {
			t.Errorf("a colleague's reading is not their own: %d unread", n)
		}
		if p := x.a.Get("/inbox?q=" + q("更正")); p.Find(".message").Length() != 1 {
			t.Error("search")
		}
		if p := x.a.Get("/inbox?q=" + q("没有")); p.Find(".empty a[href='/inbox']").Length() != 1 {
			t.Error("nothing found says nothing")
		}
		if p := x.a.Get("/inbox/export.csv?unread=yes"); strings.Count(string(p.Body), "\n") != 2 || !strings.Contains(string(p.Body), "采购文件第 1 次更正") {
			t.Errorf("export: %s", p.Body)
		}
		if p := x.a.Post("/inbox/read", nil); p.Has("条未读") {
			t.Error("read all")
		}
		if p := e.Visitor().Get("/inbox"); p.Find("form[action^='/account/login']").Length() == 0 {
			t.Errorf("a visitor at the inbox: %s", p.Path)
		}
	})
}

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
