package receipt_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/uptrace/bun"

	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/storage/db/dbtest"
	"gongji/storage/mail"
)

// postOffice is a real SMTP server that keeps what it takes.
type postOffice struct {
	mu     sync.Mutex
	taken  []taken
	refuse map[string]int // by address: the code to answer RCPT with
	busy   int            // how many letters to put off first
	hangUp bool           // take the next letter and break the connection without an answer
}

type taken struct {
	to   []string
	data []byte
}

func (p *postOffice) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{p: p, c: c}, nil }

type session struct {
	p  *postOffice
	c  *smtp.Conn
	to []string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Reset()                               { s.to = nil }
func (s *session) Logout() error                        { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if code := s.p.refuse[to]; code != 0 {
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
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if s.p.busy > 0 {
		s.p.busy--
		return &smtp.SMTPError{Code: 451, Message: "try later"}
	}
	s.p.taken = append(s.p.taken, taken{s.to, b})
	if s.p.hangUp {
		s.p.hangUp = false
		_ = s.c.Conn().Close()
	}
	return nil
}

// open starts the server on a port of its own.
func (p *postOffice) open(t *testing.T) *mail.Sender {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(p)
	s.Domain, s.ReadTimeout, s.WriteTimeout, s.EnableSMTPUTF8 = "localhost", 10*time.Second, 10*time.Second, true
	go func() { _ = s.Serve(ln) }()
	t.Cleanup(func() { _ = s.Close() })
	c := mail.Config{Host: ln.Addr().String(), From: "receipt@gongji.example", Security: "none"}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	return mail.New(c)
}

func (p *postOffice) letters() []taken {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]taken(nil), p.taken...)
}

func TestReceiptsGoByMailToWhoeverAskedForThemOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		post := &postOffice{refuse: map[string]int{"gone@example.cn": 550}}
		k, ctx := newDesk(t, d, post.open(t)), t.Context()
		asked, none, wrong, unsure := k.Given(k.Donor, 140950), k.Given(k.Donor, 200), k.Given(k.Company, 300), k.Given(k.Donor, 400)
		want(t, "somebody else's address", k.bulk.SetAddress(ctx, k.Company, asked.ID, "a@example.cn"), fault.NotFound)
		want(t, "no address", k.bulk.SetAddress(ctx, k.Donor, asked.ID, "甲 <a@example.cn>, b@example.cn"), fault.Invalid)
		for _, s := range []struct {
			err error
		}{{k.bulk.SetAddress(ctx, k.Donor, asked.ID, " ouyang@example.cn ")}, {k.bulk.SetAddress(ctx, k.Finance, wrong.ID, "gone@example.cn")},
			{k.bulk.SetAddress(ctx, k.Donor, none.ID, "x@example.cn")}, {k.bulk.SetAddress(ctx, k.Donor, none.ID, "")}} {
			if s.err != nil {
				t.Fatal(s.err)
			}
		}
		b := k.run(k.freeze(receipt.Scope{Year: 2026}))
		if b.Issued != 4 {
			t.Fatalf("%+v", b)
		}
		want(t, "the reviewer sends", k.bulk.Deliver(ctx, k.Reviewer, b.ID, false), fault.Forbidden)
		if err := k.bulk.Deliver(ctx, k.Finance, b.ID, false); err != nil {
			t.Fatal(err)
		}
		k.settle()
		m, err := k.bulk.Mails(ctx, k.Finance, b.ID)
		if err != nil || m != (receipt.Mails{Configured: true, Sent: 1, Failed: 1, Nowhere: 2}) {
			t.Errorf("%+v, %v", m, err)
		}
		got := post.letters()
		if len(got) != 1 || got[0].to[0] != "ouyang@example.cn" {
			t.Fatalf("taken %d letters", len(got))
		}
		show := k.rows(b)[asked.ID]
		x, err := k.receipts.Get(ctx, k.Donor, *show.Receipt)
		if err != nil {
			t.Fatal(err)
		}
		text, pdf := readLetter(t, got[0].data)
		if !strings.Contains(text, x.Number()) || !strings.Contains(text, "/verify/"+x.Code) || sha256.Sum256(pdf) != sha256.Sum256(k.pdf(k.Donor, x.Receipt)) {
			t.Errorf("the letter says %q with %d bytes", text, len(pdf))
		}

		// Again: nobody gets two. The address mended: that one goes.
		if err := k.bulk.SetAddress(ctx, k.Finance, wrong.ID, "office@example.cn"); err != nil {
			t.Fatal(err)
		}
		if err := k.bulk.Deliver(ctx, k.Finance, b.ID, false); err != nil {
			t.Fatal(err)
		}
		k.settle()
		want(t, "nothing left", k.bulk.Deliver(ctx, k.Finance, b.ID, false), fault.Conflict)

		// The line breaks after the letter was taken: it is not sent again unasked.
		post.mu.Lock()
		post.hangUp = true
		post.mu.Unlock()
		if err := k.bulk.SetAddress(ctx, k.Donor, unsure.ID, "later@example.cn"); err != nil {
			t.Fatal(err)
		}
		if err := k.bulk.Deliver(ctx, k.Finance, b.ID, false); err != nil {
			t.Fatal(err)
		}
		k.settle()
		if m, err = k.bulk.Mails(ctx, k.Finance, b.ID); err != nil || m.Unsure != 1 || m.Sent != 2 {
			t.Errorf("%+v, %v", m, err)
		}
		want(t, "unsure, not asked", k.bulk.Deliver(ctx, k.Finance, b.ID, false), fault.Conflict)
		if n := len(post.letters()); n != 3 {
			t.Errorf("%d letters", n)
		}
	})
}

// A server that says "later" (4xx) gets the letter again from the job, once.
func TestAPutOffLetterIsSentOnceByTheJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		post := &postOffice{busy: 1}
		k, ctx := newDesk(t, d, post.open(t)), t.Context()
		gift := k.Given(k.Donor, 140950)
		if err := k.bulk.SetAddress(ctx, k.Donor, gift.ID, "ouyang@example.cn"); err != nil {
			t.Fatal(err)
		}
		b := k.run(k.freeze(receipt.Scope{Year: 2026}))
		if err := k.bulk.Deliver(ctx, k.Finance, b.ID, false); err != nil {
			t.Fatal(err)
		}
		k.settle()
		m, err := k.bulk.Mails(ctx, k.Finance, b.ID)
		if err != nil || m.Waiting != 1 || m.Sent+m.Failed+m.Unsure != 0 || len(post.letters()) != 0 {
			t.Fatalf("put off: %+v, %v, %d letters", m, err, len(post.letters()))
		}
		again := "UPDATE river_job SET state = 'available', scheduled_at = created_at WHERE kind = 'receipt_mail' AND state = 'scheduled'" // the pause is over
		if r, err := d.ExecContext(ctx, again); err != nil {
			t.Fatal(err)
		} else if n, err := r.RowsAffected(); err != nil || n != 1 {
			t.Fatalf("%d jobs wait, %v", n, err)
		}
		k.settle()
		if m, err = k.bulk.Mails(ctx, k.Finance, b.ID); err != nil || m.Sent != 1 || m.Waiting+m.Failed+m.Unsure != 0 || len(post.letters()) != 1 {
			t.Errorf("again: %+v, %v, %d letters", m, err, len(post.letters()))
		}
		want(t, "nothing left", k.bulk.Deliver(ctx, k.Finance, b.ID, false), fault.Conflict)
	})
}

func TestWithoutAServerNothingIsSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		gift := k.Given(k.Donor, 100)
		if err := k.bulk.SetAddress(ctx, k.Donor, gift.ID, "a@example.cn"); err != nil {
			t.Fatal(err)
		}
		b := k.run(k.freeze(receipt.Scope{Year: 2026}))
		want(t, "no server", k.bulk.Deliver(ctx, k.Finance, b.ID, false), fault.Conflict)
		if m, err := k.bulk.Mails(ctx, k.Finance, b.ID); err != nil || m != (receipt.Mails{Addressed: 1}) {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

// TestNoAddressIsInAnError: errors are logged.
func TestNoAddressIsInAnError(t *testing.T) {
	post := &postOffice{refuse: map[string]int{"secret@example.cn": 550}, busy: 1}
	s := post.open(t)
	for _, to := range []string{"secret@example.cn", "busy@example.cn"} {
		err := s.Send(t.Context(), mail.Letter{ID: "x", To: to, Sender: "基金会", Subject: "收据", Text: "张三", At: time.Now()})
		if err == nil || strings.Contains(err.Error(), "example.cn") || strings.Contains(err.Error(), "张三") {
			t.Errorf("%s: %v", to, err)
		}
	}
	away := mail.New(mail.Config{Host: "127.0.0.1:1", From: "a@example.cn", Security: "none"})
	want(t, "no server there", away.Send(t.Context(), mail.Letter{ID: "x", To: "a@example.cn", Text: "x"}), fault.Unavailable)
}

// readLetter takes a letter apart: its text and its PDF.
func readLetter(t *testing.T, data []byte) (text string, pdf []byte) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextPart()
		if err != nil {
			return text, pdf
		}
		b, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "application/pdf") {
			if pdf, err = base64.StdEncoding.DecodeString(strings.NewReplacer("\r", "", "\n", "").Replace(string(b))); err != nil {
				t.Fatal(err)
			}
		} else {
			text += string(b)
		}
	}
}
