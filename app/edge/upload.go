package edge

import (
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
)

// Part is one part of an upload as it arrives. Reader is good until the
// callback returns. FileName is "" for an ordinary field; it is the last
// element of what the client sent, still only a label: never a path.
type Part struct {
	Field    string
	FileName string
	Type     string // as the client claims; look at the bytes instead
	Reader   io.Reader
}

// Text reads an ordinary field of at most 64 KiB.
func (p Part) Text() (string, error) {
	const most = 64 << 10
	data, err := io.ReadAll(io.LimitReader(p.Reader, most+1))
	if err != nil {
		return "", err
	}
	if len(data) > most || !goodText(string(data)) {
		return "", fault.New(fault.Invalid, "“%s”过长或含有无法保存的字符", p.Field)
	}
	return strings.TrimSpace(string(data)), nil
}

// Upload hands over the parts of a multipart body one after the other, or a
// raw body as a single part (its name from Content-Disposition). Nothing is
// kept in memory. The whole may be as large as the route's Limit: TooLarge
// beyond. A cookie's owner must send the CSRF token in X-CSRF-Token, or as
// the form's first field. The first error of fn, or of the body, ends it.
func (r *Request) Upload(fn func(Part) error) error {
	kind, params, _ := mime.ParseMediaType(r.c.Get(fiber.HeaderContentType))
	if kind != "multipart/form-data" {
		if err := r.checkToken(""); err != nil {
			return err
		}
		_, disp, _ := mime.ParseMediaType(r.c.Get(fiber.HeaderContentDisposition))
		watched := &watchedReader{Reader: r.body}
		err := fn(Part{FileName: baseName(disp["filename"]), Type: strings.Clone(kind), Reader: watched})
		if err != nil && watched.err != nil {
			return r.body.explain(watched.err)
		}
		return err
	}
	mr := multipart.NewReader(r.body, strings.Clone(params["boundary"]))
	for {
		part, err := mr.NextRawPart()
		if err == io.EOF {
			return r.checkToken("")
		}
		if err != nil {
			return r.body.explain(err)
		}
		p := Part{Field: part.FormName(), FileName: baseName(rawFileName(part)), Type: part.Header.Get("Content-Type"), Reader: part}
		if p.Field == csrfField && p.FileName == "" {
			token, err := p.Text()
			if err != nil {
				return r.body.explain(err)
			}
			if err := r.checkToken(token); err != nil {
				return err
			}
			continue
		}
		if err := r.checkToken(""); err != nil {
			return err
		}
		watched := &watchedReader{Reader: part}
		p.Reader = watched
		if err := fn(p); err != nil {
			if watched.err != nil {
				return r.body.explain(watched.err)
			}
			return err
		}
	}
}

// watchedReader remembers that a part broke off: what the handler makes of
// that (a store's error, most likely) is not our failure but the body's.
type watchedReader struct {
	io.Reader
	err error
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// rawFileName reads the name before multipart cuts it at the last slash, so
// that baseName decides alone.
func rawFileName(p *multipart.Part) string {
	_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err != nil {
		return p.FileName()
	}
	return params["filename"]
}

// baseName is what follows the last slash of either kind, without control
// characters, at most 200 bytes.
func baseName(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
			return -1
		}
		return c
	}, name))
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[len(name)-200:], "")
	}
	if name == "." || name == ".." {
		return ""
	}
	return name
}
