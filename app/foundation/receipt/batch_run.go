package receipt

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/storage/db"
	"gongji/storage/queue"
)

// batchJob issues a batch and makes its PDFs, some seconds of it; the rest is
// another job's.
type batchJob struct {
	Batch id.ID `json:"batch"`
}

// Kind names the job.
func (batchJob) Kind() string { return "receipt_batch" }

const (
	batchStride = 100              // receipts of one transaction
	batchShift  = 15 * time.Second // how long one job works before it hands on
	batchMakers = 2                // strides whose PDFs are being made at once
	batchPause  = 10 * time.Second // how long to wait for a store that is away
)

// work goes on with a batch where it stands. A row and its receipt commit
// together, and the PDFs of what is issued are found again by what is missing:
// a kill anywhere loses nothing and repeats no receipt. Two workers on one
// batch take turns at its row.
func (s *Bulk) work(ctx context.Context, batch id.ID) error {
	more, err := s.advance(ctx, batch)
	if err == nil && more {
		return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error { return s.queue.Add(ctx, tx, batchJob{batch}) })
	}
	if err == nil {
		return s.finish(ctx, batch)
	}
	say := "处理时出现内部错误，正在自动重试；持续不动请联系平台管理员"
	away := fault.Is(err, fault.Unavailable)
	if away {
		say = "对象存储或数据库暂时不可用，恢复后自动继续"
	}
	_, _ = s.db.NewUpdate().Model((*Batch)(nil)).Set("problem = ?", say).Where("id = ? AND state = ?", batch, BatchRunning).Exec(context.WithoutCancel(ctx))
	if away {
		return queue.Later(batchPause)
	}
	return err
}

// advance issues and makes for a shift; more says that there is work left. The
// PDFs of one stride are made while the next is issued.
func (s *Bulk) advance(ctx context.Context, batch id.ID) (more bool, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	strides := make(chan []archive.Document)
	var makers sync.WaitGroup
	for range batchMakers {
		makers.Go(func() {
			for docs := range strides {
				if err := s.make(ctx, batch, docs); err != nil {
					stop(err)
				}
			}
		})
	}
	more, err = s.issueStrides(ctx, batch, strides)
	close(strides)
	makers.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause // what a maker met, not the cancelling that followed from it
	}
	return more, err
}

func (s *Bulk) issueStrides(ctx context.Context, batch id.ID, to chan<- []archive.Document) (more bool, err error) {
	from := time.Now()
	send := func(docs []archive.Document) error {
		select {
		case to <- docs:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for after := id.ID(""); ; { // what a killed process issued and did not make
		docs, err := s.unmade(ctx, batch, after)
		if err != nil || len(docs) == 0 {
			if err != nil {
				return false, err
			}
			break
		}
		after = docs[len(docs)-1].ID
		if err := send(docs); err != nil {
			return false, err
		}
		if time.Since(from) > batchShift {
			return true, nil
		}
	}
	for {
		docs, left, err := s.stride(ctx, batch)
		if err != nil {
			return false, err
		}
		if len(docs) > 0 {
			if err := send(docs); err != nil {
				return false, err
			}
		}
		if !left {
			return false, nil
		}
		if time.Since(from) > batchShift {
			return true, nil
		}
	}
}

// unmade are documents of a batch whose file is missing.
func (s *Bulk) unmade(ctx context.Context, batch, after id.ID) ([]archive.Document, error) {
	var docs []archive.Document
	err := s.db.NewSelect().Model(&docs).Where("object_key = '' AND id > ?", after).
		Where("id IN (SELECT r.document FROM receipt_batch_row AS x JOIN receipt AS r ON r.id = x.receipt WHERE x.batch = ?)", batch).
		Order("id").Limit(batchStride).Scan(ctx)
	return docs, db.Translate(err)
}

func (s *Bulk) make(ctx context.Context, batch id.ID, docs []archive.Document) error {
	n, err := s.archive.Make(ctx, docs)
	if n > 0 {
		// For the page only; finish counts.
		_, uerr := s.db.NewUpdate().Model((*Batch)(nil)).Set("made = made + ?, problem = ''", n).Where("id = ? AND state = ?", batch, BatchRunning).Exec(ctx)
		err = errors.Join(err, db.Translate(uerr))
	}
	return err
}

// stride issues the next receipts of a batch in one transaction; left says
// that there may be more.
func (s *Bulk) stride(ctx context.Context, batch id.ID) (docs []archive.Document, left bool, err error) {
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		docs, left = nil, false
		b, err := readBatch(ctx, tx, batch, true)
		if err != nil || b.State != BatchRunning {
			return err
		}
		var rows []BatchRow
		if err := tx.NewSelect().Model(&rows).Where("batch = ? AND state = ?", batch, RowWaiting).Order("line").Limit(batchStride).Scan(ctx); err != nil || len(rows) == 0 {
			return db.Translate(err)
		}
		left = len(rows) == batchStride
		ids := make([]id.ID, len(rows))
		for i, r := range rows {
			ids[i] = r.Donation
		}
		list, err := gifts(ctx, tx, ids, true)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		var good []gift
		for _, r := range rows {
			g := list[r.Donation]
			cause, why, err := g.still(r, now)
			if err != nil {
				return err
			}
			if cause == "" {
				good = append(good, g)
				continue
			}
			err = db.One(tx.NewUpdate().Model((*BatchRow)(nil)).Set("state = ?, cause = ?, why = ?", RowAside, cause, why).
				Where("batch = ? AND line = ? AND state = ?", batch, r.Line, RowWaiting).Exec(ctx))
			if err != nil {
				return err
			}
		}
		if docs, err = s.issueAll(ctx, tx, b, good, now); err != nil {
			return err
		}
		// The row finds its receipt by the donation, which has one that lives.
		_, err = tx.NewUpdate().Model((*BatchRow)(nil)).Set("state = ?", RowIssued).
			Set("receipt = (SELECT r.id FROM receipt AS r WHERE r.donation = ?TableAlias.donation AND r.state = ?)", Issued).
			Where("batch = ? AND state = ? AND line BETWEEN ? AND ?", batch, RowWaiting, rows[0].Line, rows[len(rows)-1].Line).Exec(ctx)
		if err != nil {
			return db.Translate(err)
		}
		aside := len(rows) - len(good)
		return db.One(tx.NewUpdate().Model((*Batch)(nil)).
			Set("waiting = waiting - ?, issued = issued + ?, aside = aside + ?", len(rows), len(good), aside).Where("id = ?", batch).Exec(ctx))
	})
	return docs, left, err
}

// still judges a frozen row again, with its donation locked.
func (g gift) still(r BatchRow, now time.Time) (Cause, string, error) {
	if cause, why := g.judge(now); cause != "" {
		return cause, why, nil
	}
	face, err := g.printed()
	if err == nil && face != r.Face {
		return Changed, "核对之后捐赠记录有改动，与复核人看到的不一致；请重新核对", nil
	}
	return "", "", err
}

// issueAll numbers receipts in order, freezes their contents and writes each on
// its donation's timeline, a statement for all of them.
func (s *Bulk) issueAll(ctx context.Context, tx bun.Tx, b Batch, list []gift, now time.Time) ([]archive.Document, error) {
	if len(list) == 0 {
		return nil, nil
	}
	year := now.In(clock.Beijing).Year()
	first, err := number.Take(ctx, tx, number.Scope(ObjectKind, string(b.Foundation), year), len(list))
	if err != nil {
		return nil, err
	}
	receipts := make([]Receipt, 0, len(list))
	items := make([]archive.Item, 0, len(list))
	events := make([]trail.Event, 0, len(list))
	article := rules.At(now).Must(rules.ReceiptContent).Source()
	for i, g := range list {
		no := first + int64(i)
		amount, err := g.Receiptable()
		if err != nil {
			return nil, err
		}
		r := Receipt{ID: id.New(now), Foundation: g.Foundation, Donation: g.ID, State: Issued, Remark: b.Remark, Amount: amount, Handler: b.Handler,
			HandlerName: b.HandlerName, PreparedAt: b.PreparedAt, Reviewer: b.Reviewer, ReviewerName: b.ReviewerName, DecidedAt: &now, Year: &year, No: &no}
		if g.before.ID != "" {
			r.Replaces = &g.before.ID
		}
		receipts = append(receipts, r)
		items = append(items, s.item(r, g.before, g.Donation, g.fund, now))
		events = append(events, trail.Event{ObjectKind: donation.ObjectKind, ObjectID: g.ID, Action: "批量开具收据", Note: "收据编号 " + r.Number() + "，" + b.HandlerName + "准备，" + b.ReviewerName + "复核", Article: article})
	}
	docs, err := s.archive.Freeze(ctx, tx, items)
	if err != nil {
		return nil, err
	}
	for i := range receipts {
		receipts[i].Document = &docs[i].ID
	}
	if _, err := tx.NewInsert().Model(&receipts).Exec(ctx); err != nil {
		return nil, db.Translate(err)
	}
	who := party.Actor{Account: *b.Reviewer, Org: b.Foundation, OrgName: list[0].fund.FoundationName, Role: party.Reviewer}
	return docs, trail.AppendAll(ctx, tx, who, now, events)
}

// finish ends a batch of which everything is issued or set aside and made.
func (s *Bulk) finish(ctx context.Context, batch id.ID) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		b, err := readBatch(ctx, tx, batch, true)
		if err != nil || b.State != BatchRunning {
			return err
		}
		if err := b.count(ctx, tx); err != nil {
			return err
		}
		if b.Waiting > 0 || b.Made < b.Issued { // another worker is at it
			return queue.Later(time.Second)
		}
		now := s.clock.Now()
		b.State, b.EndedAt, b.Problem = BatchDone, &now, ""
		if err := saveBatch(ctx, tx, &b); err != nil {
			return err
		}
		return noteBatch(ctx, tx, party.Actor{}, now, b, "批量开具完成", b.sums(), "")
	})
}

// Resume sees to it that every batch that was being run goes on, at once,
// after a process died over it.
func (s *Bulk) Resume(ctx context.Context) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var ids []id.ID
		if err := tx.NewSelect().Model((*Batch)(nil)).Column("id").Where("state = ?", BatchRunning).Scan(ctx, &ids); err != nil {
			return db.Translate(err)
		}
		for b := range slices.Values(ids) {
			if err := s.queue.Add(ctx, tx, batchJob{b}); err != nil {
				return err
			}
		}
		return nil
	})
}
