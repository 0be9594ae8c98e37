package api_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// TestABatchOfReceiptsByProgram freezes, looks at, approves, takes, mends and
// drops a batch by the API alone.
func TestABatchOfReceiptsByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c, ctx := e.Charity(), t.Context()
		rival := e.Org(party.Foundation, "别的基金会", party.Finance)
		give := func(kind donation.DonorKind, name string, amount money.Fen) id.ID {
			t.Helper()
			d, err := e.Donations.Record(ctx, c.Officer.Actor, donation.Offline{DonorKind: kind, DonorName: name,
				Pledge: donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &amount, Relation: "none", Agree: true, NoBenefit: true, Method: "银行转账"}})
			if err == nil {
				_, err = e.Donations.Confirm(ctx, c.Finance.Actor, d.ID, donation.Arrival{On: apptest.Start, Amount: &amount})
			}
			if err != nil {
				t.Fatal(err)
			}
			return d.ID
		}
		give(donation.Person, "李华", 140_950)
		nameless := give(donation.Unknown, "", 500)
		const home = "/foundation/receipts/batches"
		var b struct {
			ID, State                     string
			Waiting, Issued, Aside, Round int
			Percent                       int
			Causes                        []struct {
				Cause string
				Count int
			}
		}
		for _, who := range []*apptest.Person{c.Officer, c.Reviewer, c.Approver} {
			who.API("POST", home, m{"year": 2026}).Want(403)
		}
		c.Finance.API("POST", home, m{}).Want(422)
		c.Finance.API("POST", home, m{"year": 2026}).Want(201).Into(&b)
		first := b.ID
		c.Finance.API("POST", home, m{"year": 2026}).Want(200).Into(&b)
		if b.ID != first || b.State != "prepared" || b.Waiting != 1 || b.Aside != 1 {
			t.Fatalf("frozen as %+v", b)
		}
		at := home + "/" + b.ID
		reads := []string{"", "/rows", "/trial.pdf", "/receipts.zip"}
		for _, who := range []*apptest.Person{c.Officer, c.Approver, c.Donor, c.Company, rival} {
			for _, path := range reads {
				if x := who.API("GET", at+path, nil); x.Code != 404 && x.Code != 403 || strings.Contains(string(x.Body), "李华") {
					t.Errorf("%s of %s reads %s: %d", who.Actor.Role, who.Actor.OrgName, path, x.Code)
				}
			}
			for step, in := range map[string]any{"/approve": nil, "/recheck": nil, "/drop": m{"reason": "与我无关"}, "/mail": m{"again": true}} {
				if x := who.API("POST", at+step, in); x.Code != 404 && x.Code != 403 {
					t.Errorf("%s of %s posts to %s: %d", who.Actor.Role, who.Actor.OrgName, step, x.Code)
				}
			}
		}
		trial := c.Reviewer.API("GET", at+"/trial.pdf", nil).Want(200)
		if !bytes.HasPrefix(trial.Body, []byte("%PDF-")) {
			t.Error("the trial print is no PDF")
		}
		c.Finance.API("GET", at+"/receipts.zip", nil).Want(409)
		c.Finance.API("POST", at+"/approve", nil).Want(403)
		c.Reviewer.API("POST", at+"/approve", nil).Want(200)
		e.Settle()
		c.Reviewer.API("POST", at+"/approve", nil).Want(200)
		c.Finance.API("GET", at, nil).Want(200).Into(&b)
		if b.State != "done" || b.Issued != 1 || b.Aside != 1 || b.Percent != 100 || len(b.Causes) != 1 || b.Causes[0].Count != 1 {
			t.Errorf("issued %+v", b)
		}
		var rows struct {
			Total int
			Items []struct{ State, Number, Why string }
		}
		c.Reviewer.API("GET", at+"/rows?state=issued", nil).Want(200).Into(&rows)
		if rows.Total != 1 || rows.Items[0].Number != "2026-000001" {
			t.Errorf("issued rows %+v", rows)
		}
		rows.Items = nil
		c.Finance.API("GET", at+"/rows?state=aside", nil).Want(200).Into(&rows)
		if rows.Total != 1 || rows.Items[0].Why == "" || rows.Items[0].Number != "" {
			t.Errorf("rows set aside %+v", rows)
		}
		packed := c.Finance.API("GET", at+"/receipts.zip", nil).Want(200)
		z, err := zip.NewReader(bytes.NewReader(packed.Body), int64(len(packed.Body)))
		if err != nil || len(z.File) != 2 || z.File[0].Name != "2026-000001 李华.pdf" {
			t.Errorf("the ZIP: %v, %v", z, err)
		}
		c.Reviewer.API("POST", at+"/recheck", nil).Want(403)
		c.Finance.API("POST", at+"/recheck", nil).Want(200).Into(&b)
		if b.State != "done" {
			t.Errorf("nothing is mended and it waits: %+v", b)
		}
		if _, err := e.Donations.Identify(ctx, c.Finance.Actor, nameless, donation.Identity{Kind: donation.Person, Name: "王芳"}); err != nil {
			t.Fatal(err)
		}
		c.Finance.API("POST", at+"/recheck", nil).Want(200).Into(&b)
		if b.State != "prepared" || b.Round != 2 || b.Waiting != 1 {
			t.Errorf("mended: %+v", b)
		}
		c.Reviewer.API("POST", at+"/drop", m{"reason": " "}).Want(422)
		c.Reviewer.API("POST", at+"/drop", m{"reason": "抬头待核实"}).Want(200).Into(&b)
		if b.State != "dropped" {
			t.Errorf("dropped: %+v", b)
		}
		c.Reviewer.API("POST", at+"/approve", nil).Want(403)
		var list struct {
			Total int
			Items []struct{ ID string }
		}
		c.Finance.API("GET", home+"?state=dropped", nil).Want(200).Into(&list)
		if list.Total != 1 || list.Items[0].ID != first {
			t.Errorf("the list: %+v", list)
		}
		rival.API("GET", home, nil).Want(200).Into(&list)
		if list.Total != 0 {
			t.Errorf("another foundation lists it: %+v", list)
		}
		c.Finance.API("POST", home, m{"year": 2026}).Want(201).Into(&b)
		if b.ID == first || b.Waiting != 1 || b.Aside != 1 {
			t.Errorf("prepared anew: %+v", b)
		}
	})
}
