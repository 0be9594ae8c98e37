package receipt

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
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
}

// link writes the fiscal numbers of one row on the receipt it names. linked is
// false where they were there already.
func (s *Service) link(ctx context.Context, who party.Actor, x fiscalRow) (linked bool, err error) {
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		of, err := s.named(ctx, tx, who.Org, x)
		if err != nil {
			return err
		}
		d, err := donation.ForUpdate(ctx, tx, of.Donation)
		if err != nil {
			return err
		}
		r, err := read(ctx, tx, of.ID, true)
		if err != nil {
			return err
		}
		if err := x.fits(r, d); err != nil {
			return err
		}
		var have []Fiscal
		if err := tx.NewSelect().Model(&have).Where("receipt = ? OR (code = ? AND number = ?)", r.ID, x.code, x.number).Scan(ctx); err != nil {
			return db.Translate(err)
		}
		for _, h := range have {
			if h.Receipt != r.ID {
				return fault.New(fault.Conflict, "票据 %s %s 已关联另一张收据，一张票据只对应一张收据", x.code, x.number)
			}
			if h.Code != x.code || h.Number != x.number || h.Check != x.check {
				return fault.New(fault.Conflict, "收据 %s 已关联票据 %s %s；票据开错的，请先在财政系统冲红，并作废、重开收据", r.Number(), h.Code, h.Number)
			}
		}
		if len(have) > 0 {
			return nil
		}
		linked = true
		return s.version(ctx, tx, who, &r, d, x)
	})
	return linked && err == nil, err
}

// version issues the receipt's second PDF, which differs from the first in the
// fiscal numbers and nothing else; the first is marked as replaced.
func (s *Service) version(ctx context.Context, tx bun.Tx, who party.Actor, r *Receipt, d donation.Donation, x fiscalRow) error {
	now := s.clock.Now()
	first, err := s.archive.Frozen(ctx, tx, *r.Document)
	if err != nil {
		return err
	}
	var face document.DonationReceipt
	if err := json.Unmarshal([]byte(first.Content), &face); err != nil {
		return err
	}
	face.Code = archive.NewCode()
	face.VerifyURL = s.public + "/verify/" + face.Code
	face.Fiscal = &document.FiscalNumbers{Code: x.code, Number: x.number, Check: x.check}
	facts := make([]archive.Fact, 0, len(first.Facts)+2)
	for _, f := range first.Facts {
		if f.Label != natureLabel {
			facts = append(facts, f)
		}
	}
	facts = append(facts, archive.Fact{Label: natureLabel, Value: "捐赠收据，已开具公益事业捐赠统一票据（财政电子票据）"},
		archive.Fact{Label: "票据代码", Value: x.code}, archive.Fact{Label: "票据号码", Value: x.number})
	doc, err := s.archive.Issue(ctx, tx, archive.Item{Kind: document.KindDonationReceipt, OwnerKind: ObjectKind, OwnerID: r.ID,
		Title: first.Title, Number: first.Number, Issuer: first.Issuer, Code: face.Code, Content: face, Facts: facts})
	if err != nil {
		return err
	}
	if err := s.archive.Revoke(ctx, tx, first.ID, "已开具财政电子票据，由写明票据代码和号码的新版收据替代；收据编号不变"); err != nil {
		return err
	}
	f := Fiscal{Receipt: r.ID, Foundation: r.Foundation, Code: x.code, Number: x.number, Check: x.check, Original: first.ID, LinkedBy: who.Account, LinkedAt: now}
	if _, err := tx.NewInsert().Model(&f).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	r.Document = &doc.ID
	if err := save(ctx, tx, r, Issued); err != nil {
		return err
	}
	return record(ctx, tx, who, now, d, "关联财政电子票据", "收据编号 "+r.Number()+"，票据代码 "+x.code+"，票据号码 "+x.number, rules.ReceiptContent)
}

// named finds the receipt a row is about: by a receipt number or a donation's
// reference anywhere in its cells for them.
func (s *Service) named(ctx context.Context, tx bun.Tx, foundation id.ID, x fiscalRow) (Receipt, error) {
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

// why is what an error says of one row; others end the import.
func why(err error) (string, error) {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Kind == fault.Unknown || f.Kind == fault.Unavailable {
		return "", err
	}
	return f.Message, nil
}
