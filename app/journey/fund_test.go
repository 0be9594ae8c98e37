package journey

import (
	"os"
	"path/filepath"
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

// file leaves a small PDF to be uploaded.
func file(t *testing.T, name string) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(at, fundtest.Agreement, 0o600); err != nil {
		t.Fatal(err)
	}
	return at
}

// TestAFundIsSetUpFilledAndSpent walks a fund's life at a desk and on a phone,
// the mistakes on the way included.
func TestAFundIsSetUpFilledAndSpent(t *testing.T) {
	for name, width := range map[string]int64{"desk": 1280, "phone": 360} {
		t.Run(name, func(t *testing.T) { fundLife(t, width) })
	}
}

func fundLife(t *testing.T, width int64) {
	e := apptest.SQLite(t)
	officer := e.Org(party.Foundation, "横沥社区发展基金会", party.Officer)
	approver, finance := e.Colleague(officer, party.Approver), e.Colleague(officer, party.Finance)
	e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
	w := walk.New(t, e, "fund", width)
	w.Go("/funds").See("还没有公开的专项基金")
	w.As(officer).Go("/foundation/funds").Press("新建专项基金").
		Fill("基金名称", "防控新型冠状病毒肺炎专项").Fill("管理费比例", "12").
		Press("保存并核对").See("请上传已签署的基金协议").
		Press("继续填写").See("名称里应有“基金”二字").See("管理费不能超过 10%")
	form := fundtest.Form("防控新型冠状病毒肺炎专项基金")
	w.Fill("基金名称", form.Name).Fill("服务地区", form.Region).Fill("设立目的", form.Purpose).Fill("使用范围", form.Use).
		Fill("发起人", form.Sponsor).Fill("管理委员会", form.Committee).Fill("管理费比例", form.Fee).
		Name("members.1.name", "陈主任").Name("members.1.seat", "主任").Name("members.2.name", "李委员").Name("members.2.side", "捐赠人").
		Fill("批准日期", form.BoardOn).Fill("会议届次或者决议文号", form.BoardNo).Choose("surplus_to", "fund").
		Fill("终止条件", form.Ending).Fill("剩余财产怎样处理", form.Surplus).Press("保存并核对").See("陈主任（主任）")
	w.Attach("file", file(t, "基金协议.pdf")).Press("上传").See("附件已上传").Press("提交审批").See("等待秘书长审批")
	w.As(approver).Go("/foundation/funds").Press(form.Name).Press("退回修改").See("请写明退回的原因").Press("批准设立").See("专项基金〔2026〕001号")
	funds, err := e.Funds.List(t.Context(), party.Actor{}, fund.Filter{})
	if err != nil || len(funds) != 1 {
		t.Fatal(funds, err)
	}
	at := "/funds/" + string(funds[0].ID)
	give(t, e, officer, finance, funds[0].ID)
	w.As(officer).Go("/foundation"+at).Press("新建付款").
		Fill("收款单位", "没有这家").Fill("用途", "采购口罩并发放到社区").Fill("金额", "1,200.50").Press("保存并核对").
		See("没有找到这个社会组织").Press("修改").Fill("收款单位", "晨光社会工作服务中心").Press("保存并核对").
		See("壹仟贰佰元伍角").Attach("file", file(t, "资助协议.pdf")).Press("上传").Press("提交审批").See("等待秘书长审批")
	w.As(approver).Go("/foundation/payments?state=review").Press("晨光社会工作服务中心").Press("批准付款").See("等待财务付款")
	w.As(finance).Go("/foundation/payments?state=approved").Press("晨光社会工作服务中心").Fill("银行流水号", "ICBC-7").
		Press("确认已付款").See("已付款并记入账本")
	w.As(officer).Go("/foundation"+at).Press("新建付款").Fill("收款单位", "晨光社会工作服务中心").Fill("用途", "第二批物资").Fill("金额", "2799.51").
		Press("保存并核对").Attach("file", file(t, "资助协议.pdf")).Press("上传").Press("提交审批").See("等待秘书长审批")
	w.As(approver).Go("/foundation/payments?state=review").Press("晨光社会工作服务中心").Press("批准付款").
		See("余额不足：可用 2,799.50 元").See("本次需要 2,799.51 元")
	w.As(finance)
	w.Go("/foundation" + at + "/ledger").See("2,799.50").Press("核对整本账").See("账本核对无误")
	w.Go(at).See("横沥社区发展基金会防控新型冠状病毒肺炎专项基金").See("晨光社会工作服务中心").See("1,200.50").See("2,799.50").
		See("匿名").See("𠮷***").See("口罩").See("为什么这里不能在线募捐").See("支付")
	w.Go(at + "/payments").See("付款〔2026〕0001号").Go(at + "/donations").See("匿名")
	w.Go("/funds?q=横沥").See("2,799.50").Go("/funds?q=没有").See("没有符合条件的基金")
	w.Go("/desk").Go("/foundation/payments")
}

// give brings 4,000 元 and some masks into a fund by two donors.
func give(t *testing.T, e *apptest.Env, officer, finance *apptest.Person, to id.ID) {
	t.Helper()
	amount := 4_000 * money.Yuan
	unit := "桶"
	for _, o := range []donation.Offline{
		{Pledge: donation.Pledge{Fund: to, Kind: donation.Money, Amount: &amount, Method: "银行转账", Hidden: true}, DonorKind: donation.Person, DonorName: "李华"},
		{Pledge: donation.Pledge{Fund: to, Kind: donation.Goods, Goods: []donation.Thing{{Name: "一次性口罩", Quantity: 28240}, {Name: "84消毒水20L", Unit: &unit, Quantity: 134}}},
			DonorKind: donation.Person, DonorName: "𠮷田䶮"},
	} {
		o.Relation, o.Agree, o.NoBenefit = "none", true, true
		d, err := e.Donations.Record(t.Context(), officer.Actor, o)
		if err != nil {
			t.Fatal(err)
		}
		a := donation.Arrival{On: apptest.Start, Amount: o.Amount}
		for _, l := range d.Lines {
			a.Goods = append(a.Goods, donation.Arrived{Line: l.Line, Quantity: l.Quantity})
		}
		if _, err := e.Donations.Confirm(t.Context(), finance.Actor, d.ID, a); err != nil {
			t.Fatal(err)
		}
	}
}
