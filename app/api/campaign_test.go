package api_test

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/party"
)

func TestACampaignByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		const code = "91654026MA78WT2Q66"
		now := e.Time.Now()
		day := func(n int) string { return now.AddDate(0, 0, n).Format("2006-01-02") }
		form := m{"name": "社区助老公开募捐", "purpose": "为独居老人购买上门照料服务和应急物资", "fund": c.Fund.ID, "platform": "某指定平台",
			"url": "https://gongyi.example.cn/donate/1", "filing_number": code, "qualification": "粤募证字第0001号", "starts_on": day(-30), "ends_on": day(30)}
		var x struct {
			ID, State string
			Missing   []struct{ Field string }
			Total     struct{ Net, Gifts int64 }
		}
		c.Officer.API("POST", "/campaigns", form).Want(201).Into(&x)
		if len(x.Missing) != 2 {
			t.Errorf("missing %+v", x.Missing)
		}
		at := "/campaigns/" + x.ID
		form["filing_number"] = code + "A26001"
		c.Officer.API("PUT", at, form).Want(200)
		c.Officer.Send(at+"/attachments", "证书.pdf", fundtest.Agreement).Want(201)
		c.Officer.API("POST", at+"/submit", nil).Want(200)
		e.Visitor().API("GET", "/public"+at, nil).Want(404)
		c.Officer.API("POST", at+"/approve", nil).Want(403)
		c.Approver.API("POST", at+"/approve", nil).Want(200)
		var y struct{ ID, State, Donation string }
		paper := m{"reference": "JS-1", "from": day(-20), "to": day(-1), "gross": "10000", "platform_fee": "0", "net": "10000", "gifts": "412"}
		c.Officer.API("POST", at+"/settlements", paper).Want(201).Into(&y)
		c.Officer.Send("/settlements/"+y.ID+"/list", "名单.csv", []byte("票据抬头,金额\n欧阳娜娜,1200\n")).Want(200)
		c.Officer.API("GET", "/settlements/"+y.ID+"/list", nil).Want(200)
		c.Officer.API("POST", "/settlements/"+y.ID+"/enter", nil).Want(422)
		c.Officer.Send("/settlements/"+y.ID+"/attachments", "结算单.pdf", fundtest.Agreement).Want(201)
		c.Officer.Send("/settlements/"+y.ID+"/list", "名单.csv", []byte("票据抬头,金额\n欧阳娜娜,1200\n")).Want(200)
		c.Officer.API("GET", "/settlements/"+y.ID+"/list", nil).Want(200)
		c.Officer.API("POST", "/settlements/"+y.ID+"/enter", nil).Want(200).Into(&y)
		c.Officer.API("POST", "/settlements/"+y.ID+"/discard", nil).Want(409)
		e.Org(party.Foundation, "别的基金会", party.Finance).API("GET", "/settlements/"+y.ID, nil).Want(404)
		c.Finance.API("POST", "/donations/"+y.Donation+"/confirm", m{"amount": 1_000_000, "on": now}).Want(200)
		e.Visitor().API("GET", "/public"+at, nil).Want(200).Into(&x)
		if x.State != "running" || x.Total.Net != 1_000_000 || x.Total.Gifts != 412 {
			t.Errorf("public: %+v", x)
		}
		c.Officer.API("GET", at+"/settlements", nil).Want(200)
		c.Officer.API("GET", "/campaigns?state=running", nil).Want(200)
		e.Visitor().API("GET", "/public/campaigns", nil).Want(200)
		c.Approver.API("POST", at+"/end", m{"reason": "募捐期满"}).Want(200)
	})
}
