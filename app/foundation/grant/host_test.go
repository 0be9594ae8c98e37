package grant_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

func told(t *testing.T, h *calltest.House, who party.Actor, title string) bool {
	t.Helper()
	box, err := inbox.New(h.DB, h.Clock).List(t.Context(), who, inbox.Filter{})
	h.Must(err)
	return slices.ContainsFunc(box.Items, func(m inbox.Message) bool { return strings.Contains(m.Title, title) })
}

// An instalment goes the whole way: reached, drafted, approved by a second,
// paid by a third, out of the fund's account in the ledger.
func TestAnInstalmentIsPaidOutOfTheLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		who := h.Applicant("晨光社会工作服务中心")
		a := h.Sent(who, c, "暖邻行动")
		h.Reviewed(c, a)
		_, err := h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling())
		h.Must(err)
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		h.Must(err)
		_, err = h.Grants.Accept(ctx, who, g.ID)
		h.Must(err)
		draw := func(seq int64) payment.Payment {
			t.Helper()
			p, err := h.Grants.Draw(ctx, h.Officer, g.ID, seq)
			h.Must(err)
			_, err = h.Payments.Submit(ctx, h.Officer, p.ID)
			h.Must(err)
			if _, err := h.Payments.Pay(ctx, h.Finance, p.ID, payment.Paying{}); err == nil {
				t.Error("paid before it was approved")
			}
			_, err = h.Payments.Approve(ctx, h.Approver, p.ID)
			h.Must(err)
			if _, err := h.Payments.Pay(ctx, h.Officer, p.ID, payment.Paying{}); err == nil {
				t.Error("the officer paid")
			}
			for range 2 { // pressed twice
				p, err = h.Payments.Pay(ctx, h.Finance, p.ID, payment.Paying{Reference: "YH001", Key: "pay" + string(p.ID)})
				h.Must(err)
			}
			return p
		}
		pay := func(seq int64) payment.Payment {
			t.Helper()
			_, err := h.Grants.Report(ctx, who, g.ID, seq, "已达成，记录已上传")
			h.Must(err)
			_, err = h.Grants.Confirm(ctx, h.Officer, g.ID, seq, true, "")
			h.Must(err)
			return draw(seq)
		}
		first := pay(1)
		if first.State != payment.Paid || first.LedgerTx == nil {
			t.Fatalf("the payment %+v", first)
		}
		_, steps, err := h.Grants.Get(ctx, party.Actor{}, g.ID)
		if err != nil || steps[0].PaidAt == nil || steps[0].StateName(h.Clock.Now()) != "已付款" || steps[1].PaidAt != nil || grant.Paid(steps) != 20_000*money.Yuan {
			t.Errorf("the milestones %+v, %v", steps, err)
		}
		cash, err := ledger.OfKind(ctx, d, h.Foundation, ledger.FundCash)
		if err != nil || cash != 80_000*money.Yuan {
			t.Errorf("the fund holds %s, %v", cash.Yuan(), err)
		}
		if paid, err := ledger.OfKind(ctx, d, h.Foundation, ledger.PayeeReceived); err != nil || paid != 20_000*money.Yuan {
			t.Errorf("the payees hold %s, %v", paid.Yuan(), err)
		}
		pay(2)
		_, err = h.Grants.Report(ctx, who, g.ID, 3, "全部完成")
		h.Must(err)
		_, err = h.Grants.Confirm(ctx, h.Officer, g.ID, 3, true, "")
		h.Must(err)
		t.Run("最后一笔资助款在项目验收合格后支付", func(t *testing.T) {
			if _, err := h.Grants.Draw(ctx, h.Officer, g.ID, 3); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "参照财库〔2016〕205号，待核") {
				t.Errorf("paid off before the acceptance: %v", err)
			}
		})
		e := h.Engagement(g)
		h.Planned(who, e, h.PlanForm(who, e))
		h.Accepted(who, e)
		draw(3)
		if cash, err = ledger.OfKind(ctx, d, h.Foundation, ledger.FundCash); err != nil || cash != 60_000*money.Yuan {
			t.Errorf("in the end the fund holds %s, %v", cash.Yuan(), err)
		}
		if r, err := h.Ledger.Verify(ctx, h.Foundation); err != nil || !r.Sound() {
			t.Errorf("the book: %v, %v", r.Problems, err)
		}
	})
}

// bureau is a bureau's officer, approver and finance.
func bureau(t *testing.T, h *calltest.House) (officer, approver, finance party.Actor) {
	t.Helper()
	org := h.Org(t, party.Bureau, "横沥镇民政办")
	of := func(r party.Role) party.Actor { return h.Actor(t, org, "横沥镇民政办", party.Bureau, r) }
	return of(party.Officer), of(party.Approver), of(party.Finance)
}

func TestABureauCallsAndPaysByItsTreasury(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		officer, approver, finance := bureau(t, h)
		f := calltest.Form("", h.Clock.Now().Add(240*time.Hour))
		c, err := h.Calls.Create(ctx, officer, f)
		h.Must(err)
		if _, err := h.Calls.Create(ctx, finance, f); err == nil {
			t.Errorf("finance drafted: %v", err)
		}
		missing, err := h.Calls.Missing(ctx, c)
		if err != nil || len(missing) != 1 || missing[0].Name != "source" {
			t.Fatalf("without a budget: %+v, %v", missing, err)
		}
		f.Source = "2026年市级福彩公益金"
		_, err = h.Calls.Save(ctx, officer, c.ID, 0, f)
		h.Must(err)
		_, err = h.Calls.Submit(ctx, officer, c.ID)
		h.Must(err)
		if _, err := h.Calls.Publish(ctx, h.Approver, c.ID); err == nil {
			t.Error("another house published")
		}
		c, err = h.Calls.Publish(ctx, approver, c.ID)
		h.Must(err)
		// The same people by the same steps as a foundation's.
		h.Officer, h.Approver = officer, approver
		who := h.Applicant("晨光社会工作服务中心")
		a := h.Sent(who, c, "暖邻行动")
		if list, err := h.Applications.List(ctx, officer, application.Filter{Call: c.ID}); err != nil || len(list) != 1 {
			t.Errorf("the bureau sees %+v, %v", list, err)
		}
		h.Reviewed(c, a)
		in := calltest.Ruling()
		in.Amount, in.Steps[0].Amount = "100001", "80001"
		if _, err := h.Grants.Decide(ctx, approver, a.ID, in); !fault.Is(err, fault.Invalid) {
			t.Errorf("more than was asked: %v", err)
		}
		_, err = h.Grants.Decide(ctx, approver, a.ID, calltest.Ruling())
		h.Must(err)
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		if err != nil || g.Fund != nil || g.Source != f.Source {
			t.Fatalf("the grant %+v, %v", g, err)
		}
		_, err = h.Grants.Accept(ctx, who, g.ID)
		h.Must(err)
		if e, err := engagement.ByRef(ctx, d, engagement.Grant, g.ID); err != nil || e.Payer != officer.Org {
			t.Errorf("the engagement %+v, %v", e, err)
		}
		paid := grant.Settlement{On: h.Clock.Now().Format(time.DateOnly), Voucher: "国付〔2026〕0312号"}
		if _, err := h.Grants.Settle(ctx, finance, g.ID, 1, paid); !fault.Is(err, fault.Conflict) {
			t.Errorf("paid before it was reached: %v", err)
		}
		_, err = h.Grants.Report(ctx, who, g.ID, 1, "已签约")
		h.Must(err)
		_, err = h.Grants.Confirm(ctx, officer, g.ID, 1, true, "")
		h.Must(err)
		if _, err := h.Grants.Draw(ctx, officer, g.ID, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("drawn from a fund that is not there: %v", err)
		}
		for _, other := range []party.Actor{officer, approver, h.Finance, who, {}} {
			if _, err := h.Grants.Settle(ctx, other, g.ID, 1, paid); err == nil {
				t.Errorf("%s entered a payment", other.Role)
			}
		}
		for name, bad := range map[string]grant.Settlement{"on": {On: "2099-01-01", Voucher: "国付1"}, "voucher": {On: paid.On}} {
			_, err := h.Grants.Settle(ctx, finance, g.ID, 1, bad)
			if said, _ := fault.Complaints(err); len(said) != 1 || said[0].Name != name {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err = h.Grants.Settle(ctx, finance, g.ID, 1, paid)
		h.Must(err)
		if _, err := h.Grants.Settle(ctx, finance, g.ID, 1, paid); !fault.Is(err, fault.Conflict) {
			t.Errorf("entered twice: %v", err)
		}
		_, steps, err := h.Grants.Get(ctx, party.Actor{}, g.ID)
		if err != nil || steps[0].StateName(h.Clock.Now()) != "已付款" || grant.Paid(steps) != 20_000*money.Yuan {
			t.Errorf("the milestones %+v, %v", steps, err)
		}
		if !told(t, h, who, "已付款") {
			t.Error("the grantee was not told")
		}
	})
}

func TestACallIsCancelledAndEverybodyIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		sent, draft := h.Applicant("晨光社会工作服务中心"), h.Applicant("暖邻为老服务中心")
		a, b := h.Sent(sent, c, "暖邻行动"), h.Filled(draft, c, "银龄食堂")
		reader, login := h.Person("林教授", "某大学")
		h.Must(h.Reviews.Name(ctx, h.Officer, c.ID, login))
		if _, err := h.Calls.Cancel(ctx, h.Officer, c.ID, "预算取消"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the officer cancelled: %v", err)
		}
		if _, err := h.Calls.Cancel(ctx, h.Approver, c.ID, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		c, err := h.Calls.Cancel(ctx, h.Approver, c.ID, "捐赠人撤回了款项")
		h.Must(err)
		if got, err := h.Calls.Get(ctx, party.Actor{}, c.ID); err != nil || got.Stored != call.Cancelled || got.Reason == "" {
			t.Errorf("in public: %+v, %v", got, err)
		}
		for _, who := range []party.Actor{sent, draft, reader} {
			if !told(t, h, who, "征集已取消") {
				t.Errorf("%s was not told", who.OrgName)
			}
		}
		if got, err := application.Read(ctx, d, a.ID); err != nil || got.State != application.Ended {
			t.Errorf("what was sent is %s, %v", got.State, err)
		}
		if copies, err := h.Applications.Copies(ctx, sent, a.ID); err != nil || len(copies) != 1 {
			t.Errorf("what was sent cannot be read any more: %v", err)
		}
		if _, err := h.Applications.Submit(ctx, draft, b.ID); !fault.Is(err, fault.TooLate) || !strings.Contains(err.Error(), "捐赠人撤回了款项") {
			t.Errorf("sent to a cancelled call: %v", err)
		}
		if list, err := h.Applications.List(ctx, h.Officer, application.Filter{Call: c.ID}); err != nil || len(list) != 1 {
			t.Errorf("the foundation sees a draft that was never sent: %+v, %v", list, err)
		}
		if _, err := h.Calls.Cancel(ctx, h.Approver, c.ID, "再取消一次"); err == nil {
			t.Error("cancelled twice")
		}
		// A promise stands: nothing is cancelled behind it.
		other := h.Open()
		x := h.Sent(sent, other, "邻里厨房")
		h.Reviewed(other, x)
		_, err = h.Grants.Decide(ctx, h.Approver, x.ID, calltest.Ruling())
		h.Must(err)
		if _, err := h.Calls.Cancel(ctx, h.Approver, other.ID, "x"); err == nil {
			t.Error("cancelled after a promise")
		}
	})
}

// Many send while the call is being cancelled: each is in and ended, or was
// refused; none hangs in between.
func TestCancellingWhileOthersSend(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		const n = 6
		people, drafts := make([]party.Actor, n), make([]application.Application, n)
		for i := range drafts {
			people[i] = h.Applicant("服务中心" + string(rune('甲'+i)))
			drafts[i] = h.Filled(people[i], c, "暖邻行动")
		}
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range drafts {
			wg.Go(func() { _, errs[i] = h.Applications.Submit(ctx, people[i], drafts[i].ID) })
		}
		wg.Go(func() {
			if _, err := h.Calls.Cancel(ctx, h.Approver, c.ID, "捐赠人撤回了款项"); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		for i, err := range errs {
			a, rerr := application.Read(ctx, d, drafts[i].ID)
			h.Must(rerr)
			if err == nil && a.State != application.Ended || err != nil && (a.State != application.Draft || !fault.Is(err, fault.TooLate)) {
				t.Errorf("%s after %v", a.State, err)
			}
		}
	})
}

// What the applicant gets elsewhere over the same days is shown to them before
// they send, must be explained, and is read by the reviewers.
func TestOverlappingMoneyIsExplainedAndShownToTheReviewers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		who := h.Applicant("晨光社会工作服务中心")
		office := h.Org(t, party.Bureau, "横沥镇民政办")
		h.Must(db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
			_, err := h.Engagements.Open(ctx, tx, who, engagement.Opening{Kind: engagement.Contract, Ref: id.New(h.Clock.Now()), Number: "HT-1", Payer: office,
				PayerName: "横沥镇民政办", Provider: who.Org, ProviderName: who.OrgName, Title: "社区长者食堂运营", Amount: 1_000_000,
				Start: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2027, 8, 31, 0, 0, 0, 0, time.UTC)})
			return err
		}))
		a := h.Filled(who, c, "暖邻行动")
		_, err := h.Applications.Submit(ctx, who, a.ID)
		if said, _ := fault.Complaints(err); len(said) != 1 || said[0].Name != "overlap" {
			t.Fatalf("sent without a word on the contract: %v", err)
		}
		in := calltest.Answers("暖邻行动")
		in.Overlap = "食堂是供餐，本项目是上门探访，对象和内容不同。"
		_, err = h.Applications.Save(ctx, who, a.ID, application.Project, -1, in)
		h.Must(err)
		a, err = h.Applications.Submit(ctx, who, a.ID)
		h.Must(err)
		last, err := application.Last(ctx, d, a.ID)
		h.Must(err)
		if !strings.Contains(last.Text, "社区长者食堂运营") || !strings.Contains(last.Text, in.Overlap) {
			t.Errorf("the copy says nothing of it: %s", last.Text)
		}
		h.Close(c)
		tied, login := h.Person("林教授", who.OrgName)
		h.Must(h.Reviews.Name(ctx, h.Officer, c.ID, login))
		panel := h.Panel(c)
		h.Declare(tied, c)
		if found, err := h.Applications.Overlaps(ctx, panel[0], a.ID); err != nil || len(found) != 1 || found[0].Payer != "横沥镇民政办" {
			t.Errorf("a reviewer sees %+v, %v", found, err)
		}
		for _, other := range []party.Actor{tied, h.Applicant("暖邻为老服务中心"), {}} {
			if _, err := h.Applications.Overlaps(ctx, other, a.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s reads of it: %v", other.Name, err)
			}
		}
	})
}
