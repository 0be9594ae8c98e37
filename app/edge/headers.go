package edge

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/id"
)

// contentPolicy lets a page use what this host serves and nothing inline.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secureHeaders go on every answer, whatever it is.
func (s *Server) secureHeaders(c *fiber.Ctx) {
	h := &c.Response().Header
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// requestID takes the proxy's id where a proxy is trusted, else makes one.
func (s *Server) requestID(c *fiber.Ctx) string {
	if s.cfg.TrustedProxyHeader != "" {
		if got := c.Get(fiber.HeaderXRequestID); goodRequestID(got) {
			return string([]byte(got))
		}
	}
	return string(id.New(s.cfg.Clock.Now()))
}

func goodRequestID(s string) bool {
	if len(s) < 8 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func (s *Server) loginPath(next string) string {
	if !LocalPath(next) || next == "/" {
		return s.cfg.LoginPath
	}
	return s.cfg.LoginPath + "?next=" + url.QueryEscape(next)
}
