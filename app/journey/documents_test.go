package journey

import (
	"strings"
	"testing"
	"time"

	"gongji/app/apptest/walk"
)

// TestASupplierFollowsTheDocuments is a small organisation on a phone, from
// finding a purchase to the amended documents, and the officer who answers.
func TestASupplierFollowsTheDocuments(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心", "暖邻为老服务中心")
	m.publish(t)
	m.e.Settle()
	supplier, rival := m.suppliers[0], m.suppliers[1]
	w := walk.New(t, m.e, "documents", 360)
	w.As(supplier).Go("/tenders").Fill("项目、采购人、编号或地区", "养老").Press("查找").See("共 1 条").Press("青山区居家养老上门服务项目").See("领取采购文件")
	if text := w.PDF("领取采购文件"); !strings.Contains(text, "第1版") || !strings.Contains(text, "青山区居家养老上门服务项目") {
		t.Errorf("the documents say %.200s", text)
	}
	w.Go(m.notice).See("您的单位领取过第 1 版").Press("提问与答复").See("还没有公开的提问").
		Fill("您的问题", "吗").Press("提交问题").See("至少 4 个字").
		Fill("您的问题", "合同款能否按月考核后支付？").Press("提交问题").See("不会显示是谁提问").See("等待采购人答复")
	w.As(rival).Go(m.notice + "/questions").See("还没有公开的提问")

	m.e.Time.Advance(9 * 24 * time.Hour) // twelve days before the deadline: an answer that changes bids moves it
	m.officer.SignIn()
	m.approver.SignIn()
	supplier.SignIn()
	rival.SignIn()
	officer := walk.New(t, m.e, "documents-officer", 1280)
	officer.As(m.officer).Go(m.notice + "/takes").See("共 1 家供应商领取").See("晨光社会工作服务中心").
		Go(m.notice + "/questions").See("1 个提问等待答复")
	if strings.Contains(officer.Text(), "晨光") {
		t.Error("the officer reads who asked")
	}
	officer.Fill("答复", "可以按月考核后支付，见更正。").Press("公开答复").See("答复已公开").
		Go(m.notice).Press("更正采购文件").Fill("更正的原因", "根据提问，改为按月考核").Fill("合同主要条款", "按月考核后支付").Press("核对").
		See("核对：这次更正将改变").See("顺延到").See("政府采购法实施条例第31条").Press("提交审批人").See("等待审批的更正")
	officer.As(m.approver).Go(m.notice + "/amendments").Press("批准并发布更正").See("第 1 次更正")
	m.e.Settle()

	w.As(supplier).Go("/inbox").See("您的提问已答复").See("采购文件第 1 次更正").Fill("标题或内容", "更正").Press("查找").See("顺延到").
		Press("查看").See("第 1 次更正").See("根据提问，改为按月考核")
	if !strings.Contains(w.Text(), "可以在截止前替换") {
		t.Errorf("the amendment says %.300s", w.Text())
	}
	w.Go(m.notice).See("之后有更正，请领取新版")
	if text := w.PDF("领取采购文件"); !strings.Contains(text, "第2版") || !strings.Contains(text, "按月考核") {
		t.Errorf("the new documents say %.200s", text)
	}
	w.Go(m.notice).See("您的单位领取过第 2 版").Go("/invitations").See("还没有邀请").Go("/intentions").See("采购意向")
	w.As(rival).Go(m.notice + "/questions").See("可以按月考核后支付").Go("/inbox").See("还没有消息")
}
