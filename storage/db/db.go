// Package db opens the database and runs transactions: SQLite for the embedded
// default, PostgreSQL for production, the same SQL on both.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"gongji/app/kernel/fault"
)

// Options bound the pool. The zero value is right for a server.
type Options struct {
	// MaxConns is the most connections at once; 0 means 24 on PostgreSQL and
	// 8 on SQLite. Tests set 1 on SQLite: a query that slips past its
	// transaction then deadlocks where it can be seen.
	MaxConns int
}

// Open connects to "sqlite:PATH" or "postgres://…". The error is one line fit
// for the operator and never carries the password.
func Open(ctx context.Context, dsn string, o Options) (*bun.DB, error) {
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(dsn, "sqlite:"), o)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		return openPostgres(ctx, dsn, o)
	}
	return nil, errors.New("数据库地址应以 sqlite: 或 postgres:// 开头")
}

func openSQLite(ctx context.Context, path string, o Options) (*bun.DB, error) {
	if path == "" {
		return nil, errors.New("sqlite: 后面缺少文件路径")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("建立数据目录: %w", err)
	}
	// busy_timeout comes first: journal_mode itself needs to wait for a lock.
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(15000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(NORMAL)",
	}}
	pool, err := sql.Open("sqlite", "file:"+path+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("打开 SQLite: %w", err)
	}
	n := o.MaxConns
	if n == 0 {
		n = 8
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	d := bun.NewDB(pool, sqlitedialect.New())
	if err := d.PingContext(ctx); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("打开 SQLite 文件 %s: %w", path, err)
	}
	return d, nil
}

func openPostgres(ctx context.Context, dsn string, o Options) (*bun.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("PostgreSQL 地址无法解析，应形如 postgres://用户:密码@主机:5432/库名")
	}
	// bun writes arguments into the text, so every statement is different:
	// preparing each would only fill a cache.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	if cfg.RuntimeParams == nil {
		cfg.RuntimeParams = map[string]string{}
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	if _, set := cfg.RuntimeParams["statement_timeout"]; !set {
		cfg.RuntimeParams["statement_timeout"] = "30000"
	}
	pool := stdlib.OpenDB(*cfg)
	n := o.MaxConns
	if n == 0 {
		n = 24
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	d := bun.NewDB(pool, pgdialect.New())
	if err := d.PingContext(ctx); err != nil {
		_ = d.Close()
		var pe *pgconn.ConnectError
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("连不上 PostgreSQL %s:%d/%s", cfg.Host, cfg.Port, cfg.Database)
		}
		return nil, fmt.Errorf("连不上 PostgreSQL %s:%d/%s: %w", cfg.Host, cfg.Port, cfg.Database, err)
	}
	return d, nil
}

// Postgres reports whether the connection speaks to PostgreSQL.
func Postgres(d bun.IDB) bool { return d.Dialect().Name() == dialect.PG }

// Tx runs fn in one transaction. What fn returns decides: nil commits, an
// error rolls back. A transaction that PostgreSQL broke off for another's sake
// (deadlock, serialization) is run again from the start, at most three times,
// so fn must have no effect outside the transaction.
func Tx(ctx context.Context, d *bun.DB, fn func(ctx context.Context, tx bun.Tx) error) error {
	var err error
	for range 3 {
		err = Translate(d.RunInTx(ctx, nil, fn))
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || (pg.Code != "40001" && pg.Code != "40P01") {
			return err
		}
	}
	return err
}

// Lock makes a select take the row for the transaction. SQLite transactions
// hold the one write lock already (_txlock=immediate).
func Lock(q *bun.SelectQuery) *bun.SelectQuery {
	if q.Dialect().Name() == dialect.PG {
		return q.For("UPDATE")
	}
	return q
}

// One demands that a statement changed exactly one row; otherwise somebody
// else changed the record first.
func One(res sql.Result, err error) error {
	if err != nil {
		return Translate(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n != 1 {
		return fault.New(fault.Conflict, "这条记录刚被别人改动，请刷新后再试")
	}
	return nil
}

// Found turns "no rows" into a NotFound fault that names what was sought.
func Found(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Wrap(fault.NotFound, err, "没有找到这个%s，可能已被删除，或地址有误", what)
	}
	return Translate(err)
}

// Translate gives a database error its Kind where one fits, keeping the cause.
// Faults and unknown errors pass through.
func Translate(err error) error {
	if err == nil || fault.KindOf(err) != fault.Unknown {
		return err
	}
	if Duplicate(err) {
		return fault.Wrap(fault.Conflict, err, "已有相同的记录，请勿重复提交")
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "57014" {
		return fault.Wrap(fault.Unavailable, err, "数据库处理超时，请稍后再试")
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY {
		return fault.Wrap(fault.Unavailable, err, "系统正忙，请稍后再试")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(fault.Unavailable, err, "处理超时，请稍后再试")
	}
	return err
}

// Duplicate reports whether a unique index refused the row.
func Duplicate(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}
