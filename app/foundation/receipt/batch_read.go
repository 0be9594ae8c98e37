package receipt

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

func readBatch(ctx context.Context, d bun.IDB, batch id.ID, lock bool) (Batch, error) {
	var b Batch
	q := d.NewSelect().Model(&b).Where("id = ?", batch)
	if lock {
		q = db.Lock(q)
	}
	err := db.Found(q.Scan(ctx), "批次")
	return b, err
}

func saveBatch(ctx context.Context, tx bun.Tx, b *Batch) error {
	return db.One(tx.NewUpdate().Model(b).ExcludeColumn("id", "foundation", "title", "year", "fund", "chosen", "scope", "remark").WherePK().Exec(ctx))
}

// count fills in a batch's figures from its rows.
func (b *Batch) count(ctx context.Context, tx bun.Tx) error {
	var sums []struct {
		State  RowState  `bun:"state"`
		N      int       `bun:"n"`
		Made   int       `bun:"made"`
		Amount money.Fen `bun:"amount"`
	}
	err := tx.NewSelect().TableExpr("receipt_batch_row AS x").
		Join("LEFT JOIN receipt AS r ON r.id = x.receipt").Join("LEFT JOIN document AS d ON d.id = r.document").
		ColumnExpr("x.state, COUNT(*) AS n, CAST(COALESCE(SUM(x.amount), 0) AS BIGINT) AS amount").
		ColumnExpr("SUM(CASE WHEN d.object_key <> '' THEN 1 ELSE 0 END) AS made").
		Where("x.batch = ?", b.ID).GroupExpr("x.state").Scan(ctx, &sums)
	if err != nil {
		return db.Translate(err)
	}
	b.Waiting, b.Issued, b.Aside, b.Made, b.Amount = 0, 0, 0, 0, 0
	for _, x := range sums {
		switch x.State {
		case RowWaiting:
			b.Waiting = x.N
		case RowIssued:
			b.Issued, b.Made = x.N, x.Made
		case RowAside:
			b.Aside = x.N
			continue
		}
		if b.Amount, err = money.Add(b.Amount, x.Amount); err != nil {
			return err
		}
	}
	return nil
}

// Batch reads one batch the actor may view.
func (s *Bulk) Batch(ctx context.Context, who party.Actor, batch id.ID) (Batch, error) {
	b, err := readBatch(ctx, s.db, batch, false)
	if err != nil {
		return b, err
	}
	if err := s.policy.Require(batchRelations(who, b.Foundation), b.object(), "view"); err != nil {
		return Batch{}, err
	}
	return b, nil
}

// Batches lists the batches of the actor's foundation, newest first; after ""
// begins. At most 200 at a time.
func (s *Bulk) Batches(ctx context.Context, who party.Actor, state BatchState, after id.ID, limit int) (list []Batch, total int, err error) {
	if err := s.policy.Require(batchRelations(who, who.Org), BatchKind+".any", "view"); err != nil {
		return nil, 0, err
	}
	if limit <= 0 || limit > 200 {
		limit = 20
	}
	list = []Batch{}
	q := s.db.NewSelect().Model(&list).Where("foundation = ?", who.Org)
	if state != "" {
		q = q.Where("state = ?", state)
	}
	n, err := q.Count(ctx)
	if err != nil {
		return nil, 0, db.Translate(err)
	}
	if after != "" {
		q = q.Where("id < ?", after)
	}
	err = q.Order("id DESC").Limit(int64(limit)).Scan(ctx)
	return list, int(n), db.Translate(err)
}

// RowFilter narrows the rows of a batch; zero fields do not.
type RowFilter struct {
	State RowState
	Cause Cause
	Mail  MailState
	Text  string // of the reference or the donor's name
	After int    // keyset: lines above this one
	Limit int    // 0 means 100, at most 1,000
}

func (f RowFilter) narrow(q *bun.SelectQuery, batch id.ID) *bun.SelectQuery {
	q = q.Where("x.batch = ?", batch)
	if f.State != "" {
		q = q.Where("x.state = ?", f.State)
	}
	if f.Cause != "" {
		q = q.Where("x.cause = ?", f.Cause)
	}
	if f.Mail != "" {
		q = q.Where("x.receipt IN (SELECT receipt FROM receipt_mail WHERE batch = x.batch AND state = ?)", f.Mail)
	}
	if t := strings.TrimSpace(f.Text); t != "" {
		like := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(t) + "%"
		q = q.Where("(x.reference = ? OR x.donor_name LIKE ? ESCAPE '!')", strings.ToUpper(t), like)
	}
	return q
}

// Rows lists the donations of a batch the actor may view, with their receipts,
// and how many there are under the filter.
func (s *Bulk) Rows(ctx context.Context, who party.Actor, batch id.ID, f RowFilter) (list []BatchRow, total int, err error) {
	if err := s.May(ctx, who, batch, "view"); err != nil {
		return nil, 0, err
	}
	if f.Limit <= 0 || f.Limit > 1000 {
		f.Limit = 100
	}
	n, err := f.narrow(s.db.NewSelect().TableExpr("receipt_batch_row AS x"), batch).Count(ctx)
	if err != nil {
		return nil, 0, db.Translate(err)
	}
	list = []BatchRow{}
	err = f.narrow(s.db.NewSelect().TableExpr("receipt_batch_row AS x"), batch).ColumnExpr("x.*, r.year, r.no, r.document").
		ColumnExpr("COALESCE(d.object_key, '') <> '' AS ready").ColumnExpr("COALESCE(m.state, '') AS mail, COALESCE(m.problem, '') AS mail_why").
		Join("LEFT JOIN receipt AS r ON r.id = x.receipt").Join("LEFT JOIN document AS d ON d.id = r.document").Join("LEFT JOIN receipt_mail AS m ON m.receipt = r.id").
		Where("x.line > ?", f.After).OrderExpr("x.line").Limit(int64(f.Limit)).Scan(ctx, &list)
	return list, int(n), db.Translate(err)
}

// CauseCount is how many donations of a batch are set aside for one reason.
type CauseCount struct {
	Cause Cause `bun:"cause" json:"cause"`
	N     int   `bun:"n" json:"count"`
}

// Causes counts what is set aside by its reason, the most frequent first.
func (s *Bulk) Causes(ctx context.Context, who party.Actor, batch id.ID) ([]CauseCount, error) {
	if err := s.May(ctx, who, batch, "view"); err != nil {
		return nil, err
	}
	out := []CauseCount{}
	err := s.db.NewSelect().TableExpr("receipt_batch_row").ColumnExpr("cause, COUNT(*) AS n").Where("batch = ? AND state = ?", batch, RowAside).
		GroupExpr("cause").OrderExpr("n DESC, cause").Scan(ctx, &out)
	return out, db.Translate(err)
}

// Timeline lists what happened to a batch the actor may view.
func (s *Bulk) Timeline(ctx context.Context, who party.Actor, batch id.ID) ([]trail.Event, error) {
	if err := s.May(ctx, who, batch, "view"); err != nil {
		return nil, err
	}
	return trail.Of(ctx, s.db, BatchKind, batch, false)
}
