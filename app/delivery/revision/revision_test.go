package revision_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/delivery/revision"
	"gongji/app/kernel/fault"
	"gongji/app/party"
)

func ending() revision.Input {
	return revision.Input{Kind: revision.Terminate, Reason: "任务取消", Clause: "合同第十二条第三款", Delivered: "上门服务 310 人次", Settled: "120000", StatementBy: "2026-06-08"}
}

func TestADeliveryIsEndedBeforeItsTerm(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		approver, stranger := e.Colleague(officer, party.Approver), e.Org(party.Social, "暖阳养老服务中心", party.Lead)
		e.Engagements.Watch(engagement.Contract, nil) // no purchase stands behind this contract
		g := e.EngageContract(officer, lead, "青山区居家养老上门服务")
		_, err := e.Plans.Save(ctx, lead.Actor, g.ID, 0, plan.Form{Communities: "和美社区", Settlement: "milestone", Outputs: []plan.OutputForm{{Name: "上门服务", Quantity: "600", Unit: "人次"}},
			Milestones: []plan.MilestoneForm{{Name: "结项", Condition: "全部完成", Due: "2026-07-01", Amount: "300000"}}, Lines: []plan.LineForm{{Name: "人员经费", Amount: "300000"}}})
		must(t, err)
		must(t, second(e.Plans.Propose(ctx, lead.Actor, g.ID)))
		must(t, second(e.Plans.Agree(ctx, officer.Actor, g.ID)))
		must(t, second(e.Plans.Add(ctx, lead.Actor, g.ID, plan.EvidenceInput{Milestone: 1, Output: "上门服务", Quantity: "310", DoneOn: "2026-06-01"}, nil)))
		refused := func(what, says string, change func(*revision.Input)) {
			t.Helper()
			in := ending()
			change(&in)
			if _, err := e.Revisions.Propose(ctx, officer.Actor, g.ID, in); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", what, err)
			}
		}
		refused("no clause", "依据的合同", func(in *revision.Input) { in.Clause = "" })
		refused("more than agreed", "不能超过约定", func(in *revision.Input) { in.Settled = "300000.01" })
		refused("no time to answer", "至少 3 天", func(in *revision.Input) { in.StatementBy = "2026-06-03" })
		refused("a contract extended here", "合同变更里办理", func(in *revision.Input) { in.Kind, in.EndsOn = revision.Extend, "2026-09-01" })
		if _, err := e.Revisions.Propose(ctx, stranger.Actor, g.ID, ending()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger proposes: %v", err)
		}
		x, err := e.Revisions.Propose(ctx, officer.Actor, g.ID, ending())
		must(t, err)
		if _, err := e.Revisions.Get(ctx, party.Actor{}, x.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("public before it is decided: %v", err)
		}
		if _, err := e.Revisions.Approve(ctx, approver.Actor, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("decided before the other side was heard: %v", err)
		}
		if _, err := e.Revisions.State(ctx, officer.Actor, x.ID, "同意"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the proposer states for the other: %v", err)
		}
		must(t, second(e.Revisions.State(ctx, lead.Actor, x.ID, "同意终止，结算无异议")))
		must(t, second(e.Revisions.Approve(ctx, approver.Actor, x.ID)))
		now, err := e.Engagements.Get(ctx, party.Actor{}, g.ID)
		if err != nil || now.State != engagement.Closed || !strings.Contains(now.Reason, "结算总额 120,000.00 元") {
			t.Errorf("%+v %v", now, err)
		}
		events, err := e.Engagements.Timeline(ctx, party.Actor{}, g.ID)
		if err != nil || events[len(events)-1].Action != "提前终止" && events[0].Action != "提前终止" {
			t.Errorf("the public sees %+v %v", events, err)
		}
		if _, err := e.Claims.Ask(ctx, lead.Actor, g.ID, claim.Input{}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "验收") {
			t.Errorf("settled without acceptance: %v", err)
		}
		e.Accept(g, officer, approver, lead)
		y, err := e.Claims.Ask(ctx, lead.Actor, g.ID, claim.Input{})
		if err != nil || y.Amount != 120_000_00 {
			t.Errorf("the settlement asks %+v %v", y, err)
		}
	})
}

func TestAGrantIsExtendedOnPagesAndAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		payer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		approver := e.Colleague(payer, party.Approver)
		g := e.Engage(payer, lead, "社区花园")
		at := "/engagements/" + string(g.ID) + "/revisions"
		in := url.Values{"kind": {"extend"}, "reason": {"连续降雨"}, "ends_on": {"2026-06-30"}, "statement_by": {"2026-06-08"}}
		if page := lead.Post(at, in); page.Code != 422 || !page.Has("新的结束日期应晚于 2026年7月1日") || page.Find("#f-reason").Text() == "" {
			t.Fatalf("%d %s", page.Code, page.Text())
		}
		in.Set("ends_on", "2026-09-30")
		page := lead.Post(at, in)
		if !page.Has("待对方陈述意见") || page.Find(`form[action$="/statement"]`).Length() != 0 {
			t.Fatal(page.Text())
		}
		one := payer.Get(at).Find(`a[href^="/revisions/"]`).AttrOr("href", "")
		if page = e.Visitor().Get(one); page.Code != 404 {
			t.Errorf("%d", page.Code)
		}
		e.Time.Advance(8 * 24 * time.Hour) // the payer's officer said nothing
		for _, p := range []*apptest.Person{payer, lead, approver} {
			p.SignIn()
		}
		if page = approver.Post(one+"/decide", url.Values{"decision": {"return"}}); page.Code != 422 {
			t.Errorf("%d", page.Code)
		}
		var r revision.Revision
		approver.API("POST", one+"/approve", nil).Want(200).Into(&r)
		if r.State != revision.Approved {
			t.Errorf("%+v", r)
		}
		if page = e.Visitor().Get(one); page.Code != 200 || !page.Has("2026年9月30日") || !page.Has("连续降雨") {
			t.Errorf("%d %s", page.Code, page.Text())
		}
		if page = e.Visitor().Get("/engagements/" + string(g.ID)); !page.Has("至2026年9月30日") {
			t.Error(page.Text())
		}
	})
}

func second[T any](_ T, err error) error { return err }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
