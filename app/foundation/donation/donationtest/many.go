package donationtest

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/id"
)

// Copies makes n more confirmed gifts of money like one that was given, past
// the services, for tests and measurements of what happens to heaps of them.
// Their postings have no entries: the book does not verify afterwards.
func Copies(ctx context.Context, d *bun.DB, gift donation.Donation, n int) ([]id.ID, error) {
	var tx ledger.Transaction
	if err := d.NewSelect().Model(&tx).Where("id = ?", *gift.LedgerTx).Scan(ctx); err != nil {
		return nil, err
	}
	var base int64 // above the numbers that real postings will get
	if err := d.NewSelect().Model((*ledger.Transaction)(nil)).ColumnExpr("MAX(seq)").Where("book = ?", tx.Book).Scan(ctx, &base); err != nil {
		return nil, err
	}
	base = max(base, 1_000_000) + 1
	ids := make([]id.ID, 0, n)
	for len(ids) < n {
		size := min(n-len(ids), 500)
		gifts, posts := make([]donation.Donation, size), make([]ledger.Transaction, size)
		for i := range size {
			t := tx
			t.ID, t.Seq = id.New(gift.CreatedAt), base+int64(len(ids))
			t.Key = string(t.ID)
			x := gift
			x.ID, x.Reference, x.LedgerTx = id.New(gift.CreatedAt), id.Code(8), &t.ID
			x.Key = string(x.ID)
			posts[i], gifts[i] = t, x
			ids = append(ids, x.ID)
		}
		if _, err := d.NewInsert().Model(&posts).Exec(ctx); err != nil {
			return nil, err
		}
		if _, err := d.NewInsert().Model(&gifts).Exec(ctx); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
