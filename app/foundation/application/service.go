package application

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/foundation/call"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service decides what happens to applications.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	policy      *policy.Policy
	attachments *attachment.Service

	// Reads reports whether an actor reviews an application now and has no tie
	// to its organisation; review sets it. Nil: nobody does.
	Reads func(ctx context.Context, d bun.IDB, who party.Actor, a Application) (bool, error)
	// Listed refuses an organisation that a credit listing bars from the funding
	// of the host "by", or whose registration has run out, with a sentence that
	// says so; app sets it. Nil: there are no lists.
	Listed func(ctx context.Context, d bun.IDB, org, by id.ID) error
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, a *attachment.Service) *Service {
	return &Service{db: d, clock: c, policy: p, attachments: a}
}

func (s *Service) relations(ctx context.Context, d bun.IDB, who party.Actor, a Application) ([]string, error) {
	rel := who.Relations()
	if who.Org != "" && who.Org == a.Organisation {
		return append(rel, "applicant", "applicant."+string(who.Role)), nil
	}
	if who.Org != "" && who.Org == a.Foundation {
		rel = append(rel, "funder", "funder."+string(who.Role))
	}
	if s.Reads != nil && who.Account != "" {
		reads, err := s.Reads(ctx, d, who, a)
		if err != nil {
			return nil, err
		}
		if reads {
			rel = append(rel, "assessor")
		}
	}
	return rel, nil
}

// Require is the one authorisation function of an application, its copies and
// its files: its own people always; the foundation's once it was sent; a
// reviewer of the round it is in, without a tie.
func (s *Service) Require(ctx context.Context, d bun.IDB, who party.Actor, a Application, action string) error {
	rel, err := s.relations(ctx, d, who, a)
	if err != nil {
		return err
	}
	return s.policy.Require(rel, ObjectKind+"."+string(a.State), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(ctx context.Context, who party.Actor, a Application, action string) bool {
	return s.Require(ctx, s.db, who, a, action) == nil
}

// May is Require by id; it fits access.Registry. What hangs on a draft can
// change until the deadline only.
func (s *Service) May(ctx context.Context, who party.Actor, application id.ID, action string) error {
	a, err := Read(ctx, s.db, application)
	if err == nil {
		err = s.Require(ctx, s.db, who, a, action)
	}
	if err != nil || action != "attach" {
		return err
	}
	c, err := call.Read(ctx, s.db, a.Call)
	if err != nil {
		return err
	}
	return open(c, s.clock.Now())
}

func open(c call.Call, now time.Time) error {
	if c.Open(now) {
		return nil
	}
	if c.Stored == call.Cancelled {
		return fault.New(fault.TooLate, "征集已取消，不再接受申请。原因：%s", c.Reason)
	}
	return fault.New(fault.TooLate, "申请已于 %s 截止，不能再修改或提交", c.Deadline.In(clock.Beijing).Format("2006年1月2日 15:04"))
}

// Get reads an application that the actor may view, with its call.
func (s *Service) Get(ctx context.Context, who party.Actor, application id.ID) (Application, call.Call, error) {
	a, err := Read(ctx, s.db, application)
	if err == nil {
		err = s.Require(ctx, s.db, who, a, "view")
	}
	if err != nil {
		return Application{}, call.Call{}, err
	}
	c, err := call.Read(ctx, s.db, a.Call)
	return a, c, err
}

// Timeline lists what happened, for who may view it.
func (s *Service) Timeline(ctx context.Context, who party.Actor, application id.ID) ([]trail.Event, error) {
	a, _, err := s.Get(ctx, who, application)
	if err != nil {
		return nil, err
	}
	return trail.Of(ctx, s.db, ObjectKind, a.ID, !s.Allowed(ctx, who, a, "follow"))
}

// Start begins an application of the actor's organisation to an open call, or
// gives the one there is: an organisation applies to a call once.
func (s *Service) Start(ctx context.Context, who party.Actor, to id.ID) (Application, error) {
	if err := s.policy.Require(who.Relations(), ObjectKind+".new", "create"); err != nil {
		return Application{}, err
	}
	var a Application
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		c, err := call.ForUpdate(ctx, tx, to)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if a, err = ofOrg(ctx, tx, c.ID, who.Org); err == nil || !fault.Is(err, fault.NotFound) {
			return err
		}
		if s := c.State(now); s == call.Draft || s == call.Review {
			return fault.New(fault.NotFound, "没有找到公益创投或孵化项目")
		}
		if err := open(c, now); err != nil {
			return err
		}
		a = Application{ID: id.New(now), Call: c.ID, Foundation: c.Foundation, Organisation: who.Org, OrgName: who.OrgName, State: Draft, Version: 1,
			Versions: map[string]int64{}, CreatedBy: who.Account, CreatedAt: now, UpdatedAt: now}
		if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, a.ID, trail.Event{Action: "开始填写"})
	})
	return a, err
}

// Save keeps what was typed in one part, valid or not. version is the part's
// as it was read, 0 for a part never saved; Conflict where a colleague has
// saved the part since. A negative version saves over whatever is there.
func (s *Service) Save(ctx context.Context, who party.Actor, application id.ID, part string, version int64, in Form) (Application, error) {
	if err := in.storable(); err != nil {
		return Application{}, err
	}
	return s.change(ctx, who, application, "edit", func(_ context.Context, _ bun.Tx, a *Application, c call.Call, now time.Time) error {
		if err := open(c, now); err != nil {
			return err
		}
		p, err := PartOf(c, part)
		if err != nil {
			return err
		}
		if version >= 0 && version != a.Versions[p.Key] {
			return fault.New(fault.Conflict, "“%s”刚由同事在别处改过，没有覆盖。请先复制您的内容，刷新页面后再填", p.Title)
		}
		a.Form.take(c, p, in)
		a.Versions[p.Key]++
		var typing fault.Check
		a.read(&typing)
		return nil
	})
}

// Missing lists everything that keeps an application from being sent now.
func (s *Service) Missing(ctx context.Context, a Application, c call.Call) ([]fault.Field, error) {
	_, _, err := s.complete(ctx, s.db, &a, c, s.clock.Now())
	return fault.Complaints(err)
}

// Submit sends a complete application: the deadline is compared after the rows
// are locked, the number allocated, the copy frozen.
func (s *Service) Submit(ctx context.Context, who party.Actor, application id.ID) (Application, error) {
	return s.change(ctx, who, application, "submit", func(ctx context.Context, tx bun.Tx, a *Application, c call.Call, now time.Time) error {
		if err := open(c, now); err != nil {
			return err
		}
		known, slots, err := s.complete(ctx, tx, a, c, now)
		if err != nil {
			return err
		}
		if a.Number == nil {
			year := now.In(clock.Beijing).Year()
			n, err := number.Next(ctx, tx, number.Scope("application", string(c.Foundation), year))
			if err != nil {
				return err
			}
			no := fmt.Sprintf("申请〔%d〕%04d号", year, n)
			a.Number = &no
		}
		a.State, a.SubmittedAt, a.Sent, a.OrgName = Submitted, &now, a.Sent+1, known.Org.Name
		if err := freeze(ctx, tx, who, now, *a, c, known, slots); err != nil {
			return err
		}
		return record(ctx, tx, who, now, a.ID, trail.Event{Action: "提交申请", Note: a.No()})
	})
}

// Withdraw takes an application back that was sent; nobody reviews it any
// more. Before the deadline it can be taken up again.
func (s *Service) Withdraw(ctx context.Context, who party.Actor, application id.ID) (Application, error) {
	return s.change(ctx, who, application, "withdraw", func(ctx context.Context, tx bun.Tx, a *Application, _ call.Call, now time.Time) error {
		a.State = Withdrawn
		return record(ctx, tx, who, now, a.ID, trail.Event{Action: "撤回申请"})
	})
}

// Resume makes a withdrawn application a draft again, before the deadline.
func (s *Service) Resume(ctx context.Context, who party.Actor, application id.ID) (Application, error) {
	return s.change(ctx, who, application, "resume", func(ctx context.Context, tx bun.Tx, a *Application, c call.Call, now time.Time) error {
		if err := open(c, now); err != nil {
			return err
		}
		a.State = Draft
		return record(ctx, tx, who, now, a.ID, trail.Event{Action: "重新填写"})
	})
}

// End ends every application that was sent to a call that is being cancelled,
// and gives those and the drafts, which stay their organisation's own; the
// caller holds the call's row.
func End(ctx context.Context, tx bun.Tx, who party.Actor, c call.Call, now time.Time) ([]Application, error) {
	var live []Application
	if err := db.Lock(tx.NewSelect().Model(&live).Where("call = ? AND state IN (?)", c.ID, bun.List([]State{Draft, Submitted})).Order("id")).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for i := range live {
		if live[i].State == Draft {
			continue
		}
		if err := Settle(ctx, tx, &live[i], Ended, "征集已取消："+c.Reason, now); err != nil {
			return nil, err
		}
		if err := record(ctx, tx, who, now, live[i].ID, trail.Event{Action: "征集已取消", Note: c.Reason}); err != nil {
			return nil, err
		}
	}
	return live, nil
}

// Settle writes the decision on an application that the caller holds ForUpdate
// and has authorised; Submitted takes a decision back after an appeal.
func Settle(ctx context.Context, tx bun.Tx, a *Application, to State, reason string, now time.Time) error {
	a.State, a.Reason, a.UpdatedAt = to, reason, now
	return save(ctx, tx, a)
}

// change is the frame of every mutation: lock the call (its deadline must not
// move meanwhile), lock the application, authorise, decide, write.
func (s *Service) change(ctx context.Context, who party.Actor, application id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, a *Application, c call.Call, now time.Time) error) (Application, error) {
	var out Application
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		a, err := ForUpdate(ctx, tx, application)
		if err != nil {
			return err
		}
		c, err := call.ForShare(ctx, tx, a.Call)
		if err != nil {
			return err
		}
		if err := s.Require(ctx, tx, who, a, action); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := do(ctx, tx, &a, c, now); err != nil {
			return err
		}
		a.UpdatedAt = now
		if err := save(ctx, tx, &a); err != nil {
			return err
		}
		out = a
		return nil
	})
	return out, err
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, application id.ID, e trail.Event) error {
	e.ObjectKind, e.ObjectID = ObjectKind, application
	return trail.Append(ctx, tx, who, at, e)
}
