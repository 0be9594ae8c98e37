package web_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// judged is an evaluation on its way, with the people who have a part in it.
type judged struct {
	*apptest.Env
	officer, approver, second, lead *apptest.Person
	g                               engagement.Engagement
	x                               performance.Case
}

func (h *judged) at() string { return "/performance/" + string(h.x.ID) }

// judging takes an engagement to where its evaluation is scored.
func judging(t *testing.T, e *apptest.Env) *judged {
	t.Helper()
	h := &judged{Env: e, officer: e.Org(party.Bureau, "青山区民政局", party.Officer), lead: e.Org(party.Social, "和美社工服务中心", party.Lead)}
	h.approver, h.second = e.Colleague(h.officer, party.Approver), e.Colleague(h.officer, party.Supervisor)
	h.scoring(t)
	return h
}

func (h *judged) scoring(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	h.g = h.EngageContract(h.officer, h.lead, "青山区居家养老服务")
	if h.Time.Now().Before(h.g.Due()) {
		h.Time.Set(h.g.Due())
	}
	for _, p := range []*apptest.Person{h.officer, h.approver, h.second, h.lead} {
		p.SignIn()
	}
	self := h.Time.Now().AddDate(0, 0, 10).Format("2006-01-02")
	h.must(h.Performance.Start(ctx, h.officer.Actor, h.g.ID, performance.Starting{Template: performance.General, SelfDue: self}))
	h.must(h.Performance.SubmitSelf(ctx, h.lead.Actor, h.x.ID, performance.Self{Summary: "完成入户服务"}))
	h.must(h.Performance.Check(ctx, h.officer.Actor, h.x.ID, true, ""))
}

func (h *judged) must(x performance.Case, err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
	h.x = x
}

// scores types a sheet with this share of every leaf, in per cent.
func (h *judged) scores(share int64) url.Values {
	in := url.Values{"summary": {"按合同完成服务"}, "next": {"stay"}}
	for _, l := range h.x.Tree.Leaves() {
		at := "lines." + l.Code + "."
		in.Set(at+"reason", "核查台账")
		switch l.Kind {
		case performance.Ratio:
			in.Set(at+"got", performance.Points(share*100))
			in.Set(at+"of", "100")
		case performance.Interval:
			in.Set(at+"value", performance.Points(share*100))
		case performance.YesNo:
			in.Set(at+"answer", "yes")
		default:
			in.Set(at+"points", performance.Points(l.Weight*share/100))
		}
	}
	return in
}

// noticed hands the sheet in and lets it be approved.
func (h *judged) noticed(in url.Values) {
	h.T.Helper()
	for _, step := range []struct {
		who  *apptest.Person
		path string
		in   url.Values
	}{{h.officer, "/sheet", in}, {h.officer, "/submit", nil}, {h.approver, "/decide", url.Values{"decision": {"approve"}}}} {
		if p := step.who.Post(h.at()+step.path, step.in); p.Code != 200 {
			h.T.Fatalf("%s: %d %s", step.path, p.Code, p.Text())
		}
	}
}

func (h *judged) published(in url.Values) {
	h.T.Helper()
	h.noticed(in)
	if p := h.lead.Post(h.at()+"/object", url.Values{"decision": {"accept"}}); p.Code != 200 {
		h.T.Fatalf("%d %s", p.Code, p.Text())
	}
	if p := h.approver.Post(h.at()+"/publish", nil); !p.Has("绩评〔2026〕") {
		h.T.Fatalf("%d %s", p.Code, p.Text())
	}
	h.must(h.Performance.Get(h.T.Context(), h.officer.Actor, h.x.ID))
}

var long = strings.Repeat("长", 2001)

// errored holds a refused form to what every one of ours does: 422, a summary
// whose links lead to a field that is there, what was typed still in it.
func errored(t *testing.T, what string, p *apptest.Page, field, typed string) {
	t.Helper()
	if p.Code != 422 {
		t.Fatalf("%s: %d %s", what, p.Code, p.Text())
	}
	links := p.Find(".error-summary a")
	if links.Length() == 0 {
		t.Errorf("%s: no summary", what)
	}
	for i := range links.Length() {
		at := links.Eq(i).AttrOr("href", "#")
		if p.Find(`[id="`+at[1:]+`"]`).Length() != 1 {
			t.Errorf("%s: %s leads nowhere", what, at)
		}
	}
	if got := strings.TrimPrefix(p.Find(field).Text(), "\n"); got != typed {
		t.Errorf("%s: %.40q is kept, not %.40q", what, got, typed)
	}
}

func TestTheLevelIsChosenOnThePage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		h := judging(t, e)
		sheet := h.officer.Get(h.at() + "/sheet")
		if sheet.Find(`select[name="lines.1.1.1.level"] option`).Length() != 4 || sheet.Find(`label[for="`+sheet.Find(`select[name="lines.1.1.1.level"]`).AttrOr("id", "")+`"]`).Length() != 1 {
			t.Fatal(sheet.Text())
		}
		in := h.scores(90)
		in.Set("lines.1.1.1.level", "not")
		if p := h.officer.Post(h.at()+"/sheet", in); !p.Has("评分表已保存") || p.Find(`select[name="lines.1.1.1.level"] option[selected]`).AttrOr("value", "") != "not" {
			t.Fatalf("%d", p.Code)
		}
		if p := h.officer.Get(h.at() + "/sheet?check=1"); !p.Has("属于“达成”，与所选的“未达成”不符") {
			t.Error(p.Text())
		}
		in.Set("lines.1.1.1.level", "reached")
		h.noticed(in)
		if p := h.officer.Get(h.at()); !p.Has("达成") {
			t.Error(p.Text())
		}
	})
}

func TestObjectionForms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		h := judging(t, e)
		h.noticed(h.scores(85))
		page := h.lead.Get(h.at())
		if page.Find(`form[action$="/object"] textarea[name="text"]`).Length() != 1 || page.Find(`.deadline-at time`).Length() != 1 || page.Find(`input[name="lines"]`).Length() != len(h.x.Tree.Leaves()) {
			t.Fatal(page.Text())
		}
		for _, p := range []*apptest.Person{h.officer, h.approver, h.second} {
			if p.Get(h.at()).Find(`form[action$="/object"]`).Length() != 0 {
				t.Error("the payer is offered to object")
			}
		}
		errored(t, "nothing said", h.lead.Post(h.at()+"/object", url.Values{"decision": {"object"}, "text": {" "}}), "#f-text", "")
		p := h.lead.Post(h.at()+"/object", url.Values{"decision": {"object"}, "text": {long}, "lines": {"3.1.1", "4.3.1"}})
		errored(t, "too much said", p, "#f-text", long)
		if p.Find(`input[name="lines"][checked]`).Length() != 2 || p.Find("details.score-basis[open]").Length() != 1 {
			t.Error("the lines that were chosen are lost")
		}
		if p := h.lead.Post(h.at()+"/object", url.Values{"decision": {"object"}, "text": {"服务量有遗漏<b>"}, "lines": {"3.1.1"}}); !p.Has("服务量有遗漏<b>") || p.Find(`form[action$="/object"]`).Length() != 0 {
			t.Fatal(p.Text())
		}
		for _, p := range []*apptest.Person{h.lead, h.officer, h.approver} {
			if p.Get(h.at()).Find(`form[action$="/answer"]`).Length() != 0 {
				t.Error("who scored, approved or objected is offered to answer")
			}
			if c := p.Post(h.at()+"/answer", url.Values{"answer": {"x"}}).Code; c != 403 {
				t.Errorf("%d", c)
			}
		}
		if p := h.second.Get(h.at()); p.Find(`form[action$="/answer"]`).Length() != 1 || !p.Has("答复异议") {
			t.Fatal(p.Text())
		}
		errored(t, "no answer", h.second.Post(h.at()+"/answer", url.Values{"decision": {"dismiss"}, "answer": {""}}), "#f-answer", "")
		errored(t, "too long an answer", h.second.Post(h.at()+"/answer", url.Values{"decision": {"uphold"}, "answer": {long}}), "#f-answer", long)
		if p := h.second.Post(h.at()+"/answer", url.Values{"decision": {"dismiss"}, "answer": {"复核无误，维持"}}); !p.Has("不采纳，维持原结果") {
			t.Error(p.Text())
		}
		if p := h.second.Post(h.at()+"/answer", url.Values{"decision": {"uphold"}, "answer": {"又改主意"}}); p.Code != 409 {
			t.Errorf("answered twice: %d", p.Code)
		}
	})
}

func TestTooLateAnObjectionIsSaid(t *testing.T) {
	e := apptest.SQLite(t)
	h := judging(t, e)
	h.noticed(h.scores(85))
	h.must(h.Performance.Get(t.Context(), h.lead.Actor, h.x.ID))
	e.Time.Set(*h.x.ObjectionDue)
	h.lead.SignIn()
	if p := h.lead.Get(h.at()); p.Find(`form[action$="/object"]`).Length() != 0 {
		t.Error("the form is still there")
	}
	if p := h.lead.Post(h.at()+"/object", url.Values{"decision": {"object"}, "text": {"晚了"}}); p.Code != 410 || !p.Has("异议期已于") {
		t.Errorf("%d %s", p.Code, p.Text())
	}
}

func TestMendingForms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		h := judging(t, e)
		in := h.scores(85)
		for k, v := range map[string]string{"problems.0.finding": "台账不全", "problems.0.rectification": "补齐", "problems.0.due": "2026-07-20",
			"problems.1.finding": "投诉未回访", "problems.1.rectification": "逐一回访", "problems.1.due": "2026-07-31"} {
			in.Set(k, v)
		}
		h.published(in)
		visitor := e.Visitor()
		if p := visitor.Get(h.at()); p.Find(".mend").Length() != 2 || p.Find(".mend form").Length() != 0 || !p.Has("整改中") {
			t.Error(p.Text())
		}
		form := `form[action$="/mend"]`
		page := h.lead.Get(h.at())
		mend := page.Find(form+` input[name="mend"]`).Eq(1).AttrOr("value", "")
		if page.Find(form).Length() != 2 || mend == "" {
			t.Fatal(page.Text())
		}
		post := func(who *apptest.Person, decision, answer, reason string) *apptest.Page {
			return who.Post(h.at()+"/mend", url.Values{"mend": {mend}, "decision": {decision}, "answer": {answer}, "reason": {reason}})
		}
		errored(t, "mended without words", post(h.lead, "", " ", ""), "#mend-2 textarea[name=answer]", "")
		p := post(h.lead, "", long, "")
		errored(t, "too long", p, "#mend-2 textarea[name=answer]", long)
		if other := strings.TrimSpace(p.Find("#mend-1 textarea[name=answer]").Text()); other != "" || p.Find("#mend-1 .field-error").Length() != 0 {
			t.Error("the other finding shows it too")
		}
		if c := post(h.officer, "", "别人来写", "").Code; c != 403 {
			t.Errorf("the payer mends: %d", c)
		}
		if p := post(h.officer, "close", "", ""); p.Code != 409 {
			t.Errorf("closed before it was mended: %d", p.Code)
		}
		if p := post(h.lead, "", "已逐一回访", ""); !p.Has("已整改，待核查") {
			t.Fatal(p.Text())
		}
		errored(t, "sent back without a reason", post(h.officer, "reject", "", " "), "#mend-2 textarea[name=reason]", "")
		errored(t, "too long a reason", post(h.officer, "reject", "", long), "#mend-2 textarea[name=reason]", long)
		if p := post(h.officer, "reject", "", "还差三户"); !p.Has("核查未通过：还差三户") {
			t.Error(p.Text())
		}
		post(h.lead, "", "三户已补", "")
		if p := post(h.officer, "close", "", ""); !p.Has("已销号") || p.Find("#mend-2 form").Length() != 0 {
			t.Error(p.Text())
		}
	})
}

// TestBandsReadTheSameEverywhere publishes totals at the edges of the bands,
// 财预〔2020〕10号: the page, the PDF and the JSON say the same. 79.995 is 79.99.
func TestBandsReadTheSameEverywhere(t *testing.T) {
	e := apptest.SQLite(t)
	h := judging(t, e)
	for i, c := range []struct {
		share       int64
		got         string // done of 1,200 on 3.1.1, which weighs 12 points
		total, band string
	}{{60, "719", "59.99", "差"}, {60, "720", "60.00", "中"}, {80, "959.5", "79.99", "中"}, {80, "960", "80.00", "良"}, {90, "1080", "90.00", "优"}, {90, "1079.99", "89.99", "良"}} {
		if i > 0 {
			h.scoring(t)
		}
		in := h.scores(c.share)
		in.Set("lines.3.1.1.got", c.got)
		in.Set("lines.3.1.1.of", "1200")
		h.published(in)
		e.Settle()
		page := e.Visitor().Get(h.at())
		if got := page.Find(".tile-number").Eq(0).Text() + page.Find(".tile-number").Eq(1).Text(); got != c.total+c.band {
			t.Errorf("the page says %s; want %s %s", got, c.total, c.band)
		}
		var p performance.Publication
		e.Visitor().API("GET", "/public"+h.at()+"/publication", nil).Want(200).Into(&p)
		if performance.Points(p.Total) != c.total || string(p.Grade) != c.band || len(p.Replay()) != 0 {
			t.Errorf("the publication says %s %s %v; want %s %s", performance.Points(p.Total), p.Grade, p.Replay(), c.total, c.band)
		}
		if text := pdfText(t, e, *h.x.Document); !strings.Contains(text, "等级："+c.band) || !strings.Contains(text, strings.TrimSuffix(strings.TrimSuffix(c.total, "0"), ".0")) {
			t.Errorf("the report does not say %s %s: %.400s", c.total, c.band, text)
		}
	}
}

// pdfText is what a visitor reads in a document, white space removed.
func pdfText(t *testing.T, e *apptest.Env, doc id.ID) string {
	t.Helper()
	page := e.Visitor().Get("/documents/" + string(doc))
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, page.Body, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), "")
}

// Weights that do not add up are refused at the form, which says by how much
// and leads to the line that is off.
func TestWeightsThatDoNotAddUpAreRefusedAtTheForm(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		tree, _ := performance.Template(performance.General)
		form := func() url.Values {
			f := performance.FormOf(tree)
			in := url.Values{"name": {"青山区指标体系"}, "step": {"save"}}
			for i, r := range f.Rows {
				at := "rows." + strconv.Itoa(i) + "."
				for k, v := range map[string]string{"first": r.First, "second": r.Second, "name": r.Name, "standard": r.Standard, "kind": string(r.Kind), "weight": r.Weight, "source": string(r.Source), "steps": r.Steps, "unit": r.Unit} {
					in.Set(at+k, v)
				}
			}
			return in
		}
		for what, c := range map[string]struct {
			spoil func(url.Values)
			says  []string
		}{
			"too little": {func(in url.Values) { in.Set("rows.3.weight", "0.5") }, []string{"现为", "还差"}},
			"too much":   {func(in url.Values) { in.Set("rows.3.weight", "50") }, []string{"多出"}},
			"nothing":    {func(in url.Values) { in.Set("rows.3.weight", "0") }, []string{"指标 4", "权重应为大于 0"}},
			"words":      {func(in url.Values) { in.Set("rows.3.weight", "很多") }, []string{"指标 4", "权重应为大于 0"}},
			"too fine":   {func(in url.Values) { in.Set("rows.3.weight", "3.333") }, []string{"指标 4", "最多两位小数"}},
		} {
			in := form()
			c.spoil(in)
			p := officer.Post("/performance/templates/new", in)
			if p.Code != 422 || p.Find(`[name="rows.3.weight"]`).AttrOr("value", "") != in.Get("rows.3.weight") {
				t.Fatalf("%s: %d %s", what, p.Code, p.Text())
			}
			for _, s := range c.says {
				if !strings.Contains(p.Find(".error-summary").Text(), s) {
					t.Errorf("%s: %q is not in %s", what, s, p.Find(".error-summary").Text())
				}
			}
			links := p.Find(".error-summary a")
			for i := range links.Length() {
				if at := links.Eq(i).AttrOr("href", "#"); p.Find(`[id="`+at[1:]+`"]`).Length() != 1 {
					t.Errorf("%s: %s leads nowhere", what, at)
				}
			}
		}
		if p := officer.Post("/performance/templates/new", form()); !p.Has("已保存为第 1 版") {
			t.Error(p.Text())
		}
	})
}
