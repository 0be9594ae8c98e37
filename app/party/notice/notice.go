// Package notice is how each person gets the messages of the inbox: in the app,
// by mail as they happen, or in one mail a day. Messages of legal effect always
// stand in the app. A mail names what it is about and leads to the page behind
// the sign-in; of a purchase it says only that there is something.
package notice

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/storage/db"
	"gongji/storage/mail"
)

// Mail is how a kind comes by mail.
type Mail string

// The ways.
const (
	None  Mail = "none"
	Now   Mail = "now"
	Daily Mail = "daily"
)

// Choice is what one person chose for one kind.
type Choice struct {
	bun.BaseModel `bun:"table:notice_choice" json:"-"`

	Account id.ID      `bun:"account,pk" json:"-"`
	Kind    inbox.Kind `bun:"kind,pk" json:"kind"`
	App     bool       `bun:"app" json:"app"`
	Mail    Mail       `bun:"mail" json:"mail" enum:"none,now,daily"`
}

// Legal reports whether messages of a kind always stand in the app.
func (c Choice) Legal() bool { return c.Kind != inbox.Reminder }

// Address is where somebody's mail goes, once it was confirmed.
type Address struct {
	bun.BaseModel `bun:"table:notice_address"`

	Account     id.ID      `bun:"account,pk"`
	Address     string     `bun:"address"`
	CodeHash    string     `bun:"code_hash"`
	CodeUntil   *time.Time `bun:"code_until"`
	Tries       int64      `bun:"tries"`
	ConfirmedAt *time.Time `bun:"confirmed_at"`
	Mailed      id.ID      `bun:"mailed"`   // the last message that was mailed as it happened
	Digested    id.ID      `bun:"digested"` // the last message that a daily mail had
	DigestOn    *time.Time `bun:"digest_on"`
}

// Letters hands letters in; mail.Sender does.
type Letters interface {
	Send(ctx context.Context, l mail.Letter) error
}

// Service keeps the choices and sends the mail.
type Service struct {
	db      *bun.DB
	clock   clock.Clock
	letters Letters // nil: no mail is sent
	site    string
}

// New makes the service; letters may be nil.
func New(d *bun.DB, c clock.Clock, letters Letters, site string) *Service {
	return &Service{db: d, clock: c, letters: letters, site: site}
}

// codeLife is how long a code is good, codeTries how often it may be mistyped.
const (
	codeLife  = 30 * time.Minute
	codeTries = 5
)

// Settings is what one person chose, every kind with its choice.
type Settings struct {
	Configured bool     `json:"configured" description:"平台配置了发信服务"`
	Address    string   `json:"address,omitempty"`
	Confirmed  bool     `json:"confirmed"`
	Choices    []Choice `json:"choices"`
}

func signedIn(who party.Actor) error {
	if !who.SignedIn() {
		return fault.New(fault.Unauthenticated, "请先登录")
	}
	return nil
}

// Of reads what the actor chose.
func (s *Service) Of(ctx context.Context, who party.Actor) (Settings, error) {
	out := Settings{Configured: s.letters != nil}
	if err := signedIn(who); err != nil {
		return out, err
	}
	a, err := s.address(ctx, s.db, who.Account)
	if err != nil {
		return out, err
	}
	out.Address, out.Confirmed = a.Address, a.ConfirmedAt != nil
	out.Choices, err = choices(ctx, s.db, who.Account)
	return out, err
}

func (s *Service) address(ctx context.Context, d bun.IDB, account id.ID) (Address, error) {
	var a Address
	err := db.Found(d.NewSelect().Model(&a).Where("account = ?", account).Scan(ctx), "邮箱")
	if fault.Is(err, fault.NotFound) {
		return Address{Account: account}, nil
	}
	return a, err
}

// choices are all kinds: in the app and by no mail where nothing was chosen.
func choices(ctx context.Context, d bun.IDB, account id.ID) ([]Choice, error) {
	var have []Choice
	err := d.NewSelect().Model(&have).Where("account = ?", account).Scan(ctx)
	out := []Choice{}
	for _, k := range inbox.Kinds() {
		c := Choice{Account: account, Kind: k, App: true, Mail: None}
		for _, h := range have {
			if h.Kind == k {
				c = h
			}
		}
		out = append(out, c)
	}
	return out, db.Translate(err)
}

// Choose keeps what the actor chose. A kind of legal effect stays in the app:
// what is served there counts as told, and nobody is kept from seeing it.
func (s *Service) Choose(ctx context.Context, who party.Actor, list []Choice) (Settings, error) {
	if err := signedIn(who); err != nil {
		return Settings{}, err
	}
	var c fault.Check
	for i := range list {
		x := &list[i]
		c.Must(x.Kind.Name() != "", "kind", "没有这一类消息")
		c.Must(x.Mail == None || x.Mail == Now || x.Mail == Daily, "mail."+string(x.Kind), "请选择怎样发邮件")
		c.Must(x.App || !x.Legal(), "app."+string(x.Kind), "这一类消息有法律效力（通知、期限从送达起算），站内不能关闭")
		x.Account = who.Account
	}
	if err := c.Err(); err != nil {
		return Settings{}, err
	}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		for _, x := range list {
			if _, err := tx.NewInsert().Model(&x).On("CONFLICT (account, kind) DO UPDATE").Set("app = EXCLUDED.app, mail = EXCLUDED.mail").Exec(ctx); err != nil {
				return db.Translate(err)
			}
		}
		return nil
	})
	if err != nil {
		return Settings{}, err
	}
	return s.Of(ctx, who)
}

func hash(code string, account id.ID) string {
	sum := sha256.Sum256([]byte(string(account) + "\x00" + code))
	return hex.EncodeToString(sum[:])
}

// SetAddress writes down where the actor's mail is to go and sends a code
// there; no other mail goes there before it was typed in. "" takes it back.
func (s *Service) SetAddress(ctx context.Context, who party.Actor, to string) error {
	if err := signedIn(who); err != nil {
		return err
	}
	to = strings.TrimSpace(to)
	if to == "" {
		_, err := s.db.NewDelete().Model((*Address)(nil)).Where("account = ?", who.Account).Exec(ctx)
		return db.Translate(err)
	}
	var c fault.Check
	a, ok := mail.Address(to)
	c.Must(ok, "address", "电子邮箱应形如 name@example.cn")
	c.Must(s.letters != nil, "address", "平台没有配置发信服务，暂时不能用邮件接收")
	if err := c.Err(); err != nil {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		return err
	}
	now := s.clock.Now()
	code, until := fmt.Sprintf("%08d", n), now.Add(codeLife)
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		old, err := s.address(ctx, tx, who.Account)
		if err != nil {
			return err
		}
		if old.CodeUntil != nil && now.Before(old.CodeUntil.Add(time.Minute-codeLife)) {
			return fault.New(fault.TooMany, "刚刚发过一次验证码，请过一分钟再试")
		}
		x := Address{Account: who.Account, Address: a, CodeHash: hash(code, who.Account), CodeUntil: &until}
		_, err = tx.NewInsert().Model(&x).On("CONFLICT (account) DO UPDATE").
			Set("address = EXCLUDED.address, code_hash = EXCLUDED.code_hash, code_until = EXCLUDED.code_until, tries = 0, confirmed_at = NULL").Exec(ctx)
		return db.Translate(err)
	})
	if err != nil {
		return err
	}
	return s.letters.Send(ctx, mail.Letter{ID: "code-" + hash(code, who.Account)[:24], To: a, Sender: "共济", Subject: "验证您的邮箱",
		Text: "验证码：" + code + "\n\n30 分钟内在“消息设置”页填写。如果不是您本人操作，请忽略这封邮件。\n", At: now})
}

// Confirm takes the code: from then on the mail that was chosen is sent.
func (s *Service) Confirm(ctx context.Context, who party.Actor, code string) error {
	if err := signedIn(who); err != nil {
		return err
	}
	wrong := false
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		now := s.clock.Now()
		var a Address
		if err := db.Found(db.Lock(tx.NewSelect().Model(&a).Where("account = ?", who.Account)).Scan(ctx), "邮箱"); err != nil {
			return err
		}
		if a.CodeUntil == nil || !now.Before(*a.CodeUntil) || a.Tries >= codeTries {
			return fault.New(fault.TooLate, "验证码已经失效，请重新发送")
		}
		if wrong = hash(strings.TrimSpace(code), who.Account) != a.CodeHash; wrong {
			a.Tries++
			return db.One(tx.NewUpdate().Model(&a).Column("tries").WherePK().Exec(ctx))
		}
		newest, err := s.newest(ctx, tx)
		if err != nil {
			return err
		}
		a.ConfirmedAt, a.CodeHash, a.CodeUntil, a.Mailed, a.Digested = &now, "", nil, newest, newest
		return db.One(tx.NewUpdate().Model(&a).Column("confirmed_at", "code_hash", "code_until", "mailed", "digested").WherePK().Exec(ctx))
	})
	if err == nil && wrong {
		var c fault.Check
		c.Fail("code", "验证码不对，请核对邮件里的 8 位数字")
		err = c.Err()
	}
	return err
}

// newest is the last message there is: what came before is not mailed.
func (s *Service) newest(ctx context.Context, d bun.IDB) (id.ID, error) {
	var last []id.ID
	err := d.NewSelect().Model((*inbox.Message)(nil)).Column("id").Order("id DESC").Limit(1).Scan(ctx, &last)
	if len(last) == 0 {
		return "", db.Translate(err)
	}
	return last[0], db.Translate(err)
}
