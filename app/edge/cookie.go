package edge

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"gongji/templates"
)

const (
	sessionCookie = "gongji_session"
	flashCookie   = "gongji_flash"
)

type cookie struct {
	name, value string
	age         time.Duration // 0: until the browser closes; negative: now
}

// Cookie sets a cookie of ours: HttpOnly, SameSite=Lax, whole site; over
// https also Secure and named with the __Host- prefix. age 0 lasts until the
// browser closes, negative removes it.
func (p Response) Cookie(name, value string, age time.Duration) Response {
	p.cookies = append(p.cookies[:len(p.cookies):len(p.cookies)], cookie{name, value, age})
	return p
}

// SignIn sets the session cookie that Sessions.Resolve will be asked about.
func (p Response) SignIn(value string, age time.Duration) Response {
	return p.Cookie(sessionCookie, value, age)
}

// SignOut removes the session cookie.
func (p Response) SignOut() Response { return p.Cookie(sessionCookie, "", -1) }

// Flash shows a sentence on the next page that is rendered. kind is one of
// templates.Flash: "ok", "info", "warn", "danger".
func (p Response) Flash(kind, sentence string) Response {
	return p.Cookie(flashCookie, kind+"."+url.QueryEscape(sentence), time.Minute)
}

// Cookie reads a cookie of ours; "" when absent.
func (r *Request) Cookie(name string) string {
	return strings.Clone(r.c.Cookies(r.s.cookieName(name)))
}

// Session is the session cookie's value; "" when absent.
func (r *Request) Session() string { return r.Cookie(sessionCookie) }

// Flash is what the last answer left for this page.
func (r *Request) Flash() []templates.Flash {
	kind, coded, ok := strings.Cut(r.Cookie(flashCookie), ".")
	text, err := url.QueryUnescape(coded)
	if !ok || err != nil || !goodText(text) || len(text) > 1000 {
		return nil
	}
	switch kind {
	case "ok", "info", "warn", "danger":
		return []templates.Flash{{Kind: kind, Text: text}}
	}
	return nil
}

func (s *Server) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

func (s *Server) setCookie(c *fiber.Ctx, k cookie) {
	fc := &fiber.Cookie{Name: s.cookieName(k.name), Value: k.value, Path: "/", HTTPOnly: true,
		Secure: s.secure, SameSite: fiber.CookieSameSiteLaxMode}
	switch {
	case k.age < 0:
		fc.Expires = time.Unix(0, 0)
	case k.age > 0:
		fc.MaxAge = int(k.age.Seconds())
	default:
		fc.SessionOnly = true
	}
	c.Cookie(fc)
}
