package main

import "context"

var reportTargets = []target{{"report_pdf_bytes", "<=", 8192}}

// reportPDF measures the 绩效评价报告 of app/document's sample: cover, tables over
// pages, three pictures, a QR code.
//
//   - report_pdf (pages/s): frozen content to finished PDF, on one core.
//   - report_pdf_bytes (KB): memory allocated for one whole report. At most 8192.
//   - report_pdf_ms (ms): one whole report. For information.
//
// It is the benchmark of app/document; the median of five rounds counts.
func reportPDF(ctx context.Context, b *bench) error {
	bin, err := documentBench(ctx, b)
	if err != nil {
		return err
	}
	var pages, bytes, ms []float64
	for range 5 {
		one, err := benchmark(ctx, bin, "BenchmarkReport")
		if err != nil {
			return err
		}
		pages = append(pages, one["pages/op"]*1e9/one["ns/op"])
		bytes, ms = append(bytes, one["B/op"]), append(ms, one["ns/op"]/1e6)
	}
	b.figure("report_pdf", median(pages), "pages/s")
	b.figure("report_pdf_bytes", median(bytes)/1024, "KB")
	b.figure("report_pdf_ms", median(ms), "ms")
	return nil
}
