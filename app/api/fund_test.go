package api_test

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

type fundAnswer struct {
	ID       string
	Version  int64
	State    string
	Number   string
	FullName string                             `json:"full_name"`
	Money    struct{ In, Out, Balance int64 }   `json:"money"`
	Months   []struct{ In, Out, Balance int64 } `json:"months"`
	Payments []struct{ Number string }
	Missing  []struct{ Field string }
}

func activeFund(t *testing.T, officer, approver *apptest.Person) fundAnswer {
	t.Helper()
	var f fundAnswer
	officer.API("POST", "/funds", fundtest.Form("社区助老专项基金")).Want(201).Into(&f)
	if f.State != "draft" || len(f.Missing) != 1 || f.Missing[0].Field != "agreement" {
		t.Errorf("draft %+v", f)
	}
	at := "/funds/" + f.ID
	officer.API("POST", at+"/submit", nil).Want(422)
	officer.Send(at+"/agreement", "协议.pdf", fundtest.Agreement).Want(201)
	officer.API("POST", at+"/submit", nil).Want(200)
	officer.API("POST", at+"/approve", nil).Want(403)
	approver.API("POST", at+"/return", m{"reason": ""}).Want(422)
	f.Missing = nil
	approver.API("POST", at+"/approve", nil).Want(200).Into(&f)
	if f.State != "active" || f.Number != "专项基金〔2026〕001号" || f.FullName != "横沥社区发展基金会社区助老专项基金" {
		t.Errorf("approved %+v", f)
	}
	return f
}

// TestAFundByProgram walks a fund from its draft to a payment through the API.
func TestAFundByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Foundation, "横沥社区发展基金会", party.Officer)
		approver, finance := e.Colleague(officer, party.Approver), e.Colleague(officer, party.Finance)
		payee := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
		f := activeFund(t, officer, approver)
		amount := 1_000 * money.Yuan
		d, err := e.Donations.Record(t.Context(), officer.Actor, donation.Offline{DonorKind: donation.Person, DonorName: "李华",
			Pledge: donation.Pledge{Fund: id.ID(f.ID), Kind: donation.Money, Amount: &amount, Relation: "none", Agree: true, NoBenefit: true, Method: "银行转账"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Donations.Confirm(t.Context(), finance.Actor, d.ID, donation.Arrival{On: apptest.Start, Amount: &amount}); err != nil {
			t.Fatal(err)
		}
		var p struct{ ID, State, Number string }
		in := m{"fund": f.ID, "payee": "晨光社会工作服务中心", "purpose": "上门照料服务", "amount": "600.00"}
		payee.API("POST", "/payments", in).Want(403)
		officer.API("POST", "/payments", in).Want(201).Into(&p)
		at := "/payments/" + p.ID
		officer.API("PUT", at, m{"payee": "晨光社会工作服务中心", "purpose": "上门照料服务", "amount": "1.001"}).Want(200)
		officer.API("POST", at+"/submit", nil).Want(422)
		officer.API("PUT", at, m{"payee": "晨光社会工作服务中心", "purpose": "上门照料服务", "amount": "600"}).Want(200)
		officer.Send(at+"/attachments", "协议.pdf", fundtest.Agreement).Want(201)
		officer.API("POST", at+"/submit", nil).Want(200)
		approver.API("POST", at+"/approve", nil).Want(200)
		payee.API("GET", at, nil).Want(404)
		approver.API("POST", at+"/pay", m{}).Want(403)
		first := finance.API("POST", at+"/pay", m{"bank_reference": "ICBC-7"}, "Idempotency-Key", "pay-1").Want(200)
		again := finance.API("POST", at+"/pay", m{"bank_reference": "ICBC-7"}, "Idempotency-Key", "pay-1").Want(200)
		if string(first.Body) != string(again.Body) {
			t.Error("the same key answered differently")
		}
		payee.API("GET", at, nil).Want(200).Into(&p)
		if p.State != "paid" || p.Number != "付款〔2026〕0001号" {
			t.Errorf("paid %+v", p)
		}
		e.Visitor().API("GET", "/public/funds/"+f.ID, nil).Want(200).Into(&f)
		if f.Money.In != 100_000 || f.Money.Out != 60_000 || f.Money.Balance != 40_000 || len(f.Months) != 1 || len(f.Payments) != 1 {
			t.Errorf("public %+v", f)
		}
		var list struct {
			Items []struct{ ID string }
			Total struct{ Count, Balance int64 }
		}
		e.Visitor().API("GET", "/public/funds", nil).Want(200).Into(&list)
		if len(list.Items) != 1 || list.Total.Count != 1 || list.Total.Balance != 40_000 {
			t.Errorf("list %+v", list)
		}
		var rows struct {
			Items []struct{ Amount, Balance int64 }
		}
		finance.API("GET", "/funds/"+f.ID+"/ledger", nil).Want(200).Into(&rows)
		if len(rows.Items) != 2 || rows.Items[0].Amount != -60_000 || rows.Items[0].Balance != 40_000 {
			t.Errorf("statement %+v", rows)
		}
		var report struct {
			Transactions int64
			Problems     []string
		}
		finance.API("GET", "/funds/"+f.ID+"/ledger/check", nil).Want(200).Into(&report)
		if report.Transactions != 2 || len(report.Problems) != 0 {
			t.Errorf("check %+v", report)
		}
		officer.API("GET", "/funds/"+f.ID+"/ledger", nil).Want(403)
	})
}
