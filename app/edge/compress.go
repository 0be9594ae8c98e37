package edge

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const worthCompressing = 1400 // bytes: less fits one packet anyway

// writeBody sends bytes, compressed when they are text and the client can
// read it. The levels are low: a page is made for one reader.
func (s *Server) writeBody(r *Request, p Response) {
	c := r.c
	if p.baked || !compressible(p.kind) || len(p.body) < worthCompressing {
		c.Response().SetBodyRaw(p.body)
		return
	}
	c.Append(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	switch encoding(c.Get(fiber.HeaderAcceptEncoding)) {
	case "br":
		c.Set(fiber.HeaderContentEncoding, "br")
		c.Response().SetBodyRaw(fasthttp.AppendBrotliBytesLevel(nil, p.body, 3))
	case "gzip":
		c.Set(fiber.HeaderContentEncoding, "gzip")
		c.Response().SetBodyRaw(fasthttp.AppendGzipBytesLevel(nil, p.body, 3))
	default:
		c.Response().SetBodyRaw(p.body)
	}
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
