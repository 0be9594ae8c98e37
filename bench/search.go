package main

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/procurement/tender"
	"gongji/policy"
	"gongji/storage/db"
)

var searchTargets = []target{
	{"search_100k_p99_sqlite", "<=", 50},
	{"search_100k_p99_postgres", "<=", 50},
	{"search_100k_vs_1k_sqlite", "<=", 3},
	{"search_100k_vs_1k_postgres", "<=", 3},
}

// searchWords are of two characters, from everywhere to nowhere.
var searchWords = []string{"养老", "社区", "项目", "民政", "儿童", "助餐", "五桥", "没有", "评估", "武汉"}

// searchCost measures the search of the public list, as the page and the API
// ask for it (tender.Service.List: found, counted, the first 20 read), for
// two-character words over made-up tenders with the skew of real titles:
//
//   - search_100k_p99_sqlite, _postgres (ms): the 99th percentile over 100,000
//     tenders. At most 50.
//   - search_100k_p50_sqlite, _postgres (ms): the median. For information.
//   - search_100k_vs_1k_sqlite, _postgres (ratio): the median over 100,000 ÷
//     the median over 1,000, round by round, and the median of that. At most 3.
//     Not the 99th percentile: of a millisecond that is the machine's noise.
func searchCost(ctx context.Context, b *bench) error {
	for _, kind := range []string{"sqlite", "postgres"} {
		small, err := filled(ctx, b, kind, 1_000)
		if err != nil {
			return err
		}
		large, err := filled(ctx, b, kind, 100_000)
		if err != nil {
			return err
		}
		var many, ratio []float64
		for round := range 6 { // the first warms up
			one, err := searchRound(ctx, small)
			if err != nil {
				return err
			}
			other, err := searchRound(ctx, large)
			if err != nil {
				return err
			}
			if round > 0 {
				many, ratio = append(many, other...), append(ratio, median(other)/median(one))
			}
		}
		b.figure("search_100k_p99_"+kind, quantile(many, 99), "ms")
		b.figure("search_100k_p50_"+kind, median(many), "ms")
		b.figure("search_100k_vs_1k_"+kind, median(ratio), "ratio")
	}
	return nil
}

func searchRound(ctx context.Context, s *tender.Service) (took []float64, err error) {
	for range 20 {
		for _, w := range searchWords {
			began := time.Now()
			if _, err := s.List(ctx, tender.Filter{Text: w}); err != nil {
				return nil, err
			}
			took = append(took, ms(time.Since(began)))
		}
	}
	return took, nil
}

// filled is a service over n published tenders.
func filled(ctx context.Context, b *bench, kind string, n int) (*tender.Service, error) {
	d, err := b.database(ctx, kind)
	if err != nil {
		return nil, err
	}
	p, err := policy.Load()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	who, bureau, err := bureauOf(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := tender.Fill(ctx, d, bureau, who, n, began.AddDate(-1, 0, 0)); err != nil {
		return nil, err
	}
	if db.Postgres(d) { // as its own autovacuum would, later
		if _, err := d.ExecContext(ctx, "ANALYZE"); err != nil {
			return nil, err
		}
	}
	b.say("%s filled with %d tenders in %.1f s", kind, n, time.Since(began).Seconds())
	return tender.New(d, clock.System{}, p, calendar.Default()), nil
}

// bureauOf puts a bureau and its officer into a database.
func bureauOf(ctx context.Context, d *bun.DB) (who, bureau id.ID, err error) {
	now := clock.System{}.Now()
	who, bureau = id.New(now), id.New(now)
	if _, err = d.ExecContext(ctx, "INSERT INTO account (id, login, name, password_hash, created_at) VALUES (?, 'bench', '测试人员', '', ?)", who, now); err != nil {
		return "", "", fmt.Errorf("account: %w", err)
	}
	return who, bureau, addOrganisation(ctx, d, bureau, "bureau", "青山区民政局", now)
}
