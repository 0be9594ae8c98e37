package expense

import (
	"bytes"
	"fmt"
	"math"
	"path"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
)

// maxSheet is the largest list that is read, in bytes.
const maxSheet = 5 << 20

// heads are the names that a column may have, the first of them in the template.
var heads = []struct {
	field string
	names []string
}{
	{"line", []string{"预算科目", "科目", "费用类别"}},
	{"date", []string{"开票日期", "日期", "支出日期", "发票日期"}},
	{"purpose", []string{"事由", "用途", "摘要"}},
	{"payee", []string{"收款方", "收款单位", "销售方"}},
	{"invoice", []string{"发票号码", "发票号", "票据号码"}},
	{"amount", []string{"金额", "金额（元）", "金额(元)", "价税合计"}},
}

// Imported is what a list of expenses came to.
type Imported struct {
	Rows []Row    `json:"rows"`
	Told []string `json:"told"` // what was taken in a way that people should know of, with its row
	Bad  []string `json:"bad"`  // rows that were left out, with why
}

func unread(format string, args ...any) error {
	var c fault.Check
	c.Fail("list", format, args...)
	return c.Err()
}

// Sheet reads a list of expenses from an XLSX file: the first row that has the
// names of the columns, and the rows below. Of a formula the value that its own
// program computed is read, and told; none is ever computed here. Errors: Invalid, saying how to mend the file.
func Sheet(name string, content []byte) (Imported, error) {
	var out Imported
	switch {
	case len(content) > maxSheet:
		return out, unread("文件超过 5 MB，请只保留本周的支出清单")
	case strings.ToLower(path.Ext(name)) != ".xlsx":
		return out, unread("请选择 .xlsx 文件；旧版 .xls 请在 Excel 或 WPS 里另存为 .xlsx")
	}
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: 64 << 20, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return out, unread("文件打不开：它可能已损坏、加了密码，或不是 .xlsx 文件，请重新保存")
	}
	defer func() { _ = f.Close() }()
	sheet := f.GetSheetName(f.GetActiveSheetIndex())
	rows, err := f.GetRows(sheet)
	if err != nil || len(rows) > 5000 {
		return out, unread("工作表无法读取或超过 5000 行，请只保留本周的支出清单")
	}
	at, head := columns(rows)
	if at == nil {
		return out, unread("没有找到表头。第一行请写：预算科目、开票日期、事由、收款方、发票号码、金额，可以下载模板填写")
	}
	for n := head + 1; n < len(rows); n++ {
		row, told, bad := readRow(f, sheet, n, rows[n], at)
		out.Told = append(out.Told, told...)
		if bad != "" {
			out.Bad = append(out.Bad, bad)
		} else if !row.Blank() {
			out.Rows = append(out.Rows, row)
		}
	}
	if len(out.Rows) == 0 && len(out.Bad) == 0 {
		return out, unread("表头下面没有支出，请填写后再导入")
	}
	return out, nil
}

// columns finds the row of the headings and where each field stands in it.
func columns(rows [][]string) (at map[string]int, head int) {
	for n, r := range rows {
		if n >= 20 {
			break
		}
		found := map[string]int{}
		for i, cell := range r {
			cell = strings.ReplaceAll(strings.TrimSpace(cell), " ", "")
			for _, h := range heads {
				for _, name := range h.names {
					if _, taken := found[h.field]; cell == name && !taken {
						found[h.field] = i
					}
				}
			}
		}
		if len(found) == len(heads) {
			return found, n
		}
	}
	return nil, 0
}

func readRow(f *excelize.File, sheet string, n int, cells []string, at map[string]int) (Row, []string, string) {
	var told []string
	bad := ""
	get := func(field string) string {
		i := at[field]
		v := ""
		if i < len(cells) {
			v = strings.TrimSpace(cells[i])
		}
		cell, err := excelize.CoordinatesToCellName(i+1, n+1)
		if err != nil {
			return v
		}
		if formula, _ := f.GetCellFormula(sheet, cell); formula != "" {
			if v == "" { // a program wrote it and never computed it
				bad = fmt.Sprintf("第 %d 行：%s 单元格是公式，没有计算结果，请在 Excel 或 WPS 里打开保存一次，或者直接填写数值", n+1, cell)
				return ""
			}
			told = append(told, fmt.Sprintf("第 %d 行：%s 单元格是公式，取计算结果“%s”", n+1, cell, v))
		}
		if field == "amount" || field == "date" {
			if raw, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true}); err == nil && raw != "" && v != "" {
				v = plainValue(field, raw, v)
			}
		}
		return v
	}
	r := Row{Line: get("line"), Date: get("date"), Purpose: get("purpose"), Payee: get("payee"), Invoice: get("invoice"), Amount: get("amount")}
	if bad != "" {
		return Row{}, nil, bad
	}
	if r.Invoice == "" && r.Line == "" || strings.HasPrefix(r.Line, "合计") || strings.HasPrefix(r.Line, "总计") {
		return Row{}, nil, "" // a total or an empty row
	}
	for _, v := range []string{r.Line, r.Date, r.Purpose, r.Payee, r.Invoice, r.Amount} {
		if strings.HasPrefix(v, "#") {
			return Row{}, nil, fmt.Sprintf("第 %d 行：公式出错（%s），请改正后再导入", n+1, v)
		}
	}
	if strings.ContainsAny(r.Invoice, "eE+") && strings.Contains(r.Invoice, "+") {
		return Row{}, nil, fmt.Sprintf("第 %d 行：发票号码 %s 被表格改成了科学记数，请把这一列设为“文本”后重新填写", n+1, r.Invoice)
	}
	return r, told, ""
}

// plainValue undoes what a cell's format did to a number: a date is a serial
// number of days, an amount may be shown rounded or with a currency sign.
func plainValue(field, raw, shown string) string {
	if field == "date" {
		var serial float64
		if _, err := fmt.Sscanf(raw, "%g", &serial); err == nil && serial > 30_000 && serial < 80_000 && !strings.ContainsAny(raw, "-/年.") {
			if t, err := excelize.ExcelDateToTime(serial, false); err == nil {
				return t.Format(time.DateOnly)
			}
		}
		for _, layout := range []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102"} {
			if t, err := time.Parse(layout, strings.TrimSpace(shown)); err == nil {
				return t.Format(time.DateOnly)
			}
		}
		return shown
	}
	var n float64
	if _, err := fmt.Sscanf(raw, "%g", &n); err == nil && !strings.ContainsAny(raw, ",¥￥元") {
		if cents := n * 100; math.Abs(cents-math.Round(cents)) > 1e-4 {
			return fmt.Sprintf("%g", n) // more than two decimals is for people to mend
		}
		return strings.TrimSuffix(fmt.Sprintf("%.2f", n), ".00")
	}
	return shown
}

// Template is an empty list with the headings and the budget lines to copy.
func Template(lines []string) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	sheet := f.GetSheetName(0)
	for i, h := range heads {
		cell, _ := excelize.CoordinatesToCellName(i+1, 1)
		if err := f.SetCellStr(sheet, cell, h.names[0]); err != nil {
			return nil, err
		}
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err == nil {
		err = f.SetColStyle(sheet, "E", text) // long invoice numbers stay as they are
	}
	if err == nil {
		err = f.SetColWidth(sheet, "A", "F", 18)
	}
	if err == nil && len(lines) > 0 {
		v := excelize.NewDataValidation(true)
		v.Sqref = "A2:A200"
		if v.SetDropList(lines) == nil { // too long a list for a cell: no drop-down
			err = f.AddDataValidation(sheet, v)
		}
	}
	if err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Workbook is a table as an XLSX file. A cell that is a money.Fen is a number
// in 元; everything else is text, so that nothing is taken for a formula.
func Workbook(name string, rows [][]any) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	sheet := f.GetSheetName(0)
	yuan, err := f.NewStyle(&excelize.Style{NumFmt: 4})
	if err == nil {
		err = f.SetSheetName(sheet, name)
	}
	for i, row := range rows {
		for j, v := range row {
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if fen, ok := v.(money.Fen); ok && err == nil {
				if err = f.SetCellFloat(name, cell, float64(fen)/100, 2, 64); err == nil {
					err = f.SetCellStyle(name, cell, cell, yuan)
				}
			} else if err == nil {
				err = f.SetCellStr(name, cell, fmt.Sprint(v))
			}
		}
	}
	if err == nil {
		err = f.SetColWidth(name, "A", "F", 22)
	}
	if err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
