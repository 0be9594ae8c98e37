package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

const (
	// sessionIdle ends a session that nobody uses; sessionMax ends any.
	sessionIdle = 2 * time.Hour
	sessionMax  = 12 * time.Hour
)

// passwordCost is argon2id at about 40 ms and 19 MiB, OWASP's second row.
var passwordCost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Service keeps accounts, sessions and organisations.
type Service struct {
	db    *bun.DB
	clock clock.Clock
	// decoy is compared against when a login does not exist, so that the
	// answer takes as long as for one that does.
	decoy string
}

// New makes the service.
func New(d *bun.DB, c clock.Clock) (*Service, error) {
	decoy, err := argon2id.CreateHash(secret(), passwordCost)
	if err != nil {
		return nil, err
	}
	return &Service{db: d, clock: c, decoy: decoy}, nil
}

func secret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func hashToken(t string) string {
	h := sha256.Sum256([]byte(t))
	return hex.EncodeToString(h[:])
}

var errLogin = fault.New(fault.Invalid, "登录名或密码不正确")

// SignIn checks a password and opens a session; the returned token goes into
// the cookie and is kept nowhere. Five wrong passwords from one place make that
// place wait (TooMany), whether there is such a login or not.
func (s *Service) SignIn(ctx context.Context, login, password string, from From) (token string, who party.Actor, err error) {
	now := s.clock.Now()
	login = normalLogin(login)
	k, err := s.admit(ctx, login, from, now)
	if err != nil {
		return "", party.Actor{}, err
	}
	a, err := s.proven(ctx, login, password)
	if err != nil {
		return "", party.Actor{}, err
	}
	token = secret()
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := k.right(ctx, tx); err != nil {
			return err
		}
		m, err := firstMembership(ctx, tx, a)
		if err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&Session{
			ID: id.New(now), TokenHash: hashToken(token), Account: a, Membership: m, CSRF: secret(),
			UserAgent: clip(from.UserAgent, 200), CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(sessionMax),
		}).Exec(ctx)
		return err
	})
	if err != nil {
		return "", party.Actor{}, err
	}
	who, err = s.Resolve(ctx, token)
	return token, who, err
}

// proven is the account of a login whose password is right. It takes as long
// for a login that does not exist.
func (s *Service) proven(ctx context.Context, login, password string) (id.ID, error) {
	var a Account
	err := s.db.NewSelect().Model(&a).Where("login = ?", login).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		_, _ = argon2id.ComparePasswordAndHash(password, s.decoy)
		return "", errLogin
	} else if err != nil {
		return "", db.Translate(err)
	}
	ok, err := argon2id.ComparePasswordAndHash(password, a.PasswordHash)
	if err == nil && !ok {
		err = errLogin
	}
	return a.ID, err
}

type actorRow struct {
	Account id.ID
	Name    string
	Expert  bool
	CSRF    string
	Seen    time.Time
	Session id.ID
	Org     *id.ID
	OrgName *string
	OrgKind *party.OrgKind
	Role    *party.Role
}

func (r actorRow) actor() party.Actor {
	a := party.Actor{Account: r.Account, Name: r.Name, Expert: r.Expert, CSRF: r.CSRF, Session: r.Session}
	if r.Org != nil && r.Role != nil {
		a.Org, a.OrgName, a.OrgKind, a.Role = *r.Org, *r.OrgName, *r.OrgKind, *r.Role
	}
	return a
}

// Resolve finds who a session token stands for; Unauthenticated if nobody, or
// no longer.
func (s *Service) Resolve(ctx context.Context, token string) (party.Actor, error) {
	now := s.clock.Now()
	var r actorRow
	err := s.db.NewSelect().TableExpr("session AS c").
		ColumnExpr("c.id AS session, c.csrf AS csrf, c.seen_at AS seen").
		Apply(whoIs).Where("c.token_hash = ?", hashToken(token)).
		Where("c.expires_at > ? AND c.seen_at > ?", now, now.Add(-sessionIdle)).Scan(ctx, &r)
	if errors.Is(err, sql.ErrNoRows) {
		return party.Actor{}, fault.New(fault.Unauthenticated, "登录已过期，请重新登录")
	} else if err != nil {
		return party.Actor{}, db.Translate(err)
	}
	if now.Sub(r.Seen) > time.Minute { // a write a minute is enough to know who is idle
		_, err := s.db.NewUpdate().Model((*Session)(nil)).Set("seen_at = ?", now).Where("id = ?", r.Session).Exec(ctx)
		if err != nil {
			return party.Actor{}, db.Translate(err)
		}
	}
	return r.actor(), nil
}

// whoIs joins a credential row "c" to the account and the membership it stands
// for; a membership that has ended leaves the person without the organisation.
func whoIs(q *bun.SelectQuery) *bun.SelectQuery {
	return q.ColumnExpr("a.id AS account, a.name AS name, a.expert AS expert").
		ColumnExpr("o.id AS org, o.name AS org_name, o.kind AS org_kind, m.role AS role").
		Join("JOIN account AS a ON a.id = c.account").
		Join("LEFT JOIN membership AS m ON m.id = c.membership AND m.ended_at IS NULL").
		Join("LEFT JOIN organisation AS o ON o.id = m.organisation").
		Where("c.ended_at IS NULL")
}

// SignOut ends one session of the actor's own; their other browsers stay.
func (s *Service) SignOut(ctx context.Context, who party.Actor, session id.ID) error {
	return db.One(s.db.NewUpdate().Model((*Session)(nil)).Set("ended_at = ?", s.clock.Now()).
		Where("id = ? AND account = ? AND ended_at IS NULL", session, who.Account).Exec(ctx))
}

// Sessions lists the actor's open sessions, newest first.
func (s *Service) Sessions(ctx context.Context, who party.Actor) ([]Session, error) {
	now := s.clock.Now()
	var out []Session
	err := s.db.NewSelect().Model(&out).Where("account = ? AND ended_at IS NULL", who.Account).
		Where("expires_at > ? AND seen_at > ?", now, now.Add(-sessionIdle)).Order("id DESC").Scan(ctx)
	return out, db.Translate(err)
}

// Seat is a membership as the switcher shows it.
type Seat struct {
	Membership id.ID         `json:"membership"`
	Org        id.ID         `json:"organisation"`
	OrgName    string        `json:"organisation_name"`
	OrgKind    party.OrgKind `json:"kind"`
	Role       party.Role    `json:"role"`
}

// Seats lists what the account may act as.
func (s *Service) Seats(ctx context.Context, account id.ID) ([]Seat, error) {
	var out []Seat
	err := s.db.NewSelect().TableExpr("membership AS m").
		ColumnExpr("m.id AS membership, o.id AS org, o.name AS org_name, o.kind AS org_kind, m.role AS role").
		Join("JOIN organisation AS o ON o.id = m.organisation").
		Where("m.account = ? AND m.ended_at IS NULL", account).Order("m.id").Scan(ctx, &out)
	return out, db.Translate(err)
}

// Act makes the session act for another of the account's organisations, or for
// the person alone when membership is "".
func (s *Service) Act(ctx context.Context, who party.Actor, membership id.ID) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var to *id.ID
		if membership != "" {
			n, err := tx.NewSelect().Model((*Membership)(nil)).
				Where("id = ? AND account = ? AND ended_at IS NULL", membership, who.Account).Count(ctx)
			if err != nil {
				return err
			}
			if n == 0 {
				return fault.New(fault.NotFound, "您不在这个组织中")
			}
			to = &membership
		}
		return db.One(tx.NewUpdate().Model((*Session)(nil)).Set("membership = ?", to).
			Where("id = ? AND account = ?", who.Session, who.Account).Exec(ctx))
	})
}
