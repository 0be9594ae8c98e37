package challenge

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/procurement/tender"
)

// emit publishes what everybody may know of a case: that a 质疑 was answered,
// a complaint decided, a purchase suspended. Nothing says who raised a 质疑.
func emit(ctx context.Context, tx bun.IDB, t tender.Tender, x Case, event, title, text string, now time.Time) error {
	return tender.EmitProgress(ctx, tx, now, t, ocds.Document{ID: event + "-" + string(x.ID), Type: "complaints", Title: title + " " + x.Number,
		Description: text, URL: "/tenders/" + string(t.ID) + "/challenges", Format: "text/html"})
}
