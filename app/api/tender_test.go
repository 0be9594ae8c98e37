package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/catalogue"
)

type m = map[string]any

func complete() m {
	return m{
		"title": "青山区居家养老上门服务项目", "catalogue_code": "C05010400", "region": "湖北省武汉市青山区",
		"negative_list": []bool{false, false, false, false, false, false},
		"what":          "为高龄老人提供上门助洁、助餐服务", "from_whom": "依法登记的社会组织", "for_whom": "80 岁以上老人 250 人",
		"public_service": true, "survey": m{"basis": "within_year", "note": "2025 年 12 月已开展同一标的的需求调查"}, "public_opinion": "2026 年 4 月在三个社区听取老人和家属意见，采纳了增加助浴的建议", "intention_exempt": "原服务机构突然停业，采购需求不可预见",
		"requirements": []string{"上门人员持有健康证明"}, "contract_terms": "按季度考核后支付；不得转包。",
		"method": "open", "scoring": "comprehensive", "budget": 77_000_000,
		"ceiling":     m{"kind": "unit", "amount": 12_000, "unit": "人次", "quantity": 6000, "cap": 76_000_000},
		"term_months": 12, "documents_until": "2026-06-09T00:00:00+08:00", "deadline": "2026-06-22T09:00:00+08:00",
		"opening_place": "本平台线上开标", "contact": "养老服务科 027-86860000",
		"criteria": []m{{"name": "价格", "weight": 1000, "kind": "price"}, {"name": "方案", "weight": 9000, "kind": "expert", "bands": []m{{"text": "完整可行", "points": 9000, "least": 4000}, {"text": "一般", "points": 3000}}}},
	}
}

type view struct {
	ID        string
	Version   int64
	State     string
	Number    string
	Budget    int64
	Reason    string
	Deadline  time.Time
	Missing   []struct{ Field, Message string }
	Timeline  []struct{ Action string }
	DraftedBy *string `json:"drafted_by"`
}

// TestAPurchaseByProgram walks a draft to its public notice through the API.
func TestAPurchaseByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		approver := e.Colleague(officer, party.Approver)
		supplier := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
		var x view
		officer.API("POST", "/tenders", m{"title": "青山区居家养老上门服务项目"}).Want(201).Into(&x)
		if x.State != "draft" || len(x.Missing) < 10 {
			t.Errorf("draft %+v", x)
		}
		at := "/tenders/" + x.ID
		officer.API("POST", at+"/submit", nil).Want(422)
		in := complete()
		in["version"] = x.Version
		x.Missing = nil
		officer.API("PATCH", at, in).Want(200).Into(&x)
		officer.API("PATCH", at, in).Want(409)
		if len(x.Missing) != 1 || !strings.Contains(x.Missing[0].Message, "持钥人") || x.Budget != 77_000_000 || !x.Deadline.Equal(time.Date(2026, 6, 22, 1, 0, 0, 0, time.UTC)) {
			t.Errorf("after the patch: %+v", x)
		}
		supplier.API("GET", at, nil).Want(404)
		supplier.API("PATCH", at, m{"title": "改"}).Want(403)
		e.Visitor().API("GET", "/public"+at, nil).Want(404)
		if up := officer.API("POST", at+"/attachments", nil); up.Code != 422 {
			t.Errorf("no file at all: %d %s", up.Code, up.Body)
		}
		officer.API("POST", at+"/approve", nil).Want(403)
		officer.API("POST", at+"/submit", nil).Want(422)
		e.Lock(officer, id.ID(x.ID))
		officer.API("POST", at+"/submit", nil).Want(200)
		approver.API("POST", at+"/return", m{"reason": ""}).Want(422)
		approver.API("POST", at+"/return", m{"reason": "请核对预算"}).Want(200).Into(&x)
		if x.State != "draft" || x.Reason != "请核对预算" {
			t.Errorf("returned: %+v", x)
		}
		officer.API("POST", at+"/submit", nil).Want(200)
		approver.API("POST", at+"/approve", nil).Want(200).Into(&x)
		if x.State != "open" || !strings.HasPrefix(x.Number, "GJ采〔2026〕") || x.DraftedBy != nil {
			t.Errorf("published: %+v", x)
		}
		approver.API("POST", at+"/approve", nil).Want(403)
		var list struct {
			Items []view
			Total int
		}
		e.Visitor().API("GET", "/public/tenders?q="+url.QueryEscape("养老")+"&state=open", nil).Want(200).Into(&list)
		if list.Total != 1 || len(list.Items) != 1 || list.Items[0].ID != x.ID {
			t.Errorf("found %+v", list)
		}
		var seen view
		e.Visitor().API("GET", "/public"+at, nil).Want(200).Into(&seen)
		if len(seen.Timeline) != 6 || len(seen.Missing) != 0 {
			t.Errorf("the public sees %+v", seen)
		}
		e.Time.Set(x.Deadline)
		e.Visitor().API("GET", "/public"+at, nil).Want(200).Into(&seen)
		if seen.State != "closed" {
			t.Errorf("at the deadline it is %s", seen.State)
		}
		officer.API("POST", at+"/cancel", m{"reason": "不买了"}).Want(403)
		approver.API("POST", at+"/cancel", m{"reason": "任务取消"}).Want(200).Into(&x)
		if x.State != "cancelled" {
			t.Errorf("cancelled: %+v", x)
		}
	})
}

func TestSomebodyElsesTenderAndBrokenIDs(t *testing.T) {
	e := apptest.SQLite(t)
	officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
	other := e.Org(party.Bureau, "红花区民政局", party.Officer)
	var x view
	officer.API("POST", "/tenders", complete()).Want(201).Into(&x)
	made := string(id.New(apptest.Start))
	for _, at := range []string{"/tenders/" + x.ID, "/tenders/" + made, "/tenders/1", "/tenders/'%20OR%201=1--", "/tenders/" + strings.ToLower(x.ID)} {
		other.API("GET", at, nil).Want(404)
		other.API("PATCH", at, m{"title": "抢"}).Want(404)
		for _, verb := range []string{"submit", "approve"} {
			other.API("POST", at+"/"+verb, nil).Want(404)
		}
		for _, verb := range []string{"return", "cancel", "correct"} {
			other.API("POST", at+"/"+verb, m{"reason": "因为"}).Want(404)
		}
	}
	officer.API("PATCH", "/tenders/"+x.ID, m{"state": "open"}).Want(422)
	officer.API("PATCH", "/tenders/"+x.ID, m{"budget": 1.5}).Want(422)
	officer.API("PATCH", "/tenders/"+x.ID, m{"budget": -1, "ceiling": m{"kind": "total", "amount": int64(1) << 60}}).Want(200).Into(&x)
	var said []string
	for _, f := range x.Missing {
		said = append(said, f.Field)
	}
	if got := strings.Join(said, " "); !strings.Contains(got, "budget") || !strings.Contains(got, "ceiling") {
		t.Errorf("complaints %q", got)
	}
	e.Visitor().API("GET", "/public/catalogue?q="+url.QueryEscape("养老"), nil).Want(200)
}

// Anyone reads the guidance catalogue, whole and by words, without a sign-in.
func TestTheCatalogueIsPublic(t *testing.T) {
	e := apptest.SQLite(t)
	t.Run("102号令11 指导性目录应当公开", func(t *testing.T) {
		read := func(query string) (out []catalogue.Entry) {
			e.Visitor().API("GET", "/public/catalogue"+query, nil).Want(200).Into(&out)
			return out
		}
		if got := read("?q=" + url.QueryEscape("养老")); len(got) == 0 || got[0].Code != "C05010400" {
			t.Errorf("养老 gives %+v", got)
		}
		seen := map[string]bool{}
		var walk func(parent string)
		walk = func(parent string) {
			for _, x := range read("?parent=" + parent) {
				seen[x.Code] = true
				if x.Level < 4 {
					walk(x.Code)
				}
			}
		}
		walk("C") // from the top down, the whole edition is reached
		if whole := catalogue.At(e.Time.Now()); len(seen) != len(whole.Entries) {
			t.Errorf("reached %d of %d entries", len(seen), len(whole.Entries))
		}
	})
}
