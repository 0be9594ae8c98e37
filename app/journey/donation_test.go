package journey

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// TestMoneyFromAPhoneToAReceipt is a donor on a phone; the foundation's staff
// sit at a desk.
func TestMoneyFromAPhoneToAReceipt(t *testing.T) {
	e := apptest.SQLite(t)
	c := e.Charity()
	c.Donor = e.Person("欧阳𠮷䶮")
	fund := "/funds/" + string(c.Fund.ID)
	phone, desk := walk.New(t, e, "donor", 360), walk.New(t, e, "desk", 1280)
	phone.As(c.Donor).Go(fund).Press("登记捐赠").
		Pick("捐赠什么", "资金").Press("下一步：核对").See("请填写捐赠金额").
		Fill("捐赠金额", "1409.50").Pick("捐赠方式", "银行转账").Fill("希望用于什么", "买口罩").
		Pick("捐赠人与受益人", "没有").Tick("我已阅读并同意").Tick("我自愿无偿").
		Press("下一步：核对").See("壹仟肆佰零玖元伍角整").
		Press("返回修改").See("定向捐赠").Press("下一步：核对").
		Press("确认提交").See("向基金会付款 1,409.50 元")
	desk.As(c.Finance).Go("/desk").Go("/foundation/donations?state=pledged")
	gift := phone.Path()[len("/donations/"):]
	desk.Go("/foundation/donations/"+gift).Fill("实际到账金额", "1409.505").Press("确认到账").See("小数点后两位").
		Fill("实际到账金额", "1409.50").Press("确认到账").See("已确认到账").
		Fill("备注", "用于采购口罩").Press("制备收据").See("等待复核")
	desk.As(c.Reviewer).Go("/foundation/receipts").Go("/foundation/donations/" + gift).
		Press("退回").See("请写明退回的原因").Press("复核通过，开具").See("2026-000001")
	e.Settle()
	phone.Go("/donations").Go("/donations/" + gift).See("下载收据 PDF")
	has(t, phone.PDF("下载收据 PDF"), "2026-000001", "壹仟肆佰零玖元伍角整", "非财政票据", "欧阳𠮷䶮")
	phone.Go("/donations").Press("生成汇总 PDF").See("汇总2026-000001")
	e.Settle()
	has(t, phone.PDF("下载 汇总2026-000001"), "2026年度捐赠汇总", "不是票据", "2026-000001", "欧阳𠮷䶮")
	phone.Go("/donations/"+gift).See("钱去哪了").See("先进先出").
		Pick("怎样显示您", "对公众匿名，对基金会工作人员也保密").Press("更改").See("隐私设置已更改")
	desk.As(c.Officer).Go("/foundation/donations/" + gift).See("捐赠人要求对工作人员保密").Gone("欧阳𠮷䶮")
	phone.Pick("怎样显示您", "显示部分名称").Press("更改").See("公开部分名称")
	phone.Go("/donations/" + gift).Press("查验").See("有效").See("欧***")
	original, other := stored(t, e, c.Donor, gift)
	phone.Attach("file", original).See("一致：这就是出具的原件").Attach("file", other).See("不一致")
	phone.Go("/verify").Fill("核验码", "0000-0000-0000-0000").Press("查验").See("查无此件")
	desk.As(c.Finance).Go("/foundation/donations/"+gift).Fill("作废原因", "抬头有误").Press("作废").See("已作废").
		Go("/foundation/receipts").See("抬头有误").Go("/foundation/donations/new")
	phone.Go("/donations/" + gift).See("已作废").Go(fund).See("欧***").Go(fund + "/donations")
}

// stored puts a donation's receipt into a file, and a file that differs from
// it in one byte.
func stored(t *testing.T, e *apptest.Env, donor *apptest.Person, gift string) (original, other string) {
	t.Helper()
	of, err := e.Receipts.Of(t.Context(), donor.Actor, []id.ID{id.ID(gift)}, true)
	if err != nil || len(of[id.ID(gift)]) != 1 {
		t.Fatalf("receipts %+v, %v", of, err)
	}
	_, body, err := e.Archive.Download(t.Context(), donor.Actor, *of[id.ID(gift)][0].Document)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	pdf, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	original, other = filepath.Join(t.TempDir(), "收据.pdf"), filepath.Join(t.TempDir(), "改过.pdf")
	if err := os.WriteFile(original, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	pdf[len(pdf)-1] ^= 1
	if err := os.WriteFile(other, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	return original, other
}

// TestGoodsWithAndWithoutProof is an enterprise that gives goods, first at a
// desk, then on a phone.
func TestGoodsWithAndWithoutProof(t *testing.T) {
	e := apptest.SQLite(t)
	c := e.Charity()
	invoice := filepath.Join(t.TempDir(), "发票.pdf")
	if err := os.WriteFile(invoice, fundtest.Agreement, 0o600); err != nil {
		t.Fatal(err)
	}
	w := walk.New(t, e, "company", 360)
	w.As(c.Company).Go("/funds/"+string(c.Fund.ID)+"/donate").
		Pick("捐赠什么", "物资").Name("goods.1.name", "一次性口罩").Name("goods.1.quantity", "28240").
		Press("再加一项").See("第 2 项").Name("goods.2.name", "84消毒水20L").Name("goods.2.quantity", "134").Name("goods.2.unit", "桶").Name("goods.2.value", "13400").
		Press("再加一项").Press("删除第 3 项").
		Pick("捐赠人与受益人", "有").Fill("是什么关系", "受益社区在本公司隔壁").Tick("我已阅读并同意").Tick("我自愿无偿").
		Press("下一步：核对").See("一次性口罩").Press("确认提交").See("把物资送到基金会").
		Pick("证明哪项物资的价值", "84消毒水20L").Attach("file", invoice).Press("上传").See("证明：84消毒水20L")
	gift := w.Path()[len("/donations/"):]
	w.As(c.Finance).Go("/foundation/donations/"+gift).See("捐赠人声明与受益人有利害关系").
		Name("goods.1.value", "5").Press("确认到账").See("没有价值凭证").
		Name("goods.1.value", "").Name("goods.2.value", "13400").Tick("已核对").Press("确认到账").See("还没有人估值")
	keeper := walk.New(t, e, "keeper", 1280)
	keeper.As(e.Colleague(c.Approver, party.Storekeeper)).Go("/foundation/donations/"+gift).
		Name("goods.2.basis", "voucher").Press("记录清点和估值").See("已记录清点和估值")
	w.Go("/foundation/donations/" + gift).Tick("已核对").Press("确认到账").See("已确认到账").
		Press("制备收据").See("等待复核").Go("/funds/" + string(c.Fund.ID)).See("28,240")
}
