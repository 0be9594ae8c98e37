package receipt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/names"
	"gongji/app/party"
	"gongji/storage/db"
)

// A file of the fiscal system: no more bytes and rows than a request can work.
const (
	FiscalBytes = 8 << 20
	FiscalRows  = 2000
)

// FiscalImport is the report of one file of the fiscal system.
type FiscalImport struct {
	bun.BaseModel `bun:"table:fiscal_import"`

	ID         id.ID           `bun:"id,pk" json:"id"`
	Foundation id.ID           `bun:"foundation" json:"-"`
	Name       string          `bun:"name" json:"name"`
	SHA256     string          `bun:"sha256" json:"sha256"`
	Linked     int             `bun:"linked" json:"linked" description:"新关联的收据"`
	Known      int             `bun:"known" json:"known" description:"以前已关联，没有变化"`
	Bad        []statement.Bad `bun:"bad" json:"bad" description:"没有关联的行和原因"`
	By         id.ID           `bun:"imported_by" json:"-"`
	Importer   string          `bun:"importer" json:"importer"`
	At         time.Time       `bun:"created_at" json:"at"`
}

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

// ImportFiscal links the rows of a file (CSV, XLSX) of the fiscal system to
// issued receipts, each in a transaction of its own: a bad row is named with
// its line and keeps no other. The same file again changes nothing.
// Errors: Forbidden (finance only), Invalid (no such file, columns missing),
// TooLarge.
func (s *Service) ImportFiscal(ctx context.Context, who party.Actor, name string, body io.Reader) (FiscalImport, error) {
	if err := s.policy.Require(who.Relations(), "receipt.any", "list"); err != nil {
		return FiscalImport{}, err
	}
	if !s.MayImport(who) {
		return FiscalImport{}, fault.New(fault.Forbidden, "财政电子票据由财务导入，请切换到财务身份")
	}
	content, err := io.ReadAll(io.LimitReader(body, FiscalBytes+1))
	if err != nil {
		return FiscalImport{}, err
	}
	if len(content) > FiscalBytes {
		return FiscalImport{}, fault.New(fault.TooLarge, "文件超过 8 MB，请按月份分开导出后再导入")
	}
	sheet, err := statement.Sheet(name, content)
	if fault.Is(err, fault.Invalid) {
		return FiscalImport{}, mend("file", "文件无法读取：请选择从财政电子票据系统导出的 CSV 或 XLSX 文件；旧版 .xls 请先另存为 .xlsx")
	}
	if err != nil {
		return FiscalImport{}, err
	}
	at, columns := fiscalColumns(sheet)
	switch {
	case at < 0:
		return FiscalImport{}, mend("file", "没有找到“票据代码”“票据号码”“校验码”三列，请从财政电子票据系统重新导出，保留标题行")
	case len(columns["words"]) == 0:
		return FiscalImport{}, mend("file", "没有可以对应收据的列：请保留“业务流水号”“登记号”“收据编号”或“备注”列")
	case len(sheet)-at-1 > FiscalRows:
		return FiscalImport{}, fault.New(fault.TooLarge, "一次最多导入 %d 行，请分开导出后再导入", FiscalRows)
	}
	sum := sha256.Sum256(content)
	out := FiscalImport{ID: id.New(s.clock.Now()), Foundation: who.Org, Name: names.Clean(name, 120), SHA256: hex.EncodeToString(sum[:]),
		Bad: []statement.Bad{}, By: who.Account, Importer: who.Name, At: s.clock.Now()}
	for _, row := range sheet[at+1:] {
		x := fiscalCells(row, columns)
		err := x.whole()
		if err == nil {
			var linked bool
			if linked, err = s.link(ctx, who, x); err == nil && linked {
				out.Linked++
			} else if err == nil {
				out.Known++
			}
		}
		if err != nil {
			say, err := why(err)
			if err != nil {
				return out, err
			}
			out.Bad = append(out.Bad, statement.Bad{Row: row.Number, Text: names.Clean(strings.Join(row.Cells, " "), 120), Why: say})
		}
	}
	_, err = s.db.NewInsert().Model(&out).Exec(ctx)
	return out, db.Translate(err)
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

// FiscalImports lists the files imported by the actor's foundation, newest
// first, at most 50.
func (s *Service) FiscalImports(ctx context.Context, who party.Actor) ([]FiscalImport, error) {
	if err := s.policy.Require(who.Relations(), "receipt.any", "list"); err != nil {
		return nil, err
	}
	out := []FiscalImport{}
	err := s.db.NewSelect().Model(&out).Where("foundation = ?", who.Org).Order("id DESC").Limit(50).Scan(ctx)
	return out, db.Translate(err)
}

// FiscalImport reads the report of one file.
func (s *Service) FiscalImport(ctx context.Context, who party.Actor, of id.ID) (FiscalImport, error) {
	var out FiscalImport
	if err := s.policy.Require(who.Relations(), "receipt.any", "list"); err != nil {
		return out, err
	}
	err := s.db.NewSelect().Model(&out).Where("id = ? AND foundation = ?", of, who.Org).Scan(ctx)
	return out, db.Found(err, "导入")
}

// MayImport reports whether the actor imports such files.
func (s *Service) MayImport(who party.Actor) bool {
	return s.policy.Require(who.Relations(), "receipt.any", "fiscal") == nil
}
