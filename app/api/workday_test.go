package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// Dates that run into a year without a table are refused on the page and by
// the program's door, saying who can help; once that table is there, they stand.
func TestDatesInAYearWithoutATable(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		e.Time.Set(time.Date(2026, 12, 28, 1, 0, 0, 0, time.UTC))
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		approver := e.Colleague(officer, party.Approver)
		admin := e.Org(party.Platform, "共济平台", party.Admin)
		in := complete()
		in["documents_until"], in["deadline"] = "2027-01-08T00:00:00+08:00", "2027-01-20T09:00:00+08:00"
		in["survey"] = m{"basis": "within_year", "note": "2026 年 6 月已开展同一标的的需求调查"}
		var x view
		officer.API("POST", "/tenders", in).Want(201).Into(&x)
		e.Lock(officer, id.ID(x.ID))
		const says = "未载入 2027 年工作日表，无法计算工作日，请平台管理员导入国务院公布的放假安排"
		if a := officer.API("POST", "/tenders/"+x.ID+"/submit", nil); a.Code != http.StatusUnprocessableEntity || !strings.Contains(string(a.Body), says) {
			t.Errorf("submitted: %d %s", a.Code, a.Body)
		}
		if p := officer.Get("/bureau/tenders/" + x.ID + "/check"); !strings.Contains(p.Text(), says) {
			t.Errorf("the page that checks: %d %s", p.Code, p.Text())
		}
		var look struct {
			SHA256 string `json:"sha256"`
		}
		next, err := os.ReadFile("../trust/workday/testdata/2027.json")
		if err != nil {
			t.Fatal(err)
		}
		table := m{"table": json.RawMessage(next)}
		officer.API("POST", "/platform/workdays/look", table).Want(403)
		admin.API("POST", "/platform/workdays/look", table).Want(200).Into(&look)
		table["sha256"] = look.SHA256
		admin.API("POST", "/platform/workdays", table).Want(201)
		if p := officer.Get("/bureau/tenders/" + x.ID + "/check"); strings.Contains(p.Text(), "工作日表") {
			t.Errorf("the page that checks, after the import: %s", p.Text())
		}
		officer.API("POST", "/tenders/"+x.ID+"/submit", nil).Want(200)
		approver.API("POST", "/tenders/"+x.ID+"/approve", nil).Want(200)
	})
}
