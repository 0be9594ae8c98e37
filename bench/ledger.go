package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

var ledgerTargets = []target{{"ledger_postings_vs_pgbench", ">=", 0.3}}

const (
	ledgerClients = 8
	ledgerRound   = 4 * time.Second
)

// till is one foundation's book with a fund, its donors and a payee.
type till struct {
	book               id.ID
	donor, fund, payee ledger.Account
	n                  atomic.Int64
}

// ledgerPostings measures ledger_postings_vs_pgbench: postings a second through
// the ledger's service, as a decision makes them (a transaction, the book's
// lock, the key, the floor, number and chain, two entries, balances), divided
// by the transactions a second of pgbench's built-in TPC-B on the same server.
// Eight clients each; the ledger's clients each keep another foundation's book,
// as foundations do, and pgbench has a scale of eight. Rounds alternate, the
// median of the rounds' ratios counts. ledger_postings_one_book is eight
// clients on one book, which take turns at its lock. Every book is verified.
func ledgerPostings(ctx context.Context, b *bench) error {
	d, err := b.database(ctx, "postgres")
	if err != nil {
		return err
	}
	dsn, err := b.postgres(ctx)
	if err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "pgbench", "-i", "-q", "-s", fmt.Sprint(ledgerClients), dsn).CombinedOutput(); err != nil {
		return fmt.Errorf("pgbench -i: %w: %s", err, out)
	}
	s := ledger.New(d, clock.System{})
	var tills []*till
	for n := range ledgerClients {
		t, err := openTill(ctx, d, s, n)
		if err != nil {
			return err
		}
		tills = append(tills, t)
	}
	var ratio, own, tpc, alone []float64
	for range 3 {
		base, err := pgbench(ctx, dsn, "-b", "tpcb-like", "-c", fmt.Sprint(ledgerClients), "-j", "2", "-T", fmt.Sprint(ledgerRound.Seconds()))
		if err != nil {
			return err
		}
		each, err := postingsPerSecond(ctx, d, s, tills)
		if err != nil {
			return err
		}
		one, err := postingsPerSecond(ctx, d, s, tills[:1])
		if err != nil {
			return err
		}
		b.say("pgbench TPC-B %.0f tps, ledger %.0f/s (eight books), %.0f/s (one book), load %s", base, each, one, load())
		ratio, own, tpc, alone = append(ratio, each/base), append(own, each), append(tpc, base), append(alone, one)
	}
	for _, t := range tills {
		r, err := s.Verify(ctx, t.book)
		if err != nil {
			return err
		}
		if !r.Sound() {
			return fmt.Errorf("a book does not verify after the run: %v", r.Problems)
		}
	}
	b.figure("ledger_postings_vs_pgbench", median(ratio), "ratio")
	b.figure("ledger_postings", median(own), "postings/s")
	b.figure("ledger_postings_one_book", median(alone), "postings/s")
	b.figure("pgbench_tpcb", median(tpc), "tps")
	return nil
}

func openTill(ctx context.Context, d *bun.DB, s *ledger.Service, n int) (*till, error) {
	now := time.Now().UTC()
	o := organisation.Organisation{ID: id.New(now), Kind: party.Foundation, Name: fmt.Sprintf("基金会%d", n), State: organisation.Approved, CreatedAt: now}
	if _, err := d.NewInsert().Model(&o).Exec(ctx); err != nil {
		return nil, err
	}
	t := &till{book: o.ID}
	return t, db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
		for _, x := range []struct {
			into *ledger.Account
			kind ledger.Kind
		}{{&t.donor, ledger.DonorGiven}, {&t.fund, ledger.FundCash}, {&t.payee, ledger.PayeeReceived}} {
			var err error
			if *x.into, err = s.Open(ctx, tx, t.book, ledger.Owner{Kind: "bench", ID: o.ID}, x.kind); err != nil {
				return err
			}
		}
		return nil
	})
}

// post is one posting: gifts and payments in turn, so that the fund's floor is
// always near.
func (t *till) post(ctx context.Context, d *bun.DB, s *ledger.Service) error {
	n := t.n.Add(1)
	p := ledger.Posting{Book: t.book, Cause: ledger.Cause{Kind: "bench", ID: "1"}, Memo: "测量", Key: fmt.Sprint("bench/", n),
		Lines: ledger.Move(t.donor.ID, t.fund.ID, 2*money.Yuan)}
	if n%2 == 0 {
		p.Lines = ledger.Move(t.fund.ID, t.payee.ID, money.Yuan)
	}
	return db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
		_, err := s.Post(ctx, tx, party.Actor{}, p)
		return err
	})
}

// postingsPerSecond lets the clients post for a round, spread over the books.
func postingsPerSecond(ctx context.Context, d *bun.DB, s *ledger.Service, tills []*till) (float64, error) {
	var wg sync.WaitGroup
	var done atomic.Int64
	failed := make([]error, ledgerClients)
	from := time.Now()
	for c := range ledgerClients {
		wg.Go(func() {
			for t := tills[c%len(tills)]; time.Since(from) < ledgerRound && failed[c] == nil; {
				if failed[c] = t.post(ctx, d, s); failed[c] == nil {
					done.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return float64(done.Load()) / time.Since(from).Seconds(), errors.Join(failed...)
}
