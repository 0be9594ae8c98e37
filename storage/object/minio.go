package object

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"gongji/app/kernel/fault"
)

const (
	dialTimeout = 2 * time.Second
	// answerTimeout is how long a request without a body of its own may wait
	// for its answer, retries included.
	answerTimeout = 5 * time.Second
	// attempts bounds the client's retries; its default of ten keeps a page
	// waiting for six seconds on a server that is not there.
	attempts = 3
	// hashField is the user metadata field that holds the SHA-256.
	hashField = "Sha256"
)

// MinIOConfig says where a MinIO server is.
type MinIOConfig struct {
	Endpoint  string // host:port
	AccessKey string
	SecretKey string
	Bucket    string // made where it is missing
	TLS       bool
	// Spool is a directory on a disk for uploads on their way; empty means
	// the system's directory for temporary files.
	Spool string
}

// MinIO keeps objects in one bucket of a MinIO server. Any S3 server will do
// that honours If-None-Match on PutObject; write-once stands on it.
type MinIO struct {
	core   minio.Core
	bucket string
	spool  string
}

// OpenMinIO reaches the server and makes the bucket where it is missing.
// fault.Invalid means the configuration cannot be right; fault.Unavailable
// that the server did not answer or refused the keys.
func OpenMinIO(ctx context.Context, c MinIOConfig) (*MinIO, error) {
	transport, err := minio.DefaultTransport(c.TLS)
	if err != nil {
		return nil, unavailable(err)
	}
	transport.DialContext = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	client, err := minio.New(c.Endpoint, &minio.Options{
		Creds:     credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure:    c.TLS,
		Transport: transport,
		// Naming the region saves asking for it before the first request.
		Region:     "us-east-1",
		MaxRetries: attempts,
	})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "对象存储地址写得不对，应为 主机:端口")
	}
	m := &MinIO{core: minio.Core{Client: client}, bucket: c.Bucket, spool: c.Spool}
	if err := m.makeBucket(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *MinIO) makeBucket(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	ok, err := m.core.BucketExists(ctx, m.bucket)
	if err != nil || ok {
		return m.fault(ctx, err)
	}
	err = m.core.MakeBucket(ctx, m.bucket, minio.MakeBucketOptions{})
	// Another replica may have started in the same moment.
	if c := code(err); c == minio.BucketAlreadyOwnedByYou || c == minio.BucketAlreadyExists {
		return nil
	}
	return m.fault(ctx, err)
}

// Open implements Store.
func (m *MinIO) Open(ctx context.Context, key string) (io.ReadCloser, Info, error) {
	return m.get(ctx, key, "")
}

// OpenRange implements Store.
func (m *MinIO) OpenRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, Info, error) {
	if err := checkKey(key); err != nil {
		return nil, Info{}, err
	}
	if offset < 0 || length == 0 {
		// The key's absence is the more telling answer, as in Dir.
		if _, err := m.Stat(ctx, key); err != nil {
			return nil, Info{}, err
		}
		return nil, Info{}, badRange()
	}
	end := ""
	if length > 0 {
		// An end past 2^63 would turn negative; the object ends before.
		if last := offset + length - 1; last >= offset {
			end = strconv.FormatInt(last, 10)
		}
	}
	return m.get(ctx, key, fmt.Sprintf("bytes=%d-%s", offset, end))
}

// get asks with Core.GetObject, which waits for the answer's header; the
// client's own GetObject would report a missing key at the first read only.
func (m *MinIO) get(ctx context.Context, key, byteRange string) (io.ReadCloser, Info, error) {
	if err := checkKey(key); err != nil {
		return nil, Info{}, err
	}
	var opts minio.GetObjectOptions
	if byteRange != "" {
		opts.Set("Range", byteRange)
	}
	// The deadline is on the answer, not on the body: how long a large object
	// may take is the caller's affair.
	ctx, cancel := context.WithCancel(ctx)
	timer := time.AfterFunc(answerTimeout, cancel)
	body, o, header, err := m.core.GetObject(ctx, m.bucket, key, opts)
	timer.Stop()
	if err != nil {
		err = m.fault(ctx, err)
		cancel()
		return nil, Info{}, err
	}
	rc := &answer{ReadCloser: body, cancel: cancel}
	size := o.Size
	if _, total, ok := strings.Cut(header.Get("Content-Range"), "/"); ok {
		if size, err = strconv.ParseInt(total, 10, 64); err != nil {
			return nil, Info{}, unavailable(errors.Join(err, rc.Close()))
		}
	}
	info, err := m.info(ctx, key, size, o)
	if err != nil {
		return nil, Info{}, errors.Join(err, rc.Close())
	}
	return rc, info, nil
}

type answer struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (a *answer) Close() error {
	err := a.ReadCloser.Close()
	a.cancel()
	return err
}

// Stat implements Store.
func (m *MinIO) Stat(ctx context.Context, key string) (Info, error) {
	if err := checkKey(key); err != nil {
		return Info{}, err
	}
	asking, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	o, err := m.core.StatObject(asking, m.bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return Info{}, m.fault(asking, err)
	}
	return m.info(ctx, key, o.Size, o)
}

// info is what the server says about an object. One that another tool brought
// here carries no hash; it is read through.
func (m *MinIO) info(ctx context.Context, key string, size int64, o minio.ObjectInfo) (Info, error) {
	info := Info{Size: size, SHA256: o.UserMetadata[hashField], ContentType: cmp.Or(o.ContentType, octetStream)}
	if info.SHA256 != "" {
		return info, nil
	}
	body, _, _, err := m.core.GetObject(ctx, m.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return Info{}, m.fault(ctx, err)
	}
	h := sha256.New()
	_, err = io.Copy(h, body)
	if err = errors.Join(err, body.Close()); err != nil {
		return Info{}, m.fault(ctx, err)
	}
	info.SHA256 = hex.EncodeToString(h.Sum(nil))
	return info, nil
}

// Delete implements Store.
func (m *MinIO) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	err := m.core.RemoveObject(ctx, m.bucket, key, minio.RemoveObjectOptions{})
	if code(err) == minio.NoSuchKey {
		return nil
	}
	return m.fault(ctx, err)
}

// List implements Store.
func (m *MinIO) List(ctx context.Context, prefix, after string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if err := cmp.Or(checkPrefix(prefix), checkPrefix(after)); err != nil {
			yield(Entry{}, err)
			return
		}
		opts := minio.ListObjectsOptions{Prefix: prefix, StartAfter: after, Recursive: true}
		for o := range m.core.ListObjectsIter(ctx, m.bucket, opts) {
			if o.Err != nil {
				yield(Entry{}, m.fault(ctx, o.Err))
				return
			}
			if !yield(Entry{Key: o.Key, Size: o.Size, Stored: o.LastModified.UTC()}, nil) {
				return
			}
		}
		// A listing that a cancelled context cut short must not look complete.
		if err := ctx.Err(); err != nil {
			yield(Entry{}, unavailable(err))
		}
	}
}

// Ping implements Store.
func (m *MinIO) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	ok, err := m.core.BucketExists(ctx, m.bucket)
	if err == nil && !ok {
		err = errors.New("the bucket is gone")
	}
	return m.fault(ctx, err)
}

func code(err error) string {
	var r minio.ErrorResponse
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

func (m *MinIO) fault(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var r minio.ErrorResponse
	if errors.As(err, &r) {
		switch {
		case r.Code == minio.NoSuchKey:
			return notFound()
		case r.Code == minio.InvalidRange || r.StatusCode == http.StatusRequestedRangeNotSatisfiable:
			return badRange()
		}
	}
	// The caller's going away explains more than what it broke.
	return unavailable(cmp.Or(ctx.Err(), err))
}

var _ Store = (*MinIO)(nil)
