package keyring

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Object is the kind under which the trail keeps what happened to keys; its
// objects are accounts.
const Object = "keyring"

// Service keeps keys.
type Service struct {
	db    *bun.DB
	clock clock.Clock
	least int
}

// New makes the service. leastWork is the weakest lock of a file that is
// taken, as a scrypt work factor: identity.WorkFactor, or identity.WeakFactor
// for tests and the demonstration.
func New(d *bun.DB, c clock.Clock, leastWork int) *Service {
	return &Service{db: d, clock: c, least: leastWork}
}

var errNone = fault.New(fault.NotFound, "您还没有密钥，请先到“我的密钥”页生成")

// Mine is the actor's current key; NotFound where there is none.
func (s *Service) Mine(ctx context.Context, who party.Actor) (Key, error) {
	keys, err := Of(ctx, s.db, who.Account)
	if err != nil {
		return Key{}, err
	}
	k, ok := keys[who.Account]
	if !ok {
		return Key{}, errNone
	}
	return k, nil
}

// History lists every key the actor ever had, newest first.
func (s *Service) History(ctx context.Context, who party.Actor) ([]Key, error) {
	out := []Key{}
	err := s.db.NewSelect().Model(&out).Where("account = ?", who.Account).Order("id DESC").Scan(ctx)
	return out, db.Translate(err)
}

// One is a key of the actor's own, current or not.
func (s *Service) One(ctx context.Context, who party.Actor, key id.ID) (Key, error) {
	var k Key
	err := db.Found(s.db.NewSelect().Model(&k).Where("id = ? AND account = ?", key, who.Account).Scan(ctx), "密钥")
	return k, err
}

// Put keeps what the actor's browser made. The recipient of the current key
// means a new passphrase: the file is replaced and the old passphrase opens
// nothing here any more. Another recipient is a new key, which retires the
// current one; a retired recipient is refused (Conflict).
func (s *Service) Put(ctx context.Context, who party.Actor, recipient, file string) (Key, error) {
	if !who.SignedIn() {
		return Key{}, fault.New(fault.Unauthenticated, "请先登录")
	}
	recipient, file, err := check(recipient, file, s.least)
	if err != nil {
		return Key{}, err
	}
	var out Key
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		had, err := lock(ctx, tx, who.Account)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if had != nil && had.Recipient == recipient {
			out, err = s.rewrap(ctx, tx, who, now, *had, file)
			return err
		}
		out, err = s.replace(ctx, tx, who, now, had, Key{ID: id.New(now), Account: who.Account, Recipient: recipient,
			File: file, CreatedAt: now, ChangedAt: now})
		return err
	})
	return out, err
}

// lock holds the account's row for the transaction and reads its current key,
// nil where there is none.
func lock(ctx context.Context, tx bun.Tx, account id.ID) (*Key, error) {
	var row id.ID
	err := db.Found(db.Lock(tx.NewSelect().TableExpr("account").Column("id").Where("id = ?", account)).Scan(ctx, &row), "账号")
	if err != nil {
		return nil, err
	}
	keys, err := Of(ctx, tx, account)
	if k, ok := keys[account]; ok {
		return &k, nil
	}
	return nil, err
}

func (s *Service) rewrap(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, k Key, file string) (Key, error) {
	k.File, k.ChangedAt = file, now
	if err := db.One(tx.NewUpdate().Model(&k).Column("file", "changed_at").WherePK().Exec(ctx)); err != nil {
		return k, err
	}
	return k, s.record(ctx, tx, who, now, "更换密钥口令", k)
}

func (s *Service) replace(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, had *Key, k Key) (Key, error) {
	taken, err := tx.NewSelect().Model((*Key)(nil)).Where("recipient = ?", k.Recipient).Exists(ctx)
	if err != nil {
		return k, db.Translate(err)
	}
	if taken {
		return k, fault.New(fault.Conflict, "这把密钥已经用过，请在“我的密钥”页生成一把新的")
	}
	action := "生成密钥"
	if had != nil {
		action, had.RetiredAt = "换成新密钥", &now
		if err := db.One(tx.NewUpdate().Model(had).Column("retired_at").WherePK().Exec(ctx)); err != nil {
			return k, err
		}
	}
	if _, err := tx.NewInsert().Model(&k).Exec(ctx); err != nil {
		return k, db.Translate(err)
	}
	return k, s.record(ctx, tx, who, now, action, k)
}

func (s *Service) record(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, action string, k Key) error {
	return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: Object, ObjectID: who.Account, Action: action, Note: k.Short()})
}
