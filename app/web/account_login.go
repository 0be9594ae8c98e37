package web

import (
	"errors"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/templates"
)

func (w *Web) accountRoutes() []edge.Route {
	return []edge.Route{
		get("/account/login", "public", w.loginForm),
		post("/account/login", "public", w.login),
		post("/account/logout", "account", w.logout),
		get("/account/register", "public", w.registerForm),
		post("/account/register", "public", w.register),
		post("/account/organisation", "account", w.actFor),
		get("/account", "account", w.accountShow),
		post("/account/password", "account", w.changePassword),
		post("/account/sessions/{id}/end", "account", w.endSession),
		post("/account/tokens", "account", w.issueToken),
		post("/account/tokens/{id}/end", "account", w.endToken),
	}
}

func (w *Web) loginForm(r *edge.Request) (edge.Response, error) {
	if r.Actor().SignedIn() {
		return edge.Redirect(home(r.Actor())), nil
	}
	p := &templates.LoginPage{Next: r.Query("next")}
	p.Title = "登录"
	return edge.HTML(200, "account/login", p), nil
}

// home is where somebody lands after signing in.
func home(who party.Actor) string {
	if who.SignedIn() {
		return "/desk"
	}
	return "/"
}

func (w *Web) login(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	parked, parkErr := edge.DecodeParked(f.Get(edge.ResumeField))
	token, who, err := w.Accounts.SignIn(r.Context(), f.Get("login"), f.Get("password"), from(r))
	if err != nil {
		p := &templates.LoginPage{Login: f.Get("login"), Next: f.Get("next")}
		p.Title = "登录"
		if parkErr == nil && parked.Path != "" {
			p.Resume = []templates.Hidden{{Name: edge.ResumeField, Value: parked.Encode()}}
		}
		var x *fault.Fault
		if errors.As(err, &x) && len(x.Fields) == 0 { // show it at the field a person would look at
			err = &fault.Fault{Kind: x.Kind, Message: x.Message, Fields: []fault.Field{{Name: "login", Message: x.Message}}}
		}
		return again("account/login", p, err)
	}
	if parkErr == nil && parked.Path != "" {
		page := edge.ResumePage(parked)
		page.CSRF = who.CSRF
		return w.entered(r, who, edge.HTML(200, "account/resume", page).SignIn(token, 0))
	}
	next := f.Get("next")
	if !edge.LocalPath(next) || next == "/" {
		next = home(who)
	}
	return w.entered(r, who, edge.Redirect(next).SignIn(token, 0))
}

// deviceCookie makes a browser that signed in known; it signs nobody in.
const deviceCookie = "gongji_device"

func from(r *edge.Request) account.From {
	return account.From{UserAgent: r.UserAgent(), Address: r.IP(), Device: r.Cookie(deviceCookie)}
}

// entered makes the browser somebody has just signed in with a known device.
func (w *Web) entered(r *edge.Request, who party.Actor, p edge.Response) (edge.Response, error) {
	device, err := w.Accounts.Remember(r.Context(), who.Account, r.Cookie(deviceCookie))
	return p.Cookie(deviceCookie, device, account.DeviceFor), err
}
