package grant

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/foundation/application"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Terms is where the plan of a grant begins: the milestones of its agreement
// and the budget of the application. An engagement that a single payment
// opened was paid at once.
func Terms(ctx context.Context, d bun.IDB, e engagement.Engagement) (plan.Terms, error) {
	out := plan.Terms{Form: plan.Form{Settlement: string(plan.ByMilestone)}}
	g, err := read(ctx, d, e.Ref)
	if fault.Is(err, fault.NotFound) {
		out.Paid = true
		out.Form.Milestones = []plan.MilestoneForm{{Name: "项目完成", Due: e.End.In(clock.Beijing).Format(time.DateOnly), Amount: e.Amount.Plain()}}
		return out, nil
	}
	if err != nil {
		return out, err
	}
	steps, err := milestones(ctx, d, g.ID)
	if err != nil {
		return out, err
	}
	for _, m := range steps {
		out.Form.Milestones = append(out.Form.Milestones, plan.MilestoneForm{Name: m.Name, Condition: m.Condition,
			Due: m.Due.In(clock.Beijing).Format(time.DateOnly), Amount: m.Amount.Plain()})
	}
	last, err := application.Last(ctx, d, g.Application)
	if err != nil {
		return out, err
	}
	sums := map[string]money.Fen{}
	for _, c := range last.Content.Budget {
		if _, ok := sums[c.Line]; !ok {
			out.Form.Lines = append(out.Form.Lines, plan.LineForm{Name: c.Line})
		}
		sums[c.Line] += c.Amount
	}
	for i, l := range out.Form.Lines {
		out.Form.Lines[i].Amount = sums[l.Name].Plain()
	}
	return out, nil
}

// Reached accepts the milestone of the agreement when the one of the plan,
// with the same number, was accepted: its payment may then be drafted.
func Reached(ctx context.Context, tx bun.Tx, who party.Actor, e engagement.Engagement, seq int64, now time.Time) error {
	g, err := forUpdate(ctx, tx, e.Ref)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := milestones(ctx, tx, g.ID)
	if err != nil || seq > int64(len(all)) || all[seq-1].AcceptedAt != nil {
		return err
	}
	m := all[seq-1]
	if m.ReportedAt == nil {
		m.ReportedAt = &now
	}
	m.AcceptedBy, m.AcceptedAt = &who.Account, &now
	if err := db.One(tx.NewUpdate().Model(&m).Column("reported_at", "accepted_by", "accepted_at").WherePK().Exec(ctx)); err != nil {
		return err
	}
	return record(ctx, tx, who, now, ObjectKind, g.ID, trail.Event{Action: "节点达成", Note: m.Name, Public: true})
}

// PaidOf is what the payments of a grant's milestones, or the payment that an
// engagement came from, come to in the ledger before a moment, in 分, and what a
// bureau entered as paid by its treasury.
func PaidOf(ctx context.Context, d bun.IDB, ref id.ID, until time.Time) (money.Fen, error) {
	var sum, entered money.Fen
	err := d.NewSelect().TableExpr("payment").ColumnExpr("CAST(COALESCE(SUM(amount), 0) AS BIGINT)").
		Where("(award = ? OR id = ?) AND ledger_tx IS NOT NULL AND paid_at < ?", ref, ref, until).Scan(ctx, &sum)
	if err == nil {
		err = d.NewSelect().TableExpr("grant_milestone").ColumnExpr("CAST(COALESCE(SUM(COALESCE(settled_amount, amount)), 0) AS BIGINT)").
			Where("award = ? AND settled_on < ?", ref, until).Scan(ctx, &entered)
	}
	return sum + entered, db.Translate(err)
}

// LedgerOf is what the ledger has of the same payments up to a moment, in 分:
// what was posted to their payee, less what was reversed.
func LedgerOf(ctx context.Context, d bun.IDB, ref id.ID, until time.Time) (money.Fen, error) {
	var sum money.Fen
	err := d.NewSelect().TableExpr("ledger_entry AS e").Join("JOIN ledger_transaction AS t ON t.id = e.tx").Join("JOIN ledger_account AS a ON a.id = e.account").
		ColumnExpr("CAST(COALESCE(SUM(e.amount), 0) AS BIGINT)").Where("a.owner_kind = 'organisation' AND t.at < ?", until).
		Where("EXISTS (SELECT 1 FROM payment AS p WHERE (p.award = ? OR p.id = ?) AND p.ledger_tx IS NOT NULL AND (p.ledger_tx = t.id OR p.ledger_tx = t.reverses))", ref, ref).Scan(ctx, &sum)
	return sum, db.Translate(err)
}

// Books is what was paid for an engagement and what the ledger has of it; it is
// engagement.Books. A bureau's treasury is not in the ledger.
func Books(ctx context.Context, d bun.IDB, e engagement.Engagement, until time.Time) (out engagement.Money, err error) {
	if out.Paid, err = PaidOf(ctx, d, e.Ref, until); err != nil {
		return out, err
	}
	err = d.NewSelect().TableExpr("payment").ColumnExpr("CAST(COALESCE(SUM(amount), 0) AS BIGINT)").
		Where("(award = ? OR id = ?) AND state = ? AND approved_at < ?", e.Ref, e.Ref, payment.Approved, until).Scan(ctx, &out.Approved)
	if err != nil {
		return out, db.Translate(err)
	}
	g, err := read(ctx, d, e.Ref)
	if err == nil && g.Fund == nil {
		return out, nil
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return out, err
	}
	ledger, err := LedgerOf(ctx, d, e.Ref, until)
	out.Ledger = &ledger
	return out, err
}

func day(t time.Time) string { return t.In(clock.Beijing).Format("2006年1月2日") }
