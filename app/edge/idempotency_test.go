package edge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

// memory is an Idempotency for one process.
type memory struct {
	mu   sync.Mutex
	keys map[string]*entry
}

type entry struct {
	fingerprint string
	resp        *edge.StoredResponse
}

func (m *memory) Begin(_ context.Context, account id.ID, key, fingerprint string) (*edge.StoredResponse, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.keys[string(account)+key]
	switch {
	case e == nil:
		m.keys[string(account)+key] = &entry{fingerprint: fingerprint}
		return nil, nil
	case e.fingerprint != fingerprint:
		return nil, fault.New(fault.Invalid, "这个 Idempotency-Key 已经用于另一个请求")
	case e.resp == nil:
		return nil, fault.New(fault.Conflict, "同样的请求正在处理")
	}
	return e.resp, nil
}

func (m *memory) Finish(_ context.Context, account id.ID, key string, resp edge.StoredResponse) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys[string(account)+key].resp = &resp
	return nil
}

func (m *memory) Abandon(_ context.Context, account id.ID, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.keys, string(account)+key)
	return nil
}

func TestIdempotency(t *testing.T) {
	done := 0
	inside, goOn := make(chan struct{}), make(chan struct{})
	s := open(t, []edge.Route{
		{Method: "POST", Path: "/api/v1/bids", Gate: "account", Handle: func(r *edge.Request) (edge.Response, error) {
			var in struct {
				Price int64 `json:"price"`
			}
			if err := r.JSON(&in); err != nil {
				return edge.Response{}, err
			}
			done++
			switch in.Price {
			case 500:
				return edge.Response{}, errors.New("disk full")
			case 501:
				panic("x")
			case 410:
				return edge.Response{}, fault.New(fault.TooLate, "已经截止")
			}
			return edge.JSON(201, map[string]any{"n": done, "price": in.Price}).Header("Location", fmt.Sprintf("/api/v1/bids/%d", done)), nil
		}},
		{Method: "DELETE", Path: "/api/v1/bids", Gate: "account", Handle: func(*edge.Request) (edge.Response, error) { done++; return edge.NoContent(), nil }},
		{Method: "POST", Path: "/api/v1/slow", Gate: "account", Handle: func(*edge.Request) (edge.Response, error) {
			close(inside)
			<-goOn
			return edge.NoContent(), nil
		}},
		{Method: "POST", Path: "/api/v1/files", Gate: "account", Limit: 5 * mega, Handle: ok},
		{Method: "POST", Path: "/api/v1/accounts", Gate: "public", Handle: func(r *edge.Request) (edge.Response, error) {
			var in struct {
				Login string `json:"login"`
			}
			if err := r.JSON(&in); err != nil {
				return edge.Response{}, err
			}
			done++
			return edge.JSON(201, map[string]any{"n": done, "login": in.Login}), nil
		}},
	}, func(c *edge.Config) { c.Idempotency = &memory{keys: map[string]*entry{}} })
	send := func(who, key, body string) answer {
		return s.post("/api/v1/bids", body, bearer(who), asJSON, header("Idempotency-Key", key))
	}
	first := send("lead", "k1", `{"price":7}`)
	again := send("lead", "k1", `{"price":7}`)
	if first.StatusCode != 201 || again.StatusCode != 201 || first.body != again.body || done != 1 ||
		again.Header.Get("Location") != "/api/v1/bids/1" || again.Header.Get("Content-Type") != first.Header.Get("Content-Type") {
		t.Errorf("done %d times: %d %s, then %d %s", done, first.StatusCode, first.body, again.StatusCode, again.body)
	}
	if first.Header.Get("Idempotency-Replayed") != "" || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Error("a replay must say so")
	}
	if a := send("lead", "k1", `{"price":8}`); a.StatusCode != 422 || done != 1 {
		t.Errorf("another body under the same key: %d", a.StatusCode)
	}
	if a := s.do("DELETE", "/api/v1/bids", nil, bearer("lead"), header("Idempotency-Key", "k1")); a.StatusCode != 422 {
		t.Errorf("another method under the same key: %d", a.StatusCode)
	}
	if a := send("officer", "k1", `{"price":7}`); a.StatusCode != 201 || done != 2 {
		t.Errorf("somebody else's key: %d", a.StatusCode)
	}
	register := func(key, login string) answer {
		return s.post("/api/v1/accounts", `{"login":"`+login+`"}`, asJSON, header("Idempotency-Key", key))
	}
	before := done
	if a, b := register("k1", "lin"), register("k1", "lin"); a.StatusCode != 201 || b.body != a.body || done != before+1 {
		t.Errorf("nobody's write twice: %s, %s, done %d times", a.body, b.body, done-before)
	}
	if c := register("k1", "chen"); c.StatusCode != 201 || done != before+2 {
		t.Errorf("another stranger's key: %d", c.StatusCode)
	}
	for price, times := range map[int]int{500: 2, 501: 2, 410: 1} {
		before := done
		body := fmt.Sprintf(`{"price":%d}`, price)
		a, b := send("lead", fmt.Sprint("e", price), body), send("lead", fmt.Sprint("e", price), body)
		if a.StatusCode != b.StatusCode || done-before != times {
			t.Errorf("price %d: %d then %d, done %d times, want %d", price, a.StatusCode, b.StatusCode, done-before, times)
		}
		if replayed := b.Header.Get("Idempotency-Replayed") == "true"; replayed != (times == 1) {
			t.Errorf("price %d: replayed %v", price, replayed)
		}
	}
	if a, b := send("lead", "bad", `{"prise":1}`), send("lead", "bad", `{"prise":1}`); a.StatusCode != 422 || b.body != a.body {
		t.Errorf("a refusal is replayed: %s, %s", a.body, b.body)
	}
	for _, key := range []string{strings.Repeat("k", 256), "a b", "键"} {
		if a := send("lead", key, `{}`); a.StatusCode != 422 {
			t.Errorf("key %.20q: %d", key, a.StatusCode)
		}
	}
	for range 2 {
		if a := s.do("DELETE", "/api/v1/bids", nil, bearer("lead"), header("Idempotency-Key", "d")); a.StatusCode != 204 {
			t.Errorf("%d", a.StatusCode)
		}
	}
	big := s.do("POST", "/api/v1/files", zeros(2*mega), func(r *http.Request) { r.ContentLength = 2 * mega }, bearer("lead"), header("Idempotency-Key", "f"))
	if big.StatusCode != 422 {
		t.Errorf("a large body under a key: %d", big.StatusCode)
	}
	got := make(chan answer)
	go func() { got <- s.post("/api/v1/slow", "", bearer("lead"), header("Idempotency-Key", "s")) }()
	<-inside
	if a := s.post("/api/v1/slow", "", bearer("lead"), header("Idempotency-Key", "s")); a.StatusCode != 409 {
		t.Errorf("while in progress: %d", a.StatusCode)
	}
	close(goOn)
	if a := <-got; a.StatusCode != 204 {
		t.Errorf("%d", a.StatusCode)
	}
}
