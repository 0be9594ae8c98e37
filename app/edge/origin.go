package edge

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"mime"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
	"gongji/templates"
)

const csrfField = templates.CSRFField

// bearerOf reads an Authorization header; ok when there is one of the kind.
func bearerOf(r *Request) (string, bool) {
	kind, token, _ := strings.Cut(r.Header(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

// errForeign refuses a write that another site's page sent.
var errForeign = fault.New(fault.Forbidden, "这个请求不是从本站的页面发出的，没有执行。请从本站打开页面后重新操作")

// errStale refuses a write from one of our pages that a session which has
// ended (or another one) wrote.
var errStale = fault.New(fault.Forbidden, "页面已经过期，没有保存。请刷新页面后重新提交")

// checkOrigin guards writes against other sites. A token in a header needs no
// guard, since no browser sends it by itself. For a signed-in browser the
// session's own token is asked for as well: here where it can be had at once,
// else as soon as the body is read.
func (r *Request) checkOrigin() error {
	if r.safe() || r.bearer || isAPI(r.path) {
		return nil
	}
	if !r.sameOrigin() {
		return errForeign
	}
	if !r.actor.SignedIn() {
		return nil
	}
	r.token = true
	if r.Header("X-CSRF-Token") != "" {
		return r.checkToken("")
	}
	kind, _, _ := mime.ParseMediaType(r.c.Get(fiber.HeaderContentType))
	if r.route.streams() && kind == "multipart/form-data" {
		return nil // Upload looks for it before the first file
	}
	if kind != "multipart/form-data" && kind != "application/x-www-form-urlencoded" {
		return r.checkToken("")
	}
	_, err := r.Form()
	return err
}

// sameOrigin believes Sec-Fetch-Site, which pages cannot forge, then Origin.
// A client that sends neither is no browser and carries nobody's cookies
// unawares.
func (r *Request) sameOrigin() bool {
	switch r.c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	origin := r.Header(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	if u.Host == string(r.c.Request().Host()) {
		return true
	}
	pub := r.s.public
	return pub.Host != "" && u.Host == pub.Host && u.Scheme == pub.Scheme
}

// checkToken compares the token in the header, or else the one given from the
// body, with the session's. Once is enough.
func (r *Request) checkToken(fromBody string) error {
	if !r.token {
		return nil
	}
	got := r.Header("X-CSRF-Token")
	if got == "" {
		got = fromBody
	}
	want := r.actor.CSRF
	if want == "" || subtle.ConstantTimeCompare([]byte(unmask(got)), []byte(want)) != 1 {
		return errStale
	}
	r.token = false
	return nil
}

const maskPrefix = "m."

// CSRF is the token for a form's hidden field (templates.CSRFField) or X-CSRF-Token. It is written
// differently on every page, so that the length of a compressed page tells
// nothing about it (BREACH). "" when nobody is signed in.
func (r *Request) CSRF() string {
	plain := []byte(r.actor.CSRF)
	if len(plain) == 0 {
		return ""
	}
	out := make([]byte, 2*len(plain))
	pad := out[:len(plain)]
	_, _ = rand.Read(pad) // never fails since Go 1.24
	subtle.XORBytes(out[len(plain):], plain, pad)
	return maskPrefix + base64.RawURLEncoding.EncodeToString(out)
}

// unmask undoes CSRF; a token without a mask stays as it is.
func unmask(token string) string {
	coded, ok := strings.CutPrefix(token, maskPrefix)
	if !ok {
		return token
	}
	data, err := base64.RawURLEncoding.DecodeString(coded)
	if err != nil || len(data)%2 != 0 {
		return ""
	}
	plain := make([]byte, len(data)/2)
	subtle.XORBytes(plain, data[:len(plain)], data[len(plain):])
	return string(plain)
}
