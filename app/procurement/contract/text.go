package contract

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/award"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Prepare writes the contract that both sides are to sign, for the buyer and
// the winner. What is asked is held to the rules as Record does; a signing day
// is not.
func (s *Service) Prepare(ctx context.Context, who party.Actor, tenderID id.ID, in Input) (archive.Document, error) {
	var out archive.Document
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		r, err := s.ready(ctx, tx, who, tenderID)
		if err != nil {
			return err
		}
		t, a, set, now := r.tender, r.award, r.set, r.now
		c, err := check(t, a, set, in, now, s.calendar, true)
		if err != nil {
			return err
		}
		c.ID, c.RecordedAt = a.ID, now // it hangs on the award: its winner and its buyer may have it
		doc, err := s.write(ctx, tx, t, a, c, true)
		if err != nil {
			return err
		}
		if err := db.Found(tx.NewSelect().Model(&out).Where("id = ?", *doc).Scan(ctx), "文书"); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "tender", ObjectID: t.ID, Action: "生成合同文本", Article: set.Must(rules.ContractSign).Source()})
	})
	return out, err
}

// write freezes the whole contract: public once it is signed.
func (s *Service) write(ctx context.Context, tx bun.Tx, t tender.Tender, a award.Award, c Contract, draft bool) (*id.ID, error) {
	supplier, err := s.orgs.Approved(ctx, tx, c.Supplier)
	if err != nil {
		return nil, err
	}
	set, err := t.RuleSet(c.RecordedAt)
	if err != nil {
		return nil, err
	}
	promise, err := promised(ctx, tx, a)
	if err != nil {
		return nil, err
	}
	code := archive.NewCode()
	doc := document.Contract{
		Issue: document.Issue{Number: c.Number, Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: c.BuyerName, IssuedAt: c.RecordedAt, Demo: t.Demo},
		Draft: draft, TenderNumber: t.No(), TenderTitle: t.Title, AwardNumber: a.Number, Buyer: c.BuyerName, Provider: c.SupplierName, ProviderUSCC: supplier.Code(),
		Scope: t.What, Beneficiary: t.ForWhom, Requirements: t.Requirements, Promise: promise, Amount: c.Amount, Terms: t.ContractTerms, Bond: c.Bond,
		From: c.StartsOn, To: c.EndsOn, Addition: AdditionRule(t, set).Label(), Contact: t.Contact,
	}
	if c.UnitPrice != nil {
		doc.AmountText = "合同单价为 " + c.UnitPrice.Yuan() + " 元/" + t.Ceiling.Unit + "，按实际数量结算"
	}
	item := archive.Item{Kind: doc.Kind(), OwnerKind: award.ObjectKind, OwnerID: c.ID, Title: "合同文本（供签订） " + t.Title, Issuer: c.BuyerName, Code: code,
		Facts: []archive.Fact{{Label: "项目", Value: t.Title}, {Label: "甲方", Value: c.BuyerName}, {Label: "乙方", Value: c.SupplierName}}}
	if !draft {
		signed := c.SignedOn
		doc.SignedOn = &signed
		item.OwnerKind, item.Title, item.Number, item.Public = ObjectKind, "合同 "+t.Title, c.Number, true
	}
	item.Content = doc
	issued, err := s.archive.Issue(ctx, tx, item)
	return &issued.ID, err
}

// promised is what the bid that won said of its delivery, as read out.
func promised(ctx context.Context, d bun.IDB, a award.Award) (string, error) {
	var said []string
	err := d.NewSelect().TableExpr("opening_line").Column("delivery").Where("bid = ?", a.Bid).Scan(ctx, &said)
	if err != nil || len(said) == 0 {
		return "", db.Translate(err)
	}
	return said[0], nil
}

// Drafts are the texts prepared for signing, for whoever may see the award.
func (s *Service) Drafts(ctx context.Context, who party.Actor, tenderID id.ID) ([]archive.Document, error) {
	a, err := award.ApprovedOf(ctx, s.db, tenderID)
	if err != nil {
		return nil, err
	}
	all, err := s.archive.For(ctx, who, award.ObjectKind, a.ID)
	var out []archive.Document
	for _, d := range all {
		if d.Kind == document.KindContract {
			out = append(out, d)
		}
	}
	return out, err
}

// File records that the contract was filed with the authority: 7 working days
// from its signing (政府采购法第47条).
func (s *Service) File(ctx context.Context, who party.Actor, contract id.ID, number string) (Contract, error) {
	return s.change(ctx, who, contract, "file", func(ctx context.Context, tx bun.Tx, t tender.Tender, c *Contract, now time.Time) error {
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		if err := checkFiling(c, number); err != nil {
			return err
		}
		c.FiledNo, c.FiledAt = number, &now
		if err := emitFiled(ctx, tx, now, t, *c); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "tender", ObjectID: t.ID, Action: "合同备案", Note: number,
			Article: set.Must(rules.ContractFile).Source(), Public: true})
	})
}
