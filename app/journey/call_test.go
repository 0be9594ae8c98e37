package journey

import (
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// opened is a published 公益创投 of a charity.
func opened(t *testing.T, e *apptest.Env, c *apptest.Charity) call.Call {
	t.Helper()
	ctx := t.Context()
	x, err := e.Calls.Create(ctx, c.Officer.Actor, calltest.Form(c.Fund.ID, e.Time.Now().Add(10*24*time.Hour)))
	if err == nil {
		_, err = e.Calls.Submit(ctx, c.Officer.Actor, x.ID)
	}
	if err == nil {
		x, err = e.Calls.Publish(ctx, c.Approver.Actor, x.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestAnApplicantOnAPhone applies from a phone: what the platform knows is
// there, the rest is asked a group a page, and what was sent can be read.
func TestAnApplicantOnAPhone(t *testing.T) {
	e := apptest.SQLite(t)
	c := e.Charity()
	x := opened(t, e, c)
	lead := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
	w := walk.New(t, e, "applicant", 360)
	w.As(lead).Go("/credentials").Pick("种类", "法人登记证书").Fill("发证机关", "东莞市民政局").Fill("发证日期", "2019-05-20").Press("登记").See("东莞市民政局").
		Attach("file", file(t, "登记证书.pdf")).Press("上传").See("登记证书.pdf")
	w.Go("/calls").Press(x.Title).See("符合").Press("开始申请").See("要填的部分").
		Press("继续填写").See("东莞市民政局").Tick("以上内容已核对").Press("保存并继续").
		Fill("项目名称", "暖邻行动").Fill("项目概要", "组织社工和志愿者每周上门探访独居老人，建立需求档案。").Fill("为谁服务", "独居老人 60 人").
		Fill("开始日期", "2026-07-15").Fill("结束日期", "2027-05-31").See("草稿已保存").Press("保存并继续").
		Fill("服务对象有什么需求", "入户走访 80 户。").Fill("服务多少人次", "2400").Press("保存并继续").
		Name("tables.3.1.1", "王芳").Name("tables.3.1.2", "项目主管").Pick("有无同类项目经验", "有").Press("保存并继续").
		Name("budget.1.line", "服务活动").Name("budget.1.item", "探访物料").Name("budget.1.amount", "40000").Press("保存并继续").
		See("取自证书库").Press("继续").See("请上传“项目计划书”").Press("请上传“项目计划书”").
		Attach("file-d2", file(t, "计划书.pdf")).Press("上传“项目计划书”").See("计划书.pdf").Press("继续").See("王芳").
		Press("确认提交").See("申请〔2026〕0001号").See("内容已冻结").See("取自登记资料")
	a, err := e.Applications.Own(t.Context(), lead.Actor, x.ID)
	if err != nil || a.State != application.Submitted {
		t.Fatal(a.State, err)
	}
	w.Go("/applications").See("暖邻行动")
}

// TestAReviewerWithAConflict finds one application closed to them, and scores
// the other on a phone; the foundation decides, and the grant is paid in part.
func TestAReviewerWithAConflict(t *testing.T) {
	e := apptest.SQLite(t)
	ch := e.Charity()
	h := &calltest.House{House: &fundtest.House{DB: e.DB, Clock: e.Time, Attachments: e.Attachments, Ledger: e.Ledger, Officer: ch.Officer.Actor, Finance: ch.Finance.Actor}, T: t, Credentials: e.Credentials, Applications: e.Applications, Calls: e.Calls, Reviews: e.Reviews}
	x := opened(t, e, ch)
	dawn, warm := e.Org(party.Social, "晨光社会工作服务中心", party.Lead), e.Org(party.Social, "暖邻为老服务中心", party.Lead)
	h.Vault(dawn.Actor)
	h.Vault(warm.Actor)
	tiedTo, open := h.Sent(dawn.Actor, x, "暖邻行动"), h.Sent(warm.Actor, x, "银龄食堂")
	e.Time.Set(x.Deadline.Add(time.Second))
	tied := e.Expert("林教授", "晨光社会工作服务中心")
	others := []*apptest.Person{e.Expert("评审甲", "某大学"), e.Expert("评审乙", "某大学"), e.Expert("评审丙", "某大学")}
	desk, phone := walk.New(t, e, "officer", 1280), walk.New(t, e, "reviewer", 360)
	desk.As(ch.Officer).Go("/funder/calls/" + string(x.ID))
	for _, p := range append(others, tied) {
		desk.Fill("评审人的登录名", p.Login).Press("确定评审人").See("评审人已确定")
	}
	desk.See("回避 1 份").Press("开始评审").See("评审已开始")
	phone.As(tied).Go("/desk").Go("/reviews").Press(x.Title).See("登记资料显示须回避的（1）").See("工作单位。这份申请不对您打开").Press("提交声明").See("请确认声明").
		Tick("除上面列明和勾选的以外").Press("提交声明").See("还有 1 份没有提交")
	for _, path := range []string{"/reviews/applications/" + string(tiedTo.ID), "/applications/" + string(tiedTo.ID) + "/papers/" + string(open.ID)} {
		if p := tied.Get(path); p.Code != 404 {
			t.Errorf("%s answers %d to a reviewer with a tie", path, p.Code)
		}
	}
	phone.Press("暖邻为老服务中心").See("银龄食堂").Fill("需求真实", "90").Press("提交评分").See("请给“方案可行”打分").
		Fill("方案可行", "80").Fill("预算合理", "70").Fill("评语", "需求清楚，方案可行。").Press("提交评分").See("已提交 81.50 分")
	for _, p := range others {
		h.Declare(p.Actor, x)
		h.Mark(p.Actor, tiedTo.ID, 60)
		h.Mark(p.Actor, open.ID, 80)
	}
	desk.Go("/funder/calls/"+string(x.ID)).See("80.38").
		Choose("passed."+string(open.ID), "yes").Choose("passed."+string(tiedTo.ID), "no").Press("结束这一轮").See("不通过的原因").
		Name("reason."+string(tiedTo.ID), "方案不够具体").Press("结束这一轮").See("评审已结束")
	ctx := t.Context()
	h.Give(t, ch.Fund, 60_000*money.Yuan)
	desk.As(ch.Approver).Go("/funder/calls/"+string(x.ID)).Press("一并告知未通过的").See("逐份告知").Go("/funder/applications/"+string(open.ID)).See("没有查到同期").
		Fill("理由", "需求真实，予以支持。").
		Name("milestones.1.name", "启动").Name("milestones.1.condition", "签约并提交计划").Name("milestones.1.due", "2026-08-31").Name("milestones.1.amount", "30000").
		Press("予以支持").See("应等于资助金额").
		Name("milestones.2.name", "结项").Name("milestones.2.condition", "通过评价").Name("milestones.2.due", "2027-06-30").Name("milestones.2.amount", "10000").
		Press("予以支持").See("资助协议〔2026〕001号")
	e.Settle()
	g, err := e.Grants.OfApplication(ctx, warm.Actor, open.ID)
	if err != nil {
		t.Fatal(err)
	}
	at := "/grants/" + string(g.ID)
	phone.As(warm).Go(at)
	has(t, phone.PDF("下载协议 PDF"), "资助协议〔2026〕001号", "肆万元整", "银龄食堂", "暖邻为老服务中心")
	phone.Press("接受协议").See("协议已生效").Name("report", "计划已提交").Press("报告达成").See("待确认")
	desk.As(ch.Officer).Go(at).Press("确认达成").See("已达成").Press("起草付款").See("付款草稿已按协议填好")
	phone.As(dawn).Go("/applications/"+string(tiedTo.ID)).See("方案不够具体").Fill("申诉理由", "方案附有时间表，请再看一次。").Press("提交申诉").See("申诉已提交")
	desk.As(ch.Officer).Go("/funder/applications/"+string(tiedTo.ID)).Fill("答复和理由", "时间表没有写到责任人，维持。").Press("维持原决定").See("答复已告知")
	phone.Go("/applications/" + string(tiedTo.ID)).See("时间表没有写到责任人")
	phone.Go("/calls/" + string(x.ID)).See("获得支持的项目").Go("/funder/calls/new")
}
