package award

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/procurement/tender"
)

// emitAward publishes the result.
func emitAward(ctx context.Context, tx bun.IDB, t tender.Tender, a Award) error {
	r := tender.Release(t, ocds.AwardTag)
	value, unit := tender.ReleasePrice(t, a.Amount)
	r.Awards = []ocds.Award{{ID: string(a.ID), Title: t.Title, Description: unit, Status: ocds.Active, Date: ocds.At(a.DecidedAt), Value: value,
		Suppliers: []ocds.Reference{*ocds.Org(a.Supplier, a.SupplierName)}, Items: tender.Items(t),
		Documents: []ocds.Document{{ID: "award-" + string(a.ID), Type: "awardNotice", Title: "结果公告 " + a.Number,
			URL: "/tenders/" + string(t.ID) + "/award", Published: ocds.At(a.DecidedAt), Format: "text/html"}}}}
	return ocds.Emit(ctx, tx, *a.DecidedAt, r)
}
