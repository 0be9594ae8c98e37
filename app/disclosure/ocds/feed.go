package ocds

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/storage/db"
)

// cursor is a place in the order of commits: behind the last release read.
type cursor struct{ era, txid, seq int64 }

// String is the serial number of the release, which is all that a reader is
// given: the number of its transaction would tell everybody how much was
// written since the last release, bids among it.
func (c cursor) String() string { return strconv.FormatInt(c.seq, 10) }

func (x row) cursor() cursor { return cursor{x.Era, x.TxID, x.Seq} }

// cursorAt finds the place that String wrote; "" is the beginning.
func cursorAt(ctx context.Context, d bun.IDB, s string) (cursor, error) {
	if s == "" {
		return cursor{-1, -1, -1}, nil
	}
	wrong := fault.New(fault.Invalid, "翻页参数 after 不正确，请使用上一页 links.next 中的地址，或去掉 after 从头读起")
	seq, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(seq, 10) != s {
		return cursor{}, wrong
	}
	var x row
	err = db.Found(d.NewSelect().Model(&x).Column("era", "txid", "seq").Where("seq = ?", seq).Scan(ctx), "发布")
	if fault.Is(err, fault.NotFound) {
		err = wrong
	}
	return x.cursor(), err
}

// feed reads the releases behind a cursor, in the order of commits.
//
// On PostgreSQL that order is not the order of a sequence or of the clock: a
// transaction that took its number first may commit last, and a reader who
// passed it would never see its release. So releases are ordered by the number
// of their transaction, and only those of transactions below the oldest one
// still running are shown: all of these have ended, and whatever commits later
// has a higher number and comes behind the cursor. A long writing transaction
// holds the feed back while it runs, and costs nothing else. SQLite writes one
// transaction at a time; there the serial number is the order of commits.
func feed(ctx context.Context, d bun.IDB, after cursor, limit int) ([]row, error) {
	var out []row
	q := d.NewSelect().Model(&out).Where("(era, txid, seq) > (?, ?, ?)", after.era, after.txid, after.seq).
		Order("era", "txid", "seq").Limit(int64(limit))
	if db.Postgres(d) {
		q = q.Where(settled)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// settled is the watermark. The oldest running transaction is that of the
// whole server, other databases included: PostgreSQL numbers them together.
const settled = `(era < (SELECT COALESCE(MAX(number), 0) FROM ocds_era) OR txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)`

// Held counts the releases that are committed and wait behind the watermark
// for an older transaction to end.
func (p *Publisher) Held(ctx context.Context) (int, error) {
	if !db.Postgres(p.db) {
		return 0, nil
	}
	n, err := p.db.NewSelect().Model((*row)(nil)).Where("NOT " + settled).Count(ctx)
	return int(n), db.Translate(err)
}

// Settle is called once when the product starts. A database that was restored
// from a dump onto another server counts its transactions anew, from a lower
// number; the releases it brought would never pass the watermark and new ones
// would come before them. They are then closed as an era of their own, which
// comes before what follows.
func Settle(ctx context.Context, d *bun.DB, now time.Time) error {
	if !db.Postgres(d) {
		return nil
	}
	_, err := d.ExecContext(ctx, `INSERT INTO ocds_era (number, started_at, why)
		SELECT (SELECT COALESCE(MAX(number), 0) FROM ocds_era) + 1, ?, '数据库换了服务器，事务编号重新开始'
		WHERE EXISTS (SELECT 1 FROM ocds_release WHERE era = (SELECT COALESCE(MAX(number), 0) FROM ocds_era)
			AND txid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
		ON CONFLICT DO NOTHING`, now)
	return db.Translate(err)
}
