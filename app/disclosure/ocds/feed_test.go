package ocds_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

var start = time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)

func publisher(d *bun.DB) *ocds.Publisher {
	return ocds.New(d, clock.NewManual(start), ocds.Settings{Site: "https://gongji.example"})
}

func release(process id.ID, title string) ocds.Release {
	return ocds.Release{Process: process, Tag: []ocds.Tag{ocds.TenderTag}, Tender: &ocds.Tender{ID: string(process), Title: title, Status: ocds.Active}}
}

// TestAPollingReaderMissesNothing has writers that take their places in the
// sequence early and commit late, in any order, some never, and a reader that
// polls all the while: it reads every committed release exactly once.
func TestAPollingReaderMissesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		const writers, each = 6, 12
		ctx, p := t.Context(), publisher(d)
		var committed sync.Map
		var done atomic.Int32
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				defer done.Add(1)
				rnd := rand.New(rand.NewPCG(uint64(w), 7))
				for range each {
					process := id.New(start)
					undo := rnd.IntN(4) == 0
					err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
						if err := ocds.Emit(ctx, tx, start, release(process, "一")); err != nil {
							return err
						}
						for range rnd.IntN(4) * 20 { // hold the transaction open over others' commits
							if _, err := tx.ExecContext(ctx, "SELECT 1"); err != nil {
								return err
							}
						}
						if undo {
							return errors.New("undone")
						}
						return nil
					})
					if err == nil {
						committed.Store(string(process), true)
					} else if !undo {
						t.Error(err)
					}
				}
			})
		}
		read := map[string]int{}
		after := ""
		poll := func() int {
			pkg, err := p.Releases(ctx, after, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, raw := range pkg.Releases {
				var r struct{ Tender struct{ ID string } }
				if err := json.Unmarshal(raw, &r); err != nil {
					t.Fatal(err)
				}
				read[r.Tender.ID]++
			}
			after = pkg.Next()
			return len(pkg.Releases)
		}
		for done.Load() < writers {
			poll()
		}
		wg.Wait()
		ocdstest.Settled(t, p)
		for poll() > 0 {
			continue
		}
		n := 0
		committed.Range(func(k, _ any) bool {
			n++
			if read[k.(string)] != 1 {
				t.Errorf("release of %v was read %d times", k, read[k.(string)])
			}
			return true
		})
		if n == 0 || len(read) != n {
			t.Errorf("%d releases were committed, %d read", n, len(read))
		}
	})
}

// TestALateCommitIsNotPassed holds one transaction open on PostgreSQL while
// another, begun later, commits: the reader waits for the first, although its
// release has the lower serial number.
func TestALateCommitIsNotPassed(t *testing.T) {
	d, ctx := dbtest.Postgres(t), t.Context()
	p := publisher(d)
	early, err := d.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, second := id.New(start), id.New(start)
	if err := ocds.Emit(ctx, early, start, release(first, "先写")); err != nil {
		t.Fatal(err)
	}
	if err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
		return ocds.Emit(ctx, tx, start, release(second, "后写"))
	}); err != nil {
		t.Fatal(err)
	}
	pkg, err := p.Releases(ctx, "", 10)
	if err != nil || len(pkg.Releases) != 0 {
		t.Fatalf("%d releases while an earlier transaction runs, %v", len(pkg.Releases), err)
	}
	if err := early.Commit(); err != nil {
		t.Fatal(err)
	}
	ocdstest.Settled(t, p)
	pkg, err = p.Releases(ctx, pkg.Next(), 10)
	if err != nil || len(pkg.Releases) != 2 {
		t.Fatalf("%d releases, %v", len(pkg.Releases), err)
	}
}

// TestARestoredDatabaseGoesOn: a dump brings releases whose transactions have
// numbers the new server has not reached. They are read, and what follows
// comes after them.
func TestARestoredDatabaseGoesOn(t *testing.T) {
	d, ctx := dbtest.Postgres(t), t.Context()
	p := publisher(d)
	if _, err := d.ExecContext(ctx, `INSERT INTO ocds_release (era, txid, id, process, tag, date, body)
		VALUES (0, 4000000000000, 'OLD', 'P', '["tender"]', now(), '{"id":"OLD","date":"2026-06-01T09:00:00+08:00","tag":["tender"],"initiationType":"tender"}')`); err != nil {
		t.Fatal(err)
	}
	if pkg, err := p.Releases(ctx, "", 10); err != nil || len(pkg.Releases) != 0 {
		t.Fatalf("%d, %v", len(pkg.Releases), err)
	}
	for range 2 { // a second start finds nothing to do
		if err := ocds.Settle(ctx, d, start); err != nil {
			t.Fatal(err)
		}
	}
	pkg, err := p.Releases(ctx, "", 10)
	if err != nil || len(pkg.Releases) != 1 {
		t.Fatalf("%d, %v", len(pkg.Releases), err)
	}
	if err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
		return ocds.Emit(ctx, tx, start, release(id.New(start), "新"))
	}); err != nil {
		t.Fatal(err)
	}
	ocdstest.Settled(t, p)
	if pkg, err = p.Releases(ctx, pkg.Next(), 10); err != nil || len(pkg.Releases) != 1 {
		t.Fatalf("what follows: %d, %v", len(pkg.Releases), err)
	}
}

func TestReleasesAreImmutableAndPackagesValid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		ctx, p := t.Context(), publisher(d)
		if got := ocdstest.All(t, p); len(got) != 0 {
			t.Fatalf("%+v", got)
		}
		process := id.New(start)
		for _, title := range []string{"一", "二"} {
			if err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error { return ocds.Emit(ctx, tx, start, release(process, title)) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, q := range []string{"DELETE FROM ocds_release", "UPDATE ocds_release SET body = '{}'"} {
			if _, err := d.ExecContext(ctx, q); err == nil {
				t.Errorf("the database allowed %q", q)
			}
		}
		all := ocdstest.All(t, p)
		if len(all) != 2 || all[0].OCID != "unregistered-gongji-"+string(process) {
			t.Fatalf("%+v", all)
		}
		for _, bad := range []string{"x", "1-2-3", "1 ", "01", "-1", "999999999"} {
			if _, err := p.Releases(ctx, bad, 1); !fault.Is(err, fault.Invalid) {
				t.Errorf("cursor %q: %v", bad, err)
			}
		}
		rec, err := p.Record(ctx, all[0].OCID)
		if err != nil || len(rec.Records) != 1 {
			t.Fatal(err)
		}
		var c struct {
			Tag    []string
			Tender struct{ Title string }
		}
		if err := json.Unmarshal(rec.Records[0].Compiled, &c); err != nil || c.Tender.Title != "二" || c.Tag[0] != "compiled" {
			t.Errorf("%s", rec.Records[0].Compiled)
		}
		for _, ocid := range []string{"", "ocds-other-1", "unregistered-gongji-none"} {
			if _, err := p.Record(ctx, ocid); !fault.Is(err, fault.NotFound) {
				t.Errorf("record %q: %v", ocid, err)
			}
		}
		dir := t.TempDir()
		n, err := p.Export(ctx, dir)
		if err != nil || n != (ocds.Exported{Releases: 2, Records: 1, Files: 2}) {
			t.Fatal(n, err)
		}
		for name, kind := range map[string]string{"releases-0001.json": "release", "records-0001.json": "record"} {
			body, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			ocdstest.Valid(t, kind, body)
		}
	})
}
