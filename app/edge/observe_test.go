package edge_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"gongji/app/edge"
)

func TestLogTellsNothingPersonal(t *testing.T) {
	s := open(t, []edge.Route{{Method: "POST", Path: "/donors/{name}", Gate: "account", Handle: ok}})
	a := s.post("/donors/zhangsan?phone=13800000000", "csrf=csrf-of-officer&id=110101199003077777", form, ownPage, as("officer"),
		header("User-Agent", "curious-agent"), header("X-Request-Id", "forged-request-id"))
	if a.StatusCode != 200 || a.Header.Get("X-Request-Id") == "forged-request-id" {
		t.Fatal(a.StatusCode, a.Header)
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(s.log.String()), &line); err != nil {
		t.Fatalf("%v: %s", err, s.log)
	}
	if line["method"] != "POST" || line["route"] != "/donors/{name}" || line["status"] != 200.0 || line["request_id"] != a.Header.Get("X-Request-Id") || line["ms"] == nil {
		t.Errorf("%v", line)
	}
	for _, secret := range []string{"zhangsan", "13800000000", "110101", "csrf-of", "curious", "127.0.0.1", "王经办", string(people["officer"].Account)} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log has %q: %s", secret, s.log)
		}
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	routes := []edge.Route{{Method: "GET", Path: "/tenders/{id}", Gate: "public", Handle: ok},
		{Method: "POST", Path: "/bids", Gate: "public", Handle: ok, Quiet: true}}
	s := open(t, routes, func(c *edge.Config) { c.Metrics = reg })
	s.get("/tenders/secret-id")
	s.get("/nowhere/secret-id")
	s.post("/bids", "")
	s.do("BREW-secret", "/x", nil)
	a := s.get("/metrics")
	if a.StatusCode != 200 || !strings.Contains(a.body, `gongji_http_requests_total{method="GET",route="/tenders/{id}",status="200"} 1`) ||
		!strings.Contains(a.body, `route="none",status="404"`) || strings.Contains(a.body, "secret") || strings.Contains(a.body, "bids") || strings.Contains(a.body, "quiet") || strings.Contains(a.body, "POST") {
		t.Errorf("%d\n%s", a.StatusCode, a.body)
	}
	if strings.Contains(s.log.String(), "/bids") {
		t.Errorf("the log tells of a quiet route: %s", s.log)
	}
	if a := s.get("/metrics", header("X-Forwarded-For", "198.51.100.1")); a.StatusCode != 404 {
		t.Errorf("through a proxy: %d", a.StatusCode)
	}
	closed := open(t, routes)
	if a := closed.get("/metrics"); a.StatusCode != 404 {
		t.Errorf("without a registry: %d", a.StatusCode)
	}
	public := open(t, routes, func(c *edge.Config) { c.Metrics, c.MetricsPublic = prometheus.NewRegistry(), true })
	if a := public.get("/metrics", header("X-Forwarded-For", "198.51.100.1")); a.StatusCode != 200 {
		t.Errorf("made public: %d", a.StatusCode)
	}
}

func TestReady(t *testing.T) {
	var down error
	s := open(t, nil, func(c *edge.Config) { c.Ready = func(context.Context) error { return down } })
	if a := s.get("/readyz"); a.StatusCode != 200 {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	down = errors.New("dial tcp 10.0.0.7:5432")
	if a := s.get("/readyz"); a.StatusCode != 503 || strings.Contains(a.body, "10.0.0.7") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := s.get("/healthz"); a.StatusCode != 200 {
		t.Errorf("alive: %d", a.StatusCode)
	}
}
