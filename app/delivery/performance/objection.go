package performance

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Objection is what a provider has against a result that it was shown, and what
// a second person of the payer answered. Seq counts from 1.
type Objection struct {
	bun.BaseModel `bun:"table:performance_objection"`

	Evaluation id.ID    `bun:"evaluation,pk" json:"-"`
	Seq        int64    `bun:"seq,pk" json:"seq"`
	Lines      []string `bun:"lines" json:"lines,omitempty"` // codes of the leaves it is about
	Text       string   `bun:"text" json:"text"`
	// Total and Grade are what it objects to: a result that is changed leaves
	// them as the only trace of what it was.
	Total      int64      `bun:"total" json:"total"`
	Grade      Grade      `bun:"grade" json:"grade"`
	RaisedBy   id.ID      `bun:"raised_by" json:"-"`
	RaisedAt   time.Time  `bun:"raised_at" json:"raised_at"`
	AnswerDue  time.Time  `bun:"answer_due" json:"answer_due"`
	Upheld     *bool      `bun:"upheld" json:"upheld,omitempty"`
	Answer     string     `bun:"answer" json:"answer,omitempty"`
	AnsweredBy *id.ID     `bun:"answered_by" json:"-"`
	AnsweredAt *time.Time `bun:"answered_at" json:"answered_at,omitempty"`
}

// Outcome is what became of it, in Chinese.
func (o Objection) Outcome() string {
	switch {
	case o.Upheld == nil:
		return "待答复"
	case *o.Upheld:
		return "采纳，重新评分"
	}
	return "不采纳，维持原结果"
}

func objections(ctx context.Context, d bun.IDB, evaluation id.ID) ([]Objection, error) {
	out := []Objection{}
	err := d.NewSelect().Model(&out).Where("evaluation = ?", evaluation).Order("seq").Scan(ctx)
	return out, db.Translate(err)
}

// Objections lists what was objected and answered: the two sides and the
// evaluator always, everybody once the result is published.
func (s *Service) Objections(ctx context.Context, who party.Actor, x Case) ([]Objection, error) {
	if err := s.require(ctx, s.db, who, x, "view"); err != nil {
		return nil, err
	}
	return objections(ctx, s.db, x.ID)
}

// Object says what the provider has against the result, within its time; it may
// name the lines it is about.
func (s *Service) Object(ctx context.Context, who party.Actor, evaluation id.ID, text string, lines []string) (Case, error) {
	text = strings.TrimSpace(text)
	var c fault.Check
	c.Must(text != "", "text", "请写明对哪些结果有异议、理由和依据")
	fits(&c, "text", text, longText)
	if err := c.Err(); err != nil {
		return Case{}, err
	}
	return s.change(ctx, who, evaluation, "object", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		list, err := objections(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		if n := len(list); n > 0 && list[n-1].AnsweredAt == nil {
			return fault.New(fault.Conflict, "异议已经提出，请等待答复")
		}
		if !now.Before(*x.ObjectionDue) {
			return fault.New(fault.TooLate, "异议期已于 %s 24:00 结束", x.ObjectionDue.Add(-1).In(clock.Beijing).Format("2006年1月2日"))
		}
		if x.AcceptedAt != nil {
			return fault.New(fault.Conflict, "已经表示无异议，不能再提出")
		}
		known := codes(x.Tree)
		lines = slices.DeleteFunc(slices.Clone(lines), func(code string) bool { return !known[code] })
		rule, err := x.rule(rules.EvaluationObjectionAnswer, now)
		if err != nil {
			return err
		}
		due, err := s.days.AddWorkdays(now, int(rule.Value))
		if err != nil {
			return err
		}
		o := Objection{Evaluation: x.ID, Seq: int64(len(list) + 1), Lines: lines, Text: text, Total: *x.Total, Grade: x.Grade,
			RaisedBy: who.Account, RaisedAt: now, AnswerDue: due}
		if _, err := tx.NewInsert().Model(&o).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if err := tell(ctx, tx, now, x.Payer, *x, "“"+x.Of.Title+"”的评价结果被提出异议",
			"请由没有参加评分和批准的人在 "+due.Add(-1).In(clock.Beijing).Format("2006年1月2日")+" 前答复。"); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "对评价结果提出异议", Article: rule.Source()})
	})
}

// Answer decides an objection, by somebody who neither scored nor approved.
// Upheld, the sheet is scored again and the provider is shown the new result;
// otherwise the result stands and may be published.
func (s *Service) Answer(ctx context.Context, who party.Actor, evaluation id.ID, upheld bool, text string) (Case, error) {
	text = strings.TrimSpace(text)
	var c fault.Check
	c.Must(text != "", "answer", "请写明采纳或不采纳的理由")
	fits(&c, "answer", text, longText)
	if err := c.Err(); err != nil {
		return Case{}, err
	}
	return s.change(ctx, who, evaluation, "answer", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		list, err := objections(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		if n := len(list); n == 0 || list[n-1].AnsweredAt != nil {
			return fault.New(fault.Conflict, "没有待答复的异议")
		}
		o := list[len(list)-1]
		o.Upheld, o.Answer, o.AnsweredBy, o.AnsweredAt = &upheld, text, &who.Account, &now
		if err := db.One(tx.NewUpdate().Model(&o).Column("upheld", "answer", "answered_by", "answered_at").WherePK().Where("answered_at IS NULL").Exec(ctx)); err != nil {
			return err
		}
		if err := tell(ctx, tx, now, x.Provider, *x, "对“"+x.Of.Title+"”评价结果的异议已答复："+o.Outcome(), text); err != nil {
			return err
		}
		if upheld {
			x.reopen("采纳承接方的异议：" + text)
		} else {
			x.AcceptedAt = &now // its objection was heard; nothing more to wait for
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "答复异议：" + o.Outcome()})
	})
}

// Accept says that the provider will not object, so that the result need not
// wait for the end of its time.
func (s *Service) Accept(ctx context.Context, who party.Actor, evaluation id.ID) (Case, error) {
	return s.change(ctx, who, evaluation, "object", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		list, err := objections(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		if n := len(list); x.AcceptedAt != nil || n > 0 && list[n-1].AnsweredAt == nil {
			return fault.New(fault.Conflict, "已经表示过意见，请等待付款方办理")
		}
		x.AcceptedAt = &now
		return record(ctx, tx, who, now, *x, trail.Event{Action: "对评价结果无异议"})
	})
}
