package bank_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/bank"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/storage/db/dbtest"
)

// undone asks for the reversal of a line by one and decides by the other.
func (k *desk) undone(l bank.Line, reason string) bank.Line {
	k.T.Helper()
	_, err := k.bank.AskReverse(k.T.Context(), k.Finance, l.ID, reason)
	k.ok(err)
	out, err := k.bank.DecideReverse(k.T.Context(), k.second, l.ID, bank.Doubt{Approve: true})
	k.ok(err)
	return out
}

// told reports whether a letter with a title lies in somebody's box.
func (k *desk) told(who party.Actor, title string) bool {
	k.T.Helper()
	box, err := inbox.New(k.DB, k.Clock).List(k.T.Context(), who, inbox.Filter{})
	k.ok(err)
	return slices.ContainsFunc(box.Items, func(m inbox.Message) bool { return strings.Contains(m.Title, title) })
}

func TestAConfirmedMatchIsUndoneByASecondPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.imported("五月.csv", head+"2026-05-22,,3.00,银行,,账户管理费,S00000003\n2026-05-23,50,,误转,,误转,S00000004\n2026-05-24,,50,误转,,退还,S00000005\n")
		fee, went := k.one("管理费"), k.one("退还")
		if _, err := k.bank.AskReverse(ctx, k.Finance, fee.ID, "看错了"); err == nil {
			t.Errorf("a line that nobody confirmed: %v", err)
		}
		k.propose(fee, bank.Proposal{Kind: bank.Sundry, Note: "账户管理费"})
		k.confirm(fee)
		k.propose(went, bank.Proposal{Kind: bank.Back, Target: k.one("S00000004").ID})
		k.confirm(went)
		if _, err := k.bank.AskReverse(ctx, k.Finance, fee.ID, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := k.bank.DecideReverse(ctx, k.second, fee.ID, bank.Doubt{Approve: true}); !fault.Is(err, fault.Conflict) {
			t.Errorf("decided before it was asked: %v", err)
		}
		_, err := k.bank.AskReverse(ctx, k.Finance, fee.ID, "其实是付款的手续费")
		k.ok(err)
		if _, err := k.bank.AskReverse(ctx, k.second, fee.ID, "再来一次"); !fault.Is(err, fault.Conflict) {
			t.Errorf("asked twice: %v", err)
		}
		if !k.told(k.second, "申请撤销") {
			t.Error("the second person was not told")
		}
		if n := k.lines(bank.Filter{Mine: "reverse"}); n.Total != 0 {
			t.Errorf("%d wait for who asked", n.Total)
		}
		if l, err := k.bank.Lines(ctx, k.second, bank.Filter{Mine: "reverse"}); err != nil || l.Total != 1 {
			t.Errorf("%d wait for the second, %v", l.Total, err)
		}
		if _, err := k.bank.DecideReverse(ctx, k.Finance, fee.ID, bank.Doubt{Approve: true}); !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "由您申请") {
			t.Errorf("decided by who asked: %v", err)
		}
		for _, who := range []party.Actor{k.Officer, k.Reviewer, k.Outsider, k.Donor, {}} {
			if _, err := k.bank.DecideReverse(ctx, who, fee.ID, bank.Doubt{Approve: true}); err == nil {
				t.Errorf("%s decided", who.Role)
			}
		}
		if _, err := k.bank.DecideReverse(ctx, k.second, fee.ID, bank.Doubt{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("refused without a word: %v", err)
		}
		kept, err := k.bank.DecideReverse(ctx, k.second, fee.ID, bank.Doubt{Reason: "银行回单写明是账户管理费"})
		if err != nil || kept.State != bank.Booked || k.balance(ledger.Other) != 300 {
			t.Errorf("kept: %+v, %v; %s", kept, err, k.balance(ledger.Other))
		}
		if !k.told(k.Finance, "不同意") {
			t.Error("who asked was not told")
		}
		_, err = k.bank.AskReverse(ctx, k.Finance, fee.ID, "回单找到了，是付款的手续费")
		k.ok(err)
		for range 2 { // the same press again
			if _, err := k.bank.DecideReverse(ctx, k.second, fee.ID, bank.Doubt{Approve: true, Key: "undo"}); err != nil {
				t.Fatal(err)
			}
		}
		if l := k.one("管理费"); l.State != bank.Open || !strings.Contains(l.Note, "付款的手续费") || k.balance(ledger.Other) != 0 || k.balance(ledger.Unexplained) != 300 {
			t.Errorf("%+v; %s", l, k.balance(ledger.Unexplained))
		}
		k.sound()
		k.propose(fee, bank.Proposal{Kind: bank.Sundry, Note: "付款手续费"})
		k.confirm(fee)
		came := k.one("S00000004")
		if _, err := k.bank.AskReverse(ctx, k.Finance, came.ID, "x"); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "那笔支出") {
			t.Errorf("the other half of a return: %v", err)
		}
		k.undone(went, "退给了别人")
		if came = k.one("S00000004"); came.State != bank.Open || k.balance(ledger.Unclaimed) != -5000 || k.balance(ledger.Unexplained) != 5000 {
			t.Errorf("the return is half undone: %+v, %s, %s", came, k.balance(ledger.Unclaimed), k.balance(ledger.Unexplained))
		}
		k.sound()
	})
}

// A match that made its donation is undone by giving the donation back; one
// that only found a donation confirmed by hand is undone here, and the
// donation stays.
func TestAMatchedDonationIsUndoneWhereItWasMade(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		byHand := k.Given(k.Donor, 5000)
		p, err := k.Donations.Pledge(ctx, k.Donor, k.Pledge(20000))
		k.ok(err)
		k.imported("五月.csv", head+"2026-05-20,200,,欧阳娜娜,,"+p.Reference+",S00000001\n2026-05-21,50,,欧阳娜娜,,手工,S00000002\n")
		made, found := k.one(p.Reference), k.one("手工")
		k.propose(made, bank.Proposal{Kind: bank.Gift, Target: p.ID})
		k.confirm(made)
		k.propose(found, bank.Proposal{Kind: bank.Gift, Target: byHand.ID})
		k.confirm(found)
		if _, err := k.bank.AskReverse(ctx, k.Finance, made.ID, "认错了"); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "办理退回") {
			t.Errorf("a donation undone at the bank: %v", err)
		}
		if l := k.undone(found, "是另一位欧阳娜娜"); l.State != bank.Open || k.Balance() != 25000 || k.balance(ledger.Unclaimed) != -5000 {
			t.Errorf("%+v; fund %s, unclaimed %s", l, k.Balance(), k.balance(ledger.Unclaimed))
		}
		k.sound()
		_, err = k.Donations.AskRefund(ctx, k.Finance, p.ID, "误转，已书面申请")
		k.ok(err)
		if !k.told(k.second, "退回等待决定") {
			t.Error("nobody is told of the refund")
		}
		_, err = k.Donations.DecideRefund(ctx, k.second, p.ID, true, "", "")
		k.ok(err)
		if !k.told(k.Finance, "捐赠退回已同意") {
			t.Error("who asked for the refund was not told")
		}
		k.sound()
	})
}

// Two decide at once: one posting, one letter, and the books stand.
func TestTwoDecideOneReversalAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.imported("五月.csv", head+"2026-05-22,,3.00,银行,,账户管理费,S00000003\n")
		fee := k.one("管理费")
		k.propose(fee, bank.Proposal{Kind: bank.Sundry, Note: "账户管理费"})
		k.confirm(fee)
		_, err := k.bank.AskReverse(ctx, k.Finance, fee.ID, "不是手续费")
		k.ok(err)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, who := range []party.Actor{k.second, k.Approver} {
			wg.Go(func() { _, errs[i] = k.bank.DecideReverse(ctx, who, fee.ID, bank.Doubt{Approve: true}) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("%v, %v", errs[0], errs[1])
		}
		k.sound()
	})
}
