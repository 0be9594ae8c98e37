package receipt_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/storage/db/dbtest"
	"gongji/storage/mail"
	"gongji/storage/mail/mailtest"
)

// open starts a real SMTP server in the clear.
func open(t *testing.T, o *mailtest.Office) *mail.Sender {
	t.Helper()
	return mail.New(o.Open(t, "none", nil))
}

func TestReceiptsGoByMailToWhoeverAskedForThemOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		post := &mailtest.Office{Refuse: map[string]int{"gone@example.cn": 550}}
		k, ctx := newDesk(t, d, open(t, post)), t.Context()
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
		if err != nil || !reflect.DeepEqual(m, receipt.Mails{Configured: true, Sent: 1, Failed: 1, Nowhere: 2, Trouble: []receipt.MailTrouble{{State: receipt.MailFailed, Why: "发信服务器拒收（550）：地址可能有误", N: 1}}}) {
			t.Errorf("%+v, %v", m, err)
		}
		got := post.Letters()
		if len(got) != 1 || got[0].To[0] != "ouyang@example.cn" {
			t.Fatalf("taken %d letters", len(got))
		}
		show := k.rows(b)[asked.ID]
		x, err := k.receipts.Get(ctx, k.Donor, *show.Receipt)
		if err != nil {
			t.Fatal(err)
		}
		text, pdf := readLetter(t, got[0].Data)
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
		post.Lock()
		post.HangUp = true
		post.Unlock()
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
		if n := len(post.Letters()); n != 3 {
			t.Errorf("%d letters", n)
		}
	})
}

// A server that says "later" (4xx) gets the letter again from the job, once.
func TestAPutOffLetterIsSentOnceByTheJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		post := &mailtest.Office{Busy: 1}
		k, ctx := newDesk(t, d, open(t, post)), t.Context()
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
		if err != nil || m.Waiting != 1 || m.Sent+m.Failed+m.Unsure != 0 || len(post.Letters()) != 0 {
			t.Fatalf("put off: %+v, %v, %d letters", m, err, len(post.Letters()))
		}
		again := "UPDATE river_job SET state = 'available', scheduled_at = created_at WHERE kind = 'receipt_mail' AND state = 'scheduled'" // the pause is over
		if r, err := d.ExecContext(ctx, again); err != nil {
			t.Fatal(err)
		} else if n, err := r.RowsAffected(); err != nil || n != 1 {
			t.Fatalf("%d jobs wait, %v", n, err)
		}
		k.settle()
		if m, err = k.bulk.Mails(ctx, k.Finance, b.ID); err != nil || m.Sent != 1 || m.Waiting+m.Failed+m.Unsure != 0 || len(post.Letters()) != 1 {
			t.Errorf("again: %+v, %v, %d letters", m, err, len(post.Letters()))
		}
		want(t, "nothing left", k.bulk.Deliver(ctx, k.Finance, b.ID, false), fault.Conflict)
	})
}

// One that is put off does not hold up the others.
func TestOthersGoWhileOneIsPutOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		post := &mailtest.Office{Refuse: map[string]int{"full@example.cn": 452}}
		k, ctx := newDesk(t, d, open(t, post)), t.Context()
		for i, to := range []string{"full@example.cn", "a@example.cn", "b@example.cn"} {
			if err := k.bulk.SetAddress(ctx, k.Donor, k.Given(k.Donor, money.Fen(100+i)).ID, to); err != nil {
				t.Fatal(err)
			}
		}
		b := k.run(k.freeze(receipt.Scope{Year: 2026}))
		if err := k.bulk.Deliver(ctx, k.Finance, b.ID, false); err != nil {
			t.Fatal(err)
		}
		k.settle()
		if m, err := k.bulk.Mails(ctx, k.Finance, b.ID); err != nil || m.Sent != 2 || m.Waiting != 1 || len(m.Trouble) != 1 || !strings.Contains(m.Trouble[0].Why, "452") {
			t.Errorf("%+v, %v", m, err)
		}
		list, n, err := k.bulk.Rows(ctx, k.Finance, b.ID, receipt.RowFilter{Mail: receipt.MailSent})
		if err != nil || n != 2 || list[0].Mail != receipt.MailSent {
			t.Errorf("%d rows %+v, %v", n, list, err)
		}
	})
}

// A server that takes nothing is not asked eight times for every letter.
func TestAServerThatTakesNothingIsGivenUpOnceForAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		away := mail.Config{Host: "127.0.0.1:1", From: "receipt@gongji.example", Security: "none"}
		k, ctx := newDesk(t, d, mail.New(away)), t.Context()
		for i := range 3 {
			if err := k.bulk.SetAddress(ctx, k.Donor, k.Given(k.Donor, money.Fen(100+i)).ID, "a@example.cn"); err != nil {
				t.Fatal(err)
			}
		}
		b := k.run(k.freeze(receipt.Scope{Year: 2026}))
		if err := k.bulk.Deliver(ctx, k.Finance, b.ID, false); err != nil {
			t.Fatal(err)
		}
		k.settle()
		m, err := k.bulk.Mails(ctx, k.Finance, b.ID)
		if err != nil || m.Waiting != 3 || len(m.Trouble) != 1 {
			t.Fatalf("%+v, %v", m, err)
		}
		// Seven minutes later: it was asked seven times.
		for _, s := range []string{"UPDATE receipt_mail SET tries = 7", "UPDATE river_job SET state = 'available', scheduled_at = created_at WHERE kind = 'receipt_mail' AND state = 'scheduled'"} {
			if _, err := d.ExecContext(ctx, s); err != nil {
				t.Fatal(err)
			}
		}
		k.settle()
		if m, err = k.bulk.Mails(ctx, k.Finance, b.ID); err != nil || m.Failed != 3 || len(m.Trouble) != 1 || !strings.Contains(m.Trouble[0].Why, "连接不上") {
			t.Errorf("%+v, %v", m, err)
		}
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
		if m, err := k.bulk.Mails(ctx, k.Finance, b.ID); err != nil || !reflect.DeepEqual(m, receipt.Mails{Addressed: 1}) {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

// TestNoAddressIsInAnError: errors are logged.
func TestNoAddressIsInAnError(t *testing.T) {
	post := &mailtest.Office{Refuse: map[string]int{"secret@example.cn": 550}, Busy: 1}
	s := open(t, post)
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
