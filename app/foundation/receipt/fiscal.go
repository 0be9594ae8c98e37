package receipt

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Fiscal are the numbers of the 财政电子票据 made for a receipt's money in the
// fiscal system; the platform makes none (财综〔2024〕1号 9).
type Fiscal struct {
	bun.BaseModel `bun:"table:receipt_fiscal"`

	Receipt    id.ID     `bun:"receipt,pk" json:"receipt"`
	Foundation id.ID     `bun:"foundation" json:"-"`
	Code       string    `bun:"code" json:"code"`     // 票据代码
	Number     string    `bun:"number" json:"number"` // 票据号码
	Check      string    `bun:"check_code" json:"-"`  // 校验码: on the paper only
	Original   id.ID     `bun:"original" json:"original" description:"关联之前的收据文件，已由新版替代"`
	LinkedBy   id.ID     `bun:"linked_by" json:"-"`
	LinkedAt   time.Time `bun:"linked_at" json:"linked_at"`
	Import     *id.ID    `bun:"import" json:"-"` // nil before imports were jobs
}

// linking is one row that fits its receipt.
type linking struct {
	row     fiscalRow
	receipt Receipt
	first   archive.Document // the receipt's PDF without fiscal numbers
}

// fit finds the receipt of a row, locks it with its donation, and complains
// where the two do not belong together: with a fault that is the row's own.
// known is set where the numbers are on the receipt already.
func (s *Papers) fit(ctx context.Context, tx bun.Tx, foundation id.ID, x fiscalRow) (l linking, known bool, err error) {
	of, err := s.named(ctx, tx, foundation, x)
	if err != nil {
		return l, false, err
	}
	d, err := donation.ForUpdate(ctx, tx, of.Donation)
	if err != nil {
		return l, false, err
	}
	r, err := read(ctx, tx, of.ID, true)
	if err != nil {
		return l, false, err
	}
	if err := x.fits(r, d); err != nil {
		return l, false, err
	}
	var have []Fiscal
	if err := tx.NewSelect().Model(&have).Where("receipt = ? OR (code = ? AND number = ?)", r.ID, x.code, x.number).Scan(ctx); err != nil {
		return l, false, db.Translate(err)
	}
	for _, h := range have {
		if known, err = x.meets(r, h); err != nil {
			return l, false, err
		}
	}
	if known {
		return l, true, nil
	}
	first, err := s.archive.Frozen(ctx, tx, *r.Document)
	return linking{x, r, first}, false, err
}

// meets compares a row for a receipt with numbers that are linked already.
func (x fiscalRow) meets(r Receipt, h Fiscal) (known bool, err error) {
	if h.Receipt != r.ID {
		return false, fault.New(fault.Conflict, "票据 %s %s 已关联另一张收据，一张票据只对应一张收据", x.code, x.number)
	}
	if h.Code != x.code || h.Number != x.number || h.Check != x.check {
		return false, fault.New(fault.Conflict, "收据 %s 已关联票据 %s %s；票据开错的，请先在财政系统冲红，并作废、重开收据", r.Number(), h.Code, h.Number)
	}
	return true, nil
}

// version is the receipt's second PDF, which differs from the first in the
// fiscal numbers and nothing else.
func (s *Papers) version(l linking) (archive.Item, error) {
	var face document.DonationReceipt
	if err := json.Unmarshal([]byte(l.first.Content), &face); err != nil {
		return archive.Item{}, err
	}
	face.Code = archive.NewCode()
	face.VerifyURL = s.public + "/verify/" + face.Code
	face.Fiscal = &document.FiscalNumbers{Code: l.row.code, Number: l.row.number, Check: l.row.check}
	facts := make([]archive.Fact, 0, len(l.first.Facts)+2)
	for _, f := range l.first.Facts {
		if f.Label != natureLabel {
			facts = append(facts, f)
		}
	}
	facts = append(facts, archive.Fact{Label: natureLabel, Value: "捐赠收据，已开具公益事业捐赠统一票据（财政电子票据）"},
		archive.Fact{Label: "票据代码", Value: l.row.code}, archive.Fact{Label: "票据号码", Value: l.row.number})
	return archive.Item{Kind: document.KindDonationReceipt, OwnerKind: ObjectKind, OwnerID: l.receipt.ID,
		Title: l.first.Title, Number: l.first.Number, Issuer: l.first.Issuer, Code: face.Code, Content: face, Facts: facts}, nil
}

// named finds the receipt a row is about: by a receipt number or a donation's
// reference anywhere in its cells for them.
func (s *Papers) named(ctx context.Context, tx bun.Tx, foundation id.ID, x fiscalRow) (Receipt, error) {
	for _, word := range x.words {
		var list []Receipt
		q := tx.NewSelect().Model(&list).Where("foundation = ? AND no IS NOT NULL", foundation).OrderExpr("CASE WHEN state = 'issued' THEN 0 ELSE 1 END, id DESC").Limit(1)
		if y, no, ok := receiptNumber(word); ok {
			q = q.Where("year = ? AND no = ?", y, no)
		} else {
			q = q.Where("donation = (SELECT id FROM donation WHERE reference = ?)", strings.ToUpper(word))
		}
		if err := q.Scan(ctx); err != nil {
			return Receipt{}, db.Translate(err)
		}
		if len(list) > 0 {
			return list[0], nil
		}
	}
	return Receipt{}, fault.New(fault.NotFound, "没有找到对应的收据：请在业务流水号或备注里填写本平台的收据编号或捐赠登记号，并先开具收据")
}

func receiptNumber(word string) (year int, no int64, ok bool) {
	if len(word) < 6 || word[4] != '-' {
		return 0, 0, false
	}
	y, ok := parse(word[:4])
	if !ok {
		return 0, 0, false
	}
	no, ok = parse(word)
	return int(y), no, ok
}
