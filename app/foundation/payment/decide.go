package payment

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Submit hands a complete draft to the approver; every complaint comes back at
// once.
func (s *Service) Submit(ctx context.Context, who party.Actor, payment id.ID) (Payment, error) {
	return s.change(ctx, who, payment, "submit", func(ctx context.Context, tx bun.Tx, p *Payment, now time.Time) error {
		if _, err := s.funds.Settling(ctx, tx, p.Fund); err != nil {
			return err
		}
		if err := s.complete(ctx, tx, p); err != nil {
			return err
		}
		x, err := s.demand(ctx, tx, *p)
		if err != nil {
			return err
		}
		p.State, p.SubmittedAt, p.Reason, p.Needed, p.Approvals = Review, &now, "", x.Approvals, nil
		p.Round++
		return record(ctx, tx, who, now, p.ID, trail.Event{Action: "提交审批", Note: strings.Join(x.Why, "；")})
	})
}

// Return sends a payment back to its drafter with a reason: the approver
// before approving, finance before paying.
func (s *Service) Return(ctx context.Context, who party.Actor, payment id.ID, reason string) (Payment, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.Must(reason != "", "reason", "请写明退回的原因，项目官员据此修改")
	c.Must(utf8.RuneCountInString(reason) <= 2000, "reason", "不超过 2000 个字")
	if err := c.Err(); err != nil {
		return Payment{}, err
	}
	return s.change(ctx, who, payment, "return", func(ctx context.Context, tx bun.Tx, p *Payment, now time.Time) error {
		p.State, p.Reason, p.ApprovedBy, p.ApprovedAt, p.Approvals = Draft, reason, nil, nil, nil
		return record(ctx, tx, who, now, p.ID, trail.Event{Action: "退回修改", Note: reason})
	})
}

// Approve gives one person's approval of a payment that somebody else drafted.
// The last approval that its amount takes releases it, if the fund has the
// money beyond what is approved already and waits to be paid.
func (s *Service) Approve(ctx context.Context, who party.Actor, payment id.ID) (Payment, error) {
	return s.change(ctx, who, payment, "approve", func(ctx context.Context, tx bun.Tx, p *Payment, now time.Time) error {
		f, err := s.funds.Settling(ctx, tx, p.Fund) // holds the fund: two approvals cannot both count on the same money
		if err != nil {
			return err
		}
		if err := s.complete(ctx, tx, p); err != nil {
			return err
		}
		free, err := s.free(ctx, tx, f)
		if err != nil {
			return err
		}
		if s.Reserved != nil {
			kept, err := s.Reserved(ctx, tx, *p)
			if err != nil {
				return err
			}
			free = max(0, free-kept)
		}
		if free < *p.Amount {
			return fault.New(fault.Conflict, "余额不足：可用 %s 元（已扣除待付款和已承诺的资助），本次需要 %s 元", free.Yuan(), p.Amount.Yuan())
		}
		return s.sign(ctx, tx, who, p, now)
	})
}

// sign writes one approval down and releases the payment with the last.
func (s *Service) sign(ctx context.Context, tx bun.Tx, who party.Actor, p *Payment, now time.Time) error {
	x, err := s.demand(ctx, tx, *p) // limits, budget and what else is charged may have changed since it was submitted
	if err != nil {
		return err
	}
	a := Approval{Payment: p.ID, Round: p.Round, Account: who.Account, Name: who.Name, At: now}
	if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	p.Approvals, p.Needed = append(p.Approvals, a), x.Approvals
	if len(p.Approvals) < p.Needed {
		return record(ctx, tx, who, now, p.ID, trail.Event{Action: "第一位审批人批准", Note: "还须另一位秘书长身份的人员审批"})
	}
	p.State, p.ApprovedBy, p.ApprovedAt = Approved, &who.Account, &now
	return record(ctx, tx, who, now, p.ID, trail.Event{Action: "批准付款"})
}

// Free is what a fund holds beyond the payments that are approved and wait,
// in 分; never below zero.
func (s *Service) Free(ctx context.Context, f fund.Fund) (money.Fen, error) {
	return s.free(ctx, s.db, f)
}

// FreeIn is Free inside a transaction.
func (s *Service) FreeIn(ctx context.Context, d bun.IDB, f fund.Fund) (money.Fen, error) {
	return s.free(ctx, d, f)
}

func (s *Service) free(ctx context.Context, d bun.IDB, f fund.Fund) (money.Fen, error) {
	held, err := s.funds.Money(ctx, d, f)
	if err != nil {
		return 0, err
	}
	waiting, err := waiting(ctx, d, f.ID)
	if err != nil {
		return 0, err
	}
	return max(0, held.Balance-waiting), nil
}

// Paying is what finance says when it has paid.
type Paying struct {
	Reference string // 银行流水号, "" if not known yet
	Key       string // makes a form count once however often it is sent; "" always counts
}

// Pay records that finance has paid, and moves the money in the ledger in the
// same transaction. Conflict where the fund's balance does not suffice, or it
// was paid already. The same Key again is answered with the payment as the
// first made it.
func (s *Service) Pay(ctx context.Context, who party.Actor, payment id.ID, in Paying) (Payment, error) {
	reference := strings.TrimSpace(in.Reference)
	var c fault.Check
	c.Must(utf8.RuneCountInString(reference) <= 60, "bank_reference", "银行流水号不超过 60 个字")
	if err := c.Err(); err != nil {
		return Payment{}, err
	}
	step := ledger.Step{Key: in.Key, Verb: "payment.pay", Object: payment, Input: reference}
	return s.once(ctx, who, payment, "pay", step, func(ctx context.Context, tx bun.Tx, p *Payment, now time.Time) error {
		f, err := s.funds.Settling(ctx, tx, p.Fund)
		if err != nil {
			return err
		}
		if err := s.complete(ctx, tx, p); err != nil { // standing may have changed since approval
			return err
		}
		if err := s.post(ctx, tx, who, f, p); err != nil {
			return err
		}
		year := now.In(clock.Beijing).Year()
		n, err := number.Next(ctx, tx, number.Scope("payment", string(p.Foundation), year))
		if err != nil {
			return err
		}
		no := fmt.Sprintf("付款〔%d〕%04d号", year, n)
		p.State, p.Number, p.PaidBy, p.PaidAt, p.BankReference = Paid, &no, &who.Account, &now, reference
		if err := record(ctx, tx, who, now, p.ID, trail.Event{Action: "已付款", Note: no}); err != nil {
			return err
		}
		if err := s.open(ctx, tx, who, f, p); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: fund.Kind, ObjectID: f.ID, Action: "支付",
			Note: p.PayeeName + "，" + p.Amount.Yuan() + " 元，" + p.Purpose, Public: true})
	})
}

// open registers a grant's delivery: the project runs, is evaluated and shows
// on the payee's public record. A payment without a term has nothing to follow.
func (s *Service) open(ctx context.Context, tx bun.Tx, who party.Actor, f fund.Fund, p *Payment) error {
	if !p.Grant() {
		return nil
	}
	_, err := s.engagements.Open(ctx, tx, who, engagement.Opening{Kind: engagement.Grant, Ref: p.ID, Number: p.No(),
		Source: "/funds/" + string(f.ID) + "/payments", Payer: f.Foundation, PayerName: f.FoundationName,
		Provider: *p.Payee, ProviderName: p.PayeeName, Title: p.Purpose, Amount: *p.Amount,
		Start: *p.TermStart, End: *p.TermEnd, Demo: f.Demo})
	return err
}

// post moves the amount from the fund to the payee; the payment's id is the
// key, so that one payment is one transaction whatever happens.
func (s *Service) post(ctx context.Context, tx bun.Tx, who party.Actor, f fund.Fund, p *Payment) error {
	to, err := s.ledger.Open(ctx, tx, f.Foundation, ledger.Owner{Kind: "organisation", ID: *p.Payee}, ledger.PayeeReceived)
	if err != nil {
		return err
	}
	t, err := s.ledger.Post(ctx, tx, who, ledger.Posting{Book: f.Foundation, Cause: ledger.Cause{Kind: Kind, ID: p.ID},
		Memo: p.PayeeName + "：" + p.Purpose, Key: Kind + "/" + string(p.ID), Lines: ledger.Move(*f.CashAccount, to.ID, *p.Amount)})
	p.LedgerTx = &t.ID
	return err
}
