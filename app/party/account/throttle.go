package account

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

const (
	// maxFailures wrong passwords for one login from one place within lockFor
	// make that place wait for the rest of it; other places go on.
	maxFailures = 5
	lockFor     = 15 * time.Minute
	// Beyond slowAfter wrong passwords for one login within slowFor, from
	// wherever, unknown devices are heard once a pace. It slows guessing and
	// locks nobody out: a stranger must not be able to keep a bidder or a
	// holder of keys from signing in before a deadline.
	slowAfter = 50
	slowFor   = time.Hour
	pace      = 2 * time.Second
	// DeviceFor is how long a browser that signed in is known by its cookie.
	DeviceFor = 365 * 24 * time.Hour
)

// From is where somebody signs in.
type From struct {
	UserAgent string
	Address   string // the network, as edge.Request.IP gives it
	Device    string // what the browser's device cookie holds; "" for none
}

// attempt counts the wrong passwords of a key until its window ends.
type attempt struct {
	bun.BaseModel `bun:"table:sign_in_attempt"`

	Key      string     `bun:"key,pk"` // hashed: neither addresses nor logins that were tried are kept
	Failures int        `bun:"failures"`
	EndsAt   time.Time  `bun:"ends_at"`
	NextAt   *time.Time `bun:"next_at"`
}

// counted are the rows an attempt was counted in.
type counted struct{ place, login string }

// admit counts an attempt as failed before its password is looked at, so that
// many sent at once cannot all be the first. It knows a login only by its
// spelling: one that does not exist is treated alike.
func (s *Service) admit(ctx context.Context, login string, from From, now time.Time) (counted, error) {
	known, err := s.knows(ctx, login, from.Device, now)
	if err != nil {
		return counted{}, err
	}
	k := counted{place: hashToken("address\n" + from.Address + "\n" + login), login: hashToken("login\n" + login)}
	if known {
		k = counted{place: hashToken("device\n" + from.Device + "\n" + login)}
	}
	if _, err := s.db.NewDelete().Model((*attempt)(nil)).Where("ends_at < ?", now.Add(-slowFor)).Exec(ctx); err != nil {
		return k, db.Translate(err)
	}
	return k, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		a, err := count(ctx, tx, k.place, now, lockFor)
		if err != nil {
			return err
		}
		if a.Failures > maxFailures {
			return fault.New(fault.TooMany, "这个登录名的密码从这里连续输错 %d 次，请在 %s 后再试；在登录过的其他设备上不受影响",
				maxFailures, a.EndsAt.In(clock.Beijing).Format("15:04"))
		}
		if known {
			return nil
		}
		if a, err = count(ctx, tx, k.login, now, slowFor); err != nil || a.Failures <= slowAfter {
			return err
		}
		if a.NextAt != nil && now.Before(*a.NextAt) {
			return fault.New(fault.TooMany, "近来有人反复输错这个登录名的密码，没有登录过的设备请过 %d 秒再试；登录过的设备不受影响", int(pace/time.Second))
		}
		return db.One(tx.NewUpdate().Model((*attempt)(nil)).Set("next_at = ?", now.Add(pace)).Where("key = ?", k.login).Exec(ctx))
	})
}

func count(ctx context.Context, tx bun.Tx, key string, now time.Time, window time.Duration) (attempt, error) {
	_, err := tx.NewRaw("INSERT INTO sign_in_attempt (key, failures, ends_at) VALUES (?0, 1, ?1) ON CONFLICT (key) DO UPDATE SET "+
		"failures = CASE WHEN sign_in_attempt.ends_at <= ?2 THEN 1 ELSE sign_in_attempt.failures + 1 END, "+
		"ends_at = CASE WHEN sign_in_attempt.ends_at <= ?2 THEN EXCLUDED.ends_at ELSE sign_in_attempt.ends_at END", key, now.Add(window), now).Exec(ctx)
	var a attempt
	if err == nil {
		err = tx.NewSelect().Model(&a).Where("key = ?", key).Scan(ctx)
	}
	return a, db.Translate(err)
}

// right takes back what admit counted, once the password was right.
func (k counted) right(ctx context.Context, tx bun.Tx) error {
	if _, err := tx.NewDelete().Model((*attempt)(nil)).Where("key = ?", k.place).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*attempt)(nil)).Set("failures = failures - 1").Where("key = ? AND failures > 0", k.login).Exec(ctx)
	return err
}

// device is a browser in which an account signed in.
type device struct {
	bun.BaseModel `bun:"table:device"`

	TokenHash string    `bun:"token_hash,pk"`
	Account   id.ID     `bun:"account,pk"`
	SeenAt    time.Time `bun:"seen_at"`
}

func (s *Service) knows(ctx context.Context, login, token string, now time.Time) (bool, error) {
	if token == "" {
		return false, nil
	}
	known, err := s.db.NewSelect().TableExpr("device AS d").Join("JOIN account AS a ON a.id = d.account").
		Where("d.token_hash = ? AND a.login = ? AND d.seen_at > ?", hashToken(token), login, now.Add(-DeviceFor)).Exists(ctx)
	return known, db.Translate(err)
}

// Remember makes the browser that an account has just signed in with a known
// device, which others' wrong passwords do not slow down. It returns what the
// device cookie holds from now on; old is what it held, "" for none. Only the
// hash is kept. It opens nothing by itself.
func (s *Service) Remember(ctx context.Context, account id.ID, old string) (string, error) {
	now, fresh := s.clock.Now(), secret()
	return fresh, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*device)(nil)).Where("account = ? AND (seen_at < ? OR token_hash = ?)", account, now.Add(-DeviceFor), hashToken(old)).Exec(ctx); err != nil {
			return err
		}
		if old != "" { // the accounts of whoever shares this browser
			if _, err := tx.NewUpdate().Model((*device)(nil)).Set("token_hash = ?", hashToken(fresh)).Where("token_hash = ?", hashToken(old)).Exec(ctx); err != nil {
				return err
			}
		}
		_, err := tx.NewInsert().Model(&device{TokenHash: hashToken(fresh), Account: account, SeenAt: now}).Exec(ctx)
		return err
	})
}
