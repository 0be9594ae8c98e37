package main

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"gongji/app/apptest"
	"gongji/app/party"
	"gongji/app/procurement/tender/tendertest"
)

// TestAnOfflineBidFromThePage runs, word for word, the commands that the page
// of a bid shows, in a folder with the form that it links to, and uploads what
// comes out on the same page.
func TestAnOfflineBidFromThePage(t *testing.T) {
	e := apptest.SQLite(t)
	officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
	approver := e.Colleague(officer, party.Approver)
	bidder := e.Org(party.Social, "晨光社会工作服务中心", party.Lead)
	bidder.Key()
	x, err := e.Tenders.Create(t.Context(), officer.Actor, tendertest.Complete())
	if err != nil {
		t.Fatal(err)
	}
	e.Lock(officer, x.ID)
	if x, err = e.Tenders.Submit(t.Context(), officer.Actor, x.ID); err == nil {
		_, err = e.Tenders.Publish(t.Context(), approver.Actor, x.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	if own := bidder.Get("/organisations/" + string(bidder.Actor.Org)); own.Find(`[data-copy="`+string(bidder.Actor.Org)+`"]`).Length() != 1 {
		t.Error("the organisation's own page does not show its identifier")
	}
	if other := officer.Get("/organisations/" + string(bidder.Actor.Org)); other.Has("单位标识") {
		t.Error("others are shown it as theirs")
	}
	page := bidder.Post("/tenders/"+string(x.ID)+"/bid", nil)
	commands := page.Find("#offline .command-line").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	href, _ := page.Find("#offline a[download]").Attr("href")
	action, _ := page.Find("#offline form").Attr("action")
	if len(commands) != 2 || href == "" || action == "" {
		t.Fatalf("%s: %q, %q, %q", page.Path, commands, href, action)
	}
	dir := t.TempDir()
	put := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("bid-form.json", e.Visitor().Get(href).Body)
	put("服务方案.pdf", []byte("%PDF-1.4\n离线"))
	run := func(line string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "http_proxy=http://127.0.0.1:1", "https_proxy=http://127.0.0.1:1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", line, err, out)
		}
	}
	run(commands[0])
	b, err := os.ReadFile(filepath.Join(dir, "bid.json"))
	if err != nil {
		t.Fatal(err)
	}
	var bid map[string]any
	if err := json.Unmarshal(b, &bid); err != nil {
		t.Fatal(err)
	}
	bid["price_yuan"], bid["delivery"] = "650000", "服务一年"
	if b, err = json.Marshal(bid); err != nil {
		t.Fatal(err)
	}
	put("bid.json", b)
	run(commands[1])
	sealed, err := os.ReadFile(filepath.Join(dir, "投标文件.age"))
	if err != nil {
		t.Fatal(err)
	}
	receipt := bidder.Upload(action, "投标文件.age", sealed, url.Values{})
	if receipt.Code != 200 || !receipt.Has("投标已提交") || !strings.HasSuffix(receipt.Path, "/receipt") {
		t.Errorf("%d %s: %s", receipt.Code, receipt.Path, receipt.Text())
	}
}
