package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"gongji/app/apptest"
	"gongji/app/kernel/money"
	"gongji/app/procurement/evaluation"
)

// typed are the fields of a page's form as a browser would send them back.
func typed(p *apptest.Page, form string) url.Values {
	v := url.Values{}
	p.Find(form + " [name]").Each(func(_ int, s *goquery.Selection) {
		name, value := s.AttrOr("name", ""), s.AttrOr("value", "")
		_, checked := s.Attr("checked")
		switch kind := s.AttrOr("type", ""); {
		case goquery.NodeName(s) == "button" || name == "csrf":
		case kind == "radio" || kind == "checkbox":
			if checked {
				v.Add(name, value)
			}
		case goquery.NodeName(s) == "select":
			v.Add(name, s.Find("option[selected]").AttrOr("value", ""))
		case goquery.NodeName(s) == "textarea":
			v.Add(name, strings.TrimSpace(s.Text()))
		default:
			v.Add(name, value)
		}
	})
	return v
}

// TestACrowdOfBidders: with sixty bidders every list comes in pages that are
// searched by their address, a page's button saves it first, and nothing that
// was typed is lost on the way.
func TestACrowdOfBidders(t *testing.T) {
	e := apptest.SQLite(t)
	var prices []money.Fen
	for i := range 60 {
		prices = append(prices, money.Fen(500_000+1_000*i))
	}
	c := newCourt(t, e, prices...)
	var panel []*apptest.Person
	for i := range 5 {
		p := e.Expert(fmt.Sprintf("评审专家%d", i+1), "武汉某大学")
		if _, err := e.Evaluations.Name(t.Context(), c.officer.Actor, c.x, evaluation.Naming{Login: p.Login, Seat: evaluation.ExpertSeat, Reason: "主管预算单位同意"}); err != nil {
			t.Fatal(err)
		}
		panel = append(panel, p)
	}
	t.Run("资格审查", func(t *testing.T) { c.sifted(t) })
	c.ok(c.officer.Post(c.at+"/panel/begin", nil), "评审已开始")
	t.Run("投标对比", func(t *testing.T) { c.compared(t) })
	t.Run("评分表", func(t *testing.T) { c.paged(t, panel[0]) })
}

func (c *court) sifted(t *testing.T) {
	at := c.at + "/eligibility"
	page := c.ok(c.officer.Get(at), "第 1 / 3 页")
	if n := page.Find(".check-row").Length(); n != 25 {
		t.Fatalf("%d bidders on a page", n)
	}
	form := typed(page, "form[method=post].checks, form[data-unsaved]")
	rows := form["row"]
	if len(rows) != 25 {
		t.Fatalf("the form names %d bidders", len(rows))
	}
	// A reason without a verdict goes nowhere, and nothing typed is lost.
	form.Set(rows[0]+".passed", "yes")
	form.Set(rows[1]+".reason", "证书过期")
	form.Set("go", "2")
	page = c.officer.Post(at, form)
	refused(t, page, "a page left with half a verdict")
	if page.Find(".check-row").Length() != 25 || !strings.Contains(page.Find("textarea[name='"+rows[1]+".reason']").Text(), "证书过期") || page.Find("input[name='"+rows[0]+".passed']:checked").AttrOr("value", "") != "yes" {
		t.Error("what was typed is gone")
	}
	failed := page.Find("input[type=checkbox][name='"+rows[1]+".failed']").First().AttrOr("value", "")
	form.Set(rows[1]+".passed", "no")
	form.Set(rows[1]+".failed", failed)
	page = c.ok(c.officer.Post(at, form), "已保存，还有 58 家没有判断")
	if !page.Has("第 2 / 3 页") || page.Path != at {
		t.Errorf("the button led to %s: %s", page.Path, page.Find(".pager-count").First().Text())
	}
	// Whoever pages through a colleague's verdicts does not become their author.
	colleague := c.e.Colleague(c.officer, c.officer.Actor.Role)
	again := typed(colleague.Get(at), "form[data-unsaved]")
	again.Set("go", "2")
	c.ok(colleague.Post(at, again), "第 2 / 3 页")
	check, err := c.e.Evaluations.Eligibility(t.Context(), c.officer.Actor, c.x)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range check.Verdicts {
		if v.CheckedBy != c.officer.Actor.Account {
			t.Errorf("%s became the author of a verdict", v.CheckedBy)
		}
	}
	if p := c.ok(c.officer.Get(at+"?show=no"), "找到 1 家"); p.Find(".check-row").Length() != 1 || !strings.Contains(p.Text(), "证书过期") {
		t.Error("the one that failed is not found")
	}
	c.ok(c.officer.Get(at+"?q="+url.QueryEscape("第60社会")), "找到 1 家")
	if p := c.officer.Get(at + "?show=todo&page=99"); !p.Has("第 3 / 3 页") || p.Find(".check-row").Length() != 8 {
		t.Errorf("a page that is not there: %s", p.Find(".pager-count").First().Text())
	}
	refused(t, c.officer.Post(c.at+"/panel/begin", nil), "begun before all are checked", "f-eligibility")
	find := typed(c.officer.Get(at), "form[data-unsaved]")
	find.Set("go", "find")
	find.Set("q", "第7社会")
	if p := c.ok(c.officer.Post(at, find), "找到 1 家"); p.Find("input[name=q]").AttrOr("value", "") != "第7社会" {
		t.Error("the search is gone from the page")
	}
	rest := typed(c.officer.Get(at), "form[data-unsaved]")
	rest.Set("rest", "1")
	c.ok(c.officer.Post(at, rest), "资格审查已记录")
	if p := c.officer.Get(at + "?show=yes"); !p.Has("找到 59 家") {
		t.Errorf("the rest: %s", p.Find(".pager-count").First().Text())
	}
}

func (c *court) compared(t *testing.T) {
	page := c.ok(c.officer.Get(c.at+"/bids"), "第 1 / 2 页")
	if n := page.Find(".compare tbody tr").Length(); n != 50 {
		t.Errorf("%d bids on a page", n)
	}
	if p := c.officer.Get(c.at + "/bids?sort=price&page=2"); p.Find(".compare tbody tr").Length() != 10 || !strings.Contains(p.Find(".compare tbody tr").Last().Text(), "559,000") {
		t.Error("the second page by price")
	}
	if p := c.ok(c.officer.Get(c.at+"/bids?q="+url.QueryEscape("第31社会")), "共 1 份"); p.Find(".compare tbody tr").Length() != 1 || !p.Has("500,000.00") {
		t.Errorf("a search leaves the lowest price of all: %s", p.Text())
	}
	csv := c.officer.Get(c.at + "/bids/export.csv")
	if lines := strings.Split(strings.TrimSpace(string(csv.Body)), "\n"); csv.Code != 200 || len(lines) != 61 || !strings.Contains(lines[1], "社会工作服务中心") {
		t.Errorf("%d: %d lines", csv.Code, len(lines))
	}
	if p := c.bidders[0].Get(c.at + "/bids/export.csv"); p.Code == 200 {
		t.Error("a bidder takes the comparison")
	}
}

func (c *court) paged(t *testing.T, who *apptest.Person) {
	c.ok(who.Post(c.desk+"/enter", url.Values{"clear": {"yes"}}), "承诺已记录")
	page := c.ok(who.Get(c.desk), "第 1 / 3 页")
	if n := page.Find(".sheet tbody tr").Length(); n != 20 {
		t.Fatalf("%d bids on a page", n)
	}
	fill := func(form url.Values) url.Values {
		for name := range form {
			switch {
			case strings.HasSuffix(name, ".conforming"):
				form.Set(name, "yes")
			case strings.HasSuffix(name, ".1"):
				form.Set(name, "50")
			case strings.HasSuffix(name, ".2"):
				form.Set(name, "40")
			}
		}
		return form
	}
	form := fill(typed(page, "form.sheet"))
	form.Set("go", "2")
	page = c.ok(who.Post(c.desk, form), "第 2 / 3 页")
	if n := strings.TrimSpace(page.Find(".tile-number[data-left]").Text()); n != "39" {
		t.Errorf("%s bids are left", n)
	}
	// It saves itself, and says what is left.
	form = fill(typed(page, "form.sheet"))
	if p := who.Post(c.desk+"/autosave", form); p.Code != 200 || !strings.Contains(string(p.Body), `"unfinished":19`) {
		t.Errorf("%d %s", p.Code, p.Body)
	}
	// Handed in too early, it shows what lacks something and nothing else.
	page = who.Post(c.desk+"/submit", form)
	refused(t, page, "handed in with a page missing")
	if n := page.Find(".sheet tbody tr").Length(); n != 19 || page.Find(".error-summary a").Length() != 19*3 {
		t.Errorf("%d bids and %d complaints are shown", n, page.Find(".error-summary a").Length())
	}
	form = fill(typed(page, "form.sheet"))
	c.ok(who.Post(c.desk+"?show=todo", form), "已保存")
	if p := who.Get(c.desk + "?show=todo"); p.Find(".sheet tbody tr").Length() != 0 {
		t.Error("something is left")
	}
	if p := c.ok(who.Get("/panels?state=open&q="+url.QueryEscape("居家养老")), "共 1 个"); p.Find("main tbody tr").Length() != 1 || who.Get("/panels?q=no-such").Find("main tbody tr").Length() != 0 {
		t.Error("a search among one's panels")
	}
	if p := who.Get("/panels/export.csv"); p.Code != 200 || !strings.Contains(string(p.Body), "待评分，已评 59/59") {
		t.Errorf("the export of one's panels: %d %s", p.Code, p.Body)
	}
	c.ok(who.Post(c.desk+"/submit", typed(who.Get(c.desk), "form.sheet")), "评分已提交")
}
