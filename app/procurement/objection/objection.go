// Package objection hears what anybody says against buying from one supplier:
// the notice comes first, for the period the law gives, and no offer is taken
// while an objection waits for an answer or was found right (政府采购法实施条例
// 第38条).
package objection

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
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Longest is how many characters an objection or an answer may have.
const Longest = 4000

// Objection is one objection with its answer. Both are public; who raised it
// is its organisation.
type Objection struct {
	bun.BaseModel `bun:"table:objection"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Tender     id.ID      `bun:"tender" json:"tender"`
	Org        id.ID      `bun:"org" json:"org"`
	OrgName    string     `bun:"org_name" json:"org_name"`
	Account    id.ID      `bun:"account" json:"-"`
	Text       string     `bun:"text" json:"text"`
	RaisedAt   time.Time  `bun:"raised_at" json:"raised_at"`
	Answer     string     `bun:"answer" json:"answer,omitempty"`
	Stands     bool       `bun:"stands" json:"stands"` // found right: the purchase stops
	AnsweredBy *id.ID     `bun:"answered_by" json:"-"`
	AnsweredAt *time.Time `bun:"answered_at" json:"answered_at,omitempty"`
}

// Service hears objections.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	calendar *calendar.Calendar
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, cal *calendar.Calendar) *Service {
	return &Service{db: d, clock: c, policy: p, calendar: cal}
}

// Period is the notice period of a tender, if its method has one: until when
// objections are heard, with the rule. A year without a table of working days
// is Missing in the moment.
func Period(t tender.Tender, cal *calendar.Calendar) (rules.Moment, bool, error) {
	m, _ := t.How()
	if m.Notice == "" || t.PublishedAt == nil || t.Rules == "" {
		return rules.Moment{}, false, nil
	}
	set, err := t.RuleSet(*t.PublishedAt)
	if err != nil {
		return rules.Moment{}, false, err
	}
	end, err := set.Clock(set.Of(t.Method, m.Notice).ID, *t.PublishedAt, cal)
	return end, err == nil, err
}

// Raise puts an objection on record while the notice stands.
func (s *Service) Raise(ctx context.Context, who party.Actor, tenderID id.ID, text string) (Objection, error) {
	text, err := words(text, "text", "请写明异议的内容、理由和依据")
	if err != nil {
		return Objection{}, err
	}
	var o Objection
	err = s.change(ctx, who, tenderID, "object", func(ctx context.Context, tx bun.Tx, t tender.Tender, now time.Time) error {
		end, has, err := Period(t, s.calendar)
		switch {
		case err != nil:
			return err
		case !has:
			return fault.New(fault.Conflict, "%s没有公示期，对采购有意见请提出询问或者质疑", methodName(t))
		case end.At == nil:
			return fault.New(fault.Invalid, "%s", end.Missing)
		case !now.Before(*end.At):
			return fault.New(fault.TooLate, "公示期已于 %s 届满，不能再提出异议", calendar.Until(*end.At)).Under(end.Rule.Source())
		case who.Org == "" || who.Org == t.Buyer:
			return fault.New(fault.Forbidden, "请以采购人以外的单位的身份提出异议")
		}
		o = Objection{ID: id.New(now), Tender: t.ID, Org: who.Org, OrgName: who.OrgName, Account: who.Account, Text: text, RaisedAt: now}
		if _, err := tx.NewInsert().Model(&o).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return note(ctx, tx, who, now, t.ID, "提出异议", "", end.Rule.Source())
	})
	return o, err
}

// Answer answers an objection; one that stands stops the purchase, which its
// buyer then cancels.
func (s *Service) Answer(ctx context.Context, who party.Actor, tenderID, objection id.ID, answer string, stands bool) error {
	answer, err := words(answer, "answer", "请写明对异议的答复和理由")
	if err != nil {
		return err
	}
	return s.change(ctx, who, tenderID, "answer", func(ctx context.Context, tx bun.Tx, t tender.Tender, now time.Time) error {
		var o Objection
		if err := db.Found(tx.NewSelect().Model(&o).Where("id = ? AND tender = ?", objection, t.ID).Scan(ctx), "异议"); err != nil {
			return err
		}
		if o.AnsweredAt != nil {
			return fault.New(fault.Conflict, "这条异议已经答复，不能再改")
		}
		o.Answer, o.Stands, o.AnsweredBy, o.AnsweredAt = answer, stands, &who.Account, &now
		if err := db.One(tx.NewUpdate().Model(&o).Column("answer", "stands", "answered_by", "answered_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		action := "答复异议，异议不成立"
		if stands {
			action = "答复异议，异议成立"
		}
		return note(ctx, tx, who, now, t.ID, action, "", "")
	})
}

// Of are the objections to a tender that the actor may view, oldest first.
func (s *Service) Of(ctx context.Context, t tender.Tender) ([]Objection, error) {
	out := []Objection{}
	if m, _ := t.How(); m.Notice == "" {
		return out, nil
	}
	err := s.db.NewSelect().Model(&out).Where("tender = ?", t.ID).Order("id").Limit(200).Scan(ctx)
	return out, db.Translate(err)
}

// Clear refuses an offer before the notice is over and every objection is
// answered, in the offer's own transaction.
func (s *Service) Clear(ctx context.Context, tx bun.IDB, t tender.Tender, now time.Time) error {
	end, has, err := Period(t, s.calendar)
	if err != nil || !has {
		return err
	}
	if end.At == nil {
		return fault.New(fault.Invalid, "%s", end.Missing)
	}
	if now.Before(*end.At) {
		return fault.New(fault.Conflict, "公示期到 %s 届满，之后才能编制和提交响应文件", calendar.Until(*end.At)).Under(end.Rule.Source())
	}
	n, err := tx.NewSelect().Model((*Objection)(nil)).Where("tender = ? AND (answered_at IS NULL OR stands)", t.ID).Count(ctx)
	if err != nil {
		return db.Translate(err)
	}
	if n > 0 {
		return fault.New(fault.Conflict, "有 %d 条异议尚未答复或者成立，采购暂不能继续", n).Under(end.Rule.Source())
	}
	return nil
}

func (s *Service) change(ctx context.Context, who party.Actor, tenderID id.ID, action string,
	fn func(context.Context, bun.Tx, tender.Tender, time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.policy.Require(tender.Relations(who, t), t.Object(now), action); err != nil {
			return err
		}
		return fn(ctx, tx, t, now)
	})
}

func words(s, field, ask string) (string, error) {
	s = strings.TrimSpace(s)
	var c fault.Check
	c.Must(s != "", field, "%s", ask)
	c.Must(utf8.RuneCountInString(s) <= Longest, field, "不超过 %d 个字", Longest)
	return s, c.Err()
}

func methodName(t tender.Tender) string {
	m, _ := t.How()
	return m.Name
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, tenderID id.ID, action, text, article string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "tender", ObjectID: tenderID, Action: action, Note: text, Article: article, Public: true})
}

// Waiting counts the objections that a bureau has not answered, and names the
// purchase of the oldest.
func (s *Service) Waiting(ctx context.Context, buyer id.ID) (n int, first id.ID, err error) {
	var rows []Objection
	err = s.db.NewSelect().Model(&rows).Column("objection.id", "objection.tender").Join("JOIN tender AS t ON t.id = objection.tender").
		Where("t.buyer = ? AND objection.answered_at IS NULL", buyer).OrderExpr("objection.id").Limit(100).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return 0, "", db.Translate(err)
	}
	return len(rows), rows[0].Tender, nil
}
