// Package statement reads what a bank says came in and went out: a CSV or XLSX
// file as banks export it, whatever its encoding, title rows and merged cells.
// Each line that cannot be read is named with its row; the others are kept.
package statement

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"gongji/app/kernel/fault"
)

// Limits of one file.
const (
	MaxBytes = 64 << 20
	MaxRows  = 200_000
	maxCells = 60 // of one row; banks use about fifteen
)

// Row is one row of a file with its place in it, from 1.
type Row struct {
	Number int
	Cells  []string
}

// Sheet reads every row of a statement file that is not empty. name tells CSV
// from XLSX. Errors: Invalid, saying how to save the file anew.
func Sheet(name string, content []byte) ([]Row, error) {
	if len(content) > MaxBytes {
		return nil, fault.New(fault.TooLarge, "文件超过 64 MB，请按月份分开导出后再导入")
	}
	if len(bytes.TrimSpace(content)) == 0 {
		return nil, refuse("文件是空的，请从网上银行重新导出")
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".txt":
		return readCSV(content)
	case ".xlsx":
		return readXLSX(content)
	case ".xls":
		return nil, refuse("这是旧版 Excel（.xls）文件，请在 Excel 或 WPS 中另存为 .xlsx 或 CSV 后再导入")
	}
	return nil, refuse("请选择银行导出的 CSV 或 XLSX 文件")
}

func refuse(say string) error {
	var c fault.Check
	c.Fail("file", "%s", say)
	return c.Err()
}

// text decodes a CSV file: by its mark, else UTF-8, else GB18030, which is
// what banks' programs write.
func text(content []byte) (string, error) {
	if rest, ok := bytes.CutPrefix(content, []byte("\xef\xbb\xbf")); ok {
		content = rest
	}
	var e transform.Transformer
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		e = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
	case utf8.Valid(content):
		return string(content), nil
	default:
		e = simplifiedchinese.GB18030.NewDecoder()
	}
	out, _, err := transform.Bytes(e, content)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) || bytes.IndexByte(out, 0) >= 0 {
		return "", refuse("文件的文字编码无法识别，请在 Excel 或 WPS 中另存为“CSV UTF-8”或 .xlsx 后再导入")
	}
	return string(out), nil
}

func readCSV(content []byte) ([]Row, error) {
	s, err := text(content)
	if err != nil {
		return nil, err
	}
	if strings.IndexByte(s, 0) >= 0 {
		return nil, refuse("这不是 CSV 文件，请从网上银行重新导出")
	}
	r := csv.NewReader(strings.NewReader(s))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = delimiter(s), -1, true, true
	var out []Row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, refuse("文件的引号或换行不完整，请从网上银行重新导出")
		}
		line, _ := r.FieldPos(0)
		if out, err = add(out, line, cells); err != nil {
			return nil, err
		}
	}
}

// delimiter is whichever of the three is most frequent in the first lines.
func delimiter(s string) rune {
	head := s[:min(len(s), 4096)]
	best, most := ',', strings.Count(head, ",")
	for _, d := range "\t;" {
		if n := strings.Count(head, string(d)); n > most {
			best, most = d, n
		}
	}
	return best
}

func readXLSX(content []byte) ([]Row, error) {
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: 512 << 20, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return nil, refuse("文件打不开：它可能已损坏、加了密码，或不是 .xlsx 文件，请重新导出")
	}
	defer func() { _ = f.Close() }()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, refuse("文件里没有工作表，请重新导出")
	}
	name := sheets[f.GetActiveSheetIndex()%len(sheets)]
	spread, err := merged(f, name)
	if err != nil {
		return nil, refuse("工作表的合并单元格无法读取，请取消合并后再导入")
	}
	rows, err := f.Rows(name)
	if err != nil {
		return nil, refuse("工作表无法读取，请重新导出")
	}
	defer func() { _ = rows.Close() }()
	var out []Row
	for n := 1; rows.Next(); n++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, refuse("工作表无法读取，请重新导出")
		}
		if out, err = add(out, n, spread.fill(n, cells)); err != nil {
			return nil, err
		}
	}
	if rows.Error() != nil {
		return nil, refuse("工作表无法读取，请重新导出")
	}
	return out, nil
}

// block is a merged range: every cell of it means what its first cell says.
type block struct {
	top, left, bottom, right int
	value                    string
}

// blocks are the merged ranges of a sheet, read from the top: a file of a
// hundred thousand rows may have a range for every other one.
type blocks struct {
	all  []block // by their first row
	live [maxCells + 1]*block
}

func merged(f *excelize.File, sheet string) (*blocks, error) {
	cells, err := f.GetMergeCells(sheet)
	if err != nil {
		return nil, err
	}
	out := &blocks{}
	for _, m := range cells {
		left, top, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			return nil, err
		}
		right, bottom, err := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil {
			return nil, err
		}
		if bottom > top && left <= maxCells {
			out.all = append(out.all, block{top, left, bottom, right, m.GetCellValue()})
		}
	}
	slices.SortFunc(out.all, func(a, b block) int { return a.top - b.top })
	return out, nil
}

// fill puts the value of a merged range into the cells it covers downwards.
// Across, only the first cell has it: a title over the whole width is one
// title, not twelve.
func (b *blocks) fill(row int, cells []string) []string {
	for len(b.all) > 0 && b.all[0].top < row {
		b.live[b.all[0].left] = &b.all[0]
		b.all = b.all[1:]
	}
	for left, x := range b.live {
		if x == nil || row > x.bottom {
			continue
		}
		for len(cells) < left {
			cells = append(cells, "")
		}
		if cells[left-1] == "" {
			cells[left-1] = x.value
		}
	}
	return cells
}

func add(out []Row, number int, cells []string) ([]Row, error) {
	if len(cells) > maxCells {
		cells = cells[:maxCells]
	}
	clean, some := make([]string, len(cells)), false
	for i, c := range cells {
		clean[i] = strings.TrimSpace(strings.Trim(strings.ToValidUTF8(c, ""), "\t\u3000\u00a0\ufeff "))
		some = some || clean[i] != ""
	}
	if !some {
		return out, nil
	}
	if len(out) >= MaxRows {
		return nil, fault.New(fault.TooLarge, "文件超过 20 万行，请按月份分开导出后再导入")
	}
	return append(out, Row{number, clean}), nil
}
