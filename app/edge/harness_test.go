package edge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/templates"
)

var noon = time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC)

// people of the tests: the cookie, or token, is the key.
var people = map[string]party.Actor{
	"officer": {Account: "01HZZZZZZZZZZZZZZZZZZZZZZ1", Name: "王经办", CSRF: "csrf-of-officer", OrgKind: party.Bureau, Role: party.Officer, Org: "O1", OrgName: "民政局"},
	"lead":    {Account: "01HZZZZZZZZZZZZZZZZZZZZZZ2", Name: "李负责", CSRF: "csrf-of-lead", OrgKind: party.Social, Role: party.Lead, Org: "O2", OrgName: "社工站"},
	"person":  {Account: "01HZZZZZZZZZZZZZZZZZZZZZZ3", Name: "赵捐赠", CSRF: "csrf-of-person"},
}

type register struct{}

func (register) Resolve(_ context.Context, value string) (party.Actor, error) {
	if value == "broken" {
		return party.Actor{}, fmt.Errorf("dial tcp 10.0.0.7: connection refused")
	}
	who, ok := people[value]
	if !ok {
		return party.Actor{}, fault.New(fault.Unauthenticated, "登录已过期")
	}
	return who, nil
}

func can(relation, object, action string) bool {
	if action != "enter" {
		return false
	}
	switch object {
	case "route.public":
		return relation == "visitor"
	case "route.account":
		return relation == "account"
	case "route.buyer":
		return relation == "bureau.officer" || relation == "bureau.approver"
	case "route.supplier":
		return relation == "social"
	}
	return false
}

// plainRenderer shows the template's name and what the page holds.
type plainRenderer struct{}

func (plainRenderer) Render(w io.Writer, name string, page any) error {
	if name == "broken" {
		_, _ = io.WriteString(w, "half a page")
		return fmt.Errorf("template: broken: secret-internal")
	}
	if raw, ok := page.(string); ok {
		_, err := io.WriteString(w, raw)
		return err
	}
	data, err := json.Marshal(page)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "<template:%s>%s", name, data)
	return err
}

type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

type site struct {
	t      *testing.T
	url    string
	addr   string
	client *http.Client
	server *edge.Server
	log    *journal
	clock  *clock.Manual
}

// open serves the routes on a real socket; change may alter the config.
func open(t *testing.T, routes []edge.Route, change ...func(*edge.Config)) *site {
	t.Helper()
	s := &site{t: t, log: &journal{}, clock: clock.NewManual(noon)}
	cfg := edge.Config{Routes: routes, Can: can, Sessions: register{}, Tokens: register{}, Renderer: plainRenderer{},
		Clock: s.clock, Log: slog.New(slog.NewJSONHandler(s.log, nil)), Limits: edge.Limits{Off: true}}
	for _, fn := range change {
		fn(&cfg)
	}
	var err error
	if s.server, err = edge.New(cfg); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = ln.Addr().String()
	s.url = "http://" + s.addr
	s.client = &http.Client{Transport: &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(ln) }()
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return s
}

type answer struct {
	*http.Response
	body string
}

type mod func(*http.Request)

func header(name, value string) mod { return func(r *http.Request) { r.Header.Set(name, value) } }
func as(who string) mod {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "gongji_session", Value: who}) }
}
func bearer(who string) mod { return header("Authorization", "Bearer "+who) }

var (
	ownPage = header("Sec-Fetch-Site", "same-origin")
	form    = header("Content-Type", "application/x-www-form-urlencoded")
	asJSON  = header("Content-Type", "application/json")
)

func (s *site) do(method, path string, body io.Reader, mods ...mod) answer {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, m := range mods {
		m(req)
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatalf("%s %s: read: %v", method, path, err)
	}
	return answer{res, string(data)}
}

func (s *site) get(path string, mods ...mod) answer {
	s.t.Helper()
	return s.do(http.MethodGet, path, nil, mods...)
}

func (s *site) post(path, body string, mods ...mod) answer {
	s.t.Helper()
	return s.do(http.MethodPost, path, strings.NewReader(body), mods...)
}

func (a answer) problem(t *testing.T) edge.Problem {
	t.Helper()
	var p edge.Problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("not a problem: %q", a.body)
	}
	return p
}

func ok(r *edge.Request) (edge.Response, error) { return edge.Text(200, "ok"), nil }

func fails(err error) edge.Handler {
	return func(*edge.Request) (edge.Response, error) { return edge.Response{}, err }
}

// raw sends bytes as they are and returns all that comes back.
func (s *site) raw(text string) string {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		s.t.Fatal(err)
	}
	if half, ok := c.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	data, err := io.ReadAll(c)
	if err != nil && len(data) == 0 {
		s.t.Fatal(err)
	}
	return string(data)
}

var _ edge.Renderer = (*templates.Set)(nil)

const anID = id.ID("01HZZZZZZZZZZZZZZZZZZZZZZ9")

type fixed struct{}

func (fixed) Now() time.Time { return noon }
