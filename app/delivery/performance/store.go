package performance

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

const noun = "绩效评价"

func (s *Service) read(ctx context.Context, d bun.IDB, evaluation id.ID) (Case, error) {
	var x Case
	err := d.NewSelect().Model(&x.Evaluation).Where("id = ?", evaluation).Scan(ctx)
	return s.with(ctx, d, x, err)
}

func (s *Service) readOf(ctx context.Context, d bun.IDB, of id.ID) (Case, error) {
	var x Case
	err := d.NewSelect().Model(&x.Evaluation).Where("engagement = ?", of).Scan(ctx)
	return s.with(ctx, d, x, err)
}

func (s *Service) with(ctx context.Context, d bun.IDB, x Case, err error) (Case, error) {
	if err != nil {
		return x, db.Found(err, noun)
	}
	err = d.NewSelect().Model(&x.Of).Where("id = ?", x.Engagement).Scan(ctx)
	return x, db.Found(err, noun)
}

// forUpdate locks the engagement first and the evaluation after, as Start does.
func (s *Service) forUpdate(ctx context.Context, tx bun.Tx, evaluation id.ID) (Case, error) {
	x, err := s.read(ctx, tx, evaluation)
	if err != nil {
		return x, err
	}
	if x.Of, err = engagement.ForUpdate(ctx, tx, x.Engagement); err != nil {
		return x, err
	}
	x.Evaluation = Evaluation{}
	err = db.Lock(tx.NewSelect().Model(&x.Evaluation).Where("id = ?", evaluation)).Scan(ctx)
	return x, db.Found(err, noun)
}

func started(ctx context.Context, tx bun.Tx, of id.ID) (bool, error) {
	has, err := tx.NewSelect().Model((*Evaluation)(nil)).Where("engagement = ?", of).Exists(ctx)
	return has, db.Translate(err)
}

// save writes an evaluation that was read at its Version, and counts it up.
func save(ctx context.Context, tx bun.Tx, e *Evaluation) error {
	was := e.Version
	e.Version++
	return db.One(tx.NewUpdate().Model(e).ExcludeColumn("id", "engagement", "payer", "provider", "started_by", "started_at").
		Where("id = ? AND version = ?", e.ID, was).Exec(ctx))
}

// Entry is one published evaluation on an organisation's public record.
type Entry struct {
	ID          id.ID     `bun:"id" json:"id"`
	Engagement  id.ID     `bun:"engagement" json:"engagement"`
	Title       string    `bun:"title" json:"title"`
	PayerName   string    `bun:"payer_name" json:"payer_name"`
	Number      string    `bun:"number" json:"number"`
	Total       int64     `bun:"total" json:"total"` // hundredths of a point
	Grade       Grade     `bun:"grade" json:"grade"`
	Document    id.ID     `bun:"document" json:"document"`
	Code        string    `bun:"code" json:"code"` // for the verification page
	PublishedAt time.Time `bun:"published_at" json:"published_at"`
	Demo        bool      `bun:"demo" json:"demo"`
}

// Standing is what was published about one organisation's work.
type Standing struct {
	Entries []Entry         `json:"evaluations"`
	Grades  map[Grade]int64 `json:"grades"` // how many of each band, over all of them
	Count   int64           `json:"count"`
}

// recordSize is the most evaluations one answer of StandingOf lists.
const recordSize = 100

// StandingOf is the public record of one organisation's evaluations, newest
// first; Grades counts all of them.
func (s *Service) StandingOf(ctx context.Context, provider id.ID) (Standing, error) {
	out := Standing{Entries: []Entry{}, Grades: map[Grade]int64{}}
	err := s.db.NewSelect().TableExpr("performance AS p").
		ColumnExpr("p.id, p.engagement, e.title, e.payer_name, p.number, p.total, p.grade, p.document, p.code, p.published_at, e.demo").
		Join("JOIN engagement AS e ON e.id = p.engagement").
		Where("p.provider = ? AND p.state = ?", provider, Published).OrderExpr("p.id DESC").Limit(recordSize).Scan(ctx, &out.Entries)
	if err != nil {
		return out, db.Translate(err)
	}
	var counts []struct {
		Grade Grade `bun:"grade"`
		N     int64 `bun:"n"`
	}
	err = s.db.NewSelect().TableExpr("performance").ColumnExpr("grade, COUNT(*) AS n").
		Where("provider = ? AND state = ?", provider, Published).GroupExpr("grade").Scan(ctx, &counts)
	for _, c := range counts {
		out.Grades[c.Grade] = c.N
		out.Count += c.N
	}
	return out, db.Translate(err)
}
