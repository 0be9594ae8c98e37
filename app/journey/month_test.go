package journey

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/money"
)

// TestFinanceClosesAMonth is a foundation's finance officer with May's
// statement, and the 秘书长 who confirms what she matched.
func TestFinanceClosesAMonth(t *testing.T) {
	e := apptest.SQLite(t)
	c := e.Charity()
	amount := 200 * money.Yuan
	d, err := e.Donations.Pledge(t.Context(), c.Donor.Actor, donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &amount, Method: "银行转账",
		Relation: donation.NoRelation, Agree: true, NoBenefit: true})
	if err != nil {
		t.Fatal(err)
	}
	e.Time.Set(time.Date(2026, 7, 2, 9, 0, 0, 0, clock.Beijing))
	file := filepath.Join(t.TempDir(), "六月.csv")
	text := "某银行,,,,,\n何时,进账,出账,谁,说明,流水号\n2026-06-03,200.00,,欧阳娜娜,捐" + d.Reference + ",S20260603001\n2026-06-08,\"1,050.00\",,不知何人,爱心,S20260608001\n" +
		"2026-06-21,3.21,,,活期结息,S20260621001\n2026-06-31,5,,日期写错,,\n2026-06-30,,10.00,,账户管理费,S20260630001\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := walk.New(t, e, "finance", 1280)
	w.As(c.Finance).Go("/desk").Go("/foundation/bank").Press("登记银行账户").
		Fill("开户行", "中国银行横沥支行").Fill("账号后四位", "8801").Fill("启用日", "2026-06-01").Press("登记").See("请填写启用日开始时的余额").
		Fill("启用日开始时的余额", "1000").Press("登记").See("可以导入流水了").
		Press("导入流水").Press("上传并预览").See("请选择从网上银行导出的文件").
		Attach("file", file).Press("上传并预览").See("没有认出列").
		Pick("标题在哪一行", "第 2 行").Press("下一步").Pick("日期", "何时").Press("按这些列读取").See("请选择收入列").
		Pick("收入（贷方）", "进账").Pick("支出（借方）", "出账").Pick("对方户名", "谁").Pick("摘要、附言", "说明").Pick("交易流水号", "流水号").
		Press("按这些列读取").See("1,253.21").See("2026-06-31").Press("导入 4 笔").See("导入完成").See("没有导入的行")
	e.Settle()
	w.Press("批量匹配把握高的").See("附言含登记号").Press("匹配勾选的流水").See("已匹配 1 笔").
		Go("/foundation/bank/lines?q="+"3.21").Press("2026年6月21日").Press("匹配，看下一笔").See("这是下一笔").
		Go("/foundation/bank/lines?state=open&way=out").Press("2026年6月30日").Press("匹配").See("等待另一位财务人员或秘书长确认").
		Go("/foundation/bank/months/2026-06").Fill("中国银行横沥支行", "2243.12").Press("核对，提交结账").See("相差 -0.09 元").See("请说明情况").
		Fill("中国银行横沥支行", "2243.21").Fill("说明", "一笔 1,050 元正在查找汇款人").Press("核对，提交结账").See("由您编制")
	w.Width(360).As(c.Approver).Go("/desk").Press("待您确认的流水匹配").Press("确认勾选的流水并记账").See("已确认 3 笔").
		Go("/foundation/bank/months/2026-06").See("编制").Press("结账").See("已结账")
	w.As(c.Finance).Go("/foundation/bank").See("1,050.00").Go("/foundation/bank/lines").Go("/foundation/bank/imports").
		Go("/foundation/donations/"+string(d.ID)).See("已到账").Fill("退回原因", "误转").Press("申请退回").See("等待决定退回")
	w.Width(1280).As(c.Approver).Go("/foundation/donations/" + string(d.ID)).Press("同意退回，冲销").See("已取消")
	w.As(c.Finance).Go("/foundation/bank/lines?q=" + d.Reference).See("捐赠已退回").Press("2026年6月3日").See("待认领")
}
