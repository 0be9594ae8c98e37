package api_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/seal"
)

// TestLastOffersByProgram walks the round of last offers through the API, and
// searches every byte that is kept for an offer's words before it is opened.
func TestLastOffersByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		approver := e.Colleague(officer, party.Approver)
		var x view
		in := complete()
		in["ceiling"], in["method"] = m{"kind": "total", "amount": 76_000_000}, "consultation"
		officer.API("POST", "/tenders", in).Want(201).Into(&x)
		keys := e.Lock(officer, id.ID(x.ID))
		officer.API("POST", "/tenders/"+x.ID+"/submit", nil).Want(200)
		approver.API("POST", "/tenders/"+x.ID+"/approve", nil).Want(200)
		at := "/tenders/" + x.ID
		var bidders []*apptest.Person
		for i := range 3 {
			p := e.Org(party.Social, fmt.Sprintf("第%d社会工作服务中心", i+1), party.Lead)
			bidders = append(bidders, p)
			sendBid(t, e, p, keys.Tender, 700_000*money.Yuan+money.Fen(i)*10_000*money.Yuan)
			e.Time.Advance(time.Second)
		}
		officer.API("GET", at, nil).Want(200).Into(&x)
		var full struct{ Deadline time.Time }
		officer.API("GET", at, nil).Want(200).Into(&full)
		e.Time.Set(full.Deadline)
		keys.Open()
		var panel []*apptest.Person
		for i := range 3 {
			p := expert(t, e, fmt.Sprintf("专家%d", i+1))
			officer.API("POST", at+"/panel", m{"login": p.Login, "seat": "expert", "reason": "主管预算单位同意"}).Want(201)
			panel = append(panel, p)
		}
		eligible(officer, at)
		officer.API("POST", at+"/panel/begin", nil).Want(200)
		panels := "/panels/" + x.ID
		for _, p := range panel {
			p.API("POST", panels+"/enter", m{"clear": true}).Want(200)
			var desk struct {
				Questions []struct{ Key string }
				Bids      []struct{ Bid string }
			}
			p.API("GET", panels, nil).Want(200).Into(&desk)
			var sheets []m
			for _, b := range desk.Bids {
				sheets = append(sheets, m{"bid": b.Bid, "conforming": true, "scores": m{desk.Questions[0].Key: 6000}})
			}
			p.API("PUT", panels, m{"sheets": sheets}).Want(200)
			p.API("POST", panels+"/submit", nil).Want(200)
		}
		if a := panel[0].API("POST", panels+"/meeting/settle", nil).Want(409); !strings.Contains(string(a.Body), "最后报价") {
			t.Errorf("settled without last offers: %s", a.Body)
		}
		round := at + "/last-offer"
		bidders[0].API("GET", round, nil).Want(403)
		bidders[0].API("POST", round, m{"minutes": 30}).Want(403)
		panel[0].API("POST", round, m{"minutes": 5}).Want(422)
		panel[0].API("POST", round, m{"minutes": 30}).Want(201)
		const words = "标记钟山4402"
		for i, p := range bidders {
			var v struct {
				Recipient string
				Round     struct{ ID id.ID }
				Mine      struct{ Supplier id.ID }
			}
			p.API("GET", round, nil).Want(200).Into(&v)
			sealed, err := seal.PackOffer(seal.LastOffer{Tender: id.ID(x.ID), Supplier: v.Mine.Supplier, Round: v.Round.ID, Price: 690_000*money.Yuan - money.Fen(i)*10_000*money.Yuan,
				Delivery: words}, v.Recipient, nil)
			if err != nil {
				t.Fatal(err)
			}
			p.API("POST", round+"/sealed", m{"sealed": base64.StdEncoding.EncodeToString([]byte("{}"))}).Want(422)
			p.API("POST", round+"/sealed", m{"sealed": base64.StdEncoding.EncodeToString(sealed)}).Want(201)
			p.API("POST", round+"/quit", m{}).Want(409)
		}
		for name, p := range map[string]*apptest.Person{"officer": officer, "member": panel[0], "another": bidders[1]} {
			if a := p.API("GET", round, nil).Want(200); strings.Contains(string(a.Body), words) || strings.Contains(string(a.Body), "第1社会工作服务中心") || strings.Contains(string(a.Body), `"offers"`) {
				t.Errorf("%s sees %s", name, a.Body)
			}
		}
		e.Visitor().API("GET", round, nil).Want(401)
		notKept(t, e, words, "第1社会工作服务中心")
		if a := e.Visitor().Get("/metrics"); strings.Contains(string(a.Body), "last-offer") {
			t.Error("the figures count last offers")
		}
		keys.Holders[0].API("POST", round+"/share", m{"share": keys.Share(0)}).Want(409)
		e.Time.Advance(30 * time.Minute)
		bidders[0].API("POST", round+"/quit", m{}).Want(410)
		panel[0].API("POST", round+"/open", nil).Want(409)
		for i := range 2 {
			keys.Holders[i].API("POST", round+"/share", m{"share": keys.Share(i)}).Want(200)
		}
		panel[0].API("POST", round+"/open", nil).Want(200)
		if a := officer.API("GET", round, nil).Want(200); !strings.Contains(string(a.Body), words) {
			t.Errorf("what was opened is not shown: %s", a.Body)
		}
		panel[0].API("POST", panels+"/meeting/settle", nil).Want(200)
		if a := officer.API("GET", at+"/ranking", nil).Want(200); !strings.Contains(string(a.Body), "67000000") || !strings.Contains(string(a.Body), "first_price") {
			t.Errorf("the ranking goes by %s", a.Body)
		}
	})
}
