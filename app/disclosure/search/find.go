package search

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Most is the largest number of records one search gives or counts; a list
// says "500+" beyond it.
const Most = 500

const (
	batch  = 250  // postings verified at a time
	budget = 2000 // postings verified for one search of several pairs
)

// Result is what a search found, best first.
type Result struct {
	IDs []id.ID
	// More is set where there are, or may be, more than IDs.
	More bool
	// Blank is set where the text holds nothing to search for.
	Blank bool
}

// Find gives at most limit (up to Most) records of a kind that contain every
// word of the text. A single character is looked for in titles only.
//
// A text of one pair is one range scan. A longer one walks the postings of its
// rarest pair and verifies each record, up to a bound; past it More is set and
// the records found so far are given.
func Find(ctx context.Context, d bun.IDB, kind Kind, text string, limit int) (Result, error) {
	return find(ctx, d, kind, text, min(max(limit, 1), Most), batch, budget)
}

func find(ctx context.Context, d bun.IDB, kind Kind, text string, limit, batch, budget int) (Result, error) {
	words := wordsOf(text)
	if len(words) == 0 {
		return Result{Blank: true}, nil
	}
	grams := gramsOf(words)
	if len(grams) == 1 {
		return scan(ctx, d, kind, grams[0], limit)
	}
	gram, err := rarest(ctx, d, kind, grams, budget)
	if err != nil {
		return Result{}, err
	}
	return verify(ctx, d, walk{kind, gram, words, batch, budget}, limit)
}

// wordsOf folds a query; what lies beyond forty characters says nothing more.
func wordsOf(text string) []string {
	r := []rune(fold(text))
	return strings.Fields(string(r[:min(len(r), 40)]))
}

func gramsOf(words []string) []int64 {
	var out []int64
	for _, w := range words {
		if r := []rune(w); len(r) == 1 {
			out = append(out, pair(r[0], 0))
		} else {
			out = append(out, pairs(w)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func scan(ctx context.Context, d bun.IDB, kind Kind, gram int64, limit int) (Result, error) {
	var ids []id.ID
	err := d.NewSelect().Model((*gramRow)(nil)).Column("object_id").Where("kind = ? AND gram = ?", kind, gram).
		Order("rank", "object_id").Limit(int64(limit)+1).Scan(ctx, &ids)
	if err != nil {
		return Result{}, db.Translate(err)
	}
	return cut(ids, limit, false), nil
}

func cut(ids []id.ID, limit int, more bool) Result {
	if len(ids) > limit {
		return Result{IDs: ids[:limit], More: true}
	}
	return Result{IDs: ids, More: more}
}

// rarest counts each pair's postings, no further than bound, and gives the one
// with the fewest.
func rarest(ctx context.Context, d bun.IDB, kind Kind, grams []int64, bound int) (int64, error) {
	best, fewest := grams[0], int64(bound)+1
	for _, g := range grams {
		var n int64
		err := d.NewRaw("SELECT count(*) FROM (SELECT 1 FROM search_gram WHERE kind = ? AND gram = ? LIMIT ?) AS counted",
			kind, g, fewest).Scan(ctx, &n)
		if err != nil {
			return 0, db.Translate(err)
		}
		if n < fewest {
			best, fewest = g, n
		}
		if n == 0 {
			break
		}
	}
	return best, nil
}

type walk struct {
	kind   Kind
	gram   int64
	words  []string
	batch  int
	budget int
}

type match struct {
	rank   int64
	object id.ID
}

// verify walks the postings in order of rank. A record's own rank is never
// better than its posting's, because the whole text lies nowhere the pair does
// not, so matches up to the last posting's rank are final.
func verify(ctx context.Context, d bun.IDB, w walk, limit int) (Result, error) {
	var found []match
	last, done := match{rank: -1}, false
	for seen := 0; !done && seen < w.budget && settled(found, last.rank) <= limit; seen += w.batch {
		rows, texts, err := next(ctx, d, w, last)
		if err != nil {
			return Result{}, err
		}
		for _, r := range rows {
			last = match{r.Rank, r.ObjectID}
			if c := classIn(texts[r.ObjectID], w.words); c >= 0 {
				found = append(found, match{r.Rank&(span-1) | int64(c)*span, r.ObjectID})
			}
		}
		done = len(rows) < w.batch
	}
	slices.SortFunc(found, func(a, b match) int {
		if a.rank != b.rank {
			return int(min(max(a.rank-b.rank, -1), 1))
		}
		return strings.Compare(string(a.object), string(b.object))
	})
	ids := make([]id.ID, len(found))
	for i, m := range found {
		ids[i] = m.object
	}
	return cut(ids, limit, !done), nil
}

// next reads the postings after the last one, then their texts: two reads, since
// PostgreSQL may plan one with a join as a scan of every entry.
func next(ctx context.Context, d bun.IDB, w walk, last match) ([]gramRow, map[id.ID][]string, error) {
	var rows []gramRow
	err := d.NewSelect().Model(&rows).Column("rank", "object_id").
		Where("kind = ? AND gram = ? AND (rank, object_id) > (?, ?)", w.kind, w.gram, last.rank, last.object).
		Order("rank", "object_id").Limit(int64(w.batch)).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, nil, db.Translate(err)
	}
	ids := make([]id.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ObjectID
	}
	var entries []entryRow
	if err := d.NewSelect().Model(&entries).Column("object_id", "texts").
		Where("kind = ? AND object_id IN (?)", w.kind, bun.List(ids)).Scan(ctx); err != nil {
		return nil, nil, db.Translate(err)
	}
	texts := make(map[id.ID][]string, len(entries))
	for _, e := range entries {
		var t []string
		if err := json.Unmarshal([]byte(e.Texts), &t); err != nil {
			return nil, nil, err
		}
		texts[e.ObjectID] = t
	}
	return rows, texts, nil
}

func settled(found []match, upTo int64) int {
	n := 0
	for _, m := range found {
		if m.rank <= upTo {
			n++
		}
	}
	return n
}

// classIn is the best text that holds a word, the worst over all words; -1
// where a word is in none.
func classIn(texts, words []string) int {
	worst := 0
	for _, w := range words {
		in := texts
		if len([]rune(w)) == 1 {
			in = texts[:min(1, len(texts))]
		}
		c := slices.IndexFunc(in, func(t string) bool { return strings.Contains(t, w) })
		if c < 0 {
			return -1
		}
		worst = max(worst, c)
	}
	return worst
}

// loadChunk is how many rows one INSERT carries.
const loadChunk = 1000

// Load indexes many records that are not indexed yet: imports and benchmarks.
// Postings are written in the order of their key, which is several times
// faster than record by record; give it tens of thousands at once.
func Load(ctx context.Context, tx bun.IDB, entries []Entry) error {
	rows := make([]entryRow, 0, len(entries))
	var grams []gramRow
	for _, e := range entries {
		row, g := postings(e)
		rows, grams = append(rows, row), append(grams, g...)
	}
	slices.SortFunc(grams, func(a, b gramRow) int {
		switch {
		case a.Kind != b.Kind:
			return int(a.Kind) - int(b.Kind)
		case a.Gram != b.Gram:
			return int(min(max(a.Gram-b.Gram, -1), 1))
		case a.Rank != b.Rank:
			return int(min(max(a.Rank-b.Rank, -1), 1))
		}
		return strings.Compare(string(a.ObjectID), string(b.ObjectID))
	})
	for part := range slices.Chunk(rows, loadChunk) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return db.Translate(err)
		}
	}
	for part := range slices.Chunk(grams, loadChunk) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return db.Translate(err)
		}
	}
	return nil
}
