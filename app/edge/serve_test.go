package edge_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"gongji/app/edge"
)

func TestEvents(t *testing.T) {
	stopped := make(chan error, 1)
	s := open(t, []edge.Route{{Method: "GET", Path: "/events", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) {
		return edge.SSE(func(ctx context.Context, send func(event, data string) error) error {
			if err := send("", "第一行\n第二行"); err != nil {
				return err
			}
			err := send("done\nevent: evil", "x")
			<-ctx.Done()
			stopped <- errors.Join(err, ctx.Err())
			return nil
		}), nil
	}}})
	res, err := s.client.Get(s.url + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	br, got := bufio.NewReader(res.Body), ""
	for range 6 {
		line, err := br.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		got += line
	}
	if want := "data: 第一行\ndata: 第二行\n\nevent: doneevent: evil\ndata: x\n\n"; got != want || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%q %v", got, res.Header)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		t.Errorf("an open stream holds up the shutdown: %v", err)
	}
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestShutdownFinishesWhatItStarted(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	s := open(t, []edge.Route{{Method: "POST", Path: "/work", Gate: "public", Handle: func(*edge.Request) (edge.Response, error) {
		close(begun)
		<-goOn
		return edge.Text(200, "finished"), nil
	}}})
	got := make(chan answer, 1)
	go func() { got <- s.post("/work", "") }()
	<-begun
	down := make(chan error, 1)
	go func() { down <- s.server.Shutdown(context.Background()) }()
	for {
		res, err := http.Get(s.url + "/healthz")
		if err != nil {
			break // no new connections any more
		}
		_ = res.Body.Close()
	}
	select {
	case err := <-down:
		t.Fatalf("shut down before the work was done: %v", err)
	default:
	}
	close(goOn)
	if a := <-got; a.body != "finished" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
}

func TestWithoutSocket(t *testing.T) {
	slow := 1100 * time.Millisecond // fiber's own Test gives up after a second
	s := open(t, []edge.Route{{Method: "POST", Path: "/x", Gate: "public", Timeout: slow, Handle: func(r *edge.Request) (edge.Response, error) {
		f, err := r.Form()
		if err != nil {
			return edge.Response{}, err
		}
		<-r.Context().Done()
		return edge.Text(200, f.Get("a")), nil
	}}})
	req, err := http.NewRequest(http.MethodPost, "http://x/x", strings.NewReader("a=b"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.server.Test(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if data, _ := io.ReadAll(res.Body); string(data) != "b" {
		t.Errorf("%d %s", res.StatusCode, data)
	}
}
