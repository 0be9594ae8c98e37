package edge_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"gongji/app/edge"
)

func TestLimits(t *testing.T) {
	s := open(t, []edge.Route{
		{Method: "POST", Path: "/account/login", Gate: "public", Handle: ok},
		{Method: "GET", Path: "/account/login", Gate: "public", Handle: ok},
		{Method: "POST", Path: "/survey", Gate: "public", Handle: ok},
	}, func(c *edge.Config) {
		c.Limits = edge.Limits{Visitor: edge.Rate{PerMinute: 6, Burst: 3}, Login: edge.Rate{PerMinute: 2, Burst: 2}, Account: edge.Rate{PerMinute: 60, Burst: 50}, Keys: 100}
		c.TrustedProxyHeader = "X-Forwarded-For"
	})
	from := func(ip string) mod { return header("X-Forwarded-For", "10.9.9.9, "+ip) }
	statuses := func(n int, path string, mods ...mod) (good int, last answer) {
		for range n {
			last = s.post(path, "", mods...)
			if last.StatusCode == 200 {
				good++
			}
		}
		return good, last
	}
	good, last := statuses(5, "/survey", from("198.51.100.1"))
	wait, _ := strconv.Atoi(last.Header.Get("Retry-After"))
	if good != 3 || last.StatusCode != 429 || wait != 10 {
		t.Errorf("%d passed, then %d, Retry-After %d", good, last.StatusCode, wait)
	}
	if good, _ := statuses(1, "/survey", from("198.51.100.2")); good != 1 {
		t.Error("another address is held up")
	}
	s.clock.Advance(time.Duration(wait) * time.Second)
	if good, _ := statuses(3, "/survey", from("198.51.100.1")); good != 1 {
		t.Errorf("%d passed after the wait that was asked for", good)
	}
	if good, _ := statuses(4, "/account/login", from("198.51.100.3")); good != 2 {
		t.Errorf("%d logins passed", good)
	}
	if good, _ := statuses(4, "/account/login", from("198.51.100.4"), ownPage, as("officer"), header("X-CSRF-Token", "csrf-of-officer")); good != 2 {
		t.Errorf("%d logins passed with a session", good)
	}
	if good, _ := statuses(40, "/survey", ownPage, as("officer"), header("X-CSRF-Token", "csrf-of-officer")); good != 40 {
		t.Errorf("%d of 40 writes of one account passed", good)
	}
	for range 50 {
		if a := s.get("/account/login", from("198.51.100.3")); a.StatusCode != 200 {
			t.Fatal("reading is limited")
		}
	}
	// However many addresses come, one in use is not forgotten.
	hot := from("198.51.100.7")
	statuses(3, "/survey", hot)
	for i := range 400 {
		s.post("/survey", "", from(fmt.Sprintf("203.0.113.%d", i%250)))
		if i%20 == 0 {
			if good, _ := statuses(1, "/survey", hot); good != 0 {
				t.Fatalf("forgotten after %d others", i)
			}
		}
	}
}

func TestForgedAddress(t *testing.T) {
	s := open(t, []edge.Route{{Method: "GET", Path: "/ip", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) { return edge.Text(200, r.IP()), nil }}})
	if a := s.get("/ip", header("X-Forwarded-For", "198.51.100.1"), header("X-Real-Ip", "198.51.100.1")); a.body != "127.0.0.1" {
		t.Errorf("believed %s", a.body)
	}
	s = open(t, []edge.Route{{Method: "GET", Path: "/ip", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) { return edge.Text(200, r.IP()), nil }}},
		func(c *edge.Config) { c.TrustedProxyHeader = "X-Forwarded-For" })
	for sent, want := range map[string]string{"1.1.1.1, 198.51.100.1": "198.51.100.1", "::ffff:198.51.100.1": "198.51.100.1", "2001:db8::1": "2001:db8::/64", "2001:db8:0:0:ffff::9": "2001:db8::/64", "2001:db8:0:1::1": "2001:db8:0:1::/64", "fe80::1%eth0": "fe80::/64", "unknown": "127.0.0.1", "": "127.0.0.1"} {
		if a := s.get("/ip", header("X-Forwarded-For", sent)); a.body != want {
			t.Errorf("%q: %s, want %s", sent, a.body, want)
		}
	}
}
