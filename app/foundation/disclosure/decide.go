package disclosure

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Missing lists what keeps a draft from being submitted.
func (x Disclosure) Missing() []fault.Field {
	list, _ := fault.Complaints(x.complete())
	return list
}

func (x Disclosure) complete() error {
	var c fault.Check
	c.Must(utf8.RuneCountInString(x.Summary) >= 10, "summary", "请写明这段时间做了什么，至少 10 个字；公众据此看懂数字")
	c.Must(len(x.Differences()) == 0 || x.Explanation != "", "explanation", "按所选单位显示的数字有勾稽差异，请在说明里写明")
	return c.Err()
}

// Submit computes the figures once more and hands the draft to somebody who
// may publish it.
func (s *Service) Submit(ctx context.Context, who party.Actor, disclosure id.ID) (Disclosure, error) {
	return s.change(ctx, who, disclosure, "submit", func(ctx context.Context, tx bun.Tx, x *Disclosure, a about, now time.Time) error {
		var err error
		if x.Figures, err = s.figuresOf(ctx, tx, a, x.span()); err != nil {
			return err
		}
		if err := x.complete(); err != nil {
			return err
		}
		x.State, x.SubmittedAt, x.Reason = Review, &now, ""
		if err := tell(ctx, tx, now, *x, "“"+x.Title()+"”等待审核公布", "由起草人以外的秘书长审核。"); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "提交审核"})
	})
}

// Return gives a draft back with a reason.
func (s *Service) Return(ctx context.Context, who party.Actor, disclosure id.ID, reason string) (Disclosure, error) {
	reason, err := words("reason", reason, "请写明退回的原因，起草人据此修改")
	if err != nil {
		return Disclosure{}, err
	}
	return s.change(ctx, who, disclosure, "return", func(ctx context.Context, tx bun.Tx, x *Disclosure, _ about, now time.Time) error {
		x.State, x.Reason = Draft, reason
		if err := tell(ctx, tx, now, *x, "“"+x.Title()+"”被退回", reason); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "退回修改", Note: reason})
	})
}

// Publish makes a disclosure public: its number, its PDF, and, where it corrects
// another, the mark on that one. Conflict where the figures are not what was
// submitted any more.
func (s *Service) Publish(ctx context.Context, who party.Actor, disclosure id.ID) (Disclosure, error) {
	return s.change(ctx, who, disclosure, "publish", func(ctx context.Context, tx bun.Tx, x *Disclosure, a about, now time.Time) error {
		fresh, err := s.figuresOf(ctx, tx, a, x.span())
		if err != nil {
			return err
		}
		if !same(fresh, x.Figures) {
			return fault.New(fault.Conflict, "提交以后账目或分组有变化，公布的数字必须与账上一致；请退回，由起草人重新保存后再提交")
		}
		if x.Number == nil {
			year := now.In(clock.Beijing).Year()
			n, err := number.Next(ctx, tx, number.Scope(ObjectKind, string(x.Foundation), year))
			if err != nil {
				return err
			}
			no := fmt.Sprintf("公开〔%d〕%03d号", year, n)
			x.Number = &no
		}
		x.State, x.PublishedBy, x.PublishedAt = Published, &who.Account, &now
		doc, err := s.issue(ctx, tx, *x)
		if err != nil {
			return err
		}
		x.Document = &doc
		e := trail.Event{Action: "公布", Note: x.No(), Article: x.Article, Public: true}
		if late := x.Late(); late > 0 {
			e.Note += fmt.Sprintf("，逾期 %d 天", late)
		}
		if x.Corrects != nil {
			e = trail.Event{Action: "更正公布", Note: x.No() + "：" + x.Why, Article: correctionArticle(now), Public: true}
			if err := s.supersede(ctx, tx, who, *x, now); err != nil {
				return err
			}
		}
		if err := record(ctx, tx, who, now, *x, e); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: x.SubjectKind, ObjectID: x.Subject, Action: "信息公开", Note: x.Kind.Name() + " " + x.No(), Article: e.Article, Public: true})
	})
}

// same compares figures as they are kept.
func same(a, b Figures) bool {
	x, err := json.Marshal(a.utc())
	if err != nil {
		return false
	}
	y, err := json.Marshal(b.utc())
	return err == nil && bytes.Equal(x, y)
}

func (f Figures) utc() Figures {
	f.Payments = slices.Clone(f.Payments)
	for i := range f.Payments {
		f.Payments[i].On = f.Payments[i].On.UTC()
	}
	return f
}

// supersede marks the edition before; it stays to be read, and its PDF says
// that it was corrected.
func (s *Service) supersede(ctx context.Context, tx bun.Tx, who party.Actor, x Disclosure, now time.Time) error {
	old, err := read(ctx, tx, *x.Corrects, true)
	if err != nil {
		return err
	}
	err = db.One(tx.NewUpdate().Model((*Disclosure)(nil)).Set("state = ?, corrected_at = ?", Corrected, now).Where("id = ? AND state = ?", old.ID, Published).Exec(ctx))
	if err != nil {
		return err
	}
	if old.Document != nil {
		if err := s.Archive.Revoke(ctx, tx, *old.Document, "已由"+x.No()+"更正："+x.Why); err != nil {
			return err
		}
	}
	return record(ctx, tx, who, now, old, trail.Event{Action: "被更正", Note: x.No() + "：" + x.Why, Article: correctionArticle(now), Public: true})
}

// Correct drafts another edition of what was published, with the public reason
// (民政部令第81号). It counts the reversals made since.
func (s *Service) Correct(ctx context.Context, who party.Actor, disclosure id.ID, why string) (Disclosure, error) {
	why, err := words("why", why, "请写明更正的理由，将向社会公开")
	if err != nil {
		return Disclosure{}, err
	}
	var x Disclosure
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		old, err := read(ctx, tx, disclosure, true)
		if err != nil {
			return err
		}
		if err := s.Require(who, old, "correct"); err != nil {
			return err
		}
		a, err := s.about(ctx, tx, old.Subject, false)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		x = old
		x.ID, x.State, x.Edition, x.Version, x.Corrects, x.Why, x.AsOf = id.New(now), Draft, old.Edition+1, 1, &old.ID, why, now
		x.DueAt, x.Document, x.PublishedBy, x.PublishedAt, x.SubmittedAt, x.CorrectedAt = nil, nil, nil, nil, nil, nil
		x.DraftedBy, x.CreatedAt, x.UpdatedAt = who.Account, now, now
		if x.Figures, err = s.figuresOf(ctx, tx, a, x.span()); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, x, trail.Event{Action: "起草更正", Note: why, Article: correctionArticle(now)})
	})
	if db.Duplicate(err) {
		err = fault.New(fault.Conflict, "%s已经有一份正在办理（或这份公开正在更正），请先办完那一份", x.Kind.Name())
	}
	return x, err
}

func tell(ctx context.Context, tx bun.Tx, now time.Time, x Disclosure, title, text string) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: x.Foundation}}, inbox.Letter{Title: title, Text: text, Link: "/foundation/disclosures/" + string(x.ID)})
}

func words(field, s, ask string) (string, error) {
	s = strings.TrimSpace(s)
	var c fault.Check
	c.Must(s != "", field, "%s", ask)
	c.Must(utf8.ValidString(s) && utf8.RuneCountInString(s) <= 2000, field, "不超过 2000 个字")
	return s, c.Err()
}
