package edge

import (
	"context"
	"io"
	"mime"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Response is what a handler answers. The zero Response is an empty 204. Its
// methods return a changed copy, so they chain.
type Response struct {
	status  int
	name    string // template, when page is set
	page    any
	value   any // JSON, when json
	json    bool
	body    []byte
	kind    string // Content-Type
	stream  io.ReadCloser
	size    int64
	events  func(ctx context.Context, send func(event, data string) error) error
	headers []Pair
	cookies []cookie
	shared  bool
	public  time.Duration // only when shared; 0 is no-cache
	baked   bool          // compressed already, or not to be
	kept    *shelved
}

// HTML renders a page of the template set. The page is decorated and rendered
// to memory first, so a template that fails sends no half page.
func HTML(status int, name string, page any) Response {
	return Response{status: status, name: name, page: page}
}

// JSON answers a value.
func JSON(status int, v any) Response { return Response{status: status, json: true, value: v} }

// Text answers plain text.
func Text(status int, s string) Response {
	return Response{status: status, body: []byte(s), kind: "text/plain; charset=utf-8"}
}

// Bytes answers bytes of a content type as they are.
func Bytes(status int, kind string, b []byte) Response {
	return Response{status: status, body: b, kind: kind}
}

// NoContent answers 204.
func NoContent() Response { return Response{status: 204} }

// Redirect sends the browser to a path of ours with 303, so that a reload
// does not send the form again. Anything that is not a local path goes to "/".
func Redirect(path string) Response {
	if !LocalPath(path) {
		path = "/"
	}
	return Response{status: 303}.Header("Location", path)
}

// File answers bytes under a file name. See Stream.
func File(name, kind string, b []byte, inline bool) Response {
	return Response{status: 200, body: b, kind: safeKind(kind)}.Header("Content-Disposition", disposition(name, inlineKind(kind, inline)))
}

// Stream answers a file as it is read; body is closed whatever happens, and
// the request's context stays alive until then (at most StreamTimeout). size
// is in bytes, -1 when unknown. Inline is granted only to kinds that cannot
// run: PDF, raster images, plain text; others are downloads.
func Stream(name, kind string, size int64, body io.ReadCloser, inline bool) Response {
	return Response{status: 200, stream: body, size: size, kind: safeKind(kind)}.Header("Content-Disposition", disposition(name, inlineKind(kind, inline)))
}

// StreamTimeout is how long a download may take.
const StreamTimeout = 30 * time.Minute

// SSE answers a stream of server-sent events until fn returns, the reader is
// gone (send fails) or the server shuts down (ctx ends).
func SSE(fn func(ctx context.Context, send func(event, data string) error) error) Response {
	return Response{status: 200, kind: "text/event-stream", events: fn}
}

// Status changes the status.
func (p Response) Status(status int) Response {
	p.status = status
	return p
}

// Header adds a header.
func (p Response) Header(name, value string) Response {
	clean := strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, value)
	p.headers = append(p.headers[:len(p.headers):len(p.headers)], Pair{name, clean})
	return p
}

// Shared says that every visitor gets the same answer: it follows from the
// path, the query, what is stored and the clock alone, not from the client's
// address or headers. Edge then gives it to others until the next write, at
// most for ShelfLife, and browsers ask again with its ETag. It counts for
// visitors only: a page with a name on it is never shared. This is for every
// public page of a record.
func (p Response) Shared() Response {
	p.shared = true
	return p
}

// Public is Shared for what may be old: browsers and proxies keep it for
// maxAge without asking.
func (p Response) Public(maxAge time.Duration) Response {
	p.shared, p.public = true, maxAge
	return p
}

// LocalPath reports whether s is a path on this host, with or without a
// query: what may follow a redirect or a next= parameter.
func LocalPath(s string) bool {
	if s == "" || s[0] != '/' || len(s) > 2048 || strings.HasPrefix(s, "//") || strings.Contains(s, `\`) {
		return false
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil
}

func safeKind(kind string) string {
	if _, _, err := mime.ParseMediaType(kind); err != nil {
		return "application/octet-stream"
	}
	return kind
}

func inlineKind(kind string, asked bool) bool {
	base, _, _ := mime.ParseMediaType(kind)
	switch base {
	case "application/pdf", "image/png", "image/jpeg", "image/webp", "image/gif", "text/plain":
		return asked
	}
	return false
}

// disposition writes a file name twice (RFC 6266): in ASCII for old clients,
// in UTF-8 for the rest.
func disposition(name string, inline bool) string {
	how := "attachment"
	if inline {
		how = "inline"
	}
	name = baseName(name)
	if name == "" {
		return how
	}
	plain := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || strings.ContainsRune(`"\%;`, c) {
			return '_'
		}
		return c
	}, name)
	return how + `; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
