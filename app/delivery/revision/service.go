package revision

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Made is how a wing takes over an approved change or extension of its
// agreement, in the deciding transaction; its error undoes the decision.
type Made func(ctx context.Context, tx bun.Tx, who party.Actor, x Case, now time.Time) error

// Service decides on revisions.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	engagements *engagement.Service
	made        map[engagement.Kind]Made
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, e *engagement.Service) *Service {
	return &Service{db: d, clock: c, engagements: e, made: map[engagement.Kind]Made{}}
}

// Tell sets who takes over what was decided about a kind; called while the
// product is put together.
func (s *Service) Tell(k engagement.Kind, m Made) { s.made[k] = m }

// paid is everything that was paid: a payment may bear a moment that is a little
// after the one at which this was locked.
func (s *Service) paid(ctx context.Context, d bun.IDB, e engagement.Engagement, now time.Time) (money.Fen, error) {
	m, err := s.engagements.Money(ctx, d, e, now.AddDate(0, 0, 1))
	return m.Paid, err
}

// Propose proposes to end, to extend or to change; either side may, one at a time.
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
			return fault.New(fault.Conflict, "履约期已经届满，不能再变更、延期或终止")
		}
		before, err := changes(ctx, tx, of)
		if err != nil {
			return err
		}
		paid, err := s.paid(ctx, tx, e, now)
		if err != nil {
			return err
		}
		r, err := in.read(e, frame{paid: paid, before: before, now: now})
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
		paid, err := s.paid(ctx, tx, x.Of, now)
		if err != nil {
			return err
		}
		if x.Kind != Terminate {
			return s.amend(ctx, tx, who, *x, paid, now)
		}
		if paid > *x.Settled {
			return fault.New(fault.Conflict, "提出以后又付了款，现在已付 %s 元，超过结算总额，请退回重新结算", paid.Yuan())
		}
		_, err = s.engagements.Close(ctx, tx, who, x.Of.Kind, x.Of.Ref, x.Reason+"（依据："+x.Clause+"；结算总额 "+x.Settled.Yuan()+" 元）")
		return err
	})
}

// amend makes an approved change or extension: in the wing's agreement, in the
// engagement, and where the amount changed the plan waits for a new budget.
func (s *Service) amend(ctx context.Context, tx bun.Tx, who party.Actor, x Case, paid money.Fen, now time.Time) error {
	if x.Of.Over(now) {
		return fault.New(fault.Conflict, "履约期已经届满，不能再%s", x.Kind.Name())
	}
	amount, end := x.Of.Amount, x.Of.End
	event := trail.Event{Action: x.Kind.Name(), Note: x.Content, Public: true}
	if x.EndsOn != nil {
		end, event.Note = *x.EndsOn, "至 "+x.EndsOn.In(clock.Beijing).Format("2006年1月2日")
	}
	if x.Added != nil {
		if amount += *x.Added; amount < paid {
			return fault.New(fault.Conflict, "提出以后又付了款，现在已付 %s 元，变更后的金额不能少于它", paid.Yuan())
		}
		event.Note += "；金额由 " + x.Of.Amount.Yuan() + " 元变为 " + amount.Yuan() + " 元"
		event.Article = rules.At(now).Must(rules.GrantChange).Source()
	}
	event.Note += "。理由：" + x.Reason
	if m := s.made[x.Of.Kind]; m != nil {
		if err := m(ctx, tx, who, x, now); err != nil {
			return err
		}
	}
	if err := s.engagements.Amend(ctx, tx, x.Of.Ref, amount, end); err != nil {
		return err
	}
	if x.Added != nil {
		if err := plan.Reopen(ctx, tx, x.Of.ID, *x.Added, "资助金额变为 "+amount.Yuan()+" 元，请按新的金额修改预算和节点"); err != nil {
			return err
		}
	}
	return engagement.Record(ctx, tx, who, now, x.Of.ID, event)
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
