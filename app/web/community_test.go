package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/delivery/need"
	"gongji/app/party"
)

func TestNeedsInPages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		street, who := e.Org(party.Community, "江滨社区居民委员会", party.Lead), e.Visitor()
		if p := who.Get("/needs"); !p.Has("还没有议题") {
			t.Error(p.Text())
		}
		if p := who.Get("/menu"); !p.Has("菜单还是空的") {
			t.Error(p.Text())
		}
		if p := officer.Get("/needs/new"); p.Code != 403 {
			t.Errorf("%d", p.Code)
		}
		if p := street.Post("/needs", url.Values{"title": {"周末没有老人食堂"}, "body": {"短"}}); p.Code != 422 || p.Find("#f-title").AttrOr("value", "") != "周末没有老人食堂" {
			t.Errorf("%d %s", p.Code, p.Text())
		}
		p := street.Post("/needs", url.Values{"title": {"周末没有老人食堂"}, "body": {"助餐点周末停业，独居老人没有地方吃饭。"}, "people": {"独居老人约 60 人"}})
		at := p.Path
		if !p.Has("议题已公开") || !strings.HasPrefix(at, "/needs/") {
			t.Fatal(p.Text())
		}
		if p := who.Post(at+"/support", nil); p.Code != 422 || !p.Has("Cookie") {
			t.Errorf("without a cookie: %d", p.Code)
		}
		for range 2 {
			if p := who.Post(at+"/support", nil); p.Code != 200 || !p.Has("同一个浏览器只算一次") {
				t.Fatalf("%d %s", p.Code, p.Text())
			}
		}
		if p := who.Get(at); p.Find(".tile-number").First().Text() != "1" || !p.Has("不是人数，也不是投票") {
			t.Error(p.Find(".tile-number").First().Text())
		}
		if p := who.Post(at+"/words", url.Values{"text": {"我也要<script>，电话13800138000"}}); p.Code != 200 || p.Has("我也要") || !p.Has("等待社区审核 1 条") {
			t.Errorf("%d %s", p.Code, p.Text())
		}
		held := street.Get(at)
		if !held.Has("我也要<script>，电话〔号码已隐去〕") {
			t.Error(held.Text())
		}
		if p := street.Get("/desk"); !p.Has("待审核的居民想法") || !p.Has("本社区的议题") {
			t.Error(p.Text())
		}
		word := held.Find(`input[name="word"]`).AttrOr("value", "")
		if p := street.Post(at+"/hear", url.Values{"word": {word}, "decision": {"refuse"}}); p.Code != 422 {
			t.Errorf("%d", p.Code)
		}
		street.Post(at+"/hear", url.Values{"word": {word}, "decision": {"show"}})
		if p := who.Get(at); !p.Has("我也要") || strings.Contains(string(p.Body), "<script>，") {
			t.Error(p.Text())
		}
		g := e.EngageContract(officer, lead, "周末助餐")
		for _, in := range []url.Values{{"step": {"settled"}, "note": {"居民代表会议选出"}}, {"step": {"consulted"}, "note": {"老人、家属一起商量"}, "held_on": {"2026-05-30"}, "people": {"24"}}, {"step": {"decided"}, "note": {"报请民政局购买服务"}}} {
			if p := street.Post(at+"/take", in); p.Code != 200 {
				t.Fatalf("%d %s", p.Code, p.Text())
			}
		}
		if p := street.Post(at+"/take", url.Values{"step": {"supervised"}, "note": {"每月随访五户"}}); p.Code != 409 || !strings.Contains(p.Find("#f-note").Text(), "每月随访五户") {
			t.Errorf("%d", p.Code)
		}
		if p := street.Post(at+"/ties", url.Values{"address": {e.URL + "/engagements/" + string(g.ID)}}); !p.Has("已关联，两边的页面都能看到") {
			t.Fatal(p.Text())
		}
		if p := who.Get("/engagements/" + string(g.ID)); p.Find(`a[href="`+at+`"]`).Length() != 1 {
			t.Error(p.Text())
		}
		if p := who.Get(at); p.Find(`a[href="/engagements/`+string(g.ID)+`"]`).Length() == 0 || !p.Has("协商会 2026年5月30日，到会 24 人") {
			t.Error(p.Text())
		}
		if p := who.Get("/needs?q=食堂&step=decided"); p.Find("tbody tr").Length() != 1 {
			t.Error(p.Text())
		}
		if p := who.Get("/needs?q=没有的"); !p.Has("没有符合条件的议题") {
			t.Error(p.Text())
		}
		if p := officer.Post(at+"/take", url.Values{"step": {"supervised"}, "note": {"由别人来办理"}}); p.Code != 403 {
			t.Errorf("%d", p.Code)
		}
	})
}

func TestNeedsByAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		street, lead := e.Org(party.Community, "江滨社区居民委员会", party.Lead), e.Org(party.Social, "和美社工服务中心", party.Lead)
		in := map[string]any{"title": "周末没有老人食堂", "body": "助餐点周末停业，独居老人没有地方吃饭。", "people": "约 60 人"}
		lead.API("POST", "/needs", in).Want(http.StatusForbidden)
		var n need.Need
		street.API("POST", "/needs", in).Want(201).Into(&n)
		at := "/needs/" + string(n.ID)
		e.Visitor().API("POST", "/public"+at+"/words", map[string]any{"text": "周六也要"}).Want(201)
		var held []need.Word
		street.API("GET", at+"/words", nil).Want(200).Into(&held)
		lead.API("GET", at+"/words", nil).Want(403)
		street.API("POST", at+"/words", map[string]any{"word": held[0].ID, "show": true}).Want(200)
		street.API("POST", at+"/take", map[string]any{"step": "settled", "note": "居民代表会议选出"}).Want(200)
		street.API("POST", at+"/take", map[string]any{"step": "judged", "note": "跳过中间几步"}).Want(409)
		street.API("POST", at+"/ties", map[string]any{"address": "/funds"}).Want(422)
		var x need.Detail
		e.Visitor().API("GET", "/public"+at, nil).Want(200).Into(&x)
		if len(x.Words) != 1 || len(x.Records) != 2 || x.Step != need.Settled {
			t.Errorf("%+v", x)
		}
		e.Visitor().API("GET", "/public/needs?q=食堂", nil).Want(200)
		e.Visitor().API("GET", "/public/menu", nil).Want(200)
	})
}
