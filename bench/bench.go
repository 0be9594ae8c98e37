package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// bench is one run: where its parts find the product and the servers.
type bench struct {
	bin     string    // the built product
	dir     string    // scratch, removed at the end
	out     io.Writer // the figures
	pg      string    // a PostgreSQL that databases may be made on
	s3      *url.URL
	targets []target
	undo    []func()
}

func (b *bench) open(ctx context.Context) error {
	b.pg = os.Getenv("GONGJI_TEST_POSTGRES")
	s3, err := url.Parse(os.Getenv("GONGJI_TEST_S3"))
	if b.pg == "" || err != nil || s3.Host == "" {
		return errors.New("GONGJI_TEST_POSTGRES or GONGJI_TEST_S3 is not set: use make bench, or .ci/services up and source .services/env")
	}
	b.s3 = s3
	if b.dir, err = os.MkdirTemp("", "gongji-bench"); err != nil {
		return err
	}
	b.later(func() { _ = os.RemoveAll(b.dir) })
	if b.bin != "" {
		b.bin, err = filepath.Abs(b.bin)
		return err
	}
	b.bin = filepath.Join(b.dir, "gongji")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", b.bin, "./cmd/gongji")
	cmd.Env, cmd.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	return cmd.Run()
}

func (b *bench) later(fn func()) { b.undo = append(b.undo, fn) }

func (b *bench) close() {
	for _, fn := range slices.Backward(b.undo) {
		fn()
	}
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "  "+format+"\n", args...)
}

// figure prints one line of the result and says whether its target was met.
func (b *bench) figure(name string, value float64, unit string) {
	fmt.Fprintf(b.out, "bench %s %s %s\n", name, short(value), unit)
	for _, t := range b.targets {
		if t.figure != name {
			continue
		}
		met := map[string]bool{"<": value < t.limit, "<=": value <= t.limit, ">=": value >= t.limit}[t.sign]
		word := map[bool]string{true: "met", false: "MISSED"}[met]
		b.say("%s = %s %s, target %s %s: %s", name, short(value), unit, t.sign, short(t.limit), word)
	}
}

// short writes three digits after the point where they say something.
func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// load is the machine's load average of one, five and fifteen minutes.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	f := strings.Fields(string(text))
	return strings.Join(f[:min(3, len(f))], " ")
}

func median(v []float64) float64 { return quantile(v, 50) }

// quantile is the value that percent of v lie below.
func quantile(v []float64, percent int) float64 {
	s := slices.Sorted(slices.Values(v))
	if len(s) == 0 {
		return 0
	}
	return s[min(len(s)*percent/100, len(s)-1)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// postgres is the address of a new, empty database, dropped at the end.
func (b *bench) postgres(ctx context.Context) (string, error) {
	admin, err := db.Open(ctx, b.pg, db.Options{MaxConns: 1})
	if err != nil {
		return "", err
	}
	name := "bench_" + strings.ToLower(string(id.New(time.Now())))
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", errors.Join(err, admin.Close())
	}
	b.later(func() {
		_, _ = admin.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		_ = admin.Close()
	})
	u, err := url.Parse(b.pg)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// database opens a new, migrated database of one of the two kinds.
func (b *bench) database(ctx context.Context, kind string) (*bun.DB, error) {
	dsn := "sqlite:" + filepath.Join(b.dir, string(id.New(time.Now())), "bench.db")
	if kind == "postgres" {
		var err error
		if dsn, err = b.postgres(ctx); err != nil {
			return nil, err
		}
	}
	d, err := db.Open(ctx, dsn, db.Options{})
	if err != nil {
		return nil, err
	}
	b.later(func() { _ = d.Close() })
	return d, app.Migrate(ctx, d)
}
