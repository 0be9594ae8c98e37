package review

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service runs the rounds of calls.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	accounts *account.Service
}

// New makes the service and lets applications ask it who reads them.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, a *account.Service, apps *application.Service) *Service {
	s := &Service{d, c, p, a}
	apps.Reads = s.reads
	return s
}

func (s *Service) require(who party.Actor, c call.Call, action string) error {
	return s.policy.Require(call.Relations(who, c), ObjectKind+"."+string(c.State(s.clock.Now())), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, c call.Call, action string) bool {
	return s.require(who, c, action) == nil
}

// Rule is how many reviewers an application needs.
func (s *Service) Rule() rules.Rule { return rules.At(s.clock.Now()).Must(rules.CallReviewers) }

// board is a call's review as it stands.
type board struct {
	call   call.Call
	round  int64 // the one being worked on, from 1; one more than there are when all are settled
	open   bool
	apps   []application.Application // of the round
	people []Reviewer                // of the round, the removed left out
}

func (b board) over() bool { return b.round > int64(len(b.call.Form.Rounds)) }

func (s *Service) board(ctx context.Context, d bun.IDB, c call.Call) (board, error) {
	b := board{call: c, round: 1}
	var rounds []Round
	if err := d.NewSelect().Model(&rounds).Where("call = ?", c.ID).Order("round").Scan(ctx); err != nil {
		return b, db.Translate(err)
	}
	if n := len(rounds); n > 0 {
		b.round, b.open = rounds[n-1].Round, rounds[n-1].SettledAt == nil
		if !b.open {
			b.round++
		}
	}
	var err error
	if b.apps, err = inRound(ctx, d, c.ID, b.round); err != nil {
		return b, err
	}
	b.people, err = people(ctx, d, c.ID, b.round)
	return b, err
}

// reviewed are the states of an application that a round is about.
var reviewed = []application.State{application.Submitted, application.Granted, application.Declined}

// inRound lists the applications that a round is about: those that were sent,
// and passed the round before.
func inRound(ctx context.Context, d bun.IDB, to id.ID, round int64) ([]application.Application, error) {
	apps, err := application.Sent(ctx, d, to, reviewed...)
	if err != nil || round == 1 {
		return apps, err
	}
	var passed []id.ID
	if err := d.NewSelect().Model((*Outcome)(nil)).Column("application").Where("call = ? AND round = ? AND passed = ?", to, round-1, true).Scan(ctx, &passed); err != nil {
		return nil, db.Translate(err)
	}
	in := map[id.ID]bool{}
	for _, p := range passed {
		in[p] = true
	}
	out := []application.Application{}
	for _, a := range apps {
		if in[a.ID] {
			out = append(out, a)
		}
	}
	return out, nil
}

func people(ctx context.Context, d bun.IDB, to id.ID, round int64) ([]Reviewer, error) {
	out := []Reviewer{}
	if err := d.NewSelect().Model(&out).Where("call = ? AND round = ? AND removed_at IS NULL", to, round).Order("id").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	var ties []Conflict
	err := d.NewSelect().Model(&ties).Where("reviewer IN (SELECT id FROM reviewer WHERE call = ? AND round = ?)", to, round).Order("application").Scan(ctx)
	for i := range out {
		for _, t := range ties {
			if t.Reviewer == out[i].ID {
				out[i].Conflicts = append(out[i].Conflicts, t)
			}
		}
	}
	return out, db.Translate(err)
}

// Named lists everybody who was named for a round of a call and not removed.
func (s *Service) Named(ctx context.Context, d bun.IDB, to id.ID) ([]id.ID, error) {
	var out []id.ID
	err := d.NewSelect().Model((*Reviewer)(nil)).ColumnExpr("DISTINCT account").Where("call = ? AND removed_at IS NULL", to).Order("account").Scan(ctx, &out)
	return out, db.Translate(err)
}

// Failed lists, at most so many, the outcomes of applications that a round did
// not pass and that still wait for their decision.
func (s *Service) Failed(ctx context.Context, d bun.IDB, to id.ID, most int) ([]Outcome, error) {
	out := []Outcome{}
	err := d.NewSelect().Model(&out).Join("JOIN application AS a ON a.id = outcome.application").
		Where("outcome.call = ? AND outcome.passed = ? AND a.state = ?", to, false, application.Submitted).Order("outcome.application").Limit(int64(most)).Scan(ctx)
	return out, db.Translate(err)
}

func (r Reviewer) conflict(app id.ID) (Conflict, bool) {
	for _, c := range r.Conflicts {
		if c.Application == app {
			return c, true
		}
	}
	return Conflict{}, false
}

// run is the frame of the officer's verbs: lock the call, authorise, decide.
func (s *Service) run(ctx context.Context, who party.Actor, to id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, b board, now time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		c, err := call.ForUpdate(ctx, tx, to)
		if err != nil {
			return err
		}
		if err := s.require(who, c, action); err != nil {
			return err
		}
		b, err := s.board(ctx, tx, c)
		if err != nil {
			return err
		}
		if b.over() {
			return fault.New(fault.Conflict, "各轮评审都已结束")
		}
		return do(ctx, tx, b, s.clock.Now())
	})
}

// Name adds a reviewer to the round at hand by login. Ties with the applicants
// are looked for at once.
func (s *Service) Name(ctx context.Context, who party.Actor, to id.ID, login string) error {
	return s.run(ctx, who, to, "name", func(ctx context.Context, tx bun.Tx, b board, now time.Time) error {
		var c fault.Check
		person, err := s.accounts.ByLogin(ctx, tx, login)
		if fault.Is(err, fault.NotFound) {
			c.Fail("login", "没有这个登录名。请评审人先注册账号，再填写其登录名")
			return c.Err()
		} else if err != nil {
			return err
		}
		var a account.Account
		if err := tx.NewSelect().Model(&a).Where("id = ?", person).Scan(ctx); err != nil {
			return db.Translate(err)
		}
		for _, r := range b.people {
			c.Must(r.Account != person, "login", "“%s”已经是这一轮的评审人", a.Name)
		}
		if err := c.Err(); err != nil {
			return err
		}
		r := Reviewer{ID: id.New(now), Call: to, Round: b.round, Account: person, Name: a.Name, NamedBy: who.Account, NamedAt: now}
		_, err = tx.NewInsert().Model(&r).Exec(ctx)
		if db.Duplicate(err) {
			return fault.New(fault.Conflict, "“%s”已经退出这一轮评审，不能再次加入", a.Name)
		} else if err != nil {
			return db.Translate(err)
		}
		if err := s.find(ctx, tx, r, a, b.apps, now); err != nil {
			return err
		}
		if b.open {
			if err := tell(ctx, tx, now, b.call, r); err != nil {
				return err
			}
		}
		return note(ctx, tx, who, now, to, "确定评审人", fmt.Sprintf("第 %d 轮：%s", b.round, a.Name))
	})
}

// Remove takes a reviewer off the round, with a reason; what they handed in no
// longer counts.
func (s *Service) Remove(ctx context.Context, who party.Actor, to, reviewer id.ID, reason string) error {
	var c fault.Check
	c.Must(len([]rune(reason)) >= 2 && len([]rune(reason)) <= 500, "reason", "请写明原因，不超过 500 字")
	if err := c.Err(); err != nil {
		return err
	}
	return s.run(ctx, who, to, "name", func(ctx context.Context, tx bun.Tx, b board, now time.Time) error {
		if err := db.One(tx.NewUpdate().Model((*Reviewer)(nil)).Set("removed_at = ?, reason = ?", now, reason).
			Where("id = ? AND call = ? AND round = ? AND removed_at IS NULL", reviewer, to, b.round).Exec(ctx)); err != nil {
			return err
		}
		return note(ctx, tx, who, now, to, "更换评审人", reason)
	})
}

// Open lets the reviewers of a round begin: after the deadline, with enough of
// them for every application. Ties are looked for once more.
func (s *Service) Open(ctx context.Context, who party.Actor, to id.ID) error {
	return s.run(ctx, who, to, "open", func(ctx context.Context, tx bun.Tx, b board, now time.Time) error {
		if b.open {
			return fault.New(fault.Conflict, "这一轮已经开始")
		}
		if len(b.apps) == 0 {
			return fault.New(fault.Conflict, "没有待评审的申请")
		}
		for i, r := range b.people {
			if err := s.findFor(ctx, tx, &b.people[i], r, b.apps, now); err != nil {
				return err
			}
		}
		if err := enough(b, s.Rule()); err != nil {
			return err
		}
		x := Round{Call: to, Round: b.round, OpenedBy: who.Account, OpenedAt: now}
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		for _, r := range b.people {
			if err := tell(ctx, tx, now, b.call, r); err != nil {
				return err
			}
		}
		return note(ctx, tx, who, now, to, "开始评审", fmt.Sprintf("第 %d 轮“%s”，%d 份申请", b.round, b.call.Form.Rounds[b.round-1].Name, len(b.apps)))
	})
}

// enough refuses a round in which an application has too few reviewers without
// a tie.
func enough(b board, rule rules.Rule) error {
	for _, a := range b.apps {
		n := int64(0)
		for _, r := range b.people {
			if _, tied := r.conflict(a.ID); !tied {
				n++
			}
		}
		if n < rule.Value {
			return fault.New(fault.Conflict, "“%s”只有 %d 位没有利害关系的评审人，每份申请%s，请再确定评审人", a.OrgName, n, rule.Limit()).Under(rule.Source())
		}
	}
	return nil
}

func tell(ctx context.Context, tx bun.Tx, now time.Time, c call.Call, r Reviewer) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Account: r.Account}}, inbox.Letter{Title: "请评审：" + c.Title,
		Text: "请先声明有无利害关系，再逐份评分。", Link: "/reviews/" + string(c.ID)})
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, to id.ID, action, text string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: call.ObjectKind, ObjectID: to, Action: action, Note: text})
}
