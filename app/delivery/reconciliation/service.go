package reconciliation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Service keeps the months.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	engagements *engagement.Service
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, e *engagement.Service) *Service {
	return &Service{db: d, clock: c, engagements: e}
}

// Start begins the oldest month that is over and was not begun; the earlier
// ones must be closed.
func (s *Service) Start(ctx context.Context, who party.Actor, of id.ID) (Case, error) {
	var out Case
	err := s.engagements.Change(ctx, who, of, "reconcile", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		if err := payer(who, e); err != nil {
			return err
		}
		months, err := all(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, x := range months {
			if x.State == Open {
				return fault.New(fault.Conflict, "%s还没有结账，结账以后再开始下一个月", x.Name())
			}
		}
		month := next(e, months, now)
		if month == nil {
			return fault.New(fault.Conflict, "没有可以对账的月份：一个月过完以后再对")
		}
		m := Month{ID: id.New(now), Engagement: of, Month: *month, State: Open, OpenedBy: who.Account, OpenedAt: now}
		if _, err := tx.NewInsert().Model(&m).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if m.Content, err = s.compute(ctx, tx, e, m, months, now); err != nil {
			return err
		}
		out = Case{m, e}
		for _, d := range m.Content.Differences {
			if d.Side == Provider {
				if err := tell(ctx, tx, now, e.Provider, m, "“"+e.Title+"”"+m.Name()+"对账有差异待说明", "请说明承接方的差异，或者补报。"); err != nil {
					return err
				}
				break
			}
		}
		return engagement.Record(ctx, tx, who, now, of, trail.Event{Action: "开始月对账", Note: m.Name()})
	})
	return out, err
}

// payer refuses the provider what only the payer does.
func payer(who party.Actor, e engagement.Engagement) error {
	if who.Org != e.Payer {
		return fault.New(fault.Forbidden, "由付款方“%s”办理", e.PayerName)
	}
	return nil
}

// change is the frame of what is done about an open month, computed as it
// stands.
func (s *Service) change(ctx context.Context, who party.Actor, month id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error) (Case, error) {
	at, err := read(ctx, s.db, month)
	if err != nil {
		return Case{}, err
	}
	var out Case
	err = s.engagements.Change(ctx, who, at.Engagement, action, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		months, err := all(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		m, err := read(ctx, tx, month)
		if err != nil {
			return err
		}
		if m.State == Closed {
			return fault.New(fault.Conflict, "%s已经结账，不能再改；以后的变化会列入下一个月的差异", m.Name())
		}
		if m.Content, err = s.compute(ctx, tx, e, m, months, now); err != nil {
			return err
		}
		x := Case{m, e}
		if err := do(ctx, tx, &x, now); err != nil {
			return err
		}
		if err := db.One(tx.NewUpdate().Model(&x.Month).ExcludeColumn("id", "engagement", "month").WherePK().Exec(ctx)); err != nil {
			return err
		}
		if x.State == Open {
			if x.Content, err = s.compute(ctx, tx, e, x.Month, months, now); err != nil {
				return err
			}
		}
		out = x
		return nil
	})
	return out, err
}

// Enter keeps what the payer's own books paid in the month, in 分; what is paid
// out of a fund is compared with its ledger instead.
func (s *Service) Enter(ctx context.Context, who party.Actor, month id.ID, booked money.Fen) (Case, error) {
	if err := money.Accept(booked); err != nil {
		var c fault.Check
		c.Adopt("booked", err)
		return Case{}, c.Err()
	}
	return s.change(ctx, who, month, "reconcile", func(_ context.Context, _ bun.Tx, x *Case, now time.Time) error {
		if err := payer(who, x.Of); err != nil {
			return err
		}
		if !x.OwnBooks() {
			return fault.New(fault.Conflict, "资助款和基金账本自动核对，不用填写账面付款额")
		}
		x.Booked, x.BookedBy, x.BookedAt = &booked, &who.Account, &now
		return nil
	})
}

// Explain keeps the words of somebody of the side that a difference is of.
func (s *Service) Explain(ctx context.Context, who party.Actor, month id.ID, key, words string) (Case, error) {
	words = strings.TrimSpace(words)
	var c fault.Check
	c.Must(utf8.RuneCountInString(words) >= 2, "words", "请写明差异的原因和怎样处理")
	c.Must(utf8.RuneCountInString(words) <= 1000 && utf8.ValidString(words), "words", "不超过 1000 个字")
	if err := c.Err(); err != nil {
		return Case{}, err
	}
	return s.change(ctx, who, month, "reconcile", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		for _, d := range x.Content.Differences {
			if d.Key != key {
				continue
			}
			if (d.Side == Provider) != (who.Org == x.Of.Provider) {
				return fault.New(fault.Forbidden, "这一项由%s说明", d.Side.Name())
			}
			_, err := tx.NewInsert().Model(&note{ID: id.New(now), Month: x.ID, Key: key, Says: d.Says, Words: words, By: who.Account, Name: who.Name, At: now}).Exec(ctx)
			if err != nil {
				return db.Translate(err)
			}
			return engagement.Record(ctx, tx, who, now, x.Of.ID, trail.Event{Action: "说明对账差异", Note: x.Name() + "：" + d.Says})
		}
		return fault.New(fault.Conflict, "这一项差异已经没有了，请刷新页面")
	})
}

// Close freezes a month whose differences all have their words; whoever began
// it, or entered the books, never closes it.
func (s *Service) Close(ctx context.Context, who party.Actor, month id.ID) (Case, error) {
	return s.change(ctx, who, month, "close_month", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		if x.OpenedBy == who.Account || x.BookedBy != nil && *x.BookedBy == who.Account {
			return fault.New(fault.Forbidden, "对账的人不能结账，请由另一位办理")
		}
		if n := x.Content.Unexplained(); n > 0 {
			return fault.New(fault.Conflict, "还有 %d 项差异没有说明，说明以后才能结账", n)
		}
		x.State, x.ClosedBy, x.ClosedAt = Closed, &who.Account, &now
		if err := tell(ctx, tx, now, x.Of.Provider, x.Month, "“"+x.Of.Title+"”"+x.Name()+"已对平", ""); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, x.Of.ID, trail.Event{Action: "月对账结账", Note: x.Name()})
	})
}

// May is the access function of a month.
func (s *Service) May(ctx context.Context, who party.Actor, month id.ID, action string) error {
	m, err := read(ctx, s.db, month)
	if err != nil {
		return err
	}
	if action == "view" {
		action = "follow"
	}
	return s.engagements.May(ctx, who, m.Engagement, action)
}

func tell(ctx context.Context, tx bun.Tx, now time.Time, to id.ID, m Month, title, text string) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: to}}, inbox.Letter{Title: title, Text: text, Link: "/months/" + string(m.ID)})
}
