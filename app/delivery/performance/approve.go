package performance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
)

// Return gives the sheet back to who scored it, with a reason.
func (s *Service) Return(ctx context.Context, who party.Actor, evaluation id.ID, reason string) (Case, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.Must(reason != "", "reason", "请写明退回的原因，评分人据此修改")
	fits(&c, "reason", reason, longText)
	if err := c.Err(); err != nil {
		return Case{}, err
	}
	return s.change(ctx, who, evaluation, "return", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		x.reopen(reason)
		return record(ctx, tx, who, now, *x, trail.Event{Action: "退回修改评价结果", Note: reason})
	})
}

// reopen sends the sheet back to be scored again, for a reason.
func (x *Case) reopen(reason string) {
	x.State, x.Reason = Scoring, reason
	x.Lines, x.Pillars, x.Problems, x.Total, x.Grade = []Line{}, []Pillar{}, []Problem{}, nil, ""
	x.Facts, x.Course = []Fact{}, []Spending{}
	x.ApprovedBy, x.NoticeAt, x.ObjectionDue, x.AcceptedAt = nil, nil, nil, nil
}

// Approve accepts what somebody else scored and shows it to the provider, whose
// time to object begins. What is published later is what was submitted; nothing
// is computed anew.
func (s *Service) Approve(ctx context.Context, who party.Actor, evaluation id.ID) (Case, error) {
	return s.change(ctx, who, evaluation, "approve", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		rule, err := x.rule(rules.EvaluationObjection, now)
		if err != nil {
			return err
		}
		due, err := s.days.AddWorkdays(now, int(rule.Value))
		if err != nil {
			return err
		}
		x.State, x.ApprovedBy, x.NoticeAt, x.ObjectionDue, x.AcceptedAt = Notice, &who.Account, &now, &due, nil
		until := due.Add(-1).In(clock.Beijing).Format("2006年1月2日")
		if err := tell(ctx, tx, now, x.Provider, *x, "“"+x.Of.Title+"”的绩效评价结果已经作出", x.Points()+" 分，等级“"+string(x.Grade)+"”。有异议请在 "+until+" 前提出。"); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "批准评价结果，告知承接方", Note: "异议期至 " + until, Article: rule.Source()})
	})
}

// rule is a rule as it was frozen when the evaluation began, or where that was
// before there was such a rule, as it is in force.
func (x *Case) rule(name string, now time.Time) (rules.Rule, error) {
	law, err := rules.Thaw([]byte(x.Rules))
	if err != nil {
		return rules.Rule{}, err
	}
	if r, ok := law.Get(name); ok {
		return r, nil
	}
	return rules.At(now).Must(name), nil
}

// Publish makes the result public once nothing stands against it: the number is
// allocated, the report issued, the engagement marked and the findings put on
// the list to be mended, all in one transaction.
func (s *Service) Publish(ctx context.Context, who party.Actor, evaluation id.ID) (Case, error) {
	return s.change(ctx, who, evaluation, "publish", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		list, err := objections(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		if n := len(list); n > 0 && list[n-1].AnsweredAt == nil {
			return fault.New(fault.Conflict, "承接方提出了异议，答复以后才能公布")
		}
		if !x.Clear(now) {
			return fault.New(fault.Conflict, "承接方可以在 %s 前提出异议，期满或承接方表示无异议后才能公布", x.ObjectionDue.Add(-1).In(clock.Beijing).Format("2006年1月2日"))
		}
		year := now.In(clock.Beijing).Year()
		n, err := number.Next(ctx, tx, number.Scope(Object, string(x.Payer), year))
		if err != nil {
			return err
		}
		no := fmt.Sprintf("绩评〔%d〕%04d号", year, n)
		x.State, x.Number, x.PublishedAt = Published, &no, &now
		if err := s.issue(ctx, tx, x, list); err != nil {
			return err
		}
		if err := s.engagements.MarkEvaluated(ctx, tx, who, &x.Of); err != nil {
			return err
		}
		if err := x.toMend(ctx, tx, now); err != nil {
			return err
		}
		rule, err := x.rule(rules.BandExcellent, now)
		if err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "公布绩效评价结果", Note: x.Points() + " 分，等级：" + string(x.Grade) + "；报告编号 " + no,
			Article: rule.Source(), Public: true})
	})
}

// issue makes the report, which anyone may read and check.
func (s *Service) issue(ctx context.Context, tx bun.Tx, x *Case, list []Objection) error {
	o, err := s.orgs.Approved(ctx, tx, x.Provider)
	if err != nil && !fault.Is(err, fault.Forbidden) {
		return err // an organisation whose registration lapsed is judged all the same
	}
	doc, item := s.report(*x, o.Code(), list)
	if doc.Voices, err = voices(ctx, tx, x.Engagement, *x.PublishedAt); err != nil {
		return err
	}
	item.Content = doc
	d, err := s.archive.Issue(ctx, tx, item)
	if err != nil {
		return err
	}
	// The evaluation's row is written after the document's: its foreign key holds.
	x.Document, x.Code = &d.ID, d.Code
	return nil
}
