package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"gongji/app"
	"gongji/app/demo"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/procurement/tender"
)

// uploadSize is 100 MB, just below the largest file the product takes.
const uploadSize = 100_000_000

// uploadMemory measures how much the product's resident memory grows at most
// (MB) while a browser uploads a 100 MB attachment to a draft tender: with the
// embedded parts (upload_memory) and with PostgreSQL and MinIO
// (upload_memory_minio), on a server that has come to rest. At most 32: a file
// streams through.
func uploadMemory(ctx context.Context, b *bench, figure, data string, env []string) error {
	p, err := b.serve(ctx, data, env, "--demo") // loads it where it is missing
	if err != nil {
		return err
	}
	if err := p.stop(); err != nil {
		return err
	}
	draft, who, cookie, err := draftTender(ctx, data, env)
	if err != nil {
		return err
	}
	if p, err = b.serve(ctx, data, env); err != nil {
		return err
	}
	if err := rest(ctx); err != nil {
		return errors.Join(err, p.stop())
	}
	grew, err := p.growth(func() error { return p.upload(ctx, draft, who, cookie) })
	if err = errors.Join(err, p.stop()); err != nil {
		return err
	}
	b.figure(figure, grew, "MB")
	return nil
}

// draftTender makes an empty draft, past HTTP, and a session of its officer.
func draftTender(ctx context.Context, data string, env []string) (draft id.ID, who party.Actor, cookie string, err error) {
	err = inside(ctx, data, env, clock.System{}, func(a *app.App) error {
		if cookie, who, err = a.Accounts.SignIn(ctx, "bureau.officer", demo.Password, account.From{UserAgent: "bench"}); err != nil {
			return err
		}
		t, err := a.Tenders.Create(ctx, who, tender.Patch{})
		draft = t.ID
		return err
	})
	return draft, who, cookie, err
}

// growth samples the resident memory while do runs and gives what it rose by.
func (p *product) growth(do func() error) (float64, error) {
	before, err := p.rss()
	if err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- do() }()
	most := before
	for {
		select {
		case err := <-done:
			return most - before, err
		case <-time.After(10 * time.Millisecond):
			now, err := p.rss()
			if err != nil {
				return 0, errors.Join(err, <-done)
			}
			most = max(most, now)
		}
	}
}

// upload sends the file as a form does, made up as it goes.
func (p *product) upload(ctx context.Context, draft id.ID, who party.Actor, cookie string) error {
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		err := form.WriteField("csrf", who.CSRF)
		if err == nil {
			var part io.Writer
			if part, err = form.CreateFormFile("file", "large.pdf"); err == nil {
				_, err = io.Copy(part, io.LimitReader(io.MultiReader(strings.NewReader("%PDF-1.7\n"), &noise{}), uploadSize))
			}
		}
		w.CloseWithError(errors.Join(err, form.Close()))
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/attachments/tender/"+string(draft), r)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.AddCookie(&http.Cookie{Name: "gongji_session", Value: cookie})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	if err == nil && res.StatusCode != http.StatusCreated {
		err = fmt.Errorf("upload: status %d: %s", res.StatusCode, answer)
	}
	return err
}

// noise is bytes that do not compress, cheap to make.
type noise struct{ x uint64 }

func (n *noise) Read(p []byte) (int, error) {
	for i := range p {
		n.x = n.x*6364136223846793005 + 1442695040888963407
		p[i] = byte(n.x >> 56)
	}
	return len(p), nil
}
