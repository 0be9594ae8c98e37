package receipt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/document"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/storage/db"
)

// Cause is why a donation of a batch is set aside.
type Cause string

// The causes.
const (
	Unconfirmed Cause = "unconfirmed" // 还没有确认到账
	Refunded    Cause = "refunded"    // 已退回
	Cancelled   Cause = "cancelled"   // 已取消
	RefundAsked Cause = "refund"      // 已申请退回
	Receipted   Cause = "receipted"   // 已有收据
	Nameless    Cause = "nameless"    // 没有抬头
	Nothing     Cause = "nothing"     // 到账数量为零
	Changed     Cause = "changed"     // 核对之后有改动
)

// gift is a donation with everything its receipt depends on.
type gift struct {
	donation.Donation
	fund   fund.Fund
	live   *Receipt // prepared or issued
	before Receipt  // the last void one, zero where there is none
}

// gifts reads donations with their funds and receipts; with lock the donations
// are locked. What is not there is left out.
func gifts(ctx context.Context, d bun.IDB, ids []id.ID, lock bool) (map[id.ID]gift, error) {
	out := make(map[id.ID]gift, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	read := donation.ReadAll
	if lock {
		read = donation.ForUpdateAll
	}
	list, err := read(ctx, d, ids)
	if err != nil {
		return nil, err
	}
	var funds []fund.Fund
	var of []id.ID
	seen := map[id.ID]bool{}
	for _, x := range list {
		if !seen[x.Fund] {
			seen[x.Fund] = true
			of = append(of, x.Fund)
		}
	}
	if len(of) > 0 {
		if err := d.NewSelect().Model(&funds).Where("id IN (?)", bun.List(of)).Scan(ctx); err != nil {
			return nil, db.Translate(err)
		}
	}
	byID := map[id.ID]fund.Fund{}
	for _, f := range funds {
		byID[f.ID] = f
	}
	var receipts []struct {
		Receipt
		Covered id.ID `bun:"covered"`
	}
	err = d.NewSelect().TableExpr("receipt AS r").ColumnExpr("r.*, c.donation AS covered").Join("JOIN receipt_covers AS c ON c.receipt = r.id").
		Where("c.donation IN (?) AND c.state <> ?", bun.List(ids), Returned).OrderExpr("r.year, r.no").Scan(ctx, &receipts)
	if err != nil {
		return nil, db.Translate(err)
	}
	for k, x := range list {
		out[k] = gift{Donation: x, fund: byID[x.Fund]}
	}
	for _, r := range receipts {
		g := out[r.Covered]
		switch {
		case r.State != Void:
			g.live = &r.Receipt
		case r.Request == nil:
			g.before = r.Receipt // the last by number
		}
		out[r.Covered] = g
	}
	return out, nil
}

// judge says whether a receipt can be issued, as Prepare does for one.
func (g gift) judge(at time.Time) (Cause, string) {
	switch {
	case g.State == donation.Pledged:
		return Unconfirmed, "还没有确认到账：款物到账并由财务确认后再开具"
	case g.State == donation.Cancelled && g.RefundedAt != nil:
		return Refunded, "已退回捐赠人，不开具收据"
	case g.State != donation.Confirmed:
		return Cancelled, "捐赠已取消，没有到账"
	case g.RefundAsked():
		return RefundAsked, "已申请退回，尚未决定；决定不退回后再开具"
	case g.live != nil && g.live.State == Prepared:
		return Receipted, "已有一张待复核的收据，请在捐赠页面复核"
	case g.live != nil:
		return Receipted, "已有收据 " + g.live.Number() + "，同一笔款物不重复开具"
	case g.Gathered != nil:
		return Nameless, "公开募捐平台结算的款项，没有单个捐赠人，不在这里开具"
	case g.DonorKind == donation.Unknown || g.DonorName == "":
		return Nameless, "没有收据抬头（匿名）：捐赠人愿意具名的，请先在捐赠页面补登姓名或单位名称。依据" + rules.At(at).Must(rules.ReceiptContent).Source()
	case len(lines(g.Donation)) == 0:
		return Nothing, "确认到账的数量为零，没有可以开具的内容"
	}
	if _, err := g.Receiptable(); err != nil {
		return Nothing, "金额超出范围，请核对捐赠记录"
	}
	return "", ""
}

// printed is the SHA-256 of what the receipt would say, apart from its number
// and the people on it: another donor, amount, purpose or predecessor since
// the snapshot makes another one.
func (g gift) printed() (string, error) {
	amount, err := g.Receiptable()
	if err != nil || g.ArrivedAt == nil {
		return "", err
	}
	b, err := json.Marshal(face(Receipt{Amount: amount}, g.before, g.Donation, g.fund, document.Issue{Issuer: g.fund.FoundationName}))
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

// row freezes a donation as it is now.
func (g gift) row(at time.Time) (BatchRow, error) {
	r := BatchRow{Donation: g.ID, Reference: g.Reference, DonorName: g.DonorName, FundName: g.fund.Name, Kind: string(g.Kind), ArrivedAt: g.ArrivedAt, State: RowWaiting}
	amount, err := g.Receiptable()
	if err != nil && !fault.Is(err, fault.Invalid) {
		return r, err
	}
	r.Amount = amount
	if r.Cause, r.Why = g.judge(at); r.Cause != "" {
		r.State = RowAside
		return r, nil
	}
	r.Face, err = g.printed()
	return r, err
}
