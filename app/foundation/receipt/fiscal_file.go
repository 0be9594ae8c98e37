package receipt

import (
	"slices"
	"strings"
	"unicode"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/kernel/names"
)

// A file of the fiscal system: no more bytes and rows than this.
const (
	FiscalBytes = 32 << 20
	FiscalRows  = 100_000
)

// fiscalRow is one row of such a file.
type fiscalRow struct {
	code, number, check string
	words               []string // that may be a receipt number or a donation's reference
	payer, amount       string   // "" where the file has no such column
}

var fiscalHeads = map[string][]string{
	"code": {"票据代码", "电子票据代码"}, "number": {"票据号码", "电子票据号码"}, "check": {"校验码", "票据校验码"},
	"words": {"收据编号", "收据号码", "登记号", "捐赠登记号", "业务流水号", "业务单号", "备注", "其他信息"},
	"payer": {"交款人", "缴款人", "交款人名称", "捐赠人"}, "amount": {"金额", "开票金额", "总金额", "金额合计", "合计金额"},
}

// readFiscal reads a file: where the headings stand, what the columns mean, and
// the rows. Errors: Invalid (no such file, columns missing), TooLarge.
func readFiscal(name string, content []byte) (rows []statement.Row, columns map[string][]int, err error) {
	sheet, err := statement.Sheet(name, content)
	if fault.Is(err, fault.Invalid) {
		return nil, nil, mend("file", "文件无法读取：请选择从财政电子票据系统导出的 CSV 或 XLSX 文件；旧版 .xls 请先另存为 .xlsx")
	}
	if err != nil {
		return nil, nil, err
	}
	at, columns := fiscalColumns(sheet)
	switch {
	case at < 0:
		return nil, nil, mend("file", "没有找到“票据代码”“票据号码”“校验码”三列，请从财政电子票据系统重新导出，保留标题行")
	case len(columns["words"]) == 0:
		return nil, nil, mend("file", "没有可以对应收据的列：请保留“业务流水号”“登记号”“收据编号”或“备注”列")
	case len(sheet)-at-1 > FiscalRows:
		return nil, nil, fault.New(fault.TooLarge, "一次最多导入 %s 行，请分开导出后再导入", money.Count(FiscalRows))
	case len(sheet)-at-1 == 0:
		return nil, nil, mend("file", "标题行下面没有内容，请核对导出的范围")
	}
	return sheet[at+1:], columns, nil
}

func fiscalColumns(rows []statement.Row) (int, map[string][]int) {
	for i, r := range rows[:min(len(rows), 30)] {
		at := map[string][]int{}
		for what, heads := range fiscalHeads {
			for k, cell := range r.Cells {
				if slices.Contains(heads, strings.TrimSuffix(strings.TrimSuffix(cell, "（元）"), "(元)")) {
					at[what] = append(at[what], k)
				}
			}
		}
		if len(at["code"]) > 0 && len(at["number"]) > 0 && len(at["check"]) > 0 {
			return i, at
		}
	}
	return -1, nil
}

func fiscalCells(r statement.Row, at map[string][]int) fiscalRow {
	first := func(what string) string {
		for _, k := range at[what] {
			if k < len(r.Cells) {
				return strings.TrimSpace(r.Cells[k])
			}
		}
		return ""
	}
	x := fiscalRow{code: first("code"), number: first("number"), check: first("check"), payer: first("payer"), amount: first("amount")}
	for _, k := range at["words"] {
		if k < len(r.Cells) && len(x.words) < 20 {
			x.words = append(x.words, strings.FieldsFunc(r.Cells[k], func(c rune) bool {
				return c != '-' && (c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c))
			})...)
		}
	}
	return x
}

func digits(s string) bool {
	return len(s) >= 6 && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}

// whole complains about numbers that cannot be any receipt's.
func (x fiscalRow) whole() error {
	switch {
	case strings.ContainsAny(x.code+x.number, "Ee+.") && strings.Trim(x.code+x.number, "0123456789.Ee+") == "":
		return fault.New(fault.Invalid, "票据代码或号码被表格软件改成了科学计数，请把这两列设为文本后重新导出")
	case !digits(x.code):
		return fault.New(fault.Invalid, "票据代码“%s”不是一串数字，请核对", names.Clean(x.code, 40))
	case !digits(x.number):
		return fault.New(fault.Invalid, "票据号码“%s”不是一串数字，请核对", names.Clean(x.number, 40))
	case len(x.check) < 4 || len(x.check) > 20 || strings.ContainsFunc(x.check, func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) }):
		return fault.New(fault.Invalid, "校验码“%s”应为 4 至 20 位字母和数字，请核对", names.Clean(x.check, 40))
	}
	return nil
}

// fits complains where the row says another thing than the receipt.
func (x fiscalRow) fits(r Receipt, d donation.Donation) error {
	if r.State != Issued {
		return fault.New(fault.Conflict, "收据 %s 已作废，不能关联票据", r.Number())
	}
	if x.payer != "" && x.payer != d.DonorName {
		return fault.New(fault.Conflict, "交款人与收据 %s 的捐赠人不一致，请核对", r.Number())
	}
	if x.amount == "" {
		return nil
	}
	f, err := money.Parse(x.amount)
	switch {
	case err != nil:
		return fault.New(fault.Invalid, "金额“%s”无法识别", names.Clean(x.amount, 40))
	case r.Amount == nil || *r.Amount != f:
		return fault.New(fault.Conflict, "金额 %s 元与收据 %s 不一致，请核对", f.Yuan(), r.Number())
	}
	return nil
}
