package edge

import (
	"io"
	"net/http/httptest"
	"testing"
	"time"

	"gongji/app/kernel/clock"
)

func TestSmoke(t *testing.T) {
	s, err := New(Config{Clock: clock.NewManual(time.Now()), Can: func(r, o, a string) bool { return o == "route.public" },
		Routes: []Route{{Method: "GET", Path: "/tenders/{id}", Gate: "public", Handle: func(r *Request) (Response, error) { return Text(200, r.Param("id")), nil }},
			{Method: "GET", Path: "/tenders/new", Gate: "public", Handle: func(r *Request) (Response, error) { return Text(200, "NEW"), nil }}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"/tenders/x%20y", "/tenders/new", "/healthz", "/nope", "/api/nope"} {
		res, err := s.Test(httptest.NewRequest("GET", p, nil))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		t.Log(p, res.StatusCode, string(b), res.Header)
	}
}
