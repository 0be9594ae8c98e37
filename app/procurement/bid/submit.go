package bid

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// platform issues bid receipts: it, not the buyer, saw the bid arrive.
const platform = "共济平台"

// Submit freezes the draft as the next version and issues its 投标回执; sent
// again before the deadline it replaces, and the older versions stay. A submit
// of what was sent already gives that version once more, so a double click
// makes one version and one receipt.
//
// TooLate from the deadline's own moment on; Invalid with every field that is
// missing or wrong.
func (s *Service) Submit(ctx context.Context, who party.Actor, bid id.ID) (Version, error) {
	var v Version
	err := s.change(ctx, who, bid, "submit", func(ctx context.Context, tx bun.Tx, t tender.Tender, b *Bid, now time.Time) error {
		org, err := s.orgs.Approved(ctx, tx, b.Supplier)
		if err != nil {
			return err
		}
		files, err := s.attached(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		content, err := b.Draft.content(t, b.Supplier, files)
		if err != nil {
			return err
		}
		payload, hash, err := pack(content)
		if err != nil {
			return err
		}
		if b.State == Submitted && b.SHA256 == hash {
			v, err = readVersion(ctx, tx, b.ID, b.Version)
			return err
		}
		action := "提交投标"
		if b.Version > 0 {
			action = "重新提交投标"
		}
		b.Version++
		v = Version{ID: id.New(now), Bid: b.ID, Number: b.Version, Payload: payload, SHA256: hash, SubmittedAt: now, SubmittedBy: who.Account}
		if v.Receipt, err = s.receipt(ctx, tx, who, t, org, v, files); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&v).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		b.State, b.SHA256, b.SubmittedAt, b.UpdatedAt = Submitted, hash, &v.SubmittedAt, now
		b.WithdrawnAt, b.WithdrawnWhy = nil, ""
		if err := save(ctx, tx, b, "state", "version", "sha256", "submitted_at", "withdrawn_at", "withdrawn_why"); err != nil {
			return err
		}
		return s.record(ctx, tx, who, now, *b, action, "SHA-256 "+hash)
	})
	return v, err
}

// receipt issues the 投标回执. Its number comes from its own code and not from
// a counter: consecutive numbers would tell how many bids there are.
func (s *Service) receipt(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, org organisation.Organisation, v Version, files []File) (id.ID, error) {
	code := archive.NewCode()
	c := document.BidReceipt{
		Issue: document.Issue{Number: "回执 " + code[:8], Code: code, VerifyURL: s.site + "/verify/" + code,
			Issuer: platform, IssuedAt: v.SubmittedAt, Demo: t.Demo},
		TenderNumber: t.No(), TenderTitle: t.Title, Buyer: t.BuyerName, Bidder: org.Name, BidderUSCC: org.Code(),
		SubmittedBy: who.Name, SubmittedAt: v.SubmittedAt, Version: v.Number, SHA256: v.SHA256,
	}
	if t.Deadline != nil {
		c.Deadline = *t.Deadline
	}
	for _, f := range files {
		c.Files = append(c.Files, document.BidFile{Name: f.Name, Bytes: f.Size, SHA256: f.SHA256})
	}
	// Whoever holds the code was shown the receipt by its bidder; even so the
	// public page says nothing of the bidder or the files.
	doc, err := s.archive.Issue(ctx, tx, archive.Item{Kind: c.Kind(), OwnerKind: ObjectKind, OwnerID: v.Bid,
		Title: "投标回执 " + t.Title, Number: c.Number, Issuer: platform, Code: code, Content: c,
		Facts: []archive.Fact{
			{Label: "项目", Value: t.Title}, {Label: "项目编号", Value: t.No()},
			{Label: "收到时间（北京时间）", Value: v.SubmittedAt.In(clock.Beijing).Format("2006年1月2日 15:04:05.000")},
			{Label: "内容 SHA-256", Value: v.SHA256},
		}})
	return doc.ID, err
}

func (s *Service) attached(ctx context.Context, d bun.IDB, bid id.ID) ([]File, error) {
	list, err := s.files.Of(ctx, d, ObjectKind, bid)
	out := make([]File, 0, len(list))
	for _, a := range list {
		out = append(out, File{ID: a.ID, Slot: a.Slot, Name: a.Name, Size: a.Size, SHA256: a.SHA256})
	}
	return out, err
}

// Withdraw takes a submitted bid back before the deadline; its versions stay
// for the bidder to read, and it may be submitted again in time. The reason is
// optional.
func (s *Service) Withdraw(ctx context.Context, who party.Actor, bid id.ID, reason string) error {
	reason = strings.TrimSpace(reason)
	return s.change(ctx, who, bid, "withdraw", func(ctx context.Context, tx bun.Tx, _ tender.Tender, b *Bid, now time.Time) error {
		if b.State != Submitted {
			return fault.New(fault.Conflict, "这份投标尚未提交或已经撤回，无需再撤回")
		}
		var c fault.Check
		tooLong(&c, "reason", reason, MaxDelivery)
		if err := c.Err(); err != nil {
			return err
		}
		b.State, b.WithdrawnAt, b.WithdrawnWhy, b.UpdatedAt = Withdrawn, &now, reason, now
		if err := save(ctx, tx, b, "state", "withdrawn_at", "withdrawn_why"); err != nil {
			return err
		}
		return s.record(ctx, tx, who, now, *b, "撤回投标", reason)
	})
}
