package tender

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

const noun = "采购项目"

func read(ctx context.Context, d bun.IDB, tender id.ID) (Tender, error) {
	var t Tender
	err := db.Found(d.NewSelect().Model(&t).Where("id = ?", tender).Scan(ctx), noun)
	return t, err
}

// ForUpdate reads a tender and locks its row for the transaction: whoever
// compares the deadline or the state does so after this.
func ForUpdate(ctx context.Context, tx bun.IDB, tender id.ID) (Tender, error) {
	var t Tender
	err := db.Found(db.Lock(tx.NewSelect().Model(&t).Where("id = ?", tender)).Scan(ctx), noun)
	return t, err
}

// save writes a tender that was read at its Version, and counts it up.
func save(ctx context.Context, tx bun.IDB, t *Tender) error {
	was := t.Version
	t.Version++
	err := db.One(tx.NewUpdate().Model(t).ExcludeColumn("id", "buyer", "created_at", "drafted_by").
		Where("id = ? AND version = ?", t.ID, was).Exec(ctx))
	if err != nil {
		t.Version = was
	}
	return err
}
