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
// do: its vault must hold a 登记证书 that counts today, with its scanned file.
// One that never entered any stands on its registration, for which the
// registrar saw the certificate; from the first one entered the vault decides,
// so that taking an expired one out does not open the gate.
func Registered(ctx context.Context, d bun.IDB, org id.ID, now time.Time) error {
	var rows []struct {
		Credential
		Files int64 `bun:"files"`
	}
	err := d.NewSelect().TableExpr("credential AS c").ColumnExpr("c.*").
		ColumnExpr("(SELECT COUNT(*) FROM attachment AS f WHERE f.owner_kind = ? AND f.owner_id = c.id AND f.removed_at IS NULL) AS files", ObjectKind).
		Where("c.organisation = ? AND c.kind = ?", org, Registration).OrderExpr("c.issued_on DESC, c.id DESC").Scan(ctx, &rows)
	if err != nil {
		return db.Translate(err)
	}
	var expired, bare *Credential
	for i, c := range rows {
		switch {
		case c.EndedAt != nil:
		case !c.Valid(now):
			if expired == nil {
				expired = &rows[i].Credential
			}
		case c.Files > 0:
			return nil
		default:
			bare = &rows[i].Credential
		}
	}
	switch {
	case bare != nil:
		return fault.New(fault.Conflict, "证书库里的%s还没有上传扫描件，不能办理。请在证书库上传后再继续", Registration.Name())
	case expired != nil:
		return fault.New(fault.Conflict, "%s，不能办理。请该组织向%s换证，在证书库（/credentials）登记新的证书并上传扫描件后再继续", expired.Says(), expired.Issuer)
	case len(rows) > 0:
		return fault.New(fault.Conflict, "%s已移出证书库，不能办理。请在证书库登记有效的证书并上传扫描件，再继续", Registration.Name())
	}
	return reviewed(ctx, d, org)
}

// reviewed refuses an organisation that no registrar has let in: neither its
// registration nor a certificate was ever seen.
func reviewed(ctx context.Context, d bun.IDB, org id.ID) error {
	ok, err := d.NewSelect().TableExpr("organisation").Where("id = ? AND state = 'approved'", org).Exists(ctx)
	if err == nil && !ok {
		return fault.New(fault.Conflict, "登记尚未通过审核，证书库里也没有%s，不能办理。请在证书库登记证书并上传扫描件", Registration.Name())
	}
	return db.Translate(err)
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
