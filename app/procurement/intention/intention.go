// Package intention is 采购意向: what a bureau is going to buy, public at least
// 30 days before the purchase begins (财库〔2020〕10号).
package intention

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// ObjectKind names it on timelines.
const ObjectKind = "intention"

// States of an intention.
const (
	Draft     = "draft"
	Published = "published"
)

// Facts are what an intention says.
type Facts struct {
	Title    string    `bun:"title" json:"title"`
	What     string    `bun:"what" json:"what"` // 采购需求概况
	Region   string    `bun:"region" json:"region"`
	Budget   money.Fen `bun:"budget" json:"budget"`     // 分
	Expected string    `bun:"expected" json:"expected"` // 预计采购时间: 2026-07
	Note     string    `bun:"note" json:"note,omitempty"`
}

// Intention is one 采购意向.
type Intention struct {
	bun.BaseModel `bun:"table:intention"`

	ID        id.ID   `bun:"id,pk" json:"id"`
	Buyer     id.ID   `bun:"buyer" json:"buyer"`
	BuyerName string  `bun:"buyer_name" json:"buyer_name"`
	Number    *string `bun:"number" json:"number,omitempty"`
	State     string  `bun:"state" json:"state" enum:"draft,published"`
	Facts
	Reason      string     `bun:"reason" json:"reason,omitempty"` // why it was sent back
	DraftedBy   id.ID      `bun:"drafted_by" json:"-"`
	ApprovedBy  *id.ID     `bun:"approved_by" json:"-"`
	CreatedAt   time.Time  `bun:"created_at" json:"created_at"`
	PublishedAt *time.Time `bun:"published_at" json:"published_at,omitempty"`
}

// No is the number, "" before publication.
func (x Intention) No() string {
	if x.Number == nil {
		return ""
	}
	return *x.Number
}

// Month is the month of the purchase as people say it.
func (x Intention) Month() string {
	if t, err := time.Parse("2006-01", x.Expected); err == nil {
		return t.Format("2006年1月")
	}
	return x.Expected
}

// Begins is when the purchase may begin at the earliest; nil before publication.
func (x Intention) Begins(set rules.Set, cal *calendar.Calendar) (*time.Time, error) {
	if x.PublishedAt == nil {
		return nil, nil
	}
	m, err := set.Clock(rules.IntentionBeforePurchase, *x.PublishedAt, cal)
	return m.At, err
}

// Service publishes intentions.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	calendar *calendar.Calendar
}

// New makes the service; no purchase passes without its intention or a reason.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, cal *calendar.Calendar, t *tender.Service) *Service {
	s := &Service{d, c, p, cal}
	t.Demand(s.named)
	t.DemandAtPublication(s.waited)
	return s
}

func relations(who party.Actor, x Intention) []string {
	rel := who.Relations()
	if who.Org != "" && who.Org == x.Buyer {
		rel = append(rel, "buyer")
		if who.Role != party.Approver || who.Account != x.DraftedBy {
			rel = append(rel, "buyer."+string(who.Role))
		}
	}
	return rel
}

func (s *Service) require(who party.Actor, x Intention, action string) error {
	return s.policy.Require(relations(who, x), "intention."+x.State, action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, x Intention, action string) bool {
	return s.require(who, x, action) == nil
}

// May is the authorisation function by id.
func (s *Service) May(ctx context.Context, who party.Actor, x id.ID, action string) error {
	_, err := s.get(ctx, s.db, who, x, action)
	return err
}

func (s *Service) get(ctx context.Context, d bun.IDB, who party.Actor, x id.ID, action string) (Intention, error) {
	var i Intention
	err := db.Found(db.Lock(d.NewSelect().Model(&i).Where("id = ?", x)).Scan(ctx), "采购意向")
	if err == nil {
		err = s.require(who, i, action)
	}
	return i, err
}

// Get reads an intention that the actor may see.
func (s *Service) Get(ctx context.Context, who party.Actor, x id.ID) (Intention, error) {
	var i Intention
	err := db.Found(s.db.NewSelect().Model(&i).Where("id = ?", x).Scan(ctx), "采购意向")
	if err == nil {
		err = s.require(who, i, "view")
	}
	if err != nil {
		return Intention{}, err
	}
	return i, nil
}

// Timeline lists what happened; the public sees the public events only.
func (s *Service) Timeline(ctx context.Context, who party.Actor, x Intention) ([]trail.Event, error) {
	return trail.Of(ctx, s.db, ObjectKind, x.ID, !s.Allowed(who, x, "follow"))
}

var month = regexp.MustCompile(`^20\d\d-(0[1-9]|1[0-2])$`)

func (f *Facts) check(now time.Time) error {
	var c fault.Check
	for _, x := range []struct {
		name, ask string
		v         *string
		low, high int
	}{{"title", "请填写项目名称，4 到 120 个字", &f.Title, 4, 120}, {"what", "请写明采购需求概况：主要内容、数量和要求，10 到 4000 个字", &f.What, 10, 4000},
		{"region", "请填写服务所在地，例如 四川省成都市武侯区", &f.Region, 2, 60}, {"note", "不超过 1000 个字", &f.Note, 0, 1000}} {
		*x.v = strings.TrimSpace(*x.v)
		n := utf8.RuneCountInString(*x.v)
		c.Must(n >= x.low && n <= x.high && utf8.ValidString(*x.v) && !strings.ContainsRune(*x.v, 0), x.name, "%s", x.ask)
	}
	if err := money.Accept(f.Budget); err != nil {
		c.Adopt("budget", err)
	} else {
		c.Must(f.Budget > 0, "budget", "请填写预算金额")
	}
	f.Expected = strings.TrimSpace(f.Expected)
	if !month.MatchString(f.Expected) {
		c.Fail("expected", "请填写预计采购的年月，例如 2026-07")
	} else {
		c.Must(f.Expected >= now.In(clock.Beijing).Format("2006-01"), "expected", "预计采购时间不能早于本月")
	}
	return c.Err()
}

// Create starts a draft of the actor's own bureau.
func (s *Service) Create(ctx context.Context, who party.Actor, f Facts) (Intention, error) {
	now := s.clock.Now()
	x := Intention{ID: id.New(now), Buyer: who.Org, BuyerName: who.OrgName, State: Draft, Facts: f, DraftedBy: who.Account, CreatedAt: now}
	if err := s.policy.Require(who.Relations(), "intention.new", "create"); err != nil {
		return x, err
	}
	if err := x.check(now); err != nil {
		return x, err
	}
	return x, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return note(ctx, tx, who, now, x.ID, "起草采购意向", "", false)
	})
}

// Amend changes a draft.
func (s *Service) Amend(ctx context.Context, who party.Actor, at id.ID, f Facts) (Intention, error) {
	return s.change(ctx, who, at, "edit", func(ctx context.Context, tx bun.Tx, x *Intention, now time.Time) error {
		x.Facts = f
		if err := x.check(now); err != nil {
			return err
		}
		return note(ctx, tx, who, now, x.ID, "修改采购意向", "", false)
	})
}

// Publish makes it public; whoever drafted it does not approve it.
func (s *Service) Publish(ctx context.Context, who party.Actor, at id.ID) (Intention, error) {
	return s.change(ctx, who, at, "publish", func(ctx context.Context, tx bun.Tx, x *Intention, now time.Time) error {
		if err := x.check(now); err != nil {
			return err
		}
		year := now.In(clock.Beijing).Year()
		n, err := number.Next(ctx, tx, number.Scope("intention", "platform", year))
		if err != nil {
			return err
		}
		no := fmt.Sprintf("GJ意〔%d〕%04d号", year, n)
		x.Number, x.State, x.PublishedAt, x.ApprovedBy, x.Reason = &no, Published, &now, &who.Account, ""
		err = search.Put(ctx, tx, search.Entry{Kind: search.Intention, ID: x.ID, At: now, Texts: []string{x.Title, no, x.BuyerName, x.Region, x.What}})
		if err != nil {
			return err
		}
		if err := emit(ctx, tx, *x); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: ObjectKind, ObjectID: x.ID, Action: "公开采购意向", Note: "编号 " + no,
			Article: rules.At(now).Must(rules.IntentionBeforePurchase).Source(), Public: true})
	})
}

// Return sends a draft back with a reason.
func (s *Service) Return(ctx context.Context, who party.Actor, at id.ID, reason string) (Intention, error) {
	reason = strings.TrimSpace(reason)
	return s.change(ctx, who, at, "publish", func(ctx context.Context, tx bun.Tx, x *Intention, now time.Time) error {
		var c fault.Check
		c.Must(reason != "" && utf8.RuneCountInString(reason) <= 1000, "reason", "请写明退回的原因，不超过 1000 个字")
		if err := c.Err(); err != nil {
			return err
		}
		x.Reason = reason
		return note(ctx, tx, who, now, x.ID, "退回修改", reason, false)
	})
}

func (s *Service) change(ctx context.Context, who party.Actor, at id.ID, action string,
	do func(context.Context, bun.Tx, *Intention, time.Time) error) (Intention, error) {
	var out Intention
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err := s.get(ctx, tx, who, at, action)
		if err != nil {
			return err
		}
		if err := do(ctx, tx, &x, s.clock.Now()); err != nil {
			return err
		}
		out = x
		return db.One(tx.NewUpdate().Model(&x).ExcludeColumn("id", "buyer", "drafted_by", "created_at").WherePK().Exec(ctx))
	})
	return out, err
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, x id.ID, action, text string, public bool) error {
	return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: ObjectKind, ObjectID: x, Action: action, Note: text, Public: public})
}
