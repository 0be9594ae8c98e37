package object

import (
	"cmp"
	"context"
	"io/fs"
	"iter"
	"slices"
	"strings"
)

// List implements Store.
func (d *Dir) List(ctx context.Context, prefix, after string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if err := cmp.Or(checkPrefix(prefix), checkPrefix(after)); err != nil {
			yield(Entry{}, err)
			return
		}
		w := walk{ctx: ctx, fsys: d.root.FS(), prefix: prefix, after: after, yield: yield}
		w.dir("")
	}
}

type walk struct {
	ctx           context.Context
	fsys          fs.FS
	prefix, after string
	yield         func(Entry, error) bool
}

// dir goes through one directory, "" or ending in a slash, and reports whether
// to go on. Holding one directory's names at a time bounds the memory.
func (w *walk) dir(at string) bool {
	if err := w.ctx.Err(); err != nil {
		w.yield(Entry{}, unavailable(err))
		return false
	}
	names, err := fs.ReadDir(w.fsys, strings.TrimSuffix(objects+"/"+at, "/"))
	if err != nil {
		w.yield(Entry{}, unavailable(err))
		return false
	}
	// In byte order of whole keys "a-b" stands before "a/c": a directory
	// sorts as its name with the slash.
	full := func(e fs.DirEntry) string {
		if e.IsDir() {
			return at + e.Name() + "/"
		}
		return at + e.Name()
	}
	slices.SortFunc(names, func(a, b fs.DirEntry) int { return strings.Compare(full(a), full(b)) })
	for _, e := range names {
		key := full(e)
		if e.IsDir() {
			wanted := strings.HasPrefix(key, w.prefix) || strings.HasPrefix(w.prefix, key)
			// Every key below sorts after key itself; all of them come before
			// after unless after lies below too.
			if wanted && (key > w.after || strings.HasPrefix(w.after, key)) && !w.dir(key) {
				return false
			}
			continue
		}
		if key > w.after && strings.HasPrefix(key, w.prefix) && !w.file(key, e) {
			return false
		}
	}
	return true
}

func (w *walk) file(key string, e fs.DirEntry) bool {
	info, err := e.Info()
	if err != nil {
		// Deleted since the directory was read.
		return true
	}
	return w.yield(Entry{Key: key, Size: info.Size(), Stored: info.ModTime().UTC()}, nil)
}
