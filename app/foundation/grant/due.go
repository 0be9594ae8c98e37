package grant

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/revision"
	"gongji/app/foundation/call"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Due is what a milestone (from 1) is paid next, in 分, for whoever follows the
// grant. Conflict where nothing is due, Invalid where the last payment waits
// for the acceptance; both say why.
func (s *Service) Due(ctx context.Context, who party.Actor, g Grant, all []Milestone, seq int64) (money.Fen, error) {
	if err := s.Require(who, g, "follow"); err != nil {
		return 0, err
	}
	return s.due(ctx, s.db, g, all[seq-1], seq == int64(len(all)))
}

// due is what a milestone is paid: its amount once it was accepted; after an
// early end no more than what was settled and is not paid. Inside a transaction
// the engagement is locked, so that no end comes between this and the payment.
func (s *Service) due(ctx context.Context, d bun.IDB, g Grant, m Milestone, last bool) (money.Fen, error) {
	e, err := delivered(ctx, d, g.ID)
	if fault.Is(err, fault.NotFound) {
		return 0, fault.New(fault.Conflict, "协议还没有生效，不能付款")
	}
	if err != nil {
		return 0, err
	}
	paid, err := PaidOf(ctx, d, g.ID, s.clock.Now().AddDate(0, 0, 1))
	if err != nil {
		return 0, err
	}
	amount, most := m.Amount, g.Amount
	switch {
	case e.State == engagement.Closed:
		if most, err = revision.SettledOf(ctx, d, e); err != nil {
			return 0, err
		}
		left := most - paid
		if left <= 0 {
			return 0, fault.New(fault.Conflict, "项目已经提前终止，已付到结算总额 %s 元，不再付款", most.Yuan())
		}
		if m.AcceptedAt == nil || amount > left {
			amount = left
		}
	case m.AcceptedAt == nil:
		return 0, fault.New(fault.Conflict, "“%s”还没有确认达成，不能付款", m.Name)
	}
	if !last && paid+amount < most {
		return amount, nil
	}
	return amount, s.inspected(ctx, d, e)
}

// delivered is the engagement of a grant, locked inside a transaction.
func delivered(ctx context.Context, d bun.IDB, grant id.ID) (engagement.Engagement, error) {
	e, err := engagement.ByRef(ctx, d, engagement.Grant, grant)
	if tx, ok := d.(bun.Tx); ok && err == nil {
		return engagement.ForUpdate(ctx, tx, e.ID)
	}
	return e, err
}

// inspected lets the last payment wait for the acceptance of the whole.
func (s *Service) inspected(ctx context.Context, d bun.IDB, e engagement.Engagement) error {
	ok, err := acceptance.PassedOf(ctx, d, e.ID, 0)
	if err != nil || ok {
		return err
	}
	var c fault.Check
	c.FailUnder(rules.At(s.clock.Now()).Must(rules.GrantLastPayment).Source(), "amount", "这是最后一笔资助款，整个项目验收合格并公布以后才能支付；请先办理履约验收")
	return c.Err()
}

// Follow notes that the delivery of a grant was ended before its term; it is an
// engagement.Watcher.
func (s *Service) Follow(ctx context.Context, tx bun.Tx, who party.Actor, e engagement.Engagement) error {
	if e.State != engagement.Closed {
		return nil
	}
	g, err := forUpdate(ctx, tx, e.Ref)
	if fault.Is(err, fault.NotFound) {
		return nil // a payment made at once
	}
	if err != nil {
		return err
	}
	g.EndedAt = e.ClosedAt
	if err := db.One(tx.NewUpdate().Model(&g).Column("ended_at").Where("id = ?", g.ID).Exec(ctx)); err != nil {
		return err
	}
	return record(ctx, tx, who, *e.ClosedAt, ObjectKind, g.ID, trail.Event{Action: "提前终止", Note: e.Reason, Public: true})
}

// Amended takes over a change or an extension of a grant: what is added, or
// taken, is its last milestone's, and the call and the fund must have the money.
// It is revision.Made.
func (s *Service) Amended(ctx context.Context, tx bun.Tx, who party.Actor, x revision.Case, now time.Time) error {
	g, err := forUpdate(ctx, tx, x.Of.Ref)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	note := x.Content
	if x.EndsOn != nil {
		g.End, note = *x.EndsOn, "延期至 "+day(*x.EndsOn)
	}
	if x.Added != nil {
		if err := s.add(ctx, tx, &g, *x.Added); err != nil {
			return err
		}
		note += "；资助金额变为 " + g.Amount.Yuan() + " 元"
	}
	g.AmendedAt = &now
	if err := db.One(tx.NewUpdate().Model(&g).Column("amount", "end_on", "amended_at").Where("id = ?", g.ID).Exec(ctx)); err != nil {
		return err
	}
	return record(ctx, tx, who, now, ObjectKind, g.ID, trail.Event{Action: "协议" + x.Kind.Name(), Note: note, Public: true})
}

func (s *Service) add(ctx context.Context, tx bun.Tx, g *Grant, added money.Fen) error {
	all, err := milestones(ctx, tx, g.ID)
	if err != nil {
		return err
	}
	m := all[len(all)-1]
	switch {
	case m.AcceptedAt != nil || m.Payment != nil || m.SettledOn != nil:
		return fault.New(fault.Conflict, "最后一个节点“%s”已经确认达成，金额不能再变更", m.Name)
	case m.Amount+added < 0:
		return fault.New(fault.Conflict, "减少的金额从最后一个节点“%s”里减，它只有 %s 元", m.Name, m.Amount.Yuan())
	case added > 0:
		c, err := call.Read(ctx, tx, g.Call)
		if err == nil {
			err = s.afford(ctx, tx, c, added)
		}
		if err != nil {
			return err
		}
	}
	m.Amount += added
	g.Amount += added
	return db.One(tx.NewUpdate().Model(&m).Column("amount").WherePK().Exec(ctx))
}

// owed adds up what the ended grants of a fund are still paid by their
// settlement, but for what payments are approved, in 分.
func owed(ctx context.Context, d bun.IDB, fund id.ID, approved []string) (money.Fen, error) {
	var rows []struct {
		Settled money.Fen `bun:"settled"`
		Given   money.Fen `bun:"given"`
	}
	err := d.NewSelect().TableExpr("grant_award AS g").Join("JOIN engagement AS e ON e.ref = g.id AND e.kind = ?", engagement.Grant).
		Join("JOIN delivery_revision AS r ON r.engagement = e.id AND r.kind = ? AND r.state = ?", revision.Terminate, revision.Approved).
		ColumnExpr("r.settled, (SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) FROM payment AS p WHERE p.award = g.id AND p.state IN (?)) AS given", bun.List(approved)).
		Where("g.fund = ? AND g.ended_at IS NOT NULL", fund).Scan(ctx, &rows)
	var sum money.Fen
	for _, r := range rows {
		sum += max(0, r.Settled-r.Given)
	}
	return sum, db.Translate(err)
}
