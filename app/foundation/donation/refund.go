package donation

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/foundation/ledger"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// BeforeRefund adds a question that must be answered with no before a
// donation is given back.
func (s *Service) BeforeRefund(q Receipted) { s.receipted = append(s.receipted, q) }

// AfterRefund adds somebody who is told when a donation's posting was reversed.
func (s *Service) AfterRefund(f Refunded) { s.refunded = append(s.refunded, f) }

// AskRefund asks that a donation of money be given back (捐赠退回), with the
// reason; somebody else decides. Conflict where a receipt is still valid: it
// must be voided first.
func (s *Service) AskRefund(ctx context.Context, who party.Actor, donation id.ID, reason string) (Donation, error) {
	reason = text(reason)
	return s.refund(ctx, who, donation, "refund_ask", func(ctx context.Context, tx bun.Tx, d *Donation) error {
		now := s.clock.Now()
		switch n := len([]rune(reason)); {
		case d.RefundAsked():
			return fault.New(fault.Conflict, "这笔捐赠已经申请退回，正在等待另一位同事决定")
		case n == 0 || n > 500:
			return mend("refund_reason", "请写明退回的原因，不超过 500 个字，例如：汇款人误转，已书面申请退回")
		}
		if err := s.refundable(ctx, tx, *d); err != nil {
			return err
		}
		d.RefundReason, d.RefundAskedBy, d.RefundAskedAt = reason, &who.Account, &now
		if err := saveRefund(ctx, tx, d); err != nil {
			return err
		}
		people, err := account.Holders(ctx, tx, d.Foundation, who.Account, party.Finance, party.Approver)
		if err != nil {
			return err
		}
		if err := inbox.Send(ctx, tx, now, inbox.Persons(people...), inbox.Letter{Title: "有捐赠退回等待决定",
			Text: who.Name + "申请退回登记号 " + d.Reference + " 的捐赠，须由另一位同事决定。原因：" + d.told(reason), Link: "/foundation/donations/" + string(d.ID)}); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *d, "申请退回捐赠", reason, "")
	})
}

// refundable refuses what cannot be given back as it stands.
func (s *Service) refundable(ctx context.Context, tx bun.Tx, d Donation) error {
	if d.Kind != Money || d.LedgerTx == nil {
		return fault.New(fault.Conflict, "物资捐赠不能在这里退回：请按出库办理")
	}
	named, err := within(ctx, tx, d)
	if err != nil {
		return err
	}
	if len(named) > 0 {
		return fault.New(fault.Conflict, "这笔平台结算里还有 %d 笔具名的捐赠，请先逐笔退回，再退回结算的其余部分", len(named))
	}
	for _, q := range s.receipted {
		live, err := q(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		if live {
			return fault.New(fault.Conflict, "这笔捐赠的收据还有效（或正在复核），请先作废收据，再办理退回")
		}
	}
	return nil
}

// DecideRefund lets somebody other than who asked approve or refuse a refund.
// Approved, the posting is reversed in this transaction; Conflict where the
// fund no longer has the money, or a receipt was made meanwhile. reason is
// required to refuse. The same key again is answered with the first result.
func (s *Service) DecideRefund(ctx context.Context, who party.Actor, donation id.ID, approve bool, reason, key string) (Donation, error) {
	reason = text(reason)
	var d Donation
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if d, err = ForUpdate(ctx, tx, donation); err != nil {
			return err
		}
		now := s.clock.Now()
		done, err := ledger.Once(ctx, tx, who, now, ledger.Step{Key: key, Verb: "donation.refund", Object: d.ID, Input: []any{approve, reason}})
		if err != nil {
			return err
		}
		if done {
			return s.policy.Require(Relations(who, d), object(d), "view")
		}
		if err := s.policy.Require(Relations(who, d), object(d), "refund_decide"); err != nil {
			return err
		}
		switch {
		case !d.RefundAsked():
			return fault.New(fault.Conflict, "这笔捐赠没有待决定的退回申请")
		case *d.RefundAskedBy == who.Account:
			return fault.New(fault.Forbidden, "退回由您申请，请另一位财务人员或秘书长决定")
		case !approve && (reason == "" || len([]rune(reason)) > 500):
			return mend("reason", "请写明不同意退回的原因，不超过 500 个字")
		}
		if err := apart(ctx, tx, who, d); err != nil {
			return err
		}
		if err := inbox.Send(ctx, tx, now, inbox.Persons(*d.RefundAskedBy), decided(d, who, approve, reason)); err != nil {
			return err
		}
		if !approve {
			d.RefundReason, d.RefundAskedBy, d.RefundAskedAt = "", nil, nil
			if err := saveRefund(ctx, tx, &d); err != nil {
				return err
			}
			return record(ctx, tx, who, now, d, "不同意退回捐赠", reason, "")
		}
		return s.giveBack(ctx, tx, who, &d)
	})
	return s.seen(who, d), err
}

// decided is what who asked for a refund is told.
func decided(d Donation, who party.Actor, approve bool, reason string) inbox.Letter {
	l := inbox.Letter{Title: "捐赠退回已同意", Text: who.Name + "同意退回登记号 " + d.Reference + " 的捐赠，账已冲销；请从银行退款。", Link: "/foundation/donations/" + string(d.ID)}
	if !approve {
		l.Title, l.Text = "捐赠退回未获同意", who.Name+"不同意退回登记号 "+d.Reference+" 的捐赠。原因："+d.told(reason)
	}
	return l
}

// giveBack reverses the posting and ends the donation.
func (s *Service) giveBack(ctx context.Context, tx bun.Tx, who party.Actor, d *Donation) error {
	if err := s.refundable(ctx, tx, *d); err != nil {
		return err
	}
	t, err := s.Ledger.Reverse(ctx, tx, who, *d.LedgerTx, ledger.Cause{Kind: ObjectKind, ID: d.ID}, "捐赠退回", ObjectKind+"/refund/"+string(d.ID))
	if err != nil {
		return err
	}
	now := s.clock.Now()
	d.State, d.Reason, d.RefundTx, d.RefundedAt = Cancelled, "捐赠退回："+d.RefundReason, &t.ID, &now
	if err := saveRefund(ctx, tx, d); err != nil {
		return err
	}
	for _, tell := range s.refunded {
		if err := tell(ctx, tx, who, *d); err != nil {
			return err
		}
	}
	return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: ObjectKind, ObjectID: d.ID, Action: "同意退回捐赠，账已冲销", Note: d.RefundReason})
}

func (s *Service) refund(ctx context.Context, who party.Actor, donation id.ID, action string, do func(context.Context, bun.Tx, *Donation) error) (Donation, error) {
	var d Donation
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if d, err = ForUpdate(ctx, tx, donation); err != nil {
			return err
		}
		if err := s.policy.Require(Relations(who, d), object(d), action); err != nil {
			return err
		}
		return do(ctx, tx, &d)
	})
	return s.seen(who, d), err
}
