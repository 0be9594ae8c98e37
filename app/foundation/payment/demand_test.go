package payment_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

// deputy is a second 秘书长.
func (h *house) deputy(t *testing.T) party.Actor {
	t.Helper()
	return h.Actor(t, h.Foundation, "横沥社区发展基金会", party.Foundation, party.Approver)
}

// limits puts limits in force.
func (h *house) limits(t *testing.T, two, board string) {
	t.Helper()
	l, err := h.payments.ProposeLimits(t.Context(), h.Finance, payment.LimitForm{TwoAbove: two, BoardAbove: board})
	if err == nil {
		_, err = h.payments.DecideLimits(t.Context(), h.Approver, l.ID, true, "")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// draft is a payment with its proof.
func (h *house) draft(t *testing.T, form payment.Form) payment.Payment {
	t.Helper()
	if form.Payee == "" {
		form.Payee, form.Purpose = payeeName, "上门照料服务"
	}
	p, err := h.payments.Create(t.Context(), h.Officer, h.fund.ID, form)
	if err == nil {
		_, err = h.Attachments.Add(t.Context(), h.Officer, payment.Kind, p.ID, "proof", "协议.pdf", bytes.NewReader(fundtest.Agreement))
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (h *house) resolution(t *testing.T, p payment.Payment) {
	t.Helper()
	if _, err := h.Attachments.Add(t.Context(), h.Officer, payment.Kind, p.ID, payment.ResolutionSlot, "决议.pdf", bytes.NewReader(fundtest.Agreement)); err != nil {
		t.Fatal(err)
	}
}

func TestLimitsAreProposedByOneAndAgreedByAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		for form, field := range map[payment.LimitForm]string{{TwoAbove: "x"}: "two_above", {BoardAbove: "-1"}: "board_above", {TwoAbove: "500", BoardAbove: "499.99"}: "board_above"} {
			_, err := h.payments.ProposeLimits(ctx, h.Finance, form)
			if x, ok := errors.AsType[*fault.Fault](err); !ok || len(x.Fields) != 1 || x.Fields[0].Name != field {
				t.Errorf("%+v: %v", form, err)
			}
		}
		if _, err := h.payments.ProposeLimits(ctx, h.Officer, payment.LimitForm{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an officer proposed limits: %v", err)
		}
		l, err := h.payments.ProposeLimits(ctx, h.Approver, payment.LimitForm{TwoAbove: "100", BoardAbove: "500"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.payments.ProposeLimits(ctx, h.Finance, payment.LimitForm{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("two proposals at once: %v", err)
		}
		for name, who := range map[string]party.Actor{"the proposer": h.Approver, "finance": h.Finance} {
			if _, err := h.payments.DecideLimits(ctx, who, l.ID, true, ""); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s agreed: %v", name, err)
			}
		}
		second := h.deputy(t)
		elsewhere := h.Actor(t, h.Org(t, party.Foundation, "别的基金会"), "别的基金会", party.Foundation, party.Approver)
		if _, err := h.payments.DecideLimits(ctx, elsewhere, l.ID, true, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("another foundation agreed: %v", err)
		}
		if _, err := h.payments.DecideLimits(ctx, second, l.ID, false, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("refused without a reason: %v", err)
		}
		if now, err := h.payments.Limits(ctx, h.Officer); err != nil || now.Waiting == nil || now.Now.TwoAbove != nil {
			t.Errorf("a proposal counts: %+v, %v", now, err)
		}
		if _, err := h.payments.DecideLimits(ctx, second, l.ID, true, ""); err != nil {
			t.Fatal(err)
		}
		now, err := h.payments.Limits(ctx, h.Officer)
		if err != nil || now.Waiting != nil || *now.Now.TwoAbove != 100*money.Yuan || len(now.Now.Words()) != 3 {
			t.Errorf("in force: %+v, %v", now, err)
		}
	})
}

func TestTheAmountSaysWhoApproves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.Give(t, h.fund, 10_000*money.Yuan)
		h.limits(t, "100", "500")
		second := h.deputy(t)
		if p := h.approved(t, "100"); p.State != payment.Approved {
			t.Errorf("100 元 takes one approval and is %s", p.State)
		}
		p := h.approved(t, "100.01")
		if p.State != payment.Review || p.Needed != 2 || len(p.Approvals) != 1 {
			t.Fatalf("100.01 元 after one approval: %+v", p)
		}
		if _, err := h.payments.Approve(ctx, h.Approver, p.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the same person approved twice: %v", err)
		}
		if _, err := h.payments.Pay(ctx, h.Finance, p.ID, payment.Paying{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("paid after one of two approvals: %v", err)
		}
		p, err := h.payments.Approve(ctx, second, p.ID)
		if err != nil || p.State != payment.Approved || len(p.Approvals) != 2 {
			t.Fatal(p.State, err)
		}
		for name, who := range map[string]party.Actor{"first": h.Approver, "second": second} {
			who.Role = party.Finance
			if _, err := h.payments.Pay(ctx, who, p.ID, payment.Paying{}); !fault.Is(err, fault.Forbidden) {
				t.Errorf("the %s approver paid: %v", name, err)
			}
		}
		if p, err = h.payments.Return(ctx, h.Finance, p.ID, "账号有误"); err != nil || len(p.Approvals) != 0 {
			t.Fatal(p, err)
		}
		if p, err = h.payments.Submit(ctx, h.Officer, p.ID); err != nil || len(p.Approvals) != 0 {
			t.Errorf("approvals of before count again: %+v, %v", p.Approvals, err)
		}
		if p, err = h.payments.Approve(ctx, second, p.ID); err != nil || p.State != payment.Review {
			t.Errorf("after one of two: %s, %v", p.State, err)
		}
		big := h.draft(t, payment.Form{Amount: "500.01"})
		_, err = h.payments.Submit(ctx, h.Officer, big.ID)
		x, ok := errors.AsType[*fault.Fault](err)
		if !ok || len(x.Fields) != 3 || !strings.Contains(err.Error(), "单笔超过 500.00 元") {
			t.Errorf("without the committee: %v", err)
		}
		h.resolution(t, big)
		form := payment.Form{Payee: payeeName, Purpose: "上门照料服务", Amount: "500.01", ResolutionNo: "管委会第三次会议", ResolutionOn: "2026-06-02"}
		if _, err := h.payments.Save(ctx, h.Officer, big.ID, 0, form); err != nil {
			t.Fatal(err)
		}
		if _, err := h.payments.Submit(ctx, h.Officer, big.ID); err == nil || !strings.Contains(err.Error(), "今天之后") {
			t.Errorf("resolved on tomorrow: %v", err)
		}
		form.ResolutionOn = "2026-05-31"
		if _, err := h.payments.Save(ctx, h.Officer, big.ID, 0, form); err != nil {
			t.Fatal(err)
		}
		if _, err := h.payments.Submit(ctx, h.Officer, big.ID); err != nil {
			t.Fatal(err)
		}
		for _, who := range []party.Actor{h.Approver, second} {
			if big, err = h.payments.Approve(ctx, who, big.ID); err != nil {
				t.Fatal(err)
			}
		}
		if big.State != payment.Approved {
			t.Errorf("with the committee and two: %s", big.State)
		}
	})
}

// Two people press at once where two are needed: both count, neither twice.
func TestTwoApprovalsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.Give(t, h.fund, 1_000*money.Yuan)
		h.limits(t, "100", "")
		people := []party.Actor{h.Approver, h.deputy(t), h.deputy(t)}
		p := h.review(t, "200")
		var wg sync.WaitGroup
		for _, who := range people {
			for range 3 {
				wg.Go(func() {
					_, err := h.payments.Approve(ctx, who, p.ID)
					if k := fault.KindOf(err); err != nil && k != fault.Forbidden && k != fault.Conflict {
						t.Errorf("%v", err)
					}
				})
			}
		}
		wg.Wait()
		p, err := h.payments.Get(ctx, h.Finance, p.ID)
		if err != nil || p.State != payment.Approved || len(p.Approvals) != 2 {
			t.Errorf("%s with %d approvals, %v", p.State, len(p.Approvals), err)
		}
	})
}

func TestPaymentsAreHeldToTheBudget(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.Give(t, h.fund, 10_000*money.Yuan)
		if _, err := h.Funds.SaveBudget(ctx, h.Officer, h.fund.ID, 2026, 0, []fund.BudgetRow{{Name: "上门照料", Amount: "1000"}, {Name: "应急帮扶", Amount: "200"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Funds.SubmitBudget(ctx, h.Officer, h.fund.ID, 2026); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Funds.ApproveBudget(ctx, h.Approver, h.fund.ID, 2026); err != nil {
			t.Fatal(err)
		}
		for line, says := range map[string]string{"": "请选择列支的科目", "2026/没有": "没有“没有”这个科目", "照料": "年度/科目", "2025/上门照料": "2025 年度的预算里没有"} {
			p := h.draft(t, payment.Form{Amount: "10", Line: line})
			_, err := h.payments.Submit(ctx, h.Officer, p.ID)
			x, ok := errors.AsType[*fault.Fault](err)
			if !ok || len(x.Fields) != 1 || x.Fields[0].Name != "budget_line" || !strings.Contains(x.Fields[0].Message, says) {
				t.Errorf("%q: %v", line, err)
			}
		}
		pass := func(amount string) payment.Payment {
			p, err := h.payments.Submit(ctx, h.Officer, h.draft(t, payment.Form{Amount: amount, Line: "2026/上门照料"}).ID)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		one, two := pass("700"), pass("300.01") // both fit when they are submitted
		one, err := h.payments.Approve(ctx, h.Approver, one.ID)
		if err != nil || one.State != payment.Approved {
			t.Fatal(one.State, err)
		}
		if _, err := h.payments.Pay(ctx, h.Finance, one.ID, payment.Paying{}); err != nil {
			t.Fatalf("what was charged kept itself from being paid: %v", err)
		}
		if _, err := h.payments.Approve(ctx, h.Approver, two.ID); err == nil || !strings.Contains(err.Error(), "超过预算科目“上门照料”0.01 元") {
			t.Errorf("over the line without a resolution: %v", err)
		}
		if _, err := h.payments.Return(ctx, h.Approver, two.ID, "请附决议"); err != nil {
			t.Fatal(err)
		}
		h.resolution(t, two)
		if _, err := h.payments.Save(ctx, h.Officer, two.ID, 0, payment.Form{Payee: payeeName, Purpose: "上门照料服务", Amount: "300.01", Line: "2026/上门照料",
			ResolutionNo: "管委会第三次会议", ResolutionOn: "2026-05-31"}); err != nil {
			t.Fatal(err)
		}
		if two, err = h.payments.Submit(ctx, h.Officer, two.ID); err != nil || two.Needed != 2 {
			t.Fatal(two.Needed, err)
		}
		for _, who := range []party.Actor{h.Approver, h.deputy(t)} {
			if two, err = h.payments.Approve(ctx, who, two.ID); err != nil {
				t.Fatal(err)
			}
		}
		b, err := h.Funds.BudgetOf(ctx, h.fund, 2026)
		if err != nil {
			t.Fatal(err)
		}
		uses, err := h.Funds.Uses(ctx, b)
		if err != nil || uses[0].Paid != 700*money.Yuan || uses[0].Waiting != 30_001 || uses[0].Left() != -1 || uses[1].Sum() != 0 {
			t.Errorf("charged %+v, %v", uses, err)
		}
	})
}

// A fund that ends hands its surplus to the organisation that the proposal
// names, by an ordinary payment, and to nobody else.
func TestTheSurplusIsPaidToWhomTheProposalNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		other := h.Org(t, party.Foundation, "邻镇社区基金会")
		form := fundtest.Form("冬季送暖专项基金")
		form.SurplusTo = fund.ToCharity
		f, err := h.Funds.Create(ctx, h.Officer, form)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Attachments.Add(ctx, h.Officer, fund.AgreementKind, f.ID, "", "协议.pdf", bytes.NewReader(fundtest.Agreement)); err != nil {
			t.Fatal(err)
		}
		if _, err = h.Funds.Submit(ctx, h.Officer, f.ID); err != nil {
			t.Fatal(err)
		}
		if h.fund, err = h.Funds.Approve(ctx, h.Approver, f.ID); err != nil {
			t.Fatal(err)
		}
		h.Give(t, h.fund, 500*money.Yuan)
		old := h.review(t, "100")
		if _, err := h.Funds.Propose(ctx, h.Officer, f.ID, fund.ClosingForm{Reason: "送暖的目的已经实现", SurplusTo: "charity", ToOrg: "邻镇社区基金会",
			Likeness: "都给独居老人送冬衣", BoardOn: "2026-05-31", BoardNo: "管委会第三次会议"}); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(time.Second)
		if _, err := h.Attachments.Add(ctx, h.Officer, fund.ResolutionKind, f.ID, "", "决议.pdf", bytes.NewReader(fundtest.Agreement)); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Funds.End(ctx, h.deputy(t), f.ID); err == nil || !strings.Contains(err.Error(), "待审批的付款："+payeeName) {
			t.Errorf("ended with a payment under way: %v", err)
		}
		h.settle(t, old.ID)
		wrong := h.draft(t, payment.Form{Amount: "400"})
		if _, err := h.payments.Submit(ctx, h.Officer, wrong.ID); err == nil || !strings.Contains(err.Error(), "慈善法第58条") {
			t.Errorf("the surplus was paid to somebody else: %v", err)
		}
		if _, err := h.Funds.End(ctx, h.Approver, f.ID); err == nil || !strings.Contains(err.Error(), "请先把剩余财产付给“邻镇社区基金会”") {
			t.Errorf("ended with the surplus still there: %v", err)
		}
		right, err := h.payments.Submit(ctx, h.Officer, h.draft(t, payment.Form{Payee: "邻镇社区基金会", Purpose: "剩余财产", Amount: "400"}).ID)
		if err != nil {
			t.Fatal(err)
		}
		h.settle(t, right.ID)
		if f, err = h.Funds.End(ctx, h.Approver, f.ID); err != nil || f.State != fund.Ended {
			t.Fatal(err)
		}
		if _, err := h.payments.Create(ctx, h.Officer, f.ID, payment.Form{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("an ended fund pays: %v", err)
		}
		public, err := h.payments.OfFund(ctx, f.ID, "", 0)
		if err != nil || len(public) != 2 || public[0].Payee != other {
			t.Errorf("the public sees %+v, %v", public, err)
		}
		by, err := h.payments.ByPayeeOf(ctx, f.ID, 5)
		if err != nil || len(by) != 2 || by[0].Amount != 400*money.Yuan {
			t.Errorf("by payee %+v, %v", by, err)
		}
	})
}

func (h *house) settle(t *testing.T, p id.ID) {
	t.Helper()
	if _, err := h.payments.Approve(t.Context(), h.Approver, p); err != nil {
		t.Fatal(err)
	}
	if _, err := h.payments.Pay(t.Context(), h.Finance, p, payment.Paying{}); err != nil {
		t.Fatal(err)
	}
}
