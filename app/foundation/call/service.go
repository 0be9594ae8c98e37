package call

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service decides what happens to calls.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
	orgs   *organisation.Service
	funds  *fund.Service

	cancelled []func(ctx context.Context, tx bun.Tx, who party.Actor, c Call, now time.Time) error
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, o *organisation.Service, f *fund.Service) *Service {
	return &Service{db: d, clock: c, policy: p, orgs: o, funds: f}
}

// Relations are what an actor is to a call. Whoever drafted it does not
// approve it.
func Relations(who party.Actor, c Call) []string {
	rel := who.Relations()
	if who.Org == "" || who.Org != c.Foundation {
		return rel
	}
	rel = append(rel, "call.member")
	if who.Role != party.Approver || who.Account != c.DraftedBy {
		rel = append(rel, "call."+string(who.Role))
	}
	return rel
}

// Require is the one authorisation function, for a call already read.
func (s *Service) Require(who party.Actor, c Call, action string) error {
	return s.policy.Require(Relations(who, c), ObjectKind+"."+string(c.State(s.clock.Now())), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, c Call, action string) bool {
	return s.Require(who, c, action) == nil
}

// May is Require by id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, call id.ID, action string) error {
	c, err := Read(ctx, s.db, call)
	if err != nil {
		return err
	}
	return s.Require(who, c, action)
}

// MayCreate reports whether the actor may draft a call, for showing the button.
func (s *Service) MayCreate(who party.Actor) bool {
	return s.policy.Any(who.Relations(), ObjectKind+".new", "create")
}

// Get reads a call that the actor may view: the public from publication on.
func (s *Service) Get(ctx context.Context, who party.Actor, call id.ID) (Call, error) {
	c, err := Read(ctx, s.db, call)
	if err == nil {
		err = s.Require(who, c, "view")
	}
	if err != nil {
		return Call{}, err
	}
	return c, nil
}

// Timeline lists what happened; the public sees the public events only.
func (s *Service) Timeline(ctx context.Context, who party.Actor, call id.ID) ([]trail.Event, error) {
	c, err := s.Get(ctx, who, call)
	if err != nil {
		return nil, err
	}
	return trail.Of(ctx, s.db, ObjectKind, call, !s.Allowed(who, c, "follow"))
}

// Create starts a draft of the actor's own foundation or bureau; nothing need be filled in.
func (s *Service) Create(ctx context.Context, who party.Actor, in Form) (Call, error) {
	if err := s.policy.Require(who.Relations(), ObjectKind+".new", "create"); err != nil {
		return Call{}, err
	}
	if err := in.storable(); err != nil {
		return Call{}, err
	}
	now := s.clock.Now()
	c := Call{ID: id.New(now), Foundation: who.Org, FoundationName: who.OrgName, HostKind: who.OrgKind, Stored: Draft, Version: 1, Form: in,
		DraftedBy: who.Account, CreatedAt: now, UpdatedAt: now}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := s.fill(ctx, tx, &c); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&c).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, c.ID, trail.Event{Action: "新建草稿"})
	})
	return c, err
}

// Save keeps what was typed, valid or not. A version of 0 saves over whatever
// is there; another must be the draft's, else Conflict.
func (s *Service) Save(ctx context.Context, who party.Actor, call id.ID, version int64, in Form) (Call, error) {
	if err := in.storable(); err != nil {
		return Call{}, err
	}
	return s.change(ctx, who, call, "edit", func(ctx context.Context, tx bun.Tx, c *Call, _ time.Time) error {
		if version != 0 && version != c.Version {
			return fault.New(fault.Conflict, "这份草稿刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		c.Form = in
		return s.fill(ctx, tx, c)
	})
}

// fill takes what can be read of the form. A fund that is not the foundation's
// own is left out.
func (s *Service) fill(ctx context.Context, d bun.IDB, c *Call) error {
	var typing fault.Check
	c.Facts = c.Form.read(&typing, c.HostKind)
	if c.Facts.Fund == nil {
		return nil
	}
	f, err := fund.Read(ctx, d, *c.Facts.Fund)
	if fault.Is(err, fault.NotFound) || err == nil && f.Foundation != c.Foundation {
		c.Facts.Fund = nil
		return nil
	}
	return err
}

// Missing lists everything that keeps a draft from being submitted now.
func (s *Service) Missing(ctx context.Context, c Call) ([]fault.Field, error) {
	return fault.Complaints(s.complete(ctx, s.db, c, s.clock.Now()))
}

func (s *Service) complete(ctx context.Context, d bun.IDB, c Call, now time.Time) error {
	var k fault.Check
	x := c.Form.read(&k, c.HostKind)
	c.Form.check(&k)
	k.Must(x.Deadline == nil || x.Deadline.After(now), "deadline", "截止时间应晚于现在")
	k.Must(x.End == nil || x.Deadline == nil || x.End.After(*x.Deadline), "end", "项目结束日期应晚于截止时间")
	if x.Fund != nil {
		f, err := fund.Read(ctx, d, *x.Fund)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		k.Must(err == nil && f.Foundation == c.Foundation && f.State == fund.Active, "fund", "请选择本会运行中的专项基金")
	}
	return k.Err()
}

// Submit hands a complete draft to the approver (秘书长, 审批人).
func (s *Service) Submit(ctx context.Context, who party.Actor, call id.ID) (Call, error) {
	return s.change(ctx, who, call, "submit", func(ctx context.Context, tx bun.Tx, c *Call, now time.Time) error {
		if _, err := s.orgs.Approved(ctx, tx, c.Foundation); err != nil {
			return err
		}
		if err := s.complete(ctx, tx, *c, now); err != nil {
			return err
		}
		c.Stored, c.Reason = Review, ""
		return record(ctx, tx, who, now, c.ID, trail.Event{Action: "提交审批"})
	})
}

// Return gives a draft back with a reason.
func (s *Service) Return(ctx context.Context, who party.Actor, call id.ID, reason string) (Call, error) {
	reason, err := words("reason", reason, "请写明退回的原因，项目官员据此修改")
	if err != nil {
		return Call{}, err
	}
	return s.change(ctx, who, call, "return", func(ctx context.Context, tx bun.Tx, c *Call, now time.Time) error {
		c.Stored, c.Reason = Draft, reason
		return record(ctx, tx, who, now, c.ID, trail.Event{Action: "退回修改", Note: reason})
	})
}

// Publish opens a call that somebody else drafted: from now until the deadline
// it takes applications, and what it asks no longer changes.
func (s *Service) Publish(ctx context.Context, who party.Actor, call id.ID) (Call, error) {
	return s.change(ctx, who, call, "publish", func(ctx context.Context, tx bun.Tx, c *Call, now time.Time) error {
		if _, err := s.orgs.Approved(ctx, tx, c.Foundation); err != nil {
			return err
		}
		if err := s.complete(ctx, tx, *c, now); err != nil {
			return err
		}
		year := now.In(clock.Beijing).Year()
		n, err := number.Next(ctx, tx, number.Scope("call."+string(c.Kind), string(c.Foundation), year))
		if err != nil {
			return err
		}
		no := fmt.Sprintf("%s〔%d〕%03d号", c.Kind.Name(), year, n)
		c.Stored, c.Number, c.PublishedBy, c.PublishedAt = Published, &no, &who.Account, &now
		if err := search.Put(ctx, tx, c.entry()); err != nil {
			return err
		}
		return record(ctx, tx, who, now, c.ID, trail.Event{Action: "发布", Note: no, Public: true})
	})
}

// entry is what the search knows of a call, in order of weight.
func (c Call) entry() search.Entry {
	return search.Entry{Kind: search.Call, ID: c.ID, At: *c.PublishedAt, Texts: []string{c.Title, c.No(), c.FoundationName + " " + c.Region + " " + c.Kind.Name(), c.Summary}}
}

// Extend moves the deadline of a call that is open further away; the reason is
// public. Nobody's time is cut short.
func (s *Service) Extend(ctx context.Context, who party.Actor, call id.ID, deadline, reason string) (Call, error) {
	reason, err := words("reason", reason, "请写明延长的原因，将向社会公开")
	if err != nil {
		return Call{}, err
	}
	var k fault.Check
	to := moment(&k, "deadline", deadline)
	if err := k.Err(); err != nil {
		return Call{}, err
	}
	return s.change(ctx, who, call, "extend", func(ctx context.Context, tx bun.Tx, c *Call, now time.Time) error {
		k.Must(to.After(*c.Deadline), "deadline", "只能延后，不能提前；现在的截止时间是 %s", c.Deadline.In(clock.Beijing).Format("2006-01-02 15:04"))
		if err := k.Err(); err != nil {
			return err
		}
		c.Deadline, c.Form.Deadline = to, strings.TrimSpace(deadline)
		return record(ctx, tx, who, now, c.ID, trail.Event{Action: "延长截止时间", Note: reason, Public: true})
	})
}

// AfterCancel adds somebody who is asked before a call is cancelled and ends
// what hangs on it; an error keeps the call as it is.
func (s *Service) AfterCancel(f func(ctx context.Context, tx bun.Tx, who party.Actor, c Call, now time.Time) error) {
	s.cancelled = append(s.cancelled, f)
}

// Cancel withdraws a call that was published, with a public reason, while
// nobody has been promised support: what was sent stays readable, everybody
// who applied or reviews is told.
func (s *Service) Cancel(ctx context.Context, who party.Actor, call id.ID, reason string) (Call, error) {
	reason, err := words("cancel_reason", reason, "请写明取消的原因，将向社会公开并告知申请组织")
	if err != nil {
		return Call{}, err
	}
	return s.change(ctx, who, call, "cancel", func(ctx context.Context, tx bun.Tx, c *Call, now time.Time) error {
		c.Stored, c.Reason, c.CancelledAt = Cancelled, reason, &now
		for _, f := range s.cancelled {
			if err := f(ctx, tx, who, *c, now); err != nil {
				return err
			}
		}
		return record(ctx, tx, who, now, c.ID, trail.Event{Action: "取消征集", Note: reason, Public: true})
	})
}

// Finish says that every application has its decision; the caller holds the
// call's row and has authorised.
func (s *Service) Finish(ctx context.Context, tx bun.Tx, who party.Actor, c *Call, now time.Time) error {
	c.Stored, c.DecidedAt, c.UpdatedAt = Decided, &now, now
	if err := save(ctx, tx, c); err != nil {
		return err
	}
	return record(ctx, tx, who, now, c.ID, trail.Event{Action: "公布结果", Public: true})
}

// Mark says that a call belongs to the demonstration; only the platform does.
func (s *Service) Mark(ctx context.Context, who party.Actor, call id.ID) (Call, error) {
	return s.change(ctx, who, call, "mark", func(_ context.Context, _ bun.Tx, c *Call, _ time.Time) error {
		c.Demo = true
		return nil
	})
}

// change is the frame of every mutation: lock, authorise, decide, write.
func (s *Service) change(ctx context.Context, who party.Actor, call id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, c *Call, now time.Time) error) (Call, error) {
	var out Call
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		c, err := ForUpdate(ctx, tx, call)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.policy.Require(Relations(who, c), ObjectKind+"."+string(c.State(now)), action); err != nil {
			return err
		}
		if err := do(ctx, tx, &c, now); err != nil {
			return err
		}
		c.UpdatedAt = now
		if err := save(ctx, tx, &c); err != nil {
			return err
		}
		out = c
		return nil
	})
	return out, err
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, call id.ID, e trail.Event) error {
	e.ObjectKind, e.ObjectID = ObjectKind, call
	return trail.Append(ctx, tx, who, at, e)
}

func words(field, s, ask string) (string, error) {
	s = strings.TrimSpace(s)
	var c fault.Check
	c.Must(s != "", field, "%s", ask)
	c.Must(utf8.RuneCountInString(s) <= 2000, field, "不超过 2000 个字")
	return s, c.Err()
}
