package acceptance_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"gongji/app/apptest"
	"gongji/app/delivery/acceptance"
	"gongji/app/kernel/fault"
	"gongji/app/party"
)

// Those whom a service is for say what they think of it themselves: a code
// each, once; counted in the record, their names kept from the public.
func TestResidentsSpeakAtTheAcceptanceThemselves(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		approver := e.Colleague(officer, party.Approver)
		g := delivered(t, e, officer, lead)
		x, err := e.Acceptances.Ask(ctx, lead.Actor, g.ID, acceptance.Input{Report: "全部完成"})
		must(t, err)
		if _, _, err := e.Acceptances.Invite(ctx, lead.Actor, x.ID, 5); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the provider hands out codes: %v", err)
		}
		if _, _, err := e.Acceptances.Invite(ctx, officer.Actor, x.ID, 501); !fault.Is(err, fault.Invalid) {
			t.Errorf("too many: %v", err)
		}
		_, codes, err := e.Acceptances.Invite(ctx, officer.Actor, x.ID, 5)
		must(t, err)
		v := e.Visitor()
		if page := v.Get("/o?code=ABCD"); page.Code != 422 || !page.Has("没有这个意见码") {
			t.Errorf("%d %s", page.Code, page.Text())
		}
		at := "/o/" + strings.ToLower(codes[0])
		if page := v.Get("/o?code=" + codes[0]); page.Code != 200 || !page.Has("和美社工服务中心") || page.Find(`[name=opinion]`).Length() != 2 {
			t.Errorf("%d %s", page.Code, page.Text())
		}
		if page := v.Post(at, url.Values{"opinion": {"dissent"}, "name": {"王德海"}}); page.Code != 422 || page.Find("#f-name").AttrOr("value", "") != "王德海" || !page.Has("哪里做得不好") {
			t.Errorf("%d %s", page.Code, page.Text())
		}
		if page := v.Post(at, url.Values{"opinion": {"dissent"}, "words": {"换人没有提前说"}, "name": {"王德海"}, "community": {"沿江社区"}}); page.Code != 200 || !page.Has("谢谢您") {
			t.Errorf("%d %s", page.Code, page.Text())
		}
		if page := v.Post(at, url.Values{"opinion": {"agree"}}); page.Code != 409 || !page.Has("只能用一次") {
			t.Errorf("%d %s", page.Code, page.Text())
		}
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs { // one code, four phones
			wg.Go(func() { _, errs[i] = e.Acceptances.Opine(ctx, codes[1], acceptance.OpinionForm{Opinion: "agree"}) })
		}
		wg.Wait()
		taken := 0
		for _, err := range errs {
			if err == nil {
				taken++
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		}
		if taken != 1 {
			t.Errorf("one code was taken %d times", taken)
		}
		h, err := e.Acceptances.Opinions(ctx, officer.Actor, x.ID)
		if err != nil || h.Tally != (acceptance.Tally{Asked: 5, Answered: 2, Agree: 1, Dissent: 1}) {
			t.Errorf("%+v %v", h, err)
		}
		if _, err := e.Acceptances.Opinions(ctx, lead.Actor, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the provider reads who said what: %v", err)
		}
		f := form()
		f.Members = f.Members[:1]
		must(t, second(e.Acceptances.Save(ctx, officer.Actor, x.ID, 0, f)))
		e.Sign(officer, x.ID)
		must(t, second(e.Acceptances.Submit(ctx, officer.Actor, x.ID))) // no resident in the group, two by code
		if page := approver.Get("/acceptances/" + string(x.ID)); !page.Has("收到 2 份") || !page.Has("王德海") {
			t.Error(page.Text())
		}
		must(t, second(e.Acceptances.Publish(ctx, approver.Actor, x.ID)))
		page := v.Get("/acceptances/" + string(x.ID))
		if !page.Has("发出意见码 5 张，收到 2 份：同意 1 份，有不同意见 1 份") || !page.Has("换人没有提前说") || page.Has("王德海") {
			t.Error(page.Text())
		}
		if body := string(v.API("GET", "/public/acceptances/"+string(x.ID), nil).Want(200).Body); strings.Contains(body, "王德海") {
			t.Error("the name is in the open data")
		}
		if page := v.Get("/o/" + codes[2]); page.Code != 410 {
			t.Errorf("after it was published: %d", page.Code)
		}
	})
}
