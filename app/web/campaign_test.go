package web_test

import (
	"net/url"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/party"
)

func TestACampaignByForms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		rival := e.Org(party.Foundation, "别的基金会", party.Finance)
		const code = "91654026MA78WT2Q66"
		now := e.Time.Now()
		day := func(n int) string { return now.AddDate(0, 0, n).Format("2006-01-02") }
		form := url.Values{"name": {"社区助老公开募捐"}, "purpose": {"为独居老人购买上门照料服务和应急物资"}, "fund": {string(c.Fund.ID)}, "platform": {"某指定平台"},
			"url": {"javascript:alert(1)"}, "filing_number": {code + "A26001"}, "qualification": {"粤募证字第0001号"}, "starts_on": {day(-30)}, "ends_on": {day(30)}}
		page := c.Officer.Post("/foundation/campaigns", form)
		at := page.Path
		if page.Code != 200 || page.Find(`a[href="#papers"]`).Length() != 1 || page.Find(`a[href$="#f-url"]`).Length() == 0 {
			t.Fatalf("saved: %d %s %s", page.Code, at, page.Text())
		}
		page = c.Officer.Get(at + "/edit?check=1")
		if v, _ := page.Find("#f-url").Attr("value"); v != "javascript:alert(1)" || page.Find(`#f-url[aria-invalid="true"]`).Length() != 1 {
			t.Errorf("the wrong address is %q and not marked", v)
		}
		form.Set("url", "https://gongyi.example.cn/donate/1")
		c.Officer.Post(at+"/edit", form)
		owner := strings.TrimPrefix(at, "/foundation/campaigns/")
		if page = c.Officer.Upload("/attachments/campaign/"+owner, "资格证书.pdf", fundtest.Agreement, nil); page.Code != 201 {
			t.Fatalf("upload: %d %s", page.Code, page.Body)
		}
		if page = c.Officer.Post(at+"/submit", nil); page.Code != 200 || !page.Has("待审批") {
			t.Fatalf("submit: %d %s", page.Code, page.Text())
		}
		if page = e.Visitor().Get("/campaigns/" + owner); page.Code != 404 {
			t.Errorf("a visitor before approval: %d", page.Code)
		}
		if page = c.Approver.Post(at+"/decide", url.Values{"decision": {"return"}}); page.Code != 422 || page.Find("#f-reason").Length() == 0 {
			t.Errorf("returned without a reason: %d", page.Code)
		}
		if page = c.Approver.Post(at+"/decide", url.Values{"decision": {"approve"}}); page.Code != 200 || !page.Has("募捐中") {
			t.Fatalf("approve: %d %s", page.Code, page.Text())
		}

		look := e.Visitor()
		if page = look.Get("/campaigns?q=" + url.QueryEscape("独居老人 助老")); !page.Has("共 1 项") || page.Find(`table a[href="/campaigns/`+owner+`"]`).Length() != 1 {
			t.Errorf("not found by its purpose: %s", page.Text())
		}
		if page = look.Get("/campaigns?q=" + url.QueryEscape("没有这样的")); !page.Has("没有符合条件的募捐") || page.Find(`a[href="/campaigns"]:contains("清除条件")`).Length() == 0 {
			t.Errorf("nothing found: %s", page.Text())
		}
		if page = look.Get("/organisations/" + string(c.Fund.Foundation)); page.Find(`#campaigns a[href="/campaigns/`+owner+`"]`).Length() != 1 || page.Find(`#funds a[href="/funds/`+string(c.Fund.ID)+`"]`).Length() != 1 || page.Find("#calls").Length() != 1 {
			t.Errorf("the foundation's page: %s", page.Text())
		}
		if page = look.Get("/campaigns/export.csv"); !strings.Contains(string(page.Body), code+"A26001") {
			t.Errorf("the export: %s", page.Body)
		}

		page = c.Officer.Post(at+"/settlements", url.Values{"reference": {"JS-1"}, "from": {day(-20)}, "to": {day(-1)}, "gross": {"10000"}, "platform_fee": {"60"}, "net": {"9000"}, "gifts": {"412"}})
		if v, _ := page.Find("#f-net").Attr("value"); page.Code != 422 || v != "9000" {
			t.Errorf("a net amount that is none: %d %q", page.Code, v)
		}
		page = c.Officer.Post(at+"/settlements", url.Values{"reference": {"JS-1"}, "from": {day(-20)}, "to": {day(-1)}, "gross": {"10000"}, "platform_fee": {"60"}, "net": {"9940"}, "gifts": {"412"}})
		settlement := page.Path
		if page.Code != 200 || page.Find(`a[href="#statement"]`).Length() != 1 {
			t.Fatalf("settlement: %d %s", page.Code, page.Text())
		}
		if page = c.Officer.Post(settlement+"/enter", nil); page.Code != 422 {
			t.Errorf("entered without the statement: %d", page.Code)
		}
		c.Officer.Upload("/attachments/campaign_settlement/"+strings.TrimPrefix(settlement, "/foundation/settlements/"), "结算单.pdf", fundtest.Agreement, nil)
		if page = c.Officer.Upload(settlement+"/list", "名单.csv", []byte("姓名\n张三\n"), nil); page.Code != 422 || page.Find(`#f-list[aria-invalid="true"]`).Length() != 1 {
			t.Errorf("a list without amounts: %d", page.Code)
		}
		page = c.Officer.Upload(settlement+"/list", "名单.csv", []byte("票据抬头,金额\n欧阳娜娜,1200\n王*,3\n"), nil)
		if page.Code != 200 || !page.Has("名单 1 人次") || page.Find("#listed tbody tr").Length() != 1 || page.Has("欧阳") {
			t.Errorf("the list: %d %s", page.Code, page.Find("#listed").Text())
		}
		page = c.Officer.Post(settlement+"/enter", nil)
		gift, _ := page.Find(`a[href^="/foundation/donations/"]`).First().Attr("href")
		if page.Code != 200 || gift == "" || !page.Has("待另一人确认到账") {
			t.Fatalf("entered: %d %s", page.Code, page.Text())
		}
		if page = rival.Get(settlement); page.Code != 404 {
			t.Errorf("another foundation reads it: %d", page.Code)
		}
		arrived := func() url.Values { return url.Values{"amount": {"9940"}, "on": {day(0)}} }
		if page = c.Officer.Post(gift+"/confirm", arrived()); page.Code != 403 {
			t.Errorf("confirmed by who entered it: %d %s", page.Code, page.Path)
		}
		if page = c.Finance.Get(gift); page.Code != 200 || !page.Has("公众（经某指定平台") {
			t.Errorf("the donation: %d %s", page.Code, page.Text())
		}
		if page = c.Finance.Post(gift+"/confirm", arrived()); page.Code != 200 {
			t.Fatalf("confirmed: %d %s", page.Code, page.Text())
		}

		page = e.Visitor().Get("/campaigns/" + owner)
		if page.Code != 200 || page.Find(`.next a[href="https://gongyi.example.cn/donate/1"][rel~="nofollow"]`).Length() != 1 ||
			!strings.Contains(page.Find("#why").Text(), "慈善法") || !page.Has(code+"A26001") || !page.Has("9,940.00") || page.Has("结算单.pdf") || page.Has("欧阳") {
			t.Errorf("the public page: %d %s", page.Code, page.Text())
		}
		page = e.Visitor().Get("/funds/" + string(c.Fund.ID))
		if page.Find(`#campaigns a[href="https://gongyi.example.cn/donate/1"]`).Length() != 1 || !page.Has("公众（经某指定平台，411 人次）") || page.Has("欧阳") {
			t.Errorf("the fund's page: %s", page.Text())
		}
		if page = e.Visitor().Get("/campaigns?q=" + url.QueryEscape("助老")); page.Find(`td a[href="/campaigns/`+owner+`"]`).Length() != 1 {
			t.Errorf("the list: %s", page.Text())
		}
		if page = c.Approver.Post(at+"/end", url.Values{"reason": {"募捐期满"}}); page.Code != 200 {
			t.Errorf("ended: %d", page.Code)
		}
		if page = e.Visitor().Get("/campaigns/" + owner); page.Find("aside .btn-primary").Length() != 0 || !page.Has("募捐期满") {
			t.Errorf("after the end: %s", page.Text())
		}
		if page = c.Finance.Get("/foundation/receipts/batches/new?campaign=" + owner); page.Find(`#f-campaign option[selected][value="`+owner+`"]`).Length() != 1 {
			t.Errorf("the batch of the campaign: %d %s", page.Code, page.Find("form").Text())
		}
		page = c.Finance.Post("/foundation/receipts/batches", url.Values{"campaign": {owner}})
		if page.Code != 200 || !page.Has("公开募捐 · 社区助老公开募捐") || !page.Has("欧阳娜娜") {
			t.Errorf("prepared: %d %s", page.Code, page.Text())
		}
	})
}
