package grant_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/delivery/revision"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

// reached has milestones reported and confirmed.
func reached(h *calltest.House, who party.Actor, g grant.Grant, seqs ...int64) {
	h.T.Helper()
	for _, n := range seqs {
		_, err := h.Grants.Report(h.T.Context(), who, g.ID, n, "已达成")
		h.Must(err)
		_, err = h.Grants.Confirm(h.T.Context(), h.Officer, g.ID, n, true, "")
		h.Must(err)
	}
}

// approved is a payment of a milestone that finance may pay.
func approved(h *calltest.House, g grant.Grant, seq int64) payment.Payment {
	h.T.Helper()
	p, err := h.Grants.Draw(h.T.Context(), h.Officer, g.ID, seq)
	h.Must(err)
	_, err = h.Payments.Submit(h.T.Context(), h.Officer, p.ID)
	h.Must(err)
	p, err = h.Payments.Approve(h.T.Context(), h.Approver, p.ID)
	h.Must(err)
	return p
}

func paid(h *calltest.House, p payment.Payment) error {
	_, err := h.Payments.Pay(h.T.Context(), h.Finance, p.ID, payment.Paying{Reference: "YH1", Key: "k" + string(p.ID)})
	return err
}

// heard is a proposal to which the other side has had its say.
func heard(h *calltest.House, by, other party.Actor, e engagement.Engagement, in revision.Input) revision.Case {
	h.T.Helper()
	in.StatementBy = h.Clock.Now().AddDate(0, 0, 5).Format(time.DateOnly)
	x, err := h.Revisions.Propose(h.T.Context(), by, e.ID, in)
	h.Must(err)
	x, err = h.Revisions.State(h.T.Context(), other, x.ID, "没有意见")
	h.Must(err)
	return x
}

func TestAGrantChangesByATenthAtMost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		who := h.Applicant("晨光社会工作服务中心")
		g, e := h.Granted(who)
		f := h.PlanForm(who, e)
		h.Planned(who, e, f)
		in := revision.Input{Kind: revision.Change, Reason: "又有 6 位老人需要探访", Content: "服务对象增加 6 人", Added: "4000.01", StatementBy: h.Clock.Now().AddDate(0, 0, 5).Format(time.DateOnly)}
		refused := func(what, says string) {
			t.Helper()
			if _, err := h.Revisions.Propose(ctx, who, e.ID, in); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", what, err)
			}
		}
		refused("a fen more than a tenth", "累计不超过10%，原协议 40,000.00 元，已变更 0.00 元；更大的改变应重新申请或者另签协议（参照政府采购法第49条，待核）")
		in.Added = "-4000.01"
		refused("less by a fen more than a tenth", "累计不超过10%")
		in.Content = ""
		refused("nothing said of what changes", "请写明变更的内容")
		in.Content, in.Added = "服务对象增加 3 人", "3000"
		x := heard(h, who, h.Officer, e, in)
		if _, err := h.Revisions.Approve(ctx, h.Officer, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the officer decides: %v", err)
		}
		_, err := h.Revisions.Approve(ctx, h.Approver, x.ID)
		h.Must(err)
		e = h.Engagement(g)
		g, steps, err := h.Grants.Get(ctx, party.Actor{}, g.ID)
		if err != nil || g.Amount != 43_000*money.Yuan || e.Amount != g.Amount || steps[2].Amount != 11_000*money.Yuan || g.AmendedAt == nil {
			t.Errorf("changed to %s, %s: %+v, %v", g.Amount.Yuan(), e.Amount.Yuan(), steps[2], err)
		}
		in.Added = "1000.01"
		refused("all changes together", "已变更 3,000.00 元")
		in.Added = "-1000.01"
		refused("up and down together", "已变更 3,000.00 元")
		p, err := h.Plans.Get(ctx, who, e.ID)
		if err != nil || p.State != plan.Draft || p.Form.Milestones[2].Amount != "11000.00" && p.Form.Milestones[2].Amount != "11000" || !strings.Contains(p.Reason, "43,000.00") {
			t.Errorf("the plan waits for a new budget: %+v, %v", p, err)
		}
		t.Run("科目之间的调整累计不超过10%", func(t *testing.T) { lines(t, h, who, e, p.Form) })
	})
}

// lines moves money between the lines of a budget of 40,000 元 that has grown
// by 3,000.
func lines(t *testing.T, h *calltest.House, who party.Actor, e engagement.Engagement, f plan.Form) {
	f.Lines = []plan.LineForm{{Name: "服务活动", Amount: "26000.01"}, {Name: "人员补贴", Amount: "11999.99"}, {Name: "管理费", Amount: "5000"}}
	_, err := h.Plans.Save(t.Context(), who, e.ID, 0, f)
	h.Must(err)
	if _, err := h.Plans.Propose(t.Context(), who, e.ID); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "调整了 4,000.01 元") || !strings.Contains(err.Error(), "参照政府采购法第49条，待核") {
		t.Errorf("a fen more than a tenth moved: %v", err)
	}
	f.Lines[0].Amount, f.Lines[1].Amount = "26000", "12000"
	h.Planned(who, e, f)
}

func TestAnEndedGrantIsPaidWhatWasSettled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		who := h.Applicant("晨光社会工作服务中心")
		g, e := h.Granted(who)
		h.Planned(who, e, h.PlanForm(who, e))
		reached(h, who, g, 1)
		h.Must(paid(h, approved(h, g, 1)))
		free := func() money.Fen {
			t.Helper()
			n, err := h.Payments.Free(ctx, h.Fund)
			h.Must(err)
			loose, err := h.Grants.Loose(ctx, d, h.Fund.ID)
			h.Must(err)
			for _, l := range loose {
				n -= *l.Amount
			}
			return n
		}
		if n := free(); n != 60_000*money.Yuan {
			t.Errorf("while it runs %s are free", n.Yuan())
		}
		in := revision.Input{Kind: revision.Terminate, Reason: "社区场地收回", Clause: "协议第六条", Delivered: "探访 900 人次", Settled: "19999.99"}
		in.StatementBy = h.Clock.Now().AddDate(0, 0, 5).Format(time.DateOnly)
		if _, err := h.Revisions.Propose(ctx, h.Officer, e.ID, in); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "已经付了 20,000.00 元") {
			t.Errorf("settled for less than the ledger has paid: %v", err)
		}
		in.Settled = "30000"
		x := heard(h, h.Officer, who, e, in)
		_, err := h.Revisions.Approve(ctx, h.Approver, x.ID)
		h.Must(err)
		if n := free(); n != 70_000*money.Yuan {
			t.Errorf("what is not owed any more is not free: %s", n.Yuan())
		}
		g, _, err = h.Grants.Get(ctx, party.Actor{}, g.ID)
		if err != nil || g.StateName() != "已提前终止" {
			t.Errorf("in public it is %s, %v", g.StateName(), err)
		}
		if _, err := h.Grants.Report(ctx, who, g.ID, 2, "达成"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("reported after the end: %v", err)
		}
		if _, err := h.Grants.Draw(ctx, h.Officer, g.ID, 2); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "验收") {
			t.Errorf("settled without acceptance: %v", err)
		}
		h.Accepted(who, e)
		p := approved(h, g, 2)
		if *p.Amount != 10_000*money.Yuan {
			t.Errorf("the settlement pays %s", p.Amount.Yuan())
		}
		h.Must(paid(h, p))
		if _, err := h.Grants.Draw(ctx, h.Officer, g.ID, 3); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "30,000.00") {
			t.Errorf("more than was settled: %v", err)
		}
		if sum, err := grant.PaidOf(ctx, d, g.ID, h.Clock.Now().AddDate(0, 0, 1)); err != nil || sum != 30_000*money.Yuan {
			t.Errorf("paid %s, %v", sum.Yuan(), err)
		}
		if m, err := h.Engagements.Account(ctx, h.Engagement(g)); err != nil || m.Paid != 30_000*money.Yuan || m.Ledger == nil || *m.Ledger != m.Paid || m.Approved != 0 {
			t.Errorf("the books have %+v, %v", m, err)
		}
	})
}

// An early end and the payments that wait meet: whatever comes first, no more
// is paid than was settled.
func TestAnEndAndItsPaymentsRace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		who := h.Applicant("晨光社会工作服务中心")
		g, e := h.Granted(who)
		h.Planned(who, e, h.PlanForm(who, e))
		reached(h, who, g, 1, 2)
		waiting := []payment.Payment{approved(h, g, 1), approved(h, g, 2)}
		x := heard(h, h.Officer, who, e, revision.Input{Kind: revision.Terminate, Reason: "社区场地收回", Clause: "协议第六条", Delivered: "探访 900 人次", Settled: "20000"})
		var wg sync.WaitGroup
		errs := make([]error, 3)
		wg.Go(func() { _, errs[2] = h.Revisions.Approve(ctx, h.Approver, x.ID) })
		for i, p := range waiting {
			wg.Go(func() { errs[i] = paid(h, p) })
		}
		wg.Wait()
		sum, err := grant.PaidOf(ctx, d, g.ID, h.Clock.Now().AddDate(0, 0, 1))
		h.Must(err)
		for _, err := range errs {
			if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
				t.Errorf("an unforeseen answer: %v", err)
			}
		}
		switch e = h.Engagement(g); {
		case e.State == engagement.Closed && sum > 20_000*money.Yuan:
			t.Errorf("ended at 20,000, and %s are paid", sum.Yuan())
		case e.State == engagement.Running && errs[2] == nil, e.State == engagement.Running && sum <= 20_000*money.Yuan:
			t.Errorf("%s, %s paid: %v", e.State, sum.Yuan(), errs)
		}
	})
}

func TestABureausGrantStandsInItsOwnBooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		officer, approver, finance := bureau(t, h)
		f := calltest.Form("", h.Clock.Now().Add(240*time.Hour))
		f.Source = "2026年市级福彩公益金"
		c, err := h.Calls.Create(ctx, officer, f)
		h.Must(err)
		_, err = h.Calls.Submit(ctx, officer, c.ID)
		h.Must(err)
		_, err = h.Calls.Publish(ctx, approver, c.ID)
		h.Must(err)
		h.Officer, h.Approver = officer, approver
		who := h.Applicant("晨光社会工作服务中心")
		a := h.Sent(who, c, "暖邻行动")
		h.Reviewed(c, a)
		_, err = h.Grants.Decide(ctx, approver, a.ID, calltest.Ruling())
		h.Must(err)
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		h.Must(err)
		_, err = h.Grants.Accept(ctx, who, g.ID)
		h.Must(err)
		reached(h, who, g, 1, 2, 3)
		on := grant.Settlement{On: h.Clock.Now().Format(time.DateOnly), Voucher: "国付〔2026〕0312号"}
		for n := range int64(2) {
			_, err = h.Grants.Settle(ctx, finance, g.ID, n+1, on)
			h.Must(err)
		}
		if _, err := h.Grants.Settle(ctx, finance, g.ID, 3, on); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "最后一笔资助款") {
			t.Errorf("paid off before the acceptance: %v", err)
		}
		m, err := h.Engagements.Account(ctx, h.Engagement(g))
		if err != nil || m.Paid != 32_000*money.Yuan || m.Ledger != nil {
			t.Errorf("the books have %+v, %v", m, err)
		}
	})
}
