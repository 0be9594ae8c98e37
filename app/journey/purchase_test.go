package journey

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
)

// TestABidBecomesAContract walks from the notice to the contract as bidder,
// officer, expert, approver, loser and public, all on a phone;
// TestAPurchaseFromDraftToEvaluation has most of them at desks.
func TestABidBecomesAContract(t *testing.T) { purchase(t, 360) }

func purchase(t *testing.T, width int64) {
	e := apptest.SQLite(t)
	officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
	approver := e.Colleague(officer, party.Approver)
	x, custody := notice(t, e, officer, approver)
	at := "/tenders/" + string(x)
	w := walk.New(t, e, "purchase", width)
	mine := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
	bidding(t, w, mine, at)
	for i := range 3 {
		p := e.Org(party.Social, fmt.Sprintf("湖北省武汉市青山区第%d社会工作与志愿服务发展促进中心联合体", i+1), party.Lead)
		e.Time.Advance(time.Second)
		p.Bid(x, money.Fen(640_000+10_000*i)*money.Yuan)
	}
	w.As(officer).Go(at).See("正在接受投标").Go(at + "/opening").See("任何人都看不到投标情况")
	e.Time.Set(time.Date(2026, 6, 22, 1, 0, 0, 0, time.UTC))
	w.As(officer).Go(at).Press("去开标").See("请您参加开标")
	gather(w, at+"/opening", custody.Holders[:2])
	w.As(officer).Go(at + "/opening").Press("开始开标").See("650,000.00").See("4 家没有答复").Press("结束开标，出具开标记录").See("开标已结束").See("开标记录")
	w.Press("并排对比全部投标").See("平均报价").Press("报价从低到高").Press("晨光社会工作服务中心").See("陆拾伍万元整")
	panel := seats(t, e, w, officer, at, x)
	scoring(t, e, w, panel, x)
	w.As(officer).Go(at+"/ranking").See("评审记录已冻结").Press("查看排序并定标").
		Pick("中标（成交）供应商", "第 2 名").Press("提交审批").See("请写明理由").
		Pick("中标（成交）供应商", "第 1 名").Press("提交审批").See("待审批")
	w.As(approver).Go(at + "/award").Press("退回").See("请写明退回的原因").Press("批准并公布").See("结果已公布")
	e.Settle()
	w.As(mine).Go("/bids").See("未中标").Press("青山区居家养老上门服务项目").See("结果与得分").See("差距主要在")
	w.As(officer).Go(at+"/contract").Fill("签订日期", "2026-08-01").Fill("服务开始日期", "2026-07-01").Fill("服务结束日期", "2027-06-30").
		Press("登记并公告").See("不能晚于今天").Fill("签订日期", "2026-06-22").Press("登记并公告").See("合同已登记并公告").See("GJ合〔2026〕0001号")
	w.Go(at).See("合同").Go("/desk")
}

func notice(t *testing.T, e *apptest.Env, officer, approver *apptest.Person) (id.ID, *apptest.Custody) {
	t.Helper()
	x, err := e.Tenders.Create(t.Context(), officer.Actor, tendertest.Complete())
	if err != nil {
		t.Fatal(err)
	}
	custody := e.Lock(officer, x.ID)
	if _, err := e.Tenders.Submit(t.Context(), officer.Actor, x.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Tenders.Publish(t.Context(), approver.Actor, x.ID); err != nil {
		t.Fatal(err)
	}
	return x.ID, custody
}

// bidding is one supplier's way through the task list, mistakes included.
func bidding(t *testing.T, w *walk.Walker, p *apptest.Person, at string) {
	t.Helper()
	w.As(p).Go("/bids").See("还没有投标").Go(at).Press("编写投标文件").Press("开始编制投标文件")
	firstKey(w)
	w.See("还有 4 处没有填好").Press("报价与交付承诺").Fill("投标报价", "760,000.01").Fill("服务期限和交付承诺", "合同签订后 10 日内进场，服务一年").
		Click("保存并继续").See("超过最高限价").Fill("投标报价", "650000").Press("保存并继续").See("逐项应答")
	w.Fill("服务方案", "<b>每月两次上门助洁</b>，由𠮷田䶮带队").Fill("团队经验", "近三年同类项目 3 个").Press("保存并继续").See("附件")
	w.Attach("file", file(t, "服务方案.pdf")).See("服务方案.pdf").See("已上传").Press("保存并返回").See("已上传 1 个")
	w.Press("核对并提交").See("人民币陆拾伍万元整").See("<b>每月两次上门助洁</b>").Press("密封并提交").See("投标已提交").Press("返回我的投标").See("已提交，等待开标")
	w.Press("撤回投标").Fill("撤回的原因", "内部调整").Press("撤回投标").See("投标已撤回").Press("核对并提交").Press("密封并提交").See("第 2 版").Press("返回我的投标")
	w.Press("第 1 版").Click("在这台设备上打开").See("650,000.00").Go("/bids").See("已提交").Go("/desk").See("已提交的投标")
}

// seats makes the panel: one member through the page, the others as the page would.
func seats(t *testing.T, e *apptest.Env, w *walk.Walker, officer *apptest.Person, at string, x id.ID) []*apptest.Person {
	t.Helper()
	var panel []*apptest.Person
	for i := range 6 {
		p := e.Person(fmt.Sprintf("专家%d", i+1))
		employer := "武汉某大学"
		if i == 5 {
			employer = "晨光社会工作服务中心"
		}
		if _, err := e.DB.ExecContext(t.Context(), "UPDATE account SET expert = ?, employer = ?, specialties = '养老服务' WHERE id = ?", true, employer, p.Actor.Account); err != nil {
			t.Fatal(err)
		}
		p.SignIn()
		panel = append(panel, p)
	}
	w.Go(at+"/panel").See("须回避").Press("开始评审").See("不少于5人").Fill("自行选定专家的理由", "主管预算单位同意").Press("加入专家1").See("成员（1 人")
	for _, p := range panel[1:5] {
		if _, err := e.Evaluations.Name(t.Context(), officer.Actor, x, evaluation.Naming{Login: p.Login, Seat: evaluation.ExpertSeat, Reason: "主管预算单位同意"}); err != nil {
			t.Fatal(err)
		}
	}
	w.Go(at + "/panel").Press("开始评审").See("请先完成")
	eligible(t, e, officer, x)
	w.Go(at + "/panel").Press("开始评审").See("评审已开始")
	return panel[:5]
}

// eligible passes every bidder's eligibility, as the page would.
func eligible(t *testing.T, e *apptest.Env, officer *apptest.Person, x id.ID) {
	t.Helper()
	check, err := e.Evaluations.Eligibility(t.Context(), officer.Actor, x)
	if err != nil {
		t.Fatal(err)
	}
	var in []evaluation.Checking
	for _, l := range check.Bids {
		in = append(in, evaluation.Checking{Bid: l.Bid, Passed: true})
	}
	if err := e.Evaluations.Check(t.Context(), officer.Actor, x, in); err != nil {
		t.Fatal(err)
	}
}

// signed has the panel settle the result and sign, as its pages would.
func signed(t *testing.T, e *apptest.Env, panel []*apptest.Person, x id.ID) {
	t.Helper()
	if _, err := e.Evaluations.Settle(t.Context(), panel[0].Actor, x); err != nil {
		t.Fatal(err)
	}
	for _, p := range panel {
		if err := e.Evaluations.Sign(t.Context(), p.Actor, x, evaluation.Signing{}); err != nil {
			t.Fatal(err)
		}
	}
}

func scoring(t *testing.T, e *apptest.Env, w *walk.Walker, panel []*apptest.Person, x id.ID) {
	t.Helper()
	w.As(panel[0]).Go("/panels/" + string(x)).See("回避和保密承诺").Tick("我与采购人、投标人没有利害关系，独立评审，对评审情况保密。").Press("提交承诺").See("承诺已记录")
	for _, p := range panel[1:] {
		if _, err := e.Evaluations.Enter(t.Context(), p.Actor, x, evaluation.Declaration{Clear: true}); err != nil {
			t.Fatal(err)
		}
	}
	desk, err := e.Evaluations.Desk(t.Context(), panel[0].Actor, x)
	if err != nil {
		t.Fatal(err)
	}
	marks := func(i int) (out []evaluation.Marking) {
		for j, l := range desk.Bids {
			yes := true
			out = append(out, evaluation.Marking{Bid: l.Bid, Conforming: &yes, Scores: map[string]int64{"1": int64(3000 + 400*j + 5*i), "2": int64(1000 + 1000*j)}})
		}
		return out
	}
	w.As(panel[0]).Go("/panels").See("待评分").Press("青山区居家养老上门服务项目")
	first := string(desk.Bids[0].Bid)
	w.Name(first+".1", "50.01").Press("保存").See("应在 0 到 50 分之间").Name(first+".1", "三十").Press("保存").See("请填写 0 到满分之间的数")
	for _, m := range marks(0) {
		b := string(m.Bid)
		w.Name(b+".conforming", "yes").Name(b+".1", tender.Points(m.Scores["1"])).Name(b+".2", tender.Points(m.Scores["2"]))
	}
	w.Press("保存").Press("提交全部评分").See("评分已提交").See("已提交评分")
	for i, p := range panel[1:] {
		if err := e.Evaluations.Save(t.Context(), p.Actor, x, marks(i)); err != nil {
			t.Fatal(err)
		}
		if err := e.Evaluations.HandIn(t.Context(), p.Actor, x); err != nil {
			t.Fatal(err)
		}
	}
	signed(t, e, panel, x)
}

// large is a PDF of half a megabyte.
func large(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte("%0123456789abcde\n"), 30_000)...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
