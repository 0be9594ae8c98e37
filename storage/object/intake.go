package object

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"mime"

	"gongji/app/kernel/fault"
)

const octetStream = "application/octet-stream"

// intake is an upload on its way in: counted, hashed, limited, and stopped
// when the caller goes away. It remembers its own failure, so that a broken
// upload is not taken for a broken store.
type intake struct {
	ctx         context.Context
	r           io.Reader
	declared    int64 // -1 unknown
	limit       int64
	contentType string

	hash hash.Hash
	n    int64
	err  error
}

func newIntake(ctx context.Context, r io.Reader, opt PutOptions) (*intake, error) {
	in := &intake{ctx: ctx, r: r, declared: opt.Size, limit: opt.Limit, contentType: octetStream, hash: sha256.New()}
	if in.limit == 0 {
		in.limit = DefaultLimit
	}
	if in.declared > in.limit {
		return nil, in.tooLarge()
	}
	if opt.ContentType != "" {
		mediaType, params, err := mime.ParseMediaType(opt.ContentType)
		if err == nil {
			in.contentType = mime.FormatMediaType(mediaType, params)
		}
		if err != nil || in.contentType == "" {
			return nil, fault.New(fault.Invalid, "文件类型写得不对，请重新选择文件")
		}
	}
	return in, nil
}

// Read implements io.Reader; the only error it returns besides io.EOF is a
// fault.
func (in *intake) Read(p []byte) (int, error) {
	if in.err != nil {
		return 0, in.err
	}
	if err := in.ctx.Err(); err != nil {
		return 0, in.fail(unavailable(err))
	}
	n, err := in.r.Read(p)
	in.n += int64(n)
	in.hash.Write(p[:n])
	switch {
	case in.n > in.limit:
		return 0, in.fail(in.tooLarge())
	case err == io.EOF && in.declared >= 0 && in.n != in.declared:
		return 0, in.fail(brokenOff(io.ErrUnexpectedEOF))
	case err == nil || err == io.EOF:
		return n, err
	case in.ctx.Err() != nil:
		return 0, in.fail(unavailable(in.ctx.Err()))
	default:
		return 0, in.fail(brokenOff(err))
	}
}

func (in *intake) fail(err error) error {
	in.err = err
	return err
}

func (in *intake) info() Info {
	return Info{Size: in.n, SHA256: hex.EncodeToString(in.hash.Sum(nil)), ContentType: in.contentType}
}

func (in *intake) tooLarge() error {
	if in.limit < 1<<20 {
		return fault.New(fault.TooLarge, "文件不能超过 %d 字节，请压缩或拆分后再上传", in.limit)
	}
	return fault.New(fault.TooLarge, "文件不能超过 %d MB，请压缩或拆分后再上传", in.limit>>20)
}

func brokenOff(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(fault.Invalid, err, "文件没有传完，请重新上传")
}

// same tells whether an object may stand for a Put of in: the bytes decide,
// the content type is only a label.
func same(kept, put Info) bool { return kept.Size == put.Size && kept.SHA256 == put.SHA256 }
