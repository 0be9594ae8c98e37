package apptest

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"

	"github.com/PuerkitoBio/goquery"

	"gongji/app/demo"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/templates"
)

// Person is somebody with a signed-in browser and an API token.
type Person struct {
	Actor party.Actor // for calling services directly
	Login string
	Token string
	env   *Env
	http  *http.Client
}

// Visitor is a browser nobody signed in with.
func (e *Env) Visitor() *Person {
	jar, _ := cookiejar.New(nil)
	return &Person{env: e, http: &http.Client{Jar: jar}}
}

func (e *Env) enter(login string, _ id.ID) *Person {
	e.T.Helper()
	p := e.Visitor()
	p.Login = login
	p.SignIn()
	return p
}

// Shown is the browser of somebody of the demonstration.
func (e *Env) Shown(login string) *Person {
	e.T.Helper()
	p := e.Visitor()
	p.Login = login
	p.browse(demo.Password)
	return p
}

// browse signs the browser in.
func (p *Person) browse(password string) {
	p.env.T.Helper()
	page := p.Post("/account/login", url.Values{"login": {p.Login}, "password": {password}})
	if page.Code != 200 {
		p.env.T.Fatalf("sign in as %s: %d %s", p.Login, page.Code, page.Text())
	}
}

// SignIn signs the browser in and refreshes Actor and Token.
func (p *Person) SignIn() {
	e := p.env
	e.T.Helper()
	p.browse(Password)
	_, who, err := e.Accounts.SignIn(e.T.Context(), p.Login, Password, account.From{UserAgent: "apptest"})
	if err != nil {
		e.T.Fatal(err)
	}
	p.Actor = who
	seats, err := e.Accounts.Seats(e.T.Context(), who.Account)
	if err != nil {
		e.T.Fatal(err)
	}
	var seat *id.ID
	for _, s := range seats {
		if s.Org == who.Org {
			seat = &s.Membership
		}
	}
	if p.Token, err = e.Accounts.IssueToken(e.T.Context(), who.Account, seat, "apptest"); err != nil {
		e.T.Fatal(err)
	}
}

// Page is an answer: its status, its address after redirects, its body.
type Page struct {
	*goquery.Document
	Code   int
	Path   string
	Header http.Header
	Body   []byte
}

// Text is the visible text with white space folded.
func (p *Page) Text() string { return strings.Join(strings.Fields(p.Document.Text()), " ") }

// Has reports whether the visible text contains s.
func (p *Page) Has(s string) bool { return strings.Contains(p.Text(), s) }

func (p *Person) do(req *http.Request) *Page {
	t := p.env.T
	t.Helper()
	res, err := p.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := body
	if res.Header.Get("Content-Type") == "application/octet-stream" {
		text = nil // nothing to find in there, and the parser may choke on it
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if p.Login != "" && res.StatusCode != http.StatusUnauthorized { // else the session is over, and the sign-in form needs none
		doc.Find(`form[method="post"] input[name="` + templates.CSRFField + `"][value=""]`).Each(func(_ int, s *goquery.Selection) {
			t.Errorf("%s: the form to %s would be refused: its token is empty", res.Request.URL.Path, s.Closest("form").AttrOr("action", "this page"))
		})
	}
	return &Page{doc, res.StatusCode, res.Request.URL.Path, res.Header, body}
}

func (p *Person) request(method, path, kind string, body io.Reader) *http.Request {
	p.env.T.Helper()
	req, err := http.NewRequestWithContext(p.env.T.Context(), method, p.env.URL+path, body)
	if err != nil {
		p.env.T.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req
}

// Get opens a page, following redirects.
func (p *Person) Get(path string) *Page {
	p.env.T.Helper()
	return p.do(p.request(http.MethodGet, path, "", nil))
}

// Post sends a form as a browser on our own page would, csrf included, and
// follows the redirect.
func (p *Person) Post(path string, form url.Values) *Page {
	p.env.T.Helper()
	if form == nil {
		form = url.Values{}
	}
	if csrf := p.csrf(); csrf != "" && !form.Has(templates.CSRFField) {
		form.Set(templates.CSRFField, csrf)
	}
	req := p.request(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	req.Header.Set("Origin", p.env.URL)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.do(req)
}

// Put sends bytes as a script of our own page would.
func (p *Person) Put(path string, body []byte) *Page {
	p.env.T.Helper()
	req := p.request(http.MethodPut, path, "application/octet-stream", bytes.NewReader(body))
	req.Header.Set("Origin", p.env.URL)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("X-CSRF-Token", p.csrf())
	return p.do(req)
}

// Session is the name and the value of the cookie of the browser's session;
// both empty when nobody is signed in, or no longer.
func (p *Person) Session() (name, value string) {
	if c, _ := p.session(); c != nil {
		return c.Name, c.Value
	}
	return "", ""
}

// csrf is read off the browser's session as its pages would show it.
func (p *Person) csrf() string {
	_, who := p.session()
	return who.CSRF
}

func (p *Person) session() (*http.Cookie, party.Actor) {
	u, err := url.Parse(p.env.URL)
	if err != nil {
		return nil, party.Actor{}
	}
	for _, c := range p.http.Jar.Cookies(u) {
		if strings.HasSuffix(c.Name, "gongji_session") {
			if who, err := p.env.Accounts.Resolve(p.env.T.Context(), c.Value); err == nil {
				return c, who
			}
		}
	}
	return nil, party.Actor{}
}

// Upload sends one file as the upload widget does.
func (p *Person) Upload(path, name string, content []byte, fields url.Values) *Page {
	p.env.T.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField(templates.CSRFField, p.csrf())
	for k, vs := range fields {
		for _, v := range vs {
			_ = form.WriteField(k, v)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		p.env.T.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	req := p.request(http.MethodPost, path, form.FormDataContentType(), &body)
	req.Header.Set("Origin", p.env.URL)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.do(req)
}

// Answer is what the API said.
type Answer struct {
	Code   int
	Header http.Header
	Body   []byte
	t      interface {
		Helper()
		Fatalf(string, ...any)
	}
}

// Into reads the answer's JSON into v.
func (a *Answer) Into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		a.t.Fatalf("%s: %v", a.Body, err)
	}
}

// Want fails the test unless the answer has this status.
func (a *Answer) Want(code int) *Answer {
	a.t.Helper()
	if a.Code != code {
		a.t.Fatalf("status %d, want %d: %s", a.Code, code, a.Body)
	}
	return a
}

// API calls /api/v1 + path with the person's token; body nil sends none.
func (p *Person) API(method, path string, body any, headers ...string) *Answer {
	p.env.T.Helper()
	var r io.Reader
	kind := ""
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			p.env.T.Fatal(err)
		}
		r, kind = bytes.NewReader(b), "application/json"
	}
	req := p.request(method, "/api/v1"+path, kind, r)
	if p.Token != "" {
		req.Header.Set("Authorization", "Bearer "+p.Token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	page := p.do(req)
	return &Answer{page.Code, page.Header, page.Body, p.env.T}
}

// Log collects what the product logs, so that a test can look for what must
// not be there.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps a line.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// String is everything so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// Errors are the lines of level ERROR.
func (l *Log) Errors() string {
	var b strings.Builder
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Send uploads one file to /api/v1 + path with the person's token.
func (p *Person) Send(path, name string, content []byte) *Answer {
	p.env.T.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		p.env.T.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	req := p.request(http.MethodPost, "/api/v1"+path, form.FormDataContentType(), &body)
	req.Header.Set("Authorization", "Bearer "+p.Token)
	page := p.do(req)
	return &Answer{page.Code, page.Header, page.Body, p.env.T}
}
