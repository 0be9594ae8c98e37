// Package mail sends letters over SMTP. Nothing of a letter, neither its
// address nor its text, is ever in an error: errors are logged and shown.
package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/log"

	"gongji/app/kernel/fault"
)

// Config says where letters are handed in.
type Config struct {
	Host     string // host:port; "" means that none are sent
	User     string
	Password string
	From     string // the address letters come from
	// Security is "starttls" (the default: refused where the server has none),
	// "tls" from the first byte, or "none" on a network of one's own.
	Security string
	// Trust overrides how the server's certificate is checked; nil is the
	// system's way. Tests with a server of their own set it.
	Trust *tls.Config
}

// Check complains about a configuration that cannot be.
func (c Config) Check() error {
	if c.Host == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(c.Host)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 1 || n > 65535 {
		return fmt.Errorf("GONGJI_SMTP_HOST 应为 主机:端口，例如 smtp.example.cn:587，现在是 %q", c.Host)
	}
	if _, err := mail.ParseAddress(c.From); err != nil {
		return fmt.Errorf("设置了 GONGJI_SMTP_HOST，还需要 GONGJI_SMTP_FROM：发信的邮箱地址")
	}
	switch c.Security {
	case "", "starttls", "tls", "none":
		return nil
	}
	return fmt.Errorf("GONGJI_SMTP_SECURITY 应为 starttls、tls 或 none，现在是 %q", c.Security)
}

// Letter is one letter to one person.
type Letter struct {
	ID      string // of the Message-ID: the same for every try, so that a mail program shows it once
	To      string
	Sender  string // who writes, shown before the address
	Subject string
	Text    string
	At      time.Time
	Name    string // of the attached PDF
	PDF     []byte
}

// ErrUnknown is what Send answers where the connection broke after the whole
// letter was handed over: it may have been taken. Sending again may double it.
var ErrUnknown = errors.New("mail: the server did not say whether it took the letter")

// Sender hands letters in.
type Sender struct{ c Config }

// New makes a sender; nil where no server is configured.
func New(c Config) *Sender {
	if c.Host == "" {
		return nil
	}
	return &Sender{c}
}

// patience is how long the server may take for each step.
const patience = 20 * time.Second

// Address reads an address as a person typed it; false where it is none.
func Address(s string) (string, bool) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || len(a.Address) > 254 {
		return "", false
	}
	return a.Address, true
}

// Send hands a letter in. Errors: Unavailable (the server asks to try later; with
// ErrAway under it, it takes nothing at all), Invalid (it refuses the letter or
// the address for good), ErrUnknown. Any other means the letter was not handed in.
func (s *Sender) Send(ctx context.Context, l Letter) error {
	m, err := s.message(l)
	if err != nil {
		return err
	}
	c, err := s.client()
	if err != nil {
		return err
	}
	if err := c.DialWithContext(ctx); err != nil {
		return away(err)
	}
	err = c.Send(m)
	_ = c.Close() // what it took, it has taken
	if err == nil || m.IsDelivered() {
		return nil
	}
	e, ok := errors.AsType[*gomail.SendError](err)
	switch {
	case !ok:
		return fault.New(fault.Unavailable, "发信服务器没有收下，稍后再试")
	case e.ErrorCode() >= 500:
		return fault.New(fault.Invalid, "发信服务器拒收（%d）：地址可能有误", e.ErrorCode())
	case e.ErrorCode() >= 400:
		return fault.New(fault.Unavailable, "发信服务器暂不收（%d），稍后再试", e.ErrorCode())
	case e.Reason == gomail.ErrSMTPDataClose:
		return ErrUnknown
	}
	return fault.New(fault.Unavailable, "发信时连接中断，稍后再试")
}

func (s *Sender) message(l Letter) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat(l.Sender, s.c.From); err != nil {
		return nil, fault.New(fault.Invalid, "发信地址配置有误")
	}
	if err := m.To(l.To); err != nil {
		return nil, fault.New(fault.Invalid, "邮箱地址不对")
	}
	host, _, _ := net.SplitHostPort(s.c.Host)
	m.SetMessageIDWithValue(l.ID + "@" + host)
	m.SetDateWithValue(l.At)
	m.Subject(l.Subject)
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	if len(l.PDF) > 0 {
		if err := m.AttachReader(l.Name, bytes.NewReader(l.PDF), gomail.WithFileContentType("application/pdf")); err != nil {
			return nil, fault.New(fault.Invalid, "附件没有附上")
		}
	}
	return m, nil
}

func (s *Sender) client() (*gomail.Client, error) {
	host, port, _ := net.SplitHostPort(s.c.Host)
	n, _ := strconv.Atoi(port) // Check has seen it
	// The library's log would have addresses: it gets nowhere to write.
	o := []gomail.Option{gomail.WithPort(n), gomail.WithTimeout(patience), gomail.WithLogger(log.New(io.Discard, log.LevelError)), gomail.WithoutNoop()}
	switch s.c.Security {
	case "tls":
		o = append(o, gomail.WithSSL())
	case "none":
		o = append(o, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		o = append(o, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.c.Trust != nil {
		o = append(o, gomail.WithTLSConfig(s.c.Trust))
	}
	if s.c.User != "" {
		o = append(o, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.c.User), gomail.WithPassword(s.c.Password))
	}
	c, err := gomail.NewClient(host, o...)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "发信服务器的配置有误")
	}
	return c, nil
}
