package notice_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/apptest"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/notice"
	"gongji/storage/db"
	"gongji/storage/mail"
)

// box is where letters arrive.
type box struct {
	got []mail.Letter
	bad error // what the next letter meets
}

func (b *box) Send(_ context.Context, l mail.Letter) error {
	if err := b.bad; err != nil {
		b.bad = nil
		return err
	}
	b.got = append(b.got, l)
	return nil
}

func tell(t *testing.T, e *apptest.Env, to inbox.To, l inbox.Letter) {
	t.Helper()
	err := db.Tx(t.Context(), e.DB, func(ctx context.Context, tx bun.Tx) error {
		return inbox.Send(ctx, tx, e.Time.Now(), []inbox.To{to}, l)
	})
	must(t, err)
	e.Time.Advance(time.Minute)
}

func TestMessagesComeAsChosen(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		lead := e.Org(party.Social, "和美社工服务中心", party.Lead)
		org, b := inbox.To{Organisation: lead.Actor.Org}, &box{}
		s := notice.New(e.DB, e.Time, b, "https://gongji.example.cn")
		if err := s.SetAddress(ctx, lead.Actor, "不是邮箱"); !fault.Is(err, fault.Invalid) {
			t.Errorf("no address: %v", err)
		}
		must(t, s.SetAddress(ctx, lead.Actor, "lead@example.cn"))
		if err := s.SetAddress(ctx, lead.Actor, "lead@example.cn"); !fault.Is(err, fault.TooMany) {
			t.Errorf("codes without end: %v", err)
		}
		must(t, second(s.Choose(ctx, lead.Actor, []notice.Choice{{Kind: inbox.Delivery, App: true, Mail: notice.Now}, {Kind: inbox.Purchase, App: true, Mail: notice.Now}, {Kind: inbox.Money, App: true, Mail: notice.Daily}})))
		tell(t, e, org, inbox.Letter{Title: "实施方案已确认", Link: "/engagements/x"})
		must(t, s.Work(ctx))
		if len(b.got) != 1 {
			t.Fatalf("mail went to an address nobody confirmed: %+v", b.got[1:])
		}
		code := regexp.MustCompile(`\d{8}`).FindString(b.got[0].Text)
		if err := s.Confirm(ctx, lead.Actor, "x"+code); !fault.Is(err, fault.Invalid) {
			t.Errorf("a wrong code: %v", err)
		}
		must(t, s.Confirm(ctx, lead.Actor, code))
		must(t, s.Work(ctx))
		if len(b.got) != 1 {
			t.Error("what came before the address was mailed")
		}
		tell(t, e, org, inbox.Letter{Title: "验收结果已公布", Text: "李桂芳的意见", Link: "/acceptances/x"})
		tell(t, e, org, inbox.Letter{Title: "您的投标已收到", Link: "/bids/x"})
		tell(t, e, org, inbox.Letter{Title: "付款已批准", Link: "/payments/x"})
		b.bad = fault.New(fault.Unavailable, "away")
		if err := s.Work(ctx); err == nil {
			t.Error("a server that is away passed for a delivery")
		}
		must(t, s.Work(ctx))
		must(t, s.Work(ctx))
		if len(b.got) != 2 {
			t.Fatalf("%d letters", len(b.got))
		}
		now := b.got[1]
		if !strings.Contains(now.Text, "验收结果已公布") || strings.Contains(now.Text, "李桂芳") || strings.Contains(now.Text, "投标") || now.Subject != "您有 2 条新消息" || !strings.Contains(now.Text, "/account/notices") {
			t.Errorf("%s\n%s", now.Subject, now.Text)
		}
		e.Time.Advance(22 * time.Hour) // 07 o'clock
		if must(t, s.Work(ctx)); len(b.got) != 2 {
			t.Error("the daily mail came before eight")
		}
		e.Time.Advance(2 * time.Hour)
		must(t, s.Work(ctx))
		tell(t, e, org, inbox.Letter{Title: "又一笔付款", Link: "/payments/y"})
		must(t, s.Work(ctx))
		if len(b.got) != 3 || !strings.Contains(b.got[2].Text, "付款已批准") || strings.Contains(b.got[2].Text, "验收") {
			t.Fatalf("the daily mail, once: %+v", b.got[2:])
		}
		e.Time.Advance(24 * time.Hour)
		must(t, s.Work(ctx))
		if len(b.got) != 4 || !strings.Contains(b.got[3].Text, "又一笔付款") {
			t.Errorf("the next day's mail: %+v", b.got[3:])
		}
		must(t, s.SetAddress(ctx, lead.Actor, ""))
		tell(t, e, org, inbox.Letter{Title: "x", Link: "/engagements/x"})
		if must(t, s.Work(ctx)); len(b.got) != 4 {
			t.Error("mail after it was taken back")
		}
	})
}

func TestLegalMessagesStayInTheApp(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		lead := e.Org(party.Social, "和美社工服务中心", party.Lead)
		for _, k := range inbox.Kinds() {
			_, err := e.Notices.Choose(t.Context(), lead.Actor, []notice.Choice{{Kind: k, App: false, Mail: notice.None}})
			if (k == inbox.Reminder) != (err == nil) {
				t.Errorf("%s: %v", k, err)
			}
		}
		org := inbox.To{Organisation: lead.Actor.Org}
		tell(t, e, org, inbox.Letter{Title: "周报账还没有提交", Link: "/engagements/x", Kind: inbox.Reminder})
		tell(t, e, org, inbox.Letter{Title: "验收结果已公布", Link: "/acceptances/x"})
		page := lead.Get("/inbox")
		if !page.Has("验收结果已公布") || page.Has("周报账还没有提交") || page.Find(`a[href="/account/notices"]`).Length() == 0 {
			t.Error(page.Text())
		}
		page = lead.Get("/account/notices")
		if !page.Has("站内消息不能关闭") || page.Find(`[name="app.reminder"]`).Length() != 1 || page.Find(`[name="app.delivery"]`).Length() != 0 || !page.Has("没有配置发信服务") {
			t.Error(page.Text())
		}
		form := url.Values{"app.reminder": {"yes"}}
		for _, k := range inbox.Kinds() {
			form.Set("mail."+string(k), "daily")
		}
		if page = lead.Post("/account/notices", form); !page.Has("已保存") || page.Find(`[name="mail.money"][value=daily][checked]`).Length() != 1 {
			t.Error(page.Text())
		}
		if page = lead.Get("/inbox"); !page.Has("周报账还没有提交") {
			t.Error(page.Text())
		}
		if page = lead.Post("/account/notices/address", url.Values{"address": {"a@example.cn"}, "decision": {"set"}}); page.Code != 422 || page.Find("#f-address").AttrOr("value", "") != "a@example.cn" {
			t.Errorf("%d", page.Code)
		}
		lead.API("PUT", "/account/notices", map[string]any{"choices": []map[string]any{{"kind": "money", "app": false, "mail": "none"}}}).Want(422)
		if page = e.Visitor().Get("/account/notices"); page.Has("怎样接收消息") {
			t.Error("a stranger sees somebody's choices")
		}
	})
}

func second[T any](_ T, err error) error { return err }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
