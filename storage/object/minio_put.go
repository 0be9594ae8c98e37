package object

import (
	"bytes"
	"context"
	"io"
	"os"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	// inMemory is what an upload may have before it is put by on disk: most
	// rendered PDFs stay under it.
	inMemory = 256 << 10
	// slowest is the worst rate, in bytes a second, at which the server may
	// take an upload before it counts as dead.
	slowest = 1 << 20
)

// Put implements Store. The upload is read to its end first, into memory when
// small and else into a temporary file, and only then sent, in one request
// that carries its hash. So a slow or broken upload never reaches the server,
// nothing half done is left there, the client can try again on its own, and
// the 528 MB it takes for a stream of unknown size are not taken.
func (m *MinIO) Put(ctx context.Context, key string, r io.Reader, opt PutOptions) (Info, error) {
	if err := checkKey(key); err != nil {
		return Info{}, err
	}
	in, err := newIntake(ctx, r, opt)
	if err != nil {
		return Info{}, err
	}
	body, done, err := spool(m.spool, in)
	if err != nil {
		return Info{}, err
	}
	defer done()
	info := in.info()

	sending, cancel := context.WithTimeout(ctx, answerTimeout+30*time.Second+time.Duration(info.Size/slowest)*time.Second)
	defer cancel()
	opts := minio.PutObjectOptions{
		ContentType:      info.ContentType,
		UserMetadata:     map[string]string{hashField: info.SHA256},
		DisableMultipart: true,
	}
	opts.SetMatchETagExcept("*")
	_, err = m.core.Client.PutObject(sending, m.bucket, key, body, info.Size, opts)
	if err == nil {
		return info, nil
	}
	switch code(err) {
	case minio.PreconditionFailed:
		// Also what a second try finds whose first one arrived after all.
		kept, err := m.Stat(ctx, key)
		switch {
		case err == nil && same(kept, info):
			return kept, nil
		case err == nil:
			return Info{}, taken()
		default:
			return Info{}, err
		}
	case "XMinioParentIsObject", "XMinioObjectExistsAsDirectory":
		return Info{}, taken()
	default:
		return Info{}, m.fault(sending, err)
	}
}

// spool reads an upload to its end and gives it back for reading more than
// once. Call done afterwards.
func spool(dir string, in *intake) (body io.Reader, done func(), err error) {
	var head bytes.Buffer
	_, err = io.CopyN(&head, in, inMemory)
	if in.err != nil {
		return nil, nil, in.err
	}
	if err != nil {
		return bytes.NewReader(head.Bytes()), func() {}, nil //nolint:nilerr // io.EOF is all that is left: a small one
	}
	f, err := os.CreateTemp(dir, "gongji-upload-*")
	if err != nil {
		return nil, nil, unavailable(err)
	}
	done = func() { _ = f.Close() }
	// Without a name the file goes with the process, however that ends.
	_ = os.Remove(f.Name())
	if _, err = f.Write(head.Bytes()); err == nil {
		_, err = io.Copy(f, in)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		done()
		if in.err != nil {
			return nil, nil, in.err
		}
		return nil, nil, unavailable(err)
	}
	return f, done, nil
}
