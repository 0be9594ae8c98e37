package opening

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/procurement/tender"
)

// emit publishes what came of an opening. Who bid, only where it was read out:
// those whose bids stand. Where nothing was opened, how many came, as the
// record says, and not who.
func emit(ctx context.Context, tx bun.IDB, t tender.Tender, o Opening, lines []Line) error {
	fill := func(x *ocds.Tender) {
		n := o.Bidders
		if len(lines) > 0 {
			n = 0
		}
		for _, l := range lines {
			if l.Failed == "" {
				n++
				x.Tenderers = append(x.Tenderers, *ocds.Org(l.Supplier, l.SupplierName))
			}
		}
		x.NumberOfTenderers, x.Documents = &n, []ocds.Document{recordDocument(o)}
	}
	if o.Outcome == TooFew {
		return tender.EmitEnd(ctx, tx, *o.ClosedAt, t, fill)
	}
	r := tender.Release(t, ocds.TenderUpdate)
	fill(r.Tender)
	return ocds.Emit(ctx, tx, *o.ClosedAt, r)
}

func recordDocument(o Opening) ocds.Document {
	at := ocds.Moment(*o.ClosedAt)
	return ocds.Document{ID: "opening", Type: "x_openingRecord", Title: "开标记录",
		URL: fmt.Sprintf("/documents/%s", *o.Record), Published: &at, Format: "application/pdf"}
}
