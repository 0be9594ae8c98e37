package opening

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/procurement/tender"
)

// emitOpened publishes who bid: only now, with the record of the opening, may
// anybody know how many there were.
func emitOpened(ctx context.Context, tx bun.IDB, t tender.Tender, o Opening, lines []Line) error {
	r := tender.Release(t, ocds.TenderUpdate)
	n := len(lines)
	r.Tender.NumberOfTenderers = &n
	for _, l := range lines {
		r.Tender.Tenderers = append(r.Tender.Tenderers, *ocds.Org(l.Supplier, l.SupplierName))
	}
	r.Tender.Documents = []ocds.Document{recordDocument(o)}
	return ocds.Emit(ctx, tx, o.OpenedAt, r)
}

// emitTooFew publishes that nothing was opened: how many came, as the record
// says, and not who.
func emitTooFew(ctx context.Context, tx bun.IDB, t tender.Tender, o Opening) error {
	return tender.EmitEnd(ctx, tx, o.OpenedAt, t, func(x *ocds.Tender) {
		x.NumberOfTenderers, x.Documents = &o.Bidders, []ocds.Document{recordDocument(o)}
	})
}

func recordDocument(o Opening) ocds.Document {
	at := ocds.Moment(o.OpenedAt)
	return ocds.Document{ID: "opening", Type: "x_openingRecord", Title: "开标记录",
		URL: fmt.Sprintf("/documents/%s", o.Record), Published: &at, Format: "application/pdf"}
}
