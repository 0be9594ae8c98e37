// Package edge is the only door to HTTP and the only importer of fiber. It
// turns a request into a call of a Handler and what that returns into bytes:
// pages, JSON, files, streams, or an error in the one shape everybody knows.
//
// What a handler can rely on: every string it reads is its own copy, its
// context ends at a deadline, the actor has passed the route's gate, and a
// write that came with a cookie came from our own pages.
package edge

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// Handler answers one request: bind, call a service, return a page. An error
// that is a fault becomes its status and its message; any other becomes 500
// and goes to the log.
type Handler func(r *Request) (Response, error)

// At is a handler of what the address names: {id} must be an identifier.
func At(h func(*Request, id.ID) (Response, error)) Handler {
	return func(r *Request) (Response, error) {
		at, err := r.ID("id")
		if err != nil {
			return Response{}, err
		}
		return h(r, at)
	}
}

// Route is one method and path. Path uses braces ("/tenders/{id}"); literal
// segments win over braces whatever the order of registration. HEAD comes
// with GET.
type Route struct {
	Method string
	Path   string
	// Gate names a group in the policy: whoever has a relation that may
	// "enter" "route.<Gate>" may come in. A route without one is refused at
	// start.
	Gate   string
	Handle Handler
	// API makes errors problem+json; it is implied under /api/.
	API bool
	// Timeout ends the request's context; 0 is DefaultTimeout.
	Timeout time.Duration
	// Limit is the largest body in bytes; 0 is FormLimit. A route with more
	// than FormLimit is an upload: its body is read by Request.Upload only as
	// the handler asks for it.
	Limit int64
	// Quiet keeps the route out of the access log and of the figures at
	// /metrics: for what must not be counted from outside, such as bids before
	// the opening. A failure of ours is logged and counted, without the pattern.
	Quiet bool
	// Secret answers (a new token) are never kept under an Idempotency-Key.
	Secret bool
	// Doc describes the route in the OpenAPI document; API routes need one.
	Doc *Doc
}

// The limits every request has unless its route says otherwise.
const (
	DefaultTimeout = 10 * time.Second
	FormLimit      = 1 << 20 // bytes of a form or a JSON body
)

// Renderer renders the named page; templates.Set is one.
type Renderer interface {
	Render(w io.Writer, name string, page any) error
}

// Sessions finds who a session cookie belongs to. An unknown or expired value
// is fault.Unauthenticated, or the zero Actor.
type Sessions interface {
	Resolve(ctx context.Context, cookieValue string) (party.Actor, error)
}

// Tokens finds who an API token belongs to; its errors are those of Sessions.
type Tokens interface {
	Resolve(ctx context.Context, bearer string) (party.Actor, error)
}

// Config is what New needs. Routes, Can and Clock are required.
type Config struct {
	Routes []Route
	// Can asks the policy; edge asks it once per gate and relation, at start.
	Can      func(relation, object, action string) bool
	Sessions Sessions
	Tokens   Tokens
	Renderer Renderer
	// Decorate fills what edge does not know (navigation, words for roles,
	// the demo's banner) after edge has filled the rest of the page's Chrome.
	Decorate    func(r *Request, page any)
	Clock       clock.Clock
	Log         *slog.Logger
	Metrics     prometheus.Registerer // a *prometheus.Registry also serves /metrics
	Ready       func(ctx context.Context) error
	Idempotency Idempotency
	// Writes counts what this process wrote to the database; with it, public
	// answers are kept for other visitors until the next write (see
	// ShelfLife). nil keeps nothing.
	Writes    func() uint64
	Static    fs.FS  // served under /static/
	PublicURL string // "https://…" turns on Secure cookies and HSTS
	// TrustedProxyHeader ("X-Forwarded-For", "X-Real-IP") is believed for the
	// client's address; leave it empty when nothing stands in front.
	TrustedProxyHeader string
	// MetricsPublic serves /metrics to any address instead of loopback only.
	MetricsPublic bool
	Limits        Limits
	// LoginPath is where nobody is sent to become somebody: "/account/login".
	LoginPath string
	// LoginPaths are other routes that take guessable secrets; with LoginPath
	// they have the Login limit.
	LoginPaths []string
}

// Server serves the routes of one Config.
type Server struct {
	cfg     Config
	app     *fiber.App
	gates   map[string]map[string]bool // gate → relations that may enter
	public  *url.URL
	secure  bool
	limiter *limiter
	meter   *meter
	shelf   *shelf
	static  *static
	closing context.Context // ends when Shutdown begins: open streams stop
	close   context.CancelFunc
	closed  atomic.Bool
	ready   sync.Once
}

// New checks the routes against the policy and builds the server. It refuses
// a route without a gate, with a gate nobody can enter, without a handler, or
// that another route shadows.
func New(cfg Config) (*Server, error) {
	if cfg.Can == nil || cfg.Clock == nil {
		return nil, errors.New("edge: Can and Clock are required")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.LoginPath == "" {
		cfg.LoginPath = "/account/login"
	}
	public, err := url.Parse(cfg.PublicURL)
	if err != nil {
		return nil, errors.New("edge: PublicURL is not a URL")
	}
	s := &Server{cfg: cfg, public: public, secure: public.Scheme == "https"}
	s.closing, s.close = context.WithCancel(context.Background())
	if s.gates, err = readGates(cfg.Routes, cfg.Can); err != nil {
		return nil, err
	}
	s.limiter = newLimiter(cfg.Limits, cfg.Clock)
	s.shelf = newShelf(cfg.Writes)
	if s.meter, err = newMeter(cfg.Metrics); err != nil {
		return nil, err
	}
	if s.static, err = newStatic(cfg.Static); err != nil {
		return nil, err
	}
	s.app = newApp(s)
	if err := s.mount(cfg.Routes); err != nil {
		return nil, err
	}
	return s, nil
}
