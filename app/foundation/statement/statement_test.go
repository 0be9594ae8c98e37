package statement_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"gongji/app/foundation/statement"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
)

// export is what a bank writes: titles, account details, headings, lines, a
// refund, mistakes, a total.
const export = `中国某某银行交易明细,,,,,,
账号：6222 **** 1234,,,,,,
交易日期,借方发生额（元）,贷方发生额（元）,对方户名,对方账号,附言,交易流水号
2026-01-05,,"1,000.00",欧阳娜娜,6222021234567890,捐 K7M2QX,A001
20260106,,￥200,𠮷田䶮,6222021234560001,捐款,A002
2026/1/7,50.00,,欧阳娜娜,6222021234567890,退回,A003
2026-13-40,,10.00,某人,,,A004
2026-01-08,,一百元,某人,,,A005
2026-01-09,,,某人,,,A006
2026-01-10,1.00,1.00,某人,,,A007
合计,50.00,"1,210.00",,,,
`

func read(t *testing.T, name string, content []byte) ([]statement.Line, []statement.Bad) {
	t.Helper()
	rows, err := statement.Sheet(name, content)
	if err != nil {
		t.Fatal(err)
	}
	at, columns := statement.Guess(rows)
	if at < 0 {
		t.Fatalf("no headings in %v", rows)
	}
	if again := columns.Find(rows); again != at {
		t.Errorf("remembered columns are found at %d, not %d", again, at)
	}
	return columns.Lines(rows, at)
}

func TestAStatementReadsInEveryEncoding(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(export)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(export)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"UTF-8": export, "with a mark": "\ufeff" + export, "GB18030": gb, "UTF-16": wide,
		"tabs": strings.ReplaceAll(strings.ReplaceAll(export, `"1,000.00"`, "1000"), ",", "\t")} {
		t.Run(name, func(t *testing.T) {
			lines, bad := read(t, "流水.csv", []byte(content))
			if len(lines) != 3 || lines[0].Amount != 1000*money.Yuan || lines[1].Amount != 200*money.Yuan || lines[2].Amount != -50*money.Yuan {
				t.Fatalf("%+v", lines)
			}
			if x := lines[1]; x.Name != "𠮷田䶮" || x.Account != "0001" || x.Serial != "A002" || x.Row != 5 || x.Date.In(clock.Beijing).Format("20060102") != "20260106" {
				t.Errorf("%+v", x)
			}
			if len(bad) != 4 || bad[0].Row != 7 || !strings.Contains(bad[0].Why, "日期") || !strings.Contains(bad[1].Why, "一百元") ||
				!strings.Contains(bad[2].Why, "没有金额") || !strings.Contains(bad[3].Why, "既有收入又有支出") {
				t.Errorf("%+v", bad)
			}
		})
	}
}

// sheet writes an XLSX file; merge names ranges that get the value of their
// first cell.
func sheet(t *testing.T, rows [][]any, merge ...[2]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range merge {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestMergedCellsMeanTheSameDownwards(t *testing.T) {
	content := sheet(t, [][]any{{"交易明细"}, {"日期", "金额", "对方户名", "摘要"},
		{"2026-02-01", "1,234.50", "甲公司", "捐赠"}, {nil, -34.5, "甲公司", "退回"}, {46055, "（10.00）", "乙", "退"}, {"本页小计", "1,190.00"}},
		[2]string{"A1", "D1"}, [2]string{"A3", "A4"})
	lines, bad := read(t, "明细.XLSX", content)
	if len(bad) != 0 || len(lines) != 3 || lines[1].Amount != -3450 || !lines[1].Date.Equal(lines[0].Date) || lines[2].Amount != -1000 {
		t.Errorf("%+v %+v", lines, bad)
	}
	if d := lines[2].Date.Format("2006-01-02"); d != "2026-02-02" {
		t.Errorf("Excel's day 46055 is %s", d)
	}
}

func TestAFileThatIsNoStatementSaysHowToMendIt(t *testing.T) {
	for name, c := range map[string]struct{ file, content, says string }{
		"empty":      {"a.csv", " \n", "空的"},
		"old Excel":  {"a.xls", "\xd0\xcf\x11\xe0", "另存为"},
		"a picture":  {"a.png", "\x89PNG", "CSV 或 XLSX"},
		"no XLSX":    {"a.xlsx", "PK\x03\x04 not really", "打不开"},
		"no text":    {"a.csv", "\xff\x80\x81,\xfe\xff\x00", "编码"},
		"zero bytes": {"a.csv", "日期,金额\n\x00\x00", "CSV"},
	} {
		_, err := statement.Sheet(c.file, []byte(c.content))
		f, _ := fault.Complaints(err)
		if len(f) != 1 || !strings.Contains(f[0].Message, c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	rows, err := statement.Sheet("a.csv", []byte("姓名,电话\n张三,123\n"))
	if at, _ := statement.Guess(rows); err != nil || at != -1 {
		t.Errorf("a list of names has headings at %d, %v", at, err)
	}
}

func TestAHundredThousandRows(t *testing.T) {
	var b strings.Builder
	b.WriteString("日期,金额,户名\n")
	for i := range 100_000 {
		if i%1000 == 999 {
			fmt.Fprintf(&b, "2026-01-01,坏,第%d人\n", i)
			continue
		}
		fmt.Fprintf(&b, "2026-01-01,%d.%02d,第%d人\n", i+1, i%100, i)
	}
	lines, bad := read(t, "年.csv", []byte(b.String()))
	if len(lines) != 99_900 || len(bad) != 100 || bad[99].Row != 100_001 {
		t.Errorf("%d lines, %d bad", len(lines), len(bad))
	}
}

// A whole year as XLSX, each two rows under one merged date, amounts with
// separators, refunds in brackets, and bad rows in between: each is named, the
// others are kept, and the time does not grow with rows times ranges.
func TestAHundredThousandRowsOfXLSXWithMergedCells(t *testing.T) {
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	must(w.SetRow("A1", []any{"日期", "金额", "对方户名"}))
	const n = 100_000
	for i := range n {
		at := i + 2
		row := []any{"2026-03-01", "1,234.50", "某人"}
		switch {
		case i%2 == 1:
			row[0] = nil
		case i%1000 == 998:
			row[1] = "一千"
		case i%10 == 4:
			row[1] = "（1,000.00）"
		}
		must(w.SetRow(fmt.Sprintf("A%d", at), row))
		if i%2 == 0 && i < 20_000 {
			must(w.MergeCell(fmt.Sprintf("A%d", at), fmt.Sprintf("A%d", at+1)))
		}
	}
	must(w.Flush())
	var b bytes.Buffer
	must(f.Write(&b))
	lines, bad := read(t, "年.xlsx", b.Bytes())
	if want := 20_000 + 40_000 - len(bad); len(bad) != 100 || bad[0].Row != 1000 || len(lines) != want { // below 20,000 the second row of two has no date and is a footer
		t.Errorf("%d lines, not %d, %d bad, the first %+v", len(lines), want, len(bad), bad[:min(1, len(bad))])
	}
	if lines[1].Date.IsZero() || lines[4].Amount != -1000*money.Yuan {
		t.Errorf("%+v", lines[:5])
	}
}

// FuzzSheet: whatever the file, no panic, and every row is a line or a
// complaint or a footer.
func FuzzSheet(f *testing.F) {
	f.Add("a.csv", []byte(export))
	f.Add("a.csv", []byte("日期;金额\n\"2026-01-01;1\n"))
	f.Add("a.xlsx", []byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		rows, err := statement.Sheet(name, content)
		if err != nil {
			return
		}
		at, c := statement.Guess(rows)
		if at < 0 {
			return
		}
		lines, bad := c.Lines(rows, at)
		if len(lines)+len(bad) > len(rows)-at-1 {
			t.Errorf("%d lines and %d complaints of %d rows", len(lines), len(bad), len(rows)-at-1)
		}
		for _, l := range lines {
			if l.Amount == 0 || l.Date.IsZero() {
				t.Errorf("%+v", l)
			}
		}
	})
}
