package campaign

import (
	"context"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/names"
	"gongji/app/kernel/uscc"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// The platform's list of those who asked for a receipt.
const (
	ListBytes = 4 << 20
	// MostListed is how many donors of one settlement may be listed: all of them
	// are booked in the transaction that confirms its money.
	MostListed = 1000
)

// Gift is what one donor of a settlement gave, who asked the platform for a
// receipt. It becomes a donation of its own when the settlement is entered; the
// rest of the settlement stays one donation without names.
type Gift struct {
	bun.BaseModel `bun:"table:campaign_gift"`

	Settlement id.ID              `bun:"settlement,pk" json:"-"`
	Line       int                `bun:"line,pk" json:"line"` // of the file
	DonorKind  donation.DonorKind `bun:"donor_kind" json:"donor_kind"`
	DonorName  string             `bun:"donor_name" json:"donor_name"`
	DonorUSCC  *string            `bun:"donor_uscc" json:"donor_uscc,omitempty"`
	Amount     money.Fen          `bun:"amount" json:"amount"` // 分
	Slip       string             `bun:"slip" json:"slip"`     // the platform's order number
}

// Listed is what became of a list: how many donors with how much are on it, and
// the rows that could not be read. Money in 分.
type Listed struct {
	Count  int             `json:"count"`
	Amount money.Fen       `json:"amount"`
	Bad    []statement.Bad `json:"bad" description:"没有读入的行和原因"`
}

var listHeads = map[string][]string{
	"name":   {"捐赠人", "捐赠人姓名", "捐赠人名称", "票据抬头", "发票抬头", "抬头", "姓名"},
	"amount": {"金额", "捐赠金额", "捐款金额", "开票金额"},
	"slip":   {"订单号", "捐赠订单号", "交易单号", "流水号", "捐赠编号"},
	"uscc":   {"统一社会信用代码", "社会信用代码", "纳税人识别号", "税号"},
}

// Enlist reads the platform's list (CSV, XLSX) of those who asked for a receipt,
// in place of what was there. Bad rows are reported with their line, the good
// ones are kept. Errors: Invalid (no such file, columns missing, more than the
// settlement brings), TooLarge.
func (s *Service) Enlist(ctx context.Context, who party.Actor, settlement id.ID, name string, body io.Reader) (Listed, error) {
	var out Listed
	content, err := io.ReadAll(io.LimitReader(body, ListBytes+1))
	if err != nil {
		return out, err
	}
	if len(content) > ListBytes {
		return out, fault.New(fault.TooLarge, "文件超过 4 MB，请只导出本次结算中申请开票的捐赠人")
	}
	sheet, err := statement.Sheet(name, content)
	if err != nil {
		return out, err
	}
	gifts, bad, err := readList(sheet)
	if err != nil {
		return out, err
	}
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		y, x, err := s.settlement(ctx, tx, settlement, true)
		if err != nil {
			return err
		}
		if err := s.Require(who, x, "settle"); err != nil {
			return err
		}
		if err := y.fresh(); err != nil {
			return err
		}
		if out, err = y.holds(gifts); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*Gift)(nil)).Where("settlement = ?", y.ID).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		for i := range gifts {
			gifts[i].Settlement = y.ID
		}
		if len(gifts) > 0 {
			if _, err := tx.NewInsert().Model(&gifts).Exec(ctx); err != nil {
				return db.Translate(err)
			}
		}
		out.Bad = bad
		if err := db.One(tx.NewUpdate().Model((*Settlement)(nil)).Set("listed_bad = ?", Bads(bad)).Where("id = ? AND donation IS NULL", y.ID).Exec(ctx)); err != nil {
			return err
		}
		return record(ctx, tx, who, s.clock.Now(), x.ID, trail.Event{Action: "导入申请开票的捐赠人", Note: y.Reference + "，" + money.Count(int64(out.Count)) + " 人次，" + out.Amount.Yuan() + " 元"})
	})
	return out, err
}

// holds checks a list against its settlement: what stays without names is more
// than nothing, in gifts and in money.
func (y Settlement) holds(gifts []Gift) (Listed, error) {
	out := Listed{Count: len(gifts)}
	var c fault.Check
	c.Must(len(gifts) <= MostListed, "list", "一次结算最多 %d 名申请开票的捐赠人，请与平台约定缩短结算期间", MostListed)
	for _, g := range gifts {
		var err error
		if out.Amount, err = money.Add(out.Amount, g.Amount); err != nil {
			return out, err
		}
	}
	c.Must(len(gifts) == 0 || int64(len(gifts)) < y.Gifts, "list", "名单有 %d 人次，应少于结算单的 %d 人次；不开票的捐赠合为一笔未具名的捐赠", len(gifts), y.Gifts)
	c.Must(out.Amount < y.Net, "list", "名单合计 %s 元，应小于结算净额 %s 元：平台费用由未具名的部分承担，请核对金额", out.Amount.Yuan(), y.Net.Yuan())
	return out, c.Err()
}

func readList(sheet []statement.Row) ([]Gift, []statement.Bad, error) {
	at, head := map[string]int{}, -1
	for i, r := range sheet[:min(len(sheet), 30)] {
		clear(at)
		for what, names := range listHeads {
			k := slices.IndexFunc(r.Cells, func(cell string) bool {
				return slices.Contains(names, strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(cell), "（元）"), "(元)"))
			})
			if k >= 0 {
				at[what] = k
			}
		}
		if _, named := at["name"]; named {
			if _, priced := at["amount"]; priced {
				head = i
				break
			}
		}
	}
	if head < 0 {
		var c fault.Check
		c.Fail("list", "没有找到“票据抬头”（或“捐赠人”）和“金额”两列，请从平台导出申请开票的名单，保留标题行")
		return nil, nil, c.Err()
	}
	var out []Gift
	bad, seen := []statement.Bad{}, map[string]int{}
	for _, r := range sheet[head+1:] {
		get := func(what string) string {
			if k, ok := at[what]; ok && k < len(r.Cells) {
				return strings.TrimSpace(r.Cells[k])
			}
			return ""
		}
		if get("name") == "" && get("amount") == "" || get("name") == "合计" || get("name") == "总计" {
			continue
		}
		g, why := readGift(get)
		if why == "" && g.Slip != "" {
			if first, again := seen[g.Slip]; again {
				why = "订单号与第 " + money.Count(int64(first)) + " 行相同，同一笔捐赠不能列两次"
			} else {
				seen[g.Slip] = r.Number
			}
		}
		if why != "" {
			bad = append(bad, statement.Bad{Row: r.Number, Text: names.Clean(strings.Join(r.Cells, " "), 120), Why: why})
			continue
		}
		g.Line = r.Number
		out = append(out, g)
	}
	return out, bad, nil
}

// readGift reads one row; why says in Chinese what to mend.
func readGift(get func(string) string) (g Gift, why string) {
	g = Gift{DonorKind: donation.Person, DonorName: names.Clean(get("name"), 200), Slip: names.Clean(get("slip"), 60)}
	if n := utf8.RuneCountInString(g.DonorName); n < 2 || n > 100 {
		return g, "票据抬头应为 2–100 个字的姓名或单位全称"
	}
	if strings.ContainsAny(g.DonorName, "*＊") {
		return g, "票据抬头被平台隐去了一部分，请导出完整的抬头"
	}
	var err error
	if g.Amount, err = money.Parse(get("amount")); err != nil || g.Amount <= 0 {
		return g, "金额“" + names.Clean(get("amount"), 40) + "”无法识别，请填大于 0 的数，单位元"
	}
	if code := strings.ToUpper(get("uscc")); code != "" {
		g.DonorKind = donation.Organisation
		if code, err = uscc.Check(code); err != nil {
			return g, "统一社会信用代码“" + names.Clean(code, 40) + "”不对；个人捐赠请留空"
		}
		g.DonorUSCC = &code
	}
	return g, ""
}

// Listing is what is listed of a settlement, for the foundation's own; once it is
// entered the donors are donations, which may hide their name: then the rows that
// could not be read stand there by number, but for those who know every donor.
func (s *Service) Listing(ctx context.Context, who party.Actor, settlement id.ID) (Listed, error) {
	y, _, err := s.GetSettlement(ctx, who, settlement)
	if err != nil {
		return Listed{}, err
	}
	out := Listed{Bad: y.Bad}
	if y.Donation != nil && !donation.KnowsAll(s.policy, who, who.Org) {
		out.Bad = slices.Clone(out.Bad)
		for i := range out.Bad {
			out.Bad[i].Text = donation.Withheld
		}
	}
	q := s.db.NewSelect().Model((*Gift)(nil)).Where("settlement = ?", y.ID)
	if y.Donation != nil {
		q = s.db.NewSelect().TableExpr("donation").Where("gathered_in = ? AND state <> 'cancelled'", *y.Donation)
	}
	err = q.ColumnExpr("COUNT(*) AS count").ColumnExpr("CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS amount").Scan(ctx, &out.Count, &out.Amount)
	return out, db.Translate(err)
}

// named are a settlement's listed gifts as they become donations.
func named(ctx context.Context, tx bun.Tx, y Settlement) ([]donation.Named, error) {
	var list []Gift
	if err := tx.NewSelect().Model(&list).Where("settlement = ?", y.ID).Order("line").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	out := make([]donation.Named, 0, len(list))
	for _, g := range list {
		out = append(out, donation.Named{Kind: g.DonorKind, Name: g.DonorName, USCC: g.DonorUSCC, Amount: g.Amount, Slip: g.Slip})
	}
	_, err := tx.NewDelete().Model((*Gift)(nil)).Where("settlement = ?", y.ID).Exec(ctx)
	return out, db.Translate(err)
}
