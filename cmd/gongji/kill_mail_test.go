package main

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"path/filepath"
	"testing"
	"time"

	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/id"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
	"gongji/storage/mail"
	"gongji/storage/mail/mailtest"
)

// TestAKillWhileReceiptsAreMailed kills the real server while it hands letters
// to a real mail server, once before a letter is there and once after it was
// taken and not answered for: in the end every donor has had theirs, and no
// more came twice than are counted as such, under the same Message-ID.
func TestAKillWhileReceiptsAreMailed(t *testing.T) {
	t.Run("sqlite, tls", func(t *testing.T) { killMail(t, "sqlite:"+dbtest.SQLiteFile(t), "tls") })
	t.Run("postgres, starttls", func(t *testing.T) { killMail(t, dbtest.PostgresURL(t), "starttls") })
}

func killMail(t *testing.T, dsn, security string) {
	const gifts = 40
	ctx, data := t.Context(), filepath.Join(t.TempDir(), "data")
	d, err := db.Open(ctx, dsn, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	h := donationtest.New(t, d)
	first := h.Given(h.Donor, 140950)
	ids := append([]id.ID{first.ID}, h.Many(first, gifts-1)...)

	ca, post := mailtest.NewAuthority(t), &mailtest.Office{}
	c := post.Open(t, security, ca.Sign("127.0.0.1", time.Now().Add(time.Hour)))
	env := []string{"GONGJI_SMTP_HOST=" + c.Host, "GONGJI_SMTP_FROM=" + c.From, "GONGJI_SMTP_SECURITY=" + security, "GONGJI_SMTP_USER=", "SSL_CERT_FILE=" + ca.File()}
	bulk := killer(t, d, h, mail.New(c))
	for i, of := range ids {
		if err := bulk.SetAddress(ctx, h.Finance, of, fmt.Sprintf("donor%d@example.cn", i)); err != nil {
			t.Fatal(err)
		}
	}
	b, _, err := bulk.Freeze(ctx, h.Finance, receipt.Scope{Year: 2026})
	if err != nil || b.Waiting != gifts {
		t.Fatalf("%+v, %v", b, err)
	}
	if _, err := bulk.Approve(ctx, h.Reviewer, b.ID); err != nil {
		t.Fatal(err)
	}
	s := work(t, dsn, data, env...)
	s.wait(func() bool {
		b, err := bulk.Batch(ctx, h.Finance, b.ID)
		return err != nil || b.State == receipt.BatchDone
	})

	// The post office stops at these two moments until the server is dead.
	met, dead := make(chan string), make(chan struct{})
	halt := func(at int, what string) func(int) {
		return func(n int) {
			if n == at {
				met <- what
				<-dead
			}
		}
	}
	post.Lock()
	post.Named, post.Took = halt(8, "named"), halt(20, "taken")
	post.Unlock()
	if err := bulk.Deliver(ctx, h.Finance, b.ID, false); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		select {
		case what := <-met:
			t.Logf("killed with a letter %s, %d taken", what, len(post.Letters()))
		case <-time.After(time.Minute):
			t.Fatalf("it stands still: %s", s.err.String())
		}
		_ = s.Process.Kill()
		_ = s.Wait()
		dead <- struct{}{}
		// On PostgreSQL another replica might have it in hand: two minutes pass.
		if _, err := d.ExecContext(ctx, "UPDATE receipt_mail SET tried_at = '2026-01-01 00:00:00+00:00' WHERE state = 'sending'"); err != nil {
			t.Fatal(err)
		}
		s = work(t, dsn, data, env...)
	}
	var m receipt.Mails
	s.wait(func() bool {
		m, err = bulk.Mails(ctx, h.Finance, b.ID)
		return err != nil || m.Sent == gifts
	})
	_ = s.Process.Kill()
	_ = s.Wait()
	if err != nil || m.Sent != gifts || m.Twice < 2 || m.Twice > 4 || m.Waiting+m.Failed+m.Unsure != 0 {
		t.Errorf("%+v, %v", m, err)
	}
	came, numbers := map[string]int{}, map[string]bool{}
	for _, l := range post.Letters() {
		x, err := netmail.ReadMessage(bytes.NewReader(l.Data))
		if err != nil || !l.TLS {
			t.Fatalf("in the clear, or no letter: %v", err)
		}
		came[l.To[0]]++
		numbers[x.Header.Get("Message-Id")] = true
	}
	twice := 0
	for i := range gifts {
		n := came[fmt.Sprintf("donor%d@example.cn", i)]
		if n == 0 {
			t.Errorf("donor %d got nothing", i)
		}
		twice += n - 1
	}
	if twice < 1 || twice > m.Twice || len(numbers) != gifts { // at least the one that was taken and not answered for
		t.Errorf("%d came twice, %d Message-IDs of %d", twice, len(numbers), gifts)
	}
}

// wait asks until what is awaited holds, as long as the test may run.
func (s *server) wait(holds func() bool) {
	s.t.Helper()
	for !holds() {
		select {
		case <-s.t.Context().Done():
			s.t.Fatalf("it stands still: %s", s.err.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
