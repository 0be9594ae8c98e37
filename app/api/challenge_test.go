package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/party"
	"gongji/app/procurement/schedule"
)

func letter(stage string) m {
	return m{"kind": "challenge", "stage": stage, "contact": "王某 027-86861111", "points": []m{{"matter": "资格条件排斥新设立的社会组织", "request": "修改采购文件", "facts": "第二章第三条"}}}
}

// Whoever took the documents may challenge them, and sees its clock run on the
// page of the purchase; nobody else does.
func TestWhoTookTheDocumentsMayChallengeThem(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		approver := e.Colleague(officer, party.Approver)
		at, _ := published(e, officer, approver)
		e.Settle()
		supplier, other := e.Org(party.Social, "晨光社会工作服务中心", party.Lead), e.Org(party.Social, "暖邻为老服务中心", party.Lead)
		t.Run("94号令11 依法获取采购文件的可以对文件质疑", func(t *testing.T) {
			if a := supplier.API("POST", at+"/challenges", letter("documents")); a.Code != 403 || !strings.Contains(string(a.Body), "请先下载采购文件") {
				t.Errorf("who took nothing: %d %s", a.Code, a.Body)
			}
			if p := supplier.Get(at + "/document"); p.Code != 200 {
				t.Fatalf("the documents: %d", p.Code)
			}
			supplier.API("POST", at+"/challenges", letter("result")).Want(422)
		})
		var c struct{ ID string }
		supplier.API("POST", at+"/challenges", letter("documents")).Want(201).Into(&c)
		for _, who := range []*apptest.Person{supplier, officer} {
			if found, none := who.Get("/challenges?kind=challenge"), who.Get("/challenges?q=no-such"); found.Find("main tbody tr").Length() != 1 || !none.Has("没有符合条件") {
				t.Errorf("a search among the cases: %s", found.Text())
			}
			if p := who.Get("/challenges/export.csv?q=" + url.QueryEscape("质")); p.Code != 200 || len(strings.Split(strings.TrimSpace(string(p.Body)), "\n")) != 2 {
				t.Errorf("the export of the cases: %d %s", p.Code, p.Body)
			}
		}

		line := func(who *apptest.Person, rule string) *schedule.Line {
			t.Helper()
			var lines []schedule.Line
			who.API("GET", "/public"+at+"/dates", nil).Want(200).Into(&lines)
			if i := slices.IndexFunc(lines, func(l schedule.Line) bool { return l.Rule == rule }); i >= 0 {
				return &lines[i]
			}
			return nil
		}
		due := time.Date(2026, 6, 10, 16, 0, 0, 0, time.UTC) // seven working days from the 1st
		for name, who := range map[string]*apptest.Person{"its raiser": supplier, "the buyer": officer} {
			if l := line(who, "challenge.answer"); l == nil || l.At == nil || !l.At.Equal(due) || l.Done != nil || l.Article != "政府采购法第53条" {
				t.Errorf("%s sees %+v", name, l)
			}
			if p := who.Get(at); !strings.Contains(p.Text(), "答复质疑") {
				t.Errorf("the page of %s lacks the clock", name)
			}
		}
		for name, who := range map[string]*apptest.Person{"a visitor": e.Visitor(), "another supplier": other} {
			if l := line(who, "challenge.answer"); l != nil && l.At != nil {
				t.Errorf("%s sees %+v", name, l)
			}
		}
		e.Time.Advance(24 * time.Hour)
		officer.API("POST", "/challenges/"+c.ID+"/answer", m{"outcome": "dismissed", "answer": "资格条件与履约直接相关。", "grounds": "采购需求论证材料"}).Want(200)
		approver.API("POST", "/challenges/"+c.ID+"/approve", nil).Want(200)
		if l := line(supplier, "challenge.answer"); l == nil || l.Done == nil || l.Late {
			t.Errorf("after the answer: %+v", l)
		}
		// Fifteen working days after the answer was due: 端午 on the 19th is none.
		if l := line(supplier, "complaint.window"); l == nil || l.At == nil || !l.At.Equal(time.Date(2026, 7, 2, 16, 0, 0, 0, time.UTC)) {
			t.Errorf("until when to complain: %+v", l)
		}
	})
}
