package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/tender/tendertest"
)

// TestWithoutScripts: what has to be encrypted in the browser cannot be done
// there without scripts. Each such page says so and what to do, has no form
// that would send anything in the clear, and the offline way works.
func TestWithoutScripts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		approver, bidder := e.Colleague(officer, party.Approver), e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
		x, err := e.Tenders.Create(t.Context(), officer.Actor, tendertest.Complete())
		if err != nil {
			t.Fatal(err)
		}
		keys := e.Lock(officer, x.ID)
		if x, err = e.Tenders.Submit(t.Context(), officer.Actor, x.ID); err == nil {
			x, err = e.Tenders.Publish(t.Context(), approver.Actor, x.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		at := "/tenders/" + string(x.ID)
		bid := bidder.Post(at+"/bid", nil).Path
		says := func(p *apptest.Person, path, what string) {
			t.Helper()
			page := p.Get(path)
			if page.Code != http.StatusOK {
				t.Fatalf("%s: %d", path, page.Code)
			}
			if got := page.Find("noscript").Text(); !strings.Contains(got, "JavaScript") || !strings.Contains(got, what) {
				t.Errorf("%s says without scripts: %q", path, got)
			}
			// A field that holds a bid's words or a passphrase never goes with a form.
			if n := page.Find(`main form[method=post] input[type=password][name]:not(:disabled), main form[method=get] [name=price], main form[method=post] [name=price]:not(:disabled)`).Length(); n > 0 {
				t.Errorf("%s: %d fields could be sent in the clear", path, n)
			}
		}
		for _, page := range []string{"", "/offer", "/answers", "/files", "/check"} {
			says(bidder, bid+page, "离线编制")
		}
		says(bidder, "/account/key", "启用")
		says(keys.Holders[1], at+"/keys", "启用")

		refused := bidder.Upload(bid+"/sealed-file", "投标文件.pdf", []byte("%PDF-1.4\n没有加密"), url.Values{})
		if refused.Code != http.StatusUnprocessableEntity || !refused.Has("没有加密") {
			t.Errorf("a bid in the clear: %d %s", refused.Code, refused.Find(".error-summary").Text())
		}
		sealed := bidder.Sealed(x.ID, 650_000*money.Yuan, "完整的回答")
		if p := bidder.Upload(bid+"/sealed-file", "投标文件.age", sealed, url.Values{}); p.Code != http.StatusOK || !p.Has("投标已提交") {
			t.Errorf("a sealed bid: %d %s", p.Code, p.Text())
		}
		if own := bidder.Get(bid + "/versions/1"); !strings.Contains(own.Find("noscript").Text(), "gongji seal --open") {
			t.Errorf("the own copy says without scripts: %q", own.Find("noscript").Text())
		}
		e.Time.Set(*x.Deadline)
		for _, p := range []*apptest.Person{keys.Holders[0], keys.Holders[1]} {
			p.SignIn()
			says(p, at+"/opening", "启用")
		}
	})
}
