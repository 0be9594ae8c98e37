package contract

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/disclosure/ocds"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Terms is where the plan of a contract begins: its unit price where it is
// settled by count, and one milestone at its end.
func Terms(ctx context.Context, d bun.IDB, e engagement.Engagement) (plan.Terms, error) {
	var c Contract
	if err := db.Found(d.NewSelect().Model(&c).Where("id = ?", e.Ref).Scan(ctx), "合同"); err != nil {
		return plan.Terms{}, err
	}
	end := plan.MilestoneForm{Name: "服务期满", Due: e.End.In(clock.Beijing).Format(time.DateOnly), Amount: e.Amount.Plain()}
	out := plan.Terms{Form: plan.Form{Settlement: string(plan.ByMilestone)}}
	if c.UnitPrice != nil && *c.UnitPrice > 0 {
		var t tender.Tender
		if err := db.Found(d.NewSelect().Model(&t).Where("id = ?", c.Tender).Scan(ctx), "采购项目"); err != nil {
			return plan.Terms{}, err
		}
		out.UnitPrice, out.Unit, end.Amount = c.UnitPrice, t.Ceiling.Unit, ""
		name := "服务" + t.Ceiling.Unit
		out.Form.Settlement, out.Form.Counted, out.Form.UnitPrice = string(plan.ByCount), name, c.UnitPrice.Plain()
		out.Form.Outputs = []plan.OutputForm{{Name: name, Quantity: fmt.Sprint(int64(e.Amount / *c.UnitPrice)), Unit: t.Ceiling.Unit}}
	}
	out.Form.Milestones = []plan.MilestoneForm{end}
	return out, nil
}

// tenderOf is the contract that an engagement came from, and its purchase.
func tenderOf(ctx context.Context, d bun.IDB, e engagement.Engagement) (tender.Tender, Contract, error) {
	var c Contract
	var t tender.Tender
	if err := db.Found(d.NewSelect().Model(&c).Where("id = ?", e.Ref).Scan(ctx), "合同"); err != nil {
		return t, c, err
	}
	err := d.NewSelect().Model(&t).Where("id = ?", c.Tender).Scan(ctx)
	return t, c, db.Found(err, "采购项目")
}

// Inspection is how a contract is accepted: a service to the public with the
// people it serves, under the rules frozen with the purchase.
func Inspection(ctx context.Context, d bun.IDB, e engagement.Engagement) (acceptance.Terms, error) {
	t, _, err := tenderOf(ctx, d, e)
	if err != nil {
		return acceptance.Terms{}, err
	}
	set, err := t.RuleSet(e.OpenedAt)
	if set.Must(rules.AcceptanceUsers).ID == "" { // of before the rule was written down
		set = rules.At(e.OpenedAt)
	}
	return acceptance.Terms{Public: t.PublicService == nil || *t.PublicService, Rules: set}, err
}

// Inspected publishes what an acceptance found in the open data.
func Inspected(ctx context.Context, tx bun.Tx, _ party.Actor, e engagement.Engagement, x acceptance.Acceptance, now time.Time) error {
	t, c, err := tenderOf(ctx, tx, e)
	if err != nil {
		return err
	}
	at := ocds.Moment(now)
	step := ocds.Milestone{ID: fmt.Sprintf("acceptance-%d", x.Seq), Title: "验收：" + x.Scope(), Description: x.Result.Name(), Type: "assessment", Status: "notMet"}
	if x.Result == acceptance.Passed {
		step.Met, step.Status = &at, "met"
	}
	r := tender.Release(t, ocds.ImplementationTag)
	r.Contracts = []ocds.Contract{{ID: string(c.ID), AwardID: string(c.Award), Implementation: &ocds.Implementation{Milestones: []ocds.Milestone{step},
		Documents: []ocds.Document{{ID: step.ID, Type: "completionCertificate", Title: "验收书 " + x.No(), URL: "/documents/" + string(*x.Document), Published: &at, Format: "application/pdf"}}}}}
	return ocds.Emit(ctx, tx, now, r)
}
