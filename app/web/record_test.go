package web_test

import (
	"encoding/json"
	"testing"

	"gongji/app/apptest"
	"gongji/app/party"
	"gongji/app/party/standing"
	"gongji/app/party/standing/standingtest"
)

func TestTheRecordOfAnOrganisation(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		registrar := e.Org(party.Bureau, "青山区民政局", party.Registrar)
		supervisor, approver := e.Colleague(registrar, party.Supervisor), e.Colleague(registrar, party.Approver)
		lead := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
		staff, other := e.Colleague(lead, party.Staff), e.Org(party.Social, "暖邻为老服务中心", party.Lead)
		org := "/organisations/" + string(lead.Actor.Org)
		page := e.Visitor().Get(org)
		if page.Find("#record .tile").Length() != 6 || page.Find("#record a[href='"+org+"/milestones']").Length() != 1 {
			t.Errorf("an empty record: %s", page.Find("#record").Text())
		}
		if p := e.Visitor().Get(org + "/milestones"); p.Code != 200 || p.Find(".empty").Length() != 1 {
			t.Errorf("no milestones: %d", p.Code)
		}

		at := org + "/recognitions"
		for _, who := range []*apptest.Person{other, approver} {
			if p := who.Get(at); p.Code != 404 && p.Code != 403 {
				t.Errorf("a stranger reads the proofs: %d", p.Code)
			}
		}
		if p := lead.Post(at, form("kind", "rating", "level", "6A", "issuer", "市民政局", "issued_on", "2027-01-01")); p.Code != 422 ||
			p.Find(".error-summary a[href='#f-level']").Length() != 1 || p.Find(".error-summary a[href='#f-issued_on']").Length() != 1 {
			t.Errorf("a rating of 6A from next year: %d %s", p.Code, p.Find(".error-summary").Text())
		}
		p := lead.Post(at, form("kind", "rating", "level", "4A", "issuer", "市民政局", "number", "评字〔2024〕1号", "issued_on", "2024-03-15"))
		item := p.Find("section.card[id]").AttrOr("id", "")
		if p.Code != 200 || item == "" || !p.Has("至 2029年3月14日") {
			t.Fatalf("put forward: %d %s", p.Code, p.Text())
		}
		if e.Visitor().Get(org).Has("评字〔2024〕1号") {
			t.Error("the public reads what nobody checked")
		}
		check := "/recognitions/" + item + "/check"
		if p := registrar.Post(check, form("decision", "publish")); p.Code != 422 || !p.Has("还没有上传证书") {
			t.Errorf("published without proof: %d", p.Code)
		}
		lead.Upload("/attachments/recognition/"+item, "评估公布.pdf", []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"), form("back", at))
		if p := registrar.Get("/authority/recognitions"); p.Find("form[action='"+check+"']").Length() != 1 {
			t.Errorf("the office has nothing to check: %s", p.Text())
		}
		if p := lead.Post(check, form("decision", "publish")); p.Code != 403 {
			t.Errorf("the organisation checked its own: %d", p.Code)
		}
		if p := registrar.Post(check, form("decision", "publish")); p.Code != 200 {
			t.Errorf("checked: %d %s", p.Code, p.Text())
		}
		if page = e.Visitor().Get(org); !page.Has("评字〔2024〕1号") || page.Find("#record a[href='#ratings']").Text() != "4A" {
			t.Errorf("the rating is not on the record: %s", page.Find("#record").Text())
		}
		if p := registrar.Post("/recognitions/"+item+"/revoke", form("reason", "评估材料不实，撤销等级。")); p.Code != 200 {
			t.Errorf("revoked: %d", p.Code)
		}
		if page = e.Visitor().Get(org); !page.Has("已撤销") || page.Find("#record a[href='#ratings']").Text() != "—" {
			t.Error("a rating that was revoked still counts")
		}

		l := standingtest.Listed(t, e.Standing, supervisor.Actor, approver.Actor, lead.Actor, "ban")
		if page = lead.Get(org); page.Find("a[href='"+org+"/answers/listing/"+string(l.ID)+"']").Length() != 1 {
			t.Fatal("the organisation is not offered to answer")
		}
		say := org + "/answers/listing/" + string(l.ID)
		if p := other.Get(say); p.Code != 404 && p.Code != 403 {
			t.Errorf("somebody else answers: %d", p.Code)
		}
		if p := staff.Post(say, form("step", "draft", "text", "短")); p.Code != 422 || p.Find("#f-text[aria-invalid]").Length() != 1 {
			t.Errorf("too short: %d", p.Code)
		}
		if p := staff.Post(say, form("step", "draft", "text", "我们已完成整改，并向社会致歉。")); p.Code != 200 || p.Find("button[value='publish']").Length() != 0 {
			t.Errorf("staff drafted: %d", p.Code)
		}
		if p := staff.Post(say, form("step", "publish")); p.Code != 403 && p.Code != 404 {
			t.Errorf("staff published: %d", p.Code)
		}
		if e.Visitor().Get(org).Has("致歉") {
			t.Error("a draft is public")
		}
		lead.Post(say, form("step", "publish"))
		lead.Post(say, form("step", "draft", "text", "我们已完成整改，更正了一处日期。"))
		lead.Post(say, form("step", "publish"))
		if page = e.Visitor().Get(org); !page.Has("更正了一处日期") || !page.Has("已更正") || page.Find("#record details").Length() != 1 || page.Find("a[href='"+say+"']").Length() != 0 {
			t.Errorf("the correction: %s", page.Find("#record").Text())
		}
		var rec struct {
			Listings []standing.Listing           `json:"listings"`
			Answers  map[string][]standing.Answer `json:"answers"`
			Ratings  []standing.Recognition       `json:"recognitions"`
		}
		e.Visitor().API("GET", "/public"+org, nil).Want(200).Into(&rec)
		if len(rec.Listings) != 1 || len(rec.Answers["listing/"+string(l.ID)]) != 2 || len(rec.Ratings) != 1 {
			t.Errorf("by the API: %+v", rec)
		}
		e.Visitor().API("GET", "/public"+org+"/milestones", nil).Want(200)
		lead.API("PUT", "/answers/listing/"+string(l.ID), json.RawMessage(`{"text":"再次更正回应的内容。"}`)).Want(200)
		lead.API("POST", "/answers/listing/"+string(l.ID)+"/publish", nil).Want(200)
		other.API("GET", "/answers/listing/"+string(l.ID), nil).Want(404)
		lead.API("POST", org+"/recognitions", json.RawMessage(`{"kind":"commendation","title":"优秀社会组织","issuer":"市民政局","issued_on":"2025-12-01"}`)).Want(201)
		lead.API("GET", org+"/recognitions", nil).Want(200)
	})
}
