package performance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
)

// SaveSelf keeps the provider's report as typed, valid or not.
func (s *Service) SaveSelf(ctx context.Context, who party.Actor, evaluation id.ID, in Self) (Case, error) {
	return s.change(ctx, who, evaluation, "report", func(_ context.Context, _ bun.Tx, x *Case, _ time.Time) error {
		x.Self = in
		return x.Self.storable(x.Tree)
	})
}

// SubmitSelf hands the provider's report in; the payer looks at it next.
func (s *Service) SubmitSelf(ctx context.Context, who party.Actor, evaluation id.ID, in Self) (Case, error) {
	return s.change(ctx, who, evaluation, "report", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		if err := in.storable(x.Tree); err != nil {
			return err
		}
		law, err := rules.Thaw([]byte(x.Rules))
		if err != nil {
			return err
		}
		facts, err := s.facts(ctx, tx, x.Of, now)
		if err != nil {
			return err
		}
		if err := in.check(x.Tree, facts, law); err != nil {
			return err
		}
		x.Self, x.SelfAt, x.SelfNote, x.State = in, &now, "", Checking
		if err := tell(ctx, tx, now, x.Payer, *x, "“"+x.Of.Title+"”的自评待审核", "承接方已经提交自评，请经办人审核。"); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "提交自评", Public: true})
	})
}

// Check passes the provider's report on to scoring with what the payer found,
// or sends it back, saying what is missing; it then has seven days at least.
func (s *Service) Check(ctx context.Context, who party.Actor, evaluation id.ID, accept bool, note string) (Case, error) {
	note = strings.TrimSpace(note)
	var c fault.Check
	c.Must(accept || note != "", "note", "请写明退回的原因，承接方据此补充")
	fits(&c, "note", note, longText)
	if err := c.Err(); err != nil {
		return Case{}, err
	}
	return s.change(ctx, who, evaluation, "check", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		x.SelfNote, x.CheckedBy, x.CheckedAt = note, &who.Account, &now
		if accept {
			x.State = Scoring
			if e := x.Of.Evaluator; e != nil {
				if err := tell(ctx, tx, now, *e, *x, "“"+x.Of.Title+"”待评分", "自评已经审核，请逐项评分。"); err != nil {
					return err
				}
			}
			return record(ctx, tx, who, now, *x, trail.Event{Action: "审核自评，进入评分", Note: note, Public: true})
		}
		x.State = SelfReport
		if again := now.AddDate(0, 0, 7); x.SelfDue.Before(again) {
			x.SelfDue = calendar.Date(again)
		}
		if err := tell(ctx, tx, now, x.Provider, *x, "“"+x.Of.Title+"”的自评被退回", note); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "退回自评", Note: note})
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
	return s.change(ctx, who, evaluation, "score", func(_ context.Context, _ bun.Tx, x *Case, now time.Time) error {
		if version != 0 && version != x.Version {
			return fault.New(fault.Conflict, "这张评分表刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		was := x.Sheet.Lines
		x.write(who, in)
		if err := x.Sheet.storable(x.Tree); err != nil {
			return err
		}
		x.stamp(who, was, now)
		return nil
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

// stamp notes who wrote each line that differs from what was there, and when.
func (x *Case) stamp(who party.Actor, was map[string]LineForm, now time.Time) {
	if x.Stamps == nil {
		x.Stamps = map[string]Stamp{}
	}
	for code, l := range x.Sheet.Lines {
		if !l.same(was[code]) {
			x.Stamps[code] = Stamp{who.Account, who.OrgName, now}
		}
	}
}

// Desk is what a scorer or a provider works with: the figures that the system
// has now, and what may be named as evidence.
type Desk struct {
	Facts map[Source]Fact `json:"facts"`
	Links []Link          `json:"links"`
	Law   rules.Set       `json:"-"`
}

// Desk reads it, for who may see the evidence.
func (s *Service) Desk(ctx context.Context, who party.Actor, x Case) (Desk, error) {
	d := Desk{Facts: map[Source]Fact{}, Links: []Link{}}
	var err error
	if d.Law, err = rules.Thaw([]byte(x.Rules)); err != nil {
		return d, err
	}
	if s.require(ctx, s.db, who, x, "evidence") != nil {
		return d, nil
	}
	if d.Facts, err = s.facts(ctx, s.db, x.Of, s.clock.Now()); err == nil {
		d.Links, err = links(ctx, s.db, x)
	}
	return d, err
}

// Missing lists everything that keeps a sheet from being submitted now.
func (s *Service) Missing(ctx context.Context, x Case) ([]fault.Field, error) {
	law, err := rules.Thaw([]byte(x.Rules))
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	facts, err := s.facts(ctx, s.db, x.Of, now)
	if err != nil {
		return nil, err
	}
	_, _, err = x.Sheet.read(x.Tree, facts, law, now)
	return fault.Complaints(err)
}

// Submit hands a complete sheet to the payer's approver; every complaint comes
// back at once.
func (s *Service) Submit(ctx context.Context, who party.Actor, evaluation id.ID) (Case, error) {
	return s.change(ctx, who, evaluation, "submit", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		facts, err := s.facts(ctx, tx, x.Of, now)
		if err != nil {
			return err
		}
		if err := s.settle(ctx, tx, x, facts, now); err != nil {
			return err
		}
		x.write(who, x.Sheet)
		x.State, x.SubmittedBy, x.SubmittedAt, x.Reason = Review, &who.Account, &now, ""
		if err := tell(ctx, tx, now, x.Payer, *x, "“"+x.Of.Title+"”的评价结果待审批", x.Points()+" 分，"+string(x.Grade)+"。"); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "提交评价结果待审批", Note: x.Points() + " 分，" + string(x.Grade)})
	})
}

// settle computes what the sheet comes to under the frozen rules and freezes
// the figures that it rests on.
func (s *Service) settle(ctx context.Context, tx bun.Tx, x *Case, facts map[Source]Fact, now time.Time) error {
	law, err := rules.Thaw([]byte(x.Rules))
	if err != nil {
		return err
	}
	r, problems, err := x.Sheet.read(x.Tree, facts, law, now)
	if err != nil {
		return err
	}
	if r.Grade == "" {
		return fault.New(fault.Unknown, "冻结的规则没有等级划分")
	}
	known, err := links(ctx, tx, *x)
	if err != nil {
		return err
	}
	if x.Course, err = spending(ctx, tx, x.Of, now); err != nil {
		return err
	}
	x.Lines, x.Facts = make([]Line, 0, len(r.Leaves)), []Fact{}
	for _, src := range Sources() {
		if slices.ContainsFunc(r.Leaves, func(l Scored) bool { return l.Source == src }) {
			x.Facts = append(x.Facts, facts[src])
		}
	}
	for _, l := range r.Leaves {
		x.Lines = append(x.Lines, x.line(l, facts[l.Source], known, law))
	}
	x.Pillars, x.Problems, x.Total, x.Grade = r.Pillars, problems, &r.Total, r.Grade
	return nil
}

// line is a leaf as it is frozen: the score, why, who, when, on which evidence.
func (x *Case) line(l Scored, fact Fact, known []Link, law rules.Set) Line {
	f := x.Sheet.Lines[l.Code]
	out := Line{Code: l.Code, First: l.First, Second: l.Second, Name: l.Name, Standard: l.Standard, Kind: l.Kind, Weight: l.Weight,
		Mark: l.Mark, Points: l.Points, Reason: f.Reason}
	if l.Kind == Qualitative {
		out.Level = LevelOf(law, l.Points, l.Weight)
	}
	for _, k := range known {
		if slices.Contains(f.Evidence, k.Key) {
			out.Evidence = append(out.Evidence, k)
		}
	}
	if at, ok := x.Stamps[l.Code]; ok {
		out.By, out.At = at.By, &at.At
	}
	if fact.Known {
		out.Fact, out.By = fact.Text, System
	}
	return out
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
	item.Content = doc
	d, err := s.archive.Issue(ctx, tx, item)
	if err != nil {
		return err
	}
	// The evaluation's row is written after the document's: its foreign key holds.
	x.Document, x.Code = &d.ID, d.Code
	return nil
}
