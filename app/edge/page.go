package edge

import (
	"errors"
	"html"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
	"gongji/templates"
)

// frame fills what edge knows of a page's Chrome, then lets the app add the
// rest. A token that the handler has set stays.
func (s *Server) frame(r *Request, page any) {
	if framed, ok := page.(templates.Framed); ok {
		c := framed.Frame()
		c.Path, c.Now, c.RequestID = r.path, r.Now(), r.id
		c.PublicURL = r.PublicURL()
		if c.CSRF == "" {
			c.CSRF = r.CSRF()
		}
		c.Flash = append(c.Flash, r.Flash()...)
		c.Actor = templates.Actor{Name: r.actor.Name, OrgName: r.actor.OrgName, SignedIn: r.actor.SignedIn()}
	}
	if s.cfg.Decorate != nil {
		s.cfg.Decorate(r, page)
	}
}

// failurePage chooses the page: login when nobody is signed in, the form once
// more when its page had grown stale, else the error page.
func (s *Server) failurePage(r *Request, f Failure, err error) Response {
	s.resolveQuietly(r)
	if f.Kind == fault.Unauthenticated {
		if r.safe() {
			return Redirect(s.loginPath(r.target()))
		}
		return HTML(f.Status, "account/login", loginPage(r.park(), f))
	}
	if errors.Is(err, errStale) && r.provenOwn() {
		return HTML(f.Status, "account/resume", ResumePage(r.park()))
	}
	return HTML(f.Status, "error", errorPage(f))
}

func loginPage(p Parked, f Failure) *templates.LoginPage {
	page := &templates.LoginPage{Next: "/"}
	page.Title = f.Title
	if coded := p.Encode(); coded != "" {
		page.Resume = []templates.Hidden{{Name: ResumeField, Value: coded}}
	}
	return page
}

// ResumePage shows a parked form again, to be sent on with one button. The
// login handler answers it after a login that carried ResumeField.
func ResumePage(p Parked) *templates.ResumePage {
	page := &templates.ResumePage{Action: p.Path}
	page.Title = "继续提交"
	for _, f := range p.Fields {
		page.Fields = append(page.Fields, templates.Hidden{Name: f.Name, Value: f.Value})
	}
	return page
}

func errorPage(f Failure) *templates.ErrorPage {
	text := f.Message
	for _, x := range f.Fields { // there is no form on this page to show them beside
		text += "\n" + x.Message
	}
	page := templates.NewErrorPage(f.Status, &fault.Fault{Kind: f.Kind, Message: text, Article: f.Article})
	if slices.Contains([]int{405, 408, 415, 431}, f.Status) { // statuses no fault has
		page.Heading, page.Title, page.Text = f.Title, f.Title, f.Message
		page.Steps = []templates.Crumb{{Label: "回到首页", Href: "/"}}
	}
	return page
}

// provenOwn reports whether a browser vouches that our own page sent this:
// only then is a stale form shown again, ready to be sent with a fresh token.
func (r *Request) provenOwn() bool {
	return r.c.Get("Sec-Fetch-Site") == "same-origin" || r.c.Get(fiber.HeaderOrigin) != "" && r.sameOrigin()
}

// barePage is what is left when even the error page fails.
func barePage(title, message, requestID, article string) []byte {
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>`)
	b.WriteString(html.EscapeString(title) + `</title><main><h1>` + html.EscapeString(title) + `</h1><p>` + html.EscapeString(message) + `</p>`)
	if article != "" {
		b.WriteString(`<p>` + html.EscapeString(article) + `</p>`)
	}
	b.WriteString(`<p>请求编号 ` + html.EscapeString(requestID) + `</p><p><a href="/">回到首页</a></p></main></html>`)
	return []byte(b.String())
}
