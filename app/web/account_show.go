package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party/account"
	"gongji/templates"
)

// accountPage is account/show.html.
type accountPage struct {
	templates.Chrome
	Account  account.Account
	Seats    []account.Seat
	Asked    []askedRow // invitations that wait for an answer
	Sessions []account.Session
	Tokens   []account.Token
	Here     id.ID  // this browser's session
	Fresh    string // a token just made, shown this once
}

func (w *Web) accountPage(r *edge.Request) (*accountPage, error) {
	p := &accountPage{Here: r.Actor().Session}
	p.Title = "账号与安全"
	var err error
	if p.Account, err = w.Accounts.Of(r.Context(), r.Actor().Account); err != nil {
		return nil, err
	}
	if p.Seats, err = w.Accounts.Seats(r.Context(), r.Actor().Account); err != nil {
		return nil, err
	}
	if p.Asked, err = w.asked(r); err != nil {
		return nil, err
	}
	if p.Sessions, err = w.Accounts.Sessions(r.Context(), r.Actor()); err != nil {
		return nil, err
	}
	p.Tokens, err = w.Accounts.TokensOf(r.Context(), r.Actor().Account)
	return p, err
}

func (w *Web) accountShow(r *edge.Request) (edge.Response, error) {
	p, err := w.accountPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "account/show", p), nil
}

func (w *Web) changePassword(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := w.Accounts.ChangePassword(r.Context(), r.Actor(), f.Get("old_password"), f.Get("new_password")); err != nil {
		p, perr := w.accountPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("account/show", p, err)
	}
	return edge.Redirect("/account").Flash("ok", "密码已修改；其他设备上的登录已全部结束，接口令牌已全部作废，程序要用请重新建立"), nil
}

func (w *Web) endSession(r *edge.Request) (edge.Response, error) {
	s, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err == nil {
		err = w.Accounts.SignOut(r.Context(), r.Actor(), s)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/account").Flash("ok", "那台设备上的登录已结束"), nil
}

// issueToken shows the new token on the page itself: it must be in no URL and
// no cookie.
func (w *Web) issueToken(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.accountPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	var seat *id.ID
	for _, s := range p.Seats {
		if s.Org == r.Actor().Org {
			seat = &s.Membership
		}
	}
	if p.Fresh, err = w.Accounts.IssueToken(r.Context(), r.Actor().Account, seat, f.Get("label")); err != nil {
		return edge.Response{}, err
	}
	if p.Tokens, err = w.Accounts.TokensOf(r.Context(), r.Actor().Account); err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "account/show", p), nil
}

func (w *Web) endToken(r *edge.Request) (edge.Response, error) {
	t, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err == nil {
		err = w.Accounts.EndToken(r.Context(), r.Actor(), t)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/account").Flash("ok", "令牌已作废"), nil
}
