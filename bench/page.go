package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"gongji/app"
	"gongji/app/demo"
	"gongji/app/edge/edgebench"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/procurement/tender/tendertest"
	"gongji/app/procurement/tenderkey"
	"gongji/app/procurement/tenderkey/holder"
)

var pageTargets = []target{{"tender_page_vs_static", ">=", 0.25}}

// tenderPage measures the public page of a tender on PostgreSQL:
//
//   - tender_page (requests/s): visitors asking for the page of one complete
//     tender over 8 kept connections, no compression. For information.
//   - tender_page_vs_static (ratio): that ÷ a bare fiber that gives the same
//     bytes and headers from memory. Both are processes of their own, asked by
//     the same client in alternating rounds; the median of the rounds' ratios.
//     At least 0.25.
//   - tender_page_made_vs_static (ratio): the same where every request has a
//     query of its own, so that no answer is kept for the next one and each
//     is read from the database and rendered. For information: what a page
//     costs without edge's shelf.
func tenderPage(ctx context.Context, b *bench) (err error) {
	env, err := b.production(ctx)
	if err != nil {
		return err
	}
	data := filepath.Join(b.dir, "page")
	p, err := b.serve(ctx, data, env, "--demo")
	if err != nil {
		return err
	}
	if err := p.stop(); err != nil { // measured without the demonstration's bar
		return err
	}
	path, err := published(ctx, data, env)
	if err != nil {
		return err
	}
	if p, err = b.serve(ctx, data, env); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	header, body, err := get(ctx, p.url+path)
	if err != nil {
		return err
	}
	b.say("%s: %d bytes", path, len(body))
	static, stop, err := startStatic(ctx, b, header, body)
	if err != nil {
		return err
	}
	defer stop()
	var page, ratio, anew []float64
	for round := range 6 { // the first warms up
		a, err := hammer(p.url+path, "", 2*time.Second)
		if err != nil {
			return err
		}
		c, err := hammer(p.url+path, fmt.Sprintf("?r%d=", round), 2*time.Second)
		if err != nil {
			return err
		}
		d, err := hammer(static+path, "", 2*time.Second)
		if err != nil {
			return err
		}
		b.say("round %d: page %.0f/s, made anew %.0f/s, static %.0f/s, load %s", round, a, c, d, load())
		if round > 0 {
			page, ratio, anew = append(page, a), append(ratio, a/d), append(anew, c/d)
		}
	}
	b.figure("tender_page", median(page), "requests/s")
	b.figure("tender_page_vs_static", median(ratio), "ratio")
	b.figure("tender_page_made_vs_static", median(anew), "ratio")
	return nil
}

// published makes a complete tender of the demonstration's bureau and has it
// published, past HTTP. It happens in June 2026, whose working days are known.
func published(ctx context.Context, data string, env []string) (path string, err error) {
	err = inside(ctx, data, env, clock.NewManual(tendertest.Start), func(a *app.App) error {
		_, officer, err := a.Accounts.SignIn(ctx, "bureau.officer", demo.Password, account.From{UserAgent: "bench"})
		if err != nil {
			return err
		}
		_, approver, err := a.Accounts.SignIn(ctx, "bureau.approver", demo.Password, account.From{UserAgent: "bench"})
		if err != nil {
			return err
		}
		t, err := a.Tenders.Create(ctx, officer, tendertest.Complete())
		if err != nil {
			return err
		}
		if err := keyed(ctx, a, officer, t.ID); err != nil {
			return err
		}
		if _, err := a.Tenders.Submit(ctx, officer, t.ID); err != nil {
			return err
		}
		path = "/tenders/" + string(t.ID)
		_, err = a.Tenders.Publish(ctx, approver, t.ID)
		return err
	})
	return path, err
}

// keyed gives a draft its key, by three people of the demonstration.
func keyed(ctx context.Context, a *app.App, officer party.Actor, tender id.ID) error {
	in := tenderkey.Default()
	var people []holder.Person
	for i, login := range []string{"bureau.officer", "bureau.supervisor", "enterprise.lead"} {
		_, who, err := a.Accounts.SignIn(ctx, login, demo.Password, account.From{UserAgent: "bench"})
		if err != nil {
			return err
		}
		in.Holders[i].Login = login
		people = append(people, holder.Person{Actor: who, Passphrase: demo.Password})
	}
	if _, err := a.TenderKeys.Name(ctx, officer, tender, in); err != nil {
		return err
	}
	if _, err := a.TenderKeys.Generate(ctx, officer, tender); err != nil {
		return err
	}
	for _, p := range people {
		if err := p.Rehearse(ctx, a.TenderKeys, tender); err != nil {
			return err
		}
	}
	return nil
}

func get(ctx context.Context, url string) (http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, nil, err
	}
	client := http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", url, res.StatusCode)
	}
	return res.Header, body, err
}

// still is what the static child serves.
type still struct {
	Addr    string
	Headers map[string]string
	Body    []byte
}

// startStatic starts this program again as a bare fiber.
func startStatic(ctx context.Context, b *bench, header http.Header, body []byte) (url string, stop func(), err error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return "", nil, err
	}
	s := still{Addr: addr, Headers: map[string]string{}, Body: body}
	for name := range header {
		if name != "Date" && name != "Content-Length" {
			s.Headers[name] = header.Get(name)
		}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return "", nil, err
	}
	file := filepath.Join(b.dir, "static.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return "", nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, staticChild, file)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait(); close(done) }()
	stop = func() {
		_ = cmd.Process.Kill()
		for range done { // closed when it has ended
		}
	}
	if err := ready(ctx, "http://"+addr+"/", done); err != nil {
		stop()
		return "", nil, fmt.Errorf("the static server: %w", err)
	}
	return "http://" + addr, stop, nil
}

func serveStatic(ctx context.Context, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var s still
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", s.Addr)
	if err != nil {
		return err
	}
	return edgebench.Serve(ln, s.Headers, s.Body)
}
