package edge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
)

// fasthttp reuses a connection's buffers: a string that was not copied turns
// into a later request's bytes.
func TestStringsOutliveTheConnection(t *testing.T) {
	var mu sync.Mutex
	var kept [][]string
	s := open(t, []edge.Route{{Method: "POST", Path: "/keep/{name}", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
		f, err := r.Form()
		if err != nil {
			return edge.Response{}, err
		}
		mu.Lock()
		kept = append(kept, []string{r.Param("name"), r.Query("q"), r.Header("X-Word"), f.Get("field"), f.Names()[0], r.Path(), r.UserAgent(), r.Cookie("word"), r.Method()})
		mu.Unlock()
		return edge.Text(200, "ok"), nil
	}}})
	const n = 50
	say := func(i int) []string {
		w := strings.Repeat(string(rune('a'+i%26)), 40)
		return []string{w, w + "q", w + "h", w + "f", "field", "/keep/" + w, w + "u", w + "c", "POST"}
	}
	for i := range n {
		w := say(i)
		a := s.post("/keep/"+w[0]+"?q="+w[1], "field="+w[3], form, header("X-Word", w[2]), header("User-Agent", w[6]), header("Cookie", "word="+w[7]))
		if a.StatusCode != 200 {
			t.Fatal(a.StatusCode, a.body)
		}
	}
	for i, got := range kept {
		if want := say(i); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("request %d now reads\n%q, was\n%q", i, got, want)
		}
	}
}

func TestFormReadsTheBodyOnly(t *testing.T) {
	s := open(t, []edge.Route{{Method: "POST", Path: "/f", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
		f, err := r.Form()
		if err != nil {
			return edge.Response{}, err
		}
		return edge.Text(200, fmt.Sprintf("%q %q %v %q", f.Get("amount"), f.All("tag"), f.Has("empty"), f.Names())), nil
	}}})
	a := s.post("/f?amount=1&empty=1", url.Values{"amount": {" 200 "}, "tag": {"甲", "乙"}}.Encode(), form)
	if want := `"200" ["甲" "乙"] false ["amount" "tag"]`; a.body != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
	var buf bytes.Buffer
	mw := multipart.NewWriter(&buf)
	_ = mw.WriteField("amount", "300")
	_ = mw.Close()
	if a := s.do("POST", "/f?amount=1", &buf, header("Content-Type", mw.FormDataContentType())); !strings.HasPrefix(a.body, `"300"`) {
		t.Errorf("multipart: %s", a.body)
	}
	for name, c := range map[string]struct {
		body   string
		kind   string
		status int
	}{
		"nothing":         {"", "application/x-www-form-urlencoded", 200},
		"bad escape":      {"a=%zz", "application/x-www-form-urlencoded", 422},
		"NUL":             {"a=%00", "application/x-www-form-urlencoded", 422},
		"not UTF-8":       {"a=%ff", "application/x-www-form-urlencoded", 422},
		"JSON":            {"{}", "application/json", 415},
		"no type":         {"a=b", "", 415},
		"too many":        {strings.Repeat("a=b&", 6000), "application/x-www-form-urlencoded", 413},
		"too large":       {"a=" + strings.Repeat("x", 1<<20), "application/x-www-form-urlencoded", 413},
		"no boundary":     {"--x\r\n", "multipart/form-data", 422},
		"broken boundary": {"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhal", "multipart/form-data; boundary=x", 422},
		"file":            {"--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\nx\r\n--x--\r\n", "multipart/form-data; boundary=x", 422},
	} {
		if a := s.post("/f", c.body, header("Content-Type", c.kind)); a.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", name, a.StatusCode, c.status, a.body)
		}
	}
}

func TestJSONIsStrict(t *testing.T) {
	type item struct {
		Name   string `json:"name"`
		Weight int64  `json:"weight"`
	}
	type input struct {
		Title  string    `json:"title"`
		Budget int64     `json:"budget"`
		Open   bool      `json:"open"`
		Items  []item    `json:"items"`
		At     time.Time `json:"at"`
	}
	s := open(t, []edge.Route{{Method: "POST", Path: "/api/v1/j", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
		var in input
		if err := r.JSON(&in); err != nil {
			return edge.Response{}, err
		}
		return edge.JSON(200, in), nil
	}}})
	for body, want := range map[string]struct {
		status int
		field  string
	}{
		`{"title":"甲","budget":100,"items":[{"name":"a","weight":5}]}`: {200, ""},
		`{"titel":"甲"}`:                    {422, "titel"},
		`{"budget":1.5}`:                   {422, "budget"},
		`{"budget":"100"}`:                 {422, "budget"},
		`{"budget":1e30}`:                  {422, "budget"},
		`{"open":1}`:                       {422, "open"},
		`{"items":[{"weight":"x"}]}`:       {422, "items.weight"},
		`{"title":"a","title":"b"}`:        {422, "title"},
		`{"items":[{},{"name":"\u0000"}]}`: {422, "items.1.name"},
		`{"at":"yesterday"}`:               {422, ""},
		`{"title":"a"} {}`:                 {422, ""},
		`{"title":"a"`:                     {422, ""},
		`{"title":}`:                       {422, ""},
		`[]`:                               {422, ""},
		`null x`:                           {422, ""},
		``:                                 {422, ""},
		strings.Repeat("[", 100_000):       {422, ""},
		`{"title":"` + strings.Repeat("x", 1<<20) + `"}`: {413, ""},
	} {
		show := body[:min(len(body), 60)]
		a := s.post("/api/v1/j", body, asJSON)
		if a.StatusCode != want.status {
			t.Errorf("%s: %d, want %d: %s", show, a.StatusCode, want.status, a.body)
			continue
		}
		if want.field == "" {
			continue
		}
		if p := a.problem(t); len(p.Errors) != 1 || p.Errors[0].Name != want.field || p.Errors[0].Message == "" {
			t.Errorf("%s: errors %+v, want field %s", show, p.Errors, want.field)
		}
	}
	if a := s.post("/api/v1/j", `{}`, header("Content-Type", "text/plain")); a.StatusCode != 415 {
		t.Errorf("text/plain: %d", a.StatusCode)
	}
}

func TestIDsAndParameters(t *testing.T) {
	routes := []edge.Route{
		{Method: "GET", Path: "/t/{id}", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
			v, err := r.ID("id")
			return edge.Text(200, "id "+string(v)+" "+r.Pattern()), err
		}},
		{Method: "GET", Path: "/t/new", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) { return edge.Text(200, "new"), nil }},
		{Method: "GET", Path: "/t/{id}/file.pdf", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) { return edge.Text(200, "pdf"), nil }},
		{Method: "GET", Path: "/verify/{code}", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) { return edge.Text(200, r.Param("code")), nil }},
	}
	s := open(t, routes)
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/t/" + string(anID):               {200, "id " + string(anID) + " /t/{id}"},
		"/t/new":                           {200, "new"},
		"/t/" + string(anID) + "/file.pdf": {200, "pdf"},
		"/t/1":                             {404, ""},
		"/t/%27%3B--":                      {404, ""},
		"/verify/%E7%94%B2-1.2":            {200, "甲-1.2"},
		"/verify/a%2Fb":                    {200, "a/b"},
		"/verify/%ff":                      {200, ""},
	} {
		a := s.get(path)
		if a.StatusCode != want.status || want.body != "" && a.body != want.body {
			t.Errorf("%s: %d %q", path, a.StatusCode, a.body)
		}
	}
}

func TestDeadline(t *testing.T) {
	s := open(t, []edge.Route{
		{Method: "GET", Path: "/slow", Gate: "public", Timeout: 30 * time.Millisecond, Handle: func(r *edge.Request) (edge.Response, error) {
			<-r.Context().Done()
			if !errors.Is(r.Context().Err(), context.DeadlineExceeded) {
				return edge.Response{}, fault.New(fault.Invalid, "wrong error")
			}
			child, cancel := context.WithCancel(r.Context())
			defer cancel()
			return edge.Response{}, fmt.Errorf("select: %w", child.Err())
		}},
		{Method: "GET", Path: "/by", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
			at, ok := r.Context().Deadline()
			left := time.Until(at)
			return edge.Text(200, fmt.Sprint(ok && left > 8*time.Second && left <= edge.DefaultTimeout)), nil
		}},
	})
	if a := s.get("/slow"); a.StatusCode != 503 || a.Header.Get("Retry-After") == "" {
		t.Errorf("a request over its deadline: %d %s", a.StatusCode, a.body)
	}
	if a := s.get("/by"); a.body != "true" {
		t.Error("the default deadline is not 10 s")
	}
}
