package edge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/netip"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"gongji/app/kernel/fault"
)

// meter counts by the route's pattern, so that no figure tells about one
// tender, fund or person.
type meter struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	gatherer prometheus.Gatherer
}

func newMeter(reg prometheus.Registerer) (*meter, error) {
	m := &meter{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gongji_http_requests_total",
			Help: "Requests answered, by route pattern and status."}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "gongji_http_request_seconds",
			Help: "Time until the answer was ready, by route pattern.", Buckets: prometheus.DefBuckets}, []string{"method", "route"}),
	}
	if reg == nil {
		return m, nil
	}
	if g, ok := reg.(prometheus.Gatherer); ok {
		m.gatherer = g
	}
	return m, errors.Join(reg.Register(m.requests), reg.Register(m.seconds))
}

// hush stands for the method and the pattern of a quiet route.
const hush = "quiet"

// observe writes the access line and the figures. No path, query, address or
// name goes in: the route's pattern and a hash of the account do. A quiet
// route leaves neither: even a figure without a name would grow with each bid
// that comes. Where one fails for a reason of ours, that it did is said and
// not where.
func (s *Server) observe(r *Request) {
	quiet := r.route != nil && r.route.Quiet
	if quiet && r.c.Response().StatusCode() < 500 {
		return
	}
	took := time.Since(r.began)
	status := r.c.Response().StatusCode()
	route := r.Pattern()
	if route == "" {
		route = "none"
	}
	method := r.method
	if quiet {
		route, method = hush, hush
	}
	s.meter.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	s.meter.seconds.WithLabelValues(method, route).Observe(took.Seconds())
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("route", route), slog.Int("status", status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("request_id", r.id),
	}
	if r.actor.SignedIn() && !quiet {
		sum := sha256.Sum256([]byte(r.actor.Account))
		attrs = append(attrs, slog.String("account", hex.EncodeToString(sum[:6])))
	}
	s.cfg.Log.LogAttrs(context.Background(), slog.LevelInfo, "request", attrs...)
}

// report logs the inside of a failure of ours.
func (s *Server) report(r *Request, f Failure, err error) {
	if f.Status < 500 {
		return
	}
	method, route := r.method, r.Pattern()
	if r.route != nil && r.route.Quiet {
		method, route = hush, hush
	}
	attrs := []slog.Attr{slog.String("request_id", r.id), slog.String("method", method), slog.String("route", route)}
	var p *panicked
	if errors.As(err, &p) {
		attrs = append(attrs, slog.String("panic", p.describe()), slog.String("stack", string(p.stack)))
	} else {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	s.cfg.Log.LogAttrs(context.Background(), slog.LevelError, "failed", attrs...)
}

// mountOwn serves what belongs to the machine and not to the product.
func (s *Server) mountOwn(app *fiber.App) {
	own := func(path string, h Handler) {
		rt := &Route{Method: fiber.MethodGet, Path: path, Handle: h}
		fh := func(c *fiber.Ctx) error {
			r, ok := c.Locals(requestKey{}).(*Request)
			if !ok {
				return fiber.ErrNotFound
			}
			r.route = rt
			resp, err := h(r)
			if err != nil {
				return err
			}
			return s.write(r, resp)
		}
		app.Add(fiber.MethodHead, path, fh)
		app.Add(fiber.MethodGet, path, fh)
	}
	own("/healthz", func(*Request) (Response, error) { return Text(200, "ok\n"), nil })
	own("/readyz", s.readyz)
	own("/metrics", s.metrics)
	own("/static/*", s.serveStatic)
}

// readyz says whether requests should be sent here; why not is in the log.
func (s *Server) readyz(r *Request) (Response, error) {
	if s.closed.Load() {
		return Text(503, "closing\n"), nil
	}
	if s.cfg.Ready != nil {
		if err := s.cfg.Ready(r.ctx); err != nil {
			s.cfg.Log.Error("not ready", "request_id", r.id, "error", err.Error())
			return Text(503, "not ready\n"), nil
		}
	}
	return Text(200, "ready\n"), nil
}

// metrics answers loopback only unless configured, and never through a proxy
// that would make everybody look like loopback.
func (s *Server) metrics(r *Request) (Response, error) {
	gone := fault.New(fault.NotFound, "没有找到您要看的页面")
	if s.meter.gatherer == nil {
		return Response{}, gone
	}
	if !s.cfg.MetricsPublic {
		addr, err := netip.ParseAddr(r.c.Context().RemoteIP().String())
		if err != nil || !addr.Unmap().IsLoopback() || r.proxied() {
			return Response{}, gone
		}
	}
	families, err := s.meter.gatherer.Gather()
	if err != nil {
		return Response{}, err
	}
	var buf bytes.Buffer
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	enc := expfmt.NewEncoder(&buf, format)
	for _, mf := range families {
		if err := enc.Encode(mf); err != nil {
			return Response{}, err
		}
	}
	return Bytes(200, string(format), buf.Bytes()), nil
}

func (r *Request) proxied() bool {
	for _, h := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-Forwarded-Host", "Via"} {
		if r.c.Get(h) != "" {
			return true
		}
	}
	return false
}
