package journey

import (
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// TestAFundTellsThePublic walks a disclosure: drafted at a desk, published by a
// colleague, read by anybody on a phone, corrected in public.
func TestAFundTellsThePublic(t *testing.T) {
	e := apptest.SQLite(t)
	ch := e.Charity()
	for _, hidden := range []bool{true, false} {
		amount := 1_409*money.Yuan + 50
		d, err := e.Donations.Record(t.Context(), ch.Officer.Actor, donation.Offline{DonorKind: donation.Person, DonorName: "欧阳娜娜",
			Pledge: donation.Pledge{Fund: ch.Fund.ID, Kind: donation.Money, Amount: &amount, Method: "银行转账", Hidden: hidden, Relation: donation.NoRelation, Agree: true, NoBenefit: true}})
		if err == nil {
			_, err = e.Donations.Confirm(t.Context(), ch.Finance.Actor, d.ID, donation.Arrival{On: e.Time.Now(), Amount: &amount})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	e.Time.Advance(95 * 24 * time.Hour) // the three months are over
	w := walk.New(t, e, "disclosure", 1280)
	w.Go("/funds/" + string(ch.Fund.ID)).See("定期公布").See("已逾期").See("还没有公布过")
	w.As(ch.Officer).Go("/desk").See("两周内要公布的").Go("/foundation/disclosures").See("已经逾期").
		Press("起草").See("2,819.00").See("还没有填写").
		Fill("这段时间做了什么", "太短").Press("保存并重新计算").See("至少 10 个字").
		Fill("这段时间做了什么", "接收两笔捐款，采购防控物资的询价正在进行。").Press("保存并重新计算").Press("提交审核").See("等待秘书长审核公布")
	w.As(ch.Approver).Go("/desk").See("待审核的信息公开").Go(own(t, e, ch, disclosure.Review)).
		Press("退回修改").See("请写明退回的原因").Press("批准并公布").See("公开〔2026〕001号").Press("打开公开页面").See("这份公开晚于期限")
	e.Settle()
	w.Anyone().Width(360).Go("/disclosures").See("逾期").Press(ch.Fund.FullName()).See("2,819.00").Gone("欧阳")
	if text := w.PDF("公开〔2026〕001号"); !strings.Contains(text, "2,819.00") || !strings.Contains(text, "不列捐赠人姓名") || strings.Contains(text, "欧阳") {
		t.Errorf("the PDF says %s", text)
	}
	w.Width(1280).As(ch.Officer).Go(own(t, e, ch, disclosure.Published)).
		Click("更正这份公开").Press("起草更正").See("请写明更正的理由").Fill("更正的理由", "说明里漏写了询价的结果").Press("起草更正").
		Fill("这段时间做了什么", "接收两笔捐款，询价已完成，下周采购。").Press("保存并重新计算").Press("提交审核")
	w.As(ch.Approver).Go(own(t, e, ch, disclosure.Review)).Press("批准并公布").See("第2版")
	e.Settle()
	w.Anyone().Width(360).Go("/disclosures?state=corrected").Press(ch.Fund.FullName()).See("已于").Press("查看更正后的一版").
		See("说明里漏写了询价的结果").See("询价已完成")
	w.Go("/funds/" + string(ch.Fund.ID)).See("第2版").See("已更正")
	if f, err := e.Funds.Get(t.Context(), party.Actor{}, ch.Fund.ID); err != nil || f.State != fund.Active {
		t.Error(f.State, err)
	}
}

// own is the foundation's page of its one disclosure in a state.
func own(t *testing.T, e *apptest.Env, ch *apptest.Charity, state disclosure.State) string {
	t.Helper()
	list, err := e.Disclosures.List(t.Context(), ch.Officer.Actor, disclosure.Filter{Foundation: ch.Fund.Foundation, State: state})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	return "/foundation/disclosures/" + string(list[0].ID)
}
