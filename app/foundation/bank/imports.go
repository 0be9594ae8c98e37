package bank

import (
	"bytes"
	"context"
	"io"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/names"
	"gongji/app/party"
	"gongji/storage/db"
	"gongji/storage/object"
)

const (
	topRows   = 15   // of a file, to choose the headings from
	showLines = 20   // of what was found
	keepBad   = 5000 // rows that could not be read and are named
)

// Upload takes a file of a bank, reads it and shows what would be imported;
// nothing is booked yet. The file is kept. Errors: Invalid (not a statement;
// says how to save it anew), TooLarge, NotFound (the account).
func (s *Service) Upload(ctx context.Context, who party.Actor, account id.ID, name string, body io.Reader) (Import, error) {
	if err := s.require(who, "import"); err != nil {
		return Import{}, err
	}
	a, err := readAccount(ctx, s.db, who.Org, account, false)
	if err != nil {
		return Import{}, err
	}
	content, err := io.ReadAll(io.LimitReader(body, statement.MaxBytes+1))
	if err != nil {
		return Import{}, err
	}
	rows, err := statement.Sheet(name, content)
	if err != nil {
		return Import{}, err
	}
	now := s.clock.Now()
	i := Import{ID: id.New(now), Foundation: who.Org, Bank: a.ID, Name: names.Clean(name, 120), UploadedBy: who.Account, Uploader: who.Name, CreatedAt: now}
	// What worked last time for this bank comes first.
	at, columns := a.Columns.Find(rows), a.Columns
	if at < 0 || !columns.Complete() {
		at, columns = statement.Guess(rows)
	}
	bad := i.look(rows, at, columns, now)
	staged, err := s.Staged.Put(ctx, bytes.NewReader(content), object.PutOptions{Size: int64(len(content)), Limit: statement.MaxBytes})
	if err != nil {
		return i, err
	}
	i.ObjectKey, i.SHA256, i.Size = staged.Key, staged.SHA256, staged.Size
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := s.Staged.Keep(ctx, tx, staged.Key); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&i).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if err := keep(ctx, tx, i.ID, bad); err != nil {
			return err
		}
		return record(ctx, tx, who, s, ImportKind, i.ID, "上传银行流水", i.Name)
	})
	if err != nil {
		s.Staged.Drop(ctx, staged.Key)
	}
	return i, err
}

// look reads the lines under the headings into the import and gives the rows
// that could not be read.
func (i *Import) look(rows []statement.Row, at int, columns statement.Columns, now time.Time) []statement.Bad {
	i.Preview = Preview{Top: rows[:min(len(rows), topRows)]}
	i.State, i.Columns, i.Head, i.Found, i.Bad, i.In, i.Out, i.Since, i.Until = Mapping, columns, 0, 0, 0, 0, 0, "", ""
	if at < 0 || !columns.Complete() {
		return nil
	}
	lines, bad := columns.Lines(rows, at)
	good, more := sift(lines, now)
	bad = append(bad, more...)
	slices.SortStableFunc(bad, func(a, b statement.Bad) int { return a.Row - b.Row })
	i.State, i.Head, i.Found, i.Bad = Ready, rows[at].Number, len(good), len(bad)
	for n, l := range good {
		if n < showLines {
			i.Preview.Lines = append(i.Preview.Lines, l.Line)
		}
		if l.Amount > 0 {
			i.In += l.Amount
		} else {
			i.Out -= l.Amount
		}
		if i.Since == "" || l.day < i.Since {
			i.Since = l.day
		}
		i.Until = max(i.Until, l.day)
	}
	return bad
}

// sift keys the lines of a file and sets aside what cannot be: copies, days
// to come, amounts that no account has.
func sift(lines []statement.Line, now time.Time) ([]keyed, []statement.Bad) {
	good, bad := keysOf(lines)
	today := now.In(clock.Beijing).Format(time.DateOnly)
	kept := good[:0]
	for _, l := range good {
		switch {
		case l.day > today:
			bad = append(bad, statement.Bad{Row: l.Row, Text: l.day + " " + l.Name, Why: "日期在今天以后，请核对"})
		case l.Amount > most || l.Amount < -most:
			bad = append(bad, statement.Bad{Row: l.Row, Text: l.Name, Why: "单笔金额超过 1 万亿元，请核对"})
		default:
			kept = append(kept, l)
		}
	}
	return kept, bad
}

// most bounds one line: 10^12 元, so that no file's sum overflows.
const most = 100_000_000_000_000

func keep(ctx context.Context, tx bun.Tx, of id.ID, bad []statement.Bad) error {
	if _, err := tx.NewDelete().Model((*Bad)(nil)).Where("import = ?", of).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	var rows []Bad
	seen := map[int]bool{}
	for _, b := range bad[:min(len(bad), keepBad)] {
		if !seen[b.Row] {
			seen[b.Row] = true
			rows = append(rows, Bad{Import: of, Row: b.Row, Said: names.Clean(b.Text, 200), Why: b.Why})
		}
	}
	for part := range slices.Chunk(rows, 500) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return db.Translate(err)
		}
	}
	return nil
}

// rows reads the kept file of an import again.
func (s *Service) rows(ctx context.Context, i Import) ([]statement.Row, error) {
	r, _, err := s.Store.Open(ctx, i.ObjectKey)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(r, statement.MaxBytes+1))
	_ = r.Close()
	if err != nil {
		return nil, err
	}
	return statement.Sheet(i.Name, content)
}

// Map says which columns mean what, where they could not be guessed or were
// guessed wrong: head is the number of the row of headings in the file.
func (s *Service) Map(ctx context.Context, who party.Actor, of id.ID, head int, columns statement.Columns) (Import, error) {
	i, err := s.Import(ctx, who, of)
	if err != nil {
		return i, err
	}
	if err := s.require(who, "import"); err != nil {
		return i, err
	}
	rows, err := s.rows(ctx, i)
	if err != nil {
		return i, err
	}
	at := slices.IndexFunc(rows[:min(len(rows), topRows)], func(r statement.Row) bool { return r.Number == head })
	if err := mapped(rows, at, columns); err != nil {
		i.Columns, i.Head = columns, head
		return i, err
	}
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if i, err = readImport(ctx, tx, who.Org, of, true); err != nil {
			return err
		}
		if i.State != Mapping && i.State != Ready {
			return fault.New(fault.Conflict, "这份流水%s，不能再改列的对应关系", i.State.Name())
		}
		bad := i.look(rows, at, columns, s.clock.Now())
		if err := saveImport(ctx, tx, &i); err != nil {
			return err
		}
		return keep(ctx, tx, i.ID, bad)
	})
	return i, err
}

// mapped complains about columns that do not make a statement.
func mapped(rows []statement.Row, at int, c statement.Columns) error {
	var f fault.Check
	if at < 0 {
		f.Fail("head", "请选择标题所在的行")
		return f.Err()
	}
	heads := statement.Headings(rows[at])
	for _, x := range []struct{ field, value string }{{"date", c.Date}, {"amount", c.Amount}, {"in", c.In}, {"out", c.Out}, {"name", c.Name},
		{"account", c.Account}, {"memo", c.Memo}, {"serial", c.Serial}} {
		f.Must(x.value == "" || slices.Contains(heads, x.value), x.field, "第 %d 行没有“%s”这一列，请重新选择", rows[at].Number, x.value)
	}
	if !f.Failed("date") {
		f.Must(c.Date != "", "date", "请选择日期列")
	}
	f.Must(c.Amount != "" || c.In != "", "in", "请选择收入列；只有一列金额（有正负）的，选择金额列")
	f.Must(c.Amount == "" || c.In == "" && c.Out == "", "amount", "金额列与收入、支出列只选一种")
	return f.Err()
}

// Begin starts the import of what the preview shows; a job does it, and the
// columns are remembered for the account. Begun already, it is just shown.
func (s *Service) Begin(ctx context.Context, who party.Actor, of id.ID) (Import, error) {
	if err := s.require(who, "import"); err != nil {
		return Import{}, err
	}
	var i Import
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if i, err = readImport(ctx, tx, who.Org, of, true); err != nil {
			return err
		}
		switch {
		case i.State == Running || i.State == Done: // a second press
			return nil
		case i.State != Ready:
			return fault.New(fault.Conflict, "这份流水%s，不能导入", i.State.Name())
		case i.Found == 0:
			return fault.New(fault.Conflict, "没有可以导入的流水，请核对列的对应关系或重新导出文件")
		}
		i.State = Running
		if err := saveImport(ctx, tx, &i); err != nil {
			return err
		}
		if err := db.One(tx.NewUpdate().Model(&Account{Columns: i.Columns}).Column("columns").Where("id = ?", i.Bank).Exec(ctx)); err != nil {
			return err
		}
		if err := record(ctx, tx, who, s, ImportKind, i.ID, "开始导入", ""); err != nil {
			return err
		}
		return s.Queue.Add(ctx, tx, importJob{i.ID})
	})
	return i, err
}

// Drop gives up an import that was not begun.
func (s *Service) Drop(ctx context.Context, who party.Actor, of id.ID) (Import, error) {
	if err := s.require(who, "import"); err != nil {
		return Import{}, err
	}
	var i Import
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if i, err = readImport(ctx, tx, who.Org, of, true); err != nil {
			return err
		}
		if i.State != Mapping && i.State != Ready {
			return fault.New(fault.Conflict, "这份流水%s，不能放弃", i.State.Name())
		}
		now := s.clock.Now()
		i.State, i.EndedAt = Dropped, &now
		if err := saveImport(ctx, tx, &i); err != nil {
			return err
		}
		return record(ctx, tx, who, s, ImportKind, i.ID, "放弃导入", "")
	})
	return i, err
}

// Import reads one import of the actor's foundation.
func (s *Service) Import(ctx context.Context, who party.Actor, of id.ID) (Import, error) {
	if err := s.require(who, "view"); err != nil {
		return Import{}, err
	}
	i, err := readImport(ctx, s.db, who.Org, of, false)
	if !s.knowsAll(who) {
		i.Preview = Preview{} // the file's first rows name whoever paid
	}
	return i, err
}

// Imports lists the imports of the actor's foundation, newest first; after ""
// begins.
func (s *Service) Imports(ctx context.Context, who party.Actor, after id.ID, limit int) ([]Import, error) {
	if err := s.require(who, "view"); err != nil {
		return nil, err
	}
	out := []Import{}
	q := s.db.NewSelect().Model(&out).ExcludeColumn("preview").Where("foundation = ?", who.Org).Order("id DESC").Limit(int64(limit))
	if after != "" {
		q = q.Where("id < ?", after)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// BadRows lists the rows of an import that were not imported, by their number,
// those after a row number.
func (s *Service) BadRows(ctx context.Context, who party.Actor, of id.ID, after, limit int) ([]Bad, error) {
	if _, err := s.Import(ctx, who, of); err != nil {
		return nil, err
	}
	out := []Bad{}
	err := s.db.NewSelect().Model(&out).Where("import = ? AND line > ?", of, after).Order("line").Limit(int64(limit)).Scan(ctx)
	for i := range out {
		if !s.knowsAll(who) { // a row nobody could read may name anybody
			out[i].Said = donation.Withheld
		}
	}
	return out, db.Translate(err)
}

func readImport(ctx context.Context, d bun.IDB, foundation, of id.ID, lock bool) (Import, error) {
	var i Import
	q := d.NewSelect().Model(&i).Where("id = ? AND foundation = ?", of, foundation)
	if lock {
		q = db.Lock(q)
	}
	err := q.Scan(ctx)
	return i, db.Found(err, "导入")
}

func saveImport(ctx context.Context, tx bun.Tx, i *Import) error {
	return db.One(tx.NewUpdate().Model(i).ExcludeColumn("id", "foundation", "bank", "name", "object_key", "sha256", "size", "uploaded_by", "uploader", "created_at").
		WherePK().Exec(ctx))
}

// ImportCount is how many imports there are altogether.
func (s *Service) ImportCount(ctx context.Context, who party.Actor) (int, error) {
	if err := s.require(who, "view"); err != nil {
		return 0, err
	}
	n, err := s.db.NewSelect().Model((*Import)(nil)).Where("foundation = ?", who.Org).Count(ctx)
	return int(n), db.Translate(err)
}
