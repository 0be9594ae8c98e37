package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

var documentTargets = []target{
	{"receipt_render_vs_naive", ">=", 5},
	{"receipt_bytes", "<=", 2048},
}

// receiptRender measures the donation receipt:
//
//   - receipt_render (receipts/s): frozen content to finished PDF, on one core.
//   - receipt_bytes (KB): memory allocated for one. At most 2048.
//   - receipt_render_vs_naive (ratio): receipts/s ÷ fpdf's own text functions
//     drawing the same page with the same font, which reads the font for each
//     document. At least 5, and 10 is meant.
//
// The two ways are the benchmarks of app/document, where a test holds them to
// the same text; five rounds alternate, and the median of their ratios counts.
func receiptRender(ctx context.Context, b *bench) error {
	bin, err := documentBench(ctx, b)
	if err != nil {
		return err
	}
	var ours, ratio, bytes []float64
	for range 5 {
		one, err := benchmark(ctx, bin, "BenchmarkReceipt")
		if err != nil {
			return err
		}
		other, err := benchmark(ctx, bin, "BenchmarkReceiptNaive")
		if err != nil {
			return err
		}
		ours, bytes = append(ours, one["ns/op"]), append(bytes, one["B/op"])
		ratio = append(ratio, other["ns/op"]/one["ns/op"])
	}
	b.figure("receipt_render", 1e9/median(ours), "receipts/s")
	b.figure("receipt_bytes", median(bytes)/1024, "KB")
	b.figure("receipt_render_vs_naive", median(ratio), "ratio")
	return nil
}

// documentBench builds the benchmarks of app/document.
func documentBench(ctx context.Context, b *bench) (bin string, err error) {
	bin = filepath.Join(b.dir, "document.test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", bin, "./app/document")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("build the benchmarks of app/document: %w", err)
	}
	return bin, nil
}

// benchmark runs one benchmark of a test binary, on one core, and gives its
// figures by unit.
func benchmark(ctx context.Context, bin, name string) (map[string]float64, error) {
	cmd := exec.CommandContext(ctx, bin, "-test.run=^$", "-test.bench=^"+name+"$", "-test.benchtime=1s", "-test.cpu=1", "-test.benchmem")
	cmd.Dir, cmd.Stderr = filepath.Join("app", "document"), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, out)
	}
	for line := range strings.SplitSeq(string(out), "\n") {
		f := strings.Fields(line)
		if len(f) < 4 || f[0] != name {
			continue
		}
		got := map[string]float64{}
		for i := 2; i+1 < len(f); i += 2 {
			if v, err := strconv.ParseFloat(f[i], 64); err == nil {
				got[f[i+1]] = v
			}
		}
		if got["ns/op"] > 0 {
			return got, nil
		}
	}
	return nil, fmt.Errorf("%s printed no figure: %s", name, out)
}
