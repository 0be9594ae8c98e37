package expense_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"gongji/app/apptest"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

const whole = "24420000000000000017" // a 数电发票

// One invoice is reported once: also where another organisation, of which
// nothing is told, had it first, and where two send it at the same moment.
func TestAnInvoiceIsReportedOnceByAnybody(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		a, b := e.Org(party.Social, "和美社工服务中心", party.Lead), e.Org(party.Social, "暖阳养老服务中心", party.Lead)
		one, two := agreed(t, e, officer, a, "居家养老"), agreed(t, e, officer, b, "社区食堂")
		e.Time.Set(time.Date(2026, 6, 5, 10, 0, 0, 0, clock.Beijing))
		draft := func(who *apptest.Person, g engagement.Engagement, rows ...expense.Row) (id.ID, expense.Checked) {
			t.Helper()
			r, err := e.Expenses.Start(ctx, who.Actor, g.ID, e.Time.Now())
			must(t, err)
			_, x, err := e.Expenses.Save(ctx, who.Actor, r.ID, 0, expense.Form{Rows: rows})
			must(t, err)
			return r.ID, x
		}
		first, _ := draft(a, one, row("人员经费", "2026-06-02", whole, "80"), row("人员经费", "2026-06-02", "00001234", "30"))
		sent(t, e, a, first)
		_, x := draft(b, two, row("人员经费", "2026-06-04", whole, "500"), row("人员经费", "2026-06-02", "00001234", "31"))
		if len(x.Problems) != 1 || x.Problems[0].Name != "rows.1.invoice" || !strings.Contains(x.Problems[0].Message, "已在另一个组织的周报账里报过") || strings.Contains(x.Problems[0].Message, "和美") {
			t.Errorf("the same number in another organisation: %+v", x.Problems)
		}
		if _, x = draft(b, two, row("人员经费", "2026-06-02", "00001234", "30")); len(x.Problems) != 1 {
			t.Errorf("the same day and amount: %+v", x.Problems)
		}
		must(t, second(e.Expenses.Return(ctx, officer.Actor, first, "请补签收单")))
		other, x := draft(b, two, row("人员经费", "2026-06-04", whole, "500"))
		if len(x.Problems) != 0 {
			t.Errorf("given back, and still taken: %+v", x.Problems)
		}
		for at, who := range map[id.ID]*apptest.Person{first: a, other: b} {
			r, err := e.Expenses.Get(ctx, who.Actor, at)
			must(t, err)
			for _, k := range r.Form.Rows {
				must(t, second(e.Attachments.Add(ctx, who.Actor, expense.ObjectKind, at, k.Key, "发票.pdf", bytes.NewReader(pdf))))
			}
		}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Go(func() { _, errs[0] = e.Expenses.Submit(ctx, a.Actor, first) })
		wg.Go(func() { _, errs[1] = e.Expenses.Submit(ctx, b.Actor, other) })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("both or neither: %v", errs)
		}
		for _, err := range errs {
			if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
				t.Errorf("an unforeseen answer: %v", err)
			}
		}
	})
}

// What a list calls a formula is text here, and text that a spreadsheet would
// take for one goes out as text.
func TestAFormulaIsNeverComputedNorHandedOn(t *testing.T) {
	f := excelize.NewFile()
	must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"预算科目", "开票日期", "事由", "收款方", "发票号码", "金额"}))
	must(t, f.SetSheetRow("Sheet1", "A2", &[]any{"人员经费", "2026-06-02", "补贴", "张记劳务", "24420000001"}))
	must(t, f.SetCellFormula("Sheet1", "F2", "SUM(A1:XFD1048576)"))
	must(t, f.SetSheetRow("Sheet1", "A3", &[]any{"人员经费", "2026-06-02", "=HYPERLINK(\"http://evil.example\")", "张记劳务", "24420000002", "20"}))
	var raw bytes.Buffer
	must(t, f.Write(&raw))
	got, err := expense.Sheet("清单.xlsx", raw.Bytes())
	if err != nil || len(got.Rows) != 1 || len(got.Bad) != 1 || !strings.Contains(got.Bad[0], "F2 单元格是公式，没有计算结果") {
		t.Errorf("%+v, %v", got, err)
	}
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		g := agreed(t, e, officer, lead, "居家养老")
		e.Time.Set(time.Date(2026, 7, 3, 10, 0, 0, 0, clock.Beijing))
		m, err := e.Months.Start(t.Context(), officer.Actor, g.ID)
		must(t, err)
		d := m.Content.Differences[0]
		must(t, second(e.Months.Explain(t.Context(), lead.Actor, m.ID, d.Key, "=HYPERLINK(\"http://evil.example\",\"看\")")))
		lead.SignIn()
		at := "/months/" + string(m.ID)
		if page := lead.Get(at + "/export.csv"); page.Code != 200 || !strings.Contains(string(page.Body), "'=HYPERLINK") {
			t.Errorf("%d %.300s", page.Code, string(page.Body))
		}
		page := lead.Get(at + "/export.xlsx")
		book, err := excelize.OpenReader(strings.NewReader(string(page.Body)))
		must(t, err)
		rows, err := book.GetRows(book.GetSheetName(0))
		must(t, err)
		for i, r := range rows {
			for j := range r {
				cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if s, _ := book.GetCellFormula(book.GetSheetName(0), cell); s != "" {
					t.Errorf("%s is the formula %s", cell, s)
				}
			}
		}
	})
}

// A phone's photographs through the door: what cannot be kept says how to mend
// it, what is large is kept small within bounded memory.
func TestPhotographsThroughTheDoor(t *testing.T) {
	e := apptest.SQLite(t)
	officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
	at := "/engagements/" + string(agreed(t, e, officer, lead, "居家养老").ID)
	in := url.Values{"milestone": {"1"}, "done_on": {"2026-06-01"}, "note": {"上门"}}
	page := lead.Upload(at+"/evidence", "IMG_0001.HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), in)
	if page.Code != 422 || !page.Has("兼容性最佳") || !page.Has("截屏") || page.Find("#f-note").Text() == "" {
		t.Errorf("%d %s", page.Code, page.Text())
	}
	img := image.NewYCbCr(image.Rect(0, 0, 7304, 5478), image.YCbCrSubsampleRatio420)
	var raw bytes.Buffer
	must(t, jpeg.Encode(&raw, img, nil))
	img = nil
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	page = lead.Upload(at+"/evidence", "大.jpg", raw.Bytes(), in)
	runtime.ReadMemStats(&after)
	if page.Code != 200 || page.Find(".photos img").Length() != 1 {
		t.Fatalf("%d %s", page.Code, page.Text())
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 256<<20 {
		t.Errorf("40 megapixels took %d MiB", used>>20)
	}
	kept := lead.Get(page.Find(".photos img").AttrOr("src", ""))
	if c, err := jpeg.DecodeConfig(strings.NewReader(string(kept.Body))); err != nil || c.Width != 1920 {
		t.Errorf("%+v %v", c, err)
	}
}
