package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"gongji/app"
	"gongji/app/kernel/clock"
)

// product is a running `gongji serve`, started as an operator would.
type product struct {
	url  string
	took time.Duration // from the start of the process until /readyz said yes
	cmd  *exec.Cmd
	done chan error
}

// serve starts the product on a data folder and waits until it is ready. Its
// log goes to a file, as it would to a journal.
func (b *bench) serve(ctx context.Context, data string, env []string, args ...string) (*product, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(data, "log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	p := &product{url: "http://" + addr, done: make(chan error, 1)}
	p.cmd = exec.CommandContext(ctx, b.bin, append([]string{"serve", "--addr", addr, "--data", data}, args...)...)
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), env...), log
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.done <- p.cmd.Wait(); close(p.done) }()
	if err := ready(ctx, p.url+"/readyz", p.done); err != nil {
		_ = p.stop()
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("gongji serve: %w: %s", err, bytes.TrimSpace(text))
	}
	p.took = time.Since(began)
	return p, nil
}

// ready waits until a started process answers url with 200.
func ready(ctx context.Context, url string, done <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for {
		_, _, err := get(ctx, url)
		if err == nil {
			return nil
		}
		select {
		case ended := <-done:
			return errors.Join(errors.New("ended before it was ready"), ended)
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// stop ends it as an operator would and waits for it.
func (p *product) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return <-p.done
}

// rss is the process's resident memory in MB (2^20 bytes).
func (p *product) rss() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, errors.New("no VmRSS")
}

func freeAddr(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// production is the environment of a server on PostgreSQL and MinIO.
func (b *bench) production(ctx context.Context) ([]string, error) {
	dsn, err := b.postgres(ctx)
	if err != nil {
		return nil, err
	}
	secret, _ := b.s3.User.Password()
	bucket := "bench-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	c, err := b.objects()
	if err != nil {
		return nil, err
	}
	b.later(func() { empty(c, bucket) })
	return []string{"GONGJI_DATABASE_URL=" + dsn, "GONGJI_S3_ENDPOINT=" + b.s3.Host, "GONGJI_S3_TLS=false",
		"GONGJI_S3_ACCESS_KEY=" + b.s3.User.Username(), "GONGJI_S3_SECRET_KEY=" + secret,
		"GONGJI_S3_BUCKET=" + bucket}, nil
}

// objects is a client of MinIO past the product.
func (b *bench) objects() (*minio.Client, error) {
	secret, _ := b.s3.User.Password()
	return minio.New(b.s3.Host, &minio.Options{Creds: credentials.NewStaticV4(b.s3.User.Username(), secret, "")})
}

// empty takes a bucket away with all that is in it; gigabytes would stay.
func empty(c *minio.Client, bucket string) {
	_ = c.RemoveBucketWithOptions(context.Background(), bucket, minio.RemoveBucketOptions{ForceDelete: true})
}

// inside runs fn on the assembled product over the data of a server that has
// stopped, for what the bench prepares past HTTP.
func inside(ctx context.Context, data string, env []string, at clock.Clock, fn func(a *app.App) error) (err error) {
	c, err := app.Environment(func(key string) string {
		for _, one := range append([]string{"GONGJI_DATA=" + data}, env...) {
			if v, ok := strings.CutPrefix(one, key+"="); ok {
				return v
			}
		}
		return ""
	})
	if err != nil {
		return err
	}
	parts, err := app.Connect(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.DB.Close()) }()
	parts.Clock = at
	a, err := app.New(c, parts)
	if err != nil {
		return err
	}
	return fn(a)
}
