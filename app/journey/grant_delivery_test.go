package journey

import (
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/delivery/engagement"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// aid is a grant in the hands of those who deliver and pay it.
type aid struct {
	e    *apptest.Env
	c    *apptest.Charity
	h    *calltest.House
	lead *apptest.Person
	g    grant.Grant
	of   engagement.Engagement
	at   string // the delivery
}

// granted is a grant of 40,000 元 in force, on the first day of its term.
func granted(t *testing.T, e *apptest.Env) *aid {
	t.Helper()
	x := &aid{e: e, c: e.Charity(), lead: e.Org(party.Social, "晨光社会工作服务中心", party.Lead)}
	x.h = &calltest.House{House: &fundtest.House{DB: e.DB, Clock: e.Time, Attachments: e.Attachments, Ledger: e.Ledger, Accounts: e.Accounts, Orgs: e.Organisations,
		Officer: x.c.Officer.Actor, Approver: x.c.Approver.Actor, Finance: x.c.Finance.Actor}, T: t, Credentials: e.Credentials, Calls: e.Calls, Applications: e.Applications,
		Reviews: e.Reviews, Grants: e.Grants, Payments: e.Payments, Engagements: e.Engagements, Plans: e.Plans, Acceptances: e.Acceptances, Revisions: e.Revisions, Fund: x.c.Fund}
	x.h.Vault(x.lead.Actor)
	x.h.Give(t, x.c.Fund, 100_000*money.Yuan)
	x.g, x.of = x.h.Granted(x.lead.Actor)
	x.at = "/engagements/" + string(x.of.ID)
	x.later(x.of.Start.Add(9 * time.Hour))
	return x
}

// later moves the clock; everybody signs in anew.
func (x *aid) later(at time.Time) {
	x.e.Time.Set(at)
	for _, p := range []*apptest.Person{x.lead, x.c.Officer, x.c.Approver, x.c.Finance} {
		p.SignIn()
	}
}

// TestAGrantIsDeliveredReconciledAndAccepted is a grant from its plan to its
// last instalment: the organisation on a phone, the foundation at desks.
func TestAGrantIsDeliveredReconciledAndAccepted(t *testing.T) {
	e := apptest.SQLite(t)
	x := granted(t, e)
	desk, phone := walk.New(t, e, "desk", 1280), walk.New(t, e, "phone", 360)
	phone.As(x.lead).Go("/grants/"+string(x.g.ID)).Press("履行中").Press("实施方案和成果").See("草稿里已经写的").Press("填写实施方案").
		Name("communities", "隔坑社区").Name("outputs.1.name", "上门探访").Name("outputs.1.quantity", "2400").Name("outputs.1.unit", "人次").
		Name("milestones.3.due", "2027-05-31").Press("提交付款方确认").See("等待付款方确认")
	desk.As(x.c.Officer).Go("/desk").Go(x.at + "/plan").Press("确认并公开").See("已确认")

	phone.Go(x.at+"/expenses").Press("填写周报账").Name("rows.1.line", "服务活动").Name("rows.1.invoice", "24440000000000000001").Name("rows.1.date", "2026-07-15").
		Name("rows.1.purpose", "探访物料").Name("rows.1.payee", "和美百货").Name("rows.1.amount", "20000.01").See("超出 0.01 元").Name("rows.1.amount", "1800").
		Press("保存，上传发票并核对").See("请上传发票").Attach("file", file(t, "24440000000000000001.pdf")).Press("上传").Press("提交周报账").See("等待付款方")
	desk.Go(x.at + "/expenses").Press("2026年7月13日至").Press("核对无误").See("这一周已经办结")
	phone.Go("/grants/"+string(x.g.ID)).Name("report", "已签约，计划已提交").Press("报告达成").See("待确认")
	desk.Go("/grants/" + string(x.g.ID)).Press("确认达成").Press("起草付款").Press("提交审批")
	p, _, err := e.Grants.Get(t.Context(), x.c.Officer.Actor, x.g.ID)
	if err != nil || p.EndedAt != nil {
		t.Fatal(err)
	}
	draft := desk.Path()
	desk.As(x.c.Approver).Go(draft).Press("批准付款")
	desk.As(x.c.Finance).Go(draft).Press("确认已付款").Go(x.at + "/claims").See("20,000.00").See("取自基金账本")

	x.later(time.Date(2026, 8, 3, 10, 0, 0, 0, clock.Beijing))
	desk.As(x.c.Officer).Go(x.at + "/months").Press("开始2026年7月对账").See("基金账本付款").See("付了款、没有核对的支出")
	month := desk.Path()
	explain(desk, "首期款在启动时支付，支出按周报。")
	explain(phone.As(x.lead).Go(month), "那一周没有支出。")
	desk.As(x.c.Finance).Go(month).Press("2026年7月结账").See("这个月不能再改")

	reachedRest(t, x)
	desk.As(x.c.Officer).Go("/grants/" + string(x.g.ID)).See("这是最后一笔资助款，整个项目验收合格并公布以后才能支付")
	phone.As(x.lead).Go(x.at+"/acceptances").Name("report", "全年探访 2400 人次").Press("申请验收").See("等待付款方组织验收小组")
	desk.Go(x.at+"/acceptances").Press("第 1 次").Press("填写验收记录").
		Name("inspected_on", "2026-08-03").Name("place", "隔坑社区活动室").
		Name("members.1.name", "陈官员").Name("members.1.role", "payer").Name("members.1.unit", "横沥社区发展基金会").Name("members.1.opinion", "agree").
		Name("members.2.name", "李桂芳").Name("members.2.role", "resident").Name("members.2.unit", "隔坑社区").Name("members.2.opinion", "agree").Name("members.2.words", "每周都来")
	for _, n := range []string{"1", "2", "3", "4"} {
		desk.Choose("checks."+n+".met", "yes").Name("checks."+n+".note", "按实际完成")
	}
	desk.Choose("result", "passed").Name("summary", "达到协议要求").Press("提交审批公布").See("请上传验收小组签名的意见页")
	e.Sign(x.c.Officer, acceptanceOf(t, e, x.of.ID))
	desk.Press("提交审批公布").See("等待审批人公布")
	desk.As(x.c.Approver).Go(x.at + "/acceptances").Press("第 1 次").Press("公布验收结果").See("验收结果已公布")
	e.Settle()
	desk.As(x.c.Officer).Go(x.at + "/acceptances").Press("第 1 次").Press("资助协议和付款").Press("起草付款 8,000.00 元").Press("提交审批")
	draft = desk.Path()
	desk.As(x.c.Approver).Go(draft).Press("批准付款")
	desk.As(x.c.Finance).Go(draft).Press("确认已付款")
	phone.Anyone().Go("/grants/" + string(x.g.ID)).See("40,000.00 元").Press("履行中").Press("履约验收").Press("第 1 次").See("李***")
}

// reachedRest has the other milestones reached and the second one paid.
func reachedRest(t *testing.T, x *aid) {
	t.Helper()
	ctx := t.Context()
	for _, n := range []int64{2, 3} {
		if _, err := x.e.Grants.Report(ctx, x.lead.Actor, x.g.ID, n, "已达成"); err != nil {
			t.Fatal(err)
		}
		if _, err := x.e.Grants.Confirm(ctx, x.c.Officer.Actor, x.g.ID, n, true, ""); err != nil {
			t.Fatal(err)
		}
	}
	p, err := x.e.Grants.Draw(ctx, x.c.Officer.Actor, x.g.ID, 2)
	if err == nil {
		_, err = x.e.Payments.Submit(ctx, x.c.Officer.Actor, p.ID)
	}
	if err == nil {
		_, err = x.e.Payments.Approve(ctx, x.c.Approver.Actor, p.ID)
	}
	if err == nil {
		_, err = x.e.Payments.Pay(ctx, x.c.Finance.Actor, p.ID, payment.Paying{Reference: "YH2", Key: "second"})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAGrantIsChangedAndEndedEarly walks a change within a tenth, and the end
// before the term: what the public reads, and what is still paid.
func TestAGrantIsChangedAndEndedEarly(t *testing.T) {
	e := apptest.SQLite(t)
	x := granted(t, e)
	f := x.h.PlanForm(x.lead.Actor, x.of)
	x.h.Planned(x.lead.Actor, x.of, f)
	desk, phone := walk.New(t, e, "desk", 1280), walk.New(t, e, "phone", 360)
	phone.As(x.lead).Go(x.at).Press("变更、延期和终止").Click("提出变更、延期和终止").Choose("kind", "change").
		Fill("理由", "新增三位独居老人").Fill("变更的内容", "服务对象增加三人").Fill("金额的变更", "4000.01").Press("提出").See("参照政府采购法第49条").
		Fill("金额的变更", "3000").Press("提出").See("待对方陈述意见")
	one := phone.Path()
	desk.As(x.c.Officer).Go("/desk").Go(one).Fill("您的意见", "同意").Press("提交意见").See("意见已提交")
	desk.As(x.c.Approver).Go("/desk").Go(one).Press("同意变更").See("已变更")
	phone.Go(x.at + "/plan").See("43,000.00 元，请按新的金额修改")
	desk.As(x.c.Officer).Go(x.at+"/revisions").Click("提出变更、延期和终止").Choose("kind", "terminate").
		Fill("理由", "社区场地收回").Fill("依据的条款", "协议第六条").Fill("已经履行的内容", "探访 900 人次").Fill("结算总额", "43000.01").Press("提出").See("不能超过约定").
		Fill("结算总额", "15000").Press("提出").See("待对方陈述意见")
	one = desk.Path()
	phone.Go(one).Fill("您的意见", "同意结算").Press("提交意见").See("意见已提交")
	desk.As(x.c.Approver).Go(one).Press("同意提前终止").See("已提前终止")
	phone.Anyone().Go("/grants/" + string(x.g.ID)).See("已提前终止").Press("提前终止，待评价").See("社区场地收回")
	desk.As(x.c.Officer).Go("/grants/" + string(x.g.ID)).See("已提前终止").Go(x.at + "/claims").See("15,000.00")
}
