package grant

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/review"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// AppealRule is the applicant's period.
func (s *Service) AppealRule() rules.Rule { return rules.At(s.clock.Now()).Must(rules.GrantAppeal) }

// AnswerRule is the foundation's.
func (s *Service) AnswerRule() rules.Rule {
	return rules.At(s.clock.Now()).Must(rules.GrantAppealAnswer)
}

func standing(ctx context.Context, d bun.IDB, app id.ID) (Decision, error) {
	var x Decision
	err := d.NewSelect().Model(&x).Where("application = ? AND overturned_at IS NULL", app).Scan(ctx)
	return x, db.Found(err, "决定")
}

// Raise appeals against the decision to decline; the end of the period is
// compared after the lock. TooLate after it, Conflict the second time.
func (s *Service) Raise(ctx context.Context, who party.Actor, app id.ID, grounds string) (Appeal, error) {
	grounds, err := words("grounds", grounds, "请写明申诉的理由")
	if err != nil {
		return Appeal{}, err
	}
	var out Appeal
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		a, err := application.ForUpdate(ctx, tx, app)
		if err != nil {
			return err
		}
		if err := s.Applications.Require(ctx, tx, who, a, "appeal"); err != nil {
			return err
		}
		d, err := standing(ctx, tx, app)
		if err != nil {
			return err
		}
		now, rule := s.clock.Now(), s.AppealRule()
		if !now.Before(d.AppealUntil) {
			return fault.New(fault.TooLate, "申诉期限到 %s 为止，已经过了", calendar.Until(d.AppealUntil)).Under(rule.Source())
		}
		by, err := s.calendar.AddWorkdays(now, int(s.AnswerRule().Value))
		if err != nil {
			return err
		}
		out = Appeal{ID: id.New(now), Decision: d.ID, Application: app, Grounds: grounds, RaisedBy: who.Account, RaisedAt: now, AnswerBy: by}
		if _, err := tx.NewInsert().Model(&out).Exec(ctx); db.Duplicate(err) {
			return fault.New(fault.Conflict, "已经对这项决定申诉过，请等待答复")
		} else if err != nil {
			return db.Translate(err)
		}
		if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: a.Foundation}}, inbox.Letter{Title: "“" + a.OrgName + "”申诉",
			Text: "请由没有作出原决定的人答复。", Link: "/funder/applications/" + string(app)}); err != nil {
			return err
		}
		return record(ctx, tx, who, now, application.ObjectKind, app, trail.Event{Action: "申诉", Note: grounds, Article: rule.Source()})
	})
	return out, err
}

// Answer answers an appeal; whoever made the decision does not. Upheld, the
// application waits to be decided anew.
func (s *Service) Answer(ctx context.Context, who party.Actor, app id.ID, upheld bool, answer string) (Appeal, error) {
	answer, err := words("answer", answer, "请写明答复和理由，申请组织会看到")
	if err != nil {
		return Appeal{}, err
	}
	var out Appeal
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		a, err := application.ForUpdate(ctx, tx, app)
		if err != nil {
			return err
		}
		c, err := call.ForUpdate(ctx, tx, a.Call)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.policy.Require(call.Relations(who, c), review.ObjectKind+"."+string(c.State(now)), "answer"); err != nil {
			return err
		}
		d, err := standing(ctx, tx, app)
		if err != nil {
			return err
		}
		if d.DecidedBy == who.Account {
			return fault.New(fault.Forbidden, "原决定由您作出，请由本会另一位人员答复申诉")
		}
		if err := tx.NewSelect().Model(&out).Where("decision = ?", d.ID).Scan(ctx); err != nil {
			return db.Found(err, "申诉")
		}
		if out.AnsweredAt != nil {
			return fault.New(fault.Conflict, "这项申诉已经答复")
		}
		out.Upheld, out.Answer, out.AnsweredBy, out.AnsweredAt = &upheld, answer, &who.Account, &now
		if err := db.One(tx.NewUpdate().Model(&out).Column("upheld", "answer", "answered_by", "answered_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		action := "申诉答复：维持原决定"
		if upheld {
			action = "申诉答复：撤销原决定，重新决定"
			if err := db.One(tx.NewUpdate().Model((*Decision)(nil)).Set("overturned_at = ?", now).Where("id = ? AND overturned_at IS NULL", d.ID).Exec(ctx)); err != nil {
				return err
			}
			if err := application.Settle(ctx, tx, &a, application.Submitted, "", now); err != nil {
				return err
			}
		}
		if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: a.Organisation}}, inbox.Letter{Title: action, Text: answer, Link: "/applications/" + string(app)}); err != nil {
			return err
		}
		return record(ctx, tx, who, now, application.ObjectKind, app, trail.Event{Action: action, Note: answer, Article: s.AnswerRule().Source()})
	})
	return out, err
}
