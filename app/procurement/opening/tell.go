package opening

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/party/inbox"
	"gongji/app/procurement/tender"
)

// Tell sends a letter about a purchase to every bidder that was read out. It
// says nothing to anybody before an opening: there are no lines then.
func Tell(ctx context.Context, tx bun.IDB, t tender.Tender, l inbox.Letter, now time.Time) error {
	lines, err := Lines(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	var to []inbox.To
	for _, x := range lines {
		to = append(to, inbox.To{Organisation: x.Supplier})
	}
	return inbox.Send(ctx, tx, now, to, l)
}
