package journey

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// TestADeliveryFromItsPlanToItsFirstWeek walks what an organisation does with
// a phone after it was granted a project: the plan, the evidence, the 周报账.
func TestADeliveryFromItsPlanToItsFirstWeek(t *testing.T) {
	e := apptest.SQLite(t)
	officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "𠮷祥社会工作服务中心", party.Lead)
	g := e.Engage(officer, lead, "青山区居家养老上门服务项目")
	at := "/engagements/" + string(g.ID)
	desk, phone := walk.New(t, e, "officer", 1280), walk.New(t, e, "lead", 360)

	phone.As(lead).Go("/engagements").Press("青山区居家养老上门服务项目").Press("实施方案和成果").Press("填写实施方案").
		Press("提交付款方确认").See("请写明受益社区").
		Name("communities", "和美社区").Name("outputs.1.name", "上门服务").Name("outputs.1.quantity", "1200").Name("outputs.1.unit", "人次").
		Choose("settlement", "milestone").Name("milestones.1.name", "结项").Name("milestones.1.condition", "全部完成").Name("milestones.1.due", "2026-07-01").Name("milestones.1.amount", "300000").
		Name("lines.1.name", "人员经费").Name("lines.1.amount", "300000").Press("提交付款方确认").See("等待付款方确认")
	desk.As(officer).Go(at + "/plan").Press("确认并公开").See("已确认")
	phone.Go(at+"/plan").Name("quantity", "40").Name("people", "38").Name("note", "和美社区上门").Name("output", "上门服务").
		Press("提交成果").See("到场 38 人").See("3%")

	phone.Go(at+"/expenses").Press("填写周报账").Name("rows.1.invoice", "24420000001").Name("rows.1.date", "2026-05-31").Name("rows.1.amount", "300001").
		See("不在履约期").Name("rows.1.date", "2026-06-01").Name("rows.1.purpose", "护理员补贴").Name("rows.1.payee", "张记劳务").Name("rows.1.line", "人员经费").
		See("超出 1.00 元").Name("rows.1.amount", "8000").Press("保存，上传发票并核对").See("请上传发票 24420000001")
	desk.Go(at + "/expenses").See("各周报账")

	phone.Go(at+"/acceptances").Press("申请验收").See("请写明履约情况").Name("report", "上门 40 人次，其余并入下一期").Press("申请验收").See("等待付款方组织验收小组")
	desk.Go(at+"/acceptances").Press("第 1 次：整个项目").Press("填写验收记录").
		Name("inspected_on", "2026-06-01").Name("place", "和美社区活动室").
		Name("members.1.name", "周正").Name("members.1.role", "payer").Name("members.1.unit", "青山区民政局").Name("members.1.opinion", "agree").
		Name("members.2.name", "李桂芳").Name("members.2.role", "resident").Name("members.2.unit", "和美社区").Name("members.2.opinion", "agree").Name("members.2.words", "来得准时").
		Choose("checks.1.met", "yes").Name("checks.1.note", "双方同意减少").Choose("checks.2.met", "yes").Choose("result", "passed").Name("summary", "达到约定").
		Press("提交审批公布").See("请上传验收小组签名的意见页")
	e.Sign(officer, acceptanceOf(t, e, g.ID))
	desk.Press("提交审批公布").See("等待审批人公布")
	chief := walk.New(t, e, "approver", 1280)
	chief.As(e.Colleague(officer, party.Approver)).Go(at + "/acceptances").Press("第 1 次：整个项目").Press("公布验收结果").See("验收结果已公布")
	e.Settle()
	resident := walk.New(t, e, "resident", 360)
	resident.Anyone().Go(at).Press("履约验收").Press("第 1 次：整个项目").See("李***").See("来得准时").See("已公布：合格")
}

// acceptanceOf is the one acceptance of an engagement.
func acceptanceOf(t *testing.T, e *apptest.Env, of id.ID) id.ID {
	t.Helper()
	list, err := e.Acceptances.List(t.Context(), party.Actor{}, of)
	if err != nil || len(list) != 0 {
		t.Fatalf("the public sees %+v, %v", list, err)
	}
	var one id.ID
	if err := e.DB.NewSelect().Table("delivery_acceptance").Column("id").Where("engagement = ?", of).Scan(t.Context(), &one); err != nil {
		t.Fatal(err)
	}
	return one
}
