package intention

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/kernel/clock"
)

// emit publishes the intention as open data, in a process of its own that the
// purchases made of it point back to. The milestone is the end of the month in
// which the purchase is expected.
func emit(ctx context.Context, tx bun.IDB, x Intention) error {
	r := ocds.Release{Process: x.ID, Tag: []ocds.Tag{ocds.PlanningTag}, Buyer: ocds.Org(x.Buyer, x.BuyerName), Planning: &ocds.Planning{
		Rationale: x.What, Budget: &ocds.Budget{Project: x.Title, Description: x.Note, Amount: ocds.CNY(&x.Budget)},
		Documents: []ocds.Document{{ID: "intention", Type: "procurementPlan", Title: "采购意向 " + x.No(), URL: "/intentions/" + string(x.ID),
			Published: ocds.At(x.PublishedAt), Format: "text/html"}}}}
	if month, err := time.ParseInLocation("2006-01", x.Expected, clock.Beijing); err == nil {
		end := ocds.Moment(month.AddDate(0, 1, 0).Add(-time.Second))
		r.Planning.Milestones = []ocds.Milestone{{ID: "expected", Title: "预计采购时间 " + x.Expected, Type: "preProcurement", Due: &end, Status: "scheduled"}}
	}
	return ocds.Emit(ctx, tx, *x.PublishedAt, r)
}
