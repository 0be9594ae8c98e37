package web_test

import (
	"encoding/csv"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/quick"
	"time"

	"gongji/app/apptest"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/survey"
	"gongji/app/party"
)

// asked is a contract with its survey published, and codes of invitations.
type asked struct {
	*apptest.Env
	officer, approver, lead *apptest.Person
	g                       engagement.Engagement
	v                       survey.Survey
	codes                   []string
}

func surveyForm() url.Values {
	return url.Values{"title": {"居家养老满意度"}, "opens_on": {"2026-06-01"}, "closes_on": {"2026-06-20"}, "poster": {"yes"},
		"questions.0.text": {"总的来说，您满意吗？"}, "questions.1.text": {"按时来吗？"}, "questions.1.kind": {"yesno"}, "questions.1.optional": {"yes"},
		"questions.2.text": {"最需要哪一项？"}, "questions.2.kind": {"choice"}, "questions.2.options": {"助餐\n助浴"}, "questions.2.optional": {"yes"},
		"questions.3.text": {"还想说什么？"}, "questions.3.kind": {"text"}, "questions.3.optional": {"yes"}}
}

func ask(t *testing.T, e *apptest.Env, n int) *asked {
	t.Helper()
	a := &asked{Env: e, officer: e.Org(party.Bureau, "青山区民政局", party.Officer), lead: e.Org(party.Social, "和美社工服务中心", party.Lead)}
	a.approver = e.Colleague(a.officer, party.Approver)
	a.g = e.EngageContract(a.officer, a.lead, "居家养老")
	desk := "/engagements/" + string(a.g.ID) + "/survey"
	bad := surveyForm()
	bad.Set("closes_on", "2026-06-01")
	bad.Set("questions.2.options", "助餐")
	if p := a.officer.Post(desk, bad); p.Code != 422 || p.Find(`#f-title`).AttrOr("value", "") != "居家养老满意度" || !p.Has("第 3 题是单选") || !p.Has("至少开放 3 日") {
		t.Fatalf("%d %s", p.Code, p.Text())
	}
	if p := a.officer.Post(desk, surveyForm()); !p.Has("问卷草稿已保存") {
		t.Fatal(p.Text())
	}
	v, err := e.Residents.Of(t.Context(), a.officer.Actor, a.g.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p := e.Visitor().Get("/surveys/" + string(v.ID)); p.Code == 200 {
		t.Error("a stranger reads a draft")
	}
	if p := a.officer.Post("/surveys/"+string(v.ID)+"/publish", nil); !p.Has("问卷已发布") {
		t.Fatal(p.Text())
	}
	a.v = v
	if n > 0 {
		res := string(a.officer.Post("/surveys/"+string(v.ID)+"/invitations", url.Values{"count": {fmt.Sprint(n)}, "form": {"csv"}}).Body)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(res, "\ufeff"))).ReadAll()
		if err != nil || len(rows) != n+1 {
			t.Fatal(len(rows), err, res)
		}
		for _, row := range rows[1:] {
			a.codes = append(a.codes, row[1])
		}
	}
	return a
}

func TestAResidentAnswersWithoutAnAccount(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		a, who := ask(t, e, 40), e.Visitor()
		page := who.Get("/s?code=" + url.QueryEscape(strings.ToLower(a.codes[0])))
		if page.Code != 200 || page.Find(`input[name="a.satisfaction"]`).Length() != 5 || page.Find("script").Length() != 0 || page.Find(`form`).AttrOr("method", "") != "post" {
			t.Fatalf("%d %s", page.Code, page.Text())
		}
		// What a cheap phone loads, without compression: the page, its sheet, the icon.
		size := len(page.Body)
		for _, at := range []string{page.Find(`link[rel="stylesheet"]`).AttrOr("href", ""), page.Find(`link[rel="icon"]`).AttrOr("href", "")} {
			size += len(who.Get(at).Body)
		}
		if size > 30<<10 {
			t.Errorf("%d bytes", size)
		}
		at := "/s/" + a.codes[0]
		if p := who.Post(at, url.Values{"a.q4": {"只写了字"}}); p.Code != 422 || !p.Has("请回答：总的来说") || !strings.Contains(p.Find("textarea").Text(), "只写了字") {
			t.Fatalf("%d %s", p.Code, p.Text())
		}
		if p := who.Post(at, url.Values{"a.satisfaction": {"4"}, "a.q4": {"请打13800138000"}}); p.Code != 200 || !p.Has("谢谢您") {
			t.Fatalf("%d %s", p.Code, p.Text())
		}
		for _, p := range []*apptest.Page{who.Post(at, url.Values{"a.satisfaction": {"1"}}), who.Get(at)} {
			if p.Code != 409 || !p.Has("已经用过") {
				t.Errorf("%d %s", p.Code, p.Text())
			}
		}
		for i, c := range a.codes[1:39] {
			if p := who.Post("/s/"+c, url.Values{"a.satisfaction": {fmt.Sprint(5 - i%3)}, "a.q3": {"2"}}); p.Code != 200 {
				t.Fatal(p.Text())
			}
		}
		open := who.Get("/surveys/" + string(a.v.ID))
		if !open.Has("结束以前谁都看不到结果") || open.Has("95% 区间") || open.Has("13800138000") {
			t.Error(open.Text())
		}
		if p := a.officer.Get("/surveys/" + string(a.v.ID) + "/remarks"); p.Code != 403 {
			t.Errorf("the maker reads what is held: %d", p.Code)
		}
		remarks := a.approver.Get("/surveys/" + string(a.v.ID) + "/remarks")
		field := remarks.Find(`input[type="radio"]`).AttrOr("name", "")
		if !remarks.Has("请打〔号码已隐去〕") || field == "" {
			t.Fatal(remarks.Text())
		}
		if p := a.approver.Post("/surveys/"+string(a.v.ID)+"/remarks", url.Values{field: {"show"}}); !p.Has("已处理 1 条") {
			t.Fatal(p.Text())
		}
		e.Time.Advance(30 * 24 * time.Hour)
		result := who.Get("/surveys/" + string(a.v.ID))
		if !result.Has("95% 区间") || !result.Has("请打〔号码已隐去〕") || result.Find("table.voice svg rect.voice-fill").Length() == 0 {
			t.Error(result.Text())
		}
		if p := who.Get("/engagements/" + string(a.g.ID)); !p.Has("满意度") || p.Find(`a[href="/surveys/`+string(a.v.ID)+`"]`).Length() != 1 {
			t.Error(p.Text())
		}
		if p := who.Get("/s/" + a.codes[39]); p.Code != 410 {
			t.Errorf("after the end: %d", p.Code)
		}
		if log := e.Log.String(); strings.Contains(log, strings.ReplaceAll(a.codes[0], "-", "")) || strings.Contains(log, a.codes[0]) {
			t.Error("the log has a code")
		}
	})
}

func TestAPosterInPages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		a, who := ask(t, e, 0), e.Visitor()
		at := "/s/open/" + string(a.v.ID)
		if p := who.Get(at); !p.Has("单独统计，不计入满意度") {
			t.Fatal(p.Text())
		}
		codes := map[int]int{}
		for range survey.Rules().OpenPerAddress + 3 {
			codes[who.Post(at, url.Values{"a.satisfaction": {"1"}}).Code]++
		}
		if codes[200] != survey.Rules().OpenPerAddress || codes[429] != 3 {
			t.Error(codes)
		}
		pdf := a.officer.Get("/surveys/" + string(a.v.ID) + "/poster.pdf")
		if pdf.Code != 200 || !strings.HasPrefix(string(pdf.Body), "%PDF") {
			t.Errorf("%d", pdf.Code)
		}
		if p := a.lead.Post("/surveys/"+string(a.v.ID)+"/invitations", url.Values{"count": {"1"}}); p.Code != 403 {
			t.Errorf("the provider makes invitations: %d", p.Code)
		}
		e.Time.Advance(30 * 24 * time.Hour)
		if p := who.Get("/surveys/" + string(a.v.ID)); !p.Has("答卷不够，不给出满意度") || !p.Has("超过限额拒收 3 份") {
			t.Error(p.Text())
		}
	})
}

// TestHostileAnswers sends what no form of ours sends; nothing breaks, nothing
// uses up the code.
func TestHostileAnswers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		a, who := ask(t, e, 1), e.Visitor()
		at := "/s/" + a.codes[0]
		for name, in := range map[string]url.Values{
			"no answer": {}, "zero": {"a.satisfaction": {"0"}}, "six": {"a.satisfaction": {"6"}}, "words": {"a.satisfaction": {"很满意"}},
			"a float": {"a.satisfaction": {"4.5"}}, "a sign": {"a.satisfaction": {"+4"}}, "huge": {"a.satisfaction": {strings.Repeat("9", 4000)}},
			"an option that is none": {"a.satisfaction": {"5"}, "a.q3": {"3"}}, "maybe": {"a.satisfaction": {"5"}, "a.q2": {"maybe"}},
			"a novel": {"a.satisfaction": {"5"}, "a.q4": {strings.Repeat("长", 501)}},
			"markup":  {"a.satisfaction": {`"><script>alert(1)</script>`}},
		} {
			p := who.Post(at, in)
			if p.Code != 422 || strings.Contains(string(p.Body), "<script>") {
				t.Errorf("%s: %d", name, p.Code)
			}
		}
		for _, code := range []string{"AAAAAAAAAAAA", "..%2f..%2fetc", "%00", strings.Repeat("A", 3000), "' OR 1=1 --"} {
			if p := who.Post("/s/"+url.PathEscape(code), url.Values{"a.satisfaction": {"5"}}); p.Code != 404 && p.Code != 414 && p.Code != 431 {
				t.Errorf("%.20s: %d", code, p.Code)
			}
		}
		if p := who.Post(at, url.Values{"a.satisfaction": {"5"}, "a.nobody": {"x"}, "satisfaction": {"1"}, "a.q4": {strings.Repeat("好", 500)}}); p.Code != 200 {
			t.Errorf("%d %s", p.Code, p.Text())
		}
		sound := func(score, own, key string) bool {
			return who.Post(at, url.Values{"a.satisfaction": {score}, "a.q4": {own}, "a." + key: {own}}).Code < 500
		}
		if err := quick.Check(sound, &quick.Config{MaxCount: 60}); err != nil {
			t.Error(err)
		}
		if p := who.Post("/s/open/"+string(a.g.ID), url.Values{"a.satisfaction": {"5"}}); p.Code != 404 {
			t.Errorf("a poster that is none: %d", p.Code)
		}
	})
}

func TestACommunityAssessesInPages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		a := ask(t, e, 0)
		street := e.Org(party.Community, "江滨社区居民委员会", party.Lead)
		at := "/engagements/" + string(a.g.ID)
		if p := street.Get(at + "/assessment"); p.Code != 403 {
			t.Errorf("assesses without being asked: %d", p.Code)
		}
		if p := a.officer.Post(at+"/neighbours", url.Values{"community": {""}}); p.Code != 422 {
			t.Errorf("%d", p.Code)
		}
		if p := a.officer.Post(at+"/neighbours", url.Values{"community": {string(street.Actor.Org)}}); !p.Has("已请“江滨社区居民委员会”评价") {
			t.Fatal(p.Text())
		}
		if p := street.Get("/desk"); !p.Has("待作出社区评价") {
			t.Error(p.Text())
		}
		in := url.Values{"parts.delivered": {"90"}, "parts.helpful": {"很好"}, "parts.together": {"80"}, "words": {"服务准时，老人反映好，沟通及时。"}}
		if p := street.Post(at+"/assessment", in); p.Code != 422 || p.Find(`#f-parts-helpful, [name="parts.helpful"]`).AttrOr("value", "") != "很好" {
			t.Errorf("%d %s", p.Code, p.Text())
		}
		in.Set("parts.helpful", "85")
		if p := street.Post(at+"/assessment", in); !p.Has("江滨社区居民委员会评价 85.00 分") {
			t.Error(p.Text())
		}
	})
}

func TestSurveysByAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		approver, street := e.Colleague(officer, party.Approver), e.Org(party.Community, "江滨社区居民委员会", party.Lead)
		g := e.EngageContract(officer, lead, "居家养老")
		x := survey.Templates()[0]
		form := survey.Form{Title: "满意度", Questions: x.Questions, Poster: true, OpensOn: "2026-06-01", ClosesOn: "2026-06-10"}
		at := "/engagements/" + string(g.ID)
		lead.API("PUT", at+"/survey", form).Want(http.StatusForbidden)
		var v survey.Survey
		officer.API("PUT", at+"/survey", form).Want(200).Into(&v)
		officer.API("POST", "/surveys/"+string(v.ID)+"/publish", nil).Want(200)
		var made struct{ Codes []string }
		officer.API("POST", "/surveys/"+string(v.ID)+"/invitations", map[string]any{"count": 2}).Want(201).Into(&made)
		who := e.Visitor()
		who.API("GET", "/public/invitations/"+made.Codes[0], nil).Want(200)
		say := map[string]any{"answers": map[string]string{"satisfaction": "5", "words": "很好，谢谢"}}
		who.API("POST", "/public/invitations/"+made.Codes[0], map[string]any{"answers": map[string]any{"satisfaction": 5}}).Want(422)
		who.API("POST", "/public/invitations/"+made.Codes[0], say).Want(201)
		who.API("POST", "/public/invitations/"+made.Codes[0], say).Want(409)
		who.API("POST", "/public/surveys/"+string(v.ID)+"/answers", say).Want(201)
		officer.API("POST", "/surveys/"+string(v.ID)+"/void", map[string]any{"seq": 1, "reason": "重印"}).Want(409)
		officer.API("POST", "/surveys/"+string(v.ID)+"/extend", map[string]any{"closes_on": "2026-06-12", "reason": "下雨"}).Want(200)
		var held []survey.Remark
		approver.API("GET", "/surveys/"+string(v.ID)+"/remarks", nil).Want(200).Into(&held)
		approver.API("POST", "/surveys/"+string(v.ID)+"/remarks", map[string]any{"verdicts": []survey.Verdict{{Remark: held[0].ID, Show: true}}}).Want(200)
		officer.API("POST", at+"/neighbours", map[string]any{"community": street.Actor.Org}).Want(201)
		street.API("PUT", at+"/assessment", survey.AssessForm{Parts: map[string]int{"delivered": 90, "helpful": 90, "together": 90}, Words: "服务准时，老人反映很好。"}).Want(200)
		e.Time.Advance(30 * 24 * time.Hour)
		var r survey.Result
		who.API("GET", "/public/surveys/"+string(v.ID), nil).Want(200).Into(&r)
		if !r.Closed || r.Figure.Answered != 1 || r.Figure.Open != 1 || r.Figure.Enough || len(r.Remarks) != 1 || r.Held != 1 {
			t.Errorf("%+v", r)
		}
		var f survey.Figure
		who.API("GET", "/public"+at+"/satisfaction", nil).Want(200).Into(&f)
		var voices []survey.Voice
		who.API("GET", "/public"+at+"/assessments", nil).Want(200).Into(&voices)
		if f.Survey != v.ID || len(voices) != 1 || voices[0].Given == nil || voices[0].Given.Score != 9000 {
			t.Errorf("%+v %+v", f, voices)
		}
	})
}

// from is a client whose requests leave from an address of this machine.
func from(address string) *http.Client {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Client{Transport: &http.Transport{DialContext: d.DialContext}}
}

// TestAHammeredPoster: a link that was posted publicly takes a few answers of
// one address a day, and of all together so many an hour; an address that
// somebody writes into a header is not believed.
func TestAHammeredPoster(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		a, rules := ask(t, e, 0), survey.Rules()
		send := func(c *http.Client, forged string) int {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL+"/api/v1/public/surveys/"+string(a.v.ID)+"/answers", strings.NewReader(`{"answers":{"satisfaction":"1"}}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			for _, h := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded"} {
				if forged != "" {
					req.Header.Set(h, forged)
				}
			}
			res, err := c.Do(req)
			if err != nil {
				t.Error(err)
				return 0
			}
			_ = res.Body.Close()
			return res.StatusCode
		}
		var mu sync.Mutex
		codes := map[int]int{}
		hammer := func(c *http.Client, times int, forge bool) {
			for i := range times {
				header := ""
				if forge {
					header = fmt.Sprintf("203.0.113.%d", i)
				}
				code := send(c, header)
				mu.Lock()
				codes[code]++
				mu.Unlock()
			}
		}
		one := from("127.0.0.1")
		hammer(one, 2*rules.OpenPerAddress, true)
		one.CloseIdleConnections()
		if codes[201] != rules.OpenPerAddress || codes[429] != rules.OpenPerAddress {
			t.Errorf("one address that forges its name: %v", codes)
		}
		codes = map[int]int{}
		var wg sync.WaitGroup
		addresses := rules.OpenPerHour/rules.OpenPerAddress + 3
		for w := range 4 {
			wg.Go(func() {
				for i := w; i < addresses; i += 4 {
					c := from(fmt.Sprintf("127.0.1.%d", i+1))
					hammer(c, rules.OpenPerAddress, false)
					c.CloseIdleConnections()
				}
			})
		}
		wg.Wait()
		// What comes at the same moment may slip over by as many as come.
		if got := codes[201] + rules.OpenPerAddress; got < rules.OpenPerHour || got > rules.OpenPerHour+4 || codes[201]+codes[429] != addresses*rules.OpenPerAddress {
			t.Errorf("many addresses: %v, of at most %d", codes, rules.OpenPerHour)
		}
		e.Time.Advance(30 * 24 * time.Hour)
		p := e.Visitor().Get("/surveys/" + string(a.v.ID))
		if !p.Has("超过限额拒收") || !p.Has("答卷不够，不给出满意度") {
			t.Error(p.Text())
		}
		var r survey.Result
		e.Visitor().API("GET", "/public/surveys/"+string(a.v.ID), nil).Want(200).Into(&r)
		refused := 0
		for _, b := range r.Bursts {
			refused += b.Refused
		}
		if r.Figure.Enough || r.Figure.Percent != 0 || r.Figure.Answered != 0 || refused != codes[429]+rules.OpenPerAddress {
			t.Errorf("%+v, %d refused", r.Figure, refused)
		}
	})
}
