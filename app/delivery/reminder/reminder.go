// Package reminder tells people of dates that come: a weekly report that is
// due, a milestone in seven days and in one, an acceptance to organise, a
// mending to finish, a payment to decide. Each is told once.
package reminder

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party/inbox"
	"gongji/storage/db"
	"gongji/storage/queue"
)

// Service finds what is due.
type Service struct {
	db    *bun.DB
	clock clock.Clock
}

// New makes the service.
func New(d *bun.DB, c clock.Clock) *Service { return &Service{db: d, clock: c} }

type job struct{}

// Kind names the job.
func (job) Kind() string { return "delivery_reminder" }

// Post registers the looking.
func (s *Service) Post(q *queue.Queue) error { return queue.Every(q, 30*time.Minute, job{}, s.Work) }

const (
	idle   = 3 * 24 * time.Hour // how long something may wait before its person is reminded
	stride = 200
)

type sent struct {
	bun.BaseModel `bun:"table:reminder_sent"`

	Key string    `bun:"key,pk"`
	At  time.Time `bun:"at"`
}

// Work tells of everything that is due now and was not told yet.
func (s *Service) Work(ctx context.Context) error {
	now := s.clock.Now()
	for after := id.ID(""); ; {
		var list []engagement.Engagement
		err := s.db.NewSelect().Model(&list).Where("state IN (?, ?) AND id > ? AND end_on > ?", engagement.Running, engagement.Closed, after, now.AddDate(0, -3, 0)).Order("id").Limit(stride).Scan(ctx)
		if err != nil {
			return db.Translate(err)
		}
		for _, e := range list {
			if err := s.look(ctx, e, now); err != nil {
				return err
			}
			after = e.ID
		}
		if len(list) < stride {
			return nil
		}
	}
}

// look tells of what is due of one engagement.
func (s *Service) look(ctx context.Context, e engagement.Engagement, now time.Time) error {
	p, err := plan.AgreedOf(ctx, s.db, e.ID)
	if err != nil {
		return nil //nolint:nilerr // nothing is due before a plan is in force
	}
	at := "/engagements/" + string(e.ID)
	week := expense.Monday(now).AddDate(0, 0, -7)
	if week.AddDate(0, 0, 7).After(e.Start) && week.Before(e.Due()) && !e.Over(now) {
		has, err := s.db.NewSelect().Model((*expense.Report)(nil)).Where("engagement = ? AND week = ? AND state <> ?", e.ID, week, expense.Draft).Exists(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if !has {
			err = s.tell(ctx, now, e.Provider, "week/"+string(e.ID)+"/"+week.Format(time.DateOnly), "“"+e.Title+"”上周的周报账还没有提交", "没有支出的，也请作零报账提交。", at+"/expenses")
		}
		if err != nil {
			return err
		}
	}
	far, err := plan.ProgressOf(ctx, s.db, p, now)
	if err != nil {
		return err
	}
	for _, m := range far.Milestones {
		left := m.Due.AddDate(0, 0, 1).Sub(now)
		if m.AcceptedAt != nil || m.ReportedAt != nil || left <= 0 || left > 7*24*time.Hour || e.State != engagement.Running {
			continue
		}
		days := 7
		if left <= 24*time.Hour {
			days = 1
		}
		title := fmt.Sprintf("“%s”节点“%s”将于 %s 到期", e.Title, m.Name, m.Due.In(clock.Beijing).Format("1月2日"))
		if err := s.tell(ctx, now, e.Provider, fmt.Sprintf("milestone/%s/%d/%d/%s", e.ID, m.Seq, days, m.Due.Format(time.DateOnly)), title, "达成以后请提交成果并报告。", at+"/plan"); err != nil {
			return err
		}
	}
	return s.waiting(ctx, e, now)
}

// waiting tells the payer of what lies with it, and the provider of a mending
// that comes to its end.
func (s *Service) waiting(ctx context.Context, e engagement.Engagement, now time.Time) error {
	var asked []acceptance.Acceptance
	err := s.db.NewSelect().Model(&asked).Where("engagement = ? AND (state IN (?, ?) AND asked_at <= ? OR result = ? AND redo_on > ?)", e.ID, acceptance.Asked, acceptance.Review, now.Add(-idle), acceptance.Redo, now.AddDate(0, 0, -2)).Scan(ctx)
	if err != nil {
		return db.Translate(err)
	}
	for _, x := range asked {
		link := "/acceptances/" + string(x.ID)
		if x.State != acceptance.Published {
			err = s.tell(ctx, now, e.Payer, "acceptance/"+string(x.ID), "“"+e.Title+"”的验收等了三天", x.StateName(), link)
		} else if left := x.RedoOn.AddDate(0, 0, 1).Sub(now); left > 0 && left <= 7*24*time.Hour {
			days := 7
			if left <= 24*time.Hour {
				days = 1
			}
			err = s.tell(ctx, now, e.Provider, fmt.Sprintf("redo/%s/%d", x.ID, days), "“"+e.Title+"”整改将于 "+x.RedoOn.In(clock.Beijing).Format("1月2日")+"到期", "改好以后再申请验收。", link)
		}
		if err != nil {
			return err
		}
	}
	var claims []claim.Claim
	if err := s.db.NewSelect().Model(&claims).Where("engagement = ? AND state IN (?, ?, ?) AND asked_at <= ?", e.ID, claim.Asked, claim.Verified, claim.Approved, now.Add(-idle)).Scan(ctx); err != nil {
		return db.Translate(err)
	}
	for _, x := range claims {
		if err := s.tell(ctx, now, e.Payer, "claim/"+string(x.ID)+"/"+string(x.State), "“"+e.Title+"”的付款申请"+x.StateName(), "已经等了三天。", "/engagements/"+string(e.ID)+"/claims"); err != nil {
			return err
		}
	}
	return nil
}

// tell sends a reminder unless its key was told before.
func (s *Service) tell(ctx context.Context, now time.Time, to id.ID, key, title, text, link string) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		done, err := tx.NewInsert().Model(&sent{Key: key, At: now}).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: to}}, inbox.Letter{Title: title, Text: text, Link: link, Kind: inbox.Reminder})
	})
}
