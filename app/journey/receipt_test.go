package journey

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/money"
)

// TestAYearOfReceipts is finance giving a year's donors their receipts, one of
// them without a name: the others get theirs, the one is mended and follows.
func TestAYearOfReceipts(t *testing.T) {
	e := apptest.SQLite(t)
	c := e.Charity()
	give := func(o donation.Offline, amount money.Fen) donation.Donation {
		o.Pledge = donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &amount, Method: "银行转账", Relation: donation.NoRelation, Agree: true, NoBenefit: true}
		d, err := e.Donations.Record(t.Context(), c.Officer.Actor, o)
		if err == nil {
			d, err = e.Donations.Confirm(t.Context(), c.Finance.Actor, d.ID, donation.Arrival{Amount: &amount, On: e.Time.Now()})
		}
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	give(donation.Offline{DonorKind: donation.Person, DonorName: "𠮷田䶮"}, 200*money.Yuan)
	give(donation.Offline{DonorKind: donation.Organisation, DonorName: "东莞市横沥镇半仙山社区股份经济联合社"}, 50_000*money.Yuan)
	bad := give(donation.Offline{DonorKind: donation.Unknown}, 88*money.Yuan)

	w := walk.New(t, e, "receipts", 1280)
	w.As(c.Finance).Go("/foundation/receipts").Press("批量开具").See("还没有批量开具过").Press("准备一批").
		Pick("到账年度", "请选择").Press("核对").See("请选择到账年度").
		Pick("到账年度", "2026 年到账的捐赠").Fill("备注", "2026 年度").Press("核对").
		See("等待复核").See("没有收据抬头").See("请另一位复核人打开这一页复核").See("50,200.00")
	batch := w.Path()
	if trial := w.PDF("试印（PDF）"); !strings.Contains(trial, "未分配号码") || !strings.Contains(trial, "𠮷田䶮") {
		t.Errorf("the trial print says %q", trial)
	}
	w.As(c.Reviewer).Go("/desk").Press("批量开具收据").Press("2026 年全部捐赠").Press("复核通过，开具 2 张")
	e.Settle()
	w.Go(batch).See("办完了").See("2026-000002").See("搁置 1 笔")
	w.Width(360).As(c.Finance).Go(batch).Press(bad.Reference).See("补登捐赠人").Choose("donor_kind", "person").Fill("姓名或单位全称", "李四").Press("补登").See("已补登捐赠人").
		Go(batch).Press("处理好了，重新核对").See("第 2 次")
	w.As(c.Reviewer).Go(batch).Press("复核通过，开具 1 张")
	e.Settle()
	w.As(c.Finance).Go(batch).See("2026-000003").See("平台没有配置发信服务").Go("/foundation/receipts/batches").Go("/foundation/receipts")
	body := w.Width(1280).Go(batch).Download("下载全部 PDF（ZIP）")
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil || len(z.File) != 4 {
		t.Fatalf("the ZIP: %v, %+v", err, z)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if !slices.Contains(names, "2026-000003 李四.pdf") || names[3] != "清单.csv" {
		t.Errorf("in the ZIP: %q", names)
	}
}
