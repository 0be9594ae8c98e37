package receipt

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// ObjectKind is what a receipt is called in the access registry and on its
// document.
const ObjectKind = "receipt"

// Service prepares, issues and voids receipts.
type Service struct {
	db      *bun.DB
	clock   clock.Clock
	policy  *policy.Policy
	archive *archive.Service
	public  string
}

// New makes the service; publicURL is what the QR code's address begins with.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, a *archive.Service, publicURL string) *Service {
	return &Service{db: d, clock: c, policy: p, archive: a, public: strings.TrimRight(publicURL, "/")}
}

func object(r Receipt) string { return ObjectKind + "." + string(r.State) }

// May is the one authorisation function of a receipt, and of its PDF: who is
// what to it follows from its donation.
func (s *Service) May(ctx context.Context, who party.Actor, receipt id.ID, action string) error {
	r, err := read(ctx, s.db, receipt, false)
	if err != nil {
		return err
	}
	d, err := donation.Read(ctx, s.db, r.Donation)
	if err != nil {
		return err
	}
	if err := s.policy.Require(donation.Relations(who, d), object(r), action); err != nil {
		return err
	}
	if d, err = hides(ctx, s.db, r, d); err != nil {
		return err
	}
	if !donation.Knows(s.policy, who, d) {
		return fault.New(fault.Forbidden, "捐赠人要求对工作人员保密，收据只有收据经办人（财务、复核人）可以查看").
			Under(rules.At(s.clock.Now()).Must(rules.CharityPrivacy).Source())
	}
	return nil
}

// Allowed reports whether an action is open to the actor, for showing
// buttons; who prepared a receipt does not review it.
func (s *Service) Allowed(who party.Actor, r Receipt, d donation.Donation, action string) bool {
	if action == "review" && who.Account == r.Handler {
		return false
	}
	return s.policy.Any(donation.Relations(who, d), object(r), action)
}

// Prepare sets up the receipt of a confirmed donation, to be reviewed. Errors:
// Conflict where the donation has a live one (two officers at once: one wins)
// or has no name to put on it.
func (s *Service) Prepare(ctx context.Context, who party.Actor, of id.ID, remark string) (Receipt, error) {
	remark = clean(remark)
	var r Receipt
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		d, err := donation.ForUpdate(ctx, tx, of)
		if err != nil {
			return err
		}
		if err := s.policy.Require(donation.Relations(who, d), "donation."+string(d.State), "receipt"); err != nil {
			return err
		}
		now := s.clock.Now()
		if d.DonorKind == donation.Unknown {
			return fault.New(fault.Conflict, "匿名捐赠没有收据抬头，不开收据；捐赠记录已经留存").Under(rules.At(now).Must(rules.ReceiptContent).Source())
		}
		if len([]rune(remark)) > 200 {
			return mend("remark", "备注不超过 200 个字")
		}
		if d.RefundAsked() {
			return fault.New(fault.Conflict, "这笔捐赠已申请退回，尚未决定，暂不能开具收据")
		}
		live, err := s.Live(ctx, tx, of)
		if err != nil {
			return err
		}
		if live {
			return fault.New(fault.Conflict, "这笔捐赠已有一张有效或待复核的收据，同一笔款物不能重复开具；确需重开请先作废")
		}
		amount, err := d.Receiptable()
		if err != nil {
			return err
		}
		r = Receipt{ID: id.New(now), Foundation: d.Foundation, Donation: d.ID, State: Prepared, Remark: remark, Amount: amount,
			Handler: who.Account, HandlerName: who.Name, PreparedAt: now}
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, d, "制备收据，待复核", "", "")
	})
	return r, err
}

// Live reports whether a donation has a receipt that counts or is about to;
// it fits donation.Receipted.
func (s *Service) Live(ctx context.Context, tx bun.Tx, of id.ID) (bool, error) {
	live, err := tx.NewSelect().TableExpr("receipt_covers").Where("donation = ? AND state IN (?)", of, bun.List([]State{Prepared, Issued})).Exists(ctx)
	return live, db.Translate(err)
}

// Review issues a prepared receipt, or sends it back with a reason. The
// reviewer is never the one who prepared it (财综〔2024〕1号 6).
func (s *Service) Review(ctx context.Context, who party.Actor, receipt id.ID, approve bool, reason string) (Receipt, error) {
	reason = clean(reason)
	var r Receipt
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		var d donation.Donation
		if r, d, err = s.open(ctx, tx, who, receipt, "review"); err != nil {
			return err
		}
		now := s.clock.Now()
		if who.Account == r.Handler {
			return fault.New(fault.Forbidden, "这张收据由您制备，复核人不能与收款人为同一人，请另一位同事复核").
				Under(rules.At(now).Must(rules.ReceiptTwoPeople).Source())
		}
		r.Reviewer, r.ReviewerName, r.DecidedAt = &who.Account, who.Name, &now
		if approve {
			if err := s.issue(ctx, tx, &r, d, now); err != nil {
				return err
			}
			return record(ctx, tx, who, now, d, "复核通过，开具收据", "收据编号 "+r.Number(), rules.ReceiptContent)
		}
		if reason == "" || len([]rune(reason)) > 500 {
			return mend("reason", "请写明退回的原因，不超过 500 个字，制单人据此修改")
		}
		r.State, r.Reason = Returned, reason
		if err := save(ctx, tx, &r, Prepared); err != nil {
			return err
		}
		if err := reopen(ctx, tx, r); err != nil {
			return err
		}
		return record(ctx, tx, who, now, d, "复核退回收据", reason, rules.ReceiptTwoPeople)
	})
	return r, err
}

// issue numbers the receipt, freezes its content and orders its PDF.
func (s *Service) issue(ctx context.Context, tx bun.Tx, r *Receipt, d donation.Donation, now time.Time) error {
	f, err := fund.Read(ctx, tx, d.Fund)
	if err != nil {
		return err
	}
	year := now.In(clock.Beijing).Year()
	no, err := number.Next(ctx, tx, number.Scope(ObjectKind, string(r.Foundation), year))
	if err != nil {
		return err
	}
	r.State, r.Year, r.No = Issued, &year, &no
	if r.Request != nil {
		return s.issueYear(ctx, tx, r, d, f, now)
	}
	before, err := replaced(ctx, tx, r.Donation)
	if err != nil {
		return err
	}
	if before.ID != "" {
		r.Replaces = &before.ID
	}
	doc, err := s.archive.Issue(ctx, tx, s.item(*r, before, d, f, now))
	if err != nil {
		return err
	}
	r.Document = &doc.ID
	return save(ctx, tx, r, Prepared)
}

// item is a numbered receipt as a document to be issued.
func (s *Service) item(r, before Receipt, d donation.Donation, f fund.Fund, now time.Time) archive.Item {
	code := archive.NewCode()
	head := document.Issue{Number: r.Number(), Code: code, VerifyURL: s.public + "/verify/" + code, Issuer: f.FoundationName,
		IssuedAt: now, Demo: f.Demo}
	return archive.Item{Kind: document.KindDonationReceipt, OwnerKind: ObjectKind, OwnerID: r.ID,
		Title: "捐赠收据", Number: head.Number, Issuer: head.Issuer, Code: code,
		Content: face(r, before, d, f, head), Facts: facts(r, before, d, f, head)}
}

// Void marks an issued receipt 作废. Its number stays used, its PDF and its
// verification page stay and say so; a new one may then be prepared.
func (s *Service) Void(ctx context.Context, who party.Actor, receipt id.ID, reason string) (Receipt, error) {
	reason = clean(reason)
	var r Receipt
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		var d donation.Donation
		if r, d, err = s.open(ctx, tx, who, receipt, "void"); err != nil {
			return err
		}
		if reason == "" || len([]rune(reason)) > 500 {
			return mend("reason", "请写明作废的原因，不超过 500 个字；查验页面会公开显示，请勿写个人信息")
		}
		now := s.clock.Now()
		r.State, r.VoidBy, r.VoidAt, r.VoidReason = Void, &who.Account, &now, reason
		if err := save(ctx, tx, &r, Issued); err != nil {
			return err
		}
		if err := s.archive.Revoke(ctx, tx, *r.Document, reason); err != nil {
			return err
		}
		return record(ctx, tx, who, now, d, "作废收据", "收据编号 "+r.Number()+"。"+reason, rules.ReceiptReverse)
	})
	return r, err
}

// open locks a receipt for an action the actor may take. The donation's row is
// locked first, as Prepare does, so that they cannot wait for each other.
func (s *Service) open(ctx context.Context, tx bun.Tx, who party.Actor, receipt id.ID, action string) (Receipt, donation.Donation, error) {
	r, err := read(ctx, tx, receipt, false)
	if err != nil {
		return r, donation.Donation{}, err
	}
	d, err := donation.ForUpdate(ctx, tx, r.Donation)
	if err != nil {
		return r, d, err
	}
	if r, err = read(ctx, tx, receipt, true); err != nil {
		return r, d, err
	}
	return r, d, s.policy.Require(donation.Relations(who, d), object(r), action)
}

func clean(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "")) }

func mend(field, say string) error {
	var c fault.Check
	c.Fail(field, "%s", say)
	return c.Err()
}

// record puts what happened on the donation's timeline, where its donor looks.
func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, d donation.Donation, action, note, rule string) error {
	e := trail.Event{ObjectKind: donation.ObjectKind, ObjectID: d.ID, Action: action, Note: note}
	if rule != "" {
		e.Article = rules.At(at).Must(rule).Source()
	}
	return trail.Append(ctx, tx, who, at, e)
}
