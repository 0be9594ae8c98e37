package disclosure_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/giving"
	"gongji/app/disclosure/giving/givingtest"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/organisation"
	"gongji/storage/db/dbtest"
)

// Only what was accepted or paid is open data: an offer, a draft of a payment
// and what was refused are not.
func TestGrantsAndPaymentsAreOpenData(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		pub := giving.New(h.Clock, giving.Settings{Site: "https://gongji.test"}, disclosure.Grants(d), disclosure.Payments(d))
		who := h.Applicant("晨光社会工作服务中心")
		_, err := d.NewUpdate().Model((*organisation.Organisation)(nil)).Set("uscc = ?", "91654026MA78WT2Q66").Where("id = ?", who.Org).Exec(ctx)
		h.Must(err)
		c := h.Open()
		a := h.Sent(who, c, "暖邻行动")
		h.Reviewed(c, a)
		_, err = h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling())
		h.Must(err)
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		h.Must(err)
		pay := func(p payment.Payment) {
			_, err := h.Payments.Submit(ctx, h.Officer, p.ID)
			h.Must(err)
			_, err = h.Payments.Approve(ctx, h.Approver, p.ID)
			h.Must(err)
			_, err = h.Payments.Pay(ctx, h.Finance, p.ID, payment.Paying{})
			h.Must(err)
		}
		other, err := h.Payments.Create(ctx, h.Officer, h.Fund.ID, payment.Form{Payee: string(who.Org), Purpose: "应急帮扶", Amount: "1409.50"})
		h.Must(err)
		_, err = h.Attachments.Add(ctx, h.Officer, payment.Kind, other.ID, "proof", "依据.pdf", bytes.NewReader(fundtest.Agreement))
		h.Must(err)
		if _, err := pub.Package(ctx); !fault.Is(err, fault.NotFound) {
			t.Errorf("an offer and a draft are public: %v", err)
		}
		_, err = h.Grants.Accept(ctx, who, g.ID)
		h.Must(err)
		_, err = h.Grants.Report(ctx, who, g.ID, 1, "计划已提交")
		h.Must(err)
		_, err = h.Grants.Confirm(ctx, h.Officer, g.ID, 1, true, "")
		h.Must(err)
		first, err := h.Grants.Draw(ctx, h.Officer, g.ID, 1)
		h.Must(err)
		pay(first)
		pay(other)
		pkg, err := pub.Package(ctx)
		h.Must(err)
		body, err := json.Marshal(pkg)
		h.Must(err)
		list := givingtest.Package(t, body)
		if len(list) != 2 {
			t.Fatalf("%d grants: %s", len(list), body)
		}
		if x := list[0]; x.ID != "360G-gongji-grant-"+string(g.ID) || x.AmountAwarded != 40_000 || x.AmountDisbursed != 20_000 || x.FromOpenCall != "Yes" ||
			len(x.DisbursementTransaction) != 1 || x.RecipientOrganization[0].ID != "CN-USCI-91654026MA78WT2Q66" || x.URL != "https://gongji.test/grants/"+string(g.ID) {
			t.Errorf("the grant: %+v", x)
		}
		if x := list[1]; x.ID != "360G-gongji-payment-"+string(other.ID) || x.AmountAwarded != 1409.50 || x.AmountDisbursed != 1409.50 || x.FromOpenCall != "No" {
			t.Errorf("the payment: %+v", x)
		}
		for _, person := range []id.ID{h.Officer.Account, h.Approver.Account, h.Finance.Account, who.Account} {
			if bytes.Contains(body, []byte(person)) {
				t.Errorf("an account is in the open data: %s", body)
			}
		}
	})
}
