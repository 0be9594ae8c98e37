package grant

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// atOnce is how many applications one transaction of DeclineRest decides: few
// enough that nobody waits long for the call's row, many enough that four
// hundred take eight commits and not four hundred.
const atOnce = 50

// DeclineRest declines every application that the review did not pass, with
// the review's reason, and gives their number. Each decision stands by itself:
// pressed again after an interruption, it goes on with those that are left.
func (s *Service) DeclineRest(ctx context.Context, who party.Actor, of id.ID) (int, error) {
	c, err := call.Read(ctx, s.db, of)
	if err != nil {
		return 0, err
	}
	if err := s.mayDecide(who, c, s.clock.Now()); err != nil {
		return 0, err
	}
	for n := 0; ; {
		done, err := s.declineSome(ctx, who, of)
		if n += done; err != nil || done < atOnce {
			return n, err
		}
	}
}

func (s *Service) declineSome(ctx context.Context, who party.Actor, of id.ID) (int, error) {
	n := 0
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		c, err := call.ForUpdate(ctx, tx, of)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.mayDecide(who, c, now); err != nil {
			return err
		}
		failed, err := s.Reviews.Failed(ctx, tx, of, atOnce)
		if err != nil {
			return err
		}
		for _, f := range failed {
			a, err := application.ForUpdate(ctx, tx, f.Application)
			if err != nil {
				return err
			}
			if _, err := s.decide(ctx, tx, who, &a, c, Ruling{Reason: f.Reason}, now); err != nil {
				return err
			}
		}
		n = len(failed)
		return s.finish(ctx, tx, who, &c, now)
	})
	return n, err
}

// cancelled ends what hangs on a call that is being cancelled. Conflict where
// somebody has been promised support: that promise stands.
func (s *Service) cancelled(ctx context.Context, tx bun.Tx, who party.Actor, c call.Call, now time.Time) error {
	n, err := tx.NewSelect().Model((*Grant)(nil)).Where("call = ? AND state <> ?", c.ID, Refused).Count(ctx)
	if err != nil {
		return db.Translate(err)
	}
	if n > 0 {
		return fault.New(fault.Conflict, "已经决定支持 %d 个项目，不能取消征集；对其余申请请逐份作出决定", n)
	}
	ended, err := application.End(ctx, tx, who, c, now)
	if err != nil {
		return err
	}
	var to []inbox.To
	for _, a := range ended {
		to = append(to, inbox.To{Organisation: a.Organisation})
	}
	people, err := s.Reviews.Named(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	return inbox.Send(ctx, tx, now, append(to, inbox.Persons(people...)...), inbox.Letter{Title: "征集已取消：" + c.Title,
		Text: c.FoundationName + "取消了这次征集，不再评审。原因：" + c.Reason, Link: "/calls/" + string(c.ID)})
}

// Settlement is how a bureau paid a milestone: by its treasury, not here.
type Settlement struct {
	On      string `json:"on" description:"付款日期，例如 2026-12-31"`
	Voucher string `json:"voucher" description:"支付凭证号"`
}

// Settle enters that a bureau has paid a milestone (from 1) that was accepted;
// whoever accepted it does not. A foundation pays with Draw.
func (s *Service) Settle(ctx context.Context, who party.Actor, grant id.ID, seq int64, in Settlement) (Grant, error) {
	return s.change(ctx, who, grant, "settle", func(ctx context.Context, tx bun.Tx, g *Grant, now time.Time) error {
		all, err := milestones(ctx, tx, g.ID)
		if err != nil {
			return err
		}
		if seq < 1 || seq > int64(len(all)) || all[seq-1].Amount == 0 || g.Source == "" {
			return fault.New(fault.NotFound, "这个节点没有要登记的付款")
		}
		m := all[seq-1]
		switch {
		case m.SettledOn != nil:
			return fault.New(fault.Conflict, "“%s”的付款已经登记", m.Name)
		case m.AcceptedBy != nil && *m.AcceptedBy == who.Account:
			return fault.New(fault.Forbidden, "节点由您确认达成，付款请另一位财务人员登记")
		}
		amount, err := s.due(ctx, tx, *g, m, seq == int64(len(all)))
		if err != nil {
			return err
		}
		if s.Applications.Listed != nil {
			if err := s.Applications.Listed(ctx, tx, g.Organisation, g.Foundation); err != nil {
				return err
			}
		}
		if err := in.into(&m, now); err != nil {
			return err
		}
		m.SettledBy, m.SettledAmount = &who.Account, &amount
		if err := db.One(tx.NewUpdate().Model(&m).Column("settled_on", "settled_by", "settled_amount", "voucher").WherePK().Where("settled_on IS NULL").Exec(ctx)); err != nil {
			return err
		}
		if err := tell(ctx, tx, now, g.Organisation, *g, "“"+m.Name+"”已付款", amount.Yuan()+" 元，凭证 "+m.Voucher); err != nil {
			return err
		}
		return record(ctx, tx, who, now, ObjectKind, g.ID, trail.Event{Action: "登记付款", Note: m.Name + "，" + amount.Yuan() + " 元", Public: true})
	})
}

func (in Settlement) into(m *Milestone, now time.Time) error {
	var k fault.Check
	m.SettledOn = calendar.Typed(&k, "on", in.On)
	k.Must(m.SettledOn != nil || k.Failed("on"), "on", "请填写付款日期")
	k.Must(m.SettledOn == nil || !m.SettledOn.After(now), "on", "付款日期不能晚于今天")
	k.Must(m.SettledOn == nil || m.AcceptedAt == nil || !m.SettledOn.Before(calendar.Date(*m.AcceptedAt)), "on", "付款日期不能早于节点确认达成的日期")
	m.Voucher = strings.TrimSpace(in.Voucher)
	n := utf8.RuneCountInString(m.Voucher)
	k.Must(n >= 2 && n <= 60, "voucher", "请填写支付凭证号，2–60 个字")
	return k.Err()
}

// Paid adds up the milestones that were paid, in 分.
func Paid(all []Milestone) money.Fen {
	var sum money.Fen
	for _, m := range all {
		sum += m.Paid()
	}
	return sum
}
