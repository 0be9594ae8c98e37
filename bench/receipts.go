package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app"
	"gongji/app/demo"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/receipt"
	"gongji/app/party"
	"gongji/app/party/account"
)

var receiptsTargets = []target{
	{"receipt_end_to_end_vs_render", ">=", 0.5},
	{"receipt_cost_large_vs_1k", "<=", 1.15},
}

// few and many are the batches whose cost a receipt is compared.
const few, many = 1_000, 50_000

// receiptsEndToEnd measures a foundation's year of receipts on PostgreSQL and
// MinIO, from confirmed donations to stored PDFs, by the product as it runs: a
// batch is frozen, approved, and worked by the queue of one `gongji serve`.
//
//   - receipt_end_to_end (receipts/s): from the reviewer's approval until the
//     batch is done and every PDF is stored, over 1,000; the median of three.
//   - receipt_end_to_end_vs_render (ratio): that ÷ receipt_render, which runs
//     just before each round on one core. At least 0.5; the database and the
//     object store share the machine's two cores with it.
//   - receipt_cost_large_vs_1k (ratio): the time a receipt takes in a batch of
//     50,000 ÷ in batches of 1,000. The same, at most 1.15.
//   - receipt_freeze (donations/s): writing down who gets what, 50,000 at once.
//
// The product's process prints nothing and nobody looks at the page; donations
// are copies of one that went through the services.
func receiptsEndToEnd(ctx context.Context, b *bench) error {
	bin, err := documentBench(ctx, b)
	if err != nil {
		return err
	}
	env, err := b.production(ctx)
	if err != nil {
		return err
	}
	data := filepath.Join(b.dir, "receipts")
	p, err := b.serve(ctx, data, env, "--demo")
	if err != nil {
		return err
	}
	err = withProduct(ctx, data, env, func(a *app.App) error { return measureReceipts(ctx, b, a, bin) })
	return errors.Join(err, p.stop())
}

// withProduct runs fn on the assembled product beside the server that works
// its jobs; it works none itself.
func withProduct(ctx context.Context, data string, env []string, fn func(a *app.App) error) (err error) {
	c, err := app.Environment(func(key string) string {
		for _, one := range append([]string{"GONGJI_DATA=" + data}, env...) {
			if v, ok := strings.CutPrefix(one, key+"="); ok {
				return v
			}
		}
		return ""
	})
	if err != nil {
		return err
	}
	c.Demo = true
	parts, err := app.Connect(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.DB.Close()) }()
	a, err := app.New(c, parts)
	if err != nil {
		return err
	}
	return fn(a)
}

func measureReceipts(ctx context.Context, b *bench, a *app.App, bin string) error {
	finance, err := officer(ctx, a, "foundation.finance")
	if err != nil {
		return err
	}
	reviewer, err := officer(ctx, a, "foundation.reviewer")
	if err != nil {
		return err
	}
	var gift donation.Donation
	err = a.DB.NewSelect().Model(&gift).Where("foundation = ? AND state = ? AND kind = ? AND donor_kind = ?", finance.Org, donation.Confirmed, donation.Money, donation.Person).Limit(1).Scan(ctx)
	if err != nil {
		return err
	}
	var rate, ratio, each []float64
	for range 3 {
		render, err := benchmark(ctx, bin, "BenchmarkReceipt")
		if err != nil {
			return err
		}
		took, err := batchOf(ctx, b, a, finance, reviewer, gift, few)
		if err != nil {
			return err
		}
		b.say("%d receipts in %.2f s, %.0f/s; rendering alone %.0f/s; load %s", few, took.Seconds(), few/took.Seconds(), 1e9/render["ns/op"], load())
		rate, each = append(rate, few/took.Seconds()), append(each, took.Seconds()/few)
		ratio = append(ratio, few/took.Seconds()*render["ns/op"]/1e9)
	}
	b.figure("receipt_end_to_end", median(rate), "receipts/s")
	b.figure("receipt_end_to_end_vs_render", median(ratio), "ratio")
	took, err := batchOf(ctx, b, a, finance, reviewer, gift, many)
	if err != nil {
		return err
	}
	b.say("%d receipts in %.1f s, %.0f/s, load %s", many, took.Seconds(), many/took.Seconds(), load())
	b.figure("receipt_cost_large_vs_1k", took.Seconds()/many/median(each), "ratio")
	return nil
}

func officer(ctx context.Context, a *app.App, login string) (party.Actor, error) {
	_, who, err := a.Accounts.SignIn(ctx, login, demo.Password, account.From{UserAgent: "bench"})
	return who, err
}

// batchOf makes n donations, freezes and approves them as a batch of their own
// year, and gives the time from the approval to the last PDF.
func batchOf(ctx context.Context, b *bench, a *app.App, finance, reviewer party.Actor, gift donation.Donation, n int) (time.Duration, error) {
	year := 2001 // a year that has no other donation: none of an earlier round is gone through again
	err := a.DB.NewSelect().TableExpr("receipt_batch").ColumnExpr("COALESCE(MAX(year), 2000) + 1").Where("foundation = ?", finance.Org).Scan(ctx, &year)
	if err != nil {
		return 0, err
	}
	day := time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
	gift.ArrivedAt = &day
	if _, err := donationtest.Copies(ctx, a.DB, gift, n); err != nil {
		return 0, err
	}
	from := time.Now()
	batch, _, err := a.Batches.Freeze(ctx, finance, receipt.Scope{Year: year})
	if err != nil {
		return 0, err
	}
	if batch.Waiting != n {
		return 0, fmt.Errorf("%d of %d can be issued", batch.Waiting, n)
	}
	freeze := float64(n) / time.Since(from).Seconds()
	from = time.Now()
	if _, err := a.Batches.Approve(ctx, reviewer, batch.ID); err != nil {
		return 0, err
	}
	for batch.State != receipt.BatchDone {
		if batch, err = a.Batches.Batch(ctx, finance, batch.ID); err != nil {
			return 0, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	took := time.Since(from)
	if n == many {
		b.figure("receipt_freeze", freeze, "donations/s")
	}
	return took, stored(ctx, a.DB, n, year, batch)
}

// stored holds a batch to what was asked: all issued, all kept, no gap.
func stored(ctx context.Context, d *bun.DB, n, year int, b receipt.Batch) error {
	kept, err := d.NewSelect().TableExpr("receipt_batch_row AS x").Join("JOIN receipt AS r ON r.id = x.receipt").Join("JOIN document AS o ON o.id = r.document").
		Where("x.batch = ? AND o.object_key <> ''", b.ID).Count(ctx)
	if err == nil && (int(kept) != n || b.Issued != n || b.Made != n) {
		err = fmt.Errorf("the batch of %d ended with %d of %d kept: %+v", year, kept, n, b)
	}
	return err
}
