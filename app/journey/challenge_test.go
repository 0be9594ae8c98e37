package journey

import (
	"fmt"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/award"
	"gongji/app/procurement/evaluation"
)

// decided brings a purchase with four bidders to its published result without
// a browser. The first supplier wins.
func (m *market) decided(t *testing.T) {
	t.Helper()
	ctx, e := t.Context(), m.e
	m.publish(t)
	x := m.tender
	for i, p := range m.suppliers {
		e.Time.Advance(time.Second)
		p.Bid(x, money.Fen(640_000+10_000*i)*money.Yuan)
	}
	e.Time.Set(beijing(t, "2026-06-22 09:00"))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	m.custody.Open()
	var panel []*apptest.Person
	for i := range 5 {
		p := e.Expert(fmt.Sprintf("评审专家%d", i+1), "武汉某大学")
		_, err := e.Evaluations.Name(ctx, m.officer.Actor, x, evaluation.Naming{Login: p.Login, Seat: evaluation.ExpertSeat, Reason: "主管预算单位同意"})
		must(err)
		panel = append(panel, p)
	}
	eligible(t, e, m.officer, x)
	must(e.Evaluations.Begin(ctx, m.officer.Actor, x))
	for _, p := range panel {
		_, err := e.Evaluations.Enter(ctx, p.Actor, x, evaluation.Declaration{Clear: true})
		must(err)
		desk, err := e.Evaluations.Desk(ctx, p.Actor, x)
		must(err)
		var marks []evaluation.Marking
		for _, l := range desk.Bids {
			yes := true
			marks = append(marks, evaluation.Marking{Bid: l.Bid, Conforming: &yes, Scores: map[string]int64{"1": 4000, "2": 3000}})
		}
		must(e.Evaluations.Save(ctx, p.Actor, x, marks))
		must(e.Evaluations.HandIn(ctx, p.Actor, x))
	}
	signed(t, e, panel, x)
	_, r, err := e.Evaluations.Result(ctx, m.officer.Actor, x)
	must(err)
	_, err = e.Awards.Propose(ctx, m.officer.Actor, x, award.Proposal{Bid: r.Lines[0].Bid})
	must(err)
	_, err = e.Awards.Approve(ctx, m.approver.Actor, x)
	must(err)
	e.Settle()
}

// TestALosingBidderRaisesAChallenge walks a 质疑 on a phone from the result to
// the answer, a complaint after it, and what the decision does.
func TestALosingBidderRaisesAChallenge(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心", "和风养老服务社", "夕阳红志愿服务队", "同心社会工作发展中心")
	m.decided(t)
	watch := m.e.Colleague(m.officer, party.Supervisor)
	loser := m.suppliers[1]
	w := walk.New(t, m.e, "challenge", 360)
	w.As(loser).Go(m.notice).Press("询问、质疑与投诉").See("结果公告期限届满之日").Press("提出质疑").
		Press("提出质疑").See("请写明具体、明确的事项").See("请选择针对").
		Choose("stage", "result").Name("points.1.matter", "中标人所附业绩不实").Press("提出质疑").See("请写明您的请求").
		Name("points.1.request", "撤销中标结果").Name("points.1.facts", "所附合同的甲方称没有签过").Name("contact", "王某 027-86861111").
		Press("提出质疑").See("质疑已提出").See("质〔2026〕0001号").See("答复质疑").See("等待采购人经办人答复")
	w.Attach("file", file(t, "甲方回函.pdf")).Press("上传").See("甲方回函.pdf")
	here := w.Path()
	w.Anyone().Go(m.notice + "/challenges").See("没有已经办结的质疑或投诉")
	w.Width(1280).As(m.officer).Go("/desk").Press("询问、质疑与投诉").Press("质〔2026〕0001号").See("甲方回函.pdf").
		Press("提交审批").See("请选择成立或不成立").
		Choose("outcome", "dismissed").Fill("答复的具体内容", "经核实，合同真实有效。").Fill("事实依据和法律依据", "合同甲方的书面证明").Press("提交审批").See("等待采购人审批")
	w.As(m.officer).Go(m.notice+"/contract").Fill("签订日期", "2026-06-22").Fill("服务开始日期", "2026-07-01").Fill("服务结束日期", "2026-11-30").
		Press("登记并公告").See("采购活动暂停中").See("实施条例第54条")
	w.As(m.approver).Go(here).Press("退回").See("请写明退回的原因").Press("批准并答复").See("已答复")
	m.e.Settle()
	w.Width(360).As(loser).Go(here).See("经核实，合同真实有效。")
	has(t, w.PDF("质疑答复"), "质疑答复", "和风养老服务社", "不成立", "投诉")
	w.Press("提起投诉").Fill("受理投诉的财政部门", "青山区财政局").Fill("联系方式", "王某 027-86861111").Press("提起投诉").See("诉〔2026〕0001号").See("审查投诉书")
	here = w.Path()
	w.Width(1280).As(watch).Go("/desk").Press("询问、质疑与投诉").Press("诉〔2026〕0001号").
		Choose("decision", "accept").Fill("暂停采购活动的天数", "31").Press("登记").See("请填写 0 到 30").
		Fill("暂停采购活动的天数", "30").Press("登记").See("登记投诉处理决定").Press("登记投诉书副本已送达当事人").
		Fill("决定书文号", "青财采决〔2026〕2号").Choose("outcome", "upheld").Choose("effect", "reselect").
		Fill("决定的内容", "投诉事项成立，中标结果无效。").Fill("事实依据和法律依据", "回函属实").Press("登记并公布").See("已处理")
	for _, width := range []int64{360, 1280} {
		w.Width(width).Anyone().Go(m.notice + "/challenges").See("青财采决〔2026〕2号").See("另行确定").Go(m.notice).See("撤销采购结果").See("待定标")
	}
	w.As(loser).Go(here).See("投诉事项成立")
}
