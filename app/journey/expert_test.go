package journey

import (
	"fmt"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// board is a market whose bids are open and whose experts wait in the register.
type board struct {
	*market
	supervisor *apptest.Person
	experts    map[id.ID]*apptest.Person
	desk       string
}

const project = "青山区居家养老上门服务项目"

func newBoard(t *testing.T, experts int) *board {
	t.Helper()
	b := &board{market: newMarket(t, "晨光社会工作服务中心", "和风养老服务社", "夕阳红志愿服务队", "暖邻为老服务中心"), experts: map[id.ID]*apptest.Person{}}
	b.publish(t)
	b.supervisor = b.e.Colleague(b.officer, party.Supervisor)
	for i, s := range b.suppliers {
		s.Bid(b.tender, money.Fen(700_000+10_000*i)*money.Yuan)
	}
	for i := range experts {
		p := b.e.Expert(fmt.Sprintf("评审专家%d", i+1), "武汉某大学")
		b.experts[p.Actor.Account] = p
	}
	b.e.Time.Set(beijing(t, "2026-06-22 09:00"))
	b.custody.Open()
	eligible(t, b.e, b.officer, b.tender)
	b.desk = "/panels/" + string(b.tender)
	return b
}

// panel are the members as they sit now.
func (b *board) panel(t *testing.T) []*apptest.Person {
	t.Helper()
	list, err := b.e.Evaluations.Panel(t.Context(), b.officer.Actor, b.tender)
	if err != nil {
		t.Fatal(err)
	}
	var out []*apptest.Person
	for _, m := range list {
		out = append(out, b.experts[m.Account])
	}
	return out
}

// TestAnExpertIsDrawnScoresAndSigns is an expert on a phone, from the desk to
// the signature, between an officer and a supervisor who draw; one who was
// drawn finds a tie and leaves, one with a tie on record never gets in.
func TestAnExpertIsDrawnScoresAndSigns(t *testing.T) {
	b := newBoard(t, 6)
	tied := b.e.Expert("有关系的专家", "和风养老服务社")
	w := walk.New(t, b.e, "expert", 1280)
	b.drawn(w)
	gone, one := b.panel(t)[0], b.panel(t)[1]

	w.Width(360).As(gone).Go("/panels").See("待作出承诺").Press(project).See("回避和保密承诺")
	if strings.Contains(w.Text(), "晨光社会工作服务中心") {
		t.Error("who bid is shown before the declaration")
	}
	w.Press("提交承诺").See("请确认没有利害关系").Fill("我有利害关系", "配偶在暖邻为老服务中心任职").Press("提交承诺").See("您已回避本项目").See("没有需要评审的项目")
	w.As(tied).Go("/panels").See("没有需要评审的项目")

	b.scores(w, one)
	for _, p := range b.panel(t) {
		if p != one {
			b.quick(w, p)
		}
	}
	b.met(t, w, one)
}

// drawn has the officer freeze the pool and the supervisor give the seed.
func (b *board) drawn(w *walk.Walker) {
	w.As(b.officer).Go(b.notice).Press("确定评审成员").See("随机抽取").Name("needs.0.number", "7").Press("冻结名单并公布校验值").See("回避后名单中只有 6 名").
		Name("needs.0.number", "5").Name("needs.0.alternates", "1").Press("冻结名单并公布校验值").See("名单的校验值已公布").See("6 人，回避 1 人").Click("回避的理由").See("受雇")
	w.As(b.supervisor).Go(b.notice+"/panel").Press("抽取").See("请输入公布名单之后才产生的数").Fill("公布名单之后才产生的数", "2026-06-22 排列三 第155期 4 0 7").
		Press("抽取").See("已抽取").See("成员（5 人").See("专家，随机抽取")
	w.As(b.officer).Go(b.notice + "/panel").Press("开始评审").See("评审已开始")
	w.Width(360).Go(b.notice + "/panel").Go(b.notice + "/eligibility").Width(1280)
}

// scores is one expert's whole work at 360 px, mistakes and all.
func (b *board) scores(w *walk.Walker, p *apptest.Person) {
	w.Width(360).As(p).Go("/desk").See("待我评分").Press("待我评分").See(project).Press(project).
		Tick("我与采购人、投标人没有利害关系，独立评审，对评审情况保密。").Press("提交承诺").See("承诺已记录").See("评分标准").See("完整可行")
	last := b.suppliers[3].Actor.OrgName
	for _, s := range b.suppliers {
		b.marks(w, s.Actor.OrgName, "45.5", "40")
	}
	w.Fill(b.suppliers[0].Actor.OrgName+"：服务方案", "50.5").Press("保存").See("服务方案").See("50 分").Fill(b.suppliers[0].Actor.OrgName+"：服务方案", "50")
	w.Pick(last+"：符合性", "不符合").Press("提交全部评分").See("请写明“" + last + "”不通过的理由").See("不符合哪一条实质性要求")
	w.Fill(last+"：不符合的理由", "上门人员没有健康证明").Eval(`const d = [...document.querySelectorAll('main tr')].find(r => r.innerText.includes('` + last + `')).querySelector('input[type=checkbox]'); if (!d.checked) d.click()`)
	w.Fill(b.suppliers[0].Actor.OrgName+"：意见", "方案较完整，<b>回访</b>安排清楚，由𠮷田䶮带队").Press("保存").See("已保存").
		Press("提交全部评分").See("评分已提交").See("已提交评分")
	w.Go(b.desk).See("提交评分，不能再修改").Go(b.desk + "/meeting").See("还有 4 名成员没有提交评分")
}

func (b *board) marks(w *walk.Walker, supplier, plan, team string) {
	w.Pick(supplier+"：符合性", "符合").Fill(supplier+"：服务方案", plan).Pick(supplier+"：团队经验", team+" 分")
}

// quick is another member's sheet.
func (b *board) quick(w *walk.Walker, p *apptest.Person) {
	w.Width(1280).As(p).Go(b.desk).Tick("我与采购人、投标人没有利害关系，独立评审，对评审情况保密。").Press("提交承诺").See("承诺已记录")
	for i, s := range b.suppliers {
		b.marks(w, s.Actor.OrgName, []string{"48", "30", "30", "10"}[i], "20")
	}
	w.Press("提交全部评分").See("评分已提交")
}

// met is the meeting: a doubt about one score, the settled result, the signed
// report.
func (b *board) met(t *testing.T, w *walk.Walker, one *apptest.Person) {
	t.Helper()
	other := b.panel(t)[0]
	if other == one {
		other = b.panel(t)[1]
	}
	first := b.suppliers[0].Actor.OrgName
	w.Width(1280).As(other).Go(b.desk+"/meeting").See("评审汇总").See("上门人员没有健康证明").See("分歧大").
		Click("对其他成员的一处评分提出疑问").Press("提出疑问").See("请写明疑问").
		Pick("成员", seatOf(b, t, one)+" "+one.Actor.Name).Pick("投标人", first).Pick("评分项", "团队经验").Pick("情形", "对客观评审因素评分不一致").
		Fill("疑问", "业绩证明只有 2 个").Press("提出疑问").See("已提出，等待成员答复").See("有成员还没有答复")
	w.Width(360).As(one).Go(b.desk+"/meeting").Press("答复").See("请写明说明").Fill("更正为", "20").Fill("说明", "漏看一份合同的日期，更正").Press("答复").See("原评分留存")
	w.Press("完成汇总").See("汇总完成").See("得分与排序").Fill("不同意见和理由", "团队经验的区间划分过粗").Press("签署评审报告").See("已签署")
	for _, p := range b.panel(t) {
		if p != one {
			w.As(p).Go(b.desk + "/report").Press("签署评审报告").See("已签署")
		}
	}
	b.e.Settle()
	w.Width(1280).As(one).Go(b.desk + "/report").See("团队经验的区间划分过粗")
	has(t, w.PDF("评审报告"), "评审报告", "团队经验的区间划分过粗", "更正为", "随机抽取")
	w.As(b.officer).Go(b.notice).Press("去定标").See(first)
}

// seatOf is the number of somebody's seat on the meeting's pages.
func seatOf(b *board, t *testing.T, p *apptest.Person) string {
	t.Helper()
	for i, m := range b.panel(t) {
		if m == p {
			return fmt.Sprint(i + 1)
		}
	}
	t.Fatal("not on the panel")
	return ""
}

// TestATieShutsTheBids is a member found tied to a bidder after they sat down:
// nothing opens, the page says why and what to do, and they leave by the sheet.
func TestATieShutsTheBids(t *testing.T) {
	b := newBoard(t, 5)
	w := walk.New(t, b.e, "tied", 360)
	w.As(b.officer).Go(b.notice + "/panel")
	for _, p := range b.experts {
		w.Fill("自行选定专家的理由", "主管预算单位同意").Press("加入" + p.Actor.Name)
	}
	w.Press("开始评审").See("评审已开始")
	p := b.panel(t)[0]
	w.As(p).Go(b.desk).Tick("我与采购人、投标人没有利害关系，独立评审，对评审情况保密。").Press("提交承诺").See("承诺已记录")
	if _, err := b.e.DB.ExecContext(t.Context(), "UPDATE account SET employer = ? WHERE id = ?", "和风养老服务社", p.Actor.Account); err != nil {
		t.Fatal(err)
	}
	w.Go(b.notice+"/bids").See("您与投标人“和风养老服务社”有利害关系").See("实施条例第9条").See("声明回避").
		Go(b.desk).Click("发现自己有利害关系，要回避").Fill("我有利害关系", "上月起在和风养老服务社任职").Press("声明回避").See("您已回避本项目")
	w.As(b.officer).Go(b.notice + "/panel").See("上月起在和风养老服务社任职").See("从专家库随机抽取")
}
