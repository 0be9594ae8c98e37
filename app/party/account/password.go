package account

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/names"
	"gongji/app/party"
	"gongji/storage/db"
)

// NewAccount is what a person gives to be able to sign in.
type NewAccount struct {
	Login    string `json:"login" description:"登录名：4–40 个字母、数字或 . _ - @"`
	Password string `json:"password" description:"至少 10 个字符"`
	Name     string `json:"name" description:"姓名"`
	Email    string `json:"email,omitempty"`
	Phone    string `json:"phone,omitempty"`

	// Hashed is Password as Hash made it, for whoever opens many accounts with
	// one password; no request can set it.
	Hashed string `json:"-"`
}

// Hash is a password as an account keeps it: argon2id with a fresh salt.
func Hash(password string) (string, error) { return argon2id.CreateHash(password, passwordCost) }

// Check adds what is wrong with the input to c, under the names of its fields.
func (n *NewAccount) Check(c *fault.Check) {
	n.Login, n.Name = normalLogin(n.Login), names.Clean(n.Name, 400)
	n.Email, n.Phone = strings.TrimSpace(n.Email), strings.TrimSpace(n.Phone)
	c.Must(loginOK(n.Login), "login", "登录名用 4–40 个字母、数字或 . _ - @，例如 lihua 或 lihua@example.cn")
	c.Must(n.Name != "" && utf8.RuneCountInString(n.Name) <= 60, "name", "请填写看得见的姓名，不超过 60 个字")
	c.Must(n.Email == "" || strings.Count(n.Email, "@") == 1 && len(n.Email) <= 120, "email", "电子邮箱应形如 name@example.cn，也可以不填")
	c.Must(len(n.Phone) <= 30, "phone", "电话不超过 30 个字符")
	checkPassword(c, "password", n.Password)
}

func checkPassword(c *fault.Check, field, p string) {
	n := utf8.RuneCountInString(p)
	switch {
	case n < 10:
		c.Fail(field, "密码至少 10 个字符，现在是 %d 个；可以用一句话", n)
	case n > 128:
		c.Fail(field, "密码不超过 128 个字符")
	case strings.Count(p, p[:1]) == len(p):
		c.Fail(field, "密码不能是同一个字符的重复")
	}
}

// Login is a login as it is kept, and whether it can be one.
func Login(s string) (string, bool) { s = normalLogin(s); return s, loginOK(s) }

func normalLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func loginOK(s string) bool {
	if len(s) < 4 || len(s) > 40 {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("._-@", r) {
			return false
		}
	}
	return true
}

// clip shortens s to at most n bytes without cutting a character.
func clip(s string, n int) string {
	for len(s) > n {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// Create adds an account in the caller's transaction; the input was checked.
// A login that is taken is an Invalid fault on the field "login".
func (s *Service) Create(ctx context.Context, tx bun.Tx, n NewAccount) (id.ID, error) {
	hash := n.Hashed
	if hash == "" {
		var err error
		if hash, err = Hash(n.Password); err != nil {
			return "", err
		}
	}
	taken, err := tx.NewSelect().Model((*Account)(nil)).Where("login = ?", n.Login).Exists(ctx)
	if err != nil {
		return "", db.Translate(err)
	}
	if taken {
		var c fault.Check
		c.Fail("login", "这个登录名已有人使用，请换一个")
		return "", c.Err()
	}
	now := s.clock.Now()
	a := Account{ID: id.New(now), Login: n.Login, Name: n.Name, PasswordHash: hash, Email: n.Email, Phone: n.Phone, ExpertState: Active, CreatedAt: now}
	_, err = tx.NewInsert().Model(&a).Exec(ctx)
	return a.ID, db.Translate(err)
}

// Register makes an account for a private person: a donor.
func (s *Service) Register(ctx context.Context, n NewAccount) (id.ID, error) {
	var c fault.Check
	n.Check(&c)
	if err := c.Err(); err != nil {
		return "", err
	}
	var out id.ID
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		out, err = s.Create(ctx, tx, n)
		return err
	})
	return out, err
}

// Join gives an account a role in an organisation, in the caller's transaction.
// Somebody who left may come back; the role of a member is changed by ChangeRole
// of the organisation only: Conflict.
func (s *Service) Join(ctx context.Context, tx bun.Tx, account, org id.ID, role party.Role) (id.ID, error) {
	now := s.clock.Now()
	m := Membership{ID: id.New(now), Account: account, Organisation: org, Role: role, CreatedAt: now}
	res, err := tx.NewInsert().Model(&m).
		On("CONFLICT (account, organisation) DO UPDATE").Set("role = EXCLUDED.role, ended_at = NULL").
		Where("?TableAlias.ended_at IS NOT NULL").Exec(ctx)
	if err != nil {
		return "", db.Translate(err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return "", err
	} else if n == 0 {
		return "", fault.New(fault.Conflict, "这个账号已经是该组织的成员，要换角色请用“改变角色”")
	}
	err = tx.NewSelect().Model((*Membership)(nil)).Column("id").Where("account = ? AND organisation = ?", account, org).Scan(ctx, &m.ID)
	return m.ID, db.Translate(err)
}

// Part ends a membership and the API tokens made for it, in the caller's
// transaction; the caller authorises. The person, and what they did, stay.
func (s *Service) Part(ctx context.Context, tx bun.Tx, m Membership) error {
	now := s.clock.Now()
	if _, err := tx.NewUpdate().Model((*Token)(nil)).Set("ended_at = ?", now).Where("membership = ? AND ended_at IS NULL", m.ID).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	return db.One(tx.NewUpdate().Model((*Membership)(nil)).Set("ended_at = ?", now).Where("id = ? AND ended_at IS NULL", m.ID).Exec(ctx))
}

// ChangePassword sets a new password after checking the old one, ends every
// other session of the account and revokes its API tokens: whoever changes a
// password because somebody knew it must be rid of what that person made with it.
func (s *Service) ChangePassword(ctx context.Context, who party.Actor, old, fresh string) error {
	var c fault.Check
	checkPassword(&c, "new_password", fresh)
	var a Account
	if err := s.db.NewSelect().Model(&a).Where("id = ?", who.Account).Scan(ctx); err != nil {
		return db.Found(err, "账号")
	}
	ok, err := argon2id.ComparePasswordAndHash(old, a.PasswordHash)
	if err != nil {
		return err
	}
	c.Must(ok, "old_password", "原密码不正确")
	if err := c.Err(); err != nil {
		return err
	}
	hash, err := Hash(fresh)
	if err != nil {
		return err
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := db.One(tx.NewUpdate().Model((*Account)(nil)).Set("password_hash = ?", hash).Where("id = ?", a.ID).Exec(ctx)); err != nil {
			return err
		}
		now := s.clock.Now()
		if _, err := tx.NewUpdate().Model((*Token)(nil)).Set("ended_at = ?", now).
			Where("account = ? AND ended_at IS NULL", a.ID).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model((*Session)(nil)).Set("ended_at = ?", now).
			Where("account = ? AND id <> ? AND ended_at IS NULL", a.ID, who.Session).Exec(ctx)
		return err
	})
}

// ByLogin finds an account by its login; NotFound where there is none.
func (s *Service) ByLogin(ctx context.Context, d bun.IDB, login string) (id.ID, error) {
	var a Account
	err := db.Found(d.NewSelect().Model(&a).Column("id").Where("login = ?", normalLogin(login)).Scan(ctx), "账号")
	return a.ID, err
}

// Of reads one account.
func (s *Service) Of(ctx context.Context, account id.ID) (Account, error) {
	var a Account
	err := db.Found(s.db.NewSelect().Model(&a).Where("id = ?", account).Scan(ctx), "账号")
	return a, err
}

func firstMembership(ctx context.Context, tx bun.Tx, account id.ID) (*id.ID, error) {
	var ids []id.ID
	err := tx.NewSelect().Model((*Membership)(nil)).Column("id").
		Where("account = ? AND ended_at IS NULL", account).Order("id").Limit(1).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return &ids[0], nil
}
