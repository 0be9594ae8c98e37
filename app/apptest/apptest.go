// Package apptest runs the whole product for a test: real database, real
// object store, real HTTP, a clock that moves when told.
package apptest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gongji/app"
	"gongji/app/demo"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
	"gongji/storage/object"
)

// Start is the moment every test's clock begins at: Monday 2026-06-01, 09:00
// in Beijing, a working day far from the year's ends.
var Start = time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)

// Env is one running product.
type Env struct {
	*app.App
	T      testing.TB
	Time   *clock.Manual
	URL    string
	Log    *Log // everything the product logged
	Wire   *Wire
	Cast   []demo.Account // of Demo
	people int
}

// Each runs a test on both sets of parts: SQLite with a local directory, and
// PostgreSQL with MinIO.
func Each(t *testing.T, run func(t *testing.T, e *Env)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, Postgres(t)) })
}

// SQLite runs the product on the embedded default.
func SQLite(t testing.TB) *Env {
	t.Helper()
	st, err := object.OpenDir(filepath.Join(t.TempDir(), "objects"))
	if err != nil {
		t.Fatal(err)
	}
	return start(t, "sqlite:"+dbtest.SQLiteFile(t), st, app.Config{})
}

// Demo runs the product on the embedded default with the demonstration loaded.
func Demo(t testing.TB) *Env {
	t.Helper()
	data := t.TempDir()
	st, err := object.OpenDir(filepath.Join(data, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	c := app.Config{Demo: true, Data: data}
	e := start(t, "sqlite:"+dbtest.SQLiteFile(t), st, c)
	if e.Cast, err = demo.Load(t.Context(), e.App, c); err != nil {
		t.Fatal(err)
	}
	return e
}

// Postgres runs the product on the parts of production.
func Postgres(t testing.TB) *Env {
	t.Helper()
	return start(t, dbtest.PostgresURL(t), MinIO(t), app.Config{})
}

// MinIO is a fresh bucket on the server that GONGJI_TEST_S3 names.
func MinIO(t testing.TB) object.Store {
	t.Helper()
	u, err := url.Parse(os.Getenv("GONGJI_TEST_S3"))
	if err != nil || u.Host == "" {
		t.Fatal("GONGJI_TEST_S3 未设置：请用 make test，或先运行 .ci/services up 再 source .services/env")
	}
	secret, _ := u.User.Password()
	st, err := object.OpenMinIO(t.Context(), object.MinIOConfig{Endpoint: u.Host, AccessKey: u.User.Username(),
		SecretKey: secret, Bucket: "t-" + strings.ToLower(string(id.New(time.Now())))})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func start(t testing.TB, dsn string, st object.Store, c app.Config) *Env {
	t.Helper()
	d, err := db.Open(t.Context(), dsn, db.Options{MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	port, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln := &Wire{Listener: port, open: map[net.Conn]bool{}}
	e := &Env{T: t, Time: clock.NewManual(Start), URL: "http://" + ln.Addr().String(), Log: &Log{}, Wire: ln}
	c.PublicURL = e.URL
	e.App, err = app.New(c,
		app.Parts{DB: d, Store: st, Clock: e.Time, Log: slog.New(slog.NewJSONHandler(e.Log, nil)),
			Poll: 10 * time.Millisecond, NoLimits: true, WeakKeys: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if t.Failed() {
			_, _ = io.Copy(os.Stderr, strings.NewReader(e.Log.Errors()))
		}
	})
	return e
}

// Settle waits until every job is done.
func (e *Env) Settle() {
	e.T.Helper()
	ctx, cancel := context.WithTimeout(e.T.Context(), time.Minute)
	defer cancel()
	if err := e.Queue.Drained(ctx); err != nil {
		e.T.Fatal(err)
	}
}

// Password signs in everybody that a test makes.
const Password = "correct horse battery staple"

func (e *Env) person(name string) account.NewAccount {
	e.people++
	return account.NewAccount{Login: fmt.Sprintf("person%03d", e.people), Password: Password, Name: name}
}

// Org makes an approved organisation whose first person has the given role.
func (e *Env) Org(kind party.OrgKind, name string, role party.Role) *Person {
	e.T.Helper()
	n := e.person(name + "的" + string(role))
	_, who, err := e.Organisations.Establish(e.T.Context(), organisation.System, organisation.Founding{Kind: kind,
		Profile: organisation.Profile{Name: name, Region: "四川省成都市"}, Person: n, Role: role})
	if err != nil {
		e.T.Fatal(err)
	}
	return e.enter(n.Login, who)
}

// Colleague adds another person to somebody's organisation.
func (e *Env) Colleague(of *Person, role party.Role) *Person {
	e.T.Helper()
	n := e.person(of.Actor.OrgName + "的" + string(role))
	err := e.Organisations.AddMember(e.T.Context(), organisation.System, of.Actor.Org, n, role)
	if err != nil {
		e.T.Fatal(err)
	}
	return e.enter(n.Login, "")
}

// Person makes a private person: a donor.
func (e *Env) Person(name string) *Person {
	e.T.Helper()
	n := e.person(name)
	if _, err := e.Accounts.Register(e.T.Context(), n); err != nil {
		e.T.Fatal(err)
	}
	return e.enter(n.Login, "")
}

// Expert makes a person of the expert register, with an employer.
func (e *Env) Expert(name, employer string) *Person {
	e.T.Helper()
	p := e.Person(name)
	if _, err := e.DB.ExecContext(e.T.Context(), "UPDATE account SET expert = ?, employer = ? WHERE id = ?", true, employer, p.Actor.Account); err != nil {
		e.T.Fatal(err)
	}
	p.SignIn()
	return p
}
