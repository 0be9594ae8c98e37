// Package workday keeps the yearly tables of working days that a platform
// administrator imports from the State Council's notice, and teaches them to
// the calendar that everything counts by. Rows are only ever added: the latest
// of a year counts, and every one says who brought it and from where.
package workday

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// ObjectKind is what the trail calls a table.
const ObjectKind = "workday_table"

// MaxFile is the largest file taken, in bytes: a year's is some 3 KB.
const MaxFile = 256 << 10

// Import is one imported table.
type Import struct {
	bun.BaseModel `bun:"table:workday_table"`

	ID         id.ID     `bun:"id,pk" json:"id"`
	Year       int       `bun:"year" json:"year"`
	Revision   int       `bun:"revision" json:"revision"` // from 1; the highest counts
	Origin     string    `bun:"origin" json:"origin"`
	Body       string    `bun:"body" json:"-"` // the file as it came
	SHA256     string    `bun:"sha256" json:"sha256"`
	Reason     string    `bun:"reason" json:"reason,omitempty"` // why it replaces another
	ImportedBy id.ID     `bun:"imported_by" json:"-"`
	Importer   string    `bun:"importer" json:"importer"`
	ImportedAt time.Time `bun:"imported_at" json:"imported_at"`
}

// Preview is what a file would change, for a person to compare with the
// notice before it counts.
type Preview struct {
	Table    calendar.Table `json:"table"`
	SHA256   string         `json:"sha256"`
	Workdays int            `json:"workdays"`          // in the year
	Doubts   []string       `json:"doubts"`            // unusual; to be confirmed
	Replaces bool           `json:"replaces"`          // the year has a table already
	Changed  []calendar.Day `json:"changed,omitempty"` // days whose status differs from that table, as they would be
}

// Year is a year whose working days are known.
type Year struct {
	Year    int     `json:"year"`
	Shipped bool    `json:"shipped"` // with the program, and not replaced
	Import  *Import `json:"import,omitempty"`
}

// Service keeps the tables.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	calendar *calendar.Calendar // everybody's; Reload teaches it
	log      *slog.Logger
}

// New makes the service; Reload must be called once before anything counts.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, cal *calendar.Calendar, log *slog.Logger) *Service {
	return &Service{db: d, clock: c, policy: p, calendar: cal, log: log}
}

// Reload teaches the calendar the shipped tables and the latest import of each
// year.
func (s *Service) Reload(ctx context.Context) error {
	rows, err := s.latest(ctx, s.db)
	if err != nil {
		return err
	}
	known := calendar.Default()
	for _, r := range rows {
		t, err := calendar.Load([]byte(r.Body))
		if err != nil {
			return fault.Wrap(fault.Unknown, err, "已导入的 %d 年工作日表无法读取", r.Year)
		}
		known = known.With(t)
	}
	s.calendar.Learn(known)
	return nil
}

// Follow reloads every so often until ctx ends, so that a table imported on one
// replica counts on all.
func (s *Service) Follow(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.Reload(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "working days not reloaded", "error", err)
			}
		}
	}
}

// latest is the newest import of each year.
func (s *Service) latest(ctx context.Context, d bun.IDB) ([]Import, error) {
	var rows []Import
	err := d.NewSelect().Model(&rows).Where("revision = (SELECT MAX(x.revision) FROM workday_table AS x WHERE x.year = ?TableAlias.year)").Order("year").Scan(ctx)
	return rows, db.Translate(err)
}

// Look reads a file and says what importing it would change; nothing is kept.
func (s *Service) Look(ctx context.Context, who party.Actor, file []byte) (Preview, error) {
	if err := s.policy.Require(who.Relations(), "workdays", "import"); err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, s.db, file)
}

func (s *Service) preview(ctx context.Context, d bun.IDB, file []byte) (Preview, error) {
	if len(file) > MaxFile {
		return Preview{}, refuse("file", "文件超过 256 KB，不像一年的工作日表，请核对")
	}
	t, err := calendar.Load(file)
	if err == nil {
		err = calendar.CheckWhole(t)
	}
	if err != nil {
		return Preview{}, err
	}
	sum := sha256.Sum256(file)
	p := Preview{Table: t, SHA256: hex.EncodeToString(sum[:]), Workdays: t.Workdays(), Doubts: t.Doubts()}
	was, err := s.before(ctx, d, t.Year)
	if err != nil || was == nil {
		return p, err
	}
	p.Replaces = true
	next := calendar.New(t)
	for day := time.Date(t.Year, 1, 1, 0, 0, 0, 0, clock.Beijing); day.Year() == t.Year; day = day.AddDate(0, 0, 1) {
		a, aerr := was.IsWorkday(day)
		b, berr := next.IsWorkday(day)
		if aerr == nil && berr == nil && a != b {
			p.Changed = append(p.Changed, calendar.Day{Date: day.Format(time.DateOnly), Work: b})
		}
	}
	return p, nil
}

// before is the calendar of the table that a year has in the database or in
// the program; nil for none.
func (s *Service) before(ctx context.Context, d bun.IDB, year int) (*calendar.Calendar, error) {
	rows, err := s.latest(ctx, d)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.Year == year {
			t, err := calendar.Load([]byte(r.Body))
			return calendar.New(t), err
		}
	}
	for _, y := range calendar.Default().Years() {
		if y == year {
			return calendar.Default(), nil
		}
	}
	return nil, nil
}

// Input is a file to import, with the SHA-256 of the preview that was compared
// with the notice. Reason is asked where a year's table is replaced.
type Input struct {
	File   []byte
	SHA256 string
	Reason string
}

// Bring imports a table: it counts on this replica at once, on the others when
// they next reload. The same file twice is one import.
func (s *Service) Bring(ctx context.Context, who party.Actor, in Input) (Import, error) {
	in.Reason = strings.TrimSpace(in.Reason)
	var out Import
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		now := s.clock.Now()
		if err := s.policy.Require(who.Relations(), "workdays", "import"); err != nil {
			return err
		}
		p, err := s.preview(ctx, tx, in.File)
		if err != nil {
			return err
		}
		if p.SHA256 != in.SHA256 {
			return refuse("file", "文件与核对过的不是同一份，请重新选择文件并核对")
		}
		if p.Replaces && len(p.Changed) == 0 {
			rows, err := s.latest(ctx, tx)
			for _, r := range rows {
				if r.Year == p.Table.Year {
					out = r
				}
			}
			if err == nil && out.ID == "" {
				err = fault.New(fault.Conflict, "这份表与随程序提供的 %d 年工作日表完全相同，不必导入", p.Table.Year)
			}
			return err
		}
		if p.Replaces && in.Reason == "" {
			return refuse("reason", fmt.Sprintf("%d 年已有工作日表，请写明更换的原因，例如国务院调整放假安排的通知", p.Table.Year))
		}
		if utf8.RuneCountInString(in.Reason) > 500 {
			return refuse("reason", "原因不超过 500 字")
		}
		before, err := tx.NewSelect().Model((*Import)(nil)).Where("year = ?", p.Table.Year).Count(ctx)
		if err != nil {
			return db.Translate(err)
		}
		out = Import{ID: id.New(now), Year: p.Table.Year, Revision: int(before) + 1, Origin: strings.TrimSpace(p.Table.Origin), Body: string(in.File), SHA256: p.SHA256, Reason: in.Reason,
			ImportedBy: who.Account, Importer: who.Name, ImportedAt: now}
		if _, err := tx.NewInsert().Model(&out).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: ObjectKind, ObjectID: out.ID, Article: calendar.Article,
			Action: fmt.Sprintf("导入 %d 年工作日表", out.Year), Note: strings.TrimSuffix(out.Origin+"；"+in.Reason, "；"), Public: true})
	})
	if err != nil {
		return out, err
	}
	return out, s.Reload(ctx)
}

// Years are the years whose working days are known, with where from.
func (s *Service) Years(ctx context.Context) ([]Year, error) {
	rows, err := s.latest(ctx, s.db)
	if err != nil {
		return nil, err
	}
	out := []Year{}
	for _, y := range s.calendar.Years() {
		one := Year{Year: y, Shipped: true}
		for i, r := range rows {
			if r.Year == y {
				one.Shipped, one.Import = false, &rows[i]
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// Table is the file of an import, as it came.
func (s *Service) Table(ctx context.Context, year int) ([]byte, error) {
	rows, err := s.latest(ctx, s.db)
	for _, r := range rows {
		if r.Year == year {
			return []byte(r.Body), nil
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "没有导入过 %d 年的工作日表", year)
	}
	return nil, err
}

func refuse(field, say string) error {
	var c fault.Check
	c.Fail(field, "%s", say)
	return c.Err()
}
