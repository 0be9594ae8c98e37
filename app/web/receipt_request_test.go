package web_test

import (
	"net/url"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/money"
)

// A donor of two gifts asks for one receipt from their own page, and finds it
// at both gifts once two people have made it.
func TestADonorAsksForOneReceiptOfAYear(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c, ctx := e.Charity(), t.Context()
		var gifts []donation.Donation
		for _, amount := range []money.Fen{10_000, 20_050} {
			d, err := e.Donations.Pledge(ctx, c.Donor.Actor, donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &amount, Relation: donation.NoRelation, Agree: true, NoBenefit: true})
			if err == nil {
				d, err = e.Donations.Confirm(ctx, c.Finance.Actor, d.ID, donation.Arrival{On: e.Time.Now(), Amount: &amount})
			}
			if err != nil {
				t.Fatal(err)
			}
			gifts = append(gifts, d)
		}
		page := c.Donor.Get("/donations")
		form := page.Find(`#years form[action="/donations/annual-receipt"]`)
		ask := url.Values{"foundation": {form.Find(`[name="foundation"]`).AttrOr("value", "")}, "year": {form.Find(`[name="year"]`).AttrOr("value", "")}}
		if form.Length() != 1 || ask.Get("year") == "" {
			t.Fatalf("the donor cannot ask: %s", page.Find("#years").Text())
		}
		if page = c.Donor.Post("/donations/annual-receipt", ask); page.Code != 200 || page.Find(`#years [name="withdraw"]`).Length() != 1 {
			t.Fatalf("asked: %d %s", page.Code, page.Find("#years").Text())
		}
		const desk = "/foundation/receipts/requests"
		if page = c.Officer.Get(desk); page.Code != 403 || !page.Has("由财务和复核人办理") {
			t.Errorf("an officer is told %d %s", page.Code, page.Text())
		}
		if c.Officer.Get("/inbox").Has("捐赠人申请年度收据") || !c.Finance.Get("/inbox").Has("捐赠人申请年度收据") || !c.Reviewer.Get("/inbox").Has("捐赠人申请年度收据") {
			t.Error("it is told to others than those who deal with it")
		}
		if page = c.Finance.Get("/desk"); page.Find(`a[href="`+desk+`"]`).Length() == 0 {
			t.Error("finance's desk does not say it waits")
		}
		page = c.Finance.Get(desk)
		at := page.Find(`form[action^="`+desk+`/"]`).First().AttrOr("action", "")
		if !page.Has("300.50") || page.Find("details tbody tr").Length() != 2 || at == "" {
			t.Fatalf("what waits: %s", page.Text())
		}
		if page = c.Finance.Post(at, url.Values{"decision": {"refuse"}}); page.Code != 422 {
			t.Errorf("refused without a word: %d", page.Code)
		}
		if page = c.Finance.Post(at, url.Values{"decision": {"prepare"}}); page.Code != 200 || !page.Has("待复核") {
			t.Fatalf("prepared: %d %s", page.Code, page.Text())
		}
		page = c.Reviewer.Get(desk)
		review := page.Find(`a[href^="/foundation/donations/"]:contains("去复核")`).AttrOr("href", "")
		page = c.Reviewer.Get(review)
		to := page.Find(`form[action$="/review"]`).AttrOr("action", "")
		if page = c.Reviewer.Post(to, url.Values{"decision": {"approve"}}); page.Code != 200 {
			t.Fatalf("reviewed at %s: %d %s", to, page.Code, page.Text())
		}
		e.Settle()
		page = c.Donor.Get("/donations")
		if page.Find(`td a[href^="/documents/"]`).Length() != 2 || page.Find(`form[action="/donations/annual-receipt"]`).Length() != 0 {
			t.Errorf("both gifts have the one receipt: %s", page.Find("table").Text())
		}
		if page = c.Donor.Get("/donations/" + string(gifts[1].ID)); page.Find(`a[href^="/documents/"]`).Length() == 0 {
			t.Errorf("the second gift's page: %s", page.Text())
		}
		type m = map[string]any
		c.Company.API("POST", "/donations/annual-receipt", m{"foundation": c.Fund.Foundation, "year": 2026}).Want(409)
		c.Donor.API("POST", "/donations/annual-receipt", m{"foundation": c.Fund.Foundation, "year": 2026}).Want(409)
		c.Donor.API("GET", "/donations/annual-receipts", nil).Want(200)
		c.Finance.API("GET", "/foundation/receipts/requests", nil).Want(200)
		c.Officer.API("GET", "/foundation/receipts/requests", nil).Want(403)
	})
}

// Who hides at one of a year's gifts is not named to the staff by the one
// receipt that covers it with another at which they did not hide.
func TestTheReceiptOfAYearKeepsTheStrictestPrivacy(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c, ctx := e.Charity(), t.Context()
		var gifts []donation.Donation
		for _, hide := range []bool{false, true} {
			amount := 100 * money.Yuan
			d, err := e.Donations.Pledge(ctx, c.Donor.Actor, donation.Pledge{Fund: c.Fund.ID, Kind: donation.Money, Amount: &amount, Relation: donation.NoRelation, Agree: true, NoBenefit: true, Confidential: hide})
			must(t, err)
			_, err = e.Donations.Confirm(ctx, c.Finance.Actor, d.ID, donation.Arrival{On: e.Time.Now(), Amount: &amount})
			must(t, err)
			gifts = append(gifts, d)
		}
		asked, err := e.Receipts.Ask(ctx, c.Donor.Actor, c.Fund.Foundation, e.Time.Now().Year())
		must(t, err)
		r, err := e.Receipts.PrepareYear(ctx, c.Finance.Actor, asked.ID, "")
		must(t, err)
		_, err = e.Receipts.Review(ctx, c.Reviewer.Actor, r.ID, true, "")
		must(t, err)
		e.Settle()
		full, err := e.Receipts.Get(ctx, c.Finance.Actor, r.ID)
		must(t, err)
		if page := c.Officer.Get("/foundation/donations/" + string(gifts[0].ID)); page.Code != 200 || !page.Has(c.Donor.Actor.Name) || page.Find(`a[href^="/documents/"]`).Length() != 0 {
			t.Errorf("the open gift: %d %s", page.Code, page.Text())
		}
		if page := c.Officer.Get("/foundation/donations/" + string(gifts[1].ID)); page.Code != 200 || page.Has(c.Donor.Actor.Name) {
			t.Errorf("the hidden gift: %d %s", page.Code, page.Text())
		}
		for _, at := range []string{"/api/v1/receipts/" + string(r.ID), "/documents/" + string(*full.Document)} {
			if x := c.Officer.Get(at); x.Code == 200 {
				t.Errorf("an officer reads %s", at)
			}
		}
		if page := e.Visitor().Get("/verify/" + full.Code); page.Code != 200 || !page.Has(donation.Anonymous) || page.Has("欧") {
			t.Errorf("the verification page: %d %s", page.Code, page.Text())
		}
	})
}
