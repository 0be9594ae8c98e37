// Command bench measures what the product promises about speed and memory, all
// in one run on the parts that `make test` uses, and prints one line a figure:
//
//	bench NAME VALUE UNIT
//
// Progress, the machine's load and whether a target was met go to stderr. The
// exit status is 1 when a part could not be measured; a missed target is not
// an error here, because a busy machine misses them too. docs/bench.md keeps
// the figures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// part measures figures that belong together. What later issues promise is a
// part of its own, in a file of its own, added to parts.
type part struct {
	name    string
	targets []target
	run     func(ctx context.Context, b *bench) error
}

// target is what a figure should be: at most, or at least.
type target struct {
	figure string
	sign   string // "<=", ">=", "<"
	limit  float64
}

var parts = []part{
	{"policy", policyTargets, policyDecision},
	{"document", documentTargets, receiptRender},
	{"report", reportTargets, reportPDF},
	{"tcpdf", tcpdfTargets, receiptTCPDF},
	{"pgbench", nil, pgBaseline},
	{"search", searchTargets, searchCost},
	{"start", startTargets, startAndMemory},
	{"page", pageTargets, tenderPage},
	{"ingest", ingestTargets, bidIngest},
	{"ledger", ledgerTargets, ledgerPostings},
	{"survey", surveyTargets, surveyBurst},
	{"receipts", receiptsTargets, receiptsEndToEnd},
}

// staticChild is how the bench starts itself as the server of static bytes.
const staticChild = "static-child"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 3 && os.Args[1] == staticChild {
		exit(serveStatic(ctx, os.Args[2]))
	}
	b := bench{out: os.Stdout}
	only := flag.String("only", "", "parts to run, with commas between; all when empty")
	flag.StringVar(&b.bin, "bin", "", "a built gongji; built from here when empty")
	flag.Parse()
	exit(b.all(ctx, *only))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (b *bench) all(ctx context.Context, only string) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	defer b.close()
	var broken []error
	for _, p := range parts {
		if only != "" && !slices.Contains(strings.Split(only, ","), p.name) {
			continue
		}
		b.targets = p.targets
		b.say("== %s, load %s", p.name, load())
		began := time.Now()
		if err := p.run(ctx, b); err != nil {
			b.say("%s could not be measured: %v", p.name, err)
			broken = append(broken, fmt.Errorf("%s: %w", p.name, err))
		}
		b.say("%s took %.0f s, load %s", p.name, time.Since(began).Seconds(), load())
	}
	return errors.Join(broken...)
}
