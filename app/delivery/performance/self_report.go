package performance

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
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
