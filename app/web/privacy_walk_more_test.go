package web_test

import (
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/delivery/engagement"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/payment"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/money"
)

// onward takes what a hidden donor gave further: into a batch of receipts, out
// to an organisation whose project is followed, into a published disclosure.
// It gives the address of each by the pattern of its routes.
func onward(t *testing.T, e *apptest.Env, c *apptest.Charity, secret *apptest.Person, of donation.Pledge, payee string) map[string]string {
	t.Helper()
	ctx := t.Context()
	amount := 5_000 * money.Yuan
	of.Amount = &amount
	gift, err := e.Donations.Pledge(ctx, secret.Actor, of)
	must(t, err)
	_, err = e.Donations.Confirm(ctx, c.Finance.Actor, gift.ID, donation.Arrival{Amount: &amount, On: e.Time.Now(), RelationChecked: true})
	must(t, err)
	b, _, err := e.Batches.Freeze(ctx, c.Finance.Actor, receipt.Scope{Year: 2026})
	must(t, err)
	_, err = e.Batches.Approve(ctx, c.Reviewer.Actor, b.ID)
	must(t, err)
	e.Settle()

	p, err := e.Payments.Create(ctx, c.Officer.Actor, c.Fund.ID, payment.Form{Payee: payee, Purpose: "上门照料一年", Amount: "600", TermStart: "2026-06-01", TermEnd: "2027-05-31"})
	must(t, err)
	c.Officer.Upload("/attachments/payment/"+string(p.ID), "协议.pdf", fundtest.Agreement, nil)
	_, err = e.Payments.Submit(ctx, c.Officer.Actor, p.ID)
	must(t, err)
	_, err = e.Payments.Approve(ctx, c.Approver.Actor, p.ID)
	must(t, err)
	_, err = e.Payments.Pay(ctx, c.Finance.Actor, p.ID, payment.Paying{})
	must(t, err)
	projects, err := e.Engagements.List(ctx, engagement.Filter{Payer: c.Fund.Foundation})
	must(t, err)
	if len(projects) != 1 {
		t.Fatalf("%d projects", len(projects))
	}

	e.Time.Advance(time.Hour)
	x, err := e.Disclosures.Start(ctx, c.Officer.Actor, c.Fund.ID, disclosure.Regular)
	must(t, err)
	at := "/disclosures/" + string(x.ID)
	c.Officer.API("PUT", at, map[string]any{"summary": "采购口罩并发放到社区，结余下期使用。", "unit": "yuan"}).Want(200)
	c.Officer.API("POST", at+"/submit", nil).Want(200)
	c.Approver.API("POST", at+"/publish", nil).Want(200)
	e.Settle()
	return map[string]string{"/foundation/receipts/batches/{id}": string(b.ID), "/engagements/{id}": string(projects[0].ID), "/payments/{id}": string(p.ID),
		"/foundation/payments/{id}": string(p.ID), "/public/funds/{id}": string(c.Fund.ID), "/disclosures/{id}": string(x.ID),
		"/foundation/disclosures/{id}": string(x.ID), "/public/disclosures/{id}": string(x.ID)}
}
