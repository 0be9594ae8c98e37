package walk

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"gongji/app/apptest"
)

// As hands the window to a person who is signed in already. A session that
// the test's clock has ended is opened anew. The page that was open stays.
func (w *Walker) As(p *apptest.Person) *Walker {
	w.t.Helper()
	name, value := p.Session()
	if value == "" {
		p.SignIn()
		name, value = p.Session()
	}
	w.who = p.Login
	return w.cookies(&network.CookieParam{Name: name, Value: value, URL: w.env.URL, Path: "/", HTTPOnly: true, SameSite: network.CookieSameSiteLax})
}

// Anyone hands the window to somebody who never signed in.
func (w *Walker) Anyone() *Walker {
	w.t.Helper()
	w.who = "anyone"
	return w.cookies()
}

func (w *Walker) cookies(own ...*network.CookieParam) *Walker {
	w.t.Helper()
	err := chromedp.Do(w.b.Context, chromedp.Action[chromedp.Void](func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{})
		if err == nil && len(own) > 0 {
			_, err = cdp.Call(ctx, t, network.SetCookies, network.SetCookiesParams{Cookies: own})
		}
		return chromedp.Void{}, err
	}))
	if err != nil {
		w.t.Fatal(err)
	}
	return w
}

// Width makes the window this wide, in pixels; 360 is a phone.
func (w *Walker) Width(px int64) *Walker {
	w.t.Helper()
	w.width = px
	if err := chromedp.Do(w.b.Context, chromedp.EmulateViewport(px, 800)); err != nil {
		w.t.Fatal(err)
	}
	return w
}
