package mail_test

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/fault"
	"gongji/storage/mail"
	"gongji/storage/mail/mailtest"
)

func letter() mail.Letter {
	return mail.Letter{ID: "r1", To: "ouyang@example.cn", Sender: "横沥社区发展基金会", Subject: "捐赠收据", Text: "感谢您的捐赠。", At: time.Now(), Name: "收据.pdf", PDF: []byte("%PDF-1.7")}
}

// TestLettersGoEncrypted hands a letter to a real server both ways that the
// law of the wire has: TLS from the first byte, and STARTTLS.
func TestLettersGoEncrypted(t *testing.T) {
	ca := mailtest.NewAuthority(t)
	for _, security := range []string{"tls", "starttls"} {
		t.Run(security, func(t *testing.T) {
			o := &mailtest.Office{}
			c := o.Open(t, security, ca.Sign("127.0.0.1", time.Now().Add(time.Hour)))
			c.Trust = ca.Trust()
			if err := mail.New(c).Send(t.Context(), letter()); err != nil {
				t.Fatal(err)
			}
			got := o.Letters()
			if len(got) != 1 || !got[0].TLS || got[0].To[0] != "ouyang@example.cn" || !strings.Contains(string(got[0].Data), "r1@127.0.0.1") {
				t.Errorf("taken: %+v", got)
			}
		})
	}
}

// TestACertificateThatDoesNotVerifyGetsNoLetter: each reason is said in words
// that whoever runs the platform can act on, and nothing was handed over.
func TestACertificateThatDoesNotVerifyGetsNoLetter(t *testing.T) {
	ca, other := mailtest.NewAuthority(t), mailtest.NewAuthority(t)
	for name, x := range map[string]struct {
		cert *tls.Certificate
		says string
	}{
		"unknown authority": {other.Sign("127.0.0.1", time.Now().Add(time.Hour)), "不是受信任的机构"},
		"another server's":  {ca.Sign("127.0.0.2", time.Now().Add(time.Hour)), "名称与服务器地址不一致"},
		"expired":           {ca.Sign("127.0.0.1", time.Now().Add(-time.Hour)), "已过期"},
	} {
		for _, security := range []string{"tls", "starttls"} {
			t.Run(name+"/"+security, func(t *testing.T) {
				o := &mailtest.Office{}
				c := o.Open(t, security, x.cert)
				c.Trust = ca.Trust()
				err := mail.New(c).Send(t.Context(), letter())
				refused(t, err, x.says)
				if len(o.Letters()) != 0 {
					t.Error("the letter was handed over all the same")
				}
			})
		}
	}
}

// TestAServerWithoutEncryptionGetsNoLetter: STARTTLS is demanded, so that a
// stranger on the line cannot take it away.
func TestAServerWithoutEncryptionGetsNoLetter(t *testing.T) {
	o := &mailtest.Office{}
	c := o.Open(t, "none", nil)
	c.Security = ""
	refused(t, mail.New(c).Send(t.Context(), letter()), "不支持加密")
	c.Security, c.Host = "none", "127.0.0.1:1"
	refused(t, mail.New(c).Send(t.Context(), letter()), "连接不上")
	if len(o.Letters()) != 0 {
		t.Error("handed over")
	}
}

func refused(t *testing.T, err error, says string) {
	t.Helper()
	if !fault.Is(err, fault.Unavailable) || !errors.Is(err, mail.ErrAway) || !strings.Contains(err.Error(), says) {
		t.Errorf("%v, want one that says %q", err, says)
	}
	if err != nil && strings.Contains(err.Error(), "example.cn") {
		t.Errorf("the address is in the error: %v", err)
	}
}
