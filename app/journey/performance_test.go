package journey

import (
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/delivery/performance"
	"gongji/app/party"
)

// TestAnEvaluationFromTheEndOfTheTermToThePublicRecord walks a delivery's
// judgement: the bureau on a desk, the organisation and the public on a phone.
func TestAnEvaluationFromTheEndOfTheTermToThePublicRecord(t *testing.T) {
	e := apptest.SQLite(t)
	officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
	approver := e.Colleague(officer, party.Approver)
	lead := e.Org(party.Social, "𠮷祥社会工作服务中心", party.Lead)
	e.Org(party.Evaluator, "公信评估中心", party.Lead)
	g := e.Engage(officer, lead, "青山区居家养老上门服务项目")
	tree, _ := performance.Template(performance.General)
	desk, phone := walk.New(t, e, "officer", 1280), walk.New(t, e, "lead", 360)

	desk.As(officer).Go("/engagements").Press("青山区居家养老上门服务项目").See("履约期到 2026年7月1日 24:00 届满")
	phone.Go("/organisations/" + string(lead.Actor.Org)).See("还没有公布的绩效评价")
	e.Time.Set(g.Due())
	desk.As(officer).Go("/desk").See("待开始绩效评价").Go("/engagements/"+string(g.ID)).Press("开始绩效评价").
		Press("由它另立本单位的指标体系").Name("rows.9.weight", "11").Press("保存为新版").See("还差 1.00 分").
		Name("rows.9.weight", "12").Press("保存为新版").See("第 1 版").
		Go("/engagements/"+string(g.ID)).Press("开始绩效评价").Fill("承接方自评截止日", "2026-07-10").
		Press("开始绩效评价").See("等待承接方自评")

	phone.As(lead).Go("/desk").See("待填写自评").Go("/engagements/" + string(g.ID)).Press("填写自评").
		Press("提交自评").See("请说明做了什么")
	if strings.Contains(phone.Text(), "立项依据充分性") {
		t.Error("a refused self-report asks figures of qualitative indicators")
	}
	phone.Fill("自评说明", "全年为 250 位老人上门服务 1180 次，投诉为零。").Name("figures.3.1.1.got", "1180").Name("figures.3.1.1.of", "1200").
		Press("提交自评").See("自评已提交")

	desk.Go("/engagements/" + string(g.ID)).Press("查看绩效评价").Press("退回补充").See("请写明退回的原因").
		Press("通过，进入评分").See("逐项评分").Press("打开评分表").See("自评：1180 / 1200")
	for _, l := range tree.Leaves() {
		scoreLeaf(desk, l, performance.Points(l.Weight))
	}
	desk.Name("lines.3.1.1.got", "1180").Name("lines.3.1.1.of", "1200").See("得 11.80 分").See("合计 99.80 分")
	desk.Press("保存并核对").See("还有 2 处需要填写或修改").Press("返回修改").See("扣了分，请写明理由")
	desk.Name("lines.3.1.1.reason", "比约定少 20 次").Fill("评价结论", "按合同完成服务，服务对象普遍满意。").
		Name("problems.0.finding", "服务台账缺少家属签字").Name("problems.0.rectification", "补签并抽查").Name("problems.0.due", "2026-08-31").
		Press("保存并核对").See("99.80").Press("提交审批").See("等待审批")

	desk.As(approver).Go("/desk").See("待审批的评价结果").Go("/engagements/" + string(g.ID)).Press("查看绩效评价").
		Press("退回修改").See("请写明退回的原因").
		Press("批准并告知承接方").See("等待异议期满")
	phone.Go("/desk").See("评价结果待确认").Go("/engagements/" + string(g.ID)).Press("查看绩效评价").See("99.80").Press("无异议").See("等待公布")
	desk.Go("/desk").See("待公布的评价结果").Go("/engagements/" + string(g.ID)).Press("查看绩效评价").Press("公布").See("绩评〔2026〕0001号").See("优")
	e.Settle()
	phone.Go("/organisations/" + string(lead.Actor.Org)).See("承接的项目").See("绩评〔2026〕0001号").See("99.80").
		Press("青山区居家养老上门服务项目").See("绩效评价报告").Press("评分明细").See("比约定少 20 次").See("服务台账缺少家属签字")
}

// scoreLeaf types one leaf of a scoring sheet as its kind asks: these points of
// a judged one, everything of the others.
func scoreLeaf(w *walk.Walker, l performance.Leaf, points string) {
	at := "lines." + l.Code + "."
	switch l.Kind {
	case performance.Ratio:
		w.Name(at+"got", "100").Name(at+"of", "100")
	case performance.Interval:
		w.Name(at+"value", "100")
	case performance.YesNo:
		w.Name(at+"answer", "yes")
	default:
		w.Name(at+"points", points)
	}
}
