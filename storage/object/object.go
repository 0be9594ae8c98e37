// Package object keeps files: uploads, rendered PDFs, sealed bids.
//
// There are two stores, a local directory for the embedded default and MinIO
// for production, and one conformance suite (objecttest) that both pass. What
// every store promises:
//
//   - Keys are write-once. Putting the same bytes again is no error, so a job
//     may be repeated after a crash; putting other bytes is fault.Conflict.
//   - A Put that fails, for whatever reason, leaves nothing behind under its
//     key, and nobody ever sees half an object.
//   - Memory does not grow with the size of the object.
//   - Errors are faults: Invalid (a bad key, range or content type, or an
//     upload that broke off), NotFound, Conflict, TooLarge, Unavailable (the
//     store did not answer in time, or the caller went away).
package object

import (
	"context"
	"io"
	"iter"
	"time"
)

// Store keeps objects by key. It is safe for concurrent use. Do not call it
// inside a database transaction: it may wait on a network.
type Store interface {
	// Put reads r to its end and keeps it under key. It does not close r. A
	// fault that r returns (a body over the edge's limit) is passed on.
	Put(ctx context.Context, key string, r io.Reader, opt PutOptions) (Info, error)
	// Open reads a whole object. Close the reader; it lives no longer than ctx.
	Open(ctx context.Context, key string) (io.ReadCloser, Info, error)
	// OpenRange reads length bytes from offset, fewer where the object ends
	// before; a negative length reads to the end. Info is the whole object's.
	// An offset at or beyond the end, or a length of zero, is fault.Invalid.
	OpenRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, Info, error)
	// Stat says what is kept under key.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes an object. Deleting what is not there is no error, so
	// that a sweep may be repeated.
	Delete(ctx context.Context, key string) error
	// List goes through the keys that start with prefix and come after after
	// ("" for all), in byte order. It ends with the first error.
	List(ctx context.Context, prefix, after string) iter.Seq2[Entry, error]
	// Ping tells whether the store can be used now, for /readyz.
	Ping(ctx context.Context) error
}

// PutOptions say what the caller knows and allows.
type PutOptions struct {
	// Size is the number of bytes that will come; -1 where unknown. Another
	// number arriving means the upload broke off.
	Size int64
	// ContentType is a MIME type; empty means application/octet-stream.
	ContentType string
	// Limit is the most bytes to take; 0 means DefaultLimit. One byte more is
	// fault.TooLarge.
	Limit int64
}

// DefaultLimit is what an upload may have where its caller sets no other
// limit: 100 MiB.
const DefaultLimit int64 = 100 << 20

// Info describes a kept object.
type Info struct {
	Size        int64  // bytes
	SHA256      string // of the content, lower-case hex
	ContentType string
}

// Entry is one line of a List.
type Entry struct {
	Key    string
	Size   int64     // bytes
	Stored time.Time // when it was put, by the store's own clock
}
