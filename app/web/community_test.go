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
		e.Visitor().API("POST", "/public"+at+"/support", map[string]any{"mark": "short"}).Want(422)
		for range 2 {
			var s struct{ Supports int }
			e.Visitor().API("POST", "/public"+at+"/support", map[string]any{"mark": strings.Repeat("m", 26)}).Want(200).Into(&s)
			if s.Supports != 1 {
				t.Errorf("%+v", s)
			}
		}
		proposalsByAPI(t, e, street, lead, n)
		e.Visitor().API("GET", "/public/menu", nil).Want(200)
	})
}

func proposalsByAPI(t *testing.T, e *apptest.Env, street, lead *apptest.Person, n need.Need) {
	t.Helper()
	who := e.Visitor()
	in := map[string]any{"community": street.Actor.Org, "title": "楼道没有扶手", "body": "三号楼没有电梯，上下楼没有扶手。"}
	who.API("POST", "/public/needs/proposals", map[string]any{"community": lead.Actor.Org, "title": "楼道没有扶手", "body": "三号楼没有电梯，上下楼没有扶手。"}).Want(422)
	var made [3]struct {
		Code     string
		Proposal need.Proposal
	}
	for i := range made {
		who.API("POST", "/public/needs/proposals", in).Want(201).Into(&made[i])
	}
	who.API("POST", "/public/needs/proposals", in).Want(429)
	who.API("GET", "/public/needs/proposals/AAAAAAAAAAAA", nil).Want(404)
	who.API("GET", "/needs/proposals", nil).Want(401)
	lead.API("GET", "/needs/proposals", nil).Want(403)
	var list struct{ Items []need.Proposal }
	street.API("GET", "/needs/proposals?state=held", nil).Want(200).Into(&list)
	if len(list.Items) != 3 {
		t.Fatalf("%+v", list)
	}
	at := func(i int) string { return "/needs/proposals/" + string(made[i].Proposal.ID) }
	lead.API("GET", at(0), nil).Want(404)
	lead.API("POST", at(0)+"/decline", map[string]any{"reason": "别人来答复"}).Want(404)
	street.API("GET", at(0), nil).Want(200)
	street.API("POST", at(0)+"/adopt", map[string]any{"title": "三号楼加装扶手", "body": "没有电梯的楼道没有扶手，老人上下楼危险。", "people": "老人"}).Want(201)
	street.API("POST", at(0)+"/decline", map[string]any{"reason": "已经列为议题"}).Want(409)
	street.API("POST", at(1)+"/merge", map[string]any{"need": n.ID}).Want(200)
	street.API("POST", at(2)+"/decline", map[string]any{"reason": ""}).Want(422)
	street.API("POST", at(2)+"/decline", map[string]any{"reason": "今年已经有加装计划"}).Want(200)
	for i, want := range []need.ProposalState{need.TakenUp, need.Merged, need.TurnedDown} {
		var p need.Proposal
		who.API("GET", "/public/needs/proposals/"+made[i].Code, nil).Want(200).Into(&p)
		if p.State != want || p.Answer == "" {
			t.Errorf("%+v", p)
		}
	}
}

// TestAResidentProposesInPages walks a proposal from the open form to each of
// its ends, and the list of needs with its filters and export.
func TestAResidentProposesInPages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		street, other := e.Org(party.Community, "江滨社区居民委员会", party.Lead), e.Org(party.Community, "沿江社区居民委员会", party.Lead)
		who := e.Visitor()
		form := who.Get("/needs/propose?community=" + string(street.Actor.Org))
		if form.Code != 200 || form.Find(`select[name="community"] option[selected]`).AttrOr("value", "") != string(street.Actor.Org) || form.Find(`input[name="name"], input[name="phone"]`).Length() != 0 {
			t.Fatalf("%d %s", form.Code, form.Text())
		}
		in := url.Values{"community": {string(street.Actor.Org)}, "title": {"楼道没有扶手"}, "body": {"短"}}
		if p := who.Post("/needs/propose", in); p.Code != 422 || p.Find("#f-title").AttrOr("value", "") != "楼道没有扶手" || p.Find(`select[name="community"] option[selected]`).Length() != 1 {
			t.Fatalf("%d %s", p.Code, p.Text())
		}
		in.Set("body", "三号楼没有电梯<script>alert(1)</script>，请打13800138000。")
		paths := []string{}
		for range 3 {
			p := who.Post("/needs/propose", in)
			if p.Code != 200 || !strings.HasPrefix(p.Path, "/needs/proposed/") || !p.Has("待社区答复") || p.Has("13800138000") || strings.Contains(string(p.Body), "<script>alert") {
				t.Fatalf("%d %s", p.Code, p.Text())
			}
			if p.Find(".deadline-at time").Length() != 1 {
				t.Error("no countdown for the answer")
			}
			paths = append(paths, p.Path)
		}
		if p := who.Post("/needs/propose", in); p.Code != 429 || !strings.Contains(p.Find("#f-body").Text(), "三号楼没有电梯") {
			t.Errorf("the fourth of a day: %d", p.Code)
		}
		code := strings.TrimPrefix(paths[0], "/needs/proposed/")
		if p := who.Get("/needs/proposed?code=" + url.QueryEscape(strings.ToLower(code[:4]+"-"+code[4:]))); p.Path != paths[0] {
			t.Errorf("%s", p.Path)
		}
		if p := who.Get("/needs/proposed?code=WRONG"); p.Code != 422 || p.Find("#f-code").AttrOr("value", "") != "WRONG" {
			t.Errorf("%d", p.Code)
		}
		if p := who.Get("/needs?q=扶手"); p.Has("楼道没有扶手") {
			t.Error("a proposal is public")
		}
		if p := other.Get("/needs/proposals"); p.Code != 200 || !p.Has("还没有居民提议") {
			t.Errorf("%d %s", p.Code, p.Text())
		}
		if p := street.Get("/desk"); !p.Has("待答复的居民提议") {
			t.Error(p.Text())
		}
		list := street.Get("/needs/proposals?state=held")
		if list.Find("tbody tr").Length() != 3 || !list.Has("没有核实身份") {
			t.Fatal(list.Text())
		}
		var at []string
		for i := range 3 {
			at = append(at, list.Find("tbody tr a").Eq(i).AttrOr("href", ""))
		}
		if p := other.Get(at[0]); p.Code != 404 {
			t.Errorf("another community reads it: %d", p.Code)
		}
		if p := street.Post(at[0]+"/decline", url.Values{"reason": {"不"}}); p.Code != 422 || strings.TrimSpace(p.Find("#f-reason").Text()) != "不" {
			t.Errorf("%d", p.Code)
		}
		if p := street.Post(at[0]+"/decline", url.Values{"reason": {"今年已经有加装计划"}}); !p.Has("没有采纳") {
			t.Error(p.Text())
		}
		if p := street.Post(at[1]+"/adopt", url.Values{"title": {"三号楼加装扶手"}, "body": {"短"}, "people": {"老人"}}); p.Code != 422 || p.Find("#f-title").AttrOr("value", "") != "三号楼加装扶手" {
			t.Errorf("%d", p.Code)
		}
		need := street.Post(at[1]+"/adopt", url.Values{"title": {"三号楼加装扶手"}, "body": {"没有电梯的楼道没有扶手，老人上下楼危险。"}, "people": {"老人约 12 位"}, "next_by": {"2026-06-20"}})
		if !strings.HasPrefix(need.Path, "/needs/") || !need.Has("已列为议题并公开") {
			t.Fatal(need.Text())
		}
		if p := street.Post(at[2]+"/merge", url.Values{"need": {""}, "note": {"一回事"}}); p.Code != 422 || strings.TrimSpace(p.Find("#f-note").Text()) != "一回事" {
			t.Errorf("%d", p.Code)
		}
		if p := street.Post(at[2]+"/merge", url.Values{"need": {strings.TrimPrefix(need.Path, "/needs/")}}); !p.Has("已并入") {
			t.Error(p.Text())
		}
		answers := map[string]bool{}
		for _, path := range paths {
			p := who.Get(path)
			for _, s := range []string{"今年已经有加装计划", "已列为社区议题", "已并入一起办理"} {
				answers[s] = answers[s] || p.Has(s)
			}
		}
		if len(answers) != 3 || !answers["今年已经有加装计划"] || !answers["已列为社区议题"] || !answers["已并入一起办理"] {
			t.Errorf("%v", answers)
		}
		open := who.Get(need.Path)
		if !open.Has("2 条提议，从公开入口提出，没有核实身份") || open.Find(".deadline-at time").Length() != 1 {
			t.Error(open.Text())
		}
		for q, want := range map[string]int{"": 1, "?due=late": 0, "?met=no": 1, "?met=yes": 0, "?community=" + string(street.Actor.Org): 1, "?community=" + string(other.Actor.Org): 0, "?step=collected": 1} {
			if p := who.Get("/needs" + q); p.Find("tbody tr").Length() != want {
				t.Errorf("%q: %d rows", q, p.Find("tbody tr").Length())
			}
		}
		if p := who.Get("/needs"); !p.Has("6月20日") || p.Find(`a[href="/needs/export.csv"]`).Length() != 1 {
			t.Error(p.Text())
		}
		if p := who.Get("/needs/export.csv"); p.Code != 200 || !strings.Contains(string(p.Body), "三号楼加装扶手,江滨社区居民委员会") || !strings.Contains(string(p.Body), "2026-06-20") {
			t.Errorf("%s", p.Body)
		}
		if p := street.Get("/needs/proposals/export.csv"); p.Code != 200 || strings.Count(string(p.Body), "楼道没有扶手") != 3 {
			t.Errorf("%s", p.Body)
		}
		if log := e.Log.String(); strings.Contains(log, code) {
			t.Error("the log has a code")
		}
	})
}
