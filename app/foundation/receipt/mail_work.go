package receipt

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
	"gongji/storage/mail"
	"gongji/storage/queue"
)

// mailJob sends the letters of a batch that wait.
type mailJob struct {
	Batch id.ID `json:"batch"`
}

// Kind names the job.
func (mailJob) Kind() string { return "receipt_mail" }

const (
	mailShift = 15 * time.Second
	mailDead  = 2 * time.Minute // a letter that is being sent for longer lost its process
	mailTries = 8
	mailPause = time.Minute
)

// send works the letters of a batch. Each is marked before it is handed in and
// after: one whose process died in between is sent again, so that none is lost;
// it may then arrive twice, is counted as such, and has the same Message-ID.
func (s *Bulk) send(ctx context.Context, batch id.ID) error {
	if s.sender == nil {
		return nil
	}
	now := time.Now().UTC() // of processes, not of the product's clock
	if err := orphaned(ctx, s.db, now.Add(-mailDead), batch); err != nil {
		return err
	}
	for {
		// One that was put off a moment ago does not hold up the others.
		var list []letter
		if err := s.db.NewSelect().Model(&list).Where("batch = ? AND state = ? AND (tried_at IS NULL OR tried_at < ?)", batch, MailWaiting, now).
			Order("tries", "receipt").Limit(1).Scan(ctx); err != nil || len(list) == 0 {
			return s.unsent(ctx, batch, err)
		}
		if time.Since(now) > mailShift {
			return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error { return s.queue.Add(ctx, tx, mailJob{batch}) })
		}
		if err := s.sendOne(ctx, list[0]); err != nil {
			return err
		}
	}
}

// orphaned puts letters back that a process had in hand before a moment and
// never answered for; batch "" are all.
func orphaned(ctx context.Context, d bun.IDB, before time.Time, batch id.ID) error {
	q := d.NewUpdate().Model((*letter)(nil)).Set("state = CASE WHEN tries < ? THEN ? ELSE ? END", mailTries, MailWaiting, MailUnsure).
		Set("problem = ?, interrupted = interrupted + 1", "发送时服务中断").Where("state = ? AND tried_at < ?", MailSending, before)
	if batch != "" {
		q = q.Where("batch = ?", batch)
	}
	_, err := q.Exec(ctx)
	return db.Translate(err)
}

// ResumeMail sees to it that letters that wait go on, at once, after a process
// died over them. begun is when this process began: on SQLite there is one, so
// what was in hand before is nobody's.
func (s *Bulk) ResumeMail(ctx context.Context, begun time.Time) error {
	if s.sender == nil {
		return nil
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if !db.Postgres(s.db) { // its jobs begin again by themselves; see queue.Start
			return orphaned(ctx, tx, begun.UTC(), "")
		}
		var ids []id.ID
		if err := tx.NewSelect().Model((*letter)(nil)).ColumnExpr("DISTINCT batch").Where("state IN (?, ?)", MailWaiting, MailSending).Scan(ctx, &ids); err != nil {
			return db.Translate(err)
		}
		for _, b := range ids {
			if err := s.queue.Add(ctx, tx, mailJob{b}); err != nil {
				return err
			}
		}
		return nil
	})
}

// unsent ends the work, or comes back where a letter was put off or is still in
// somebody's hands.
func (s *Bulk) unsent(ctx context.Context, batch id.ID, err error) error {
	if err != nil {
		return db.Translate(err)
	}
	held, err := s.db.NewSelect().Model((*letter)(nil)).Where("batch = ? AND state IN (?, ?)", batch, MailSending, MailWaiting).Exists(ctx)
	if err != nil || !held {
		return db.Translate(err)
	}
	return queue.Later(mailPause)
}

// sendOne claims a letter, hands it in and writes down what became of it. The
// error is of the store or the database, or asks for another try.
func (s *Bulk) sendOne(ctx context.Context, l letter) error {
	var r Row
	if err := rows(s.db).Where("r.id = ?", l.Receipt).Scan(ctx, &r); err != nil {
		return db.Translate(err)
	}
	if r.State != Issued || r.Document == nil {
		return s.mailed(ctx, l, MailWaiting, MailFailed, "收据已作废，没有发送")
	}
	_, body, err := s.archive.OpenKept(ctx, *r.Document)
	if err != nil {
		return err
	}
	pdf, err := io.ReadAll(body)
	if err = errors.Join(err, body.Close()); err != nil {
		return err
	}
	now := time.Now().UTC()
	err = db.One(s.db.NewUpdate().Model((*letter)(nil)).Set("state = ?, tries = tries + 1, tried_at = ?", MailSending, now).
		Where("receipt = ? AND state = ?", l.Receipt, MailWaiting).Exec(ctx))
	if fault.Is(err, fault.Conflict) { // another worker has it
		return nil
	}
	if err != nil {
		return err
	}
	err = s.sender.Send(ctx, s.letterOf(r, l, pdf))
	done := context.WithoutCancel(ctx) // what the server answered is written down whatever happens
	switch {
	case err == nil:
		return s.mailed(done, l, MailSending, MailSent, "")
	case errors.Is(err, mail.ErrUnknown):
		return s.mailed(done, l, MailSending, MailUnsure, "发信服务器没有答复，结果未知")
	case errors.Is(err, mail.ErrAway) && l.Tries+1 >= mailTries:
		return s.noServer(done, l, say(err))
	case fault.Is(err, fault.Unavailable) && l.Tries+1 < mailTries:
		if werr := s.mailed(done, l, MailSending, MailWaiting, say(err)); werr != nil || !errors.Is(err, mail.ErrAway) {
			return werr
		}
		return queue.Later(mailPause) // the others would fare no better
	}
	return s.mailed(done, l, MailSending, MailFailed, say(err))
}

// noServer gives up on all that wait: where the server takes nothing, trying
// each of them as often would only make the officer wait for the same answer.
func (s *Bulk) noServer(ctx context.Context, l letter, why string) error {
	_, err := s.db.NewUpdate().Model((*letter)(nil)).Set("state = ?, problem = ?", MailFailed, why).
		Where("receipt = ? OR batch = ? AND state = ?", l.Receipt, l.Batch, MailWaiting).Exec(ctx)
	return db.Translate(err)
}

// say is what a fault says; never what lies under it, which may name people.
func say(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Message
	}
	return "没有发送成功"
}

func (s *Bulk) mailed(ctx context.Context, l letter, was, is MailState, problem string) error {
	q := s.db.NewUpdate().Model((*letter)(nil)).Set("state = ?, problem = ?", is, problem).Where("receipt = ? AND state = ?", l.Receipt, was)
	if is == MailSent {
		q = q.Set("sent_at = ?", s.clock.Now())
	}
	return db.One(q.Exec(ctx))
}

// letterOf is the letter itself. Its Message-ID is the receipt's, also when it
// is sent a second time.
func (s *Bulk) letterOf(r Row, l letter, pdf []byte) mail.Letter {
	text := r.DonorName + "：\n\n感谢您的捐赠。附件是“" + r.FundName + "”的捐赠收据，编号 " + r.Number() + "，捐赠登记号 " + r.Reference + "。\n\n" +
		"查验真伪：" + s.public + "/verify/" + r.Code + "\n\n" +
		"您在捐赠时留下了这个邮箱，用于接收收据。这封邮件由系统发出，请勿回复；有疑问请联系" + r.FoundationName + "。\n"
	return mail.Letter{ID: strings.ToLower(string(r.ID)), To: l.Address, Sender: r.FoundationName, Subject: "捐赠收据 " + r.Number() + " · " + r.FoundationName,
		Text: text, At: l.QueuedAt, Name: "捐赠收据 " + r.Number() + ".pdf", PDF: pdf}
}
