package plan

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
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

// Source is how a wing says what its contract or agreement has settled.
type Source func(ctx context.Context, d bun.IDB, e engagement.Engagement) (Terms, error)

// Reached is how a wing hears, in the deciding transaction, that a milestone
// (from 1) was accepted.
type Reached func(ctx context.Context, tx bun.Tx, who party.Actor, e engagement.Engagement, seq int64, now time.Time) error

// Spent tells what was reported under each budget line of an engagement, in 分.
type Spent func(ctx context.Context, d bun.IDB, engagement id.ID) (map[string]money.Fen, error)

// Service keeps plans and their evidence.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	engagements *engagement.Service
	files       *attachment.Service
	sources     map[engagement.Kind]Source
	reached     map[engagement.Kind]Reached

	// Spent holds a changed plan to what was spent already; expense sets it.
	Spent Spent
	// Claimed is the quantity that payments were asked for by, which evidence
	// must go on to show; claim sets it.
	Claimed func(ctx context.Context, d bun.IDB, of id.ID) (int64, error)
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, e *engagement.Service, f *attachment.Service) *Service {
	return &Service{db: d, clock: c, engagements: e, files: f, sources: map[engagement.Kind]Source{}, reached: map[engagement.Kind]Reached{}}
}

// From sets where the terms of a kind come from; called while the product is
// put together. r may be nil.
func (s *Service) From(k engagement.Kind, src Source, r Reached) {
	s.sources[k], s.reached[k] = src, r
}

// Terms are what the contract or agreement of an engagement has settled.
func (s *Service) Terms(ctx context.Context, d bun.IDB, e engagement.Engagement) (Terms, error) {
	if src := s.sources[e.Kind]; src != nil {
		return src(ctx, d, e)
	}
	return Terms{}, nil
}

// Of reads the plan of an engagement, inside or outside a transaction; the
// caller has authorised. NotFound before anybody began one.
func Of(ctx context.Context, d bun.IDB, engagement id.ID) (Plan, error) {
	var p Plan
	err := d.NewSelect().Model(&p).Where("engagement = ?", engagement).Scan(ctx)
	return p, db.Found(err, "实施方案")
}

// AgreedOf is Of for a plan in force; Conflict before it was agreed.
func AgreedOf(ctx context.Context, d bun.IDB, engagement id.ID) (Plan, error) {
	p, err := Of(ctx, d, engagement)
	if err == nil && p.State == Agreed {
		return p, nil
	}
	if err == nil || fault.Is(err, fault.NotFound) {
		err = fault.New(fault.Conflict, "实施方案还没有确认：先由承接方填写，付款方确认以后才能办理")
	}
	return p, err
}

// Get reads a plan: the parties always, everybody once it is agreed. Before
// anybody began one it is the form to begin with, of version 0.
func (s *Service) Get(ctx context.Context, who party.Actor, engagement id.ID) (Plan, error) {
	e, err := s.engagements.Get(ctx, who, engagement)
	if err != nil {
		return Plan{}, err
	}
	p, err := Of(ctx, s.db, engagement)
	party := s.engagements.Allowed(who, e, "follow")
	if fault.Is(err, fault.NotFound) && party {
		terms, err := s.Terms(ctx, s.db, e)
		return Plan{Engagement: e.ID, State: Draft, Form: terms.Form}, err
	}
	if err == nil && p.State != Agreed && !party {
		err = fault.New(fault.NotFound, "实施方案还没有公开")
	}
	return p, err
}

// Missing lists what keeps a draft from being proposed.
func (s *Service) Missing(ctx context.Context, e engagement.Engagement, f Form) ([]fault.Field, error) {
	var c fault.Check
	_, err := s.read(ctx, s.db, e, f, s.clock.Now(), &c)
	if err != nil {
		return nil, err
	}
	return fault.Complaints(c.Err())
}

// read is the whole check of a form. The error is of the database only.
func (s *Service) read(ctx context.Context, d bun.IDB, e engagement.Engagement, f Form, at time.Time, c *fault.Check) (Content, error) {
	terms, err := s.Terms(ctx, d, e)
	if err != nil {
		return Content{}, err
	}
	out := read(f, e, terms, at, c)
	spent := map[string]money.Fen{}
	if s.Spent != nil {
		if spent, err = s.Spent(ctx, d, e.ID); err != nil {
			return out, err
		}
	}
	for _, l := range out.Lines {
		c.Must(l.Amount >= spent[l.Name], "lines.1.amount", "“%s”已报支出 %s 元，预算不能少于它", l.Name, spent[l.Name].Yuan())
		delete(spent, l.Name)
	}
	for name, n := range spent {
		c.Must(n == 0, "lines.1.name", "“%s”已有支出，不能删除或改名", name)
	}
	return out, s.keep(ctx, d, e, out, at, c)
}

// keep holds a changed plan to the milestones that were accepted, and that of a
// grant to the budget that was agreed first.
func (s *Service) keep(ctx context.Context, d bun.IDB, e engagement.Engagement, next Content, at time.Time, c *fault.Check) error {
	old, err := Of(ctx, d, e.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if e.Kind == engagement.Grant {
		shifted(old.Base, next.Lines, at, c)
	}
	steps, err := stepsOf(ctx, d, e.ID)
	for _, x := range steps {
		if i := x.Seq - 1; x.AcceptedAt != nil && i < int64(len(old.Content.Milestones)) {
			m := old.Content.Milestones[i]
			c.Must(i < int64(len(next.Milestones)) && next.Milestones[i].Name == m.Name && next.Milestones[i].Amount == m.Amount,
				"milestones.1.name", "第 %d 个节点“%s”已经确认达成，名称、次序和金额不能改", x.Seq, m.Name)
		}
	}
	return err
}

// Save keeps what the provider typed, valid or not. A version of 0 saves over
// whatever is there; another must be the draft's.
func (s *Service) Save(ctx context.Context, who party.Actor, of id.ID, version int64, f Form) (Plan, error) {
	var out Plan
	if err := f.storable(); err != nil {
		return out, err
	}
	err := s.engagements.Change(ctx, who, of, "plan", func(ctx context.Context, tx bun.Tx, _ engagement.Engagement, _ time.Time) error {
		p, err := Of(ctx, tx, of)
		fresh := fault.Is(err, fault.NotFound)
		if err != nil && !fresh {
			return err
		}
		if !fresh && p.State != Draft {
			return fault.New(fault.Conflict, "实施方案%s，不能修改；需要变更的，请付款方先退回", p.StateName())
		}
		if version != 0 && version != p.Version {
			return fault.New(fault.Conflict, "实施方案刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		p.Engagement, p.State, p.Form = of, Draft, f
		p.Version++
		out = p
		if fresh {
			_, err := tx.NewInsert().Model(&p).Exec(ctx)
			return db.Translate(err)
		}
		return db.One(tx.NewUpdate().Model(&p).Column("form", "version").WherePK().Exec(ctx))
	})
	return out, err
}

// step is the frame of a decision about a plan in a state.
func (s *Service) step(ctx context.Context, who party.Actor, of id.ID, action string, from []State,
	do func(ctx context.Context, tx bun.Tx, e engagement.Engagement, p *Plan, now time.Time) (trail.Event, inbox.Letter, error)) (Plan, error) {
	var out Plan
	err := s.engagements.Change(ctx, who, of, action, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		p, err := Of(ctx, tx, of)
		if err != nil {
			return err
		}
		ok := false
		for _, x := range from {
			ok = ok || x == p.State
		}
		if !ok {
			return fault.New(fault.Conflict, "实施方案现在是“%s”，请刷新页面", p.StateName())
		}
		event, letter, err := do(ctx, tx, e, &p, now)
		if err != nil {
			return err
		}
		p.Version++
		if err := db.One(tx.NewUpdate().Model(&p).ExcludeColumn("engagement").WherePK().Exec(ctx)); err != nil {
			return err
		}
		out = p
		to := e.Provider
		if who.Org == e.Provider {
			to = e.Payer
		}
		letter.Link = "/engagements/" + string(of) + "/plan"
		if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: to}}, letter); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, of, event)
	})
	return out, err
}

// Propose hands a complete plan to the payer; every complaint comes back at
// once.
func (s *Service) Propose(ctx context.Context, who party.Actor, of id.ID) (Plan, error) {
	return s.step(ctx, who, of, "plan", []State{Draft}, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, p *Plan, now time.Time) (trail.Event, inbox.Letter, error) {
		var c fault.Check
		content, err := s.read(ctx, tx, e, p.Form, now, &c)
		if err = errors.Join(err, c.Err()); err != nil {
			return trail.Event{}, inbox.Letter{}, err
		}
		p.Content, p.State, p.Reason, p.ProposedBy, p.ProposedAt = content, Proposed, "", &who.Account, &now
		return trail.Event{Action: "提交实施方案"}, inbox.Letter{Title: "“" + e.Title + "”实施方案待确认", Text: e.ProviderName + "提交了实施方案。"}, nil
	})
}

// Agree puts the plan into force and makes it public.
func (s *Service) Agree(ctx context.Context, who party.Actor, of id.ID) (Plan, error) {
	return s.step(ctx, who, of, "agree", []State{Proposed}, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, p *Plan, now time.Time) (trail.Event, inbox.Letter, error) {
		var c fault.Check // the contract may have been amended since it was proposed
		content, err := s.read(ctx, tx, e, p.Form, now, &c)
		if err = errors.Join(err, c.Err()); err != nil {
			return trail.Event{}, inbox.Letter{}, err
		}
		p.Content, p.State, p.AgreedBy, p.AgreedAt = content, Agreed, &who.Account, &now
		if len(p.Base) == 0 {
			p.Base = content.Lines
		}
		return trail.Event{Action: "确认实施方案", Public: true}, inbox.Letter{Title: "“" + e.Title + "”实施方案已确认", Text: "可以按方案提交成果、周报账和付款申请。"}, nil
	})
}

// Return sends a plan back to the provider: one that was proposed, or one in
// force that has to change because the contract did.
func (s *Service) Return(ctx context.Context, who party.Actor, of id.ID, reason string) (Plan, error) {
	reason, err := words("reason", reason, "请写明哪里要改")
	if err != nil {
		return Plan{}, err
	}
	return s.step(ctx, who, of, "agree", []State{Proposed, Agreed}, func(_ context.Context, _ bun.Tx, e engagement.Engagement, p *Plan, _ time.Time) (trail.Event, inbox.Letter, error) {
		p.State, p.Reason, p.AgreedBy, p.AgreedAt = Draft, reason, nil, nil
		return trail.Event{Action: "退回实施方案", Note: reason}, inbox.Letter{Title: "“" + e.Title + "”实施方案需要修改", Text: reason}, nil
	})
}

// Reopen sends a plan back for a new budget because its agreement's amount
// changed by added, in 分 (below zero: it shrank); what changed is put to the
// last milestone. Nothing happens before there is one in force. The caller has
// locked the engagement and authorised.
func Reopen(ctx context.Context, tx bun.Tx, of id.ID, added money.Fen, why string) error {
	p, err := Of(ctx, tx, of)
	if fault.Is(err, fault.NotFound) || err == nil && p.State == Draft {
		return nil
	}
	if err != nil {
		return err
	}
	if n := len(p.Form.Milestones) - 1; n >= 0 && p.Content.Settlement == ByMilestone {
		if was, err := money.Parse(p.Form.Milestones[n].Amount); err == nil && was+added >= 0 {
			p.Form.Milestones[n].Amount = (was + added).Plain()
		}
	}
	p.State, p.Reason, p.AgreedBy, p.AgreedAt = Draft, why, nil, nil
	p.Version++
	return db.One(tx.NewUpdate().Model(&p).ExcludeColumn("engagement").WherePK().Exec(ctx))
}

func words(field, s, ask string) (string, error) {
	s = strings.TrimSpace(s)
	var c fault.Check
	c.Must(s != "", field, "%s", ask)
	c.Must(utf8.RuneCountInString(s) <= 2000, field, "不超过 2000 个字")
	return s, c.Err()
}

// TermsFor is Terms outside a transaction, for a form.
func (s *Service) TermsFor(ctx context.Context, e engagement.Engagement) (Terms, error) {
	return s.Terms(ctx, s.db, e)
}
