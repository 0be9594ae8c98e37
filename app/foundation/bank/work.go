package bank

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/ledger"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// importJob imports a file, some seconds of it; the rest is another job's.
type importJob struct {
	Import id.ID `json:"import"`
}

// Kind names the job.
func (importJob) Kind() string { return "bank_import" }

// Run does the job of an import that was begun, and the guesses after it, here
// and now, for who has no workers yet (the demonstration); the job that waits
// finds nothing left to do.
func (s *Service) Run(ctx context.Context, of id.ID) error {
	var i Import
	if err := s.db.NewSelect().Model(&i).Column("foundation").Where("id = ?", of).Scan(ctx); err != nil {
		return db.Found(err, "导入")
	}
	if err := s.work(ctx, of); err != nil {
		return err
	}
	return s.guess(ctx, i.Foundation)
}

const (
	atOnce = 500              // lines of one transaction
	shift  = 15 * time.Second // how long one job works before it hands on
)

// work goes on with an import where it stands. Each transaction books some
// lines and says how far it came, so that a kill loses nothing and repeats
// nothing.
func (s *Service) work(ctx context.Context, of id.ID) error {
	var i Import
	if err := s.db.NewSelect().Model(&i).Where("id = ?", of).Scan(ctx); err != nil {
		return db.Found(err, "导入")
	}
	if i.State != Running {
		return nil
	}
	lines, err := s.lines(ctx, i)
	if err != nil {
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
			return s.fail(ctx, i, err)
		}
		return err
	}
	for from := time.Now(); i.Worked < len(lines); {
		if time.Since(from) > shift {
			return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error { return s.Queue.Add(ctx, tx, importJob{of}) })
		}
		part := lines[i.Worked:min(i.Worked+atOnce, len(lines))]
		if i, err = s.some(ctx, i, part); err != nil || i.State != Running {
			return err
		}
	}
	return s.finish(ctx, i.ID)
}

// lines are what the file holds, as the preview counted them.
func (s *Service) lines(ctx context.Context, i Import) ([]keyed, error) {
	rows, err := s.rows(ctx, i)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(rows, func(r statement.Row) bool { return r.Number == i.Head })
	if at < 0 {
		return nil, fault.New(fault.Invalid, "文件的标题行已找不到，请重新上传")
	}
	lines, _ := i.Columns.Lines(rows, at)
	good, _ := sift(lines, i.CreatedAt)
	return good, nil
}

// some imports the next lines in one transaction. Another worker that came
// first leaves nothing to do.
func (s *Service) some(ctx context.Context, seen Import, part []keyed) (Import, error) {
	var i Import
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if i, err = readImport(ctx, tx, seen.Foundation, seen.ID, true); err != nil || i.State != Running || i.Worked != seen.Worked {
			return err
		}
		// The account's row: two files of one account take turns.
		a, err := readAccount(ctx, tx, i.Foundation, i.Bank, true)
		if err != nil {
			return err
		}
		fresh, known, err := unknown(ctx, tx, a.ID, part)
		if err != nil {
			return err
		}
		last, err := ledger.Closed(ctx, tx, i.Foundation)
		if err != nil {
			return err
		}
		fresh, refused := admit(fresh, a, last)
		for _, b := range refused {
			row := Bad{Import: i.ID, Row: b.Row, Said: b.Text, Why: b.Why}
			if _, err := tx.NewInsert().Model(&row).On("CONFLICT (import, line) DO NOTHING").Exec(ctx); err != nil {
				return db.Translate(err)
			}
		}
		if err := s.book(ctx, tx, i, a, fresh); err != nil {
			return err
		}
		i.Worked += len(part)
		i.Added, i.Known, i.Refused = i.Added+len(fresh), i.Known+known, i.Refused+len(refused)
		return saveImport(ctx, tx, &i)
	})
	return i, err
}

// unknown leaves out the lines that an earlier import brought.
func unknown(ctx context.Context, tx bun.Tx, account id.ID, part []keyed) (fresh []keyed, known int, err error) {
	keys := make([]string, len(part))
	for n, l := range part {
		keys[n] = l.key
	}
	var have []string
	if err := tx.NewSelect().Model((*Line)(nil)).Column("line_key").Where("bank = ? AND line_key IN (?)", account, bun.List(keys)).Scan(ctx, &have); err != nil {
		return nil, 0, db.Translate(err)
	}
	for _, l := range part {
		if slices.Contains(have, l.key) {
			known++
		} else {
			fresh = append(fresh, l)
		}
	}
	return fresh, known, nil
}

// admit refuses lines of days that are not kept here or no longer open.
func admit(fresh []keyed, a Account, closed string) (good []keyed, refused []statement.Bad) {
	for _, l := range fresh {
		switch {
		case l.day < a.OpenedOn:
			why := "早于账户启用日 " + a.OpenedOn + "，已包含在启用余额里，没有导入"
			refused = append(refused, statement.Bad{Row: l.Row, Text: l.day + " " + l.Name + " " + l.Amount.Plain(), Why: why})
		case l.day[:7] <= closed:
			why := ledger.MonthName(closed) + "及以前的月份已经结账，没有导入；请查明结账时为何没有这一笔"
			refused = append(refused, statement.Bad{Row: l.Row, Text: l.day + " " + l.Name + " " + l.Amount.Plain(), Why: why})
		default:
			good = append(good, l)
		}
	}
	return good, refused
}

// book writes new lines and what they come to, a posting for each day.
func (s *Service) book(ctx context.Context, tx bun.Tx, i Import, a Account, fresh []keyed) error {
	if len(fresh) == 0 {
		return nil
	}
	to, err := s.sides(ctx, tx, i.Foundation)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	type sum struct{ in, out money.Fen }
	days := map[string]*sum{}
	rows := make([]Line, 0, len(fresh))
	for _, l := range fresh {
		// The id sorts by the bank's day and then by the row, as people read.
		at := l.Date.Add(time.Duration(l.Row) * time.Millisecond)
		rows = append(rows, Line{ID: id.New(at), Foundation: i.Foundation, Bank: a.ID, Import: i.ID, Row: l.Row, Day: l.day, Amount: l.Amount,
			Name: l.Name, Tail: l.Account, Memo: l.Memo, Serial: l.Serial, Key: l.key, State: Open, MadeBy: i.UploadedBy, CreatedAt: now})
		d := days[l.day]
		if d == nil {
			d = &sum{}
			days[l.day] = d
		}
		if l.Amount > 0 {
			d.in += l.Amount
		} else {
			d.out -= l.Amount
		}
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	who := party.Actor{Account: i.UploadedBy}
	for _, day := range sorted(days) {
		var lines []ledger.Line
		if d := days[day]; d.in > 0 {
			lines = append(lines, ledger.Move(to.unclaimed, a.Ledger, d.in)...)
		}
		if d := days[day]; d.out > 0 {
			lines = append(lines, ledger.Move(a.Ledger, to.unexplained, d.out)...)
		}
		on, err := time.ParseInLocation(time.DateOnly, day, clock.Beijing)
		if err != nil {
			return err
		}
		if _, err := s.Ledger.Post(ctx, tx, who, ledger.Posting{Book: i.Foundation, Cause: ledger.Cause{Kind: ImportKind, ID: i.ID}, Memo: "银行流水入账",
			Key: fmt.Sprintf("bank/import/%s/%d/%s", i.ID, i.Worked, day), Lines: lines, On: on}); err != nil {
			return err
		}
	}
	return nil
}

func sorted[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// finish ends an import and has its lines guessed.
func (s *Service) finish(ctx context.Context, of id.ID) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var i Import
		if err := db.Lock(tx.NewSelect().Model(&i).Where("id = ?", of)).Scan(ctx); err != nil {
			return db.Found(err, "导入")
		}
		if i.State != Running {
			return nil
		}
		now := s.clock.Now()
		i.State, i.EndedAt = Done, &now
		if err := saveImport(ctx, tx, &i); err != nil {
			return err
		}
		note := fmt.Sprintf("新增 %d 笔，已有 %d 笔，未导入 %d 行", i.Added, i.Known, i.Refused+i.Bad)
		if err := record(ctx, tx, party.Actor{}, s, ImportKind, i.ID, "导入完成", note); err != nil {
			return err
		}
		return s.Queue.Add(ctx, tx, guessJob{i.Foundation})
	})
}

// fail ends an import whose file can no longer be read.
func (s *Service) fail(ctx context.Context, i Import, why error) error {
	now, said := s.clock.Now(), "文件无法再读取，请重新上传"
	if f, ok := errors.AsType[*fault.Fault](why); ok {
		said = f.Message
	}
	return db.One(s.db.NewUpdate().Model((*Import)(nil)).Set("state = ?, problem = ?, ended_at = ?", Failed, said, now).
		Where("id = ? AND state = ?", i.ID, Running).Exec(ctx))
}
