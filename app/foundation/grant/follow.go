package grant

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/foundation/call"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Accept puts the agreement into force for the organisation; a grant of money
// becomes an engagement, which is delivered, evaluated and on record like a
// contract.
func (s *Service) Accept(ctx context.Context, who party.Actor, grant id.ID) (Grant, error) {
	return s.change(ctx, who, grant, "accept", func(ctx context.Context, tx bun.Tx, g *Grant, now time.Time) error {
		if s.Applications.Listed != nil {
			if err := s.Applications.Listed(ctx, tx, g.Organisation, g.Foundation); err != nil {
				return err
			}
		}
		g.State, g.SignedBy, g.SignedAt = Signed, &who.Account, &now
		if err := record(ctx, tx, who, now, ObjectKind, g.ID, trail.Event{Action: "接受协议", Public: true}); err != nil {
			return err
		}
		if err := tell(ctx, tx, now, g.Foundation, *g, "“"+g.Title+"”已接受协议", "可以按节点推进和付款。"); err != nil || g.Amount == 0 {
			return err
		}
		_, err := s.Engagements.Open(ctx, tx, who, engagement.Opening{Kind: engagement.Grant, Ref: g.ID, Number: g.Number, Source: "/grants/" + string(g.ID),
			Payer: g.Foundation, PayerName: g.FoundationName, Provider: g.Organisation, ProviderName: g.OrgName, Title: g.Title, Amount: g.Amount,
			Start: g.Start, End: g.End, Demo: g.Demo})
		return err
	})
}

// Refuse turns an offer down; the money is free again.
func (s *Service) Refuse(ctx context.Context, who party.Actor, grant id.ID, reason string) (Grant, error) {
	reason, err := words("reason", reason, "请写明放弃的原因")
	if err != nil {
		return Grant{}, err
	}
	return s.change(ctx, who, grant, "refuse", func(ctx context.Context, tx bun.Tx, g *Grant, now time.Time) error {
		g.State, g.Note = Refused, reason
		if err := tell(ctx, tx, now, g.Foundation, *g, "“"+g.Title+"”放弃资助", reason); err != nil {
			return err
		}
		return record(ctx, tx, who, now, ObjectKind, g.ID, trail.Event{Action: "放弃", Note: reason})
	})
}

// step is change for one milestone, locked with its grant.
func (s *Service) step(ctx context.Context, who party.Actor, grant id.ID, seq int64, action string, do func(ctx context.Context, tx bun.Tx, g *Grant, m *Milestone, now time.Time) error) (Grant, error) {
	return s.change(ctx, who, grant, action, func(ctx context.Context, tx bun.Tx, g *Grant, now time.Time) error {
		all, err := milestones(ctx, tx, g.ID)
		if err != nil {
			return err
		}
		if seq < 1 || seq > int64(len(all)) {
			return fault.New(fault.NotFound, "没有这个节点")
		}
		m := all[seq-1]
		if m.AcceptedAt != nil {
			return fault.New(fault.Conflict, "“%s”已经确认达成", m.Name)
		}
		if err := do(ctx, tx, g, &m, now); err != nil {
			return err
		}
		return db.One(tx.NewUpdate().Model(&m).Column("report", "reported_at", "accepted_by", "accepted_at", "note").WherePK().Exec(ctx))
	})
}

// Report says that the grantee reached a milestone (from 1).
func (s *Service) Report(ctx context.Context, who party.Actor, grant id.ID, seq int64, text string) (Grant, error) {
	text, err := words("report", text, "请写明做了什么、达成了什么")
	if err != nil {
		return Grant{}, err
	}
	return s.step(ctx, who, grant, seq, "report", func(ctx context.Context, tx bun.Tx, g *Grant, m *Milestone, now time.Time) error {
		m.Report, m.ReportedAt, m.Note = text, &now, ""
		if err := tell(ctx, tx, now, g.Foundation, *g, "“"+g.Title+"”报告达成节点", m.Name); err != nil {
			return err
		}
		return record(ctx, tx, who, now, ObjectKind, g.ID, trail.Event{Action: "报告达成节点", Note: m.Name})
	})
}

// Confirm accepts a milestone that was reported, or sends the report back with
// a reason.
func (s *Service) Confirm(ctx context.Context, who party.Actor, grant id.ID, seq int64, accept bool, note string) (Grant, error) {
	note = strings.TrimSpace(note)
	var k fault.Check
	k.Must(accept || note != "", "note", "请写明还缺什么，对方据此补充")
	k.Must(utf8.RuneCountInString(note) <= 2000, "note", "不超过 2000 个字")
	if err := k.Err(); err != nil {
		return Grant{}, err
	}
	return s.step(ctx, who, grant, seq, "confirm", func(ctx context.Context, tx bun.Tx, g *Grant, m *Milestone, now time.Time) error {
		if m.ReportedAt == nil {
			return fault.New(fault.Conflict, "“%s”还没有报告", m.Name)
		}
		e := trail.Event{Action: "节点达成", Note: m.Name, Public: true}
		m.AcceptedBy, m.AcceptedAt, m.Note = &who.Account, &now, note
		if !accept {
			m.AcceptedBy, m.AcceptedAt, m.ReportedAt = nil, nil, nil
			e = trail.Event{Action: "退回节点报告", Note: m.Name + "：" + note}
		} else if err := s.planned(ctx, tx, who, *g, seq, note, now); err != nil {
			return err
		}
		if err := tell(ctx, tx, now, g.Organisation, *g, "“"+m.Name+"”"+e.Action, note); err != nil {
			return err
		}
		return record(ctx, tx, who, now, ObjectKind, g.ID, e)
	})
}

// planned reaches the milestone of the plan, too, where one is in force: it is
// the same milestone, and is reported and confirmed once.
func (s *Service) planned(ctx context.Context, tx bun.Tx, who party.Actor, g Grant, seq int64, note string, now time.Time) error {
	e, err := engagement.ByRef(ctx, tx, engagement.Grant, g.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return plan.Meet(ctx, tx, who, e.ID, seq, note, now)
}

// Draw drafts the payment of a milestone that was accepted; from there it goes
// the way of every payment, to three people.
func (s *Service) Draw(ctx context.Context, who party.Actor, grant id.ID, seq int64) (payment.Payment, error) {
	g, all, err := s.Get(ctx, who, grant)
	if err == nil {
		err = s.Require(who, g, "draw")
	}
	if err != nil {
		return payment.Payment{}, err
	}
	if seq < 1 || seq > int64(len(all)) || all[seq-1].Amount == 0 || g.Fund == nil {
		return payment.Payment{}, fault.New(fault.NotFound, "这个节点没有要付的款")
	}
	m := all[seq-1]
	amount, err := s.due(ctx, s.db, g, m, seq == int64(len(all)))
	if err != nil {
		return payment.Payment{}, err
	}
	purpose := []rune(g.Title + "：" + m.Name)
	return s.Payments.Draw(ctx, who, *g.Fund, payment.Form{Payee: string(g.Organisation), Purpose: string(purpose[:min(len(purpose), 200)]), Amount: amount.Yuan()}, g.ID, seq)
}

// instalment holds a payment to the milestone it is for.
func (s *Service) instalment(ctx context.Context, d bun.IDB, p payment.Payment, c *fault.Check) error {
	g, err := read(ctx, d, *p.Award)
	if err != nil {
		return err
	}
	all, err := milestones(ctx, d, g.ID)
	if err != nil {
		return err
	}
	c.Must(g.State == Signed, "amount", "协议现在是“%s”，不能付款", g.StateName())
	due, err := s.due(ctx, d, g, all[*p.Milestone-1], *p.Milestone == int64(len(all)))
	if fault.Is(err, fault.Unknown) {
		return err
	}
	c.Adopt("amount", err)
	c.Must(err != nil || p.Amount != nil && *p.Amount == due, "amount", "应等于协议约定或者结算的 %s 元", due.Yuan())
	c.Must(p.Payee != nil && *p.Payee == g.Organisation, "payee", "收款单位应是协议的受资助方“%s”", g.OrgName)
	c.Must(!p.Grant(), "term_start", "协议已经登记履约，这里不填期限")
	if s.Applications.Listed != nil {
		if err := s.Applications.Listed(ctx, d, g.Organisation, g.Foundation); fault.Is(err, fault.Unknown) {
			return err
		} else if err != nil {
			c.Adopt("payee", err)
		}
	}
	return nil
}

// Graduate lets an organisation out of the incubator into its own: every
// milestone was accepted, and the register says so.
func (s *Service) Graduate(ctx context.Context, who party.Actor, grant id.ID, note string) (Grant, error) {
	note, err := words("note", note, "请写明出壳评语，将向社会公开")
	if err != nil {
		return Grant{}, err
	}
	return s.change(ctx, who, grant, "graduate", func(ctx context.Context, tx bun.Tx, g *Grant, now time.Time) error {
		if g.Kind != call.Incubation {
			return fault.New(fault.Conflict, "只有孵化培育的组织才有出壳")
		}
		all, err := milestones(ctx, tx, g.ID)
		if err != nil {
			return err
		}
		for _, m := range all {
			if m.AcceptedAt == nil {
				return fault.New(fault.Conflict, "“%s”还没有达成，不能出壳", m.Name)
			}
		}
		g.State, g.GraduatedAt, g.Note = Graduated, &now, note
		if err := record(ctx, tx, who, now, ObjectKind, g.ID, trail.Event{Action: "出壳", Note: note, Public: true}); err != nil {
			return err
		}
		if err := tell(ctx, tx, now, g.Organisation, *g, "“"+g.OrgName+"”出壳", note); err != nil {
			return err
		}
		return record(ctx, tx, who, now, "organisation", g.Organisation, trail.Event{Action: "孵化出壳", Note: g.CallTitle + "（" + g.FoundationName + "）", Public: true})
	})
}

func tell(ctx context.Context, tx bun.Tx, now time.Time, to id.ID, g Grant, title, text string) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: to}}, inbox.Letter{Title: title, Text: text, Link: "/grants/" + string(g.ID)})
}

func words(field, s, ask string) (string, error) {
	s = strings.TrimSpace(s)
	var c fault.Check
	c.Must(s != "", field, "%s", ask)
	c.Must(utf8.RuneCountInString(s) <= 2000, field, "不超过 2000 个字")
	return s, c.Err()
}
