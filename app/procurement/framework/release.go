package framework

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/kernel/id"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// emit publishes who is admitted. An admission has no value of its own: money
// comes with the call-offs, which are purchases of their own.
func emit(ctx context.Context, tx bun.IDB, t tender.Tender, f Framework, now time.Time) error {
	var members []Member
	if err := tx.NewSelect().Model(&members).Where("tender = ?", t.ID).Order("rank", "id").Scan(ctx); err != nil {
		return db.Translate(err)
	}
	at := ocds.Moment(now)
	a := ocds.Award{ID: admission(t.ID), Title: t.Title, Status: ocds.Active, Date: &at,
		Description:    fmt.Sprintf("框架协议第一阶段入围 %d 家，淘汰 %d 家；金额在第二阶段成交时确定", f.Admitted, f.Eliminated),
		ContractPeriod: ocds.Between(&now, f.EndsAt), Items: tender.Items(t),
		Documents: []ocds.Document{{ID: "admitted", Type: "awardNotice", Title: "入围结果公告", URL: "/tenders/" + string(t.ID) + "/framework", Published: &at, Format: "text/html"}}}
	for _, m := range members {
		a.Suppliers = append(a.Suppliers, *ocds.Org(m.Supplier, m.SupplierName))
	}
	r := tender.Release(t, ocds.AwardTag)
	r.Awards = []ocds.Award{a}
	return ocds.Emit(ctx, tx, now, r)
}

// admission is the id of an admission as an award in open data.
func admission(tenderID id.ID) string { return string(tenderID) + "-admitted" }
