package api_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/delivery/performance"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

type evaluation struct {
	ID, State, Number, Grade, Code string
	Document                       id.ID
	Version                        int64
	Total                          *int64
	Tree                           performance.Tree
	Lines                          []performance.Line
	Sheet                          *performance.Sheet
	Missing                        []struct{ Field, Message string }
}

// TestAnEvaluationByProgram walks an engagement from its end to the published
// report, reads the PDF that came of it and checks its code.
func TestAnEvaluationByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		approver := e.Colleague(officer, party.Approver)
		lead := e.Org(party.Social, "𠮷祥社会工作服务中心", party.Lead)
		stranger := e.Org(party.Social, "暖阳养老服务中心", party.Lead)
		g := e.Engage(officer, lead, "青山区居家养老服务")
		begin := "/engagements/" + string(g.ID) + "/performance"
		in := m{"template": "elderly-home-care", "self_due": "2026-07-10"}
		if a := officer.API("POST", begin, in).Want(409); !strings.Contains(string(a.Body), "7月1日") {
			t.Errorf("too early: %s", a.Body)
		}
		e.Time.Set(g.Due())
		for _, p := range []*apptest.Person{officer, approver, lead, stranger} {
			p.SignIn() // a month has passed
		}
		lead.API("POST", begin, in).Want(403)
		off := m{"self_due": "2026-07-10", "tree": m{"id": "x", "name": "x", "basis": "x", "indicators": []m{}}}
		officer.API("POST", begin, off).Want(422)
		var x, reported evaluation
		officer.API("POST", begin, in).Want(201).Into(&x)
		officer.API("POST", begin, in).Want(409)
		path := "/performance/" + x.ID

		for _, p := range []*apptest.Person{stranger} {
			p.API("GET", path, nil).Want(404)
			p.API("PUT", path+"/sheet", m{}).Want(404)
			p.API("POST", path+"/approve", nil).Want(404)
		}
		lead.API("POST", path+"/self-report", m{"summary": ""}).Want(422)
		lead.API("PUT", path+"/self-report", m{"summary": "草稿"}).Want(200)
		lead.API("POST", path+"/self-report", m{"summary": "全年入户 1180 次"}).Want(200).Into(&reported)
		if reported.State != "check" || reported.Sheet != nil {
			t.Errorf("the provider sees %s, sheet %v", reported.State, reported.Sheet)
		}

		lead.API("POST", path+"/self-report/check", m{"accept": true}).Want(403)
		officer.API("POST", path+"/self-report/check", m{"accept": false}).Want(422)
		officer.API("POST", path+"/self-report/check", m{"accept": true, "note": "已核对"}).Want(200)
		lines := m{}
		for _, l := range x.Tree.Leaves() {
			lines[l.Code] = map[performance.Kind]m{performance.Qualitative: {"points": performance.Points(l.Weight)}, performance.Ratio: {"got": "10", "of": "10"},
				performance.Interval: {"value": "100"}, performance.YesNo: {"answer": "yes"}}[l.Kind]
		}
		first := x.Tree.Leaves()[1]
		lines[first.Code] = m{"points": performance.Points(first.Weight - 50)}
		sheet := m{"lines": lines, "summary": "<script>alert(1)</script>服务到位", "achievements": "覆盖 250 位老人\n投诉为零",
			"problems": []m{{"finding": "台账不全", "rectification": "补齐台账", "responsible": "项目部", "due": "2026-08-31"}}}
		lead.API("PUT", path+"/sheet", sheet).Want(403)
		officer.API("PUT", path+"/sheet", sheet).Want(200).Into(&x)
		if len(x.Missing) != 1 || x.Missing[0].Field != "lines."+first.Code+".reason" {
			t.Errorf("missing: %+v", x.Missing)
		}
		officer.API("POST", path+"/submit", nil).Want(422)
		lines[first.Code] = m{"points": performance.Points(first.Weight - 50), "reason": "缺会议纪要"}
		officer.API("PUT", path+"/sheet", sheet).Want(200)
		officer.API("POST", path+"/submit", nil).Want(200)
		officer.API("POST", path+"/approve", nil).Want(403)
		e.Visitor().API("GET", "/public"+path, nil).Want(404)
		approver.API("POST", path+"/return", m{"reason": ""}).Want(422)
		approver.API("POST", path+"/approve", nil).Want(200).Into(&x)
		if x.State != "notice" || x.Number != "" {
			t.Errorf("approved %+v", x)
		}
		e.Visitor().API("GET", "/public"+path, nil).Want(404)
		e.Visitor().API("GET", "/public"+path+"/publication", nil).Want(404)
		approver.API("POST", path+"/publish", nil).Want(409)
		stranger.API("POST", path+"/object", m{"text": "x"}).Want(404)
		lead.API("POST", path+"/object", m{"text": ""}).Want(422)
		lead.API("POST", path+"/object", m{"text": "会议纪要已经补交", "lines": []string{first.Code}}).Want(200)
		lead.API("POST", path+"/accept", nil).Want(409)
		approver.API("POST", path+"/publish", nil).Want(409)
		for _, p := range []*apptest.Person{lead, officer, approver} {
			p.API("POST", path+"/answer", m{"accept": false, "note": "x"}).Want(403)
		}
		second := e.Colleague(officer, party.Supervisor)
		second.API("POST", path+"/answer", m{"accept": false}).Want(422)
		second.API("POST", path+"/answer", m{"accept": false, "note": "纪要日期晚于立项，维持"}).Want(200)
		approver.API("POST", path+"/publish", nil).Want(200).Into(&x)
		if x.Total == nil || *x.Total != 99_50 || x.Grade != "优" || x.Number != "绩评〔2026〕0001号" {
			t.Fatalf("published %+v", x)
		}
		e.Settle()

		text := report(t, e, x.Document)
		for _, want := range []string{"绩效评价报告", "青山区居家养老服务", "𠮷祥社会工作服务中心", "青山区民政局", "绩评〔2026〕0001号",
			"99.5", "等级：优", "缺会议纪要", "台账不全", "2026年8月31日", "覆盖 250 位老人", "<script>alert(1)</script>服务到位"} {
			if !strings.Contains(text, strings.ReplaceAll(want, " ", "")) {
				t.Errorf("the report lacks %q", want)
			}
		}
		d, err := e.Archive.Verify(t.Context(), x.Code)
		if err != nil || d.Number != x.Number || !d.Public || d.SHA256 == "" {
			t.Errorf("verified: %+v %v", d, err)
		}
		var record struct {
			Total       struct{ Count, Amount int64 }
			Engagements struct{ Items []struct{ State string } }
			Performance struct {
				Count       int64
				Grades      map[string]int64
				Evaluations []struct{ Number, Grade, Document, Code string }
			}
		}
		e.Visitor().API("GET", "/public/organisations/"+string(lead.Actor.Org), nil).Want(200).Into(&record)
		if record.Total.Count != 1 || record.Total.Amount != 300_000_00 || record.Performance.Grades["优"] != 1 ||
			len(record.Performance.Evaluations) != 1 || record.Performance.Evaluations[0].Code != x.Code || record.Engagements.Items[0].State != "evaluated" {
			t.Errorf("public record %+v", record)
		}
		var seen evaluation
		var p performance.Publication
		e.Visitor().API("GET", "/public"+path+"/publication", nil).Want(200).Into(&p)
		if diff := p.Replay(); len(diff) != 0 || p.Total != *x.Total || len(p.Objections) != 1 || p.Objections[0].Answer == "" {
			t.Errorf("the publication: %v %+v", diff, p.Objections)
		}
		afterwards(t, e, path, officer, lead)
		e.Visitor().API("GET", "/public"+path, nil).Want(200).Into(&seen)
		if len(seen.Lines) != len(lines) || seen.Sheet == nil || seen.Sheet.Summary == "" {
			t.Errorf("the public sees %d lines, sheet %v", len(seen.Lines), seen.Sheet)
		}
	})
}

// afterwards mends the finding of a published evaluation.
func afterwards(t *testing.T, e *apptest.Env, path string, officer, lead *apptest.Person) {
	t.Helper()
	var x struct {
		Rectifications []struct {
			ID       string
			Answer   string
			Reason   string
			ClosedAt *string `json:"closed_at"`
		}
	}
	read := func() {
		t.Helper()
		e.Visitor().API("GET", "/public"+path, nil).Want(200).Into(&x)
		if len(x.Rectifications) != 1 {
			t.Fatalf("%+v", x)
		}
	}
	read()
	at := "/rectifications/" + x.Rectifications[0].ID
	officer.API("POST", at+"/close", m{"accept": true}).Want(409)
	officer.API("POST", at+"/answer", m{"reason": "x"}).Want(403)
	lead.API("POST", at+"/answer", m{"reason": ""}).Want(422)
	lead.API("POST", at+"/answer", m{"reason": "台账已补齐"}).Want(200)
	officer.API("POST", at+"/close", m{"accept": false}).Want(422)
	officer.API("POST", at+"/close", m{"accept": false, "note": "缺 3 月"}).Want(200)
	lead.API("POST", at+"/answer", m{"reason": "3 月已补"}).Want(200)
	lead.API("POST", at+"/close", m{"accept": true}).Want(403)
	officer.API("POST", at+"/close", m{"accept": true}).Want(200)
	lead.API("POST", at+"/answer", m{"reason": "x"}).Want(409)
	read()
	if m := x.Rectifications[0]; m.ClosedAt == nil || m.Answer != "3 月已补" {
		t.Errorf("%+v", m)
	}
}

// TestABureausOwnTreeByProgram makes a tree, changes it and retires it.
func TestABureausOwnTreeByProgram(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, other := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Bureau, "洪山区民政局", party.Officer)
		tree, _ := performance.Template(performance.General)
		f := performance.FormOf(tree)
		in := m{"base": tree.ID, "name": "青山区通用指标体系", "basis": f.Basis, "rows": f.Rows}
		f.Rows[0].Weight = "3.99"
		if a := officer.API("POST", "/performance/templates", in).Want(422); !strings.Contains(string(a.Body), "还差 0.01 分") {
			t.Errorf("%s", a.Body)
		}
		f.Rows[0].Weight = "4.00"
		var own performance.Own
		officer.API("POST", "/performance/templates", in).Want(201).Into(&own)
		in["code"], in["name"] = own.Code, "青山区通用指标体系二"
		other.API("POST", "/performance/templates", in).Want(404)
		other.API("GET", "/performance/templates/"+string(own.Code), nil).Want(404)
		officer.API("POST", "/performance/templates", in).Want(201).Into(&own)
		var list []performance.Own
		officer.API("GET", "/performance/templates", nil).Want(200).Into(&list)
		if own.Version != 2 || len(list) != 1 || list[0].Version != 2 || list[0].Tree.Name != "青山区通用指标体系二" {
			t.Errorf("%+v", list)
		}
		lead := e.Org(party.Social, "暖阳养老服务中心", party.Lead)
		g := e.Engage(officer, lead, "青山区居家养老服务")
		e.Time.Set(g.Due())
		officer.SignIn()
		var x evaluation
		officer.API("POST", "/engagements/"+string(g.ID)+"/performance", m{"template": own.Code, "self_due": "2026-07-10"}).Want(201).Into(&x)
		if x.Tree.Version != 2 || x.Tree.ID != string(own.Code) {
			t.Errorf("frozen %+v", x.Tree)
		}
		lead.SignIn()
		lead.API("GET", "/performance/templates", nil).Want(404)
		officer.API("POST", "/performance/templates/"+string(own.Code)+"/retire", nil).Want(204)
		officer.API("POST", "/performance/templates", in).Want(404)
	})
}

// report downloads a PDF as a visitor would and takes its text out, white
// space removed. With GONGJI_SHOTS set it leaves the PDF there to be looked at.
func report(t *testing.T, e *apptest.Env, doc id.ID) string {
	t.Helper()
	page := e.Visitor().Get("/documents/" + string(doc))
	if page.Code != 200 || !strings.HasPrefix(string(page.Body), "%PDF-") {
		t.Fatalf("download: %d", page.Code)
	}
	file := filepath.Join(t.TempDir(), "report.pdf")
	if shots := os.Getenv("GONGJI_SHOTS"); shots != "" {
		file = filepath.Join(shots, "performance-report.pdf")
	}
	if err := os.WriteFile(file, page.Body, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-")
	cmd.Stderr = io.Discard
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), "")
}
