package disclosure

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
	"gongji/storage/queue"
)

// Rooms are the services that a disclosure works with.
type Rooms struct {
	Funds     *fund.Service
	Campaigns *campaign.Service
	Ledger    *ledger.Service
	Archive   *archive.Service
}

// Service drafts and publishes disclosures.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	calendar *calendar.Calendar
	site     string
	Rooms
}

// New makes the service; site is what the PDF's address begins with.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, r Rooms, days *calendar.Calendar, site string) *Service {
	return &Service{db: d, clock: c, policy: p, calendar: days, site: strings.TrimRight(site, "/"), Rooms: r}
}

// Nightly has the foundations reminded every morning at eight.
func (s *Service) Nightly(q *queue.Queue) error {
	return queue.Nightly(q, 8, time.Hour, reminders{}, s.Remind)
}

// relations are what an actor is to a disclosure. Who drafted it never
// publishes it.
func relations(who party.Actor, x Disclosure) []string {
	return who.To("disclosure", x.Foundation, x.DraftedBy)
}

// Require is the one authorisation function, for a disclosure already read.
func (s *Service) Require(who party.Actor, x Disclosure, action string) error {
	return s.policy.Require(relations(who, x), ObjectKind+"."+string(x.State), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, x Disclosure, action string) bool {
	return s.Require(who, x, action) == nil
}

// May is Require by id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, disclosure id.ID, action string) error {
	x, err := read(ctx, s.db, disclosure, false)
	if err != nil {
		return err
	}
	return s.Require(who, x, action)
}

// MayDraft reports whether the actor may draft one for their foundation.
func (s *Service) MayDraft(who party.Actor) bool {
	return s.policy.Any(who.Relations(), ObjectKind+".new", "create")
}

// MayLabel reports whether the actor groups the gifts of their foundation's funds.
func (s *Service) MayLabel(who party.Actor) bool {
	return s.policy.Any([]string{"fund." + string(who.Role)}, "fund.active", "disclose_label")
}

// Get reads a disclosure that the actor may view: what was published is
// everybody's, corrected or not.
func (s *Service) Get(ctx context.Context, who party.Actor, disclosure id.ID) (Disclosure, error) {
	x, err := read(ctx, s.db, disclosure, false)
	if err == nil {
		err = s.Require(who, x, "view")
	}
	if err != nil {
		return Disclosure{}, err
	}
	return x, nil
}

// Editions lists the editions of a disclosure that the actor may view, the
// first one first.
func (s *Service) Editions(ctx context.Context, who party.Actor, x Disclosure) ([]Disclosure, error) {
	out := []Disclosure{x}
	for first := x; first.Corrects != nil; {
		var err error
		if first, err = read(ctx, s.db, *first.Corrects, false); err != nil {
			return nil, err
		}
		out = append([]Disclosure{first}, out...)
	}
	for {
		var next Disclosure
		err := db.Found(s.db.NewSelect().Model(&next).Where("corrects = ? AND state <> ?", out[len(out)-1].ID, Dropped).Scan(ctx), noun)
		if fault.Is(err, fault.NotFound) || err == nil && !s.Allowed(who, next, "view") {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, next)
	}
}

// Timeline lists what happened; the public sees the public events only.
func (s *Service) Timeline(ctx context.Context, who party.Actor, x Disclosure) ([]trail.Event, error) {
	return trail.Of(ctx, s.db, ObjectKind, x.ID, !s.Allowed(who, x, "follow"))
}

// Form is what a draft is made of.
type Form struct {
	Words
	// Until is the last day that the figures cover; "" is this moment. A yearly
	// disclosure covers its year, whatever is said here.
	Until string `json:"until,omitempty" description:"统计截止日，当日计入，例如 2026-11-20；不填为保存的时刻"`
}

func (f *Form) check(c *fault.Check) {
	f.Summary, f.Explanation = strings.TrimSpace(f.Summary), strings.TrimSpace(f.Explanation)
	if f.Unit == "" {
		f.Unit = Yuan
	}
	c.Must(f.Unit == Yuan || f.Unit == Wan2 || f.Unit == Wan4, "unit", "请选择显示的单位")
	for field, v := range map[string]string{"summary": f.Summary, "explanation": f.Explanation} {
		c.Must(utf8.ValidString(v) && !strings.ContainsRune(v, 0) && utf8.RuneCountInString(v) <= 5000, field, "不超过 5000 个字")
	}
}

// Start drafts the disclosure of a kind that is due next for a fund or a
// campaign: what it
// covers begins where the last one ended. Conflict where one is being worked on
// already, or its year is not over.
func (s *Service) Start(ctx context.Context, who party.Actor, of id.ID, kind Kind) (Disclosure, error) {
	if err := s.policy.Require(who.Relations(), ObjectKind+".new", "create"); err != nil {
		return Disclosure{}, err
	}
	var x Disclosure
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.about(ctx, tx, of, true)
		if err != nil {
			return err
		}
		if err := s.require(who, a, "disclose"); err != nil {
			return err
		}
		now := s.clock.Now()
		due, err := s.next(ctx, tx, a, kind, now)
		if err != nil {
			return err
		}
		x = Disclosure{ID: id.New(now), Foundation: a.Foundation, FoundationName: a.FoundationName, SubjectKind: a.Kind, Subject: a.ID,
			SubjectName: a.Name, Kind: kind, State: Draft, Edition: 1, Version: 1, From: due.From, To: now, AsOf: now, DueAt: &due.At, Article: due.Article,
			Words: Words{Unit: Yuan}, Demo: a.Demo, DraftedBy: who.Account, CreatedAt: now, UpdatedAt: now}
		if due.To != nil {
			x.To, x.AsOf = *due.To, *due.To
		}
		if x.Figures, err = s.figuresOf(ctx, tx, a, x.span()); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, x, trail.Event{Action: "起草" + kind.Name(), Article: due.Article})
	})
	if db.Duplicate(err) {
		err = fault.New(fault.Conflict, "%s已经有一份正在办理，请到信息公开列表里继续", kind.Name())
	}
	return x, err
}

// next finds the due disclosure of a kind, the first one.
func (s *Service) next(ctx context.Context, d bun.IDB, a about, kind Kind, now time.Time) (Due, error) {
	list, err := s.dues(ctx, d, []Subject{a.Subject}, now)
	if err != nil {
		return Due{}, err
	}
	for _, x := range list {
		switch {
		case x.Kind != kind:
		case x.To != nil && now.Before(*x.To):
			return x, fault.New(fault.Conflict, "%s要到年度结束后才能起草，账目还会变化", x.Name())
		default:
			return x, nil
		}
	}
	return Due{}, fault.New(fault.Conflict, "按日历，%s现在没有要办的%s", a.noun(), kind.Name())
}

func (x Disclosure) span() span { return span{x.From, x.To, x.AsOf} }

// Save keeps the words and computes the figures again. A version of 0 saves
// over whatever is there; another must be the draft's.
func (s *Service) Save(ctx context.Context, who party.Actor, disclosure id.ID, version int64, in Form) (Disclosure, error) {
	return s.change(ctx, who, disclosure, "edit", func(ctx context.Context, tx bun.Tx, x *Disclosure, a about, now time.Time) error {
		var c fault.Check
		in.check(&c)
		if version != 0 && version != x.Version {
			return fault.New(fault.Conflict, "这份草稿刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		if x.Kind != Yearly && x.Corrects == nil {
			x.To = until(&c, in.Until, x.From, now)
			x.AsOf = x.To
		}
		if err := c.Err(); err != nil {
			return err
		}
		if x.Corrects != nil {
			x.AsOf = now
		}
		x.Words = in.Words
		var err error
		x.Figures, err = s.figuresOf(ctx, tx, a, x.span())
		return err
	})
}

// until reads the last day that counts; never later than now.
func until(c *fault.Check, typed string, from, now time.Time) time.Time {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return now
	}
	t, err := time.ParseInLocation(time.DateOnly, typed, clock.Beijing)
	switch {
	case err != nil:
		c.Fail("until", "请填写日期，例如 2026-11-20")
		return now
	case t.After(now):
		c.Fail("until", "统计截止日不能晚于今天")
	case !t.AddDate(0, 0, 1).After(from):
		c.Fail("until", "统计截止日早于本期的开始")
	}
	if end := t.AddDate(0, 0, 1).UTC(); end.Before(now) {
		return end
	}
	return now
}

// Drop gives a draft up.
func (s *Service) Drop(ctx context.Context, who party.Actor, disclosure id.ID) (Disclosure, error) {
	return s.change(ctx, who, disclosure, "drop", func(ctx context.Context, tx bun.Tx, x *Disclosure, _ about, now time.Time) error {
		x.State = Dropped
		return record(ctx, tx, who, now, *x, trail.Event{Action: "放弃草稿"})
	})
}

// change is the frame of every mutation of a draft: lock, authorise, decide,
// write.
func (s *Service) change(ctx context.Context, who party.Actor, disclosure id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, x *Disclosure, a about, now time.Time) error) (Disclosure, error) {
	var out Disclosure
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err := read(ctx, tx, disclosure, true)
		if err != nil {
			return err
		}
		if err := s.Require(who, x, action); err != nil {
			return err
		}
		a, err := s.about(ctx, tx, x.Subject, false)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := do(ctx, tx, &x, a, now); err != nil {
			return err
		}
		x.UpdatedAt = now
		if err := save(ctx, tx, &x); err != nil {
			return err
		}
		out = x
		return nil
	})
	return out, err
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, x Disclosure, e trail.Event) error {
	e.ObjectKind, e.ObjectID = ObjectKind, x.ID
	return trail.Append(ctx, tx, who, at, e)
}

func correctionArticle(now time.Time) string {
	return rules.At(now).Must(rules.CharityCorrection).Source()
}
