package notice

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party/inbox"
	"gongji/storage/db"
	"gongji/storage/mail"
	"gongji/storage/queue"
)

type postJob struct{}

// Kind names the job.
func (postJob) Kind() string { return "notice_post" }

const (
	pause      = time.Minute
	mostInMail = 50 // messages that one mail names
	digestHour = 8  // of the Beijing day
	// settle is how long a message rests before it is mailed: a transaction that
	// began before another may be seen after it.
	settle = 10 * time.Second
)

// Post registers the sending of mail; without a sender there is none.
func (s *Service) Post(q *queue.Queue) error {
	if s.letters == nil {
		return nil
	}
	return queue.Every(q, pause, postJob{}, s.Work)
}

// Work sends what is due to everybody who chose mail. One person's failure does
// not keep the others waiting; it is tried again the next time.
func (s *Service) Work(ctx context.Context) error {
	var list []Address
	if err := s.db.NewSelect().Model(&list).Where("confirmed_at IS NOT NULL").Order("account").Scan(ctx); err != nil {
		return db.Translate(err)
	}
	var failed error
	for _, a := range list {
		if err := s.serve(ctx, a); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

func (s *Service) serve(ctx context.Context, a Address) error {
	chosen, err := choices(ctx, s.db, a.Account)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	if err := s.send(ctx, &a, chosen, Now, &a.Mailed, "mailed", now); err != nil {
		return err
	}
	b := now.In(clock.Beijing)
	today := clock.Trunc(time.Date(b.Year(), b.Month(), b.Day(), 0, 0, 0, 0, clock.Beijing))
	if b.Hour() < digestHour || a.DigestOn != nil && !a.DigestOn.Before(today) {
		return nil
	}
	if err := s.send(ctx, &a, chosen, Daily, &a.Digested, "digested", now); err != nil {
		return err
	}
	return db.One(s.db.NewUpdate().Model((*Address)(nil)).Set("digest_on = ?", today).Where("account = ?", a.Account).Exec(ctx))
}

// send mails what came after the last time, and writes down how far it came
// only when the letter was taken.
func (s *Service) send(ctx context.Context, a *Address, chosen []Choice, how Mail, last *id.ID, column string, now time.Time) error {
	var kinds []inbox.Kind
	for _, c := range chosen {
		if c.Mail == how {
			kinds = append(kinds, c.Kind)
		}
	}
	var list []inbox.Message
	q := s.db.NewSelect().Model(&list).Where("message.id > ? AND message.at <= ?", *last, now.Add(-settle)).
		Where("(message.account = ? OR message.organisation IN (SELECT m.organisation FROM membership AS m WHERE m.account = ? AND m.ended_at IS NULL AND (message.roles = '' OR message.roles LIKE '%,' || m.role || ',%')))", a.Account, a.Account).
		OrderExpr("message.id").Limit(mostInMail)
	if err := q.Scan(ctx); err != nil || len(list) == 0 {
		return db.Translate(err)
	}
	newest := list[len(list)-1].ID
	if lines := said(list, kinds); lines != "" {
		err := s.letters.Send(ctx, mail.Letter{ID: how.word() + string(a.Account) + string(newest), To: a.Address, Sender: "共济", Subject: subject(how, strings.Count(lines, "\n")),
			Text: lines + "\n登录后查看：" + s.site + "/inbox\n怎样接收由您决定，登录后修改或退订：" + s.site + "/account/notices\n", At: now})
		if err != nil && !errors.Is(err, mail.ErrUnknown) {
			return err
		}
	}
	*last = newest
	return db.One(s.db.NewUpdate().Model((*Address)(nil)).Set("? = ?", bun.Ident(column), newest).Where("account = ?", a.Account).Exec(ctx))
}

func (m Mail) word() string { return string(m) + "-" }

func subject(how Mail, n int) string {
	if how == Daily {
		return fmt.Sprintf("今天的 %d 条消息", n)
	}
	if n == 1 {
		return "您有一条新消息"
	}
	return fmt.Sprintf("您有 %d 条新消息", n)
}

// said is a line for each message of the kinds that were chosen. Of a purchase
// nothing is named: that somebody bids is nobody's business on the way.
func said(list []inbox.Message, kinds []inbox.Kind) string {
	var b strings.Builder
	for _, m := range list {
		for _, k := range kinds {
			if m.Kind != k {
				continue
			}
			what := m.Title
			if k == inbox.Purchase {
				what = "有一条与采购有关的消息"
			}
			fmt.Fprintf(&b, "· %s（%s）\n", what, m.At.In(clock.Beijing).Format("1月2日 15:04"))
		}
	}
	return b.String()
}
