package bid

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/app/staging"
	"gongji/app/trust/signature"
	"gongji/storage/db"
	"gongji/storage/object"
)

// platform issues bid receipts: it, not the buyer, saw the bid arrive.
const platform = "共济平台"

// maxReason bounds why a bid is withdrawn, in characters.
const maxReason = 500

// Limit is the largest sealed bid that Submit takes, in bytes.
func (s *Service) Limit() int64 { return s.limit }

// Submit takes a sealed bid from r as the next version and issues its 投标回执.
// size is the number of bytes that will come, -1 where unknown. Sent again
// before the deadline another file replaces this one, and the older versions
// stay; the same file again is the same version, so a repeated request makes
// one version and one receipt, until the documents are amended.
//
// TooLate from the deadline's own moment on, judged when the file is whole: an
// upload that began before and ended after is late. Invalid where the file is
// not encrypted; TooLarge beyond Limit.
func (s *Service) Submit(ctx context.Context, who party.Actor, bid id.ID, r io.Reader, size int64) (Version, error) {
	if err := s.May(ctx, who, bid, "submit"); err != nil {
		return Version{}, err
	}
	if size > s.limit {
		return Version{}, s.tooLarge()
	}
	body := bufio.NewReaderSize(r, seal.HeadSize)
	first, err := body.Peek(seal.HeadSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return Version{}, err
	}
	if err := mustBe("file", seal.IsSealed(first)); err != nil {
		return Version{}, err
	}
	head := bytes.Clone(first)
	o, err := s.staged.Put(ctx, body, object.PutOptions{Size: size, Limit: s.limit})
	if fault.Is(err, fault.TooLarge) {
		return Version{}, s.tooLarge()
	}
	if err != nil {
		return Version{}, err
	}
	var v Version
	if err = mustBe("file", seal.CheckSize(head, o.Size)); err == nil {
		v, err = s.take(ctx, who, bid, o)
	}
	if err != nil || v.ObjectKey != o.Key {
		s.staged.Drop(ctx, o.Key)
	}
	return v, err
}

// take makes a staged object the next version, in one transaction.
func (s *Service) take(ctx context.Context, who party.Actor, bid id.ID, o staging.Object) (Version, error) {
	var v Version
	err := s.change(ctx, who, bid, "submit", func(ctx context.Context, tx bun.Tx, t tender.Tender, b *Bid, now time.Time) error {
		org, err := s.orgs.Approved(ctx, tx, b.Supplier)
		if err != nil {
			return err
		}
		if err := standing.Clear(ctx, tx, b.Supplier, t.Buyer, standing.Purchase, now); err != nil {
			return err
		}
		if err := credential.Registered(ctx, tx, b.Supplier, now); err != nil {
			return err
		}
		if b.State == Submitted && b.SHA256 == o.SHA256 {
			// Sent again after an amendment, the same file is a bid for the new
			// version of the documents: a new version and a new receipt.
			if v, err = readVersion(ctx, tx, b.ID, b.Version); err != nil || !behind(v.Documents, t.Documents) {
				return err
			}
		}
		action := "提交投标"
		if b.Version > 0 {
			action = "重新提交投标"
		}
		b.Version++
		v = Version{ID: id.New(now), Bid: b.ID, Number: b.Version, ObjectKey: o.Key, SHA256: o.SHA256, SubmittedAt: now, SubmittedBy: who.Account, Documents: t.Documents}
		if v.Receipt, err = s.receipt(ctx, tx, who, t, org, v); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&v).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		b.State, b.SHA256, b.SubmittedAt, b.UpdatedAt = Submitted, o.SHA256, &v.SubmittedAt, now
		b.WithdrawnAt, b.WithdrawnWhy = nil, ""
		if err := save(ctx, tx, b, "state", "version", "sha256", "submitted_at", "withdrawn_at", "withdrawn_why"); err != nil {
			return err
		}
		if err := s.staged.Keep(ctx, tx, o.Key); err != nil {
			return err
		}
		return s.record(ctx, tx, who, now, *b, action, "SHA-256 "+o.SHA256)
	})
	return v, err
}

func (s *Service) tooLarge() error {
	return fault.New(fault.TooLarge, "密封后的投标文件不能超过 %d MB，请压缩附件后重新密封、提交；草稿还在", s.limit>>20)
}

// mustBe puts what is wrong with an uploaded file under its form field:
// 电子招标投标办法 lets no unencrypted bid in.
func mustBe(field string, err error) error {
	if err == nil || !fault.Is(err, fault.Invalid) {
		return err
	}
	var c fault.Check
	c.Adopt(field, err)
	return c.Err()
}

// receipt issues the 投标回执: tender, hash of the sealed file, the server's
// time. Its number comes from its own code and not from a counter: consecutive
// numbers would tell how many bids there are.
func (s *Service) receipt(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, org organisation.Organisation, v Version) (id.ID, error) {
	code := archive.NewCode()
	c := document.BidReceipt{
		Issue: document.Issue{Number: "回执 " + code[:8], Code: code, VerifyURL: s.site + "/verify/" + code,
			Issuer: platform, IssuedAt: v.SubmittedAt, Demo: t.Demo},
		TenderNumber: t.No(), TenderTitle: t.Title, Buyer: t.BuyerName, Bidder: org.Name, BidderUSCC: org.Code(),
		SubmittedBy: who.Name, SubmittedAt: v.SubmittedAt, Version: v.Number, Documents: v.Documents, SHA256: v.SHA256,
	}
	if t.Deadline != nil {
		c.Deadline = *t.Deadline
	}
	// Whoever holds the code was shown the receipt by its bidder; even so the
	// public page says nothing of the bidder.
	doc, err := s.archive.Issue(ctx, tx, archive.Item{Kind: c.Kind(), OwnerKind: ObjectKind, OwnerID: v.Bid,
		Title: "投标回执 " + t.Title, Number: c.Number, Issuer: platform, Code: code, Content: c,
		Facts: []archive.Fact{
			{Label: "项目", Value: t.Title}, {Label: "项目编号", Value: t.No()},
			{Label: "收到时间（北京时间）", Value: v.SubmittedAt.In(clock.Beijing).Format("2006年1月2日 15:04:05.000")},
			{Label: "密封文件 SHA-256", Value: v.SHA256},
		}, Claims: []signature.Fact{
			{Name: "tender", Label: "项目标识", Value: string(t.ID)},
			{Name: "tender_number", Label: "项目编号", Value: t.No()},
			{Name: "version", Label: "版本", Value: strconv.Itoa(v.Number)},
			{Name: "ciphertext_sha256", Label: "密封文件 SHA-256", Value: v.SHA256},
			{Name: "received_at", Label: "收到时间（UTC）", Value: v.SubmittedAt.UTC().Format(time.RFC3339Nano)},
		}})
	return doc.ID, err
}

// Withdraw takes a submitted bid back before the deadline; its versions stay
// for the bidder, and it may be submitted again in time. The reason is
// optional.
func (s *Service) Withdraw(ctx context.Context, who party.Actor, bid id.ID, reason string) error {
	reason = strings.TrimSpace(reason)
	return s.change(ctx, who, bid, "withdraw", func(ctx context.Context, tx bun.Tx, _ tender.Tender, b *Bid, now time.Time) error {
		if b.State != Submitted {
			return fault.New(fault.Conflict, "这份投标尚未提交或已经撤回，无需再撤回")
		}
		var c fault.Check
		n := len([]rune(reason))
		c.Must(n <= maxReason, "reason", "最多 %d 字，现在是 %d 字", maxReason, n)
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
