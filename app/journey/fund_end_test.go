package journey

import (
	"bytes"
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// second sets up another fund of the foundation, to take a surplus.
func second(t *testing.T, e *apptest.Env, c *apptest.Charity, name string) fund.Fund {
	t.Helper()
	ctx := t.Context()
	f, err := e.Funds.Create(ctx, c.Officer.Actor, fundtest.Form(name))
	if err == nil {
		_, err = e.Attachments.Add(ctx, c.Officer.Actor, fund.AgreementKind, f.ID, "agreement", "协议.pdf", bytes.NewReader(fundtest.Agreement))
	}
	if err == nil {
		_, err = e.Funds.Submit(ctx, c.Officer.Actor, f.ID)
	}
	if err == nil {
		f, err = e.Funds.Approve(ctx, c.Approver.Actor, f.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func gift(t *testing.T, e *apptest.Env, c *apptest.Charity, to id.ID, amount money.Fen) {
	t.Helper()
	o := donation.Offline{Pledge: donation.Pledge{Fund: to, Kind: donation.Money, Amount: &amount, Method: "银行转账", Relation: donation.NoRelation, Agree: true, NoBenefit: true},
		DonorKind: donation.Person, DonorName: "李华"}
	d, err := e.Donations.Record(t.Context(), c.Officer.Actor, o)
	if err == nil {
		_, err = e.Donations.Confirm(t.Context(), c.Finance.Actor, d.ID, donation.Arrival{On: apptest.Start, Amount: &amount})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAFundIsBudgetedLimitedAndEnded walks the second half of a fund's life: the
// limits the foundation sets itself, a budget by lines, a payment that two must
// approve, one refused at the limit until a resolution is there, one refused
// where its line has run out, and the end, with the surplus decided and public.
func TestAFundIsBudgetedLimitedAndEnded(t *testing.T) {
	e := apptest.SQLite(t)
	c := e.Charity()
	deputy := e.Colleague(c.Approver, party.Approver)
	const payee = "晨光社会工作服务中心"
	e.Org(party.Social, payee, party.Lead)
	taker := second(t, e, c, "社区应急救助专项基金")
	gift(t, e, c, c.Fund.ID, 8_000*money.Yuan)
	own := "/foundation/funds/" + string(c.Fund.ID)
	w := walk.New(t, e, "fund-end", 1280)

	// Limits: proposed by one, decided by another.
	w.As(c.Approver).Go("/foundation/payment-limits").See("提出新的限额").Fill("单笔超过多少须两人审批", "1000").Fill("单笔超过多少须有管理委员会或者理事会决议", "500").
		Press("提出").See("不能低于须两人审批的金额").Fill("单笔超过多少须有管理委员会或者理事会决议", "3000").Press("提出").See("由另一位秘书长身份的人员决定")
	w.Width(360).As(deputy).Go("/foundation/payment-limits").Press("同意启用").See("决定已记录").See("1,000.00")

	// The year's budget, by lines.
	w.Width(1280).As(c.Officer).Go(own).Press("年度预算和执行").Name("lines.1.name", "上门照料").Name("lines.1.amount", "2000").Name("lines.2.name", "应急物资").Name("lines.2.amount", "六千").
		Press("保存预算").See("提交前还要改正").Name("lines.2.amount", "6000").Press("保存预算").Press("提交预算").See("等待秘书长审批")
	budget := w.Path()
	w.Width(360).As(c.Approver).Go("/desk").Press("待审批的预算").Press("批准预算").See("执行中").See("8,000.00")

	// One payment that two must approve.
	pay := func(what, line, amount string) {
		w.Width(1280).As(c.Officer).Go(own).Press("新建付款").Fill("收款单位", payee).Fill("用途", what).Pick("列支的预算科目", line).Fill("金额", amount).
			Press("保存并核对").Attach("file", file(t, "资助协议.pdf")).Press("上传").See("资助协议.pdf")
	}
	pay("第一季度上门照料", "2026年 上门照料", "1,500")
	w.See("单笔超过 1,000.00 元").Press("提交审批").See("等待秘书长审批")
	at := w.Path()
	w.Width(360).As(c.Approver).Go(at).Press("批准付款").See("已批准 1 人").See("待审批")
	w.As(deputy).Go(at).Press("批准付款").See("等待财务付款")
	w.Width(1280).As(c.Finance).Go(at).Fill("银行流水号", "ICBC-1").Press("确认已付款").See("已付款并记入账本")

	// Its line has 500 left: more is refused without a resolution.
	pay("第二季度上门照料", "2026年 上门照料", "600")
	w.See("超过预算科目“上门照料”100.00 元").See("请上传决议").Press("修改").Fill("金额", "500").Press("保存并核对").Press("提交审批").See("等待秘书长审批")
	at = w.Path()
	w.As(c.Approver).Go(at).Press("批准付款").See("等待财务付款")
	w.As(c.Finance).Go(at).Press("确认已付款").See("已付款并记入账本")

	// Above the limit a resolution must be there, with its day and number.
	pay("应急物资", "2026年 应急物资", "3,500")
	w.See("单笔超过 3,000.00 元").See("请填写决议").Press("修改").Click("决议（超预算").Fill("决议日期", "2026-05-28").Fill("会议届次或者决议文号", "管委会〔2026〕2号").Press("保存并核对").
		Attach("resolution", file(t, "决议.pdf")).Press("上传决议").See("决议.pdf").Press("提交审批").See("等待秘书长审批")
	at = w.Path()
	w.As(c.Approver).Go(at).Press("批准付款").See("已批准 1 人")
	w.As(deputy).Go(at).Press("批准付款").See("等待财务付款")
	w.As(c.Finance).Go(at).Press("确认已付款").See("已付款并记入账本")
	w.Go(budget).See("2,500.00").Anyone().Go("/funds/" + string(c.Fund.ID)).See("上门照料").See("应急物资").See("2,500.00")

	// The end: proposed with a resolution, decided by another, published.
	w.Width(360).As(c.Officer).Go(own).Press("终止和清算").Press("提出终止").See("原因").
		Fill("终止的原因", "设立目的已经实现，不再开展同类活动。").Choose("surplus_to", "fund").Pick("接收的专项基金", "社区应急救助专项基金").
		Fill("目的怎样相同或者相近", "都用于本镇居民的应急帮扶。").Fill("决议日期", "2026-05-30").Fill("会议届次或者决议文号", "理事会〔2026〕3号").
		Press("提出终止").See("上传决议").Attach("file", file(t, "终止决议.pdf")).Press("上传").See("终止决议.pdf")
	w.As(c.Approver).Go(own + "/closing").Press("决定终止").See("已终止")
	for _, width := range []int64{1280, 360} {
		w.Width(width).Anyone().Go("/funds/" + string(c.Fund.ID)).See("已终止").See("2,500.00 元转入“横沥社区发展基金会社区应急救助专项基金”").See("慈善法第58条")
		w.Go("/funds/" + string(taker.ID)).See("接收剩余财产").See("2,500.00")
	}
	w.Go("/funds?state=ended").See(c.Fund.Name)
	w.As(c.Officer).Go(own + "/closing").Go(own).Go(own + "/budget").Go("/foundation/disclosures").See(c.Fund.Name)
}
