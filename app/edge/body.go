package edge

import (
	"errors"
	"io"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
)

// body reads the request's body as it arrives. It keeps the count that the
// limit is held against and remembers how reading ended, because fasthttp
// leaves what was not read on the connection, where the next request would
// be read from it.
type body struct {
	src    io.Reader // nil when there is none
	size   int64     // as declared; -1 when chunked
	limit  int64
	n      int64
	err    error // sticky; io.EOF when all has been read
	over   bool  // the limit was passed
	hidden bool  // a body that fasthttp does not hand out (GET with one)
}

func newBody(c *fiber.Ctx) *body {
	b := &body{src: c.Context().RequestBodyStream(), size: int64(c.Request().Header.ContentLength()), limit: FormLimit}
	if b.src == nil || c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
		cl := string(c.Request().Header.Peek(fiber.HeaderContentLength))
		b.hidden = cl != "" && cl != "0" || len(c.Request().Header.Peek(fiber.HeaderTransferEncoding)) > 0
		b.src, b.err, b.size = nil, io.EOF, 0
	}
	return b
}

// Read fails with TooLarge at the first byte over the limit.
func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.size > b.limit {
		b.over = true
		b.err = tooLarge(b.limit)
		return 0, b.err
	}
	n, err := b.src.Read(p)
	b.n += int64(n)
	if b.n > b.limit {
		b.over = true
		n -= int(b.n - b.limit)
		err = tooLarge(b.limit)
	}
	b.err = err
	return n, err
}

// all reads the whole body, at most the limit.
func (b *body) all() ([]byte, error) {
	data, err := io.ReadAll(b)
	return data, b.explain(err)
}

// explain turns what a parser says about a broken body into a fault; the
// limit is told even where the parser hid it.
func (b *body) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case b.over:
		return tooLarge(b.limit)
	case b.err != nil && !b.ended():
		return fault.Wrap(fault.Invalid, err, "内容没有收全，可能是网络中断，请重新提交")
	}
	var f *fault.Fault
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(fault.Invalid, err, "提交的内容格式不对，请重新提交")
}

// ended reports whether all was read. A wrapped EOF is a body cut short.
func (b *body) ended() bool {
	return b.err == io.EOF //nolint:errorlint // only the bare one is the end
}

// finished reports whether the connection stands at the start of the next
// request; what little is left is read to get there.
func (b *body) finished() bool {
	const little = 64 << 10
	if b.hidden {
		return false
	}
	if b.src == nil || b.ended() {
		return true
	}
	if b.err != nil && !b.over || b.size >= 0 && b.size-b.n > little {
		return false
	}
	buf := make([]byte, 4096)
	for read := 0; read < little; {
		n, err := b.src.Read(buf)
		read += n
		if err != nil {
			return err == io.EOF
		}
	}
	return false
}

func tooLarge(limit int64) *fault.Fault {
	if limit < 1<<20 {
		return fault.New(fault.TooLarge, "内容太大：最多 %d KB，请精简后再提交", limit>>10)
	}
	// An upload's limit has a MB of room for the form around the file; people
	// are told of the file.
	if limit > FormLimit {
		limit -= FormLimit
	}
	return fault.New(fault.TooLarge, "内容太大：最多 %d MB，请压缩或拆分后再提交；已填写的内容都还在", limit>>20)
}

// goodText reports whether s can be stored and shown: UTF-8 without NUL,
// which PostgreSQL refuses.
func goodText(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for i := range len(s) {
		if s[i] == 0 {
			return false
		}
	}
	return true
}
