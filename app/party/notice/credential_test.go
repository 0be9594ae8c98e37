package notice_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/calendar"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/app/party/inbox"
	"gongji/app/party/notice"
)

// A certificate's end comes by mail to whoever chose mail for such messages:
// 90, 30 and 7 days before, once each.
func TestACertificatesEndComesByMail(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx, b := t.Context(), &box{}
		lead := e.Org(party.Social, "和美社工服务中心", party.Lead)
		s := notice.New(e.DB, e.Time, b, "https://gongji.example.cn")
		must(t, s.SetAddress(ctx, lead.Actor, "lead@example.cn"))
		must(t, second(s.Choose(ctx, lead.Actor, []notice.Choice{{Kind: inbox.Standing, App: true, Mail: notice.Now}})))
		must(t, s.Work(ctx))
		must(t, s.Confirm(ctx, lead.Actor, regexp.MustCompile(`\d{8}`).FindString(b.got[0].Text)))
		last := calendar.Date(e.Time.Now()).AddDate(0, 0, 100)
		_, err := e.Credentials.Add(ctx, lead.Actor, credential.Input{Kind: credential.Registration, Issuer: "市民政局", IssuedOn: "2020-01-01", ValidUntil: last.Format(time.DateOnly)})
		must(t, err)
		for i, left := range []int{91, 90, 60, 30, 8, 7, 1} {
			e.Time.Set(last.AddDate(0, 0, -left).Add(8 * time.Hour))
			must(t, e.Credentials.Warn(ctx))
			e.Time.Advance(time.Minute)
			must(t, s.Work(ctx))
			if got, want := len(b.got)-1, []int{0, 1, 1, 2, 2, 3, 3}[i]; got != want {
				t.Fatalf("%d days left: %d letters, want %d", left, got, want)
			}
		}
		for i, days := range []string{"90 天", "30 天", "7 天"} {
			if text := b.got[i+1].Subject + b.got[i+1].Text; !strings.Contains(text, "法人登记证书还有 "+days+"到期") || !strings.Contains(text, "/inbox") {
				t.Errorf("%s: %s", days, text)
			}
		}
		lead.SignIn() // three months have passed
		if page := lead.Get("/inbox"); !page.Has("法人登记证书还有 7 天到期") {
			t.Error("the box lacks the last letter")
		}
	})
}
