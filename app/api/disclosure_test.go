package api_test

import (
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/money"
)

// TestADisclosureByProgram takes a disclosure from its due day to its correction
// by the API alone.
func TestADisclosureByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ch := e.Charity()
		e.Visitor().API("GET", "/public/360giving.json", nil).Want(404)
		amount := 6_336 * money.Yuan
		d, err := e.Donations.Record(t.Context(), ch.Officer.Actor, donation.Offline{DonorKind: donation.Unknown,
			Pledge: donation.Pledge{Fund: ch.Fund.ID, Kind: donation.Money, Amount: &amount, Relation: donation.NoRelation, Agree: true, NoBenefit: true}})
		if err == nil {
			_, err = e.Donations.Confirm(t.Context(), ch.Finance.Actor, d.ID, donation.Arrival{On: e.Time.Now(), Amount: &amount})
		}
		if err != nil {
			t.Fatal(err)
		}
		var dues []struct {
			Kind, Article string
			DueAt         time.Time `json:"due_at"`
		}
		e.Visitor().API("GET", "/public/funds/"+string(ch.Fund.ID)+"/disclosure-calendar", nil).Want(200).Into(&dues)
		if len(dues) != 2 || dues[0].Kind != "regular" || dues[0].Article != "慈善法第78–79条" {
			t.Errorf("the calendar: %+v", dues)
		}
		e.Time.Advance(time.Hour)
		ch.Officer.API("PUT", "/funds/"+string(ch.Fund.ID)+"/labels", map[string]any{"labels": []map[string]string{{"donation": string(d.ID), "line": "新光社区", "heading": "捐款"}}}).Want(204)
		var x struct {
			ID          string
			State       string
			Number      string
			Missing     []any
			Shown       [][]string
			Table       [][]string
			Differences []any
			Editions    []struct{ State string }
		}
		in := map[string]string{"fund": string(ch.Fund.ID), "kind": "regular"}
		ch.Finance.API("POST", "/disclosures", in).Want(404) // no duty of theirs
		ch.Officer.API("POST", "/disclosures", in).Want(201).Into(&x)
		ch.Officer.API("POST", "/disclosures", in).Want(409)
		at := "/disclosures/" + x.ID
		e.Visitor().API("GET", "/public"+at, nil).Want(404)
		ch.Officer.API("POST", at+"/submit", nil).Want(422)
		ch.Officer.API("PUT", at, map[string]any{"summary": "57 笔捐款，达到启动资金的下限。", "unit": "yuan", "figures": map[string]any{"closing": 1}}).Want(422)
		ch.Officer.API("PUT", at, map[string]any{"summary": "57 笔捐款，达到启动资金的下限。", "unit": "yuan"}).Want(200).Into(&x)
		ch.Officer.API("POST", at+"/submit", nil).Want(200)
		ch.Officer.API("POST", at+"/publish", nil).Want(403)
		ch.Approver.API("POST", at+"/return", map[string]string{"reason": "请补充"}).Want(200)
		ch.Officer.API("POST", at+"/submit", nil).Want(200)
		ch.Approver.API("POST", at+"/publish", nil).Want(200)
		e.Visitor().API("GET", "/public"+at, nil).Want(200).Into(&x)
		if x.State != "published" || x.Number != "公开〔2026〕001号" || x.Shown[1][1] != "6,336.00" || x.Table[1][0] != "新光社区" || len(x.Differences) != 0 {
			t.Errorf("published as %+v", x)
		}
		ch.Officer.API("POST", at+"/correct", map[string]string{"reason": "漏写"}).Want(201).Into(&x)
		second := "/disclosures/" + x.ID
		ch.Officer.API("POST", second+"/submit", nil).Want(200)
		ch.Approver.API("POST", second+"/publish", nil).Want(200)
		e.Visitor().API("GET", "/public"+at, nil).Want(200).Into(&x)
		if x.State != "corrected" || len(x.Editions) != 2 {
			t.Errorf("the first edition: %+v", x)
		}
		ch.Officer.API("POST", "/funds/"+string(ch.Fund.ID)+"/emergency", map[string]string{"reason": "特大暴雨"}).Want(200)
		ch.Officer.API("POST", "/funds/"+string(ch.Fund.ID)+"/emergency/end", nil).Want(200)
		var page struct{ Items []struct{ State string } }
		e.Visitor().API("GET", "/public/disclosures?subject="+string(ch.Fund.ID), nil).Want(200).Into(&page)
		if len(page.Items) != 2 {
			t.Errorf("the public list: %+v", page)
		}
		ch.Officer.API("GET", "/disclosures/calendar", nil).Want(200)
		ch.Officer.API("GET", "/disclosures", nil).Want(200)
	})
}
