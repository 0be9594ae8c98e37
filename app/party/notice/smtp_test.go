package notice_test

import (
	"bytes"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"regexp"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/notice"
	"gongji/storage/mail"
	"gongji/storage/mail/mailtest"
)

// opened is the subject and the text of a letter as a mail program shows it.
func opened(t *testing.T, raw []byte) (subject, text, number string) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	must(t, err)
	subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	must(t, err)
	var body io.Reader = m.Body
	if strings.EqualFold(m.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	b, err := io.ReadAll(body)
	must(t, err)
	return subject, string(b), m.Header.Get("Message-ID")
}

// The real way over SMTP, by a sender made anew after every letter as after a
// restart: each who chose mail gets it, who switched it off does not, one that
// the server broke off over is neither lost nor doubled, one that it put off
// comes with the next try.
func TestNoticesGoOverSMTPAsEachChose(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx, office := t.Context(), &mailtest.Office{}
		c := office.Open(t, "none", nil)
		start := func() *notice.Service { return notice.New(e.DB, e.Time, mail.New(c), "https://gongji.example.cn") }
		lead := e.Org(party.Social, "和美社工服务中心", party.Lead)
		off := e.Colleague(lead, party.Staff)
		for i, p := range []*apptest.Person{lead, off} {
			s := start()
			must(t, s.SetAddress(ctx, p.Actor, p.Login+"@example.cn"))
			_, text, _ := opened(t, office.Letters()[i].Data)
			must(t, s.Confirm(ctx, p.Actor, regexp.MustCompile(`\d{8}`).FindString(text)))
			must(t, second(s.Choose(ctx, p.Actor, []notice.Choice{{Kind: inbox.Delivery, App: true, Mail: notice.Now}})))
		}
		must(t, second(start().Choose(ctx, off.Actor, []notice.Choice{{Kind: inbox.Delivery, App: true, Mail: notice.None}})))
		org := inbox.To{Organisation: lead.Actor.Org}
		tell(t, e, org, inbox.Letter{Title: "“居家养老”验收结果已公布", Text: "李桂芳说来得准时", Link: "/acceptances/x"})
		must(t, start().Work(ctx))
		got := office.Letters()[2:]
		if len(got) != 1 || got[0].To[0] != lead.Login+"@example.cn" {
			t.Fatalf("%d letters", len(got))
		}
		subject, text, _ := opened(t, got[0].Data)
		if subject != "您有一条新消息" || !strings.Contains(text, "“居家养老”验收结果已公布") || !strings.Contains(text, "https://gongji.example.cn/inbox") || strings.Contains(text, "李桂芳") || strings.Contains(text, lead.Token) {
			t.Errorf("%s\n%s", subject, text)
		}
		office.Lock()
		office.Busy = 1
		office.Unlock()
		tell(t, e, org, inbox.Letter{Title: "周报账已核对", Link: "/expenses/x"})
		if err := start().Work(ctx); err == nil {
			t.Error("a letter that was put off passed for sent")
		}
		must(t, start().Work(ctx))
		office.Lock()
		office.HangUp = true
		office.Unlock()
		tell(t, e, org, inbox.Letter{Title: "月对账已对平", Link: "/months/x"})
		_ = start().Work(ctx)
		for range 2 {
			must(t, start().Work(ctx))
		}
		said := map[string]int{}
		for _, l := range office.Letters()[2:] {
			_, text, _ := opened(t, l.Data)
			for _, title := range []string{"验收结果已公布", "周报账已核对", "月对账已对平"} {
				said[title] += strings.Count(text, title)
			}
		}
		if len(said) != 3 || said["验收结果已公布"] != 1 || said["周报账已核对"] != 1 || said["月对账已对平"] != 1 {
			t.Errorf("%v", said)
		}
	})
}
