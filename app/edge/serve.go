package edge

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	headerTimeout = 20 * time.Second // for headers and an ordinary body
	idleTimeout   = 75 * time.Second // between the requests of a connection
	headerLimit   = 16 << 10
)

func newApp(s *Server) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:                      "gongji",
		DisableStartupMessage:        true,
		Immutable:                    true,
		CaseSensitive:                true,
		BodyLimit:                    1<<31 - 1, // each route has its own; the body is streamed
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true,
		ReadBufferSize:               headerLimit,
		ReadTimeout:                  headerTimeout,
		IdleTimeout:                  idleTimeout,
		ErrorHandler:                 s.refuse,
	})
	app.Use(s.around)
	s.mountOwn(app)
	return app
}

// start puts our own hands around fasthttp's: once, after the routes.
func (s *Server) start() {
	s.ready.Do(func() {
		inner := s.app.Handler()
		srv := s.app.Server()
		srv.CloseOnShutdown = true
		srv.HeaderReceived = patience
		srv.Handler = func(fc *fasthttp.RequestCtx) {
			switch string(fc.Method()) {
			case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodPut, fiber.MethodPatch,
				fiber.MethodDelete, fiber.MethodOptions, fiber.MethodConnect, fiber.MethodTrace:
				inner(fc)
			default: // fiber would answer these without our headers
				c := s.app.AcquireCtx(fc)
				defer s.app.ReleaseCtx(c)
				_ = s.refuse(c, fiber.ErrMethodNotAllowed)
				fc.SetConnectionClose()
			}
		}
	})
}

// patience gives a large body the time a slow line needs (100 KB/s, at most
// half an hour) and leaves everything else the short timeout.
func patience(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	const most = 30 * time.Minute
	n := h.ContentLength()
	switch {
	case n == -1:
		return fasthttp.RequestConfig{ReadTimeout: most / 3}
	case n > FormLimit:
		return fasthttp.RequestConfig{ReadTimeout: min(most, headerTimeout+time.Duration(n/(100<<10))*time.Second)}
	}
	return fasthttp.RequestConfig{ReadTimeout: headerTimeout}
}

// refuse answers what never reached the router: broken headers, a request
// that came too slowly, a method nobody knows.
func (s *Server) refuse(c *fiber.Ctx, err error) error {
	r, ok := c.Locals(requestKey{}).(*Request)
	if !ok {
		r = newRequest(s, c)
	}
	defer r.ctx.stop()
	s.secureHeaders(c)
	c.Set(fiber.HeaderXRequestID, r.id)
	s.answerError(r, err)
	s.observe(r)
	return nil
}

// Serve answers requests on ln until Shutdown; it returns nil after one.
func (s *Server) Serve(ln net.Listener) error {
	if s.closed.Load() {
		return ln.Close()
	}
	s.start()
	err := s.app.Listener(&patientListener{ln})
	if s.closed.Load() {
		return nil
	}
	return err
}

// Shutdown stops taking connections, ends event streams, and waits for the
// requests under way, at most until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	s.closed.Store(true)
	s.close()
	return s.app.ShutdownWithContext(ctx)
}

// Test answers one request without a socket, however long it takes.
func (s *Server) Test(req *http.Request) (*http.Response, error) {
	s.start()
	return s.app.Test(req, -1)
}
