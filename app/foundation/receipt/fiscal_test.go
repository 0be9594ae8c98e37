package receipt_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gongji/app/archive"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/storage/db/dbtest"
)

func TestFiscalNumbersGoOnANewVersionOfTheReceipt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		gift, other, gone := k.Given(k.Donor, 140950), k.Given(k.Company, 20000), k.Given(k.Donor, 700)
		first, second, void := k.issue(gift), k.issue(other), k.issue(gone)
		if _, err := k.receipts.Void(ctx, k.Finance, void.ID, "错"); err != nil {
			t.Fatal(err)
		}
		k.settle()
		before := k.pdf(k.Donor, first)
		k.Clock.Advance(time.Hour)
		rows := []string{
			"财政电子票据导出,,,,,",
			"票据代码,票据号码,校验码,交款人,金额（元）,备注",
			fmt.Sprintf("44010125,0000000001,a1b2c3,欧阳娜娜,\"1,409.50\",登记号%s。", gift.Reference),
			"44010125,0000000002,d4e5f6,,200.00,收据 2026-000002",
			"44010125,0000000003,d4e5f6,,200.01,2026-000002",                           // another amount
			"44010125,0000000003,d4e5f6,张三,1409.50," + gift.Reference,                  // another payer
			"44010125,0000000001,a1b2c3,,,2026-000002",                                 // somebody's number
			"44010125,0000000009,a1b2c3,,," + gift.Reference,                           // a second paper for one gift
			"4.4E+07,0000000004,a1b2c3,,," + gift.Reference, "甲,乙,丙,,,", ",,,,,合计 5 张", // not numbers
			"44010125,0000000005,a1b2c3,,,2026-000003", // void
			"44010125,0000000006,a1b2c3,,,没有这个编号",      // nobody's
		}
		content, err := simplifiedchinese.GB18030.NewEncoder().String(strings.Join(rows, "\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.receipts.ImportFiscal(ctx, k.Reviewer, "票据.csv", strings.NewReader(content)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a reviewer imports: %v", err)
		}
		if other, err := k.receipts.ImportFiscal(ctx, k.Outsider, "票据.csv", strings.NewReader(content)); err != nil || other.Linked != 0 {
			t.Errorf("another foundation links %+v, %v", other, err)
		}
		got, err := k.receipts.ImportFiscal(ctx, k.Finance, "票据.csv", strings.NewReader(content))
		if err != nil || got.Linked != 2 || got.Known != 0 || len(got.Bad) != 9 {
			t.Fatalf("%+v, %v", got, err)
		}
		for i, says := range []string{"200.01 元", "捐赠人不一致", "已关联另一张收据|收据 2026-000002 已关联", "已关联票据", "科学计数", "不是一串数字", "不是一串数字", "已作废", "没有找到"} {
			ok := false
			for s := range strings.SplitSeq(says, "|") {
				ok = ok || strings.Contains(got.Bad[i].Why, s)
			}
			if !ok || got.Bad[i].Row != i+5 {
				t.Errorf("line %d: %q, want line %d, %q", got.Bad[i].Row, got.Bad[i].Why, i+5, says)
			}
		}
		k.settle()
		for _, r := range []receipt.Receipt{first, second} {
			show, err := k.receipts.Get(ctx, k.Finance, r.ID)
			if err != nil || show.State != receipt.Issued || show.Number() != r.Number() || *show.Document == *r.Document || show.FiscalCode != "44010125" {
				t.Errorf("%+v, %v", show, err)
			}
		}
		show, err := k.receipts.Get(ctx, k.Donor, first.ID)
		if err != nil {
			t.Fatal(err)
		}
		page := text(t, k.pdf(k.Donor, show.Receipt))
		for _, s := range []string{"44010125", "0000000001", "a1b2c3", "已开具公益事业捐赠统一票据", "2026-000001", "1,409.50", "欧阳娜娜"} {
			if !strings.Contains(bare(page), bare(s)) {
				t.Errorf("the new version does not say %q:\n%s", s, page)
			}
		}
		if strings.Contains(bare(page), "非财政票据") {
			t.Error("it says it is none")
		}
		if string(before) != string(k.pdf(k.Donor, first)) {
			t.Error("the first version changed")
		}
		docs, err := k.archive.Of(ctx, d, receipt.ObjectKind, first.ID)
		if err != nil || len(docs) != 2 || docs[0].State != archive.Void || !strings.Contains(docs[0].VoidWhy, "新版") || docs[1].State != archive.Ready {
			t.Fatalf("%+v, %v", docs, err)
		}
		doc, err := k.archive.Verify(ctx, show.Code)
		if said := fmt.Sprint(doc.Facts); err != nil || !strings.Contains(said, "0000000001") || strings.Contains(said, "a1b2c3") || strings.Contains(said, "非财政") || strings.Contains(said, "欧阳") {
			t.Errorf("verification says %s, %v", said, err)
		}
		again, err := k.receipts.ImportFiscal(ctx, k.Finance, "票据.csv", strings.NewReader(content))
		if err != nil || again.Linked != 0 || again.Known != 2 || len(again.Bad) != 9 {
			t.Errorf("the same file again: %+v, %v", again, err)
		}
		if docs, err := k.archive.Of(ctx, d, receipt.ObjectKind, first.ID); err != nil || len(docs) != 2 {
			t.Errorf("the same file made %d versions, %v", len(docs), err)
		}
		if good := race(t, 4, func(int) error {
			_, err := k.receipts.ImportFiscal(ctx, k.Finance, "票据.csv", strings.NewReader(content))
			return err
		}); good != 4 {
			t.Errorf("%d of 4 imports at once", good)
		}
		for name, bad := range map[string]string{"a.csv": "日期,金额\n1,2", "b.csv": "票据代码,票据号码,校验码\n1,2,3", "c.xls": "x", "d.csv": ""} {
			if _, err := k.receipts.ImportFiscal(ctx, k.Finance, name, strings.NewReader(bad)); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		list, err := k.receipts.FiscalImports(ctx, k.Finance)
		if err != nil || len(list) != 6 {
			t.Errorf("%d reports, %v", len(list), err)
		}
	})
}

// The fiscal system's workbook is read like its CSV; numbers keep their zeros.
func TestFiscalNumbersComeFromAWorkbook(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		gift := k.Given(k.Donor, 140950)
		first := k.issue(gift)
		k.settle()
		f := excelize.NewFile()
		for i, row := range [][]any{{"财政电子票据导出"}, {"票据代码", "票据号码", "校验码", "交款人", "金额（元）", "备注"},
			{"44010125", "0000000001", "a1b2c3", "欧阳娜娜", 1409.5, "登记号" + gift.Reference}, {"44010125", "0000000002", "a1b2c3", "", "", "没有这个编号"}} {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
		b, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		got, err := k.receipts.ImportFiscal(ctx, k.Finance, "票据.xlsx", b)
		if err != nil || got.Linked != 1 || len(got.Bad) != 1 || got.Bad[0].Row != 4 {
			t.Fatalf("%+v, %v", got, err)
		}
		k.settle()
		show, err := k.receipts.Get(ctx, k.Finance, first.ID)
		if err != nil || show.FiscalCode != "44010125" || show.FiscalNumber != "0000000001" {
			t.Errorf("%+v, %v", show, err)
		}
	})
}
