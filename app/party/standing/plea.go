package standing

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/storage/db"
)

// RemovalFrom is from when the removal of a listing may be asked: the years of
// its rule after it began (民政部令第60号: two clean years), at once where
// there is none; and the rule.
func RemovalFrom(l Listing) (time.Time, rules.Rule) {
	kind, _ := rules.ListingByID(l.Kind)
	if l.BeginsAt == nil || kind.Removal == "" {
		return time.Time{}, rules.Rule{}
	}
	rule := rules.At(*l.DecidedAt).Must(kind.Removal)
	return clock.Trunc(ends(*l.BeginsAt, 12*int(rule.Value))), rule
}

// ObjectBy is the last moment, exclusive, to object to a listing in force, and
// the rule.
func (s *Service) ObjectBy(l Listing) (*time.Time, rules.Rule) {
	if l.DecidedAt == nil {
		return nil, rules.Rule{}
	}
	m, err := rules.At(*l.DecidedAt).Clock(rules.StandingObjection, *l.DecidedAt, s.calendar)
	if err != nil {
		return nil, rules.Rule{}
	}
	if m.At == nil { // the year's working days are not loaded: the plain day
		at := calendar.Date(*l.DecidedAt).AddDate(0, 0, int(m.Rule.Value)+1)
		m.At = &at
	}
	return m.At, m.Rule
}

// Plead lets the listed organisation object in time, or ask to be removed once
// that may be asked; an officer of the authority may put the removal forward.
// One plea is open at a time.
func (s *Service) Plead(ctx context.Context, who party.Actor, listing id.ID, kind PleaKind, text string) (Plea, error) {
	ask := "请写明异议的事实和理由"
	if kind == Removal {
		ask = "请写明整改和守法的情况"
	}
	text, err := words("text", text, ask)
	if err != nil {
		return Plea{}, err
	}
	if kind != Objection && kind != Removal {
		return Plea{}, fault.New(fault.Invalid, "请选择异议或者移出申请")
	}
	var p Plea
	_, err = s.change(ctx, who, listing, string(kind), func(ctx context.Context, tx bun.Tx, l *Listing, now time.Time) error {
		if err := s.inTime(*l, kind, now); err != nil {
			return err
		}
		p = Plea{ID: id.New(now), Listing: l.ID, Kind: kind, Org: who.Org, Account: who.Account, Text: text, At: now, State: Open}
		if _, err := tx.NewInsert().Model(&p).Exec(ctx); db.Duplicate(err) {
			return fault.New(fault.Conflict, "上一件异议或者移出申请还没有答复")
		} else if err != nil {
			return db.Translate(err)
		}
		if err := send(ctx, tx, l.Authority, *l, now, "“"+l.OrgName+"”的"+kind.Name(), "请审批人答复。"); err != nil {
			return err
		}
		return note(ctx, tx, who, now, *l, "提出"+kind.Name(), "", "")
	})
	return p, err
}

func (s *Service) inTime(l Listing, kind PleaKind, now time.Time) error {
	if kind == Removal {
		if from, rule := RemovalFrom(l); now.Before(from) {
			return fault.New(fault.Conflict, "列入后连续守法满 %d 年才能申请移出，最早 %s", rule.Value, from.In(clock.Beijing).Format("2006年1月2日")).Under(rule.Source())
		}
		return nil
	}
	if by, rule := s.ObjectBy(l); by != nil && !now.Before(*by) {
		return fault.New(fault.TooLate, "提出异议的期限已于 %s截止", calendar.Until(*by)).Under(rule.Source())
	}
	return nil
}

// Answer decides the open plea of a listing: granted, the listing ends at once.
// Nobody answers their own, and whoever decided the listing does not judge the
// objection to it.
func (s *Service) Answer(ctx context.Context, who party.Actor, listing, plea id.ID, grant bool, answer string) (Listing, error) {
	answer = strings.TrimSpace(answer)
	n := utf8.RuneCountInString(answer)
	var c fault.Check
	c.Must(n >= 5 && n <= 2000, "answer", "请写明理由，5–2000 个字")
	if err := c.Err(); err != nil {
		return Listing{}, err
	}
	return s.change(ctx, who, listing, "answer", func(ctx context.Context, tx bun.Tx, l *Listing, now time.Time) error {
		var p Plea
		if err := db.Found(tx.NewSelect().Model(&p).Where("id = ? AND listing = ? AND state = ?", plea, l.ID, Open).Scan(ctx), "待答复的申请"); err != nil {
			return err
		}
		if p.Account == who.Account {
			return fault.New(fault.Forbidden, "不能答复自己提出的申请，请由另一位审批人办理")
		}
		if p.Kind == Objection && l.DecidedBy != nil && *l.DecidedBy == who.Account {
			return fault.New(fault.Forbidden, "列入决定由您作出，对它的异议请由另一位审批人办理")
		}
		p.State, p.Answer, p.DecidedBy, p.DecidedAt = Refused, answer, &who.Account, &now
		action := p.Kind.Name() + "不予采纳"
		if grant {
			p.State, l.EndedAt, l.EndedWhy = Granted, &now, answer
			l.State, action = Removed, "决定移出"
			if p.Kind == Objection {
				l.State, action = Revoked, "决定撤销"
			}
		}
		if err := db.One(tx.NewUpdate().Model(&p).Column("state", "answer", "decided_by", "decided_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		if err := tell(ctx, tx, *l, now, action+"：“"+l.KindName()+"”", answer); err != nil {
			return err
		}
		if !grant {
			return note(ctx, tx, who, now, *l, action, answer, l.Article)
		}
		return public(ctx, tx, who, now, *l, action, answer)
	})
}
