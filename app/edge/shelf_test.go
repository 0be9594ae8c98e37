package edge_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
)

// counter is a handler whose answer tells how often it was asked.
type counter struct {
	n      atomic.Int64
	answer func(r *edge.Request, n int64) (edge.Response, error)
}

func (c *counter) handle(r *edge.Request) (edge.Response, error) { return c.answer(r, c.n.Add(1)) }

func notice(r *edge.Request, n int64) (edge.Response, error) {
	return edge.Bytes(200, "text/html; charset=utf-8", []byte(fmt.Sprintf("%d %s %s %s", n, r.Path(), r.Query("q"),
		strings.Repeat("公开的采购公告", 200)))).Shared(), nil
}

func shelved(t *testing.T, answer func(*edge.Request, int64) (edge.Response, error)) (*site, *counter, *edge.Writes) {
	c, w := &counter{answer: answer}, &edge.Writes{}
	s := open(t, []edge.Route{{Method: "GET", Path: "/notice/{id}", Gate: "public", Handle: c.handle}},
		func(cfg *edge.Config) { cfg.Writes = w.Count })
	return s, c, w
}

func nth(a answer) string {
	n, _, _ := strings.Cut(a.body, " ")
	return n
}

func TestVisitorsShareAPublicAnswerUntilAWrite(t *testing.T) {
	s, c, w := shelved(t, notice)
	first := s.get("/notice/1")
	if again := s.get("/notice/1"); again.body != first.body || again.Header.Get("Etag") != first.Header.Get("Etag") ||
		again.Header.Get("Cache-Control") != "public, no-cache" || again.Header.Get("X-Request-Id") == first.Header.Get("X-Request-Id") {
		t.Errorf("the kept answer differs: %v, %v", first.Header, again.Header)
	}
	for _, how := range []string{"br", "gzip", "br"} {
		a := s.get("/notice/1", header("Accept-Encoding", how))
		if a.Header.Get("Content-Encoding") != how || len(a.body) == 0 || len(a.body) >= len(first.body) {
			t.Errorf("%s: %v, %d bytes", how, a.Header, len(a.body))
		}
	}
	if a := s.get("/notice/1", header("If-None-Match", first.Header.Get("Etag"))); a.StatusCode != 304 || a.body != "" {
		t.Errorf("the same tag again: %d", a.StatusCode)
	}
	if a := s.do("HEAD", "/notice/1", nil); a.StatusCode != 200 || a.body != "" {
		t.Errorf("HEAD: %d %q", a.StatusCode, a.body)
	}
	if c.n.Load() != 1 {
		t.Errorf("the handler was asked %d times", c.n.Load())
	}
	if a, b := s.get("/notice/2"), s.get("/notice/1?q=x"); nth(a) != "2" || nth(b) != "3" {
		t.Errorf("another path or query gets a kept answer: %s, %s", nth(a), nth(b))
	}
	w.Note()
	if a := s.get("/notice/1"); nth(a) != "4" {
		t.Errorf("after a write: %s", nth(a))
	}
}

func TestAKeptAnswerIsForVisitorsOnly(t *testing.T) {
	s, c, _ := shelved(t, func(r *edge.Request, n int64) (edge.Response, error) {
		return edge.Text(200, fmt.Sprintf("%d %s", n, r.Actor().Name)).Public(time.Minute), nil
	})
	for i, mods := range [][]mod{{as("officer")}, {as("lead")}, {as("unknown")}, {bearer("x")}, {header("Cookie", "gongji_flash=ok.x")}} {
		for range 2 {
			s.get("/notice/1", mods...)
		}
		if got := c.n.Load(); got != int64(2*(i+1)) {
			t.Errorf("case %d: a request that may differ got a kept answer (%d)", i, got)
		}
	}
	before := c.n.Load()
	if a := s.get("/notice/1"); strings.Contains(a.body, "王经办") || c.n.Load() != before+1 {
		t.Errorf("a visitor sees what was made for somebody: %q", a.body)
	}
	if a := s.get("/notice/1", as("officer")); !strings.Contains(a.body, "王经办") {
		t.Errorf("somebody sees what was made for visitors: %q", a.body)
	}
}

func TestAKeptAnswerFollowsTheClock(t *testing.T) {
	s, _, _ := shelved(t, notice)
	s.get("/notice/1")
	s.clock.Advance(edge.ShelfLife - time.Microsecond)
	if a := s.get("/notice/1"); nth(a) != "1" {
		t.Errorf("within its time: %s", nth(a))
	}
	s.clock.Advance(time.Microsecond)
	if a := s.get("/notice/1"); nth(a) != "2" {
		t.Errorf("after its time: %s", nth(a))
	}
	s.clock.Advance(-time.Hour) // the demonstration's clock goes back too
	if a := s.get("/notice/1"); nth(a) != "3" {
		t.Errorf("after the clock went back: %s", nth(a))
	}
}

func TestWhatIsNotForEverybodyIsNotKept(t *testing.T) {
	for name, answer := range map[string]func(*edge.Request, int64) (edge.Response, error){
		"not public": func(_ *edge.Request, n int64) (edge.Response, error) { return edge.Text(200, fmt.Sprint(n)), nil },
		"cookie": func(_ *edge.Request, n int64) (edge.Response, error) {
			return edge.Text(200, fmt.Sprint(n)).Public(time.Minute).Cookie("gongji_x", "1", 0), nil
		},
		"not found": func(_ *edge.Request, n int64) (edge.Response, error) {
			return edge.Text(404, fmt.Sprint(n)).Public(time.Minute), nil
		},
		"error": func(_ *edge.Request, _ int64) (edge.Response, error) {
			return edge.Response{}, fault.New(fault.Unavailable, "稍后再试")
		},
		"became somebody": func(r *edge.Request, n int64) (edge.Response, error) {
			r.Become(people["officer"])
			return edge.Text(200, fmt.Sprint(n)).Public(time.Minute), nil
		},
		"large": func(_ *edge.Request, n int64) (edge.Response, error) {
			return edge.Text(200, strings.Repeat("x", 1<<20)).Public(time.Minute), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, c, _ := shelved(t, answer)
			s.get("/notice/1")
			s.get("/notice/1")
			if c.n.Load() != 2 {
				t.Errorf("the handler was asked %d times", c.n.Load())
			}
		})
	}
}

// What many ask for at once is made once; a write meanwhile is not missed, and
// a maker that fails leaves nobody waiting.
func TestOneMakesItForAll(t *testing.T) {
	var fail atomic.Bool
	reached, gate := make(chan struct{}, 100), make(chan struct{}, 100)
	s, c, w := shelved(t, func(r *edge.Request, n int64) (edge.Response, error) {
		if n > 1 {
			reached <- struct{}{}
			<-gate
		}
		if fail.Load() {
			panic("broken")
		}
		return notice(r, n)
	})
	s.get("/notice/1") // from now on the route is known to be public
	crowd := func() (asked int64) {
		w.Note()
		before := c.n.Load()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { s.get("/notice/1") })
		}
		<-reached
		for range 8 {
			gate <- struct{}{}
		}
		wg.Wait()
		for len(gate) > 0 {
			<-gate
		}
		for len(reached) > 0 {
			<-reached
		}
		return c.n.Load() - before
	}
	if n := crowd(); n != 1 {
		t.Errorf("of 8 at once, %d asked the handler", n)
	}
	fail.Store(true)
	if n := crowd(); n != 8 {
		t.Errorf("of 8 whose maker failed, %d asked for themselves", n)
	}
}

func TestManyPathsDoNotFillTheShelf(t *testing.T) {
	s, c, _ := shelved(t, func(_ *edge.Request, n int64) (edge.Response, error) {
		return edge.Text(200, strings.Repeat("x", 500<<10)).Public(time.Minute), nil
	})
	for i := range 40 {
		s.get(fmt.Sprintf("/notice/%d", i))
	}
	if s.get("/notice/0"); c.n.Load() != 41 {
		t.Errorf("20 MB were kept: the handler was asked %d times", c.n.Load())
	}
}
