package app

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// replayed keeps the answers of API writes under their Idempotency-Key for a
// day. A key whose request died with its process is free again after a minute.
type replayed struct {
	db    *bun.DB
	clock clock.Clock
}

const (
	replayKept  = 24 * time.Hour
	replayStuck = time.Minute
)

type replay struct {
	bun.BaseModel `bun:"table:idempotency"`

	Account     id.ID     `bun:"account,pk"`
	Key         string    `bun:"idem_key,pk"`
	Fingerprint string    `bun:"fingerprint"`
	Status      int       `bun:"status"` // 0 while in progress
	Kind        string    `bun:"content_type"`
	Location    string    `bun:"location"`
	Body        string    `bun:"body"` // base64
	CreatedAt   time.Time `bun:"created_at"`
}

// Begin claims a key; see edge.Idempotency.
func (s replayed) Begin(ctx context.Context, account id.ID, key, fingerprint string) (*edge.StoredResponse, error) {
	var kept *edge.StoredResponse
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		kept = nil
		now := s.clock.Now()
		row := replay{Account: account, Key: key, Fingerprint: fingerprint, CreatedAt: now}
		res, err := tx.NewInsert().Model(&row).On("CONFLICT (account, idem_key) DO NOTHING").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
		var old replay
		err = db.Lock(tx.NewSelect().Model(&old).Where("account = ? AND idem_key = ?", account, key)).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.Conflict, "相同的请求正在处理，请稍后再试")
		} else if err != nil {
			return err
		}
		age := now.Sub(old.CreatedAt)
		switch {
		case age > replayKept, old.Status == 0 && age > replayStuck:
			return db.One(tx.NewUpdate().Model(&row).WherePK().Exec(ctx))
		case old.Fingerprint != fingerprint:
			return fault.New(fault.Invalid, "这个 Idempotency-Key 已用于另一个请求，请换一个")
		case old.Status == 0:
			return fault.New(fault.Conflict, "相同的请求正在处理，请稍后再试")
		}
		body, err := base64.StdEncoding.DecodeString(old.Body)
		kept = &edge.StoredResponse{Status: old.Status, Kind: old.Kind, Location: old.Location, Body: body}
		return err
	})
	return kept, err
}

// Finish keeps the answer.
func (s replayed) Finish(ctx context.Context, account id.ID, key string, r edge.StoredResponse) error {
	return db.One(s.db.NewUpdate().Model((*replay)(nil)).
		Set("status = ?, content_type = ?, location = ?, body = ?", r.Status, r.Kind, r.Location, base64.StdEncoding.EncodeToString(r.Body)).
		Where("account = ? AND idem_key = ?", account, key).Exec(ctx))
}

// Abandon frees a key.
func (s replayed) Abandon(ctx context.Context, account id.ID, key string) error {
	_, err := s.db.NewDelete().Model((*replay)(nil)).Where("account = ? AND idem_key = ? AND status = 0", account, key).Exec(ctx)
	return db.Translate(err)
}
