package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// pgBaseline measures pg_baseline (transactions/s): pgbench's select-only
// script, 8 clients, on the PostgreSQL that the other figures use, so that
// they can be compared with those of another machine. The median of three
// rounds of three seconds. For information.
func pgBaseline(ctx context.Context, b *bench) error {
	dsn, err := b.postgres(ctx)
	if err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "pgbench", "-i", "-q", "-s", "5", dsn).CombinedOutput(); err != nil {
		return fmt.Errorf("pgbench -i: %w: %s", err, out)
	}
	var tps []float64
	for range 3 {
		v, err := pgbench(ctx, dsn, "-S", "-c", "8", "-j", "2", "-T", "3")
		if err != nil {
			return err
		}
		tps = append(tps, v)
	}
	b.figure("pg_baseline", median(tps), "tps")
	return nil
}

var tpsLine = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench runs it once and gives transactions per second.
func pgbench(ctx context.Context, dsn string, args ...string) (float64, error) {
	out, err := exec.CommandContext(ctx, "pgbench", append(args, "-n", dsn)...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	m := tpsLine.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("pgbench printed no figure: %s", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
