package document

import (
	"bytes"
	"image"
	"strings"
	"sync"
	"testing"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
)

func mustDraw(t testing.TB, c Content) Drawing {
	t.Helper()
	kind, frozen, err := Freeze(c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Draw(kind, frozen)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return d
}

func TestEveryDocumentReads(t *testing.T) {
	want := map[string][]string{
		"donation_receipt": {"捐赠收据", "非财政票据", "HL2026-000128", "东莞市某某电子科技有限公司", "914419**********66", "￥107,060.00",
			"人民币壹拾万零柒仟零陆拾元整", "无价值凭证，仅列实物，不计金额", "陈静", "李志强", "（盖章）", "第1页共1页", "7QK3-M9TX-2HWF", "2026年11月21日"},
		"acceptance_report":       {"履约验收书", "验收〔2026〕0003号", "1230人次", "李***", "换人没有提前说", "实施条例第45条", "合格"},
		"donation_receipt_demo":   {"演示数据，不具效力"},
		"donation_receipt_fiscal": {"票据代码", "44060126", "0012345678", "a1b2c3", "已开具公益事业捐赠统一票据"},
		"donation_receipt_void":   {"作废", "捐赠人名称有误"},
		"bid_receipt":             {"投标（响应）回执", "2026年11月9日16:59:59.037", "第3版", hash64},
		"opening_record":          {"开标记录", "17:00:03.412", "895,000.00", "每人次45.00", "赵敏（经办人）；孙立（监督）", hash64},
		"opening_record_closed":   {"不予开标", "2家，不足三家", "第四十一条", "未开标"},
		"award_notice":            {"中标通知书", "义马市常青社会工作服务中心：", "人民币捌拾玖万伍仟元整", "第四十六条", "2026年12月21日", "91.37分"},
		"award_notice_deal":       {"成交通知书", "成交供应商", "演示数据"},
		"contract_summary":        {"政府购买服务合同摘要", "YMMZ-2026-HT-018", "尾款", "179,000.00"},
		"annual_statement":        {"2026年度捐赠汇总", "本汇总不是票据", "￥201,409.50", "￥200,000.00", "2026-000128", "财政票据", "0012345678", "棉被40床", "尚未开具收据"},
		"performance_report":      {"绩效评价报告", "等级：良", "86.5", "满意率92.1%", "各维度得分率", "每笔扣0.25分", "整改措施", "第5页共5页", "十一、评价人员签字"},
	}
	for name, c := range samples() {
		d := mustDraw(t, c)
		got := flat(extract(t, d.PDF))
		if len(want[name]) == 0 {
			t.Errorf("%s: nothing is expected of it", name)
		}
		for _, w := range want[name] {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not in the text", name, w)
			}
		}
		if n := pages(t, d.PDF); n != d.Pages {
			t.Errorf("%s: pdfinfo counts %d pages, Draw %d", name, n, d.Pages)
		}
		if len(d.Missing) != 0 {
			t.Errorf("%s: no glyph for %q", name, d.Missing)
		}
		for p := 1; p <= d.Pages; p++ {
			img := picture(t, d.PDF, p)
			if v := darkness(img, img.Bounds()); v < 0.01 || v > 0.5 {
				t.Errorf("%s page %d: %.3f of the picture is dark", name, p, v)
			}
		}
	}
	if strings.Contains(flat(extract(t, mustDraw(t, samples()["donation_receipt_fiscal"]).PDF)), "非财政票据") {
		t.Error("a receipt with fiscal numbers says it is none")
	}
}

// The middle of a void receipt is redder than that of a good one.
func TestVoidShows(t *testing.T) {
	red := func(img image.Image) (n int) {
		for y := range img.Bounds().Max.Y {
			for x := range img.Bounds().Max.X {
				if r, g, _, _ := img.At(x, y).RGBA(); r > g+0x2000 {
					n++
				}
			}
		}
		return n
	}
	good, void := red(picture(t, mustDraw(t, receipt()).PDF, 1)), red(picture(t, mustDraw(t, samples()["donation_receipt_void"]).PDF, 1))
	if void < good+3000 {
		t.Errorf("void receipt has %d red pixels, a good one %d", void, good)
	}
}

func TestSameContentSameBytes(t *testing.T) {
	for name, c := range samples() {
		first := mustDraw(t, c).PDF
		for range 8 {
			if !bytes.Equal(first, mustDraw(t, c).PDF) {
				t.Fatalf("%s differs the second time", name)
			}
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if !bytes.Equal(first, mustDraw(t, c).PDF) {
					t.Errorf("%s differs when drawn beside others", name)
				}
			})
		}
		wg.Wait()
	}
}

func TestNamesOfEveryPlane(t *testing.T) {
	c := receipt()
	c.Donor = "𠮷野家·䶮𬭎堂 𪚥𫝀𬺰 🐼👨‍👩‍👧❤️ 龘"
	c.Handler = "𬭎"
	d := mustDraw(t, c)
	if len(d.Missing) > 0 {
		t.Errorf("no glyph for %q", d.Missing)
	}
	got := flat(extract(t, d.PDF))
	for _, r := range "𠮷䶮𬭎𪚥𫝀𬺰🐼👨👩👧❤龘" {
		if !strings.ContainsRune(got, r) {
			t.Errorf("%c (U+%04X) is not in the text", r, r)
		}
	}
	if strings.Contains(got, "?") {
		t.Error("a question mark stands for a character")
	}
}

// Each rare character leaves its own ink: drawn alone it darkens the page.
func TestRareGlyphsAreDrawn(t *testing.T) {
	for _, name := range []string{"𠮷", "䶮", "𬭎", "🐼", "\U000323AF"} {
		s, err := newSheet("", Issue{})
		if err != nil {
			t.Fatal(err)
		}
		s.text(100, 300, name, style{size: 200})
		pdf, err := s.finish(nil)
		if err != nil {
			t.Fatal(err)
		}
		img := picture(t, pdf, 1)
		if v := darkness(img, image.Rect(83, 83, 250, 275)); v < 0.01 {
			t.Errorf("%s: %.4f of its place is dark", name, v)
		}
	}
}

func TestMissingGlyphIsABoxThatStillReads(t *testing.T) {
	c := receipt()
	c.Donor = "甲\U000323AF乙שלוםمرحبا"
	d := mustDraw(t, c)
	if !strings.ContainsRune(string(d.Missing), 0x323AF) {
		t.Fatalf("missing is %q", d.Missing)
	}
	got := flat(extract(t, d.PDF))
	for _, r := range c.Donor {
		if !strings.ContainsRune(got, r) {
			t.Errorf("U+%04X is not in the text", r)
		}
	}
}

func TestHostileText(t *testing.T) {
	long := strings.Repeat("某某市某某区社会工作服务与公益创新促进发展中心", 3)[:60*3]
	for name, text := range map[string]string{
		"sixty characters":  long,
		"one word":          strings.Repeat("W", 400),
		"html":              `<script>alert("1")</script>) Tj ET (\ `,
		"controls":          "甲\x00乙\x1b\u202e丙\u2066\ufeff\u200f丁\ufffe",
		"combining":         "e" + strings.Repeat("\u0301", 300),
		"broken":            "\xff\xfe甲\xed\xa0\x80",
		"planes":            "a\u00e9\u4e2d\U0001F600\U00020BB7\U0002CEB0\U000E0041\U000F0000\U0010FFFD",
		"only spaces":       strings.Repeat(" ", 500),
		"newlines":          strings.Repeat("\n", 300),
		"pdf":               "endobj\n1 0 obj\nstartxref\n0\n%%EOF",
		"a remark":          strings.Repeat("备注内容，很长。", 1250),
		"zero width joiner": strings.Repeat("👨\u200d👩\u200d👧\u200d👦", 50),
	} {
		t.Run(name, func(t *testing.T) {
			r := receipt()
			r.Donor, r.Remark, r.Number, r.Code, r.Issuer, r.Handler, r.VerifyURL, r.Lines[0].Item = text, text, text, text, text, text, "https://x/"+text, text
			p := report()
			p.Project, p.Organisation, p.Number, p.Summary, p.Parts[0].Name, p.Indicators[0].Level1, p.Indicators[3].Reason, p.Problems[0].Finding, p.Team[0].Name = text, text, text, text, text, text, text, text, text
			b := bidReceipt()
			b.Bidder = text
			o := opening()
			o.Bids[1].Bidder, o.Openers[0].Name, o.TenderTitle = text, text, text
			a := award()
			a.Winner, a.TenderTitle, a.Remark = text, text, text
			for _, c := range []Content{r, p, b, o, a} {
				d := mustDraw(t, c)
				if n := pages(t, d.PDF); n != d.Pages {
					t.Errorf("%s: pdfinfo counts %d pages, Draw %d", c.Kind(), n, d.Pages)
				}
				got := extract(t, d.PDF)
				if strings.ContainsAny(got, "\x00\x1b\u202e\u2066") {
					t.Errorf("%s: controls came through", c.Kind())
				}
				margins(t, d)
			}
		})
	}
}

// margins fails when text stands outside the body of the page.
func margins(t *testing.T, d Drawing) {
	t.Helper()
	words(t, d.PDF, func(x0, y0, x1, y1 float64, word string) {
		if x0 < leftEdge-2 || x1 > rightEdge+2 || y0 < 15 || y1 > pageHeight-15 {
			t.Errorf("%.20q stands at %.0f–%.0f, %.0f–%.0f", word, x0, x1, y0, y1)
		}
	})
}

func TestLongRemarkRunsOverPagesComplete(t *testing.T) {
	c := receipt()
	c.Remark = strings.Repeat("备注内容，很长。", 1250)
	d := mustDraw(t, c)
	if d.Pages < 3 {
		t.Errorf("%d pages", d.Pages)
	}
	if n := strings.Count(flat(extract(t, d.PDF)), "备注内容"); n < 1200 {
		t.Errorf("the remark's sentence is there %d times of 1250", n)
	}
}

func TestTableHeaderRepeats(t *testing.T) {
	c := receipt()
	c.Lines, c.Total = nil, nil
	for range 120 {
		c.Lines = append(c.Lines, ReceiptLine{Item: "口罩", Unit: "只", Quantity: "10", Goods: true})
	}
	d := mustDraw(t, c)
	if n := strings.Count(flat(extract(t, d.PDF)), "项目（物品）名称"); d.Pages < 3 || n < d.Pages-1 {
		t.Errorf("%d pages, header %d times", d.Pages, n)
	}
}

// On a page where a merged cell goes on, the header keeps its own titles and
// the merged cell says again what it is.
func TestMergedCellGoesOnUnderItsHeader(t *testing.T) {
	c := report()
	for i := range c.Indicators {
		c.Indicators[i].Reason = strings.Repeat("理由详述，逐项说明。", 14)
	}
	d := mustDraw(t, c)
	var heads, firsts []float64
	words(t, d.PDF, func(x0, y0, x1, y1 float64, word string) {
		if strings.Contains(word, "一级指标") {
			heads = append(heads, y0)
		}
		if strings.HasPrefix(word, "（20分）") || strings.HasPrefix(word, "（30分）") {
			firsts = append(firsts, y0)
		}
	})
	if len(heads) < 3 || len(firsts) <= 4 {
		t.Fatalf("%d headers, %d merged cells: nothing was carried over", len(heads), len(firsts))
	}
	for _, y := range heads[1:] {
		if y > topEdge+15 {
			t.Errorf("the header's title stands at %.0f, below its row", y)
		}
	}
}

func TestTotalMustBeTheSum(t *testing.T) {
	c := receipt()
	c.Total = fen(money.Fen(10706001))
	kind, frozen, _ := Freeze(c)
	if _, err := Render(kind, frozen); !fault.Is(err, fault.Invalid) {
		t.Errorf("a wrong total gives %v", err)
	}
}

// What a caller can put in is bounded by the caller; still, a megabyte is
// rendered in one pass over it.
func TestMegabyte(t *testing.T) {
	c := receipt()
	c.Remark = strings.Repeat("长", 300_000)
	c.Number = c.Remark
	if d := mustDraw(t, c); d.Pages < 100 {
		t.Errorf("%d pages", d.Pages)
	}
}

func TestRenderRefuses(t *testing.T) {
	for _, in := range []struct{ kind, content string }{
		{"no_such_kind", "{}"}, {KindBidReceipt, ""}, {KindBidReceipt, "[]"}, {KindBidReceipt, `{"version":"x"}`},
	} {
		if _, err := Render(in.kind, []byte(in.content)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v gives %v", in, err)
		}
	}
	for kind := range kinds {
		if _, err := Render(kind, []byte(`{"of_a_later_version":{"x":[1]}}`)); err != nil {
			t.Errorf("%s: an unknown field gives %v", kind, err)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, c := range samples() {
		kind, frozen, _ := Freeze(c)
		f.Add(kind, string(frozen))
	}
	f.Fuzz(func(t *testing.T, kind, content string) {
		pdf, err := Render(kind, []byte(content))
		if fault.KindOf(err) == fault.Unknown && err != nil {
			t.Fatal(err)
		}
		if err == nil && !bytes.HasSuffix(pdf, []byte("%%EOF\n")) {
			t.Fatal("cut short")
		}
	})
}
