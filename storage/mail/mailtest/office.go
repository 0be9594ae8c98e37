// Package mailtest is a real SMTP server (emersion/go-smtp) that keeps what it
// takes, in the clear, behind STARTTLS or with TLS from the first byte, and the
// certificates for it. Nothing of the product stands in for itself.
package mailtest

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"gongji/storage/mail"
)

// Office is the server. Its fields may be changed while it runs, under Lock.
type Office struct {
	sync.Mutex
	Refuse map[string]int // by address: the code to answer RCPT with
	Busy   int            // how many letters to put off first
	HangUp bool           // take the next letter and break the connection without an answer
	// Named is called once the recipient is named and nothing of the letter is
	// here; Took once all of it is kept and not yet answered for. n counts from 1.
	Named, Took func(n int)

	named int
	taken []Letter
}

// Letter is one that was taken.
type Letter struct {
	To   []string
	Data []byte
	TLS  bool
}

// NewSession answers a connection.
func (o *Office) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{o: o, c: c}, nil }

type session struct {
	o  *Office
	c  *smtp.Conn
	to []string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Reset()                               { s.to = nil }
func (s *session) Logout() error                        { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.o.Lock()
	s.o.named++
	n, hook, code := s.o.named, s.o.Named, s.o.Refuse[to]
	s.o.Unlock()
	if hook != nil {
		hook(n)
	}
	if code != 0 {
		return &smtp.SMTPError{Code: code, Message: "no such user " + to}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, sealed := s.c.TLSConnectionState()
	s.o.Lock()
	if s.o.Busy > 0 {
		s.o.Busy--
		s.o.Unlock()
		return &smtp.SMTPError{Code: 451, Message: "try later"}
	}
	s.o.taken = append(s.o.taken, Letter{s.to, b, sealed})
	n, hook, hang := len(s.o.taken), s.o.Took, s.o.HangUp
	s.o.HangUp = false
	s.o.Unlock()
	if hook != nil {
		hook(n)
	}
	if hang {
		_ = s.c.Conn().Close()
	}
	return nil
}

// Letters are those taken so far.
func (o *Office) Letters() []Letter {
	o.Lock()
	defer o.Unlock()
	return append([]Letter(nil), o.taken...)
}

// Open starts the server on a port of its own and says how to reach it:
// security is "none", "starttls" or "tls", with this certificate.
func (o *Office) Open(t testing.TB, security string, cert *tls.Certificate) mail.Config {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(o)
	s.Domain, s.ReadTimeout, s.WriteTimeout, s.EnableSMTPUTF8 = "localhost", 10*time.Second, 10*time.Second, true
	if cert != nil {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS12}
	}
	address := ln.Addr().String()
	if security == "tls" {
		ln = tls.NewListener(ln, s.TLSConfig)
	}
	go func() { _ = s.Serve(ln) }()
	t.Cleanup(func() { _ = s.Close() })
	c := mail.Config{Host: address, From: "receipt@gongji.example", Security: security}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	return c
}
