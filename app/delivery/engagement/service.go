package engagement

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Watcher is told, in the deciding transaction, that an engagement changed its
// state; its error undoes the change.
type Watcher func(ctx context.Context, tx bun.Tx, who party.Actor, e Engagement) error

// Service keeps the engagements of both wings.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
	watch  map[Kind]Watcher
	books  map[Kind]Books
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy) *Service {
	return &Service{db: d, clock: c, policy: p, watch: map[Kind]Watcher{}, books: map[Kind]Books{}}
}

// Watch lets the wing that opens a kind of engagement follow its state. It is
// called while the product is put together, once a kind.
func (s *Service) Watch(k Kind, w Watcher) { s.watch[k] = w }

// Opening is what a wing knows when it opens an engagement.
type Opening struct {
	Kind         Kind
	Ref          id.ID  // the contract or the payment
	Number       string // as printed on it
	Source       string // path of its public page, where a reader finds where this came from
	Payer        id.ID
	PayerName    string
	Provider     id.ID
	ProviderName string
	Title        string
	Amount       money.Fen
	// Start and End are days in Beijing, at any hour; the last one counts.
	Start, End time.Time
	Demo       bool
}

// Open adds an engagement in the wing's deciding transaction. The wing has
// authorised it. A second one for the same contract or payment is a Conflict.
func (s *Service) Open(ctx context.Context, tx bun.Tx, who party.Actor, in Opening) (Engagement, error) {
	now := s.clock.Now()
	e := Engagement{ID: id.New(now), Kind: in.Kind, Ref: in.Ref, Number: in.Number, Source: in.Source,
		Payer: in.Payer, PayerName: in.PayerName, Provider: in.Provider, ProviderName: in.ProviderName,
		Title: strings.TrimSpace(in.Title), Amount: in.Amount, Start: day(in.Start), End: day(in.End),
		State: Running, Demo: in.Demo, OpenedAt: now}
	var c fault.Check
	c.Must(in.Kind.Name() != "" && in.Ref != "", "kind", "请说明这是购买服务合同还是基金资助")
	c.Must(e.Payer != e.Provider, "provider", "付款方和承接方不能是同一个组织")
	c.Must(e.Title != "", "title", "请填写项目名称")
	c.Must(e.Amount > 0, "amount", "金额应大于 0 元")
	c.Must(!in.Start.IsZero() && !e.End.Before(e.Start), "end", "结束日期不能早于开始日期")
	if err := c.Err(); err != nil {
		return Engagement{}, err
	}
	taken, err := tx.NewSelect().Model((*Engagement)(nil)).Where("kind = ? AND ref = ?", in.Kind, in.Ref).Exists(ctx)
	if err != nil {
		return Engagement{}, db.Translate(err)
	}
	if taken {
		return Engagement{}, fault.New(fault.Conflict, "这份合同或资助已经登记履约，请勿重复登记")
	}
	if _, err := tx.NewInsert().Model(&e).Exec(ctx); err != nil {
		return Engagement{}, db.Translate(err)
	}
	return e, Record(ctx, tx, who, now, e.ID, trail.Event{Action: "登记履约", Note: e.Kind.Name() + " " + e.Number, Public: true})
}

// Close ends an engagement before its term, in the transaction of the wing
// that terminates the contract or the grant; the reason is public.
func (s *Service) Close(ctx context.Context, tx bun.Tx, who party.Actor, k Kind, ref id.ID, reason string) (Engagement, error) {
	var e Engagement
	err := db.Lock(tx.NewSelect().Model(&e).Where("kind = ? AND ref = ?", k, ref)).Scan(ctx)
	if err != nil {
		return e, db.Found(err, "履约项目")
	}
	now := s.clock.Now()
	if e.Over(now) {
		return e, fault.New(fault.Conflict, "履约已经结束，不能再提前终止")
	}
	e.State, e.Reason, e.ClosedAt = Closed, strings.TrimSpace(reason), &now
	if err := s.save(ctx, tx, who, &e); err != nil {
		return e, err
	}
	return e, Record(ctx, tx, who, now, e.ID, trail.Event{Action: "提前终止", Note: e.Reason, Public: true})
}

// Void ends at now an engagement whose contract is revoked, in the transaction
// that revokes it: nothing was delivered, so nothing is evaluated. One that has
// begun is a Conflict; the reason is public.
func (s *Service) Void(ctx context.Context, tx bun.Tx, who party.Actor, k Kind, ref id.ID, reason string, now time.Time) (Engagement, error) {
	var e Engagement
	err := db.Lock(tx.NewSelect().Model(&e).Where("kind = ? AND ref = ?", k, ref)).Scan(ctx)
	if err != nil {
		return e, db.Found(err, noun)
	}
	if e.State != Running || e.Begun(now) {
		return e, fault.New(fault.Conflict, "服务期限已于 %s开始，合同视为已经履行，不能撤销", e.Start.In(clock.Beijing).Format("2006年1月2日"))
	}
	e.State, e.Reason, e.ClosedAt = Void, strings.TrimSpace(reason), &now
	if err := s.save(ctx, tx, who, &e); err != nil {
		return e, err
	}
	return e, Record(ctx, tx, who, now, e.ID, trail.Event{Action: "合同撤销，不再履行", Note: e.Reason, Public: true})
}

// MarkEvaluated says that the judgement on an engagement, read ForUpdate in
// this transaction, is published. The caller authorises, decides and records.
func (s *Service) MarkEvaluated(ctx context.Context, tx bun.Tx, who party.Actor, e *Engagement) error {
	if e.State == Evaluated {
		return fault.New(fault.Conflict, "这个项目已经公布过绩效评价结果")
	}
	e.State = Evaluated
	return s.save(ctx, tx, who, e)
}

// Appoint names the organisation that evaluates; nil takes it back. The caller
// has read e ForUpdate, authorises, decides and records.
func (s *Service) Appoint(ctx context.Context, tx bun.Tx, e *Engagement, evaluator *id.ID, name string) error {
	if evaluator != nil && (*evaluator == e.Payer || *evaluator == e.Provider) {
		var c fault.Check
		c.Fail("evaluator", "付款方和承接方都不能担任第三方评价机构")
		return c.Err()
	}
	e.Evaluator, e.EvaluatorName = evaluator, name
	return db.One(tx.NewUpdate().Model(e).Column("evaluator", "evaluator_name").WherePK().Exec(ctx))
}

func (s *Service) save(ctx context.Context, tx bun.Tx, who party.Actor, e *Engagement) error {
	if err := db.One(tx.NewUpdate().Model(e).Column("state", "reason", "closed_at").WherePK().Exec(ctx)); err != nil {
		return err
	}
	if w := s.watch[e.Kind]; w != nil {
		return w(ctx, tx, who, *e)
	}
	return nil
}

// Record adds an event to an engagement's timeline.
func Record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, engagement id.ID, v trail.Event) error {
	v.ObjectKind, v.ObjectID = Object, engagement
	return trail.Append(ctx, tx, who, at, v)
}

// Relations are what an actor is to an engagement.
func Relations(who party.Actor, e Engagement) []string {
	rel := who.Relations()
	if who.Org == "" {
		return rel
	}
	as := func(what string) { rel = append(rel, what, what+"."+string(who.Role)) }
	switch {
	case who.Org == e.Payer:
		as("payer")
	case who.Org == e.Provider:
		as("provider")
	case e.Evaluator != nil && who.Org == *e.Evaluator:
		as("appraiser")
	}
	return rel
}

// Require is the one authorisation function, for an engagement already read.
func (s *Service) Require(who party.Actor, e Engagement, action string) error {
	return s.policy.Require(Relations(who, e), Object+"."+string(e.State), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, e Engagement, action string) bool {
	return s.Require(who, e, action) == nil
}

// May is Require by id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, engagement id.ID, action string) error {
	e, err := read(ctx, s.db, engagement)
	if err != nil {
		return err
	}
	return s.Require(who, e, action)
}
