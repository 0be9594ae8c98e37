package receipt

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/names"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
	"gongji/storage/queue"
)

// fiscalJob links the rows of a file and makes the new PDFs, some seconds of it;
// the rest is another job's.
type fiscalJob struct {
	Import id.ID `json:"import"`
}

// Kind names the job.
func (fiscalJob) Kind() string { return "fiscal_import" }

// fiscalStride is how many rows one transaction looks at.
const fiscalStride = 100

// work goes on with an import where it stands. How far it came commits with
// what it linked, and a PDF that a killed process did not make is found by its
// missing file: a kill anywhere loses nothing and links nothing twice.
func (s *Papers) work(ctx context.Context, of id.ID) error {
	i, err := readFiscalImport(ctx, s.db, of, false)
	if err != nil || i.State != FiscalRunning {
		return err
	}
	rows, columns, err := s.rows(ctx, i)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
		return s.fail(ctx, i)
	}
	if err == nil {
		var more bool
		if more, err = s.advance(ctx, i, rows, columns); err == nil && more {
			return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error { return s.rooms.Queue.Add(ctx, tx, fiscalJob{of}) })
		}
	}
	if err == nil {
		return s.finish(ctx, of)
	}
	say := "处理时出现内部错误，正在自动重试；持续不动请联系平台管理员"
	away := fault.Is(err, fault.Unavailable)
	if away {
		say = "对象存储或数据库暂时不可用，恢复后自动继续"
	}
	_, _ = s.db.NewUpdate().Model((*FiscalImport)(nil)).Set("problem = ?", say).Where("id = ? AND state = ?", of, FiscalRunning).Exec(context.WithoutCancel(ctx))
	if away {
		return queue.Later(batchPause)
	}
	return err
}

func (s *Papers) rows(ctx context.Context, i FiscalImport) ([]statement.Row, map[string][]int, error) {
	r, _, err := s.rooms.Store.Open(ctx, i.ObjectKey)
	if err != nil {
		return nil, nil, err
	}
	content, err := io.ReadAll(io.LimitReader(r, FiscalBytes+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, nil, err
	}
	return readFiscal(i.Name, content)
}

// advance links and makes for a shift; more says that there is work left.
func (s *Papers) advance(ctx context.Context, i FiscalImport, rows []statement.Row, columns map[string][]int) (more bool, err error) {
	from := time.Now()
	for { // what a killed process linked and did not make
		docs, err := s.unmade(ctx, i.ID)
		if err != nil {
			return false, err
		}
		if len(docs) == 0 {
			break
		}
		if err := s.make(ctx, i.ID, docs); err != nil {
			return false, err
		}
		if time.Since(from) > batchShift {
			return true, nil
		}
	}
	for i.Worked < len(rows) {
		if time.Since(from) > batchShift {
			return true, nil
		}
		var docs []archive.Document
		if i, docs, err = s.stride(ctx, i, rows[i.Worked:min(i.Worked+fiscalStride, len(rows))], columns); err != nil || i.State != FiscalRunning {
			return false, err
		}
		if err := s.make(ctx, i.ID, docs); err != nil {
			return false, err
		}
	}
	return false, nil
}

func (s *Papers) unmade(ctx context.Context, of id.ID) ([]archive.Document, error) {
	var docs []archive.Document
	err := s.db.NewSelect().Model(&docs).Where("object_key = ''").
		Where("id IN (SELECT r.document FROM receipt_fiscal AS f JOIN receipt AS r ON r.id = f.receipt WHERE f.import = ?)", of).
		Order("id").Limit(fiscalStride).Scan(ctx)
	return docs, db.Translate(err)
}

func (s *Papers) make(ctx context.Context, of id.ID, docs []archive.Document) error {
	n, err := s.archive.Make(ctx, docs)
	if n > 0 { // for the page only; finish counts
		_, uerr := s.db.NewUpdate().Model((*FiscalImport)(nil)).Set("made = made + ?, problem = ''", n).Where("id = ? AND state = ?", of, FiscalRunning).Exec(ctx)
		err = errors.Join(err, db.Translate(uerr))
	}
	return err
}

// stride looks at the next rows in one transaction. Another worker that came
// first leaves nothing to do.
func (s *Papers) stride(ctx context.Context, seen FiscalImport, part []statement.Row, columns map[string][]int) (i FiscalImport, docs []archive.Document, err error) {
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		docs = nil
		if i, err = readFiscalImport(ctx, tx, seen.ID, true); err != nil || i.State != FiscalRunning || i.Worked != seen.Worked {
			return err
		}
		links, bad, known, err := s.judge(ctx, tx, i, part, columns)
		if err != nil {
			return err
		}
		if docs, err = s.linkAll(ctx, tx, i, links); err != nil {
			return err
		}
		if len(bad) > 0 {
			if _, err := tx.NewInsert().Model(&bad).Exec(ctx); err != nil {
				return db.Translate(err)
			}
		}
		i.Worked, i.Linked, i.Known, i.Refused, i.Problem = i.Worked+len(part), i.Linked+len(links), i.Known+known, i.Refused+len(bad), ""
		return db.One(tx.NewUpdate().Model(&i).Column("worked", "linked", "known", "refused", "problem").WherePK().Exec(ctx))
	})
	return i, docs, err
}

// judge says of each row whether it fits, is on its receipt already, or is bad.
// Nothing is written, so a bad row keeps no other.
func (s *Papers) judge(ctx context.Context, tx bun.Tx, i FiscalImport, part []statement.Row, columns map[string][]int) (links []linking, bad []FiscalBad, known int, err error) {
	for _, row := range part {
		x := fiscalCells(row, columns)
		err := x.whole()
		if err == nil {
			var l linking
			var have bool
			if l, have, err = s.fit(ctx, tx, i.Foundation, x); err == nil && !have {
				have, err = x.among(l, links)
			}
			if err == nil && have {
				known++
				continue
			}
			if err == nil {
				links = append(links, l)
				continue
			}
		}
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok || f.Kind == fault.Unknown || f.Kind == fault.Unavailable {
			return nil, nil, 0, err
		}
		bad = append(bad, FiscalBad{Import: i.ID, Line: row.Number, Said: names.Clean(strings.Join(row.Cells, " "), 120), Why: f.Message})
	}
	return links, bad, known, nil
}

// among compares a row with those before it that are about to be linked.
func (x fiscalRow) among(l linking, links []linking) (known bool, err error) {
	for _, k := range links {
		if k.receipt.ID != l.receipt.ID && (k.row.code != x.code || k.row.number != x.number) {
			continue
		}
		if known, err = x.meets(l.receipt, Fiscal{Receipt: k.receipt.ID, Code: k.row.code, Number: k.row.number, Check: k.row.check}); err != nil {
			return false, err
		}
	}
	return known, nil
}

// linkAll writes fiscal numbers on receipts and freezes their second PDFs; the
// first are marked as replaced.
func (s *Papers) linkAll(ctx context.Context, tx bun.Tx, i FiscalImport, links []linking) ([]archive.Document, error) {
	if len(links) == 0 {
		return nil, nil
	}
	now := s.clock.Now()
	items, numbers, events := make([]archive.Item, 0, len(links)), make([]Fiscal, 0, len(links)), make([]trail.Event, 0, len(links))
	article := rules.At(now).Must(rules.ReceiptContent).Source()
	for _, l := range links {
		item, err := s.version(l)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		numbers = append(numbers, Fiscal{Receipt: l.receipt.ID, Foundation: i.Foundation, Code: l.row.code, Number: l.row.number, Check: l.row.check,
			Original: l.first.ID, LinkedBy: i.By, LinkedAt: now, Import: &i.ID})
		events = append(events, trail.Event{ObjectKind: donation.ObjectKind, ObjectID: l.receipt.Donation, Action: "关联财政电子票据",
			Note: "收据编号 " + l.receipt.Number() + "，票据代码 " + l.row.code + "，票据号码 " + l.row.number, Article: article})
	}
	docs, err := s.archive.Freeze(ctx, tx, items)
	if err != nil {
		return nil, err
	}
	for n, l := range links {
		if err := s.archive.Revoke(ctx, tx, l.first.ID, "已开具财政电子票据，由写明票据代码和号码的新版收据替代；收据编号不变"); err != nil {
			return nil, err
		}
		l.receipt.Document = &docs[n].ID
		if err := save(ctx, tx, &l.receipt, Issued); err != nil {
			return nil, err
		}
	}
	if _, err := tx.NewInsert().Model(&numbers).Exec(ctx); err != nil {
		return nil, db.Translate(err)
	}
	who := party.Actor{Account: i.By, Org: i.Foundation, OrgName: items[0].Issuer, Role: party.Finance}
	return docs, trail.AppendAll(ctx, tx, who, now, events)
}

// finish ends an import of which every row is looked at and every PDF made.
func (s *Papers) finish(ctx context.Context, of id.ID) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		i, err := readFiscalImport(ctx, tx, of, true)
		if err != nil || i.State != FiscalRunning {
			return err
		}
		made, err := tx.NewSelect().TableExpr("receipt_fiscal AS f").Join("JOIN receipt AS r ON r.id = f.receipt").Join("JOIN document AS d ON d.id = r.document").
			Where("f.import = ? AND d.object_key <> ''", of).Count(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if i.Worked < i.Total || int(made) < i.Linked { // another worker is at it
			return queue.Later(time.Second)
		}
		now := s.clock.Now()
		return db.One(tx.NewUpdate().Model((*FiscalImport)(nil)).Set("state = ?, made = ?, problem = '', ended_at = ?", FiscalDone, made, now).Where("id = ?", of).Exec(ctx))
	})
}

// fail ends an import whose file can no longer be read.
func (s *Papers) fail(ctx context.Context, i FiscalImport) error {
	return db.One(s.db.NewUpdate().Model((*FiscalImport)(nil)).Set("state = ?, problem = ?, ended_at = ?", FiscalFailed, "文件无法再读取，请重新上传", s.clock.Now()).
		Where("id = ? AND state = ?", i.ID, FiscalRunning).Exec(ctx))
}

// Resume sees to it that every import that was under way goes on, at once,
// after a process died over it.
func (s *Papers) Resume(ctx context.Context) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var ids []id.ID
		if err := tx.NewSelect().Model((*FiscalImport)(nil)).Column("id").Where("state = ?", FiscalRunning).Scan(ctx, &ids); err != nil {
			return db.Translate(err)
		}
		for _, i := range ids {
			if err := s.rooms.Queue.Add(ctx, tx, fiscalJob{i}); err != nil {
				return err
			}
		}
		return nil
	})
}
