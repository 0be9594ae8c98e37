package survey

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Invite makes n invitations and gives their codes, this once: only hashes are
// kept. note says who hands them out.
func (s *Service) Invite(ctx context.Context, who party.Actor, survey id.ID, n int, note string) (b Batch, codes []string, err error) {
	note = strings.TrimSpace(note)
	var c fault.Check
	c.Must(n >= 1 && n <= limits.MostBatch, "count", "一次可以做 1 至 %d 张邀请", limits.MostBatch)
	c.Must(utf8.RuneCountInString(note) <= 60, "note", "不超过 60 个字")
	if err := c.Err(); err != nil {
		return b, nil, err
	}
	_, err = s.change(ctx, who, survey, "survey", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, v *Survey, now time.Time) error {
		if !v.Published() {
			return fault.New(fault.Conflict, "问卷发布以后才能做邀请")
		}
		if v.Closed(now) {
			return fault.New(fault.TooLate, "问卷已经结束，不能再做邀请")
		}
		all, err := batches(ctx, tx, survey)
		if err != nil {
			return err
		}
		sum := int64(n)
		for _, x := range all {
			if x.VoidAt == nil {
				sum += x.Count
			}
		}
		if sum > int64(limits.MostInvited) {
			return fault.New(fault.Conflict, "一份问卷最多 %d 张邀请", limits.MostInvited)
		}
		b = Batch{Survey: survey, Seq: int64(len(all)) + 1, Count: int64(n), Note: note, IssuedBy: who.Account, IssuedAt: now}
		if _, err := tx.NewInsert().Model(&b).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		codes = make([]string, n)
		rows := make([]ticket, n)
		for i := range codes {
			codes[i] = id.Code(codeLength)
			rows[i] = ticket{Hash: hashed(codes[i]), Survey: survey, Batch: b.Seq}
		}
		for len(rows) > 0 {
			part := rows[:min(len(rows), 500)]
			if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
				return db.Translate(err)
			}
			rows = rows[len(part):]
		}
		return engagement.Record(ctx, tx, who, now, e.ID, trail.Event{Action: "制作居民问卷邀请", Note: invitations(b), Public: true})
	})
	if err != nil {
		return Batch{}, nil, err
	}
	return b, codes, nil
}

func invitations(b Batch) string {
	return "第 " + strconv.FormatInt(b.Seq, 10) + " 批 " + strconv.FormatInt(b.Count, 10) + " 张" + strings.TrimSuffix("："+b.Note, "：")
}

// VoidBatch takes back a batch of which no code was used, such as one whose
// sheet was lost in the printer. One that was used stays: it would raise the
// rate of answers after the fact.
func (s *Service) VoidBatch(ctx context.Context, who party.Actor, survey id.ID, seq int64, reason string) (Survey, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.Must(reason != "" && utf8.RuneCountInString(reason) <= 200, "reason", "请写明作废的原因，不超过 200 个字")
	if err := c.Err(); err != nil {
		return Survey{}, err
	}
	return s.change(ctx, who, survey, "survey", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, v *Survey, now time.Time) error {
		if v.Closed(now) {
			return fault.New(fault.TooLate, "问卷已经结束，邀请不能再作废")
		}
		var b Batch
		err := db.Lock(tx.NewSelect().Model(&b).Where("survey = ? AND seq = ?", survey, seq)).Scan(ctx)
		if err := db.Found(err, "批次"); err != nil {
			return err
		}
		if b.VoidAt != nil {
			return fault.New(fault.Conflict, "这一批已经作废")
		}
		res, err := tx.NewDelete().Model((*ticket)(nil)).Where("survey = ? AND batch = ? AND NOT used", survey, seq).Exec(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if n, err := res.RowsAffected(); err != nil || n != b.Count {
			return fault.New(fault.Conflict, "这一批已经有人用过，不能作废")
		}
		b.VoidWhy, b.VoidAt = reason, &now
		if err := db.One(tx.NewUpdate().Model(&b).Column("void_why", "void_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, e.ID, trail.Event{Action: "作废居民问卷邀请", Note: invitations(b) + "；" + reason, Public: true})
	})
}

func batches(ctx context.Context, d bun.IDB, survey id.ID) ([]Batch, error) {
	out := []Batch{}
	err := d.NewSelect().Model(&out).Where("survey = ?", survey).Order("seq").Scan(ctx)
	return out, db.Translate(err)
}

// Batches lists the invitations of a survey; how many were made and for whom is
// public, as the figure rests on it.
func (s *Service) Batches(ctx context.Context, who party.Actor, survey id.ID) ([]Batch, error) {
	if err := s.May(ctx, who, survey, "view"); err != nil {
		return nil, err
	}
	return batches(ctx, s.db, survey)
}
