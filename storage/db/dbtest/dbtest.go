// Package dbtest gives a test a fresh, migrated database of each kind. A
// missing PostgreSQL fails the test: half of the promise would go untested.
package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/migrations"
	"gongji/storage/db"
	"gongji/storage/queue"
)

// Each runs a test on SQLite and on PostgreSQL, each time on a database of its
// own. SQLite has one connection: a query that slips past its transaction hangs
// there until the test's deadline instead of passing by luck.
func Each(t *testing.T, run func(t *testing.T, d *bun.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, Postgres(t)) })
}

func open(t testing.TB, dsn string, conns int) *bun.DB {
	t.Helper()
	d, err := db.Open(t.Context(), dsn, db.Options{MaxConns: conns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

var lite struct {
	sync.Once
	file []byte
	err  error
}

// SQLite is a fresh database file with one connection.
func SQLite(t testing.TB) *bun.DB {
	t.Helper()
	return open(t, "sqlite:"+SQLiteFile(t), 1)
}

// SQLiteFile is the path of a fresh, migrated database file.
func SQLiteFile(t testing.TB) string {
	t.Helper()
	lite.Do(func() { lite.file, lite.err = template() })
	if lite.err != nil {
		t.Fatal(lite.err)
	}
	p := filepath.Join(t.TempDir(), "gongji.db")
	if err := os.WriteFile(p, lite.file, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// template migrates one file that every test copies.
func template() ([]byte, error) {
	dir, err := os.MkdirTemp("", "gongji-template")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, p := context.Background(), filepath.Join(dir, "t.db")
	d, err := db.Open(ctx, "sqlite:"+p, db.Options{MaxConns: 1})
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, d); err != nil {
		return nil, err
	}
	if _, err := d.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(p)
}

func migrate(ctx context.Context, d *bun.DB) error {
	if _, err := db.Migrate(ctx, d); err != nil {
		return err
	}
	return queue.Migrate(ctx, d)
}

var server struct {
	sync.Once
	template string
	err      error
}

// Postgres is a fresh database on the server that GONGJI_TEST_POSTGRES names.
func Postgres(t testing.TB) *bun.DB {
	t.Helper()
	return open(t, PostgresURL(t), 8)
}

// PostgresURL is the address of a fresh, migrated database, dropped when the
// test ends.
func PostgresURL(t testing.TB) string {
	t.Helper()
	base := os.Getenv("GONGJI_TEST_POSTGRES")
	if base == "" {
		t.Fatal("GONGJI_TEST_POSTGRES 未设置：请用 make test，或先运行 .ci/services up 再 source .services/env")
	}
	server.Do(func() { server.template, server.err = pgTemplate(base) })
	if server.err != nil {
		t.Fatal(server.err)
	}
	name := "t_" + strings.ToLower(string(id.New(time.Now())))
	admin := open(t, base, 1)
	if _, err := admin.ExecContext(t.Context(), fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, server.template)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = admin.ExecContext(context.Background(), fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name))
	})
	return withDatabase(base, name)
}

func withDatabase(base, name string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	u.Path = "/" + name
	return u.String()
}

// pgTemplate makes, once per schema, a migrated database that others copy.
// Packages are tested in parallel processes, so an advisory lock guards it.
func pgTemplate(base string) (string, error) {
	ctx := context.Background()
	h := sha256.New()
	err := fs.WalkDir(migrations.Files, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.Files, p)
		_, _ = h.Write([]byte(p))
		_, _ = h.Write(b)
		return err
	})
	if err != nil {
		return "", err
	}
	name := "template_" + hex.EncodeToString(h.Sum(nil))[:16]
	admin, err := db.Open(ctx, base, db.Options{MaxConns: 1})
	if err != nil {
		return "", err
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.ExecContext(ctx, "SELECT pg_advisory_lock(7401)"); err != nil {
		return "", err
	}
	defer func() { _, _ = admin.ExecContext(ctx, "SELECT pg_advisory_unlock(7401)") }()
	have, err := admin.NewSelect().TableExpr("pg_database").Where("datname = ?", name).Count(ctx)
	if err != nil || have > 0 {
		return name, err
	}
	// Migrated under another name first: a half-made template is never found.
	draft := name + "_draft"
	if _, err := admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+draft); err != nil {
		return "", err
	}
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+draft); err != nil {
		return "", err
	}
	d, err := db.Open(ctx, withDatabase(base, draft), db.Options{MaxConns: 2})
	if err != nil {
		return "", err
	}
	err = migrate(ctx, d)
	_ = d.Close()
	if err != nil {
		return "", err
	}
	_, err = admin.ExecContext(ctx, fmt.Sprintf("ALTER DATABASE %s RENAME TO %s", draft, name))
	return name, err
}
