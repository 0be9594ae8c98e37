package receipt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/names"
	"gongji/app/party"
	"gongji/app/staging"
	"gongji/storage/db"
	store "gongji/storage/object"
	"gongji/storage/queue"
)

// FiscalState is where the import of a file stands.
type FiscalState string

// The states of an import.
const (
	FiscalRunning FiscalState = "running" // 正在导入
	FiscalDone    FiscalState = "done"    // 已完成
	FiscalFailed  FiscalState = "failed"  // 文件无法再读取
)

// FiscalImport is one file of the fiscal system: how far it is and what became
// of its rows.
type FiscalImport struct {
	bun.BaseModel `bun:"table:fiscal_import"`

	ID         id.ID       `bun:"id,pk" json:"id"`
	Foundation id.ID       `bun:"foundation" json:"-"`
	Name       string      `bun:"name" json:"name"`
	SHA256     string      `bun:"sha256" json:"sha256"`
	ObjectKey  string      `bun:"object_key" json:"-"`
	Size       int64       `bun:"size" json:"size"`
	State      FiscalState `bun:"state" json:"state"`
	Total      int         `bun:"total" json:"total" description:"文件里的行数"`
	Worked     int         `bun:"worked" json:"worked" description:"已核对的行数"`
	Linked     int         `bun:"linked" json:"linked" description:"新关联的收据"`
	Known      int         `bun:"known" json:"known" description:"以前已关联，没有变化"`
	Refused    int         `bun:"refused" json:"refused" description:"没有关联的行；原因逐行列出"`
	Made       int         `bun:"made" json:"made" description:"新版 PDF 已生成"`
	Problem    string      `bun:"problem" json:"problem,omitempty"`
	By         id.ID       `bun:"imported_by" json:"-"`
	Importer   string      `bun:"importer" json:"importer"`
	At         time.Time   `bun:"created_at" json:"at"`
	EndedAt    *time.Time  `bun:"ended_at" json:"ended_at,omitempty"`
}

// Steps and Done are its progress: a row is looked at, a new PDF made.
func (i FiscalImport) Steps() int { return i.Total + i.Linked }

// Done is how many of the Steps are done.
func (i FiscalImport) Done() int { return i.Worked + i.Made }

// FiscalBad is a row that was not linked, and why.
type FiscalBad struct {
	bun.BaseModel `bun:"table:fiscal_bad"`

	Import id.ID  `bun:"import,pk" json:"-"`
	Line   int    `bun:"line,pk" json:"line"`
	Said   string `bun:"said" json:"said"`
	Why    string `bun:"why" json:"why"`
}

// PaperRooms is what the import of files needs.
type PaperRooms struct {
	Staged *staging.Service
	Store  store.Store
	Queue  *queue.Queue
}

// Papers puts the numbers of 财政电子票据 on receipts: a file of the fiscal
// system is kept, and a job links its rows.
type Papers struct {
	*Service
	rooms PaperRooms
}

// NewPapers makes the service and registers its job.
func NewPapers(s *Service, r PaperRooms) (*Papers, error) {
	p := &Papers{s, r}
	return p, queue.Handle(r.Queue, func(ctx context.Context, j fiscalJob) error { return p.work(ctx, j.Import) })
}

// MayImport reports whether the actor imports such files.
func (s *Papers) MayImport(who party.Actor) bool {
	return s.policy.Require(who.Relations(), "receipt.any", "fiscal") == nil
}

func (s *Papers) mayList(who party.Actor) error {
	return s.policy.Require(who.Relations(), "receipt.any", "list")
}

// Upload keeps a file (CSV, XLSX) of the fiscal system and lets a job link its
// rows to issued receipts: a bad row is named with its line and keeps no other.
// The same file again changes nothing. Errors: Forbidden (finance only), Invalid
// (no such file, columns missing), TooLarge.
func (s *Papers) Upload(ctx context.Context, who party.Actor, name string, body io.Reader) (FiscalImport, error) {
	if err := s.mayList(who); err != nil {
		return FiscalImport{}, err
	}
	if !s.MayImport(who) {
		return FiscalImport{}, fault.New(fault.Forbidden, "财政电子票据由财务导入，请切换到财务身份")
	}
	content, err := io.ReadAll(io.LimitReader(body, FiscalBytes+1))
	if err != nil {
		return FiscalImport{}, err
	}
	if len(content) > FiscalBytes {
		return FiscalImport{}, fault.New(fault.TooLarge, "文件超过 32 MB，请按月份分开导出后再导入")
	}
	rows, _, err := readFiscal(name, content)
	if err != nil {
		return FiscalImport{}, err
	}
	sum, now := sha256.Sum256(content), s.clock.Now()
	i := FiscalImport{ID: id.New(now), Foundation: who.Org, Name: keptName(name), SHA256: hex.EncodeToString(sum[:]), Size: int64(len(content)),
		State: FiscalRunning, Total: len(rows), By: who.Account, Importer: who.Name, At: now}
	staged, err := s.rooms.Staged.Put(ctx, bytes.NewReader(content), store.PutOptions{Size: i.Size, Limit: FiscalBytes})
	if err != nil {
		return i, err
	}
	i.ObjectKey = staged.Key
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := s.rooms.Staged.Keep(ctx, tx, staged.Key); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&i).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return s.rooms.Queue.Add(ctx, tx, fiscalJob{i.ID})
	})
	if err != nil {
		s.rooms.Staged.Drop(ctx, staged.Key)
	}
	return i, err
}

// keptName is a file's name as it is kept: its ending says what it is.
func keptName(name string) string {
	ending := path.Ext(name)
	return names.Clean(strings.TrimSuffix(name, ending), 110) + names.Clean(ending, 10)
}

// Imports lists the files imported by the actor's foundation, newest first, a
// page from after (exclusive, "" is the newest), and how many there are.
func (s *Papers) Imports(ctx context.Context, who party.Actor, after id.ID, limit int) (list []FiscalImport, total int, err error) {
	if err := s.mayList(who); err != nil {
		return nil, 0, err
	}
	list = []FiscalImport{}
	q := s.db.NewSelect().Model(&list).Where("foundation = ?", who.Org)
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

// Import reads one file's import.
func (s *Papers) Import(ctx context.Context, who party.Actor, of id.ID) (FiscalImport, error) {
	if err := s.mayList(who); err != nil {
		return FiscalImport{}, err
	}
	i, err := readFiscalImport(ctx, s.db, of, false)
	if err == nil && i.Foundation != who.Org {
		err = fault.New(fault.NotFound, "没有找到这次导入，可能地址有误")
	}
	if err != nil {
		return FiscalImport{}, err
	}
	return i, nil
}

// BadRows lists the rows of an import that were not linked, by their line, those
// after a line. What stood in a row names donors: for those who may know all.
func (s *Papers) BadRows(ctx context.Context, who party.Actor, of id.ID, after, limit int) ([]FiscalBad, error) {
	i, err := s.Import(ctx, who, of)
	if err != nil {
		return nil, err
	}
	out := []FiscalBad{}
	err = s.db.NewSelect().Model(&out).Where("import = ? AND line > ?", i.ID, after).Order("line").Limit(int64(limit)).Scan(ctx)
	if !donation.KnowsAll(s.policy, who, i.Foundation) {
		for n := range out {
			out[n].Said = donation.Withheld
		}
	}
	return out, db.Translate(err)
}

func readFiscalImport(ctx context.Context, d bun.IDB, of id.ID, lock bool) (FiscalImport, error) {
	var i FiscalImport
	q := d.NewSelect().Model(&i).Where("id = ?", of)
	if lock {
		q = db.Lock(q)
	}
	err := q.Scan(ctx)
	return i, db.Found(err, "导入")
}
