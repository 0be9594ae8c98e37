package edge

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	worthCompressing = 1400 // bytes: less fits one packet anyway
	packLevel        = 3    // of brotli and gzip: a page is made for few readers
)

// writeBody sends bytes, compressed when they are text and the client can
// read it.
func (s *Server) writeBody(r *Request, p Response) {
	c := r.c
	if p.baked || !compressible(p.kind) || len(p.body) < worthCompressing {
		c.Response().SetBodyRaw(p.body)
		return
	}
	c.Append(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	how := encoding(c.Get(fiber.HeaderAcceptEncoding))
	switch {
	case how == "":
		c.Response().SetBodyRaw(p.body)
		return
	case p.kept != nil:
		c.Response().SetBodyRaw(p.kept.pack(how))
	case how == "br":
		c.Response().SetBodyRaw(fasthttp.AppendBrotliBytesLevel(nil, p.body, packLevel))
	default:
		c.Response().SetBodyRaw(fasthttp.AppendGzipBytesLevel(nil, p.body, packLevel))
	}
	c.Set(fiber.HeaderContentEncoding, how)
}

func compressible(kind string) bool {
	base, _, _ := strings.Cut(kind, ";")
	return strings.HasPrefix(base, "text/") || strings.HasSuffix(base, "json") || strings.HasSuffix(base, "xml") ||
		strings.HasSuffix(base, "javascript") || base == "application/wasm"
}

// encoding is the best of the two that the client takes; "" for neither.
func encoding(accept string) string {
	best := ""
	for one := range strings.SplitSeq(accept, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(one), ";")
		q = strings.ReplaceAll(q, " ", "")
		if q == "q=0" || strings.HasPrefix(q, "q=0.0") {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "br":
			return "br"
		case "gzip":
			best = "gzip"
		}
	}
	return best
}
