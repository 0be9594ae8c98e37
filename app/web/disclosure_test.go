package web_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// TestDisclosurePages walks the forms and addresses of a disclosure and what a
// stranger sees of each.
func TestDisclosurePages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ch := e.Charity()
		amount := 1_409*money.Yuan + 50
		d, err := e.Donations.Record(t.Context(), ch.Officer.Actor, donation.Offline{DonorKind: donation.Person, DonorName: "欧阳娜娜",
			Pledge: donation.Pledge{Fund: ch.Fund.ID, Kind: donation.Money, Amount: &amount, Relation: donation.NoRelation, Agree: true, NoBenefit: true}})
		if err == nil {
			_, err = e.Donations.Confirm(t.Context(), ch.Finance.Actor, d.ID, donation.Arrival{On: e.Time.Now(), Amount: &amount})
		}
		if err != nil {
			t.Fatal(err)
		}
		fund := "/funds/" + string(ch.Fund.ID)
		if p := e.Visitor().Get(fund); p.Find("#disclosures time[data-deadline]").Length() < 2 || !p.Has("慈善法第78–79条") || !p.Has("还没有公布过") {
			t.Error("the fund's page does not say when it must publish")
		}
		e.Time.Advance(time.Hour)
		if p := ch.Finance.Get("/foundation/disclosures"); p.Code != 200 || p.Find("form[method='post'][action='/foundation/disclosures']").Length() != 0 {
			t.Errorf("finance drafts: %d", p.Code)
		}
		post(t, ch.Officer, 200, "/foundation/disclosures", "subject", string(ch.Fund.ID), "kind", "regular")
		if p := post(t, ch.Officer, 409, "/foundation/disclosures", "subject", string(ch.Fund.ID), "kind", "regular"); p.Code != 409 || p.Find(".error-summary").Length() != 1 {
			t.Errorf("twice the same: %d", p.Code)
		}
		list, err := e.Disclosures.List(t.Context(), ch.Officer.Actor, disclosure.Filter{Foundation: ch.Fund.Foundation})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		at := "/foundation/disclosures/" + string(list[0].ID)
		if p := e.Visitor().Get("/disclosures/" + string(list[0].ID)); p.Code != 404 {
			t.Errorf("a visitor reads a draft: %d", p.Code)
		}
		if p := e.Visitor().Get(at); p.Path != "/account/login" {
			t.Errorf("a visitor enters the desk: %s", p.Path)
		}
		if p := post(t, ch.Officer, 422, at+"/edit", "summary", "x", "unit", "英镑", "until", "明天"); p.Code != 422 || p.Find("#f-until-error, #f-unit-error").Length() == 0 || !p.Has("请填写日期") {
			t.Errorf("nonsense was taken: %d", p.Code)
		}
		if p := post(t, ch.Officer, 422, at+"/submit"); p.Code != 422 || !p.Has("至少 10 个字") {
			t.Errorf("submitted without a word: %d", p.Code)
		}
		post(t, ch.Officer, 200, at+"/edit", "summary", "采购口罩并发放到社区，结余下期使用。", "unit", "yuan")
		if p := ch.Officer.Get(at); p.Find("form[action$='/submit'] input[name='csrf']").AttrOr("value", "") == "" {
			t.Error("the button to submit has no token")
		}
		post(t, ch.Officer, 200, at+"/submit")
		post(t, ch.Officer, 403, at+"/decide", "decision", "publish")
		post(t, ch.Approver, 200, at+"/decide", "decision", "publish")
		e.Settle()
		public := "/disclosures/" + string(list[0].ID)
		p := e.Visitor().Get(public)
		if p.Code != 200 || !p.Has("1,409.50") || p.Has("欧阳") || p.Find("a[href^='/documents/']").Length() == 0 || p.Find("a[href^='/verify/']").Length() != 1 {
			t.Errorf("the public page: %d", p.Code)
		}
		if p := e.Visitor().Get(p.Find("a[href^='/verify/']").AttrOr("href", "")); p.Code != 200 || !p.Has("1,409.50") {
			t.Errorf("the verification: %d", p.Code)
		}
		if p := e.Visitor().Get("/disclosures?kind=regular&q=横沥"); p.Find("table tbody tr").Length() != 1 {
			t.Error("the public list")
		}
		if p := e.Visitor().Get("/disclosures/export.csv"); p.Code != 200 || !strings.Contains(string(p.Body), "1409.50") || strings.Contains(string(p.Body), "欧阳") {
			t.Errorf("the export: %s", p.Body)
		}
		if p := post(t, ch.Officer, 422, at+"/correct", "why", ""); p.Code != 422 || !p.Has("请写明更正的理由") {
			t.Errorf("corrected without a reason: %d", p.Code)
		}
		post(t, ch.Officer, 200, at+"/correct", "why", "漏写发放的社区")
		list, err = e.Disclosures.List(t.Context(), ch.Officer.Actor, disclosure.Filter{Foundation: ch.Fund.Foundation, State: disclosure.Draft})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		second := "/foundation/disclosures/" + string(list[0].ID)
		post(t, ch.Officer, 200, second+"/submit")
		post(t, ch.Approver, 200, second+"/decide", "decision", "publish")
		if p := e.Visitor().Get(public); p.Find("del.struck").Length() != 1 || p.Find(".notice a[href='/disclosures/"+string(list[0].ID)+"']").Length() != 1 {
			t.Error("the first edition is not marked as corrected")
		}
		if p := e.Visitor().Get("/disclosures/" + string(list[0].ID)); p.Find("del.struck").Length() != 0 || !p.Has("漏写发放的社区") {
			t.Error("the correction")
		}
		labels(t, e, ch, d.ID)
	})
}

// post sends a form and wants an answer; redirects are followed.
func post(t *testing.T, who *apptest.Person, code int, path string, pairs ...string) *apptest.Page {
	t.Helper()
	p := who.Post(path, values(pairs...))
	if p.Code != code {
		t.Fatalf("%s answers %d: %s", path, p.Code, p.Find(".error-summary").Text())
	}
	return p
}

func labels(t *testing.T, e *apptest.Env, ch *apptest.Charity, gift id.ID) {
	t.Helper()
	at := "/foundation/funds/" + string(ch.Fund.ID)
	if p := post(t, ch.Finance, 422, at+"/labels", "line."+string(gift), "欧阳娜娜", "heading."+string(gift), "筹款数"); p.Code != 422 || !p.Has("不能写捐赠人的姓名") {
		t.Errorf("a label names the donor: %d", p.Code)
	}
	post(t, ch.Finance, 200, at+"/labels", "line."+string(gift), "罗庄街道", "heading."+string(gift), "筹款数")
	if p := ch.Finance.Get(at + "/labels"); p.Find("input[value='罗庄街道']").Length() != 1 {
		t.Error("the label is not there")
	}
	if p := post(t, ch.Officer, 422, at+"/emergency", "why", ""); p.Code != 422 {
		t.Errorf("an emergency without a word: %d", p.Code)
	}
	post(t, ch.Officer, 200, at+"/emergency", "why", "特大暴雨灾害救援")
	if p := e.Visitor().Get("/funds/" + string(ch.Fund.ID)); !p.Has("突发事件期间公布") || !p.Has("慈善法第72条") {
		t.Error("the fund's page does not say that there is an emergency")
	}
	post(t, ch.Officer, 200, at+"/emergency", "action", "end")
}

// A campaign is told of from the same desk as the funds.
func TestACampaignIsDisclosedByForms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ch := e.Charity()
		ctx, day := t.Context(), func(n int) string { return e.Time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
		x, err := e.Campaigns.Create(ctx, ch.Officer.Actor, campaign.Form{Name: "社区助老公开募捐", Purpose: "为独居老人购买上门照料服务和应急物资", Fund: string(ch.Fund.ID), Platform: "某指定平台",
			URL: "https://gongyi.example.cn/donate/1", Filing: "91654026MA78WT2Q66A26001", Qualification: "粤募证字第0001号", StartsOn: day(-30), EndsOn: day(300)})
		if err == nil {
			_, err = e.Attachments.Add(ctx, ch.Officer.Actor, campaign.ObjectKind, x.ID, "paper", "证书.pdf", bytes.NewReader(fundtest.Agreement))
		}
		if err == nil {
			_, err = e.Campaigns.Submit(ctx, ch.Officer.Actor, x.ID)
		}
		if err == nil {
			_, err = e.Campaigns.Approve(ctx, ch.Approver.Actor, x.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		public, manage := "/campaigns/"+string(x.ID), "/foundation/campaigns/"+string(x.ID)
		if p := e.Visitor().Get(public); p.Find("#disclosures time[data-deadline]").Length() == 0 || !p.Has("慈善法第78–79条") {
			t.Error("the campaign's page does not say when it must be told of")
		}
		if p := post(t, ch.Officer, 422, manage+"/emergency", "why", ""); p.Find("#f-why-error").Length() != 1 {
			t.Error("an emergency without a word")
		}
		post(t, ch.Officer, 200, manage+"/emergency", "why", "强降雨救灾")
		if p := ch.Finance.Get(manage); p.Code != 200 || p.Find("form[action$='/emergency']").Length() != 0 || !p.Has("慈善法第72条") {
			t.Errorf("finance on the campaign's page: %d", p.Code)
		}
		e.Time.Advance(time.Hour)
		p := post(t, ch.Officer, 200, "/foundation/disclosures", "subject", string(x.ID), "kind", "emergency")
		at := p.Path
		if !p.Has("捐赠人次") || !p.Has("平台费用") {
			t.Errorf("the draft: %s", p.Text())
		}
		post(t, ch.Officer, 200, at+"/edit", "summary", "平台尚未结算，救灾物资已下单采购。", "unit", "yuan")
		post(t, ch.Officer, 200, at+"/submit")
		post(t, ch.Approver, 200, at+"/decide", "decision", "publish")
		e.Settle()
		p = e.Visitor().Get("/disclosures?subject=" + string(x.ID))
		if p.Find("table tbody tr").Length() != 1 || !p.Has("社区助老公开募捐") {
			t.Errorf("the public list: %s", p.Text())
		}
		one := e.Visitor().Get(strings.Replace(at, "/foundation", "", 1))
		if one.Find("a[href='"+public+"']").Length() == 0 || one.Find("a[href^='/documents/']").Length() != 1 {
			t.Errorf("the disclosure: %s", one.Text())
		}
		if p := e.Visitor().Get(public); p.Find("#disclosures a[href^='/disclosures/']").Length() == 0 {
			t.Error("the campaign's page does not lead to it")
		}
	})
}
