package opening

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// At is when bids were read out, for the sibling packages of procurement; nil
// before, and where nothing was opened.
func At(ctx context.Context, d bun.IDB, tenderID id.ID) (*time.Time, error) {
	var at []time.Time
	err := d.NewSelect().Model((*Opening)(nil)).Column("opened_at").Where("tender = ? AND outcome = ?", tenderID, Done).Scan(ctx, &at)
	if err != nil || len(at) == 0 {
		return nil, db.Translate(err)
	}
	return &at[0], nil
}
