package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"
)

var startTargets = []target{
	{"start_to_ready", "<", 5000},
	{"idle_memory", "<", 150},
	{"upload_memory", "<=", 32},
	{"upload_memory_minio", "<=", 32},
}

// startAndMemory measures what an operator sees first:
//
//   - start_to_ready (ms): from the start of `gongji serve --demo` on a folder
//     that has the demonstration until /readyz answers 200; the median of five.
//     Under 5000.
//   - start_to_ready_first (ms): the same on an empty folder, which includes
//     making the schema and loading the demonstration. For information.
//   - idle_memory (MB): resident memory ten seconds after that, with nobody
//     asking anything. Under 150.
//   - upload_memory, upload_memory_minio (MB): see uploadMemory.
func startAndMemory(ctx context.Context, b *bench) error {
	data := filepath.Join(b.dir, "start")
	p, err := b.serve(ctx, data, nil, "--demo")
	if err != nil {
		return err
	}
	b.figure("start_to_ready_first", ms(p.took), "ms")
	var took []float64
	for range 5 {
		if err := p.stop(); err != nil {
			return err
		}
		if p, err = b.serve(ctx, data, nil, "--demo"); err != nil {
			return err
		}
		took = append(took, ms(p.took))
	}
	b.figure("start_to_ready", median(took), "ms")
	if err := rest(ctx); err != nil {
		return err
	}
	idle, err := p.rss()
	if err != nil {
		return err
	}
	b.figure("idle_memory", idle, "MB")
	if err := p.stop(); err != nil {
		return err
	}
	embedded := uploadMemory(ctx, b, "upload_memory", data, nil)
	env, err := b.production(ctx)
	if err != nil {
		return errors.Join(embedded, err)
	}
	return errors.Join(embedded, uploadMemory(ctx, b, "upload_memory_minio", filepath.Join(b.dir, "minio"), env))
}

// rest waits ten seconds: what a fresh demonstration leaves to the workers,
// its PDFs above all, is done by then.
func rest(ctx context.Context) error {
	select {
	case <-time.After(10 * time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
