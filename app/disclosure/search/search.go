// Package search finds records by Chinese text of two characters or more, on
// both databases, without a search engine: every pair of neighbouring
// characters of a record is a posting, ordered so that the best records of a
// pair are one range scan of an index.
//
// It knows nothing of what it indexes: a record is a kind, an id, a moment and
// some texts in order of weight. What is indexed is public; who puts a record
// in has decided that.
package search

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Kind is what a record is. The numbers are stored.
type Kind int16

// The kinds that are indexed.
const (
	Tender       Kind = 1
	Fund         Kind = 2
	Organisation Kind = 3
	Intention    Kind = 4
	Call         Kind = 5
	Campaign     Kind = 6
)

// Entry is one record to be found. Texts are in order of weight: a record that
// matches in Texts[0], its title, comes before one that matches only further
// on; among equals the one with the later At comes first.
type Entry struct {
	Kind  Kind
	ID    id.ID
	At    time.Time
	Texts []string
}

type entryRow struct {
	bun.BaseModel `bun:"table:search_entry"`

	Kind     Kind      `bun:"kind,pk"`
	ObjectID id.ID     `bun:"object_id,pk"`
	At       time.Time `bun:"at"`
	Texts    string    `bun:"texts"` // JSON array of folded texts
}

type gramRow struct {
	bun.BaseModel `bun:"table:search_gram"`

	Kind     Kind  `bun:"kind"`
	Gram     int64 `bun:"gram"`
	Rank     int64 `bun:"rank"`
	ObjectID id.ID `bun:"object_id"`
}

// maxTexts is the most texts of one record.
const maxTexts = 8

// Put indexes a record, or indexes it anew. Call it in the transaction that
// makes the record public.
func Put(ctx context.Context, tx bun.IDB, e Entry) error {
	if err := Remove(ctx, tx, e.Kind, e.ID); err != nil {
		return err
	}
	row, grams := postings(e)
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	if len(grams) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&grams).Exec(ctx)
	return db.Translate(err)
}

// Remove takes a record out; one that is not in is no error.
func Remove(ctx context.Context, tx bun.IDB, kind Kind, object id.ID) error {
	var old []entryRow
	if err := tx.NewSelect().Model(&old).Where("kind = ? AND object_id = ?", kind, object).Scan(ctx); err != nil {
		return db.Translate(err)
	}
	if len(old) == 0 {
		return nil
	}
	// The old postings follow from the old texts, so they are deleted by key
	// and no second index over all postings is needed.
	var texts []string
	if err := json.Unmarshal([]byte(old[0].Texts), &texts); err != nil {
		return err
	}
	_, grams := postings(Entry{kind, object, old[0].At, texts})
	for _, g := range grams {
		if _, err := tx.NewDelete().Model((*gramRow)(nil)).
			Where("kind = ? AND gram = ? AND rank = ? AND object_id = ?", kind, g.Gram, g.Rank, object).Exec(ctx); err != nil {
			return db.Translate(err)
		}
	}
	_, err := tx.NewDelete().Model((*entryRow)(nil)).Where("kind = ? AND object_id = ?", kind, object).Exec(ctx)
	return db.Translate(err)
}
