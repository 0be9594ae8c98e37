package journey

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
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
}
