package edge

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
	"gongji/app/party"
)

type requestKey struct{}

// around runs every request that reaches the router: it makes the Request,
// catches errors and panics of whatever comes inside, and leaves the
// connection fit for the next request.
func (s *Server) around(c *fiber.Ctx) error {
	r := newRequest(s, c)
	c.Locals(requestKey{}, r)
	s.secureHeaders(c)
	c.Set(fiber.HeaderXRequestID, r.id)
	err := s.guard(c.Next)
	if err != nil {
		s.answerError(r, err)
	}
	if !r.body.finished() {
		c.Context().SetConnectionClose()
		lingerLater(c)
	}
	if !c.Response().IsBodyStream() {
		r.ctx.stop()
	}
	s.observe(r)
	return nil
}

type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return "panic" }

// guard turns a panic into an error. Only the panic's type is kept, and its
// text where the runtime wrote it: another value may hold a person's data.
func (s *Server) guard(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v, debug.Stack()}
		}
	}()
	return fn()
}

func (p *panicked) describe() string {
	if e, ok := p.value.(runtime.Error); ok {
		return e.Error()
	}
	return "a value of another kind; its text is withheld"
}

// enter is the way into one route: deadline, who, how often, gate, own page,
// then the handler.
func (s *Server) enter(rt *Route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		r, ok := c.Locals(requestKey{}).(*Request)
		if !ok {
			return errors.New("edge: no request")
		}
		r.route = rt
		r.body.limit = rt.limit()
		if rt.Timeout > 0 {
			r.ctx.extend(rt.Timeout)
		}
		if err := s.admit(r); err != nil {
			return err
		}
		resp, err := s.answer(r)
		if err != nil {
			return err
		}
		return s.write(r, resp)
	}
}

func (s *Server) admit(r *Request) error {
	if err := s.resolve(r); err != nil {
		return err
	}
	if err := s.limiter.allow(r); err != nil {
		return err
	}
	if err := s.checkGate(r); err != nil {
		return err
	}
	return r.checkOrigin()
}

func (s *Server) checkGate(r *Request) error {
	may := s.gates[r.route.Gate]
	for _, rel := range r.actor.Relations() {
		if may[rel] {
			return nil
		}
	}
	if !r.actor.SignedIn() {
		return fault.New(fault.Unauthenticated, "请先登录，再进行这项操作")
	}
	return fault.New(fault.Forbidden, "您现在的身份不能进行这项操作。如果您属于多个组织，请切换组织后再试")
}

// resolve finds the actor once. An unknown cookie is a visitor; an unknown
// token is refused, since a program should not go on as nobody.
func (s *Server) resolve(r *Request) error {
	if r.resolved {
		return nil
	}
	r.resolved = true
	if isAPI(r.path) {
		if token, ok := bearerOf(r); ok {
			return s.resolveToken(r, token)
		}
		if !r.safe() {
			return nil
		}
	}
	value := r.Session()
	if value == "" || s.cfg.Sessions == nil {
		return nil
	}
	who, err := s.cfg.Sessions.Resolve(r.ctx, value)
	if err != nil && !fault.Is(err, fault.Unauthenticated) {
		return err
	}
	if err == nil {
		r.actor = who
	}
	return nil
}

func (s *Server) resolveToken(r *Request, token string) error {
	refused := fault.New(fault.Unauthenticated, "访问令牌无效或已过期，请重新生成")
	if s.cfg.Tokens == nil || token == "" {
		return refused
	}
	who, err := s.cfg.Tokens.Resolve(r.ctx, token)
	switch {
	case fault.Is(err, fault.Unauthenticated):
		return refused
	case err != nil:
		return err
	case !who.SignedIn():
		return refused
	}
	r.actor, r.bearer = who, true
	return nil
}

// resolveQuietly lets an error page know who looks at it.
func (s *Server) resolveQuietly(r *Request) {
	if err := s.resolve(r); err != nil {
		r.actor = party.Actor{}
	}
}

// overdue reports whether an error came of the deadline.
func overdue(r *Request, err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(r.ctx.Err(), context.DeadlineExceeded)
}
