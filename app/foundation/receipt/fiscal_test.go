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
	"gongji/app/foundation/donation"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

// fiscal uploads a file, lets the job work and gives its report.
func (k *desk) fiscal(who party.Actor, name, content string) (receipt.FiscalImport, []receipt.FiscalBad) {
	k.T.Helper()
	i, err := k.papers.Upload(k.T.Context(), who, name, strings.NewReader(content))
	if err != nil {
		k.T.Fatal(err)
	}
	k.settle()
	if i, err = k.papers.Import(k.T.Context(), who, i.ID); err != nil {
		k.T.Fatal(err)
	}
	bad, err := k.papers.BadRows(k.T.Context(), who, i.ID, 0, 5000)
	if err != nil {
		k.T.Fatal(err)
	}
	return i, bad
}

// TestALongFiscalFile is far beyond what a request could work: every row is
// linked or named, also where a receipt or a paper stands twice in one stride.
func TestALongFiscalFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		const gifts, rows = 150, 2_600
		k := newDesk(t, d)
		k.Many(k.Given(k.Donor, 140950), gifts-1)
		if b := k.run(k.freeze(receipt.Scope{Year: 2026})); b.Issued != gifts {
			t.Fatalf("%+v", b)
		}
		var s strings.Builder
		s.WriteString("票据代码,票据号码,校验码,金额,备注\n")
		for n := range rows {
			switch {
			case n < 2*gifts && n%2 == 0:
				fmt.Fprintf(&s, "44010125,%010d,a1b2c3,1409.50,2026-%06d\n", n, n/2+1)
			case n < 2*gifts && n%4 == 1: // the row above once more
				fmt.Fprintf(&s, "44010125,%010d,a1b2c3,1409.50,2026-%06d\n", n-1, n/2+1)
			case n < 2*gifts: // another paper for the receipt above
				fmt.Fprintf(&s, "44010125,%010d,a1b2c3,1409.50,2026-%06d\n", n, n/2+1)
			default:
				fmt.Fprintf(&s, "44010125,%010d,a1b2c3,1409.50,2026-%06d\n", n, 900000+n)
			}
		}
		got, bad := k.fiscal(k.Finance, "全年.csv", s.String())
		if got.Total != rows || got.Worked != rows || got.Linked != gifts || got.Made != gifts || got.Known != gifts/2 || got.Refused != rows-gifts-gifts/2 || len(bad) != got.Refused {
			t.Fatalf("%+v, %d bad", got, len(bad))
		}
		var n int
		if err := d.NewSelect().TableExpr("receipt_fiscal AS f").Join("JOIN receipt AS r ON r.id = f.receipt").Join("JOIN document AS d ON d.id = r.document").
			ColumnExpr("COUNT(*)").Where("d.object_key <> '' AND f.import = ?", got.ID).Scan(t.Context(), &n); err != nil || n != gifts {
			t.Errorf("%d receipts have a new PDF, %v", n, err)
		}
		if _, err := k.papers.Upload(t.Context(), k.Finance, "太长.csv", strings.NewReader("票据代码,票据号码,校验码,备注\n"+strings.Repeat("1,2,3,4\n", receipt.FiscalRows+1))); !fault.Is(err, fault.TooLarge) {
			t.Errorf("too many rows: %v", err)
		}
	})
}

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
		if _, err := k.papers.Upload(ctx, k.Reviewer, "票据.csv", strings.NewReader(content)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a reviewer imports: %v", err)
		}
		if other, _ := k.fiscal(k.Outsider, "票据.csv", content); other.Linked != 0 {
			t.Errorf("another foundation links %+v", other)
		}
		got, bad := k.fiscal(k.Finance, "票据.csv", content)
		if got.Linked != 2 || got.Known != 0 || got.Refused != 9 || len(bad) != 9 || got.Made != 2 || got.State != receipt.FiscalDone {
			t.Fatalf("%+v", got)
		}
		if hers, err := k.papers.BadRows(ctx, k.Reviewer, got.ID, 0, 99); err != nil || len(hers) != 9 || hers[0].Said == donation.Withheld {
			t.Errorf("the reviewer is shown %+v, %v", hers, err)
		}
		if hidden, err := k.papers.BadRows(ctx, k.Officer, got.ID, 0, 99); err != nil || len(hidden) != 9 || hidden[0].Said != donation.Withheld {
			t.Errorf("the officer is shown %+v, %v", hidden, err)
		}
		if _, err := k.papers.Import(ctx, k.Outsider, got.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another foundation looks: %v", err)
		}
		for i, says := range []string{"200.01 元", "捐赠人不一致", "已关联另一张收据|收据 2026-000002 已关联", "已关联票据", "科学计数", "不是一串数字", "不是一串数字", "已作废", "没有找到"} {
			ok := false
			for s := range strings.SplitSeq(says, "|") {
				ok = ok || strings.Contains(bad[i].Why, s)
			}
			if !ok || bad[i].Line != i+5 {
				t.Errorf("line %d: %q, want line %d, %q", bad[i].Line, bad[i].Why, i+5, says)
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
		again, _ := k.fiscal(k.Finance, "票据.csv", content)
		if again.Linked != 0 || again.Known != 2 || again.Refused != 9 {
			t.Errorf("the same file again: %+v", again)
		}
		if docs, err := k.archive.Of(ctx, d, receipt.ObjectKind, first.ID); err != nil || len(docs) != 2 {
			t.Errorf("the same file made %d versions, %v", len(docs), err)
		}
		if good := race(t, 4, func(int) error {
			_, err := k.papers.Upload(ctx, k.Finance, "票据.csv", strings.NewReader(content))
			return err
		}); good != 4 {
			t.Errorf("%d of 4 imports at once", good)
		}
		k.settle()
		for name, bad := range map[string]string{"a.csv": "日期,金额\n1,2", "b.csv": "票据代码,票据号码,校验码\n1,2,3", "c.xls": "x", "d.csv": "",
			"e.csv": "票据代码,票据号码,校验码,备注\n"} {
			if _, err := k.papers.Upload(ctx, k.Finance, name, strings.NewReader(bad)); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		list, n, err := k.papers.Imports(ctx, k.Finance, "", 4)
		if err != nil || len(list) != 4 || n != 6 {
			t.Errorf("%d of %d reports, %v", len(list), n, err)
		}
		for _, i := range list {
			if i.State != receipt.FiscalDone || i.Worked != i.Total || i.Linked+i.Known+i.Refused != i.Total {
				t.Errorf("%+v", i)
			}
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
		got, bad := k.fiscal(k.Finance, strings.Repeat("很长的文件名", 30)+".xlsx", b.String())
		if got.Linked != 1 || len(bad) != 1 || bad[0].Line != 4 {
			t.Fatalf("%+v, %+v", got, bad)
		}
		show, err := k.receipts.Get(ctx, k.Finance, first.ID)
		if err != nil || show.FiscalCode != "44010125" || show.FiscalNumber != "0000000001" {
			t.Errorf("%+v, %v", show, err)
		}
	})
}
