package journey

import (
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/delivery/survey"
	"gongji/app/party"
)

// delivery is a contract in the hands of those who carry it to its report: the
// bureau at desks, the organisation and a resident on phones, an evaluator.
type delivery struct {
	e                                         *apptest.Env
	officer, approver, finance, lead, outside *apptest.Person
	street                                    *apptest.Person
	g                                         engagement.Engagement
	at                                        string
	desk, phone                               *walk.Walker
}

// TestAContractIsDeliveredAndJudged is the whole way from a signed contract to
// the published report and the last mended finding.
func TestAContractIsDeliveredAndJudged(t *testing.T) {
	e := apptest.SQLite(t)
	d := &delivery{e: e, officer: e.Org(party.Bureau, "青山区民政局", party.Officer), lead: e.Org(party.Social, "晨光社会工作服务中心", party.Lead),
		outside: e.Org(party.Evaluator, "公信评估中心", party.Lead), street: e.Org(party.Community, "和美社区居民委员会", party.Lead)}
	d.approver, d.finance = e.Colleague(d.officer, party.Approver), e.Colleague(d.officer, party.Finance)
	d.g = e.EngageContract(d.officer, d.lead, "居家养老上门服务")
	d.at = "/engagements/" + string(d.g.ID)
	d.desk, d.phone = walk.New(t, e, "desk", 1280), walk.New(t, e, "phone", 360)
	d.planned()
	d.delivered(t)
	d.paid()
	d.heard(t)
	d.accepted(t)
	d.reconciled()
	d.judged(t)
	d.contested(t)
}

// later moves the clock; everybody signs in anew, as after some weeks.
func (d *delivery) later(at time.Time) {
	d.e.Time.Set(at)
	for _, p := range []*apptest.Person{d.officer, d.approver, d.finance, d.lead, d.outside, d.street} {
		p.SignIn()
	}
}

func (d *delivery) planned() {
	d.phone.As(d.lead).Go("/engagements").Press("居家养老上门服务").Press("实施方案和成果").Press("填写实施方案").
		Name("communities", "和美社区").Name("outputs.1.name", "上门服务").Name("outputs.1.quantity", "1200").Name("outputs.1.unit", "人次").
		Choose("settlement", "milestone").Name("milestones.1.name", "首月服务").Name("milestones.1.condition", "完成 600 人次").Name("milestones.1.due", "2026-06-15").Name("milestones.1.amount", "100000").
		Name("milestones.2.name", "结项").Name("milestones.2.condition", "全部完成").Name("milestones.2.due", "2026-07-01").Name("milestones.2.amount", "200000").
		Name("lines.1.name", "人员经费").Name("lines.1.amount", "300000").Press("提交付款方确认").See("等待付款方确认")
	d.desk.As(d.officer).Go(d.at + "/plan").Press("确认并公开").See("已确认")
}

// delivered is the evidence of the first milestone and a week's expenses.
func (d *delivery) delivered(t *testing.T) {
	d.later(beijing(t, "2026-06-08 10:00"))
	d.phone.As(d.lead).Go(d.at+"/plan").Name("quantity", "1180").Name("people", "240").Name("note", "和美社区上门").Name("output", "上门服务").
		Press("提交成果").See("到场 240 人").Click("报告达成").Name("report", "已上门 1180 人次").
		Eval(`document.querySelector('#milestone-1 form button').click()`).See("等待付款方确认")
	d.phone.Go(d.at+"/expenses").Name("week", "2026-06-03").Press("填写周报账").Name("rows.1.line", "人员经费").Name("rows.1.invoice", "24420000001").Name("rows.1.date", "2026-06-03").
		Name("rows.1.amount", "8000").Name("rows.1.purpose", "护理员补贴").Name("rows.1.payee", "张记劳务").Press("保存，上传发票并核对").See("请上传发票 24420000001").
		Attach("file", file(t, "24420000001.pdf")).Press("上传").Press("提交周报账").See("等待付款方")
	d.desk.As(d.officer).Go("/desk").Go(d.at + "/plan").Press("确认达成").See("已达成")
	d.desk.Go(d.at + "/expenses").Press("2026年6月1日至").Press("核对无误").See("这一周已经办结")
}

// paid is a request of the first milestone through three hands.
func (d *delivery) paid() {
	d.phone.Go(d.at + "/claims").Press("申请付款").See("第 1 次申请 100,000.00 元")
	d.desk.Go(d.at + "/claims").Press("核对")
	d.desk.As(d.approver).Go(d.at + "/claims").Press("批准")
	d.desk.As(d.finance).Go(d.at+"/claims").Press("登记已付款").See("流水号").Name("bank_reference", "20260608000017").Press("登记已付款").See("2026年6月8日 付款")
}

// heard is a survey: slips, an answer on a phone without an account, what the
// community itself says.
func (d *delivery) heard(t *testing.T) {
	d.desk.As(d.officer).Go(d.at+"/survey").Fill("第一天", "2026-06-08").Fill("最后一天", "2026-06-14").Press("保存草稿").Press("发布问卷").See("问卷已发布").
		Pick("请项目所在的街道或社区评价", "和美社区居民委员会").Press("请其评价").See("等待中")
	v, err := d.e.Residents.Of(t.Context(), d.officer.Actor, d.g.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, codes, err := d.e.Residents.Invite(t.Context(), d.officer.Actor, v.ID, 40, "和美社区")
	if err != nil {
		t.Fatal(err)
	}
	resident := walk.New(t, d.e, "resident", 360)
	resident.Anyone().Go("/s").Fill("邀请码", survey.Spaced(codes[0])).Press("开始回答").Choose("a.satisfaction", "5").Press("交卷").See("谢谢您")
	for i, c := range codes[1:36] {
		if _, err := d.e.Residents.Answer(t.Context(), c, survey.Answers{survey.Headline: []string{"5", "4", "5"}[i%3]}); err != nil {
			t.Fatal(err)
		}
	}
	d.desk.As(d.street).Go("/desk").Press("待作出社区评价").Name("parts.delivered", "90").Name("parts.helpful", "86").Name("parts.together", "85").
		Fill("理由", "服务准时，老人反映好，换人没有提前说。").Press("公开评价").See("87.00 分")
}

// accepted is the acceptance of the whole with a resident in the group.
func (d *delivery) accepted(t *testing.T) {
	d.later(beijing(t, "2026-06-29 10:00"))
	d.phone.As(d.lead).Go(d.at+"/acceptances").Name("report", "全年上门 1180 人次").Press("申请验收").See("等待付款方组织验收小组")
	d.desk.As(d.officer).Go(d.at+"/acceptances").Press("第 1 次").Press("填写验收记录").
		Name("inspected_on", "2026-06-29").Name("place", "和美社区活动室").
		Name("members.1.name", "周正").Name("members.1.role", "payer").Name("members.1.unit", "青山区民政局").Name("members.1.opinion", "agree").
		Name("members.2.name", "李桂芳").Name("members.2.role", "resident").Name("members.2.unit", "和美社区").Name("members.2.opinion", "agree").Name("members.2.words", "来得准时").
		Choose("checks.1.met", "yes").Name("checks.1.note", "双方同意减少 20 人次").Choose("checks.2.met", "yes").Choose("checks.3.met", "yes").Choose("result", "passed").Name("summary", "达到约定").
		Press("提交审批公布").See("请上传验收小组签名的意见页")
	d.e.Sign(d.officer, acceptanceOf(t, d.e, d.g.ID))
	d.desk.Press("提交审批公布").See("等待审批人公布")
	d.desk.As(d.approver).Go(d.at + "/acceptances").Press("第 1 次").Press("公布验收结果").See("验收结果已公布")
	d.e.Settle()
}

// reconciled closes the month: every difference has its words first.
func (d *delivery) reconciled() {
	d.later(d.g.Due().Add(10 * time.Hour))
	d.desk.As(d.officer).Go(d.at + "/months").Press("开始2026年6月对账").See("汇总")
	month := d.desk.Path()
	d.desk.Fill("2026年6月付款额", "100000").Press("保存").See("差异")
	explain(d.desk, "首期款按节点支付，支出按周报。")
	for range 3 {
		explain(d.phone.As(d.lead).Go(month), "那一周没有支出。")
	}
	d.desk.As(d.approver).Go(month).Press("2026年6月结账").See("这个月不能再改")
}

// explain gives the first difference that waits for this side its words.
func explain(w *walk.Walker, words string) {
	w.Eval("const f = document.querySelector('#differences details[open] form'); f.querySelector('textarea').value = '" + words + "'; f.querySelector('button').click()").See("说明已保存")
}

// judged is the evaluation by somebody outside, with what the system counted.
func (d *delivery) judged(t *testing.T) {
	d.desk.As(d.officer).Go(d.at).Press("开始绩效评价").Pick("指标体系", "居家养老服务指标体系").Press("换用这一套").See("老年人需求调查").
		Fill("承接方自评截止日", "2026-07-10").Pick("第三方评价机构", "公信评估中心").Press("开始绩效评价").See("等待承接方自评")
	d.phone.As(d.lead).Go("/desk").See("待填写自评").Go(d.at).Press("填写自评").Fill("自评说明", "上门 1180 人次，投诉为零。").Press("提交自评").See("自评已提交")
	d.desk.Go(d.at).Press("查看绩效评价").Press("通过，进入评分")
	d.desk.As(d.outside).Go("/desk").Go(d.at).Press("查看绩效评价").Press("打开评分表").See("满意度")
	tree, ok := performance.Template("elderly-home-care")
	if !ok {
		t.Fatal("no tree for care at home")
	}
	for i, l := range tree.Leaves() {
		if l.Source != "" {
			continue
		}
		scoreLeaf(d.desk, l, performance.Points(l.Weight*9/10))
		d.desk.Name("lines."+l.Code+".reason", []string{"现场核对", "抽查台账"}[i%2])
	}
	d.desk.Fill("评价结论", "服务到位，老人满意。").Name("problems.0.finding", "服务台账缺少家属签字").Name("problems.0.rectification", "补签并抽查").Name("problems.0.due", "2026-08-31").
		Press("保存并核对").See("合计得分").Press("提交审批").See("等待审批")
	d.desk.As(d.approver).Go(d.at).Press("查看绩效评价").Press("批准并告知承接方").See("等待异议期满")
}

// contested is an objection that is not upheld, the publication, and the
// finding mended.
func (d *delivery) contested(t *testing.T) {
	d.phone.As(d.lead).Go(d.at).Press("查看绩效评价").Press("提出异议").See("请写明").Fill("异议和理由", "台账齐全，请复核。").Press("提出异议").See("异议")
	second := d.e.Colleague(d.officer, party.Approver)
	d.desk.As(second).Go(d.at).Press("查看绩效评价").Fill("答复和理由", "抽查十份，三份缺少签字。").Press("不采纳").See("不采纳")
	d.desk.As(d.approver).Go(d.at).Press("查看绩效评价").Press("公布").See("绩评〔2026〕0001号")
	d.e.Settle()
	d.phone.As(d.lead).Go(d.at).Press("评分明细").Fill("整改说明", "已补签并抽查 20 份。").Press("提交整改").See("已补签并抽查")
	d.desk.As(d.officer).Go(d.at).Press("评分明细").Press("核查通过，销号").See("已销号")
	d.phone.Anyone().Go("/organisations/" + string(d.lead.Actor.Org)).See("绩评〔2026〕0001号").Press("居家养老上门服务").Press("评分明细").See("抽查十份")
	d.phone.Go(d.at)
	has(t, d.phone.PDF("绩效评价报告"), "绩效评价报告", "公信评估中心", "服务台账缺少家属签字")
}
