package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"gongji/app/demo"
	"gongji/app/kernel/id"
	"gongji/app/party/identity"
	"gongji/app/procurement/seal"
)

// caller speaks the API to whatever server runs now.
type caller struct {
	t       *testing.T
	address string
	tokens  map[string]string // by login
}

func (c *caller) do(login, method, path string, body io.Reader, out any) int {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.address+"/api/v1"+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	if login != "" {
		r.Header.Set("Authorization", "Bearer "+c.tokens[login])
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	if _, ok := body.(*strings.Reader); ok {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0 // the server died under it
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(out); err != nil && res.StatusCode < 300 {
		return 0
	}
	return res.StatusCode
}

func (c *caller) get(login, path string, out any) {
	c.t.Helper()
	if code := c.do(login, http.MethodGet, path, nil, out); code != http.StatusOK {
		c.t.Fatalf("%s: %d", path, code)
	}
}

// tenderCalled finds a tender of the demonstration.
func (c *caller) tenderCalled(words string) string {
	c.t.Helper()
	var list struct {
		Items []struct{ ID, Title string }
	}
	c.get("", "/public/tenders?q="+words, &list)
	for _, x := range list.Items {
		if strings.Contains(x.Title, words) {
			return x.ID
		}
	}
	c.t.Fatalf("the demonstration has no %s", words)
	return ""
}

// share opens a holder's part as their browser would.
func (c *caller) share(login, tender string) string {
	c.t.Helper()
	var h struct {
		ShareFile    string `json:"share_file"`
		PersonalFile string `json:"personal_file"`
	}
	c.get(login, "/tenders/"+tender+"/keys/mine", &h)
	own, err := identity.Open(h.PersonalFile, demo.Password)
	if err != nil {
		c.t.Fatal(err)
	}
	b, err := base64.StdEncoding.DecodeString(h.ShareFile)
	if err != nil {
		c.t.Fatal(err)
	}
	f, err := seal.OpenShare(own, b)
	if err != nil {
		c.t.Fatal(err)
	}
	return f.Share
}

type room struct {
	State string
	Lines []struct {
		Bid      string
		Position int
		Failed   string
	}
}

// TestAKillInTheMiddle kills the real server again and again while a bid
// arrives and while bids are opened: nothing is lost, nothing is doubled.
func TestAKillInTheMiddle(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	c := &caller{t: t, tokens: map[string]string{}}
	var s *server
	up := func() {
		s = start(t, data)
		c.address = s.until("共济已就绪：")
	}
	kill := func() {
		_ = s.Process.Kill()
		_ = s.Wait()
	}
	up()
	list, err := accounts(t, data)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		c.tokens[a.Login] = a.Token
	}
	t.Run("submitting", func(t *testing.T) { killSubmitting(t, c, kill, up) })
	t.Run("opening", func(t *testing.T) { killOpening(t, c, kill, up) })
	s.stop()
}

func killSubmitting(t *testing.T, c *caller, kill, up func()) {
	const who = "social2.lead"
	tender := c.tenderCalled("困境未成年人")
	var form seal.Form
	c.get(who, "/public/tenders/"+tender+"/bid-form", &form)
	var b struct {
		ID       string
		Supplier string
		Versions []struct {
			Version int
			SHA256  string
		}
	}
	if code := c.do(who, http.MethodPost, "/tenders/"+tender+"/bid", nil, &b); code != http.StatusCreated {
		t.Fatal(code)
	}
	m := seal.Manifest{Supplier: id.ID(b.Supplier), Price: 43_000_000, Delivery: "一年"}
	for _, q := range form.Questions {
		m.Answers = append(m.Answers, seal.Answer{Criterion: q.Key, Text: "回答"})
	}
	var sealed bytes.Buffer
	if _, err := seal.Pack(&sealed, form, m, nil, nil); err != nil {
		t.Fatal(err)
	}
	whole := sealed.Bytes()
	for i := range 3 {
		// The body stops half way and waits for the kill; the last time the
		// kill comes right after the last byte.
		half, rest := io.Pipe()
		answered := make(chan int, 1)
		go func() { answered <- c.do(who, http.MethodPost, "/bids/"+b.ID+"/sealed", half, &struct{}{}) }()
		n := len(whole) / 2
		if i == 2 {
			n = len(whole)
		}
		if _, err := rest.Write(whole[:n]); err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			_ = rest.Close()
		}
		kill()
		_ = rest.Close()
		code := <-answered
		up()
		c.get(who, "/bids/"+b.ID, &b)
		if i < 2 && (code == http.StatusCreated || len(b.Versions) != 0) {
			t.Errorf("half an upload became a version: %d, %+v", code, b.Versions)
		}
		if code == http.StatusCreated && len(b.Versions) != 1 {
			t.Errorf("a bid with a receipt is lost: %+v", b.Versions)
		}
	}
	for range 2 {
		if code := c.do(who, http.MethodPost, "/bids/"+b.ID+"/sealed", bytes.NewReader(whole), &struct{}{}); code != http.StatusCreated {
			t.Fatalf("sending again: %d", code)
		}
	}
	c.get(who, "/bids/"+b.ID, &b)
	if len(b.Versions) != 1 {
		t.Errorf("one file sent again and again is %d versions", len(b.Versions))
	}
}

func killOpening(t *testing.T, c *caller, kill, up func()) {
	tender := c.tenderCalled("社区志愿服务站")
	at := "/tenders/" + tender + "/opening"
	var v room
	for i := range 6 {
		for _, login := range []string{"bureau.officer", "bureau.supervisor"} {
			in, err := json.Marshal(map[string]string{"share": c.share(login, tender)})
			if err != nil {
				t.Fatal(err)
			}
			if code := c.do(login, http.MethodPost, at+"/share", strings.NewReader(string(in)), &v); code != http.StatusOK && code != http.StatusConflict {
				t.Fatalf("%s: %d", login, code)
			}
		}
		if code := c.do("bureau.officer", http.MethodPost, at+"/start", strings.NewReader("{}"), &struct{}{}); code != http.StatusOK {
			t.Fatal(code)
		}
		if i == 5 {
			break
		}
		// Each time a little later: before the first bid is read, after one, two.
		for range 200 {
			if len(v.Lines) >= i || v.State == "confirming" {
				break
			}
			v = room{}
			c.get("", "/public"+at, &v)
		}
		kill()
		up()
		before := v.Lines
		v = room{} // JSON would be read into the lines of before
		c.get("", "/public"+at, &v)
		t.Logf("kill %d: %d bids had been read, now %d, %s", i+1, len(before), len(v.Lines), v.State)
		for n, l := range v.Lines {
			if l.Position != n+1 || l.Failed != "" || n < len(before) && before[n].Bid != l.Bid {
				t.Errorf("after kill %d: %+v", i+1, v.Lines)
			}
		}
		if len(v.Lines) < len(before) {
			t.Errorf("what was read out is gone: %d, then %d", len(before), len(v.Lines))
		}
		if v.State == "confirming" {
			break
		}
	}
	for range 200 { // three bids take far less
		if c.get("", "/public"+at, &v); v.State == "confirming" {
			break
		}
	}
	if v.State != "confirming" || len(v.Lines) != 3 {
		t.Fatalf("the opening ended as %+v", v)
	}
	var o struct{ Outcome string }
	if code := c.do("bureau.officer", http.MethodPost, at+"/close", strings.NewReader("{}"), &o); code != http.StatusOK || o.Outcome != "opened" {
		t.Errorf("closing: %d, %+v", code, o)
	}
}
