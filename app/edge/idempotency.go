package edge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

// StoredResponse is an answer kept under an Idempotency-Key.
type StoredResponse struct {
	Status   int
	Kind     string // Content-Type
	Location string
	Body     []byte
}

// Idempotency remembers the answers of API writes by account and key. Writes
// of nobody in particular, registrations, come with an empty account and a
// hashed key.
//
// Begin claims a key: (nil, nil) when it is new and now in progress, the
// stored answer when the same request was answered before. It refuses with
// fault.Invalid when the key came with another fingerprint and with
// fault.Conflict while the first request is in progress. Finish keeps the
// answer; Abandon frees a key whose request failed on our side.
type Idempotency interface {
	Begin(ctx context.Context, account id.ID, key, fingerprint string) (*StoredResponse, error)
	Finish(ctx context.Context, account id.ID, key string, resp StoredResponse) error
	Abandon(ctx context.Context, account id.ID, key string) error
}

const idempotencyHeader = "Idempotency-Key"

// once runs the handler, or answers what it answered before.
func (s *Server) once(r *Request) (Response, error) {
	key := r.Header(idempotencyHeader)
	if key == "" || s.cfg.Idempotency == nil || !isAPI(r.path) || r.safe() || r.route.Secret {
		return r.route.Handle(r)
	}
	print, err := r.fingerprint(key)
	if err != nil {
		return Response{}, err
	}
	if !r.actor.SignedIn() {
		key = anonymous(key, print)
	}
	store, who := s.cfg.Idempotency, r.actor.Account
	kept, err := store.Begin(r.ctx, who, key, print)
	if err != nil {
		return Response{}, err
	}
	if kept != nil {
		p := Bytes(kept.Status, kept.Kind, kept.Body).Header("Idempotency-Replayed", "true")
		if kept.Location != "" {
			p = p.Header(fiber.HeaderLocation, kept.Location)
		}
		return p, nil
	}
	var resp Response
	err = s.guard(func() (err error) {
		if resp, err = r.route.Handle(r); err == nil {
			resp, err = s.bake(r, resp)
		}
		return err
	})
	s.settle(r, key, resp, err)
	return resp, err
}

// settle keeps an answer that will not change by asking again and frees the
// key otherwise. The work is done by now: neither may fail the request, and
// the request's deadline must not stop them.
func (s *Server) settle(r *Request, key string, resp Response, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), 5*time.Second)
	defer cancel()
	keep := StoredResponse{Status: resp.status, Kind: resp.kind, Body: resp.body}
	if err != nil {
		f := failureOf(err)
		f.RequestID = r.id
		p, _ := s.bake(r, JSON(f.Status, f.problem(r.path)))
		keep = StoredResponse{Status: f.Status, Kind: "application/problem+json", Body: p.body}
	}
	for _, h := range resp.headers {
		if h.Name == fiber.HeaderLocation {
			keep.Location = h.Value
		}
	}
	if keep.Status == 0 {
		keep.Status = fiber.StatusNoContent
	}
	var problem error
	if keep.Status >= 500 || keep.Status == fiber.StatusTooManyRequests || resp.stream != nil || resp.events != nil ||
		err != nil && overdue(r, err) {
		problem = s.cfg.Idempotency.Abandon(ctx, r.actor.Account, key)
	} else {
		problem = s.cfg.Idempotency.Finish(ctx, r.actor.Account, key, keep)
	}
	if problem != nil {
		s.cfg.Log.ErrorContext(ctx, "idempotency", "request_id", r.id, "error", problem.Error())
	}
}

// fingerprint reads the body and gives it back to the handler.
func (r *Request) fingerprint(key string) (string, error) {
	if len(key) > 255 || !printable(key) {
		return "", fault.New(fault.Invalid, "Idempotency-Key 应为 1 到 255 个可见的 ASCII 字符")
	}
	if r.body.size > FormLimit {
		return "", fault.New(fault.Invalid, "Idempotency-Key 只能用于不超过 1 MiB 的请求")
	}
	limit := r.body.limit
	r.body.limit = min(limit, FormLimit)
	data, err := r.body.all()
	if err != nil {
		return "", err
	}
	r.body = &body{src: bytes.NewReader(data), size: int64(len(data)), limit: limit}
	h := sha256.New()
	for _, part := range []string{key, r.method, r.target()} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// anonymous is the key of a write without an account. The request is part of
// it, for two strangers who happen on one key must not get in each other's
// way, and it is hashed: with the key in hand, what is kept would help to
// guess a registration's password.
func anonymous(key, fingerprint string) string {
	h := sha256.Sum256([]byte(key + "\x00" + fingerprint))
	return hex.EncodeToString(h[:])
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
