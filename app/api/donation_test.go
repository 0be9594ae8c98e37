package api_test

import (
	"bytes"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/foundation/fund/fundtest"
)

type giftAnswer struct {
	ID, State, Reference string
	Proofs               []struct{ Slot string }
	Receipts             []struct{ ID, State, Document, Code, SHA256 string }
	Timeline             []struct{ Action string }
}

// TestAGiftByProgram walks a donation from the pledge to a void receipt.
func TestAGiftByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		in := m{"fund": c.Fund.ID, "kind": "money", "amount": 140950, "relation": "none", "agree": true, "no_benefit": true}
		for _, wrong := range []m{{"amount": 1.5}, {"amount": -1}, {"amount": 1_000_000_000_000_000_00}, {"amount": nil}, {"agree": false}, {"relation": ""}, {"fund": "x"}} {
			bad := m{}
			for k, v := range in {
				bad[k] = v
			}
			for k, v := range wrong {
				bad[k] = v
			}
			if a := c.Donor.API("POST", "/donations", bad); a.Code != 422 && a.Code != 404 {
				t.Errorf("%v: %d %s", wrong, a.Code, a.Body)
			}
		}
		var d giftAnswer
		c.Donor.API("POST", "/donations", in, "Idempotency-Key", "k").Want(201).Into(&d)
		var again giftAnswer
		c.Donor.API("POST", "/donations", in, "Idempotency-Key", "k").Want(201).Into(&again)
		if d.ID != again.ID || d.State != "pledged" || len(d.Reference) != 8 {
			t.Errorf("pledged %+v and %+v", d, again)
		}
		at := "/donations/" + d.ID
		c.Neighbour.API("GET", at, nil).Want(404)
		e.Visitor().API("GET", at, nil).Want(401)
		came := m{"amount": 140950, "on": apptest.Start.Format(time.RFC3339)}
		c.Donor.API("POST", at+"/confirm", came).Want(403)
		c.Finance.API("POST", at+"/confirm", came).Want(200).Into(&d)
		var r struct{ ID, State string }
		c.Finance.API("POST", at+"/receipts", m{}).Want(201).Into(&r)
		c.Finance.API("POST", "/receipts/"+r.ID+"/review", m{"approve": true}).Want(403)
		var waiting struct{ Items []struct{ ID string } }
		c.Reviewer.API("GET", "/foundation/receipts/waiting", nil).Want(200).Into(&waiting)
		if len(waiting.Items) != 1 || waiting.Items[0].ID != r.ID {
			t.Errorf("waiting %+v", waiting)
		}
		c.Reviewer.API("POST", "/receipts/"+r.ID+"/review", m{"approve": true}).Want(200)
		e.Settle()
		c.Donor.API("GET", at, nil).Want(200).Into(&d)
		if d.State != "confirmed" || len(d.Receipts) != 1 || d.Receipts[0].SHA256 == "" {
			t.Fatalf("the donor sees %+v", d)
		}
		doc := "/documents/" + d.Receipts[0].Document
		if pdf := c.Donor.API("GET", doc, nil).Want(200); !bytes.HasPrefix(pdf.Body, []byte("%PDF-")) {
			t.Errorf("download %.20q", pdf.Body)
		}
		c.Neighbour.API("GET", doc, nil).Want(404)
		public := e.Visitor().API("GET", "/public/verify/"+d.Receipts[0].Code, nil).Want(200)
		if bytes.Contains(public.Body, []byte("欧阳娜娜")) || !bytes.Contains(public.Body, []byte("欧***")) || !bytes.Contains(public.Body, []byte(`"valid":true`)) {
			t.Errorf("public %s", public.Body)
		}
		e.Visitor().API("GET", "/public/verify/0000000000000000", nil).Want(404)
		c.Finance.API("POST", "/receipts/"+r.ID+"/void", m{"reason": ""}).Want(422)
		c.Finance.API("POST", "/receipts/"+r.ID+"/void", m{"reason": "抬头有误"}).Want(200)
		if public = e.Visitor().API("GET", "/public/verify/"+d.Receipts[0].Code, nil).Want(200); !bytes.Contains(public.Body, []byte(`"valid":false`)) {
			t.Errorf("after the void: %s", public.Body)
		}
		var book struct{ Items []struct{ No, Year int64 } }
		c.Finance.API("GET", "/foundation/receipts", nil).Want(200).Into(&book)
		if len(book.Items) != 1 || book.Items[0].No != 1 || book.Items[0].Year != 2026 {
			t.Errorf("register %+v", book)
		}
	})
}

func TestGoodsAndOfflineByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		var d giftAnswer
		c.Company.API("POST", "/donations", m{"fund": c.Fund.ID, "kind": "goods", "relation": "none", "agree": true, "no_benefit": true,
			"goods": []m{{"name": "一次性口罩", "quantity": 28240}, {"name": "84消毒水20L", "unit": "桶", "quantity": 134, "value": 1340000}}}).Want(201).Into(&d)
		c.Company.Send("/donations/"+d.ID+"/proofs?line=2", "发票.pdf", fundtest.Agreement).Want(201)
		c.Neighbour.Send("/donations/"+d.ID+"/proofs", "发票.pdf", fundtest.Agreement).Want(404)
		worth := []m{{"line": 1, "quantity": 28240}, {"line": 2, "quantity": 134, "value": 1340000, "basis": "voucher"}}
		c.Finance.API("POST", "/donations/"+d.ID+"/appraise", m{"goods": worth}).Want(403)
		c.Officer.API("POST", "/donations/"+d.ID+"/appraise", m{"goods": worth}).Want(200)
		c.Finance.API("POST", "/donations/"+d.ID+"/confirm", m{"on": apptest.Start.Format(time.RFC3339),
			"goods": []m{{"line": 1, "quantity": 28240}, {"line": 2, "quantity": 134, "value": 1340000}}}).Want(200).Into(&d)
		if d.State != "confirmed" || len(d.Proofs) != 1 || d.Proofs[0].Slot != "proof.2" {
			t.Errorf("confirmed %+v", d)
		}
		offline := m{"fund": c.Fund.ID, "kind": "money", "amount": 500, "relation": "none", "agree": true, "no_benefit": true, "donor_kind": "unknown"}
		c.Reviewer.API("POST", "/foundation/donations", offline).Want(403)
		c.Officer.API("POST", "/foundation/donations", offline).Want(201).Into(&d)
		c.Finance.API("POST", "/donations/"+d.ID+"/cancel", m{"reason": ""}).Want(422)
		c.Finance.API("POST", "/donations/"+d.ID+"/cancel", m{"reason": "没有到账"}).Want(200).Into(&d)
		if d.State != "cancelled" {
			t.Errorf("cancelled %+v", d)
		}
		var list struct{ Items []struct{ ID string } }
		c.Finance.API("GET", "/foundation/donations?state=confirmed", nil).Want(200).Into(&list)
		if len(list.Items) != 1 {
			t.Errorf("list %+v", list)
		}
		c.Company.API("GET", "/foundation/donations", nil).Want(403)
	})
}
