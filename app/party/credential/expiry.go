package credential

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/inbox"
	"gongji/storage/db"
	"gongji/storage/queue"
)

// notices are how many days before the end its organisation is told, each once.
var notices = []int64{90, 30, 7}

// Ends is the end of the certificate's last day, exclusive; nil: no end.
func (c Credential) Ends() *time.Time {
	if c.ValidUntil == nil {
		return nil
	}
	end := c.ValidUntil.AddDate(0, 0, 1)
	return &end
}

// Left is how many days after today the certificate still counts, below zero
// once it expired; and whether it ends at all.
func (c Credential) Left(now time.Time) (int64, bool) {
	if c.ValidUntil == nil {
		return 0, false
	}
	return int64(calendar.Date(*c.ValidUntil).Sub(calendar.Date(now)).Hours()) / 24, true
}

// notice is the nearest notice that is due with so many days left; 0: none yet.
func notice(left int64) (due int64) {
	for _, n := range notices {
		if left <= n {
			due = n
		}
	}
	return due
}

type expiry struct{}

// Kind names the job.
func (expiry) Kind() string { return "credential_expiry" }

// Nightly has organisations warned every morning at eight.
func (s *Service) Nightly(q *queue.Queue) error {
	return queue.Nightly(q, 8, time.Hour, expiry{}, s.Warn)
}

// Warn tells every organisation whose certificate ends in 90, 30 or 7 days,
// each once however often it runs; one that was entered late gets the nearest.
func (s *Service) Warn(ctx context.Context) error {
	now := s.clock.Now()
	for after := id.ID(""); ; {
		var rows []Credential
		err := s.db.NewSelect().Model(&rows).Where("ended_at IS NULL AND valid_until >= ? AND valid_until <= ? AND id > ?",
			clock.Trunc(calendar.Date(now)), clock.Trunc(calendar.Date(now).AddDate(0, 0, int(notices[0]))), after).Order("id").Limit(200).Scan(ctx)
		if err != nil {
			return db.Translate(err)
		}
		for _, c := range rows {
			if err := s.warn(ctx, c, now); err != nil {
				return err
			}
		}
		if len(rows) < 200 {
			return nil
		}
		after = rows[len(rows)-1].ID
	}
}

func (s *Service) warn(ctx context.Context, c Credential, now time.Time) error {
	left, _ := c.Left(now)
	due := notice(left)
	if due == 0 {
		return nil
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewRaw("INSERT INTO credential_warning (credential, days, sent_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", c.ID, due, now).Exec(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: c.Organisation}}, inbox.Letter{
			Title: fmt.Sprintf("%s还有 %d 天到期", c.Kind.Name(), left), Link: "/credentials",
			Text: c.Issuer + "发的" + c.Kind.Name() + "有效至 " + word(*c.ValidUntil) + "。到期后不能用于投标、申请和签约，请及时换证并在证书库登记新的。"})
	})
}

func word(t time.Time) string { return t.In(clock.Beijing).Format("2006年1月2日") }

// Lacking are the certificates of an organisation that will have expired at a
// moment without another of the same kind in their place: what the page says
// where they will be needed.
func Lacking(ctx context.Context, d bun.IDB, org id.ID, at time.Time) ([]Credential, error) {
	all, err := Of(ctx, d, org)
	held := map[Kind]bool{}
	for _, c := range all {
		held[c.Kind] = held[c.Kind] || c.Valid(at)
	}
	out := []Credential{}
	for _, c := range all {
		if !held[c.Kind] {
			held[c.Kind] = true // the newest of a kind stands for it
			out = append(out, c)
		}
	}
	return out, err
}

// Lacking is Lacking for the pages of the organisation's own people.
func (s *Service) Lacking(ctx context.Context, org id.ID, at time.Time) ([]Credential, error) {
	return Lacking(ctx, s.db, org, at)
}

// Registered is the gate of what only a lawfully registered organisation may
// do: refused where the vault holds its 登记证书 and every one has expired. One
// that keeps none here shows it with its papers.
func Registered(ctx context.Context, d bun.IDB, org id.ID, now time.Time) error {
	c, err := Expired(ctx, d, org, now)
	if err != nil || c == nil {
		return err
	}
	return fault.New(fault.Conflict, "%s，不能办理。请该组织向%s换证，在证书库（/credentials）登记新的证书后再继续", c.Says(), c.Issuer)
}

// Expired is the registration of an organisation that has run out at a moment,
// without a new one in its place; nil where there is none.
func Expired(ctx context.Context, d bun.IDB, org id.ID, now time.Time) (*Credential, error) {
	lacking, err := Lacking(ctx, d, org, now)
	for i, c := range lacking {
		if c.Kind == Registration {
			return &lacking[i], nil
		}
	}
	return nil, err
}

// Expired is the function Expired now, for pages of those who are held up.
func (s *Service) Expired(ctx context.Context, org id.ID) (*Credential, error) {
	return Expired(ctx, s.db, org, s.clock.Now())
}

// Says is which certificate ran out and when: its number and who gave it.
func (c Credential) Says() string {
	of := c.Issuer + "发"
	if c.Number != "" {
		of = c.Number + "，" + of
	}
	return fmt.Sprintf("%s（%s）已于 %s到期", c.Kind.Name(), of, word(*c.ValidUntil))
}
