package acceptance_test

import (
	"io"
	"net/url"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// delivered is a contract of two milestones with 620 of 600 visits on record.
func delivered(t *testing.T, e *apptest.Env, officer, lead *apptest.Person) engagement.Engagement {
	t.Helper()
	ctx := t.Context()
	g := e.EngageContract(officer, lead, "青山区居家养老上门服务")
	_, err := e.Plans.Save(ctx, lead.Actor, g.ID, 0, plan.Form{Communities: "和美社区", Settlement: "milestone",
		Outputs:    []plan.OutputForm{{Name: "上门服务", Quantity: "600", Unit: "人次"}},
		Milestones: []plan.MilestoneForm{{Name: "中期", Condition: "300 人次", Due: "2026-06-15", Amount: "100000"}, {Name: "结项", Condition: "全部完成", Due: "2026-07-01", Amount: "200000"}},
		Lines:      []plan.LineForm{{Name: "人员经费", Amount: "300000"}}})
	must(t, err)
	must(t, second(e.Plans.Propose(ctx, lead.Actor, g.ID)))
	must(t, second(e.Plans.Agree(ctx, officer.Actor, g.ID)))
	must(t, second(e.Plans.Add(ctx, lead.Actor, g.ID, plan.EvidenceInput{Milestone: 1, Output: "上门服务", Quantity: "620", DoneOn: "2026-06-01"}, nil)))
	return g
}

func form() acceptance.Form {
	return acceptance.Form{On: "2026-06-01", Place: "和美社区活动室", Result: "passed", Summary: "达到要求。",
		Members: []acceptance.MemberForm{{Name: "周正", Role: "payer", Unit: "青山区民政局", Opinion: "agree"},
			{Name: "李桂芳", Role: "resident", Unit: "和美社区", Opinion: "agree", Words: "来得准时。"}},
		Checks: []acceptance.CheckForm{{Confirmed: "610", Met: "yes"}, {Met: "yes"}, {Met: "yes"}}}
}

func TestAnAcceptanceWithThePeopleItServes(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		approver, stranger := e.Colleague(officer, party.Approver), e.Org(party.Social, "暖阳养老服务中心", party.Lead)
		g := delivered(t, e, officer, lead)
		if _, err := e.Acceptances.Ask(ctx, stranger.Actor, g.ID, acceptance.Input{Report: "x"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger asks: %v", err)
		}
		x, err := e.Acceptances.Ask(ctx, lead.Actor, g.ID, acceptance.Input{Report: "全部完成"})
		must(t, err)
		if len(x.Lines) != 3 || x.Lines[0].Shown != 620 || x.Lines[2].Standard != "全部完成" {
			t.Fatalf("%+v", x.Lines)
		}
		if _, err := e.Acceptances.Ask(ctx, lead.Actor, g.ID, acceptance.Input{Report: "又来"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("two at a time: %v", err)
		}
		refused := func(what, says string, change func(*acceptance.Form)) {
			t.Helper()
			f := form()
			change(&f)
			must(t, second(e.Acceptances.Save(ctx, officer.Actor, x.ID, 0, f)))
			if _, err := e.Acceptances.Submit(ctx, officer.Actor, x.ID); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", what, err)
			}
		}
		refused("nobody signed", "签名的意见页", func(*acceptance.Form) {})
		e.Sign(officer, x.ID)
		t.Run("条例45 公共服务的验收有服务对象参加并出具意见，逐项核对，结果公告", func(t *testing.T) {
			refused("no resident", "应当邀请服务对象参加", func(f *acceptance.Form) { f.Members = f.Members[:1] })
			refused("a resident without a word", "用“李桂芳”自己的话", func(f *acceptance.Form) { f.Members[1].Words = "" })
			refused("a line nobody judged", "请判断“结项”", func(f *acceptance.Form) { f.Checks = f.Checks[:2] })
			f := form()
			must(t, second(e.Acceptances.Save(ctx, officer.Actor, x.ID, 0, f)))
			must(t, second(e.Acceptances.Submit(ctx, officer.Actor, x.ID)))
			if _, err := e.Acceptances.Get(ctx, party.Actor{}, x.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("the public reads what is not published: %v", err)
			}
			if y, err := e.Acceptances.Get(ctx, lead.Actor, x.ID); err != nil || y.Result != "" || len(y.Content.Members) != 0 {
				t.Errorf("the provider reads what is not decided: %+v %v", y.Content, err)
			}
			must(t, second(e.Acceptances.Return(ctx, approver.Actor, x.ID, "地点写具体")))
			if _, err := e.Acceptances.Publish(ctx, approver.Actor, x.ID); !fault.Is(err, fault.Conflict) {
				t.Errorf("published what was sent back: %v", err)
			}
		})
		refused("of the provider", "是承接方的人", func(f *acceptance.Form) {
			f.Members = append(f.Members, acceptance.MemberForm{Name: "张三", Role: "expert", Unit: "和美社工服务中心", Opinion: "agree"})
		})
		refused("one of the provider's people as an expert", "是承接方的人", func(f *acceptance.Form) {
			f.Members = append(f.Members, acceptance.MemberForm{Name: lead.Actor.Name, Role: "expert", Unit: "某大学", Opinion: "agree"})
		})
		refused("nobody of the payer", "应有付款方", func(f *acceptance.Form) { f.Members = f.Members[1:] })
		refused("more than was shown", "不能更多", func(f *acceptance.Form) { f.Checks[0].Confirmed = "621" })
		refused("less than promised", "仍算达到的", func(f *acceptance.Form) { f.Checks[0].Confirmed = "599" })
		refused("passed with an open line", "不能合格", func(f *acceptance.Form) { f.Checks[1] = acceptance.CheckForm{Met: "no", Note: "缺签到"} })
		refused("dissent without a reason", "不同意的理由", func(f *acceptance.Form) { f.Members[0].Opinion = "dissent" })
		refused("tomorrow", "到今天之间", func(f *acceptance.Form) { f.On = "2026-06-02" })
		refused("mended without a day", "整改到哪一天", func(f *acceptance.Form) {
			f.Result, f.Redo, f.Checks[1] = "redo", "补签到", acceptance.CheckForm{Met: "no", Note: "缺签到"}
		})
		f := form()
		f.Result, f.Redo, f.RedoOn, f.Checks[1] = "redo", "补齐签到表", "2026-06-10", acceptance.CheckForm{Met: "no", Note: "缺签到"}
		must(t, second(e.Acceptances.Save(ctx, officer.Actor, x.ID, 0, f)))
		must(t, second(e.Acceptances.Submit(ctx, officer.Actor, x.ID)))
		if _, err := e.Acceptances.Publish(ctx, officer.Actor, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the officer publishes: %v", err)
		}
		must(t, second(e.Acceptances.Publish(ctx, approver.Actor, x.ID)))
		again := e.Accept(g, officer, approver, lead)
		if again.Seq != 2 || again.Result != acceptance.Passed || !strings.HasPrefix(again.No(), "验收〔2026〕") {
			t.Errorf("%+v", again)
		}
		if _, err := e.Acceptances.Ask(ctx, lead.Actor, g.ID, acceptance.Input{Report: "x"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("accepted twice: %v", err)
		}
		seen, err := e.Acceptances.Get(ctx, party.Actor{}, again.ID)
		if err != nil || seen.Content.Members[1].Name != "李***" || seen.Content.Members[0].Name != "周正" || seen.Report != "" {
			t.Errorf("the public sees %+v, %v", seen.Content.Members, err)
		}
		list, err := e.Acceptances.List(ctx, stranger.Actor, g.ID)
		if err != nil || len(list) != 2 || list[0].Content.Members[1].Name != "李***" {
			t.Errorf("%+v %v", list, err)
		}
	})
}

func TestTheAcceptanceReportNamesNoResident(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		x := e.Accept(delivered(t, e, officer, lead), officer, e.Colleague(officer, party.Approver), lead)
		e.Settle()
		_, body, err := e.Archive.Download(t.Context(), party.Actor{}, *x.Document)
		must(t, err)
		pdf, err := io.ReadAll(body)
		if err != nil || !strings.HasPrefix(string(pdf), "%PDF") {
			t.Errorf("%.20s %v", pdf, err)
		}
		d, err := e.Archive.Frozen(t.Context(), e.DB, *x.Document)
		if err != nil || strings.Contains(d.Content, "李桂芳") || !strings.Contains(d.Content, "李***") {
			t.Errorf("%s %v", d.Content, err)
		}
		if page := e.Visitor().Get("/verify/" + x.Code); !page.Has("验收内容") || !page.Has("1 人") {
			t.Error(page.Text())
		}
	})
}

func TestAnAcceptanceOnPagesAndAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		approver := e.Colleague(officer, party.Approver)
		g := delivered(t, e, officer, lead)
		at := "/engagements/" + string(g.ID) + "/acceptances"
		if page := e.Visitor().Get(at); page.Code != 200 || !page.Has("还没有验收") || page.Find(`form[action="`+at+`"]`).Length() != 0 {
			t.Error(page.Text())
		}
		if page := lead.Post(at, url.Values{"milestone": {"0"}, "report": {""}}); page.Code != 422 || page.Find("#f-report[aria-invalid]").Length() != 1 {
			t.Errorf("%d %s", page.Code, page.Text())
		}
		page := lead.Post(at, url.Values{"milestone": {"0"}, "report": {"全部完成"}})
		if !page.Has("等待付款方组织验收小组") || !page.Has("成果记录 620 人次") {
			t.Fatal(page.Text())
		}
		record := officer.Get(at).Find(`a[href^="/acceptances/"]`).AttrOr("href", "")
		typed := url.Values{"inspected_on": {"2026-06-01"}, "place": {"和美社区活动室"}, "result": {"passed"}, "summary": {"达到要求"}, "next": {"submit"},
			"members.1.name": {"周正"}, "members.1.role": {"payer"}, "members.1.unit": {"青山区民政局"}, "members.1.opinion": {"agree"},
			"members.2.name": {""}, "members.3.name": {"李桂芳"}, "members.3.role": {"resident"}, "members.3.unit": {"和美社区"}, "members.3.opinion": {"agree"}, "members.3.words": {"来得准时"},
			"checks.1.confirmed": {"610"}, "checks.1.met": {"yes"}, "checks.1.note": {""}, "checks.2.met": {"yes"}, "checks.2.note": {""}, "checks.3.met": {""}, "checks.3.note": {""}}
		if page = officer.Post(record+"/record", typed); page.Code != 422 || !page.Has("请上传验收小组签名的意见页") || !page.Has("请判断“结项”") || page.Find(`[name="members.2.name"]`).AttrOr("value", "") != "李桂芳" {
			t.Fatalf("%d %s", page.Code, page.Text())
		}
		if page = lead.Get(record + "/record"); page.Code != 403 {
			t.Errorf("the provider writes the record: %d", page.Code)
		}
		e.Sign(officer, idOf(record))
		typed.Set("checks.3.met", "yes")
		if page = officer.Post(record+"/record", typed); !page.Has("等待审批人公布") {
			t.Fatal(page.Text())
		}
		if page = approver.Post(record+"/decide", url.Values{"decision": {"return"}}); page.Code != 422 {
			t.Errorf("%d", page.Code)
		}
		approver.API("POST", record+"/publish", nil).Want(200)
		page = e.Visitor().Get(record)
		if !page.Has("李***") || page.Has("李桂芳") || !page.Has("来得准时") || !page.Has("合格") || page.Find(`a[href^="/documents/"]`).Length() != 1 || page.Has("签名页.pdf") {
			t.Error(page.Text())
		}
		if page = lead.Get(record); !page.Has("申请最后一笔款项") || !page.Has("签名页.pdf") {
			t.Error(page.Text())
		}
		var v struct {
			Result  string             `json:"result"`
			Content acceptance.Content `json:"content"`
		}
		e.Visitor().API("GET", "/public"+record, nil).Want(200).Into(&v)
		if v.Result != "passed" || v.Content.Members[1].Name != "李***" {
			t.Errorf("%+v", v)
		}
	})
}

func idOf(href string) id.ID { return id.ID(href[strings.LastIndex(href, "/")+1:]) }

func second[T any](_ T, err error) error { return err }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
