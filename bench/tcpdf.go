package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var tcpdfTargets = []target{{"receipt_render_vs_tcpdf", ">=", 25}}

// receiptTCPDF measures receipt_render_vs_tcpdf (ratio): donation receipts/s
// on one core ÷ Debian's php-tcpdf drawing the same page, the same runs of
// text in the same font with subsetting. At least 25. PHP and TCPDF are
// installed here and only here. Five rounds alternate, the median of their
// ratios counts; receipt_tcpdf (receipts/s) is TCPDF's own.
func receiptTCPDF(ctx context.Context, b *bench) error {
	if err := installed(ctx, b); err != nil {
		return err
	}
	bin, err := documentBench(ctx, b)
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "tcpdf")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	cut := exec.CommandContext(ctx, bin, "-test.run=^TestPageForAnotherProgram$")
	cut.Dir, cut.Env = filepath.Join("app", "document"), append(os.Environ(), "GONGJI_BENCH_PAGE="+dir)
	if out, err := cut.CombinedOutput(); err != nil {
		return fmt.Errorf("the page: %w: %s", err, out)
	}
	pdf := filepath.Join(dir, "tcpdf.pdf")
	var ratio, theirs []float64
	for range 5 {
		ours, err := benchmark(ctx, bin, "BenchmarkReceipt")
		if err != nil {
			return err
		}
		ns, err := tcpdf(ctx, dir, pdf)
		if err != nil {
			return err
		}
		ratio, theirs = append(ratio, ns/ours["ns/op"]), append(theirs, 1e9/ns)
	}
	text, err := exec.CommandContext(ctx, "pdftotext", "-raw", pdf, "-").Output()
	if err != nil || !bytes.Contains(text, []byte("捐赠收据")) {
		return fmt.Errorf("TCPDF's page does not say what ours does: %w", err)
	}
	b.figure("receipt_render_vs_tcpdf", median(ratio), "ratio")
	b.figure("receipt_tcpdf", median(theirs), "receipts/s")
	return nil
}

// tcpdf gives the nanoseconds TCPDF takes for a receipt.
func tcpdf(ctx context.Context, dir, pdf string) (ns float64, err error) {
	cmd := exec.CommandContext(ctx, "php", "-d", "opcache.enable_cli=1", filepath.Join("bench", "tcpdf.php"), dir, "2", pdf)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("tcpdf.php: %w: %s", err, out)
	}
	var size int
	if _, err := fmt.Sscan(strings.TrimSpace(string(out)), &ns, &size); err != nil {
		return 0, fmt.Errorf("tcpdf.php printed %q: %w", out, err)
	}
	return ns, nil
}

// installed sees to PHP and TCPDF, which nothing else here uses.
func installed(ctx context.Context, b *bench) error {
	if _, err := os.Stat("/usr/share/php/tcpdf/tcpdf.php"); err == nil {
		return nil
	}
	b.say("installing php-cli and php-tcpdf for this measurement")
	cmd := exec.CommandContext(ctx, "apt-get", "install", "-y", "--no-install-recommends", "php-cli", "php-tcpdf")
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get install php-cli php-tcpdf: %w: %s", err, out)
	}
	return nil
}
