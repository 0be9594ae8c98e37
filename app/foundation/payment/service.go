package payment

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/delivery/engagement"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Kind is a payment's object kind, of its trail and its attachments.
const Kind = "payment"

// Service decides what happens to payments.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	policy      *policy.Policy
	orgs        *organisation.Service
	funds       *fund.Service
	ledger      *ledger.Service
	attachments *attachment.Service
	engagements *engagement.Service

	// Instalment holds a payment of a grant to its milestone and complains of
	// what does not fit; grant sets it.
	Instalment func(ctx context.Context, d bun.IDB, p Payment, c *fault.Check) error
	// Donors finds the donors of the payment's fund who are tied to its payee:
	// app connects it with the donations. Named says that such a donor named the
	// payee, which is forbidden; Why names no donor.
	Donors func(ctx context.Context, d bun.IDB, p Payment) ([]Tied, error)
	// Reserved is what of the payment's fund is promised to grants, in 分, the
	// instalment that the payment itself makes left out; grant sets it.
	Reserved func(ctx context.Context, d bun.IDB, p Payment) (money.Fen, error)
}

// Tied is one donation of the payment's fund whose donor is tied to its payee.
type Tied struct {
	Reference string // of the donation
	Why       string
	Named     bool
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, o *organisation.Service, f *fund.Service, l *ledger.Service,
	a *attachment.Service, e *engagement.Service) *Service {
	s := &Service{db: d, clock: c, policy: p, orgs: o, funds: f, ledger: l, attachments: a, engagements: e}
	f.Charged = s.charged
	f.Open = append(f.Open, s.Loose)
	return s
}

// Relations are what an actor is to a payment. Drafting, approving and paying
// are three people's work: who did one is nothing to the others.
func Relations(who party.Actor, p Payment) []string {
	rel := who.Relations()
	if who.Org == "" {
		return rel
	}
	if p.Payee != nil && who.Org == *p.Payee {
		rel = append(rel, "payment.payee")
	}
	if who.Org != p.Foundation {
		return rel
	}
	rel = append(rel, "payment.member")
	drafted := who.Account == p.DraftedBy
	approved := p.ApprovedBy != nil && who.Account == *p.ApprovedBy || p.approved(who.Account)
	if who.Role == party.Approver && (drafted || p.approved(who.Account)) || who.Role == party.Finance && (drafted || approved) {
		return rel
	}
	return append(rel, "payment."+string(who.Role))
}

// Require is the one authorisation function, for a payment already read.
func (s *Service) Require(who party.Actor, p Payment, action string) error {
	return s.policy.Require(Relations(who, p), Kind+"."+string(p.State), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, p Payment, action string) bool {
	return s.Require(who, p, action) == nil
}

// May is Require by id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, payment id.ID, action string) error {
	p, err := read(ctx, s.db, payment, false)
	if err != nil {
		return err
	}
	return s.Require(who, p, action)
}

// Get reads a payment that the actor may view: its foundation always, the
// payee once it is paid.
func (s *Service) Get(ctx context.Context, who party.Actor, payment id.ID) (Payment, error) {
	p, err := read(ctx, s.db, payment, false)
	if err == nil {
		err = s.Require(who, p, "view")
	}
	if err != nil {
		return Payment{}, err
	}
	return p, nil
}

// Timeline lists what happened to a payment.
func (s *Service) Timeline(ctx context.Context, who party.Actor, payment id.ID) ([]trail.Event, error) {
	if _, err := s.Get(ctx, who, payment); err != nil {
		return nil, err
	}
	return trail.Of(ctx, s.db, Kind, payment, false)
}

// Create starts a draft out of a running fund of the actor's own foundation.
func (s *Service) Create(ctx context.Context, who party.Actor, from id.ID, in Form) (Payment, error) {
	return s.create(ctx, who, from, in, nil, nil)
}

// Draw starts a draft for one milestone (from 1) of a grant. Conflict where
// there is a payment for it already.
func (s *Service) Draw(ctx context.Context, who party.Actor, from id.ID, in Form, award id.ID, milestone int64) (Payment, error) {
	p, err := s.create(ctx, who, from, in, &award, &milestone)
	if db.Duplicate(err) {
		err = fault.New(fault.Conflict, "这个节点已经有一笔付款，请到付款列表里继续办理")
	}
	return p, err
}

func (s *Service) create(ctx context.Context, who party.Actor, from id.ID, in Form, award *id.ID, milestone *int64) (Payment, error) {
	if err := s.policy.Require(who.Relations(), "payment.new", "create"); err != nil {
		return Payment{}, err
	}
	if err := in.storable(); err != nil {
		return Payment{}, err
	}
	now := s.clock.Now()
	p := Payment{ID: id.New(now), Foundation: who.Org, Fund: from, State: Draft, Version: 1, Form: in,
		Award: award, Milestone: milestone, DraftedBy: who.Account, CreatedAt: now, UpdatedAt: now}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.funds.Settling(ctx, tx, from)
		if err != nil {
			return err
		}
		if err := s.funds.Require(who, f, "pay"); err != nil {
			return err
		}
		if f.State == fund.Winding && award == nil {
			if err := s.winding(ctx, tx, f); err != nil {
				return err
			}
		}
		var typing fault.Check
		if err := s.fill(ctx, tx, &p, &typing); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&p).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, p.ID, trail.Event{Action: "新建付款"})
	})
	return p, err
}

// winding refuses new payments of a fund that is to end, but for handing what
// is left to the organisation that the proposal names.
func (s *Service) winding(ctx context.Context, tx bun.Tx, f fund.Fund) error {
	c, err := s.funds.ClosingOf(ctx, tx, f.ID)
	if err == nil && (c == nil || c.ToOrg == nil) {
		err = fault.New(fault.Conflict, "“%s”正在终止清算，不再新开付款", f.FullName())
	}
	return err
}

// Save keeps what was typed, valid or not. A version of 0 saves over whatever
// is there; another must be the draft's.
func (s *Service) Save(ctx context.Context, who party.Actor, payment id.ID, version int64, in Form) (Payment, error) {
	if err := in.storable(); err != nil {
		return Payment{}, err
	}
	return s.change(ctx, who, payment, "edit", func(ctx context.Context, tx bun.Tx, p *Payment, _ time.Time) error {
		if version != 0 && version != p.Version {
			return fault.New(fault.Conflict, "这笔付款刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		p.Form = in
		var typing fault.Check
		return s.fill(ctx, tx, p, &typing)
	})
}

// fill reads the form into the payment and complains about what does not fit.
// The error is of the database only.
func (s *Service) fill(ctx context.Context, d bun.IDB, p *Payment, c *fault.Check) error {
	p.read(c)
	p.Payee, p.PayeeName = nil, strings.TrimSpace(p.Form.Payee)
	if len([]rune(p.PayeeName)) > 120 {
		p.PayeeName = string([]rune(p.PayeeName)[:120])
	}
	if p.PayeeName == "" {
		c.Fail("payee", "请填写收款社会组织的统一社会信用代码或全称")
		return nil
	}
	only, err := s.surplus(ctx, d, *p)
	if err != nil {
		return err
	}
	o, err := payee(ctx, d, p.PayeeName, only != nil)
	if fault.Is(err, fault.NotFound) {
		c.Adopt("payee", err)
		return nil
	}
	if err != nil {
		return err
	}
	p.Payee, p.PayeeName = &o.ID, o.Name
	if only != nil && *only.ToOrg != o.ID {
		c.FailUnder(rules.At(s.clock.Now()).Must(rules.DonationSurplus).Source(), "payee", "基金正在终止清算，剩余财产只能付给提议写明的“%s”", only.ToName)
	}
	related, err := related(ctx, d, p.Foundation, o.ID)
	if err != nil {
		return err
	}
	if related {
		c.FailUnder(rules.At(s.clock.Now()).Must(rules.GrantNoManager).Source(), "payee",
			"“%s”与本基金会有同一个人任职，属于利害关系方，不能向它付款", o.Name)
	}
	return nil
}

// surplus is the ending whose surplus a payment hands on: one that was drafted
// after a fund's ending was proposed. nil for every other payment.
func (s *Service) surplus(ctx context.Context, d bun.IDB, p Payment) (*fund.Closing, error) {
	if p.Award != nil {
		return nil, nil
	}
	c, err := s.funds.ClosingOf(ctx, d, p.Fund)
	if err != nil || c == nil || c.ToOrg == nil || !p.CreatedAt.After(c.ProposedAt) {
		return nil, err
	}
	return c, nil
}

// Missing lists everything that keeps a draft from being submitted now.
func (s *Service) Missing(ctx context.Context, p Payment) ([]fault.Field, error) {
	return fault.Complaints(s.complete(ctx, s.db, &p))
}

// complete is the full check of a draft: who may be paid, what for, how much,
// and the proof.
func (s *Service) complete(ctx context.Context, d bun.IDB, p *Payment) error {
	var c fault.Check
	if err := s.fill(ctx, d, p, &c); err != nil {
		return err
	}
	if err := s.donors(ctx, d, *p, &c); err != nil {
		return err
	}
	files, err := s.attachments.Of(ctx, d, Kind, p.ID)
	if err != nil {
		return err
	}
	if err := s.charge(ctx, d, p, &c); err != nil {
		return err
	}
	x, err := s.demand(ctx, d, *p)
	if err != nil {
		return err
	}
	resolution := func(a attachment.Attachment) bool { return a.Slot == ResolutionSlot }
	s.resolve(x, p, slices.ContainsFunc(files, resolution), &c)
	files = slices.DeleteFunc(files, resolution)
	if p.Award != nil && s.Instalment != nil { // the agreement and the accepted milestone are the proof
		if err := s.Instalment(ctx, d, *p, &c); err != nil {
			return err
		}
		return c.Err()
	}
	if p.Payee != nil { // of a grant, its own rule said so
		if err := standing.Clear(ctx, d, *p.Payee, p.Foundation, standing.Funding, s.clock.Now()); fault.Is(err, fault.Unknown) {
			return err
		} else if err != nil {
			c.Adopt("payee", err)
		}
		if err := credential.Registered(ctx, d, *p.Payee, s.clock.Now()); fault.Is(err, fault.Unknown) {
			return err
		} else if err != nil {
			c.Adopt("payee", err)
		}
	}
	c.Must(len(files) > 0, "proof", "请上传付款依据，例如资助协议、验收单或发票")
	return c.Err()
}

// Ties are the donations of a payment's fund whose donors are tied to its
// payee, for those who may view the payment; it names no donor.
func (s *Service) Ties(ctx context.Context, p Payment) ([]Tied, error) {
	if s.Donors == nil || p.Payee == nil {
		return nil, nil
	}
	return s.Donors(ctx, s.db, p)
}

// donors complains of donors who are tied to the payee: one who named it
// forbids the payment; another must be looked into by the drafter, in words
// that the approver reads (慈善法40).
func (s *Service) donors(ctx context.Context, d bun.IDB, p Payment, c *fault.Check) error {
	if s.Donors == nil || p.Payee == nil {
		return nil
	}
	ties, err := s.Donors(ctx, d, p)
	if err != nil {
		return err
	}
	article := rules.At(s.clock.Now()).Must(rules.DonationNoRelated).Source()
	for _, t := range ties {
		switch {
		case t.Named:
			c.FailUnder(article, "payee", "捐赠（登记号 %s）指定了“%s”受益，而捐赠人与它有利害关系（%s），不能付给它", t.Reference, p.PayeeName, t.Why)
			return nil
		case p.RelationNote == "" && !c.Failed("relation"):
			c.FailUnder(article, "relation", "“%s”与本基金的捐赠人（登记号 %s 等）有利害关系（%s），请写明核查情况：捐赠人没有指定它受益，选它的理由是什么", p.PayeeName, t.Reference, t.Why)
		}
	}
	return nil
}

// change is the frame of every mutation: lock, authorise, decide, write.
func (s *Service) change(ctx context.Context, who party.Actor, payment id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, p *Payment, now time.Time) error) (Payment, error) {
	return s.once(ctx, who, payment, action, ledger.Step{}, do)
}

// once is change for a step that moves money.
func (s *Service) once(ctx context.Context, who party.Actor, payment id.ID, action string, step ledger.Step,
	do func(ctx context.Context, tx bun.Tx, p *Payment, now time.Time) error) (Payment, error) {
	var out Payment
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		p, err := read(ctx, tx, payment, true)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		done, err := ledger.Once(ctx, tx, who, now, step)
		if err != nil {
			return err
		}
		if done {
			out = p
			return s.Require(who, p, "view")
		}
		if err := s.Require(who, p, action); err != nil {
			return err
		}
		if err := do(ctx, tx, &p, now); err != nil {
			return err
		}
		p.UpdatedAt = now
		if err := save(ctx, tx, &p); err != nil {
			return err
		}
		out = p
		return nil
	})
	return out, err
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, payment id.ID, e trail.Event) error {
	e.ObjectKind, e.ObjectID = Kind, payment
	return trail.Append(ctx, tx, who, at, e)
}
