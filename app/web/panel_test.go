package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender/tendertest"
)

// court is a tender whose bids are open, and everybody who decides on it.
type court struct {
	t                                        *testing.T
	e                                        *apptest.Env
	officer, approver, supervisor, registrar *apptest.Person
	bidders                                  []*apptest.Person
	experts                                  map[id.ID]*apptest.Person // by account
	x                                        id.ID
	at                                       string // /tenders/ID
	desk                                     string // /panels/ID
}

// newCourt opens a tender with these prices in 元.
func newCourt(t *testing.T, e *apptest.Env, yuan ...money.Fen) *court {
	t.Helper()
	c := &court{t: t, e: e, officer: e.Org(party.Bureau, "青山区民政局", party.Officer), experts: map[id.ID]*apptest.Person{}}
	c.approver, c.supervisor, c.registrar = e.Colleague(c.officer, party.Approver), e.Colleague(c.officer, party.Supervisor), e.Colleague(c.officer, party.Registrar)
	ctx := t.Context()
	x, err := e.Tenders.Create(ctx, c.officer.Actor, tendertest.Complete())
	if err != nil {
		t.Fatal(err)
	}
	custody := e.Lock(c.officer, x.ID)
	if _, err := e.Tenders.Submit(ctx, c.officer.Actor, x.ID); err != nil {
		t.Fatal(err)
	}
	if x, err = e.Tenders.Publish(ctx, c.approver.Actor, x.ID); err != nil {
		t.Fatal(err)
	}
	c.x, c.at, c.desk = x.ID, "/tenders/"+string(x.ID), "/panels/"+string(x.ID)
	for i, y := range yuan {
		b := e.Org(party.Social, fmt.Sprintf("第%d社会工作服务中心", i+1), party.Lead)
		b.Bid(x.ID, y*money.Yuan)
		c.bidders = append(c.bidders, b)
	}
	e.Time.Set(*x.Deadline)
	custody.Open()
	for _, p := range append([]*apptest.Person{c.officer, c.approver, c.supervisor, c.registrar}, c.bidders...) {
		p.SignIn() // the deadline is weeks later
	}
	return c
}

// refused holds an answer to 422 with a complaint that leads to these fields.
func refused(t *testing.T, p *apptest.Page, what string, fields ...string) {
	t.Helper()
	if p.Code != 422 || p.Find(".error-summary").Length() != 1 {
		t.Errorf("%s: %d %s", what, p.Code, p.Find("main").Text())
		return
	}
	for _, f := range fields {
		if p.Find(".error-summary a[href='#"+f+"']").Length() == 0 || p.Find("#"+f).Length() != 1 {
			t.Errorf("%s: nothing leads to #%s: %s", what, f, p.Find(".error-summary").Text())
		}
	}
}

func (c *court) ok(p *apptest.Page, words string) *apptest.Page {
	c.t.Helper()
	if p.Code != 200 || !p.Has(words) {
		c.t.Fatalf("%d at %s lacks %q: %s", p.Code, p.Path, words, p.Text())
	}
	return p
}

// enlisted puts people in the register through its pages.
func (c *court) enlisted(n int) {
	c.t.Helper()
	if p := c.registrar.Get("/registrar/experts"); p.Code != 200 || !p.Has("专家库还是空的") {
		c.t.Errorf("an empty register: %d", p.Code)
	}
	for _, who := range []*apptest.Person{c.officer, c.bidders[0], c.e.Visitor()} {
		if p := who.Get("/registrar/experts"); p.Code == 200 && p.Path == "/registrar/experts" {
			c.t.Errorf("%s reads the register", who.Login)
		}
	}
	refused(c.t, c.registrar.Post("/registrar/experts", url.Values{"login": {"nobody"}, "employer": {"武汉某大学"}, "specialties": {"养老服务"}}), "an unknown login", "f-login")
	for i := range n {
		who := c.e.Person(fmt.Sprintf("评审专家%d", i+1))
		c.ok(c.registrar.Post("/registrar/experts", url.Values{"login": {who.Login}, "employer": {"武汉某大学"}, "specialties": {"养老服务、财务管理"}, "region": {"湖北省武汉市"}, "id_tail": {fmt.Sprintf("%04d", i)}}), "已录入专家库")
		who.SignIn()
		c.experts[who.Actor.Account] = who
	}
	p := c.ok(c.registrar.Get("/registrar/experts?specialty=养老服务"), fmt.Sprintf("共 %d 名", n))
	if p.Find("tbody tr").Length() != n || c.registrar.Get("/registrar/experts?q=没有此人").Find("tbody tr").Length() != 0 {
		c.t.Error("the register's filters")
	}
	entry, _ := p.Find("tbody tr a").First().Attr("href")
	refused(c.t, c.registrar.Post(entry+"/state", url.Values{"state": {"paused"}}), "paused without a reason", "f-reason")
	refused(c.t, c.registrar.Post(entry+"/employers", url.Values{"past_employer": {"某单位"}}), "a past employer without an end", "f-until")
	c.ok(c.registrar.Post(entry+"/employers", url.Values{"past_employer": {"江汉某学院"}, "until": {"2025-01-31"}}), "江汉某学院")
}

// drawn has the officer freeze the pool and the supervisor type the seed.
func (c *court) drawn() {
	c.t.Helper()
	page := c.ok(c.officer.Get(c.at+"/panel"), "还没有成员")
	if page.Find("[name='needs.0.number']").AttrOr("value", "") != "5" || page.Find("[name=value]").Length() != 0 {
		c.t.Error("the form does not begin with five, or the officer has the field of the seed")
	}
	refused(c.t, c.officer.Post(c.at+"/draw", url.Values{"needs.0.number": {"50"}}), "more than there are", "f-needs")
	refused(c.t, c.officer.Post(c.at+"/draw", nil), "no need", "f-needs")
	refused(c.t, c.officer.Post(c.at+"/panel", url.Values{"pick": {"expert:" + c.someone().Login}}), "chosen without a reason", "f-reason")
	page = c.ok(c.officer.Post(c.at+"/draw", url.Values{"needs.0.specialty": {"养老服务"}, "needs.0.number": {"5"}, "needs.0.alternates": {"1"}}), "名单的校验值已公布")
	if page.Find("code.hash").Length() != 1 {
		c.t.Error("the commitment is not shown")
	}
	if file := string(c.officer.Get(c.at + "/draw.json").Body); strings.Contains(file, "评审专家") || strings.Contains(file, `"nonce":`) {
		c.t.Errorf("the file before the seed: %s", file)
	}
	if p := c.officer.Post(c.at+"/draw/seed", url.Values{"value": {"排列三 123"}}); p.Code != 403 {
		c.t.Errorf("the officer typed the seed: %d", p.Code)
	}
	if c.supervisor.Get(c.at+"/panel").Find("#f-value").Length() != 1 {
		c.t.Error("the supervisor has no field for the seed")
	}
	refused(c.t, c.supervisor.Post(c.at+"/draw/seed", nil), "no seed", "f-value")
	page = c.ok(c.supervisor.Post(c.at+"/draw/seed", url.Values{"value": {"2026-06-22 排列三 123"}}), "已抽取")
	if n := page.Find("#f-members tbody tr").Length(); n != 5 {
		c.t.Errorf("%d members", n)
	}
	if p := c.e.Visitor().Get(c.at + "/draws.json"); p.Code != 404 {
		c.t.Errorf("the draw is public before the result: %d", p.Code)
	}
}

func (c *court) someone() *apptest.Person {
	for _, p := range c.experts {
		return p
	}
	return nil
}

// panel are the members as they sit now.
func (c *court) panel() []*apptest.Person {
	c.t.Helper()
	list, err := c.e.Evaluations.Panel(c.t.Context(), c.officer.Actor, c.x)
	if err != nil {
		c.t.Fatal(err)
	}
	var out []*apptest.Person
	for _, m := range list {
		out = append(out, c.experts[m.Account])
	}
	return out
}

// eligible checks every bidder through the page, mistakes first.
func (c *court) eligible() {
	c.t.Helper()
	refused(c.t, c.officer.Post(c.at+"/panel/begin", nil), "begun before eligibility is checked", "f-eligibility")
	page := c.ok(c.officer.Get(c.at+"/eligibility"), "没有发现负责人为同一人")
	form, bad, other := url.Values{}, url.Values{}, url.Values{}
	page.Find("input[type=radio][value=yes]").Each(func(i int, s *goquery.Selection) {
		form.Set(s.AttrOr("name", ""), "yes")
		bad.Set(s.AttrOr("name", ""), "no")
		other.Set(s.AttrOr("name", ""), "yes")
	})
	if len(form) != len(c.bidders) {
		c.t.Fatalf("%d bidders to check", len(form))
	}
	refused(c.t, c.officer.Post(c.at+"/eligibility", nil), "nobody judged")
	refused(c.t, c.officer.Post(c.at+"/eligibility", bad), "failed without a reason")
	if p := c.supervisor.Post(c.at+"/eligibility", other); p.Code != 403 {
		c.t.Errorf("the supervisor checked: %d", p.Code)
	}
	// A tick for the rest passes over nobody of whom something was written.
	first := page.Find("input[type=radio][value=yes]").First().AttrOr("name", "")
	doubted := strings.TrimSuffix(first, "passed") + "reason"
	p := c.officer.Post(c.at+"/eligibility", url.Values{"rest": {"1"}, doubted: {"证书过期"}})
	refused(c.t, p, "passed over in spite of what was written")
	if p.Find("input[type=radio][value=yes]:checked").Length() != len(c.bidders)-1 {
		c.t.Errorf("the rest are not all judged: %s", p.Text())
	}
	c.ok(c.officer.Post(c.at+"/eligibility", url.Values{"rest": {"1"}, first: {"yes"}}), "资格审查已记录")
	if n := c.officer.Get(c.at + "/eligibility").Find("input[type=radio][value=yes]:checked").Length(); n != len(c.bidders) {
		c.t.Errorf("%d of %d passed by the tick", n, len(c.bidders))
	}
	c.ok(c.officer.Post(c.at+"/eligibility", form), "资格审查已记录")
	c.ok(c.officer.Post(c.at+"/panel/begin", nil), "评审已开始")
}

// declared has every member declare; one has a tie and the alternate steps in.
func (c *court) declared() {
	c.t.Helper()
	gone := c.panel()[0]
	c.ok(gone.Get("/panels"), "待作出承诺")
	page := c.ok(gone.Get(c.desk), "回避和保密承诺")
	if page.Find("table").Length() != 0 || page.Has("第1社会工作服务中心") {
		c.t.Error("who bid is shown before the declaration")
	}
	refused(c.t, gone.Post(c.desk+"/enter", nil), "neither", "f-clear")
	refused(c.t, gone.Post(c.desk+"/enter", url.Values{"clear": {"yes"}, "tie": {"本人是理事"}}), "both", "f-clear")
	c.ok(gone.Post(c.desk+"/enter", url.Values{"tie": {"配偶在第2中心任职"}}), "您已回避本项目")
	if p := gone.Get(c.desk); p.Code != 403 {
		c.t.Errorf("whoever stood aside has a desk: %d", p.Code)
	}
	for _, p := range c.panel() {
		c.ok(p.Post(c.desk+"/enter", url.Values{"clear": {"yes"}}), "承诺已记录")
	}
	c.ok(c.officer.Get(c.at+"/panel"), "配偶在第2中心任职")
}

// sheet is a complete sheet as the page has it, with these scores.
func (c *court) sheet(who *apptest.Person, plan, team string) url.Values {
	c.t.Helper()
	form := url.Values{}
	who.Get(c.desk).Find("form.sheet [name]").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		switch {
		case strings.HasSuffix(name, ".conforming"):
			form.Set(name, "yes")
		case strings.HasSuffix(name, ".1"):
			form.Set(name, plan)
		case strings.HasSuffix(name, ".2"):
			form.Set(name, team)
		}
	})
	return form
}

// scored fills every sheet in, mistakes first.
func (c *court) scored() {
	c.t.Helper()
	for i, who := range c.panel() {
		form := c.sheet(who, "50", "40")
		if i == 0 {
			c.mistaken(who, form)
		}
		c.ok(who.Post(c.desk+"/submit", form), "评分已提交")
		if p := who.Post(c.desk, form); p.Code != 409 && p.Code != 422 {
			c.t.Errorf("changed after it was handed in: %d", p.Code)
		}
	}
}

func (c *court) mistaken(who *apptest.Person, form url.Values) {
	c.t.Helper()
	var plan, conforming string
	for k := range form {
		if strings.HasSuffix(k, ".1") {
			plan = k
		}
	}
	conforming = strings.TrimSuffix(plan, ".1") + ".conforming"
	wrong := func(key, value string) url.Values {
		v := url.Values{}
		for k := range form {
			v.Set(k, form.Get(k))
		}
		v.Set(key, value)
		return v
	}
	field := "f-" + strings.ReplaceAll(plan, ".", `\.`)
	page := who.Post(c.desk, wrong(plan, "50.01"))
	refused(c.t, page, "above full marks")
	if page.Find("#"+field).Length() != 1 {
		c.t.Error("the complaint has no field")
	}
	refused(c.t, who.Post(c.desk, wrong(plan, "很好")), "no number")
	refused(c.t, who.Post(c.desk+"/submit", wrong(plan, "")), "handed in with one score missing")
	refused(c.t, who.Post(c.desk+"/submit", wrong(conforming, "no")), "does not conform, without a reason")
	if p := who.Post(c.desk+"/autosave", form); p.Code != 200 {
		c.t.Errorf("autosave: %d", p.Code)
	}
	if p := who.Get(c.desk + "/meeting"); p.Code != 409 {
		c.t.Errorf("the sheets of others before all are in: %d", p.Code)
	}
}

// explained has the panel ask about the low price and judge it.
func (c *court) explained() {
	c.t.Helper()
	panel := c.panel()
	page := c.ok(panel[0].Get(c.desk+"/meeting"), "异常低价")
	if page.Find("form[action$='/settle']").Length() != 0 || !page.Has("还没有要求其说明") {
		c.t.Error("the result can be settled over a suspicious price")
	}
	ask := url.Values{"bid": {page.Find("form[action$='/ask'] input[name=bid]").AttrOr("value", "")}, "minutes": {"10"}}
	refused(c.t, panel[0].Post(c.desk+"/meeting/ask", ask), "ten minutes")
	ask.Set("minutes", "30")
	c.ok(panel[0].Post(c.desk+"/meeting/ask", ask), "等待说明")
	list, err := c.e.Evaluations.Asked(c.t.Context(), c.bidders[0].Actor)
	if err != nil || len(list) != 1 {
		c.t.Fatal(list, err)
	}
	own := "/explanations/" + string(list[0].ID)
	judge := c.desk + "/meeting/judge/" + string(list[0].ID)
	if p := panel[0].Post(judge, url.Values{"accept": {"yes"}, "reason": {"合理"}}); p.Code != 409 {
		c.t.Errorf("judged before the time: %d", p.Code)
	}
	c.ok(c.bidders[0].Get(own), "说明截止")
	if p := c.bidders[1].Get(own); p.Code != 403 && p.Code != 404 {
		c.t.Errorf("another bidder reads it: %d", p.Code)
	}
	refused(c.t, c.bidders[0].Post(own, nil), "an empty explanation", "f-answer")
	c.ok(c.bidders[0].Post(own, url.Values{"answer": {"场地由本单位自有，不计租金"}}), "说明已提交")
	page = panel[0].Post(judge, url.Values{"reason": {"看不出依据"}})
	refused(c.t, page, "no choice is no vote", "f-accept")
	if page.Find("textarea[name=reason]").First().Text() != "看不出依据" {
		c.t.Error("the reason that was typed is gone")
	}
	refused(c.t, panel[0].Post(judge, url.Values{"accept": {"no"}}), "no reason", "f-reason")
	for _, who := range panel[:3] {
		c.ok(who.Post(judge, url.Values{"accept": {"yes"}, "reason": {"成本构成完整"}}), "已记录您的判断")
	}
}

// doubted asks one member about one score.
func (c *court) doubted() {
	c.t.Helper()
	panel := c.panel()
	page := panel[0].Get(c.desk + "/meeting")
	refused(c.t, panel[0].Post(c.desk+"/meeting/doubt", url.Values{"member": {"x"}}), "an empty doubt", "f-question", "f-ground")
	value := func(name string) string {
		return page.Find("select[name="+name+"] option[value!='']").First().AttrOr("value", "")
	}
	c.ok(panel[0].Post(c.desk+"/meeting/doubt", url.Values{"member": {value("member")}, "doubt_bid": {value("doubt_bid")}, "criterion": {value("criterion")},
		"ground": {string(evaluation.ObjectiveGround)}, "question": {"业绩数量与投标文件不一致"}}), "等待成员答复")
	for _, who := range panel[1:] {
		page := who.Get(c.desk + "/meeting")
		reply, mine := page.Find("form[action*='/reply/']").Attr("action")
		if !mine {
			continue
		}
		refused(c.t, who.Post(reply, nil), "an empty answer")
		c.ok(who.Post(reply, url.Values{"score": {"30"}, "answer": {"漏看附件，更正"}}), "原评分留存")
		return
	}
	c.t.Error("nobody was asked")
}

// reported settles, signs with one dissent, and the officer sends the report.
func (c *court) reported() {
	c.t.Helper()
	panel := c.panel()
	if p := c.officer.Post(c.desk+"/meeting/settle", nil); p.Code != 403 {
		c.t.Errorf("the officer settled: %d", p.Code)
	}
	c.ok(panel[1].Post(c.desk+"/meeting/settle", nil), "请签署评审报告")
	for i, who := range panel[:3] {
		form := url.Values{}
		if i == 2 {
			form.Set("dissent", "团队经验的区分度不够")
		}
		c.ok(who.Post(c.desk+"/report", form), "已签署")
		if i == 0 {
			if p := c.officer.Post(c.at+"/report", nil); p.Code != 409 {
				c.t.Errorf("sent with one signature: %d", p.Code)
			}
		}
	}
	c.ok(c.officer.Post(c.at+"/report", nil), "视为同意")
	c.e.Settle()
	page := c.ok(c.officer.Get(c.desk+"/report"), "团队经验的区分度不够")
	if page.Find("a[href*='/documents/'], a[href$='.pdf'], aside a[href*='/papers/']").Length() == 0 && !page.Has("评审〔2026〕0001号") {
		c.t.Errorf("no report: %s", page.Text())
	}
	if p := c.bidders[0].Get(c.desk + "/report"); p.Code == 200 {
		c.t.Error("a bidder reads the report before the award")
	}
}

// TestThePanelsPages walks a panel from the register to the report, without
// scripts, mistakes first on every page.
func TestThePanelsPages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourt(t, e, 250_000, 600_000, 610_000, 620_000)
		c.enlisted(6)
		c.drawn()
		c.eligible()
		c.declared()
		c.scored()
		c.doubted()
		c.explained()
		c.reported()
	})
}

// TestATiedMemberIsToldWhatToDo: every bid stays shut, with the sentence that
// says why and what to do, and the sheet has the way out.
func TestATiedMemberIsToldWhatToDo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourt(t, e, 600_000, 610_000, 620_000)
		var panel []*apptest.Person
		for i := range 5 {
			p := e.Expert(fmt.Sprintf("评审专家%d", i+1), "武汉某大学")
			c.experts[p.Actor.Account] = p
			c.ok(c.officer.Post(c.at+"/panel", url.Values{"pick": {"expert:" + p.Login}, "reason": {"主管预算单位同意"}}), "已加入评审小组")
			panel = append(panel, p)
		}
		c.eligible()
		for _, p := range panel {
			c.ok(p.Post(c.desk+"/enter", url.Values{"clear": {"yes"}}), "承诺已记录")
		}
		c.ok(panel[0].Get(c.at+"/bids"), "投标对比")
		if _, err := e.DB.ExecContext(t.Context(), "UPDATE account SET employer = ? WHERE id = ?", "第1社会工作服务中心", panel[0].Actor.Account); err != nil {
			t.Fatal(err)
		}
		page := panel[0].Get(c.at + "/bids")
		if page.Code != 403 || !page.Has("条例第9条") || !page.Has("请到“我的评审”声明回避") || page.Has("610,000") {
			t.Errorf("%d %s", page.Code, page.Text())
		}
		if page := panel[0].Get(c.desk); page.Find("form[action$='/enter'] textarea[name=tie]").Length() != 1 {
			t.Error("the sheet has no way out")
		}
		if page := panel[0].Post(c.desk+"/submit", c.sheet(panel[0], "50", "40")); page.Code != 422 || !page.Has("条例第9条") {
			t.Errorf("a tied member handed in: %d", page.Code)
		}
		c.ok(panel[0].Post(c.desk+"/enter", url.Values{"tie": {"本人已到第1中心工作"}}), "您已回避本项目")
		if page := c.officer.Get(c.at + "/panel"); page.Find("form[action$='/draw']").Length() != 1 {
			t.Error("the officer cannot add a member for whoever stood aside")
		}
	})
}

// TestEqualsAndBonds: lots between equals on the award's page, and the bonds'.
func TestEqualsAndBonds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourt(t, e, 600_000, 600_000, 700_000)
		var panel []*apptest.Person
		for i := range 5 {
			p := e.Expert(fmt.Sprintf("评审专家%d", i+1), "武汉某大学")
			panel = append(panel, p)
			c.ok(c.officer.Post(c.at+"/panel", url.Values{"pick": {"expert:" + p.Login}, "reason": {"主管预算单位同意"}}), "已加入评审小组")
		}
		c.eligible()
		for _, p := range panel {
			c.ok(p.Post(c.desk+"/enter", url.Values{"clear": {"yes"}}), "承诺已记录")
			c.ok(p.Post(c.desk+"/submit", c.sheet(p, "30", "20")), "评分已提交")
		}
		c.ok(panel[0].Post(c.desk+"/meeting/settle", nil), "请签署评审报告")
		for _, p := range panel {
			c.ok(p.Post(c.desk+"/report", nil), "已签署")
		}
		page := c.ok(c.officer.Get(c.at+"/award"), "并列第一")
		first := page.Find("input[name=bid]").First().AttrOr("value", "")
		refused(t, c.officer.Post(c.at+"/award", url.Values{"bid": {first}}), "one of equals without lots", "f-reason")
		c.ok(c.officer.Post(c.at+"/award/lots", nil), "等待监督人输入")
		if p := c.officer.Post(c.at+"/award/lots/seed", url.Values{"value": {"1"}}); p.Code != 403 {
			t.Errorf("the officer typed the seed: %d", p.Code)
		}
		refused(t, c.supervisor.Post(c.at+"/award/lots/seed", nil), "no seed", "f-value")
		page = c.ok(c.supervisor.Post(c.at+"/award/lots/seed", url.Values{"value": {"排列三 123"}}), "抽签的顺序")
		if page.Find("main ol li").Length() < 2 {
			t.Error("the order of the lots is not shown")
		}
		c.bonds()
	})
}

func (c *court) bonds() {
	c.t.Helper()
	finance := c.e.Colleague(c.officer, party.Finance)
	at := c.at + "/bonds"
	page := c.ok(c.officer.Get(at), "没有登记保证金")
	bidder := page.Find("select[name=supplier] option[value!='']").First().AttrOr("value", "")
	day := c.e.Time.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
	refused(c.t, c.officer.Post(at, url.Values{"supplier": {bidder}, "amount": {"20000"}, "form": {"现金"}, "received_on": {day}}), "too much, in cash", "f-amount", "f-form")
	c.ok(c.officer.Post(at, url.Values{"supplier": {bidder}, "amount": {"15400"}, "form": {"转账"}, "received_on": {day}}), "期限未开始")
	page = c.ok(finance.Get(at), "15,400.00")
	back, _ := page.Find("form[action$='/return']").Attr("action")
	page = finance.Post(back, url.Values{"returned_on": {day}})
	refused(c.t, page, "returned without a slip", "f-proof")
	if page.Find("input[name=returned_on]").AttrOr("value", "") != day {
		c.t.Error("the day that was typed is gone")
	}
	c.ok(finance.Post(back, url.Values{"returned_on": {day}, "proof": {"回单 2026-0001"}}), "回单 2026-0001")
	for _, who := range []*apptest.Person{c.bidders[0], c.e.Visitor()} {
		if p := who.Get(at); p.Code == 200 && p.Path == at {
			c.t.Errorf("%s reads the bonds", who.Login)
		}
	}
}
