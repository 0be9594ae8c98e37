package object

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"mime"
	"os"
	"path"
	"syscall"
	"time"

	"gongji/app/kernel/fault"
)

// Dir keeps objects as plain files in a local directory, so that an operator
// can copy, list and hash them with ordinary tools:
//
//	objects/<key>     the content, nothing added
//	about/<key>.json  its hash and content type; rebuilt when missing
//	incoming/         uploads on their way; safe to delete while nothing runs
//
// Unlike S3, a file system cannot hold both "a" and "a/b": the second Put is
// fault.Conflict. The file system must know hard links, as those of Linux and
// macOS do.
type Dir struct {
	root *os.Root
}

const (
	objects  = "objects"
	about    = "about"
	incoming = "incoming"
	// abandoned is how old an upload on its way must be before opening the
	// directory takes it for the rest of a crash.
	abandoned = 24 * time.Hour
)

// OpenDir uses a directory, making it where it is missing.
func OpenDir(dir string) (*Dir, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unavailable(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, unavailable(err)
	}
	for _, d := range []string{objects, about, incoming} {
		if err := root.MkdirAll(d, 0o700); err != nil {
			return nil, unavailable(errors.Join(err, root.Close()))
		}
	}
	d := &Dir{root: root}
	if err := d.sweep(); err != nil {
		return nil, unavailable(errors.Join(err, root.Close()))
	}
	return d, nil
}

// Close gives the directory back.
func (d *Dir) Close() error { return d.root.Close() }

func (d *Dir) sweep() error {
	left, err := fs.ReadDir(d.root.FS(), incoming)
	if err != nil {
		return err
	}
	for _, e := range left {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < abandoned {
			continue
		}
		if err := d.root.Remove(path.Join(incoming, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Put implements Store: the bytes go to a file of their own, reach the disk,
// and only then get their name, by a link that cannot replace another.
func (d *Dir) Put(ctx context.Context, key string, r io.Reader, opt PutOptions) (Info, error) {
	if err := checkKey(key); err != nil {
		return Info{}, err
	}
	in, err := newIntake(ctx, r, opt)
	if err != nil {
		return Info{}, err
	}
	tmp := path.Join(incoming, rand.Text())
	defer d.root.Remove(tmp) //nolint:errcheck // gone already, or swept later
	if err := d.write(tmp, in); err != nil {
		if in.err != nil {
			return Info{}, in.err
		}
		return Info{}, unavailable(err)
	}
	if err := ctx.Err(); err != nil {
		return Info{}, unavailable(err)
	}
	info := in.info()
	err = d.publish(tmp, key)
	switch {
	case errors.Is(err, fs.ErrExist):
		kept, err := d.Stat(ctx, key)
		switch {
		case err == nil && same(kept, info):
			return kept, nil
		case err == nil || fault.Is(err, fault.NotFound):
			return Info{}, taken()
		default:
			return Info{}, err
		}
	case errors.Is(err, syscall.ENOTDIR):
		return Info{}, taken()
	case err != nil:
		return Info{}, unavailable(err)
	}
	// The object stands already; what is said about it can be rebuilt.
	_ = d.describe(key, info)
	return info, nil
}

func (d *Dir) write(name string, r io.Reader) error {
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (d *Dir) publish(tmp, key string) error {
	name := path.Join(objects, key)
	if err := d.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	if err := d.root.Link(tmp, name); err != nil {
		return err
	}
	// A name survives a power cut only once its directory is on the disk, and
	// so on upwards for directories just made.
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if err := d.syncDir(dir); err != nil {
			return errors.Join(err, d.root.Remove(name))
		}
	}
	return nil
}

func (d *Dir) syncDir(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Open implements Store.
func (d *Dir) Open(ctx context.Context, key string) (io.ReadCloser, Info, error) {
	f, info, err := d.open(ctx, key)
	if err != nil {
		return nil, Info{}, err
	}
	return f, info, nil
}

// OpenRange implements Store.
func (d *Dir) OpenRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, Info, error) {
	f, info, err := d.open(ctx, key)
	if err != nil {
		return nil, Info{}, err
	}
	if offset < 0 || offset >= info.Size || length == 0 {
		return nil, Info{}, errors.Join(badRange(), f.Close())
	}
	if length < 0 {
		length = info.Size - offset
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(f, offset, length), f}, info, nil
}

func (d *Dir) open(ctx context.Context, key string) (*os.File, Info, error) {
	if err := checkKey(key); err != nil {
		return nil, Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, Info{}, unavailable(err)
	}
	f, err := d.root.Open(path.Join(objects, key))
	if err != nil {
		return nil, Info{}, missing(err)
	}
	info, err := d.info(f, key)
	if err != nil {
		return nil, Info{}, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// Stat implements Store.
func (d *Dir) Stat(ctx context.Context, key string) (Info, error) {
	f, info, err := d.open(ctx, key)
	if err != nil {
		return Info{}, err
	}
	if err := f.Close(); err != nil {
		return Info{}, unavailable(err)
	}
	return info, nil
}

// info reads what is said about an open object. Where nothing is (a crash
// between the two files, a restored backup) or the size tells of another
// content, it hashes the object and writes it down again.
func (d *Dir) info(f *os.File, key string) (Info, error) {
	st, err := f.Stat()
	if err != nil {
		return Info{}, unavailable(err)
	}
	if !st.Mode().IsRegular() {
		return Info{}, notFound()
	}
	var said Info
	if b, err := d.root.ReadFile(aboutName(key)); err == nil && json.Unmarshal(b, &said) == nil &&
		said.Size == st.Size() && len(said.SHA256) == 2*sha256.Size {
		return said, nil
	}
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(f, 0, st.Size()))
	if err != nil {
		return Info{}, unavailable(err)
	}
	info := Info{Size: n, SHA256: hex.EncodeToString(h.Sum(nil)), ContentType: mime.TypeByExtension(path.Ext(key))}
	if info.ContentType == "" {
		info.ContentType = octetStream
	}
	_ = d.describe(key, info)
	return info, nil
}

func aboutName(key string) string { return path.Join(about, key+".json") }

// describe writes down what info says. A reader sees the old text, the new
// one, or none, never half.
func (d *Dir) describe(key string, info Info) error {
	b, err := json.Marshal(info)
	if err != nil {
		return err
	}
	tmp := path.Join(incoming, rand.Text())
	name := aboutName(key)
	if err := errors.Join(d.root.MkdirAll(path.Dir(name), 0o700), d.root.WriteFile(tmp, b, 0o600)); err != nil {
		return err
	}
	return d.root.Rename(tmp, name)
}

// Delete implements Store. What is said about an object goes first: if it
// were to stay behind, it would describe the next object of that key.
func (d *Dir) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	name := path.Join(objects, key)
	if st, err := d.root.Lstat(name); err != nil || !st.Mode().IsRegular() {
		if err == nil || fault.Is(missing(err), fault.NotFound) {
			return nil
		}
		return unavailable(err)
	}
	for _, n := range []string{aboutName(key), name} {
		if err := d.root.Remove(n); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unavailable(err)
		}
	}
	return nil
}

// Ping implements Store: a directory is of use only if it takes a file.
func (d *Dir) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	name := path.Join(incoming, rand.Text())
	if err := d.root.WriteFile(name, nil, 0o600); err != nil {
		return unavailable(err)
	}
	if err := d.root.Remove(name); err != nil {
		return unavailable(err)
	}
	return nil
}

func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return notFound()
	}
	return unavailable(err)
}

var _ Store = (*Dir)(nil)
