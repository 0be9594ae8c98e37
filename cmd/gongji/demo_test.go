package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gongji/app/demo"
)

// server is a gongji process of the test.
type server struct {
	*exec.Cmd
	t     *testing.T
	lines *bufio.Scanner
	err   bytes.Buffer
}

// start runs gongji serve --demo as a person would, on any free port.
func start(t *testing.T, data string) *server {
	t.Helper()
	s := &server{Cmd: exec.CommandContext(t.Context(), "gongji", "serve", "--demo", "--addr", "127.0.0.1:0", "--data", data), t: t}
	s.Env = append(os.Environ(), "GONGJI_DATABASE_URL=", "GONGJI_S3_ENDPOINT=", "GONGJI_PUBLIC_URL=")
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.Stderr, s.lines = &s.err, bufio.NewScanner(out)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// until reads what the server prints up to the line that begins with prefix,
// and gives the rest of that line.
func (s *server) until(prefix string) string {
	s.t.Helper()
	for s.lines.Scan() {
		if rest, ok := strings.CutPrefix(s.lines.Text(), prefix); ok {
			return rest
		}
	}
	_ = s.Wait()
	s.t.Fatalf("the server never said %q: %s", prefix, s.err.String())
	return ""
}

func (s *server) stop() {
	s.t.Helper()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	for s.lines.Scan() {
	}
	if err := s.Wait(); err != nil {
		s.t.Fatalf("SIGTERM: %v, %s", err, s.err.String())
	}
}

func accounts(t *testing.T, data string) ([]demo.Account, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "gongji", "demo", "accounts", "--json", "--data", data).Output()
	if err != nil {
		return nil, err
	}
	var list []demo.Account
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatal(err)
	}
	return list, nil
}

func TestTheDemonstrationStartsStopsAndSurvivesAKill(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := start(t, data)
	s.until("正在准备演示数据")
	if err := s.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.Wait()
	if list, err := accounts(t, data); err == nil {
		t.Fatalf("a load that was killed lists %d accounts", len(list))
	}

	s = start(t, data)
	address := s.until("共济已就绪：")
	first, err := accounts(t, data)
	if err != nil || len(first) < 20 {
		t.Fatalf("%d accounts, %v", len(first), err)
	}
	for _, path := range []string{"/", "/readyz", "/api/v1/public/tenders"} {
		if code := get(t, address+path, ""); code != http.StatusOK {
			t.Errorf("%s answers %d", path, code)
		}
	}
	for _, a := range first {
		if a.Login == "" || a.Password == "" || a.Role == "" || a.Kind == "" || a.Token == "" {
			t.Errorf("incomplete account %+v", a)
		}
		if code := get(t, address+"/api/v1/me", a.Token); code != http.StatusOK {
			t.Errorf("the token of %s at %s answers %d", a.Login, a.Organisation, code)
		}
	}
	s.stop()

	s = start(t, data)
	s.until("共济已就绪：")
	again, err := accounts(t, data)
	if err != nil || len(again) != len(first) || again[0] != first[0] {
		t.Errorf("loaded twice: %d accounts, then %d, %v", len(first), len(again), err)
	}
	s.stop()
}

func get(t *testing.T, url, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}
