package revision

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Paid is how a wing says what it paid for an engagement before a moment, 分.
type Paid func(ctx context.Context, d bun.IDB, e engagement.Engagement, until time.Time) (money.Fen, error)

// Service decides on revisions.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	engagements *engagement.Service
	paid        map[engagement.Kind]Paid
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, e *engagement.Service) *Service {
	return &Service{db: d, clock: c, engagements: e, paid: map[engagement.Kind]Paid{}}
}

// From sets who says what was paid for a kind; payment requests do where nobody
// is set.
func (s *Service) From(k engagement.Kind, p Paid) { s.paid[k] = p }

func (s *Service) paidOf(ctx context.Context, d bun.IDB, e engagement.Engagement, until time.Time) (money.Fen, error) {
	if p := s.paid[e.Kind]; p != nil {
		return p(ctx, d, e, until)
	}
	return claim.PaidOf(ctx, d, e.ID, until)
}

// Propose proposes to end or to extend; either side may, one at a time.
func (s *Service) Propose(ctx context.Context, who party.Actor, of id.ID, in Input) (Case, error) {
	var out Case
	err := s.engagements.Change(ctx, who, of, "revise", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		open, err := tx.NewSelect().Model((*Revision)(nil)).Where("engagement = ? AND state = ?", of, Proposed).Exists(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if open {
			return fault.New(fault.Conflict, "已有一项申请在办理，办结后再提出新的")
		}
		if e.Over(now) {
			return fault.New(fault.Conflict, "履约期已经届满，不能再终止或延期")
		}
		paid, err := s.paidOf(ctx, tx, e, now)
		if err != nil {
			return err
		}
		r, err := in.read(e, paid, now)
		if err != nil {
			return err
		}
		r.ID, r.Engagement, r.State, r.ProposedBy, r.ProposedAt, r.WasEnd, r.Side = id.New(now), of, Proposed, who.Account, now, e.End, Payer
		other := e.Provider
		if who.Org == e.Provider {
			r.Side, other = Provider, e.Payer
		}
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		out = Case{r, e}
		if err := tell(ctx, tx, now, other, r, "“"+e.Title+"”"+r.Kind.Name()+"，请陈述意见", "请在 "+calendar.Until(r.StatementBy)+" 前陈述意见。"); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, of, trail.Event{Action: "提出" + r.Kind.Name(), Note: r.Reason})
	})
	return out, err
}

// read holds a proposal to the engagement and to what was paid already.
func (in Input) read(e engagement.Engagement, paid money.Fen, now time.Time) (Revision, error) {
	r := Revision{Kind: in.Kind, Reason: strings.TrimSpace(in.Reason), Clause: strings.TrimSpace(in.Clause), Delivered: strings.TrimSpace(in.Delivered)}
	var c fault.Check
	c.Must(in.Kind.Name() != "", "kind", "请选择提前终止还是延期")
	for _, x := range []struct{ field, text, ask string }{{"reason", r.Reason, "请写明理由，理由将公开"}, {"clause", r.Clause, "请写明依据的合同或协议条款，或者法律条文"}, {"delivered", r.Delivered, "请写明已经履行的内容"}} {
		c.Must(x.text != "" || x.field != "reason" && in.Kind != Terminate, x.field, "%s", x.ask)
		c.Must(utf8.ValidString(x.text) && utf8.RuneCountInString(x.text) <= 2000, x.field, "不超过 2000 个字")
	}
	if by, err := plan.Day(in.StatementBy); err != nil || by.Before(calendar.Date(now).AddDate(0, 0, StatementDays)) {
		c.Fail("statement_by", "请给对方至少 %d 天陈述意见", StatementDays)
	} else {
		r.StatementBy = by.AddDate(0, 0, 1)
	}
	switch in.Kind {
	case Terminate:
		sum, err := money.Parse(in.Settled)
		c.Adopt("settled", err)
		c.Must(err != nil || sum >= paid, "settled", "已经付了 %s 元，结算总额不能少于它；多付的按约定退还后再结算", paid.Yuan())
		c.Must(err != nil || sum <= e.Amount, "settled", "结算总额不能超过约定的 %s 元", e.Amount.Yuan())
		r.Settled = &sum
	case Extend:
		c.Must(e.Kind == engagement.Grant, "kind", "购买服务合同的延期在合同变更里办理")
		end, err := plan.Day(in.EndsOn)
		c.Must(err == nil && end.After(e.End), "ends_on", "新的结束日期应晚于 %s", e.End.In(clock.Beijing).Format("2006年1月2日"))
		c.Must(err != nil || !end.After(e.End.AddDate(1, 0, 0)), "ends_on", "一次最多延期一年")
		r.EndsOn = &end
	}
	return r, c.Err()
}

// change is the frame of what is done about an open proposal.
func (s *Service) change(ctx context.Context, who party.Actor, revision id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error) (Case, error) {
	first, err := read(ctx, s.db, revision)
	if err != nil {
		return Case{}, err
	}
	var out Case
	err = s.engagements.Change(ctx, who, first.Engagement, action, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		r, err := read(ctx, tx, revision)
		if err != nil {
			return err
		}
		if r.State != Proposed {
			return fault.New(fault.Conflict, "这项申请%s，请刷新页面", r.StateName())
		}
		x := Case{r, e}
		if err := do(ctx, tx, &x, now); err != nil {
			return err
		}
		out = x
		return db.One(tx.NewUpdate().Model(&x.Revision).ExcludeColumn("id", "engagement").WherePK().Exec(ctx))
	})
	return out, err
}

// State keeps what the other side has to say, once.
func (s *Service) State(ctx context.Context, who party.Actor, revision id.ID, text string) (Case, error) {
	text = strings.TrimSpace(text)
	var c fault.Check
	c.Must(text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= 4000, "statement", "请写您的意见，不超过 4000 个字")
	if err := c.Err(); err != nil {
		return Case{}, err
	}
	return s.change(ctx, who, revision, "revise", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		if (x.Side == Payer) == (who.Org == x.Of.Payer) {
			return fault.New(fault.Forbidden, "由“%s”陈述意见", x.Other())
		}
		if x.StatedAt != nil {
			return fault.New(fault.Conflict, "已经陈述过意见")
		}
		x.Statement, x.StatedBy, x.StatedAt = text, &who.Account, &now
		if err := tell(ctx, tx, now, x.Of.Payer, x.Revision, "“"+x.Of.Title+"”"+x.Kind.Name()+"待审批", "对方已陈述意见。"); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, x.Of.ID, trail.Event{Action: "陈述意见", Note: x.Kind.Name()})
	})
}

// Approve decides in favour: the other side was heard, or let its time pass;
// whoever proposed never decides. Ended early, the wing publishes it.
func (s *Service) Approve(ctx context.Context, who party.Actor, revision id.ID) (Case, error) {
	return s.change(ctx, who, revision, "decide_revision", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		if x.ProposedBy == who.Account {
			return fault.New(fault.Forbidden, "提出的人不能审批，请由另一位办理")
		}
		if x.StatedAt == nil && now.Before(x.StatementBy) {
			return fault.New(fault.Conflict, "“%s”可以在 %s 前陈述意见，陈述或者到期以后才能决定", x.Other(), calendar.Until(x.StatementBy))
		}
		x.State, x.DecidedBy, x.DecidedAt = Approved, &who.Account, &now
		for _, to := range []id.ID{x.Of.Provider, x.Of.Payer} {
			if err := tell(ctx, tx, now, to, x.Revision, "“"+x.Of.Title+"”"+x.StateName(), x.Reason); err != nil {
				return err
			}
		}
		if x.Kind == Terminate {
			paid, err := s.paidOf(ctx, tx, x.Of, now)
			if err != nil {
				return err
			}
			if paid > *x.Settled {
				return fault.New(fault.Conflict, "提出以后又付了款，现在已付 %s 元，超过结算总额，请退回重新结算", paid.Yuan())
			}
			_, err = s.engagements.Close(ctx, tx, who, x.Of.Kind, x.Of.Ref, x.Reason+"（依据："+x.Clause+"；结算总额 "+x.Settled.Yuan()+" 元）")
			return err
		}
		if x.Of.Over(now) {
			return fault.New(fault.Conflict, "履约期已经届满，不能再延期")
		}
		if err := s.engagements.Amend(ctx, tx, x.Of.Ref, x.Of.Amount, *x.EndsOn); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, x.Of.ID, trail.Event{Action: "延期", Note: "至 " + x.EndsOn.In(clock.Beijing).Format("2006年1月2日") + "。理由：" + x.Reason, Public: true})
	})
}

// Return decides against it, with a reason.
func (s *Service) Return(ctx context.Context, who party.Actor, revision id.ID, note string) (Case, error) {
	note = strings.TrimSpace(note)
	var c fault.Check
	c.Must(note != "" && utf8.RuneCountInString(note) <= 2000, "reason", "请写明不同意的原因，不超过 2000 个字")
	if err := c.Err(); err != nil {
		return Case{}, err
	}
	return s.change(ctx, who, revision, "decide_revision", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		x.State, x.Note, x.DecidedBy, x.DecidedAt = Returned, note, &who.Account, &now
		for _, to := range []id.ID{x.Of.Provider, x.Of.Payer} {
			if err := tell(ctx, tx, now, to, x.Revision, "“"+x.Of.Title+"”"+x.Kind.Name()+"未同意", note); err != nil {
				return err
			}
		}
		return engagement.Record(ctx, tx, who, now, x.Of.ID, trail.Event{Action: "不同意" + x.Kind.Name(), Note: note})
	})
}

func tell(ctx context.Context, tx bun.Tx, now time.Time, to id.ID, r Revision, title, text string) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: to}}, inbox.Letter{Title: title, Text: text, Link: "/revisions/" + string(r.ID)})
}
