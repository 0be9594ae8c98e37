package grant_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

func TestADecisionBecomesAnAgreementAndIsPaidByMilestone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		who := h.Applicant("晨光社会工作服务中心")
		a := h.Sent(who, c, "暖邻行动")
		if _, err := h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("decided before the deadline: %v", err)
		}
		h.Reviewed(c, a)
		in := calltest.Ruling()
		in.Steps[0].Amount = "20001"
		if _, err := h.Grants.Decide(ctx, h.Approver, a.ID, in); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "40,001.00") {
			t.Errorf("milestones that do not add up: %v", err)
		}
		if _, err := h.Grants.Decide(ctx, h.Officer, a.ID, calltest.Ruling()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the officer decided: %v", err)
		}
		x, err := h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling())
		h.Must(err)
		if got := x.AppealUntil.Format(time.RFC3339); !x.AppealUntil.After(h.Clock.Now().AddDate(0, 0, 5)) {
			t.Errorf("the appeal clock ends %s", got)
		}
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		if err != nil || g.State != grant.Offered || g.Number != "资助协议〔2026〕001号" || g.Amount != 40_000*money.Yuan {
			t.Fatalf("the grant %+v, %v", g, err)
		}
		if _, err := h.Grants.Agreement(ctx, party.Actor{}, g); !fault.Is(err, fault.NotFound) {
			t.Errorf("a visitor has the agreement: %v", err)
		}
		if after, err := h.Calls.Get(ctx, party.Actor{}, c.ID); err != nil || after.Stored != call.Decided {
			t.Errorf("nothing is left to decide, and the call is %s, %v", after.Stored, err)
		}
		if _, err := h.Grants.Draw(ctx, h.Officer, g.ID, 1); !fault.Is(err, fault.Forbidden) {
			t.Errorf("paid before it is signed: %v", err)
		}
		g, err = h.Grants.Accept(ctx, who, g.ID)
		h.Must(err)
		if e, err := engagement.ByRef(ctx, d, engagement.Grant, g.ID); err != nil || e.Amount != g.Amount || e.Source != "/grants/"+string(g.ID) {
			t.Errorf("the engagement %+v, %v", e, err)
		}
		e, err := engagement.ByRef(ctx, d, engagement.Grant, g.ID)
		h.Must(err)
		agreed := plan.Plan{Engagement: e.ID, State: plan.Agreed, Version: 1, Content: plan.Content{Milestones: []plan.Milestone{{Name: "签约", Due: e.End}, {Name: "结项", Due: e.End}}}}
		_, err = d.NewInsert().Model(&agreed).Exec(ctx)
		h.Must(err)
		if _, err := h.Grants.Draw(ctx, h.Officer, g.ID, 1); !fault.Is(err, fault.Conflict) {
			t.Errorf("paid before it is reached: %v", err)
		}
		_, err = h.Grants.Report(ctx, who, g.ID, 1, "已签约并提交实施计划")
		h.Must(err)
		_, err = h.Grants.Confirm(ctx, h.Officer, g.ID, 1, true, "")
		h.Must(err)
		if far, err := plan.ProgressOf(ctx, d, agreed, h.Clock.Now()); err != nil || far.Milestones[0].AcceptedAt == nil || far.Milestones[1].AcceptedAt != nil {
			t.Errorf("the plan does not know what the agreement knows: %+v, %v", far.Milestones, err)
		}
		p, err := h.Grants.Draw(ctx, h.Officer, g.ID, 1)
		h.Must(err)
		if _, err := h.Grants.Draw(ctx, h.Officer, g.ID, 1); !fault.Is(err, fault.Conflict) {
			t.Errorf("drawn twice: %v", err)
		}
		more := p.Form
		more.Amount = "20001"
		_, err = h.Payments.Save(ctx, h.Officer, p.ID, 0, more)
		h.Must(err)
		if _, err := h.Payments.Submit(ctx, h.Officer, p.ID); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "20,000.00") {
			t.Errorf("more than the milestone: %v", err)
		}
		_, err = h.Payments.Save(ctx, h.Officer, p.ID, 0, p.Form)
		h.Must(err)
		_, err = h.Payments.Submit(ctx, h.Officer, p.ID)
		h.Must(err)
		_, err = h.Payments.Approve(ctx, h.Approver, p.ID)
		h.Must(err)
		other, err := h.Payments.Create(ctx, h.Officer, h.Fund.ID, payment.Form{Payee: "晨光社会工作服务中心", Purpose: "别的用途", Amount: "60001"})
		h.Must(err)
		_, err = h.Attachments.Add(ctx, h.Officer, payment.Kind, other.ID, "proof", "依据.pdf", bytes.NewReader(fundtest.Agreement))
		h.Must(err)
		_, err = h.Payments.Submit(ctx, h.Officer, other.ID)
		h.Must(err)
		if _, err := h.Payments.Approve(ctx, h.Approver, other.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "已承诺的资助") {
			t.Errorf("money that is promised was approved for something else: %v", err)
		}
		_, steps, err := h.Grants.Get(ctx, party.Actor{}, g.ID)
		if err != nil || steps[0].PaymentState != "approved" || steps[0].StateName(h.Clock.Now()) != "付款办理中" {
			t.Errorf("the milestones in public: %+v, %v", steps[0], err)
		}
	})
}

func TestTwoOfficersDecideOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		a := h.Sent(h.Applicant("晨光社会工作服务中心"), c, "暖邻行动")
		h.Reviewed(c, a)
		second := h.Actor(t, h.Foundation, h.Approver.OrgName, party.Foundation, party.Approver)
		rulings := []grant.Ruling{calltest.Ruling(), {Reason: "与本次支持方向不符。"}}
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, who := range []party.Actor{h.Approver, second} {
			wg.Go(func() { _, errs[i] = h.Grants.Decide(ctx, who, a.ID, rulings[i]) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("%v, %v", errs[0], errs[1])
		}
		for _, err := range errs {
			if err != nil && !fault.Is(err, fault.Conflict) {
				t.Errorf("the second was told %v", err)
			}
		}
		if all, err := h.Grants.Decisions(ctx, a.ID); err != nil || len(all) != 1 {
			t.Errorf("%d decisions, %v", len(all), err)
		}
	})
}

// The fund never promises more than it has, however many decide at once.
func TestDecisionsAddUpToTheFund(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		f := calltest.Form(h.Fund.ID, h.Clock.Now().Add(240*time.Hour))
		f.Total = "400000"
		c := h.Published(f)
		var apps []application.Application
		for _, n := range []string{"甲", "乙", "丙", "丁"} {
			apps = append(apps, h.Sent(h.Applicant(n+"社会工作服务中心"), c, n+"的助老行动"))
		}
		h.Reviewed(c, apps...)
		errs := make([]error, len(apps))
		var wg sync.WaitGroup
		for i, a := range apps {
			wg.Go(func() { _, errs[i] = h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling()) })
		}
		wg.Wait()
		ok := 0
		for _, err := range errs {
			if err == nil {
				ok++
			} else if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "余额不足") {
				t.Errorf("refused with %v", err)
			}
		}
		if ok != 2 { // 100,000 in the fund, 40,000 each
			t.Errorf("%d were supported", ok)
		}
	})
}

func TestTheSameProjectIsNotFundedTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		same, near := h.Applicant("晨光社会工作服务中心"), h.Applicant("暖邻为老服务中心")
		a, b := h.Sent(same, c, "独居老人探访服务项目"), h.Sent(near, c, "独居老人探访服务项目")
		bureau := h.Org(t, party.Bureau, "横沥镇民政办")
		contract := func(who party.Actor, title string) {
			h.Must(db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
				_, err := h.Engagements.Open(ctx, tx, who, engagement.Opening{Kind: engagement.Contract, Ref: id.New(h.Clock.Now()), Number: "HT-1", Payer: bureau,
					PayerName: "横沥镇民政办", Provider: who.Org, ProviderName: who.OrgName, Title: title, Amount: 1_000_000,
					Start: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2027, 8, 31, 0, 0, 0, 0, time.UTC)})
				return err
			}))
		}
		contract(same, "独居老人 探访服务项目")
		contract(near, "社区长者食堂运营")
		h.Reviewed(c, a, b)
		if _, err := h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling()); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "横沥镇民政办") {
			t.Errorf("the same project: %v", err)
		}
		found, err := h.Applications.Overlaps(ctx, h.Officer, b.ID)
		if err != nil || len(found) != 1 || found[0].Same || found[0].Href == "" {
			t.Fatalf("found %+v, %v", found, err)
		}
		if _, err := h.Grants.Decide(ctx, h.Approver, b.ID, calltest.Ruling()); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "found_reason") {
			t.Errorf("another project over the same days needs no reason: %v", err)
		}
		in := calltest.Ruling()
		in.FoundReason = "长者食堂是供餐，本项目是探访，对象和内容不同。"
		if _, err := h.Grants.Decide(ctx, h.Approver, b.ID, in); err != nil {
			t.Error(err)
		}
	})
}

func TestAnAppealHasItsClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		who, late := h.Applicant("晨光社会工作服务中心"), h.Applicant("暖邻为老服务中心")
		a, b := h.Sent(who, c, "暖邻行动"), h.Sent(late, c, "银龄食堂")
		h.Reviewed(c, a, b)
		for _, x := range []application.Application{a, b} {
			_, err := h.Grants.Decide(ctx, h.Approver, x.ID, grant.Ruling{Reason: "名额有限，本次不支持。"})
			h.Must(err)
		}
		_, err := h.Grants.Raise(ctx, who, a.ID, "评审意见与申请内容不符")
		h.Must(err)
		if _, err := h.Grants.Raise(ctx, who, a.ID, "再申诉一次"); !fault.Is(err, fault.Conflict) {
			t.Errorf("appealed twice: %v", err)
		}
		if _, err := h.Grants.Answer(ctx, h.Approver, a.ID, true, "重新审议"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("whoever decided answered: %v", err)
		}
		if _, err := h.Grants.Answer(ctx, h.Officer, a.ID, true, "意见确有差错，重新决定。"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling()); err != nil {
			t.Errorf("not decided anew: %v", err)
		}
		all, err := h.Grants.Decisions(ctx, a.ID)
		if err != nil || len(all) != 2 || all[1].OverturnedAt == nil || all[1].Appeal == nil || !*all[1].Appeal.Upheld {
			t.Errorf("the decisions %+v, %v", all, err)
		}
		h.Clock.Set(all[1].AppealUntil)
		if _, err := h.Grants.Raise(ctx, late, b.ID, "太晚了"); !fault.Is(err, fault.TooLate) || !strings.Contains(err.Error(), "24:00") {
			t.Errorf("appealed after the clock: %v", err)
		}
	})
}

func TestIncubationGraduatesACohort(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		f := calltest.Form("", h.Clock.Now().Add(240*time.Hour))
		f.Kind, f.Total, f.Most, f.Budget, f.Eligibility.Pending = string(call.Incubation), "", "", nil, true
		c := h.Published(f)
		who := h.Applicant("新芽青少年服务中心")
		a := h.Sent(who, c, "新芽成长计划")
		h.Reviewed(c, a)
		steps := []grant.Step{{Name: "入壳", Condition: "完成能力评估", Due: "2026-09-30"}, {Name: "独立承接", Condition: "独立承接一个项目", Due: "2027-06-30"}}
		_, err := h.Grants.Decide(ctx, h.Approver, a.ID, grant.Ruling{Funded: true, Reason: "团队有潜力，入壳培育。", Steps: steps})
		h.Must(err)
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		h.Must(err)
		_, err = h.Grants.Accept(ctx, who, g.ID)
		h.Must(err)
		if _, err := h.Grants.Graduate(ctx, h.Approver, g.ID, "可以独立"); !fault.Is(err, fault.Conflict) {
			t.Errorf("graduated before its milestones: %v", err)
		}
		for i := range steps {
			_, err = h.Grants.Report(ctx, who, g.ID, int64(i+1), "已完成")
			h.Must(err)
			_, err = h.Grants.Confirm(ctx, h.Officer, g.ID, int64(i+1), true, "")
			h.Must(err)
		}
		if g, err = h.Grants.Graduate(ctx, h.Approver, g.ID, "已能独立运作"); err != nil || g.State != grant.Graduated {
			t.Fatal(g, err)
		}
		events, err := h.Orgs.Timeline(ctx, party.Actor{}, who.Org)
		if err != nil || len(events) != 1 || events[0].Action != "孵化出壳" {
			t.Errorf("the register says %+v, %v", events, err)
		}
	})
}

func TestAListedOrganisationIsRefusedAtEveryGate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		who := h.Applicant("晨光社会工作服务中心")
		a := h.Sent(who, c, "暖邻行动")
		other := h.Filled(h.Applicant("暖邻为老服务中心"), c, "银龄食堂")
		listed := false
		h.Applications.Listed = func(context.Context, bun.IDB, id.ID, id.ID) error {
			if listed {
				return fault.New(fault.Forbidden, "已列入严重失信名单（民政部令第60号）")
			}
			return nil
		}
		listed = true
		if missing, err := h.Applications.Missing(ctx, other, c); err != nil || len(missing) != 1 || !strings.Contains(missing[0].Message, "民政部令第60号") {
			t.Errorf("at sending: %+v, %v", missing, err)
		}
		h.Reviewed(c, a)
		if _, err := h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("at the decision: %v", err)
		}
		listed = false
		_, err := h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling())
		h.Must(err)
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		h.Must(err)
		listed = true
		if _, err := h.Grants.Accept(ctx, who, g.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("at signing: %v", err)
		}
	})
}
