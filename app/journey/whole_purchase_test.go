package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/delivery/performance"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender/tendertest"
)

// beijing is a moment on the product's clock.
func beijing(t *testing.T, at string) time.Time {
	t.Helper()
	out, err := time.ParseInLocation("2006-01-02 15:04", at, time.FixedZone("CST", 8*60*60))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// market is a bureau and those who may bid.
type market struct {
	e                 *apptest.Env
	officer, approver *apptest.Person
	suppliers         []*apptest.Person
	custody           *apptest.Custody // of the key of the tender
	tender            id.ID
	notice            string // the path of the published tender
}

func newMarket(t *testing.T, names ...string) *market {
	t.Helper()
	e := apptest.SQLite(t)
	m := &market{e: e, officer: e.Org(party.Bureau, "青山区民政局", party.Officer)}
	m.approver = e.Colleague(m.officer, party.Approver)
	for _, name := range names {
		m.suppliers = append(m.suppliers, e.Org(party.Social, name, party.Lead))
	}
	return m
}

// publish brings a complete tender to the notice without a browser.
func (m *market) publish(t *testing.T) {
	t.Helper()
	m.tender, m.custody = notice(t, m.e, m.officer, m.approver)
	m.notice = "/tenders/" + string(m.tender)
}

// TestAPurchaseFromDraftToEvaluation is the whole way of a purchase: an officer
// at a desk, one supplier on a phone and two at desks, five experts.
func TestAPurchaseFromDraftToEvaluation(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心", "和风养老服务社", "夕阳红志愿服务队")
	w := walk.New(t, m.e, "purchase", 1280)
	m.drafted(t, w)
	m.published(w)
	m.bidden(t, w)
	m.opened(t, w)
	m.scored(t, w)
	m.awarded(t, w)
	m.contracted(t, w)
	m.evaluated(t, w)
}

// drafted fills the task list of a draft in, mistakes first.
func (m *market) drafted(t *testing.T, w *walk.Walker) {
	w.As(m.officer).Go("/desk").Go("/bureau/tenders").Press("新建采购项目").Press("建立草稿").See("请填写项目名称").
		Fill("项目名称", "青山区居家养老上门服务项目").Press("建立草稿").See("要填的内容").
		Press("基本信息")
	w.Fill("在指导性目录中查找", "养老").Press("查找").Pick("目录品目", "C05010400").Fill("服务地点", "湖北省武汉市青山区")
	for _, item := range []string{"1", "2", "3", "4", "5", "6"} {
		w.Choose("negative_"+item, "no")
	}
	w.Choose("public_service", "yes").Press("保存并继续").
		Choose("survey_basis", "within_year").Name("survey_note", "2025 年 12 月已开展").Name("public_opinion", "在三个社区召开了座谈会").Name("intention_exempt", "原服务机构停业，不可预见").Press("保存并继续").
		Fill("买什么", "为高龄老人提供每月两次上门助洁、助餐服务").Fill("向谁买", "依法登记的社会组织，具有养老服务经验").
		Fill("为谁买", "辖区 80 岁以上老人约 250 人").See("草稿已保存").Press("保存并继续").
		Name("requirements", "★ 上门人员持有健康证明").Name("contract_terms", "按季度考核后支付").Press("保存并继续").
		Fill("预算金额", "770,000").Pick("最高限价是", "总价").Fill("最高限价", "780000").Fill("月数", "12").
		Press("保存并继续").See("已保存，但这一页还有内容需要修改").
		Fill("最高限价", "760000").Press("保存并继续").See("不分包").Press("保存并继续").
		Pick("采购方式", "公开招标").Pick("评审方法", "综合评分法").Press("保存并继续")
	for i, c := range tendertest.Complete().Criteria {
		n := fmt.Sprintf("criteria.%d.", i)
		w.Press("增加一项").Name(n+"name", c.Name).Choose(n+"kind", c.Kind).Name(n+"weight", c.Weight).Name(n+"description", c.Description)
		if c.Bands != "" {
			w.Name(n+"bands", c.Bands)
		}
	}
	w.Name("criteria.2.weight", "35").Press("保存并继续").See("各项分值之和是 95 分，还差 5 分").
		Name("criteria.2.weight", "40").Press("保存并继续").
		Fill("采购文件提供至", "2026-06-03").Fill("提交截止时间", "2026-06-10T09:00").Fill("开标地点", "本平台线上开标").
		Fill("联系部门和办公电话", "养老服务科 027-86860000").
		Press("保存并继续").See("政府采购法第35条").See("实施条例第31条").
		Fill("采购文件提供至", "2026-06-08").Fill("提交截止时间", "2026-06-22T09:00").Press("保存并继续").
		Press("附件").Attach("file", file(t, "采购文件.pdf")).Press("上传").See("附件已上传").Press("回到任务清单").
		Press("核对填写内容").See("采购文件.pdf").See("770,000.00")
	m.tender = id.ID(strings.Split(w.Path(), "/")[3])
	m.custody = m.e.Lock(m.officer, m.tender)
	w.Go(w.Path()).Press("提交审批").See("等待审批")
}

// published returns the draft once, then publishes it; the drafter cannot.
func (m *market) published(w *walk.Walker) {
	w.As(m.approver).Go("/bureau/tenders?state=review").Press("青山区居家养老上门服务项目").
		Press("退回给经办人").See("请写明").Fill("退回的原因", "请核对服务人数").Press("退回给经办人")
	w.As(m.officer).Go("/bureau/tenders").Press("青山区居家养老上门服务项目").See("请核对服务人数").
		Press("核对填写内容").Press("提交审批").See("等待审批")
	w.As(m.approver).Go("/bureau/tenders?state=review").Press("青山区居家养老上门服务项目").Press("批准").See("GJ采〔2026〕0001号")
	m.notice = strings.Split(w.Path(), "?")[0]
	for _, width := range []int64{360, 1280} {
		w.Width(width).Anyone().Go(m.notice).See("买什么").See("向谁买").See("怎么买").See("为谁买").See("政府采购法第35条")
	}
}

// bidden is three suppliers who find the notice and bid: one replaces its bid,
// one takes it back and sends it again.
func (m *market) bidden(t *testing.T, w *walk.Walker) {
	for i, s := range m.suppliers {
		w.Width([]int64{360, 1280, 1280}[i]).As(s)
		w.Go("/tenders").Name("q", "养老").Press("查找").See("共 1 条").Press("青山区居家养老上门服务项目").Press("编写投标文件").
			Press("开始编制")
		firstKey(w)
		w.Press("报价与交付承诺").
			Fill("投标报价", "760001").Click("保存并继续").See("超过最高限价").
			Fill("投标报价", []string{"700000", "720000", "740000"}[i]).Fill("服务期限和交付承诺", "合同签订后 10 日内进场，服务一年").Press("保存并继续")
		w.Fill("服务方案", "每月两次上门，专人回访。").Fill("团队经验", "同类项目 4 个。").Press("保存并继续").
			Attach("file", file(t, "服务方案.pdf")).See("已上传").Press("保存并返回").
			Press("核对并提交").See("服务方案.pdf").Press("密封并提交").See("投标已提交")
		m.e.Settle()
	}
	w.As(m.suppliers[1]).Go("/bids").Press("青山区居家养老上门服务项目")
	unlocked(w).Press("报价与交付承诺").Fill("投标报价", "710000").Press("保存并继续").
		Go("/bids").Press("青山区居家养老上门服务项目").Press("核对并重新提交").See("替换第 1 版").Press("密封并提交").See("第 2 版")
	w.As(m.suppliers[2]).Go("/bids").Press("青山区居家养老上门服务项目").Press("撤回投标").Fill("撤回的原因", "报价算错").Press("撤回投标").See("已撤回")
	unlocked(w).Press("核对并提交").Press("密封并提交").See("第 2 版").Press("返回我的投标").See("有效")
	m.e.Settle()
	w.Width(360).As(m.suppliers[0]).Go("/bids").Press("青山区居家养老上门服务项目")
	has(t, w.PDF("投标回执"), "投标（响应）回执", "晨光社会工作服务中心", "GJ采〔2026〕0001号")
}

// opened passes the deadline: too late to bid, time to open.
func (m *market) opened(t *testing.T, w *walk.Walker) {
	w.As(m.suppliers[0]).Go("/bids").Press("青山区居家养老上门服务项目")
	unlocked(w).Press("报价与交付承诺").Fill("投标报价", "600000")
	m.e.Time.Set(beijing(t, "2026-06-22 09:00"))
	w.Click("保存并继续").See("登录已过期").As(m.suppliers[0]).Click("保存并继续").See("投标截止时间已过")
	w.Width(1280).Anyone().Go(m.notice + "/opening").See("尚未开标")
	w.As(m.officer).Go(m.notice).Press("去开标").See("请您参加开标")
	gather(w, m.notice+"/opening", m.custody.Holders[1:])
	w.As(m.officer).Go(m.notice + "/opening").Press("开始开标").See("投标人确认").See("700,000.00").See("710,000.00").See("740,000.00").
		Press("结束开标，出具开标记录").See("开标已结束")
	m.e.Settle()
	w.Anyone().Go(m.notice + "/opening")
	has(t, w.PDF("开标记录"), "开标记录", "GJ采〔2026〕0001号", "和风养老服务社", "710,000.00")
	w.Width(360).Go(m.notice + "/opening")
}

// scored names a panel, lets five experts score on their own and looks at the
// ranking.
func (m *market) scored(t *testing.T, w *walk.Walker) {
	tied := m.e.Expert("有关系的专家", "和风养老服务社")
	var panel []*apptest.Person
	for i := range 5 {
		panel = append(panel, m.e.Expert(fmt.Sprintf("评审专家%d", i+1), "武汉某大学"))
	}
	w.Width(1280).As(m.officer).Go(m.notice).Press("确定评审成员").See("有关系的专家").Press("开始评审").See("5 人")
	for _, p := range panel {
		w.Fill("自行选定专家的理由", "主管预算单位同意").Press("加入" + p.Actor.Name)
	}
	w.Press("开始评审").See("请先完成")
	x := id.ID(strings.TrimPrefix(m.notice, "/tenders/"))
	eligible(t, m.e, m.officer, x)
	w.Go(m.notice + "/eligibility").See("没有发现负责人为同一人").Go(m.notice + "/panel").Press("开始评审").See("评审已开始")
	for i, p := range panel {
		if i == 1 {
			w.Width(360)
		}
		w.As(p).Go("/panels").See("待作出承诺").Press("青山区居家养老上门服务项目").
			Tick("我与采购人、投标人没有利害关系，独立评审，对评审情况保密。").Press("提交承诺").See("承诺已记录")
		if i == 0 {
			w.Fill("晨光社会工作服务中心：服务方案", "51").Press("保存").See("50")
		}
		for j, s := range m.suppliers {
			w.Pick(s.Actor.OrgName+"：符合性", "符合").Fill(s.Actor.OrgName+"：服务方案", fmt.Sprint(45-5*j-i)).
				Pick(s.Actor.OrgName+"：团队经验", fmt.Sprint(40-10*j)+" 分").Fill(s.Actor.OrgName+"：意见", "方案较完整")
		}
		w.Press("保存").Press("提交全部评分").See("评分已提交")
		w.Width(1280)
	}
	w.As(panel[0]).Go(m.notice).Go("/panels/" + string(x) + "/meeting").See("评审汇总").See("最低–最高").Press("完成汇总").See("汇总完成")
	for i, p := range panel {
		w.As(p).Go("/panels/" + string(x) + "/report")
		if i == 3 {
			w.Fill("不同意见和理由", "团队经验的区分度不够")
		}
		w.Press("签署评审报告").See("已签署")
	}
	m.e.Settle()
	w.As(m.officer).Go("/panels/" + string(x) + "/report").See("不同意见")
	has(t, w.PDF("评审报告"), "评审报告", "成员签署", "团队经验的区分度不够", "推荐中标")
	w.As(tied).Go("/panels").See("没有需要评审的项目")
	w.As(m.officer).Go(m.notice + "/ranking").See("晨光社会工作服务中心").See("校验值")
}

// awarded proposes, approves and looks at the result from both sides.
func (m *market) awarded(t *testing.T, w *walk.Walker) {
	w.As(m.officer).Go(m.notice).Press("去定标").Pick("中标（成交）供应商", "第 2 名").Press("提交审批").See("理由").
		Pick("中标（成交）供应商", "第 1 名").Press("提交审批").See("审批")
	w.As(m.approver).Go("/bureau/tenders?state=decided").Press("青山区居家养老上门服务项目").Press("去审批").
		Press("退回").See("原因").Press("批准并公布").See("晨光社会工作服务中心")
	m.e.Settle()
	w.Width(360).As(m.suppliers[0]).Go("/bids").Press("青山区居家养老上门服务项目").See("已中标")
	has(t, w.PDF("通知书"), "中标", "通知书", "晨光社会工作服务中心", "柒拾万元整")
	w.As(m.suppliers[1]).Go("/bids").Press("青山区居家养老上门服务项目").See("结果与得分").See("排名第 2").See("差距主要在")
	if strings.Contains(w.Text(), "夕阳红") {
		t.Error("a loser reads of another loser's scores")
	}
	for _, width := range []int64{360, 1280} {
		w.Width(width).Anyone().Go(m.notice + "/award").See("700,000.00").See("晨光社会工作服务中心")
	}
}

// contracted records the contract, late once, and publishes it.
func (m *market) contracted(t *testing.T, w *walk.Walker) {
	w.As(m.officer).Go(m.notice).Press("登记合同").Fill("签订日期", "2026-06-22").Fill("服务开始日期", "2026-07-01").Fill("服务结束日期", "2026-06-30").
		Press("登记并公告").See("服务结束日期").
		Fill("服务结束日期", "2026-11-30").Press("登记并公告").See("合同公告")
	m.e.Settle()
	w.Attach("file", file(t, "合同.pdf")).Press("上传").See("合同.pdf")
	w.Width(360).Anyone().Go(m.notice + "/contract").See("晨光社会工作服务中心")
	has(t, w.PDF("合同摘要"), "晨光社会工作服务中心", "柒拾万元整")
}

// evaluated waits for the end of the contract, then has the provider report,
// the officer score and the approver publish.
func (m *market) evaluated(t *testing.T, w *walk.Walker) {
	const title = "青山区居家养老上门服务项目"
	w.Width(1280).As(m.officer).Go("/engagements").Press(title).See("按方案履约")
	m.e.Time.Set(beijing(t, "2026-12-01 09:00"))
	w.As(m.officer).Go("/desk").Go("/engagements").Press(title).Press("开始绩效评价").
		Fill("承接方自评截止日", "2026-12-15").Press("开始绩效评价").See("等待承接方自评")
	w.Width(360).As(m.suppliers[0]).Go("/engagements").Press(title).Press("查看绩效评价").Press("填写自评").
		Press("提交自评").See("自评说明").Fill("自评说明", "全年上门 6000 人次，满意率 97%").Fill("存在的问题和改进打算", "雨天延误").
		Press("提交自评").See("6000 人次")
	w.Width(1280).As(m.officer).Go("/engagements").Press(title).Press("查看绩效评价").Press("通过，进入评分").See("逐项评分")
	w.Width(1280).As(m.officer).Go("/engagements").Press(title).Press("查看绩效评价").Press("打开评分表")
	leaves := performance.Templates()[0].Leaves()
	for i, l := range leaves {
		points := l.Weight
		if i == 0 {
			points -= 100
		}
		scoreLeaf(w, l, performance.Points(points))
	}
	w.Fill("评价结论", "服务到位，老人满意").Press("保存并核对").See("还有 1 处需要填写或修改").Press("返回修改").
		Name("lines."+leaves[0].Code+".reason", "立项依据附件不全").Press("保存并核对").See("99").Press("提交审批").See("等待审批")
	w.As(m.approver).Go("/engagements").Press(title).Press("查看绩效评价").Press("批准并告知承接方").See("等待异议期满")
	w.Width(360).As(m.suppliers[0]).Go("/engagements").Press(title).Press("查看绩效评价").Press("无异议").See("等待公布")
	w.Width(1280).As(m.approver).Go("/engagements").Press(title).Press("查看绩效评价").Press("公布").See("下载报告")
	m.e.Settle()
	for _, width := range []int64{360, 1280} {
		w.Width(width).Anyone().Go("/organisations/" + string(m.suppliers[0].Actor.Org)).See("优").See(title)
	}
	w.Press(title)
	has(t, w.PDF("报告"), "绩效评价报告", "晨光社会工作服务中心", "99", "优")
	w.Press("查验报告真伪").See("有效").See("绩效评价报告")
}

// TestTooFewBiddersAreNotOpened ends with the article that says so.
func TestTooFewBiddersAreNotOpened(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心", "和风养老服务社")
	m.publish(t)
	w := walk.New(t, m.e, "few", 360)
	m.e.Time.Set(beijing(t, "2026-06-22 09:00"))
	w.As(m.officer).Go("/desk").Go(m.notice).Press("去开标").Press("开始开标").See("依法不予开标").See("财政部令第87号第41条")
	w.Anyone().Go(m.notice).See("不足").Go(m.notice + "/opening").See("不予开标")
}

// has fails unless a document's text holds all of the words.
func has(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, s := range words {
		if !strings.Contains(text, strings.Join(strings.Fields(s), "")) {
			t.Fatalf("the document lacks %q: %s", s, text)
		}
	}
}
