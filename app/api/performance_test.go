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
		if reported.State != "scoring" || reported.Sheet != nil {
			t.Errorf("the provider sees %s, sheet %v", reported.State, reported.Sheet)
		}

		lines := m{}
		for _, l := range x.Tree.Leaves() {
			lines[l.Code] = m{"points": performance.Points(l.Weight)}
		}
		first := x.Tree.Leaves()[0]
		lines[first.Code] = m{"points": performance.Points(first.Weight - 50)}
		sheet := m{"lines": lines, "summary": "<script>alert(1)</script>服务到位", "achievements": "覆盖 250 位老人\n投诉为零",
			"problems": []m{{"finding": "台账不全", "rectification": "补齐台账", "responsible": "项目部", "due": "2026-08-31"}}}
		lead.API("PUT", path+"/sheet", sheet).Want(403)
		officer.API("PUT", path+"/sheet", sheet).Want(200).Into(&x)
		if len(x.Missing) != 1 || x.Missing[0].Field != "lines."+first.Code+".reason" {
			t.Errorf("missing: %+v", x.Missing)
		}
		officer.API("POST", path+"/submit", nil).Want(422)
		lines[first.Code] = m{"points": performance.Points(first.Weight - 50), "reason": "立项依据缺一份会议纪要"}
		officer.API("PUT", path+"/sheet", sheet).Want(200)
		officer.API("POST", path+"/submit", nil).Want(200)
		officer.API("POST", path+"/approve", nil).Want(403)
		e.Visitor().API("GET", "/public"+path, nil).Want(404)
		approver.API("POST", path+"/return", m{"reason": ""}).Want(422)
		approver.API("POST", path+"/approve", nil).Want(200).Into(&x)
		if x.Total == nil || *x.Total != 99_50 || x.Grade != "优" || x.Number != "绩评〔2026〕0001号" {
			t.Fatalf("published %+v", x)
		}
		e.Settle()

		text := report(t, e, x.Document)
		for _, want := range []string{"绩效评价报告", "青山区居家养老服务", "𠮷祥社会工作服务中心", "青山区民政局", "绩评〔2026〕0001号",
			"99.5", "等级：优", "立项依据缺一份会议纪要", "台账不全", "2026年8月31日", "覆盖 250 位老人", "<script>alert(1)</script>服务到位"} {
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
		e.Visitor().API("GET", "/public"+path, nil).Want(200).Into(&seen)
		if len(seen.Lines) != len(lines) || seen.Sheet == nil || seen.Sheet.Summary == "" {
			t.Errorf("the public sees %d lines, sheet %v", len(seen.Lines), seen.Sheet)
		}
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
