//go:build browser

package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"gongji/app/apptest"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/templates/templatetest"
)

// signIn signs a person in with the browser's own form.
func signIn(t *testing.T, b *templatetest.Browser, e *apptest.Env, p *apptest.Person) {
	t.Helper()
	b.Visit(t, e.URL+"/account/login", 1280)
	js := fmt.Sprintf(`document.querySelector('[name=login]').value=%q;document.querySelector('[name=password]').value=%q;setTimeout(()=>document.querySelector('main form').requestSubmit(),10);0`, p.Login, apptest.Password)
	_, _ = chromedp.Run(b.Context, chromedp.Evaluate[int](js))
	// The page that is asked may go away while it is asked; the next one answers.
	var err error
	for range 30 {
		if _, err = chromedp.Run(b.Context, chromedp.Poll[bool](`location.pathname!=='/account/login'&&!!document.querySelector('main')`, chromedp.WithPollingTimeout(3*time.Second))); err == nil {
			return
		}
	}
	t.Fatal(err)
}

// TestTenderPagesInABrowser judges every page of this module at both widths.
func TestTenderPagesInABrowser(t *testing.T) {
	e := apptest.SQLite(t)
	b := templatetest.Open(t, 20*time.Minute)
	long := strings.Repeat("共同富裕示范区社会治理与公益服务", 4)[:126]
	officer := e.Org(party.Bureau, "青山区民政局"+long, party.Officer)
	approver := e.Colleague(officer, party.Approver)
	at := officer.Post("/bureau/tenders", url.Values{"title": {"青山区高龄老人居家养老上门服务及社区日间照料运营管理项目（2026年度）"}}).Path
	look := func(name string, paths ...string) {
		t.Helper()
		for i, path := range paths {
			for _, width := range []int64{1280, 360} {
				b.Visit(t, e.URL+path, width)
				b.Inspect(t, fmt.Sprintf("%s-%d-%d", name, i, width))
			}
		}
	}
	signIn(t, b, e, officer)
	look("draft-empty", at, at+"/edit/basic", at+"/check", "/bureau/tenders", "/bureau/tenders/new")
	draftPages(t, officer, at, map[string]string{"ceiling_kind": "unit", "ceiling": "120", "ceiling_unit": "人次", "ceiling_quantity": "6000"})
	officer.Upload("/attachments/tender/"+strings.TrimPrefix(at, "/bureau/tenders/"), "采购需求.pdf", []byte("%PDF-1.4\n%%EOF"), url.Values{"back": {at + "/files"}})
	for _, page := range tender.Pages {
		look("edit-"+page, at+"/edit/"+page)
	}
	look("draft", at, at+"/files", at+"/check")
	e.Lock(officer, draftID(at))
	officer.Post(at+"/submit", nil)
	b = templatetest.Open(t, 20*time.Minute)
	signIn(t, b, e, approver)
	look("review", at, "/desk")
	notice := approver.Post(at+"/publish", nil).Path
	look("notice-approver", notice)
	if err := tender.Fill(t.Context(), e.DB, officer.Actor.Org, officer.Actor.Account, 60, tendertest.Start.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	look("list", "/tenders", "/tenders?q="+url.QueryEscape("养老"), "/tenders?q="+url.QueryEscape("没有这个"))
}

// TestTheCataloguePickerAndAutosave uses the scripts as a person would.
func TestTheCataloguePickerAndAutosave(t *testing.T) {
	e := apptest.SQLite(t)
	b := templatetest.Open(t, time.Minute)
	officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
	at := officer.Post("/bureau/tenders", url.Values{"title": {"居家养老上门"}}).Path
	signIn(t, b, e, officer)
	b.Visit(t, e.URL+at+"/edit/basic", 1280)
	do := func(js string) {
		t.Helper()
		if _, err := chromedp.Run(b.Context, chromedp.Evaluate[int](js+";0")); err != nil {
			t.Fatal(err)
		}
	}
	until := func(js string) {
		t.Helper()
		if _, err := chromedp.Run(b.Context, chromedp.Poll[bool](js, chromedp.WithPollingTimeout(30*time.Second))); err != nil {
			t.Fatalf("%s: %v", js, err)
		}
	}
	do(`const q=document.querySelector('#catalogue-q');q.value='心理';q.dispatchEvent(new Event('input',{bubbles:true}))`)
	until(`[...document.querySelectorAll('#f-catalogue_code option')].some(o=>o.textContent.includes('心理'))`)
	do(`const r=document.querySelector('#f-region');r.value='湖北省武汉市';r.dispatchEvent(new Event('input',{bubbles:true}))`)
	until(`document.querySelector('[data-autosave-state]').textContent.includes('草稿已保存')`)
	if p := officer.Get(at + "/edit/basic"); p.Find("#f-region").AttrOr("value", "") != "湖北省武汉市" {
		t.Error("autosave kept nothing")
	}
}
