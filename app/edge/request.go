package edge

import (
	"context"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// Request is one request. It lives until its handler returns; what it hands
// out (strings, forms, actors) may be kept for as long as one likes.
type Request struct {
	s        *Server
	c        *fiber.Ctx
	ctx      *deadline
	route    *Route // nil when nothing matched
	id       string
	method   string
	path     string
	began    time.Time
	actor    party.Actor
	resolved bool // the actor has been looked for
	bearer   bool // the actor came with a token, not a cookie
	body     *body
	form     *Form
	formErr  error
	token    bool // a CSRF token must still be found in the body
}

func newRequest(s *Server, c *fiber.Ctx) *Request {
	r := &Request{s: s, c: c, method: methodOf(c), path: cleanPath(c), began: time.Now()}
	r.id = s.requestID(c)
	r.ctx = newDeadline(DefaultTimeout)
	r.body = newBody(c)
	return r
}

// methodOf is the method, or OTHER: what a client makes up must not become a
// label in the figures.
func methodOf(c *fiber.Ctx) string {
	for _, m := range fiber.DefaultMethods {
		if c.Method() == m && m != "" {
			return m
		}
	}
	return "OTHER"
}

// cleanPath is the path as sent, still escaped, without the query.
func cleanPath(c *fiber.Ctx) string {
	p := strings.Clone(c.Path())
	if p == "" || p[0] != '/' {
		return "/"
	}
	return p
}

// Context ends at the route's deadline. A client that goes away cannot be
// noticed, so the deadline is all that stops abandoned work.
func (r *Request) Context() context.Context { return r.ctx }

// Actor is who asks; the zero Actor is a visitor.
func (r *Request) Actor() party.Actor { return r.actor }

// Become makes somebody the actor for the rest of this request: a page that
// answers a login is then shown to, and carries the token of, who has just
// signed in.
func (r *Request) Become(who party.Actor) { r.actor = who }

// Now is the injected clock's moment, UTC to the microsecond.
func (r *Request) Now() time.Time { return r.s.cfg.Clock.Now() }

// RequestID is the id that the log line, the error page and X-Request-Id share.
func (r *Request) RequestID() string { return r.id }

// Method is the HTTP method.
func (r *Request) Method() string { return r.method }

// Path is the path as it was asked for, without the query.
func (r *Request) Path() string { return r.path }

// Pattern is the route's path with its braces; "" when none matched.
func (r *Request) Pattern() string {
	if r.route == nil {
		return ""
	}
	return r.route.Path
}

// API reports whether errors are answered as problem+json.
func (r *Request) API() bool {
	return r.route != nil && r.route.API || isAPI(r.path)
}

// PublicURL is where the product is reached from outside, without a slash at
// the end; "" when not configured.
func (r *Request) PublicURL() string { return strings.TrimRight(r.s.cfg.PublicURL, "/") }

// Param is a path parameter, unescaped; "" when it is not in the path or is
// not valid text.
func (r *Request) Param(name string) string {
	v, err := url.PathUnescape(strings.Clone(r.c.Params(name)))
	if err != nil || !goodText(v) {
		return ""
	}
	return v
}

// ID is a path parameter that must be an identifier; anything else is
// NotFound, as no such thing can exist.
func (r *Request) ID(name string) (id.ID, error) {
	v := r.Param(name)
	if !id.Valid(v) {
		return "", fault.New(fault.NotFound, "没有找到您要看的内容")
	}
	return id.ID(v), nil
}

// QueryValues are the query's parameters; what is not valid text is left out.
func (r *Request) QueryValues() url.Values {
	vs, _ := url.ParseQuery(string(r.c.Request().URI().QueryString())) // keeps what could be read
	for k, list := range vs {
		kept := list[:0]
		for _, v := range list {
			if goodText(v) {
				kept = append(kept, v)
			}
		}
		if len(kept) == 0 || !goodText(k) {
			delete(vs, k)
			continue
		}
		vs[k] = kept
	}
	return vs
}

// Query is one parameter of the query; "" when absent.
func (r *Request) Query(name string) string { return r.QueryValues().Get(name) }

// Header is one header of the request; "" when absent.
func (r *Request) Header(name string) string { return strings.Clone(r.c.Get(name)) }

// UserAgent is the browser's name of itself, cut to 256 bytes.
func (r *Request) UserAgent() string {
	ua := strings.ToValidUTF8(r.Header(fiber.HeaderUserAgent), "")
	return strings.ToValidUTF8(ua[:min(len(ua), 256)], "")
}

// IP is where the client is: the socket's address, or the last one that the
// trusted proxy header names; of IPv6 only the /64, within which one household
// may take any address it likes. It is for rate limits, never for a log.
func (r *Request) IP() string {
	if h := r.s.cfg.TrustedProxyHeader; h != "" {
		list := strings.Split(r.c.Get(h), ",")
		if a, err := netip.ParseAddr(strings.TrimSpace(list[len(list)-1])); err == nil {
			return network(a)
		}
	}
	if a, ok := netip.AddrFromSlice(r.c.Context().RemoteIP()); ok {
		return network(a)
	}
	return "0.0.0.0"
}

// network is an IPv4 address, also one written as IPv6, or the /64 of an IPv6.
func network(a netip.Addr) string {
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.Masked().String()
}

// safe reports whether the method promises to change nothing.
func (r *Request) safe() bool {
	return r.method == fiber.MethodGet || r.method == fiber.MethodHead || r.method == fiber.MethodOptions
}
