package edge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
)

const htmlKind = "text/html; charset=utf-8"

// bake turns a page or a value into bytes; a response with bytes or a stream
// passes through.
func (s *Server) bake(r *Request, p Response) (Response, error) {
	switch {
	case p.json:
		data, err := json.Marshal(p.value)
		if err != nil {
			return p, fmt.Errorf("edge: encode %T: %w", p.value, err)
		}
		p.body, p.json = append(data, '\n'), false
		if p.kind == "" {
			p.kind = "application/json; charset=utf-8"
		}
	case p.name != "":
		if s.cfg.Renderer == nil {
			return p, errors.New("edge: no renderer")
		}
		s.frame(r, p.page)
		var buf bytes.Buffer
		if err := s.cfg.Renderer.Render(&buf, p.name, p.page); err != nil {
			return p, fmt.Errorf("edge: render %s: %w", p.name, err)
		}
		if r.Cookie(flashCookie) != "" {
			p = p.Cookie(flashCookie, "", -1)
		}
		p.body, p.kind, p.name = buf.Bytes(), htmlKind, ""
	}
	return p, nil
}

// write sends a response. On an error nothing has been sent.
func (s *Server) write(r *Request, p Response) error {
	p, err := s.bake(r, p)
	if err != nil {
		if p.stream != nil {
			p.stream.Close()
		}
		return err
	}
	c := r.c
	if p.status == 0 {
		p.status = fiber.StatusNoContent
	}
	c.Status(p.status)
	for _, h := range p.headers {
		c.Set(h.Name, h.Value)
	}
	for _, k := range p.cookies {
		s.setCookie(c, k)
	}
	if p.kind != "" {
		c.Set(fiber.HeaderContentType, p.kind)
	}
	switch {
	case p.stream != nil:
		c.Set(fiber.HeaderCacheControl, "private, no-store")
		r.ctx.extend(StreamTimeout)
		c.Context().SetBodyStream(&finishing{p.stream, r.ctx}, int(max(p.size, -1)))
	case p.events != nil:
		s.writeEvents(r, p)
	default:
		if s.cache(r, p) {
			return nil
		}
		s.writeBody(r, p)
	}
	return nil
}

// cache sets what may be kept and reports whether the client has it already.
func (s *Server) cache(r *Request, p Response) bool {
	c := r.c
	shared := p.shared && !r.actor.SignedIn() && len(p.cookies) == 0 && r.safe() && p.status == 200
	if !shared {
		if len(c.Response().Header.Peek(fiber.HeaderCacheControl)) == 0 {
			c.Set(fiber.HeaderCacheControl, "private, no-store")
		}
		return false
	}
	if p.public > 0 {
		c.Set(fiber.HeaderCacheControl, "public, max-age="+strconv.Itoa(int(p.public.Seconds())))
	} else {
		c.Set(fiber.HeaderCacheControl, "public, no-cache")
	}
	c.Append(fiber.HeaderVary, fiber.HeaderCookie)
	var tag string
	if p.kept != nil {
		tag = p.kept.tag
	} else {
		tag = tagOf(p.body)
	}
	c.Set(fiber.HeaderETag, tag)
	if !etagMatches(c.Get(fiber.HeaderIfNoneMatch), tag) {
		return false
	}
	c.Status(fiber.StatusNotModified)
	c.Response().ResetBody()
	return true
}

func etagMatches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// finishing ends the request's context when a stream has been sent.
type finishing struct {
	io.ReadCloser
	ctx *deadline
}

// Read turns a panic of the source into an error: it runs after the handler,
// where a panic would end the program.
func (f *finishing) Read(p []byte) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			n, err = 0, errors.New("edge: the stream's source panicked")
		}
	}()
	return f.ReadCloser.Read(p)
}

func (f *finishing) Close() error {
	err := f.ReadCloser.Close()
	f.ctx.stop()
	return err
}

// answerError writes what an error means, as a page or as a problem.
func (s *Server) answerError(r *Request, err error) {
	if fault.KindOf(err) == fault.Unknown && statusOf(err) == 0 && overdue(r, err) {
		err = fault.Wrap(fault.Unavailable, err, "处理时间过长，已经停止。请稍后再试")
	}
	f := failureOf(err)
	f.RequestID = r.id
	s.report(r, f, err)
	c := r.c
	c.Response().ResetBody()
	c.Response().Header.Del(fiber.HeaderETag)
	c.Response().Header.Del(fiber.HeaderContentDisposition)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	if f.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	if r.API() || strings.Contains(c.Get(fiber.HeaderAccept), problemKind) { // our pages' scripts ask for it by name
		if r.API() && f.Status == fiber.StatusUnauthorized {
			c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="gongji"`)
		}
		p := JSON(f.Status, f.problem(r.path))
		p.kind = problemKind
		if s.write(r, p) == nil {
			return
		}
	} else if s.guard(func() error { return s.write(r, s.failurePage(r, f, err)) }) == nil {
		return
	}
	c.Status(f.Status)
	c.Set(fiber.HeaderContentType, htmlKind)
	c.Response().SetBodyRaw(barePage(f.Title, f.Message, f.RequestID, f.Article))
}
