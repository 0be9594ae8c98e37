package payment_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/account"
)

// TestADonorTiedToThePayee runs on the whole product, for what a payment asks
// of the donations is connected there.
func TestADonorTiedToThePayee(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c, ctx := e.Charity(), t.Context()
		lead := e.Org(party.Social, payeeName, party.Lead)
		gift := func(who *apptest.Person, beneficiary string) donation.Donation {
			t.Helper()
			amount := 1_000 * money.Yuan
			x, err := e.Donations.Pledge(ctx, who.Actor, donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &amount, Method: "银行转账",
				Beneficiary: beneficiary, Relation: donation.NoRelation, Agree: true, NoBenefit: true})
			if err == nil {
				_, err = e.Donations.Confirm(ctx, c.Finance.Actor, x.ID, donation.Arrival{Amount: &amount, On: e.Time.Now()})
			}
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		joins := func(who *apptest.Person) {
			t.Helper()
			m := account.Membership{ID: id.New(e.Time.Now()), Account: who.Actor.Account, Organisation: lead.Actor.Org, Role: party.Lead, CreatedAt: e.Time.Now()}
			if _, err := e.DB.NewInsert().Model(&m).Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}
		draft := func() payment.Payment {
			t.Helper()
			p, err := e.Payments.Create(ctx, c.Officer.Actor, c.Fund.ID, payment.Form{Payee: payeeName, Purpose: "上门照料服务", Amount: "600"})
			if err == nil {
				_, err = e.Attachments.Add(ctx, c.Officer.Actor, payment.Kind, p.ID, "proof", "协议.pdf", bytes.NewReader(fundtest.Agreement))
			}
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		refused := func(err error, field string, says ...string) {
			t.Helper()
			x, ok := errors.AsType[*fault.Fault](err)
			if !ok || x.Kind != fault.Invalid || len(x.Fields) != 1 || x.Fields[0].Name != field {
				t.Fatalf("want a complaint of %s: %v", field, err)
			}
			for _, s := range says {
				if !strings.Contains(x.Error()+x.Fields[0].Message, s) {
					t.Errorf("%s is not said: %v", s, err)
				}
			}
			if strings.Contains(err.Error(), "邻居") || strings.Contains(err.Error(), "欧阳") {
				t.Errorf("a donor is named: %v", err)
			}
		}
		held := func() money.Fen {
			t.Helper()
			m, err := e.Funds.Balance(ctx, c.Fund)
			if err != nil {
				t.Fatal(err)
			}
			return m.Balance
		}

		free := gift(c.Company, "")
		p := draft()
		if _, err := e.Payments.Submit(ctx, c.Officer.Actor, p.ID); err != nil {
			t.Fatalf("nobody is tied (%s): %v", free.Reference, err)
		}
		t.Run("慈善法40 捐赠人与收款单位有利害关系，起草人写明核查情况", func(t *testing.T) {
			tied := gift(c.Neighbour, "")
			joins(c.Neighbour)
			_, err := e.Payments.Approve(ctx, c.Approver.Actor, p.ID)
			refused(err, "relation", "慈善法第40条", tied.Reference)
			if _, err = e.Payments.Return(ctx, c.Approver.Actor, p.ID, "请核查与捐赠人的关系"); err != nil {
				t.Fatal(err)
			}
			_, err = e.Payments.Submit(ctx, c.Officer.Actor, p.ID)
			refused(err, "relation", tied.Reference)
			form := payment.Form{Payee: payeeName, Purpose: "上门照料服务", Amount: "600", Relation: "  "}
			if _, err = e.Payments.Save(ctx, c.Officer.Actor, p.ID, 0, form); err != nil {
				t.Fatal(err)
			}
			_, err = e.Payments.Submit(ctx, c.Officer.Actor, p.ID)
			refused(err, "relation")
			form.Relation = "公开征集选出，捐赠人没有参与"
			if _, err = e.Payments.Save(ctx, c.Officer.Actor, p.ID, 0, form); err != nil {
				t.Fatal(err)
			}
			if p, err = e.Payments.Submit(ctx, c.Officer.Actor, p.ID); err != nil || p.RelationNote != form.Relation {
				t.Fatal(p.RelationNote, err)
			}
			ties, err := e.Payments.Ties(ctx, p)
			if err != nil || len(ties) != 1 || ties[0].Reference != tied.Reference || ties[0].Named || strings.Contains(ties[0].Why, "邻居") {
				t.Errorf("the approver reads %+v, %v", ties, err)
			}
			if p, err = e.Payments.Approve(ctx, c.Approver.Actor, p.ID); err != nil || p.State != payment.Approved {
				t.Fatal(p.State, err)
			}
		})
		t.Run("慈善法40 捐赠人指定了它受益，不付", func(t *testing.T) {
			named := gift(c.Donor, payeeName) // not tied when it was given
			joins(c.Donor)
			before := held()
			_, err := e.Payments.Pay(ctx, c.Finance.Actor, p.ID, payment.Paying{})
			refused(err, "payee", "慈善法第40条", named.Reference)
			next := draft()
			form := payment.Form{Payee: payeeName, Purpose: "上门照料服务", Amount: "600", Relation: "公开征集选出，捐赠人没有参与"}
			if _, err = e.Payments.Save(ctx, c.Officer.Actor, next.ID, 0, form); err != nil {
				t.Fatal(err)
			}
			_, err = e.Payments.Submit(ctx, c.Officer.Actor, next.ID)
			refused(err, "payee", named.Reference)
			if now := held(); now != before || now != 3_000*money.Yuan {
				t.Errorf("the fund held %s and holds %s", before, now)
			}
		})
	})
}
