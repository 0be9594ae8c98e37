package web_test

import (
	"net/url"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/donation"
	"gongji/app/party"
)

// Goods leave the stock by forms: drafted, approved, shipped, counted and signed
// for by the recipient; then the donor and everybody see where they went.
func TestGoodsAreHandedOutByForms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		ctx := t.Context()
		store := e.Colleague(c.Approver, party.Storekeeper)
		village := e.Org(party.Community, "横沥镇新城社区", party.Lead)
		d, err := e.Donations.Pledge(ctx, c.Donor.Actor, donation.Pledge{Fund: c.Fund.ID, Kind: donation.Goods, Relation: donation.NoRelation, Agree: true, NoBenefit: true,
			Goods: []donation.Thing{{Name: "口罩", Unit: new("只"), Quantity: 200}}})
		if err == nil {
			_, err = e.Donations.Confirm(ctx, c.Finance.Actor, d.ID, donation.Arrival{On: e.Time.Now(), Goods: []donation.Arrived{{Line: 1, Quantity: 200}}})
		}
		if err != nil {
			t.Fatal(err)
		}
		page := c.Officer.Get("/foundation/handouts/new?fund=" + string(c.Fund.ID))
		field := page.Find(`input[name^="quantity."]`).AttrOr("name", "")
		form := url.Values{"fund": {string(c.Fund.ID)}, "recipient": {"没有这个社区"}, "purpose": {"发给社区值守人员使用"}, field: {"120"}}
		if page = c.Officer.Post("/foundation/handouts", form); page.Code != 422 || page.Find(`#f-recipient[aria-invalid="true"]`).Length() != 1 || page.Find(`input[name="`+field+`"]`).AttrOr("value", "") != "120" {
			t.Errorf("a recipient that is none: %d %s", page.Code, page.Find(".error-summary").Text())
		}
		form.Set("recipient", "横沥镇新城社区")
		page = c.Officer.Post("/foundation/handouts", form)
		at := page.Path
		if page.Code != 200 || !page.Has("待批准") {
			t.Fatalf("drafted: %d %s", page.Code, page.Text())
		}
		public := strings.Replace(at, "/foundation", "", 1)
		if page = e.Visitor().Get(public); page.Code != 404 {
			t.Errorf("a visitor reads it: %d", page.Code)
		}
		if page = c.Officer.Post(at+"/decide", url.Values{"decision": {"approve"}}); page.Code != 403 {
			t.Errorf("an officer approves: %d", page.Code)
		}
		if page = c.Approver.Get("/desk"); page.Find(`a[href="/foundation/handouts?state=review"]`).Length() == 0 {
			t.Error("the approver's desk does not say it waits")
		}
		post(t, c.Approver, 422, at+"/decide", "decision", "cancel")
		post(t, c.Approver, 200, at+"/decide", "decision", "approve")
		page = store.Get(at)
		if page.Find(`form[action$="/decide"] input[name="decision"][value="ship"]`).Length() != 1 {
			t.Errorf("the store cannot ship: %s", page.Text())
		}
		post(t, store, 200, at+"/decide", "decision", "ship")
		if page = village.Get("/desk"); page.Find(`a[href="/handouts?mine=yes"]`).Length() == 0 {
			t.Error("the recipient's desk does not say it waits")
		}
		if page = village.Get("/handouts?mine=yes"); page.Find(`a[href="`+public+`"]`).Length() != 1 {
			t.Errorf("the recipient's list: %s", page.Text())
		}
		if page = village.Post(public+"/sign", url.Values{"accepted.1": {"一百"}}); page.Code != 422 || page.Find(`a[href^="#f-accepted"]`).Length() == 0 {
			t.Errorf("a count that is none: %d %s", page.Code, page.Find(".error-summary").Text())
		}
		if page = village.Post(public+"/sign", url.Values{"accepted.1": {"110"}, "why.1": {""}}); page.Code != 422 || page.Find(`input[name="accepted.1"]`).AttrOr("value", "") != "110" {
			t.Errorf("ten without a reason: %d", page.Code)
		}
		post(t, village, 200, public+"/sign", "accepted.1", "110", "why.1", "破损")
		page = e.Visitor().Get(public)
		if page.Code != 200 || !page.Has("110") || !page.Has("破损") || page.Has(village.Actor.Name) {
			t.Errorf("the public page: %d %s", page.Code, page.Text())
		}
		if page = e.Visitor().Get("/handouts?fund=" + string(c.Fund.ID)); page.Find("table tbody tr").Length() != 1 {
			t.Error("the public list")
		}
		page = c.Donor.Get("/donations/" + string(d.ID))
		if page.Find("#trace tbody tr").Length() != 1 || !page.Has("先进先出") || !page.Has("横沥镇新城社区") || page.Find(`#trace a[href="`+public+`"]`).Length() != 1 {
			t.Errorf("where did it go: %s", page.Find("#trace").Text())
		}
		c.Donor.API("GET", "/donations/"+string(d.ID)+"/goods-trace", nil).Want(200)
		e.Visitor().API("GET", "/public/handouts", nil).Want(200)
		e.Visitor().API("GET", "/public"+public, nil).Want(200)
		village.API("GET", "/handouts/received", nil).Want(200)
		var x struct{ ID string }
		item := strings.TrimPrefix(field, "quantity.")
		type m = map[string]any
		c.Officer.API("POST", "/handouts", m{"fund": c.Fund.ID, "recipient": "横沥镇新城社区", "purpose": "第二批发给社区", "lines": []m{{"item": item, "quantity": 20}}}).Want(201).Into(&x)
		c.Approver.API("POST", "/handouts/"+x.ID+"/approve", nil).Want(200)
		store.API("POST", "/handouts/"+x.ID+"/ship", nil).Want(200)
		c.Finance.API("POST", "/handouts/"+x.ID+"/sign", m{"lines": []m{{"line": 1, "accepted": 20}}}).Want(403)
		village.API("POST", "/handouts/"+x.ID+"/sign", m{"lines": []m{{"line": 1, "accepted": 20}}}).Want(200)
		c.Officer.API("GET", "/handouts?state=signed", nil).Want(200)
	})
}
