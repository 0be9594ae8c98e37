package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/bank"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// TestAHiddenDonorIsNowhere gives as somebody who hides from the foundation's
// staff, takes the gift from the bank's line to the receipt, and then reads
// every page, list, export and file that the staff but for finance and the
// reviewer, other donors and strangers can open, and the log: no name anywhere.
func TestAHiddenDonorIsNowhere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		const marker = "隐者甲乙丙"
		secret := e.Person(marker)
		keeper := e.Colleague(c.Approver, party.Storekeeper)
		ctx := t.Context()
		amount := 123_400 * money.Fen(1)
		pledge := donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &amount, Method: "银行转账", Relation: donation.Declared, RelationNote: marker + "的姐姐在社区", Agree: true, NoBenefit: true, Confidential: true}
		d, err := e.Donations.Pledge(ctx, secret.Actor, pledge)
		must(t, err)
		goods := pledge
		goods.Kind, goods.Amount, goods.Goods = donation.Goods, nil, []donation.Thing{{Name: "棉被", Quantity: 3}}
		g, err := e.Donations.Pledge(ctx, secret.Actor, goods)
		must(t, err)
		secret.Upload("/attachments/donation/"+string(g.ID), marker+"的发票.pdf", fundtest.Agreement, url.Values{"slot": {"proof"}, "back": {"/donations/" + string(g.ID)}})
		// The bank's line is brought in by finance; the name stands in it three times over.
		var a bank.Account
		c.Finance.API("POST", "/bank/accounts", bank.Opening{Name: "某行", Tail: "1234", Opening: 0, OpenedOn: "2026-05-01"}).Want(201).Into(&a)
		var i bank.Import
		body := bankHead + "2026-05-31,1234,," + marker + "," + "捐款 " + d.Reference + " " + marker + ",S1\n2026-05-31,5,," + marker + ",谢谢,S2\n坏行,3,," + marker + ",x,S3\n"
		c.Finance.Send("/bank/accounts/"+string(a.ID)+"/imports", "流水.csv", []byte(body)).Want(201).Into(&i)
		c.Finance.API("POST", "/bank/imports/"+string(i.ID)+"/begin", nil).Want(200)
		e.Settle()
		var lines struct {
			Items []struct {
				ID     string
				Name   string
				Amount money.Fen
			}
		}
		c.Finance.API("GET", "/bank/lines", nil).Want(200).Into(&lines)
		if len(lines.Items) != 2 || lines.Items[0].Name != marker || lines.Items[1].Name != marker {
			t.Fatalf("finance reads %+v", lines)
		}
		line := ""
		for _, l := range lines.Items {
			if l.Amount == amount {
				line = l.ID
			}
		}
		c.Finance.API("POST", "/bank/lines/"+line+"/match", map[string]any{"kind": "donation", "target": d.ID, "note": "户名" + marker}).Want(200)
		c.Approver.API("POST", "/bank/lines/"+line+"/confirm", map[string]any{"relation_checked": true}, "Idempotency-Key", "k").Want(200)
		r, err := e.Receipts.Prepare(ctx, c.Finance.Actor, d.ID, "")
		must(t, err)
		_, err = e.Receipts.Review(ctx, c.Reviewer.Actor, r.ID, true, "")
		must(t, err)
		e.Settle()
		payee := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
		further := onward(t, e, c, secret, pledge, payee.Actor.OrgName)
		village := e.Org(party.Community, "横沥镇新城社区", party.Lead)
		ways, more := onwardToo(t, e, c, secret, keeper, village, pledge)
		people := map[string]*apptest.Person{"payee": payee, "recipient": village, "officer": c.Officer, "approver": c.Approver, "storekeeper": keeper, "donor": c.Donor, "company": c.Company,
			"other finance": e.Org(party.Foundation, "别家基金会", party.Finance), "auditor": e.Org(party.Platform, "平台", party.Auditor), "visitor": e.Visitor()}
		ids := map[string]string{"/donations/{id}": string(d.ID), "/foundation/donations/{id}": string(d.ID), "/receipts/{id}": string(r.ID), "/foundation/receipts/{id}": string(r.ID),
			"/bank/lines/{id}": line, "/foundation/bank/lines/{id}": line, "/bank/imports/{id}": string(i.ID), "/foundation/bank/imports/{id}": string(i.ID), "/funds/{id}": string(c.Fund.ID),
			"/foundation/funds/{id}": string(c.Fund.ID), "/bank/months/{month}": "/", "/foundation/bank/months/{month}": "/"}
		maps.Copy(ids, further)
		maps.Copy(ids, ways)
		batch := "/foundation/receipts/batches/" + further["/foundation/receipts/batches/{id}"]
		read := 0
		look := func(name, path string) {
			p := people[name]
			var code int
			var text string
			if api, ok := strings.CutPrefix(path, "/api/v1"); ok {
				x := p.API("GET", api, nil)
				code, text = x.Code, string(x.Body)
			} else {
				x := p.Get(path)
				code, text = x.Code, string(x.Body)
			}
			if code == 200 {
				read++
			}
			if at := strings.Index(text, marker); at >= 0 {
				t.Errorf("%s reads the name at %s: …%s…", name, path, text[max(0, at-120):min(len(text), at+60)])
			}
		}
		extra := []string{"/foundation/donations/export.csv?q=" + url.QueryEscape(marker), "/foundation/donations/export.csv?q=" + url.QueryEscape(d.Reference), "/foundation/donations/" + string(g.ID),
			"/api/v1/donations/" + string(g.ID), "/foundation/receipts?q=" + url.QueryEscape("隐者"), "/foundation/bank/lines?q=S1", "/api/v1/bank/lines/" + line + "/candidates", "/foundation/bank/months/2026-05",
			"/api/v1/bank/months/2026-05", batch + "/rows/1/trial.pdf", batch + "/rows.csv?q=" + url.QueryEscape(marker), batch + "?q=" + url.QueryEscape(marker)}
		extra = append(extra, more...)
		full, err := e.Receipts.Get(ctx, c.Finance.Actor, r.ID)
		must(t, err)
		extra = append(extra, "/documents/"+string(*full.Document), "/verify/"+full.Code, "/api/v1/verify/"+full.Code)
		files, err := e.Donations.Proofs(ctx, secret.Actor, g.ID)
		must(t, err)
		for _, f := range files {
			extra = append(extra, "/attachments/"+string(f.ID))
		}
		for name := range people {
			for _, route := range e.Routes {
				path := route.Path
				for part, of := range ids {
					api, isAPI := strings.CutPrefix(path, "/api/v1")
					if !isAPI {
						api = path
					}
					if of != "/" && (api == part || strings.HasPrefix(api, part+"/")) {
						path = strings.Replace(path, "{id}", of, 1)
					}
				}
				if route.Method == http.MethodGet && !strings.ContainsAny(path, "{*") && !strings.HasSuffix(path, "/events") {
					look(name, path)
				}
			}
			for _, path := range extra {
				look(name, path)
			}
			// A name is not even found: the list of a search for it is that of nobody.
			if p := people[name].Get("/foundation/donations?q=" + url.QueryEscape(marker)); people[name].Actor.Org == c.Fund.Foundation && !p.Has("没有符合条件的捐赠") {
				t.Errorf("%s finds a donor by the hidden name", name)
			}
		}
		if strings.Contains(e.Log.String(), marker) || strings.Contains(e.Log.String(), url.QueryEscape(marker)) {
			t.Error("the log names the donor")
		}
		if read < 300 {
			t.Errorf("only %d pages were read", read)
		}
		// The same search finds the name where it may be known, or it proves nothing.
		for _, p := range []*apptest.Person{c.Finance, c.Reviewer, secret} {
			path := "/foundation/donations/" + string(d.ID)
			if p == secret {
				path = "/donations/" + string(d.ID)
			}
			if x := p.Get(path); !strings.Contains(string(x.Body), marker) {
				t.Errorf("%s does not read the name: %d %s", fmt.Sprint(p.Actor.Role), x.Code, x.Text())
			}
		}
		for _, p := range []*apptest.Person{c.Finance, c.Reviewer} {
			if x := p.Get(batch); x.Code != 200 || !x.Has(marker) {
				t.Errorf("%s does not read the batch: %d", p.Actor.Role, x.Code)
			}
		}
		if x := c.Officer.Get("/foundation/donations/" + string(d.ID)); x.Code != 200 || !x.Has(donation.Withheld) {
			t.Errorf("the officer reads %d", x.Code)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
