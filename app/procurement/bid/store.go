package bid

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

func read(ctx context.Context, d bun.IDB, bid id.ID, lock bool) (Bid, error) {
	var b Bid
	q := d.NewSelect().Model(&b).Where("id = ?", bid)
	if lock {
		q = db.Lock(q)
	}
	err := found(q.Scan(ctx))
	return b, err
}

func readOwn(ctx context.Context, d bun.IDB, tender, supplier id.ID) (Bid, error) {
	var b Bid
	err := found(d.NewSelect().Model(&b).Where("tender = ? AND supplier = ?", tender, supplier).Scan(ctx))
	return b, err
}

// found says of a missing bid what policy says of one that may not be seen, so
// that the two cannot be told apart.
func found(err error) error {
	if err = db.Found(err, "投标"); fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "没有找到这条记录，或您无权查看")
	}
	return err
}

func readVersion(ctx context.Context, d bun.IDB, bid id.ID, number int) (Version, error) {
	var v Version
	err := db.Found(d.NewSelect().Model(&v).Where("bid = ? AND number = ?", bid, number).Scan(ctx), "投标版本")
	return v, err
}

func save(ctx context.Context, tx bun.Tx, b *Bid, columns ...string) error {
	return db.One(tx.NewUpdate().Model(b).Column(append(columns, "updated_at")...).WherePK().Exec(ctx))
}

// wasOpened reports whether the opening made the bid readable. A bid that was
// never opened stays closed for good, whatever became of its tender.
func wasOpened(ctx context.Context, d bun.IDB, bid id.ID) (bool, error) {
	ok, err := d.NewSelect().Table("opened_bid").Where("bid = ?", bid).Exists(ctx)
	return ok, db.Translate(err)
}

// onPanel is the fact behind the relation "panel.member".
func onPanel(ctx context.Context, d bun.IDB, tender, account id.ID) (bool, error) {
	// A member who has not declared, or stood aside, is not on it for any file.
	ok, err := d.NewSelect().Table("panel_member").Where("tender = ? AND account = ? AND declared_at IS NOT NULL AND stood_aside = ''", tender, account).Exists(ctx)
	return ok, db.Translate(err)
}
