package performance

import (
	"context"
	"fmt"
	"slices"
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
	"gongji/storage/db"
)

// SaveSelf keeps the provider's report as typed, valid or not.
func (s *Service) SaveSelf(ctx context.Context, who party.Actor, evaluation id.ID, in Self) (Case, error) {
	return s.change(ctx, who, evaluation, "report", func(_ context.Context, _ bun.Tx, x *Case, _ time.Time) error {
		x.Self = in
		return x.Self.storable(x.Tree)
	})
}

// SubmitSelf hands the provider's report in; scoring begins.
func (s *Service) SubmitSelf(ctx context.Context, who party.Actor, evaluation id.ID, in Self) (Case, error) {
	return s.change(ctx, who, evaluation, "report", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		if err := in.storable(x.Tree); err != nil {
			return err
		}
		if err := in.check(x.Tree); err != nil {
			return err
		}
		x.Self, x.SelfAt, x.State = in, &now, Scoring
		return record(ctx, tx, who, now, *x, trail.Event{Action: "提交自评", Public: true})
	})
}

// Skip goes on to scoring when the provider let its time pass.
func (s *Service) Skip(ctx context.Context, who party.Actor, evaluation id.ID) (Case, error) {
	return s.change(ctx, who, evaluation, "skip", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		if !x.SelfLate(now) {
			return fault.New(fault.Conflict, "承接方可以在 %s 前提交自评，逾期未交才能直接评分",
				x.SelfDue.In(clock.Beijing).Format("2006年1月2日 15:04"))
		}
		x.State = Scoring
		return record(ctx, tx, who, now, *x, trail.Event{Action: "承接方逾期未自评，进入评分", Public: true})
	})
}

// SaveSheet keeps the scoring sheet as typed, valid or not. A version of 0
// saves over whatever is there; another must be the sheet's.
func (s *Service) SaveSheet(ctx context.Context, who party.Actor, evaluation id.ID, version int64, in Sheet) (Case, error) {
	return s.change(ctx, who, evaluation, "score", func(_ context.Context, _ bun.Tx, x *Case, _ time.Time) error {
		if version != 0 && version != x.Version {
			return fault.New(fault.Conflict, "这张评分表刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		x.write(who, in)
		return x.Sheet.storable(x.Tree)
	})
}

func (x *Case) write(who party.Actor, in Sheet) {
	x.Sheet = in
	if x.Sheet.Lines == nil {
		x.Sheet.Lines = map[string]LineForm{}
	}
	if !slices.Contains(x.Scorers, who.Account) {
		x.Scorers = append(x.Scorers, who.Account)
	}
}

// Missing lists everything that keeps a sheet from being submitted now.
func (s *Service) Missing(x Case) ([]fault.Field, error) {
	law, err := rules.Thaw([]byte(x.Rules))
	if err != nil {
		return nil, err
	}
	_, _, err = x.Sheet.read(x.Tree, law, s.clock.Now())
	return fault.Complaints(err)
}

// Submit hands a complete sheet to the payer's approver; every complaint comes
// back at once.
func (s *Service) Submit(ctx context.Context, who party.Actor, evaluation id.ID) (Case, error) {
	return s.change(ctx, who, evaluation, "submit", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		if err := x.settle(now); err != nil {
			return err
		}
		x.write(who, x.Sheet)
		x.State, x.SubmittedBy, x.SubmittedAt, x.Reason = Review, &who.Account, &now, ""
		return record(ctx, tx, who, now, *x, trail.Event{Action: "提交评价结果待审批", Note: x.Points() + " 分，" + string(x.Grade)})
	})
}

// settle computes what the sheet comes to under the frozen rules.
func (x *Case) settle(now time.Time) error {
	law, err := rules.Thaw([]byte(x.Rules))
	if err != nil {
		return err
	}
	r, problems, err := x.Sheet.read(x.Tree, law, now)
	if err != nil {
		return err
	}
	if r.Grade == "" {
		return fault.New(fault.Unknown, "冻结的规则没有等级划分")
	}
	x.Lines = make([]Line, 0, len(r.Leaves))
	for _, l := range r.Leaves {
		x.Lines = append(x.Lines, Line{l.Code, l.First, l.Second, l.Name, l.Standard, l.Weight, l.Mark, l.Points, x.Sheet.Lines[l.Code].Reason})
	}
	x.Pillars, x.Problems, x.Total, x.Grade = r.Pillars, problems, &r.Total, r.Grade
	return nil
}

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
		x.State, x.Reason = Scoring, reason
		x.Lines, x.Pillars, x.Problems, x.Total, x.Grade = []Line{}, []Pillar{}, []Problem{}, nil, ""
		return record(ctx, tx, who, now, *x, trail.Event{Action: "退回修改评价结果", Note: reason})
	})
}

// Approve publishes what somebody else scored: the number is allocated, the
// report issued and the engagement marked, all in one transaction. What is
// published is what was submitted; nothing is computed anew.
func (s *Service) Approve(ctx context.Context, who party.Actor, evaluation id.ID) (Case, error) {
	return s.change(ctx, who, evaluation, "approve", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		year := now.In(clock.Beijing).Year()
		n, err := number.Next(ctx, tx, number.Scope(Object, string(x.Payer), year))
		if err != nil {
			return err
		}
		no := fmt.Sprintf("绩评〔%d〕%04d号", year, n)
		x.State, x.Number, x.ApprovedBy, x.PublishedAt = Published, &no, &who.Account, &now
		if err := s.issue(ctx, tx, x); err != nil {
			return err
		}
		if err := s.engagements.MarkEvaluated(ctx, tx, who, &x.Of); err != nil {
			return err
		}
		law, err := rules.Thaw([]byte(x.Rules))
		if err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "公布绩效评价结果", Note: x.Points() + " 分，等级：" + string(x.Grade) + "；报告编号 " + no,
			Article: law.Must(rules.BandExcellent).Source(), Public: true})
	})
}

// issue makes the report, which anyone may read and check.
func (s *Service) issue(ctx context.Context, tx bun.Tx, x *Case) error {
	o, err := s.orgs.Approved(ctx, tx, x.Provider)
	if err != nil && !fault.Is(err, fault.Forbidden) {
		return err // an organisation whose registration lapsed is judged all the same
	}
	doc, item := s.report(*x, o.Code())
	item.Content = doc
	d, err := s.archive.Issue(ctx, tx, item)
	if err != nil {
		return err
	}
	x.Document, x.Code = &d.ID, d.Code
	// The evaluation's row is written after the document's: its foreign key holds.
	return db.Translate(err)
}
