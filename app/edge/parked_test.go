package edge_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"gongji/app/edge"
	"gongji/templates"
)

// page reads back what plainRenderer wrote.
func page(t *testing.T, a answer, name string, into any) {
	t.Helper()
	body, ok := strings.CutPrefix(a.body, "<template:"+name+">")
	if !ok {
		t.Fatalf("not the page %s: %.200s", name, a.body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatal(err)
	}
}

func parkedIn(t *testing.T, p templates.LoginPage) edge.Parked {
	t.Helper()
	if len(p.Resume) != 1 || p.Resume[0].Name != edge.ResumeField {
		t.Fatalf("resume fields %v", p.Resume)
	}
	parked, err := edge.DecodeParked(p.Resume[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	return parked
}

func TestNothingTypedIsLost(t *testing.T) {
	s := open(t, []edge.Route{
		{Method: "POST", Path: "/tenders/{id}", Gate: "buyer", Handle: ok},
		{Method: "POST", Path: "/upload", Gate: "buyer", Limit: 5 * mega, Handle: ok},
	})
	body := url.Values{"title": {"<b>甲</b>\r\n第二行"}, "tag": {"一", "二"}, "password": {"p"}, "New_Password": {"p"}, "csrf": {"old"}, "_resume": {"x"}}.Encode()
	a := s.post("/tenders/7?step=2", body, form, ownPage, as("expired"))
	if a.StatusCode != 401 {
		t.Fatal(a.StatusCode)
	}
	var login templates.LoginPage
	page(t, a, "account/login", &login)
	got := parkedIn(t, login)
	if want := "[{tag 一} {tag 二} {title <b>甲</b>\r\n第二行}]"; got.Path != "/tenders/7?step=2" || fmt.Sprint(got.Fields) != want {
		t.Errorf("parked %+v, want %s", got, want)
	}
	resume := edge.ResumePage(got)
	if resume.Action != got.Path || len(resume.Fields) != 3 || resume.Fields[2].Value != "<b>甲</b>\r\n第二行" {
		t.Errorf("resume page %+v", resume)
	}

	multi := "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.pdf\"\r\n\r\n" + strings.Repeat("x", 3*mega) +
		"\r\n--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n标书\r\n--b--\r\n"
	page(t, s.post("/upload", multi, header("Content-Type", "multipart/form-data; boundary=b"), ownPage), "account/login", &login)
	if got := parkedIn(t, login); got.Files != 1 || fmt.Sprint(got.Fields) != "[{title 标书}]" {
		t.Errorf("parked upload %+v", got)
	}

	// Signed in again in another tab: the old page's token is stale, but a
	// browser vouches that our own page sent it.
	var again templates.ResumePage
	stale := s.post("/tenders/7", body, form, ownPage, as("officer"))
	if stale.StatusCode != 403 {
		t.Fatal(stale.StatusCode)
	}
	page(t, stale, "account/resume", &again)
	if again.Action != "/tenders/7" || len(again.Fields) != 3 || again.CSRF == "" {
		t.Errorf("%+v", again)
	}
	if a := s.post("/tenders/7", body, form, as("officer")); !strings.HasPrefix(a.body, "<template:error>") {
		t.Errorf("a form of unknown origin is offered again: %.100s", a.body)
	}
	if a := s.post("/tenders/7", body, form, as("officer"), header("Sec-Fetch-Site", "cross-site")); !strings.HasPrefix(a.body, "<template:error>") {
		t.Errorf("a foreign form is offered again: %.100s", a.body)
	}
}

// The page that answers a login carries the token of who has signed in, or
// sending the form on would be refused.
func TestResumeAfterLogin(t *testing.T) {
	s := open(t, []edge.Route{
		{Method: "POST", Path: "/login", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
			r.Become(people["officer"])
			return edge.HTML(200, "account/resume", edge.ResumePage(edge.Parked{Path: "/tenders"})).SignIn("officer", 0), nil
		}},
		{Method: "POST", Path: "/login-by-hand", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
			p := edge.ResumePage(edge.Parked{Path: "/tenders"})
			p.CSRF = people["officer"].CSRF
			return edge.HTML(200, "account/resume", p).SignIn("officer", 0), nil
		}},
		{Method: "POST", Path: "/tenders", Gate: "buyer", Handle: ok},
	})
	for _, path := range []string{"/login", "/login-by-hand"} {
		var p templates.ResumePage
		page(t, s.post(path, "", ownPage), "account/resume", &p)
		if a := s.post(p.Action, url.Values{templates.CSRFField: {p.CSRF}}.Encode(), form, ownPage, as("officer")); a.StatusCode != 200 {
			t.Errorf("%s: sent on: %d", path, a.StatusCode)
		}
	}
}

func TestParkedRoundTrip(t *testing.T) {
	p := edge.Parked{Path: "/a?b=c", Fields: []edge.Pair{{Name: "x", Value: "𠮷<\"'&\u2028"}, {Name: "x", Value: ""}}, Files: 2}
	got, err := edge.DecodeParked(p.Encode())
	if err != nil || fmt.Sprint(got) != fmt.Sprint(p) {
		t.Errorf("%v: %+v", err, got)
	}
	if got, err := edge.DecodeParked(""); err != nil || got.Path != "" {
		t.Errorf("nothing parked: %+v %v", got, err)
	}
	for _, bad := range []string{"{", `{"path":"https://evil.test","fields":[]}`, `{"path":"//evil.test"}`, `{"path":""}`, `[]`,
		`{"path":"/a","fields":[` + strings.Repeat(`{"name":"a","value":"b"},`, 6000) + `{}]}`, strings.Repeat("x", 3<<20)} {
		if _, err := edge.DecodeParked(bad); err == nil {
			t.Errorf("accepted %.60s", bad)
		}
	}
}

func FuzzDecodeParked(f *testing.F) {
	f.Add(`{"path":"/a?b","fields":[{"name":"x","value":"y"}]}`)
	f.Add(`{"path":"/\\evil.test","fields":null}`)
	f.Add(`{"path":"/a","fields":[{"name":"csrf","value":"y"},{"name":"PassWord","value":"y"}]}`)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := edge.DecodeParked(s)
		if err != nil || s == "" {
			return
		}
		if !edge.LocalPath(p.Path) {
			t.Errorf("path %q", p.Path)
		}
		for _, pair := range p.Fields {
			if pair.Name == "csrf" || strings.HasPrefix(pair.Name, "_") || strings.Contains(strings.ToLower(pair.Name), "password") {
				t.Errorf("kept %q", pair.Name)
			}
		}
		if again, err := edge.DecodeParked(p.Encode()); err != nil || fmt.Sprint(again) != fmt.Sprint(p) {
			t.Errorf("does not round-trip: %+v, %+v, %v", p, again, err)
		}
	})
}
