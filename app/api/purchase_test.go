package api_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// published is a tender open for bids, made by program.
func published(e *apptest.Env, officer, approver *apptest.Person) (string, *apptest.Custody) {
	var x view
	in := complete()
	in["ceiling"] = m{"kind": "total", "amount": 76_000_000}
	officer.API("POST", "/tenders", in).Want(201).Into(&x)
	keys := e.Lock(officer, id.ID(x.ID))
	officer.API("POST", "/tenders/"+x.ID+"/submit", nil).Want(200)
	approver.API("POST", "/tenders/"+x.ID+"/approve", nil).Want(200)
	return "/tenders/" + x.ID, keys
}

// upload sends a file with the person's token as a program would.
func upload(t *testing.T, e *apptest.Env, p *apptest.Person, path, name, content string) int {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(content))
	_ = form.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL+"/api/v1"+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+p.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// expert is a person in the expert register.
func expert(t *testing.T, e *apptest.Env, name string) *apptest.Person {
	t.Helper()
	p := e.Person(name)
	if _, err := e.DB.ExecContext(t.Context(), "UPDATE account SET expert = ?, employer = '武汉某大学' WHERE id = ?", true, p.Actor.Account); err != nil {
		t.Fatal(err)
	}
	p.SignIn()
	return p
}

const marker = "标记玄武湖7391"

// TestFromBidToContractByProgram walks three bids to a contract, and looks on
// the way for what must not be seen.
func TestFromBidToContractByProgram(t *testing.T) {
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
		nobodyKnows(t, e, at, officer, approver)
		notKept(t, e, marker, "青山区民政局")
		notKept(t, e, "72000000", "青山区民政局") // the third price
		e.Time.Set(mustTime(t, "2026-06-22T09:00:00+08:00"))
		bidders[0].API("POST", at+"/bid", nil).Want(201) // its own, unchanged
		opened(t, e, keys, at, officer, bidders)
		evaluate(t, e, officer, at)
		decide(t, e, officer, approver, bidders, at)
		undo(t, e, officer, approver, bidders, at)
	})
}

// undo is a 质疑 that is upheld after the contract was signed and before its
// service began: contract and result are gone, and everybody can read why.
func undo(t *testing.T, e *apptest.Env, officer, approver *apptest.Person, bidders []*apptest.Person, at string) {
	t.Helper()
	var c struct{ ID, Number string }
	bidders[0].API("POST", at+"/challenges", letter("result")).Want(201).Into(&c)
	for _, p := range []*apptest.Person{officer, approver} {
		p.SignIn()
	}
	if page := officer.Get("/challenges/" + c.ID); page.Code != 200 || !page.Has("尚未履行") || !page.Has("合同同时撤销") || !page.Has("财政部令第94号第32条") {
		t.Errorf("the buyer is not told what an effect does to the contract: %d", page.Code)
	}
	reply := m{"outcome": "upheld", "answer": "经核实，中标供应商的业绩不实。", "grounds": "合同甲方的回函"}
	for effect, want := range map[string]string{"reselect": "不足 3 家", "compensate": "尚未履行"} {
		reply["effect"] = effect
		if a := officer.API("POST", "/challenges/"+c.ID+"/answer", reply).Want(422); !strings.Contains(string(a.Body), want) {
			t.Errorf("%s: %s", effect, a.Body)
		}
	}
	reply["effect"] = "restart"
	officer.API("POST", "/challenges/"+c.ID+"/answer", reply).Want(200)
	approver.API("POST", "/challenges/"+c.ID+"/approve", nil).Want(200)
	e.Visitor().API("GET", "/public"+at+"/contract", nil).Want(404)
	var all []struct {
		State     string
		RevokedAt *time.Time `json:"revoked_at"`
	}
	e.Visitor().API("GET", "/public"+at+"/contracts", nil).Want(200).Into(&all)
	if len(all) != 1 || all[0].State != "revoked" || all[0].RevokedAt == nil {
		t.Fatalf("%+v", all)
	}
	e.Settle()
	for path, want := range map[string][]string{at + "/contract": {"已撤销的合同", "GJ合〔2026〕0001号", "不再履行", c.Number, "财政部令第94号第32条"},
		at + "/challenges": {"已签合同的，合同一并撤销", "查看合同"}, at: {"撤销合同", "采购失败"}} {
		page := e.Visitor().Get(path)
		for _, w := range want {
			if page.Code != 200 || !page.Has(w) {
				t.Errorf("%s: %d lacks %s", path, page.Code, w)
			}
		}
	}
	if page := bidders[2].Get("/inbox"); !page.Has("合同已撤销") {
		t.Errorf("whose contract it was is not told: %d", page.Code)
	}
}

// opened is an opening by program: two holders, the officer, the bidders.
func opened(t *testing.T, e *apptest.Env, keys *apptest.Custody, at string, officer *apptest.Person, bidders []*apptest.Person) {
	t.Helper()
	type view struct {
		State   string
		May     []string
		Opening struct{ Bidders int }
		Lines   []struct {
			Bid   string
			Price int64
		}
	}
	officer.API("POST", at+"/opening/start", nil).Want(409) // no key yet
	bidders[0].API("POST", at+"/opening/share", m{"share": keys.Share(0)}).Want(403)
	keys.Holders[0].API("POST", at+"/opening/share", m{"share": "x"}).Want(422)
	for i := range 2 {
		var v view
		keys.Holders[i].API("POST", at+"/opening/share", m{"share": keys.Share(i)}).Want(200).Into(&v)
		if v.State != "gathering" || len(v.Lines) != 0 {
			t.Errorf("%+v", v)
		}
	}
	bidders[0].API("POST", at+"/opening/start", nil).Want(403)
	for range 2 { // the same opening
		officer.API("POST", at+"/opening/start", nil).Want(200)
	}
	if err := e.Openings.Wait(t.Context(), keys.Tender); err != nil {
		t.Fatal(err)
	}
	var v view
	bidders[0].API("GET", "/public"+at+"/opening", nil).Want(200).Into(&v)
	if v.State != "confirming" || v.Opening.Bidders != 3 || len(v.Lines) != 3 || v.Lines[0].Price != 70_000_000 || strings.Join(v.May, " ") != "answer" {
		t.Fatalf("opened as %+v", v)
	}
	bidders[0].API("POST", at+"/opening/answer", m{"kind": "objected"}).Want(422)
	bidders[0].API("POST", at+"/opening/answer", m{"kind": "objected", "text": "唱标有误"}).Want(201)
	officer.API("POST", at+"/opening/answer", m{"kind": "confirmed"}).Want(403)
	officer.API("POST", at+"/opening/close", m{}).Want(422)
	var o struct{ Record string }
	officer.API("POST", at+"/opening/close", m{"remark": "已核对，唱标无误"}).Want(200).Into(&o)
	bidders[1].API("POST", at+"/opening/answer", m{"kind": "confirmed"}).Want(410)
	var events struct {
		Items []struct {
			Seq  int64
			Kind string
		}
		Next string
	}
	e.Visitor().API("GET", "/public"+at+"/opening/events?after=2", nil).Want(200).Into(&events)
	if len(events.Items) < 7 || events.Items[0].Seq != 3 || events.Items[len(events.Items)-1].Kind != "closed" {
		t.Errorf("%+v", events)
	}
	e.Settle()
	if pdf := e.Visitor().Get("/documents/" + o.Record); pdf.Code != 200 || !bytes.HasPrefix(pdf.Body, []byte("%PDF")) {
		t.Errorf("the opening record: %d", pdf.Code)
	}
}

func sendBid(t *testing.T, e *apptest.Env, p *apptest.Person, x id.ID, price money.Fen) {
	t.Helper()
	var b struct {
		ID       string
		Draft    *struct{ Revision int }
		Versions []struct {
			Receipt, SHA256 string
			Version         int
		}
	}
	p.API("POST", "/tenders/"+string(x)+"/bid", nil).Want(201).Into(&b)
	bid := "/bids/" + b.ID
	sealed := p.Sealed(x, price, marker, apptest.Attachment(marker+".pdf", "%PDF-1.4\n"+marker))
	p.API("GET", bid+"/draft", nil).Want(404)
	p.Raw("PUT", bid+"/draft", []byte(marker)).Want(422)
	p.Raw("PUT", bid+"/draft", sealed[:4000]).Want(200)
	p.Raw("PUT", bid+"/draft", sealed[:5000], "If-Match", `"1"`).Want(200)
	p.Raw("PUT", bid+"/draft", sealed[:6000], "If-Match", `"1"`).Want(409)
	if d := p.API("GET", bid+"/draft", nil).Want(200); !bytes.Equal(d.Body, sealed[:5000]) || d.Header.Get("ETag") != `"2"` {
		t.Errorf("the draft came back as %d bytes, %s", len(d.Body), d.Header.Get("ETag"))
	}
	for name, c := range map[string]struct {
		content string
		want    int
	}{"方案.pdf": {"%PDF-1.4\n" + marker, 422}, "空.pdf": {"", 422}, "方案.age": {string(sealed[:3000]), 201}} {
		if got := upload(t, e, p, bid+"/attachments", name, c.content); got != c.want {
			t.Errorf("%s: %d", name, got)
		}
	}
	p.Raw("POST", bid+"/sealed", []byte(`{"price": 1}`)).Want(422)
	for range 2 { // a lost answer: the same file is the same version
		p.Raw("POST", bid+"/sealed", sealed).Want(201)
	}
	p.API("GET", bid, nil).Want(200).Into(&b)
	if len(b.Versions) != 1 || b.Versions[0].Version != 1 || b.Draft == nil || b.Draft.Revision != 2 {
		t.Errorf("sent twice: %+v", b)
	}
	if own := p.API("GET", bid+"/versions/1/sealed", nil).Want(200); !bytes.Equal(own.Body, sealed) {
		t.Errorf("the sealed file came back as %d bytes", len(own.Body))
	}
	p.API("GET", bid+"/versions/1", nil).Want(404)
	e.Settle()
	if pdf := p.Get("/documents/" + b.Versions[0].Receipt); pdf.Code != 200 || !bytes.HasPrefix(pdf.Body, []byte("%PDF")) {
		t.Errorf("the receipt: %d", pdf.Code)
	}
}

// nobodyKnows looks for a bid's words, and for any sign that there is one, in
// everything the buyer and the public can ask for, in the log and the figures.
func nobodyKnows(t *testing.T, e *apptest.Env, at string, people ...*apptest.Person) {
	t.Helper()
	for _, p := range append(people, e.Visitor(), e.Org(party.Platform, "平台", party.Admin)) {
		for _, path := range []string{at, at + "/opening", at + "/award", at + "/bids", "/desk", "/tenders", "/bids", "/metrics"} {
			if page := p.Get(path); page.Has(marker) || page.Has("第1社会工作服务中心") && path != "/organisations" {
				t.Errorf("%s shows a bid to %s", path, p.Login)
			}
		}
		if a := p.API("GET", "/public"+at, nil); strings.Contains(string(a.Body), "投标文件") {
			t.Errorf("the public tender tells of a bid: %s", a.Body)
		}
		if a := p.API("GET", "/public"+at+"/opening", nil).Want(200); !strings.Contains(string(a.Body), `"before"`) || strings.Contains(string(a.Body), "bidders") {
			t.Errorf("the opening before there is one: %s", a.Body)
		}
	}
	if strings.Contains(e.Log.String(), marker) {
		t.Error("the log has a bid's words")
	}
	figures := e.Visitor().Get("/metrics")
	for what, text := range map[string]string{"the log": e.Log.String(), "/metrics": string(figures.Body)} {
		if strings.Contains(text, "/bids/{id}") || strings.Contains(text, "/tenders/{id}/bid\"") {
			t.Errorf("%s tells how often bids are worked on", what)
		}
	}
	if figures.Code != 200 || !strings.Contains(string(figures.Body), "gongji_http_requests_total") {
		t.Errorf("/metrics: %d", figures.Code)
	}
}

func evaluate(t *testing.T, e *apptest.Env, officer *apptest.Person, at string) {
	t.Helper()
	var panel []*apptest.Person
	tied := expert(t, e, "有关系的专家")
	if _, err := e.DB.ExecContext(t.Context(), "UPDATE account SET employer = '第1社会工作服务中心' WHERE id = ?", tied.Actor.Account); err != nil {
		t.Fatal(err)
	}
	if a := officer.API("POST", at+"/panel", m{"login": tied.Login, "seat": "expert"}).Want(422); !strings.Contains(string(a.Body), "条例第9条") {
		t.Errorf("refused without its article: %s", a.Body)
	}
	officer.API("POST", at+"/panel/begin", nil).Want(422)
	for i := range 5 {
		p := expert(t, e, fmt.Sprintf("专家%d", i+1))
		officer.API("POST", at+"/panel", m{"login": p.Login, "seat": "expert", "reason": "主管预算单位同意"}).Want(201)
		panel = append(panel, p)
	}
	if a := officer.API("POST", at+"/panel/begin", nil).Want(422); !strings.Contains(string(a.Body), "资格审查") {
		t.Errorf("it began before the eligibility check: %s", a.Body)
	}
	eligible(officer, at)
	officer.API("POST", at+"/panel/begin", nil).Want(200)
	id := strings.TrimPrefix(at, "/tenders/")
	for i, p := range panel {
		var desk struct {
			Questions []struct {
				Key    string
				Weight int64
			}
			Bids []struct{ Bid string }
		}
		if p.API("GET", "/panels/"+id, nil).Want(200).Into(&desk); len(desk.Bids) != 0 {
			t.Error("a member sees bids before the declaration")
		}
		p.API("POST", "/panels/"+id+"/enter", m{"clear": true}).Want(200)
		p.API("GET", "/panels/"+id+"/meeting", nil).Want(409)
		p.API("GET", "/panels/"+id, nil).Want(200).Into(&desk)
		var sheets []m
		for j, b := range desk.Bids {
			sheets = append(sheets, m{"bid": b.Bid, "conforming": true, "scores": m{desk.Questions[0].Key: 6000 + 500*j + 10*i}})
			if c := p.API("GET", "/bids/"+b.Bid+"/versions/0", nil).Want(200); !strings.Contains(string(c.Body), marker) {
				t.Errorf("the panel does not read the bid: %s", c.Body)
			}
		}
		p.API("PUT", "/panels/"+id, m{"sheets": []m{{"bid": desk.Bids[0].Bid, "scores": m{desk.Questions[0].Key: 9001}}}}).Want(422)
		if a := p.API("PUT", "/panels/"+id, m{"sheets": []m{{"bid": desk.Bids[0].Bid, "scores": m{desk.Questions[0].Key: 3500}}}}).Want(422); !strings.Contains(string(a.Body), "0、30、40–90") {
			t.Errorf("a score between two bands is refused without naming what is allowed: %s", a.Body)
		}
		p.API("PUT", "/panels/"+id, m{"sheets": sheets}).Want(200)
		p.API("POST", "/panels/"+id+"/submit", nil).Want(200)
		p.API("POST", "/panels/"+id+"/submit", nil).Want(409)
	}
	officer.API("POST", at+"/award", m{}).Want(403)
	panel[0].API("GET", "/panels/"+id+"/meeting", nil).Want(200)
	panel[0].API("POST", "/panels/"+id+"/meeting/settle", nil).Want(200)
	officer.API("POST", at+"/award", m{}).Want(409) // nobody signed yet
	for i, p := range panel {
		in := m{}
		if i == 4 {
			in["dissent"] = "第二名的方案更好"
		}
		p.API("POST", "/panels/"+id+"/sign", in).Want(200)
	}
	e.Visitor().API("GET", "/public/tenders/"+id+"/evaluation", nil).Want(404)
}

// eligible passes every bidder's eligibility through the API.
func eligible(officer *apptest.Person, at string) {
	var check struct{ Bids []struct{ Bid string } }
	officer.API("GET", at+"/eligibility", nil).Want(200).Into(&check)
	var checks []m
	for _, b := range check.Bids {
		checks = append(checks, m{"bid": b.Bid, "passed": true})
	}
	officer.API("PUT", at+"/eligibility", m{"checks": checks}).Want(200)
}

func decide(t *testing.T, e *apptest.Env, officer, approver *apptest.Person, bidders []*apptest.Person, at string) {
	t.Helper()
	var ranking struct {
		Record struct {
			Lines []struct {
				Bid  string
				Rank int
			}
		}
	}
	bidders[0].API("GET", at+"/ranking", nil).Want(403)
	officer.API("GET", at+"/ranking", nil).Want(200).Into(&ranking)
	officer.API("POST", at+"/award", m{"bid": ranking.Record.Lines[1].Bid}).Want(422)
	officer.API("POST", at+"/award", m{"bid": ranking.Record.Lines[0].Bid}).Want(201)
	officer.API("POST", at+"/award/decide", m{"approve": true}).Want(403)
	e.Visitor().API("GET", "/public"+at+"/award", nil).Want(404)
	approver.API("POST", at+"/award/decide", m{"approve": true}).Want(200)
	var result struct {
		Award     struct{ Notice, Number string }
		Standings []struct{ Name string }
	}
	e.Visitor().API("GET", "/public"+at+"/award", nil).Want(200).Into(&result)
	if len(result.Standings) != 3 || result.Standings[0].Name != "第3社会工作服务中心" {
		t.Errorf("published %+v", result)
	}
	e.Settle()
	for i, want := range []int{404, 404, 200} {
		bidders[i].SignIn() // three weeks have passed
		if page := bidders[i].Get("/documents/" + result.Award.Notice); page.Code != want {
			t.Errorf("bidder %d fetches the notice: %d", i+1, page.Code)
		}
		var mine struct {
			Items []struct {
				ID  string
				Won *bool
			}
		}
		bidders[i].API("GET", "/bids", nil).Want(200).Into(&mine)
		if mine.Items[0].Won == nil || *mine.Items[0].Won != (i == 2) {
			t.Errorf("bidder %d: %+v", i+1, mine)
		}
		bidders[i].API("GET", "/bids/"+mine.Items[0].ID+"/result", nil).Want(200)
	}
	officer.API("POST", at+"/contract", m{"signed_on": nil}).Want(422)
	officer.API("POST", at+"/contract", m{"signed_on": "2026-06-22T00:00:00+08:00", "starts_on": "2026-07-01T00:00:00+08:00", "ends_on": "2027-06-30T00:00:00+08:00"}).Want(201)
	e.Visitor().API("GET", "/public"+at+"/contract", nil).Want(200)
	if page := e.Visitor().Get(at + "/contract"); page.Code != 200 || !page.Has("GJ合〔2026〕0001号") {
		t.Errorf("the contract's page: %d", page.Code)
	}
}

func mustTime(t *testing.T, s string) time.Time {
	t.Helper()
	x, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}
