package contract

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
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
