package payment_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

type house struct {
	*fundtest.House
	payments *payment.Service
	delivery *engagement.Service
	payee    id.ID
	fund     fund.Fund
}

const payeeName = "晨光社会工作服务中心"

func newHouse(t *testing.T, d *bun.DB) *house {
	t.Helper()
	h := fundtest.New(t, d)
	e := engagement.New(d, h.Clock, h.Policy)
	p := payment.New(d, h.Clock, h.Policy, h.Orgs, h.Funds, h.Ledger, h.Attachments, e)
	h.Access[payment.Kind] = p.May
	return &house{h, p, e, h.Org(t, party.Social, payeeName), h.Active(t, "社区助老专项基金")}
}

// review makes a payment that waits for the approver.
func (h *house) review(t *testing.T, amount string) payment.Payment {
	t.Helper()
	p, err := h.payments.Create(t.Context(), h.Officer, h.fund.ID, payment.Form{Payee: payeeName, Purpose: "上门照料服务", Amount: amount})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = h.Attachments.Add(t.Context(), h.Officer, payment.Kind, p.ID, "proof", "协议.pdf", bytes.NewReader(fundtest.Agreement)); err != nil {
		t.Fatal(err)
	}
	if p, err = h.payments.Submit(t.Context(), h.Officer, p.ID); err != nil {
		t.Fatal(err)
	}
	return p
}

func (h *house) approved(t *testing.T, amount string) payment.Payment {
	t.Helper()
	p, err := h.payments.Approve(t.Context(), h.Approver, h.review(t, amount).ID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (h *house) held(t *testing.T) fund.Money {
	t.Helper()
	m, err := h.Funds.Money(t.Context(), h.DB, h.fund)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAPaymentGoesThroughThreePeopleAndTheLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.Give(t, h.fund, 1_000*money.Yuan)
		p := h.review(t, "1,000.01")
		if _, err := h.payments.Approve(ctx, h.Approver, p.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "可用 1,000.00 元") {
			t.Errorf("more than there is was approved: %v", err)
		}
		p, err := h.payments.Return(ctx, h.Approver, p.ID, "金额超过余额")
		if err != nil || p.StateName() != "已退回，待修改" {
			t.Fatal(p.State, err)
		}
		if _, err := h.payments.Save(ctx, h.Officer, p.ID, p.Version, payment.Form{Payee: payeeName, Purpose: "上门照料", Amount: "600"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.payments.Submit(ctx, h.Officer, p.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.payments.Pay(ctx, h.Finance, p.ID, payment.Paying{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("paid before approval: %v", err)
		}
		if _, err := h.payments.Approve(ctx, h.Approver, p.ID); err != nil {
			t.Fatal(err)
		}
		if free, err := h.payments.Free(ctx, h.fund); err != nil || free != 400*money.Yuan {
			t.Errorf("free %s, %v", free, err)
		}
		other := h.review(t, "400.01")
		if _, err := h.payments.Approve(ctx, h.Approver, other.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("money promised to one was approved for another: %v", err)
		}
		p, err = h.payments.Pay(ctx, h.Finance, p.ID, payment.Paying{Reference: "ICBC-20260601-7"})
		if err != nil {
			t.Fatal(err)
		}
		if p.No() != "付款〔2026〕0001号" || p.LedgerTx == nil {
			t.Errorf("paid as %+v", p)
		}
		if m := h.held(t); m != (fund.Money{In: 1_000 * money.Yuan, Out: 600 * money.Yuan, Balance: 400 * money.Yuan}) {
			t.Errorf("the fund's money %+v", m)
		}
		if _, err := h.payments.Pay(ctx, h.Finance, p.ID, payment.Paying{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("paid twice: %v", err)
		}
		public, err := h.payments.OfFund(ctx, h.fund.ID, "", 0)
		if err != nil || len(public) != 1 || public[0].PayeeName != payeeName || public[0].Amount != 600*money.Yuan {
			t.Errorf("the public sees %+v, %v", public, err)
		}
		payee := h.Actor(t, h.payee, payeeName, party.Social, party.Lead)
		if _, err := h.payments.Get(ctx, payee, p.ID); err != nil {
			t.Errorf("the payee does not see its payment: %v", err)
		}
		if _, err := h.payments.Get(ctx, payee, other.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the payee sees a payment that is not made: %v", err)
		}
		got, err := h.payments.List(ctx, payee, payment.Filter{})
		if err != nil || len(got) != 1 {
			t.Errorf("the payee's list: %d, %v", len(got), err)
		}
		if r, err := h.Ledger.Verify(ctx, h.Foundation); err != nil || !r.Sound() {
			t.Errorf("%v %v", r.Problems, err)
		}
	})
}

func TestNobodyDoesTwoPeoplesWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.Give(t, h.fund, 1_000*money.Yuan)
		as := func(who party.Actor, r party.Role) party.Actor { who.Role = r; return who }
		p := h.review(t, "10")
		if _, err := h.payments.Approve(ctx, as(h.Officer, party.Approver), p.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the drafter approved: %v", err)
		}
		if _, err := h.payments.Approve(ctx, h.Approver, p.ID); err != nil {
			t.Fatal(err)
		}
		for name, who := range map[string]party.Actor{"drafter": h.Officer, "approver": h.Approver} {
			if _, err := h.payments.Pay(ctx, as(who, party.Finance), p.ID, payment.Paying{}); !fault.Is(err, fault.Forbidden) {
				t.Errorf("the %s paid: %v", name, err)
			}
		}
		elsewhere := h.Actor(t, h.Org(t, party.Foundation, "别的基金会"), "别的基金会", party.Foundation, party.Finance)
		if _, err := h.payments.Pay(ctx, elsewhere, p.ID, payment.Paying{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("another foundation paid: %v", err)
		}
		elsewhere.Role = party.Officer
		if _, err := h.payments.Create(ctx, elsewhere, h.fund.ID, payment.Form{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another foundation drew on the fund: %v", err)
		}
	})
}

func TestWhatMayNotBePaidIsNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.Give(t, h.fund, 1_000*money.Yuan)
		bureau := h.Org(t, party.Bureau, "青山区民政局")
		waiting := h.Org(t, party.Social, "未审核社工中心")
		h.Org(t, party.Social, "同名中心")
		h.Org(t, party.Social, "同名中心")
		if _, err := d.NewUpdate().Model((*organisation.Organisation)(nil)).Set("state = ?", organisation.Pending).Where("id = ?", waiting).Exec(ctx); err != nil {
			t.Fatal(err)
		}
		linked := h.Org(t, party.Social, "关联社工中心")
		for _, org := range []id.ID{h.Foundation, linked} {
			m := account.Membership{ID: id.New(h.Clock.Now()), Account: h.Officer.Account, Organisation: org, Role: party.Lead, CreatedAt: h.Clock.Now()}
			if _, err := d.NewInsert().Model(&m).Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range map[string]struct {
			form        payment.Form
			field, says string
		}{
			"nobody":         {payment.Form{Payee: "", Purpose: "照料", Amount: "5"}, "payee", "请填写"},
			"unknown":        {payment.Form{Payee: "没有这家", Purpose: "照料", Amount: "5"}, "payee", "没有找到"},
			"a bureau":       {payment.Form{Payee: string(bureau), Purpose: "照料", Amount: "5"}, "payee", "只向社会组织"},
			"not reviewed":   {payment.Form{Payee: "未审核社工中心", Purpose: "照料", Amount: "5"}, "payee", "尚未通过审核"},
			"two of a name":  {payment.Form{Payee: "同名中心", Purpose: "照料", Amount: "5"}, "payee", "不止一个"},
			"related":        {payment.Form{Payee: string(linked), Purpose: "照料", Amount: "5"}, "payee", "慈善法第59条"},
			"the foundation": {payment.Form{Payee: string(h.Foundation), Purpose: "照料", Amount: "5"}, "payee", "只向社会组织"},
			"no purpose":     {payment.Form{Payee: payeeName, Purpose: " ", Amount: "5"}, "purpose", "用途"},
			"nothing":        {payment.Form{Payee: payeeName, Purpose: "照料", Amount: "0"}, "amount", "大于 0"},
			"negative":       {payment.Form{Payee: payeeName, Purpose: "照料", Amount: "-5"}, "amount", "负数"},
			"three decimals": {payment.Form{Payee: payeeName, Purpose: "照料", Amount: "5.001"}, "amount", "两位"},
			"10^15":          {payment.Form{Payee: payeeName, Purpose: "照料", Amount: "1000000000000000"}, "amount", "10 的 15 次方"},
			"no end":         {payment.Form{Payee: payeeName, Purpose: "照料", Amount: "5", TermStart: "2026-06-01"}, "term_end", "结束日期"},
			"ends first":     {payment.Form{Payee: payeeName, Purpose: "照料", Amount: "5", TermStart: "2026-06-02", TermEnd: "2026-06-01"}, "term_end", "早于"},
			"no date":        {payment.Form{Payee: payeeName, Purpose: "照料", Amount: "5", TermStart: "2026-02-30", TermEnd: "2026-06-01"}, "term_start", "请填写日期"},
			"no proof":       {payment.Form{Payee: payeeName, Purpose: "照料", Amount: "5"}, "proof", "付款依据"},
		} {
			p, err := h.payments.Create(ctx, h.Officer, h.fund.ID, c.form)
			if err != nil {
				t.Fatal(name, err)
			}
			if c.field != "proof" {
				if _, err := h.Attachments.Add(ctx, h.Officer, payment.Kind, p.ID, "proof", "x.pdf", bytes.NewReader(fundtest.Agreement)); err != nil {
					t.Fatal(err)
				}
			}
			_, err = h.payments.Submit(ctx, h.Officer, p.ID)
			x, ok := errors.AsType[*fault.Fault](err)
			if !ok || len(x.Fields) != 1 || x.Fields[0].Name != c.field || !strings.Contains(x.Fields[0].Message, c.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A payment with a term is a grant: its delivery begins in the transaction
// that pays, once.
func TestAGrantIsDeliveredAfterPayment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.Give(t, h.fund, 1_000*money.Yuan)
		p := h.review(t, "600")
		if _, err := h.payments.Return(ctx, h.Approver, p.ID, "请写明期限"); err != nil {
			t.Fatal(err)
		}
		form := payment.Form{Payee: payeeName, Purpose: "上门照料一年", Amount: "600", TermStart: "2026-06-01", TermEnd: "2027-05-31"}
		if _, err := h.payments.Save(ctx, h.Officer, p.ID, 0, form); err != nil {
			t.Fatal(err)
		}
		if _, err := h.payments.Submit(ctx, h.Officer, p.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.payments.Approve(ctx, h.Approver, p.ID); err != nil {
			t.Fatal(err)
		}
		paid, err := h.payments.Pay(ctx, h.Finance, p.ID, payment.Paying{})
		if err != nil || !paid.Grant() {
			t.Fatal(err)
		}
		var e engagement.Engagement
		if err := d.NewSelect().Model(&e).Where("ref = ?", p.ID).Scan(ctx); err != nil {
			t.Fatal(err)
		}
		if e.Kind != engagement.Grant || e.Provider != h.payee || e.Payer != h.Foundation || e.Amount != 600*money.Yuan || e.Number != paid.No() {
			t.Errorf("engaged %+v", e)
		}
	})
}

// Thirty approved payments would fit one by one; the balance is then taken away
// behind the approvals' back, so that finance's clicks race for what is left.
func TestPayingAtOnceNeverOverdraws(t *testing.T) {
	race := func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.Give(t, h.fund, 300*money.Yuan)
		var ids []id.ID
		for range 30 {
			ids = append(ids, h.approved(t, "10").ID)
		}
		if _, err := d.NewUpdate().Model((*payment.Payment)(nil)).Set("amount = ?", 25*money.Yuan).
			Set("form = ?", payment.Form{Payee: payeeName, Purpose: "上门照料服务", Amount: "25"}).Where("fund = ?", h.fund.ID).Exec(ctx); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, p := range ids {
			for range 2 {
				wg.Go(func() {
					_, err := h.payments.Pay(ctx, h.Finance, p, payment.Paying{})
					if k := fault.KindOf(err); err != nil && k != fault.Conflict && k != fault.Forbidden {
						t.Errorf("%v", err)
					}
				})
			}
		}
		wg.Wait()
		if m := h.held(t); m.Balance != 0 || m.Out != 300*money.Yuan {
			t.Errorf("%+v", m)
		}
		made, err := h.payments.OfFund(ctx, h.fund.ID, "", 100)
		if err != nil || len(made) != 12 {
			t.Errorf("%d payments made, %v", len(made), err)
		}
		if r, err := h.Ledger.Verify(ctx, h.Foundation); err != nil || !r.Sound() {
			t.Errorf("%v %v", r.Problems, err)
		}
	}
	dbtest.Each(t, race)
	t.Run("sqlite, eight connections", func(t *testing.T) {
		d, err := db.Open(t.Context(), "sqlite:"+dbtest.SQLiteFile(t), db.Options{MaxConns: 8})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		race(t, d)
	})
}

// Five hundred approved payments of 30 元 race for 10,000 元: exactly 333 fit,
// each once and with a number of its own, and the refused ones say why. They
// are written as they stand after approval, for approving counts what waits.
func TestFiveHundredPaymentsAtOnceAgainstOneFund(t *testing.T) {
	race := func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.Give(t, h.fund, 10_000*money.Yuan)
		one := h.approved(t, "30")
		files, err := h.Attachments.Of(ctx, d, payment.Kind, one.ID)
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		ids := []id.ID{one.ID}
		for range 499 {
			p, f := one, files[0]
			p.ID = id.New(h.Clock.Now())
			f.ID, f.OwnerID, f.ObjectKey = id.New(h.Clock.Now()), p.ID, "attachment/"+string(p.ID)
			for _, row := range []any{&p, &f} {
				if _, err := d.NewInsert().Model(row).Exec(ctx); err != nil {
					t.Fatal(err)
				}
			}
			ids = append(ids, p.ID)
		}
		var mu sync.Mutex
		var paid, short int
		var wg sync.WaitGroup
		for _, p := range ids {
			wg.Go(func() {
				_, err := h.payments.Pay(ctx, h.Finance, p, payment.Paying{Key: string(p)})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					paid++
				case fault.Is(err, fault.Conflict) && strings.Contains(err.Error(), "余额不足：可用 10.00 元，本次需要 30.00 元"):
					short++
				default:
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if m := h.held(t); paid != 333 || short != 167 || m.Balance != 10*money.Yuan || m.Out != 9_990*money.Yuan {
			t.Errorf("%d paid, %d refused, %+v", paid, short, m)
		}
		var numbers int
		if err := d.NewSelect().TableExpr("payment").ColumnExpr("COUNT(DISTINCT number)").Where("state = 'paid'").Scan(ctx, &numbers); err != nil || numbers != 333 {
			t.Errorf("%d numbers, %v", numbers, err)
		}
		again, err := h.payments.Pay(ctx, h.Finance, ids[0], payment.Paying{Key: string(ids[0])})
		if first, ferr := h.payments.Get(ctx, h.Finance, ids[0]); first.State == payment.Paid && (err != nil || ferr != nil || again.No() != first.No()) {
			t.Errorf("the same press again: %v", err)
		}
		if r, err := h.Ledger.Verify(ctx, h.Foundation); err != nil || !r.Sound() {
			t.Errorf("%v %v", r.Problems, err)
		}
	}
	dbtest.Each(t, race)
	t.Run("sqlite, eight connections", func(t *testing.T) {
		d, err := db.Open(t.Context(), "sqlite:"+dbtest.SQLiteFile(t), db.Options{MaxConns: 8})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		race(t, d)
	})
}
